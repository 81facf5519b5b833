/* What a phone asks while it registers, and our answers: one row a message. Everything is answered,
 * also for buttons and lines it does not have: a 79xx whose question stays open never leaves
 * "Registering". */
#include "sccp/callmanager.h"
#include "sccp/softkeys.h"

#include "base/text.h"
#include "model/phone_type.h"

#include <time.h>

#define BUTTON_LINE      9
#define BUTTON_UNDEFINED 0xff
#define BUTTONS_UNKNOWN  6
#define LINE_OPTIONS_ALL 15
#define PROMPT_OPTIONS   "\200\023" /* the phone's own words: Your current options */

typedef void (*answer_fn)(struct callmanager *c, struct station *s, uint32_t index,
			  struct sccp_message *to);

static void answer_buttons(struct callmanager *c, struct station *s, uint32_t index,
			   struct sccp_message *to)
{
	const struct phone_type *type = phone_type_find(s->claim.type);
	uint32_t count = type != NULL && type->buttons > 0 ? type->buttons : BUTTONS_UNKNOWN;

	(void)c;
	(void)index;
	to->buttons.count = count;
	to->buttons.total = count;
	for (uint32_t i = 0; i < count; i++)
		to->buttons.button[i] = (struct sccp_button){0, BUTTON_UNDEFINED};
	to->buttons.button[0] = (struct sccp_button){1, BUTTON_LINE};
}

static void answer_soft_keys(struct callmanager *c, struct station *s, uint32_t index,
			     struct sccp_message *to)
{
	(void)c;
	(void)s;
	(void)index;
	softkeys_template(&to->soft_keys);
}

static void answer_soft_key_sets(struct callmanager *c, struct station *s, uint32_t index,
				 struct sccp_message *to)
{
	(void)c;
	(void)s;
	(void)index;
	softkeys_sets(&to->soft_key_sets);
}

static void answer_config(struct callmanager *c, struct station *s, uint32_t index,
			  struct sccp_message *to)
{
	(void)index;
	(void)text_copy(to->config.name, sizeof to->config.name, s->claim.name);
	(void)text_copy(to->config.server_name, sizeof to->config.server_name,
			reg_settings(c->reg)->server_name);
	to->config.lines = 1;
}

static void answer_line(struct callmanager *c, struct station *s, uint32_t index,
			struct sccp_message *to)
{
	const char *label = s->device.label[0] != 0 ? s->device.label : s->device.dn;

	(void)c;
	to->line.line = index;
	to->line.options = LINE_OPTIONS_ALL;
	if (index != 1)
		return;
	(void)text_copy(to->line.number, sizeof to->line.number, s->device.dn);
	(void)text_copy(to->line.name, sizeof to->line.name, label);
	(void)text_copy(to->line.label, sizeof to->line.label, label);
}

static void answer_speed_dial(struct callmanager *c, struct station *s, uint32_t index,
			      struct sccp_message *to)
{
	(void)c;
	(void)s;
	to->speed_dial.index = index;
}

static void answer_forward(struct callmanager *c, struct station *s, uint32_t index,
			   struct sccp_message *to)
{
	(void)c;
	(void)s;
	to->forward.line = index;
}

static void answer_feature(struct callmanager *c, struct station *s, uint32_t index,
			   struct sccp_message *to)
{
	(void)c;
	(void)s;
	to->feature.index = index;
}

static void answer_service_url(struct callmanager *c, struct station *s, uint32_t index,
			       struct sccp_message *to)
{
	(void)c;
	(void)s;
	to->service_url.index = index;
}

/* The load it should run; its own when the record names none, so that no upgrade starts by
 * accident. */
static void answer_version(struct callmanager *c, struct station *s, uint32_t index,
			   struct sccp_message *to)
{
	(void)c;
	(void)index;
	(void)text_copy(to->version, sizeof to->version,
			s->device.load[0] != 0 ? s->device.load : s->claim.load);
}

static void answer_servers(struct callmanager *c, struct station *s, uint32_t index,
			   struct sccp_message *to)
{
	const struct settings *settings = reg_settings(c->reg);

	(void)s;
	(void)index;
	(void)text_copy(to->servers.name[0], sizeof to->servers.name[0], settings->server_name);
	to->servers.port[0] = settings->sccp_port;
	to->servers.ip[0] =
	    ip4_is_zero(settings->callmanager_ip) ? settings->server_ip : settings->callmanager_ip;
}

/* The phone's local time: its clock has no other source. */
static void answer_time(struct callmanager *c, struct station *s, uint32_t index,
			struct sccp_message *to)
{
	time_t local = (time_t)(c->unix_s + reg_settings(c->reg)->utc_offset_s);
	struct tm tm = {0};

	(void)s;
	(void)index;
	if (gmtime_r(&local, &tm) == NULL)
		return;
	to->time = (struct sccp_time_date){.year = (uint32_t)tm.tm_year + 1900,
					   .month = (uint32_t)tm.tm_mon + 1,
					   .weekday = (uint32_t)tm.tm_wday,
					   .day = (uint32_t)tm.tm_mday,
					   .hour = (uint32_t)tm.tm_hour,
					   .minute = (uint32_t)tm.tm_min,
					   .second = (uint32_t)tm.tm_sec,
					   .unix_s = (uint32_t)c->unix_s};
}

static const struct {
	uint32_t asked, answered;
	answer_fn fill;
} answers[] = {
    {SCCP_BUTTON_TEMPLATE_REQ, SCCP_BUTTON_TEMPLATE_RES, answer_buttons},
    {SCCP_SOFT_KEY_TEMPLATE_REQ, SCCP_SOFT_KEY_TEMPLATE_RES, answer_soft_keys},
    {SCCP_SOFT_KEY_SET_REQ, SCCP_SOFT_KEY_SET_RES, answer_soft_key_sets},
    {SCCP_CONFIG_STAT_REQ, SCCP_CONFIG_STAT_RES, answer_config},
    {SCCP_LINE_STAT_REQ, SCCP_LINE_STAT_RES, answer_line},
    {SCCP_SPEED_DIAL_STAT_REQ, SCCP_SPEED_DIAL_STAT_RES, answer_speed_dial},
    {SCCP_FORWARD_STAT_REQ, SCCP_FORWARD_STAT_RES, answer_forward},
    {SCCP_FEATURE_STAT_REQ, SCCP_FEATURE_STAT_RES, answer_feature},
    {SCCP_SERVICE_URL_STAT_REQ, SCCP_SERVICE_URL_STAT_RES, answer_service_url},
    {SCCP_VERSION_REQ, SCCP_VERSION_RES, answer_version},
    {SCCP_SERVER_REQ, SCCP_SERVER_RES, answer_servers},
    {SCCP_TIME_DATE_REQ, SCCP_DEFINE_TIME_DATE, answer_time},
};

/* Once the sets are there: the on-hook keys and the usual words above them. */
static void show_soft_keys(struct callmanager *c, struct station *s)
{
	struct sccp_message prompt = {.id = SCCP_DISPLAY_PROMPT_STATUS};

	if (s->soft_keys_shown)
		return;
	s->soft_keys_shown = true;
	station_send(
	    c, s,
	    &(struct sccp_message){.id = SCCP_SELECT_SOFT_KEYS, .select = {.mask = 0xffffffff}});
	(void)text_copy(prompt.prompt.text, sizeof prompt.prompt.text, PROMPT_OPTIONS);
	station_send(c, s, &prompt);
}

static void registered(struct callmanager *c, struct station *s, dt_time now)
{
	struct station_event e = {
	    .kind = STATION_EVENT_REGISTERED, .id = s->id, .peer = s->peer, .local = s->local};

	station_set_state(c, s, STATION_REGISTERED, now);
	(void)text_copy(e.name, sizeof e.name, s->claim.name);
	callmanager_event(c, &e);
}

bool station_answer(struct callmanager *c, struct station *s, const struct sccp_message *message,
		    dt_time now)
{
	for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
		struct sccp_message to = {.id = answers[i].answered};
		if (answers[i].asked != message->id)
			continue;
		answers[i].fill(c, s, message->value, &to);
		station_send(c, s, &to);
		if (message->id == SCCP_SOFT_KEY_SET_REQ)
			show_soft_keys(c, s);
		if (message->id == SCCP_TIME_DATE_REQ && s->state == STATION_REGISTERING)
			registered(c, s, now);
		return true;
	}
	return false;
}
