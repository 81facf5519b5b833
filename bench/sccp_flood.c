/* Phones that register, as many and as fast as asked for, over real connections; and the least
 * server that satisfies them, for comparison.
 *
 *   sccp_flood ADDRESS PHONES WINDOW KEEPALIVES   WINDOW phones at once; then so many rounds of
 * keepalives sccp_flood floor ADDRESS                      answers with frames made once, knows
 * nobody
 *
 * Prints one line: ready_s (rate), seconds, lost, p50_ms, p99_ms of Register to clock, keepalive_s
 * (rate). A phone asks what a 7961 asks: capabilities, buttons, soft keys, its line, the time. */
#include "base/text.h"
#include "base/writer.h"
#include "proto/sccp/sccp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PORT        2000
#define PHONES_MAX  19000
#define VERSION     11
#define TYPE_7961   30018
#define EVENTS      512
#define INPUT_MAX   4096
#define PATIENCE_MS 20000
#define FIRST_ADDRESS                                                                              \
	0x0aff0001 /* 10.255.0.1: the generator's own addresses, 20,000 ports each                 \
		    */
#define PER_ADDRESS 20000

struct peer {
	int fd;
	bool ready, waits;
	int64_t began_us, took_us;
	uint8_t input[INPUT_MAX];
	size_t len;
};

struct frame {
	uint8_t bytes[SCCP_FRAME_MAX];
	size_t len;
};

static struct peer *peers;
static int poller;

static int64_t now_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

__attribute__((noreturn)) static void die(const char *what)
{
	(void)fprintf(stderr, "sccp_flood: %s: %s\n", what, strerror(errno));
	exit(3);
}

static struct frame frame_of(const struct sccp_message *m)
{
	struct frame f;
	struct writer w = writer_of(f.bytes, sizeof f.bytes);

	if (sccp_encode(m, VERSION, &w) != 0)
		die("encode");
	f.len = writer_done(&w).len;
	return f;
}

static struct frame frame_of_id(uint32_t id, uint32_t value)
{
	return frame_of(&(struct sccp_message){.id = id, .value = value});
}

static void put(int fd, const struct frame *f)
{
	if (send(fd, f->bytes, f->len, MSG_NOSIGNAL) != (ssize_t)f->len && errno != ECONNRESET &&
	    errno != EPIPE)
		die("send");
}

static void watch(int fd, uint32_t index)
{
	struct epoll_event e = {.events = EPOLLIN, .data.u32 = index};
	int one = 1;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &e) != 0)
		die("epoll");
}

/* Reads what is there and hands on each whole frame's id; false at the end of the connection. */
static bool read_frames(struct peer *p, void (*on_frame)(struct peer *p, uint32_t id))
{
	ssize_t n = recv(p->fd, p->input + p->len, sizeof p->input - p->len, MSG_DONTWAIT);
	struct slice frame;
	int used = 0;

	if (n <= 0)
		return n < 0 && errno == EAGAIN;
	p->len += (size_t)n;
	struct slice left = slice_of(p->input, p->len);
	while ((used = sccp_frame_next(left, &frame)) > 0) {
		uint32_t id = (uint32_t)frame.ptr[8] | (uint32_t)frame.ptr[9] << 8;
		left = slice_from(left, (size_t)used);
		on_frame(p, id);
	}
	memmove(p->input, left.ptr, left.len);
	p->len = left.len;
	return true;
}

/* The phones. */

static struct frame asks[8], keepalive;
static size_t ready_count, answered_count;

/* What a phone asks after which answer. */
static const struct {
	uint32_t heard, ask, value;
} steps[] = {
    {SCCP_CAPABILITIES_REQ, SCCP_BUTTON_TEMPLATE_REQ, 0},
    {SCCP_BUTTON_TEMPLATE_RES, SCCP_SOFT_KEY_TEMPLATE_REQ, 0},
    {SCCP_SOFT_KEY_TEMPLATE_RES, SCCP_SOFT_KEY_SET_REQ, 0},
    {SCCP_SOFT_KEY_SET_RES, SCCP_LINE_STAT_REQ, 1},
    {SCCP_LINE_STAT_RES, SCCP_TIME_DATE_REQ, 0},
};
#define STEPS (sizeof steps / sizeof *steps)

static void phone_heard(struct peer *p, uint32_t id)
{
	for (size_t i = 0; i < STEPS; i++) {
		if (steps[i].heard == id)
			put(p->fd, &asks[i]);
	}
	if (id == SCCP_DEFINE_TIME_DATE && !p->ready) {
		p->ready = true;
		p->took_us = now_us() - p->began_us;
		ready_count++;
	}
	if (id == SCCP_KEEP_ALIVE_ACK && p->waits) {
		p->waits = false;
		answered_count++;
	}
}

static void power_on(uint32_t index, const char *address)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(PORT)};
	struct sockaddr_in from = {.sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(FIRST_ADDRESS + index / PER_ADDRESS)};
	struct sccp_message m = {
	    .id = SCCP_REGISTER,
	    .reg = {.device_type = TYPE_7961, .protocol_version = VERSION, .body_size = 68}};
	struct peer *p = &peers[index];

	p->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	p->began_us = now_us();
	if (p->fd < 0 || inet_pton(AF_INET, address, &to.sin_addr) != 1)
		die("socket");
	(void)bind(p->fd, (struct sockaddr *)&from, sizeof from);
	if (connect(p->fd, (struct sockaddr *)&to, sizeof to) != 0)
		die("connect");
	(void)snprintf(m.reg.name, sizeof m.reg.name, "SEP001BD4%06X", index);
	struct frame reg = frame_of(&m);
	put(p->fd, &reg);
	watch(p->fd, index);
}

static void serve_phones(int timeout_ms)
{
	struct epoll_event events[EVENTS];
	int n = epoll_wait(poller, events, EVENTS, timeout_ms);

	for (int i = 0; i < n; i++) {
		struct peer *p = &peers[events[i].data.u32];
		if (!read_frames(p, phone_heard))
			(void)epoll_ctl(poller, EPOLL_CTL_DEL, p->fd, NULL);
	}
}

static int by_time(const void *a, const void *b)
{
	const struct peer *x = a;
	const struct peer *y = b;

	return (x->took_us > y->took_us) - (x->took_us < y->took_us);
}

static double keepalives(uint32_t phones, unsigned rounds)
{
	int64_t began = now_us();

	for (unsigned r = 0; r < rounds; r++) {
		int64_t round = now_us();
		answered_count = 0;
		for (uint32_t i = 0; i < phones; i++) {
			peers[i].waits = true;
			put(peers[i].fd, &keepalive);
			if (i % 64 == 63)
				serve_phones(0);
		}
		while (answered_count < phones && now_us() - round < PATIENCE_MS * 1000)
			serve_phones(10);
	}
	return rounds == 0 ? 0 : (double)phones * rounds / ((double)(now_us() - began) / 1e6);
}

static int flood(const char *address, uint32_t phones, uint32_t window, unsigned rounds)
{
	int64_t began = now_us();
	uint32_t started = 0;

	for (size_t i = 0; i < STEPS; i++)
		asks[i] = frame_of_id(steps[i].ask, steps[i].value);
	keepalive = frame_of_id(SCCP_KEEP_ALIVE, 0);
	int64_t progress = began; /* the last time another phone began or was ready */
	size_t seen = 0;
	while (ready_count < phones && now_us() - progress < (int64_t)PATIENCE_MS * 1000) {
		/* Those that are on their way have their turn between those that begin. */
		for (int i = 0; i < 64 && started < phones && started - ready_count < window; i++)
			power_on(started++, address);
		serve_phones(started < phones && started - ready_count < window ? 0 : 10);
		if (started + ready_count != seen)
			progress = now_us();
		seen = started + ready_count;
	}
	double seconds = (double)(now_us() - began) / 1e6;
	double rate = keepalives(phones, rounds);
	qsort(peers, phones, sizeof *peers, by_time);
	(void)printf(
	    "ready_s %.0f seconds %.3f lost %zu p50_ms %.1f p99_ms %.1f keepalive_s %.0f\n",
	    (double)ready_count / seconds, seconds, (size_t)phones - ready_count,
	    (double)peers[phones / 2].took_us / 1e3,
	    (double)peers[phones - 1 - phones / 100].took_us / 1e3, rate);
	return ready_count == phones ? 0 : 1;
}

/* The floor: the least that lets a phone come up. */

static struct frame floor_answers[7];
static const struct {
	uint32_t asked, answer;
} floor_rows[] = {
    {SCCP_REGISTER, SCCP_REGISTER_ACK},
    {SCCP_BUTTON_TEMPLATE_REQ, SCCP_BUTTON_TEMPLATE_RES},
    {SCCP_SOFT_KEY_TEMPLATE_REQ, SCCP_SOFT_KEY_TEMPLATE_RES},
    {SCCP_SOFT_KEY_SET_REQ, SCCP_SOFT_KEY_SET_RES},
    {SCCP_LINE_STAT_REQ, SCCP_LINE_STAT_RES},
    {SCCP_TIME_DATE_REQ, SCCP_DEFINE_TIME_DATE},
    {SCCP_KEEP_ALIVE, SCCP_KEEP_ALIVE_ACK},
};
#define FLOOR_ROWS (sizeof floor_rows / sizeof *floor_rows)

static void floor_heard(struct peer *p, uint32_t id)
{
	for (size_t i = 0; i < FLOOR_ROWS; i++) {
		if (floor_rows[i].asked == id)
			put(p->fd, &floor_answers[i]);
	}
}

static void floor_accept(int listener)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0)
		return;
	if (fd >= PHONES_MAX) {
		(void)close(fd);
		return;
	}
	peers[fd] = (struct peer){.fd = fd};
	watch(fd, (uint32_t)fd);
}

__attribute__((noreturn)) static void serve_floor(const char *address)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(PORT)};
	struct epoll_event events[EVENTS];
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int one = 1;

	for (size_t i = 0; i < FLOOR_ROWS; i++)
		floor_answers[i] = frame_of_id(floor_rows[i].answer, 0);
	/* CapabilitiesReq follows the RegisterAck in the same segment. */
	struct frame request = frame_of_id(SCCP_CAPABILITIES_REQ, 0);
	memcpy(floor_answers[0].bytes + floor_answers[0].len, request.bytes, request.len);
	floor_answers[0].len += request.len;
	(void)setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (inet_pton(AF_INET, address, &at.sin_addr) != 1 ||
	    bind(listener, (struct sockaddr *)&at, sizeof at) != 0 || listen(listener, 4096) != 0)
		die("listen");
	struct epoll_event e = {.events = EPOLLIN, .data.u32 = UINT32_MAX};
	(void)epoll_ctl(poller, EPOLL_CTL_ADD, listener, &e);
	for (;;) {
		int n = epoll_wait(poller, events, EVENTS, -1);
		for (int i = 0; i < n; i++) {
			if (events[i].data.u32 == UINT32_MAX)
				floor_accept(listener);
			else if (!read_frames(&peers[events[i].data.u32], floor_heard))
				(void)close((int)events[i].data.u32);
		}
	}
}

int main(int argc, char **argv)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
	poller = epoll_create1(EPOLL_CLOEXEC);
	peers = calloc(PHONES_MAX, sizeof *peers);
	if (poller < 0 || peers == NULL)
		die("memory");
	if (argc == 3 && strcmp(argv[1], "floor") == 0)
		serve_floor(argv[2]);
	unsigned long phones = argc == 5 ? strtoul(argv[2], NULL, 10) : 0;
	if (phones < 1 || phones > PHONES_MAX) {
		(void)fprintf(
		    stderr, "usage: sccp_flood ADDRESS PHONES WINDOW KEEPALIVES | floor ADDRESS\n");
		return 2;
	}
	return flood(argv[1], (uint32_t)phones, (uint32_t)strtoul(argv[3], NULL, 10),
		     (unsigned)strtoul(argv[4], NULL, 10));
}
