/* From captured frames to observers: capture files (pcap, pcapng) and single frames of a live
 * interface.
 *
 * Ethernet, 802.1Q, Linux cooked v1/v2, raw IP; IPv4 fragments joined; TCP streams of the
 * CallManager ports put in order; memory bounded whatever the file claims. A damaged or truncated
 * file is read as far as it goes, and says so. */
#ifndef DIALTONE_TRACE_TRACE_H
#define DIALTONE_TRACE_TRACE_H

#include "boot/timeline.h"
#include "observe/observer.h"

struct trace;

/* Frames go through observers into `timeline`, which outlives the trace. NULL when out of memory.
 */
struct trace *trace_new(struct timeline *timeline, enum vantage vantage);
void trace_free(struct trace *t);

/* One frame of link type `link` (pcap's LINKTYPE_ numbers), cut to the bytes given. */
void trace_frame(struct trace *t, uint32_t link, struct slice frame, dt_time at, uint64_t number);

struct trace_result {
	uint64_t frames;
	dt_time first, last; /* from the first frame on: first is 0 */
	bool truncated;      /* the file ends inside a record, or is damaged */
	char complaint[96];  /* "" or what is wrong, for a person */
};

/* Reads a whole capture from an open descriptor (a file or a pipe), to its end, and sets the
 * timeline's scope. 0; E_BAD_FORMAT when it is no capture; E_SYSTEM with errno. A damaged tail is
 * success with `truncated`. */
int trace_read(struct trace *t, int fd, struct trace_result *ret_result);

#endif
