#include "cli/export_site.h"

#include "base/alloc.h"
#include "base/text.h"
#include "model/record.h"

#include <stdio.h>

const char *export_ip(struct ip4 ip)
{
	static char text[8][IP4_TEXT_SIZE];
	static unsigned turn;

	turn = (turn + 1) % 8;
	return ip4_format(ip, text[turn]);
}

const char *export_ips(struct ip4 first, struct ip4 second, const char *between)
{
	static char text[2 * IP4_TEXT_SIZE + 8];

	text[0] = 0;
	if (!ip4_is_zero(first))
		(void)snprintf(text, sizeof text, "%s%s%s", export_ip(first),
			       ip4_is_zero(second) ? "" : between,
			       ip4_is_zero(second) ? "" : export_ip(second));
	return text;
}

bool export_site_reservation(const struct export_site *site, const struct export_net *net,
			     const char *separator, size_t *at,
			     struct export_reservation *ret_reservation)
{
	struct export_reservation *r = ret_reservation;

	while (*at < json_array_size(site->phones)) {
		const json_t *phone = json_array_get(site->phones, (*at)++);
		struct mac m;
		struct ip4 ip;
		r->ip = json_string_value(json_object_get(phone, "reserved_ip"));
		r->name = json_string_value(json_object_get(phone, "name"));
		if (r->ip == NULL || ip4_parse(r->ip, &ip) != 0 ||
		    mac_of_device_name(r->name, &m) != 0 ||
		    !ip4_in_subnet(ip, net->subnet.network, net->subnet.netmask))
			continue;
		(void)snprintf(r->mac, sizeof r->mac, "%02x%s%02x%s%02x%s%02x%s%02x%s%02x", m.b[0],
			       separator, m.b[1], separator, m.b[2], separator, m.b[3], separator,
			       m.b[4], separator, m.b[5]);
		return true;
	}
	return false;
}

/* A record's JSON back into the record, by its field table. */
static void read_record(const json_t *json, enum record_kind kind, void *record)
{
	const struct record_type *type = record_type(kind);
	const char *why = NULL;

	for (size_t i = 0; i < type->fields; i++) {
		const json_t *value = json_object_get(json, type->field[i].name);
		char number[32];
		const char *text = number;
		if (value == NULL)
			continue;
		if (json_is_string(value))
			text = json_string_value(value);
		else
			(void)snprintf(number, sizeof number, "%lld",
				       json_is_true(value) ? 1LL
							   : (long long)json_integer_value(value));
		(void)record_field_parse(&type->field[i], text, record, &why);
	}
}

static struct ip4 ip_member(const json_t *json, const char *key)
{
	const char *text = json_string_value(json_object_get(json, key));
	struct ip4 ip = {{0}};

	if (text != NULL)
		(void)ip4_parse(text, &ip);
	return ip;
}

static struct settings read_settings(const json_t *json)
{
	struct settings s = {.server_ip = ip_member(json, "server_ip"),
			     .callmanager_ip = ip_member(json, "callmanager_ip"),
			     .subnet = ip_member(json, "subnet"),
			     .netmask = ip_member(json, "netmask"),
			     .pool_first = ip_member(json, "pool_first"),
			     .pool_last = ip_member(json, "pool_last"),
			     .router = ip_member(json, "router"),
			     .dns = ip_member(json, "dns")};
	const char *domain = json_string_value(json_object_get(json, "domain"));

	(void)text_copy(s.domain, sizeof s.domain, domain != NULL ? domain : "");
	s.lease_s = (uint32_t)json_integer_value(json_object_get(json, "lease_s"));
	return s;
}

/* Takes one address out of the ranges: cut shorter, or in two. */
static size_t without(struct subnet_range *range, size_t count, struct ip4 taken)
{
	uint32_t n = ip4_number(taken);

	for (size_t i = 0; i < count; i++) {
		uint32_t first = ip4_number(range[i].first);
		uint32_t last = ip4_number(range[i].last);
		if (n < first || n > last)
			continue;
		if (first == last) {
			memmove(range + i, range + i + 1, (count - i - 1) * sizeof *range);
			return count - 1;
		}
		if (n == first) {
			range[i].first = ip4_of(n + 1);
		} else if (n == last) {
			range[i].last = ip4_of(n - 1);
		} else if (count < EXPORT_RANGES_MAX) {
			memmove(range + i + 1, range + i, (count - i) * sizeof *range);
			range[i].last = ip4_of(n - 1);
			range[i + 1].first = ip4_of(n + 1);
			count++;
		}
		return count;
	}
	return count;
}

static void add_net(struct export_site *site, const struct subnet *subnet,
		    const struct settings *settings)
{
	struct export_net *net = &site->net[site->count];
	const char *why = NULL;

	*net = (struct export_net){.subnet = *subnet};
	struct subnet *s = &net->subnet;
	if (!s->on || ip4_is_zero(s->network) ||
	    subnet_ranges_parse(s->pool, net->pool, &net->pool_count, &why) != 0 ||
	    subnet_ranges_parse(s->phones, net->phones, &net->phones_count, &why) != 0)
		return;
	if (ip4_is_zero(s->tftp1))
		s->tftp1 = settings->server_ip;
	if (s->lease_s == 0)
		s->lease_s = settings->lease_s;
	net->prefix = (unsigned)__builtin_popcount((unsigned)ip4_number(s->netmask));
	const struct ip4 taken[EXPORT_TAKEN_MAX] = {settings->server_ip,
						    settings->callmanager_ip,
						    s->router,
						    s->dns1,
						    s->dns2,
						    s->ntp,
						    s->tftp1,
						    s->tftp2};
	for (size_t i = 0; i < EXPORT_TAKEN_MAX; i++) {
		net->pool_count = without(net->pool, net->pool_count, taken[i]);
		net->phones_count = without(net->phones, net->phones_count, taken[i]);
	}
	site->classes |= net->phones_count > 0;
	site->count++;
}

static void add_nets(struct export_site *site, const json_t *records,
		     const struct settings *settings)
{
	struct subnet own = subnet_of_settings(settings);
	bool covered = false;

	for (size_t i = 0; i < json_array_size(records); i++) {
		union record record;
		record_init(RECORD_SUBNET, &record);
		read_record(json_array_get(records, i), RECORD_SUBNET, &record);
		covered |= subnet_overlaps(&own, &record.subnet);
		add_net(site, &record.subnet, settings);
	}
	if (!covered)
		add_net(site, &own, settings);
}

struct export_site *export_site_read(const char *socket, int *ret_status)
{
	json_t *settings = cli_request(socket, "GET", "/v1/settings", NULL, ret_status);
	json_t *subnets =
	    settings != NULL ? cli_request(socket, "GET", "/v1/subnets", NULL, ret_status) : NULL;
	json_t *phones =
	    subnets != NULL ? cli_request(socket, "GET", "/v1/phones", NULL, ret_status) : NULL;
	struct export_site *site = phones != NULL ? alloc_zero(1, sizeof *site) : NULL;
	const json_t *records = json_object_get(subnets, "subnets");

	if (site != NULL) {
		site->net = alloc_zero(json_array_size(records) + 1, sizeof *site->net);
		site->phones = json_incref(json_object_get(phones, "phones"));
	}
	if (site != NULL && site->net != NULL) {
		struct settings s = read_settings(settings);
		add_nets(site, records, &s);
	}
	json_decref(settings);
	json_decref(subnets);
	json_decref(phones);
	return site;
}

void export_site_free(struct export_site *site)
{
	if (site == NULL)
		return;
	json_decref(site->phones);
	alloc_free(site->net);
	alloc_free(site);
}
