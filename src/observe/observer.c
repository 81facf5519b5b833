/* Identity and the queue of facts: what all observers share. */
#include "observe/observer_internal.h"

#include "base/alloc.h"
#include "base/text.h"

#define QUEUE_MAX 65536

struct observer *observer_new(enum vantage vantage)
{
	struct observer *o = alloc_zero(1, sizeof *o);

	if (o == NULL)
		return NULL;
	o->vantage = vantage;
	map_init(&o->addresses, OBSERVE_ADDRESSES_MAX);
	map_init(&o->sources, OBSERVE_SOURCES_MAX);
	map_init(&o->transfers, OBSERVE_TRANSFERS_MAX);
	map_init(&o->flows, OBSERVE_FLOWS_MAX);
	map_init(&o->servers, OBSERVE_FLOWS_MAX);
	return o;
}

static void map_empty(struct map *m)
{
	size_t at = 0;
	void *value = NULL;
	size_t max = m->max;

	while ((value = map_next(m, &at)) != NULL)
		alloc_free(value);
	map_done(m);
	map_init(m, max);
}

void observer_map_free(struct map *m)
{
	map_empty(m);
	map_done(m);
}

void observer_free(struct observer *o)
{
	if (o == NULL)
		return;
	observer_map_free(&o->addresses);
	observer_map_free(&o->sources);
	observer_map_free(&o->transfers);
	observer_map_free(&o->flows);
	map_done(&o->servers);
	alloc_free(o->queue);
	alloc_free(o);
}

void *observer_entry(struct map *m, uint64_t key, size_t size)
{
	void *entry = map_get(m, key);

	if (entry != NULL)
		return entry;
	if (m->count >= m->max)
		map_empty(m);
	entry = alloc_zero(1, size);
	if (entry == NULL || map_put(m, key, entry) == 0)
		return entry;
	alloc_free(entry);
	return NULL;
}

void observer_claim(struct observer *o, struct ip4 ip, struct mac mac, enum identity_ground ground)
{
	if (ip4_is_zero(ip) || mac_is_zero(mac) || ip4_number(ip) == UINT32_MAX)
		return;
	struct observed_address *a =
	    observer_entry(&o->addresses, (uint64_t)ip4_number(ip) + 1, sizeof *a);
	if (a == NULL || ground < a->ground)
		return;
	*a = (struct observed_address){ip, mac, ground};
}

void observer_claim_name(struct observer *o, struct ip4 ip, const char *name)
{
	char digits[13];
	struct mac mac;
	const char *sep = strstr(name, "SEP");

	if (sep == NULL)
		return;
	(void)text_copy(digits, sizeof digits, sep + 3);
	if (mac_parse(digits, &mac) == 0)
		observer_claim(o, ip, mac, GROUND_NAME);
}

void observer_see_source(struct observer *o, const struct flow *flow)
{
	struct ip4 ip = flow->from.ip;

	if (mac_is_zero(flow->source) || ip4_is_zero(ip))
		return;
	struct observed_source *s = observer_entry(&o->sources, mac_key(flow->source), sizeof *s);
	if (s == NULL)
		return;
	if (mac_is_zero(s->mac))
		*s = (struct observed_source){.mac = flow->source, .ip = ip};
	if (!ip4_equal(s->ip, ip))
		s->shared = true;
	if (!s->shared)
		observer_claim(o, ip, flow->source, GROUND_SOURCE);
}

bool observer_identify(const struct observer *o, struct ip4 ip, struct mac *ret_mac)
{
	const struct observed_address *a = map_get(&o->addresses, (uint64_t)ip4_number(ip) + 1);
	const struct observed_source *s = NULL;

	if (a == NULL || a->ground == GROUND_NONE)
		return false;
	/* A source that turned out to be a router's names nobody. */
	if (a->ground == GROUND_SOURCE) {
		s = map_get(&o->sources, mac_key(a->mac));
		if (s == NULL || s->shared)
			return false;
	}
	*ret_mac = a->mac;
	return true;
}

struct fact observer_fact(struct observer *o, enum fact_kind kind, struct ip4 ip, dt_time at,
			  uint64_t evidence)
{
	struct fact f = {
	    .kind = kind, .vantage = o->vantage, .at = at, .evidence = evidence, .ip = ip};

	(void)observer_identify(o, ip, &f.mac);
	return f;
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

bool observer_callmanager(const struct observer *o, struct endpoint e)
{
	return e.port == SCCP_PORT || e.port == 2443 ||
	       map_get(&o->servers, endpoint_key(e)) != NULL;
}

struct observed_flow *observer_flow(struct observer *o, struct endpoint a, struct endpoint b)
{
	struct observed_flow *f = map_get(&o->flows, endpoint_key(a) + 1);

	if (f != NULL && endpoint_equal(f->server, b))
		return f;
	f = map_get(&o->flows, endpoint_key(b) + 1);
	return f != NULL && endpoint_equal(f->server, a) ? f : NULL;
}

struct observed_flow *observer_flow_make(struct observer *o, struct endpoint phone,
					 struct endpoint server)
{
	struct observed_flow *f = observer_entry(&o->flows, endpoint_key(phone) + 1, sizeof *f);

	if (f == NULL)
		return NULL;
	if (!endpoint_equal(f->server, server))
		*f = (struct observed_flow){.phone = phone, .server = server};
	(void)map_put(&o->servers, endpoint_key(server), &o->servers);
	return f;
}
