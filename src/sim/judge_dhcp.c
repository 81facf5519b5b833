/* What the DHCP server owes each client, modelled from what arrived at it and left it on the wire
 * and from what the disk holds (invariants 2 and 13): whose address is whose, until when, and what
 * must stand in an answer to this very message. */
#include "sim/judge.h"

#include "base/error.h"
#include "base/map.h"

#include "base/alloc.h"

#define OFFER_HOLD   DT_SECONDS(10) /* at least; a minute while there are others */
#define OFFER_MOST   DT_SECONDS(62)
#define DECLINE_HOLD DT_SECONDS(3600)
#define TEMPORARY_S  300u
#define SLOW         DT_SECONDS(2)  /* a REQUEST repeated so late is answered from memory */
#define QUICK        DT_MS(900)     /* a commit that rounds away */
#define ANSWER_TIME  DT_SECONDS(60) /* no disk of these worlds takes that long */

int judge_dhcp_init(struct world *w)
{
	struct judge_dhcp *j = &w->judge_dhcp;

	j->client_count = w->config.phones + SIM_VISITORS;
	j->client = alloc_zero(j->client_count, sizeof *j->client);
	j->discover = SIM_NOBODY;
	return j->client == NULL ? E_NO_MEMORY : 0;
}

void judge_dhcp_done(struct world *w)
{
	alloc_free(w->judge_dhcp.client);
}

static struct dhcp_client_model *client_of(struct world *w, struct mac mac)
{
	uint32_t index = sim_client_index(w, mac);

	return index != SIM_NOBODY ? &w->judge_dhcp.client[index] : NULL;
}

static struct address *address_of(struct world *w, struct ip4 ip)
{
	uint32_t n = ip4_number(ip);
	uint32_t main = n - ip4_number(w->disk.settings.pool_first);
	uint32_t branch = n - SIM_BRANCH_FIRST;
	struct ledger *l = &w->ledger;

	if (main < l->main_size)
		return &l->address[main];
	return branch < l->address_count - l->main_size ? &l->address[l->main_size + branch] : NULL;
}

/* Whose record reserves this address, and which does this client's? */
static const struct device *reserved_to(const struct world *w, struct ip4 ip)
{
	return map_get(&w->reserved, ip4_number(ip));
}

static struct ip4 reservation_of(const struct world *w, struct mac mac)
{
	uint32_t index = sim_client_index(w, mac);

	return index < w->config.phones ? w->phones[index].reserved : ip4_of(0);
}

static bool in_branch(const struct dhcp_message *m)
{
	return (ip4_number(m->giaddr) & 0xffff0000) == (SIM_BRANCH_FIRST & 0xffff0000);
}

/* Is it an address this client may have here at all? */
static bool is_its(struct world *w, const struct dhcp_message *m, struct ip4 ip)
{
	const struct address *a = address_of(w, ip);
	const struct device *d = reserved_to(w, ip);
	struct ip4 reserved = reservation_of(w, m->chaddr);

	if (!ip4_is_zero(reserved) && !in_branch(m))
		return ip4_equal(reserved, ip);
	return a != NULL && d == NULL &&
	       (a - w->ledger.address >= (long)w->ledger.main_size) == in_branch(m);
}

static bool is_disks(const struct world *w, struct ip4 ip, const struct lease **ret_lease)
{
	const struct lease *l = disk_find_lease(&w->disk, ip);

	*ret_lease = l;
	return l != NULL && l->expires > w->now;
}

/* Taken by somebody else than `mac`, by promise, offer or quarantine. */
static bool is_taken(struct world *w, struct address *a, struct mac mac)
{
	const struct lease *l = NULL;

	if (is_disks(w, a->ip, &l) && !mac_equal(l->mac, mac))
		return true;
	if (disk_lease_is_pending(&w->disk, a->ip) && !mac_equal(a->offered, mac) &&
	    !mac_equal(a->mac, mac))
		return true;
	return (a->expires > w->now && !mac_equal(a->mac, mac)) ||
	       (a->guest_expires > w->now && !mac_equal(a->guest, mac)) ||
	       (a->offered_until > w->now && !mac_equal(a->offered, mac)) ||
	       a->declined_until > w->now;
}

/* Questions. */

static struct dhcp_asked *asked_of(struct dhcp_client_model *c, const struct dhcp_message *m)
{
	for (size_t i = 0; i < DHCP_ASKED_MAX; i++) {
		if (c->asked[i].xid == m->xid && c->asked[i].type == m->type && c->asked[i].at != 0)
			return &c->asked[i];
	}
	return NULL;
}

static void copy_option(const struct dhcp_message *m, uint8_t option, uint8_t *to, uint8_t *len)
{
	struct slice value = dhcp_option_get(m, option);

	*len = (uint8_t)(value.len < DHCP_KEPT_MAX ? value.len : 0);
	if (*len > 0)
		memcpy(to, value.ptr, *len);
}

static struct dhcp_asked *remember(struct world *w, struct dhcp_client_model *c,
				   const struct dhcp_message *m)
{
	struct dhcp_asked *a = asked_of(c, m);
	struct ip4 server;

	if (a == NULL) {
		a = &c->asked[c->next_asked++ % DHCP_ASKED_MAX];
		*a = (struct dhcp_asked){.xid = m->xid, .type = m->type, .first_at = w->now};
	}
	a->at = w->now;
	a->count++;
	a->ciaddr = m->ciaddr;
	a->giaddr = m->giaddr;
	a->flags = m->flags;
	a->requested = m->ciaddr;
	(void)dhcp_option_ip(m, DHCP_OPTION_REQUESTED_IP, &a->requested);
	a->for_us = !dhcp_option_ip(m, DHCP_OPTION_SERVER_ID, &server) ||
		    ip4_equal(server, sim_node_ip(0)) || ip4_equal(server, sim_node_ip(1));
	copy_option(m, DHCP_OPTION_CLIENT_ID, a->client_id, &a->client_id_len);
	copy_option(m, DHCP_OPTION_RELAY_AGENT, a->relay, &a->relay_len);
	return a;
}

static void on_release(struct world *w, const struct dhcp_message *m)
{
	struct address *a = address_of(w, m->ciaddr);
	const struct dhcp_client_model *c = client_of(w, m->chaddr);

	if (a == NULL || c == NULL || disk_lease_is_pending(&w->disk, a->ip))
		return;
	if (a->expires > w->now && mac_equal(a->mac, m->chaddr)) {
		a->released_at = w->now;
		a->expires = w->now;
	}
	if (a->guest_expires > w->now && mac_equal(a->guest, m->chaddr))
		a->guest_expires = w->now;
}

static void on_decline(struct world *w, const struct dhcp_message *m)
{
	struct ip4 ip = ip4_of(0);
	struct address *a = NULL;

	if (!dhcp_option_ip(m, DHCP_OPTION_REQUESTED_IP, &ip) || (a = address_of(w, ip)) == NULL ||
	    disk_lease_is_pending(&w->disk, ip) || a->expires <= w->now ||
	    !mac_equal(a->mac, m->chaddr))
		return;
	a->declined_until = w->now + DECLINE_HOLD;
	a->expires = w->now;
	a->offered_until = w->now;
}

/* A REQUEST for what it may not have is refused at once. */
static bool must_be_refused(struct world *w, const struct dhcp_message *m,
			    const struct dhcp_asked *a)
{
	const struct lease *l = NULL;

	if (!a->for_us || ip4_is_zero(a->requested))
		return false;
	if (!is_its(w, m, a->requested))
		return true;
	return is_disks(w, a->requested, &l) && !mac_equal(l->mac, m->chaddr) &&
	       !disk_lease_is_pending(&w->disk, a->requested);
}

void judge_dhcp_in(struct world *w, struct slice bytes, bool corrupted)
{
	struct judge_dhcp *j = &w->judge_dhcp;
	static struct dhcp_message m; /* large */

	j->discover = SIM_NOBODY;
	j->refused = NULL;
	if (dhcp_decode(bytes, &m, NULL) != 0 || m.op != 1)
		return;
	struct dhcp_client_model *c = client_of(w, m.chaddr);
	if (m.type == DHCP_RELEASE)
		on_release(w, &m);
	else if (m.type == DHCP_DECLINE)
		on_decline(w, &m);
	if (c == NULL ||
	    (m.type != DHCP_DISCOVER && m.type != DHCP_REQUEST && m.type != DHCP_INFORM))
		return;
	struct dhcp_asked *a = remember(w, c, &m);
	a->corrupted |= corrupted;
	if (!ip4_is_zero(m.giaddr) && !in_branch(&m)) {
		a->count = 0; /* of no subnet of ours */
		return;
	}
	if (m.type == DHCP_DISCOVER) {
		j->discover = (uint32_t)(c - j->client);
		j->discover_in_branch = in_branch(&m);
	} else if (m.type == DHCP_INFORM || must_be_refused(w, &m, a)) {
		j->refused = a;
	} else if (!a->for_us || ip4_is_zero(a->requested)) {
		a->count = 0;
	}
	/* Whoever asks for something else no longer waits for what it asked before. */
	c->waits_since = m.type == DHCP_REQUEST && a->count > 0 && j->refused == NULL ? w->now : 0;
}

/* Answers. */

static const char *wrong_head(const struct dhcp_reply *reply, const struct dhcp_message *m,
			      const struct dhcp_asked *a)
{
	struct slice id = dhcp_option_get(m, DHCP_OPTION_CLIENT_ID);
	struct slice relay = dhcp_option_get(m, DHCP_OPTION_RELAY_AGENT);
	bool nak = m->type == DHCP_NAK;
	bool relayed = !ip4_is_zero(a->giaddr);
	uint16_t flags = nak && relayed ? a->flags | DHCP_FLAG_BROADCAST : a->flags;
	struct ip4 server;

	if (!ip4_equal(m->giaddr, a->giaddr) || m->flags != flags)
		return "flags or relay address that are not the client's";
	if (!slice_equal(id, slice_of(a->client_id, a->client_id_len)))
		return "another client identifier";
	if (!slice_equal(relay, slice_of(a->relay, a->relay_len)))
		return "another relay agent option";
	if (!dhcp_option_ip(m, DHCP_OPTION_SERVER_ID, &server) ||
	    !ip4_equal(server, sim_node_ip(0)))
		return "the identifier of another server";
	enum dhcp_way way = relayed                           ? DHCP_TO_RELAY
			    : !ip4_is_zero(a->ciaddr) && !nak ? DHCP_TO_ADDRESS
			    : nak || (a->flags & DHCP_FLAG_BROADCAST) != 0 || ip4_is_zero(m->yiaddr)
				? DHCP_TO_BROADCAST
				: DHCP_TO_HARDWARE;
	if (reply->way != way || (relayed && !ip4_equal(reply->to.ip, a->giaddr)) ||
	    (way == DHCP_TO_ADDRESS && !ip4_equal(reply->to.ip, a->ciaddr)))
		return "a way on which the client does not hear it";
	return NULL;
}

static bool option_is(const struct dhcp_message *m, uint8_t option, struct ip4 want)
{
	struct ip4 ip = ip4_of(0);

	return dhcp_option_ip(m, option, &ip) && ip4_equal(ip, want);
}

static const char *wrong_configuration(struct world *w, const struct dhcp_message *m, bool branch)
{
	const struct settings *s = &w->disk.settings;
	char text[IP4_TEXT_SIZE];
	char name[IP4_TEXT_SIZE] = "";

	if (!option_is(m, DHCP_OPTION_SUBNET_MASK, s->netmask))
		return "another netmask";
	if (!option_is(m, DHCP_OPTION_ROUTER, branch ? ip4_of(SIM_BRANCH_ROUTER) : s->router))
		return "another router";
	if (!option_is(m, DHCP_OPTION_DNS, s->dns))
		return "another name server";
	if (!option_is(m, DHCP_OPTION_TFTP_SERVERS, sim_node_ip(0)))
		return "another file server in option 150";
	if (!ip4_equal(m->siaddr, sim_node_ip(0)))
		return "another file server in siaddr";
	(void)ip4_format(sim_node_ip(0), text);
	if (!dhcp_option_text(m, DHCP_OPTION_TFTP_NAME, name, sizeof name) ||
	    strcmp(name, text) != 0)
		return "another file server in option 66";
	return NULL;
}

static const char *wrong_lease(struct world *w, const struct dhcp_message *m)
{
	uint32_t lease_s = 0;
	uint32_t t1 = 0;
	uint32_t t2 = 0;

	if (!dhcp_option_u32(m, DHCP_OPTION_LEASE_TIME, &lease_s) || lease_s == 0 ||
	    lease_s > w->disk.settings.lease_s)
		return "a lease longer than was set";
	if (!dhcp_option_u32(m, DHCP_OPTION_T1, &t1) || t1 != lease_s / 2 ||
	    !dhcp_option_u32(m, DHCP_OPTION_T2, &t2) || t2 != (uint32_t)((uint64_t)lease_s * 7 / 8))
		return "other renewal times than half and seven eighths";
	return NULL;
}

static void on_offer(struct world *w, struct dhcp_client_model *c, const struct dhcp_message *m)
{
	struct address *a = address_of(w, m->yiaddr);
	char ip[IP4_TEXT_SIZE];
	const struct address *has = address_of(w, c->has);

	if (a == NULL)
		return;
	(void)ip4_format(m->yiaddr, ip);
	if (is_taken(w, a, m->chaddr))
		invariants_violated(w, 2, "%s is offered, and somebody else's", ip);
	if (has != NULL && has->expires > w->now && mac_equal(has->mac, m->chaddr) && !c->moved &&
	    !ip4_equal(c->has, m->yiaddr) && is_its(w, m, c->has))
		invariants_violated(w, 13, "%s is offered to a phone that has another address", ip);
	a->offered = m->chaddr;
	a->offered_until = w->now + OFFER_HOLD;
	a->held_until = w->now + OFFER_MOST;
}

/* Nothing failed since this was asked, and no commit of before it may still be under way. */
static bool disk_is_quick(const struct world *w, const struct dhcp_asked *q)
{
	return w->disk.failed_at < q->first_at && w->now - w->disk.slow_until > SLOW;
}

/* A promise from memory: because the disk failed or is slow, for five minutes, forgotten in a
 * crash. */
static void on_temporary(struct world *w, struct dhcp_client_model *c, const struct dhcp_message *m,
			 const struct dhcp_asked *q, uint32_t seconds)
{
	struct address *a = address_of(w, m->yiaddr);
	char ip[IP4_TEXT_SIZE];

	(void)ip4_format(m->yiaddr, ip);
	c->moved = true;
	if (seconds > TEMPORARY_S)
		invariants_violated(w, 2, "%s is promised from memory for %u s", ip, seconds);
	if (disk_is_quick(w, q) && w->now - q->first_at < SLOW)
		invariants_violated(w, 13, "%s is promised from memory though the disk works", ip);
	if (a == NULL)
		return;
	a->guest = m->chaddr;
	a->guest_expires = w->now + DT_SECONDS(seconds);
}

static void on_ack(struct world *w, struct dhcp_client_model *c, const struct dhcp_message *m,
		   const struct dhcp_asked *q)
{
	struct address *a = address_of(w, m->yiaddr);
	const struct lease *stored = disk_find_lease(&w->disk, m->yiaddr);
	const struct device *d = reserved_to(w, m->yiaddr);
	uint32_t seconds = 0;
	char ip[IP4_TEXT_SIZE];

	(void)ip4_format(m->yiaddr, ip);
	(void)dhcp_option_u32(m, DHCP_OPTION_LEASE_TIME, &seconds);
	w->result.acks++;
	if (a != NULL && is_taken(w, a, m->chaddr))
		invariants_violated(w, 2, "%s is promised to two phones", ip);
	if (!ip4_equal(q->requested, m->yiaddr))
		invariants_violated(w, 13, "DHCPACK for %s, which was not asked for", ip);
	if (dhcp_option_has(m, DHCP_OPTION_MESSAGE)) {
		on_temporary(w, c, m, q, seconds);
		return;
	}
	bool reserved = d != NULL && ip4_equal(reservation_of(w, m->chaddr), m->yiaddr);
	if (!reserved && (stored == NULL || !mac_equal(stored->mac, m->chaddr) ||
			  stored->declined || stored->expires < w->now + DT_SECONDS(seconds)))
		invariants_violated(w, 2, "DHCPACK for %s promises more than the disk holds", ip);
	if (disk_is_quick(w, q) && w->now - q->first_at < QUICK &&
	    seconds != w->disk.settings.lease_s)
		invariants_violated(w, 13, "%s is given for %u s", ip, seconds);
	if (a == NULL)
		return;
	a->mac = m->chaddr;
	a->expires = w->now + DT_SECONDS(seconds);
	a->released_at = 0;
	const struct address *had = address_of(w, c->has);
	c->moved |= had != NULL && had != a && had->expires > w->now;
	c->has = m->yiaddr;
}

static void on_nak(struct world *w, const struct dhcp_client_model *c, const struct dhcp_message *m,
		   const struct dhcp_asked *q)
{
	struct address *a = address_of(w, q->requested);
	char ip[IP4_TEXT_SIZE];

	if (a != NULL && a->expires > w->now && mac_equal(a->mac, m->chaddr) && !c->moved &&
	    a->guest_expires <= w->now && is_its(w, m, q->requested))
		invariants_violated(w, 13, "%s is refused to the phone that has it",
				    ip4_format(q->requested, ip));
}

static struct dhcp_asked *question_of(struct dhcp_client_model *c, const struct dhcp_message *m)
{
	for (size_t i = 0; i < DHCP_ASKED_MAX; i++) {
		struct dhcp_asked *a = &c->asked[i];
		bool fits = m->type == DHCP_OFFER ? a->type == DHCP_DISCOVER
			    : m->type == DHCP_ACK
				? a->type == DHCP_REQUEST ||
				      (a->type == DHCP_INFORM && ip4_is_zero(m->yiaddr))
				: a->type == DHCP_REQUEST;
		if (a->at != 0 && a->count > 0 && a->xid == m->xid && fits)
			return a;
	}
	return NULL;
}

void judge_dhcp_out(struct world *w, const struct dhcp_reply *reply)
{
	struct judge_dhcp *j = &w->judge_dhcp;
	static struct dhcp_message m; /* large */
	const char *why = NULL;
	char ip[IP4_TEXT_SIZE];

	if (dhcp_decode(slice_of(reply->bytes, reply->len), &m, NULL) != 0 || m.op != 2) {
		invariants_violated(w, 13, "the server sends what is no DHCP");
		return;
	}
	struct dhcp_client_model *c = client_of(w, m.chaddr);
	if (c == NULL)
		return; /* a byte changed on the way */
	struct dhcp_asked *q = question_of(c, &m);
	if (q == NULL) {
		invariants_violated(w, 13, "%s for client %u, which nobody asked for",
				    dhcp_type_name(m.type), (unsigned)(c - j->client));
		return;
	}
	q->count = m.type == DHCP_OFFER ? q->count - 1 : 0;
	if (m.type == DHCP_OFFER)
		j->discover = SIM_NOBODY;
	if (j->refused == q)
		j->refused = NULL;
	if (m.type != DHCP_OFFER)
		c->waits_since = 0;
	why = wrong_head(reply, &m, q);
	if (why == NULL && m.type != DHCP_NAK && !q->corrupted)
		why = wrong_configuration(w, &m, in_branch(&m));
	if (why == NULL && (m.type == DHCP_OFFER || !ip4_is_zero(m.yiaddr)))
		why = wrong_lease(w, &m);
	if (why == NULL && m.type == DHCP_ACK && ip4_is_zero(m.yiaddr) &&
	    (q->type != DHCP_INFORM || dhcp_option_has(&m, DHCP_OPTION_LEASE_TIME)))
		why = "no address, or a lease to whom has one";
	if (why == NULL && !ip4_is_zero(m.yiaddr) && !is_its(w, &m, m.yiaddr))
		why = "an address that is not this client's to have";
	(void)ip4_format(m.yiaddr, ip);
	if (why != NULL)
		invariants_violated(w, 13, "%s of %s tells client %u %s", dhcp_type_name(m.type),
				    ip, (unsigned)(c - j->client), why);
	if (m.type == DHCP_OFFER)
		on_offer(w, c, &m);
	else if (m.type == DHCP_ACK && !ip4_is_zero(m.yiaddr))
		on_ack(w, c, &m, q);
	else if (m.type == DHCP_NAK)
		on_nak(w, c, &m, q);
}

/* Is there an address for this client that nobody else has? */
static bool one_is_free(struct world *w, uint32_t client, bool branch)
{
	const struct ledger *l = &w->ledger;
	struct mac mac = sim_client_mac(w, client);
	struct ip4 reserved = reservation_of(w, mac);
	struct address *own = address_of(w, reserved);

	if (!ip4_is_zero(reserved) && !branch)
		return own == NULL || !is_taken(w, own, mac);
	for (size_t i = branch ? l->main_size : 0; i < (branch ? l->address_count : l->main_size);
	     i++) {
		struct address *a = &l->address[i];
		if (reserved_to(w, a->ip) == NULL && !is_taken(w, a, mac) &&
		    a->held_until <= w->now)
			return true;
	}
	return false;
}

void judge_dhcp_settled(struct world *w)
{
	struct judge_dhcp *j = &w->judge_dhcp;

	if (j->discover != SIM_NOBODY && one_is_free(w, j->discover, j->discover_in_branch))
		invariants_violated(w, 13, "client %u is offered nothing, and there is an address",
				    j->discover);
	if (j->refused != NULL)
		invariants_violated(w, 13, "a client that %s is not answered",
				    j->refused->type == DHCP_INFORM
					? "only asks for configuration"
					: "asks for what it may not have");
	j->discover = SIM_NOBODY;
	j->refused = NULL;
}

void judge_dhcp_sweep(struct world *w)
{
	struct judge_dhcp *j = &w->judge_dhcp;
	char ip[IP4_TEXT_SIZE];

	for (size_t i = 0; i < j->client_count; i++) {
		dt_time since = j->client[i].waits_since;
		if (since != 0 && w->now - since > ANSWER_TIME &&
		    w->now - w->disk.stalled_until > ANSWER_TIME)
			invariants_violated(w, 13, "client %zu waits for an ACK for %.0f s", i,
					    (double)(w->now - since) / 1e6);
	}
	for (size_t i = 0; i < w->ledger.address_count; i++) {
		struct address *a = &w->ledger.address[i];
		const struct lease *l = NULL;
		if (a->released_at == 0 || w->now - a->released_at < ANSWER_TIME ||
		    w->now - w->disk.stalled_until < ANSWER_TIME)
			continue;
		if (w->disk.failed_at < a->released_at && w->node_crashed < a->released_at &&
		    is_disks(w, a->ip, &l) && mac_equal(l->mac, a->mac) && !l->declined)
			invariants_violated(w, 13, "%s was given back and is still leased",
					    ip4_format(a->ip, ip));
		a->released_at = 0;
	}
}

/* What was only in its memory is gone with the first server. */
void judge_dhcp_crash(struct world *w)
{
	struct judge_dhcp *j = &w->judge_dhcp;

	w->node_crashed = w->now;
	for (size_t i = 0; i < j->client_count; i++) {
		j->client[i].waits_since = 0;
		for (size_t k = 0; k < DHCP_ASKED_MAX; k++)
			j->client[i].asked[k].count = 0;
	}
	for (size_t i = 0; i < w->ledger.address_count; i++) {
		struct address *a = &w->ledger.address[i];
		const struct lease *l = disk_find_lease(&w->disk, a->ip);
		a->offered_until = 0;
		a->guest_expires = 0;
		if (l == NULL || !l->declined)
			a->declined_until = 0;
	}
}
