/* Findings in words, and as JSON. */
#include "cli/lint_print.h"

#include "base/text.h"
#include "boot/wrap.h"
#include "cli/cli.h"

#include <jansson.h>
#include <stdio.h>

#define TEXT_MAX ((size_t)64 << 20)

struct counts {
	size_t errors, warnings, remarks;
};

static struct counts count(const struct lint_finding *f, size_t n)
{
	struct counts c = {0};

	for (size_t i = 0; i < n; i++) {
		c.errors += f[i].severity == LINT_ERROR;
		c.warnings += f[i].severity == LINT_WARNING;
		c.remarks += f[i].severity == LINT_REMARK;
	}
	return c;
}

static void put_place(struct buf *to, const struct lint *l, const struct lint_finding *f)
{
	text_escape_terminal(to, slice_text(lint_file_name(l, f->file)));
	if (f->line != 0)
		buf_printf(to, ":%u", f->line);
}

/* Why it hurts and how to mend it stand under the first finding of a rule in a file. */
static bool is_first_of_rule(const struct lint_finding *all, size_t i)
{
	for (size_t k = i; k-- > 0 && all[k].file == all[i].file;) {
		if (all[k].rule == all[i].rule)
			return false;
	}
	return true;
}

static void put_finding(struct buf *to, const struct lint *l, const struct lint_finding *all,
			size_t i)
{
	const struct lint_finding *f = &all[i];
	const struct lint_rule_row *r = lint_rule_row(f->rule);
	struct buf line;

	put_place(to, l, f);
	buf_printf(to, ": %s %s\n", lint_severity_word(f->severity), r->id);
	buf_init(&line, 4096);
	buf_printf(&line, "%s: %s", r->what, f->about);
	buf_text(to, "    ");
	wrap_text(to, buf_cstr(&line), 4, cli_width());
	buf_done(&line);
	if (!is_first_of_rule(all, i))
		return;
	buf_text(to, "    Why   ");
	wrap_text(to, r->why, 10, cli_width());
	buf_text(to, "    Mend  ");
	wrap_text(to, r->mend, 10, cli_width());
}

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

static void put_summary(struct buf *to, size_t files, const struct counts *c, bool all)
{
	buf_printf(
	    to, "%s%zu file%s: ", c->errors + c->warnings + (all ? c->remarks : 0) > 0 ? "\n" : "",
	    files, plural(files));
	if (c->errors + c->warnings == 0)
		buf_text(to, "nothing wrong");
	else
		buf_printf(to, "%zu error%s, %zu warning%s", c->errors, plural(c->errors),
			   c->warnings, plural(c->warnings));
	if (c->remarks > 0 && !all)
		buf_printf(to, "; %zu remark%s: --all shows %s", c->remarks, plural(c->remarks),
			   c->remarks == 1 ? "it" : "them");
	buf_text(to, "\n");
}

static void print_words(const struct lint *l, const struct lint_finding *all, size_t n,
			const struct counts *c, bool remarks)
{
	struct buf text;

	buf_init(&text, TEXT_MAX);
	for (size_t i = 0; i < n; i++) {
		if (all[i].severity != LINT_REMARK || remarks)
			put_finding(&text, l, all, i);
	}
	put_summary(&text, lint_files(l), c, remarks);
	(void)fwrite(text.ptr, 1, text.len, stdout);
	buf_done(&text);
}

/* A file's name may be anything. */
static json_t *safe_string(const char *text)
{
	struct buf safe;

	buf_init(&safe, 65536);
	text_escape_terminal(&safe, slice_text(text));
	json_t *string = json_string(buf_cstr(&safe));
	buf_done(&safe);
	return string;
}

static void print_object(const struct lint *l, const struct lint_finding *all, size_t n,
			 const struct counts *c)
{
	json_t *files = json_array();
	json_t *findings = json_array();

	for (uint32_t i = 0; i < lint_files(l); i++)
		(void)json_array_append_new(
		    files, json_pack("{s:o, s:s}", "name", safe_string(lint_file_name(l, i)),
				     "kind", lint_kind_word(lint_file_kind(l, i))));
	for (size_t i = 0; i < n; i++) {
		const struct lint_finding *f = &all[i];
		const struct lint_rule_row *r = lint_rule_row(f->rule);
		(void)json_array_append_new(
		    findings,
		    json_pack("{s:o, s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "file",
			      safe_string(lint_file_name(l, f->file)), "line", (json_int_t)f->line,
			      "severity", lint_severity_word(f->severity), "rule", r->id, "text",
			      r->what, "about", f->about, "why", r->why, "mend", r->mend, "becomes",
			      r->leads));
	}
	json_t *object = json_pack("{s:o, s:o, s:I, s:I, s:I}", "files", files, "findings",
				   findings, "errors", (json_int_t)c->errors, "warnings",
				   (json_int_t)c->warnings, "remarks", (json_int_t)c->remarks);
	cli_print_json(object);
	json_decref(object);
}

size_t lint_print(struct lint *l, bool all, bool as_json)
{
	size_t n = 0;
	const struct lint_finding *findings = lint_findings(l, &n);
	struct counts c = count(findings, n);

	if (as_json)
		print_object(l, findings, n, &c);
	else
		print_words(l, findings, n, &c, all);
	return c.errors;
}
