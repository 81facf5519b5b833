/* From a REQUEST to its ACK, by way of the disk; and what is answered when the disk does not take
 * it.
 *
 *   REQUEST --> change with a ticket --committed--> ACK for what is stored now
 *                 |                  --failed-----> ) a known binding: what the disk still holds of
 * it
 *                 \--asked again after 2 s--------> ) a reservation: in full, its record is on disk
 *                                                   ) anybody else: five minutes from memory
 *
 * Five minutes from memory are the one promise a crash can break; they are told to be temporary in
 * option 56 and in the lease list, and the phone's next REQUEST tries the disk again. */
#include "dhcp/dhcp_internal.h"

#include "base/alloc.h"

#define REQUEST_MAX     2048
/* With less than this left of a stored binding its phone would be on the point of losing its
 * address: it is better off with five minutes from memory. */
#define WORTH_TELLING_S 60u

static const char temporary_words[] = "temporary: the server's disk takes no leases";

void dhcp_waiting_free(struct dhcp_waiting *w)
{
	buf_done(&w->request);
	alloc_free(w);
}

struct dhcp_waiting *dhcp_submit(struct dhcp_server *s, enum change_kind kind,
				 const struct lease *lease, dt_time now)
{
	struct dhcp_waiting *w = alloc_zero(1, sizeof *w);

	if (w == NULL)
		return NULL;
	*w = (struct dhcp_waiting){
	    .ticket = s->next_ticket, .kind = kind, .lease = *lease, .since = now};
	buf_init(&w->request, REQUEST_MAX);
	if (map_put(&s->waiting, w->ticket, w) != 0) {
		dhcp_waiting_free(w);
		return NULL;
	}
	if (!dhcp_queue_add(&s->changes, &w->ticket, sizeof w->ticket)) {
		(void)map_take(&s->waiting, w->ticket);
		dhcp_waiting_free(w);
		return NULL;
	}
	s->next_ticket++;
	return w;
}

bool dhcp_server_next_change(struct dhcp_server *s, struct change *ret_change)
{
	uint64_t ticket = 0;

	if (!dhcp_queue_take(&s->changes, &ticket))
		return false;
	const struct dhcp_waiting *w = map_get(&s->waiting, ticket);
	if (w == NULL)
		return false;
	*ret_change = (struct change){
	    .kind = w->kind, .owner = CHANGE_OWNER_DHCP, .ticket = ticket, .lease = w->lease};
	return true;
}

/* How long may be promised of what the disk holds. */
static uint32_t promise_s(const struct lease *stored, dt_time now)
{
	dt_time left = stored->expires - DHCP_LEASE_GRACE - now;

	return left > 0 ? (uint32_t)((left + 999999) / 1000000) : 0;
}

static void acknowledge(struct dhcp_server *s, const struct dhcp_input *in, uint32_t lease_s,
			struct ip4 ip, const char *words)
{
	struct dhcp_answer answer = {
	    .type = DHCP_ACK, .ip = ip, .lease_s = lease_s, .words = words};

	dhcp_reply_send(s, in, &answer);
}

/* Without a write: only what is safe without one. */
static void answer_from_memory(struct dhcp_server *s, const struct dhcp_input *in,
			       struct lease_entry *entry)
{
	struct mac mac = in->m.chaddr;
	struct ip4 reserved = dhcp_reservation(s, in->net, mac);
	bool is_reserved = !ip4_is_zero(reserved) && ip4_equal(reserved, entry->lease.ip);
	uint32_t left = leases_bound(entry, mac, in->now) ? promise_s(&entry->lease, in->now) : 0;

	if (is_reserved) {
		acknowledge(s, in, dhcp_net_lease_s(s, in->net), entry->lease.ip, "");
	} else if (left >= WORTH_TELLING_S) {
		acknowledge(s, in, left, entry->lease.ip, "");
	} else {
		entry->lease.mac = mac;
		entry->lease.declined = false;
		entry->lease.temporary = true;
		entry->lease.expires =
		    dt_time_add(in->now, DT_SECONDS(DHCP_TEMPORARY_S) + DHCP_LEASE_GRACE);
		entry->is_stored = false;
		leases_settle(&s->leases, entry);
		dhcp_event_add(s, DHCP_EVENT_TEMPORARY, mac, entry->lease.ip);
		acknowledge(s, in, DHCP_TEMPORARY_S, entry->lease.ip, temporary_words);
	}
}

static void tell_slow(struct dhcp_server *s, const struct dhcp_input *in,
		      const struct lease_entry *entry, dt_time waited)
{
	struct dhcp_event event = {
	    .kind = DHCP_EVENT_STORE_SLOW,
	    .mac = in->m.chaddr,
	    .ip = entry->lease.ip,
	    .number = {(uint32_t)(waited / 1000), (uint32_t)s->waiting.count}};

	dhcp_event_queue(s, &event);
}

/* The commit is under way already: this REQUEST takes the place of the one that waits. */
static void join(struct dhcp_server *s, const struct dhcp_input *in, struct lease_entry *entry)
{
	struct dhcp_waiting *w = map_get(&s->waiting, entry->ticket);

	/* Its own RELEASE or DECLINE goes first: what that leaves cannot be promised yet. */
	if (w == NULL || w->kind != CHANGE_LEASE_PUT || !mac_equal(w->lease.mac, in->m.chaddr))
		return;
	w->answer = in->now - w->since < DHCP_COMMIT_SLOW;
	if (w->answer) {
		buf_clear(&w->request);
		buf_append(&w->request, in->datagram);
		w->arrival = *in->arrival;
	} else {
		tell_slow(s, in, entry, in->now - w->since);
		answer_from_memory(s, in, entry);
	}
}

void dhcp_bind_and_ack(struct dhcp_server *s, const struct dhcp_input *in,
		       struct lease_entry *entry)
{
	struct lease lease = {.mac = in->m.chaddr, .ip = entry->lease.ip};
	dt_time duration = DT_SECONDS(dhcp_net_lease_s(s, in->net));

	leases_assign(&s->leases, entry, in->m.chaddr);
	if (entry->ticket != 0) {
		join(s, in, entry);
		return;
	}
	lease.expires = dt_time_add(in->now, duration + DHCP_LEASE_GRACE);
	struct dhcp_waiting *w = dhcp_submit(s, CHANGE_LEASE_PUT, &lease, in->now);
	if (w == NULL) {
		tell_slow(s, in, entry, 0);
		answer_from_memory(s, in, entry);
		return;
	}
	w->answer = true;
	w->arrival = *in->arrival;
	buf_append(&w->request, in->datagram);
	entry->ticket = w->ticket;
	leases_settle(&s->leases, entry);
}

/* What waited, as if it had come just now. false when nothing is to be answered any more. */
static bool again(struct dhcp_server *s, const struct dhcp_waiting *w, dt_time now,
		  struct dhcp_input *in)
{
	if (!w->answer)
		return false;
	*in = (struct dhcp_input){
	    .arrival = &w->arrival, .datagram = buf_slice(&w->request), .now = now};
	if (dhcp_decode(in->datagram, &in->m, NULL) != 0)
		return false;
	in->net = dhcp_net_choose(s, in->arrival, &in->m);
	in->is_phone = dhcp_is_phone(s, &in->m);
	return in->net != NULL;
}

static void committed(struct dhcp_server *s, const struct dhcp_waiting *w,
		      struct lease_entry *entry, dt_time now)
{
	struct dhcp_input in;

	entry->is_stored = w->kind == CHANGE_LEASE_PUT;
	entry->lease = w->lease;
	/* Released: unused from now on, so that it is reused last. */
	entry->held_until = now;
	leases_settle(&s->leases, entry);
	if (!again(s, w, now, &in))
		return;
	uint32_t left = promise_s(&entry->lease, now);
	if (left > 0)
		acknowledge(s, &in, left, entry->lease.ip, "");
}

static void commit_failed(struct dhcp_server *s, const struct dhcp_waiting *w,
			  struct lease_entry *entry, dt_time now)
{
	struct dhcp_input in;

	dhcp_event_add(s, DHCP_EVENT_STORE_FAILED, entry->owner, w->lease.ip);
	if (w->lease.declined) {
		/* Somebody uses it, whatever the disk says: parked in memory. */
		entry->lease = w->lease;
		entry->lease.temporary = true;
		entry->is_stored = false;
	}
	entry->held_until = now;
	leases_settle(&s->leases, entry);
	if (again(s, w, now, &in))
		answer_from_memory(s, &in, entry);
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
	dhcp_waiting_free(w);
}
