/* The same files by HTTP, as phones from 8.x and 9.x on ask them on port 6970 before TFTP: GET and
 * HEAD, nothing else. A pure machine over proto/http: bytes of connections in, bytes out. One
 * request after another (RFC 9112): the next one is looked at when the answer before it has left.
 *
 *   WAITING --head--> SENDING --all sent--> WAITING, or CLOSING
 *      \--time, a head that is none (400, 405, 414, 431, 505)--> CLOSING
 */
#ifndef DIALTONE_TFTP_HTTP6970_H
#define DIALTONE_TFTP_HTTP6970_H

#include "base/addr.h"
#include "base/time.h"
#include "mischief/mischief.h"
#include "proto/http/http_head.h"
#include "tftp/files.h"

#define HTTP6970_PORT            6970
#define HTTP6970_CONNECTIONS_MAX 12288
#define HTTP6970_SOURCE_MAX      64 /* of one address, once half of all are taken */
#define HTTP6970_INPUT_MAX       ((size_t)2 * HTTP_HEAD_MAX) /* kept of requests that wait their turn */
#define HTTP6970_OUTPUT_MAX      ((size_t)64 * 1024)         /* in one piece */
#define HTTP6970_WAIT            DT_SECONDS(10)              /* for a whole head, from the start */
#define HTTP6970_STALL           DT_SECONDS(30) /* without taking a byte of an answer */
#define HTTP6970_EVENTS_MAX      256

struct http6970;
typedef uint64_t http6970_id; /* 0 = none */

enum http6970_event_kind {
	HTTP6970_ASKED,     /* a request for a file: name */
	HTTP6970_REFUSED,   /* number: the status; also for heads that name no file */
	HTTP6970_STARTED,   /* number: the file's bytes */
	HTTP6970_DELIVERED, /* number: the file's bytes; all of them were taken */
	HTTP6970_ABANDONED, /* the phone closed in the middle; number: bytes so far */
};

/* What happened, for the timeline. */
struct http6970_event {
	enum http6970_event_kind kind;
	struct endpoint peer;
	struct ip4 local;
	uint64_t number;
	char name[FILE_NAME_SIZE];
};

struct http6970_counters {
	uint64_t requests, not_found, delivered, refused, busy;
};

/* `files` outlives it. NULL when out of memory. */
struct http6970 *http6970_new(struct files *files);
void http6970_free(struct http6970 *h);
void http6970_set_mischief(struct http6970 *h, struct mischief *mischief);

/* A connection has come. 0; E_FULL or E_NO_MEMORY: send it http6970_busy() and close it. */
int http6970_accept(struct http6970 *h, struct endpoint peer, struct ip4 local, dt_time now,
		    http6970_id *ret_id);
struct slice http6970_busy(void);
void http6970_input(struct http6970 *h, http6970_id id, struct slice bytes, dt_time now);
/* The peer closed, or the network failed: the id is gone. */
void http6970_closed(struct http6970 *h, http6970_id id);

/* The next bytes for this connection, valid until the next call; false when there are none now. Ask
 * again when the last ones have been taken by the network. `ret_close`: it is to be closed after
 * them; the id is gone then. */
bool http6970_output(struct http6970 *h, http6970_id id, dt_time now, struct slice *ret_bytes,
		     bool *ret_close);

/* Time is up for a connection: drop it; its id is gone. 0 when there is none. */
http6970_id http6970_expired(struct http6970 *h, dt_time now);
dt_time http6970_deadline(const struct http6970 *h);

/* Oldest first; the oldest are lost beyond HTTP6970_EVENTS_MAX. */
bool http6970_next_event(struct http6970 *h, struct http6970_event *ret_event);
size_t http6970_connection_count(const struct http6970 *h);
void http6970_count(const struct http6970 *h, struct http6970_counters *ret_counters);

#endif
