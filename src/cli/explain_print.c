/* A whole timeline in words: the summary first, then a block for each phone that is not well. */
#include "cli/explain_print.h"

#include "base/alloc.h"
#include "base/error.h"
#include "boot/explain.h"
#include "cli/cli.h"

#include <stdio.h>

#define TEXT_MAX    (64u << 20)
#define GROUP_LARGE 4 /* phones: from here on one of them is shown for all */

static int count_phones(struct timeline *timeline, dt_time now, struct phone_report *report,
			struct groups *groups)
{
	size_t at = 0;
	struct mac mac;
	int error = 0;

	while (error == 0 && timeline_next_phone(timeline, &at, &mac)) {
		if (diagnose_phone(timeline, mac, now, report))
			error = groups_add(groups, report);
	}
	groups_finish(groups);
	return error;
}

/* One phone of a large group stands for all of it. */
static bool stands_for_others(const struct groups *groups, const struct phone_report *report)
{
	const struct group *group = groups_of(groups, report);

	return group == NULL || group->count < GROUP_LARGE ||
	       mac_equal(group->phones[0].mac, report->mac);
}

static void print_blocks(struct timeline *timeline, const struct explain_view *view,
			 struct phone_report *report, const struct groups *groups)
{
	struct explain_options options = {
	    .width = cli_width(), .colour = cli_colour(), .live = false};
	size_t at = 0;
	size_t left_out = 0;
	struct mac mac;
	struct buf text;

	buf_init(&text, TEXT_MAX);
	while (timeline_next_phone(timeline, &at, &mac)) {
		if (!diagnose_phone(timeline, mac, view->now, report))
			continue;
		if (!view->all && report->status == PHONE_STATUS_REGISTERED)
			continue;
		if (!view->all && !stands_for_others(groups, report)) {
			left_out++;
			continue;
		}
		buf_char(&text, '\n');
		explain_phone_text(report, &options, &text);
		(void)fwrite(text.ptr, 1, text.len, stdout);
		buf_clear(&text);
	}
	buf_done(&text);
	if (left_out > 0)
		(void)printf("\n%zu more of the same groups: --all shows each, --phone NAME one.\n",
			     left_out);
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
	struct explain_options options = {.width = cli_width()};
	struct groups *groups = alloc_zero(1, sizeof *groups);
	struct buf text;
	int error = groups == NULL ? E_NO_MEMORY : 0;
	int status = EXIT_CANNOT;

	buf_init(&text, TEXT_MAX);
	if (error == 0)
		error = count_phones(timeline, view->now, report, groups);
	if (error == 0 && view->as_json)
		error = explain_json(timeline, view->source, view->now, &text);
	else if (error == 0 && groups->phones == 0)
		buf_printf(
		    &text,
		    "No phone in %s: neither DHCP of a Cisco phone nor its files nor SCCP.\n",
		    view->source);
	else if (error == 0)
		explain_summary_text(groups, &options, &text);
	(void)fwrite(text.ptr, 1, text.len, stdout);
	buf_done(&text);
	if (error != 0) {
		(void)fprintf(stderr, "dialtone: %s\n", error_text(error));
	} else {
		if (!view->as_json)
			print_blocks(timeline, view, report, groups);
		status = groups->phones == 0 ? EXIT_ANSWER_NO : explain_exit_status(groups);
	}
	if (groups != NULL)
		groups_done(groups);
	alloc_free(groups);
	return status;
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
