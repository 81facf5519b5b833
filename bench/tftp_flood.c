/* Many phones that fetch a file by TFTP, against any server: how many a second, how late the last
 * one, how often somebody had to ask again.
 *
 *     tftp_flood SERVER PATTERN [--phones N] [--window N] [--blksize N] [--windowsize N]
 * [--missing]
 *                [--port P]
 *
 * PATTERN is the name, with or without one %06X for the phone's number. --window: so many at a
 * time; as many as there are phones: the power comes back. Each phone has a port of its own and
 * asks again after a second. --missing: "not found" is the answer to expect. Prints one line of
 * name=value; exit status 1 when a phone did not get what it asked for. */
#include "base/addr.h"
#include "proto/tftp/tftp.h"

#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define AGAIN_US  1000000
#define TRIES_MAX 10

struct phone {
	int fd; /* -1: not begun, or over */
	bool started;
	unsigned tries;
	uint32_t expected; /* the next block */
	uint32_t in_window;
	uint32_t blksize, window; /* as granted: a server may pass options over */
	uint64_t bytes;
	struct sockaddr_in transfer;
	int64_t began, due, took;
};

struct flood {
	struct sockaddr_in server;
	const char *pattern;
	struct phone *phone;
	uint32_t phones, window, blksize, windowsize;
	bool missing;
	uint32_t next, open, done, lost, resent;
	uint64_t bytes;
	int epoll;
};

static int64_t now_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void finish(struct flood *f, struct phone *p, bool good)
{
	(void)close(p->fd);
	p->fd = -1;
	p->took = now_us() - p->began;
	f->bytes += p->bytes;
	f->open--;
	*(good ? &f->done : &f->lost) += 1;
}

static void send_packet(const struct phone *p, const struct tftp_packet *packet,
			const struct sockaddr_in *to)
{
	uint8_t bytes[600];
	struct writer w = writer_of(bytes, sizeof bytes);

	if (tftp_encode(packet, &w) == 0)
		(void)sendto(p->fd, bytes, w.pos, MSG_DONTWAIT, (const struct sockaddr *)to,
			     sizeof *to);
}

static void add_option(struct tftp_packet *p, const char *name, uint32_t value, char text[12])
{
	(void)snprintf(text, 12, "%u", value);
	p->option[p->option_count++] = (struct tftp_option){slice_text(name), slice_text(text)};
}

static void ask(const struct flood *f, const struct phone *p)
{
	struct tftp_packet rrq = {.op = TFTP_RRQ, .mode = "octet"};
	char blksize[12];
	char windowsize[12];

	// NOLINTNEXTLINE(clang-diagnostic-format-nonliteral): the caller's own pattern
	(void)snprintf(rrq.file, sizeof rrq.file, f->pattern, (unsigned)(p - f->phone));
	if (f->blksize != 0)
		add_option(&rrq, "blksize", f->blksize, blksize);
	if (f->windowsize != 0)
		add_option(&rrq, "windowsize", f->windowsize, windowsize);
	send_packet(p, &rrq, &f->server);
}

static void acknowledge(struct phone *p)
{
	struct tftp_packet ack = {.op = TFTP_ACK, .block = (uint16_t)(p->expected - 1)};

	p->in_window = 0;
	p->due = now_us() + AGAIN_US;
	send_packet(p, &ack, &p->transfer);
}

static void begin(struct flood *f)
{
	uint32_t number = f->next++;
	struct phone *p = &f->phone[number];
	struct epoll_event event = {.events = EPOLLIN, .data.u32 = number};

	p->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	p->began = now_us();
	p->due = p->began + AGAIN_US;
	p->expected = 1;
	p->blksize = TFTP_BLKSIZE_PLAIN;
	p->window = 1;
	f->open++;
	if (p->fd < 0 || epoll_ctl(f->epoll, EPOLL_CTL_ADD, p->fd, &event) != 0) {
		finish(f, p, false);
		return;
	}
	ask(f, p);
}

static void on_data(struct flood *f, struct phone *p, const struct tftp_packet *packet)
{
	if (packet->block != (uint16_t)p->expected)
		return;
	p->expected++;
	p->bytes += packet->data.len;
	bool last = packet->data.len < p->blksize;
	if (++p->in_window >= p->window || last)
		acknowledge(p);
	if (last)
		finish(f, p, !f->missing);
}

static void on_options(struct phone *p, const struct tftp_packet *oack)
{
	uint32_t value = 0;

	if (tftp_option_number(oack, "blksize", &value) && value > 0)
		p->blksize = value;
	if (tftp_option_number(oack, "windowsize", &value) && value > 0)
		p->window = value;
	acknowledge(p);
}

static void receive(struct flood *f, struct phone *p)
{
	uint8_t bytes[2048];
	struct tftp_packet packet;
	struct sockaddr_in from;
	socklen_t len = sizeof from;
	ssize_t n = 0;

	while (p->fd >= 0 && (n = recvfrom(p->fd, bytes, sizeof bytes, MSG_DONTWAIT,
					   (struct sockaddr *)&from, &len)) > 0) {
		if (tftp_decode(slice_of(bytes, (size_t)n), &packet, NULL) != 0)
			continue;
		if (!p->started) {
			p->started = true;
			p->transfer = from;
		}
		if (from.sin_port != p->transfer.sin_port)
			continue;
		p->tries = 0;
		if (packet.op == TFTP_ERROR)
			finish(f, p, f->missing && packet.code == TFTP_ERROR_NOT_FOUND);
		else if (packet.op == TFTP_OACK)
			on_options(p, &packet);
		else if (packet.op == TFTP_DATA)
			on_data(f, p, &packet);
	}
}

static void ask_again(struct flood *f)
{
	int64_t now = now_us();

	for (uint32_t i = 0; i < f->next; i++) {
		struct phone *p = &f->phone[i];
		if (p->fd < 0 || now < p->due)
			continue;
		if (++p->tries > TRIES_MAX) {
			finish(f, p, false);
			continue;
		}
		f->resent++;
		p->due = now + AGAIN_US;
		if (p->started)
			acknowledge(p);
		else
			ask(f, p);
	}
}

static void run(struct flood *f)
{
	struct epoll_event events[256];
	int64_t looked = now_us();

	while (f->done + f->lost < f->phones) {
		while (f->open < f->window && f->next < f->phones)
			begin(f);
		int n = epoll_wait(f->epoll, events, 256, 100);
		for (int i = 0; i < n; i++)
			receive(f, &f->phone[events[i].data.u32]);
		if (now_us() - looked < AGAIN_US / 10)
			continue;
		looked = now_us();
		ask_again(f);
	}
}

static int by_took(const void *a, const void *b)
{
	int64_t x = ((const struct phone *)a)->took;
	int64_t y = ((const struct phone *)b)->took;

	return (x > y) - (x < y);
}

static bool read_options(int argc, char **argv, struct flood *f)
{
	static const struct option options[] = {{"phones", required_argument, NULL, 'n'},
						{"window", required_argument, NULL, 'w'},
						{"blksize", required_argument, NULL, 'b'},
						{"windowsize", required_argument, NULL, 's'},
						{"port", required_argument, NULL, 'p'},
						{"missing", no_argument, NULL, 'm'},
						{0}};
	struct ip4 ip;

	for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
		uint32_t value = optarg != NULL ? (uint32_t)strtoul(optarg, NULL, 10) : 0;
		if (option == 'n')
			f->phones = value;
		else if (option == 'w')
			f->window = value;
		else if (option == 'b')
			f->blksize = value;
		else if (option == 's')
			f->windowsize = value;
		else if (option == 'p')
			f->server.sin_port = htons((uint16_t)value);
		else if (option == 'm')
			f->missing = true;
		else
			return false;
	}
	if (argc - optind != 2 || ip4_parse(argv[optind], &ip) != 0 || f->phones == 0)
		return false;
	memcpy(&f->server.sin_addr, ip.b, sizeof ip.b);
	f->pattern = argv[optind + 1];
	return true;
}

int main(int argc, char **argv)
{
	struct flood f = {.phones = 1000,
			  .window = 64,
			  .server = {.sin_family = AF_INET, .sin_port = htons(TFTP_PORT)}};
	struct rlimit limit = {0};
	bool good = read_options(argc, argv, &f);

	f.phone = good ? calloc(f.phones, sizeof *f.phone) : NULL;
	f.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (f.phone == NULL || f.epoll < 0) {
		(void)fprintf(stderr, "usage: tftp_flood SERVER PATTERN [--phones N] [--window N] "
				      "[--blksize N] [--windowsize N] [--missing] [--port P]\n");
		return 2;
	}
	for (uint32_t i = 0; i < f.phones; i++)
		f.phone[i].fd = -1;
	(void)getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
	int64_t start = now_us();
	run(&f);
	double seconds = (double)(now_us() - start) / 1e6;
	qsort(f.phone, f.phones, sizeof *f.phone, by_took);
	(void)printf("phones=%u done=%u lost=%u resent=%u per_s=%.0f mb_per_s=%.0f p50_us=%lld "
		     "p99_us=%lld last_us=%lld\n",
		     f.phones, f.done, f.lost, f.resent, f.done / seconds,
		     (double)f.bytes / 1e6 / seconds, (long long)f.phone[f.phones / 2].took,
		     (long long)f.phone[f.phones - 1 - f.phones / 100].took,
		     (long long)f.phone[f.phones - 1].took);
	return f.lost > 0;
}
