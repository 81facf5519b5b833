/* What a person reads: no line wider than the terminal, no byte of a peer that could speak to it.
 */
#include "harness.h"

#include "base/error.h"
#include "boot/explain.h"
#include "story.h"

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

TEST("a listing's head counts each phone once, and the exit status follows from it")
{
	struct buf text;
	struct explain_count count = {.phones = 12};
	count.by_status[PHONE_STATUS_REGISTERED] = 9;
	count.by_status[PHONE_STATUS_REFUSED] = 2;
	count.by_status[PHONE_STATUS_STOPPED] = 1;
	buf_init(&text, 256);
	explain_summary_text(&count, &text);
	assert_string_equal(buf_cstr(&text), "12 phones: 9 registered, 2 refused, 1 stopped\n");
	assert_int_equal(explain_exit_status(&count), 1);
	count = (struct explain_count){.phones = 1};
	count.by_status[PHONE_STATUS_REGISTERED] = 1;
	assert_int_equal(explain_exit_status(&count), 0);
	buf_done(&text);
}
