/* The node: every machine of the server, its edges, and the wiring between them. One thread, the
 * loop's. */
#ifndef DIALTONE_DAEMON_NODE_H
#define DIALTONE_DAEMON_NODE_H

#include "api/api.h"
#include "base/map.h"
#include "boot/timeline.h"
#include "daemon/options.h"
#include "dhcp/dhcp_io.h"
#include "http/http_server.h"
#include "model/alarms.h"
#include "net/packet.h"
#include "net/privileges.h"
#include "observe/observer.h"
#include "perf/perf.h"
#include "sccp/sccp_io.h"
#include "store/store.h"
#include "tftp/directory_io.h"
#include "tftp/http6970_io.h"
#include "tftp/tftp_io.h"

/* Where the defaults of a server that root started live. */
#define NODE_STATE_DIRECTORY "/var/lib/dialtone"
#define NODE_RUN_DIRECTORY   "/run/dialtone"

/* An administrator's request that waits for its commit. */
struct node_pending {
	http_id request;
	struct api_reply reply;
	struct node_pending *next;
};

#define NODE_NEIGHBOURS 3

/* One interface with phones. */
struct node_wire {
	struct iface iface;
	bool serves_dhcp;
	struct packet *tcp; /* its opening and closing of connections; NULL: not permitted */
	struct packet *neighbours[NODE_NEIGHBOURS]; /* ARP, CDP, LLDP; likewise */
	struct packet *dhcp; /* who else answers DHCP, or all DHCP while ours is off; likewise */
};

struct node_history;

struct node {
	const struct serve_options *options;
	struct loop *loop;
	struct iface iface;     /* the first one: the server's own address */
	struct store *store;    /* NULL: serving from another node's copy */
	int disk;               /* its directory; -1: cannot be asked for its free space */
	struct timer *disk_try; /* while it takes no changes */
	char database[256];
	struct privileges_user user; /* who it is since its start */
	gid_t group;                 /* who may administer beside root and that user … */
	bool has_group;              /* … if anybody */
	char group_name[PRIVILEGES_NAME_SIZE];
	uint16_t sccp_port;
	struct watch *store_watch, *signals[2];

	struct mischief *mischief; /* --fault; NULL: none */
	struct reg *reg;
	struct dhcp_server *dhcp;
	struct directory_io *directory; /* the administrator's files; NULL: none */
	struct files *files;
	struct tftp_server *tftp;
	struct callmanager *callmanager;
	struct dhcp_io *dhcp_io;
	struct tftp_io *tftp_io;
	struct http6970 *http6970; /* NULL: --no-http */
	struct http6970_io *http6970_io;
	struct sccp_io *sccp_io;
	struct http_server *http;
	struct node_wire wire[SERVE_INTERFACES_MAX];
	size_t wires;

	struct timeline *timeline;
	struct observer *observer;
	uint64_t events;
	struct node_history *history;
	struct map stamps; /* mac to the version of the file it was given, not a pointer */
	struct perf perf;
	dt_time started;
	dt_time autoreg_checked;
	struct timer *pulse;
	dt_time pulse_due, pulse_told;
	struct alarms alarms;
	struct node_pending *pending;
	http_id copy_request; /* 0: none under way */
	uint64_t copies;
	char copy_path[256];
};

/* database.c: everything stored into the machines. 0, or an error that was told. */
int node_load(struct node *n, uint16_t sccp_port);
const char *node_default_path(const char *given, const char *as_root, const char *variable,
			      const char *below, char *to, size_t size);
/* Into n->database: the file all state is in. "" with --copy. */
void node_name_database(struct node *n);
const char *node_socket_path(const struct node *n, char *to, size_t size);
/* The directory the default lives in; what cannot be made is told when the file itself fails. */
void node_make_directory(const char *path, const char *directory);

/* user.c: becomes the user it is to run as, who owns what it must write. 0, or an error that was
 * told. */
int node_become_user(struct node *n);
/* The administration socket for the group's members. 0, or an error that was told. */
int node_open_to_group(struct node *n);

/* confine.c: the directory a file is in. */
const char *node_beside(const char *file, char *to, size_t size);
/* As many descriptors as the phones need, or a warning that says what to do. */
void node_take_descriptors(struct node *n);
/* Before any thread starts: no file but those of the database, the administration and the
 * administrator. */
void node_confine_files(const struct node *n);
/* A thread that opens no port: capabilities belong to each thread by itself. */
void node_confine_thread(void);
/* When everything is open: no privilege, no debugger, no system call but a running server's. */
void node_confine(void);

/* token.c: the token of the TCP interface out of its file, which is made when missing. 0, or an
 * error that was told. */
int node_token_read(const struct node *n, char *to, size_t size, char *ret_path, size_t path_size);

/* copy.c: a copy of the database for another node. */
void node_copy_begin(struct node *n, http_id request);
void node_copy_done(struct node *n, uint64_t ticket, bool ok, const char *why);

/* files.c: the administrator's directory and HTTP 6970. 0, or an error that was told. */
int node_open_directory(struct node *n);
/* E_SYSTEM with errno when the port cannot be had. */
int node_open_http6970(struct node *n, uint16_t port);
/* Loads held back since the last call, to the timeline and to the operator. */
void node_saw_files(struct node *n);
void node_close_files(struct node *n);

/* neighbours.c */
void node_saw_neighbour(void *context, uint32_t link, struct slice frame, dt_time at);
void node_open_neighbours(struct node *n, struct node_wire *w);

/* interfaces.c: 0, or an error; finding tells its own. */
int node_find_interfaces(struct node *n);
int node_open_interfaces(struct node *n, uint16_t dhcp_port);
void node_close_interfaces(struct node *n);
/* Are connections seen on every wire? */
bool node_sees_connections(const struct node *n);
/* What has come by the wires becomes facts now. Only where connections are seen. */
void node_read_wires(struct node *n);

/* wiring.c: changes to the store, completions back, machine events to facts. */
void node_wanted(void *context);
void node_completions(void *context);
void node_http_request(void *context, const struct http_request *request);

/* history.c: each phone's past. */
int node_history_new(struct node *n); /* before the database is opened; 0, or -1 without memory */
/* For the store: loading, and the limit of all together. */
int node_history_load(void *context, const struct history *history);
uint64_t node_history_max(void *context);
int node_history_begin(struct node *n); /* when the settings hold; likewise */
void node_history_done(struct node *n, uint64_t ticket, bool ok);
void node_history_end(struct node *n); /* stores what is not stored yet */

/* facts.c: what the edges saw, to the timeline and the counters. */
void node_add_fact(struct node *n, const struct fact *fact);
void node_tell_own_services(struct node *n); /* once, when all ports are open */
/* A start or stop of this server (SERVER_STARTED …). */
void node_tell_state(struct node *n, uint32_t state, dt_time at, const char *how);
void node_tell_order(struct node *n, const char *name, uint32_t type);
void node_saw_dhcp(void *context, struct endpoint from, struct endpoint to, struct slice payload);
void node_saw_tftp(void *context, struct endpoint from, struct endpoint to, struct slice payload);
void node_saw_station(void *context, const struct station_event *event);
void node_saw_connection(void *context, struct endpoint phone, struct endpoint server, bool opened,
			 bool by_phone);
void node_saw_frame(void *context, uint32_t link, struct slice frame, dt_time at);
void node_take_facts(struct node *n); /* the observer's, to where they belong */
void node_saw_dhcp_event(struct node *n, const struct dhcp_event *event);

/* pulse.c: is the loop in time? 0, or -1 without memory. */
int node_pulse_begin(struct node *n);
void node_pulse_end(struct node *n);

/* alarms.c: what the operator must know, in the log at most once a minute and in the API. `what`
 * goes on the database's path: " takes …", ": full". */
/* Before the server is confined: afterwards no path can be asked for its free space. */
void node_watch_disk(struct node *n);
/* Until the disk takes a change it is tried: a site where nothing changes must not be told for
 * hours of a disk that has room again. */
void node_alarm_disk(struct node *n, const char *what);
#define NODE_TRY_TICKET 0 /* no copy's */
void node_try_disk(void *context);
void node_disk_tried(struct node *n, bool ok, const char *why);
void node_disk_works(struct node *n);
/* The auto-registration range before it is used up; asked after each change, looked at once a
 * second. */
void node_check_autoreg(struct node *n);
void node_alarm_copied_name(struct node *n, const struct station_event *event);
void node_alarm_other_dhcp(struct node *n, const struct dhcp_event *event);

#endif
