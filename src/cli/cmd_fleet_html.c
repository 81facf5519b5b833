/* A fleet's report as one page to send on: no script, nothing from elsewhere. */
#include "cli/cmd_fleet.h"

#include "base/error.h"
#include "base/text.h"

#include <stdio.h>

#define PAGE_MAX ((size_t)4 * 1024 * 1024)
#define WIDTH    720
#define HEIGHT   200
#define POINTS   360 /* of the curve */
#define QUARTERS 4

static void put_text(struct buf *to, const char *text)
{
	text_escape_xml(to, slice_text(text));
}

/* A line and its number for each quarter of the phones and of the time. */
static void put_scale(struct buf *to, const struct fleet_report *r)
{
	double end = (double)r->curve_count * FLEET_CURVE_US / 1e6;

	for (unsigned i = 0; i <= QUARTERS; i++) {
		unsigned y = HEIGHT - HEIGHT * i / QUARTERS;
		unsigned x = WIDTH * i / QUARTERS;
		buf_printf(to,
			   "<line x1=\"0\" x2=\"%d\" y1=\"%u\" y2=\"%u\" stroke=\"#ddd\"/>"
			   "<text x=\"-6\" y=\"%u\" text-anchor=\"end\">%u</text>"
			   "<text x=\"%u\" y=\"%d\" text-anchor=\"middle\">%.1f s</text>\n",
			   WIDTH, y, y, y + 4, r->phones * i / QUARTERS, x, HEIGHT + 18,
			   end * i / QUARTERS);
	}
}

static void put_curve(struct buf *to, const struct fleet_report *r)
{
	unsigned end = r->curve_count;

	if (end == 0)
		return;
	buf_printf(to,
		   "<h2>Phones up</h2>\n<svg viewBox=\"-56 -10 %d %d\" width=\"%d\" role=\"img\" "
		   "font-size=\"12\" aria-label=\"phones up over time\">\n",
		   WIDTH + 84, HEIGHT + 36, WIDTH + 84);
	put_scale(to, r);
	buf_printf(to, "<polyline fill=\"none\" stroke=\"#06c\" stroke-width=\"2\" points=\"0,%d",
		   HEIGHT);
	for (unsigned i = 1; i <= POINTS; i++) {
		unsigned at = (unsigned)((uint64_t)end * i / POINTS);
		int32_t up = at > 0 && r->curve[at - 1] > 0 ? r->curve[at - 1] : 0;
		buf_printf(to, " %u,%u", i * WIDTH / POINTS,
			   HEIGHT - (unsigned)((uint64_t)HEIGHT * (unsigned)up / r->phones));
	}
	buf_text(to, "\"/>\n</svg>\n");
}

static unsigned count_of(const struct fleet_options *o, const struct fleet_report *r,
			 const struct phone_profile *profile, bool registered)
{
	unsigned count = 0;

	for (unsigned i = 0; i < r->phones; i++)
		count += o->mix[r->records[i].profile] == profile &&
			 (!registered || r->records[i].state == PHONE_REGISTERED);
	return count;
}

/* What was asked for, for whoever gets the page and not the command. */
static void put_models(struct buf *to, const struct fleet_options *o, const struct fleet_report *r)
{
	buf_text(to, "<h2>Models</h2>\n<table>\n<tr><th>model<th>load<th>phones<th>registered"
		     "</tr>\n");
	for (size_t i = 0; phone_profile_at(i) != NULL; i++) {
		const struct phone_profile *p = phone_profile_at(i);
		unsigned phones = count_of(o, r, p, false);
		if (phones > 0)
			buf_printf(to, "<tr><td>%s<td>%s<td>%u<td>%u</tr>\n", p->name, p->load,
				   phones, count_of(o, r, p, true));
	}
	buf_text(to, "</table>\n");
}

static void put_where(struct buf *to, const struct fleet_options *o)
{
	char ip[IP4_TEXT_SIZE];

	buf_text(to, "<p>");
	if (o->interface != NULL) {
		buf_text(to, "DHCP on ");
		put_text(to, o->interface);
	}
	if (!ip4_is_zero(o->server))
		buf_printf(to, "%sserver %s", o->interface != NULL ? ", " : "",
			   ip4_format(o->server, ip));
	buf_printf(to, "; power-ons over %.1f s%s; seed %llu.</p>\n", (double)o->ramp / 1e6,
		   o->unpaced ? ", without the models' pauses" : "", (unsigned long long)o->seed);
}

static void put_steps(struct buf *to, const struct fleet_report *r)
{
	buf_text(to, "<h2>Steps</h2>\n<table>\n<tr><th>step<th>phones<th>median<th>99 %"
		     "<th>longest</tr>\n");
	for (unsigned i = 0; i < FLEET_STEP_COUNT; i++) {
		const struct fleet_times *t = &r->step[i];
		if (t->count > 0)
			buf_printf(to, "<tr><td>%s<td>%u<td>%.3f s<td>%.3f s<td>%.3f s</tr>\n",
				   fleet_step_names[i], t->count, (double)t->p50 / 1e6,
				   (double)t->p99 / 1e6, (double)t->max / 1e6);
	}
	buf_text(to, "</table>\n");
}

static void put_stuck(struct buf *to, const struct fleet_report *r)
{
	struct fleet_stuck s = fleet_count_stuck(r);

	for (unsigned state = 0; state <= PHONE_REJECTED; state++) {
		if (s.phones[state] == 0)
			continue;
		buf_printf(to, "<h2>%u phones: ", s.phones[state]);
		put_text(to, phone_state_text((enum phone_state)state));
		buf_text(to, "</h2>\n<ul>\n");
		for (unsigned k = 0; k < s.count; k++) {
			if (s.reason[k].state != state)
				continue;
			buf_printf(to, "<li>%u: ", s.reason[k].phones);
			put_text(to, s.reason[k].text);
			buf_text(to, "</li>\n");
		}
		buf_text(to, "</ul>\n");
	}
}

static void put_page(struct buf *to, const struct fleet_options *o, const struct fleet_report *r)
{
	buf_text(to, "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\">\n"
		     "<title>dialtone fleet</title>\n<style>body{font:15px sans-serif;margin:2em;"
		     "max-width:760px}td,th{text-align:right;padding:2px 12px}"
		     "td:first-child,th:first-child{text-align:left}</style>\n<h1>");
	buf_printf(to, "%u phones: %u registered, %u rejected, %u on their way</h1>\n", r->phones,
		   r->registered, r->rejected, r->phones - r->registered - r->rejected);
	buf_printf(to, "<p>The last came up after %.2f s. %s%s</p>\n", (double)r->last_up / 1e6,
		   r->heard ? "" : "No server answered anything. ",
		   r->gave_up ? "Given up: nothing came nearer." : "");
	put_where(to, o);
	put_curve(to, r);
	put_steps(to, r);
	buf_printf(to,
		   "<p>Sent again: %llu DHCP, %llu file requests and blocks. %llu failovers, %llu "
		   "tokens refused, %llu power cycles.</p>\n",
		   (unsigned long long)r->resent_dhcp, (unsigned long long)r->resent_files,
		   (unsigned long long)r->failovers, (unsigned long long)r->tokens_rejected,
		   (unsigned long long)r->power_cycles);
	put_stuck(to, r);
	put_models(to, o, r);
	buf_text(to, "</html>\n");
}

int fleet_write_html(const char *path, const struct fleet_options *options,
		     const struct fleet_report *report)
{
	struct buf page;
	int error = 0;

	buf_init(&page, PAGE_MAX);
	put_page(&page, options, report);
	FILE *file = buf_error(&page) == 0 ? fopen(path, "w") : NULL;
	if (file == NULL)
		error = buf_error(&page) != 0 ? buf_error(&page) : E_SYSTEM;
	else if (fwrite(page.ptr, 1, page.len, file) != page.len)
		error = E_SYSTEM;
	if (file != NULL && fclose(file) != 0)
		error = E_SYSTEM;
	buf_done(&page);
	return error;
}
