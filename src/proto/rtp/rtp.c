/* RTP heads (RFC 3550, 5.1). */
#include "proto/rtp/rtp.h"

#include "base/error.h"
#include "base/reader.h"

#define RTCP_FIRST 64 /* RTCP's packet types 192 to 223 as they look in this field */
#define RTCP_LAST  95

static void read_payload(struct reader *r, uint8_t first, struct rtp *rtp,
			 struct anomalies *anomalies)
{
	reader_skip(r, (size_t)(first & 15) * 4);
	if ((first & 0x10) != 0) {
		reader_skip(r, 2);
		reader_skip(r, (size_t)reader_be16(r) * 4);
	}
	size_t left = r->failed ? 0 : reader_left(r);
	size_t padding = 0;
	if ((first & 0x20) != 0 && left > 0)
		padding = r->ptr[r->len - 1];
	if (r->failed || padding > left) {
		anomaly_add(anomalies, ANOMALY_LENGTH, RTP_HEAD_SIZE);
		return;
	}
	rtp->payload = reader_bytes(r, left - padding);
}

int rtp_decode(struct slice bytes, struct rtp *ret_rtp, struct anomalies *anomalies)
{
	struct reader r = reader_of(bytes);
	struct rtp rtp = {0};
	uint8_t first = reader_u8(&r);
	uint8_t second = reader_u8(&r);

	rtp.sequence = reader_be16(&r);
	rtp.timestamp = reader_be32(&r);
	rtp.ssrc = reader_be32(&r);
	if (r.failed)
		return E_TRUNCATED;
	rtp.marker = (second & 0x80) != 0;
	rtp.payload_type = second & 0x7f;
	if (first >> 6 != 2 || (rtp.payload_type >= RTCP_FIRST && rtp.payload_type <= RTCP_LAST))
		return E_BAD_FORMAT;
	read_payload(&r, first, &rtp, anomalies);
	*ret_rtp = rtp;
	return 0;
}
