/* The CallManager list: which member the phone registers with, and which one it keeps in reserve.
 *
 * Priority decides, member 0 first. A member that would not have the phone is passed over until it
 * is registered somewhere; when none is left the phone waits and reads its files again. Once
 * registered it opens a standby connection to the best of the others. If the active one fails, the
 * standby is there at once. If the standby is a better one than the active, it must stay up for
 * the connection monitor duration of the file; then the phone asks it for a token (where the model
 * does), unregisters, and goes home:
 *
 *   registered with 0, standby 1 --0 lost--> registered with 1, looks for 0
 *         ^                                         | 0 opens, stays for 120 s
 *         +--- Unregister at 1, Register at 0 <-----+ token granted (rejected: asks again later)
 *
 * Names are resolved before the first call. SRST gateways stand behind the members: last to be
 * tried, never in reserve. */
#include "phone/phone_internal.h"

#define MONITOR_US DT_SECONDS(120) /* connectionMonitorDuration when the file has none */

static uint32_t bit(unsigned member)
{
	return 1u << member;
}

/* The hosts of the file in their order; NULL behind the last. */
static const struct cnf_member *host_at(const struct phone *p, unsigned i)
{
	if (i < p->cnf.member_count)
		return &p->cnf.member[i];
	i -= p->cnf.member_count;
	return i < p->cnf.srst_count ? &p->cnf.srst[i] : NULL;
}

/* An empty list, or names that all lead nowhere: the file server's own address (why a phone may
 * always sit on the publisher). */
static void end_members(struct phone *p)
{
	struct callmanager_list *l = &p->list;

	if (l->count == 0)
		l->member[l->count++] = (struct endpoint){p->tftp.server.ip, SCCP_PORT};
	l->srst_first = l->count;
}

/* One whose name led nowhere is left out. */
static void add(struct phone *p, struct ip4 ip)
{
	struct callmanager_list *l = &p->list;
	const struct cnf_member *host = host_at(p, l->read);

	if (!ip4_is_zero(ip))
		l->member[l->count++] = (struct endpoint){ip, host->port};
	l->read++;
	if (l->read == p->cnf.member_count)
		end_members(p);
}

static void connect_active(struct phone *p, unsigned member, dt_time now)
{
	if (p->link[LINK_STANDBY].state != LINK_CLOSED && p->link[LINK_STANDBY].member == member)
		link_close(p, LINK_STANDBY);
	p->view.callmanager = p->list.member[member];
	phone_set_state(p, PHONE_OPENING);
	link_connect(p, LINK_ACTIVE, member, now);
}

/* The standby becomes the active one: it is open already. */
static void promote(struct phone *p, dt_time now)
{
	link_move(p, LINK_STANDBY, LINK_ACTIVE);
	p->link[LINK_ACTIVE].keepalive_at = DT_NEVER;
	p->link[LINK_ACTIVE].keepalives_open = 0;
	p->view.callmanager = p->list.member[p->link[LINK_ACTIVE].member];
	phone_set_state(p, PHONE_OPENING);
	sccp_client_open(p, now);
}

/* Nobody is left: the phone waits, as long as a refused token told it to, and begins again with its
 * files. */
static void exhausted(struct phone *p, dt_time now)
{
	dt_time wait = p->list.wait_us;

	link_close(p, LINK_STANDBY);
	link_close(p, LINK_PROBE);
	phone_set_state(p, p->list.rejected ? PHONE_REJECTED : PHONE_OPENING);
	p->list.tried = 0;
	p->list.rejected = false;
	p->list.wait_us = 0;
	phone_start_over(p, now, wait > 0 ? wait : p->profile->reject_wait_us, false);
}

static void next(struct phone *p, dt_time now)
{
	const struct sccp_link *standby = &p->link[LINK_STANDBY];

	p->list.failback_at = DT_NEVER;
	p->list.seek_at = DT_NEVER;
	link_close(p, LINK_PROBE);
	if ((standby->state == LINK_OPEN || standby->state == LINK_TOKEN) &&
	    (p->list.tried & bit(standby->member)) == 0) {
		promote(p, now);
		return;
	}
	for (unsigned i = 0; i < p->list.count; i++) {
		if ((p->list.tried & bit(i)) == 0) {
			connect_active(p, i, now);
			return;
		}
	}
	exhausted(p, now);
}

/* Address by address into the list; a name waits for DNS. Then the first member is called. */
static void read_list(struct phone *p, dt_time now)
{
	const struct cnf_member *host = NULL;
	struct ip4 ip;

	while ((host = host_at(p, p->list.read)) != NULL) {
		if (ip4_parse(host->host, &ip) != 0) {
			dns_client_ask(p, host->host, DNS_FOR_LIST, now);
			return;
		}
		add(p, ip);
	}
	next(p, now);
}

void list_start(struct phone *p, dt_time now)
{
	list_drop(p);
	p->list = (struct callmanager_list){.seek_at = DT_NEVER, .failback_at = DT_NEVER};
	if (p->cnf.member_count == 0)
		end_members(p);
	read_list(p, now);
}

void list_resolved(struct phone *p, struct ip4 ip, dt_time now)
{
	add(p, ip);
	read_list(p, now);
}

void list_drop(struct phone *p)
{
	dns_client_stop(p);
	for (unsigned role = 0; role < LINK_COUNT; role++)
		link_close(p, (enum link_role)role);
	p->list.seek_at = DT_NEVER;
	p->list.failback_at = DT_NEVER;
}

void list_active_lost(struct phone *p, enum last_reason why, dt_time now)
{
	struct sccp_link *active = &p->link[LINK_ACTIVE];

	p->last = why;
	p->list.tried |= bit(active->member);
	p->list.rejected |= why == LAST_REJECTED;
	p->view.failovers += active->state == LINK_REGISTERED;
	link_close(p, LINK_ACTIVE);
	next(p, now);
}

void list_registered(struct phone *p, dt_time now)
{
	p->list.tried = 0;
	p->list.rejected = false;
	p->list.wait_us = 0;
	p->list.unreachable = 0;
	if (p->profile->has_standby && p->list.count > 1)
		p->list.seek_at = dt_time_add(now, p->profile->standby_us);
	/* A standby kept through a failover may be a better one than where it ended. */
	if (p->link[LINK_STANDBY].state == LINK_OPEN)
		list_standby_opened(p, LINK_STANDBY, now);
}

/* A better one than the standby there is, or any at all: looked for one after the other; after the
 * last, everything again a while later. */
static void seek(struct phone *p, dt_time now)
{
	struct callmanager_list *l = &p->list;
	const struct sccp_link *standby = &p->link[LINK_STANDBY];
	unsigned active = p->link[LINK_ACTIVE].member;
	bool held = standby->state != LINK_CLOSED;
	unsigned end = held ? standby->member : l->srst_first;

	l->seek_at = DT_NEVER;
	if (p->link[LINK_PROBE].state != LINK_CLOSED || standby->state == LINK_CONNECTING)
		return;
	for (unsigned i = 0; i < end; i++) {
		if (i == active || (l->unreachable & bit(i)) != 0)
			continue;
		link_connect(p, held ? LINK_PROBE : LINK_STANDBY, i, now);
		return;
	}
	/* With member 0 active or in reserve there is no better one. */
	if (held && (standby->member == 0 || (active == 0 && standby->member == 1)))
		return;
	l->unreachable = 0;
	l->seek_at = dt_time_add(now, p->profile->standby_us);
}

void list_standby_opened(struct phone *p, enum link_role role, dt_time now)
{
	dt_time monitor = p->cnf.monitor_s > 0 ? DT_SECONDS(p->cnf.monitor_s) : MONITOR_US;

	if (role == LINK_PROBE)
		link_move(p, LINK_PROBE, LINK_STANDBY);
	p->list.failback_at = DT_NEVER;
	if (p->link[LINK_STANDBY].member < p->link[LINK_ACTIVE].member)
		p->list.failback_at = dt_time_add(now, monitor);
	p->list.seek_at = dt_time_add(now, p->profile->standby_us);
}

void list_standby_lost(struct phone *p, enum link_role role, dt_time now)
{
	p->list.unreachable |= bit(p->link[role].member);
	link_close(p, role);
	if (role == LINK_STANDBY)
		p->list.failback_at = DT_NEVER;
	if (p->link[LINK_ACTIVE].state == LINK_REGISTERED)
		seek(p, now);
}

/* While the phone registers nowhere, a refused token sends it to the next member; while it is
 * registered it stays where it is and asks again when told. */
void list_token_answer(struct phone *p, enum link_role role, bool granted, uint32_t wait_s,
		       dt_time now)
{
	dt_time wait = DT_SECONDS(wait_s > 0 ? wait_s : 1);

	p->view.tokens_rejected += !granted;
	if (role == LINK_ACTIVE && granted) {
		sccp_client_register(p, now);
	} else if (role == LINK_ACTIVE) {
		if (p->list.wait_us == 0 || wait < p->list.wait_us)
			p->list.wait_us = wait;
		list_active_lost(p, p->last, now);
	} else {
		p->link[role].state = LINK_OPEN;
		p->link[role].deadline = DT_NEVER;
		if (granted)
			sccp_client_leave(p, AFTER_FAILBACK, now);
		else
			p->list.failback_at = dt_time_add(now, wait);
	}
}

static void go_home(struct phone *p, dt_time now)
{
	p->list.failback_at = DT_NEVER;
	if (p->link[LINK_ACTIVE].state != LINK_REGISTERED ||
	    p->link[LINK_STANDBY].state != LINK_OPEN)
		return;
	if (p->profile->token_failback)
		sccp_client_ask_token(p, LINK_STANDBY, now);
	else
		sccp_client_leave(p, AFTER_FAILBACK, now);
}

void list_failback(struct phone *p, dt_time now)
{
	p->last = LAST_FAILBACK;
	p->view.failbacks++;
	p->list.tried = 0;
	link_close(p, LINK_ACTIVE);
	next(p, now);
}

void list_expire(struct phone *p, dt_time now)
{
	if (now >= p->list.failback_at)
		go_home(p, now);
	if (now < p->list.seek_at)
		return;
	p->list.seek_at = DT_NEVER;
	if (p->link[LINK_ACTIVE].state == LINK_REGISTERED)
		seek(p, now);
}

dt_time list_deadline(const struct phone *p)
{
	return dt_time_min(p->list.seek_at, p->list.failback_at);
}
