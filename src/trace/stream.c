/* TCP streams, put in order: what comes out is each byte once, in the order it was sent.
 *
 *   in order      --> handed on
 *   too early     --> held (a few segments, 64 KiB) until the gap closes
 *   seen already  --> dropped; the new part of an overlap is handed on
 *   a gap that does not close --> told as a gap: the receiver has acknowledged what the capture
 *                 lost, or too much is held, or the capture ends. The same at a start in
 * mid-stream.
 */
#include "trace/trace_internal.h"

#include "base/alloc.h"

static uint64_t stream_key(const struct flow *flow)
{
	uint64_t a = endpoint_key(flow->from);
	uint64_t b = endpoint_key(flow->to);

	return (a * 0x9e3779b97f4a7c15ULL ^ (b + 0x7f4a7c15ULL + (b << 21))) & ~(1ULL << 63);
}

static bool same_flow(const struct flow *a, const struct flow *b)
{
	return endpoint_equal(a->from, b->from) && endpoint_equal(a->to, b->to);
}

static void release_held(struct trace *t, struct stream *s)
{
	for (size_t i = 0; i < s->held_count; i++)
		alloc_free(s->held[i].bytes);
	if (s->held_count > 0)
		t->holding--;
	t->held_bytes -= s->held_bytes;
	s->held_count = 0;
	s->held_bytes = 0;
	alloc_free(s->held);
	s->held = NULL;
}

static void release_stream(void *context, void *entry)
{
	release_held(context, entry);
}

void trace_streams_init(struct trace *t)
{
	table_init(&t->streams, TRACE_STREAMS_MAX, sizeof(struct stream), release_stream, t);
}

static void stream_reset(struct trace *t, struct stream *s, const struct flow *flow)
{
	release_held(t, s);
	*s = (struct stream){.entry = s->entry, .flow = *flow};
}

static struct stream *find_stream(struct trace *t, const struct flow *flow, dt_time at)
{
	struct stream *s = table_need(&t->streams, stream_key(flow), at);

	if (s == NULL) {
		t->out_of_memory = true;
		return NULL;
	}
	if (!same_flow(&s->flow, flow))
		stream_reset(t, s, flow);
	return s;
}

static void hand_on(struct trace *t, struct stream *s, struct slice bytes, dt_time at,
		    uint64_t number)
{
	observer_bytes(t->observer, &s->flow, bytes, s->gap, at, number);
	s->gap = false;
}

/* The part of a segment from next_seq on. */
static void in_order(struct trace *t, struct stream *s, uint32_t seq, struct slice bytes,
		     dt_time at, uint64_t number)
{
	struct slice fresh = slice_from(bytes, s->next_seq - seq);

	s->next_seq += (uint32_t)fresh.len;
	hand_on(t, s, fresh, at, number);
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
		t->held_bytes -= h.len;
		if ((int32_t)(h.seq + (uint32_t)h.len - s->next_seq) > 0)
			in_order(t, s, h.seq, slice_of(h.bytes, h.len), h.at, h.number);
		alloc_free(h.bytes);
		i = 0;
		if (s->held_count == 0) {
			t->holding--;
			alloc_free(s->held);
			s->held = NULL;
		}
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
	s->gap = true;
	take_held(t, s);
}

static void hold(struct trace *t, struct stream *s, uint32_t seq, struct slice bytes, dt_time at,
		 uint64_t number)
{
	for (size_t i = 0; i < s->held_count; i++) {
		if (s->held[i].seq == seq && s->held[i].len >= bytes.len)
			return;
	}
	if (s->held_count == TRACE_HELD_MAX || s->held_bytes + bytes.len > TRACE_HELD_BYTES ||
	    t->held_bytes + bytes.len > TRACE_HELD_ALL) {
		if (s->held_count == 0)
			return;
		skip_gap(t, s);
	}
	if (s->held == NULL)
		s->held = alloc_zero(TRACE_HELD_MAX, sizeof *s->held);
	if (s->held == NULL || s->held_count == TRACE_HELD_MAX || bytes.len > TRACE_HELD_BYTES)
		return;
	struct held_segment h = {.seq = seq,
				 .len = bytes.len,
				 .bytes = alloc_resize(NULL, bytes.len),
				 .at = at,
				 .number = number};
	if (h.bytes != NULL) {
		memcpy(h.bytes, bytes.ptr, bytes.len);
		t->holding += s->held_count == 0;
		s->held[s->held_count++] = h;
		s->held_bytes += bytes.len;
		t->held_bytes += bytes.len;
	} else if (s->held_count == 0) {
		alloc_free(s->held);
		s->held = NULL;
	}
}

void trace_acknowledged(struct trace *t, const struct flow *flow, uint32_t ack)
{
	const struct flow back = {.from = flow->to, .to = flow->from};

	/* Only a stream with a gap has anything to learn from an acknowledgement. */
	if (t->holding == 0)
		return;
	struct stream *s = table_get(&t->streams, stream_key(&back));
	while (s != NULL && s->held_count > 0 && same_flow(&s->flow, &back)) {
		size_t first = 0;
		for (size_t i = 1; i < s->held_count; i++) {
			if ((int32_t)(s->held[i].seq - s->held[first].seq) < 0)
				first = i;
		}
		/* What lies before the first held byte has arrived there, though not here. */
		if ((int32_t)(ack - s->held[first].seq) <= 0)
			return;
		skip_gap(t, s);
	}
}

void trace_segment(struct trace *t, const struct flow *flow, const struct frame_tcp *tcp,
		   dt_time at, uint64_t number)
{
	struct stream *s = NULL;

	if (tcp->payload.len == 0 && (tcp->flags & FRAME_TCP_SYN) == 0)
		return;
	s = find_stream(t, flow, at);
	if (s == NULL)
		return;
	if ((tcp->flags & FRAME_TCP_SYN) != 0) {
		/* The same SYN again is no new connection. */
		if (s->started && s->next_seq == tcp->seq + 1)
			return;
		stream_reset(t, s, flow);
		s->started = true;
		s->next_seq = tcp->seq + 1;
		return;
	}
	if (!s->started) {
		s->started = true;
		s->gap = true;
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

void trace_streams_end(struct trace *t)
{
	size_t at = 0;
	struct stream *s = NULL;

	while (t->holding > 0 && (s = table_next(&t->streams, &at)) != NULL) {
		while (s->held_count > 0)
			skip_gap(t, s);
	}
}
