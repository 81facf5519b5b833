/* The questions a phone asks while it registers, in its model's order, one after the other's
 * answer. A question nobody answers is left after a few seconds: some servers answer only what they
 * know. */
#include "phone/phone_internal.h"

#include "base/reader.h"
#include "base/text.h"

#define BUTTON_LINE       9
#define BUTTON_SPEED_DIAL 2
#define BUTTON_SERVICE    0x14

/* How often a question is asked. */
enum ask_when {
	ONCE,
	LINE_1,
	PER_LINE,
	PER_SPEED_DIAL,
	PER_SERVICE,
	PER_FEATURE,
	TOLD, /* nobody waits for an answer */
};

static const struct question {
	uint32_t asked, answered;
	enum ask_when when;
} questions[ASK_COUNT] = {
    [ASK_BUTTONS] = {SCCP_BUTTON_TEMPLATE_REQ, SCCP_BUTTON_TEMPLATE_RES, ONCE},
    [ASK_SOFT_KEY_TEMPLATE] = {SCCP_SOFT_KEY_TEMPLATE_REQ, SCCP_SOFT_KEY_TEMPLATE_RES, ONCE},
    [ASK_SOFT_KEY_SETS] = {SCCP_SOFT_KEY_SET_REQ, SCCP_SOFT_KEY_SET_RES, ONCE},
    [ASK_CONFIG] = {SCCP_CONFIG_STAT_REQ, SCCP_CONFIG_STAT_RES, ONCE},
    [ASK_VERSION] = {SCCP_VERSION_REQ, SCCP_VERSION_RES, ONCE},
    [ASK_SERVERS] = {SCCP_SERVER_REQ, SCCP_SERVER_RES, ONCE},
    [ASK_FIRST_LINE] = {SCCP_LINE_STAT_REQ, SCCP_LINE_STAT_RES, LINE_1},
    [ASK_FIRST_FORWARD] = {SCCP_FORWARD_STAT_REQ, SCCP_FORWARD_STAT_RES, LINE_1},
    [ASK_LINES] = {SCCP_LINE_STAT_REQ, SCCP_LINE_STAT_RES, PER_LINE},
    [ASK_SPEED_DIALS] = {SCCP_SPEED_DIAL_STAT_REQ, SCCP_SPEED_DIAL_STAT_RES, PER_SPEED_DIAL},
    [ASK_SERVICES] = {SCCP_SERVICE_URL_STAT_REQ, SCCP_SERVICE_URL_STAT_RES, PER_SERVICE},
    [ASK_FEATURES] = {SCCP_FEATURE_STAT_REQ, SCCP_FEATURE_STAT_RES, PER_FEATURE},
    [ASK_FORWARDS] = {SCCP_FORWARD_STAT_REQ, SCCP_FORWARD_STAT_RES, PER_LINE},
    [TELL_HEADSET] = {SCCP_HEADSET_STATUS, 0, TOLD},
    [TELL_AVAILABLE_LINES] = {SCCP_REGISTER_AVAILABLE_LINES, 0, TOLD},
    [TELL_CALL_COUNT] = {SCCP_CALL_COUNT_REQ, 0, TOLD},
    [ASK_TIME] = {SCCP_TIME_DATE_REQ, SCCP_DEFINE_TIME_DATE, ONCE},
};

#define HEADSET_OFF 2

/* A question's number counts its repetitions too: row * INSTANCES + instance. */
#define INSTANCES SCCP_BUTTONS_MAX

static const struct question *row_of(const struct phone *p, size_t row)
{
	return row < PROFILE_QUESTIONS_MAX ? &questions[p->profile->question[row]] : questions;
}

/* The buttons beyond lines, speed dials and services that have a state of their own: the features
 * from privacy (0x13) on (reference: sccp 8.4). */
static bool is_feature(uint8_t definition)
{
	return definition >= 0x13 && definition != BUTTON_SERVICE && definition < 0xc0;
}

static bool is_of(enum ask_when when, uint8_t definition)
{
	switch (when) {
	case PER_LINE:
		return definition == BUTTON_LINE;
	case PER_SPEED_DIAL:
		return definition == BUTTON_SPEED_DIAL;
	case PER_SERVICE:
		return definition == BUTTON_SERVICE;
	case PER_FEATURE:
		return is_feature(definition);
	case ONCE:
	case LINE_1:
	case TOLD:
		break;
	}
	return false;
}

static bool is_per_button(enum ask_when when)
{
	return when == PER_LINE || when == PER_SPEED_DIAL || when == PER_SERVICE ||
	       when == PER_FEATURE;
}

static unsigned repetitions(const struct phone *p, enum ask_when when)
{
	unsigned count = 0;

	if (!is_per_button(when))
		return 1;
	for (uint32_t i = 0; i < p->sccp.buttons.count; i++)
		count += is_of(when, p->sccp.buttons.button[i].definition);
	return count;
}

/* The number of the row's instance as the template gave it. */
static uint32_t instance_of(const struct phone *p, const struct question *q, unsigned nth)
{
	if (q->when == LINE_1)
		return 1;
	if (q->asked == SCCP_HEADSET_STATUS)
		return HEADSET_OFF;
	if (!is_per_button(q->when))
		return 0;
	for (uint32_t i = 0; i < p->sccp.buttons.count; i++) {
		if (is_of(q->when, p->sccp.buttons.button[i].definition) && nth-- == 0)
			return p->sccp.buttons.button[i].instance;
	}
	return 0;
}

static void registered(struct phone *p, dt_time now)
{
	struct sccp_link *l = &p->link[LINK_ACTIVE];

	l->deadline = DT_NEVER;
	if (l->state != LINK_ASKING)
		return;
	l->state = LINK_REGISTERED;
	p->view.registrations++;
	phone_set_state(p, PHONE_REGISTERED);
	list_registered(p, now);
	if (p->config.goes_off_hook)
		sccp_client_off_hook(p);
}

/* Those who ask at once do not wait for an answer until they want the time, as the last. */
static bool waits(const struct phone *p, const struct question *q)
{
	if (q->when == TOLD)
		return false;
	return !p->profile->asks_at_once || q->asked == SCCP_TIME_DATE_REQ ||
	       q->asked == SCCP_FORWARD_STAT_REQ;
}

void registration_ask_next(struct phone *p, dt_time now)
{
	struct sccp_client *s = &p->sccp;

	for (;; s->question++) {
		size_t row = s->question / INSTANCES;
		unsigned nth = s->question % INSTANCES;
		const struct question *q = row_of(p, row);
		if (q->asked == 0) {
			/* Everything asked; a time that was not told leaves it without a clock. */
			registered(p, now);
			return;
		}
		if (nth >= repetitions(p, q->when)) {
			s->question = (unsigned)(row + 1) * INSTANCES - 1;
			continue;
		}
		struct sccp_message m = {.id = q->asked, .value = instance_of(p, q, nth)};
		link_send(p, LINK_ACTIVE, &m);
		if (!waits(p, q))
			continue;
		s->question_open = true;
		p->link[LINK_ACTIVE].deadline = dt_time_add(now, PHONE_ANSWER_WAIT);
		return;
	}
}

/* What the phone keeps of an answer. */
static void take(struct phone *p, const struct sccp_message *m)
{
	switch (m->id) {
	case SCCP_BUTTON_TEMPLATE_RES:
		p->sccp.buttons = m->buttons;
		break;
	case SCCP_SOFT_KEY_SET_RES:
		p->view.soft_keys = m->soft_key_sets.count > 0;
		break;
	case SCCP_LINE_STAT_RES:
	case SCCP_LINE_STAT_V2_RES:
		if (m->line.line == 1)
			(void)text_copy(p->view.dn, sizeof p->view.dn, m->line.number);
		break;
	case SCCP_DEFINE_TIME_DATE:
		p->view.clock_set = true;
		break;
	default:
		break;
	}
}

/* Servers answer some questions in either of two layouts, by version or by habit. */
static uint32_t plain_id(uint32_t id)
{
	switch (id) {
	case SCCP_LINE_STAT_V2_RES:
		return SCCP_LINE_STAT_RES;
	case SCCP_SERVICE_URL_STAT_V2_RES:
		return SCCP_SERVICE_URL_STAT_RES;
	case SCCP_SPEED_DIAL_STAT_V2_RES:
		return SCCP_SPEED_DIAL_STAT_RES;
	case SCCP_CONFIG_STAT_V2_RES:
		return SCCP_CONFIG_STAT_RES;
	case SCCP_FEATURE_STAT_V2_RES:
		return SCCP_FEATURE_STAT_RES;
	default:
		return id;
	}
}

/* A late answer about line 1 does not answer for line 2. */
static bool is_about(const struct phone *p, const struct sccp_message *m, const struct question *q)
{
	struct reader r = reader_of(m->raw);

	if (!is_per_button(q->when) && q->when != LINE_1)
		return true;
	if (m->id == SCCP_FORWARD_STAT_RES) /* its line stands behind its state */
		reader_skip(&r, 4);
	return reader_le32(&r) == instance_of(p, q, p->sccp.question % INSTANCES) && !r.failed;
}

void registration_unanswered(struct phone *p, dt_time now)
{
	struct sccp_client *s = &p->sccp;

	if (s->question_open) {
		p->view.unanswered++;
		p->view.unanswered_id = row_of(p, s->question / INSTANCES)->asked;
		s->question++;
	}
	s->question_open = false;
	registration_ask_next(p, now);
}

/* The next question, at once or when the phone has drawn what it was told. */
static void go_on(struct phone *p, dt_time now)
{
	dt_time gap = p->config.unpaced ? 0 : p->profile->question_gap_us;

	if (gap == 0)
		registration_ask_next(p, now);
	else
		p->link[LINK_ACTIVE].deadline = dt_time_add(now, gap);
}

void registration_answer(struct phone *p, const struct sccp_message *m, dt_time now)
{
	struct sccp_client *s = &p->sccp;
	const struct question *q = row_of(p, s->question / INSTANCES);

	take(p, m);
	if (p->link[LINK_ACTIVE].state != LINK_ASKING || !s->question_open ||
	    q->answered != plain_id(m->id) || !is_about(p, m, q))
		return;
	s->question_open = false;
	s->question++;
	go_on(p, now);
}
