#include "net/udp.h"

#include "base/alloc.h"
#include "base/error.h"
#include "net/loop_internal.h"
#include "net/socket.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <unistd.h>

#define BATCH        (LOOP_SCRATCH / UDP_DATAGRAM_MAX)
#define BRIEF_BATCH  4
#define BUFFER_BYTES (8 * 1024 * 1024) /* a site's power coming back; the kernel doubles it */

struct udp {
	struct loop *loop;
	int fd;
	struct watch *watch;
	struct udp_options options;
	bool no_segments; /* the kernel cannot cut: udp_send_segments */
	bool busy, gone;  /* closed from its own callback: freed after it */
};

static void set(int fd, int level, int option, int value)
{
	/* Refinements: without them the socket still works. */
	(void)setsockopt(fd, level, option, &value, sizeof value);
}

static int configure(int fd, const struct udp_options *o)
{
	if (!o->brief) {
		set(fd, IPPROTO_IP, IP_PKTINFO, 1);
		set(fd, SOL_SOCKET, SO_RCVBUF, BUFFER_BYTES);
		set(fd, SOL_SOCKET, SO_RCVBUFFORCE, BUFFER_BYTES);
	}
	if (o->broadcast)
		set(fd, SOL_SOCKET, SO_BROADCAST, 1);
	if (o->shared)
		set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (o->foreign)
		set(fd, IPPROTO_IP, IP_FREEBIND, 1);
	if (o->ttl != 0)
		set(fd, IPPROTO_IP, IP_TTL, o->ttl);
	if (o->on_refused != NULL)
		set(fd, IPPROTO_IP, IP_RECVERR, 1);
	if (o->interface != NULL && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, o->interface,
					       (socklen_t)strlen(o->interface)) != 0)
		return E_SYSTEM;
	struct sockaddr_in address = socket_address(o->bind);
	return bind(fd, (const struct sockaddr *)&address, sizeof address) == 0 ? 0 : E_SYSTEM;
}

/* Where it was sent to, out of the control message. */
static void read_arrival(struct msghdr *m, struct udp_arrival *arrival)
{
	arrival->from = socket_endpoint(m->msg_name);
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c != NULL; c = CMSG_NXTHDR(m, c)) {
		struct in_pktinfo info;
		if (c->cmsg_level != IPPROTO_IP || c->cmsg_type != IP_PKTINFO)
			continue;
		memcpy(&info, CMSG_DATA(c), sizeof info);
		memcpy(arrival->local.b, &info.ipi_spec_dst, sizeof arrival->local.b);
		arrival->interface = (uint32_t)info.ipi_ifindex;
	}
}

/* ICMP errors wait in a queue of their own. */
static void read_errors(struct udp *u)
{
	uint8_t control[512];
	uint8_t byte = 0;
	struct sockaddr_in to = {0};
	struct iovec part = {&byte, 1};

	for (size_t i = 0; i < BATCH && !u->gone; i++) {
		struct sock_extended_err error = {0};
		struct in_pktinfo info = {0};
		struct ip4 local;
		struct msghdr m = {.msg_name = &to,
				   .msg_namelen = sizeof to,
				   .msg_iov = &part,
				   .msg_iovlen = 1,
				   .msg_control = control,
				   .msg_controllen = sizeof control};
		if (recvmsg(u->fd, &m, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
			return;
		for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c != NULL; c = CMSG_NXTHDR(&m, c)) {
			if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR)
				memcpy(&error, CMSG_DATA(c), sizeof error);
			else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO)
				memcpy(&info, CMSG_DATA(c), sizeof info);
		}
		memcpy(local.b, &info.ipi_addr, sizeof local.b);
		if (error.ee_origin == SO_EE_ORIGIN_ICMP && error.ee_errno == ECONNREFUSED)
			u->options.on_refused(u->options.context, socket_endpoint(&to), local);
	}
}

static void on_readable(void *context)
{
	struct udp *u = context;
	struct mmsghdr messages[BATCH];
	struct iovec parts[BATCH];
	struct sockaddr_in from[BATCH];
	uint8_t control[BATCH][64];

	size_t batch = u->options.brief ? BRIEF_BATCH : BATCH;

	u->busy = true;
	for (size_t i = 0; i < batch; i++) {
		parts[i] =
		    (struct iovec){u->loop->scratch + i * UDP_DATAGRAM_MAX, UDP_DATAGRAM_MAX};
		messages[i] = (struct mmsghdr){.msg_hdr = {.msg_name = &from[i],
							   .msg_namelen = sizeof from[i],
							   .msg_iov = &parts[i],
							   .msg_iovlen = 1,
							   .msg_control = control[i],
							   .msg_controllen = sizeof control[i]}};
	}
	int n = recvmmsg(u->fd, messages, (unsigned)batch, MSG_DONTWAIT, NULL);
	/* Errors make the socket readable too, and only they do when no datagram is there. */
	if (n <= 0 && u->options.on_refused != NULL)
		read_errors(u);
	for (int i = 0; i < n && !u->gone; i++) {
		struct udp_arrival arrival = {0};
		if ((messages[i].msg_hdr.msg_flags & MSG_TRUNC) != 0)
			continue;
		read_arrival(&messages[i].msg_hdr, &arrival);
		u->options.on_datagram(u->options.context, &arrival,
				       slice_of(parts[i].iov_base, messages[i].msg_len));
	}
	if (n > 0 && !u->gone && u->options.on_end != NULL)
		u->options.on_end(u->options.context);
	u->busy = false;
	if (u->gone)
		udp_close(u);
}

int udp_open(struct loop *l, const struct udp_options *options, struct udp **ret_udp)
{
	struct udp *u = alloc_zero(1, sizeof *u);

	if (u == NULL)
		return E_NO_MEMORY;
	u->loop = l;
	u->options = *options;
	u->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (u->fd < 0 || configure(u->fd, options) != 0) {
		int error = errno;
		udp_close(u);
		errno = error;
		return E_SYSTEM;
	}
	u->watch = watch_new(l, u->fd, on_readable, u);
	if (u->watch == NULL) {
		udp_close(u);
		return E_NO_MEMORY;
	}
	*ret_udp = u;
	return 0;
}

void udp_close(struct udp *u)
{
	if (u == NULL)
		return;
	if (u->busy) {
		u->gone = true;
		return;
	}
	watch_free(u->watch);
	if (u->fd >= 0)
		(void)close(u->fd);
	alloc_free(u);
}

uint16_t udp_port(const struct udp *u)
{
	struct sockaddr_in address = {0};
	socklen_t len = sizeof address;

	if (getsockname(u->fd, (struct sockaddr *)&address, &len) != 0)
		return 0;
	return ntohs(address.sin_port);
}

/* One more control message: a number. */
static void add_control(struct msghdr *m, struct cmsghdr *before, int level, int type,
			const void *value, size_t len)
{
	struct cmsghdr *c = CMSG_NXTHDR(m, before);

	if (c == NULL)
		return;
	c->cmsg_level = level;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(c), value, len);
}

/* `datagram` 0: the bytes are one. */
static int send_message(struct udp *u, struct endpoint to, struct ip4 local, uint32_t interface,
			struct slice bytes, uint16_t datagram)
{
	struct sockaddr_in address = socket_address(to);
	struct in_pktinfo info = {.ipi_ifindex = (int)interface};
	union {
		struct cmsghdr header;
		uint8_t bytes[CMSG_SPACE(sizeof info) + CMSG_SPACE(sizeof datagram)];
	} control = {0};
	struct iovec part = {.iov_len = bytes.len};
	struct msghdr m = {.msg_name = &address,
			   .msg_namelen = sizeof address,
			   .msg_iov = &part,
			   .msg_iovlen = 1,
			   .msg_control = control.bytes,
			   .msg_controllen = sizeof control.bytes};

	memcpy(&part.iov_base, &bytes.ptr, sizeof part.iov_base); /* iovec knows no const */
	memcpy(&info.ipi_spec_dst, local.b, sizeof local.b);
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	c->cmsg_level = IPPROTO_IP;
	c->cmsg_type = IP_PKTINFO;
	c->cmsg_len = CMSG_LEN(sizeof info);
	memcpy(CMSG_DATA(c), &info, sizeof info);
	m.msg_controllen = CMSG_SPACE(sizeof info);
	if (datagram != 0) {
		m.msg_controllen += CMSG_SPACE(sizeof datagram);
		add_control(&m, c, SOL_UDP, UDP_SEGMENT, &datagram, sizeof datagram);
	}
	/* With IP_RECVERR an ICMP error of an earlier datagram fails the next call, whoever that is
	 * for. Its report stays in the queue; this datagram is innocent and goes again. */
	for (int i = 0; i < 3; i++) {
		if (sendmsg(u->fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
			return 0;
		if (errno != ECONNREFUSED && errno != EHOSTUNREACH && errno != EINTR)
			break;
	}
	return E_SYSTEM;
}

int udp_send(struct udp *u, struct endpoint to, struct ip4 local, uint32_t interface,
	     struct slice bytes)
{
	return send_message(u, to, local, interface, bytes, 0);
}

int udp_send_segments(struct udp *u, struct endpoint to, struct ip4 local, struct slice bytes,
		      size_t datagram)
{
	if (bytes.len <= datagram)
		return send_message(u, to, local, 0, bytes, 0);
	if (!u->no_segments && datagram <= UINT16_MAX) {
		if (send_message(u, to, local, 0, bytes, (uint16_t)datagram) == 0)
			return 0;
		/* Full buffers pass; what the kernel or the interface cannot do stays so. */
		if (errno == EAGAIN || errno == ENOBUFS)
			return E_SYSTEM;
		u->no_segments = errno == EINVAL || errno == EIO || errno == ENOPROTOOPT;
	}
	while (bytes.len > 0) {
		int error = send_message(u, to, local, 0, slice_head(bytes, datagram), 0);
		if (error != 0)
			return error;
		bytes = slice_from(bytes, datagram);
	}
	return 0;
}

struct outgoing {
	struct sockaddr_in address;
	struct iovec part;
	_Alignas(struct cmsghdr)
	    uint8_t control[CMSG_SPACE(sizeof(struct in_pktinfo)) + CMSG_SPACE(sizeof(int))];
};

static struct mmsghdr outgoing_of(struct outgoing *o, const struct udp_message *message)
{
	struct in_pktinfo info = {.ipi_ifindex = (int)message->interface};
	int ttl = message->ttl;
	struct msghdr m = {.msg_name = &o->address,
			   .msg_namelen = sizeof o->address,
			   .msg_iov = &o->part,
			   .msg_iovlen = 1,
			   .msg_control = o->control,
			   .msg_controllen = sizeof o->control};

	o->address = socket_address(message->to);
	o->part = (struct iovec){.iov_len = message->bytes.len};
	memcpy(&o->part.iov_base, &message->bytes.ptr, sizeof o->part.iov_base);
	memcpy(&info.ipi_spec_dst, message->local.b, sizeof message->local.b);
	memset(o->control, 0, sizeof o->control);
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	c->cmsg_level = IPPROTO_IP;
	c->cmsg_type = IP_PKTINFO;
	c->cmsg_len = CMSG_LEN(sizeof info);
	memcpy(CMSG_DATA(c), &info, sizeof info);
	if (ttl != 0)
		add_control(&m, c, IPPROTO_IP, IP_TTL, &ttl, sizeof ttl);
	else
		m.msg_controllen = CMSG_SPACE(sizeof info);
	return (struct mmsghdr){.msg_hdr = m};
}

void udp_send_many(struct udp *u, const struct udp_message *messages, size_t count,
		   bool ret_sent[static UDP_MANY])
{
	struct outgoing outgoing[UDP_MANY];
	struct mmsghdr headers[UDP_MANY];
	size_t at = 0;

	for (size_t i = 0; i < count && i < UDP_MANY; i++) {
		headers[i] = outgoing_of(&outgoing[i], &messages[i]);
		ret_sent[i] = false;
	}
	while (at < count && at < UDP_MANY) {
		int n = sendmmsg(u->fd, headers + at, (unsigned)(count - at),
				 MSG_DONTWAIT | MSG_NOSIGNAL);
		/* The first of the rest cannot be sent: alone it is tried as udp_send does, and the
		 * others after it. */
		if (n <= 0) {
			const struct udp_message *m = &messages[at];
			ret_sent[at++] = udp_send(u, m->to, m->local, m->interface, m->bytes) == 0;
			continue;
		}
		for (int i = 0; i < n; i++)
			ret_sent[at++] = true;
	}
}
