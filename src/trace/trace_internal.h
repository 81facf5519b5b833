/* What the files of trace/ share. */
#ifndef DIALTONE_TRACE_TRACE_INTERNAL_H
#define DIALTONE_TRACE_TRACE_INTERNAL_H

#include "base/map.h"
#include "proto/frame/frame.h"
#include "proto/pcap/pcap.h"
#include "trace/trace.h"

#define TRACE_STREAMS_MAX   20000
#define TRACE_FRAGMENTS_MAX 64
#define TRACE_HELD_MAX      16                  /* segments that came early, a direction */
#define TRACE_HELD_BYTES    ((size_t)64 * 1024) /* and their bytes */
#define TRACE_DATAGRAM_MAX  65535u

/* A segment that came before its turn. */
struct held_segment {
	uint32_t seq;
	size_t len;
	uint8_t *bytes;
	dt_time at;
	uint64_t number;
};

/* One direction of a TCP stream of a CallManager. */
struct stream {
	struct flow flow;
	bool started; /* next_seq is known */
	bool broken;  /* not SCCP: given up */
	bool resync;  /* bytes are missing: look for a plausible header */
	uint32_t next_seq;
	size_t len;
	uint8_t bytes[SCCP_FRAME_MAX];
	size_t held_count, held_bytes;
	struct held_segment held[TRACE_HELD_MAX];
};

/* An IPv4 datagram in fragments. */
struct fragment_set {
	bool used;
	struct ip4 from, to;
	uint16_t id;
	uint8_t protocol;
	uint32_t have, total; /* bytes; total 0 = the end has not come */
	uint64_t age;
	uint8_t *bytes;
};

struct trace {
	struct timeline *timeline;
	struct observer *observer;
	struct map streams; /* by a mix of both endpoints */
	struct fragment_set fragments[TRACE_FRAGMENTS_MAX];
	uint64_t fragment_clock;
	struct timeline_scope scope;
	struct pcap_reader reader;
	dt_time first_unix;
	uint64_t frames;
	dt_time last;
	bool out_of_memory;
};

/* stream.c: a segment of a stream that may be SCCP. */
void trace_segment(struct trace *t, const struct flow *flow, const struct frame_tcp *tcp,
		   dt_time at, uint64_t number);
void trace_streams_free(struct trace *t);
/* fragment.c: joins; true when the whole datagram is there: *payload then points to it until the
 * next call. */
bool trace_fragment(struct trace *t, const struct frame_ip *ip, struct slice *payload);
void trace_fragments_free(struct trace *t);

#endif
