/* Reports as one page that needs nothing else: no script, no picture, no font from elsewhere, so
 * that it can be mailed to another team. Each boot is drawn: a lane a step, a mark a fact, its
 * words when one points at it. Every text of a peer is escaped. */
#include "boot/boot_internal.h"
#include "boot/explain.h"

#include "base/text.h"

#define DRAW_WIDTH  900
#define LANE_HEIGHT 24
#define LABEL_WIDTH 150
#define TICKS       6
#define MARKS_MAX   600
#define SPAN_LEAST  ((dt_time)10000)

static const char style[] =
    "body{font:15px/1.45 system-ui,sans-serif;margin:2em auto;max-width:72em;padding:0 "
    "1em;color:#1b1f24;"
    "background:#fff}h1{font-size:1.5em}h2{font-size:1.15em;margin:2em 0 .3em;border-top:2px solid "
    "#d0d7de;"
    "padding-top:.8em}table{border-collapse:collapse;margin:.6em "
    "0}td,th{text-align:left;vertical-align:top;"
    "padding:.15em .9em .15em "
    "0}.status{font-weight:600}.bad{color:#a40e26}.good{color:#116329}.warn{color:"
    "#7d4e00}.finding{border-left:4px solid #57606a;padding:.2em .8em;margin:.7em "
    "0;background:#f6f8fa}"
    ".proved{border-color:#a40e26}.small{color:#57606a;font-size:.88em}svg{max-width:100%;height:"
    "auto}"
    "svg text{font:12px system-ui,sans-serif;fill:#1b1f24}";

static void put(struct buf *to, const char *text)
{
	text_escape_xml(to, slice_text(text));
}

static const char *status_words(enum phone_status status)
{
	static const char *const words[] = {"no verdict yet", "registered",
					    "not registered: refused", "not registered: stopped",
					    "registered, but not well"};

	return words[status];
}

static const char *status_class(enum phone_status status)
{
	switch (status) {
	case PHONE_STATUS_REGISTERED:
		return "good";
	case PHONE_STATUS_REFUSED:
	case PHONE_STATUS_STOPPED:
		return "bad";
	case PHONE_STATUS_DEGRADED:
	case PHONE_STATUS_UNKNOWN:
		break;
	}
	return "warn";
}

static void put_evidence(struct buf *to, const uint64_t *evidence, uint32_t count)
{
	if (count == 0)
		return;
	buf_printf(to, "<div class=\"small\">packet%s", count == 1 ? "" : "s");
	for (uint32_t i = 0; i < count; i++)
		buf_printf(to, "%s %llu", i > 0 ? "," : "", (unsigned long long)evidence[i]);
	buf_text(to, "</div>");
}

static void put_finding(struct buf *to, const char *id, bool proved, bool note, const char *text,
			const char *remedy, const char *decide)
{
	buf_printf(to,
		   "<div class=\"finding%s\"><b>%s</b> (%s%s): ", proved && !note ? " proved" : "",
		   id, note ? "remark, " : "", proved ? "proved" : "suspected");
	put(to, text);
	buf_text(to, "<br><b>Do:</b> ");
	put(to, remedy);
	if (decide[0] != 0) {
		buf_text(to, "<br><b>To decide:</b> ");
		put(to, decide);
	}
}

void explain_html_begin(const struct groups *g, const char *source, struct buf *to)
{
	buf_printf(to,
		   "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta "
		   "name=\"viewport\" "
		   "content=\"width=device-width\"><title>Why these phones did not come "
		   "up</title><style>%s"
		   "</style></head><body><h1>Why these phones did not come up</h1><p>Seen in ",
		   style);
	struct buf clean;
	buf_init(&clean, 4096);
	text_escape_terminal(&clean, slice_text(source));
	put(to, buf_cstr(&clean));
	buf_done(&clean);
	buf_printf(to, ".</p><p><b>%zu phone%s</b>", g->phones, g->phones == 1 ? "" : "s");
	for (int s = 0; s <= PHONE_STATUS_DEGRADED; s++) {
		if (g->by_status[s] != 0)
			buf_printf(to, ", %zu <span class=\"%s\">%s</span>", g->by_status[s],
				   status_class((enum phone_status)s),
				   status_words((enum phone_status)s));
	}
	buf_text(to, "</p>");
	for (size_t i = 0; i < g->count; i++) {
		const struct group *group = &g->group[i];
		if (group->count < 2 && !group->note)
			continue;
		put_finding(to, rule_row(group->rule)->id, group->proved, group->note, group->text,
			    group->remedy, "");
		buf_printf(to, "<div class=\"small\">%zu phone%s:", group->count,
			   group->count == 1 ? "" : "s");
		for (size_t k = 0; k < group->count && k < 50; k++) {
			buf_printf(to, "%s ", k > 0 ? "," : "");
			put(to, group->phones[k].name);
		}
		buf_printf(to, "%s</div></div>", group->count > 50 ? " …" : "");
	}
}

void explain_html_end(struct buf *to)
{
	buf_text(to, "</body></html>\n");
}

static bool is_evidence(const struct phone_report *r, const struct fact *f)
{
	for (unsigned i = 0; i < r->finding_count; i++) {
		for (uint32_t k = 0; k < r->finding[i].evidence_count; k++) {
			if (r->finding[i].evidence[k] == f->evidence)
				return true;
		}
	}
	return false;
}

static bool is_refusal(enum fact_kind kind)
{
	switch (kind) {
	case FACT_DHCP_NAK:
	case FACT_DHCP_DECLINE:
	case FACT_FILE_REFUSED:
	case FACT_FILE_ABANDONED:
	case FACT_CONFIG_BROKEN:
	case FACT_TCP_REFUSED:
	case FACT_TCP_RESET:
	case FACT_SERVICE_REFUSED:
	case FACT_TLS_ALERT:
	case FACT_SCCP_REGISTER_REJECT:
	case FACT_SCCP_TOKEN_REJECT:
	case FACT_SIP_REFUSED:
	case FACT_DNS_FAILED:
	case FACT_EAP_FAILURE:
	case FACT_ARP_CONFLICT:
	case FACT_SERVER_REFUSED:
		return true;
	default:
		return false;
	}
}

/* A mark with its words: a cross for a "no", a ring around what is evidence. */
static void put_mark(struct buf *to, const struct phone_report *r, const struct fact *f, double x,
		     double y, dt_time began)
{
	struct buf words;

	buf_init(&words, 2048);
	fact_format(f, &words);
	buf_text(to, "<g>");
	if (is_evidence(r, f))
		buf_printf(
		    to,
		    "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"8\" fill=\"none\" stroke=\"#1b1f24\" "
		    "stroke-width=\"1.5\"/>",
		    x, y);
	if (is_refusal(f->kind))
		buf_printf(to,
			   "<path d=\"M%.1f %.1fl8 8m0 -8l-8 8\" stroke=\"#a40e26\" "
			   "stroke-width=\"2.5\"/>",
			   x - 4, y - 4);
	else
		buf_printf(to,
			   "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" fill=\"#1f6feb\" "
			   "fill-opacity=\".75\"/>",
			   x, y);
	buf_printf(to, "<title>%.3f s, packet %llu: ", (double)(f->at - began) / 1e6,
		   (unsigned long long)f->evidence);
	put(to, buf_cstr(&words));
	buf_text(to, "</title></g>");
	buf_done(&words);
}

/* Files are facts of one kind and of three steps. */
static enum boot_step lane_of(const struct fact *f)
{
	if (fact_row(f->kind)->family != FAMILY_FILE)
		return fact_row(f->kind)->step;
	if (boot_file_is_default(f->name))
		return STEP_S3B;
	return f->kind == FACT_FILE_DELIVERED || boot_file_is_loads(f->name) ||
		       boot_file_is_image(f->name)
		   ? STEP_S4A
		   : STEP_S3A;
}

static void put_axis(struct buf *to, dt_time span, unsigned height)
{
	for (int s = 0; s < STEP_COUNT; s++) {
		unsigned y = (unsigned)s * LANE_HEIGHT + LANE_HEIGHT / 2;
		buf_printf(to,
			   "<text x=\"0\" y=\"%u\">%s %s</text><line x1=\"%d\" y1=\"%u\" x2=\"%d\" "
			   "y2=\"%u\" stroke=\"#d0d7de\"/>",
			   y + 4, step_number((enum boot_step)s), step_words((enum boot_step)s),
			   LABEL_WIDTH, y, DRAW_WIDTH, y);
	}
	for (unsigned i = 0; i < TICKS; i++) {
		double part = (double)i / (TICKS - 1);
		double x = LABEL_WIDTH + 10 + part * (DRAW_WIDTH - LABEL_WIDTH - 30);
		buf_printf(to, "<text x=\"%.0f\" y=\"%u\" text-anchor=\"%s\">%.3g s</text>", x,
			   height - 4, i + 1 == TICKS ? "end" : "middle",
			   part * (double)span / 1e6);
	}
}

static void put_drawing(struct buf *to, const struct phone_report *r, const struct fact *facts,
			size_t count)
{
	const struct boot_report *boot = &r->boot[r->verdict_boot];
	bool more = r->verdict_boot + 1 < r->boots;
	dt_time end = more ? r->boot[r->verdict_boot + 1].began : INT64_MAX;
	dt_time last = boot->began;
	size_t drawn = 0;
	unsigned height = STEP_COUNT * LANE_HEIGHT + 20;

	for (size_t i = 0; i < count; i++) {
		if (facts[i].at >= boot->began && facts[i].at < end)
			last = facts[i].at;
	}
	dt_time span = last - boot->began > SPAN_LEAST ? last - boot->began : SPAN_LEAST;
	buf_printf(to,
		   "<svg viewBox=\"0 0 %d %u\" width=\"%d\" height=\"%u\" role=\"img\" "
		   "aria-label=\"timeline of the boot\">",
		   DRAW_WIDTH, height, DRAW_WIDTH, height);
	put_axis(to, span, height);
	for (size_t i = 0; i < count && drawn < MARKS_MAX; i++) {
		const struct fact *f = &facts[i];
		if (f->at < boot->began || f->at >= end)
			continue;
		double part = (double)(f->at - boot->began) / (double)span;
		put_mark(to, r, f, LABEL_WIDTH + 10 + part * (DRAW_WIDTH - LABEL_WIDTH - 30),
			 (double)lane_of(f) * LANE_HEIGHT + LANE_HEIGHT / 2.0, boot->began);
		drawn++;
	}
	buf_text(to, "</svg>");
}

static void put_steps(struct buf *to, const struct phone_report *r)
{
	static const char *const words[] = {"", "ok", "absent", "waiting", "REFUSED", "STOPPED"};
	const struct boot_report *boot = &r->boot[r->verdict_boot];

	buf_text(to, "<table>");
	for (int i = 0; i < STEP_COUNT; i++) {
		const struct boot_step_report *s = &boot->step[i];
		if (s->status == STEP_STATUS_UNSEEN)
			continue;
		buf_printf(to, "<tr><td>%s</td><td>%s</td><td>%s</td><td>",
			   step_number((enum boot_step)i), step_words((enum boot_step)i),
			   words[s->status]);
		if (s->at != DT_NEVER)
			buf_printf(to, "%.1f s", (double)s->at / 1e6);
		buf_text(to, "</td><td>");
		put(to, s->text);
		put_evidence(to, s->evidence, s->evidence_count);
		buf_text(to, "</td></tr>");
	}
	buf_text(to, "</table>");
}

void explain_html_phone(const struct phone_report *r, const struct fact *facts, size_t count,
			struct buf *to)
{
	char ip[IP4_TEXT_SIZE];

	buf_text(to, "<h2>");
	put(to, r->name);
	if (r->model[0] != 0) {
		buf_text(to, " &#183; ");
		put(to, r->model);
	}
	if (!ip4_is_zero(r->ip) && !r->by_address)
		buf_printf(to, " &#183; %s", ip4_format(r->ip, ip));
	buf_printf(to, "</h2><p class=\"status %s\">%s", status_class(r->status),
		   status_words(r->status));
	if (r->status == PHONE_STATUS_REFUSED || r->status == PHONE_STATUS_STOPPED)
		buf_printf(to, " at step %s", step_number(r->step));
	buf_text(to, "</p>");
	for (unsigned i = 0; i < r->finding_count; i++) {
		const struct finding *f = &r->finding[i];
		put_finding(to, rule_row(f->rule)->id, f->proved, f->note, f->text, f->remedy,
			    f->decide);
		put_evidence(to, f->evidence, f->evidence_count);
		buf_text(to, "</div>");
	}
	put_drawing(to, r, facts, count);
	put_steps(to, r);
	if (r->also_seen[0] != 0) {
		buf_text(to, "<p class=\"small\">Also seen: ");
		put(to, r->also_seen);
		buf_text(to, "</p>");
	}
}
