/* The DHCP server's machine (RFC 2131 section 4.3): what each message does.
 *
 *   DISCOVER  --> an address held in memory for 60 s --> OFFER
 *   REQUEST   --> the binding becomes a change (commits.c) --> ACK
 *             --> not to be had --> NAK
 *   DECLINE   --> address parked for an hour (committed)
 *   RELEASE   --> binding forgotten (committed)
 *   INFORM    --> configuration without a lease
 *
 * Offers and leases end by comparison with `now` wherever they are looked at: there is no deadline
 * to wake for. */
#include "dhcp/dhcp_internal.h"

#include "base/alloc.h"
#include "base/error.h"

#include <stdlib.h>

struct dhcp_server *dhcp_server_new(struct reg *reg)
{
	struct dhcp_server *s = alloc_zero(1, sizeof *s);

	if (s == NULL)
		return NULL;
	s->reg = reg;
	s->next_ticket = 1;
	leases_init(&s->leases);
	map_init(&s->waiting, DHCP_WAITING_MAX);
	return s;
}

void dhcp_server_free(struct dhcp_server *s)
{
	struct dhcp_waiting *w = NULL;
	size_t at = 0;

	if (s == NULL)
		return;
	dhcp_queue_free(&s->replies);
	dhcp_queue_free(&s->changes);
	dhcp_queue_free(&s->events);
	while ((w = map_next(&s->waiting, &at)) != NULL)
		dhcp_waiting_free(w);
	map_done(&s->waiting);
	leases_done(&s->leases);
	alloc_free(s->net);
	alloc_free(s);
}

int dhcp_server_load_lease(struct dhcp_server *s, const struct lease *lease)
{
	/* A row that says nothing, or of nobody, is not worth refusing to start for. */
	if (ip4_is_zero(lease->ip) || mac_is_zero(lease->mac) != lease->declined)
		return 0;
	struct lease_entry *entry = leases_entry(&s->leases, lease->ip);
	if (entry == NULL)
		return s->leases.by_ip.count >= LEASES_MAX ? E_FULL : E_NO_MEMORY;
	entry->lease = *lease;
	entry->lease.temporary = false;
	entry->is_stored = true;
	leases_assign(&s->leases, entry, lease->mac);
	leases_settle(&s->leases, entry);
	return 0;
}

bool dhcp_is_phone(const struct dhcp_server *s, const struct dhcp_message *m)
{
	return dhcp_vendor_is_phone(dhcp_option_get(m, DHCP_OPTION_VENDOR_CLASS)) ||
	       reg_device_by_mac(s->reg, m->chaddr) != NULL;
}

static void discover(struct dhcp_server *s, const struct dhcp_input *in)
{
	struct lease_entry *entry = dhcp_choose_address(s, in);

	if (entry == NULL) {
		dhcp_tell_no_address(s, in);
		return;
	}
	leases_assign(&s->leases, entry, in->m.chaddr);
	entry->is_guest = !in->is_phone;
	entry->held_until = dt_time_add(in->now, DHCP_OFFER_HOLD);
	leases_settle(&s->leases, entry);
	struct dhcp_answer answer = {.type = DHCP_OFFER,
				     .ip = entry->lease.ip,
				     .lease_s = dhcp_net_lease_s(s, in->net),
				     .words = ""};
	dhcp_reply_send(s, in, &answer);
}

/* The client chose another server's OFFER: ours is free again. */
static void forget_offer(struct dhcp_server *s, struct mac mac, dt_time now)
{
	struct lease_entry *entry = leases_of(&s->leases, mac);

	if (entry == NULL || entry->ticket != 0 || entry->held_until <= now)
		return;
	entry->held_until = now;
	leases_settle(&s->leases, entry);
}

/* Is it us whom the client means by its option 54, or by having none? */
static bool means_us(const struct dhcp_server *s, const struct dhcp_input *in,
		     struct ip4 *ret_server)
{
	return !dhcp_option_ip(&in->m, DHCP_OPTION_SERVER_ID, ret_server) ||
	       ip4_equal(*ret_server, in->arrival->local) || dhcp_is_own(s, *ret_server);
}

static void request(struct dhcp_server *s, const struct dhcp_input *in)
{
	struct ip4 server;
	struct ip4 wanted = in->m.ciaddr;

	if (!means_us(s, in, &server)) {
		forget_offer(s, in->m.chaddr, in->now);
		dhcp_other_seen(s, server, in->m.chaddr, in->now);
		return;
	}
	(void)dhcp_option_ip(&in->m, DHCP_OPTION_REQUESTED_IP, &wanted);
	if (ip4_is_zero(wanted))
		return;
	struct lease_entry *entry =
	    dhcp_is_ours(s, in, wanted) ? leases_entry(&s->leases, wanted) : NULL;
	if (entry != NULL && leases_available(entry, in->m.chaddr, in->now)) {
		/* Also after our own memory was lost: an address that is ours and nobody else's is
		 * confirmed rather than refused, so that a lost database does not stop healthy
		 * phones. */
		dhcp_bind_and_ack(s, in, entry);
	} else {
		struct dhcp_answer nak = {.type = DHCP_NAK, .words = "not for this client here"};
		dhcp_reply_send(s, in, &nak);
	}
}

static void decline(struct dhcp_server *s, const struct dhcp_input *in)
{
	struct ip4 taken;
	struct ip4 server;
	struct lease lease = {.declined = true};

	if (!dhcp_option_ip(&in->m, DHCP_OPTION_REQUESTED_IP, &taken) || !means_us(s, in, &server))
		return;
	struct lease_entry *entry = leases_find(&s->leases, taken);
	/* Only who was given the address may have it parked: his lease, or his unanswered OFFER. */
	if (entry == NULL || entry->ticket != 0 || !mac_equal(entry->owner, in->m.chaddr) ||
	    leases_free_at(entry) <= in->now)
		return;
	lease.ip = taken;
	lease.expires = dt_time_add(in->now, DHCP_DECLINE_HOLD);
	struct dhcp_waiting *w = dhcp_submit(s, CHANGE_LEASE_PUT, &lease, in->now);
	if (w == NULL)
		return;
	dhcp_event_add(s, DHCP_EVENT_DECLINED, in->m.chaddr, taken);
	entry->ticket = w->ticket;
	leases_assign(&s->leases, entry, (struct mac){{0}});
	leases_settle(&s->leases, entry);
}

static void release(struct dhcp_server *s, const struct dhcp_input *in)
{
	struct lease_entry *entry = leases_find(&s->leases, in->m.ciaddr);
	struct ip4 server;

	if (entry == NULL || entry->ticket != 0 || !means_us(s, in, &server))
		return;
	if (entry->lease.temporary && mac_equal(entry->lease.mac, in->m.chaddr)) {
		entry->lease.temporary = false;
		entry->held_until = in->now;
		leases_settle(&s->leases, entry);
		return;
	}
	if (!leases_bound(entry, in->m.chaddr, in->now))
		return;
	struct dhcp_waiting *w = dhcp_submit(s, CHANGE_LEASE_DELETE, &entry->lease, in->now);
	if (w == NULL)
		return;
	entry->ticket = w->ticket;
	leases_settle(&s->leases, entry);
}

/* A client with an address of its own. Some leave ciaddr empty and send from it. */
static void inform(struct dhcp_server *s, struct dhcp_input *in)
{
	struct dhcp_answer answer = {.type = DHCP_ACK, .words = ""};

	if (ip4_is_zero(in->m.ciaddr) && ip4_is_zero(in->m.giaddr))
		in->m.ciaddr = in->arrival->from.ip;
	dhcp_reply_send(s, in, &answer);
}

/* A relay's address is where we send to: it must be one a host can have. */
static bool can_answer(const struct dhcp_message *m)
{
	uint8_t first = m->giaddr.b[0];

	return ip4_is_zero(m->giaddr) || (first > 0 && first < 224 && first != 127);
}

void dhcp_server_input(struct dhcp_server *s, const struct dhcp_arrival *arrival,
		       struct slice datagram, dt_time now)
{
	struct dhcp_input in = {.arrival = arrival, .datagram = datagram, .now = now};

	/* No client is a group of hosts. */
	if (dhcp_decode(datagram, &in.m, NULL) != 0 || in.m.op != 1 || mac_is_zero(in.m.chaddr) ||
	    (in.m.chaddr.b[0] & 1) != 0 || !can_answer(&in.m))
		return;
	dhcp_nets_refresh(s);
	in.net = dhcp_net_choose(s, arrival, &in.m);
	if (in.net == NULL)
		return;
	in.is_phone = dhcp_is_phone(s, &in.m);
	switch (in.m.type) {
	case DHCP_DISCOVER:
		discover(s, &in);
		break;
	case DHCP_REQUEST:
		request(s, &in);
		break;
	case DHCP_DECLINE:
		decline(s, &in);
		break;
	case DHCP_RELEASE:
		release(s, &in);
		break;
	case DHCP_INFORM:
		inform(s, &in);
		break;
	case DHCP_BOOTP:
	case DHCP_OFFER:
	case DHCP_ACK:
	case DHCP_NAK:
		break;
	}
}

bool dhcp_server_next_output(struct dhcp_server *s, struct dhcp_reply *ret_reply)
{
	return dhcp_queue_take(&s->replies, ret_reply);
}

bool dhcp_server_next_event(struct dhcp_server *s, struct dhcp_event *ret_event)
{
	return dhcp_queue_take(&s->events, ret_event);
}

static bool is_leased(const struct lease_entry *entry)
{
	return entry->is_stored || entry->lease.temporary;
}

const struct lease *dhcp_server_lease_by_ip(const struct dhcp_server *s, struct ip4 ip, dt_time now)
{
	const struct lease_entry *entry = leases_find(&s->leases, ip);

	return entry != NULL && is_leased(entry) && entry->lease.expires > now ? &entry->lease
									       : NULL;
}

const struct lease *dhcp_server_lease_by_mac(const struct dhcp_server *s, struct mac mac,
					     dt_time now)
{
	const struct lease_entry *entry = leases_of(&s->leases, mac);

	return entry != NULL && is_leased(entry) && entry->lease.expires > now &&
		       mac_equal(entry->lease.mac, mac)
		   ? &entry->lease
		   : NULL;
}

static int by_address(const void *a, const void *b)
{
	uint32_t ia = ip4_number((*(const struct lease *const *)a)->ip);
	uint32_t ib = ip4_number((*(const struct lease *const *)b)->ip);

	return ia < ib ? -1 : ia > ib;
}

const struct lease **dhcp_server_lease_list(const struct dhcp_server *s, size_t *ret_count)
{
	const struct lease **list = NULL;
	const struct lease_entry *entry = NULL;
	size_t at = 0;

	*ret_count = 0;
	if (s->leases.by_ip.count > 0)
		list = alloc_zero(s->leases.by_ip.count, sizeof(struct lease *));
	while (list != NULL && (entry = map_next(&s->leases.by_ip, &at)) != NULL) {
		if (is_leased(entry))
			list[(*ret_count)++] = &entry->lease;
	}
	if (*ret_count > 0)
		qsort(list, *ret_count, sizeof(struct lease *), by_address);
	return list;
}
