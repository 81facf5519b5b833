/* What became of a phone, for the report. */
#include "fleet/fleet_edge_io.h"

#include "base/text.h"

static void time_steps(struct member *m, dt_time now)
{
	static const struct {
		enum fleet_step step;
		enum phone_state from, to;
	} steps[] = {{FLEET_STEP_DHCP, PHONE_DHCP, PHONE_FILES},
		     {FLEET_STEP_FILES, PHONE_FILES, PHONE_OPENING},
		     {FLEET_STEP_CONNECT, PHONE_OPENING, PHONE_REGISTERING},
		     {FLEET_STEP_REGISTER, PHONE_REGISTERING, PHONE_REGISTERED},
		     {FLEET_STEP_BOOT, PHONE_STARTING, PHONE_REGISTERED}};

	m->entered[PHONE_REGISTERED] = now;
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		dt_time from = m->entered[steps[i].from];
		dt_time to = m->entered[steps[i].to];
		if (from > 0 && to > from)
			m->record->step[steps[i].step] = to - from;
	}
}

/* A phone that begins again has not come up: from now on it is looked at. */
static void watch_trouble(struct member *m, enum phone_state state, dt_time now)
{
	bool again = state == PHONE_REJECTED || (state < m->furthest && state >= PHONE_DHCP);

	if (m->watch != NULL || !again || m->record->was_up ||
	    m->edge->watched == FLEET_WATCHED_MAX)
		return;
	m->edge->watched++;
	m->watch = fleet_watch_new(now);
}

void record_view(struct member *m)
{
	struct phone_view view;

	phone_view(m->phone, &view);
	m->record->boots = view.boots;
	m->record->registrations = view.registrations;
	m->record->failovers = view.failovers;
	m->record->keepalives = view.keepalives_sent;
	m->record->answered = view.keepalives_acked;
	m->record->tokens_rejected = view.tokens_rejected;
	m->record->resent_dhcp = view.resent_dhcp;
	m->record->resent_files = view.resent_files;
	(void)text_copy(m->record->last_reject, sizeof m->record->last_reject, view.last_reject);
}

void record_state(struct member *m, enum phone_state state, dt_time now)
{
	struct edge *e = m->edge;
	struct fleet_record *r = m->record;
	dt_time at = now - e->part->began;
	bool was_registered = r->state == PHONE_REGISTERED;

	m->entered[state] = at > 0 ? at : 1;
	watch_trouble(m, state, now);
	if (state > m->furthest) {
		m->furthest = state;
		e->nearer_at = now;
	}
	if (state == PHONE_REGISTERED) {
		time_steps(m, m->entered[state]);
		if (!r->was_up)
			r->first_up = at;
		r->was_up = true;
		port_drop(m);
		fleet_watch_free(m->watch);
		m->watch = NULL;
	}
	if (was_registered != (state == PHONE_REGISTERED))
		fleet_curve_change(e->part->share, at, was_registered ? -1 : 1);
	if (state == PHONE_OFF)
		member_close_all(m, !e->leaving);
	else if (state == PHONE_VLAN)
		wire_wait(m);
	r->state = (uint8_t)state;
	record_view(m);
	if (e->part->alone && e->options->on_state != NULL)
		e->options->on_state(e->options->context, m->phone, at);
}
