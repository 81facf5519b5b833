/* From captured frames to observers: capture files (pcap, pcapng) and single frames of a live
 * interface.
 *
 * Ethernet, 802.1Q, Linux cooked v1/v2, raw IP; IPv4 fragments joined; TCP streams of CallManagers
 * and file servers put in order; a packet seen twice counts once; memory bounded whatever the file
 * claims. A damaged or truncated file is read as far as it goes, and says so. */
#ifndef DIALTONE_TRACE_TRACE_H
#define DIALTONE_TRACE_TRACE_H

#include "boot/timeline.h"
#include "observe/observer.h"
#include "trace/ladder.h"

struct trace;

/* Frames go through observers into `timeline`, which outlives the trace. NULL when out of memory.
 */
struct trace *trace_new(struct timeline *timeline, enum vantage vantage);
void trace_free(struct trace *t);

/* One frame of link type `link` (pcap's LINKTYPE_ numbers), cut to the bytes given. */
void trace_frame(struct trace *t, uint32_t link, struct slice frame, dt_time at, uint64_t number);

/* From now on every message goes into `ladder` as well, which outlives the trace. 0 or E_NO_MEMORY.
 */
int trace_set_ladder(struct trace *t, struct ladder *ladder);

/* What the wall clock said at time 0, in microseconds since 1970: of a capture file its first frame
 * tells it. */
void trace_set_clock(struct trace *t, dt_time unix_us);

/* The pure half of reading a file: takes whole records from the start of `bytes` and returns how
 * many bytes are done with; the rest wants to be seen again with more behind it. *ret_bad: no
 * capture, or damaged beyond following. Frames are numbered from 1, times count from the first
 * frame. */
size_t trace_bytes(struct trace *t, struct slice bytes, bool *ret_bad);
/* After the last byte: tells the timeline what this capture could have seen. */
void trace_end(struct trace *t, bool truncated);
/* Has a capture's header been seen? */
bool trace_is_capture(const struct trace *t);
uint64_t trace_frame_count(const struct trace *t);
/* How many of them were a packet seen a moment before, mirrored or routed, and counted for nothing.
 */
uint64_t trace_frames_again(const struct trace *t);
dt_time trace_last(const struct trace *t);

struct trace_result {
	uint64_t frames;
	dt_time first, last; /* from the first frame on: first is 0 */
	bool truncated;      /* the file ends inside a record, or is damaged */
	char complaint[96];  /* "" or what is wrong, for a person */
};

/* Who wants to know how many bytes have been read so far. */
struct trace_progress {
	void (*tell)(void *context, uint64_t bytes);
	void *context;
};

/* Reads a whole capture from an open descriptor (a file or a pipe), to its end, and sets the
 * timeline's scope. `progress` may be NULL. 0; E_BAD_FORMAT when it is no capture: the complaint
 * says what it is instead; E_SYSTEM with errno. A damaged tail is success with `truncated`. */
int trace_read(struct trace *t, int fd, const struct trace_progress *progress,
	       struct trace_result *ret_result);

#endif
