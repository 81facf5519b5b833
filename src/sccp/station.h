/* The CallManager's side of SCCP connections, as a pure machine: one `struct callmanager` for the
 * node, one station per TCP connection inside it.
 *
 * Bytes in by connection number, bytes out by connection number, decisions through the registrar. A
 * RegisterAck or RegisterReject that depends on a commit leaves after its ticket completed.
 * KeepAlives are answered on every connection, registered or not. */
#ifndef DIALTONE_SCCP_STATION_H
#define DIALTONE_SCCP_STATION_H

#include "base/time.h"
#include "mischief/mischief.h"
#include "proto/sccp/sccp.h"
#include "reg/reg.h"

/* 18,000 phones at once, and the slots that are kept free so that the last of them are not taken
 * for strangers. */
#define CALLMANAGER_STATIONS_MAX 18100

struct callmanager;

/* A connection, with a generation so that a late event never reaches its successor. 0 = none. */
typedef uint64_t station_id;

enum station_state {
	STATION_CONNECTED,   /* nothing but alarms, tokens or keepalives yet: perhaps a standby */
	STATION_ADMITTING,   /* Register received, its commit pending */
	STATION_CONTESTING,  /* another connection bears the name and is asked whether it lives */
	STATION_REGISTERING, /* RegisterAck sent, templates and lines being asked */
	STATION_REGISTERED,  /* the clock was set */
	STATION_CLOSING,     /* refused, replaced or gone: draining */
};

struct station_info {
	station_id id;
	enum station_state state;
	char name[DEVICE_NAME_SIZE]; /* "" before Register */
	uint32_t type;
	uint8_t protocol_version; /* negotiated */
	struct endpoint peer;
	char load[33];
	dt_time since; /* entered this state */
};

enum station_event_kind {
	STATION_EVENT_MESSAGE_IN,  /* a decoded message arrived */
	STATION_EVENT_MESSAGE_OUT, /* a message left the machine's hands in this order */
	STATION_EVENT_REFUSED,     /* rival: who keeps the name (NAME_IN_USE) */
	STATION_EVENT_REGISTERED,  /* the clock was set */
	STATION_EVENT_GONE,   /* code: CcmDevUnregCauseCode; the name was registered until now */
	STATION_EVENT_BROKEN, /* stream is no SCCP any more */
};

struct station_event {
	enum station_event_kind kind;
	station_id id;
	struct endpoint peer;
	struct ip4 local;
	char name[DEVICE_NAME_SIZE];
	uint32_t code;
	union {                              /* each large, and a dozen events a registration */
		struct sccp_message message; /* MESSAGE_IN, MESSAGE_OUT */
		struct {
			struct reg_decision decision;
			struct endpoint rival;
		}; /* REFUSED */
	};
};

/* `reg` outlives it. NULL when out of memory. */
struct callmanager *callmanager_new(struct reg *reg);
void callmanager_free(struct callmanager *c);
/* How many connections at most; CALLMANAGER_STATIONS_MAX unless told. A process with fewer
 * descriptors must make room before they run out. */
void callmanager_set_capacity(struct callmanager *c, size_t stations);

/* A connection was accepted. 0 in *ret_id and E_FULL or E_NO_MEMORY when it must be closed at once.
 */
int callmanager_accept(struct callmanager *c, struct endpoint peer, struct ip4 local, dt_time now,
		       station_id *ret_id);
void callmanager_input(struct callmanager *c, station_id id, struct slice bytes, dt_time now,
		       int64_t unix_s);
/* The connection is gone (closed or reset by the phone, or failed). */
void callmanager_closed(struct callmanager *c, station_id id, dt_time now);
/* A commit of the registrar completed (call reg_commit_done first). */
void callmanager_commit_done(struct callmanager *c, uint64_t ticket, dt_time now, int64_t unix_s);
void callmanager_expire(struct callmanager *c, dt_time now);
dt_time callmanager_deadline(const struct callmanager *c);

/* Orders a registered phone to reset (1), restart (2) or apply its configuration (3). E_UNKNOWN
 * when no such phone is registered. */
int callmanager_reset(struct callmanager *c, const char *name, uint32_t type, dt_time now);

/* What to send: bytes on a connection, or its end. `bytes` is valid until the next call on c. */
struct station_output {
	station_id id;
	struct slice bytes;
	bool abort; /* drop the connection at once, then call callmanager_closed: its peer floods */
	bool close; /* after these bytes, close the connection (in order, FIN), then call
		       callmanager_closed */
};
bool callmanager_next_output(struct callmanager *c, struct station_output *ret_output);
bool callmanager_next_event(struct callmanager *c, struct station_event *ret_event);

/* What it does wrong on purpose from now on; NULL: nothing. */
void callmanager_set_mischief(struct callmanager *c, struct mischief *mischief);

/* The newest station of a device name (any case); false when none. */
bool callmanager_find(const struct callmanager *c, const char *name, struct station_info *ret_info);
/* Walks all stations: start with *at = 0. */
bool callmanager_next_station(const struct callmanager *c, size_t *at,
			      struct station_info *ret_info);
size_t callmanager_registered_count(const struct callmanager *c);

#endif
