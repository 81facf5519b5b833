/* What a person reads: no line wider than the terminal, no byte of a peer that could speak to it.
 */
#include "harness.h"

#include "base/error.h"
#include "boot/explain.h"
#include "story.h"

#include <stdio.h>
#include <string.h>

static struct story s;

static void explain(unsigned width, bool live, struct buf *text)
{
	buf_init(text, 65536);
	explain_phone_text(&s.report, &(struct explain_options){.width = width, .live = live},
			   text);
	assert_int_equal(buf_error(text), 0);
}

static size_t widest_line(const char *text)
{
	size_t widest = 0;

	while (*text != 0) {
		size_t n = strcspn(text, "\n");
		widest = n > widest ? n : widest;
		text += n + (text[n] == '\n');
	}
	return widest;
}

static void tell_refusal(const char *reason)
{
	story_begin(&s);
	story_lease(&s, 0);
	story_no_file(&s, 1, STORY_OWN);
	story_file(&s, 2, STORY_DEFAULT);
	story_register(&s, 3);
	story_refused(&s, 3.1, reason);
	(void)story_judge(&s, 20, true);
}

TEST("a block has verdict, steps, cause, remedy and evidence, in this order")
{
	struct buf text;
	tell_refusal("not in database R-05");
	explain(80, false, &text);
	const char *at = buf_cstr(&text);
	static const char *const order[] = {
	    "SEP001BD4000001", "NOT REGISTERED",     "\n  2a ", "\n  3b ",
	    "\n  4b ",         "\n  Cause     R-05", "\n  Do ", "\n  Evidence"};
	for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
		at = strstr(at, order[i]);
		assert_non_null(at);
	}
	buf_done(&text);
	story_end(&s);
}

TEST("no line is wider than 80 or 100 columns")
{
	static const char *const reasons[] = {"not in database R-05", "Error DBConfig",
					      "wrong MAC? F-12", "model F-11"};
	for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
		for (unsigned width = 80; width <= 100; width += 20) {
			struct buf text;
			tell_refusal(reasons[i]);
			explain(width, i % 2 == 0, &text);
			assert_in_range(widest_line(buf_cstr(&text)), 40, width);
			buf_done(&text);
			story_end(&s);
		}
	}
}

TEST("a peer's control bytes and colours never reach the terminal")
{
	struct buf text;
	tell_refusal("\033[31mred\a\r\n\xff not found");
	explain(80, false, &text);
	for (size_t i = 0; i < text.len; i++)
		assert_true(text.ptr[i] == '\n' || (text.ptr[i] >= ' ' && text.ptr[i] < 0x7f));
	buf_done(&text);
	struct buf json;
	buf_init(&json, 65536);
	assert_int_equal(explain_phone_json(&s.report, "test", &json), 0);
	for (size_t i = 0; i < json.len; i++)
		assert_true(json.ptr[i] == '\n' || json.ptr[i] >= ' ');
	buf_done(&json);
	story_end(&s);
}

static struct groups groups;

static void add_phone(enum phone_status status, enum rule rule, const char *name)
{
	static struct phone_report r;
	memset(&r, 0, sizeof r);
	r.status = status;
	r.step = STEP_S4B;
	(void)snprintf(r.name, sizeof r.name, "%s", name);
	if (rule != RULE_COUNT) {
		r.finding_count = 1;
		r.finding[0] = (struct finding){
		    .rule = rule, .proved = true, .peer = {{{10, 77, 0, 1}}, 2000}};
	}
	assert_int_equal(groups_add(&groups, &r), 0);
}

TEST("a listing's head counts each phone once, and the exit status follows from it")
{
	struct buf text;
	buf_init(&text, 65536);
	groups_init(&groups);
	add_phone(PHONE_STATUS_REGISTERED, RULE_COUNT, "A");
	groups_finish(&groups);
	explain_summary_text(&groups, &(struct explain_options){0}, &text);
	assert_string_equal(buf_cstr(&text), "1 phone: 1 registered\n");
	assert_int_equal(explain_exit_status(&groups), 0);
	add_phone(PHONE_STATUS_REFUSED, RULE_NOT_IN_DATABASE, "B");
	buf_clear(&text);
	explain_summary_text(&groups, &(struct explain_options){0}, &text);
	assert_string_equal(buf_cstr(&text), "2 phones: 1 registered, 1 refused\n");
	assert_int_equal(explain_exit_status(&groups), 1);
	groups_done(&groups);
	buf_done(&text);
}

TEST("three phones one server refuses are one finding about that server: X-01")
{
	struct buf text;
	buf_init(&text, 65536);
	groups_init(&groups);
	add_phone(PHONE_STATUS_STOPPED, RULE_CM_REFUSES, "A");
	add_phone(PHONE_STATUS_STOPPED, RULE_CM_REFUSES, "B");
	groups_finish(&groups);
	assert_int_equal(groups.group[0].rule, RULE_CM_REFUSES);
	add_phone(PHONE_STATUS_STOPPED, RULE_CM_REFUSES, "C");
	groups_finish(&groups);
	assert_int_equal(groups.count, 1);
	assert_int_equal(groups.group[0].rule, RULE_SERVICE_DOWN);
	explain_summary_text(&groups, &(struct explain_options){.width = 100}, &text);
	assert_non_null(strstr(buf_cstr(&text), "3 phones, X-01 (proved)"));
	assert_non_null(strstr(buf_cstr(&text), "10.77.0.1:2000"));
	assert_non_null(strstr(buf_cstr(&text), "A, B, C"));
	groups_done(&groups);
	buf_done(&text);
}

TEST("three phones refused by a server that serves others are no service that is down")
{
	static struct phone_report served;
	groups_init(&groups);
	served.status = PHONE_STATUS_REGISTERED;
	served.callmanager = (struct ip4){{10, 77, 0, 1}};
	assert_int_equal(groups_add(&groups, &served), 0);
	add_phone(PHONE_STATUS_STOPPED, RULE_CM_REFUSES, "A");
	add_phone(PHONE_STATUS_STOPPED, RULE_CM_REFUSES, "B");
	add_phone(PHONE_STATUS_STOPPED, RULE_CM_REFUSES, "C");
	groups_finish(&groups);
	assert_int_equal(groups.group[0].rule, RULE_CM_REFUSES);
	groups_done(&groups);
}
