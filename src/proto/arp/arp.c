/* ARP packets (RFC 826). */
#include "proto/arp/arp.h"

#include "base/error.h"
#include "base/reader.h"

#define HARDWARE_ETHERNET 1u
#define HARDWARE_IEEE802  6u
#define PROTOCOL_IPV4     0x0800u

static struct mac read_mac(struct reader *r)
{
	struct mac mac = {{0}};
	struct slice s = reader_bytes(r, 6);

	if (s.len == 6)
		memcpy(mac.b, s.ptr, 6);
	return mac;
}

int arp_decode(struct slice bytes, struct arp *ret_arp, struct anomalies *anomalies)
{
	struct reader r = reader_of(bytes);
	struct arp arp = {0};
	uint16_t hardware = reader_be16(&r);
	uint16_t protocol = reader_be16(&r);
	uint8_t hardware_len = reader_u8(&r);
	uint8_t protocol_len = reader_u8(&r);

	if (r.failed)
		return E_TRUNCATED;
	if ((hardware != HARDWARE_ETHERNET && hardware != HARDWARE_IEEE802) ||
	    protocol != PROTOCOL_IPV4 || hardware_len != 6 || protocol_len != 4)
		return E_UNKNOWN;
	arp.op = reader_be16(&r);
	arp.sender = read_mac(&r);
	arp.sender_ip = ip4_of(reader_be32(&r));
	arp.target = read_mac(&r);
	arp.target_ip = ip4_of(reader_be32(&r));
	if (r.failed)
		return E_TRUNCATED;
	if (arp.op != ARP_REQUEST && arp.op != ARP_REPLY)
		anomaly_add(anomalies, ANOMALY_VALUE, 6);
	*ret_arp = arp;
	return 0;
}

int arp_encode(const struct arp *arp, struct writer *to)
{
	struct writer w = *to;

	writer_be16(&w, HARDWARE_ETHERNET);
	writer_be16(&w, PROTOCOL_IPV4);
	writer_u8(&w, 6);
	writer_u8(&w, 4);
	writer_be16(&w, arp->op);
	writer_bytes(&w, slice_of(arp->sender.b, 6));
	writer_bytes(&w, slice_of(arp->sender_ip.b, 4));
	writer_bytes(&w, slice_of(arp->target.b, 6));
	writer_bytes(&w, slice_of(arp->target_ip.b, 4));
	if (w.failed)
		return E_FULL;
	*to = w;
	return 0;
}

bool arp_is_probe(const struct arp *arp)
{
	return arp->op == ARP_REQUEST && ip4_is_zero(arp->sender_ip) &&
	       !ip4_is_zero(arp->target_ip);
}

bool arp_is_announcement(const struct arp *arp)
{
	return !ip4_is_zero(arp->sender_ip) && ip4_equal(arp->sender_ip, arp->target_ip);
}
