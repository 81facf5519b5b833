#include "daemon/options.h"

#include "base/text.h"

#include <getopt.h>
#include <stdio.h>
#include <unistd.h>

static const char usage[] =
    "usage: dialtone serve [OPTION…]\n\n"
    "  --interface IF      the interface with the phones (needed when there are several); may be\n"
    "                      given again, the first one is the server's own address\n"
    "  --database FILE     all state; made when missing (default: /var/lib/dialtone/dialtone.db,\n"
    "                      without root ~/.dialtone.db)\n"
    "  --socket PATH       administration (default: /run/dialtone/dialtone.sock)\n"
    "  --user NAME         whom to become when root starts it (default: the owner of the\n"
    "                      database's directory; in /var/lib/dialtone the user dialtone)\n"
    "  --group NAME        its members may administer too (default: dialtone, if there is one)\n"
    "  --ports high        try it out without privileges: 6067, 6069, 16970 and 12000 for 67,\n"
    "                      69, 6970 and 2000\n"
    "  --no-dhcp           the site has its own DHCP server\n"
    "  --no-dhcp-on IF     it has one on this interface alone; may be given again\n"
    "  --api ADDRESS:PORT  administration over TCP too, for who has the token; no encryption:\n"
    "                      keep it to 127.0.0.1 or a management network\n"
    "  --api-token FILE    its token, made when missing (default: DATABASE.token)\n"
    "  --files DIR         loads, locales, rings …: read only (default: \"files\" beside the\n"
    "                      database, if it is there)\n"
    "  --no-http           no HTTP 6970: phones ask everything by TFTP\n"
    "  --no-watch          read no ARP, CDP or LLDP of the wire: explain then knows less\n"
    "  --node NAME         this server's name among the CallManagers of the groups\n"
    "  --copy FILE         a second node: serves from a copy of the first one's database\n"
    "                      (`dialtone export copy FILE` there), writes nothing, gives no leases\n\n"
    "stored, so that they hold for later starts too:\n"
    "  --pool FIRST-LAST   addresses for phones          --lease SECONDS     their lease time\n"
    "  --server-ip IP      option 150, 66 and siaddr     --router IP         default gateway\n"
    "  --dns IP            DNS server                    --domain NAME       DNS domain\n"
    "  --callmanager IP    the CallManager in the files  --keepalive SECONDS SCCP keepalive\n"
    "  --utc-offset SECONDS  local time on the phones\n"
    "  --history KIB       of each phone's past, also across restarts (default 16, at most 96;\n"
    "                      0: nothing in the database)   --history-all MIB  of all (default 64)\n\n"
    "for teaching and tests:\n"
    "  --fault NAME[=VALUE][@SEP…]  misbehave on purpose, to one phone or all; may be given\n"
    "                      again:\n";

enum {
	OPTION_INTERFACE,
	OPTION_DATABASE,
	OPTION_SOCKET,
	OPTION_USER,
	OPTION_GROUP,
	OPTION_PORTS,
	OPTION_NO_DHCP,
	OPTION_NO_DHCP_ON,
	OPTION_API,
	OPTION_API_TOKEN,
	OPTION_NODE,
	OPTION_COPY,
	OPTION_FILES,
	OPTION_NO_HTTP,
	OPTION_NO_WATCH,
	OPTION_POOL,
	OPTION_LEASE,
	OPTION_SERVER_IP,
	OPTION_ROUTER,
	OPTION_DNS,
	OPTION_DOMAIN,
	OPTION_CALLMANAGER,
	OPTION_KEEPALIVE,
	OPTION_OFFSET,
	OPTION_HISTORY,
	OPTION_HISTORY_ALL,
	OPTION_FAULT,
	OPTION_HELP,
};

static const struct option options[] = {
    {"interface", required_argument, NULL, OPTION_INTERFACE},
    {"database", required_argument, NULL, OPTION_DATABASE},
    {"socket", required_argument, NULL, OPTION_SOCKET},
    {"user", required_argument, NULL, OPTION_USER},
    {"group", required_argument, NULL, OPTION_GROUP},
    {"ports", required_argument, NULL, OPTION_PORTS},
    {"no-dhcp", no_argument, NULL, OPTION_NO_DHCP},
    {"no-dhcp-on", required_argument, NULL, OPTION_NO_DHCP_ON},
    {"api", required_argument, NULL, OPTION_API},
    {"api-token", required_argument, NULL, OPTION_API_TOKEN},
    {"node", required_argument, NULL, OPTION_NODE},
    {"copy", required_argument, NULL, OPTION_COPY},
    {"files", required_argument, NULL, OPTION_FILES},
    {"no-http", no_argument, NULL, OPTION_NO_HTTP},
    {"no-watch", no_argument, NULL, OPTION_NO_WATCH},
    {"pool", required_argument, NULL, OPTION_POOL},
    {"lease", required_argument, NULL, OPTION_LEASE},
    {"server-ip", required_argument, NULL, OPTION_SERVER_IP},
    {"router", required_argument, NULL, OPTION_ROUTER},
    {"dns", required_argument, NULL, OPTION_DNS},
    {"domain", required_argument, NULL, OPTION_DOMAIN},
    {"callmanager", required_argument, NULL, OPTION_CALLMANAGER},
    {"keepalive", required_argument, NULL, OPTION_KEEPALIVE},
    {"utc-offset", required_argument, NULL, OPTION_OFFSET},
    {"history", required_argument, NULL, OPTION_HISTORY},
    {"history-all", required_argument, NULL, OPTION_HISTORY_ALL},
    {"fault", required_argument, NULL, OPTION_FAULT},
    {"help", no_argument, NULL, OPTION_HELP},
    {0},
};

static bool take_number(const char *text, long long *to)
{
	char *end = NULL;

	*to = strtoll(text, &end, 10);
	return end != text && *end == 0;
}

static bool take_u32(const char *text, uint32_t *to)
{
	long long value = 0;

	if (!take_number(text, &value) || value < 0 || value > UINT32_MAX)
		return false;
	*to = (uint32_t)value;
	return true;
}

static bool take_pool(const char *text, struct settings *s)
{
	char first[IP4_TEXT_SIZE];
	const char *dash = strchr(text, '-');

	return dash != NULL &&
	       text_copy_slice(first, sizeof first, slice_of(text, (size_t)(dash - text))) &&
	       ip4_parse(first, &s->pool_first) == 0 && ip4_parse(dash + 1, &s->pool_last) == 0;
}

/* Whether the order can be obeyed is told here; it is given when there are machines. */
static bool take_fault(const char *text, struct serve_options *o)
{
	struct mischief *m = mischief_new();
	bool good = m != NULL && o->faults < MISCHIEF_ORDERS_MAX && mischief_add(m, text) == 0;

	mischief_free(m);
	if (good)
		o->fault[o->faults++] = text;
	return good;
}

static bool take_name(const char *text, const char *names[SERVE_INTERFACES_MAX], size_t *count)
{
	if (*count == SERVE_INTERFACES_MAX || text[0] == 0)
		return false;
	names[(*count)++] = text;
	return true;
}

/* What is stored. */
static bool take_setting(int option, const char *text, struct serve_options *o)
{
	long long offset = 0;

	switch (option) {
	case OPTION_POOL:
		o->has_pool = true;
		return take_pool(text, &o->change);
	case OPTION_LEASE:
		o->has_lease = true;
		return take_u32(text, &o->change.lease_s);
	case OPTION_SERVER_IP:
		o->has_server_ip = true;
		return ip4_parse(text, &o->change.server_ip) == 0;
	case OPTION_ROUTER:
		o->has_router = true;
		return ip4_parse(text, &o->change.router) == 0;
	case OPTION_DNS:
		o->has_dns = true;
		return ip4_parse(text, &o->change.dns) == 0;
	case OPTION_DOMAIN:
		o->has_domain = true;
		return text_copy(o->change.domain, sizeof o->change.domain, text);
	case OPTION_CALLMANAGER:
		o->has_callmanager_ip = true;
		return ip4_parse(text, &o->change.callmanager_ip) == 0;
	case OPTION_KEEPALIVE:
		o->has_keepalive = true;
		return take_u32(text, &o->change.keepalive_s);
	case OPTION_OFFSET:
		o->has_offset = true;
		if (!take_number(text, &offset) || offset < -50400 || offset > 50400)
			return false;
		o->change.utc_offset_s = (int32_t)offset;
		return true;
	case OPTION_HISTORY:
		o->has_history = true;
		return take_u32(text, &o->change.history_kib);
	case OPTION_HISTORY_ALL:
		o->has_history_all = true;
		return take_u32(text, &o->change.history_mib);
	default:
		return false;
	}
}

/* How this process runs. */
static bool take(int option, const char *text, struct serve_options *o)
{
	switch (option) {
	case OPTION_INTERFACE:
		return take_name(text, o->interface, &o->interfaces);
	case OPTION_DATABASE:
		o->database = text;
		return true;
	case OPTION_SOCKET:
		o->socket = text;
		return true;
	case OPTION_USER:
		o->user = text;
		return text[0] != 0;
	case OPTION_GROUP:
		o->group = text;
		return text[0] != 0;
	case OPTION_PORTS:
		o->high_ports = true;
		return strcmp(text, "high") == 0;
	case OPTION_NO_DHCP:
		o->no_dhcp = true;
		return true;
	case OPTION_NO_DHCP_ON:
		return take_name(text, o->no_dhcp_on, &o->no_dhcp_count);
	case OPTION_API:
		return endpoint_parse(text, &o->api) == 0;
	case OPTION_API_TOKEN:
		o->api_token = text;
		return text[0] != 0;
	case OPTION_NODE:
		o->node = text;
		return text[0] != 0 && strlen(text) < SETTINGS_NAME_SIZE;
	case OPTION_FILES:
		o->files = text;
		return text[0] != 0;
	case OPTION_NO_HTTP:
		o->no_http = true;
		return true;
	case OPTION_NO_WATCH:
		o->no_watch = true;
		return true;
	case OPTION_COPY:
		o->copy = text;
		return text[0] != 0;
	case OPTION_FAULT:
		return take_fault(text, o);
	default:
		return take_setting(option, text, o);
	}
}

static void print_usage(FILE *to)
{
	const char *name = NULL;
	const char *value = NULL;
	const char *sentence = NULL;

	(void)fputs(usage, to);
	for (size_t i = 0; mischief_describe(i, &name, &value, &sentence); i++)
		(void)fprintf(to, "    %s%-*s %s\n", name, (int)(28 - strlen(name)), value,
			      sentence);
}

static int next_option(int argc, char **argv)
{
	// NOLINTNEXTLINE(concurrency-mt-unsafe): one thread
	return getopt_long(argc, argv, "", options, NULL);
}

/* What makes no sense with each other. */
static int check_together(struct serve_options *o)
{
	const char *why = NULL;

	if (o->copy == NULL)
		return 0;
	if (o->node == NULL)
		why = "--copy needs --node: which CallManager of the groups is this one?";
	else if (o->database != NULL)
		why = "--copy stands in place of --database";
	else if (o->has_pool || o->has_lease || o->has_server_ip || o->has_router || o->has_dns ||
		 o->has_domain || o->has_callmanager_ip || o->has_keepalive || o->has_offset ||
		 o->has_history || o->has_history_all)
		why = "a server with --copy stores nothing: set this on the first one";
	if (why != NULL)
		(void)fprintf(stderr, "dialtone: %s\n", why);
	o->no_dhcp = true;
	return why != NULL ? 2 : 0;
}

int serve_options_read(int argc, char **argv, struct serve_options *ret_options)
{
	struct serve_options *o = ret_options;

	memset(o, 0, sizeof *o);
	for (int option; (option = next_option(argc, argv)) != -1;) {
		if (option == OPTION_HELP) {
			print_usage(stdout);
			return 1;
		}
		if (option == '?' || !take(option, optarg != NULL ? optarg : "", o)) {
			if (option != '?')
				(void)fprintf(stderr, "dialtone: \"%s\" is no value for --%s\n",
					      optarg, options[option].name);
			(void)fprintf(stderr, "`dialtone serve --help` lists the options.\n");
			return 2;
		}
	}
	if (optind == argc)
		return check_together(o);
	(void)fprintf(stderr, "dialtone: serve takes no \"%s\"\n", argv[optind]);
	return 2;
}

void serve_options_apply(const struct serve_options *o, struct settings *s)
{
	if (o->node != NULL)
		(void)text_copy(s->server_name, sizeof s->server_name, o->node);
	if (o->has_server_ip)
		s->server_ip = o->change.server_ip;
	if (o->has_callmanager_ip)
		s->callmanager_ip = o->change.callmanager_ip;
	if (o->has_pool) {
		s->pool_first = o->change.pool_first;
		s->pool_last = o->change.pool_last;
	}
	if (o->has_router)
		s->router = o->change.router;
	if (o->has_dns)
		s->dns = o->change.dns;
	if (o->has_domain)
		(void)text_copy(s->domain, sizeof s->domain, o->change.domain);
	if (o->has_lease)
		s->lease_s = o->change.lease_s;
	if (o->has_keepalive)
		s->keepalive_s = o->change.keepalive_s;
	if (o->has_offset)
		s->utc_offset_s = o->change.utc_offset_s;
	if (o->has_history)
		s->history_kib = o->change.history_kib;
	if (o->has_history_all)
		s->history_mib = o->change.history_mib;
}
