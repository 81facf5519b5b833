/* Writes a capture of many phones booting at once and talking: capture_gen FILE [PHONES] [BYTES].
 *
 * Half of the bytes are boots (CDP, DHCP, ARP, TFTP with refused trust lists, a configuration file
 * and a load, SCCP until the clock is set, keepalives), half are RTP between pairs of phones. All
 * is interleaved, as a mirror port at a server would see it after a power cut. */
#include "base/rand.h"
#include "base/writer.h"
#include "proto/arp/arp.h"
#include "proto/cdp/cdp.h"
#include "proto/dhcp/dhcp.h"
#include "proto/frame/frame.h"
#include "proto/sccp/sccp.h"
#include "proto/tftp/tftp.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define FRAME_MAX   2048
#define RTP_PAYLOAD 160
#define RTP_FRAME   (14 + 20 + 8 + 12 + RTP_PAYLOAD + 16)
#define BLOCK       512
#define CONFIG_SIZE 6000
#define BOOT_BASE   16000 /* bytes of a boot beside its load, about */
#define KEEPALIVES  4

struct phone {
	uint64_t at; /* microseconds */
	uint32_t index, step, sub;
	uint32_t seq[2]; /* TCP, of the phone and of the server */
	uint32_t rtp_sent;
	uint16_t ip_id;
};

static FILE *out;
static uint64_t written;
static uint32_t phones = 10000;
static uint32_t load_blocks;
static uint32_t rtp_packets;
static const struct mac server_mac = {{0x02, 0, 0, 0, 0, 1}};
static const uint8_t server_ip[4] = {10, 200, 0, 1};

static struct mac mac_of(uint32_t i)
{
	return (struct mac){{0x00, 0x1b, 0xd4, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i}};
}

static struct ip4 ip_of(uint32_t i)
{
	return ip4_of(0x0a640000u + 256 + i);
}

static struct ip4 server(void)
{
	return (struct ip4){{server_ip[0], server_ip[1], server_ip[2], server_ip[3]}};
}

static void put32(uint8_t *to, uint32_t v)
{
	memcpy(to, &v, sizeof v);
}

static void record(uint64_t at, struct slice frame)
{
	uint8_t head[16];

	put32(head, (uint32_t)(1700000000 + at / 1000000));
	put32(head + 4, (uint32_t)(at % 1000000));
	put32(head + 8, (uint32_t)frame.len);
	put32(head + 12, (uint32_t)frame.len);
	(void)fwrite(head, 1, sizeof head, out);
	(void)fwrite(frame.ptr, 1, frame.len, out);
	written += sizeof head + frame.len;
}

static void ethernet(uint64_t at, struct mac to, struct mac from, uint16_t type,
		     struct slice payload)
{
	uint8_t bytes[FRAME_MAX];
	struct writer w = writer_of(bytes, sizeof bytes);

	(void)frame_encode_ethernet(to, from, 0, type, payload, &w);
	record(at, writer_done(&w));
}

static void ip_packet(struct phone *p, bool up, uint8_t protocol, struct ip4 from, struct ip4 to,
		      struct slice payload)
{
	uint8_t bytes[FRAME_MAX];
	struct writer w = writer_of(bytes, sizeof bytes);
	struct mac phone = mac_of(p->index);

	writer_be16(&w, 0x4500);
	writer_be16(&w, (uint16_t)(20 + payload.len));
	writer_be16(&w, ++p->ip_id);
	writer_be16(&w, 0);
	writer_u8(&w, 64);
	writer_u8(&w, protocol);
	writer_be16(&w, 0);
	writer_bytes(&w, slice_of(from.b, 4));
	writer_bytes(&w, slice_of(to.b, 4));
	writer_bytes(&w, payload);
	ethernet(p->at, up ? server_mac : phone, up ? phone : server_mac, FRAME_TYPE_IPV4,
		 writer_done(&w));
}

static void udp(struct phone *p, bool up, struct endpoint from, struct endpoint to,
		struct slice payload)
{
	uint8_t bytes[FRAME_MAX];
	struct writer w = writer_of(bytes, sizeof bytes);

	writer_be16(&w, from.port);
	writer_be16(&w, to.port);
	writer_be16(&w, (uint16_t)(8 + payload.len));
	writer_be16(&w, 0);
	writer_bytes(&w, payload);
	ip_packet(p, up, FRAME_UDP, from.ip, to.ip, writer_done(&w));
}

static void tcp(struct phone *p, bool up, uint8_t flags, struct slice payload)
{
	uint8_t bytes[FRAME_MAX];
	struct writer w = writer_of(bytes, sizeof bytes);
	unsigned side = up ? 0 : 1;

	writer_be16(&w, up ? 50000 : SCCP_PORT);
	writer_be16(&w, up ? SCCP_PORT : 50000);
	writer_be32(&w, p->seq[side]);
	writer_be32(&w, p->seq[1 - side]);
	writer_u8(&w, 0x50);
	writer_u8(&w, flags);
	writer_be16(&w, 8192);
	writer_be32(&w, 0);
	writer_bytes(&w, payload);
	p->seq[side] += (uint32_t)payload.len + ((flags & FRAME_TCP_SYN) != 0);
	ip_packet(p, up, FRAME_TCP, up ? ip_of(p->index) : server(),
		  up ? server() : ip_of(p->index), writer_done(&w));
}

static void sccp(struct phone *p, bool up, const struct sccp_message *m)
{
	uint8_t bytes[SCCP_FRAME_MAX];
	struct writer w = writer_of(bytes, sizeof bytes);

	if (sccp_encode(m, 11, &w) == 0)
		tcp(p, up, FRAME_TCP_ACK | 0x08, slice_head(writer_done(&w), 1400));
}

static void sccp_plain(struct phone *p, bool up, uint32_t id)
{
	struct sccp_message m = {.id = id};

	sccp(p, up, &m);
}

static void dhcp(struct phone *p, enum dhcp_type type)
{
	static const uint8_t wanted[] = {1, 66, 6, 3, 15, 150, 35};
	uint8_t bytes[FRAME_MAX];
	struct writer w = writer_of(bytes, sizeof bytes);
	bool up = type == DHCP_DISCOVER || type == DHCP_REQUEST;
	struct dhcp_message m = {
	    .op = up ? 1 : 2, .xid = 0x1000 + p->index, .chaddr = mac_of(p->index), .type = type};
	char name[20];
	char hex[MAC_HEX_SIZE];

	(void)snprintf(name, sizeof name, "SEP%s", mac_format_hex(m.chaddr, hex));
	if (up) {
		(void)dhcp_option_add_text(&m, DHCP_OPTION_HOST_NAME, name);
		(void)dhcp_option_add_text(&m, DHCP_OPTION_VENDOR_CLASS,
					   "Cisco Systems, Inc. IP Phone CP-7961G");
		(void)dhcp_option_add(&m, DHCP_OPTION_PARAMETERS, slice_of(wanted, sizeof wanted));
	} else {
		m.yiaddr = ip_of(p->index);
		(void)dhcp_option_add_ip(&m, DHCP_OPTION_SERVER_ID, server());
		(void)dhcp_option_add_ip(&m, DHCP_OPTION_TFTP_SERVERS, server());
		(void)dhcp_option_add_ip(&m, DHCP_OPTION_ROUTER, server());
		(void)dhcp_option_add_ip(&m, DHCP_OPTION_SUBNET_MASK, ip4_of(0xff000000));
		(void)dhcp_option_add_u32(&m, DHCP_OPTION_LEASE_TIME, 86400);
	}
	(void)dhcp_encode(&m, &w);
	struct endpoint client = {ip4_of(up ? 0 : 0xffffffff), DHCP_CLIENT_PORT};
	struct endpoint to = {up ? ip4_of(0xffffffff) : server(), DHCP_SERVER_PORT};
	udp(p, up, up ? client : to, up ? to : client, writer_done(&w));
}

static void cdp(struct phone *p)
{
	uint8_t bytes[512];
	uint8_t frame[600];
	char name[20];
	char hex[MAC_HEX_SIZE];
	struct writer w = writer_of(bytes, sizeof bytes);
	struct writer f = writer_of(frame, sizeof frame);
	struct mac mac = mac_of(p->index);

	(void)snprintf(name, sizeof name, "SEP%s", mac_format_hex(mac, hex));
	struct cdp c = {.version = 2,
			.ttl_s = 180,
			.device_id = slice_text(name),
			.port_id = slice_text("Port 1"),
			.platform = slice_text("Cisco IP Phone 7961"),
			.has_voice_query = true,
			.query_vlan = 110};
	(void)cdp_encode(&c, &w);
	(void)frame_encode_snap(CDP_MULTICAST, mac, FRAME_OUI_CISCO, FRAME_SNAP_CDP,
				writer_done(&w), &f);
	record(p->at, writer_done(&f));
}

static void arp(struct phone *p, bool answer)
{
	uint8_t bytes[64];
	struct writer w = writer_of(bytes, sizeof bytes);
	struct mac phone = mac_of(p->index);
	struct arp a = {.op = answer ? ARP_REPLY : ARP_REQUEST,
			.sender = answer ? server_mac : phone,
			.sender_ip = answer ? server() : ip_of(p->index),
			.target = answer ? phone : (struct mac){{0}},
			.target_ip = answer ? ip_of(p->index) : server()};

	(void)arp_encode(&a, &w);
	writer_zero(&w, 18);
	ethernet(p->at, answer ? phone : (struct mac){{255, 255, 255, 255, 255, 255}},
		 answer ? server_mac : phone, FRAME_TYPE_ARP, writer_done(&w));
}

static void tftp(struct phone *p, bool up, uint16_t port, const struct tftp_packet *packet)
{
	uint8_t bytes[FRAME_MAX];
	struct writer w = writer_of(bytes, sizeof bytes);
	struct endpoint client = {ip_of(p->index), port};
	struct endpoint to = {server(),
			      packet->op == TFTP_RRQ ? TFTP_PORT : (uint16_t)(20000 + port % 9999)};

	(void)tftp_encode(packet, &w);
	udp(p, up, up ? client : to, up ? to : client, writer_done(&w));
}

static void ask(struct phone *p, uint16_t port, const char *format)
{
	struct tftp_packet rrq = {.op = TFTP_RRQ, .mode = "octet"};
	char hex[MAC_HEX_SIZE];

	(void)mac_format_hex(mac_of(p->index), hex);
	/* The one place of the address in a name is marked by '%'. */
	const char *mark = strchr(format, '%');
	(void)snprintf(rrq.file, sizeof rrq.file, "%.*s%s%s",
		       (int)(mark != NULL ? mark - format : 64), format, mark != NULL ? hex : "",
		       mark != NULL ? mark + 1 : "");
	tftp(p, true, port, &rrq);
}

/* One block and its acknowledgement; true after the last. */
static bool block(struct phone *p, uint16_t port, struct slice file, uint32_t number)
{
	struct slice part = slice_head(slice_from(file, (size_t)number * BLOCK), BLOCK);
	struct tftp_packet data = {.op = TFTP_DATA, .block = (uint16_t)(number + 1), .data = part};
	struct tftp_packet ack = {.op = TFTP_ACK, .block = (uint16_t)(number + 1)};

	tftp(p, false, port, &data);
	p->at += 60;
	tftp(p, true, port, &ack);
	return part.len < BLOCK;
}

static struct slice config_file(void)
{
	static char text[CONFIG_SIZE + 1];
	static const char head[] =
	    "<device><deviceProtocol>SCCP</"
	    "deviceProtocol><devicePool><callManagerGroup><members><member "
	    "priority=\"0\"><callManager><ports><ethernetPhonePort>2000</ethernetPhonePort></ports>"
	    "<processNodeName>10.200.0.1</processNodeName></callManager></member></members>"
	    "</callManagerGroup></devicePool><versionStamp>1</versionStamp><loadInformation>"
	    "SCCP41.9-4-2SR3-1S</loadInformation><!--";

	if (text[0] == 0) {
		memset(text, 'x', CONFIG_SIZE);
		(void)snprintf(text, sizeof text, "%s", head);
		text[strlen(head)] = 'x';
		memcpy(text + CONFIG_SIZE - 12, "--></device>", 12);
	}
	return slice_of(text, CONFIG_SIZE);
}

static struct slice load_file(void)
{
	static uint8_t bytes[1 << 20];
	struct rand r = rand_of(7);

	if (bytes[0] == 0) {
		for (size_t i = 0; i < sizeof bytes; i++)
			bytes[i] = (uint8_t)(rand_next(&r) | 1);
	}
	size_t size = (size_t)load_blocks * BLOCK + 100;
	return slice_of(bytes, size < sizeof bytes ? size : sizeof bytes);
}

static void rtp(struct phone *p)
{
	uint8_t bytes[12 + RTP_PAYLOAD] = {0x80, 0};
	struct writer w = writer_of(bytes + 2, sizeof bytes - 2);
	uint32_t pair = p->index ^ 1;

	writer_be16(&w, (uint16_t)p->rtp_sent);
	writer_be32(&w, p->rtp_sent * RTP_PAYLOAD);
	writer_be32(&w, 0x10000 + p->index);
	memset(bytes + 12, 0xd5, RTP_PAYLOAD);
	struct endpoint from = {ip_of(p->index), 20000};
	struct endpoint to = {ip_of(pair < phones ? pair : 0), 20000};
	udp(p, true, from, to, slice_of(bytes, sizeof bytes));
	p->rtp_sent++;
}

static void registration(struct phone *p)
{
	char hex[MAC_HEX_SIZE];
	struct sccp_message reg = {.id = SCCP_REGISTER,
				   .reg = {.ip = ip_of(p->index),
					   .device_type = 30018,
					   .protocol_version = 11,
					   .body_size = 64}};
	struct sccp_message ack = {.id = SCCP_REGISTER_ACK,
				   .ack = {.keepalive_s = 30,
					   .secondary_keepalive_s = 60,
					   .date_template = "D/M/Y",
					   .protocol_version = 11}};
	struct sccp_message buttons = {
	    .id = SCCP_BUTTON_TEMPLATE_RES,
	    .buttons = {.count = 2, .total = 2, .button = {{1, 9}, {1, 2}}}};
	struct sccp_message time = {
	    .id = SCCP_DEFINE_TIME_DATE,
	    .time = {.year = 2023, .month = 11, .day = 14, .unix_s = 1700000000}};

	(void)snprintf(reg.reg.name, sizeof reg.reg.name, "SEP%s",
		       mac_format_hex(mac_of(p->index), hex));
	tcp(p, true, FRAME_TCP_SYN, slice_of(NULL, 0));
	tcp(p, false, FRAME_TCP_SYN | FRAME_TCP_ACK, slice_of(NULL, 0));
	tcp(p, true, FRAME_TCP_ACK, slice_of(NULL, 0));
	sccp(p, true, &reg);
	sccp(p, false, &ack);
	sccp_plain(p, false, SCCP_CAPABILITIES_REQ);
	sccp_plain(p, true, SCCP_BUTTON_TEMPLATE_REQ);
	sccp(p, false, &buttons);
	sccp_plain(p, true, SCCP_SOFT_KEY_TEMPLATE_REQ);
	sccp_plain(p, true, SCCP_CONFIG_STAT_REQ);
	sccp_plain(p, true, SCCP_TIME_DATE_REQ);
	sccp(p, false, &time);
}

/* What one phone does next; false when it has nothing left to do. */
static bool step(struct phone *p)
{
	static const char *const refused[] = {"CTLSEP%.tlv", "ITLSEP%.tlv", "ITLFile.tlv"};
	struct tftp_packet error = {
	    .op = TFTP_ERROR, .code = 1, .data = slice_text("File not found")};

	switch (p->step++) {
	case 0:
		cdp(p);
		p->at += 1000000;
		return true;
	case 1:
		for (unsigned type = DHCP_DISCOVER; type <= DHCP_ACK; type++) {
			if (type != DHCP_DECLINE)
				dhcp(p, type);
			p->at += 400;
		}
		arp(p, false);
		arp(p, true);
		p->at += 500000;
		return true;
	case 2:
	case 3:
	case 4:
		ask(p, (uint16_t)(40000 + p->step), refused[p->step - 3]);
		p->at += 300;
		tftp(p, false, (uint16_t)(40000 + p->step), &error);
		p->at += 30000;
		return true;
	case 5:
		ask(p, 41000, "SEP%.cnf.xml");
		p->at += 700;
		return true;
	case 6:
		p->at += 200;
		if (block(p, 41000, config_file(), p->sub++))
			p->sub = 0;
		else
			p->step--;
		return true;
	case 7:
		ask(p, 42000, "SCCP41.9-4-2SR3-1S.sbn");
		p->at += 500;
		return true;
	case 8:
		p->at += 200;
		if (!block(p, 42000, load_file(), p->sub++))
			p->step--;
		return true;
	case 9:
		registration(p);
		p->at += 2000000;
		return true;
	case 10:
		p->at += 20000;
		if (p->rtp_sent < rtp_packets) {
			rtp(p);
			p->step--;
		}
		return true;
	default:
		sccp_plain(p, true, SCCP_KEEP_ALIVE);
		p->at += 300;
		sccp_plain(p, false, SCCP_KEEP_ALIVE_ACK);
		p->at += 30000000;
		return p->step < 11 + KEEPALIVES;
	}
}

/* A heap of phones by the time of their next packet. */
static void sift(struct phone **heap, size_t count, size_t at)
{
	for (;;) {
		size_t least = at;
		for (size_t child = at * 2 + 1; child <= at * 2 + 2 && child < count; child++) {
			if (heap[child]->at < heap[least]->at)
				least = child;
		}
		if (least == at)
			return;
		struct phone *p = heap[at];
		heap[at] = heap[least];
		heap[least] = p;
		at = least;
	}
}

int main(int argc, char **argv)
{
	uint64_t bytes = 1000000000;
	uint8_t head[24] = {0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0};

	if (argc > 2)
		phones = (uint32_t)strtoul(argv[2], NULL, 10);
	if (argc > 3)
		bytes = strtoull(argv[3], NULL, 10);
	if (argc < 2 || phones < 2 || phones > 60000) {
		(void)fprintf(stderr, "usage: capture_gen FILE [PHONES] [BYTES]\n");
		return 2;
	}
	out = fopen(argv[1], "wb");
	struct phone *all = calloc(phones, sizeof *all);
	struct phone **heap = calloc(phones, sizeof(struct phone *));
	if (out == NULL || all == NULL || heap == NULL) {
		perror(argv[1]);
		return 3;
	}
	uint64_t half = bytes / 2 / phones;
	rtp_packets = (uint32_t)(half / RTP_FRAME);
	load_blocks = half > BOOT_BASE ? (uint32_t)((half - BOOT_BASE) / (BLOCK + 60 + 64)) : 0;
	head[16] = 0xff;
	head[17] = 0xff;
	head[20] = FRAME_LINK_ETHERNET;
	(void)fwrite(head, 1, sizeof head, out);
	for (uint32_t i = 0; i < phones; i++) {
		all[i] =
		    (struct phone){.index = i, .at = (uint64_t)i * 3000, .seq = {i * 7, i * 13}};
		heap[i] = &all[i];
	}
	size_t count = phones;
	while (count > 0) {
		if (!step(heap[0]))
			heap[0] = heap[--count];
		sift(heap, count, 0);
	}
	(void)printf("%s: %" PRIu32 " phones, %" PRIu64 " bytes\n", argv[1], phones, written);
	free(all);
	free(heap);
	return fclose(out) == 0 ? 0 : 3;
}
