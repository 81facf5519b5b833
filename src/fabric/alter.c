/* Frames altered on their way, checksums put right: what a router, a firewall or a careless gateway
 * does to them. */
#include "fabric/fabric_internal.h"

#include "base/writer.h"

#define ETHERNET_SIZE 14u
#define IP_SIZE       20u
#define TCP_SIZE      20u
#define TCP_RST_ACK   0x14u
#define FIREWALL_TTL  250 /* none of the hosts here starts with it */

static uint32_t sum_of(const uint8_t *bytes, size_t len, uint32_t sum)
{
	for (size_t i = 0; i < len; i++)
		sum += (i & 1) == 0 ? (uint32_t)bytes[i] << 8 : bytes[i];
	return sum;
}

static uint16_t folded(uint32_t sum)
{
	while (sum > UINT16_MAX)
		sum = (sum & UINT16_MAX) + (sum >> 16);
	return (uint16_t)~sum;
}

static void put16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static size_t header_size(const uint8_t *ip)
{
	return (size_t)(ip[0] & 0x0f) * 4;
}

static void finish_ip(uint8_t *ip)
{
	put16(ip + 10, 0);
	put16(ip + 10, folded(sum_of(ip, header_size(ip), 0)));
}

/* UDP's and TCP's, over the addresses too; `at` is where it stands inside the segment. */
static void finish_segment(uint8_t *ip, size_t len, size_t at)
{
	size_t header = header_size(ip);
	uint8_t *segment = ip + header;
	uint32_t sum = sum_of(ip + 12, 8, (uint32_t)ip[9] + (uint32_t)(len - header));

	put16(segment + at, 0);
	uint16_t value = folded(sum_of(segment, len - header, sum));
	put16(segment + at, value == 0 && ip[9] == FRAME_UDP ? UINT16_MAX : value);
}

void fabric_set_ttl(uint8_t *frame, size_t len, size_t ip_at, uint8_t ttl)
{
	if (ip_at + IP_SIZE > len)
		return;
	frame[ip_at + 8] = ttl;
	finish_ip(frame + ip_at);
}

void fabric_replace(uint8_t *frame, size_t len, const struct fabric_view *view,
		    const struct fabric_rule *rule)
{
	size_t text = strlen(rule->text);
	uint8_t *found = NULL;
	uint8_t *from = frame;

	while ((found = memmem(from, len - (size_t)(from - frame), rule->text, text)) != NULL) {
		memcpy(found, rule->with, text);
		from = found + text;
	}
	if (!view->is_ip || view->ip.more_fragments || view->ip.length == 0 ||
	    view->ip_at + view->ip.length > len)
		return;
	if (view->is_udp)
		finish_segment(frame + view->ip_at, view->ip.length, 6);
	else if (view->is_tcp)
		finish_segment(frame + view->ip_at, view->ip.length, 16);
}

size_t fabric_reset_for(const struct fabric_view *v, uint8_t *to, size_t size)
{
	struct writer w = writer_of(to, size);
	uint8_t packet[IP_SIZE + TCP_SIZE] = {0x45, 0,    0, sizeof packet, 0,
					      0,    0x40, 0, FIREWALL_TTL,  FRAME_TCP};
	bool opens = (v->tcp.flags & 0x02u) != 0;
	struct writer p = writer_of(packet + 12, sizeof packet - 12);

	writer_bytes(&p, slice_of(v->ip.to.b, 4));
	writer_bytes(&p, slice_of(v->ip.from.b, 4));
	writer_be16(&p, v->tcp.to);
	writer_be16(&p, v->tcp.from);
	writer_be32(&p, opens ? 0 : v->tcp.ack);
	writer_be32(&p, v->tcp.seq + (uint32_t)v->tcp.payload.len + opens);
	writer_u8(&p, 0x50);
	writer_u8(&p, TCP_RST_ACK);
	finish_ip(packet);
	finish_segment(packet, sizeof packet, 16);
	return frame_encode_ethernet(v->head.source, v->head.destination, v->head.vlan,
				     FRAME_TYPE_IPV4, slice_of(packet, sizeof packet), &w) == 0
		   ? writer_done(&w).len
		   : 0;
}
