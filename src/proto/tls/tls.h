/* The cleartext part of TLS (SSL 3.0 to TLS 1.3; RFC 5246, RFC 8446): records, ClientHello,
 * ServerHello, the first certificate, alerts. As much as tells why a phone and a server did not
 * come to terms; nothing is decrypted. Pure codec; slices point into the stream. */
#ifndef DIALTONE_PROTO_TLS_TLS_H
#define DIALTONE_PROTO_TLS_TLS_H

#include "base/slice.h"
#include "proto/anomaly.h"

#define TLS_RECORD_HEAD 5
#define TLS_RECORD_MAX  (16384 + 2048) /* RFC 5246 6.2.3 */
#define TLS_NAME_SIZE   64
#define TLS_SERIAL_SIZE 41 /* 20 bytes (RFC 5280 4.1.2.2) and our NUL */

enum tls_record_type {
	TLS_CHANGE_CIPHER_SPEC = 20,
	TLS_ALERT = 21,
	TLS_HANDSHAKE = 22,
	TLS_DATA = 23,
};

enum tls_handshake_type {
	TLS_CLIENT_HELLO = 1,
	TLS_SERVER_HELLO = 2,
	TLS_CERTIFICATE = 11,
	TLS_CERTIFICATE_REQUEST = 13,
	TLS_SERVER_HELLO_DONE = 14,
	TLS_CLIENT_KEY_EXCHANGE = 16,
	TLS_FINISHED = 20,
};

/* tls_alerts.def rows: A(code, NAME, "name"). */
enum tls_alert_description {
#define A(code, name, text) TLS_ALERT_##name = (code),
#include "proto/tls/tls_alerts.def"
#undef A
};

struct tls_record {
	uint8_t type;
	uint16_t version;
	struct slice fragment;
};

struct tls_handshake {
	uint8_t type;
	struct slice body; /* as much of it as is there */
	bool whole;
};

struct tls_hello {
	uint16_t version;     /* the highest that is offered, or the one chosen */
	uint32_t random_time; /* first four bytes of the random: old stacks put their clock there */
	uint16_t cipher_count;           /* client */
	uint16_t cipher;                 /* client: the first offered; server: chosen */
	bool resumes;                    /* a session id or ticket is offered */
	char server_name[TLS_NAME_SIZE]; /* client: the name it asks for; "" */
};

struct tls_alert {
	bool fatal;
	uint8_t description; /* enum tls_alert_description or another */
};

/* The validity and subject of an X.509 certificate, in clear up to TLS 1.2. */
struct tls_certificate {
	int64_t not_before, not_after; /* Unix seconds; 0 when unreadable */
	char subject[TLS_NAME_SIZE];   /* common name; "" when there is none */
	char issuer[TLS_NAME_SIZE];    /* likewise */
	char serial[TLS_SERIAL_SIZE];  /* hex, without leading zeros */
};

/* Does a stream that starts so look like TLS? Needs at least three bytes to say yes. */
bool tls_is_start(struct slice stream);
/* The next record at the start of a stream: its whole length; 0 when more bytes are needed;
 * E_BAD_FORMAT when it is no record. */
int tls_record_next(struct slice stream, struct tls_record *ret_record);
/* The first handshake message of a fragment: 0 or E_TRUNCATED. `whole` is false when it goes on in
 * the next record. */
int tls_handshake_decode(struct slice fragment, struct tls_handshake *ret_handshake);
/* A ClientHello or ServerHello's body: 0 or E_TRUNCATED. */
int tls_hello_decode(uint8_t type, struct slice body, struct tls_hello *ret_hello,
		     struct anomalies *anomalies);
/* The first certificate of a Certificate message up to TLS 1.2: 0, E_TRUNCATED when it is not all
 * there, E_BAD_FORMAT. */
int tls_certificate_decode(struct slice body, struct tls_certificate *ret_certificate);
/* An alert that is not encrypted: exactly two bytes. 0 or E_BAD_FORMAT. */
int tls_alert_decode(struct slice fragment, struct tls_alert *ret_alert);

const char *tls_alert_name(uint8_t description); /* "certificate_expired"; "alert" when unknown */
const char *tls_version_name(uint16_t version);  /* "TLS 1.2"; "TLS" when unknown */

#endif
