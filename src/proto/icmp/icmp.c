/* ICMP messages (RFC 792). */
#include "proto/icmp/icmp.h"

#include "base/error.h"
#include "base/reader.h"

#define QUOTED_MIN 28 /* an IPv4 header and the first eight bytes behind it */

bool icmp_is_error(uint8_t type)
{
	return type == ICMP_UNREACHABLE || type == 4 || type == ICMP_REDIRECT ||
	       type == ICMP_TIME_EXCEEDED || type == 12;
}

int icmp_decode(struct slice bytes, struct icmp *ret_icmp, struct anomalies *anomalies)
{
	struct reader r = reader_of(bytes);
	struct icmp icmp = {0};

	icmp.type = reader_u8(&r);
	icmp.code = reader_u8(&r);
	reader_skip(&r, 2);
	uint16_t first = reader_be16(&r);
	uint16_t second = reader_be16(&r);
	if (r.failed)
		return E_TRUNCATED;
	if (icmp.type == ICMP_ECHO || icmp.type == ICMP_ECHO_REPLY) {
		icmp.id = first;
		icmp.sequence = second;
	}
	if (icmp.type == ICMP_UNREACHABLE && icmp.code == ICMP_FRAGMENTATION_NEEDED)
		icmp.mtu = second;
	if (icmp.type == ICMP_REDIRECT)
		icmp.gateway = ip4_of((uint32_t)first << 16 | second);
	if (icmp_is_error(icmp.type)) {
		if (reader_left(&r) < QUOTED_MIN)
			anomaly_add(anomalies, ANOMALY_SHORT, (uint32_t)bytes.len);
		icmp.quoted = reader_bytes(&r, reader_left(&r));
	}
	*ret_icmp = icmp;
	return 0;
}

static const char *unreachable_words(uint8_t code)
{
	static const char *const words[] = {
	    "network unreachable",
	    "host unreachable",
	    "protocol unreachable",
	    "port unreachable",
	    "fragmentation needed",
	    "source route failed",
	    "network unknown",
	    "host unknown",
	    "source host isolated",
	    "network administratively prohibited",
	    "host administratively prohibited",
	    "network unreachable for this service",
	    "host unreachable for this service",
	    "administratively filtered",
	};

	return code < sizeof words / sizeof *words ? words[code] : "unreachable";
}

const char *icmp_words(uint8_t type, uint8_t code)
{
	switch (type) {
	case ICMP_ECHO_REPLY:
		return "echo reply";
	case ICMP_UNREACHABLE:
		return unreachable_words(code);
	case ICMP_REDIRECT:
		return "redirect";
	case ICMP_ECHO:
		return "echo request";
	case ICMP_TIME_EXCEEDED:
		return code == 0 ? "time to live exceeded" : "reassembly time exceeded";
	default:
		return "other ICMP";
	}
}
