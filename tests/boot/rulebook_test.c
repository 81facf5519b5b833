/* The rows of the catalogue: each id once, each with its words, and what is written of them is what
 * they say. UPDATE=1 rewrites docs/diagnosis-coverage.md and man/dialtone-faults.7. */
#include "harness.h"

#include "boot/boot_internal.h"
#include "boot/rulebook.h"

#include <string.h>

TEST("the catalogue has 136 rows, each id once, in the order of its families")
{
	assert_int_equal(RULE_COUNT, 136);
	for (size_t i = 0; i < RULE_COUNT; i++) {
		enum rule found = RULE_COUNT;
		assert_true(rule_find(rule_row((enum rule)i)->id, &found));
		assert_int_equal(found, i);
	}
}

TEST("each row has a summary, causes and a remedy, and those not found say what is missing")
{
	for (size_t i = 0; i < RULE_COUNT; i++) {
		const struct rule_row *r = rule_row((enum rule)i);
		assert_true(strlen(r->summary) > 10 && r->causes[0] != 0 && r->remedy[0] != 0);
		assert_true(r->summary[strlen(r->summary) - 1] != '.');
		assert_true(r->remedy[strlen(r->remedy) - 1] == '.');
		if (r->from == FROM_NONE || r->from == FROM_STEP)
			assert_true(r->missing[0] != 0);
	}
}

TEST("a row that is found has a function that judges it, the others have none")
{
	for (size_t i = 0; i < RULE_COUNT; i++) {
		const struct rule_row *r = rule_row((enum rule)i);
		bool found = r->from != FROM_NONE && r->from != FROM_STEP;
		if (found != (judge_of((enum rule)i) != NULL))
			fail_msg("%s", r->id);
	}
}

TEST("docs/diagnosis-coverage.md is what the rows say")
{
	struct buf text;
	buf_init(&text, 1 << 20);
	rulebook_coverage(&text);
	assert_int_equal(buf_error(&text), 0);
	harness_golden("../../docs/diagnosis-coverage.md", buf_slice(&text));
	buf_done(&text);
}

TEST("man/dialtone-faults.7 is what the rows say")
{
	struct buf text;
	buf_init(&text, 1 << 20);
	rulebook_manual(&text);
	assert_int_equal(buf_error(&text), 0);
	harness_golden("../../man/dialtone-faults.7", buf_slice(&text));
	buf_done(&text);
}

TEST("a rule's page is no wider than the terminal")
{
	struct buf text;
	buf_init(&text, 1 << 16);
	for (size_t i = 0; i < RULE_COUNT; i++) {
		buf_clear(&text);
		rulebook_page((enum rule)i, 80, &text);
		for (const char *line = buf_cstr(&text); *line != 0;) {
			size_t n = strcspn(line, "\n");
			assert_in_range(n, 0, 80);
			line += n + (line[n] == '\n');
		}
	}
	buf_done(&text);
}
