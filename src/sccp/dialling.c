/* From off hook to the end of the number.
 *
 *   (idle) --OffHook, NewCall, line button--> FIRST_DIGIT: dial tone; 15 s
 *   FIRST_DIGIT --key--> DIGITS: dial tone ends; 10 s after each
 *   DIGITS --'#', time over, or nothing longer can be meant--> OVER
 *   (idle) --EnblocCall, speed dial--> OVER
 *   OVER: a number on no phone gets "Unknown Number" and reorder tone; one that is there cannot be
 * called yet, which is said as "Temp Fail" with the same tone any --OnHook, EndCall--> (idle):
 * tone, lamp, prompt and keys as they were, the clock set again
 *
 * Nothing longer can be meant when no phone's number begins with what was dialled
 * (reg_number_match). The order of messages is that of a CallManager 4.x (reference: sccp 9.9);
 * button phones without soft keys (12SP+, 30VIP) get none. */
#include "sccp/callmanager.h"

#include "base/alloc.h"
#include "base/text.h"

#define FIRST_DIGIT_TIME     DT_SECONDS(15)
#define NEXT_DIGIT_TIME      DT_SECONDS(10)
#define TONE_INSIDE_DIAL     0x21
#define TONE_REORDER         0x25
#define CALL_OFF_HOOK        1
#define CALL_ON_HOOK         2
#define CALL_CONGESTION      7
#define PRECEDENCE_USUAL     4
#define LAMP_OFF             1
#define LAMP_ON              2
#define LINE_BUTTON          9
#define SPEED_DIAL           2
#define SET_ON_HOOK          0
#define SET_OFF_HOOK         4
#define SET_DIGITS           6
#define SET_RING_OUT         8 /* EndCall alone */
#define KEY_STAR             14
#define KEY_POUND            15
#define EVENT_NEW_CALL       2
#define EVENT_BACKSPACE      8
#define EVENT_END_CALL       9
#define BUTTON_PHONE_MAX     5 /* types up to this one have no soft keys */
/* The phone's own words, in its language. */
#define WORDS_ENTER_NUMBER   "\200\040"
#define WORDS_UNKNOWN_NUMBER "\200\070"
#define WORDS_TEMP_FAIL      "\200\043"
#define WORDS_OPTIONS        "\200\023"

struct dialling {
	uint32_t line, call;
	char digits[DEVICE_DN_SIZE];
	bool over;
};

static void select_keys(struct callmanager *c, struct station *s, uint32_t line, uint32_t call,
			uint32_t set)
{
	if (s->claim.type > BUTTON_PHONE_MAX)
		station_send(c, s,
			     &(struct sccp_message){
				 .id = SCCP_SELECT_SOFT_KEYS,
				 .select = {.line = line, .call = call, .set = set, .mask = ~0u}});
}

static void say_words(struct callmanager *c, struct station *s, uint32_t line, uint32_t call,
		      const char *words)
{
	struct sccp_message m = {.id = s->version >= VERSION_LONG_TEXTS
					   ? SCCP_DISPLAY_PROMPT_STATUS_V2
					   : SCCP_DISPLAY_PROMPT_STATUS,
				 .prompt = {.line = line, .call = call}};

	(void)text_copy(m.prompt.text, sizeof m.prompt.text, words);
	station_send(c, s, &m);
}

static void lamp(struct callmanager *c, struct station *s, uint32_t line, uint32_t mode)
{
	station_send(c, s,
		     &(struct sccp_message){
			 .id = SCCP_SET_LAMP,
			 .lamp = {.stimulus = LINE_BUTTON, .instance = line, .mode = mode}});
}

static void call_state(struct callmanager *c, struct station *s, const struct dialling *d,
		       uint32_t state)
{
	station_send(c, s,
		     &(struct sccp_message){.id = SCCP_CALL_STATE,
					    .call_state = {.state = state,
							   .line = d->line,
							   .call = d->call,
							   .precedence = PRECEDENCE_USUAL}});
}

static void start_tone(struct callmanager *c, struct station *s, uint32_t tone)
{
	station_send(
	    c, s,
	    &(struct sccp_message){
		.id = SCCP_START_TONE,
		.tone = {.tone = tone, .line = s->dialling->line, .call = s->dialling->call}});
}

static void stop_tone(struct callmanager *c, struct station *s)
{
	station_send(
	    c, s,
	    &(struct sccp_message){.id = SCCP_STOP_TONE,
				   .tone = {.line = s->dialling->line, .call = s->dialling->call}});
}

static void wait_until(struct callmanager *c, struct station *s, dt_time at)
{
	s->dial_at = at;
	callmanager_deadline_update(c, s);
}

/* false when there is no memory for it: the phone stays without a tone. */
static bool begin(struct callmanager *c, struct station *s, uint32_t line)
{
	if (s->dialling != NULL)
		return true;
	s->dialling = alloc_zero(1, sizeof *s->dialling);
	if (s->dialling == NULL)
		return false;
	c->next_call = c->next_call == UINT32_MAX ? 1 : c->next_call + 1;
	s->dialling->call = c->next_call;
	s->dialling->line = line != 0 ? line : 1;
	lamp(c, s, s->dialling->line, LAMP_ON);
	call_state(c, s, s->dialling, CALL_OFF_HOOK);
	return true;
}

static void off_hook(struct callmanager *c, struct station *s, uint32_t line, dt_time now)
{
	if (s->dialling != NULL || !begin(c, s, line))
		return;
	const struct dialling *d = s->dialling;
	select_keys(c, s, d->line, d->call, SET_OFF_HOOK);
	say_words(c, s, d->line, d->call, WORDS_ENTER_NUMBER);
	station_send(c, s,
		     &(struct sccp_message){.id = SCCP_ACTIVATE_CALL_PLANE, .value = d->line});
	start_tone(c, s, TONE_INSIDE_DIAL);
	wait_until(c, s, dt_time_add(now, FIRST_DIGIT_TIME));
}

static void over(struct callmanager *c, struct station *s)
{
	struct dialling *d = s->dialling;
	struct sccp_message dialed = {.id = SCCP_DIALED_NUMBER,
				      .dialed = {.line = d->line, .call = d->call}};
	bool more = false;
	bool assigned = d->digits[0] != 0 && reg_number_match(c->reg, d->digits, &more);

	d->over = true;
	stop_tone(c, s);
	if (d->digits[0] != 0) {
		(void)text_copy(dialed.dialed.number, sizeof dialed.dialed.number, d->digits);
		station_send(c, s, &dialed);
	}
	call_state(c, s, d, CALL_CONGESTION);
	select_keys(c, s, d->line, d->call, SET_RING_OUT);
	say_words(c, s, d->line, d->call, assigned ? WORDS_TEMP_FAIL : WORDS_UNKNOWN_NUMBER);
	start_tone(c, s, TONE_REORDER);
	wait_until(c, s, DT_NEVER);
}

static void on_hook(struct callmanager *c, struct station *s)
{
	struct dialling *d = s->dialling;

	if (d == NULL)
		return;
	stop_tone(c, s);
	lamp(c, s, d->line, LAMP_OFF);
	station_send(c, s,
		     &(struct sccp_message){.id = SCCP_CLEAR_PROMPT_STATUS,
					    .on = {.line = d->line, .call = d->call}});
	call_state(c, s, d, CALL_ON_HOOK);
	select_keys(c, s, 0, 0, SET_ON_HOOK);
	say_words(c, s, 0, 0, WORDS_OPTIONS);
	dialling_forget(s);
	callmanager_deadline_update(c, s);
	/* Some models keep time by this message alone, and not well. */
	station_send_time(c, s);
}

static char key_digit(uint32_t key)
{
	return (char)(key < 10           ? '0' + (int)key
		      : key == KEY_STAR  ? '*'
		      : key == KEY_POUND ? '#'
					 : 0);
}

static void on_key(struct callmanager *c, struct station *s, uint32_t key, dt_time now)
{
	struct dialling *d = s->dialling;
	char digit = key_digit(key);
	bool more = false;

	if (d == NULL || d->over || digit == 0)
		return;
	size_t len = strlen(d->digits);
	if (len == 0) {
		stop_tone(c, s);
		select_keys(c, s, d->line, d->call, SET_DIGITS);
	}
	if (digit == '#' && len > 0) {
		over(c, s);
		return;
	}
	if (len + 1 < sizeof d->digits) {
		d->digits[len] = digit;
		d->digits[len + 1] = 0;
	}
	(void)reg_number_match(c->reg, d->digits, &more);
	if (!more)
		over(c, s);
	else
		wait_until(c, s, dt_time_add(now, NEXT_DIGIT_TIME));
}

static void backspace(struct callmanager *c, struct station *s, dt_time now)
{
	struct dialling *d = s->dialling;
	size_t len = d != NULL ? strlen(d->digits) : 0;

	if (len == 0 || d->over)
		return;
	d->digits[len - 1] = 0;
	station_send(c, s,
		     &(struct sccp_message){.id = SCCP_BACK_SPACE_RES,
					    .on = {.line = d->line, .call = d->call}});
	wait_until(c, s, dt_time_add(now, NEXT_DIGIT_TIME));
}

/* A whole number at once. */
static void dial(struct callmanager *c, struct station *s, uint32_t line, const char *number)
{
	if (number[0] == 0 || (s->dialling != NULL && s->dialling->over) || !begin(c, s, line))
		return;
	(void)text_copy(s->dialling->digits, sizeof s->dialling->digits, number);
	over(c, s);
}

static void speed_dial(struct callmanager *c, struct station *s, uint32_t index)
{
	static struct provision p; /* 20 KB; one thread */

	reg_provision(c->reg, s->claim.name, s->claim.type, &p);
	if (index >= 1 && index <= p.speed_dials)
		dial(c, s, 0, p.speed_dial[index - 1].number);
}

static void on_soft_key(struct callmanager *c, struct station *s,
			const struct sccp_soft_key_event *key, dt_time now)
{
	if (key->event == EVENT_NEW_CALL)
		off_hook(c, s, key->line, now);
	else if (key->event == EVENT_END_CALL)
		on_hook(c, s);
	else if (key->event == EVENT_BACKSPACE)
		backspace(c, s, now);
}

static void on_stimulus(struct callmanager *c, struct station *s,
			const struct sccp_stimulus *stimulus, dt_time now)
{
	if (stimulus->stimulus == LINE_BUTTON)
		off_hook(c, s, stimulus->instance, now);
	else if (stimulus->stimulus == SPEED_DIAL)
		speed_dial(c, s, stimulus->instance);
}

bool dialling_input(struct callmanager *c, struct station *s, const struct sccp_message *m,
		    dt_time now)
{
	switch (m->id) {
	case SCCP_OFF_HOOK:
		off_hook(c, s, m->on.line, now);
		return true;
	case SCCP_OFF_HOOK_WITH_CALLING_PARTY_NUMBER:
		off_hook(c, s, m->calling_off_hook.line, now);
		return true;
	case SCCP_ON_HOOK:
		on_hook(c, s);
		return true;
	case SCCP_KEYPAD_BUTTON:
		on_key(c, s, m->keypad.key, now);
		return true;
	case SCCP_ENBLOC_CALL:
		dial(c, s, m->enbloc.line, m->enbloc.number);
		return true;
	case SCCP_SOFT_KEY_EVENT:
		on_soft_key(c, s, &m->soft_key, now);
		return true;
	case SCCP_STIMULUS:
		on_stimulus(c, s, &m->stimulus, now);
		return true;
	default:
		return false;
	}
}

void dialling_expire(struct callmanager *c, struct station *s)
{
	s->dial_at = DT_NEVER;
	if (s->dialling != NULL && !s->dialling->over)
		over(c, s);
}

void dialling_forget(struct station *s)
{
	alloc_free(s->dialling);
	s->dialling = NULL;
	s->dial_at = DT_NEVER;
}
