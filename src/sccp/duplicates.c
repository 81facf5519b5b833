/* Two connections, one device name. The newest one is mostly the phone itself, back after a reboot
 * or a cut cable, and the older one a half-open leftover. But it may be another phone with a copied
 * name (F-13), and then the two would push each other out for ever.
 *
 *   same address, or the older one is overdue --> the newest is the phone, the older one is closed
 *   else the older one is asked (CapabilitiesReq), the newest waits as CONTESTING
 *        the older one says anything within 3 s --> the newest is refused NAME_IN_USE
 *        it says nothing, or its connection ends --> the newest is the phone
 *
 * Closed without a Reset, which would reach the phone itself if it were still there. */
#include "sccp/callmanager.h"

#define OVERDUE DT_SECONDS(5) /* beyond its keepalive */

static bool is_overdue(const struct callmanager *c, const struct station *older, dt_time now)
{
	dt_time keepalive = DT_SECONDS((dt_time)reg_settings(c->reg)->keepalive_s);

	return now - older->heard > keepalive + OVERDUE;
}

static void take_over(struct callmanager *c, struct station *s, struct station *older, dt_time now)
{
	/* First the new one: whoever else contests the older one learns who bears the name now. */
	station_accept(c, s, now);
	if (older != NULL && older != s)
		station_close(c, older, UNREGISTER_DUPLICATE, now);
}

void station_contest(struct callmanager *c, struct station *s, dt_time now)
{
	struct station *older = callmanager_by_name(c, s->claim.name);

	if (older == NULL || older == s || ip4_equal(older->peer.ip, s->peer.ip) ||
	    is_overdue(c, older, now)) {
		take_over(c, s, older, now);
		return;
	}
	struct station *earlier = callmanager_station(c, older->rival);
	s->rival = older->id;
	station_set_state(c, s, STATION_CONTESTING, now);
	s->silent_at = dt_time_add(now, PROBE_TIME);
	callmanager_deadline_update(c, s);
	/* Somebody else asks already: the newest contests, the other one has lost its turn. */
	if (earlier != NULL && earlier->state == STATION_CONTESTING)
		station_close(c, earlier, 0, now);
	older->rival = s->id;
	station_send(c, older, &(struct sccp_message){.id = SCCP_CAPABILITIES_REQ});
}

void station_proved_alive(struct callmanager *c, struct station *older, dt_time now)
{
	struct station *newer = callmanager_station(c, older->rival);
	struct reg_decision decision = {.verdict = REG_REFUSED, .reason = REASON_NAME_IN_USE};

	older->rival = 0;
	if (newer != NULL && newer->state == STATION_CONTESTING && newer->rival == older->id)
		station_refuse(c, newer, &decision, now);
}

void station_contest_over(struct callmanager *c, struct station *newer, dt_time now)
{
	struct station *older = callmanager_station(c, newer->rival);
	struct station *bearer = callmanager_by_name(c, newer->claim.name);

	newer->rival = 0;
	/* The one that was asked came back on another connection meanwhile. */
	if (bearer != NULL && bearer != older && bearer != newer)
		station_contest(c, newer, now);
	else
		take_over(c, newer, older, now);
}
