/* DNS messages (RFC 1035): the question, and the addresses of the answer. Pure codec. A phone's
 * boot asks for one name at a time; further questions, and records other than A, are passed over.
 */
#ifndef DIALTONE_PROTO_DNS_DNS_H
#define DIALTONE_PROTO_DNS_DNS_H

#include "base/addr.h"
#include "base/writer.h"
#include "proto/anomaly.h"

#define DNS_PORT          53
#define DNS_NAME_SIZE     256 /* 253 characters at most, and our NUL */
#define DNS_ADDRESSES_MAX 4
#define DNS_POINTERS_MAX  16 /* compression pointers followed in one name */

enum dns_type {
	DNS_A = 1,
	DNS_CNAME = 5,
	DNS_PTR = 12,
	DNS_AAAA = 28,
	DNS_SRV = 33,
};

enum dns_rcode {
	DNS_NO_ERROR = 0,
	DNS_FORMAT_ERROR = 1,
	DNS_SERVER_FAILURE = 2,
	DNS_NO_SUCH_NAME = 3,
	DNS_REFUSED = 5,
};

struct dns {
	uint16_t id;
	bool is_response;
	uint8_t opcode;
	uint8_t rcode; /* enum dns_rcode or another */
	bool truncated;
	uint16_t question_count, answer_count; /* as the header says */
	char name[DNS_NAME_SIZE];              /* of the first question, without the last dot */
	uint16_t type;                         /* enum dns_type or another */
	uint8_t address_count;
	struct ip4 address[DNS_ADDRESSES_MAX]; /* of A records, wherever CNAMEs led */
};

/* 0; E_TRUNCATED below the twelve bytes of the header; E_BAD_FORMAT when the question cannot be
 * read. Answers that cannot be followed are noted. */
int dns_decode(struct slice bytes, struct dns *ret_dns, struct anomalies *anomalies);
/* Appends a question, or with is_response the question and its addresses. 0; E_FULL; E_BAD_VALUE
 * for a name that is none. */
int dns_encode(const struct dns *dns, struct writer *to);
/* "no such name" …; never NULL. */
const char *dns_rcode_words(uint8_t rcode);

#endif
