#include "fabric/fabric_io.h"

#include "base/error.h"
#include "base/writer.h"
#include "proto/pcap/pcap.h"

#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define TAG_SIZE  4
#define MACS_SIZE 12u /* destination and source */
#define BATCH     64
#define IDLE_MS   200 /* how soon *stop is noticed without a signal */

static dt_time clock_us(clockid_t clock)
{
	struct timespec t;

	(void)clock_gettime(clock, &t);
	return (dt_time)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int open_port(const char *interface)
{
	int one = 1;
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	struct sockaddr_ll at = {.sll_family = AF_PACKET,
				 .sll_protocol = htons(ETH_P_ALL),
				 .sll_ifindex = (int)if_nametoindex(interface)};
	struct packet_mreq everything = {.mr_ifindex = at.sll_ifindex,
					 .mr_type = PACKET_MR_PROMISC};

	if (fd < 0)
		return -1;
	if (at.sll_ifindex != 0 &&
	    setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &everything, sizeof everything) ==
		0 &&
	    setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &one, sizeof one) == 0 &&
	    setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof one) == 0 &&
	    bind(fd, (const struct sockaddr *)&at, sizeof at) == 0)
		return fd;
	int error = errno;
	(void)close(fd);
	errno = error;
	return -1;
}

static void write_header(int fd)
{
	uint8_t bytes[PCAP_HEADER_SIZE];
	struct writer w = writer_of(bytes, sizeof bytes);

	pcap_write_header(&w, 1);
	if (fd >= 0)
		(void)!write(fd, bytes, writer_done(&w).len);
}

int fabric_io_open(const struct fabric_io_port *ports, size_t count, int *ret_fds)
{
	for (size_t i = 0; i < count; i++) {
		ret_fds[i] = open_port(ports[i].interface);
		if (ret_fds[i] < 0)
			return E_SYSTEM;
		write_header(ports[i].capture);
	}
	return 0;
}

static void record(int fd, struct slice frame, dt_time unix_us)
{
	uint8_t head[PCAP_RECORD_SIZE];
	struct writer w = writer_of(head, sizeof head);

	if (fd < 0)
		return;
	pcap_write_record(&w, unix_us, frame.len);
	union {
		const uint8_t *read;
		uint8_t *write;
	} bytes = {.read = frame.ptr}; /* writev wants no const */
	struct iovec parts[] = {{head, sizeof head}, {bytes.write, frame.len}};
	(void)!writev(fd, parts, 2);
}

/* The kernel takes an 802.1Q tag off and tells it beside; it goes back in. */
static struct slice tagged(struct msghdr *m, uint8_t *frame, size_t len)
{
	struct tpacket_auxdata aux = {0};

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c != NULL; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level == SOL_PACKET && c->cmsg_type == PACKET_AUXDATA)
			memcpy(&aux, CMSG_DATA(c), sizeof aux);
	}
	if ((aux.tp_status & TP_STATUS_VLAN_VALID) == 0 || len < MACS_SIZE)
		return slice_of(frame, len);
	struct writer w = writer_of(frame - TAG_SIZE + MACS_SIZE, TAG_SIZE);
	memmove(frame - TAG_SIZE, frame, MACS_SIZE);
	writer_be16(&w, (aux.tp_status & TP_STATUS_VLAN_TPID_VALID) != 0 ? aux.tp_vlan_tpid
									 : (uint16_t)ETH_P_8021Q);
	writer_be16(&w, aux.tp_vlan_tci);
	return slice_of(frame - TAG_SIZE, len + TAG_SIZE);
}

/* False when nothing is there. */
static bool receive(struct fabric *f, unsigned port, const struct fabric_io_port *p, int fd)
{
	uint8_t bytes[TAG_SIZE + FABRIC_FRAME_MAX + 1];
	uint8_t control[128];
	struct iovec part = {bytes + TAG_SIZE, sizeof bytes - TAG_SIZE};
	struct msghdr m = {.msg_iov = &part,
			   .msg_iovlen = 1,
			   .msg_control = control,
			   .msg_controllen = sizeof control};
	ssize_t n = recvmsg(fd, &m, MSG_DONTWAIT);

	if (n <= 0)
		return false;
	struct slice frame = tagged(&m, bytes + TAG_SIZE, (size_t)n);
	record(p->capture, frame, clock_us(CLOCK_REALTIME));
	fabric_input(f, port, frame, clock_us(CLOCK_MONOTONIC));
	return true;
}

static void send_due(struct fabric *f, const struct fabric_io_port *ports, const int *fds)
{
	unsigned port = 0;
	struct slice frame;

	while (fabric_next_output(f, clock_us(CLOCK_MONOTONIC), &port, &frame)) {
		record(ports[port].capture, frame, clock_us(CLOCK_REALTIME));
		(void)send(fds[port], frame.ptr, frame.len, MSG_DONTWAIT);
	}
}

static int wait_ms(const struct fabric *f)
{
	dt_time deadline = fabric_deadline(f);
	dt_time left = deadline != DT_NEVER ? deadline - clock_us(CLOCK_MONOTONIC) : DT_MS(IDLE_MS);

	if (left <= 0)
		return 0;
	return left < DT_MS(IDLE_MS) ? (int)(left / 1000) + 1 : IDLE_MS;
}

void fabric_io_run(struct fabric *f, const struct fabric_io_port *ports, const int *fds,
		   size_t count, const volatile sig_atomic_t *stop)
{
	struct pollfd polled[FABRIC_PORTS_MAX] = {0};

	for (size_t i = 0; i < count; i++)
		polled[i] = (struct pollfd){.fd = fds[i], .events = POLLIN};
	while (!*stop) {
		(void)poll(polled, count, wait_ms(f));
		for (size_t i = 0; i < count; i++) {
			for (int n = 0; n < BATCH && receive(f, (unsigned)i, &ports[i], fds[i]);
			     n++)
				send_due(f, ports, fds);
		}
		send_due(f, ports, fds);
	}
}
