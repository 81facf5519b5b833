/* The table of connections: numbers with generations, deadlines, output and events in order. */
#include "sccp/callmanager.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"

struct callmanager *callmanager_new(struct reg *reg)
{
	struct callmanager *c = alloc_zero(1, sizeof *c);

	if (c == NULL)
		return NULL;
	c->reg = reg;
	c->next_deadline = DT_NEVER;
	c->capacity = CALLMANAGER_STATIONS_MAX;
	map_init(&c->by_name, CALLMANAGER_STATIONS_MAX);
	buf_init(&c->sending, STATION_OUTPUT_MAX);
	return c;
}

void callmanager_set_capacity(struct callmanager *c, size_t stations)
{
	c->capacity = stations < CALLMANAGER_STATIONS_MAX ? stations : CALLMANAGER_STATIONS_MAX;
}

static void station_free(struct station *s)
{
	if (s == NULL)
		return;
	buf_done(&s->input);
	buf_done(&s->early);
	buf_done(&s->output);
	dialling_forget(s);
	alloc_free(s);
}

void callmanager_free(struct callmanager *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->slot_count; i++)
		station_free(c->slots[i]);
	while (c->event_first != NULL) {
		struct station_event_item *item = c->event_first;
		c->event_first = item->next;
		alloc_free(item);
	}
	while (c->event_free != NULL) {
		struct station_event_item *item = c->event_free;
		c->event_free = item->next;
		alloc_free(item);
	}
	alloc_free(c->slots);
	alloc_free(c->generation);
	map_done(&c->by_name);
	buf_done(&c->sending);
	alloc_free(c);
}

struct station *callmanager_station(const struct callmanager *c, station_id id)
{
	uint32_t slot = (uint32_t)id;
	struct station *s = slot >= 1 && slot <= c->slot_count ? c->slots[slot - 1] : NULL;

	return s != NULL && s->id == id ? s : NULL;
}

static int grow(struct callmanager *c)
{
	size_t size = c->slot_size == 0 ? 16 : c->slot_size * 2;
	struct station **slots = alloc_resize(c->slots, size * sizeof(void *));

	if (slots == NULL)
		return E_NO_MEMORY;
	c->slots = slots;
	uint32_t *generation = alloc_resize(c->generation, size * sizeof *generation);
	if (generation == NULL)
		return E_NO_MEMORY;
	c->generation = generation;
	for (size_t i = c->slot_size; i < size; i++)
		generation[i] = 0;
	c->slot_size = size;
	return 0;
}

/* A free slot's index, or E_FULL / E_NO_MEMORY. */
static int take_slot(struct callmanager *c, size_t *ret_slot)
{
	for (size_t i = 0; i < c->slot_count; i++) {
		size_t slot = (c->free_from + i) % c->slot_count;
		if (c->count == c->slot_count)
			break;
		if (c->slots[slot] == NULL) {
			c->free_from = slot + 1;
			*ret_slot = slot;
			return 0;
		}
	}
	if (c->slot_count >= c->capacity)
		return E_FULL;
	int error = c->slot_count == c->slot_size ? grow(c) : 0;
	if (error != 0)
		return error;
	c->slots[c->slot_count] = NULL;
	*ret_slot = c->slot_count++;
	return 0;
}

static void stranger_add(struct callmanager *c, struct station *s)
{
	s->stranger = true;
	s->older = c->stranger_newest;
	if (c->stranger_newest != NULL)
		c->stranger_newest->newer = s;
	else
		c->stranger_oldest = s;
	c->stranger_newest = s;
}

void callmanager_known(struct callmanager *c, struct station *s)
{
	if (!s->stranger)
		return;
	s->stranger = false;
	if (s->older != NULL)
		s->older->newer = s->newer;
	else
		c->stranger_oldest = s->newer;
	if (s->newer != NULL)
		s->newer->older = s->older;
	else
		c->stranger_newest = s->older;
	s->older = NULL;
	s->newer = NULL;
}

/* When slots run short the connection goes that has been here longest without saying who it is: a
 * registered phone never makes room for a flood of connections, and a new phone, which says its
 * name at once, finds a slot. */
static void make_room(struct callmanager *c, dt_time now)
{
	struct station *s = c->stranger_oldest;

	if (c->count + UNIDENTIFIED_RESERVE < c->capacity || s == NULL)
		return;
	callmanager_known(c, s);
	station_close(c, s, 0, now);
}

int callmanager_accept(struct callmanager *c, struct endpoint peer, struct ip4 local, dt_time now,
		       station_id *ret_id)
{
	size_t slot = 0;

	if (mischief_has(c->mischief, MISCHIEF_CALLMANAGER_CLOSES))
		return E_FULL;
	make_room(c, now);
	int error = take_slot(c, &slot);
	struct station *s = error == 0 ? alloc_zero(1, sizeof *s) : NULL;
	if (s == NULL)
		return error != 0 ? error : E_NO_MEMORY;
	s->id = (uint64_t)++c->generation[slot] << 32 | (uint32_t)(slot + 1);
	s->peer = peer;
	s->local = local;
	s->since = now;
	s->heard = now;
	s->state = STATION_CONNECTED;
	s->silent_at = dt_time_add(now, UNREGISTERED_IDLE);
	s->clock_at = DT_NEVER;
	s->dial_at = DT_NEVER;
	s->deadline = DT_NEVER;
	buf_init(&s->input, SCCP_FRAME_MAX);
	buf_init(&s->output, STATION_OUTPUT_MAX);
	buf_init(&s->early, STATION_EARLY_MAX);
	c->slots[slot] = s;
	c->count++;
	stranger_add(c, s);
	callmanager_deadline_update(c, s);
	*ret_id = s->id;
	return 0;
}

static void set_clock(struct callmanager *c, dt_time now, int64_t unix_s)
{
	c->unix_s = unix_s;
	c->unix_at = now;
}

void callmanager_input(struct callmanager *c, station_id id, struct slice bytes, dt_time now,
		       int64_t unix_s)
{
	struct station *s = callmanager_station(c, id);

	set_clock(c, now, unix_s);
	if (s != NULL && s->state != STATION_CLOSING)
		station_input(c, s, bytes, now);
}

static void unlink_output(struct callmanager *c, struct station *gone)
{
	struct station *last = NULL;

	for (struct station **at = &c->output_first; *at != NULL;) {
		if (*at == gone) {
			*at = gone->next_output;
			continue;
		}
		last = *at;
		at = &(*at)->next_output;
	}
	c->output_last = last;
}

static void forget_admitting(struct callmanager *c, const struct station *gone)
{
	for (struct station **at = &c->admitting; *at != NULL; at = &(*at)->next_admitting) {
		if (*at == gone) {
			*at = gone->next_admitting;
			return;
		}
	}
}

void callmanager_closed(struct callmanager *c, station_id id, dt_time now)
{
	struct station *s = callmanager_station(c, id);

	if (s == NULL)
		return;
	station_close(c, s, UNREGISTER_CONNECTIVITY, now);
	callmanager_release_name(c, s);
	callmanager_known(c, s);
	forget_admitting(c, s);
	if (s->queued)
		unlink_output(c, s);
	c->slots[(uint32_t)id - 1] = NULL;
	c->count--;
	station_free(s);
}

void callmanager_commit_done(struct callmanager *c, uint64_t ticket, dt_time now, int64_t unix_s)
{
	struct station **at = &c->admitting;

	set_clock(c, now, unix_s);
	while (*at != NULL) {
		struct station *s = *at;
		if (s->ticket != ticket) {
			at = &s->next_admitting;
			continue;
		}
		*at = s->next_admitting;
		s->next_admitting = NULL;
		if (s->state == STATION_ADMITTING)
			station_admit_result(c, s, now);
	}
}

/* Deadlines mostly move later while a station lives, so that one lower bound for all is enough: it
 * is made exact whenever it is reached. */
void callmanager_deadline_update(struct callmanager *c, struct station *s)
{
	s->deadline = dt_time_min(s->silent_at, dt_time_min(s->clock_at, s->dial_at));
	c->next_deadline = dt_time_min(c->next_deadline, s->deadline);
}

void callmanager_expire(struct callmanager *c, dt_time now)
{
	if (now < c->next_deadline)
		return;
	c->next_deadline = DT_NEVER;
	/* The last word of a lone phone is half a minute old. */
	int64_t passed_s = (now - c->unix_at) / 1000000;
	set_clock(c, c->unix_at + DT_SECONDS(passed_s), c->unix_s + passed_s);
	for (size_t i = 0; i < c->slot_count; i++) {
		struct station *s = c->slots[i];
		if (s == NULL)
			continue;
		if (s->deadline <= now)
			station_expire(c, s, now);
		callmanager_deadline_update(c, s);
	}
}

dt_time callmanager_deadline(const struct callmanager *c)
{
	return c->next_deadline;
}

void callmanager_wake(struct callmanager *c, struct station *s)
{
	if (s->queued)
		return;
	s->queued = true;
	s->next_output = NULL;
	if (c->output_last != NULL)
		c->output_last->next_output = s;
	else
		c->output_first = s;
	c->output_last = s;
}

bool callmanager_next_output(struct callmanager *c, struct station_output *ret_output)
{
	struct station *s = c->output_first;

	if (s == NULL)
		return false;
	c->output_first = s->next_output;
	if (c->output_first == NULL)
		c->output_last = NULL;
	s->queued = false;
	/* The bytes stay while the edge sends them; an idle station keeps no buffer. */
	buf_done(&c->sending);
	c->sending = s->output;
	buf_init(&s->output, STATION_OUTPUT_MAX);
	*ret_output = (struct station_output){.id = s->id,
					      .bytes = buf_slice(&c->sending),
					      .close = s->close && !s->close_told,
					      .abort = s->abort && !s->close_told};
	s->close_told = s->close;
	return true;
}

/* A segment's worth of events waits at most, mostly: their memory goes round. */
static struct station_event_item *take_item(struct callmanager *c)
{
	struct station_event_item *item = c->event_free;

	if (item == NULL)
		return alloc_resize(NULL, sizeof *item);
	c->event_free = item->next;
	c->event_free_count--;
	return item;
}

static void give_item(struct callmanager *c, struct station_event_item *item)
{
	if (c->event_free_count >= STATION_EVENTS_KEPT) {
		alloc_free(item);
		return;
	}
	item->next = c->event_free;
	c->event_free = item;
	c->event_free_count++;
}

struct station_event *callmanager_event(struct callmanager *c, const struct station *s,
					enum station_event_kind kind)
{
	struct station_event_item *item = c->event_count < STATION_EVENTS_MAX ? take_item(c) : NULL;

	if (item == NULL)
		return NULL;
	item->next = NULL;
	item->event.kind = kind;
	item->event.id = s->id;
	item->event.peer = s->peer;
	item->event.local = s->local;
	item->event.code = 0;
	(void)text_copy(item->event.name, sizeof item->event.name, s->claim.name);
	if (c->event_last != NULL)
		c->event_last->next = item;
	else
		c->event_first = item;
	c->event_last = item;
	c->event_count++;
	return &item->event;
}

bool callmanager_next_event(struct callmanager *c, struct station_event *ret_event)
{
	struct station_event_item *item = c->event_first;

	if (item == NULL)
		return false;
	*ret_event = item->event;
	c->event_first = item->next;
	if (c->event_first == NULL)
		c->event_last = NULL;
	c->event_count--;
	give_item(c, item);
	return true;
}

struct station *callmanager_by_name(const struct callmanager *c, const char *name)
{
	char folded[DEVICE_NAME_SIZE];

	if (!text_copy(folded, sizeof folded, name))
		return NULL;
	for (char *p = folded; *p != 0; p++)
		*p = (char)(*p >= 'a' && *p <= 'z' ? *p - 'a' + 'A' : *p);
	struct station *s = map_get(&c->by_name, map_key_text(folded));
	return s != NULL && strcmp(s->claim.name, folded) == 0 ? s : NULL;
}

void callmanager_claim_name(struct callmanager *c, struct station *s)
{
	(void)map_put(&c->by_name, map_key_text(s->claim.name), s);
}

void callmanager_release_name(struct callmanager *c, struct station *s)
{
	if (map_get(&c->by_name, map_key_text(s->claim.name)) == s)
		(void)map_take(&c->by_name, map_key_text(s->claim.name));
}

static void fill_info(const struct station *s, struct station_info *info)
{
	*info = (struct station_info){.id = s->id,
				      .state = s->state,
				      .type = s->claim.type,
				      .protocol_version = s->version,
				      .peer = s->peer,
				      .since = s->since};
	(void)text_copy(info->name, sizeof info->name, s->claim.name);
	(void)text_copy(info->load, sizeof info->load, s->claim.load);
}

bool callmanager_find(const struct callmanager *c, const char *name, struct station_info *ret_info)
{
	const struct station *s = callmanager_by_name(c, name);

	if (s == NULL)
		return false;
	fill_info(s, ret_info);
	return true;
}

bool callmanager_next_station(const struct callmanager *c, size_t *at,
			      struct station_info *ret_info)
{
	while (*at < c->slot_count) {
		const struct station *s = c->slots[(*at)++];
		if (s == NULL)
			continue;
		fill_info(s, ret_info);
		return true;
	}
	return false;
}

size_t callmanager_registered_count(const struct callmanager *c)
{
	return c->registered;
}

void callmanager_set_mischief(struct callmanager *c, struct mischief *mischief)
{
	c->mischief = mischief;
}

int callmanager_reset(struct callmanager *c, const char *name, uint32_t type, dt_time now)
{
	struct station *s = callmanager_by_name(c, name);

	(void)now;
	if (s == NULL || s->state != STATION_REGISTERED)
		return E_UNKNOWN;
	station_send(c, s, &(struct sccp_message){.id = SCCP_RESET, .value = type});
	return 0;
}
