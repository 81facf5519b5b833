/* The administrator of the virtual world: one change at a time, at the first server, and a ledger
 * of what was acknowledged. */
#include "sim/sim_internal.h"

#include <stdio.h>

void admin_event(struct world *w)
{
	struct sim_node *n = &w->node[0];
	const char *why = NULL;

	world_again(w, EVENT_ADMIN, w->faults.admin_every);
	if (!n->up || w->admin_ticket != 0 || w->disk.device_count == 0)
		return;
	struct device d = w->disk.devices[rand_below(&w->rand, w->disk.device_count)];
	(void)snprintf(d.label, sizeof d.label, "label %llu", (unsigned long long)++w->admin_count);
	if (reg_device_set(n->reg, &d, &w->admin_ticket, &why) != 0)
		w->admin_ticket = 0;
	else
		w->admin_device = d;
	node_pump(w, n);
}

void admin_commit_done(struct world *w, const struct change *change, bool ok)
{
	if (w->admin_ticket == 0 || change->ticket != w->admin_ticket)
		return;
	w->admin_ticket = 0;
	if (ok)
		ledger_admin_stored(w, &w->admin_device);
}
