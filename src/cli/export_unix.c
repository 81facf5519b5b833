/* dnsmasq, ISC dhcpd and Kea, in the words of their manuals. */
#include "cli/export_site.h"

#include <stdio.h>

static void line_unless_empty(const char *before, const char *value, const char *after)
{
	if (value[0] != 0)
		(void)printf("%s%s%s\n", before, value, after);
}

static const struct ip4 none;

static void dnsmasq_ranges(const struct export_net *net, const char *tag,
			   const struct subnet_range *range, size_t count)
{
	for (size_t i = 0; i < count; i++)
		(void)printf("dhcp-range=%sset:%s,%s,%s,%s,%u\n", tag, net->subnet.name,
			     export_ip(range[i].first), export_ip(range[i].last),
			     export_ip(net->subnet.netmask), net->subnet.lease_s);
}

static void dnsmasq_option(const struct subnet *s, unsigned number, const char *value)
{
	if (value[0] != 0)
		(void)printf("dhcp-option=tag:%s,%u,%s\n", s->name, number, value);
}

void export_dnsmasq(const struct export_site *site)
{
	struct export_reservation r;

	(void)printf("# Cisco phones, for dnsmasq.conf\n");
	/* The vendor class is compared as a part of option 60. */
	if (site->classes)
		(void)printf("dhcp-vendorclass=set:cisco-phone,IP Phone\n"
			     "dhcp-vendorclass=set:cisco-phone,Wireless Phone\n");
	for (size_t i = 0; i < site->count; i++) {
		const struct export_net *net = &site->net[i];
		const struct subnet *s = &net->subnet;
		bool own = net->phones_count > 0;
		dnsmasq_ranges(net, "tag:cisco-phone,", net->phones, net->phones_count);
		dnsmasq_ranges(net, own ? "tag:!cisco-phone," : "", net->pool, net->pool_count);
		dnsmasq_option(s, 3, export_ips(s->router, none, ""));
		dnsmasq_option(s, 6, export_ips(s->dns1, s->dns2, ","));
		dnsmasq_option(s, 15, s->domain);
		dnsmasq_option(s, 42, export_ips(s->ntp, none, ""));
		(void)printf("dhcp-option=tag:%s,66,\"%s\"\n", s->name, export_ip(s->tftp1));
		dnsmasq_option(s, 150, export_ips(s->tftp1, s->tftp2, ","));
		(void)printf("dhcp-boot=tag:%s,,,%s\n", s->name, export_ip(s->tftp1));
		for (size_t at = 0; export_site_reservation(site, net, ":", &at, &r);)
			(void)printf("dhcp-host=%s,%s\n", r.mac, r.ip);
	}
}

static void isc_pool(const char *who, const struct subnet_range *range, size_t count)
{
	if (count == 0)
		return;
	(void)printf("  pool {\n");
	line_unless_empty("    ", who, " members of \"cisco-phones\";");
	for (size_t i = 0; i < count; i++)
		(void)printf("    range %s %s;\n", export_ip(range[i].first),
			     export_ip(range[i].last));
	(void)printf("  }\n");
}

static void isc_subnet(const struct export_site *site, const struct export_net *net)
{
	const struct subnet *s = &net->subnet;
	struct export_reservation r;

	(void)printf("subnet %s netmask %s {\n", export_ip(s->network), export_ip(s->netmask));
	isc_pool("allow", net->phones, net->phones_count);
	isc_pool(net->phones_count > 0 ? "deny" : "", net->pool, net->pool_count);
	(void)printf("  default-lease-time %u;\n  max-lease-time %u;\n", s->lease_s, s->lease_s);
	line_unless_empty("  option routers ", export_ips(s->router, none, ""), ";");
	line_unless_empty("  option domain-name-servers ", export_ips(s->dns1, s->dns2, ", "), ";");
	line_unless_empty("  option domain-name \"", s->domain, "\";");
	line_unless_empty("  option ntp-servers ", export_ips(s->ntp, none, ""), ";");
	(void)printf("  next-server %s;\n  option tftp-server-name \"%s\";\n", export_ip(s->tftp1),
		     export_ip(s->tftp1));
	(void)printf("  option tftp-servers %s;\n}\n", export_ips(s->tftp1, s->tftp2, ", "));
	for (size_t at = 0; export_site_reservation(site, net, ":", &at, &r);)
		(void)printf("host %s { hardware ethernet %s; fixed-address %s; }\n", r.name, r.mac,
			     r.ip);
}

void export_isc(const struct export_site *site)
{
	(void)printf("# Cisco phones, for dhcpd.conf\n"
		     "option tftp-servers code 150 = array of ip-address;\n");
	/* Some phones write a small s. */
	if (site->classes)
		(void)printf("class \"cisco-phones\" {\n  match if lcase(substring(option "
			     "vendor-class-identifier, 0, 12)) = \"cisco system\";\n}\n");
	for (size_t i = 0; i < site->count; i++)
		isc_subnet(site, &site->net[i]);
}

static void add_option(json_t *options, const char *name, const char *value)
{
	if (value[0] != 0)
		(void)json_array_append_new(options,
					    json_pack("{s:s, s:s}", "name", name, "data", value));
}

static void kea_pools(json_t *pools, const struct subnet_range *range, size_t count,
		      const char *who)
{
	for (size_t i = 0; i < count; i++) {
		json_t *pool = json_object();
		(void)json_object_set_new(
		    pool, "pool",
		    json_sprintf("%s - %s", export_ip(range[i].first), export_ip(range[i].last)));
		if (who[0] != 0)
			(void)json_object_set_new(pool, "client-class", json_string(who));
		(void)json_array_append_new(pools, pool);
	}
}

static json_t *kea_subnet(const struct export_site *site, const struct export_net *net, size_t id)
{
	const struct subnet *s = &net->subnet;
	struct export_reservation r;
	json_t *options = json_array();
	json_t *reservations = json_array();
	json_t *pools = json_array();

	kea_pools(pools, net->phones, net->phones_count, "cisco-phones");
	kea_pools(pools, net->pool, net->pool_count, net->phones_count > 0 ? "others" : "");
	add_option(options, "routers", export_ips(s->router, none, ""));
	add_option(options, "domain-name-servers", export_ips(s->dns1, s->dns2, ", "));
	add_option(options, "domain-name", s->domain);
	add_option(options, "ntp-servers", export_ips(s->ntp, none, ""));
	add_option(options, "tftp-server-name", export_ip(s->tftp1));
	add_option(options, "tftp-servers", export_ips(s->tftp1, s->tftp2, ", "));
	for (size_t at = 0; export_site_reservation(site, net, ":", &at, &r);)
		(void)json_array_append_new(
		    reservations, json_pack("{s:s, s:s}", "hw-address", r.mac, "ip-address", r.ip));
	return json_pack("{s:I, s:o, s:o, s:I, s:s, s:o, s:o}", "id", (json_int_t)id, "subnet",
			 json_sprintf("%s/%u", export_ip(s->network), net->prefix), "pools", pools,
			 "valid-lifetime", (json_int_t)s->lease_s, "next-server",
			 export_ip(s->tftp1), "option-data", options, "reservations", reservations);
}

void export_kea(const struct export_site *site)
{
	json_t *subnets = json_array();
	/* No "interfaces-config": it is the site's own, and Kea wants one of each. */
	json_t *dhcp4 = json_pack("{s:[{s:s, s:i, s:s, s:b}]}", "option-def", "name",
				  "tftp-servers", "code", 150, "type", "ipv4-address", "array", 1);

	for (size_t i = 0; i < site->count; i++)
		(void)json_array_append_new(subnets, kea_subnet(site, &site->net[i], i + 1));
	/* Some phones write a small s: what all have in common are the first five letters and
	 * "Phone", and a test cannot look for the latter. */
	if (site->classes)
		(void)json_object_set_new(
		    dhcp4, "client-classes",
		    json_pack("[{s:s, s:s}, {s:s, s:s}]", "name", "cisco-phones", "test",
			      "substring(option[60].text, 0, 12) == 'Cisco System' or "
			      "substring(option[60].text, 0, 12) == 'Cisco system'",
			      "name", "others", "test", "not member('cisco-phones')"));
	(void)json_object_set_new(dhcp4, "subnet4", subnets);
	json_t *all = json_pack("{s:o}", "Dhcp4", dhcp4);
	cli_print_json(all);
	json_decref(all);
}
