/* dialtone serve: start, run, stop.
 *
 * Order: read everything, open the database and every port, give up all privileges, then listen to
 * strangers. Settings given on the command line are committed before the first packet is answered.
 */
#include "daemon/serve.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"
#include "daemon/node.h"
#include "net/privileges.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include <version.h>

#define EXIT_USAGE_STATUS  2
#define EXIT_CANNOT_STATUS 3

struct ports {
	uint16_t dhcp, tftp, sccp;
};
static const struct ports usual_ports = {67, 69, 2000};
static const struct ports high_ports = {6067, 6069, 12000};

static const char *system_words(void)
{
	return strerror(errno); // NOLINT(concurrency-mt-unsafe): one thread prints
}

static int load_device(void *context, const struct device *device)
{
	struct node *n = context;
	return reg_load_device(n->reg, device);
}

static int load_record(void *context, enum record_kind kind, const union record *record)
{
	struct node *n = context;
	return reg_load_record(n->reg, kind, record);
}

static int load_settings(void *context, const struct settings *settings)
{
	struct node *n = context;
	reg_load_settings(n->reg, settings);
	return 0;
}

static int load_lease(void *context, const struct lease *lease, int64_t left)
{
	struct node *n = context;
	(void)left;
	return dhcp_server_load_lease(n->dhcp, lease);
}

static const char *default_path(const char *given, const char *as_root, const char *variable,
				const char *below, char *to, size_t size)
{
	const char *home = getenv(variable); // NOLINT(concurrency-mt-unsafe): at start

	if (given != NULL)
		return given;
	if (geteuid() == 0 || home == NULL)
		(void)text_copy(to, size, as_root);
	else
		(void)snprintf(to, size, "%s/%s", home, below);
	return to;
}

/* The directories the defaults live in; what cannot be made is told when the file itself fails. */
static void make_directory(const char *path, const char *directory)
{
	if (strncmp(path, directory, strlen(directory)) == 0)
		(void)mkdir(directory, 0755);
}

static int find_interface(struct node *n)
{
	const char *name = n->options->interface;
	int error = name != NULL ? iface_find(name, &n->iface) : iface_only(&n->iface);

	if (error == E_BAD_VALUE)
		(void)fprintf(stderr, "dialtone: several interfaces have an address: name the "
				      "phones' one with --interface\n");
	else if (error != 0)
		(void)fprintf(stderr, "dialtone: there is no interface %s with an IPv4 address\n",
			      name != NULL ? name : "up");
	else if (ip4_is_zero(n->iface.ip))
		(void)fprintf(
		    stderr,
		    "dialtone: %s has no IPv4 address: give it one first (ip address add …)\n",
		    n->iface.name);
	else
		return 0;
	return E_UNKNOWN;
}

static int open_store(struct node *n)
{
	struct store_loader loader = {n, load_device, load_record, load_settings, load_lease};
	char memory[256];
	const char *why = NULL;
	const char *path = default_path(n->options->database, "/var/lib/dialtone/dialtone.db",
					"HOME", ".dialtone.db", memory, sizeof memory);

	make_directory(path, "/var/lib/dialtone");
	int error =
	    store_open(path, loop_now(n->loop), loop_unix_s(n->loop), &loader, &n->store, &why);
	if (error != 0)
		(void)fprintf(stderr, "dialtone: %s\n", error == E_STORE ? why : error_text(error));
	return error;
}

/* Settings as stored, completed from the interface, changed by the command line: committed before
 * anything is served. */
static int settle_settings(struct node *n, const struct ports *ports)
{
	struct settings s = *reg_settings(n->reg);
	struct change change;
	struct store_completion done = {0};
	uint64_t ticket = 0;
	const char *why = NULL;

	if (ip4_is_zero(s.server_ip) || !ip4_in_subnet(s.server_ip, n->iface.ip, n->iface.mask)) {
		s.server_ip = n->iface.ip;
		s.netmask = n->iface.mask;
		s.subnet = ip4_of(0);
		s.pool_first = ip4_of(0);
		s.pool_last = ip4_of(0);
	}
	serve_options_apply(n->options, &s);
	s.sccp_port = ports->sccp;
	settings_complete(&s);
	if (settings_equal(&s, reg_settings(n->reg)))
		return 0;
	int error = reg_settings_set(n->reg, &s, &ticket, &why);
	if (error != 0) {
		(void)fprintf(stderr, "dialtone: %s\n", why[0] != 0 ? why : error_text(error));
		return error;
	}
	while (reg_next_change(n->reg, &change))
		(void)store_submit(n->store, &change);
	struct pollfd wait = {.fd = store_fd(n->store), .events = POLLIN};
	while (!store_next_completion(n->store, &done))
		(void)poll(&wait, 1, -1);
	reg_commit_done(n->reg, done.ticket, done.ok);
	if (!done.ok)
		(void)fprintf(stderr, "dialtone: cannot store the settings: %s\n", done.why);
	return done.ok ? 0 : E_STORE;
}

static void apply_fault(struct node *n)
{
	const char *only = n->options->fault_only[0] != 0 ? n->options->fault_only : NULL;
	struct settings s = *reg_settings(n->reg);

	switch (n->options->fault) {
	case SERVE_FAULT_NO_OPTION_150:
		/* In memory only: the stored settings stay sound. */
		s.callmanager_ip = s.server_ip;
		s.server_ip = ip4_of(0);
		reg_load_settings(n->reg, &s);
		break;
	case SERVE_FAULT_TFTP_SILENT:
		tftp_server_set_fault(n->tftp, TFTP_FAULT_SILENT, only);
		break;
	case SERVE_FAULT_NO_DEFAULT_FILE:
		tftp_server_set_fault(n->tftp, TFTP_FAULT_NO_DEFAULT, only);
		break;
	case SERVE_FAULT_CALLMANAGER_MUTE:
		callmanager_set_fault(n->callmanager, CALLMANAGER_FAULT_MUTE, only);
		break;
	case SERVE_FAULT_KEEPALIVE_SILENT:
		callmanager_set_fault(n->callmanager, CALLMANAGER_FAULT_KEEPALIVE_SILENT, only);
		break;
	case SERVE_FAULT_CALLMANAGER_CLOSED:
	case SERVE_FAULT_NONE:
		break;
	}
}

static int port_failed(const char *what, unsigned port, int error)
{
	(void)fprintf(stderr, "dialtone: cannot have port %u for %s: %s\n", port, what,
		      error == E_SYSTEM ? system_words() : error_text(error));
	if (error == E_SYSTEM && (errno == EACCES || errno == EPERM))
		(void)fprintf(stderr, "Start it as root, or try it out with --ports high.\n");
	else if (error == E_SYSTEM && errno == EADDRINUSE)
		(void)fprintf(stderr, "Another program has it: `ss -lnp 'sport = %u'` names it.\n",
			      port);
	return error;
}

static int open_ports(struct node *n, const struct ports *ports)
{
	struct dhcp_io_options dhcp = {.iface = n->iface,
				       .port = ports->dhcp,
				       .on_seen = node_saw_dhcp,
				       .on_wanted = node_wanted,
				       .context = n};
	struct tftp_io_options tftp = {.port = ports->tftp, .on_seen = node_saw_tftp, .context = n};
	struct sccp_io_options sccp = {.port = ports->sccp,
				       .on_event = node_saw_station,
				       .on_connection = node_saw_connection,
				       .on_wanted = node_wanted,
				       .context = n};
	struct packet_options wire = {.interface = n->iface.name,
				      .filter = PACKET_TCP_ENDS,
				      .port = ports->sccp,
				      .on_frame = node_saw_frame,
				      .context = n};
	int error = 0;

	if (packet_open(n->loop, &wire, &n->wire) != 0)
		n->wire = NULL;
	/* Without our own DHCP the site's is watched: a phone that gets no answer from it is
	 * explained too. */
	wire.filter = PACKET_DHCP;
	if (!n->options->no_dhcp || packet_open(n->loop, &wire, &n->dhcp_wire) != 0)
		n->dhcp_wire = NULL;
	if (!n->options->no_dhcp &&
	    (error = dhcp_io_open(n->loop, n->dhcp, &dhcp, &n->dhcp_io)) != 0)
		return port_failed("DHCP", ports->dhcp, error);
	if ((error = tftp_io_open(n->loop, n->tftp, &tftp, &n->tftp_io)) != 0)
		return port_failed("TFTP", ports->tftp, error);
	if (n->options->fault != SERVE_FAULT_CALLMANAGER_CLOSED &&
	    (error = sccp_io_open(n->loop, n->callmanager, &sccp, &n->sccp_io)) != 0)
		return port_failed("SCCP", ports->sccp, error);
	return 0;
}

static int open_administration(struct node *n)
{
	char memory[128];
	const char *path = default_path(n->options->socket, "/run/dialtone/dialtone.sock",
					"XDG_RUNTIME_DIR", "dialtone.sock", memory, sizeof memory);

	make_directory(path, "/run/dialtone");
	int error = http_listen(n->loop, path, node_http_request, n, &n->http);
	if (error == E_BUSY)
		(void)fprintf(
		    stderr,
		    "dialtone: another dialtone answers at %s: stop it, or name another --socket\n",
		    path);
	else if (error == E_EXISTS)
		(void)fprintf(
		    stderr,
		    "dialtone: %s is there and no socket: move it away, or name another --socket\n",
		    path);
	else if (error != 0)
		(void)fprintf(stderr, "dialtone: cannot listen at %s: %s\n", path,
			      error == E_SYSTEM ? system_words() : error_text(error));
	return error;
}

static void on_signal(void *context)
{
	struct node *n = context;
	loop_stop(n->loop);
}

static int make_machines(struct node *n)
{
	n->loop = loop_new();
	n->reg = reg_new();
	n->timeline = timeline_new();
	n->observer = observer_new(VANTAGE_SERVER);
	if (n->loop == NULL || n->reg == NULL || n->timeline == NULL || n->observer == NULL)
		return E_NO_MEMORY;
	n->dhcp = dhcp_server_new(n->reg);
	n->tftp = tftp_server_new(n->reg);
	n->callmanager = callmanager_new(n->reg);
	n->signals[0] = watch_signal(n->loop, SIGINT, on_signal, n);
	n->signals[1] = watch_signal(n->loop, SIGTERM, on_signal, n);
	if (n->dhcp == NULL || n->tftp == NULL || n->callmanager == NULL || n->signals[0] == NULL ||
	    n->signals[1] == NULL)
		return E_NO_MEMORY;
	return 0;
}

static void announce(const struct node *n, const struct ports *ports)
{
	const struct settings *s = reg_settings(n->reg);
	char ip[IP4_TEXT_SIZE];
	char first[IP4_TEXT_SIZE];
	char last[IP4_TEXT_SIZE];

	(void)printf("dialtone %s on %s, %s\n", DIALTONE_VERSION, n->iface.name,
		     ip4_format(n->iface.ip, ip));
	if (n->options->no_dhcp)
		(void)printf("  DHCP   off: give your phones option 150 = %s\n", ip);
	else
		(void)printf("  DHCP   port %u, addresses %s to %s\n", ports->dhcp,
			     ip4_format(s->pool_first, first), ip4_format(s->pool_last, last));
	(void)printf("  TFTP   port %u\n  SCCP   port %u\n", ports->tftp, ports->sccp);
	(void)printf("  %zu phones in the database, auto-registration %s\n",
		     reg_device_count(n->reg), s->autoreg_on ? "on" : "off");
	(void)fflush(stdout);
}

static int start(struct node *n, const struct ports *ports)
{
	int error = make_machines(n);

	if (error != 0)
		(void)fprintf(stderr, "dialtone: %s\n", error_text(error));
	if (error == 0)
		error = find_interface(n);
	if (error == 0)
		error = open_store(n);
	if (error == 0)
		error = settle_settings(n, ports);
	if (error != 0)
		return error;
	apply_fault(n);
	error = open_ports(n, ports);
	if (error == 0)
		error = open_administration(n);
	if (error != 0)
		return error;
	n->store_watch = watch_new(n->loop, store_fd(n->store), node_completions, n);
	if (n->store_watch == NULL)
		return E_NO_MEMORY;
	/* From here on strangers' packets are parsed. */
	if (privileges_drop(NULL) != 0)
		(void)fprintf(stderr,
			      "warning room=daemon what=\"could not drop privileges\" why=\"%s\"\n",
			      system_words());
	return 0;
}

static void stop(struct node *n)
{
	while (n->pending != NULL) {
		struct node_pending *p = n->pending;
		n->pending = p->next;
		api_reply_done(&p->reply);
		alloc_free(p);
	}
	watch_free(n->store_watch);
	sccp_io_close(n->sccp_io);
	tftp_io_close(n->tftp_io);
	dhcp_io_close(n->dhcp_io);
	packet_close(n->wire);
	packet_close(n->dhcp_wire);
	http_close(n->http);
	store_close(n->store);
	callmanager_free(n->callmanager);
	tftp_server_free(n->tftp);
	dhcp_server_free(n->dhcp);
	reg_free(n->reg);
	observer_free(n->observer);
	timeline_free(n->timeline);
	watch_free(n->signals[0]);
	watch_free(n->signals[1]);
	loop_free(n->loop);
}

int daemon_serve(int argc, char **argv)
{
	struct serve_options options;
	struct node node = {.options = &options};
	int read = serve_options_read(argc, argv, &options);

	if (read != 0)
		return read == 1 ? 0 : EXIT_USAGE_STATUS;
	(void)signal(SIGPIPE, SIG_IGN);
	const struct ports *ports = options.high_ports ? &high_ports : &usual_ports;
	int error = start(&node, ports);
	if (error == 0) {
		announce(&node, ports);
		error = loop_run(node.loop);
	}
	stop(&node);
	return error == 0 ? 0 : EXIT_CANNOT_STATUS;
}
