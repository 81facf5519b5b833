/* The bytes of a connection, in order, to messages: which protocol is spoken is learnt from the
 * first of them, since ports lie.
 *
 *   0x16 0x03 …            --> TLS
 *   "GET ", "HTTP/1."      --> HTTP
 *   "METHOD uri SIP/2.0"   --> SIP
 *   a length, 0…22, an id  --> SCCP
 *
 * After a gap (bytes the capture lost), and at a start in mid-stream, whatever is buffered is given
 * up and the next piece that looks like the beginning of a message is where it goes on. */
#include "observe/observer_internal.h"

#include "base/error.h"
#include "base/reader.h"
#include "proto/http/http_head.h"
#include "proto/sip/sip.h"
#include "proto/tls/tls.h"

#define START_MIN 12 /* bytes that decide */

/* A length that fits, a header version that is one, an id somebody has catalogued. */
static bool is_sccp(struct slice bytes)
{
	struct reader r = reader_of(bytes);
	uint32_t length = reader_le32(&r);
	uint32_t version = reader_le32(&r);
	uint32_t id = reader_le32(&r);

	return !r.failed && length >= SCCP_LENGTH_MIN && length <= SCCP_LENGTH_MAX &&
	       version <= 0x20 && sccp_id_name(id) != NULL;
}

static bool is_http(struct slice bytes)
{
	static const char *const words[] = {"GET ", "HEAD ", "HTTP/1."};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		size_t n = strlen(words[i]);
		if (bytes.len >= n && memcmp(bytes.ptr, words[i], n) == 0)
			return true;
	}
	return false;
}

static enum observed_speech recognise(struct slice bytes)
{
	if (is_sccp(bytes))
		return SPEECH_SCCP;
	if (tls_is_start(bytes))
		return SPEECH_TLS;
	if (is_http(bytes))
		return SPEECH_HTTP;
	if (sip_is_start(bytes) ||
	    (bytes.len > 0 && (bytes.ptr[0] == '\r' || bytes.ptr[0] == '\n')))
		return SPEECH_SIP;
	return SPEECH_UNKNOWN;
}

static bool is_start_of(enum observed_speech speech, struct slice bytes)
{
	return recognise(bytes) == speech;
}

/* A TLS hello on a plain port, or plain words on a TLS port. */
static void check_mismatch(struct observer *o, struct observed_flow *f, enum observed_speech speech)
{
	uint16_t port = f->server.port;
	bool tls_port =
	    port == 2443 || port == 5061 || port == 6971 || port == 3804 || port == 2445;
	bool plain_port = port == 2000 || port == 5060 || port == 6970;
	uint32_t kind = speech == SPEECH_TLS && plain_port ? 1
			: speech != SPEECH_TLS && tls_port ? 2
							   : 0;

	if (kind == 0 || f->mismatch)
		return;
	f->mismatch = true;
	struct fact fact = observer_flow_fact(o, FACT_TLS_MISMATCH, f);
	fact.number = kind;
	observer_add_fact(o, &fact);
}

static int take(struct observer *o, struct observed_flow *f, const struct flow *flow, unsigned side,
		struct slice bytes)
{
	switch ((enum observed_speech)f->speech) {
	case SPEECH_SCCP:
		return observer_take_sccp(o, f, flow, bytes);
	case SPEECH_SIP:
		return observer_take_sip(o, f, flow, bytes);
	case SPEECH_HTTP:
		return observer_take_http(o, f, side, bytes);
	case SPEECH_TLS:
		return observer_take_tls(o, f, side, bytes);
	case SPEECH_UNKNOWN:
	case SPEECH_NONE:
		break;
	}
	return (int)bytes.len;
}

static void give_up(struct observer *o, struct observed_flow *f)
{
	f->speech = SPEECH_NONE;
	observer_flow_clear(o, f);
}

static void drop_buffer(struct observer *o, struct observed_side *s)
{
	size_t len = s->len;
	size_t size = s->size;

	observer_drop(o, &s->buffer, &len, &size);
	s->len = 0;
	s->size = 0;
}

/* Keeps what was not understood yet. */
static bool keep_rest(struct observer *o, struct observed_side *s, struct slice rest)
{
	size_t len = 0;
	size_t size = s->size;

	if (rest.len == 0) {
		drop_buffer(o, s);
		return true;
	}
	bool in_place = s->size > 0 && rest.ptr >= s->buffer && rest.ptr < s->buffer + s->size;
	if (in_place) {
		memmove(s->buffer, rest.ptr, rest.len);
		s->len = (uint32_t)rest.len;
		return true;
	}
	if (!observer_keep(o, &s->buffer, &len, &size, OBSERVE_SIDE_MAX, rest))
		return false;
	s->len = (uint32_t)len;
	s->size = (uint32_t)size;
	return true;
}

static void on_broken(struct observer *o, struct observed_flow *f, const struct flow *flow)
{
	if (f->speech == SPEECH_SCCP)
		observer_sccp_broken(o, flow, "the stream is no longer SCCP", o->at, o->evidence);
	give_up(o, f);
}

/* All the messages at the start of `bytes`; what is left is kept. */
static void take_all(struct observer *o, struct observed_flow *f, const struct flow *flow,
		     unsigned side, struct slice bytes)
{
	while (bytes.len > 0 && f->speech != SPEECH_NONE) {
		int used = take(o, f, flow, side, bytes);
		if (used < 0) {
			on_broken(o, f, flow);
			return;
		}
		if (used == 0)
			break;
		bytes = slice_from(bytes, (size_t)used);
	}
	if (f->speech != SPEECH_NONE && !keep_rest(o, &f->side[side], bytes))
		on_broken(o, f, flow);
}

void observer_bytes(struct observer *o, const struct flow *flow, struct slice bytes, bool gap,
		    dt_time at, uint64_t evidence)
{
	observer_begin(o, flow, at, evidence);
	struct observed_flow *f = observer_flow(o, flow->from, flow->to);
	if (f == NULL || f->speech == SPEECH_NONE || bytes.len == 0)
		return;
	unsigned side = endpoint_equal(flow->from, f->phone) ? SIDE_OF_PHONE : SIDE_OF_SERVER;
	struct observed_side *s = &f->side[side];
	if (gap) {
		drop_buffer(o, s);
		s->gap = true;
		if (f->web != NULL && side == SIDE_OF_SERVER)
			f->web->content.damaged = true;
	}
	if (s->len > 0) {
		size_t len = s->len;
		size_t size = s->size;
		if (!observer_keep(o, &s->buffer, &len, &size, OBSERVE_SIDE_MAX, bytes)) {
			on_broken(o, f, flow);
			return;
		}
		s->len = (uint32_t)len;
		s->size = (uint32_t)size;
		bytes = slice_of(s->buffer, s->len);
	}
	if (f->speech == SPEECH_UNKNOWN) {
		enum observed_speech speech = recognise(bytes);
		if (speech == SPEECH_UNKNOWN) {
			/* Too little to tell yet, or a start in the middle of something. */
			if (bytes.len >= START_MIN || s->gap || !keep_rest(o, s, bytes))
				drop_buffer(o, s);
			return;
		}
		f->speech = (uint8_t)speech;
		s->gap = false;
		check_mismatch(o, f, speech);
	}
	if (s->gap) {
		if (!is_start_of(f->speech, bytes)) {
			drop_buffer(o, s);
			return;
		}
		s->gap = false;
	}
	take_all(o, f, flow, side, bytes);
}
