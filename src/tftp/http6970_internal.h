/* Inside the HTTP server: a connection, and what its two files ask of each other. */
#ifndef DIALTONE_TFTP_HTTP6970_INTERNAL_H
#define DIALTONE_TFTP_HTTP6970_INTERNAL_H

#include "base/map.h"
#include "tftp/http6970.h"

#define HTTP6970_ANSWER_MAX 512

enum http6970_state {
	HTTP6970_WAITING, /* for a head */
	HTTP6970_SENDING,
	HTTP6970_CLOSING, /* what there is to say is being said */
};
#define HTTP6970_QUEUES 2 /* who waits, and who sends: each in the order of its deadlines */

struct http6970_source {
	struct ip4 ip;
	unsigned connections;
};

struct http6970_connection {
	http6970_id id;
	struct endpoint peer;
	struct ip4 local;
	struct http6970_source *source;
	enum http6970_state state;
	struct buf input; /* holds no memory while nothing waits */
	/* The answer. */
	unsigned status; /* its head has not left yet; 0 = it has */
	bool no_body;    /* to HEAD, or without one */
	bool close;      /* after the answer */
	struct file *file;
	uint64_t sent; /* of the file */
	char name[FILE_NAME_SIZE];
	dt_time deadline;
	unsigned queue;
	struct http6970_connection *newer, *older;
};

struct http6970 {
	struct files *files;
	struct mischief *mischief; /* NULL: none */
	struct map connections;    /* by id */
	struct map sources;        /* by address */
	struct {
		struct http6970_connection *oldest, *newest;
	} queue[HTTP6970_QUEUES];
	http6970_id last_id;
	struct http6970_event event[HTTP6970_EVENTS_MAX];
	unsigned first_event, event_count;
	struct http6970_counters counters;
	uint8_t scratch[HTTP6970_OUTPUT_MAX + HTTP6970_ANSWER_MAX];
};

/* http6970.c: into the queue of that state; and what the timeline is to know. */
void http6970_enter(struct http6970 *h, struct http6970_connection *c, enum http6970_state state,
		    dt_time now);
void http6970_tell(struct http6970 *h, const struct http6970_connection *c,
		   enum http6970_event_kind kind, uint64_t number);

/* http6970_heads.c. Looks for a head at the front of `bytes` and begins its answer. Bytes used. */
size_t http6970_read_head(struct http6970 *h, struct http6970_connection *c, struct slice bytes,
			  dt_time now);
/* What is no request of ours ends the connection: where the next one begins nobody knows. */
void http6970_refuse(struct http6970 *h, struct http6970_connection *c, unsigned status,
		     dt_time now);
/* The head of the answer into the scratch. Its length. */
size_t http6970_put_head(struct http6970 *h, struct http6970_connection *c);

#endif
