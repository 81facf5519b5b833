/* What a phone asks while it registers, and our answers: one row a message. Everything is answered,
 * also for buttons and lines it does not have: a 79xx whose question stays open never leaves
 * "Registering". */
#include "sccp/callmanager.h"
#include "sccp/softkeys.h"

#include "base/text.h"

#include <time.h>

#define LINE_OPTIONS_ALL 15
#define BUTTON_FEATURE   19         /* what a FeatureStat says a button without a record is */
#define PROMPT_OPTIONS   "\200\023" /* the phone's own words: Your current options */
#define FORWARDED        1
#define FORWARDED_V18    2 /* from version 18 on */
#define SPA_FIRST        80000
#define SPA_LAST         80013

#define REPLACED    '?' /* what ISO-8859-1 cannot say */
#define NOT_WATCHED 1   /* cause of a subscription: no route */
#define CALLS_MAX   4   /* a line, and how many of them make it busy */
#define CALLS_BUSY  2

/* What an answer is made from. */
struct answering {
	const struct callmanager *c;
	const struct station *s;
	const struct provision *p;
	const struct sccp_message *asked;
	uint32_t index; /* the line, button … that was asked for */
};

/* Texts of our records into what the phone can show. Phones of the second generation and before
 * take each byte for a character: an umlaut in UTF-8 becomes two strange signs. */
static void say(const struct answering *a, char *to, size_t size, const char *text)
{
	size_t len = 0;

	if (a->s->utf8) {
		(void)text_copy(to, size, text);
		return;
	}
	while (*text != 0 && len + 1 < size) {
		uint8_t first = (uint8_t)*text++;
		uint8_t second = (uint8_t)*text;
		if (first < 0x80) {
			to[len++] = (char)first;
		} else if ((first & 0xfe) == 0xc2 && (second & 0xc0) == 0x80) {
			to[len++] = (char)((first & 3) << 6 | (second & 0x3f));
			text++;
		} else {
			to[len++] = REPLACED;
			while (((uint8_t)*text & 0xc0) == 0x80)
				text++;
		}
	}
	to[len] = 0;
}

typedef void (*answer_fn)(const struct answering *a, struct sccp_message *to);

static void answer_buttons(const struct answering *a, struct sccp_message *to)
{
	to->buttons.count = (uint32_t)a->p->buttons;
	to->buttons.total = (uint32_t)a->p->buttons;
	for (size_t i = 0; i < a->p->buttons && i < SCCP_BUTTONS_MAX; i++)
		to->buttons.button[i] =
		    (struct sccp_button){a->p->button[i].instance, a->p->button[i].definition};
}

static void answer_soft_keys(const struct answering *a, struct sccp_message *to)
{
	(void)a;
	softkeys_template(&to->soft_keys);
}

static void answer_soft_key_sets(const struct answering *a, struct sccp_message *to)
{
	softkeys_sets(a->p, &to->soft_key_sets);
}

static void answer_config(const struct answering *a, struct sccp_message *to)
{
	(void)text_copy(to->config.name, sizeof to->config.name, a->s->claim.name);
	(void)text_copy(to->config.server_name, sizeof to->config.server_name,
			reg_settings(a->c->reg)->server_name);
	to->config.lines = (uint32_t)a->p->lines;
	to->config.speed_dials = (uint32_t)a->p->speed_dials;
}

static const struct provision_line *line_of(const struct answering *a)
{
	return a->index >= 1 && a->index <= a->p->lines ? &a->p->line[a->index - 1] : NULL;
}

static void answer_line(const struct answering *a, struct sccp_message *to)
{
	const struct provision_line *line = line_of(a);

	to->line.line = a->index;
	to->line.options = LINE_OPTIONS_ALL;
	if (line == NULL)
		return;
	(void)text_copy(to->line.number, sizeof to->line.number, line->dn);
	say(a, to->line.name, sizeof to->line.name, line->display);
	say(a, to->line.label, sizeof to->line.label, line->label);
}

static void answer_speed_dial(const struct answering *a, struct sccp_message *to)
{
	to->speed_dial.index = a->index;
	if (a->index < 1 || a->index > a->p->speed_dials)
		return;
	const struct provision_speed_dial *dial = &a->p->speed_dial[a->index - 1];
	(void)text_copy(to->speed_dial.number, sizeof to->speed_dial.number, dial->number);
	say(a, to->speed_dial.label, sizeof to->speed_dial.label, dial->label);
}

static void answer_forward(const struct answering *a, struct sccp_message *to)
{
	const struct provision_line *line = line_of(a);
	uint32_t active = a->s->version >= 18 ? FORWARDED_V18 : FORWARDED;
	struct sccp_forward_stat *f = &to->forward;

	f->line = a->index;
	if (line == NULL)
		return;
	(void)text_copy(f->all, sizeof f->all, line->forward_all);
	(void)text_copy(f->busy, sizeof f->busy, line->forward_busy);
	(void)text_copy(f->no_answer, sizeof f->no_answer, line->forward_no_answer);
	f->all_active = line->forward_all[0] != 0 ? active : 0;
	f->busy_active = line->forward_busy[0] != 0 ? active : 0;
	f->no_answer_active = line->forward_no_answer[0] != 0 ? active : 0;
	f->active = f->all_active | f->busy_active | f->no_answer_active;
}

static void answer_feature(const struct answering *a, struct sccp_message *to)
{
	to->feature.index = a->index;
	to->feature.feature = BUTTON_FEATURE;
}

static void answer_service_url(const struct answering *a, struct sccp_message *to)
{
	to->service_url.index = a->index;
}

/* The load it should run; its own when nothing names one, so that no upgrade starts by accident. */
static void answer_version(const struct answering *a, struct sccp_message *to)
{
	(void)text_copy(to->version, sizeof to->version,
			a->p->load[0] != 0 ? a->p->load : a->s->claim.load);
}

/* The phone's list in its order; a node known by a host name alone has no number to send. */
static void answer_servers(const struct answering *a, struct sccp_message *to)
{
	size_t count = 0;

	for (size_t i = 0; i < a->p->servers; i++) {
		const struct provision_server *server = &a->p->server[i];
		if (ip4_is_zero(server->ip))
			continue;
		(void)text_copy(to->servers.name[count], sizeof to->servers.name[count],
				server->name);
		to->servers.port[count] = server->sccp_port;
		to->servers.ip[count++] = server->ip;
	}
}

/* The phone's local time: its clock has no other source. */
static void answer_time(const struct answering *a, struct sccp_message *to)
{
	time_t local = (time_t)(a->c->unix_s + a->p->utc_offset_s);
	struct tm tm = {0};

	if (gmtime_r(&local, &tm) == NULL)
		return;
	to->time = (struct sccp_time_date){.year = (uint32_t)tm.tm_year + 1900,
					   .month = (uint32_t)tm.tm_mon + 1,
					   .weekday = (uint32_t)tm.tm_wday,
					   .day = (uint32_t)tm.tm_mday,
					   .hour = (uint32_t)tm.tm_hour,
					   .minute = (uint32_t)tm.tm_min,
					   .second = (uint32_t)tm.tm_sec,
					   .unix_s = (uint32_t)a->c->unix_s};
}

/* Call lists of newer phones want to know who is busy. Nobody is watched yet; a question that stays
 * open would be asked again and again. */
static void answer_subscription(const struct answering *a, struct sccp_message *to)
{
	to->subscription = a->asked->subscription;
	to->subscription.cause = NOT_WATCHED;
}

static void answer_call_counts(const struct answering *a, struct sccp_message *to)
{
	struct sccp_call_counts *counts = &to->call_counts;

	counts->lines = (uint32_t)a->p->lines;
	counts->first_line = 1;
	for (; counts->count < counts->lines && counts->count < SCCP_CALL_COUNTS_MAX;
	     counts->count++) {
		counts->item[counts->count].max_calls = CALLS_MAX;
		counts->item[counts->count].busy_trigger = CALLS_BUSY;
	}
}

/* A second form of an answer, from the version on that brought it (reference: sccp 2.3). */
static const struct {
	uint32_t asked, answered;
	answer_fn fill;
	uint8_t other_from;
	uint32_t other;
} answers[] = {
    {SCCP_BUTTON_TEMPLATE_REQ, SCCP_BUTTON_TEMPLATE_RES, answer_buttons, 0, 0},
    {SCCP_SOFT_KEY_TEMPLATE_REQ, SCCP_SOFT_KEY_TEMPLATE_RES, answer_soft_keys, 0, 0},
    {SCCP_SOFT_KEY_SET_REQ, SCCP_SOFT_KEY_SET_RES, answer_soft_key_sets, 0, 0},
    {SCCP_CONFIG_STAT_REQ, SCCP_CONFIG_STAT_RES, answer_config, 0, 0},
    {SCCP_LINE_STAT_REQ, SCCP_LINE_STAT_RES, answer_line, 17, SCCP_LINE_STAT_V2_RES},
    {SCCP_SPEED_DIAL_STAT_REQ, SCCP_SPEED_DIAL_STAT_RES, answer_speed_dial, 0, 0},
    {SCCP_FORWARD_STAT_REQ, SCCP_FORWARD_STAT_RES, answer_forward, 0, 0},
    {SCCP_FEATURE_STAT_REQ, SCCP_FEATURE_STAT_RES, answer_feature, 0, 0},
    {SCCP_SERVICE_URL_STAT_REQ, SCCP_SERVICE_URL_STAT_RES, answer_service_url, 7,
     SCCP_SERVICE_URL_STAT_V2_RES},
    {SCCP_VERSION_REQ, SCCP_VERSION_RES, answer_version, 0, 0},
    {SCCP_SERVER_REQ, SCCP_SERVER_RES, answer_servers, 0, 0},
    {SCCP_TIME_DATE_REQ, SCCP_DEFINE_TIME_DATE, answer_time, 0, 0},
    {SCCP_SUBSCRIPTION_STAT_REQ, SCCP_SUBSCRIPTION_STAT_RES, answer_subscription, 0, 0},
    {SCCP_CALL_COUNT_REQ, SCCP_CALL_COUNT_RESP, answer_call_counts, 0, 0},
};
#define ANSWERS (sizeof answers / sizeof *answers)

static void answer(struct callmanager *c, struct station *s, size_t row,
		   const struct sccp_message *asked)
{
	static struct provision p; /* 20 KB; one thread */
	struct answering a = {.c = c, .s = s, .p = &p, .asked = asked, .index = asked->value};
	bool other = answers[row].other_from != 0 && s->version >= answers[row].other_from;
	struct sccp_message to = {.id = other ? answers[row].other : answers[row].answered};

	reg_provision(c->reg, s->claim.name, s->claim.type, &p);
	answers[row].fill(&a, &to);
	if (to.id == SCCP_SOFT_KEY_TEMPLATE_RES)
		station_send_same(c, s, &to, &c->keys_frame);
	else if (to.id == SCCP_SOFT_KEY_SET_RES && p.softkeys[0] == 0)
		station_send_same(c, s, &to, &c->sets_frame);
	else
		station_send(c, s, &to);
}

void station_send_time(struct callmanager *c, struct station *s)
{
	for (size_t i = 0; i < ANSWERS; i++) {
		if (answers[i].asked == SCCP_TIME_DATE_REQ)
			answer(c, s, i, &(struct sccp_message){.id = SCCP_TIME_DATE_REQ});
	}
}

/* Once the sets are there: the on-hook keys and the usual words above them. */
static void show_soft_keys(struct callmanager *c, struct station *s)
{
	struct sccp_message prompt = {.id = s->version >= VERSION_LONG_TEXTS
						? SCCP_DISPLAY_PROMPT_STATUS_V2
						: SCCP_DISPLAY_PROMPT_STATUS};

	if (s->soft_keys_shown)
		return;
	s->soft_keys_shown = true;
	station_send(
	    c, s,
	    &(struct sccp_message){.id = SCCP_SELECT_SOFT_KEYS, .select = {.mask = 0xffffffff}});
	(void)text_copy(prompt.prompt.text, sizeof prompt.prompt.text, PROMPT_OPTIONS);
	station_send(c, s, &prompt);
}

void station_registered(struct callmanager *c, struct station *s, dt_time now)
{
	station_set_state(c, s, STATION_REGISTERED, now);
	s->clock_at = dt_time_add(now, CLOCK_EVERY);
	callmanager_deadline_update(c, s);
	(void)callmanager_event(c, s, STATION_EVENT_REGISTERED);
}

/* The clock is what a phone asks for last; an SPA says how many lines it has instead. */
static bool is_last_question(const struct station *s, uint32_t id)
{
	bool spa = s->claim.type >= SPA_FIRST && s->claim.type <= SPA_LAST;

	return id == SCCP_TIME_DATE_REQ || (spa && id == SCCP_REGISTER_AVAILABLE_LINES);
}

static bool is_capabilities(uint32_t id)
{
	return id == SCCP_CAPABILITIES_RES || id == SCCP_UPDATE_CAPABILITIES ||
	       id == SCCP_UPDATE_CAPABILITIES_V2 || id == SCCP_UPDATE_CAPABILITIES_V3;
}

bool station_answer(struct callmanager *c, struct station *s, const struct sccp_message *message,
		    dt_time now)
{
	bool answered = false;

	for (size_t i = 0; i < ANSWERS && !answered; i++) {
		answered = answers[i].asked == message->id;
		if (answered)
			answer(c, s, i, message);
	}
	if (message->id == SCCP_SOFT_KEY_SET_REQ)
		show_soft_keys(c, s);
	if (s->state == STATION_REGISTERING && (answered || is_capabilities(message->id)))
		s->clock_at = dt_time_add(now, SETTLED_AFTER);
	if (s->state == STATION_REGISTERING && is_last_question(s, message->id))
		station_registered(c, s, now);
	return answered;
}
