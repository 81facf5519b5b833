/* What the files of sim/ share. */
#ifndef DIALTONE_SIM_SIM_INTERNAL_H
#define DIALTONE_SIM_SIM_INTERNAL_H

#include "base/addr.h"
#include "base/map.h"
#include "base/rand.h"
#include "dhcp/dhcp_server.h"
#include "phone/phone.h"
#include "reg/reg.h"
#include "sccp/station.h"
#include "sim/world.h"
#include "tftp/tftp_server.h"

enum event_kind {
	EVENT_NODE_DATAGRAM, /* bytes arrive at the server: from, to; arg = TFTP transfer port + 1
			      */
	EVENT_NODE_CONNECT,  /* who = phone, arg = its connection */
	EVENT_NODE_STREAM,   /* likewise, bytes */
	EVENT_NODE_CLOSED,
	EVENT_NODE_TIMER,
	EVENT_NODE_CRASH,
	EVENT_NODE_START,
	EVENT_PHONE_DHCP,     /* who = phone, bytes */
	EVENT_PHONE_DATAGRAM, /* arg = local port */
	EVENT_PHONE_UNREACHABLE,
	EVENT_PHONE_OPEN, /* arg = connection */
	EVENT_PHONE_REFUSED,
	EVENT_PHONE_STREAM,
	EVENT_PHONE_CLOSED,
	EVENT_PHONE_RESET,
	EVENT_PHONE_TIMER,
	EVENT_PHONE_POWER, /* a power cycle */
	EVENT_DISK_DONE,   /* id = index of the commit */
	EVENT_DISK_STALL,
	EVENT_ADMIN, /* the administrator changes something */
	EVENT_SWEEP, /* all invariants, in full */
	EVENT_KIND_COUNT,
};

struct event {
	dt_time at;
	uint64_t seq; /* order of creation decides between equal times */
	enum event_kind kind;
	uint32_t who, arg;
	uint64_t id;
	struct endpoint from, to;
	size_t len;
	uint8_t *bytes; /* owned; NULL when len is 0 */
};

struct heap {
	struct event *item;
	size_t count, size;
	uint64_t seq;
};

/* 0 or E_NO_MEMORY (the bytes are copied). */
int heap_push(struct heap *h, const struct event *event);
/* false when empty; the caller owns ret_event->bytes. */
bool heap_pop(struct heap *h, struct event *ret_event);
void heap_done(struct heap *h);

/* The disk: what is durable, and the commits under way. */
#define DISK_LEASES_MAX  8192
#define DISK_DEVICES_MAX 8192

struct disk {
	struct lease *leases;
	size_t lease_count;
	struct device *devices;
	size_t device_count;
	struct settings settings;
	bool has_settings;
	struct change *pending; /* ring of submitted, not yet durable */
	size_t pending_count, pending_size;
	uint64_t first_id; /* id of pending[0] */
	dt_time stalled_until;
};

struct world;

int disk_init(struct disk *d);
void disk_done(struct disk *d);
void disk_submit(struct world *w, const struct change *change);
/* A commit reached the platter, or failed: applies it and tells the node. */
void disk_complete(struct world *w, uint64_t id);
void disk_stall(struct world *w);
void disk_crash(struct disk *d); /* what is pending is lost */
const struct device *disk_find_device(const struct disk *d, const char *name);
const struct lease *disk_find_lease(const struct disk *d, struct ip4 ip);

/* One phone and its connections to the server. */
#define SIM_CONNECTIONS_MAX 8

struct sim_connection {
	unsigned number;    /* the phone's; 0 = free */
	station_id station; /* the server's; 0 = none */
	bool server_closed, phone_closed;
	dt_time to_node, to_phone; /* latest delivery: streams stay in order */
};

struct sim_phone {
	struct phone *phone;
	struct mac mac;
	struct ip4 ip;
	dt_time timer;
	struct sim_connection connection[SIM_CONNECTIONS_MAX];
};

/* What has been promised, and to whom: the invariants' ledger. */
struct promise {
	struct mac mac;
	dt_time expires;
};

struct ledger {
	struct promise *lease; /* index: address - subnet, for the pool */
	size_t lease_size;
	struct device *stored; /* acknowledged administration: records that must be there */
	size_t stored_count;
	char (*dn_owner)[DEVICE_NAME_SIZE]; /* index: DN - range start; "" = never given */
	size_t dn_size;
	uint32_t dn_first;
};

struct world {
	struct sim_config config;
	struct sim_result result;
	struct heap heap;
	struct rand rand;
	dt_time now;
	struct disk disk;
	struct ledger ledger;
	int error;

	bool node_up;
	dt_time node_timer;
	struct reg *reg;
	struct dhcp_server *dhcp;
	struct files *files;
	struct tftp_server *tftp;
	struct callmanager *callmanager;
	struct map phone_by_ip;
	struct map phone_by_mac;

	struct sim_phone *phones;
	uint64_t admin_ticket; /* the administrator waits for this one; 0 = none */
	struct device admin_device;
	uint64_t admin_count;
};

#define STATION_OUTPUT_LIMIT (64 * 1024) /* as much as a station may have waiting */
#define SIM_SERVER_IP        0x0a4d0001u /* 10.77.0.1 */
#define SIM_UNIX_EPOCH       1767225600  /* the virtual world begins on 2026-01-01 */
#define SIM_AUTOREG_FIRST    2000u

static inline int64_t world_unix_s(const struct world *w)
{
	return SIM_UNIX_EPOCH + w->now / 1000000;
}

/* Schedules; failure (out of memory) ends the world with w->error. */
void world_push(struct world *w, const struct event *event);
/* Into the digest and, when asked for, the trace. */
__attribute__((format(printf, 2, 3))) void world_note(struct world *w, const char *format, ...);
void world_digest(struct world *w, struct slice bytes);
/* A time with mean `mean`, between half and one and a half of it. */
dt_time world_about(struct world *w, dt_time mean);

int node_start(struct world *w);
void node_crash(struct world *w);
void node_stop(struct world *w);
/* Moves everything the server's machines want done; call after any input to them. */
void node_pump(struct world *w);
void node_event(struct world *w, const struct event *event);
void node_commit_done(struct world *w, const struct change *change, bool ok);

/* The model of phone i. */
static inline const struct phone_profile *sim_profile(unsigned i)
{
	return phone_profile_find(i % 2 == 0 ? "7960" : "7961");
}

int phones_init(struct world *w);
void phones_done(struct world *w);
void phones_event(struct world *w, const struct event *event);
struct sim_connection *phones_connection(struct sim_phone *p, unsigned number);

int phones_start(struct world *w);
/* The network. */
void network_to_node(struct world *w, const struct event *event);
void network_to_phone(struct world *w, const struct event *event);
void network_stream(struct world *w, struct sim_connection *c, bool to_node,
		    const struct event *event);

void admin_event(struct world *w);
void admin_commit_done(struct world *w, const struct change *change, bool ok);

int ledger_init(struct world *w);
void ledger_done(struct ledger *l);
void ledger_dhcp_ack(struct world *w, struct slice datagram);
void ledger_station(struct world *w, const struct station_event *event);
void ledger_admin_stored(struct world *w, const struct device *device);
void invariants_sweep(struct world *w);
__attribute__((format(printf, 3, 4))) void invariants_violated(struct world *w, unsigned number,
							       const char *format, ...);

#endif
