/* Every field of a message, one after the other, with its name: for people, for JSON, for messages
 * that have no place in struct sccp_message. And the same as one line of text. */
#ifndef DIALTONE_PROTO_SCCP_SCCP_FIELDS_H
#define DIALTONE_PROTO_SCCP_SCCP_FIELDS_H

#include "base/buf.h"
#include "base/reader.h"
#include "proto/sccp/sccp.h"
#include "proto/sccp/sccp_words.h"

#define SCCP_FIELDS_REGISTERS 4
#define SCCP_FIELDS_NESTING   4

enum sccp_value_kind {
	SCCP_VALUE_NUMBER,
	SCCP_VALUE_TEXT,
	SCCP_VALUE_BYTES,
	SCCP_VALUE_ADDRESS,
	SCCP_VALUE_OPEN,    /* a list or group begins: its name */
	SCCP_VALUE_ELEMENT, /* its next element begins */
	SCCP_VALUE_CLOSE,
};

struct sccp_value {
	const char *name;
	enum sccp_value_kind kind;
	enum sccp_words words; /* NUMBER: which names it may have; BYTES: SCCP_WORDS_HEX, or
				* SCCP_WORDS_NUMBER for a list of small numbers */
	uint32_t number;
	struct slice bytes; /* TEXT and BYTES, in the message's raw bytes */
	struct sccp_address address;
	bool slot; /* one of a fixed number of slots, which may be empty */
};

/* A walk in progress; its members are nobody else's business. Valid as long as the message's raw
 * bytes are. */
struct sccp_fields {
	struct reader r;
	uint32_t number[SCCP_FIELDS_REGISTERS];
	unsigned depth;
	struct {
		const struct sccp_field *first, *next;
		const char *name;
		uint32_t index, count;
		size_t resume; /* where the body goes on behind it; 0: where it ended */
		bool slots;
	} level[SCCP_FIELDS_NESTING + 1];
};

/* Begins with the first field of a received message under the negotiated version `version`, 0 when
 * not known. A message without a body this codec knows has no fields. */
void sccp_fields_begin(struct sccp_fields *f, const struct sccp_message *message, uint8_t version);
/* False at the end, also where a short body ends. Hidden fields (keys, padding, stale memory) are
 * left out. */
bool sccp_fields_next(struct sccp_fields *f, struct sccp_value *ret_value);

enum sccp_detail {
	SCCP_BRIEF, /* without zeros, empty texts and empty slots; a number as its name alone */
	SCCP_FULL,  /* everything; a named number as Name(9) */
};

/* Appends `field=value field=value`, on one line and with nothing in it that acts on a terminal.
 * Label codes appear as the words the phone shows. A message that was not received (raw is empty)
 * is shown as it would be sent. Nothing for an empty body; body=<hex> for one this codec does not
 * know. */
void sccp_format(struct buf *to, const struct sccp_message *message, uint8_t version,
		 enum sccp_detail detail);
/* Appends a text as sccp_format does, label codes and all, without quotes. */
void sccp_format_text(struct buf *to, struct slice text);

#endif
