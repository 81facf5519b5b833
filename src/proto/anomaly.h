/* What a decoder noticed while it understood as much as it could. Broken boots are the product: a
 * message that is short, doubled or lying is decoded as far as it goes, and says so here. */
#ifndef DIALTONE_PROTO_ANOMALY_H
#define DIALTONE_PROTO_ANOMALY_H

#include <stdint.h>

#define ANOMALIES_MAX 8

enum anomaly_kind {
	ANOMALY_SHORT,        /* ends before its layout does */
	ANOMALY_LONG,         /* bytes after the end of its layout */
	ANOMALY_UNKNOWN_ID,   /* a message or option nobody has catalogued */
	ANOMALY_COUNT,        /* a count larger than the array or the bytes that follow */
	ANOMALY_UNTERMINATED, /* a text field without its NUL */
	ANOMALY_DUPLICATE,    /* an option given twice where once is meant */
	ANOMALY_LENGTH,       /* a length field that cannot be right */
	ANOMALY_VALUE,        /* a field outside its documented values */
	ANOMALY_VERSION,      /* a protocol version nobody speaks */
	ANOMALY_TEXT,         /* a text with control characters in it */
};

struct anomaly {
	enum anomaly_kind kind;
	uint32_t offset; /* bytes from the start of what was decoded */
};

struct anomalies {
	uint32_t count; /* how many there were; only the first ANOMALIES_MAX are kept */
	struct anomaly item[ANOMALIES_MAX];
};

/* `to` may be NULL when the caller does not care. */
static inline void anomaly_add(struct anomalies *to, enum anomaly_kind kind, uint32_t offset)
{
	if (to == NULL)
		return;
	if (to->count < ANOMALIES_MAX)
		to->item[to->count] = (struct anomaly){kind, offset};
	to->count++;
}

#endif
