/* The reports of dialtone fleet. */
#ifndef DIALTONE_CLI_CMD_FLEET_H
#define DIALTONE_CLI_CMD_FLEET_H

#include "cli/cli.h"
#include "fleet/fleet.h"

#define FLEET_REASONS_MAX 12 /* different ones that are told */

/* Phones that are not up, by where they are; and what the rules say of those that were looked at.
 * The texts are the report's. */
struct fleet_stuck {
	unsigned phones[PHONE_REJECTED + 1];
	unsigned count;
	struct {
		unsigned state, phones;
		const char *text;
	} reason[FLEET_REASONS_MAX];
};
struct fleet_stuck fleet_count_stuck(const struct fleet_report *report);

/* One line on standard error that replaces itself. */
void fleet_print_progress(void *context, const struct fleet_report *report);
void fleet_print_report(const struct fleet_options *options, const struct fleet_report *report);
/* One page. 0; E_SYSTEM with errno; E_NO_MEMORY, E_TOO_LONG. */
int fleet_write_html(const char *path, const struct fleet_options *options,
		     const struct fleet_report *report);
void fleet_print_json(const struct fleet_options *options, const struct fleet_report *report);

#endif
