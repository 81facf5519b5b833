/* The head of an RTP packet (RFC 3550, 5.1), and what tells it from other UDP. Pure codec. */
#ifndef DIALTONE_PROTO_RTP_RTP_H
#define DIALTONE_PROTO_RTP_RTP_H

#include "base/slice.h"
#include "proto/anomaly.h"

#define RTP_HEAD_SIZE 12

struct rtp {
	bool marker;
	uint8_t payload_type;
	uint16_t sequence;
	uint32_t timestamp, ssrc;
	struct slice payload; /* without contributing sources, extension and padding */
};

/* 0; E_TRUNCATED; E_BAD_FORMAT when it cannot be RTP: another version, or a payload type that means
 * RTCP on a shared port (RFC 5761, 4). One packet alone never proves RTP: two of one source in
 * sequence do. */
int rtp_decode(struct slice bytes, struct rtp *ret_rtp, struct anomalies *anomalies);

#endif
