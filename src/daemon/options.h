/* What `dialtone serve` was asked to do. */
#ifndef DIALTONE_DAEMON_OPTIONS_H
#define DIALTONE_DAEMON_OPTIONS_H

#include "mischief/mischief.h"
#include "model/device.h"
#include "model/settings.h"

#define SERVE_INTERFACES_MAX 8

struct serve_options {
	const char *interface[SERVE_INTERFACES_MAX]; /* none: the only one */
	size_t interfaces;
	const char *no_dhcp_on[SERVE_INTERFACES_MAX]; /* other DHCP servers are at home there */
	size_t no_dhcp_count;
	const char *database, *socket;
	const char *user;      /* to become; NULL: who owns the database's directory, or dialtone */
	const char *group;     /* its members may administer; NULL: dialtone, if there is one */
	struct endpoint api;   /* administration over TCP there; port 0: only the Unix socket */
	const char *api_token; /* the file with its token; NULL: beside the database */
	const char *node;      /* this server's name among the CallManagers; NULL: as stored */
	const char *copy;  /* serve from this read-only copy of the publisher's database; NULL: from
			      --database */
	const char *files; /* directory of the administrator's files; NULL: "files" beside the
			      database, if it is there */
	bool high_ports, no_dhcp, no_http, no_watch;
	const char *fault[MISCHIEF_ORDERS_MAX]; /* misdeeds on purpose */
	size_t faults;
	/* Settings to change before serving; what was not given stays as stored. */
	struct settings change;
	bool has_server_ip, has_callmanager_ip, has_pool, has_router, has_dns, has_domain,
	    has_lease, has_keepalive, has_offset, has_history, has_history_all;
};

/* 0; 2 after telling what is wrong; 1 after --help. */
int serve_options_read(int argc, char **argv, struct serve_options *ret_options);
/* The given ones into the settings. */
void serve_options_apply(const struct serve_options *options, struct settings *settings);

#endif
