/* The reports of dialtone fleet. */
#ifndef DIALTONE_CLI_CMD_FLEET_H
#define DIALTONE_CLI_CMD_FLEET_H

#include "cli/cli.h"
#include "fleet/fleet.h"

/* One line on standard error that replaces itself. */
void fleet_print_progress(void *context, const struct fleet_report *report);
void fleet_print_report(const struct fleet_options *options, const struct fleet_report *report);
void fleet_print_json(const struct fleet_options *options, const struct fleet_report *report);

#endif
