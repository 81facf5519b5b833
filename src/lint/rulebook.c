/* Pages made from rules.def, so that manual and program cannot differ. */
#include "lint/rulebook.h"

#include "boot/wrap.h"

#include <string.h>

#define LABEL_WIDTH 10
#define MAN_WIDTH   78

static const struct {
	char letter;
	const char *title;
} families[] = {
    {'C', "Configuration files in XML"},
    {'I', "Text files of 7940 and 7960 with SIP"},
    {'L', "Loads and smaller files"},
    {'N', "Names and the folder"},
    {'O', "DHCP servers"},
};

static void put(struct buf *to, const char *label, const char *text, size_t width)
{
	buf_printf(to, "  %-*s", LABEL_WIDTH - 2, label);
	wrap_text(to, text, LABEL_WIDTH, width);
}

void lint_rulebook_page(enum lint_rule rule, size_t width, struct buf *to)
{
	const struct lint_rule_row *r = lint_rule_row(rule);

	buf_printf(to, "%s  %s: ", r->id, lint_severity_word(r->severity));
	wrap_text(to, r->what, strlen(r->id) + 2, width);
	buf_char(to, '\n');
	put(to, "Why", r->why, width);
	put(to, "Mend", r->mend, width);
	if (r->leads[0] != 0)
		buf_printf(to, "  %-*s%s: dialtone explain --rule %s\n", LABEL_WIDTH - 2, "Becomes",
			   r->leads, r->leads);
}

void lint_rulebook_list(size_t width, struct buf *to)
{
	for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
		buf_printf(to, "%s%s\n", i > 0 ? "\n" : "", families[i].title);
		for (size_t k = 0; k < LINT_RULES; k++) {
			const struct lint_rule_row *r = lint_rule_row((enum lint_rule)k);
			if (r->id[0] != families[i].letter)
				continue;
			buf_printf(to, "  %s  %-9s", r->id, lint_severity_word(r->severity));
			wrap_text(to, r->what, 17, width);
		}
	}
}

/* A paragraph of mdoc, each sentence from its own line on: lines are filled anyway. */
static void put_mdoc(struct buf *to, const char *text)
{
	struct buf line;

	buf_init(&line, 4096);
	for (; *text != 0; text++)
		buf_text(&line, *text == '\\' ? "\\e" : (char[2]){*text, 0});
	wrap_text(to, buf_cstr(&line), 0, MAN_WIDTH);
	buf_done(&line);
}

void lint_rulebook_manual(struct buf *to)
{
	for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
		buf_printf(to, ".Ss %s\n.Bl -tag -width Ds\n", families[i].title);
		for (size_t k = 0; k < LINT_RULES; k++) {
			const struct lint_rule_row *r = lint_rule_row((enum lint_rule)k);
			if (r->id[0] != families[i].letter)
				continue;
			buf_printf(to, ".It %s , No %s%s%s\n", r->id,
				   lint_severity_word(r->severity),
				   r->leads[0] != 0 ? " , becomes " : "", r->leads);
			buf_char(to, (char)(r->what[0] >= 'a' && r->what[0] <= 'z'
						? r->what[0] - 'a' + 'A'
						: r->what[0]));
			put_mdoc(to, r->what + 1);
			buf_text(to, ".Pp\n");
			put_mdoc(to, r->why);
			put_mdoc(to, r->mend);
		}
		buf_text(to, ".El\n");
	}
}
