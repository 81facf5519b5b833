/* IPv4 fragments to datagrams: a few at a time, the oldest given up first. What never became whole
 * is told: a path that loses fragments lets small messages pass and stops large ones. */
#include "trace/trace_internal.h"

#include "base/alloc.h"

#define AGE_MAX   DT_SECONDS(30) /* as hosts do (RFC 1122 3.3.2) */
#define UNIT      8u             /* fragments come in eights of bytes */
#define MAP_BYTES (TRACE_DATAGRAM_MAX / UNIT / 8 + 1)

static void give_up(struct trace *t, struct fragment_set *s)
{
	struct flow flow = {.from = {.ip = s->from}, .to = {.ip = s->to}, .vlan = s->vlan};

	if (s->used && s->have > 0)
		observer_fragment_lost(t->observer, &flow, s->protocol, s->have, s->at, s->number);
	s->used = false;
}

static struct fragment_set *find_set(struct trace *t, const struct frame_ip *ip, dt_time at)
{
	struct fragment_set *oldest = &t->fragments[0];

	for (size_t i = 0; i < TRACE_FRAGMENTS_MAX; i++) {
		struct fragment_set *s = &t->fragments[i];
		if (s->used && at > s->at + AGE_MAX)
			give_up(t, s);
		if (s->used && s->id == ip->id && s->protocol == ip->protocol &&
		    ip4_equal(s->from, ip->from) && ip4_equal(s->to, ip->to))
			return s;
		if (oldest->used && (!s->used || s->at < oldest->at))
			oldest = s;
	}
	give_up(t, oldest);
	uint8_t *bytes = oldest->bytes;
	if (bytes == NULL)
		bytes = alloc_zero(1, TRACE_DATAGRAM_MAX + MAP_BYTES);
	else
		memset(bytes + TRACE_DATAGRAM_MAX, 0, MAP_BYTES);
	*oldest = (struct fragment_set){.used = bytes != NULL,
					.from = ip->from,
					.to = ip->to,
					.vlan = ip->vlan,
					.id = ip->id,
					.protocol = ip->protocol,
					.bytes = bytes};
	return oldest;
}

/* Counts each eight bytes once, however often they come. */
static void mark(struct fragment_set *s, size_t from, size_t len)
{
	uint8_t *map = s->bytes + TRACE_DATAGRAM_MAX;

	for (size_t at = from; at < from + len; at += UNIT) {
		size_t unit = at / UNIT;
		size_t here = from + len - at < UNIT ? from + len - at : UNIT;
		uint8_t bit = (uint8_t)(1u << unit % 8);
		if ((map[unit / 8] & bit) == 0)
			s->have += (uint32_t)here;
		map[unit / 8] |= bit;
	}
}

bool trace_fragment(struct trace *t, const struct frame_ip *ip, struct slice *payload, dt_time at,
		    uint64_t number)
{
	struct fragment_set *s = find_set(t, ip, at);
	size_t end = (size_t)ip->fragment_at + ip->payload.len;

	if (!s->used || ip->cut || end > TRACE_DATAGRAM_MAX)
		return false;
	s->at = at;
	s->number = number;
	if (ip->payload.len > 0)
		memcpy(s->bytes + ip->fragment_at, ip->payload.ptr, ip->payload.len);
	mark(s, ip->fragment_at, ip->payload.len);
	if (!ip->more_fragments)
		s->total = (uint32_t)end;
	if (s->total == 0 || s->have < s->total)
		return false;
	*payload = slice_of(s->bytes, s->total);
	s->used = false;
	return true;
}

void trace_fragments_end(struct trace *t)
{
	for (size_t i = 0; i < TRACE_FRAGMENTS_MAX; i++)
		give_up(t, &t->fragments[i]);
}

void trace_fragments_free(struct trace *t)
{
	for (size_t i = 0; i < TRACE_FRAGMENTS_MAX; i++)
		alloc_free(t->fragments[i].bytes);
}
