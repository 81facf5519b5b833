/* The node's database: opened and loaded, or read from another node's copy; settings settled before
 * the first packet is answered. */
#include "daemon/node.h"

#include "base/error.h"
#include "base/text.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

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

const char *node_default_path(const char *given, const char *as_root, const char *variable,
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
void node_make_directory(const char *path, const char *directory)
{
	if (strncmp(path, directory, strlen(directory)) == 0)
		(void)mkdir(directory, 0755);
}

void node_name_database(struct node *n)
{
	char memory[256];

	if (n->options->copy == NULL)
		(void)text_copy(n->database, sizeof n->database,
				node_default_path(n->options->database,
						  "/var/lib/dialtone/dialtone.db", "HOME",
						  ".dialtone.db", memory, sizeof memory));
}

const char *node_socket_path(const struct node *n, char *to, size_t size)
{
	return node_default_path(n->options->socket, "/run/dialtone/dialtone.sock",
				 "XDG_RUNTIME_DIR", "dialtone.sock", to, size);
}

static int open_store(struct node *n, const struct store_loader *loader)
{
	const char *why = NULL;
	int error = store_open(n->database, loop_now(n->loop), loop_unix_s(n->loop), loader,
			       &n->store, &why);
	if (error != 0)
		(void)fprintf(stderr, "dialtone: %s\n", error == E_STORE ? why : error_text(error));
	return error;
}

/* Settings as stored, completed from the interface, changed by the command line: committed before
 * anything is served. */
static int settle_settings(struct node *n, uint16_t sccp_port)
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
	s.sccp_port = sccp_port;
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

/* This node as the copy knows it. The settings stay the publisher's, in memory only: phones without
 * a group know the publisher alone, and it alone takes in unknown ones. */
static int read_copy(struct node *n, const struct store_loader *loader, uint16_t sccp_port)
{
	const char *why = NULL;
	int error = store_read_copy(n->options->copy, loop_now(n->loop), loop_unix_s(n->loop),
				    loader, &why);

	if (error != 0) {
		(void)fprintf(stderr, "dialtone: %s\n", error == E_STORE ? why : error_text(error));
		return error;
	}
	const union record *self = reg_record_find(n->reg, RECORD_NODE, n->options->node);
	if (self == NULL) {
		(void)fprintf(stderr,
			      "dialtone: the copy knows no CallManager \"%s\": add it on the first "
			      "server (dialtone node add %s --address …) and copy again\n",
			      n->options->node, n->options->node);
		return E_UNKNOWN;
	}
	struct settings s = *reg_settings(n->reg);
	/* Where a phone without a group is sent to must stay the publisher's address and port. */
	if (ip4_is_zero(s.callmanager_ip))
		s.callmanager_ip = s.server_ip;
	serve_options_apply(n->options, &s);
	s.autoreg_on = false;
	reg_load_settings(n->reg, &s);
	n->sccp_port = self->node.sccp_port != 0 && !n->options->high_ports
			   ? (uint16_t)self->node.sccp_port
			   : sccp_port;
	return 0;
}

int node_load(struct node *n, uint16_t sccp_port)
{
	struct store_loader loader = {.context = n,
				      .device = load_device,
				      .record = load_record,
				      .settings = load_settings,
				      .lease = load_lease,
				      .confine = node_confine_thread};

	n->sccp_port = sccp_port;
	if (n->options->copy != NULL)
		return read_copy(n, &loader, sccp_port);
	/* A copy's history is the publisher's: what that server saw. */
	loader.history = node_history_load;
	loader.history_max = node_history_max;
	int error = open_store(n, &loader);
	return error == 0 ? settle_settings(n, sccp_port) : error;
}
