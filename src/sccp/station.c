/* One connection's machine.
 *
 *   CONNECTED --Register--> admission --admitted--> REGISTERING --TimeDateReq--> REGISTERED
 *       |                      |  \--pending--> ADMITTING --committed--> REGISTERING (or refused)
 *       |                      \--refused--> CLOSING (RegisterReject; the phone has a second to
 * close)
 *       |--silent 90 s, or three standby periods--> CLOSING
 *   REGISTERED, REGISTERING --silent for two keepalives and 5 s--> CLOSING (cause 13)
 *                           --Unregister--> UnregisterAck, CLOSING (cause 8)
 *                           --same name registers anew elsewhere--> CLOSING (cause 16, without a
 * Reset)
 *
 * RegisterAck comes before CapabilitiesReq, and nothing else before the phone starts asking: any
 * other order stalls some loads. */
#include "sccp/callmanager.h"

#include "base/error.h"
#include "base/text.h"

#define OLD_VERSION    3  /* phones that say nothing, or something absurd */
#define ABSURD_VERSION 25 /* an ATA 186 reports 33 */

static struct station_event event_of(const struct station *s, enum station_event_kind kind)
{
	struct station_event e = {.kind = kind, .id = s->id, .peer = s->peer, .local = s->local};

	(void)text_copy(e.name, sizeof e.name, s->claim.name);
	return e;
}

void station_send(struct callmanager *c, struct station *s, struct sccp_message *message)
{
	uint8_t bytes[SCCP_FRAME_MAX];
	struct writer w = writer_of(bytes, sizeof bytes);

	/* Header version 0 with every version we negotiate: 11 and below. */
	message->header_version = 0;
	if (callmanager_fault_hits(c, s, CALLMANAGER_FAULT_MUTE) ||
	    sccp_encode(message, s->version, &w) != 0)
		return;
	buf_append(&s->output, writer_done(&w));
	if (buf_error(&s->output) != 0) {
		/* It does not read what we send: 64 KiB behind, or no memory. Nothing can be
		 * promised any more. */
		station_close(c, s, UNREGISTER_CONNECTIVITY, s->since);
		return;
	}
	struct station_event e = event_of(s, STATION_EVENT_MESSAGE_OUT);
	e.message = *message;
	e.message.raw = slice_of(NULL, 0);
	callmanager_event(c, &e);
	callmanager_wake(c, s);
}

static bool counts(enum station_state state)
{
	return state == STATION_REGISTERED;
}

void station_set_state(struct callmanager *c, struct station *s, enum station_state state,
		       dt_time now)
{
	c->registered += (size_t)counts(state) - (size_t)counts(s->state);
	s->state = state;
	s->since = now;
}

void station_close(struct callmanager *c, struct station *s, uint32_t code, dt_time now)
{
	bool was_known = s->state == STATION_REGISTERED || s->state == STATION_REGISTERING;

	if (s->state == STATION_CLOSING)
		return;
	station_set_state(c, s, STATION_CLOSING, now);
	s->close = true;
	callmanager_release_name(c, s);
	callmanager_wake(c, s);
	if (!was_known)
		return;
	struct station_event e = event_of(s, STATION_EVENT_GONE);
	e.code = code;
	callmanager_event(c, &e);
}

/* Answers 11 to phones that offer 11 or more, their own number to 4 to 10, and 3 to the rest:
 * phones of every later generation take the version-11 forms. */
static uint8_t negotiate(uint8_t offered)
{
	if (offered < OLD_VERSION || offered > ABSURD_VERSION)
		return OLD_VERSION;
	return offered < SCCP_VERSION_SERVER ? offered : SCCP_VERSION_SERVER;
}

/* Two keepalives may be lost; the phone itself gives up after three. */
static dt_time patience(const struct callmanager *c)
{
	return DT_SECONDS(2 * (dt_time)reg_settings(c->reg)->keepalive_s + 5);
}

/* The newest connection of a name is the phone: the older one is mostly a half-open leftover. It is
 * closed without a Reset, which would reach the phone itself if it were still there. */
static void replace_older(struct callmanager *c, struct station *s, dt_time now)
{
	struct station *older = callmanager_by_name(c, s->claim.name);

	if (older != NULL && older != s)
		station_close(c, older, UNREGISTER_DUPLICATE, now);
	callmanager_claim_name(c, s);
}

static void accept_phone(struct callmanager *c, struct station *s, dt_time now)
{
	const struct settings *settings = reg_settings(c->reg);
	struct sccp_message ack = {.id = SCCP_REGISTER_ACK};

	replace_older(c, s, now);
	ack.ack.keepalive_s = settings->keepalive_s;
	ack.ack.secondary_keepalive_s = settings->secondary_keepalive_s;
	(void)text_copy(ack.ack.date_template, sizeof ack.ack.date_template,
			settings->date_template);
	ack.ack.protocol_version = s->version;
	/* Feature bytes a server in long production use sends; older phones get none. */
	if (s->version > OLD_VERSION)
		memcpy(ack.ack.features,
		       s->version >= SCCP_VERSION_SERVER ? "\x20\xf1\xff" : "\x20\xf1\xfe", 3);
	station_set_state(c, s, STATION_REGISTERING, now);
	callmanager_deadline_set(c, s, dt_time_add(now, patience(c)));
	station_send(c, s, &ack);
	station_send(c, s, &(struct sccp_message){.id = SCCP_CAPABILITIES_REQ});
}

static void refuse_phone(struct callmanager *c, struct station *s,
			 const struct reg_decision *decision, dt_time now)
{
	struct sccp_message reject = {.id = SCCP_REGISTER_REJECT};
	struct station_event e = event_of(s, STATION_EVENT_REFUSED);

	(void)text_copy(reject.reject_text, sizeof reject.reject_text,
			reason_row(decision->reason)->text);
	station_send(c, s, &reject);
	e.decision = *decision;
	callmanager_event(c, &e);
	/* It may not be heard any more, but the phone closes first if it is alive. */
	station_set_state(c, s, STATION_CLOSING, now);
	callmanager_deadline_set(c, s, dt_time_add(now, REJECT_LINGER));
}

static void decide(struct callmanager *c, struct station *s, const struct reg_decision *decision,
		   dt_time now)
{
	switch (decision->verdict) {
	case REG_ADMITTED:
		s->device = decision->device;
		accept_phone(c, s, now);
		break;
	case REG_REFUSED:
		refuse_phone(c, s, decision, now);
		break;
	case REG_PENDING:
		s->ticket = decision->ticket;
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

	if (s->state == STATION_ADMITTING)
		return;
	s->claim = (struct reg_claim){
	    .type = reg->device_type, .ip = s->peer.ip, .protocol_version = reg->protocol_version};
	(void)text_copy(s->claim.name, sizeof s->claim.name, reg->name);
	for (char *p = s->claim.name; *p != 0; p++)
		*p = (char)(*p >= 'a' && *p <= 'z' ? *p - 'a' + 'A' : *p);
	(void)text_copy(s->claim.load, sizeof s->claim.load, reg->load);
	s->version = negotiate(reg->protocol_version);
	s->soft_keys_shown = false;
	reg_admit(c->reg, &s->claim, now, c->unix_s, &decision);
	decide(c, s, &decision, now);
}

static void on_unregister(struct callmanager *c, struct station *s, dt_time now)
{
	station_send(c, s, &(struct sccp_message){.id = SCCP_UNREGISTER_ACK, .value = 0});
	station_close(c, s, UNREGISTER_DEVICE, now);
}

/* Answered on every connection, registered or not: a standby that hears nothing marks this server
 * dead. */
static void on_keepalive(struct callmanager *c, struct station *s)
{
	if (s->state == STATION_CONNECTED)
		s->keepalives = true;
	if (s->state != STATION_CONNECTED &&
	    callmanager_fault_hits(c, s, CALLMANAGER_FAULT_KEEPALIVE_SILENT))
		return;
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
		station_send(c, s, &(struct sccp_message){.id = SCCP_REGISTER_TOKEN_ACK});
		break;
	case SCCP_UNREGISTER:
		on_unregister(c, s, now);
		break;
	default:
		/* Alarms and unknown ids are events only; a phone that asks before it registered
		 * gets nothing. */
		if (registered)
			(void)station_answer(c, s, m, now);
		break;
	}
}

static void broken(struct callmanager *c, struct station *s, dt_time now)
{
	struct station_event e = event_of(s, STATION_EVENT_BROKEN);

	callmanager_event(c, &e);
	station_close(c, s, UNREGISTER_MALFORMED, now);
}

/* Everything complete in the input buffer; the rest moves to its start. */
static void handle_frames(struct callmanager *c, struct station *s, dt_time now)
{
	struct slice left = slice_of(s->input, s->input_len);
	struct slice frame;
	struct sccp_message m;
	int used = 0;

	while (s->state != STATION_CLOSING && (used = sccp_frame_next(left, &frame)) > 0) {
		left = slice_from(left, (size_t)used);
		if (sccp_decode(frame, &m, NULL) != 0)
			continue;
		struct station_event e = event_of(s, STATION_EVENT_MESSAGE_IN);
		e.message = m;
		e.message.raw = slice_of(NULL, 0);
		callmanager_event(c, &e);
		on_message(c, s, &m, now);
	}
	if (used < 0 && s->state != STATION_CLOSING)
		broken(c, s, now);
	if (left.len > 0)
		memmove(s->input, left.ptr, left.len);
	s->input_len = left.len;
}

void station_input(struct callmanager *c, struct station *s, struct slice bytes, dt_time now)
{
	while (bytes.len > 0 && s->state != STATION_CLOSING) {
		struct slice part = slice_head(bytes, sizeof s->input - s->input_len);
		memcpy(s->input + s->input_len, part.ptr, part.len);
		s->input_len += part.len;
		bytes = slice_from(bytes, part.len);
		handle_frames(c, s, now);
	}
	/* Any byte shows that it lives. */
	if (s->state != STATION_CLOSING)
		callmanager_deadline_set(c, s, dt_time_add(now, idle_limit(c, s)));
}

void station_expire(struct callmanager *c, struct station *s, dt_time now)
{
	if (s->state != STATION_CLOSING) {
		station_close(c, s, UNREGISTER_KEEPALIVE, now);
		return;
	}
	/* The second after a reject is over. */
	s->close = true;
	callmanager_wake(c, s);
}
