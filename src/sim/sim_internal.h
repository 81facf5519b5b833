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
#include "tftp/http6970.h"
#include "tftp/tftp_server.h"

enum event_kind {
	EVENT_NODE_DATAGRAM, /* bytes arrive at server `node`: from, to */
	EVENT_NODE_CONNECT,  /* who = phone, arg = its connection */
	EVENT_NODE_STREAM,   /* likewise, bytes */
	EVENT_NODE_CLOSED,
	EVENT_NODE_TIMER,
	EVENT_NODE_CRASH,
	EVENT_NODE_START,
	EVENT_PHONE_DHCP,     /* who = phone, bytes */
	EVENT_PHONE_DATAGRAM, /* arg = local port */
	EVENT_PHONE_OPEN,     /* arg = connection */
	EVENT_PHONE_REFUSED,
	EVENT_PHONE_STREAM,
	EVENT_PHONE_CLOSED,
	EVENT_PHONE_RESET,
	EVENT_PHONE_TIMER,
	EVENT_PHONE_POWER, /* a power cycle of some phone */
	EVENT_PHONE_CHURN, /* likewise */
	EVENT_PHONE_ON,    /* who has its power back */
	EVENT_PHONE_CUT,   /* of all */
	EVENT_PHONE_FLAP,  /* some phone's link goes */
	EVENT_VISIT,       /* somebody who is no phone */
	EVENT_VISITOR_TFTP,
	EVENT_PARTITION,
	EVENT_DISK_DONE, /* id = index of the commit */
	EVENT_DISK_STALL,
	EVENT_DISK_FULL,
	EVENT_CLOCK,
	EVENT_ADMIN,       /* the administrator changes something */
	EVENT_ADMIN_RESET, /* … resets every phone */
	EVENT_ADMIN_RESTORE,
	EVENT_CALM,  /* from now on nothing goes wrong */
	EVENT_SWEEP, /* all invariants, in full */
	EVENT_KIND_COUNT,
};

#define SIM_CORRUPTED 1  /* the id of a datagram one of whose bytes changed */
#define EVENT_INLINE  24 /* bytes that need no memory of their own: keepalives and their answers */

struct event {
	dt_time at;
	uint64_t seq; /* order of creation decides between equal times */
	uint8_t kind; /* enum event_kind */
	uint8_t node;
	uint32_t who, arg;
	uint32_t len;
	uint64_t id;
	struct endpoint from, to;
	uint8_t *bytes; /* of len; owned when they are more than EVENT_INLINE */
	uint8_t small[EVENT_INLINE];
};

/* Events in the order of their time. Most are made in that order already, each kind with its own
 * delay: those lie in lanes, rings whose ends only grow; the rest in a heap. */
#define HEAP_LANES 6

struct lane {
	struct event *item;
	size_t first, count, size; /* size: a power of two, or 0 */
};

struct heap {
	struct lane lane[HEAP_LANES];
	struct event *item;
	size_t count, size;
	uint64_t seq;
};

/* 0 or E_NO_MEMORY (the bytes are copied). */
int heap_push(struct heap *h, const struct event *event);
/* false when empty. The event's bytes are its own: event_done() frees them; they move with it, so
 * read them through event_bytes(). */
bool heap_pop(struct heap *h, struct event *ret_event);
struct slice event_bytes(const struct event *event);
void event_done(struct event *event);
void heap_done(struct heap *h);

/* The disk: what is durable, and the commits under way. */
#define DISK_LEASES_MAX  16384
#define DISK_DEVICES_MAX 16384
#define DISK_RECORDS_MAX 8

struct disk {
	struct lease *leases;
	size_t lease_count;
	struct map lease_by_ip; /* their places in the array, which never moves */
	struct device *devices;
	size_t device_count;
	struct map device_by_name;
	struct {
		enum record_kind kind;
		union record record;
	} records[DISK_RECORDS_MAX];
	size_t record_count;
	struct settings settings;
	struct change *pending; /* submitted, not yet durable; a ring from pending_first */
	size_t pending_first, pending_count, pending_size; /* size: a power of two, or 0 */
	uint64_t first_id;                                 /* id of the first pending one */
	uint64_t crashed_id;                               /* … of the first one since a crash */
	dt_time stalled_until, full_until;
	dt_time slow_until; /* the latest end of a commit that takes long */
	dt_time failed_at;  /* the last commit that did not succeed */
};

struct world;

int disk_init(struct disk *d);
void disk_done(struct disk *d);
int disk_add_device(struct disk *d, const struct device *device);
void disk_submit(struct world *w, const struct change *change);
/* A commit reached the platter, or failed: applies it and tells the node. */
void disk_complete(struct world *w, uint64_t id);
void disk_stall(struct world *w);
void disk_fill(struct world *w);
void disk_crash(struct disk *d); /* what is pending is lost */
const struct device *disk_find_device(const struct disk *d, const char *name);
const struct lease *disk_find_lease(const struct disk *d, struct ip4 ip);
/* What is submitted and not yet durable. */
size_t disk_pending_devices(const struct disk *d);
bool disk_device_is_pending(const struct disk *d, const char *name);
bool disk_lease_is_pending(const struct disk *d, struct ip4 ip);

/* One phone and its connections to the servers. */
#define SIM_CONNECTIONS_MAX 8

enum { SIM_GONE_TO_NODE = 1, SIM_GONE_TO_PHONE = 2 };

/* What the judge knows of a connection to a CallManager; judge_sccp.c. */
struct sccp_session {
	dt_time heard;
	uint32_t name; /* of its Register: whose name, as a phone's number; UINT32_MAX = nobody's */
	uint8_t offered, version;
	bool acked, complete; /* got its RegisterAck; asked its last question */
	bool undecided;       /* its Register is not answered yet */
	bool stands_by;       /* sends keepalives and no Register */
	bool keys_shown, off_hook;
	bool reset_due; /* it was registered when the reset was ordered */
	bool ends;      /* it unregistered, or another connection took its name over */
	uint32_t type, reset_ordered;
	dt_time opened, asked_at, rejected_at, time_told;
};

struct sim_connection {
	/* First what every segment needs. */
	unsigned number;    /* the phone's; 0 = free */
	uint32_t who;       /* the phone */
	station_id station; /* the server's; 0 = none */
	uint8_t node;
	bool phone_closed;
	uint8_t gone; /* SIM_GONE_…: what is sent this way never arrives, and its end knows */
	dt_time to_node, to_phone; /* latest delivery: streams stay in order */
	struct sccp_session session;
	struct ip4 peer;
	http6970_id http;    /* as station, of a connection for a file */
	char file_asked[48]; /* by HTTP, and not answered yet */
};

struct sim_phone {
	struct phone *phone;
	struct mac mac;
	struct ip4 ip;
	struct ip4 reserved; /* by its record; zero = none */
	bool leaving;        /* in an orderly way, and back again then */
	bool in_branch;      /* behind the branch's relay */
	dt_time timer;
	dt_time dark_until;                       /* its link is away */
	dt_time down_since;                       /* not registered since */
	unsigned registrations_before;            /* when it became calm */
	struct sim_connection *bearer[SIM_NODES]; /* the connection that got a RegisterAck last */
	dt_time registered_on[SIM_NODES];  /* scratch of a sweep: station's since; DT_NEVER = not */
	uint8_t hint[SIM_CONNECTIONS_MAX]; /* by the last digits of a number: its place */
	struct sim_connection connection[SIM_CONNECTIONS_MAX];
};

struct sim_node {
	unsigned index;
	bool up;
	dt_time timer;
	struct reg *reg;
	struct dhcp_server *dhcp; /* the first server's only */
	struct files *files;
	struct tftp_server *tftp;
	struct http6970 *http;
	struct callmanager *callmanager;
	unsigned segments;
	station_id late; /* a connection that is gone, of which the edge may still bring news */
	struct map connections; /* station id to struct sim_connection */
	struct map http_connections;
};

/* Who does not hear whom at the moment. */
struct partition {
	dt_time until; /* 0 = none */
	uint8_t node;
	bool to_node, to_phone; /* directions that are cut */
	uint32_t half;          /* phones with this bit */
};

/* What has been promised of an address, and to whom. */
struct address {
	struct ip4 ip;
	struct mac mac; /* by DHCPACK, and it is on the disk */
	dt_time expires;
	struct mac guest; /* from memory */
	dt_time guest_expires;
	struct mac offered;
	dt_time offered_until, held_until; /* certainly; at most */
	dt_time declined_until;
	dt_time released_at; /* 0 = not */
};

/* The invariants' ledger. */
struct ledger {
	struct address *address; /* of the pool, then of the branch's */
	size_t main_size, address_count;
	struct device *stored; /* acknowledged administration: records that must be there */
	size_t stored_count;
	char (*dn_owner)[DEVICE_NAME_SIZE]; /* index: DN - range start; "" = never given */
	size_t dn_size;
	uint32_t dn_first;
};

#define JUDGE_OWED_MAX 64

/* What a server owes within one event. */
struct judge_sccp {
	struct sim_connection *connection; /* whose event it is */
	struct sim_connection *replaced;   /* which lost its name to another one in it */
	unsigned keepalives_owed;
	bool hangs_up;
	size_t owed_count;
	struct judge_owed {
		uint32_t id, value;
	} owed[JUDGE_OWED_MAX];
	char load[33];
};

#define DHCP_ASKED_MAX 4
#define DHCP_KEPT_MAX  32
#define SIM_NOBODY     UINT32_MAX
#define SIM_VISITORS   4

/* A question of a DHCP client, as it arrived last. */
struct dhcp_asked {
	uint32_t xid;
	enum dhcp_type type;
	unsigned count; /* arrived and not answered */
	dt_time first_at, at;
	struct ip4 ciaddr, giaddr, requested;
	uint16_t flags;
	bool for_us;
	bool corrupted; /* what it asks for is nobody's wish */
	uint8_t client_id_len, relay_len;
	uint8_t client_id[DHCP_KEPT_MAX], relay[DHCP_KEPT_MAX];
};

struct dhcp_client_model {
	struct dhcp_asked asked[DHCP_ASKED_MAX];
	unsigned next_asked;
	struct ip4 has;      /* the address of its last ACK that is on the disk */
	bool moved;          /* it had two at a time: which one it is to have is anybody's guess */
	dt_time waits_since; /* for an ACK; 0 = not */
};

struct judge_dhcp {
	struct dhcp_client_model *client; /* the phones, then the visitors */
	size_t client_count;
	/* Of this event: */
	uint32_t discover; /* who is to be offered an address, or SIM_NOBODY */
	bool discover_in_branch;
	struct dhcp_asked *refused; /* what is to be answered at once */
};

/* On the network, and no phone; visitors.c. */
struct visitor {
	unsigned scene;
	uint32_t xid;
	dt_time declined_at;
	/* What it reads by TFTP, and how. */
	char file[48];
	unsigned node, habit;
	uint16_t port, blksize, window;
	uint32_t block, size;
	unsigned server_port;
	bool reading;
};

struct world {
	struct sim_config config;
	struct sim_faults faults; /* of the moment: all zero once it is calm */
	struct sim_result result;
	struct heap heap;
	struct rand rand;
	dt_time now, calm_at;
	bool calm;
	int64_t clock_offset_s; /* what the wall clock is wrong by */
	struct disk disk;
	struct ledger ledger;
	struct judge_sccp judge_sccp;
	struct judge_dhcp judge_dhcp;
	struct map tftp_models;       /* client and server to its struct tftp_model */
	struct tftp_model *tftp_owes; /* who is to be sent something in this event */
	struct visitor visitor[SIM_VISITORS];
	struct map reserved;  /* address to struct device: whose it is by the records */
	dt_time node_crashed; /* the first server, last */
	dt_time clock_jumped;
	int error;
	struct sim_node node[SIM_NODES];
	struct partition partition;
	struct map phone_by_ip;
	struct sim_phone *phones;
	uint64_t admin_ticket; /* the administrator waits for this one; 0 = none */
	struct device admin_device;
	struct device admin_gone; /* thrown out, to be taken in again */
	dt_time admin_gone_until; /* it is surely back by then */
	unsigned admin_step;
	uint64_t admin_count;
};

#define STATION_OUTPUT_LIMIT (64 * 1024) /* as much as a station may have waiting */
#define SIM_SERVER_IP        0x0a4d0001u /* 10.77.0.1; the second server is the next */
#define SIM_FIRST_MAC        0x001bd4000001ULL
#define SIM_FIRST_VISITOR    0x0011220000f1ULL
#define SIM_TFTP_FIRST_PORT  40000u
#define SIM_BRANCH_ROUTER    0x0a4e0001u /* 10.78.0.1, and its relay */
#define SIM_BRANCH_FIRST     0x0a4e0100u
#define SIM_UNIX_EPOCH       1767225600 /* the virtual world begins on 2026-01-01 */
#define SIM_AUTOREG_FIRST    20000u
#define SIM_KNOWN_FIRST      500000u         /* numbers of the phones in the database */
#define SIM_TCP_GIVE_UP      DT_SECONDS(100) /* an end that hears nothing for so long resets */

static inline int64_t world_unix_s(const struct world *w)
{
	return SIM_UNIX_EPOCH + w->now / 1000000 + w->clock_offset_s;
}

static inline struct ip4 sim_node_ip(unsigned node)
{
	return ip4_of(SIM_SERVER_IP + node);
}

/* Nothing goes wrong in it but power. */
bool world_is_perfect(const struct world *w);
/* Schedules; failure (out of memory) ends the world with w->error. */
void world_push(struct world *w, const struct event *event);
/* Into the digest and, when asked for, the trace. */
__attribute__((format(printf, 2, 3))) void world_note(struct world *w, const char *format, ...);
void world_digest(struct world *w, struct slice bytes);
/* A time with mean `mean`, between half and one and a half of it. */
dt_time world_about(struct world *w, dt_time mean);
/* The same fault again, unless it is calm. */
void world_again(struct world *w, enum event_kind kind, dt_time mean);

int node_start(struct world *w, unsigned index);
void node_crash(struct world *w, unsigned index);
void node_stop(struct sim_node *n);
/* Moves everything the server's machines want done; call after any input to them. */
void node_pump(struct world *w, struct sim_node *n);
void node_event(struct world *w, const struct event *event);
void node_commit_done(struct world *w, const struct change *change, bool ok);
void node_reset_all(struct world *w);
/* The administrator orders one to reset (1), restart (2) or apply its configuration (3). */
void node_reset(struct world *w, struct sim_node *n, const char *name, uint32_t type);

/* The model of phone i, and its record as the administrator knows it. */
const struct phone_profile *sim_profile(unsigned i);
struct mac sim_mac(unsigned i);
/* How many addresses the branch has. */
uint32_t sim_branch_size(const struct sim_config *config);
/* Is this one's record of another model than it is? It is refused for ever. */
bool sim_is_misfiled(const struct sim_config *config, unsigned i);
/* Does this one boot in the branch? Which address does its record reserve? */
bool sim_is_in_branch(const struct sim_config *config, unsigned i);
struct ip4 sim_reserved_ip(const struct world *w, unsigned i);
int phones_init(struct world *w);
int phones_start(struct world *w);
void phones_done(struct world *w);
void phones_event(struct world *w, const struct event *event);
struct sim_connection *phones_connection(struct sim_phone *p, unsigned number);
/* The phone of this hardware address or device name; NULL when none. */
struct sim_phone *phones_by_mac(struct world *w, struct mac mac);
/* May this phone be up when all is well? */
bool phones_may_be_up(const struct world *w, unsigned i);

/* The network. */
void network_to_node(struct world *w, uint32_t who, const struct event *event);
void network_to_phone(struct world *w, unsigned node, const struct event *event);
void network_stream(struct world *w, struct sim_connection *c, bool to_node,
		    const struct event *event);
void network_partition(struct world *w);
void network_flap(struct world *w);

void admin_event(struct world *w);
void admin_restore(struct world *w);
void admin_server_started(struct world *w);
/* Is this one about to be thrown out, or to be taken in again? */
bool admin_is_gone(const struct world *w, const char *name);
void admin_commit_done(struct world *w, const struct change *change, bool ok);

int ledger_init(struct world *w);
void ledger_done(struct ledger *l);
void ledger_station(struct world *w, struct sim_node *n, const struct station_event *event);
void ledger_admin_stored(struct world *w, const struct device *device);
void ledger_admin_deleted(struct world *w, const char *name);
void invariants_sweep(struct world *w);
/* From here on nothing goes wrong: what is counted at the end begins. */
void invariants_calm(struct world *w);
/* At the end of a calm: who may be up is up. */
void invariants_end(struct world *w);
__attribute__((format(printf, 3, 4))) void invariants_violated(struct world *w, unsigned number,
							       const char *format, ...);

#endif
