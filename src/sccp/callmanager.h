/* The inside of the CallManager's side: what its files share. */
#ifndef DIALTONE_SCCP_CALLMANAGER_H
#define DIALTONE_SCCP_CALLMANAGER_H

#include "base/buf.h"
#include "base/map.h"
#include "sccp/station.h"

#define STATION_OUTPUT_MAX  ((size_t)64 * 1024)
#define STATION_EARLY_MAX   ((size_t)SCCP_FRAME_MAX)
#define STATION_EVENTS_MAX  65536
#define STATION_EVENTS_KEPT 64             /* items whose memory goes round */
#define REJECT_LINGER       DT_SECONDS(1)  /* after a RegisterReject the phone should close first */
#define UNREGISTERED_IDLE   DT_SECONDS(90) /* a connection that never said Register nor KeepAlive */
#define STANDBY_PERIODS     3 /* … that sends standby KeepAlives: so many of its periods */

/* CcmDevUnregCauseCode (CISCO-CCM-MIB). */
enum unregister_code {
	UNREGISTER_DEVICE = 8,
	UNREGISTER_RESET = 9,
	UNREGISTER_MALFORMED = 11,
	UNREGISTER_KEEPALIVE = 13,
	UNREGISTER_DUPLICATE = 16,
	UNREGISTER_CONNECTIVITY = 6,
};

#define SCCP_VERSION_SERVER  22            /* the newest that is negotiated; see versions.c */
#define SETTLED_AFTER        DT_SECONDS(5) /* without a question: a phone that asks for no clock */
#define PROBE_TIME           DT_SECONDS(3)
#define CLOCK_EVERY          DT_SECONDS(3600) /* some models keep time by DefineTimeDate alone */
#define REGISTERING_MAX      3000             /* at once, before tokens are refused */
#define TOKEN_WAIT_LEAST_S   10
#define TOKEN_WAIT_SPREAD_S  50
/* What a connection without a registered phone may say: a standby sends a KeepAlive in half a
 * minute, a phone that boots an alarm, a token and a Register. */
#define STRANGER_MESSAGES    64
#define STRANGER_TIME        DT_SECONDS(10)
#define UNIDENTIFIED_RESERVE 64 /* free slots below which the oldest stranger goes */

struct station {
	station_id id;
	enum station_state state;
	struct endpoint peer;
	struct ip4 local;
	dt_time since;
	dt_time heard;    /* the last byte */
	dt_time deadline; /* the earliest of the next three */
	dt_time silent_at, clock_at, dial_at;
	struct reg_claim claim; /* name "" before Register */
	uint64_t ticket;        /* ADMITTING */
	struct station *next_admitting;
	station_id rival; /* CONTESTING: whom it asks; of the one asked: who contests its name */
	uint8_t version;  /* negotiated; 0 before */
	bool keepalives;  /* it has sent one before any Register: a standby */
	bool soft_keys_shown;
	bool close;     /* after the output */
	bool abort;     /* instead of it */
	uint8_t spoken; /* messages before it is registered, since: */
	dt_time spoken_since;
	bool close_told;  /* the edge has been told */
	bool queued;      /* in the list of stations with output */
	bool stranger;    /* in the list of those nobody knows yet */
	bool utf8;        /* its texts are UTF-8; else ISO-8859-1 */
	struct buf input; /* an unfinished frame */
	struct buf early; /* frames said while its Register was being decided */
	struct buf output;
	struct dialling *dialling; /* off hook; NULL else */
	struct station *next_output;
	struct station *older, *newer; /* strangers, in the order they came */
};

/* An encoded frame that is the same for every phone of a version: the soft keys are a fifth of the
 * work of a registration when they are encoded anew for each. */
struct station_frame {
	uint8_t version;
	size_t len; /* 0 = none yet */
	uint8_t bytes[1024];
};

struct station_event_item {
	struct station_event event;
	struct station_event_item *next;
};

struct callmanager {
	struct reg *reg;
	struct station **slots; /* index = low half of station_id - 1 */
	uint32_t *generation;
	size_t slot_count, slot_size;
	size_t free_from;
	size_t count, registered;
	size_t capacity;
	struct map by_name; /* hash of the name to the newest station that claims it */
	struct station *output_first, *output_last;
	struct station *admitting; /* those that wait for a ticket */
	struct station *stranger_oldest, *stranger_newest;
	size_t registering;                          /* ADMITTING, CONTESTING and REGISTERING */
	struct station_frame keys_frame, sets_frame; /* the template, and the standard sets */
	uint32_t next_call;                          /* call references, never 0 */
	struct buf sending; /* what callmanager_next_output gave out last */
	struct station_event_item *event_first, *event_last;
	size_t event_count;
	struct station_event_item *event_free;
	size_t event_free_count;
	dt_time next_deadline;     /* never later than the earliest station deadline */
	struct mischief *mischief; /* NULL: none */
	int64_t unix_s;  /* wall clock of the event being handled, for DefineTimeDate … */
	dt_time unix_at; /* … and when it was told */
};

/* station.c */
void station_input(struct callmanager *c, struct station *s, struct slice bytes, dt_time now);
void station_admit_result(struct callmanager *c, struct station *s, dt_time now);
void station_expire(struct callmanager *c, struct station *s, dt_time now);
void station_send(struct callmanager *c, struct station *s, struct sccp_message *message);
/* The same with a frame kept from the last time, when it was for the same version. */
void station_send_same(struct callmanager *c, struct station *s, struct sccp_message *message,
		       struct station_frame *frame);
void station_set_state(struct callmanager *c, struct station *s, enum station_state state,
		       dt_time now);
/* The connection is to end after what is queued. `code` tells why when it was registered; 0 = no
 * event. */
void station_close(struct callmanager *c, struct station *s, uint32_t code, dt_time now);
/* The name is its own now: RegisterAck and what follows. */
void station_accept(struct callmanager *c, struct station *s, dt_time now);
void station_refuse(struct callmanager *c, struct station *s, const struct reg_decision *decision,
		    dt_time now);

/* duplicates.c: a name that another connection bears. */
void station_contest(struct callmanager *c, struct station *s, dt_time now);
/* The one that was asked says something, or is gone: the contest is decided. */
void station_proved_alive(struct callmanager *c, struct station *older, dt_time now);
void station_contest_over(struct callmanager *c, struct station *newer, dt_time now);

/* dialling.c: hook, keys and buttons of a registered phone; false when the message is none of them.
 * _expire when dial_at is reached; _forget frees. */
bool dialling_input(struct callmanager *c, struct station *s, const struct sccp_message *message,
		    dt_time now);
void dialling_expire(struct callmanager *c, struct station *s);
void dialling_forget(struct station *s);

/* versions.c */
#define VERSION_LONG_TEXTS 17 /* from here on texts go out in their variable-length forms */
uint8_t version_negotiate(uint8_t offered, uint32_t cap);

/* callmanager.c */
struct station *callmanager_station(const struct callmanager *c, station_id id);
/* Queues an event of this station and returns it, for the caller to add what its kind has; NULL
 * when too many wait or memory is short: events tell observers what happened, the phones go first.
 */
struct station_event *callmanager_event(struct callmanager *c, const struct station *s,
					enum station_event_kind kind);
void callmanager_wake(struct callmanager *c, struct station *s);
/* The earliest of the station's times counts from now on. */
void callmanager_deadline_update(struct callmanager *c, struct station *s);
struct station *callmanager_by_name(const struct callmanager *c, const char *name);
void callmanager_claim_name(struct callmanager *c, struct station *s);
void callmanager_release_name(struct callmanager *c, struct station *s);
/* It is known by name now. */
void callmanager_known(struct callmanager *c, struct station *s);

/* answers.c: the answer to one message of a registering or registered phone; false when the id is
 * none that is answered. */
bool station_answer(struct callmanager *c, struct station *s, const struct sccp_message *message,
		    dt_time now);
void station_send_time(struct callmanager *c, struct station *s);
void station_registered(struct callmanager *c, struct station *s, dt_time now);

#endif
