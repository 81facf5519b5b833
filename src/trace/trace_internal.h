/* What the files of trace/ share. */
#ifndef DIALTONE_TRACE_TRACE_INTERNAL_H
#define DIALTONE_TRACE_TRACE_INTERNAL_H

#include "observe/table.h"
#include "proto/frame/frame.h"
#include "proto/pcap/pcap.h"
#include "trace/trace.h"

#define TRACE_STREAMS_MAX   40000
#define TRACE_FRAGMENTS_MAX 64
#define TRACE_HELD_MAX      16                  /* segments that came early, a direction */
#define TRACE_HELD_BYTES    ((size_t)64 * 1024) /* and their bytes */
#define TRACE_HELD_ALL      ((size_t)8 << 20)   /* and those of all streams */
#define TRACE_DATAGRAM_MAX  65535u
#define TRACE_SEEN_MAX      4096 /* packets remembered to know them again */

/* A segment that came before its turn. */
struct held_segment {
	uint32_t seq;
	size_t len;
	uint8_t *bytes;
	dt_time at;
	uint64_t number;
};

/* One direction of a TCP stream. */
struct stream {
	struct table_entry entry;
	struct flow flow;
	bool started; /* next_seq is known */
	bool gap;     /* bytes are missing before the next ones */
	uint32_t next_seq;
	size_t held_count, held_bytes;
	struct held_segment *held; /* room for TRACE_HELD_MAX while anything is held */
};

/* An IPv4 datagram in fragments. */
struct fragment_set {
	bool used;
	struct ip4 from, to;
	uint16_t vlan;
	uint16_t id;
	uint8_t protocol;
	uint32_t have, total; /* bytes; total 0 = the end has not come */
	dt_time at;           /* of the latest fragment */
	uint64_t number;
	uint8_t *bytes; /* and behind them a bit for each eight that are there */
};

struct seen_packet {
	uint64_t id;
	dt_time at;
};

struct trace {
	struct timeline *timeline;
	struct observer *observer;
	struct ladder *ladder; /* NULL: nobody wants the messages */
	struct table streams;  /* by a mix of both endpoints */
	size_t holding;        /* streams with early segments */
	size_t held_bytes;
	struct fragment_set fragments[TRACE_FRAGMENTS_MAX];
	struct seen_packet seen[TRACE_SEEN_MAX];
	struct timeline_scope scope;
	struct pcap_reader reader;
	bool is_capture; /* its header was seen */
	bool has_clock;
	dt_time first_unix;
	uint64_t frames;
	uint64_t again; /* frames that were the same packet once more */
	dt_time last;
	bool out_of_memory;
};

/* stream.c: a segment of a stream whose bytes are wanted. */
void trace_streams_init(struct trace *t);
void trace_segment(struct trace *t, const struct flow *flow, const struct frame_tcp *tcp,
		   dt_time at, uint64_t number);
/* The other side has everything before `ack`. */
void trace_acknowledged(struct trace *t, const struct flow *flow, uint32_t ack);
/* Nothing more comes: what was held for a gap is handed on. */
void trace_streams_end(struct trace *t);
/* fragment.c: joins; true when the whole datagram is there: *payload then points to it until the
 * next call. */
bool trace_fragment(struct trace *t, const struct frame_ip *ip, struct slice *payload, dt_time at,
		    uint64_t number);
void trace_fragments_end(struct trace *t);
void trace_fragments_free(struct trace *t);
/* duplicate.c: is this a packet that was seen a moment ago? */
bool trace_seen_before(struct trace *t, const struct frame_ip *ip, dt_time at);
bool trace_frame_seen_before(struct trace *t, const struct frame_head *head, dt_time at);

#endif
