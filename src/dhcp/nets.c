/* Which subnet a message is about.
 *
 * In this order: the link selection of the relay (option 82, RFC 3527), the subnet selection of the
 * client (option 118, RFC 3011), the relay's own address, the address the client uses, the
 * interface it came in by. The first two exist because a relay's address may lie elsewhere than its
 * phones; so they go before it. A link selection counts only through a relay: from a client it
 * would be the client's own invention. */
#include "dhcp/dhcp_internal.h"

#include "base/alloc.h"
#include "base/error.h"

#include <stdlib.h>

#define LINK_SELECTION 5

static bool holds(const struct dhcp_net *net, struct ip4 ip)
{
	return !ip4_is_zero(net->subnet.network) &&
	       ip4_in_subnet(ip, net->subnet.network, net->subnet.netmask);
}

/* The records are sorted by network: the last one that begins at or before the address, or one
 * around it. The settings' own subnet comes after them all. */
const struct dhcp_net *dhcp_net_of(const struct dhcp_server *s, struct ip4 ip)
{
	size_t low = 0;
	size_t high = s->net_count > 0 ? s->net_count - 1 : 0;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (ip4_number(s->net[middle].subnet.network) <= ip4_number(ip))
			low = middle + 1;
		else
			high = middle;
	}
	while (low > 0) {
		if (holds(&s->net[--low], ip))
			return &s->net[low];
	}
	const struct dhcp_net *own = s->net_count > 0 ? &s->net[s->net_count - 1] : NULL;
	return own != NULL && holds(own, ip) ? own : NULL;
}

uint32_t dhcp_net_lease_s(const struct dhcp_server *s, const struct dhcp_net *net)
{
	return net->subnet.lease_s != 0 ? net->subnet.lease_s : reg_settings(s->reg)->lease_s;
}

static struct ip4 link_selection(const struct dhcp_message *m)
{
	struct slice rest = dhcp_option_get(m, DHCP_OPTION_RELAY_AGENT);
	struct ip4 ip = {{0}};

	while (rest.len >= 2 && rest.ptr[1] <= rest.len - 2) {
		if (rest.ptr[0] == LINK_SELECTION && rest.ptr[1] == sizeof ip.b)
			memcpy(ip.b, rest.ptr + 2, sizeof ip.b);
		rest = slice_from(rest, 2u + rest.ptr[1]);
	}
	return ip;
}

/* The address that tells the subnet; `*ret_named`: somebody named it, and it is not merely where
 * the message came in. */
static struct ip4 telling_address(const struct dhcp_server *s, const struct dhcp_arrival *arrival,
				  const struct dhcp_message *m, bool *ret_named)
{
	bool relayed = !ip4_is_zero(m->giaddr);
	struct ip4 ip = relayed ? link_selection(m) : ip4_of(0);

	*ret_named = true;
	if (!ip4_is_zero(ip))
		return ip;
	if (dhcp_option_ip(m, DHCP_OPTION_SUBNET_SELECTION, &ip) && !ip4_is_zero(ip))
		return ip;
	if (relayed)
		return m->giaddr;
	*ret_named = false;
	/* An address from elsewhere: the client has moved here with it, and is told so. */
	if (!ip4_is_zero(m->ciaddr) && dhcp_net_of(s, m->ciaddr) != NULL)
		return m->ciaddr;
	return ip4_is_zero(arrival->local) ? reg_settings(s->reg)->server_ip : arrival->local;
}

const struct dhcp_net *dhcp_net_choose(struct dhcp_server *s, const struct dhcp_arrival *arrival,
				       const struct dhcp_message *m)
{
	bool named = false;
	struct ip4 ip = telling_address(s, arrival, m, &named);
	const struct dhcp_net *net = dhcp_net_of(s, ip);

	if (net == NULL && named)
		dhcp_event_add(s, DHCP_EVENT_NO_SUBNET, m->chaddr, ip);
	if (net == NULL || net->subnet.on)
		return net;
	if (m->type == DHCP_DISCOVER) {
		struct dhcp_event event = {.kind = DHCP_EVENT_NO_OFFER,
					   .mac = m->chaddr,
					   .why = "its subnet is switched off"};
		dhcp_event_queue(s, &event);
	}
	return NULL;
}

/* false when the subnet cannot be served as it is. */
static bool read_net(const struct subnet *subnet, struct dhcp_net *net)
{
	const char *why = NULL;

	*net = (struct dhcp_net){.subnet = *subnet};
	if (subnet_check(subnet, &why) != 0)
		return false;
	(void)subnet_ranges_parse(subnet->pool, net->pool, &net->pool_count, &why);
	(void)subnet_ranges_parse(subnet->phones, net->phones, &net->phones_count, &why);
	return true;
}

/* The settings' pool is served even where it reaches over the network's first or last address, as
 * settings_check allows. */
static void read_settings_net(const struct settings *settings, struct dhcp_net *net)
{
	*net = (struct dhcp_net){.subnet = subnet_of_settings(settings)};
	if (ip4_is_zero(settings->pool_first) || ip4_is_zero(settings->subnet))
		return;
	net->pool[0] = (struct subnet_range){settings->pool_first, settings->pool_last};
	net->pool_count = 1;
}

static int by_network(const void *a, const void *b)
{
	uint32_t na = ip4_number(((const struct dhcp_net *)a)->subnet.network);
	uint32_t nb = ip4_number(((const struct dhcp_net *)b)->subnet.network);

	return na < nb ? -1 : na > nb;
}

/* Tells the lease table what there is to give out. */
static int use_ranges(struct dhcp_server *s, const struct dhcp_net *net, size_t count)
{
	struct subnet_range *all =
	    alloc_zero(count * 2 * SUBNET_RANGES_MAX, sizeof(struct subnet_range));
	size_t n = 0;

	if (all == NULL)
		return E_NO_MEMORY;
	for (size_t i = 0; i < count; i++) {
		memcpy(all + n, net[i].pool, net[i].pool_count * sizeof *all);
		n += net[i].pool_count;
		memcpy(all + n, net[i].phones, net[i].phones_count * sizeof *all);
		n += net[i].phones_count;
	}
	int error = leases_set_ranges(&s->leases, all, n);
	alloc_free(all);
	return error;
}

/* Changes with every change of a subnet: each version is given out once. */
static uint64_t stamp_of(const struct reg *reg)
{
	const union record *record = NULL;
	uint64_t stamp = reg_record_count(reg, RECORD_SUBNET);

	for (const char *after = ""; (record = reg_record_next(reg, RECORD_SUBNET, after)) != NULL;
	     after = record->key)
		stamp = stamp * 31 + record->subnet.version;
	return stamp;
}

/* The boot server, once for all answers. */
static void settle_tftp(struct dhcp_net *net, const struct settings *settings)
{
	net->tftp1 = ip4_is_zero(net->subnet.tftp1) ? settings->server_ip : net->subnet.tftp1;
	(void)ip4_format(net->tftp1, net->tftp_text);
}

/* A record that cannot be served, by whatever way it came here, is left out. */
static struct dhcp_net *read_nets(const struct reg *reg, size_t *ret_count)
{
	struct dhcp_net *net = alloc_zero(reg_record_count(reg, RECORD_SUBNET) + 1, sizeof *net);
	const union record *record = NULL;
	size_t count = 0;

	if (net == NULL)
		return NULL;
	for (const char *after = ""; (record = reg_record_next(reg, RECORD_SUBNET, after)) != NULL;
	     after = record->key)
		count += read_net(&record->subnet, &net[count]);
	qsort(net, count, sizeof *net, by_network);
	read_settings_net(reg_settings(reg), &net[count]);
	*ret_count = count + 1;
	for (size_t i = 0; i <= count; i++)
		settle_tftp(&net[i], reg_settings(reg));
	return net;
}

static bool is_current(struct dhcp_server *s)
{
	if (s->net == NULL)
		return false;
	if (s->generation == reg_generation(s->reg))
		return true;
	/* Most changes are phones'. */
	if (s->stamp != stamp_of(s->reg) || !settings_equal(&s->settings, reg_settings(s->reg)))
		return false;
	s->generation = reg_generation(s->reg);
	return true;
}

void dhcp_nets_refresh(struct dhcp_server *s)
{
	size_t count = 0;

	if (is_current(s))
		return;
	struct dhcp_net *net = read_nets(s->reg, &count);
	if (net == NULL || use_ranges(s, net, count) != 0) {
		alloc_free(net);
		return;
	}
	alloc_free(s->net);
	s->net = net;
	s->counted = NULL;
	s->net_count = count;
	s->settings = *reg_settings(s->reg);
	s->generation = reg_generation(s->reg);
	s->stamp = stamp_of(s->reg);
}
