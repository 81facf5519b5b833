/* A packet that is seen twice counts once: a mirror port copies it on its way in and out, a capture
 * on all interfaces of a router sees it before and after it was routed.
 *
 * It is the same packet when everything but the time to live (and the header's checksum with it) is
 * the same, within a fraction of a second. What a station sends again comes later, or with another
 * IP identification, or both. Of a segment its head is enough; datagrams of different phones can
 * begin alike for long. */
#include "trace/trace_internal.h"

#define WINDOW     DT_MS(40)
#define LINK_BYTES 64 /* of what is no IP; ARP has no more */
#define HEAD_BYTES 40 /* of a segment: beyond the ports, sequence numbers and checksum */

static uint64_t mix(uint64_t h, uint64_t v)
{
	h ^= v;
	h *= 0xff51afd7ed558ccdULL;
	return h ^ h >> 32;
}

static uint64_t load(const uint8_t *p)
{
	uint64_t v = 0;

	memcpy(&v, p, sizeof v);
	return v;
}

static uint64_t identity(const struct frame_ip *ip)
{
	uint64_t h = mix((uint64_t)ip4_number(ip->from) << 32 | ip4_number(ip->to),
			 (uint64_t)ip->id << 32 | (uint64_t)ip->fragment_at << 8 | ip->protocol);
	bool segment = ip->protocol == FRAME_TCP && ip->payload.len > HEAD_BYTES;
	size_t n = segment ? HEAD_BYTES : ip->payload.len;
	size_t i = 0;

	h = mix(h, (uint64_t)ip->payload.len << 32 | ip->length);
	for (; i + sizeof h <= n; i += sizeof h)
		h = mix(h, load(ip->payload.ptr + i));
	for (; i < n; i++)
		h = mix(h, ip->payload.ptr[i]);
	return h;
}

/* The table's answer for an identity, which it then remembers. */
static bool seen(struct trace *t, uint64_t id, dt_time at)
{
	struct seen_packet *s = &t->seen[id % TRACE_SEEN_MAX];
	bool again = s->id == id && at <= s->at + WINDOW && at >= s->at - WINDOW;

	/* A third copy is measured from the first: else a loop would be one packet for ever. */
	if (!again)
		*s = (struct seen_packet){.id = id, .at = at};
	return again;
}

bool trace_frame_seen_before(struct trace *t, const struct frame_head *head, dt_time at)
{
	uint64_t h = mix(mac_key(head->source), mac_key(head->destination) << 16 | head->type);
	size_t n = head->payload.len < LINK_BYTES ? head->payload.len : LINK_BYTES;

	for (size_t i = 0; i + sizeof h <= n; i += sizeof h)
		h = mix(h, load(head->payload.ptr + i));
	return seen(t, mix(h, head->payload.len), at);
}

bool trace_seen_before(struct trace *t, const struct frame_ip *ip, dt_time at)
{
	return seen(t, identity(ip), at);
}
