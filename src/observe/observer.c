/* The tables, the queue of facts, and what every observer needs of them. */
#include "observe/observer_internal.h"

#include "base/alloc.h"
#include "base/text.h"

#define QUEUE_MAX 65536

static void release_transfer(void *context, void *entry)
{
	struct observed_transfer *t = entry;

	observer_content_drop(context, &t->content);
}

static void release_flow(void *context, void *entry)
{
	observer_flow_clear(context, entry);
}

void observer_link_init(struct observer *o);
void observer_names_init(struct observer *o);
void observer_rtp_init(struct observer *o);

struct observer *observer_new(enum vantage vantage)
{
	struct observer *o = alloc_zero(1, sizeof *o);

	if (o == NULL)
		return NULL;
	o->vantage = vantage;
	o->storm_told = INT64_MIN / 2;
	table_init(&o->addresses, OBSERVE_ADDRESSES_MAX, sizeof(struct observed_address), NULL, o);
	table_init(&o->links, OBSERVE_LINKS_MAX, sizeof(struct observed_link), NULL, o);
	table_init(&o->phones, OBSERVE_PHONES_MAX, sizeof(struct observed_phone), NULL, o);
	table_init(&o->transfers, OBSERVE_TRANSFERS_MAX, sizeof(struct observed_transfer),
		   release_transfer, o);
	table_init(&o->flows, OBSERVE_FLOWS_MAX, sizeof(struct observed_flow), release_flow, o);
	cnf_cache_init(&o->configurations);
	observer_link_init(o);
	observer_names_init(o);
	observer_rtp_init(o);
	map_init(&o->servers, OBSERVE_SERVERS_MAX);
	return o;
}

void observer_free(struct observer *o)
{
	if (o == NULL)
		return;
	table_done(&o->addresses);
	table_done(&o->links);
	table_done(&o->phones);
	table_done(&o->transfers);
	table_done(&o->flows);
	table_done(&o->neighbours);
	table_done(&o->asked);
	table_done(&o->lookups);
	table_done(&o->streams);
	cnf_cache_done(&o->configurations);
	map_done(&o->servers);
	alloc_free(o->queue);
	alloc_free(o->pending);
	alloc_free(o->pending_key);
	observer_messages_free(o);
	alloc_free(o);
}

void observer_set_clock(struct observer *o, dt_time unix_us)
{
	o->unix_zero = unix_us;
}

void observer_begin(struct observer *o, const struct flow *flow, dt_time at, uint64_t evidence)
{
	o->at = at;
	o->evidence = evidence;
	o->vlan = flow != NULL ? flow->vlan : 0;
}

void observer_begin_link(struct observer *o, const struct link_ends *ends, dt_time at,
			 uint64_t evidence)
{
	o->at = at;
	o->evidence = evidence;
	o->vlan = ends->vlan;
}

void observer_expire(struct observer *o, dt_time at, bool last)
{
	o->at = at;
	o->vlan = 0;
	if (!last && at < o->swept + DT_SECONDS(2))
		return;
	o->swept = at;
	observer_rtp_sweep(o, last);
}

struct fact observer_fact(struct observer *o, enum fact_kind kind, struct ip4 ip)
{
	struct fact f = {.kind = kind,
			 .vantage = o->vantage,
			 .at = o->at,
			 .evidence = o->evidence,
			 .vlan = o->vlan,
			 .ip = ip};

	(void)observer_identify(o, ip, &f.mac);
	return f;
}

struct fact observer_fact_of(struct observer *o, enum fact_kind kind, struct mac mac)
{
	return (struct fact){.kind = kind,
			     .vantage = o->vantage,
			     .at = o->at,
			     .evidence = o->evidence,
			     .vlan = o->vlan,
			     .mac = mac};
}

/* Doubles up to its ceiling; beyond it the oldest fact gives way. */
static bool queue_room(struct observer *o)
{
	if (o->queue_count < o->queue_size)
		return true;
	if (o->queue_size >= QUEUE_MAX) {
		o->queue_first = (o->queue_first + 1) % o->queue_size;
		o->queue_count--;
		return true;
	}
	size_t size = o->queue_size == 0 ? 16 : o->queue_size * 2;
	struct fact *queue = alloc_zero(size, sizeof *queue);
	if (queue == NULL)
		return false;
	for (size_t i = 0; o->queue_size > 0 && i < o->queue_count; i++)
		queue[i] = o->queue[(o->queue_first + i) % o->queue_size];
	alloc_free(o->queue);
	o->queue = queue;
	o->queue_first = 0;
	o->queue_size = size;
	return true;
}

void observer_add_fact(struct observer *o, const struct fact *fact)
{
	if (!queue_room(o) || o->queue_size == 0)
		return;
	o->queue[(o->queue_first + o->queue_count) % o->queue_size] = *fact;
	o->queue_count++;
}

bool observer_next_fact(struct observer *o, struct fact *ret_fact)
{
	if (o->queue_count == 0)
		return false;
	*ret_fact = o->queue[o->queue_first];
	o->queue_first = (o->queue_first + 1) % o->queue_size;
	o->queue_count--;
	return true;
}

bool observer_keep(struct observer *o, uint8_t **bytes, size_t *len, size_t *size, size_t max,
		   struct slice more)
{
	size_t want = *len + more.len;

	if (want > max)
		return false;
	if (want > *size) {
		size_t room = *size == 0 ? 256 : *size;
		while (room < want)
			room *= 2;
		if (o->buffered + room - *size > OBSERVE_BUFFERED_MAX)
			return false;
		uint8_t *bigger = alloc_resize(*bytes, room);
		if (bigger == NULL)
			return false;
		o->buffered += room - *size;
		*bytes = bigger;
		*size = room;
	}
	if (more.len > 0)
		memcpy(*bytes + *len, more.ptr, more.len);
	*len = want;
	return true;
}

void observer_drop(struct observer *o, uint8_t **bytes, size_t *len, size_t *size)
{
	o->buffered -= *size;
	alloc_free(*bytes);
	*bytes = NULL;
	*len = 0;
	*size = 0;
}

bool observer_clock_off(const struct observer *o, int64_t unix_s, int64_t *ret_off_s)
{
	if (o->unix_zero == 0 || unix_s == 0)
		return false;
	*ret_off_s = unix_s - (o->unix_zero + o->at) / 1000000;
	return true;
}

void observer_clock(struct observer *o, enum fact_kind kind, const struct observed_flow *f,
		    int64_t unix_s, const char *source)
{
	int64_t off = 0;

	if (!observer_clock_off(o, unix_s, &off) || (off <= 60 && off >= -60))
		return;
	struct fact fact = observer_flow_fact(o, kind, f);
	fact.number = (uint32_t)(off > INT32_MAX   ? INT32_MAX
				 : off < INT32_MIN ? INT32_MIN
						   : (int32_t)off);
	(void)text_copy(fact.text, sizeof fact.text, source);
	observer_add_fact(o, &fact);
}

bool observer_worth_telling(uint32_t times)
{
	return times == 2 || times == 3 || (times >= 4 && (times & (times - 1)) == 0);
}
