/* The DHCP server's machine (RFC 2131 section 4.3), one subnet.
 *
 *   DISCOVER  --> an address held in memory for 60 s --> OFFER
 *   REQUEST   --> the binding becomes a change with a ticket --> committed --> ACK
 *                                                           \--> failed ----> ACK for what the disk
 * still holds of this very binding, a reservation without a write, else silence
 *             --> not to be had --> NAK
 *   DECLINE   --> address parked for an hour (committed)      RELEASE --> binding forgotten
 * (committed) INFORM    --> configuration without a lease
 *
 * A REQUEST repeated while its ticket is pending replaces the waiting one and starts no second
 * commit. Offers and leases end by comparison with `now` wherever they are looked at: there is no
 * deadline to wake for. */
#include "dhcp/dhcp_internal.h"

#include "base/alloc.h"
#include "base/error.h"

#include <stdlib.h>

#define WAITING_MAX 20000
#define LEASE_GRACE DT_SECONDS(1)

struct dhcp_server *dhcp_server_new(struct reg *reg)
{
	struct dhcp_server *s = alloc_zero(1, sizeof *s);

	if (s == NULL)
		return NULL;
	s->reg = reg;
	s->next_ticket = 1;
	leases_init(&s->leases);
	map_init(&s->waiting, WAITING_MAX);
	return s;
}

void dhcp_server_free(struct dhcp_server *s)
{
	struct dhcp_queued item;
	void *waiting = NULL;
	size_t at = 0;

	if (s == NULL)
		return;
	while (dhcp_queue_take(&s->replies, &item) || dhcp_queue_take(&s->changes, &item) ||
	       dhcp_queue_take(&s->events, &item))
		;
	while ((waiting = map_next(&s->waiting, &at)) != NULL)
		alloc_free(waiting);
	map_done(&s->waiting);
	leases_done(&s->leases);
	alloc_free(s);
}

int dhcp_server_load_lease(struct dhcp_server *s, const struct lease *lease)
{
	struct lease_entry *entry = leases_entry(&s->leases, lease->ip);

	if (entry == NULL)
		return s->leases.by_ip.count >= LEASES_MAX ? E_FULL : E_NO_MEMORY;
	entry->stored = *lease;
	entry->is_stored = true;
	leases_assign(&s->leases, entry, lease->mac);
	return 0;
}

/* The address reserved for this phone in its record; zero when there is none. */
static struct ip4 reservation(const struct dhcp_server *s, struct mac mac)
{
	const struct device *device = reg_device_by_mac(s->reg, mac);

	return device != NULL ? device->reserved_ip : ip4_of(0);
}

/* A phone's by its record, or one of the addresses this server itself gives out as somebody's. */
static bool is_reserved(const void *context, struct ip4 ip)
{
	const struct settings *s = reg_settings(context);

	return ip4_equal(ip, s->server_ip) || ip4_equal(ip, s->callmanager_ip) ||
	       ip4_equal(ip, s->router) || ip4_equal(ip, s->dns) ||
	       reg_device_by_reserved_ip(context, ip) != NULL;
}

static bool in_pool(const struct settings *s, struct ip4 ip)
{
	return ip4_number(ip) >= ip4_number(s->pool_first) &&
	       ip4_number(ip) <= ip4_number(s->pool_last) && !ip4_is_zero(ip);
}

/* May this server give this address to this phone at all? */
static bool is_ours(const struct dhcp_server *s, struct mac mac, struct ip4 ip)
{
	struct ip4 reserved = reservation(s, mac);

	if (!ip4_is_zero(reserved))
		return ip4_equal(reserved, ip);
	return in_pool(reg_settings(s->reg), ip) && !is_reserved(s->reg, ip);
}

/* Reservation, then the address it had, then the one it asks for, then the one longest unused. */
static struct lease_entry *choose_address(struct dhcp_server *s, const struct dhcp_message *m,
					  dt_time now)
{
	const struct settings *settings = reg_settings(s->reg);
	struct ip4 reserved = reservation(s, m->chaddr);
	struct ip4 wanted;

	if (!ip4_is_zero(reserved)) {
		struct lease_entry *entry = leases_entry(&s->leases, reserved);
		return entry != NULL && leases_available(entry, m->chaddr, now) ? entry : NULL;
	}
	struct lease_entry *last = leases_of(&s->leases, m->chaddr);
	if (last != NULL && is_ours(s, m->chaddr, last->ip) &&
	    leases_available(last, m->chaddr, now))
		return last;
	if (dhcp_option_ip(m, DHCP_OPTION_REQUESTED_IP, &wanted) && is_ours(s, m->chaddr, wanted)) {
		struct lease_entry *entry = leases_entry(&s->leases, wanted);
		if (entry != NULL && leases_available(entry, m->chaddr, now))
			return entry;
	}
	return leases_pick(&s->leases, settings->pool_first, settings->pool_last, m->chaddr, now,
			   is_reserved, s->reg);
}

static void discover(struct dhcp_server *s, const struct dhcp_arrival *arrival,
		     const struct dhcp_message *m, dt_time now)
{
	struct lease_entry *entry = choose_address(s, m, now);

	if (entry == NULL) {
		dhcp_event_add(s, DHCP_EVENT_POOL_EMPTY, m->chaddr, ip4_of(0));
		return;
	}
	if (entry->ticket == 0) {
		entry->held_for = m->chaddr;
		entry->held_until = dt_time_add(now, DHCP_OFFER_HOLD);
	}
	leases_assign(&s->leases, entry, m->chaddr);
	dhcp_reply_send(s, arrival, m, DHCP_OFFER, entry->ip, reg_settings(s->reg)->lease_s);
}

/* Queues a change and remembers who waits for it. NULL when there is no room: the client asks
 * again. */
static struct dhcp_waiting *submit(struct dhcp_server *s, enum change_kind kind,
				   const struct lease *lease)
{
	struct dhcp_waiting *w = alloc_zero(1, sizeof *w);

	if (w == NULL || map_put(&s->waiting, s->next_ticket, w) != 0) {
		alloc_free(w);
		return NULL;
	}
	struct dhcp_queued *item = dhcp_queue_add(&s->changes);
	if (item == NULL) {
		(void)map_take(&s->waiting, s->next_ticket);
		alloc_free(w);
		return NULL;
	}
	w->ticket = s->next_ticket++;
	w->lease = *lease;
	item->change = (struct change){
	    .kind = kind, .owner = CHANGE_OWNER_DHCP, .ticket = w->ticket, .lease = *lease};
	return w;
}

/* The binding this REQUEST asks for goes to disk; the ACK follows its commit. */
static void bind_and_ack(struct dhcp_server *s, const struct dhcp_arrival *arrival,
			 const struct dhcp_message *m, struct lease_entry *entry, dt_time now)
{
	struct lease lease = {.mac = m->chaddr, .ip = entry->ip};
	struct dhcp_waiting *w = entry->ticket != 0 ? map_get(&s->waiting, entry->ticket) : NULL;

	lease.expires = dt_time_add(now, DT_SECONDS(reg_settings(s->reg)->lease_s) + LEASE_GRACE);
	if (w == NULL)
		w = submit(s, CHANGE_LEASE_PUT, &lease);
	if (w == NULL)
		return;
	w->answer = true;
	w->arrival = *arrival;
	w->request = *m;
	entry->ticket = w->ticket;
	entry->held_for = m->chaddr;
	entry->held_until = DT_NEVER;
	leases_assign(&s->leases, entry, m->chaddr);
}

/* The client chose another server's OFFER: ours is free again. */
static void forget_offer(struct dhcp_server *s, struct mac mac)
{
	struct lease_entry *entry = leases_of(&s->leases, mac);

	if (entry != NULL && entry->ticket == 0 && mac_equal(entry->held_for, mac))
		entry->held_until = 0;
	leases_freed(&s->leases);
}

static void request(struct dhcp_server *s, const struct dhcp_arrival *arrival,
		    const struct dhcp_message *m, dt_time now)
{
	const struct settings *settings = reg_settings(s->reg);
	struct ip4 server;
	struct ip4 wanted = m->ciaddr;
	bool selecting = dhcp_option_ip(m, DHCP_OPTION_SERVER_ID, &server);

	if (selecting && !ip4_equal(server, arrival->local) &&
	    !ip4_equal(server, settings->server_ip)) {
		forget_offer(s, m->chaddr);
		return;
	}
	(void)dhcp_option_ip(m, DHCP_OPTION_REQUESTED_IP, &wanted);
	bool right_net = ip4_in_subnet(wanted, settings->subnet, settings->netmask);
	if (ip4_is_zero(wanted))
		return;
	struct lease_entry *entry =
	    right_net && is_ours(s, m->chaddr, wanted) ? leases_entry(&s->leases, wanted) : NULL;
	if (entry != NULL && leases_available(entry, m->chaddr, now)) {
		/* Also after our own memory was lost: an address that is ours and nobody else's is
		 * confirmed rather than refused, so that a lost database does not stop healthy
		 * phones. */
		bind_and_ack(s, arrival, m, entry, now);
	} else {
		dhcp_reply_send(s, arrival, m, DHCP_NAK, ip4_of(0), 0);
	}
}

static void decline(struct dhcp_server *s, const struct dhcp_message *m, dt_time now)
{
	struct ip4 taken;
	struct lease lease = {.declined = true};

	if (!dhcp_option_ip(m, DHCP_OPTION_REQUESTED_IP, &taken))
		return;
	struct lease_entry *entry = leases_find(&s->leases, taken);
	/* Only who was given the address may have it parked. */
	if (entry == NULL || entry->ticket != 0 ||
	    (!leases_bound(entry, m->chaddr, now) && !mac_equal(entry->held_for, m->chaddr)))
		return;
	lease.ip = taken;
	lease.expires = dt_time_add(now, DHCP_DECLINE_HOLD);
	struct dhcp_waiting *w = submit(s, CHANGE_LEASE_PUT, &lease);
	if (w == NULL)
		return;
	entry->ticket = w->ticket;
	entry->held_for = (struct mac){{0}};
	entry->held_until = DT_NEVER;
	(void)map_take(&s->leases.by_mac, mac_key(m->chaddr));
}

static void release(struct dhcp_server *s, const struct dhcp_message *m, dt_time now)
{
	struct lease_entry *entry = leases_find(&s->leases, m->ciaddr);

	if (entry == NULL || entry->ticket != 0 || !leases_bound(entry, m->chaddr, now))
		return;
	struct dhcp_waiting *w = submit(s, CHANGE_LEASE_DELETE, &entry->stored);
	if (w == NULL)
		return;
	entry->ticket = w->ticket;
	entry->held_for = m->chaddr;
	entry->held_until = DT_NEVER;
}

/* Is the packet for a subnet of ours? Through a relay its address tells. */
static bool is_served(struct dhcp_server *s, const struct dhcp_message *m)
{
	const struct settings *settings = reg_settings(s->reg);

	if (ip4_is_zero(settings->subnet) || ip4_is_zero(settings->netmask))
		return false;
	if (ip4_is_zero(m->giaddr) || ip4_in_subnet(m->giaddr, settings->subnet, settings->netmask))
		return true;
	dhcp_event_add(s, DHCP_EVENT_NO_SUBNET, m->chaddr, m->giaddr);
	return false;
}

void dhcp_server_input(struct dhcp_server *s, const struct dhcp_arrival *arrival,
		       struct slice datagram, dt_time now)
{
	struct dhcp_message m;

	if (dhcp_decode(datagram, &m, NULL) != 0 || m.op != 1 || mac_is_zero(m.chaddr) ||
	    !is_served(s, &m))
		return;
	switch (m.type) {
	case DHCP_DISCOVER:
		discover(s, arrival, &m, now);
		break;
	case DHCP_REQUEST:
		request(s, arrival, &m, now);
		break;
	case DHCP_DECLINE:
		decline(s, &m, now);
		break;
	case DHCP_RELEASE:
		release(s, &m, now);
		break;
	case DHCP_INFORM:
		dhcp_reply_send(s, arrival, &m, DHCP_ACK, ip4_of(0), 0);
		break;
	case DHCP_BOOTP:
	case DHCP_OFFER:
	case DHCP_ACK:
	case DHCP_NAK:
		break;
	}
}

/* How long may be promised of what the disk holds. The disk keeps a binding a second longer, so
 * that the time the commit took does not come off a round lease. */
static uint32_t promise_s(const struct lease *stored, dt_time now)
{
	dt_time left = stored->expires - LEASE_GRACE - now;

	return left > 0 ? (uint32_t)((left + 999999) / 1000000) : 0;
}

static void commit_failed(struct dhcp_server *s, const struct dhcp_waiting *w,
			  struct lease_entry *entry, dt_time now)
{
	dhcp_event_add(s, DHCP_EVENT_STORE_FAILED, w->request.chaddr, w->lease.ip);
	entry->held_until = 0;
	leases_freed(&s->leases);
	if (!w->answer)
		return;
	struct ip4 reserved = reservation(s, w->lease.mac);
	if (leases_bound(entry, w->lease.mac, now)) {
		uint32_t left = promise_s(&entry->stored, now);
		if (left > 0)
			dhcp_reply_send(s, &w->arrival, &w->request, DHCP_ACK, entry->ip, left);
	} else if (ip4_equal(reserved, entry->ip) && !ip4_is_zero(reserved)) {
		/* The record with the reservation is itself on disk: nobody else can get this
		 * address. */
		dhcp_reply_send(s, &w->arrival, &w->request, DHCP_ACK, entry->ip,
				reg_settings(s->reg)->lease_s);
	}
}

static void committed(struct dhcp_server *s, const struct dhcp_waiting *w,
		      struct lease_entry *entry, dt_time now)
{
	entry->is_stored = w->answer || w->lease.declined;
	entry->stored = w->lease;
	/* Released: unused from now on, so that it is reused last. */
	entry->held_until = 0;
	leases_touch(&s->leases, entry);
	if (!entry->is_stored)
		leases_freed(&s->leases);
	uint32_t left = promise_s(&w->lease, now);
	if (w->answer && left > 0)
		dhcp_reply_send(s, &w->arrival, &w->request, DHCP_ACK, entry->ip, left);
}

void dhcp_server_commit_done(struct dhcp_server *s, uint64_t ticket, bool ok, dt_time now)
{
	struct dhcp_waiting *w = map_take(&s->waiting, ticket);

	if (w == NULL)
		return;
	struct lease_entry *entry = leases_find(&s->leases, w->lease.ip);
	if (entry != NULL && entry->ticket == ticket) {
		entry->ticket = 0;
		if (ok)
			committed(s, w, entry, now);
		else
			commit_failed(s, w, entry, now);
	}
	alloc_free(w);
}

bool dhcp_server_next_output(struct dhcp_server *s, struct dhcp_reply *ret_reply)
{
	struct dhcp_queued item;

	if (!dhcp_queue_take(&s->replies, &item))
		return false;
	*ret_reply = item.reply;
	return true;
}

bool dhcp_server_next_change(struct dhcp_server *s, struct change *ret_change)
{
	struct dhcp_queued item;

	if (!dhcp_queue_take(&s->changes, &item))
		return false;
	*ret_change = item.change;
	return true;
}

bool dhcp_server_next_event(struct dhcp_server *s, struct dhcp_event *ret_event)
{
	struct dhcp_queued item;

	if (!dhcp_queue_take(&s->events, &item))
		return false;
	*ret_event = item.event;
	return true;
}

const struct lease *dhcp_server_lease_by_ip(const struct dhcp_server *s, struct ip4 ip, dt_time now)
{
	const struct lease_entry *entry = leases_find(&s->leases, ip);

	return entry != NULL && entry->is_stored && entry->stored.expires > now ? &entry->stored
										: NULL;
}

const struct lease *dhcp_server_lease_by_mac(const struct dhcp_server *s, struct mac mac,
					     dt_time now)
{
	const struct lease_entry *entry = leases_of(&s->leases, mac);

	return entry != NULL && leases_bound(entry, mac, now) ? &entry->stored : NULL;
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
		if (entry->is_stored)
			list[(*ret_count)++] = &entry->stored;
	}
	if (*ret_count > 0)
		qsort(list, *ret_count, sizeof(struct lease *), by_address);
	return list;
}
