/* One connection's machine.
 *
 *   CONNECTED --Register--> admission --admitted--> (nobody bears the name) REGISTERING
 *       |                      |  |         \--> (somebody does) CONTESTING, see duplicates.c
 *       |                      |  \--pending--> ADMITTING --committed--> as admitted, or refused
 *       |                      \--refused--> CLOSING (RegisterReject; the phone has a second to
 * close)
 *       |--silent 90 s, or three standby periods--> CLOSING
 *   REGISTERING --TimeDateReq, RegisterAvailableLines of an SPA, a key, or five seconds without
 *                 a further question: not every phone asks for a clock--> REGISTERED
 *   REGISTERED, REGISTERING --silent for two keepalives and 5 s--> CLOSING (cause 13)
 *                           --Unregister--> UnregisterAck, CLOSING (cause 8)
 *                           --its name passes to another--> CLOSING (cause 16, without a Reset)
 *
 * RegisterAck comes before CapabilitiesReq, and nothing else before the phone starts asking: any
 * other order stalls some loads. */
#include "sccp/callmanager.h"

#include "base/error.h"
#include "base/text.h"

#define OLD_VERSION   3      /* gets no feature bytes */
#define FEATURE_UTF8  0x0010 /* of Register's feature word; clear on 7940 and 7960 */
#define SPCP_FEATURES 65535  /* what an SPA 5xx is answered by servers in use */

static void tell_message(struct callmanager *c, const struct station *s,
			 enum station_event_kind kind, const struct sccp_message *message)
{
	struct station_event *e = callmanager_event(c, s, kind);

	if (e == NULL)
		return;
	e->message = *message;
	sccp_message_detach(&e->message);
}

/* Queues a whole frame and tells that its message left. */
static void queue(struct callmanager *c, struct station *s, const struct sccp_message *message,
		  struct slice frame)
{
	buf_append(&s->output, frame);
	if (buf_error(&s->output) != 0) {
		/* It does not read what we send: 64 KiB behind, or no memory. Nothing can be
		 * promised any more. */
		station_close(c, s, UNREGISTER_CONNECTIVITY, s->since);
		return;
	}
	tell_message(c, s, STATION_EVENT_MESSAGE_OUT, message);
	callmanager_wake(c, s);
}

/* Does the message leave, or does mischief keep it? */
static bool leaves(struct callmanager *c, struct station *s, struct sccp_message *message)
{
	if (c->mischief == NULL)
		return true;
	if (s->state == STATION_CLOSING)
		return false;
	switch (mischief_sccp(c->mischief, s->claim.name, message)) {
	case MISCHIEF_SEND:
		return true;
	case MISCHIEF_HOLD:
		return false;
	case MISCHIEF_SEND_AND_CLOSE: /* it was never known here */
		station_set_state(c, s, STATION_CONNECTED, s->since);
		station_close(c, s, 0, s->since);
		return true;
	case MISCHIEF_CLOSE:
		station_close(c, s, UNREGISTER_CONNECTIVITY, s->since);
		return false;
	}
	return true;
}

void station_send(struct callmanager *c, struct station *s, struct sccp_message *message)
{
	uint8_t bytes[SCCP_FRAME_MAX];
	struct writer w = writer_of(bytes, sizeof bytes);

	if (!leaves(c, s, message))
		return;
	message->header_version = sccp_header_version(message->id, s->version);
	if (sccp_encode(message, s->version, &w) != 0)
		return;
	queue(c, s, message, writer_done(&w));
}

void station_send_same(struct callmanager *c, struct station *s, struct sccp_message *message,
		       struct station_frame *frame)
{
	struct writer w = writer_of(frame->bytes, sizeof frame->bytes);

	if (!leaves(c, s, message))
		return;
	message->header_version = sccp_header_version(message->id, s->version);
	if (frame->len == 0 || frame->version != s->version) {
		frame->len = 0;
		if (sccp_encode(message, s->version, &w) != 0)
			return;
		frame->len = writer_done(&w).len;
		frame->version = s->version;
	}
	queue(c, s, message, slice_of(frame->bytes, frame->len));
}

/* Register is there, and our word is not out yet. */
static bool is_undecided(const struct station *s)
{
	return s->state == STATION_ADMITTING || s->state == STATION_CONTESTING;
}

static bool is_registering(enum station_state state)
{
	return state == STATION_ADMITTING || state == STATION_CONTESTING ||
	       state == STATION_REGISTERING;
}

void station_set_state(struct callmanager *c, struct station *s, enum station_state state,
		       dt_time now)
{
	c->registered +=
	    (size_t)(state == STATION_REGISTERED) - (size_t)(s->state == STATION_REGISTERED);
	c->registering += (size_t)is_registering(state) - (size_t)is_registering(s->state);
	s->state = state;
	s->since = now;
}

/* The connection that was asked is gone: who asked has the name. */
static void contest_ends(struct callmanager *c, struct station *s, dt_time now)
{
	struct station *newer = callmanager_station(c, s->rival);

	s->rival = 0;
	if (newer != NULL && newer->state == STATION_CONTESTING && newer->rival == s->id)
		station_contest_over(c, newer, now);
}

void station_close(struct callmanager *c, struct station *s, uint32_t code, dt_time now)
{
	bool was_known = s->state == STATION_REGISTERED || s->state == STATION_REGISTERING;

	if (s->state == STATION_CLOSING)
		return;
	station_set_state(c, s, STATION_CLOSING, now);
	s->close = true;
	s->clock_at = DT_NEVER;
	dialling_forget(s);
	callmanager_release_name(c, s);
	callmanager_wake(c, s);
	contest_ends(c, s, now);
	if (!was_known)
		return;
	struct station_event *e = callmanager_event(c, s, STATION_EVENT_GONE);
	if (e != NULL)
		e->code = code;
}

/* Two keepalives may be lost; the phone itself gives up after three. */
static dt_time patience(const struct callmanager *c)
{
	return DT_SECONDS(2 * (dt_time)reg_settings(c->reg)->keepalive_s + 5);
}

static void on_message(struct callmanager *c, struct station *s, const struct sccp_message *m,
		       dt_time now);

/* What it said without waiting for our word, now that there is one. */
static void hear_early(struct callmanager *c, struct station *s, dt_time now)
{
	struct buf early = s->early;
	struct slice left = buf_slice(&early);
	struct slice frame;
	struct sccp_message m;
	int used = 0;

	buf_init(&s->early, STATION_EARLY_MAX);
	while (s->state != STATION_CLOSING && (used = sccp_frame_next(left, &frame)) > 0) {
		left = slice_from(left, (size_t)used);
		if (sccp_decode_as(frame, s->version, &m, NULL) == 0)
			on_message(c, s, &m, now);
	}
	buf_done(&early);
	callmanager_deadline_update(c, s);
}

void station_accept(struct callmanager *c, struct station *s, dt_time now)
{
	static struct provision p; /* 20 KB; one thread */
	const struct settings *settings = reg_settings(c->reg);
	struct sccp_message ack = {.id = SCCP_REGISTER_ACK};

	reg_provision(c->reg, s->claim.name, s->claim.type, &p);
	s->version = version_negotiate(s->claim.protocol_version, p.protocol_max);
	callmanager_claim_name(c, s);
	ack.ack.keepalive_s = settings->keepalive_s;
	ack.ack.secondary_keepalive_s = settings->secondary_keepalive_s;
	(void)text_copy(ack.ack.date_template, sizeof ack.ack.date_template, p.date_template);
	ack.ack.protocol_version = s->version;
	/* Feature bytes a server in long production use sends; older phones get none. */
	if (s->version > OLD_VERSION)
		memcpy(ack.ack.features, s->version >= 11 ? "\x20\xf1\xff" : "\x20\xf1\xfe", 3);
	station_set_state(c, s, STATION_REGISTERING, now);
	s->silent_at = dt_time_add(now, patience(c));
	callmanager_deadline_update(c, s);
	station_send(c, s, &ack);
	station_send(c, s, &(struct sccp_message){.id = SCCP_CAPABILITIES_REQ});
	hear_early(c, s, now);
}

void station_refuse(struct callmanager *c, struct station *s, const struct reg_decision *decision,
		    dt_time now)
{
	struct sccp_message reject = {.id = SCCP_REGISTER_REJECT};

	(void)text_copy(reject.reject_text, sizeof reject.reject_text,
			reason_row(decision->reason)->text);
	station_send(c, s, &reject);
	struct station_event *e = callmanager_event(c, s, STATION_EVENT_REFUSED);
	const struct station *older = callmanager_station(c, s->rival);
	if (e != NULL) {
		e->decision = *decision;
		e->rival = (struct endpoint){0};
		if (decision->reason == REASON_NAME_IN_USE && older != NULL)
			e->rival = older->peer;
	}
	s->rival = 0;
	/* It may not be heard any more, but the phone closes first if it is alive. */
	station_set_state(c, s, STATION_CLOSING, now);
	s->silent_at = dt_time_add(now, REJECT_LINGER);
	callmanager_deadline_update(c, s);
}

static void decide(struct callmanager *c, struct station *s, const struct reg_decision *decision,
		   dt_time now)
{
	switch (decision->verdict) {
	case REG_ADMITTED:
		station_contest(c, s, now);
		break;
	case REG_REFUSED:
		station_refuse(c, s, decision, now);
		break;
	case REG_PENDING:
		s->ticket = decision->ticket;
		s->next_admitting = c->admitting;
		c->admitting = s;
		station_set_state(c, s, STATION_ADMITTING, now);
		break;
	}
}

void station_admit_result(struct callmanager *c, struct station *s, dt_time now)
{
	struct reg_decision decision;

	reg_admit_result(c->reg, &s->claim, s->ticket, &decision);
	decide(c, s, &decision, now);
}

static void on_register(struct callmanager *c, struct station *s, const struct sccp_register *reg,
			dt_time now)
{
	struct reg_decision decision;

	if (s->state == STATION_ADMITTING || s->state == STATION_CONTESTING)
		return;
	if (s->claim.name[0] != 0)
		callmanager_release_name(c, s); /* it registers anew on the same connection */
	s->claim = (struct reg_claim){
	    .type = reg->device_type, .ip = s->peer.ip, .protocol_version = reg->protocol_version};
	(void)text_copy(s->claim.name, sizeof s->claim.name, reg->name);
	for (char *p = s->claim.name; *p != 0; p++)
		*p = (char)(*p >= 'a' && *p <= 'z' ? *p - 'a' + 'A' : *p);
	(void)text_copy(s->claim.load, sizeof s->claim.load, reg->load);
	s->version = version_negotiate(reg->protocol_version, 0);
	s->soft_keys_shown = false;
	s->utf8 = (reg->features & FEATURE_UTF8) != 0;
	callmanager_known(c, s);
	reg_admit(c->reg, &s->claim, now, c->unix_s, &decision);
	decide(c, s, &decision, now);
}

static void on_unregister(struct callmanager *c, struct station *s, dt_time now)
{
	station_send(c, s, &(struct sccp_message){.id = SCCP_UNREGISTER_ACK, .value = 0});
	station_close(c, s, UNREGISTER_DEVICE, now);
}

/* A token before Register: granted, unless so many are just registering that this one had better
 * come later. Waits differ, so that those turned away do not all come back at once. */
static void on_token(struct callmanager *c, struct station *s, uint32_t ack, uint32_t reject)
{
	uint32_t wait_s = TOKEN_WAIT_LEAST_S + (uint32_t)(s->id % TOKEN_WAIT_SPREAD_S);
	bool granted = c->registering < REGISTERING_MAX;

	station_send(c, s,
		     &(struct sccp_message){.id = granted ? ack : reject,
					    .value = granted ? SPCP_FEATURES : wait_s});
}

/* Answered on every connection, registered or not: a standby that hears nothing marks this server
 * dead. */
static void on_keepalive(struct callmanager *c, struct station *s)
{
	if (s->state == STATION_CONNECTED)
		s->keepalives = true;
	station_send(c, s, &(struct sccp_message){.id = SCCP_KEEP_ALIVE_ACK});
}

/* How long this connection may now be silent. */
static dt_time idle_limit(const struct callmanager *c, const struct station *s)
{
	if (s->state == STATION_REGISTERING || s->state == STATION_REGISTERED)
		return patience(c);
	if (s->keepalives)
		return DT_SECONDS(STANDBY_PERIODS *
				  (dt_time)reg_settings(c->reg)->secondary_keepalive_s);
	return UNREGISTERED_IDLE;
}

static void on_message(struct callmanager *c, struct station *s, const struct sccp_message *m,
		       dt_time now)
{
	bool registered = s->state == STATION_REGISTERING || s->state == STATION_REGISTERED;

	switch (m->id) {
	case SCCP_KEEP_ALIVE:
		on_keepalive(c, s);
		break;
	case SCCP_REGISTER:
		on_register(c, s, &m->reg, now);
		break;
	case SCCP_REGISTER_TOKEN_REQ:
		on_token(c, s, SCCP_REGISTER_TOKEN_ACK, SCCP_REGISTER_TOKEN_REJECT);
		break;
	case SCCP_SPCP_REGISTER_TOKEN_REQ:
		on_token(c, s, SCCP_SPCP_REGISTER_TOKEN_ACK, SCCP_SPCP_REGISTER_TOKEN_REJECT);
		break;
	case SCCP_UNREGISTER:
		on_unregister(c, s, now);
		break;
	default:
		/* Alarms and unknown ids are events only; a phone that asks before it registered
		 * gets nothing. */
		if (!registered || station_answer(c, s, m, now) || !dialling_input(c, s, m, now))
			break;
		if (s->state == STATION_REGISTERING)
			station_registered(c, s, now);
		break;
	}
}

static void broken(struct callmanager *c, struct station *s, dt_time now)
{
	(void)callmanager_event(c, s, STATION_EVENT_BROKEN);
	station_close(c, s, UNREGISTER_MALFORMED, now);
}

/* Who is nobody's phone and floods costs the phones their server: CallManager itself was brought
 * down so in 2006 and 2009. It is dropped without an answer, and before it is decoded. */
static bool floods(struct station *s, dt_time now)
{
	if (s->state == STATION_REGISTERED || s->state == STATION_REGISTERING)
		return false;
	if (s->spoken == 0 || now - s->spoken_since > STRANGER_TIME) {
		s->spoken = 0;
		s->spoken_since = now;
	}
	return ++s->spoken > STRANGER_MESSAGES;
}

static void on_frame(struct callmanager *c, struct station *s, struct slice frame, dt_time now)
{
	struct sccp_message m;

	if (sccp_decode_as(frame, s->version, &m, NULL) != 0)
		return;
	tell_message(c, s, STATION_EVENT_MESSAGE_IN, &m);
	/* Some ask for everything in one breath with their Register. */
	if (is_undecided(s) && m.id != SCCP_KEEP_ALIVE && m.id != SCCP_REGISTER)
		buf_append(&s->early, frame);
	else
		on_message(c, s, &m, now);
}

/* Everything complete in these bytes; what is left over is returned. */
static struct slice handle_frames(struct callmanager *c, struct station *s, struct slice left,
				  dt_time now)
{
	struct slice frame;
	int used = 0;

	while (s->state != STATION_CLOSING && (used = sccp_frame_next(left, &frame)) > 0) {
		left = slice_from(left, (size_t)used);
		if (floods(s, now)) {
			s->abort = true;
			station_close(c, s, 0, now);
		} else {
			on_frame(c, s, frame, now);
		}
	}
	if (used < 0 && s->state != STATION_CLOSING)
		broken(c, s, now);
	return left;
}

/* Mostly a segment holds whole frames and nothing has to be kept: an idle phone has no buffer. */
void station_input(struct callmanager *c, struct station *s, struct slice bytes, dt_time now)
{
	s->heard = now;
	if (s->rival != 0 && s->state != STATION_CONTESTING)
		station_proved_alive(c, s, now);
	if (buf_slice(&s->input).len == 0)
		bytes = handle_frames(c, s, bytes, now);
	while (bytes.len > 0 && s->state != STATION_CLOSING) {
		struct slice part = slice_head(bytes, SCCP_FRAME_MAX - buf_slice(&s->input).len);
		buf_append(&s->input, part);
		bytes = slice_from(bytes, part.len);
		if (buf_error(&s->input) != 0) {
			station_close(c, s, UNREGISTER_CONNECTIVITY, now);
			return;
		}
		struct slice left = handle_frames(c, s, buf_slice(&s->input), now);
		buf_consume(&s->input, buf_slice(&s->input).len - left.len);
	}
	if (buf_slice(&s->input).len == 0)
		buf_done(&s->input);
	/* Any byte shows that it lives. */
	if (s->state != STATION_CLOSING && s->state != STATION_CONTESTING) {
		s->silent_at = dt_time_add(now, idle_limit(c, s));
		callmanager_deadline_update(c, s);
	}
}

void station_expire(struct callmanager *c, struct station *s, dt_time now)
{
	if (s->clock_at <= now) {
		s->clock_at = dt_time_add(now, CLOCK_EVERY);
		if (s->state == STATION_REGISTERING)
			station_registered(c, s, now);
		station_send_time(c, s);
	}
	if (s->dial_at <= now)
		dialling_expire(c, s);
	if (s->silent_at > now)
		return;
	s->silent_at = DT_NEVER;
	if (s->state == STATION_CONTESTING) {
		station_contest_over(c, s, now);
	} else if (s->state != STATION_CLOSING) {
		station_close(c, s, UNREGISTER_KEEPALIVE, now);
	} else {
		/* The second after a reject is over. */
		s->close = true;
		callmanager_wake(c, s);
	}
}
