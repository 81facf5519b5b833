#include "model/subnet.h"

#include "base/error.h"
#include "base/text.h"

#include <stdio.h>

#define LEASE_SHORTEST_S 60u
#define LEASE_LONGEST_S                                                                            \
	315360000u /* ten years: what Cisco's own server calls infinite is longer                  \
		    */

/* The next item of "a,b c" after *at; false at the end. Cut when it does not fit. */
static bool next_item(const char *text, size_t *at, char *to, size_t size)
{
	size_t start = *at + strspn(text + *at, ", \t");
	size_t len = strcspn(text + start, ", \t");

	*at = start + len;
	(void)text_copy_slice(to, size, slice_of(text + start, len));
	return len > 0;
}

static bool parse_range(char *item, struct subnet_range *range)
{
	char *dash = strchr(item, '-');

	if (dash != NULL)
		*dash = 0;
	if (ip4_parse(item, &range->first) != 0)
		return false;
	range->last = range->first;
	return dash == NULL || ip4_parse(dash + 1, &range->last) == 0;
}

int subnet_ranges_parse(const char *text, struct subnet_range ret_ranges[static SUBNET_RANGES_MAX],
			size_t *ret_count, const char **ret_why)
{
	char item[2 * IP4_TEXT_SIZE + 1];
	size_t count = 0;

	for (size_t at = 0; next_item(text, &at, item, sizeof item); count++) {
		struct subnet_range range;
		if (count == SUBNET_RANGES_MAX)
			*ret_why = "a list of addresses holds at most 8 ranges";
		else if (!parse_range(item, &range))
			*ret_why = "addresses are given as FIRST-LAST, with commas between ranges";
		else if (ip4_number(range.last) < ip4_number(range.first))
			*ret_why = "a range ends before it begins";
		else {
			ret_ranges[count] = range;
			continue;
		}
		return E_BAD_VALUE;
	}
	*ret_count = count;
	return 0;
}

/* Of all ranges, each against the subnet and against the ones before it. */
static const char *check_ranges(const struct subnet *s, const struct subnet_range *r, size_t count)
{
	uint32_t net = ip4_number(s->network);
	uint32_t broadcast = net | ~ip4_number(s->netmask);

	for (size_t i = 0; i < count; i++) {
		uint32_t first = ip4_number(r[i].first);
		uint32_t last = ip4_number(r[i].last);
		if (first < net || last > broadcast)
			return "a range lies outside the subnet";
		if (first == net || last == broadcast)
			return "a range contains the subnet's own or its broadcast address";
		for (size_t k = 0; k < i; k++) {
			if (first <= ip4_number(r[k].last) && ip4_number(r[k].first) <= last)
				return "two ranges have an address in common";
		}
	}
	return NULL;
}

int subnet_check(const struct subnet *s, const char **ret_why)
{
	uint32_t mask = ip4_number(s->netmask);
	struct subnet_range ranges[2 * SUBNET_RANGES_MAX];
	size_t pool = 0;
	size_t phones = 0;
	const struct {
		bool bad;
		const char *why;
	} checks[] = {
	    {ip4_is_zero(s->network), "a subnet needs its network address"},
	    {mask == 0 || (~mask & (~mask + 1)) != 0, "the netmask must be ones followed by zeros"},
	    {~mask < 3, "the subnet has no room for anybody"},
	    {(ip4_number(s->network) & ~mask) != 0,
	     "the network address has bits outside of its netmask"},
	    {!ip4_is_zero(s->router) && !ip4_in_subnet(s->router, s->network, s->netmask),
	     "the router lies outside the subnet"},
	    {s->lease_s != 0 && s->lease_s < LEASE_SHORTEST_S,
	     "a lease must last at least 60 seconds"},
	    {s->lease_s > LEASE_LONGEST_S, "a lease must last at most ten years"},
	    {ip4_is_zero(s->dns1) && !ip4_is_zero(s->dns2),
	     "a second DNS server needs a first one"},
	    {ip4_is_zero(s->tftp1) && !ip4_is_zero(s->tftp2),
	     "a second TFTP server needs a first one"},
	};

	for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
		if (checks[i].bad) {
			*ret_why = checks[i].why;
			return E_BAD_VALUE;
		}
	}
	if (subnet_ranges_parse(s->pool, ranges, &pool, ret_why) != 0 ||
	    subnet_ranges_parse(s->phones, ranges + pool, &phones, ret_why) != 0)
		return E_BAD_VALUE;
	const char *why = check_ranges(s, ranges, pool + phones);
	if (why == NULL)
		return 0;
	*ret_why = why;
	return E_BAD_VALUE;
}

bool subnet_overlaps(const struct subnet *a, const struct subnet *b)
{
	return ip4_in_subnet(a->network, b->network, b->netmask) ||
	       ip4_in_subnet(b->network, a->network, a->netmask);
}

struct subnet subnet_of_settings(const struct settings *s)
{
	struct subnet subnet = {.network = s->subnet,
				.netmask = s->netmask,
				.router = s->router,
				.dns1 = s->dns,
				.lease_s = s->lease_s,
				.on = true,
				.version = s->version};
	char first[IP4_TEXT_SIZE];
	char last[IP4_TEXT_SIZE];

	(void)text_copy(subnet.name, sizeof subnet.name, "default");
	(void)text_copy(subnet.domain, sizeof subnet.domain, s->domain);
	if (!ip4_is_zero(s->pool_first))
		(void)snprintf(subnet.pool, sizeof subnet.pool, "%s-%s",
			       ip4_format(s->pool_first, first), ip4_format(s->pool_last, last));
	return subnet;
}
