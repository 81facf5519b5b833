/* IPv4 fragments to datagrams: a few at a time, the oldest given up first. */
#include "trace/trace_internal.h"

#include "base/alloc.h"

static struct fragment_set *find_set(struct trace *t, const struct frame_ip *ip)
{
	struct fragment_set *oldest = &t->fragments[0];

	for (size_t i = 0; i < TRACE_FRAGMENTS_MAX; i++) {
		struct fragment_set *s = &t->fragments[i];
		if (s->used && s->id == ip->id && s->protocol == ip->protocol &&
		    ip4_equal(s->from, ip->from) && ip4_equal(s->to, ip->to))
			return s;
		if (!s->used || s->age < oldest->age)
			oldest = s->used ? s : oldest->used ? s : oldest;
	}
	alloc_free(oldest->bytes);
	*oldest = (struct fragment_set){
	    .used = true, .from = ip->from, .to = ip->to, .id = ip->id, .protocol = ip->protocol};
	oldest->bytes = alloc_zero(1, TRACE_DATAGRAM_MAX);
	if (oldest->bytes == NULL)
		oldest->used = false;
	return oldest;
}

bool trace_fragment(struct trace *t, const struct frame_ip *ip, struct slice *payload)
{
	struct fragment_set *s = find_set(t, ip);
	size_t end = (size_t)ip->fragment_at + ip->payload.len;

	if (!s->used || ip->cut || end > TRACE_DATAGRAM_MAX)
		return false;
	s->age = ++t->fragment_clock;
	if (ip->payload.len > 0)
		memcpy(s->bytes + ip->fragment_at, ip->payload.ptr, ip->payload.len);
	s->have += (uint32_t)ip->payload.len;
	if (!ip->more_fragments)
		s->total = (uint32_t)end;
	/* Overlapping or repeated fragments count twice here; what they hide is a damaged datagram,
	 * and its decoder copes with any bytes. */
	if (s->total == 0 || s->have < s->total)
		return false;
	*payload = slice_of(s->bytes, s->total);
	s->used = false;
	return true;
}

void trace_fragments_free(struct trace *t)
{
	for (size_t i = 0; i < TRACE_FRAGMENTS_MAX; i++)
		alloc_free(t->fragments[i].bytes);
}
