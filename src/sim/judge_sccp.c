/* What a CallManager owes each connection, modelled from what arrived at it and left it on the wire
 * and from what the disk holds: never from the server's own state (invariants 3, 4, 5, 7, 10 and
 * 12). What arrives is answered within the same event, but for a Register that waits for the disk
 * or contests a name.
 *
 * The second server's records are those of the copy it started from. */
#include "sim/judge.h"

#include "base/text.h"
#include "model/phone_type.h"
#include "proto/sccp/sccp_words.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define OVERDUE     DT_SECONDS(35) /* a keepalive, and five seconds */
#define PROBE       DT_SECONDS(3)  /* so long a phone may keep another one of its name waiting */
#define UNHEARD     DT_SECONDS(90) /* of a connection that said nothing that counts */
#define SWEEP_SLACK DT_SECONDS(2)
#define REJECTED    DT_SECONDS(4)  /* a refused phone's connection is gone by then */
#define UNDECIDED   DT_SECONDS(60) /* no disk of these worlds takes that long */
#define CLOCK_TOLD  DT_SECONDS(3660)
#define CLOCK_WRONG 61 /* s: a timer tells the time of the last message */
#define BUTTON_LINE 9
#define BUTTON_DIAL 2
#define NEWEST      22
#define LAST_ABSURD 25

static uint32_t get_le32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static struct judge_sccp *judge_of(struct world *w)
{
	return &w->judge_sccp;
}

static const struct device *record_of(const struct world *w, unsigned node, const char *name)
{
	return node == 0 ? disk_find_device(&w->disk, name)
			 : reg_device_find(w->node[node].reg, name);
}

static void name_of(const struct world *w, const struct sccp_session *s,
		    char to[static DEVICE_NAME_SIZE])
{
	char hex[MAC_HEX_SIZE];

	(void)w;
	(void)snprintf(to, DEVICE_NAME_SIZE, "SEP%s", mac_format_hex(sim_mac(s->name), hex));
}

/* Who bears this name at this server: the connection that was told so last. */
static struct sim_connection *bearer_of(struct world *w, unsigned node, uint32_t name)
{
	struct sim_connection *c = name < w->config.phones ? w->phones[name].bearer[node] : NULL;

	return c != NULL && c->node == node && c->station != 0 && c->session.acked &&
		       c->session.name == name
		   ? c
		   : NULL;
}

static void owe(struct judge_sccp *j, uint32_t id, uint32_t value)
{
	if (j->owed_count < JUDGE_OWED_MAX)
		j->owed[j->owed_count++] = (struct judge_owed){id, value};
}

/* Takes one answer of this kind off the list; false when none was owed. */
static bool settle(struct judge_sccp *j, uint32_t id, uint32_t *ret_value)
{
	for (size_t i = 0; i < j->owed_count; i++) {
		if (j->owed[i].id != id)
			continue;
		*ret_value = j->owed[i].value;
		j->owed_count--;
		memmove(&j->owed[i], &j->owed[i + 1], (j->owed_count - i) * sizeof j->owed[0]);
		return true;
	}
	return false;
}

/* What a phone asks while it registers, and by what it is answered: docs/protocol/sccp.md. */
static const struct {
	uint32_t asked, answered;
	uint8_t other_from;
	uint32_t other;
} answers[] = {
    {SCCP_BUTTON_TEMPLATE_REQ, SCCP_BUTTON_TEMPLATE_RES, 0, 0},
    {SCCP_SOFT_KEY_TEMPLATE_REQ, SCCP_SOFT_KEY_TEMPLATE_RES, 0, 0},
    {SCCP_SOFT_KEY_SET_REQ, SCCP_SOFT_KEY_SET_RES, 0, 0},
    {SCCP_CONFIG_STAT_REQ, SCCP_CONFIG_STAT_RES, 0, 0},
    {SCCP_LINE_STAT_REQ, SCCP_LINE_STAT_RES, 17, SCCP_LINE_STAT_V2_RES},
    {SCCP_SPEED_DIAL_STAT_REQ, SCCP_SPEED_DIAL_STAT_RES, 0, 0},
    {SCCP_FORWARD_STAT_REQ, SCCP_FORWARD_STAT_RES, 0, 0},
    {SCCP_FEATURE_STAT_REQ, SCCP_FEATURE_STAT_RES, 0, 0},
    {SCCP_SERVICE_URL_STAT_REQ, SCCP_SERVICE_URL_STAT_RES, 7, SCCP_SERVICE_URL_STAT_V2_RES},
    {SCCP_VERSION_REQ, SCCP_VERSION_RES, 0, 0},
    {SCCP_SERVER_REQ, SCCP_SERVER_RES, 0, 0},
    {SCCP_SUBSCRIPTION_STAT_REQ, SCCP_SUBSCRIPTION_STAT_RES, 0, 0},
    {SCCP_CALL_COUNT_REQ, SCCP_CALL_COUNT_RESP, 0, 0},
    {SCCP_TIME_DATE_REQ, SCCP_DEFINE_TIME_DATE, 0, 0},
};

static void owe_answer(struct judge_sccp *j, struct sccp_session *s, const struct sccp_message *m)
{
	for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
		if (answers[i].asked != m->id)
			continue;
		bool other = answers[i].other_from != 0 && s->version >= answers[i].other_from;
		owe(j, other ? answers[i].other : answers[i].answered, m->value);
	}
	if (m->id == SCCP_SOFT_KEY_SET_REQ && !s->keys_shown) {
		s->keys_shown = true;
		owe(j, SCCP_SELECT_SOFT_KEYS, 0);
		owe(j,
		    s->version >= 17 ? SCCP_DISPLAY_PROMPT_STATUS_V2 : SCCP_DISPLAY_PROMPT_STATUS,
		    0);
	}
	if (m->id == SCCP_TIME_DATE_REQ)
		s->complete = true;
	if (m->id == SCCP_OFF_HOOK && !s->off_hook) {
		s->off_hook = true;
		owe(j, SCCP_START_TONE, SCCP_TONE_INSIDE_DIAL_TONE);
	}
	if (m->id == SCCP_ON_HOOK && s->off_hook) {
		owe(j, SCCP_STOP_TONE, 0);
		owe(j, SCCP_DEFINE_TIME_DATE, 0);
		j->hangs_up = true;
	}
}

/* Is a number of the range free, by what the disk holds and is about to hold? */
static bool number_is_free(const struct world *w)
{
	const struct settings *s = &w->disk.settings;
	size_t size = s->autoreg_last - s->autoreg_first + 1;
	size_t taken = 0;

	for (size_t i = 0; i < w->disk.device_count; i++) {
		uint64_t n = strtoull(w->disk.devices[i].dn, NULL, 10);
		taken += n >= s->autoreg_first && n <= s->autoreg_last;
	}
	return taken + disk_pending_devices(&w->disk) < size;
}

static bool window_is_open(const struct world *w)
{
	const struct settings *s = &w->disk.settings;

	return s->autoreg_on &&
	       (s->autoreg_until_unix_s == 0 || world_unix_s(w) < s->autoreg_until_unix_s);
}

static void on_register(struct world *w, struct sim_connection *c, const struct sccp_register *reg)
{
	struct sccp_session *s = &c->session;
	struct mac mac;

	if (s->undecided)
		return;
	/* On the same connection again: a new registration. */
	*s = (struct sccp_session){.heard = w->now,
				   .opened = s->opened,
				   .undecided = true,
				   .asked_at = w->now,
				   .type = reg->device_type,
				   .offered = reg->protocol_version,
				   .name = UINT32_MAX};
	if (mac_of_device_name(reg->name, &mac) == 0) {
		const struct sim_phone *p = phones_by_mac(w, mac);
		s->name = p != NULL ? (uint32_t)(p - w->phones) : UINT32_MAX;
	}
	(void)text_copy(w->judge_sccp.load, sizeof w->judge_sccp.load, reg->load);
	const struct device *d = record_of(w, c->node, reg->name);
	const struct sim_connection *older = bearer_of(w, c->node, s->name);
	struct judge_sccp *j = judge_of(w);
	bool other_model = d != NULL && d->type != 0 && d->type != reg->device_type;
	bool unknown = d == NULL && (c->node != 0 || !window_is_open(w)) &&
		       !disk_device_is_pending(&w->disk, reg->name);
	if (other_model || unknown)
		owe(j, SCCP_REGISTER_REJECT, 0);
	else if (d != NULL &&
		 (older == NULL || older == c || w->now - older->session.heard > OVERDUE ||
		  ip4_equal(older->peer, c->peer)))
		owe(j, SCCP_REGISTER_ACK, 0);
}

static void on_message(struct world *w, struct sim_connection *c, const struct sccp_message *m)
{
	struct judge_sccp *j = judge_of(w);
	struct sccp_session *s = &c->session;

	switch (m->id) {
	case SCCP_KEEP_ALIVE:
		j->keepalives_owed++;
		if (!s->acked && !s->undecided)
			s->stands_by = true;
		break;
	case SCCP_REGISTER:
		on_register(w, c, &m->reg);
		break;
	case SCCP_REGISTER_TOKEN_REQ:
		owe(j, SCCP_REGISTER_TOKEN_ACK, 0);
		break;
	case SCCP_UNREGISTER:
		owe(j, SCCP_UNREGISTER_ACK, 0);
		s->acked = false;
		s->complete = false;
		s->ends = true;
		break;
	default:
		if (s->acked)
			owe_answer(j, s, m);
		break;
	}
}

void judge_sccp_open(struct world *w, struct sim_connection *c)
{
	c->session = (struct sccp_session){.heard = w->now, .opened = w->now, .name = UINT32_MAX};
}

void judge_sccp_in(struct world *w, struct sim_connection *c, struct slice bytes)
{
	struct judge_sccp *j = judge_of(w);
	struct slice frame;
	static struct sccp_message m; /* large */
	int used = 0;

	j->owed_count = 0;
	j->keepalives_owed = 0;
	j->hangs_up = false;
	j->connection = c;
	if (c->session.ends || c->session.rejected_at != 0)
		return;
	c->session.heard = w->now;
	while ((used = sccp_frame_next(bytes, &frame)) > 0 && !c->session.ends) {
		bytes = slice_from(bytes, (size_t)used);
		/* Nearly all there is: a KeepAlive says nothing more. */
		if (frame.len == SCCP_HEADER_SIZE && get_le32(frame.ptr + 8) == SCCP_KEEP_ALIVE)
			m.id = SCCP_KEEP_ALIVE;
		else if (sccp_decode_as(frame, c->session.version, &m, NULL) != 0)
			continue;
		on_message(w, c, &m);
	}
}

/* What a phone of this record must be told. */

static uint8_t version_of(uint8_t offered, uint32_t cap)
{
	uint32_t most = cap != 0 && cap < NEWEST ? cap : NEWEST;

	if (offered < 3 || offered > LAST_ABSURD)
		return 3;
	most = offered < most ? offered : most;
	return (uint8_t)(most >= 22 ? 22 : most >= 17 ? 17 : most >= 11 ? 11 : most < 3 ? 3 : most);
}

static const char *nth(const char *list, uint32_t n, char *to, size_t size)
{
	to[0] = 0;
	for (uint32_t i = 1; *list != 0; i++) {
		size_t len = strcspn(list, ",");
		if (i == n) {
			(void)text_copy_slice(to, size, slice_of(list, len));
			return to;
		}
		list += len + (list[len] == ',');
	}
	return to;
}

static uint32_t count_of(const char *list)
{
	uint32_t count = list[0] != 0;

	for (; *list != 0; list++)
		count += *list == ',';
	return count;
}

static uint32_t lines_of(const struct device *d)
{
	return d->dn[0] == 0 ? 0 : 1 + count_of(d->lines);
}

static const char *number_of(const struct device *d, uint32_t index, char *to, size_t size)
{
	to[0] = 0;
	if (index == 1)
		(void)text_copy(to, size, d->dn);
	else if (index > 1)
		(void)nth(d->lines, index - 1, to, size);
	return to;
}

static const char *wrong_ack(struct world *w, struct sim_connection *c,
			     const struct sccp_register_ack *a, const struct device *d)
{
	const struct settings *set = &w->disk.settings;

	if (a->keepalive_s != set->keepalive_s ||
	    a->secondary_keepalive_s != set->secondary_keepalive_s)
		return "other keepalive times than are set";
	if (a->protocol_version != version_of(c->session.offered, d->protocol_max))
		return "another version than the two agree on";
	if (strcmp(a->date_template, set->date_template) != 0)
		return "another date template than is set";
	return NULL;
}

static const char *wrong_buttons(const struct sccp_button_template *b, const struct device *d)
{
	const struct phone_type *type = phone_type_find(d->type);
	uint32_t lines = lines_of(d) > 0 ? lines_of(d) : 1;

	/* A 7912's keys are no column. */
	if (type == NULL || type->number == 30007)
		return b->count == 0 || b->count != b->total ? "a template without buttons" : NULL;
	if (b->count != type->buttons || b->total != b->count)
		return "another number of buttons than the model has";
	for (uint32_t i = 0; i < b->count; i++) {
		uint8_t want = i < lines                              ? BUTTON_LINE
			       : i < lines + count_of(d->speed_dials) ? BUTTON_DIAL
								      : 255;
		uint8_t instance = want == BUTTON_LINE   ? (uint8_t)(i + 1)
				   : want == BUTTON_DIAL ? (uint8_t)(i - lines + 1)
							 : 0;
		if (b->button[i].definition != want || b->button[i].instance != instance)
			return "another button than the record gives";
	}
	return NULL;
}

static const char *wrong_line(const struct sccp_line_stat *l, const struct device *d,
			      uint32_t index)
{
	char dn[DEVICE_DN_SIZE];
	const char *label = index == 1 && d->label[0] != 0 ? d->label : dn;

	(void)number_of(d, index, dn, sizeof dn);
	if (l->line != index || strcmp(l->number, dn) != 0)
		return "another number than the record has on this line";
	if (strcmp(l->label, label) != 0 || strcmp(l->name, label) != 0)
		return "another label than the record has on this line";
	return NULL;
}

static const char *wrong_speed_dial(const struct sccp_speed_dial *s, const struct device *d,
				    uint32_t index)
{
	char one[DEVICE_DN_SIZE + DEVICE_LABEL_SIZE];
	char label[DEVICE_LABEL_SIZE] = "";

	(void)nth(d->speed_dials, index, one, sizeof one);
	char *sign = strchr(one, '=');
	(void)text_copy(label, sizeof label, sign != NULL ? sign + 1 : one);
	if (sign != NULL)
		*sign = 0;
	if (s->index != index || strcmp(s->number, one) != 0 || strcmp(s->label, label) != 0)
		return "another speed dial than the record has";
	return NULL;
}

static const char *wrong_servers(struct world *w, const struct sim_connection *c,
				 const struct sccp_server_list *l, const struct device *d)
{
	unsigned count = d->pool[0] != 0 ? SIM_NODES : 1;

	for (unsigned k = 0; k < 5; k++) {
		struct ip4 want = k >= count   ? ip4_of(0)
				  : count == 1 ? sim_node_ip(0)
					       : sim_node_ip(k);
		(void)w;
		(void)c;
		if (!ip4_equal(l->ip[k], want) || (k < count && l->port[k] != SCCP_PORT))
			return "another list of CallManagers than its group's";
	}
	return NULL;
}

static const char *wrong_time(struct world *w, const struct sccp_time_date *t, bool asked)
{
	time_t local = (time_t)((int64_t)t->unix_s + w->disk.settings.utc_offset_s);
	int64_t off = (int64_t)t->unix_s - world_unix_s(w);
	struct tm tm = {0};

	/* Before 1970 and after 2106 the number has gone round. */
	if (world_unix_s(w) < 0 || world_unix_s(w) > UINT32_MAX || gmtime_r(&local, &tm) == NULL)
		return NULL;
	if ((off < -CLOCK_WRONG || off > CLOCK_WRONG) &&
	    (asked || w->now - w->clock_jumped > DT_SECONDS(CLOCK_WRONG)))
		return "another time than it is";
	if (t->year != (uint32_t)tm.tm_year + 1900 || t->month != (uint32_t)tm.tm_mon + 1 ||
	    t->day != (uint32_t)tm.tm_mday || t->weekday != (uint32_t)tm.tm_wday ||
	    t->hour != (uint32_t)tm.tm_hour || t->minute != (uint32_t)tm.tm_min ||
	    t->second != (uint32_t)tm.tm_sec)
		return "a date that is none, or of another time zone";
	return NULL;
}

/* The soft keys there are, in the catalogue's order; and what stands on hook and connected. */
static const char *wrong_keys(const struct sccp_soft_key_template *t)
{
	static const uint8_t events[] = {
#define K(word, event, label) event,
#include "model/softkey_words.def"
#undef K
	};
	uint32_t at = 0;

	for (size_t i = 0; i < sizeof events; i++) {
		if (events[i] == 0)
			continue;
		if (at >= t->count || t->key[at].event != events[i])
			return "another soft key than the catalogue has";
		at++;
	}
	return t->count != at || t->total != at ? "another number of soft keys" : NULL;
}

static const char *wrong_sets(const struct sccp_soft_key_sets *s)
{
	static const uint16_t on_hook[] = {301, 302, 305, 0};
	static const uint16_t connected[] = {303, 309, 304, 314, 313, 315, 0};

	if (s->count != 11 || s->total != 11)
		return "another number of soft-key sets";
	if (memcmp(s->set[0].info, on_hook, sizeof on_hook) != 0 ||
	    memcmp(s->set[1].info, connected, sizeof connected) != 0)
		return "other soft keys than this situation has";
	return NULL;
}

static const char *wrong_config(struct world *w, const struct sccp_config_stat *s,
				const struct device *d)
{
	if (strcmp(s->name, d->name) != 0 ||
	    strcmp(s->server_name, w->disk.settings.server_name) != 0)
		return "the names of others";
	if (s->lines != lines_of(d) || s->speed_dials != count_of(d->speed_dials))
		return "another number of lines or speed dials than the record has";
	return NULL;
}

static bool tells_of_a_record(uint32_t id)
{
	return id == SCCP_REGISTER_ACK || id == SCCP_BUTTON_TEMPLATE_RES ||
	       id == SCCP_LINE_STAT_RES || id == SCCP_LINE_STAT_V2_RES ||
	       id == SCCP_SPEED_DIAL_STAT_RES || id == SCCP_CONFIG_STAT_RES ||
	       id == SCCP_SERVER_RES;
}

/* What is wrong with an answer, or NULL. */
static const char *wrong_answer(struct world *w, struct sim_connection *c,
				const struct sccp_message *m, const struct device *d,
				uint32_t value)
{
	if (d == NULL && tells_of_a_record(m->id))
		return "of a record that is not on the disk";
	switch (m->id) {
	case SCCP_REGISTER_ACK:
		return wrong_ack(w, c, &m->ack, d);
	case SCCP_BUTTON_TEMPLATE_RES:
		return wrong_buttons(&m->buttons, d);
	case SCCP_LINE_STAT_RES:
	case SCCP_LINE_STAT_V2_RES:
		return wrong_line(&m->line, d, value);
	case SCCP_SPEED_DIAL_STAT_RES:
		return wrong_speed_dial(&m->speed_dial, d, value);
	case SCCP_CONFIG_STAT_RES:
		return wrong_config(w, &m->config, d);
	case SCCP_SERVER_RES:
		return wrong_servers(w, c, &m->servers, d);
	case SCCP_DEFINE_TIME_DATE:
		c->session.time_told = w->now;
		return wrong_time(w, &m->time, true);
	case SCCP_SOFT_KEY_TEMPLATE_RES:
		return wrong_keys(&m->soft_keys);
	case SCCP_SOFT_KEY_SET_RES:
		return wrong_sets(&m->soft_key_sets);
	case SCCP_FORWARD_STAT_RES:
		return m->forward.line != value || m->forward.active != 0
			   ? "a forwarding nobody set"
			   : NULL;
	case SCCP_FEATURE_STAT_RES:
		return m->feature.index != value ? "another button than was asked for" : NULL;
	case SCCP_SERVICE_URL_STAT_RES:
	case SCCP_SERVICE_URL_STAT_V2_RES:
		return m->service_url.index != value ? "another button than was asked for" : NULL;
	case SCCP_VERSION_RES:
		return m->version[0] == 0 ? "no load" : NULL;
	case SCCP_SELECT_SOFT_KEYS:
		return !c->session.off_hook && m->select.set != 0 ? "the keys of a call" : NULL;
	case SCCP_START_TONE:
		return value != 0 && m->tone.tone != value ? "another tone" : NULL;
	case SCCP_UNREGISTER_ACK:
		return m->value != 0 ? "that it may not go" : NULL;
	default:
		return NULL;
	}
}

/* The name is this connection's: rightly, and nobody else's any more? */
static void on_ack(struct world *w, struct sim_connection *c, const struct device *d)
{
	struct sccp_session *s = &c->session;
	struct sim_connection *older = bearer_of(w, c->node, s->name);
	char name[DEVICE_NAME_SIZE];

	name_of(w, s, name);
	if (!s->undecided)
		invariants_violated(w, 12, "%s gets a RegisterAck it did not ask for", name);
	if (d != NULL && d->type != 0 && d->type != s->type)
		invariants_violated(w, 7, "%s is let in although its record is of another model",
				    name);
	if (older != NULL && older != c) {
		bool silent =
		    w->now - s->asked_at >= PROBE || w->now - older->session.heard > OVERDUE;
		if (!ip4_equal(older->peer, c->peer) &&
		    (!silent || older->session.heard > s->asked_at))
			invariants_violated(w, 7, "%s is alive and loses its name to another phone",
					    name);
		older->session.acked = false;
		older->session.complete = false;
		older->session.ends = true;
		w->judge_sccp.replaced = older;
	}
	s->undecided = false;
	s->acked = true;
	s->version = version_of(s->offered, d != NULL ? d->protocol_max : 0);
	s->time_told = w->now;
	if (s->name < w->config.phones)
		w->phones[s->name].bearer[c->node] = c;
	owe(judge_of(w), SCCP_CAPABILITIES_REQ, 0);
	w->judge_sccp.connection = c;
}

/* Why this one may be refused, by what the disk holds; NULL: it may not. */
static bool may_refuse(struct world *w, struct sim_connection *c, const char *name,
		       const char *text)
{
	const struct device *d = record_of(w, c->node, name);
	const struct sccp_session *s = &c->session;
	const struct sim_connection *older =
	    s->name < w->config.phones ? w->phones[s->name].bearer[c->node] : NULL;

	/* Any word of the one that bears the name decides, even that it leaves. */
	if (older != NULL && older != c && older->session.name == s->name &&
	    older->session.heard >= s->asked_at &&
	    strcmp(text, reason_row(REASON_NAME_IN_USE)->text) == 0)
		return true;
	if (d != NULL && d->type != 0 && d->type != s->type)
		return strcmp(text, reason_row(REASON_TYPE_MISMATCH)->text) == 0;
	if (d != NULL)
		return w->disk.failed_at >= s->asked_at;
	if (c->node != 0 || !window_is_open(w))
		return strcmp(text, reason_row(REASON_NOT_IN_DATABASE)->text) == 0 ||
		       strcmp(text, reason_row(REASON_NAME_NEAR_MISS)->text) == 0 ||
		       w->disk.failed_at >= s->asked_at;
	if (w->disk.failed_at >= s->asked_at)
		return strcmp(text, reason_row(REASON_DATABASE_ERROR)->text) == 0;
	return !number_is_free(w) && strcmp(text, reason_row(REASON_NO_FREE_NUMBER)->text) == 0;
}

static void on_reject(struct world *w, struct sim_connection *c, const char *text)
{
	char name[DEVICE_NAME_SIZE];
	uint32_t value = 0;

	name_of(w, &c->session, name);
	(void)settle(judge_of(w), SCCP_REGISTER_REJECT, &value);
	if (!c->session.undecided)
		invariants_violated(w, 12, "%s is refused and had not asked", name);
	else if (!may_refuse(w, c, name, text))
		invariants_violated(w, 7, "%s is refused for no reason of its own: \"%s\"", name,
				    text);
	c->session.undecided = false;
	c->session.rejected_at = w->now;
}

/* What nobody asked for on this connection. */
static const char *wrong_news(struct world *w, struct sim_connection *c,
			      const struct sccp_message *m)
{
	struct sccp_session *s = &c->session;

	switch (m->id) {
	case SCCP_RESET:
		if (s->reset_ordered == 0 || m->value != s->reset_ordered)
			return "a reset that nobody ordered, or another one";
		s->reset_ordered = 0;
		s->reset_due = false;
		return NULL;
	case SCCP_CAPABILITIES_REQ:
		/* Another one contests its name. */
		return s->acked ? NULL : "asked for its capabilities before it registered";
	case SCCP_DEFINE_TIME_DATE:
		s->time_told = w->now;
		return s->acked ? wrong_time(w, &m->time, false) : "the time, unasked";
	default:
		return s->off_hook ? NULL : "a message that nobody asked for";
	}
}

static void on_frame_out(struct world *w, struct sim_connection *c, struct slice frame)
{
	struct judge_sccp *j = judge_of(w);
	static struct sccp_message m; /* large */
	const struct device *d = NULL;
	const char *why = NULL;
	char name[DEVICE_NAME_SIZE] = "a phone";
	uint32_t value = 0;

	if (frame.len == SCCP_HEADER_SIZE && get_le32(frame.ptr + 8) == SCCP_KEEP_ALIVE_ACK) {
		if (j->connection != c || j->keepalives_owed == 0)
			invariants_violated(w, 12, "a keepalive is answered that nobody sent");
		else
			j->keepalives_owed--;
		return;
	}
	if (sccp_decode_as(frame, c->session.version, &m, NULL) != 0) {
		invariants_violated(w, 12, "server %u sends what is no SCCP", c->node + 1u);
		return;
	}
	if (c->session.name != UINT32_MAX) {
		name_of(w, &c->session, name);
		d = record_of(w, c->node, name);
	}
	if (m.id == SCCP_REGISTER_REJECT) {
		on_reject(w, c, m.reject_text);
		return;
	}
	bool asked = j->connection == c && settle(j, m.id, &value);
	if (m.id == SCCP_REGISTER_ACK) {
		if (d == NULL)
			invariants_violated(w, 4, "RegisterAck for %s, which is not on the disk",
					    name);
		else
			why = wrong_ack(w, c, &m.ack, d);
		on_ack(w, c, d);
	} else if (asked && (d != NULL || !c->session.acked)) {
		why = wrong_answer(w, c, &m, d, value);
	} else if (!asked) {
		why = wrong_news(w, c, &m);
	}
	if (why != NULL)
		invariants_violated(w, 12, "%s is told %s (0x%04x)", name, why, m.id);
}

/* May the server end this connection? */
static bool may_close(const struct world *w, const struct sim_connection *c)
{
	const struct sccp_session *s = &c->session;
	dt_time silent = w->now - s->heard;
	dt_time patience = DT_SECONDS(2 * (dt_time)w->disk.settings.keepalive_s + 5);
	dt_time standby = DT_SECONDS(3 * (dt_time)w->disk.settings.secondary_keepalive_s);

	if (s->ends || s->rejected_at != 0 || s->undecided)
		return true;
	if (s->acked)
		return silent >= patience;
	return silent >= (s->stands_by ? standby : UNHEARD);
}

void judge_sccp_out(struct world *w, struct sim_connection *c, struct slice bytes, bool close)
{
	struct slice frame;
	int used = 0;

	while (bytes.len > 0 && (used = sccp_frame_next(bytes, &frame)) > 0) {
		bytes = slice_from(bytes, (size_t)used);
		on_frame_out(w, c, frame);
	}
	if (bytes.len > 0)
		invariants_violated(w, 12, "server %u sends half a message", c->node + 1u);
	if (close && judge_of(w)->connection == c && judge_of(w)->owed_count > 0)
		invariants_violated(w, 12, "server %u goes without answer 0x%04x to phone %u",
				    c->node + 1u, judge_of(w)->owed[0].id, c->who);
	if (close && !may_close(w, c))
		invariants_violated(w, 12,
				    "server %u closes a connection of phone %u for no reason",
				    c->node + 1u, c->who);
	if (close) {
		c->session.acked = false;
		c->session.complete = false;
	}
}

void judge_sccp_settled(struct world *w, struct sim_connection *c)
{
	struct judge_sccp *j = judge_of(w);
	const struct sim_connection *replaced = j->replaced;

	j->replaced = NULL;
	j->connection = NULL;
	if (replaced != NULL && replaced->station != 0 && replaced->session.ends)
		invariants_violated(w, 3, "a phone has two connections to server %u",
				    replaced->node + 1u);
	if (c == NULL || c->station == 0)
		return;
	if (j->keepalives_owed > 0)
		invariants_violated(w, 12, "server %u leaves a keepalive of phone %u unanswered",
				    c->node + 1u, c->who);
	if (j->owed_count > 0)
		invariants_violated(w, 12, "server %u leaves phone %u without answer 0x%04x",
				    c->node + 1u, c->who, j->owed[0].id);
	if (c->session.ends)
		invariants_violated(w, 12, "server %u keeps a phone that left", c->node + 1u);
	if (j->hangs_up)
		c->session.off_hook = false;
}

void judge_sccp_reset_ordered(struct world *w, unsigned node, uint32_t name, uint32_t type)
{
	struct sim_connection *c = bearer_of(w, node, name);

	if (c == NULL)
		return;
	c->session.reset_ordered = type;
	c->session.reset_due = c->session.complete;
}

static void check_connection(struct world *w, const struct sim_connection *c)
{
	const struct sccp_session *s = &c->session;
	dt_time silent = w->now - s->heard - SWEEP_SLACK;
	const char *why = NULL;

	if (s->acked && silent > DT_SECONDS(2 * (dt_time)w->disk.settings.keepalive_s + 5))
		why = "is silent and is not given up";
	else if (!s->acked && !s->undecided &&
		 silent > (s->stands_by
			       ? DT_SECONDS(3 * (dt_time)w->disk.settings.secondary_keepalive_s)
			       : UNHEARD))
		why = "says nothing and keeps its connection";
	else if (s->rejected_at != 0 && w->now - s->rejected_at > REJECTED)
		why = "was refused and keeps its connection";
	else if (s->undecided && w->now - s->asked_at > UNDECIDED &&
		 w->now - w->disk.stalled_until > UNDECIDED)
		why = "asked to register and was never answered";
	else if (s->reset_ordered != 0 && s->reset_due)
		why = "was to be reset, and was not";
	else if (s->complete && w->now - s->time_told > CLOCK_TOLD)
		why = "was not told the time for an hour";
	if (why != NULL)
		invariants_violated(w, s->undecided || s->reset_due ? 12 : 10,
				    "server %u: phone %u %s", c->node + 1u, c->who, why);
}

void judge_sccp_sweep(struct world *w, const struct sim_node *n)
{
	const struct sim_connection *c = NULL;
	size_t least = 0;
	size_t most = 0;
	size_t counted = callmanager_registered_count(n->callmanager);

	for (size_t at = 0; (c = map_next(&n->connections, &at)) != NULL;) {
		least += c->session.complete;
		most += c->session.acked;
		check_connection(w, c);
	}
	/* Whose last question was lost on the way is taken for registered after a while. */
	if (counted < least || counted > most)
		invariants_violated(w, 10, "server %u counts %zu registered phones of %zu",
				    n->index + 1, counted, least);
}
