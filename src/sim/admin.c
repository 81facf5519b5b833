/* The administrator of the virtual world: one change at a time, at the first server, and a ledger
 * of what was acknowledged. Labels change and phones are reset; and now and then a campaign: the
 * door is closed to unknown phones, one phone is thrown out and taken in again, the door opens. */
#include "sim/judge.h"

#include "base/error.h"

#include <stdio.h>

#define CAMPAIGN_EACH 6 /* changes, one begins */
#define WINDOW_S      60
#define BACK_AGAIN    DT_SECONDS(300)
#define RESTORE_EVERY DT_SECONDS(5)

enum step {
	STEP_NONE,
	STEP_CLOSE, /* auto-registration off, or soon over */
	STEP_DELETE,
	STEP_ADD,
	STEP_OPEN,
};

static void refused(struct world *w, const char *what, int error, const char *why)
{
	/* Busy and full are answers; that the record is no good is none: it was good before. */
	if (error == E_BAD_VALUE || error == E_EXISTS || error == E_UNKNOWN)
		invariants_violated(w, 4, "the administrator may not %s %s: %s", what,
				    w->admin_gone.name, why);
}

static void set_label(struct world *w, struct sim_node *n)
{
	static const char *const words[] = {"label", "R&D", "<\"quoted\">"};
	struct device d = w->disk.devices[rand_below(&w->rand, w->disk.device_count)];
	const char *why = NULL;

	(void)snprintf(d.label, sizeof d.label, "%s %llu",
		       words[w->admin_count % (sizeof words / sizeof *words)],
		       (unsigned long long)w->admin_count);
	w->admin_count++;
	if (reg_device_set(n->reg, &d, &w->admin_ticket, &why) != 0)
		w->admin_ticket = 0;
	else
		w->admin_device = d;
}

static void reset_one(struct world *w, const char *name, uint32_t type)
{
	world_note(w, "the administrator resets %s, type %u", name, type);
	for (unsigned k = 0; k < SIM_NODES; k++) {
		if (!w->node[k].up)
			continue;
		node_reset(w, &w->node[k], name, type);
		node_pump(w, &w->node[k]);
	}
}

/* The door for unknown phones: shut at once or in a minute, or open for good. */
static void set_door(struct world *w, struct sim_node *n, bool open)
{
	struct settings s = w->disk.settings;
	const char *why = NULL;
	/* A clock that goes back would open a window again. */
	bool window = !open && w->config.faults->clock_every == 0 && rand_below(&w->rand, 2) == 0;

	s.autoreg_on = open || window;
	s.autoreg_until_unix_s = window ? world_unix_s(w) + WINDOW_S : 0;
	int error = reg_settings_set(n->reg, &s, &w->admin_ticket, &why);
	if (error != 0)
		w->admin_ticket = 0;
	refused(w, "set auto-registration beside", error, why);
}

static void delete_one(struct world *w, struct sim_node *n)
{
	const struct settings *s = &w->disk.settings;
	const char *why = NULL;

	if (s->autoreg_on && world_unix_s(w) < s->autoreg_until_unix_s)
		return;
	w->admin_gone = w->disk.devices[rand_below(&w->rand, w->disk.device_count)];
	/* Whose address is kept for it keeps its record: the judges believe in it. */
	if (!ip4_is_zero(w->admin_gone.reserved_ip))
		return;
	if (reg_device_delete(n->reg, w->admin_gone.name, &w->admin_ticket, &why) != 0)
		w->admin_ticket = 0;
}

static void add_again(struct world *w, struct sim_node *n)
{
	const char *why = NULL;
	int error = reg_device_add(n->reg, &w->admin_gone, w->admin_gone.added_unix_s,
				   &w->admin_ticket, &why);

	if (error != 0)
		w->admin_ticket = 0;
	refused(w, "add", error, why);
}

static void go_on(struct world *w, struct sim_node *n)
{
	switch ((enum step)w->admin_step) {
	case STEP_CLOSE:
		set_door(w, n, false);
		break;
	case STEP_DELETE:
		delete_one(w, n);
		break;
	case STEP_ADD:
		add_again(w, n);
		break;
	case STEP_OPEN:
		set_door(w, n, true);
		break;
	case STEP_NONE:
		break;
	}
}

static void work(struct world *w, struct sim_node *n)
{
	if (w->admin_step == STEP_NONE && w->admin_count % CAMPAIGN_EACH == CAMPAIGN_EACH - 1 &&
	    !w->config.faults->tight_pool) {
		w->admin_count++;
		w->admin_step = STEP_CLOSE;
	}
	if (w->admin_step != STEP_NONE)
		go_on(w, n);
	else if (rand_below(&w->rand, 3) == 0)
		reset_one(w, w->disk.devices[rand_below(&w->rand, w->disk.device_count)].name,
			  1 + (uint32_t)rand_below(&w->rand, 3));
	else
		set_label(w, n);
	node_pump(w, n);
}

void admin_event(struct world *w)
{
	struct sim_node *n = &w->node[0];

	world_again(w, EVENT_ADMIN, w->faults.admin_every);
	if (n->up && w->admin_ticket == 0 && w->disk.device_count > 0)
		work(w, n);
}

/* A campaign that calm found half done is brought to its end. */
void admin_restore(struct world *w)
{
	struct sim_node *n = &w->node[0];

	if (w->admin_step == STEP_NONE)
		return;
	world_push(w, &(struct event){.at = w->now + RESTORE_EVERY, .kind = EVENT_ADMIN_RESTORE});
	if (!n->up || w->admin_ticket != 0)
		return;
	if (w->admin_step == STEP_CLOSE || w->admin_step == STEP_DELETE)
		w->admin_step = STEP_OPEN;
	go_on(w, n);
	node_pump(w, n);
}

static void step_done(struct world *w)
{
	switch ((enum step)w->admin_step) {
	case STEP_CLOSE:
		w->admin_step = STEP_DELETE;
		break;
	case STEP_DELETE:
		ledger_admin_deleted(w, w->admin_gone.name);
		w->admin_step = STEP_ADD;
		reset_one(w, w->admin_gone.name, 1);
		break;
	case STEP_ADD:
		w->admin_step = STEP_OPEN;
		break;
	case STEP_OPEN:
		/* It may have registered while its record was gone, and shows no number. */
		w->admin_step = STEP_NONE;
		w->admin_gone_until = w->now + BACK_AGAIN;
		reset_one(w, w->admin_gone.name, 1);
		break;
	case STEP_NONE:
		break;
	}
}

void admin_commit_done(struct world *w, const struct change *change, bool ok)
{
	if (w->admin_ticket == 0 || change->ticket != w->admin_ticket)
		return;
	w->admin_ticket = 0;
	if (ok && w->admin_step != STEP_NONE)
		step_done(w);
	else if (ok)
		ledger_admin_stored(w, &w->admin_device);
}

/* Whoever died before it answered may have stored it or not: the records tell. */
void admin_server_started(struct world *w)
{
	bool there = disk_find_device(&w->disk, w->admin_gone.name) != NULL;

	w->admin_ticket = 0;
	bool deleted = w->admin_step == STEP_DELETE && w->admin_gone.name[0] != 0 && !there;
	if (deleted || (w->admin_step == STEP_ADD && there))
		step_done(w);
}

bool admin_is_gone(const struct world *w, const char *name)
{
	return (w->admin_step != STEP_NONE || w->now < w->admin_gone_until) &&
	       strcmp(w->admin_gone.name, name) == 0;
}
