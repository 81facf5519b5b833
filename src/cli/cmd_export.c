/* dialtone export dhcp: what a site that keeps its own DHCP server has to tell it, in that
 * server's own language. The words of each are those of its manual. */
#include "cli/cli.h"
#include "cli/export_copy.h"

#include "base/addr.h"

#include <getopt.h>
#include <stdio.h>

static const char usage[] = "export dhcp --for dnsmasq|ios|isc|kea|windows [--socket PATH]\n"
			    "       dialtone export copy FILE [--socket PATH]";

struct site {
	const char *server, *subnet, *netmask, *first, *last, *router, *dns, *domain;
	long long lease_s;
	unsigned prefix;
	const json_t *phones; /* records; those with "reserved_ip" have a reservation */
};

/* The next reservation: true with MAC in lower case with `separator`, and address. */
static bool next_reservation(const struct site *s, size_t *at, const char *separator,
			     char mac_text[static 24], const char **ret_ip, const char **ret_name)
{
	for (; *at < json_array_size(s->phones); (*at)++) {
		const json_t *phone = json_array_get(s->phones, *at);
		struct mac m;
		*ret_ip = json_string_value(json_object_get(phone, "reserved_ip"));
		*ret_name = json_string_value(json_object_get(phone, "name"));
		if (*ret_ip == NULL || mac_of_device_name(*ret_name, &m) != 0)
			continue;
		(void)snprintf(mac_text, 24, "%02x%s%02x%s%02x%s%02x%s%02x%s%02x", m.b[0],
			       separator, m.b[1], separator, m.b[2], separator, m.b[3], separator,
			       m.b[4], separator, m.b[5]);
		(*at)++;
		return true;
	}
	return false;
}

static void line_unless_empty(const char *before, const char *value, const char *after)
{
	if (value[0] != 0)
		(void)printf("%s%s%s\n", before, value, after);
}

static void for_dnsmasq(const struct site *s)
{
	char mac[24];
	const char *ip = NULL;
	const char *name = NULL;

	(void)printf("# Cisco phones, for dnsmasq.conf\n");
	(void)printf("dhcp-range=%s,%s,%s,%lld\n", s->first, s->last, s->netmask, s->lease_s);
	line_unless_empty("dhcp-option=3,", s->router, "");
	line_unless_empty("dhcp-option=6,", s->dns, "");
	line_unless_empty("dhcp-option=15,", s->domain, "");
	(void)printf("dhcp-option=66,\"%s\"\ndhcp-option=150,%s\ndhcp-boot=,,%s\n", s->server,
		     s->server, s->server);
	for (size_t at = 0; next_reservation(s, &at, ":", mac, &ip, &name);)
		(void)printf("dhcp-host=%s,%s\n", mac, ip);
}

static void for_isc(const struct site *s)
{
	char mac[24];
	const char *ip = NULL;
	const char *name = NULL;

	(void)printf("# Cisco phones, for dhcpd.conf\n"
		     "option tftp-servers code 150 = array of ip-address;\n"
		     "subnet %s netmask %s {\n  range %s %s;\n  default-lease-time %lld;\n"
		     "  max-lease-time %lld;\n",
		     s->subnet, s->netmask, s->first, s->last, s->lease_s, s->lease_s);
	line_unless_empty("  option routers ", s->router, ";");
	line_unless_empty("  option domain-name-servers ", s->dns, ";");
	line_unless_empty("  option domain-name \"", s->domain, "\";");
	(void)printf("  next-server %s;\n  option tftp-server-name \"%s\";\n"
		     "  option tftp-servers %s;\n}\n",
		     s->server, s->server, s->server);
	for (size_t at = 0; next_reservation(s, &at, ":", mac, &ip, &name);)
		(void)printf("host %s { hardware ethernet %s; fixed-address %s; }\n", name, mac,
			     ip);
}

static void add_option(json_t *options, const char *name, const char *value)
{
	if (value[0] != 0)
		(void)json_array_append_new(options,
					    json_pack("{s:s, s:s}", "name", name, "data", value));
}

static void for_kea(const struct site *s)
{
	char mac[24];
	const char *ip = NULL;
	const char *name = NULL;
	json_t *options = json_array();
	json_t *reservations = json_array();

	add_option(options, "routers", s->router);
	add_option(options, "domain-name-servers", s->dns);
	add_option(options, "domain-name", s->domain);
	add_option(options, "tftp-server-name", s->server);
	add_option(options, "tftp-servers", s->server);
	for (size_t at = 0; next_reservation(s, &at, ":", mac, &ip, &name);)
		(void)json_array_append_new(
		    reservations, json_pack("{s:s, s:s}", "hw-address", mac, "ip-address", ip));
	json_t *pool = json_sprintf("%s - %s", s->first, s->last);
	json_t *subnet = json_sprintf("%s/%u", s->subnet, s->prefix);
	/* No "interfaces-config": it is the site's own, and Kea wants one of each. */
	json_t *dhcp4 = json_pack(
	    "{s:{s:[{s:s, s:i, s:s, s:b}], s:[{s:i, s:o, s:[{s:o}], s:I, s:s, s:o, s:o}]}}",
	    "Dhcp4", "option-def", "name", "tftp-servers", "code", 150, "type", "ipv4-address",
	    "array", 1, "subnet4", "id", 1, "subnet", subnet, "pools", "pool", pool,
	    "valid-lifetime", (json_int_t)s->lease_s, "next-server", s->server, "option-data",
	    options, "reservations", reservations);
	cli_print_json(dhcp4);
	json_decref(dhcp4);
}

static struct ip4 address(const char *text)
{
	struct ip4 ip = {{0}};

	(void)ip4_parse(text, &ip);
	return ip;
}

/* IOS excludes what is not to be given out. */
static void exclude(uint32_t from, uint32_t to)
{
	char a[IP4_TEXT_SIZE];
	char b[IP4_TEXT_SIZE];

	if (from <= to)
		(void)printf("ip dhcp excluded-address %s %s\n", ip4_format(ip4_of(from), a),
			     ip4_format(ip4_of(to), b));
}

static void for_ios(const struct site *s)
{
	char mac[24];
	const char *ip = NULL;
	const char *name = NULL;
	uint32_t net = ip4_number(address(s->subnet));
	uint32_t broadcast = net | ~ip4_number(address(s->netmask));

	(void)printf("! Cisco phones, for IOS; reservations are pools of their own there\n");
	exclude(net + 1, ip4_number(address(s->first)) - 1);
	exclude(ip4_number(address(s->last)) + 1, broadcast - 1);
	(void)printf("ip dhcp pool PHONES\n network %s %s\n", s->subnet, s->netmask);
	line_unless_empty(" default-router ", s->router, "");
	line_unless_empty(" dns-server ", s->dns, "");
	line_unless_empty(" domain-name ", s->domain, "");
	(void)printf(" next-server %s\n option 66 ascii %s\n option 150 ip %s\n"
		     " lease %lld %lld %lld\n",
		     s->server, s->server, s->server, s->lease_s / 86400, s->lease_s / 3600 % 24,
		     s->lease_s / 60 % 60);
	/* The client identifier is 01 and the MAC, in groups of four digits. */
	for (size_t at = 0; next_reservation(s, &at, "", mac, &ip, &name);)
		(void)printf(
		    "ip dhcp pool %s\n host %s %s\n client-identifier 01%.2s.%.4s.%.4s.%.2s\n"
		    " option 150 ip %s\n",
		    name, ip, s->netmask, mac, mac + 2, mac + 6, mac + 10, s->server);
}

static void for_windows(const struct site *s)
{
	char mac[24];
	const char *ip = NULL;
	const char *name = NULL;

	(void)printf("# Cisco phones, for PowerShell on the Windows DHCP server\n"
		     "Add-DhcpServerv4OptionDefinition -OptionId 150 -Name \"TFTP servers\" "
		     "-Type IPv4Address -MultiValued\n"
		     "Add-DhcpServerv4Scope -Name \"Phones\" -StartRange %s -EndRange %s "
		     "-SubnetMask %s -LeaseDuration %lld.%02lld:%02lld:%02lld\n",
		     s->first, s->last, s->netmask, s->lease_s / 86400, s->lease_s / 3600 % 24,
		     s->lease_s / 60 % 60, s->lease_s % 60);
	(void)printf("$scope = @{ ScopeId = \"%s\" }\n", s->subnet);
	line_unless_empty("Set-DhcpServerv4OptionValue @scope -Router ", s->router, "");
	line_unless_empty("Set-DhcpServerv4OptionValue @scope -DnsServer ", s->dns, " -Force");
	line_unless_empty("Set-DhcpServerv4OptionValue @scope -DnsDomain ", s->domain, "");
	(void)printf("Set-DhcpServerv4OptionValue @scope -OptionId 66 -Value \"%s\"\n"
		     "Set-DhcpServerv4OptionValue @scope -OptionId 150 -Value %s\n",
		     s->server, s->server);
	for (size_t at = 0; next_reservation(s, &at, "-", mac, &ip, &name);)
		(void)printf("Add-DhcpServerv4Reservation @scope -IPAddress %s -ClientId %s "
			     "-Name %s\n",
			     ip, mac, name);
}

static const struct {
	const char *name;
	void (*print)(const struct site *s);
} languages[] = {
    {"dnsmasq", for_dnsmasq}, {"ios", for_ios},         {"isc", for_isc},
    {"kea", for_kea},         {"windows", for_windows},
};

static const char *text_of(const json_t *json, const char *key)
{
	const char *text = json_string_value(json_object_get(json, key));

	return text != NULL ? text : "";
}

/* The ends of the pool without the addresses of others that lie there: our own server passes over
 * them, another one would give them out. */
static const char *end_of_pool(const json_t *settings, const char *key, int step,
			       char text[static IP4_TEXT_SIZE])
{
	static const char *const taken[] = {"server_ip", "callmanager_ip", "router", "dns"};
	uint32_t n = ip4_number(address(text_of(settings, key)));

	for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) {
		if (ip4_number(address(text_of(settings, taken[i]))) == n && n != 0) {
			n = step > 0 ? n + 1 : n - 1;
			i = (size_t)-1; /* the next one may be another's */
		}
	}
	return ip4_format(ip4_of(n), text);
}

static int print_in(size_t language, const char *socket)
{
	char first[IP4_TEXT_SIZE];
	char last[IP4_TEXT_SIZE];
	int status = 0;
	json_t *settings = cli_request(socket, "GET", "/v1/settings", NULL, &status);
	json_t *phones =
	    settings != NULL ? cli_request(socket, "GET", "/v1/phones", NULL, &status) : NULL;

	if (phones != NULL) {
		struct site s = {.server = text_of(settings, "server_ip"),
				 .subnet = text_of(settings, "subnet"),
				 .netmask = text_of(settings, "netmask"),
				 .first = end_of_pool(settings, "pool_first", 1, first),
				 .last = end_of_pool(settings, "pool_last", -1, last),
				 .router = text_of(settings, "router"),
				 .dns = text_of(settings, "dns"),
				 .domain = text_of(settings, "domain"),
				 .phones = json_object_get(phones, "phones")};
		s.lease_s = json_integer_value(json_object_get(settings, "lease_s"));
		s.prefix = (unsigned)__builtin_popcount((unsigned)ip4_number(address(s.netmask)));
		languages[language].print(&s);
	}
	json_decref(settings);
	json_decref(phones);
	return phones != NULL ? 0 : status;
}

int cmd_export(int argc, char **argv)
{
	static const struct option options[] = {{"for", required_argument, NULL, 'f'},
						{"socket", required_argument, NULL, 's'},
						{"help", no_argument, NULL, 'h'},
						{0}};
	const char *language = "";
	const char *socket = NULL;

	for (int option; (option = cli_option(argc, argv, options)) != -1;) {
		if (option == 'f')
			language = optarg;
		else if (option == 's')
			socket = optarg;
		else
			return option == 'h' ? (void)printf("usage: dialtone %s\n", usage),
			       0             : cli_usage(usage);
	}
	if (argc - optind == 2 && strcmp(argv[optind], "copy") == 0)
		return cli_export_copy(argv[optind + 1], cli_socket(socket));
	if (argc - optind != 1 || strcmp(argv[optind], "dhcp") != 0)
		return cli_usage(usage);
	for (size_t i = 0; i < sizeof languages / sizeof *languages; i++) {
		if (strcmp(languages[i].name, language) == 0)
			return print_in(i, cli_socket(socket));
	}
	return cli_usage(usage);
}
