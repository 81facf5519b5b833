/* Pages made from rules.def, so that manual, coverage and program cannot differ. */
#include "boot/rulebook.h"

#include "boot/wrap.h"

#include <string.h>

#define LABEL_WIDTH 12
#define MAN_WIDTH   78

static const struct {
	char letter;
	const char *title;
} families[] = {
    {'P', "Power, link, image"},
    {'V', "Voice VLAN and 802.1X"},
    {'D', "DHCP"},
    {'T', "Reaching the file server"},
    {'F', "Contents of the files, loads"},
    {'S', "Trust lists, certificates, time"},
    {'R', "Registration"},
    {'K', "After registration"},
    {'X', "Servers and cluster"},
};

#define FAMILIES (sizeof families / sizeof *families)

static const char *from_words(enum rule_from from)
{
	switch (from) {
	case FROM_NONE:
		return "not implemented";
	case FROM_CAPTURE:
		return "capture";
	case FROM_LIVE:
		return "live";
	case FROM_BOTH:
		return "capture and live";
	case FROM_STEP:
		return "as a step of the boot";
	}
	return "";
}

static void put_label(struct buf *to, const char *label, const char *text, size_t width)
{
	if (text[0] == 0)
		return;
	buf_printf(to, "  %-*s", LABEL_WIDTH - 2, label);
	wrap_text(to, text, LABEL_WIDTH, width);
}

void rulebook_page(enum rule rule, unsigned width, struct buf *to)
{
	const struct rule_row *r = rule_row(rule);

	buf_printf(to, "%s  ", r->id);
	wrap_text(to, r->summary, strlen(r->id) + 2, width);
	buf_char(to, '\n');
	buf_printf(to, "  %-*s%s, %s%s\n", LABEL_WIDTH - 2, "Step", step_number(r->step),
		   step_words(r->step),
		   r->weight == WEIGHT_NOTE ? " (a remark: no fault of a phone that works)" : "");
	put_label(to, "Causes", r->causes, width);
	put_label(to, "Do", r->remedy, width);
	put_label(to, "Found in", from_words(r->from), width);
	put_label(to, r->from == FROM_NONE ? "Missing" : "Limits", r->missing, width);
}

/* A paragraph of mdoc: no escape inside, lines shorter than 80 columns. */
static void put_mdoc(struct buf *to, const char *label, const char *text, const char *end)
{
	struct buf line;

	buf_init(&line, 4096);
	buf_text(&line, label);
	/* Sentences without a label begin with a capital letter. */
	if (label[0] == 0 && text[0] >= 'a' && text[0] <= 'z')
		buf_char(&line, (char)(*text++ - 'a' + 'A'));
	for (; *text != 0; text++)
		buf_text(&line, *text == '\\' ? "\\e" : (char[2]){*text, 0});
	buf_text(&line, end);
	wrap_text(to, buf_cstr(&line), 0, MAN_WIDTH);
	buf_done(&line);
}

void rulebook_manual(struct buf *to)
{
	buf_text(
	    to,
	    ".\\\" Made from src/boot/rules.def by the test boot_rulebook; UPDATE=1 writes it.\n"
	    ".Dd November 25, 2026\n.Dt DIALTONE-FAULTS 7\n.Os\n.Sh NAME\n"
	    ".Nm dialtone-faults\n.Nd why Cisco IP phones do not come up\n.Sh DESCRIPTION\n"
	    "These are the rules by which\n.Ic dialtone explain\n"
	    "names what stops a phone.\nTheir ids never change their meaning.\n"
	    "A finding is\n.Em proved\nwhen no other rule fits the same evidence from where it was "
	    "seen, else\n.Em suspected .\n"
	    "Remarks are true of phones that work all the same.\n");
	for (size_t i = 0; i < FAMILIES; i++) {
		buf_printf(to, ".Ss %s\n.Bl -tag -width Ds\n", families[i].title);
		for (size_t k = 0; k < RULE_COUNT; k++) {
			const struct rule_row *r = rule_row((enum rule)k);
			if (r->id[0] != families[i].letter)
				continue;
			buf_printf(to, ".It %s , No step %s%s\n", r->id, step_number(r->step),
				   r->weight == WEIGHT_NOTE ? ", a remark" : "");
			put_mdoc(to, "", r->summary, ".");
			buf_text(to, ".Pp\n");
			put_mdoc(to, "Causes: ", r->causes, ".");
			buf_text(to, ".Pp\n");
			put_mdoc(to, "Do: ", r->remedy, "");
			if (r->from == FROM_NONE) {
				buf_text(to, ".Pp\n");
				put_mdoc(to, "Not found by this version; missing: ", r->missing,
					 ".");
			}
		}
		buf_text(to, ".El\n");
	}
	buf_text(to, ".Sh SEE ALSO\n.Xr dialtone 1 ,\n.Xr dialtone-explain 1\n");
}

static void put_counts(struct buf *to)
{
	size_t count[FROM_STEP + 1] = {0};

	for (size_t k = 0; k < RULE_COUNT; k++)
		count[rule_row((enum rule)k)->from]++;
	buf_printf(
	    to,
	    "%d rows: %zu found in captures and live, %zu in captures only, %zu live only, %zu "
	    "shown as a step of the boot, %zu not implemented.\n\n",
	    RULE_COUNT, count[FROM_BOTH], count[FROM_CAPTURE], count[FROM_LIVE], count[FROM_STEP],
	    count[FROM_NONE]);
}

void rulebook_coverage(struct buf *to)
{
	buf_text(
	    to,
	    "# What the diagnosis covers\n\n"
	    "Made from `src/boot/rules.def` by the test `boot_rulebook` (`UPDATE=1` writes it).\n"
	    "`capture`: packets alone can lead to the row. `live`: our own servers' words are "
	    "needed.\n"
	    "The last column says which evidence is missing, or limits the row, and where it would "
	    "come from.\n\n");
	put_counts(to);
	for (size_t i = 0; i < FAMILIES; i++) {
		buf_printf(
		    to,
		    "## %s\n\n| row | step | what | found in | missing or limiting evidence |\n"
		    "| --- | --- | --- | --- | --- |\n",
		    families[i].title);
		for (size_t k = 0; k < RULE_COUNT; k++) {
			const struct rule_row *r = rule_row((enum rule)k);
			if (r->id[0] == families[i].letter)
				buf_printf(to, "| %s | %s | %s%s | %s | %s |\n", r->id,
					   step_number(r->step), r->summary,
					   r->weight == WEIGHT_NOTE ? " (remark)" : "",
					   from_words(r->from), r->missing);
		}
		buf_char(to, '\n');
	}
}
