/* TCP streams of CallManagers, put in order, to SCCP messages.
 *
 *   in order      --> appended to the direction's buffer, complete frames leave it
 *   too early     --> held (a few segments, 64 KiB) until the gap closes
 *   seen already  --> dropped; the new part of an overlap is kept
 *   a gap that does not close --> what is buffered is given up, and the next segment that begins
 * with a plausible header is where the stream goes on; the same for a start in mid-stream
 */
#include "trace/trace_internal.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/reader.h"

static uint64_t stream_key(const struct flow *flow)
{
	uint64_t a = endpoint_key(flow->from);
	uint64_t b = endpoint_key(flow->to);

	return a * 0x9e3779b97f4a7c15ULL ^ (b + 0x7f4a7c15ULL);
}

static bool same_flow(const struct flow *a, const struct flow *b)
{
	return endpoint_equal(a->from, b->from) && endpoint_equal(a->to, b->to);
}

static void release_held(struct stream *s)
{
	for (size_t i = 0; i < s->held_count; i++)
		alloc_free(s->held[i].bytes);
	s->held_count = 0;
	s->held_bytes = 0;
}

void trace_streams_free(struct trace *t)
{
	size_t at = 0;
	struct stream *s = NULL;

	while ((s = map_next(&t->streams, &at)) != NULL) {
		release_held(s);
		alloc_free(s);
	}
	map_done(&t->streams);
}

static struct stream *find_stream(struct trace *t, const struct flow *flow)
{
	struct stream *s = map_get(&t->streams, stream_key(flow));

	if (s == NULL && t->streams.count == TRACE_STREAMS_MAX) {
		trace_streams_free(t);
		map_init(&t->streams, TRACE_STREAMS_MAX);
	}
	if (s == NULL) {
		s = alloc_zero(1, sizeof *s);
		if (s == NULL || map_put(&t->streams, stream_key(flow), s) != 0) {
			alloc_free(s);
			t->out_of_memory = true;
			return NULL;
		}
		s->flow = *flow;
	}
	if (!same_flow(&s->flow, flow)) {
		release_held(s);
		*s = (struct stream){.flow = *flow};
	}
	return s;
}

/* A length that fits, a header version that is one, an id somebody has catalogued. */
static bool plausible(struct slice bytes)
{
	struct reader r = reader_of(bytes);
	uint32_t length = reader_le32(&r);
	uint32_t version = reader_le32(&r);
	uint32_t id = reader_le32(&r);

	return !r.failed && length >= SCCP_LENGTH_MIN && length <= SCCP_LENGTH_MAX &&
	       version <= 0x20 && sccp_id_name(id) != NULL;
}

static void take_frames(struct trace *t, struct stream *s, dt_time at, uint64_t number)
{
	struct slice left = slice_of(s->bytes, s->len);
	struct slice frame;
	struct sccp_message m;
	int used = 0;

	while ((used = sccp_frame_next(left, &frame)) > 0) {
		if (sccp_decode(frame, &m, NULL) == 0) {
			observer_sccp(t->observer, &s->flow, &m, at, number);
			t->scope.sees_sccp = true;
		}
		left = slice_from(left, (size_t)used);
	}
	if (used < 0) {
		observer_sccp_broken(t->observer, &s->flow, "the stream is no longer SCCP", at,
				     number);
		s->broken = true;
		left = slice_of(NULL, 0);
	}
	if (left.len > 0)
		memmove(s->bytes, left.ptr, left.len);
	s->len = left.len;
}

static void append(struct trace *t, struct stream *s, struct slice bytes, dt_time at,
		   uint64_t number)
{
	if (s->resync) {
		if (!plausible(bytes))
			return;
		s->resync = false;
	}
	while (bytes.len > 0 && !s->broken) {
		struct slice part = slice_head(bytes, sizeof s->bytes - s->len);
		memcpy(s->bytes + s->len, part.ptr, part.len);
		s->len += part.len;
		bytes = slice_from(bytes, part.len);
		take_frames(t, s, at, number);
	}
}

/* The part of a segment from next_seq on: appended. */
static void in_order(struct trace *t, struct stream *s, uint32_t seq, struct slice bytes,
		     dt_time at, uint64_t number)
{
	struct slice fresh = slice_from(bytes, s->next_seq - seq);

	s->next_seq += (uint32_t)fresh.len;
	append(t, s, fresh, at, number);
}

/* Whatever is held and now in turn. */
static void take_held(struct trace *t, struct stream *s)
{
	for (size_t i = 0; i < s->held_count;) {
		struct held_segment h = s->held[i];
		if ((int32_t)(s->next_seq - h.seq) < 0) {
			i++;
			continue;
		}
		s->held[i] = s->held[--s->held_count];
		s->held_bytes -= h.len;
		if ((int32_t)(h.seq + (uint32_t)h.len - s->next_seq) > 0)
			in_order(t, s, h.seq, slice_of(h.bytes, h.len), h.at, h.number);
		alloc_free(h.bytes);
		i = 0;
	}
}

/* The gap will not close any more: go on behind it. */
static void skip_gap(struct trace *t, struct stream *s)
{
	size_t first = 0;

	for (size_t i = 1; i < s->held_count; i++) {
		if ((int32_t)(s->held[i].seq - s->held[first].seq) < 0)
			first = i;
	}
	s->next_seq = s->held[first].seq;
	s->len = 0;
	s->resync = true;
	take_held(t, s);
}

static void hold(struct trace *t, struct stream *s, uint32_t seq, struct slice bytes, dt_time at,
		 uint64_t number)
{
	for (size_t i = 0; i < s->held_count; i++) {
		if (s->held[i].seq == seq && s->held[i].len >= bytes.len)
			return;
	}
	if (s->held_count == TRACE_HELD_MAX || s->held_bytes + bytes.len > TRACE_HELD_BYTES)
		skip_gap(t, s);
	if (s->held_count == TRACE_HELD_MAX || bytes.len > TRACE_HELD_BYTES)
		return;
	struct held_segment h = {.seq = seq,
				 .len = bytes.len,
				 .bytes = alloc_zero(1, bytes.len),
				 .at = at,
				 .number = number};
	if (h.bytes == NULL)
		return;
	memcpy(h.bytes, bytes.ptr, bytes.len);
	s->held[s->held_count++] = h;
	s->held_bytes += bytes.len;
}

void trace_segment(struct trace *t, const struct flow *flow, const struct frame_tcp *tcp,
		   dt_time at, uint64_t number)
{
	struct stream *s = find_stream(t, flow);

	if (s == NULL)
		return;
	if ((tcp->flags & FRAME_TCP_SYN) != 0) {
		release_held(s);
		*s = (struct stream){.flow = *flow, .started = true, .next_seq = tcp->seq + 1};
		return;
	}
	if (s->broken || tcp->payload.len == 0)
		return;
	if (!s->started) {
		s->started = true;
		s->resync = true;
		s->next_seq = tcp->seq;
	}
	int32_t ahead = (int32_t)(tcp->seq - s->next_seq);
	if (ahead > 0) {
		hold(t, s, tcp->seq, tcp->payload, at, number);
		take_held(t, s);
		return;
	}
	/* A keep-alive probe repeats the byte before; nothing fresh in it. */
	if ((uint32_t)-ahead >= tcp->payload.len)
		return;
	in_order(t, s, tcp->seq, tcp->payload, at, number);
	take_held(t, s);
}
