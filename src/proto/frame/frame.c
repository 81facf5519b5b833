#include "proto/frame/frame.h"

#include "base/error.h"
#include "base/reader.h"

#define ETHERTYPE_IPV4 0x0800u
#define ETHERTYPE_VLAN 0x8100u
#define ETHERTYPE_QINQ 0x88a8u
#define TAGS_MAX       3

static struct mac read_mac(struct reader *r)
{
	struct mac mac = {{0}};
	struct slice s = reader_bytes(r, 6);

	if (s.len == 6)
		memcpy(mac.b, s.ptr, 6);
	return mac;
}

/* An ethertype with its tags peeled off. */
static uint16_t read_ethertype(struct reader *r, struct frame_ip *ip)
{
	uint16_t type = reader_be16(r);

	for (int i = 0; i < TAGS_MAX && (type == ETHERTYPE_VLAN || type == ETHERTYPE_QINQ); i++) {
		ip->vlan = reader_be16(r) & 0x0fff;
		type = reader_be16(r);
	}
	return type;
}

/* Linux cooked v1: packet type, hardware type, address length, address in 8 bytes, protocol. */
static bool read_cooked(struct reader *r, struct frame_ip *ip)
{
	reader_skip(r, 4);
	uint16_t length = reader_be16(r);
	struct mac mac = read_mac(r);

	reader_skip(r, 2);
	if (length == 6)
		ip->source = mac;
	return read_ethertype(r, ip) == ETHERTYPE_IPV4;
}

/* Linux cooked v2: protocol first. */
static bool read_cooked2(struct reader *r, struct frame_ip *ip)
{
	uint16_t type = reader_be16(r);

	reader_skip(r, 9);
	uint8_t length = reader_u8(r);
	struct mac mac = read_mac(r);
	reader_skip(r, 2);
	if (length == 6)
		ip->source = mac;
	return type == ETHERTYPE_IPV4;
}

/* The link header; true when IPv4 follows. */
static bool read_link(uint32_t link, struct reader *r, struct frame_ip *ip)
{
	switch (link) {
	case FRAME_LINK_ETHERNET:
		ip->destination = read_mac(r);
		ip->source = read_mac(r);
		return read_ethertype(r, ip) == ETHERTYPE_IPV4;
	case FRAME_LINK_COOKED:
		return read_cooked(r, ip);
	case FRAME_LINK_COOKED2:
		return read_cooked2(r, ip);
	case FRAME_LINK_NULL:
	case FRAME_LINK_LOOP: {
		/* The address family, in the byte order of whoever captured: 2 is IPv4 on all of
		 * them. */
		uint32_t family = reader_be32(r);
		return family == 2 || family == 0x02000000;
	}
	case FRAME_LINK_RAW:
	case FRAME_LINK_IPV4:
		return true;
	default:
		return false;
	}
}

static int read_ip(struct reader *r, struct frame_ip *ip)
{
	uint8_t version_length = reader_u8(r);

	if (!r->failed && version_length >> 4 != 4)
		return E_UNKNOWN;
	size_t header = (size_t)(version_length & 15) * 4;
	reader_skip(r, 1);
	uint16_t total = reader_be16(r);
	ip->id = reader_be16(r);
	uint16_t fragment = reader_be16(r);
	ip->ttl = reader_u8(r);
	ip->protocol = reader_u8(r);
	reader_skip(r, 2);
	ip->from = ip4_of(reader_be32(r));
	ip->to = ip4_of(reader_be32(r));
	if (header < 20)
		return r->failed ? E_TRUNCATED : E_UNKNOWN;
	reader_skip(r, header - 20);
	if (r->failed)
		return E_TRUNCATED;
	ip->fragment_at = (uint16_t)((fragment & 0x1fff) * 8);
	ip->more_fragments = (fragment & 0x2000) != 0;
	/* A length of 0 is segmentation offload's; then everything up to the frame's end belongs to
	 * it. */
	size_t left = reader_left(r);
	size_t meant = total >= header ? total - header : left;
	ip->cut = meant > left;
	ip->payload = reader_bytes(r, meant < left ? meant : left);
	return 0;
}

int frame_decode(uint32_t link, struct slice bytes, struct frame_ip *ret_ip)
{
	struct reader r = reader_of(bytes);
	struct frame_ip ip = {0};

	if (!read_link(link, &r, &ip))
		return r.failed ? E_TRUNCATED : E_UNKNOWN;
	int error = read_ip(&r, &ip);
	if (error == 0)
		*ret_ip = ip;
	return error;
}

int frame_decode_tcp(struct slice bytes, struct frame_tcp *ret_tcp)
{
	struct reader r = reader_of(bytes);
	struct frame_tcp tcp = {0};

	tcp.from = reader_be16(&r);
	tcp.to = reader_be16(&r);
	tcp.seq = reader_be32(&r);
	tcp.ack = reader_be32(&r);
	size_t header = (size_t)(reader_u8(&r) >> 4) * 4;
	tcp.flags = reader_u8(&r);
	reader_skip(&r, 6);
	if (r.failed || header < 20)
		return E_TRUNCATED;
	reader_skip(&r, header - 20);
	if (r.failed)
		return E_TRUNCATED;
	tcp.payload = reader_bytes(&r, reader_left(&r));
	*ret_tcp = tcp;
	return 0;
}

int frame_decode_udp(struct slice bytes, struct frame_udp *ret_udp)
{
	struct reader r = reader_of(bytes);
	struct frame_udp udp = {0};

	udp.from = reader_be16(&r);
	udp.to = reader_be16(&r);
	uint16_t length = reader_be16(&r);
	reader_skip(&r, 2);
	if (r.failed)
		return E_TRUNCATED;
	size_t left = reader_left(&r);
	size_t meant = length >= 8 ? length - 8u : left;
	udp.cut = meant > left;
	udp.payload = reader_bytes(&r, meant < left ? meant : left);
	*ret_udp = udp;
	return 0;
}

int frame_decode_unreachable(struct slice bytes, struct frame_ip *ret_inner, uint16_t *ret_from,
			     uint16_t *ret_to)
{
	struct reader r = reader_of(bytes);
	struct frame_ip inner = {0};
	uint8_t type = reader_u8(&r);

	if (!r.failed && type != 3)
		return E_UNKNOWN;
	reader_skip(&r, 7);
	int error = read_ip(&r, &inner);
	if (error != 0)
		return error;
	struct reader ports = reader_of(inner.payload);
	*ret_from = reader_be16(&ports);
	*ret_to = reader_be16(&ports);
	if (ports.failed)
		return E_TRUNCATED;
	*ret_inner = inner;
	return 0;
}
