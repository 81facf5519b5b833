/* Which address a client gets: its reservation, the one it had, the one it asks for, the one unused
 * for longest. */
#include "dhcp/dhcp_internal.h"

struct ip4 dhcp_reservation(const struct dhcp_server *s, const struct dhcp_net *net, struct mac mac)
{
	const struct device *device = reg_device_by_mac(s->reg, mac);

	/* In another subnet than its own the phone is a guest like any other. */
	if (device == NULL ||
	    !ip4_in_subnet(device->reserved_ip, net->subnet.network, net->subnet.netmask))
		return ip4_of(0);
	return device->reserved_ip;
}

struct guests {
	const struct dhcp_server *server;
	const struct dhcp_net *net;
};

/* A phone's by its record, or one of the addresses this server itself gives out as somebody's. */
static bool is_reserved(const void *context, struct ip4 ip)
{
	const struct guests *g = context;
	const struct settings *settings = reg_settings(g->server->reg);
	const struct subnet *n = &g->net->subnet;
	const struct ip4 taken[] = {settings->server_ip,
				    settings->callmanager_ip,
				    n->router,
				    n->dns1,
				    n->dns2,
				    n->ntp,
				    n->tftp1,
				    n->tftp2};

	for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) {
		if (ip4_equal(taken[i], ip))
			return true;
	}
	return dhcp_is_own(g->server, ip) || reg_device_by_reserved_ip(g->server->reg, ip) != NULL;
}

static bool in_ranges(const struct subnet_range *range, size_t count, struct ip4 ip)
{
	uint32_t n = ip4_number(ip);

	for (size_t i = 0; i < count; i++) {
		if (ip4_number(range[i].first) <= n && n <= ip4_number(range[i].last))
			return true;
	}
	return false;
}

/* Phones take from their own list when there is one, everybody else from the pool. A client that
 * does not say what it is in this very message may keep either: phones leave option 60 out of some.
 */
static bool in_its_ranges(const struct dhcp_input *in, struct ip4 ip)
{
	const struct dhcp_net *net = in->net;
	bool silent = !dhcp_option_has(&in->m, DHCP_OPTION_VENDOR_CLASS);
	bool own_list = in->is_phone && net->phones_count > 0;

	return ((own_list || silent) && in_ranges(net->phones, net->phones_count, ip)) ||
	       ((!own_list || silent) && in_ranges(net->pool, net->pool_count, ip));
}

bool dhcp_is_ours(const struct dhcp_server *s, const struct dhcp_input *in, struct ip4 ip)
{
	struct guests guests = {s, in->net};
	struct ip4 reserved = dhcp_reservation(s, in->net, in->m.chaddr);

	if (!ip4_is_zero(reserved))
		return ip4_equal(reserved, ip);
	return in_its_ranges(in, ip) && !is_reserved(&guests, ip);
}

static struct lease_entry *pick(struct dhcp_server *s, const struct dhcp_input *in)
{
	struct guests guests = {s, in->net};
	bool own_list = in->is_phone && in->net->phones_count > 0;
	const struct subnet_range *range = own_list ? in->net->phones : in->net->pool;
	size_t count = own_list ? in->net->phones_count : in->net->pool_count;
	struct lease_entry *entry = NULL;

	/* By its last address: where two ranges overlap, the second begins after the first. */
	for (size_t i = 0; i < count && entry == NULL; i++)
		entry = leases_pick(&s->leases, range[i].last, in->now, is_reserved, &guests);
	return entry;
}

struct lease_entry *dhcp_choose_address(struct dhcp_server *s, const struct dhcp_input *in)
{
	struct mac mac = in->m.chaddr;
	struct ip4 reserved = dhcp_reservation(s, in->net, mac);
	struct ip4 wanted;

	if (!ip4_is_zero(reserved)) {
		struct lease_entry *entry = leases_entry(&s->leases, reserved);
		return entry != NULL && leases_available(entry, mac, in->now) ? entry : NULL;
	}
	struct lease_entry *last = leases_of(&s->leases, mac);
	if (last != NULL && dhcp_is_ours(s, in, last->lease.ip) &&
	    leases_available(last, mac, in->now))
		return last;
	if (dhcp_option_ip(&in->m, DHCP_OPTION_REQUESTED_IP, &wanted) &&
	    dhcp_is_ours(s, in, wanted)) {
		struct lease_entry *entry = leases_entry(&s->leases, wanted);
		if (entry != NULL && leases_available(entry, mac, in->now))
			return entry;
	}
	return pick(s, in);
}

/* Walks all leases: for a pool that is used up, and then at most once a second. */
static void count_taken(struct dhcp_server *s, const struct subnet_range *range, size_t count,
			dt_time now)
{
	const struct lease_entry *entry = NULL;

	if (s->counted == range && now - s->counted_at < DT_SECONDS(1))
		return;
	s->counted = range;
	s->counted_at = now;
	s->counted_parked = 0;
	s->counted_guests = 0;
	for (size_t at = 0; (entry = map_next(&s->leases.by_ip, &at)) != NULL;) {
		if (leases_free_at(entry) <= now || !in_ranges(range, count, entry->lease.ip))
			continue;
		s->counted_parked += entry->lease.declined;
		s->counted_guests += entry->is_guest && !entry->lease.declined;
	}
}

void dhcp_tell_no_address(struct dhcp_server *s, const struct dhcp_input *in)
{
	bool own_list = in->is_phone && in->net->phones_count > 0;
	const struct subnet_range *range = own_list ? in->net->phones : in->net->pool;
	size_t count = own_list ? in->net->phones_count : in->net->pool_count;
	struct dhcp_event event = {.kind = DHCP_EVENT_POOL_EMPTY, .mac = in->m.chaddr};

	if (!ip4_is_zero(dhcp_reservation(s, in->net, in->m.chaddr))) {
		event.kind = DHCP_EVENT_NO_OFFER;
		event.why = "the address reserved for it is leased to another or parked";
	} else if (count == 0) {
		event.kind = DHCP_EVENT_NO_OFFER;
		event.why = "its subnet has no addresses to give out";
	} else {
		count_taken(s, range, count, in->now);
		event.ip = range[0].first;
		for (size_t i = 0; i < count; i++)
			event.number[0] +=
			    ip4_number(range[i].last) - ip4_number(range[i].first) + 1;
		event.number[1] = s->counted_parked;
		event.number[2] = s->counted_guests;
	}
	dhcp_event_queue(s, &event);
}
