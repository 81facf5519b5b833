/* A server that misbehaves on purpose, for teaching and tests: what the healthy machines have made
 * is altered or held back on its last step, so that they need not know of it. Facts are made from
 * what really leaves, so the running server explains its own mischief. Pure.
 *
 * An order is NAME[=VALUE][@SEP…]: mischief.def has the names; with a device it is limited to that
 * phone. Every function takes NULL for a server that behaves. */
#ifndef DIALTONE_MISCHIEF_MISCHIEF_H
#define DIALTONE_MISCHIEF_MISCHIEF_H

#include "base/addr.h"
#include "base/slice.h"
#include "proto/sccp/sccp.h"

#define MISCHIEF_ORDERS_MAX 8
#define MISCHIEF_VALUE_MAX  96

enum mischief_kind {
#define M(name, value, text, sentence) MISCHIEF_##name,
#include "mischief/mischief.def"
#undef M
	MISCHIEF_COUNT
};

struct mischief;

/* NULL when out of memory. */
struct mischief *mischief_new(void);
void mischief_free(struct mischief *m); /* NULL is allowed */
/* Adds an order. 0; E_FULL; E_UNKNOWN name; E_BAD_VALUE when its value is missing or not its
 * kind. */
int mischief_add(struct mischief *m, const char *order);
bool mischief_has(const struct mischief *m, enum mischief_kind kind);

/* One name with what its value is ("" none, "N", "ADDRESS", "TEXT"), for --help; false at the
 * end. */
bool mischief_describe(size_t index, const char **ret_name, const char **ret_value,
		       const char **ret_sentence);

/* A datagram about to leave. */
struct mischief_datagram {
	struct endpoint to;
	struct ip4 local; /* source address */
	uint8_t *bytes;   /* `len` of `size` */
	size_t len, size;
};

/* A DHCP reply. False: it does not leave. */
bool mischief_dhcp(struct mischief *m, struct mischief_datagram *d);
/* A TFTP request that came in: whose it is and what it asks. */
void mischief_tftp_heard(struct mischief *m, struct endpoint from, struct slice request);
/* A TFTP packet. False: it does not leave. */
bool mischief_tftp(struct mischief *m, struct mischief_datagram *d);

enum mischief_deed {
	MISCHIEF_SEND,
	MISCHIEF_HOLD,           /* it does not leave */
	MISCHIEF_SEND_AND_CLOSE, /* and the connection ends after it */
	MISCHIEF_CLOSE,          /* the connection ends instead */
};

/* An SCCP message of ours to this device ("" before it has registered); may be altered. */
enum mischief_deed mischief_sccp(struct mischief *m, const char *device,
				 struct sccp_message *message);
/* HTTP 6970: the status to answer a request for this file with, whatever is there; 0: as it is. */
unsigned mischief_http(struct mischief *m, const char *file);

#endif
