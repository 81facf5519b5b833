#include "proto/frame/frame.h"

#include "base/error.h"
#include "base/reader.h"

#define ETHERTYPE_VLAN     0x8100u
#define ETHERTYPE_QINQ     0x88a8u
#define ETHERTYPE_QINQ_OLD 0x9100u
#define ETHERTYPE_MIN      0x0600u /* below it the field is 802.3's length */
#define COOKED_LLC         4u      /* Linux's "protocol" of a frame that starts with 802.2 LLC */
#define SAP_SNAP           0xaau
#define OUI_ENCAPSULATED   0x000000u
#define OUI_BRIDGE_TUNNEL  0x0000f8u
#define TAGS_MAX           3
#define GRE_VERSION        0x0007u
#define GRE_CHECKSUM       0x8000u
#define GRE_KEY            0x2000u
#define GRE_SEQUENCE       0x1000u
#define GRE_ETHERNET       0x6558u
#define ERSPAN_II          0x88beu /* and type I */
#define ERSPAN_III         0x22ebu
#define IP_FIRST           0x4500u /* version 4, no options, no service asked for */
#define IP_HEAD            20u
#define UDP_HEAD           8u
#define UDP_PAYLOAD_MAX    (UINT16_MAX - IP_HEAD - UDP_HEAD)

static struct mac read_mac(struct reader *r)
{
	struct mac mac = {{0}};
	struct slice s = reader_bytes(r, 6);

	if (s.len == 6)
		memcpy(mac.b, s.ptr, 6);
	return mac;
}

/* 802.2 LLC, and SNAP behind it. Anything without SNAP has no type that concerns us. */
static void read_llc(struct reader *r, struct frame_head *head)
{
	uint8_t dsap = reader_u8(r);
	uint8_t ssap = reader_u8(r);

	reader_skip(r, 1);
	if (dsap != SAP_SNAP || ssap != SAP_SNAP)
		return;
	uint32_t oui = (uint32_t)reader_u8(r) << 16;
	oui |= reader_be16(r);
	head->type = reader_be16(r);
	if (oui != OUI_ENCAPSULATED && oui != OUI_BRIDGE_TUNNEL)
		head->oui = oui;
}

/* An ethertype with its tags peeled off, or 802.3's length and the LLC header it announces. Bytes
 * beyond that length are the padding of a short frame. */
static void read_type(struct reader *r, struct frame_head *head)
{
	uint16_t type = reader_be16(r);

	for (int i = 0; i < TAGS_MAX && (type == ETHERTYPE_VLAN || type == ETHERTYPE_QINQ ||
					 type == ETHERTYPE_QINQ_OLD);
	     i++) {
		head->tagged = true;
		head->vlan = reader_be16(r) & 0x0fff;
		type = reader_be16(r);
	}
	if (type >= ETHERTYPE_MIN) {
		head->type = type;
		return;
	}
	if (reader_left(r) > type)
		r->len = r->pos + type;
	read_llc(r, head);
}

static void read_cooked_type(struct reader *r, uint16_t protocol, struct frame_head *head)
{
	if (protocol == COOKED_LLC) {
		read_llc(r, head);
	} else if (protocol == ETHERTYPE_VLAN || protocol == ETHERTYPE_QINQ) {
		head->tagged = true;
		head->vlan = reader_be16(r) & 0x0fff;
		read_type(r, head);
	} else if (protocol >= ETHERTYPE_MIN) {
		head->type = protocol;
	}
}

/* Linux cooked v1: packet type, hardware type, address length, address in 8 bytes, protocol. */
static void read_cooked(struct reader *r, struct frame_head *head)
{
	reader_skip(r, 4);
	uint16_t length = reader_be16(r);
	struct mac mac = read_mac(r);

	reader_skip(r, 2);
	if (length == 6)
		head->source = mac;
	read_cooked_type(r, reader_be16(r), head);
}

/* Linux cooked v2: protocol first. */
static void read_cooked2(struct reader *r, struct frame_head *head)
{
	uint16_t protocol = reader_be16(r);

	reader_skip(r, 9);
	uint8_t length = reader_u8(r);
	struct mac mac = read_mac(r);
	reader_skip(r, 2);
	if (length == 6)
		head->source = mac;
	read_cooked_type(r, protocol, head);
}

int frame_decode_head(uint32_t link, struct slice bytes, struct frame_head *ret_head)
{
	struct reader r = reader_of(bytes);
	struct frame_head head = {0};

	switch (link) {
	case FRAME_LINK_ETHERNET:
		head.destination = read_mac(&r);
		head.source = read_mac(&r);
		read_type(&r, &head);
		break;
	case FRAME_LINK_COOKED:
		read_cooked(&r, &head);
		break;
	case FRAME_LINK_COOKED2:
		read_cooked2(&r, &head);
		break;
	case FRAME_LINK_NULL:
	case FRAME_LINK_LOOP: {
		/* The address family, in the byte order of whoever captured: 2 is IPv4 on all of
		 * them. */
		uint32_t family = reader_be32(&r);
		if (family == 2 || family == 0x02000000)
			head.type = FRAME_TYPE_IPV4;
		break;
	}
	case FRAME_LINK_RAW:
	case FRAME_LINK_RAW_BSD:
	case FRAME_LINK_RAW_OPENBSD:
	case FRAME_LINK_IPV4:
		head.type = FRAME_TYPE_IPV4;
		break;
	default:
		return E_UNKNOWN;
	}
	if (r.failed)
		return E_TRUNCATED;
	head.payload = reader_bytes(&r, reader_left(&r));
	*ret_head = head;
	return 0;
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
	ip->dont_fragment = (fragment & 0x4000) != 0;
	ip->length = total;
	/* A length of 0 is segmentation offload's; then everything up to the frame's end belongs to
	 * it. */
	size_t left = reader_left(r);
	size_t meant = total >= header ? total - header : left;
	ip->cut = meant > left;
	ip->payload = reader_bytes(r, meant < left ? meant : left);
	return 0;
}

int frame_decode_ip(struct slice bytes, struct frame_ip *ret_ip)
{
	struct reader r = reader_of(bytes);
	struct frame_ip ip = {0};
	int error = read_ip(&r, &ip);

	if (error == 0)
		*ret_ip = ip;
	return error;
}

int frame_decode(uint32_t link, struct slice bytes, struct frame_ip *ret_ip)
{
	struct frame_head head;
	struct frame_ip ip;
	int error = frame_decode_head(link, bytes, &head);

	if (error == 0 && (head.type != FRAME_TYPE_IPV4 || head.oui != 0))
		return E_UNKNOWN;
	if (error == 0)
		error = frame_decode_ip(head.payload, &ip);
	if (error != 0)
		return error;
	ip.source = head.source;
	ip.destination = head.destination;
	ip.tagged = head.tagged;
	ip.vlan = head.vlan;
	*ret_ip = ip;
	return 0;
}

/* ERSPAN's own header: none in type I, which has no sequence number either; 8 bytes in type II;
 * in type III 12, and 8 more of the platform when its O bit is set. */
static void skip_erspan(struct reader *r, uint16_t protocol, bool sequenced)
{
	if (protocol == ERSPAN_III) {
		reader_skip(r, 10);
		if ((reader_be16(r) & 1) != 0)
			reader_skip(r, 8);
	} else if (sequenced) {
		reader_skip(r, 8);
	}
}

int frame_decode_gre(struct slice bytes, uint32_t *ret_link, struct slice *ret_inner)
{
	struct reader r = reader_of(bytes);
	uint16_t flags = reader_be16(&r);
	uint16_t protocol = reader_be16(&r);

	if (r.failed)
		return E_TRUNCATED;
	if ((flags & GRE_VERSION) != 0)
		return E_UNKNOWN;
	reader_skip(&r, (flags & GRE_CHECKSUM) != 0 ? 4 : 0);
	reader_skip(&r, (flags & GRE_KEY) != 0 ? 4 : 0);
	reader_skip(&r, (flags & GRE_SEQUENCE) != 0 ? 4 : 0);
	uint32_t link = FRAME_LINK_ETHERNET;
	if (protocol == ERSPAN_II || protocol == ERSPAN_III)
		skip_erspan(&r, protocol, (flags & GRE_SEQUENCE) != 0);
	else if (protocol == FRAME_TYPE_IPV4)
		link = FRAME_LINK_IPV4;
	else if (protocol != GRE_ETHERNET)
		return E_UNKNOWN;
	struct slice inner = reader_bytes(&r, reader_left(&r));
	if (r.failed)
		return E_TRUNCATED;
	*ret_link = link;
	*ret_inner = inner;
	return 0;
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
	tcp.window = reader_be16(&r);
	reader_skip(&r, 4);
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

int frame_encode_snap(struct mac destination, struct mac source, uint32_t oui, uint16_t type,
		      struct slice payload, struct writer *to)
{
	struct writer w = *to;

	if (payload.len > ETHERTYPE_MIN - 1 - 8)
		return E_FULL;
	writer_bytes(&w, slice_of(destination.b, 6));
	writer_bytes(&w, slice_of(source.b, 6));
	writer_be16(&w, (uint16_t)(payload.len + 8));
	writer_be16(&w, SAP_SNAP << 8 | SAP_SNAP);
	writer_u8(&w, 3); /* unnumbered information */
	writer_u8(&w, (uint8_t)(oui >> 16));
	writer_be16(&w, (uint16_t)oui);
	writer_be16(&w, type);
	writer_bytes(&w, payload);
	if (w.failed)
		return E_FULL;
	*to = w;
	return 0;
}

static int encode(struct mac destination, struct mac source, const uint16_t *tag, uint16_t type,
		  struct slice payload, struct writer *to)
{
	struct writer w = *to;

	writer_bytes(&w, slice_of(destination.b, 6));
	writer_bytes(&w, slice_of(source.b, 6));
	if (tag != NULL) {
		writer_be16(&w, ETHERTYPE_VLAN);
		writer_be16(&w, *tag);
	}
	writer_be16(&w, type);
	writer_bytes(&w, payload);
	if (w.failed)
		return E_FULL;
	*to = w;
	return 0;
}

int frame_encode_ethernet(struct mac destination, struct mac source, uint16_t vlan, uint16_t type,
			  struct slice payload, struct writer *to)
{
	uint16_t tag = vlan & 0x0fff;

	return encode(destination, source, vlan != 0 ? &tag : NULL, type, payload, to);
}

int frame_encode_tagged(struct mac destination, struct mac source, uint8_t priority, uint16_t vlan,
			uint16_t type, struct slice payload, struct writer *to)
{
	uint16_t tag = (uint16_t)((priority & 7u) << 13 | (vlan & 0x0fffu));

	return encode(destination, source, &tag, type, payload, to);
}

static uint32_t sum(struct slice bytes, uint32_t from)
{
	for (size_t i = 0; i < bytes.len; i++)
		from += i % 2 == 0 ? (uint32_t)bytes.ptr[i] << 8 : bytes.ptr[i];
	return from;
}

static uint16_t finish(uint32_t total)
{
	while (total > 0xffff)
		total = (total & 0xffff) + (total >> 16);
	return (uint16_t)~total;
}

int frame_encode_udp(struct ip4 from, uint16_t from_port, struct ip4 to_ip, uint16_t to_port,
		     uint8_t ttl, struct slice payload, struct writer *to)
{
	struct writer w = *to;
	uint16_t length = (uint16_t)(UDP_HEAD + payload.len);
	uint16_t life = (uint16_t)(ttl << 8 | FRAME_UDP);
	uint32_t addresses = sum(slice_of(to_ip.b, 4), sum(slice_of(from.b, 4), 0));

	if (payload.len > UDP_PAYLOAD_MAX)
		return E_FULL;
	/* Over a pseudo-header of addresses, protocol and length. 0 would mean "none". */
	uint16_t check =
	    finish(sum(payload, addresses + FRAME_UDP + 2u * length + from_port + to_port));
	writer_be16(&w, IP_FIRST);
	writer_be16(&w, (uint16_t)(IP_HEAD + length));
	writer_be32(&w, 0);
	writer_be16(&w, life);
	writer_be16(&w, finish(addresses + IP_FIRST + IP_HEAD + length + life));
	writer_bytes(&w, slice_of(from.b, 4));
	writer_bytes(&w, slice_of(to_ip.b, 4));
	writer_be16(&w, from_port);
	writer_be16(&w, to_port);
	writer_be16(&w, length);
	writer_be16(&w, check != 0 ? check : 0xffff);
	writer_bytes(&w, payload);
	if (w.failed)
		return E_FULL;
	*to = w;
	return 0;
}
