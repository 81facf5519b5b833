/* NTP packets (RFC 5905, 7.3). */
#include "proto/ntp/ntp.h"

#include "base/error.h"
#include "base/reader.h"

#define EPOCH_1970 2208988800LL /* seconds from 1900, where NTP counts from */
#define ERA        4294967296LL /* its 32 bits wrap in February 2036 */

/* Seconds with the high bit clear lie in the next era: no packet is older than 1968. */
static int64_t to_unix(uint32_t seconds)
{
	if (seconds == 0)
		return 0;
	return (int64_t)seconds + ((seconds & 0x80000000u) != 0 ? 0 : ERA) - EPOCH_1970;
}

int ntp_decode(struct slice bytes, struct ntp *ret_ntp, struct anomalies *anomalies)
{
	struct reader r = reader_of(bytes);
	struct ntp ntp = {0};
	uint8_t first = reader_u8(&r);

	ntp.leap = first >> 6;
	ntp.version = first >> 3 & 7;
	ntp.mode = first & 7;
	ntp.stratum = reader_u8(&r);
	reader_skip(&r, 10);
	struct slice reference = reader_bytes(&r, 4);
	reader_skip(&r, 24);
	ntp.unix_s = to_unix(reader_be32(&r));
	reader_skip(&r, 4);
	if (r.failed)
		return E_TRUNCATED;
	if (ntp.version < 1 || ntp.version > 4 || ntp.mode == 0)
		return E_BAD_FORMAT;
	if (ntp.stratum == 0 && ntp.mode == NTP_SERVER) {
		for (size_t i = 0; i < 4 && reference.ptr[i] >= 'A' && reference.ptr[i] <= 'Z'; i++)
			ntp.kiss[i] = (char)reference.ptr[i];
	}
	if (ntp.stratum > 16)
		anomaly_add(anomalies, ANOMALY_VALUE, 1);
	*ret_ntp = ntp;
	return 0;
}

bool ntp_is_time(const struct ntp *ntp)
{
	return (ntp->mode == NTP_SERVER || ntp->mode == NTP_BROADCAST) && ntp->leap != 3 &&
	       ntp->stratum >= 1 && ntp->stratum <= 15 && ntp->unix_s != 0;
}
