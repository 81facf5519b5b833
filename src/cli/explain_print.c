/* A whole timeline in words: the summary first, then a block for each phone that is not well. */
#include "cli/explain_print.h"

#include "base/alloc.h"
#include "base/error.h"
#include "boot/against.h"
#include "boot/explain.h"
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

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

/* One page for all: the healthy ones only when asked. */
static int write_page(struct timeline *timeline, const struct explain_view *view,
		      struct phone_report *report, const struct groups *groups)
{
	size_t at = 0;
	struct mac mac;
	struct buf text;

	buf_init(&text, TEXT_MAX);
	explain_html_begin(groups, view->source, &text);
	while (timeline_next_phone(timeline, &at, &mac)) {
		const struct fact *facts = NULL;
		if ((view->one && !mac_equal(mac, view->mac)) ||
		    !diagnose_phone(timeline, mac, view->now, report))
			continue;
		if (!view->all && !view->one &&
		    ((report->status == PHONE_STATUS_REGISTERED && groups->phones > 1) ||
		     !stands_for_others(groups, report)))
			continue;
		size_t count = timeline_facts(timeline, mac, &facts);
		explain_html_phone(report, facts, count, &text);
		(void)fwrite(text.ptr, 1, text.len, view->html);
		buf_clear(&text);
	}
	explain_html_end(&text);
	(void)fwrite(text.ptr, 1, text.len, view->html);
	int error = buf_error(&text);
	buf_done(&text);
	return error != 0 || fflush(view->html) != 0 ? EXIT_CANNOT : 0;
}

static int print_page(struct timeline *timeline, const struct explain_view *view,
		      struct phone_report *report)
{
	struct groups *groups = alloc_zero(1, sizeof *groups);
	int status = EXIT_CANNOT;

	if (groups != NULL && count_phones(timeline, view->now, report, groups) == 0)
		status = write_page(timeline, view, report, groups);
	if (status != 0)
		(void)fprintf(stderr, "dialtone: the page could not be written: %s\n", cli_errno());
	else
		status = groups->phones == 0 ? EXIT_ANSWER_NO : explain_exit_status(groups);
	if (groups != NULL)
		groups_done(groups);
	alloc_free(groups);
	return status;
}

/* The phone meant: the one named, else the only one there is. */
static bool the_phone(struct timeline *timeline, const struct explain_view *view,
		      struct phone_report *report, struct mac *ret_mac)
{
	size_t at = 0;
	size_t phones = 0;
	struct mac mac;

	while (!view->one && timeline_next_phone(timeline, &at, &mac)) {
		if (!diagnose_phone(timeline, mac, view->now, report))
			continue;
		*ret_mac = mac;
		phones++;
	}
	if (view->one)
		*ret_mac = view->mac;
	if (view->one || phones == 1)
		return true;
	(void)fprintf(stderr, "dialtone: %s has %zu phones: name one with --phone\n", view->source,
		      phones);
	return false;
}

/* A copy of a phone's facts: those of a timeline last only until it is asked again. */
static struct fact *copy_facts(const struct timeline *timeline, struct mac mac, size_t *ret_count)
{
	const struct fact *facts = NULL;
	size_t count = timeline_facts(timeline, mac, &facts);
	struct fact *copy = count > 0 ? alloc_zero(count, sizeof *copy) : NULL;

	if (copy != NULL)
		memcpy(copy, facts, count * sizeof *copy);
	*ret_count = count;
	return copy;
}

static int print_against(struct timeline *timeline, const struct explain_view *view,
			 struct phone_report *report)
{
	struct mac mac;
	struct mac other = view->other_mac;
	const struct explain_view there = {
	    .source = view->other_source, .now = view->now, .one = view->one, .mac = view->mac};

	if (!the_phone(timeline, view, report, &mac))
		return EXIT_USAGE;
	if (mac_is_zero(other) && !the_phone(view->other, &there, report, &other))
		return EXIT_USAGE;
	char names[2][160];
	char hex[MAC_HEX_SIZE];
	size_t count[2];
	struct fact *facts[2] = {copy_facts(timeline, mac, &count[0]),
				 copy_facts(view->other, other, &count[1])};
	(void)snprintf(names[0], sizeof names[0], "SEP%s in %s", mac_format_hex(mac, hex),
		       view->source);
	(void)snprintf(names[1], sizeof names[1], "SEP%s in %s", mac_format_hex(other, hex),
		       view->other_source);
	int status = EXIT_ANSWER_NO;
	if (facts[0] == NULL || facts[1] == NULL) {
		(void)fprintf(stderr, "dialtone: nothing was seen of %s\n",
			      names[facts[0] == NULL ? 0 : 1]);
	} else {
		struct against_side a = against_latest(names[0], facts[0], count[0]);
		struct against_side b = against_latest(names[1], facts[1], count[1]);
		struct buf text;
		buf_init(&text, TEXT_MAX);
		if (against_text(&a, &b, cli_width(), &text))
			status = 0;
		(void)fwrite(text.ptr, 1, text.len, stdout);
		buf_done(&text);
	}
	alloc_free(facts[0]);
	alloc_free(facts[1]);
	return status;
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
	else if (view->other != NULL)
		status = print_against(timeline, view, report);
	else if (view->html != NULL)
		status = print_page(timeline, view, report);
	else if (view->one)
		status = print_one(timeline, view, report);
	else
		status = print_all(timeline, view, report);
	alloc_free(report);
	return status;
}
