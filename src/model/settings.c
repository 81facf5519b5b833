#include "model/settings.h"

#include "base/error.h"
#include "base/text.h"
#include "model/phone_type.h"
#include "model/record.h"

#define POOL_ADDRESSES_MAX 1000u

struct settings settings_default(void)
{
	struct settings s = {
	    .sccp_port = 2000,
	    .lease_s = 8 * 3600,
	    .autoreg_first = 1000,
	    .autoreg_last = 1999,
	    .keepalive_s = 30,
	    .secondary_keepalive_s = 60,
	    .history_kib = 16,
	    .history_mib = 64,
	    .version = 1,
	};
	(void)text_copy(s.server_name, sizeof s.server_name, "dialtone");
	(void)text_copy(s.date_template, sizeof s.date_template, "D/M/Y");
	(void)text_copy(s.time_zone, sizeof s.time_zone, "GMT Standard/Daylight Time");
	return s;
}

void settings_complete(struct settings *s)
{
	uint32_t mask = ip4_number(s->netmask);
	uint32_t server = ip4_number(s->server_ip);

	if (mask == 0 || server == 0)
		return;
	if (ip4_is_zero(s->subnet))
		s->subnet = ip4_of(server & mask);
	uint32_t net = ip4_number(s->subnet);
	uint32_t hosts = ~mask;
	if (!ip4_is_zero(s->pool_first) || hosts < 7)
		return;
	/* The upper half of the subnet, without broadcast; cut short or begun later so that the
	 * server's own address stays out. */
	uint32_t first = net + hosts / 2 + 1;
	uint32_t last = net + hosts - 1;
	if (last - first >= POOL_ADDRESSES_MAX)
		last = first + POOL_ADDRESSES_MAX - 1;
	if (server >= first && server <= last) {
		if (server - first > last - server)
			last = server - 1;
		else
			first = server + 1;
	}
	s->pool_first = ip4_of(first);
	s->pool_last = ip4_of(last);
}

static bool models_exist(const char *list)
{
	char model[32];
	size_t at = 0;

	while (record_list_next(list, &at, model, sizeof model)) {
		if (phone_type_find_model(model) == NULL)
			return false;
	}
	return true;
}

int settings_check(const struct settings *s, const char **ret_why)
{
	uint32_t first = ip4_number(s->pool_first);
	uint32_t last = ip4_number(s->pool_last);
	uint32_t mask = ip4_number(s->netmask);
	const struct {
		bool bad;
		const char *why;
	} checks[] = {
	    {(~mask & (~mask + 1)) != 0, "the netmask must be ones followed by zeros"},
	    {last < first, "the pool ends before it begins"},
	    {first != 0 && !ip4_in_subnet(s->pool_first, s->subnet, s->netmask),
	     "the pool lies outside the subnet"},
	    {last != 0 && !ip4_in_subnet(s->pool_last, s->subnet, s->netmask),
	     "the pool lies outside the subnet"},
	    {first != 0 && ip4_number(s->server_ip) >= first && ip4_number(s->server_ip) <= last,
	     "the pool contains the server's own address"},
	    {s->lease_s < 60, "a lease must last at least 60 seconds"},
	    {s->keepalive_s < 1 || s->keepalive_s > 600,
	     "the keepalive must be between 1 and 600 seconds"},
	    {s->secondary_keepalive_s < 1 || s->secondary_keepalive_s > 600,
	     "the secondary keepalive must be between 1 and 600 seconds"},
	    {s->autoreg_last < s->autoreg_first,
	     "the auto-registration range ends before it begins"},
	    {s->autoreg_first == 0, "the auto-registration range must begin above 0"},
	    {s->autoreg_last - s->autoreg_first >= 100000,
	     "the auto-registration range holds at most 100,000 numbers"},
	    {s->sccp_port == 0, "the SCCP port must not be 0"},
	    {s->history_kib > 96, "the history of a phone is at most 96 KiB"},
	    {s->history_mib < 1 || s->history_mib > 1024,
	     "the histories of all phones together are between 1 and 1,024 MiB"},
	    {s->autoreg_until_unix_s < 0, "auto-registration cannot end before 1970"},
	    {!models_exist(s->autoreg_models), "auto-registration names a model that does not "
					       "exist: `7961G`, as the phones are listed"},
	};

	for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
		if (checks[i].bad) {
			*ret_why = checks[i].why;
			return E_BAD_VALUE;
		}
	}
	return 0;
}

static bool equal_addresses(const struct settings *a, const struct settings *b)
{
	const struct {
		struct ip4 a, b;
	} pairs[] = {
	    {a->server_ip, b->server_ip},   {a->callmanager_ip, b->callmanager_ip},
	    {a->subnet, b->subnet},         {a->netmask, b->netmask},
	    {a->pool_first, b->pool_first}, {a->pool_last, b->pool_last},
	    {a->router, b->router},         {a->dns, b->dns},
	};

	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		if (!ip4_equal(pairs[i].a, pairs[i].b))
			return false;
	}
	return true;
}

bool settings_equal(const struct settings *a, const struct settings *b)
{
	return equal_addresses(a, b) && a->sccp_port == b->sccp_port &&
	       strcmp(a->domain, b->domain) == 0 && a->lease_s == b->lease_s &&
	       a->autoreg_on == b->autoreg_on && a->autoreg_first == b->autoreg_first &&
	       a->autoreg_last == b->autoreg_last &&
	       a->autoreg_until_unix_s == b->autoreg_until_unix_s &&
	       a->autoreg_cap == b->autoreg_cap &&
	       strcmp(a->autoreg_models, b->autoreg_models) == 0 &&
	       a->keepalive_s == b->keepalive_s &&
	       a->secondary_keepalive_s == b->secondary_keepalive_s &&
	       strcmp(a->server_name, b->server_name) == 0 &&
	       strcmp(a->date_template, b->date_template) == 0 &&
	       strcmp(a->time_zone, b->time_zone) == 0 && a->utc_offset_s == b->utc_offset_s &&
	       a->history_kib == b->history_kib && a->history_mib == b->history_mib &&
	       a->version == b->version;
}
