/* The questions a phone asks while it registers, in its model's order, one after the other's
 * answer. A question nobody answers is left after a few seconds: some servers answer only what they
 * know. */
#include "phone/phone_internal.h"

#include "base/reader.h"
#include "base/text.h"

#define BUTTON_LINE       9
#define BUTTON_SPEED_DIAL 2
#define BUTTON_SERVICE    0x14

enum ask_when {
	ASK_ALWAYS,
	ASK_CONFIG_STAT, /* models that want it */
	ASK_PER_LINE,
	ASK_PER_SPEED_DIAL,
	ASK_PER_SERVICE,
	TELL, /* not answered */
};

static const struct {
	uint32_t asked, answered;
	enum ask_when when;
} questions[] = {
    {SCCP_BUTTON_TEMPLATE_REQ, SCCP_BUTTON_TEMPLATE_RES, ASK_ALWAYS},
    {SCCP_SOFT_KEY_TEMPLATE_REQ, SCCP_SOFT_KEY_TEMPLATE_RES, ASK_ALWAYS},
    {SCCP_SOFT_KEY_SET_REQ, SCCP_SOFT_KEY_SET_RES, ASK_ALWAYS},
    {SCCP_CONFIG_STAT_REQ, SCCP_CONFIG_STAT_RES, ASK_CONFIG_STAT},
    {SCCP_LINE_STAT_REQ, SCCP_LINE_STAT_RES, ASK_PER_LINE},
    {SCCP_SPEED_DIAL_STAT_REQ, SCCP_SPEED_DIAL_STAT_RES, ASK_PER_SPEED_DIAL},
    {SCCP_SERVICE_URL_STAT_REQ, SCCP_SERVICE_URL_STAT_RES, ASK_PER_SERVICE},
    {SCCP_FORWARD_STAT_REQ, SCCP_FORWARD_STAT_RES, ASK_PER_LINE},
    {SCCP_REGISTER_AVAILABLE_LINES, 0, TELL},
    {SCCP_TIME_DATE_REQ, SCCP_DEFINE_TIME_DATE, ASK_ALWAYS},
};
#define QUESTION_COUNT (sizeof questions / sizeof *questions)

/* A question's number counts its repetitions too: row * INSTANCES + instance. */
#define INSTANCES SCCP_BUTTONS_MAX

static unsigned repetitions(const struct phone *p, enum ask_when when)
{
	static const uint8_t definition[] = {[ASK_PER_LINE] = BUTTON_LINE,
					     [ASK_PER_SPEED_DIAL] = BUTTON_SPEED_DIAL,
					     [ASK_PER_SERVICE] = BUTTON_SERVICE};
	unsigned count = 0;

	if (when == ASK_CONFIG_STAT)
		return p->profile->asks_config_stat;
	if (when == ASK_ALWAYS || when == TELL)
		return 1;
	for (uint32_t i = 0; i < p->sccp.buttons.count; i++)
		count += p->sccp.buttons.button[i].definition == definition[when];
	return count;
}

/* The number of the row's instance as the template gave it. */
static uint32_t instance_of(const struct phone *p, enum ask_when when, unsigned nth)
{
	static const uint8_t definition[] = {[ASK_PER_LINE] = BUTTON_LINE,
					     [ASK_PER_SPEED_DIAL] = BUTTON_SPEED_DIAL,
					     [ASK_PER_SERVICE] = BUTTON_SERVICE};

	if (when != ASK_PER_LINE && when != ASK_PER_SPEED_DIAL && when != ASK_PER_SERVICE)
		return 0;
	for (uint32_t i = 0; i < p->sccp.buttons.count; i++) {
		if (p->sccp.buttons.button[i].definition == definition[when] && nth-- == 0)
			return p->sccp.buttons.button[i].instance;
	}
	return 0;
}

void registration_ask_next(struct phone *p, dt_time now)
{
	struct sccp_client *s = &p->sccp;
	struct sccp_link *l = &p->link[LINK_ACTIVE];

	for (; s->question < QUESTION_COUNT * INSTANCES; s->question++) {
		size_t row = s->question / INSTANCES;
		unsigned nth = s->question % INSTANCES;
		if (nth >= repetitions(p, questions[row].when)) {
			s->question = (unsigned)(row + 1) * INSTANCES - 1;
			continue;
		}
		struct sccp_message m = {.id = questions[row].asked,
					 .value = instance_of(p, questions[row].when, nth)};
		link_send(p, LINK_ACTIVE, &m);
		if (questions[row].when == TELL)
			continue;
		s->question_open = true;
		l->deadline = dt_time_add(now, PHONE_ANSWER_WAIT);
		return;
	}
	/* Everything asked and no time set: registered all the same, without a clock. */
	l->deadline = DT_NEVER;
	if (l->state == LINK_ASKING) {
		l->state = LINK_REGISTERED;
		p->view.registrations++;
		phone_set_state(p, PHONE_REGISTERED);
		list_registered(p, now);
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
	default:
		return id;
	}
}

/* A late answer about line 1 does not answer for line 2. */
static bool is_about(const struct phone *p, const struct sccp_message *m, size_t row)
{
	enum ask_when when = questions[row].when;
	struct reader r = reader_of(m->raw);

	if (when != ASK_PER_LINE && when != ASK_PER_SPEED_DIAL && when != ASK_PER_SERVICE)
		return true;
	if (m->id == SCCP_FORWARD_STAT_RES) /* its line stands behind its state */
		reader_skip(&r, 4);
	return reader_le32(&r) == instance_of(p, when, p->sccp.question % INSTANCES) && !r.failed;
}

void registration_unanswered(struct phone *p, dt_time now)
{
	struct sccp_client *s = &p->sccp;
	size_t row = s->question / INSTANCES;

	if (s->question_open && row < QUESTION_COUNT) {
		p->view.unanswered++;
		p->view.unanswered_id = questions[row].asked;
		s->question++;
	}
	s->question_open = false;
	registration_ask_next(p, now);
}

void registration_answer(struct phone *p, const struct sccp_message *m, dt_time now)
{
	struct sccp_client *s = &p->sccp;
	size_t row = s->question / INSTANCES;

	take(p, m);
	if (p->link[LINK_ACTIVE].state != LINK_ASKING || !s->question_open ||
	    row >= QUESTION_COUNT || questions[row].answered != plain_id(m->id) ||
	    !is_about(p, m, row))
		return;
	s->question_open = false;
	s->question++;
	registration_ask_next(p, now);
}
