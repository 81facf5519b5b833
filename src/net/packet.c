#include "net/packet.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/writer.h"
#include "net/packet_internal.h"

#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#define FRAME_MAX     65600
#define TAG_SIZE      4   /* room before the frame to put an 802.1Q tag back */
#define TURN          256 /* frames in one go, before other events have their turn */
/* Filtered frames are small and come in crowds when a site's power is back: several are fetched
 * with one call. Unfiltered ones may be as large as FRAME_MAX and come one by one. */
#define SMALL_FRAME   2048
#define TOGETHER      ((TAG_SIZE + FRAME_MAX) / (TAG_SIZE + SMALL_FRAME))
#define BUFFER_BYTES  (8 * 1024 * 1024)
#define LIMITED_BYTES (256 * 1024) /* what comes beyond the limit is not worth keeping */
#define LINK_RAW      101
#define LINK_ETHER    1
#define HEADERS_MAX   42 /* Ethernet, IPv4, UDP */

struct packet {
	int fd;
	struct loop *loop;
	struct watch *watch;
	struct packet_options options;
	struct timer *pause; /* with a limit: until the next second */
	dt_time second;      /* when the one that is counted began */
	unsigned handed_on;  /* in it */
	bool busy, gone;     /* closed from its own callback: freed after it */
	uint8_t frames[TAG_SIZE + FRAME_MAX];
};

/* Which frames the kernel offers this socket at all: those of one protocol cost nothing beside. */
static uint16_t protocol_of(enum packet_filter filter)
{
	switch (filter) {
	case PACKET_NONE:
		return 0;
	case PACKET_CDP:
		return ETH_P_802_2;
	case PACKET_LLDP:
		return ETH_P_LLDP;
	case PACKET_ARP:
	case PACKET_ARP_HEARD:
		return ETH_P_ARP;
	case PACKET_ALL:
	case PACKET_DHCP:
	case PACKET_DHCP_REPLIES:
	case PACKET_TCP_ENDS:
	case PACKET_TAGGED:
		break;
	}
	return ETH_P_ALL;
}

/* Returns the length of the program; 0: everything of the protocol. */
static unsigned write_filter(const struct packet_options *o,
			     struct sock_filter code[static PACKET_PROGRAM_MAX])
{
	switch (o->filter) {
	case PACKET_DHCP:
		return packet_filter_dhcp(code);
	case PACKET_DHCP_REPLIES:
		return packet_filter_dhcp_replies(code);
	case PACKET_TCP_ENDS:
		return packet_filter_tcp_ends(o->port, o->own, code);
	case PACKET_TAGGED:
		return packet_filter_tagged(code);
	case PACKET_NONE:
	case PACKET_ALL:
	case PACKET_CDP:
	case PACKET_LLDP:
	case PACKET_ARP:
	case PACKET_ARP_HEARD:
		break;
	}
	return 0;
}

static int attach_filter(int fd, const struct packet_options *o)
{
	struct sock_filter code[PACKET_PROGRAM_MAX];
	struct sock_fprog program = {.filter = code};

	program.len = (unsigned short)write_filter(o, code);
	if (program.len == 0)
		return 0;
	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

/* A card passes on only the groups somebody asked for. */
static void join_group(const struct packet *p, uint32_t index)
{
	static const uint8_t cdp[6] = {0x01, 0x00, 0x0c, 0xcc, 0xcc, 0xcc};
	static const uint8_t lldp[6] = {0x01, 0x80, 0xc2, 0x00, 0x00, 0x0e};
	struct packet_mreq group = {
	    .mr_ifindex = (int)index, .mr_type = PACKET_MR_MULTICAST, .mr_alen = 6};

	if (p->options.filter == PACKET_TAGGED ||
	    p->options.filter == PACKET_ARP) /* for hardware addresses that are not the card's */
		group.mr_type = PACKET_MR_PROMISC;
	else if (p->options.filter != PACKET_CDP && p->options.filter != PACKET_LLDP)
		return;
	memcpy(group.mr_address, p->options.filter == PACKET_CDP ? cdp : lldp, 6);
	(void)setsockopt(p->fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &group, sizeof group);
}

/* The kernel's wall-clock stamp, moved to the loop's clock. */
static dt_time frame_time(struct msghdr *m, dt_time now, const struct timespec *wall)
{
	struct timespec stamp;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c != NULL; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SO_TIMESTAMPNS)
			continue;
		memcpy(&stamp, CMSG_DATA(c), sizeof stamp);
		dt_time ago = (dt_time)(wall->tv_sec - stamp.tv_sec) * 1000000 +
			      (wall->tv_nsec - stamp.tv_nsec) / 1000;
		return ago >= 0 && ago < DT_SECONDS(60) ? now - ago : now;
	}
	return now;
}

/* Cards and the kernel take the 802.1Q tag off a frame and tell it beside: it goes back in, for the
 * voice VLAN is part of the story. */
static struct slice tagged(struct msghdr *m, uint8_t *frame, size_t len)
{
	struct tpacket_auxdata aux = {0};

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c != NULL; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level == SOL_PACKET && c->cmsg_type == PACKET_AUXDATA)
			memcpy(&aux, CMSG_DATA(c), sizeof aux);
	}
	if ((aux.tp_status & TP_STATUS_VLAN_VALID) == 0 || len < 12)
		return slice_of(frame, len);
	uint16_t kind = (aux.tp_status & TP_STATUS_VLAN_TPID_VALID) != 0 ? aux.tp_vlan_tpid
									 : (uint16_t)ETH_P_8021Q;
	memmove(frame - TAG_SIZE, frame, 12);
	frame[8] = (uint8_t)(kind >> 8);
	frame[9] = (uint8_t)kind;
	frame[10] = (uint8_t)(aux.tp_vlan_tci >> 8);
	frame[11] = (uint8_t)aux.tp_vlan_tci;
	return slice_of(frame - TAG_SIZE, len + TAG_SIZE);
}

static uint32_t link_of(unsigned short hatype)
{
	return hatype == ARPHRD_ETHER || hatype == ARPHRD_LOOPBACK ? LINK_ETHER : LINK_RAW;
}

/* What one call of the system fetched. */
struct batch {
	struct mmsghdr header[TOGETHER];
	struct iovec part[TOGETHER];
	struct sockaddr_ll from[TOGETHER];
	_Alignas(struct cmsghdr) uint8_t control[TOGETHER][128];
	unsigned count; /* frames it has room for */
};

static void batch_init(struct packet *p, struct batch *b)
{
	bool small = p->options.filter != PACKET_ALL;
	size_t size = small ? SMALL_FRAME : FRAME_MAX;

	b->count = small ? TOGETHER : 1;
	for (unsigned i = 0; i < b->count; i++) {
		b->part[i] = (struct iovec){p->frames + i * (TAG_SIZE + size) + TAG_SIZE, size};
		b->header[i].msg_hdr = (struct msghdr){.msg_name = &b->from[i],
						       .msg_namelen = sizeof b->from[i],
						       .msg_iov = &b->part[i],
						       .msg_iovlen = 1,
						       .msg_control = b->control[i],
						       .msg_controllen = sizeof b->control[i]};
	}
}

static void hand_on(struct packet *p, struct batch *b, unsigned i, dt_time at)
{
	const struct sockaddr_ll *from = &b->from[i];
	uint32_t link = link_of(from->sll_hatype);
	uint8_t *frame = b->part[i].iov_base;

	/* The loopback shows each packet going out and coming in: once is enough. */
	if (from->sll_hatype == ARPHRD_LOOPBACK && from->sll_pkttype == PACKET_OUTGOING)
		return;
	p->handed_on++;
	p->options.on_frame(p->options.context, link,
			    link == LINK_ETHER
				? tagged(&b->header[i].msg_hdr, frame, b->header[i].msg_len)
				: slice_of(frame, b->header[i].msg_len),
			    at);
}

void packet_read(struct packet *p)
{
	struct batch b;
	struct timespec wall;
	int n = 0;

	p->busy = true;
	for (unsigned done = 0; done < TURN && !p->gone; done += b.count) {
		batch_init(p, &b);
		n = recvmmsg(p->fd, b.header, b.count, MSG_DONTWAIT, NULL);
		dt_time now = loop_now(p->loop);
		(void)clock_gettime(CLOCK_REALTIME, &wall);
		for (int i = 0; i < n && !p->gone; i++)
			hand_on(p, &b, (unsigned)i, frame_time(&b.header[i].msg_hdr, now, &wall));
		if (n < (int)b.count)
			break;
	}
	p->busy = false;
	if (p->gone)
		packet_close(p);
}

static void on_readable(void *context);

static void on_next_second(void *context)
{
	struct packet *p = context;

	p->watch = watch_new(p->loop, p->fd, on_readable, p);
	/* Without memory it is tried again: a view less, not a service less. */
	if (p->watch == NULL)
		timer_set(p->pause, loop_now(p->loop) + DT_SECONDS(1));
}

/* Nobody is woken for what comes beyond the limit. */
static void mind_limit(struct packet *p)
{
	dt_time now = loop_now(p->loop);

	if (now - p->second >= DT_SECONDS(1)) {
		p->second = now;
		p->handed_on = 0;
	}
	if (p->handed_on < p->options.frames_a_second)
		return;
	watch_free(p->watch);
	p->watch = NULL;
	timer_set(p->pause, p->second + DT_SECONDS(1));
}

static void on_readable(void *context)
{
	struct packet *p = context;

	if (p->pause != NULL)
		mind_limit(p);
	if (p->watch != NULL)
		packet_read(p);
}

static int configure(struct packet *p)
{
	struct sockaddr_ll address = {.sll_family = AF_PACKET};
	struct iface iface;
	int one = 1;
	int size = p->options.frames_a_second > 0 ? LIMITED_BYTES : BUFFER_BYTES;

	address.sll_protocol = htons(protocol_of(p->options.filter));
	if (p->options.interface != NULL) {
		if (iface_find(p->options.interface, &iface) != 0)
			return E_UNKNOWN;
		address.sll_ifindex = (int)iface.index;
		join_group(p, iface.index);
	}
	(void)setsockopt(p->fd, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof one);
	(void)setsockopt(p->fd, SOL_PACKET, PACKET_AUXDATA, &one, sizeof one);
	(void)setsockopt(p->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
	(void)setsockopt(p->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
	if (attach_filter(p->fd, &p->options) != 0)
		return E_SYSTEM;
	return bind(p->fd, (const struct sockaddr *)&address, sizeof address) == 0 ? 0 : E_SYSTEM;
}

int packet_open(struct loop *l, const struct packet_options *options, struct packet **ret_packet)
{
	struct packet *p = alloc_zero(1, sizeof *p);

	if (p == NULL)
		return E_NO_MEMORY;
	p->loop = l;
	p->options = *options;
	p->fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int error = p->fd >= 0                          ? configure(p)
		    : errno == EPERM || errno == EACCES ? E_DENIED
							: E_SYSTEM;
	if (error == 0 && options->filter != PACKET_NONE) {
		bool limited = options->frames_a_second > 0;
		p->watch = watch_new(l, p->fd, on_readable, p);
		p->pause = limited ? timer_new(l, on_next_second, p) : NULL;
		error = p->watch != NULL && limited == (p->pause != NULL) ? 0 : E_NO_MEMORY;
	}
	if (error != 0) {
		packet_close(p);
		return error;
	}
	*ret_packet = p;
	return 0;
}

void packet_close(struct packet *p)
{
	if (p == NULL)
		return;
	if (p->busy) {
		p->gone = true;
		return;
	}
	watch_free(p->watch);
	timer_free(p->pause);
	if (p->fd >= 0)
		(void)close(p->fd);
	alloc_free(p);
}

static uint16_t checksum(struct slice bytes)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < bytes.len; i++)
		sum += i % 2 == 0 ? (uint32_t)bytes.ptr[i] << 8 : bytes.ptr[i];
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static void write_headers(struct writer *w, const struct iface *from, struct mac to_mac,
			  struct endpoint source, struct endpoint to, size_t payload)
{
	uint8_t ip[20];
	struct writer h = writer_of(ip, sizeof ip);

	writer_bytes(w, slice_of(to_mac.b, 6));
	writer_bytes(w, slice_of(from->mac.b, 6));
	writer_be16(w, ETH_P_IP);
	writer_be16(&h, 0x4500);
	writer_be16(&h, (uint16_t)(28 + payload));
	writer_be32(&h, 0x00004000); /* no identification, do not fragment */
	writer_be16(&h, 64 << 8 | IPPROTO_UDP);
	writer_be16(&h, 0);
	writer_bytes(&h, slice_of(source.ip.b, 4));
	writer_bytes(&h, slice_of(to.ip.b, 4));
	uint16_t sum = checksum(slice_of(ip, sizeof ip));
	ip[10] = (uint8_t)(sum >> 8);
	ip[11] = (uint8_t)sum;
	writer_bytes(w, slice_of(ip, sizeof ip));
	writer_be16(w, source.port);
	writer_be16(w, to.port);
	writer_be16(w, (uint16_t)(8 + payload));
	writer_be16(
	    w, 0); /* UDP over IPv4 may go without a checksum; every phone's DHCP client takes it */
}

int packet_send_udp(struct packet *p, const struct iface *from, struct mac to_mac,
		    struct endpoint source, struct endpoint to, struct slice payload)
{
	uint8_t frame[HEADERS_MAX + 1500];
	struct writer w = writer_of(frame, sizeof frame);
	struct sockaddr_ll address = {.sll_family = AF_PACKET,
				      .sll_protocol = htons(ETH_P_IP),
				      .sll_ifindex = (int)from->index,
				      .sll_halen = 6};

	write_headers(&w, from, to_mac, source, to, payload.len);
	writer_bytes(&w, payload);
	if (w.failed)
		return E_TOO_LONG;
	memcpy(address.sll_addr, to_mac.b, 6);
	return sendto(p->fd, frame, w.pos, MSG_DONTWAIT, (const struct sockaddr *)&address,
		      sizeof address) < 0
		   ? E_SYSTEM
		   : 0;
}

int packet_send(struct packet *p, uint32_t interface, struct slice frame)
{
	struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_ifindex = (int)interface};

	if (frame.len < ETH_HLEN)
		return E_SYSTEM;
	memcpy(&address.sll_protocol, frame.ptr + 12, sizeof address.sll_protocol);
	return sendto(p->fd, frame.ptr, frame.len, MSG_DONTWAIT, (const struct sockaddr *)&address,
		      sizeof address) < 0
		   ? E_SYSTEM
		   : 0;
}

unsigned packet_lost(struct packet *p)
{
	struct tpacket_stats stats = {0};
	socklen_t len = sizeof stats;

	return getsockopt(p->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &len) == 0 ? stats.tp_drops
										   : 0;
}
