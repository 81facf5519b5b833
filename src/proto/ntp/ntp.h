/* NTP packets, versions 1 to 4 (RFC 5905), client and server mode: was time asked, was it given,
 * and which. Pure codec. */
#ifndef DIALTONE_PROTO_NTP_NTP_H
#define DIALTONE_PROTO_NTP_NTP_H

#include "base/slice.h"
#include "proto/anomaly.h"

#define NTP_PORT 123

enum ntp_mode {
	NTP_CLIENT = 3,
	NTP_SERVER = 4,
	NTP_BROADCAST = 5,
};

struct ntp {
	uint8_t leap;    /* 3: the clock is not synchronised */
	uint8_t version; /* 1 to 4 */
	uint8_t mode;    /* enum ntp_mode or another */
	uint8_t stratum; /* 0 = "kiss of death"; 16 and above: not synchronised */
	char kiss[5];    /* stratum 0 of a server: RATE, DENY …; else "" */
	int64_t unix_s;  /* transmit timestamp; 0 when it is empty */
};

/* 0; E_TRUNCATED below 48 bytes; E_BAD_FORMAT when version or mode is none. */
int ntp_decode(struct slice bytes, struct ntp *ret_ntp, struct anomalies *anomalies);
/* A server's answer that can be used to set a clock. */
bool ntp_is_time(const struct ntp *ntp);

#endif
