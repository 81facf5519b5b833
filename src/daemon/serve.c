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

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
#include <version.h>

#define EXIT_USAGE_STATUS  2
#define EXIT_CANNOT_STATUS 3

struct ports {
	uint16_t dhcp, tftp, sccp, http;
};
static const struct ports usual_ports = {67, 69, 2000, HTTP6970_PORT};
static const struct ports high_ports = {6067, 6069, 12000, 16970};

static const char *system_words(void)
{
	return strerror(errno); // NOLINT(concurrency-mt-unsafe): one thread prints
}

/* The orders were tried when the options were read. 0 or E_NO_MEMORY. */
static int make_mischief(struct node *n)
{
	if (n->options->faults == 0)
		return 0;
	n->mischief = mischief_new();
	if (n->mischief == NULL)
		return E_NO_MEMORY;
	for (size_t i = 0; i < n->options->faults; i++)
		(void)mischief_add(n->mischief, n->options->fault[i]);
	callmanager_set_mischief(n->callmanager, n->mischief);
	return 0;
}

static int port_failed(const char *what, unsigned port, int error)
{
	int why = error == E_SYSTEM ? errno : 0;

	(void)fprintf(stderr, "dialtone: cannot have port %u for %s: %s", port, what,
		      error == E_SYSTEM ? system_words() : error_text(error));
	if (why == EACCES || why == EPERM)
		(void)fprintf(stderr, ": start it as root, or try it out with --ports high\n");
	else if (why == EADDRINUSE)
		(void)fprintf(stderr, ": `ss -lnp 'sport = %u'` names the program that has it\n",
			      port);
	else
		(void)fprintf(stderr, "\n");
	return error;
}

static int open_ports(struct node *n, const struct ports *ports)
{
	struct tftp_io_options tftp = {
	    .port = ports->tftp, .mischief = n->mischief, .on_seen = node_saw_tftp, .context = n};
	struct sccp_io_options sccp = {.port = n->sccp_port,
				       .on_event = node_saw_station,
				       .on_connection = node_saw_connection,
				       .on_wanted = node_wanted,
				       .context = n};
	int error = node_open_interfaces(n, ports->dhcp);

	if (error != 0)
		return port_failed("DHCP", ports->dhcp, error);
	if ((error = tftp_io_open(n->loop, n->tftp, &tftp, &n->tftp_io)) != 0)
		return port_failed("TFTP", ports->tftp, error);
	if (!n->options->no_http && (error = node_open_http6970(n, ports->http)) != 0)
		return port_failed("HTTP", ports->http, error);
	if (!mischief_has(n->mischief, MISCHIEF_CALLMANAGER_CLOSED) &&
	    (error = sccp_io_open(n->loop, n->callmanager, &sccp, &n->sccp_io)) != 0)
		return port_failed("SCCP", n->sccp_port, error);
	return 0;
}

static int open_administration(struct node *n)
{
	char memory[128];
	const char *path = node_socket_path(n, memory, sizeof memory);

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
		(void)fprintf(stderr, "dialtone: cannot listen at %s as user %s: %s\n", path,
			      n->user.name, error == E_SYSTEM ? system_words() : error_text(error));
	return error != 0 ? error : node_open_to_group(n);
}

/* Over TCP too, when asked for. */
static int open_administration_tcp(struct node *n)
{
	char token[HTTP_TOKEN_MAX];
	char path[sizeof n->database + 16];
	char at[ENDPOINT_TEXT_SIZE];

	if (n->options->api.port == 0)
		return 0;
	int error = node_token_read(n, token, sizeof token, path, sizeof path);
	if (error != 0)
		return error;
	error = http_listen_tcp(n->http, n->options->api, token);
	if (error != 0)
		(void)fprintf(stderr, "dialtone: cannot listen at %s: %s\n",
			      endpoint_format(n->options->api, at), system_words());
	else
		(void)printf("administration at tcp://%s with the token in %s\n",
			     endpoint_format(n->options->api, at), path);
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
	map_init(&n->stamps, 50000);
	n->timeline = timeline_new();
	n->observer = observer_new(VANTAGE_SERVER);
	if (n->loop == NULL || n->reg == NULL || n->timeline == NULL || n->observer == NULL)
		return E_NO_MEMORY;
	n->dhcp = dhcp_server_new(n->reg);
	n->files = files_new(n->reg, NULL);
	n->tftp = n->files != NULL ? tftp_server_new(n->files) : NULL;
	n->callmanager = callmanager_new(n->reg);
	n->signals[0] = watch_signal(n->loop, SIGINT, on_signal, n);
	n->signals[1] = watch_signal(n->loop, SIGTERM, on_signal, n);
	if (n->dhcp == NULL || n->tftp == NULL || n->callmanager == NULL || n->signals[0] == NULL ||
	    n->signals[1] == NULL)
		return E_NO_MEMORY;
	node_take_descriptors(n);
	return node_history_new(n) == 0 ? 0 : E_NO_MEMORY;
}

static void announce_user(const struct node *n)
{
	(void)printf("  User   %s%s", n->user.name,
		     n->user.uid == 0 ? " without any capability (a user of its own: --user)" : "");
	if (n->has_group)
		(void)printf(", administered by root and group %s", n->group_name);
	(void)printf("\n");
}

static void announce(const struct node *n, const struct ports *ports)
{
	const struct settings *s = reg_settings(n->reg);
	char ip[IP4_TEXT_SIZE];
	char first[IP4_TEXT_SIZE];
	char last[IP4_TEXT_SIZE];

	(void)printf("dialtone %s", DIALTONE_VERSION);
	for (size_t i = 0; i < n->wires; i++)
		(void)printf("%s %s, %s%s", i == 0 ? " on" : ";", n->wire[i].iface.name,
			     ip4_format(n->wire[i].iface.ip, ip),
			     n->wire[i].serves_dhcp || n->options->no_dhcp ? "" : " (no DHCP)");
	(void)printf("\n");
	(void)ip4_format(n->iface.ip, ip);
	if (n->options->copy != NULL)
		(void)printf(
		    "  CallManager %s, from the copy %s: changes are made on the first server\n",
		    n->options->node, n->options->copy);
	if (n->options->no_dhcp)
		(void)printf("  DHCP   off: give your phones option 150 = %s\n", ip);
	else
		(void)printf("  DHCP   port %u, addresses %s to %s\n", ports->dhcp,
			     ip4_format(s->pool_first, first), ip4_format(s->pool_last, last));
	(void)printf("  TFTP   port %u", ports->tftp);
	if (n->http6970_io != NULL)
		(void)printf(", HTTP %u", ports->http);
	(void)printf("\n  SCCP   port %u\n", n->sccp_port);
	announce_user(n);
	(void)printf("  %zu phones in the database, auto-registration %s\n",
		     reg_device_count(n->reg), s->autoreg_on ? "on" : "off");
	(void)fflush(stdout);
}

/* Before the writer thread starts: what Landlock forbids holds for later threads only. */
static int confine_early(struct node *n)
{
	char memory[128];

	node_name_database(n);
	node_make_directory(n->database, NODE_STATE_DIRECTORY);
	node_make_directory(node_socket_path(n, memory, sizeof memory), NODE_RUN_DIRECTORY);
	int error = node_become_user(n);
	if (error != 0)
		return error;
	node_watch_disk(n);
	node_confine_files(n);
	return 0;
}

static int start(struct node *n, const struct ports *ports)
{
	int error = make_machines(n);

	if (error != 0)
		(void)fprintf(stderr, "dialtone: %s\n", error_text(error));
	if (error == 0)
		error = node_find_interfaces(n);
	if (error == 0)
		error = confine_early(n);
	if (error == 0)
		error = node_load(n, ports->sccp);
	if (error == 0)
		error = node_open_directory(n);
	if (error != 0)
		return error;
	error = make_mischief(n);
	if (error == 0)
		error = open_ports(n, ports);
	if (error == 0)
		error = open_administration(n);
	if (error == 0)
		error = open_administration_tcp(n);
	if (error != 0)
		return error;
	if (n->store != NULL)
		n->store_watch = watch_new(n->loop, store_fd(n->store), node_completions, n);
	if (n->store != NULL)
		n->disk_try = timer_new(n->loop, node_try_disk, n);
	if (n->store != NULL && (n->store_watch == NULL || n->disk_try == NULL))
		return E_NO_MEMORY;
	n->started = loop_now(n->loop);
	if (node_history_begin(n) != 0 || node_pulse_begin(n) != 0)
		return E_NO_MEMORY;
	node_tell_own_services(n);
	/* From here on strangers' packets are parsed. */
	node_confine();
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
	timer_free(n->disk_try);
	sccp_io_close(n->sccp_io);
	tftp_io_close(n->tftp_io);
	http6970_io_close(n->http6970_io);
	node_close_interfaces(n);
	if (n->disk >= 0)
		(void)close(n->disk);
	http_close(n->http);
	node_pulse_end(n);
	node_history_end(n);
	map_done(&n->stamps);
	store_close(n->store);
	callmanager_free(n->callmanager);
	mischief_free(n->mischief);
	tftp_server_free(n->tftp);
	node_close_files(n);
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
	struct node node = {.options = &options, .disk = -1};
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
