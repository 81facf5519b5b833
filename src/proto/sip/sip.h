/* SIP messages (RFC 3261) as far as a registration's verdict needs them: first line and the headers
 * of sip_headers.def, over UDP and over TCP. Pure codec; slices point into the message.
 *
 * Generous: bare line feeds, folded lines, spaces before the colon, compact names in any case. What
 * cannot be a SIP message is told; everything else is decoded as far as it goes and its oddities
 * are noted. */
#ifndef DIALTONE_PROTO_SIP_SIP_H
#define DIALTONE_PROTO_SIP_SIP_H

#include "base/slice.h"
#include "proto/anomaly.h"

#define SIP_PORT        5060
#define SIP_TLS_PORT    5061
#define SIP_HEAD_MAX    16384u /* bytes up to the empty line that are looked at in a stream */
#define SIP_BODY_MAX    65536u
#define SIP_HEADERS_MAX 256

struct sip_message {
	bool is_request;
	struct slice method, uri; /* request */
	uint16_t status;          /* response */
	struct slice phrase;      /* its words */
	/* First value of each header, as sent: folds and all. ptr is NULL when absent. */
#define H(member, name, compact) struct slice member;
#include "proto/sip/sip_headers.def"
#undef H
	uint32_t cseq;
	struct slice cseq_method;
	bool has_expires;
	uint32_t expires_s; /* the Expires header; a Contact may have its own */
	bool has_length;
	uint32_t content_length;
	struct slice body;
};

/* One message that is all there: a datagram, or what sip_message_next cut out. 0; E_BAD_FORMAT when
 * the first line is not SIP's. A head without its empty line is decoded and noted. */
int sip_decode(struct slice bytes, struct sip_message *ret_message, struct anomalies *anomalies);
/* The next message at the start of a TCP stream, keep-alive line ends before it included: its whole
 * length; 0 when more bytes are needed; E_BAD_FORMAT when it cannot be SIP or is longer than the
 * limits. */
int sip_message_next(struct slice stream, struct slice *ret_message);
/* Could a stream or datagram that starts so be SIP? */
bool sip_is_start(struct slice bytes);

/* The address inside a From, To, Contact or URI: user, host (port 0 when none is given). false when
 * there is no sip: or sips: URI in it. */
bool sip_uri(struct slice header, struct slice *ret_user, struct slice *ret_host,
	     uint16_t *ret_port);
/* A parameter behind the address: "expires" of a Contact, "+sip.instance". Quotes taken off. Also
 * parameters of WWW-Authenticate ("stale"). false when absent. */
bool sip_parameter(struct slice header, const char *name, struct slice *ret_value);
/* Copies a header's value for people: folds and runs of blanks become one space. */
void sip_text(struct slice value, char *to, size_t size);
/* Does a header's value or method equal this word, whatever its case? */
bool sip_is(struct slice value, const char *word);

#endif
