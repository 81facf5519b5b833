/* The phone's SCCP connections: opening, frames, keepalives, the end. What a connection is for is
 * decided in phone_list.c (which member of the CallManager list) and phone_sccp.c (registration).
 *
 *   CLOSED --connect--> CONNECTING --open--> active:  [TOKEN -->] REGISTERING --> ASKING -->
 *                           |                         REGISTERED --> LEAVING --> CLOSED
 *                           |                standby: OPEN [--> TOKEN --> OPEN]
 *                           \--refused, 15 s of silence--> CLOSED
 *
 * A standby connection carries keepalives and nothing else, and silence is a fine answer to them:
 * captured CallManagers only acknowledge the segment. */
#include "phone/phone_internal.h"

static struct sccp_link *link_of(struct phone *p, unsigned connection, enum link_role *ret_role)
{
	for (unsigned role = 0; connection != 0 && role < LINK_COUNT; role++) {
		if (p->link[role].connection == connection) {
			*ret_role = (enum link_role)role;
			return &p->link[role];
		}
	}
	return NULL;
}

static void link_reset(struct sccp_link *l)
{
	buf_done(&l->input);
	*l = (struct sccp_link){.deadline = DT_NEVER, .keepalive_at = DT_NEVER};
	buf_init(&l->input, SCCP_FRAME_MAX);
}

void link_send(struct phone *p, enum link_role role, struct sccp_message *m)
{
	uint8_t bytes[PHONE_BYTES_MAX];
	struct writer w = writer_of(bytes, sizeof bytes);
	const struct sccp_link *l = &p->link[role];

	m->header_version = sccp_header_version(m->id, l->version);
	if (sccp_encode(m, l->version, &w) != 0)
		return;
	struct phone_action *a = phone_act(p, PHONE_TCP_SEND, writer_done(&w));
	if (a != NULL)
		a->connection = l->connection;
}

void link_connect(struct phone *p, enum link_role role, unsigned member, dt_time now)
{
	struct sccp_link *l = &p->link[role];

	link_reset(l);
	l->state = LINK_CONNECTING;
	l->member = member;
	l->connection = ++p->next_connection;
	l->deadline = dt_time_add(now, p->profile->connect_us);
	struct phone_action *a = phone_act(p, PHONE_TCP_CONNECT, slice_of(NULL, 0));
	if (a == NULL)
		return;
	a->connection = l->connection;
	a->to = p->list.member[member];
}

void link_close(struct phone *p, enum link_role role)
{
	struct sccp_link *l = &p->link[role];
	struct phone_action *a =
	    l->connection != 0 ? phone_act(p, PHONE_TCP_CLOSE, slice_of(NULL, 0)) : NULL;

	if (a != NULL)
		a->connection = l->connection;
	link_reset(l);
}

void link_move(struct phone *p, enum link_role from, enum link_role to)
{
	link_close(p, to);
	p->link[to] = p->link[from];
	p->link[from] = (struct sccp_link){.deadline = DT_NEVER, .keepalive_at = DT_NEVER};
	buf_init(&p->link[from].input, SCCP_FRAME_MAX);
}

void link_opened(struct phone *p, unsigned connection, dt_time now)
{
	enum link_role role = LINK_ACTIVE;
	struct sccp_link *l = link_of(p, connection, &role);

	if (l == NULL || l->state != LINK_CONNECTING)
		return;
	l->deadline = DT_NEVER;
	if (role == LINK_ACTIVE) {
		sccp_client_open(p, now);
		return;
	}
	l->state = LINK_OPEN;
	l->keepalive_at = dt_time_add(now, p->sccp.standby_interval);
	list_standby_opened(p, role, now);
}

/* The connection is gone, whoever ended it. */
static void lost(struct phone *p, enum link_role role, enum last_reason why, dt_time now)
{
	if (role == LINK_ACTIVE)
		list_active_lost(p, why, now);
	else
		list_standby_lost(p, role, now);
}

void link_ended(struct phone *p, unsigned connection, enum last_reason why, dt_time now)
{
	enum link_role role = LINK_ACTIVE;
	struct sccp_link *l = link_of(p, connection, &role);

	if (l == NULL)
		return;
	l->connection = 0; /* there is none to close */
	if (l->state == LINK_LEAVING)
		sccp_client_left(p, now);
	else
		lost(p, role, why, now);
}

static void on_standby_message(struct phone *p, enum link_role role, const struct sccp_message *m,
			       dt_time now)
{
	if (p->link[role].state != LINK_TOKEN)
		return;
	if (m->id == SCCP_REGISTER_TOKEN_ACK)
		list_token_answer(p, role, true, 0, now);
	else if (m->id == SCCP_REGISTER_TOKEN_REJECT)
		list_token_answer(p, role, false, m->value, now);
}

static void on_frame(struct phone *p, enum link_role role, struct slice frame, dt_time now)
{
	struct sccp_message m;

	if (sccp_decode_as(frame, p->link[role].version, &m, NULL) != 0)
		return;
	if (m.id == SCCP_KEEP_ALIVE_ACK) {
		p->link[role].keepalives_open = 0;
		p->view.keepalives_acked += role == LINK_ACTIVE;
		p->view.standby_acked += role != LINK_ACTIVE;
	} else if (role == LINK_ACTIVE) {
		sccp_client_message(p, &m, now);
	} else {
		on_standby_message(p, role, &m, now);
	}
}

/* The whole frames at the start of `bytes`; returns how much they were, or a negative error. A
 * message may end this connection, or make a standby of it the active one. */
static int take_frames(struct phone *p, unsigned connection, struct slice bytes, dt_time now)
{
	struct slice frame;
	enum link_role role = LINK_ACTIVE;
	int taken = 0;

	while (link_of(p, connection, &role) != NULL) {
		int used = sccp_frame_next(slice_from(bytes, (size_t)taken), &frame);
		if (used <= 0)
			return used < 0 ? used : taken;
		taken += used;
		on_frame(p, role, frame, now);
	}
	return taken;
}

void link_input(struct phone *p, unsigned connection, struct slice bytes, dt_time now)
{
	enum link_role role = LINK_ACTIVE;
	struct sccp_link *l = link_of(p, connection, &role);
	int used = 0;

	/* Whole frames, the usual case, are read where they lie. */
	if (l != NULL && l->input.len == 0) {
		used = take_frames(p, connection, bytes, now);
		bytes = slice_from(bytes, used > 0 ? (size_t)used : 0);
	}
	while (used >= 0 && bytes.len > 0 && (l = link_of(p, connection, &role)) != NULL) {
		struct buf whole = l->input;
		struct slice part = slice_head(bytes, whole.max - whole.len);
		buf_append(&whole, part);
		bytes = slice_from(bytes, part.len);
		buf_init(&l->input, SCCP_FRAME_MAX); /* while it is read it is nobody's */
		used = buf_error(&whole);
		if (used == 0)
			used = take_frames(p, connection, buf_slice(&whole), now);
		l = link_of(p, connection, &role);
		if (l != NULL && used >= 0 && (size_t)used < whole.len) {
			buf_consume(&whole, (size_t)used);
			l->input = whole;
		} else {
			buf_done(&whole);
		}
	}
	if (used < 0 && link_of(p, connection, &role) != NULL)
		lost(p, role, LAST_BAD_FRAME, now);
}

static void keep_alive(struct phone *p, enum link_role role, dt_time now)
{
	struct sccp_link *l = &p->link[role];

	if (role == LINK_ACTIVE && p->profile->keepalives_lost > 0 &&
	    l->keepalives_open >= p->profile->keepalives_lost) {
		list_active_lost(p, LAST_KEEPALIVE, now);
		return;
	}
	l->keepalive_at = dt_time_add(now, role == LINK_ACTIVE ? p->sccp.keepalive_interval
							       : p->sccp.standby_interval);
	l->keepalives_open++;
	if (role == LINK_ACTIVE)
		p->view.keepalives_sent++;
	else
		p->view.standby_keepalives++;
	link_send(p, role, &(struct sccp_message){.id = SCCP_KEEP_ALIVE});
}

static void on_deadline(struct phone *p, enum link_role role, dt_time now)
{
	struct sccp_link *l = &p->link[role];

	l->deadline = DT_NEVER;
	switch (l->state) {
	case LINK_TOKEN:
		/* CallManagers that know no tokens have had such phones for years: silence lets it
		 * register. To leave a good one for silence would be folly. */
		if (role == LINK_ACTIVE) {
			sccp_client_register(p, now);
			break;
		}
		lost(p, role, LAST_TCP_TIMEOUT, now);
		break;
	case LINK_CONNECTING:
	case LINK_REGISTERING:
		lost(p, role, LAST_TCP_TIMEOUT, now);
		break;
	case LINK_ASKING:
		registration_unanswered(p, now);
		break;
	case LINK_LEAVING:
		p->view.unregisters_unanswered++;
		sccp_client_left(p, now);
		break;
	case LINK_REGISTERED:
	case LINK_OPEN:
	case LINK_CLOSED:
		break;
	}
}

void link_expire(struct phone *p, dt_time now)
{
	for (unsigned role = 0; role < LINK_COUNT; role++) {
		struct sccp_link *l = &p->link[role];
		unsigned connection = l->connection;
		if (now >= l->keepalive_at)
			keep_alive(p, (enum link_role)role, now);
		if (l->connection == connection && now >= l->deadline)
			on_deadline(p, (enum link_role)role, now);
	}
}

dt_time link_deadline(const struct phone *p)
{
	dt_time deadline = DT_NEVER;

	for (unsigned role = 0; role < LINK_COUNT; role++)
		deadline = dt_time_min(
		    deadline, dt_time_min(p->link[role].deadline, p->link[role].keepalive_at));
	return deadline;
}
