/* IOS and Windows, in the words of their manuals. */
#include "cli/export_site.h"

#include <stdio.h>
#include <stdlib.h>

static const struct ip4 none;

static void line_unless_empty(const char *before, const char *value, const char *after)
{
	if (value[0] != 0)
		(void)printf("%s%s%s\n", before, value, after);
}

static int by_first(const void *a, const void *b)
{
	uint32_t fa = ip4_number(((const struct subnet_range *)a)->first);
	uint32_t fb = ip4_number(((const struct subnet_range *)b)->first);

	return fa < fb ? -1 : fa > fb;
}

/* What is not to be given out: everything between the ranges of a subnet. Calls `tell` for each
 * such stretch, between `first` and `last`. */
static void each_gap(const struct export_net *net, uint32_t first, uint32_t last,
		     void (*tell)(const struct export_net *net, struct ip4 from, struct ip4 to))
{
	struct subnet_range all[2 * EXPORT_RANGES_MAX];
	size_t count = 0;

	for (size_t i = 0; i < net->pool_count; i++)
		all[count++] = net->pool[i];
	for (size_t i = 0; i < net->phones_count; i++)
		all[count++] = net->phones[i];
	qsort(all, count, sizeof *all, by_first);
	for (size_t i = 0; i < count; i++) {
		if (ip4_number(all[i].first) > first)
			tell(net, ip4_of(first), ip4_of(ip4_number(all[i].first) - 1));
		first = ip4_number(all[i].last) + 1;
	}
	if (first <= last)
		tell(net, ip4_of(first), ip4_of(last));
}

static void ios_exclude(const struct export_net *net, struct ip4 from, struct ip4 to)
{
	(void)net;
	(void)printf("ip dhcp excluded-address %s %s\n", export_ip(from), export_ip(to));
}

static void ios_class(const char *name, const struct subnet_range *range, size_t count)
{
	if (count > 0)
		(void)printf(" class %s\n", name);
	for (size_t i = 0; i < count; i++)
		(void)printf("  address range %s %s\n", export_ip(range[i].first),
			     export_ip(range[i].last));
}

static void ios_pool(const struct export_site *site, const struct export_net *net)
{
	const struct subnet *s = &net->subnet;
	struct export_reservation r;

	(void)printf("ip dhcp pool %s\n network %s %s\n", s->name, export_ip(s->network),
		     export_ip(s->netmask));
	line_unless_empty(" default-router ", export_ips(s->router, none, ""), "");
	line_unless_empty(" dns-server ", export_ips(s->dns1, s->dns2, " "), "");
	line_unless_empty(" domain-name ", s->domain, "");
	line_unless_empty(" option 42 ip ", export_ips(s->ntp, none, ""), "");
	(void)printf(" next-server %s\n option 66 ascii %s\n", export_ip(s->tftp1),
		     export_ip(s->tftp1));
	(void)printf(" option 150 ip %s\n lease %u %u %u\n", export_ips(s->tftp1, s->tftp2, " "),
		     s->lease_s / 86400, s->lease_s / 3600 % 24, s->lease_s / 60 % 60);
	if (net->phones_count > 0) {
		ios_class("CISCO-PHONES", net->phones, net->phones_count);
		ios_class("OTHERS", net->pool, net->pool_count);
	}
	/* The client identifier is 01 and the MAC, in groups of four digits. */
	for (size_t at = 0; export_site_reservation(site, net, "", &at, &r);)
		(void)printf(
		    "ip dhcp pool %s\n host %s %s\n client-identifier 01%.2s.%.4s.%.4s.%.2s\n"
		    " option 150 ip %s\n",
		    r.name, r.ip, export_ip(s->netmask), r.mac, r.mac + 2, r.mac + 6, r.mac + 10,
		    export_ips(s->tftp1, s->tftp2, " "));
}

void export_ios(const struct export_site *site)
{
	(void)printf("! Cisco phones, for IOS; reservations are pools of their own there\n");
	for (size_t i = 0; i < site->count; i++) {
		uint32_t net = ip4_number(site->net[i].subnet.network);
		uint32_t mask = ip4_number(site->net[i].subnet.netmask);
		each_gap(&site->net[i], net + 1, (net | ~mask) - 1, ios_exclude);
	}
	/* Option 60 begins with "Cisco System", or with a small s. */
	if (site->classes)
		(void)printf("ip dhcp class CISCO-PHONES\n option 60 hex "
			     "436973636F2053797374656D*\n option 60 hex "
			     "436973636F2073797374656D*\nip dhcp class OTHERS\n");
	for (size_t i = 0; i < site->count; i++)
		ios_pool(site, &site->net[i]);
}

static void windows_exclude(const struct export_net *net, struct ip4 from, struct ip4 to)
{
	(void)net;
	(void)printf("Add-DhcpServerv4ExclusionRange @scope -StartRange %s -EndRange %s\n",
		     export_ip(from), export_ip(to));
}

static void windows_policy(const char *name, const char *operator_,
			   const struct subnet_range *range, size_t count)
{
	if (count == 0)
		return;
	(void)printf("Add-DhcpServerv4Policy @scope -Name \"%s\" -Condition OR -VendorClass "
		     "%s,\"Cisco phones*\"\n",
		     name, operator_);
	for (size_t i = 0; i < count; i++)
		(void)printf("Add-DhcpServerv4PolicyIPRange @scope -Name \"%s\" -StartRange %s "
			     "-EndRange %s\n",
			     name, export_ip(range[i].first), export_ip(range[i].last));
}

/* The first and the last address of all ranges. */
static struct subnet_range extent(const struct export_net *net)
{
	struct subnet_range all = {ip4_of(UINT32_MAX), ip4_of(0)};

	for (size_t i = 0; i < net->pool_count + net->phones_count; i++) {
		const struct subnet_range *r =
		    i < net->pool_count ? &net->pool[i] : &net->phones[i - net->pool_count];
		if (ip4_number(r->first) < ip4_number(all.first))
			all.first = r->first;
		if (ip4_number(r->last) > ip4_number(all.last))
			all.last = r->last;
	}
	return all;
}

static void windows_scope(const struct export_site *site, const struct export_net *net)
{
	const struct subnet *s = &net->subnet;
	struct subnet_range all = extent(net);
	struct export_reservation r;

	if (net->pool_count + net->phones_count == 0)
		return;
	(void)printf("Add-DhcpServerv4Scope -Name \"%s\" -StartRange %s -EndRange %s "
		     "-SubnetMask %s -LeaseDuration %u.%02u:%02u:%02u\n",
		     s->name, export_ip(all.first), export_ip(all.last), export_ip(s->netmask),
		     s->lease_s / 86400, s->lease_s / 3600 % 24, s->lease_s / 60 % 60,
		     s->lease_s % 60);
	(void)printf("$scope = @{ ScopeId = \"%s\" }\n", export_ip(s->network));
	each_gap(net, ip4_number(all.first), ip4_number(all.last), windows_exclude);
	if (net->phones_count > 0) {
		windows_policy("Cisco phones", "EQ", net->phones, net->phones_count);
		windows_policy("Others", "NE", net->pool, net->pool_count);
	}
	line_unless_empty("Set-DhcpServerv4OptionValue @scope -Router ",
			  export_ips(s->router, none, ""), "");
	line_unless_empty("Set-DhcpServerv4OptionValue @scope -DnsServer ",
			  export_ips(s->dns1, s->dns2, ","), " -Force");
	line_unless_empty("Set-DhcpServerv4OptionValue @scope -DnsDomain ", s->domain, "");
	line_unless_empty("Set-DhcpServerv4OptionValue @scope -OptionId 42 -Value ",
			  export_ips(s->ntp, none, ""), "");
	(void)printf("Set-DhcpServerv4OptionValue @scope -OptionId 66 -Value \"%s\"\n",
		     export_ip(s->tftp1));
	(void)printf("Set-DhcpServerv4OptionValue @scope -OptionId 150 -Value %s\n",
		     export_ips(s->tftp1, s->tftp2, ","));
	for (size_t at = 0; export_site_reservation(site, net, "-", &at, &r);)
		(void)printf("Add-DhcpServerv4Reservation @scope -IPAddress %s -ClientId %s "
			     "-Name %s\n",
			     r.ip, r.mac, r.name);
}

void export_windows(const struct export_site *site)
{
	(void)printf("# Cisco phones, for PowerShell on the Windows DHCP server\n"
		     "Add-DhcpServerv4OptionDefinition -OptionId 150 -Name \"TFTP servers\" "
		     "-Type IPv4Address -MultiValued\n");
	if (site->classes)
		(void)printf("Add-DhcpServerv4Class -Name \"Cisco phones\" -Type Vendor -Data "
			     "\"Cisco System\"\n");
	for (size_t i = 0; i < site->count; i++)
		windows_scope(site, &site->net[i]);
}
