/* A whole timeline in words: the summary first, then a block for each phone that is not well. */
#include "cli/explain_print.h"

#include "base/alloc.h"
#include "base/error.h"
#include "boot/explain.h"
#include "cli/cli.h"

#include <stdio.h>

#define TEXT_MAX (64u << 20)

static void count_phones(struct timeline *timeline, dt_time now, struct phone_report *report,
			 struct explain_count *count)
{
	size_t at = 0;
	struct mac mac;

	while (timeline_next_phone(timeline, &at, &mac)) {
		if (!diagnose_phone(timeline, mac, now, report))
			continue;
		count->phones++;
		count->by_status[report->status]++;
	}
}

static void print_blocks(struct timeline *timeline, const struct explain_view *view,
			 struct phone_report *report)
{
	struct explain_options options = {
	    .width = cli_width(), .colour = cli_colour(), .live = false};
	size_t at = 0;
	struct mac mac;
	struct buf text;

	buf_init(&text, TEXT_MAX);
	while (timeline_next_phone(timeline, &at, &mac)) {
		if (!diagnose_phone(timeline, mac, view->now, report))
			continue;
		if (!view->all && report->status == PHONE_STATUS_REGISTERED)
			continue;
		buf_char(&text, '\n');
		explain_phone_text(report, &options, &text);
		(void)fwrite(text.ptr, 1, text.len, stdout);
		buf_clear(&text);
	}
	buf_done(&text);
}

static int print_one(struct timeline *timeline, const struct explain_view *view,
		     struct phone_report *report)
{
	struct explain_options options = {
	    .width = cli_width(), .colour = cli_colour(), .live = false};
	struct buf text;
	int error = 0;

	if (!diagnose_phone(timeline, view->mac, view->now, report)) {
		char hex[MAC_HEX_SIZE];
		(void)fprintf(stderr, "dialtone: no packet of SEP%s in %s\n",
			      mac_format_hex(view->mac, hex), view->source);
		return EXIT_ANSWER_NO;
	}
	buf_init(&text, TEXT_MAX);
	if (view->as_json)
		error = explain_phone_json(report, view->source, &text);
	else
		explain_phone_text(report, &options, &text);
	(void)fwrite(text.ptr, 1, text.len, stdout);
	buf_done(&text);
	if (error != 0)
		return EXIT_CANNOT;
	return report->status == PHONE_STATUS_REGISTERED ? 0 : EXIT_ANSWER_NO;
}

static int print_all(struct timeline *timeline, const struct explain_view *view,
		     struct phone_report *report)
{
	struct explain_count count = {0};
	struct buf text;
	int error = 0;

	count_phones(timeline, view->now, report, &count);
	buf_init(&text, TEXT_MAX);
	if (view->as_json)
		error = explain_json(timeline, view->source, view->now, &text);
	else if (count.phones == 0)
		buf_printf(
		    &text,
		    "No phone in %s: neither DHCP of a Cisco phone nor its files nor SCCP.\n",
		    view->source);
	else
		explain_summary_text(&count, &text);
	(void)fwrite(text.ptr, 1, text.len, stdout);
	buf_done(&text);
	if (error != 0) {
		(void)fprintf(stderr, "dialtone: %s\n", error_text(error));
		return EXIT_CANNOT;
	}
	if (!view->as_json)
		print_blocks(timeline, view, report);
	return count.phones == 0 ? EXIT_ANSWER_NO : explain_exit_status(&count);
}

static void print_facts(struct timeline *timeline, const struct explain_view *view)
{
	size_t phone = 0;
	struct mac mac;
	struct buf line;

	buf_init(&line, 4096);
	while (timeline_next_phone(timeline, &phone, &mac)) {
		size_t at = 0;
		const struct fact *fact = NULL;
		while ((fact = timeline_next_fact(timeline, mac, &at)) != NULL) {
			if (view->one && !mac_equal(mac, view->mac))
				continue;
			buf_clear(&line);
			fact_format(fact, &line);
			(void)printf("%12.6f %6llu  %s\n", (double)fact->at / 1e6,
				     (unsigned long long)fact->evidence, buf_cstr(&line));
		}
	}
	buf_done(&line);
}

int explain_print(struct timeline *timeline, const struct explain_view *view)
{
	struct phone_report *report = alloc_zero(1, sizeof *report);
	int status = 0;

	if (report == NULL) {
		(void)fprintf(stderr, "dialtone: %s\n", error_text(E_NO_MEMORY));
		return EXIT_CANNOT;
	}
	if (view->facts)
		print_facts(timeline, view);
	else if (view->one)
		status = print_one(timeline, view, report);
	else
		status = print_all(timeline, view, report);
	alloc_free(report);
	return status;
}
