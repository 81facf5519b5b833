/* RTP to facts: that media flows, what is lost of it, and when only one side is heard. One packet
 * proves nothing; three of one source in sequence make a stream. */
#include "observe/observer_internal.h"

#include "proto/rtp/rtp.h"

#define PROOF_PACKETS 3
#define PROOF_STEP    5 /* sequence numbers between two of them */
#define SILENCE       DT_SECONDS(5)
#define ONE_WAY_AFTER DT_SECONDS(5)

struct observed_stream {
	struct table_entry entry;
	struct endpoint from, to;
	uint32_t ssrc;
	uint8_t payload_type;
	bool told, one_way_told;
	uint16_t sequence; /* the highest so far */
	uint64_t evidence; /* of the latest packet */
	uint32_t packets, expected;
	dt_time began;
};

void observer_rtp_init(struct observer *o);

void observer_rtp_init(struct observer *o)
{
	table_init(&o->streams, OBSERVE_STREAMS_MAX, sizeof(struct observed_stream), NULL, o);
}

static uint64_t stream_key(struct endpoint from, struct endpoint to)
{
	return endpoint_key(from) * 0x9e3779b97f4a7c15ULL ^ (endpoint_key(to) << 8);
}

/* The fact of a stream for each end that is a phone. */
static void tell(struct observer *o, enum fact_kind kind, const struct observed_stream *s,
		 uint32_t number, uint32_t lost, uint32_t seconds)
{
	for (uint32_t side = 1; side <= 2; side++) {
		struct endpoint phone = side == 1 ? s->from : s->to;
		struct endpoint other = side == 1 ? s->to : s->from;
		if (!observer_is_phone(o, phone.ip))
			continue;
		struct fact f = observer_fact(o, kind, phone.ip);
		f.peer = other;
		f.number = number;
		f.value[0] = side;
		f.value[1] = lost;
		f.value[2] = seconds;
		observer_add_fact(o, &f);
	}
}

static void end(struct observer *o, const struct observed_stream *s)
{
	dt_time now = o->at;

	if (!s->told)
		return;
	o->at = s->entry.last;
	o->evidence = s->evidence;
	uint32_t lost = s->expected > s->packets ? s->expected - s->packets : 0;
	tell(o, FACT_RTP_END, s, s->packets, lost,
	     (uint32_t)((s->entry.last - s->began + 500000) / 1000000));
	o->at = now;
}

static void begin(struct observer *o, struct observed_stream *s, const struct flow *flow,
		  const struct rtp *rtp)
{
	end(o, s);
	*s = (struct observed_stream){.entry = s->entry,
				      .from = flow->from,
				      .to = flow->to,
				      .ssrc = rtp->ssrc,
				      .payload_type = rtp->payload_type,
				      .sequence = rtp->sequence,
				      .packets = 1,
				      .expected = 1,
				      .evidence = o->evidence,
				      .began = o->at};
}

bool observer_rtp(struct observer *o, const struct flow *flow, struct slice payload, dt_time at,
		  uint64_t evidence)
{
	struct rtp rtp;

	if (rtp_decode(payload, &rtp, NULL) != 0)
		return false;
	observer_begin(o, flow, at, evidence);
	struct observed_stream *s = table_need(&o->streams, stream_key(flow->from, flow->to), at);
	if (s == NULL)
		return true;
	int16_t step = (int16_t)(rtp.sequence - s->sequence);
	if (s->packets == 0 || s->ssrc != rtp.ssrc || !endpoint_equal(s->from, flow->from) ||
	    (!s->told && (step < 1 || step > PROOF_STEP))) {
		begin(o, s, flow, &rtp);
		return true;
	}
	s->packets++;
	s->evidence = evidence;
	if (step > 0) {
		s->expected += (uint16_t)step;
		s->sequence = rtp.sequence;
	}
	if (!s->told && s->packets >= PROOF_PACKETS) {
		s->told = true;
		tell(o, FACT_RTP_FLOW, s, s->payload_type, 0, 0);
	}
	return true;
}

/* Does anything flow back? The same ports, or any between these two hosts. */
static bool is_answered(const struct observer *o, const struct observed_stream *s)
{
	const struct observed_stream *back = table_get(&o->streams, stream_key(s->to, s->from));
	size_t at = 0;

	if (back != NULL && back->told)
		return true;
	while ((back = table_next(&o->streams, &at)) != NULL) {
		if (back->told && ip4_equal(back->from.ip, s->to.ip) &&
		    ip4_equal(back->to.ip, s->from.ip))
			return true;
	}
	return false;
}

void observer_rtp_sweep(struct observer *o, bool last)
{
	size_t at = 0;
	struct observed_stream *s = NULL;
	dt_time now = o->at;

	while ((s = table_next(&o->streams, &at)) != NULL) {
		if (s->told && !s->one_way_told && s->entry.last - s->began >= ONE_WAY_AFTER) {
			s->one_way_told = true;
			if (!is_answered(o, s)) {
				o->at = s->entry.last;
				o->evidence = s->evidence;
				tell(o, FACT_RTP_ONE_WAY, s, 0, 0, 0);
				o->at = now;
			}
		}
		if (last || now - s->entry.last >= SILENCE) {
			end(o, s);
			s->told = false;
			s->packets = 0;
		}
	}
}
