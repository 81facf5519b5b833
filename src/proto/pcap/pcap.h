/* Capture files: classic pcap (both byte orders, micro- and nanoseconds) and pcapng (several
 * sections and interfaces, each with its link type and time resolution). A pull reader over bytes
 * the caller has: no allocation, no file.
 *
 * libpcap is not used: it refuses pcapng files whose interfaces differ in link type. */
#ifndef DIALTONE_PROTO_PCAP_PCAP_H
#define DIALTONE_PROTO_PCAP_PCAP_H

#include "base/slice.h"
#include "base/time.h"
#include "base/writer.h"

#define PCAP_INTERFACES_MAX 64
#define PCAP_RECORD_MAX     ((size_t)512 * 1024) /* larger ones are damage, not packets */

struct pcap_interface {
	uint32_t link;
	uint8_t resolution; /* if_tsresol: power of ten, or of two with the high bit; 6 =
			       microseconds */
	int64_t offset_s;
	uint32_t snaplen;
};

struct pcap_reader {
	enum {
		PCAP_START,
		PCAP_CLASSIC,
		PCAP_NG,
		PCAP_DAMAGED,
	} state;
	bool swapped;
	bool nanoseconds;
	uint32_t link; /* classic */
	uint32_t interface_count;
	struct pcap_interface interface[PCAP_INTERFACES_MAX];
	size_t skip; /* bytes of an uninteresting block still to come */
};

struct pcap_record {
	uint32_t link;
	bool timed;      /* false: a simple packet block, which has no time */
	dt_time unix_us; /* microseconds since 1970 */
	struct slice frame;
	uint32_t length; /* of the original packet */
};

struct pcap_reader pcap_reader_of(void);

enum pcap_step {
	PCAP_STEP_RECORD, /* ret_record is filled */
	PCAP_STEP_SKIP,   /* something that is no packet was used up */
	PCAP_STEP_MORE,   /* more bytes are needed to go on */
	PCAP_STEP_BAD,    /* no capture (at the start), or damaged beyond following */
};

/* Looks at the start of `bytes`; *ret_used of them are done with. A record's frame points into
 * them. */
enum pcap_step pcap_read(struct pcap_reader *p, struct slice bytes, size_t *ret_used,
			 struct pcap_record *ret_record);

#define PCAP_HEADER_SIZE 24
#define PCAP_RECORD_SIZE 16
/* A classic file in microseconds: its header, of one link type, and before each frame its record's
 * header. */
void pcap_write_header(struct writer *to, uint32_t link);
void pcap_write_record(struct writer *to, dt_time unix_us, size_t frame_len);

#endif
