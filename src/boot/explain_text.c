/* A report in words: one verdict first, the timeline second, evidence last. */
#include "boot/boot_internal.h"
#include "boot/explain.h"
#include "boot/wrap.h"

#include "base/text.h"

#include <stdarg.h>

#define WIDTH_DEFAULT 80
#define WIDTH_LEAST   40
#define LABEL_WIDTH   12 /* "  Cause     " */
#define STEP_WIDTH    46 /* up to the text of a step */

static const char *const verdict_words[] = {"NO VERDICT YET", "REGISTERED", "NOT REGISTERED",
					    "NOT REGISTERED", "DEGRADED"};
static const char *const status_words[] = {"-", "ok", "-", "waiting", "REFUSED", "STOPPED"};

static void put_labelled(struct buf *to, const char *label, const char *text, size_t width)
{
	if (text[0] == 0)
		return;
	buf_printf(to, "  %-*s", LABEL_WIDTH - 2, label);
	wrap_text(to, text, LABEL_WIDTH, width);
}

static const char *colour_of(enum phone_status status)
{
	switch (status) {
	case PHONE_STATUS_REGISTERED:
		return "\033[32m";
	case PHONE_STATUS_REFUSED:
	case PHONE_STATUS_STOPPED:
		return "\033[31m";
	case PHONE_STATUS_DEGRADED:
		return "\033[33m";
	case PHONE_STATUS_UNKNOWN:
		break;
	}
	return "";
}

/* ": refused at step 4b, 12 s after power-on (boot 3)" */
static void verdict_tail(const struct phone_report *r, char *to, size_t size)
{
	const struct boot_report *boot = &r->boot[r->verdict_boot];
	const struct boot_step_report *step = &boot->step[r->step];
	char boots[32] = "";
	char when[48] = "";
	const char *what = "";

	if (r->boot_count > 1)
		(void)snprintf(boots, sizeof boots, " (boot %u)",
			       r->boot_count - (r->boots - 1 - r->verdict_boot));
	if (step->at != DT_NEVER)
		(void)snprintf(when, sizeof when, ", %.0f s after its first packet",
			       (double)step->at / 1e6);
	switch (r->status) {
	case PHONE_STATUS_REGISTERED:
		(void)snprintf(to, size, "%s%s", step->at != DT_NEVER ? when + 1 : "", boots);
		return;
	case PHONE_STATUS_REFUSED:
		what = ": refused at step ";
		break;
	case PHONE_STATUS_STOPPED:
		/* How long it was watched tells more than when the last step came. */
		what = ": stopped at step ";
		(void)snprintf(when, sizeof when, ", seen for %.0f s",
			       (double)(r->last - boot->began) / 1e6);
		break;
	case PHONE_STATUS_DEGRADED:
		what = ": registered, but not well, step ";
		break;
	case PHONE_STATUS_UNKNOWN:
		what = ": at step ";
		break;
	}
	(void)snprintf(to, size, "%s%s%s%s", what, step_number(r->step), when, boots);
}

static void put_headline(const struct phone_report *r, const struct explain_options *o,
			 size_t width, struct buf *to)
{
	char ip[IP4_TEXT_SIZE];
	char tail[128];
	char line[320];
	bool show_ip = !ip4_is_zero(r->ip) && strcmp(r->name, ip4_format(r->ip, ip)) != 0;

	verdict_tail(r, tail, sizeof tail);
	(void)snprintf(line, sizeof line, "%s%s%s%s%s   %s%s", r->name,
		       r->model[0] != 0 ? "   " : "", r->model, show_ip ? "   " : "",
		       show_ip ? ip4_format(r->ip, ip) : "", verdict_words[r->status], tail);
	if (o->colour)
		buf_text(to, colour_of(r->status));
	wrap_text(to, line, 0, width);
	if (o->colour)
		buf_text(to, "\033[0m");
	buf_char(to, '\n');
}

static void put_steps(const struct phone_report *r, size_t width, struct buf *to)
{
	const struct boot_report *boot = &r->boot[r->verdict_boot];

	for (int i = 0; i < STEP_COUNT; i++) {
		const struct boot_step_report *s = &boot->step[i];
		char time[16] = "";
		if (s->status == STEP_STATUS_UNSEEN)
			continue;
		if (s->at != DT_NEVER)
			(void)snprintf(time, sizeof time, "%.1f s", (double)s->at / 1e6);
		buf_printf(to, "  %-4s %-18s %-8s %8s   ", step_number((enum boot_step)i),
			   step_words((enum boot_step)i), status_words[s->status], time);
		wrap_text(to, s->text, STEP_WIDTH, width);
	}
	buf_char(to, '\n');
}

/* "packets 49, 57" */
static void evidence_text(const struct finding *f, bool live, char *to, size_t size)
{
	size_t at = (size_t)snprintf(to, size, "%s%s", live ? "event" : "packet",
				     f->evidence_count == 1 ? "" : "s");

	for (uint32_t i = 0; i < f->evidence_count && at + 24 < size; i++)
		at += (size_t)snprintf(to + at, size - at, "%s %llu", i == 0 ? "" : ",",
				       (unsigned long long)f->evidence[i]);
	if (f->evidence_count == 0)
		to[0] = 0;
}

/* What a person at the running server can type. */
static void command_text(const struct phone_report *r, enum rule rule, char *to, size_t size)
{
	const char *model = r->model[0] != 0 ? r->model : "MODEL";

	to[0] = 0;
	switch (rule) {
	case RULE_NOT_IN_DATABASE:
		(void)snprintf(to, size,
			       "dialtone phone add %s --type %s --dn NUMBER       or let it in "
			       "with everyone else: dialtone autoreg on",
			       r->name, model);
		break;
	case RULE_WRONG_MODEL:
		(void)snprintf(to, size, "dialtone phone set %s --type %s", r->name, model);
		break;
	case RULE_STALE_FILE:
		(void)snprintf(to, size, "dialtone phone reset %s", r->name);
		break;
	case RULE_NO_FREE_NUMBER:
		(void)snprintf(to, size, "dialtone autoreg on --range FIRST-LAST");
		break;
	case RULE_WRONG_MAC:
		(void)snprintf(
		    to, size,
		    "dialtone phone add %s --type %s --dn NUMBER, and delete the mistyped record",
		    r->name, model);
		break;
	default:
		break;
	}
}

static void put_finding(const struct phone_report *r, const struct finding *f, bool live,
			size_t width, struct buf *to)
{
	char line[REPORT_TEXT_SIZE + 64];

	(void)snprintf(line, sizeof line, "%s (%s): %s", rule_row(f->rule)->id,
		       f->proved ? "proved" : "suspected", f->text);
	put_labelled(to, f->note ? "Remark" : "Cause", line, width);
	command_text(r, f->rule, line, sizeof line);
	put_labelled(to, "Do", live && line[0] != 0 ? line : f->remedy, width);
	put_labelled(to, "To decide", f->decide, width);
	evidence_text(f, live, line, sizeof line);
	put_labelled(to, "Evidence", line, width);
}

/* What a verdict could not be built on. */
static void put_dropped(const struct phone_report *r, size_t width, struct buf *to)
{
	char line[160];

	if (r->dropped == 0)
		return;
	(void)snprintf(line, sizeof line,
		       "%llu earlier facts of this phone gave way to the limit of what is kept",
		       (unsigned long long)r->dropped);
	put_labelled(to, "Dropped", line, width);
}

void explain_phone_text(const struct phone_report *report, const struct explain_options *options,
			struct buf *to)
{
	size_t width = options->width == 0 ? WIDTH_DEFAULT : options->width;

	if (width < WIDTH_LEAST)
		width = WIDTH_LEAST;
	put_headline(report, options, width, to);
	put_steps(report, width, to);
	for (unsigned i = 0; i < report->finding_count; i++) {
		if (i > 0)
			buf_char(to, '\n');
		put_finding(report, &report->finding[i], options->live, width, to);
	}
	if (report->finding_count == 0 && report->status == PHONE_STATUS_STOPPED)
		put_labelled(to, "Cause",
			     "none of the rules of this version explains it: nothing followed the "
			     "last step above.",
			     width);
	if (report->finding_count == 0 && report->status == PHONE_STATUS_REFUSED)
		put_labelled(to, "Cause",
			     "none of the rules of this version knows this refusal: ask the "
			     "server's log for its reason.",
			     width);
	if (report->finding_count > 0 && report->also_seen[0] != 0)
		buf_char(to, '\n');
	put_labelled(to, "Also seen", report->also_seen, width);
	put_dropped(report, width, to);
}

static void put_counts(const struct groups *g, struct buf *to)
{
	static const char *const words[] = {"no verdict yet", "registered", "refused", "stopped",
					    "registered but not well"};
	static const enum phone_status order[] = {PHONE_STATUS_REGISTERED, PHONE_STATUS_REFUSED,
						  PHONE_STATUS_STOPPED, PHONE_STATUS_DEGRADED,
						  PHONE_STATUS_UNKNOWN};
	const char *separator = ": ";

	buf_printf(to, "%zu phone%s", g->phones, g->phones == 1 ? "" : "s");
	for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
		if (g->by_status[order[i]] == 0)
			continue;
		buf_printf(to, "%s%zu %s", separator, g->by_status[order[i]], words[order[i]]);
		separator = ", ";
	}
	buf_char(to, '\n');
}

static void put_stops(const struct groups *g, struct buf *to)
{
	const char *separator = "  not registered, by step: ";
	size_t all = 0;

	for (int s = 0; s < STEP_COUNT; s++)
		all += g->by_step[s];
	/* One alone has its block. */
	if (all < 2)
		return;
	for (int s = 0; s < STEP_COUNT; s++) {
		if (g->by_step[s] == 0)
			continue;
		buf_printf(to, "%s%zu at %s (%s)", separator, g->by_step[s],
			   step_number((enum boot_step)s), step_words((enum boot_step)s));
		separator = ", ";
	}
	buf_char(to, '\n');
}

#define NAMES_SHOWN 6

static void put_group(const struct group *group, size_t width, struct buf *to)
{
	struct buf line;

	buf_init(&line, 4096);
	buf_printf(&line, "%zu phone%s, %s (%s): %s", group->count, group->count == 1 ? "" : "s",
		   rule_row(group->rule)->id, group->proved ? "proved" : "suspected", group->text);
	put_labelled(to, group->note ? "Remark" : "Together", buf_cstr(&line), width);
	if (!group->note)
		put_labelled(to, "Do", group->remedy, width);
	buf_clear(&line);
	for (size_t i = 0; i < group->count && i < NAMES_SHOWN; i++)
		buf_printf(&line, "%s%s", i > 0 ? ", " : "", group->phones[i].name);
	if (group->count > NAMES_SHOWN)
		buf_printf(&line, " and %zu more", group->count - NAMES_SHOWN);
	put_labelled(to, group->count == 1 ? "Phone" : "Phones", buf_cstr(&line), width);
	buf_done(&line);
}

void explain_summary_text(const struct groups *groups, const struct explain_options *options,
			  struct buf *to)
{
	size_t width = options->width == 0 ? WIDTH_DEFAULT : options->width;

	put_counts(groups, to);
	put_stops(groups, to);
	for (size_t i = 0; i < groups->count; i++) {
		const struct group *group = &groups->group[i];
		/* A remark stands here because phones that work have no block. */
		if (group->count < 2 && (!group->note || group->well == 0))
			continue;
		buf_char(to, '\n');
		put_group(group, width, to);
	}
}

int explain_exit_status(const struct groups *groups)
{
	return groups->by_status[PHONE_STATUS_REGISTERED] == groups->phones ? 0 : 1;
}
