/* The rules' pages, and the table of the manual: UPDATE=1 rewrites it between its marks. */
#include "harness.h"

#include "base/text.h"
#include "lint/rulebook.h"

#define MANUAL "../../man/dialtone-lint.1"
#define BEGIN                                                                                      \
	".\\\" Rules: made from src/lint/rules.def by the test lint_rulebook; UPDATE=1 writes "    \
	"them.\n"
#define END ".\\\" End of the rules.\n"

TEST("man/dialtone-lint.1 lists the rules as rules.def says them")
{
	struct slice manual = harness_file(MANUAL);
	struct buf whole;
	buf_init(&whole, 1 << 20);
	const uint8_t *begin = memmem(manual.ptr, manual.len, BEGIN, strlen(BEGIN));
	const uint8_t *end = memmem(manual.ptr, manual.len, END, strlen(END));
	assert_true(begin != NULL && end != NULL);
	buf_append(&whole, slice_of(manual.ptr, (size_t)(begin - manual.ptr) + strlen(BEGIN)));
	lint_rulebook_manual(&whole);
	buf_append(&whole, slice_of(end, (size_t)(manual.ptr + manual.len - end)));
	assert_int_equal(buf_error(&whole), 0);
	harness_golden(MANUAL, buf_slice(&whole));
	buf_done(&whole);
}

static void fits(const struct buf *text)
{
	for (const char *line = buf_cstr(text); *line != 0;) {
		size_t n = strcspn(line, "\n");
		assert_in_range(n, 0, 80);
		line += n + (line[n] == '\n');
	}
}

TEST("a rule's page and the list of all are no wider than the terminal")
{
	struct buf text;
	buf_init(&text, 1 << 16);
	lint_rulebook_list(80, &text);
	fits(&text);
	for (size_t i = 0; i < LINT_RULES; i++) {
		buf_clear(&text);
		lint_rulebook_page((enum lint_rule)i, 80, &text);
		fits(&text);
		assert_non_null(strstr(buf_cstr(&text), lint_rule_row((enum lint_rule)i)->id));
	}
	buf_done(&text);
}
