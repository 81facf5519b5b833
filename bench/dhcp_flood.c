/* Many phones that want an address, against any DHCP server: how many a second, how late the last
 * one.
 *
 *     dhcp_flood SERVER GIADDR [--phones N] [--first N] [--window N | --at-once] [--port P]
 *
 * Plays a relay at GIADDR port 67 with N phones behind it. --window: a closed loop, so many phones
 * in the middle of it at any time, each asked again after a second. --at-once: the power comes
 * back; phones ask again after 4 s, 8 s … give or take one (RFC 2131 section 4.1). Prints one line
 * of name=value; exit status 1 when a phone got nothing, or somebody else's address. It speaks by
 * the project's own codec, which dhclient, udhcpc and perfdhcp check in the tests. */
#include "base/addr.h"
#include "base/rand.h"
#include "proto/dhcp/dhcp.h"

#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#define BATCH     32
#define BUFFER    (16 << 20)
#define TRIES_MAX 3

enum state { IDLE, DISCOVERING, REQUESTING, DONE, LOST };

struct client {
	enum state state;
	unsigned tries;
	struct ip4 ip, server;
	int64_t began, due, took; /* microseconds */
};

struct flood {
	int fd;
	struct sockaddr_in server;
	struct ip4 giaddr;
	struct client *client;
	uint32_t phones, first, window;
	bool at_once;
	uint32_t next, open, done, lost, resent, naks;
	struct rand rand;
	uint8_t bytes[BATCH][DHCP_MESSAGE_MAX];
	struct iovec part[BATCH];
	struct mmsghdr out[BATCH];
	unsigned waiting;
};

static int64_t now_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static struct mac mac_of(const struct flood *f, uint32_t i)
{
	return mac_of_key(0x001bd4000000u + f->first + i);
}

static void flush(struct flood *f)
{
	for (unsigned at = 0; at < f->waiting;) {
		int n = sendmmsg(f->fd, f->out + at, f->waiting - at, 0);
		if (n > 0) {
			at += (unsigned)n;
		} else if (errno == EAGAIN || errno == ENOBUFS) {
			struct pollfd p = {.fd = f->fd, .events = POLLOUT};
			(void)poll(&p, 1, 5);
		} else {
			at++; /* a lost datagram */
		}
	}
	f->waiting = 0;
}

/* What a 7961 says (docs/protocol/dhcp.md). */
static void fill(const struct flood *f, uint32_t i, struct dhcp_message *m)
{
	static const uint8_t wanted[] = {1, 66, 6, 3, 15, 150, 35};
	static const char vendor[] = "Cisco Systems, Inc. IP Phone CP-7961G";
	struct client *c = &f->client[i];
	uint8_t id[7] = {1};
	char name[3 + MAC_HEX_SIZE] = "SEP";

	*m = (struct dhcp_message){.op = 1, .hops = 1, .xid = i, .giaddr = f->giaddr};
	m->type = c->state == REQUESTING ? DHCP_REQUEST : DHCP_DISCOVER;
	m->chaddr = mac_of(f, i);
	memcpy(id + 1, m->chaddr.b, sizeof m->chaddr.b);
	(void)mac_format_hex(m->chaddr, name + 3);
	(void)dhcp_option_add(m, DHCP_OPTION_CLIENT_ID, slice_of(id, sizeof id));
	(void)dhcp_option_add_text(m, DHCP_OPTION_HOST_NAME, name);
	(void)dhcp_option_add(m, DHCP_OPTION_VENDOR_CLASS, slice_of(vendor, sizeof vendor));
	if (c->state == REQUESTING) {
		(void)dhcp_option_add_ip(m, DHCP_OPTION_REQUESTED_IP, c->ip);
		(void)dhcp_option_add_ip(m, DHCP_OPTION_SERVER_ID, c->server);
	}
	(void)dhcp_option_add(m, DHCP_OPTION_PARAMETERS, slice_of(wanted, sizeof wanted));
}

static void ask(struct flood *f, uint32_t i)
{
	struct client *c = &f->client[i];
	unsigned k = f->waiting++;
	struct writer w = writer_of(f->bytes[k], sizeof f->bytes[k]);
	struct dhcp_message m;
	int64_t wait = 1000000;

	fill(f, i, &m);
	(void)dhcp_encode(&m, &w);
	f->part[k] = (struct iovec){f->bytes[k], w.pos};
	f->out[k].msg_hdr = (struct msghdr){.msg_name = &f->server,
					    .msg_namelen = sizeof f->server,
					    .msg_iov = &f->part[k],
					    .msg_iovlen = 1};
	if (f->at_once)
		wait = ((int64_t)4000000 << c->tries) - 1000000 +
		       (int64_t)rand_below(&f->rand, 2000000);
	c->due = now_us() + wait;
	if (f->waiting == BATCH)
		flush(f);
}

static void begin(struct flood *f)
{
	while (f->next < f->phones && f->open < f->window) {
		f->client[f->next].state = DISCOVERING;
		f->client[f->next].began = now_us();
		ask(f, f->next++);
		f->open++;
	}
	flush(f);
}

static void ask_again(struct flood *f)
{
	int64_t now = now_us();

	for (uint32_t i = 0; i < f->next; i++) {
		struct client *c = &f->client[i];
		if ((c->state != DISCOVERING && c->state != REQUESTING) || c->due > now)
			continue;
		if (++c->tries == TRIES_MAX) {
			c->state = LOST;
			f->lost++;
			f->open--;
			continue;
		}
		f->resent++;
		ask(f, i);
	}
	flush(f);
}

static void take(struct flood *f, struct slice datagram)
{
	struct dhcp_message m;

	if (dhcp_decode(datagram, &m, NULL) != 0 || m.op != 2 || m.xid >= f->phones ||
	    !mac_equal(m.chaddr, mac_of(f, m.xid)))
		return;
	struct client *c = &f->client[m.xid];
	if (m.type == DHCP_OFFER && c->state == DISCOVERING &&
	    dhcp_option_ip(&m, DHCP_OPTION_SERVER_ID, &c->server)) {
		c->ip = m.yiaddr;
		c->state = REQUESTING;
		c->tries = 0;
		ask(f, m.xid);
	} else if (m.type == DHCP_ACK && c->state == REQUESTING) {
		c->ip = m.yiaddr;
		c->state = DONE;
		c->took = now_us() - c->began;
		f->done++;
		f->open--;
	} else if (m.type == DHCP_NAK && c->state == REQUESTING) {
		f->naks++;
		c->state = DISCOVERING;
		ask(f, m.xid);
	}
}

static void receive(struct flood *f)
{
	static uint8_t bytes[BATCH][2048];
	struct iovec part[BATCH];
	struct mmsghdr in[BATCH];
	struct pollfd p = {.fd = f->fd, .events = POLLIN};

	if (poll(&p, 1, 1) <= 0)
		return;
	for (unsigned i = 0; i < BATCH; i++) {
		part[i] = (struct iovec){bytes[i], sizeof bytes[i]};
		in[i] = (struct mmsghdr){.msg_hdr = {.msg_iov = &part[i], .msg_iovlen = 1}};
	}
	int n = recvmmsg(f->fd, in, BATCH, MSG_DONTWAIT, NULL);
	for (int i = 0; i < n; i++)
		take(f, slice_of(bytes[i], in[i].msg_len));
	flush(f);
}

static int by_number(const void *a, const void *b)
{
	int64_t na = *(const int64_t *)a;
	int64_t nb = *(const int64_t *)b;

	return na < nb ? -1 : na > nb;
}

static int report(const struct flood *f, int64_t took)
{
	int64_t *late = calloc((size_t)f->phones * 2 + 1, sizeof *late);
	int64_t *ips = late + f->phones;
	uint32_t n = 0;
	uint32_t twice = 0;

	if (late == NULL)
		return 3;
	for (uint32_t i = 0; i < f->phones; i++) {
		if (f->client[i].state != DONE)
			continue;
		late[n] = f->client[i].took;
		ips[n++] = ip4_number(f->client[i].ip);
	}
	qsort(late, n, sizeof *late, by_number);
	qsort(ips, n, sizeof *ips, by_number);
	for (uint32_t i = 1; i < n; i++)
		twice += ips[i] == ips[i - 1];
	(void)printf("phones=%u done=%u lost=%u resent=%u naks=%u twice=%u per_s=%.0f p50_us=%lld "
		     "p99_us=%lld last_us=%lld\n",
		     f->phones, f->done, f->lost, f->resent, f->naks, twice,
		     (double)f->done * 1e6 / (double)took, (long long)late[n / 2],
		     (long long)late[(uint64_t)n * 99 / 100], (long long)(n > 0 ? late[n - 1] : 0));
	free(late);
	return f->lost > 0 || twice > 0;
}

static int run(struct flood *f)
{
	int64_t start = now_us();
	int64_t looked = start;

	while (f->done + f->lost < f->phones) {
		begin(f);
		receive(f);
		if (now_us() - looked > 20000) {
			looked = now_us();
			ask_again(f);
		}
	}
	return report(f, now_us() - start);
}

static bool open_socket(struct flood *f, uint16_t port, struct ip4 server)
{
	struct sockaddr_in local = {.sin_family = AF_INET, .sin_port = htons(DHCP_SERVER_PORT)};
	int size = BUFFER;
	int one = 1;

	f->server = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port)};
	memcpy(&f->server.sin_addr, server.b, sizeof server.b);
	memcpy(&local.sin_addr, f->giaddr.b, sizeof f->giaddr.b);
	f->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	(void)setsockopt(f->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	(void)setsockopt(f->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
	(void)setsockopt(f->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
	return f->fd >= 0 && bind(f->fd, (const struct sockaddr *)&local, sizeof local) == 0;
}

static int usage(void)
{
	(void)fprintf(stderr, "usage: dhcp_flood SERVER GIADDR [--phones N] [--first N] "
			      "[--window N | --at-once] [--port P]\n");
	return 2;
}

int main(int argc, char **argv)
{
	static struct flood f = {.phones = 10000, .window = 64};
	static const struct option options[] = {
	    {"phones", required_argument, NULL, 'n'}, {"first", required_argument, NULL, 'f'},
	    {"window", required_argument, NULL, 'w'}, {"at-once", no_argument, NULL, 'a'},
	    {"port", required_argument, NULL, 'p'},   {0},
	};
	uint16_t port = DHCP_SERVER_PORT;
	struct ip4 server;

	// NOLINTNEXTLINE(concurrency-mt-unsafe): one thread
	for (int o; (o = getopt_long(argc, argv, "", options, NULL)) != -1;) {
		uint32_t n = o == '?' || optarg == NULL ? 0 : (uint32_t)strtoul(optarg, NULL, 10);
		if (o == 'n')
			f.phones = n;
		else if (o == 'f')
			f.first = n;
		else if (o == 'w')
			f.window = n;
		else if (o == 'p')
			port = (uint16_t)n;
		else if (o == 'a')
			f.at_once = true;
		else
			return usage();
	}
	if (argc - optind != 2 || ip4_parse(argv[optind], &server) != 0 ||
	    ip4_parse(argv[optind + 1], &f.giaddr) != 0 || f.phones == 0)
		return usage();
	f.window = f.at_once ? f.phones : f.window;
	f.rand = rand_of(f.first + 1u);
	f.client = calloc(f.phones, sizeof *f.client);
	if (f.client == NULL || !open_socket(&f, port, server)) {
		perror("dhcp_flood");
		return 3;
	}
	return run(&f);
}
