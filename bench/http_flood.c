/* Many phones that fetch a file by HTTP, each on a connection of its own, against any server: how
 * many a second, how late the last one.
 *
 *     http_flood SERVER PORT PATTERN [--phones N] [--window N] [--bind IP]
 *
 * PATTERN is the target with one %06X for the phone's number ("/SEP001BD4%06X.cnf.xml"). --window:
 * so many at a time; as many as there are phones: the power comes back. --bind: the first of eight
 * addresses to ask from. Prints one line of name=value; exit status 1 when a phone got no 200. */
#include "base/addr.h"
#include "proto/http/http_body.h"

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

#define ADDRESSES 8
#define PATIENCE  10000000 /* microseconds */
#define HEAD_SIZE 2048

struct phone {
	int fd;
	bool asked, has_head, good;
	struct http_body body;
	size_t len; /* of the head so far */
	int64_t began, took;
	char head[HEAD_SIZE];
};

struct flood {
	struct sockaddr_in server;
	struct ip4 local;
	const char *pattern;
	struct phone *phone;
	uint32_t phones, window, next, open, done, lost;
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
	p->good = good;
	f->open--;
	*(good ? &f->done : &f->lost) += 1;
}

static void begin(struct flood *f)
{
	uint32_t number = f->next++;
	struct phone *p = &f->phone[number];
	struct sockaddr_in from = {.sin_family = AF_INET};
	struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.u32 = number};
	struct ip4 local = ip4_of(ip4_number(f->local) + number % ADDRESSES);
	int one = 1;

	p->began = now_us();
	p->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	f->open++;
	if (p->fd < 0) {
		finish(f, p, false);
		return;
	}
	if (!ip4_is_zero(f->local)) {
		memcpy(&from.sin_addr, local.b, sizeof local.b);
		(void)setsockopt(p->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
		(void)bind(p->fd, (const struct sockaddr *)&from, sizeof from);
	}
	if (epoll_ctl(f->epoll, EPOLL_CTL_ADD, p->fd, &event) != 0 ||
	    (connect(p->fd, (const struct sockaddr *)&f->server, sizeof f->server) != 0 &&
	     errno != EINPROGRESS))
		finish(f, p, false);
}

static void ask(struct flood *f, struct phone *p)
{
	char target[256];
	uint8_t bytes[512];
	struct writer w = writer_of(bytes, sizeof bytes);
	struct http_request_head head = {.method = slice_text("GET"), .minor = 1};

	// NOLINTNEXTLINE(clang-diagnostic-format-nonliteral): the caller's own pattern
	(void)snprintf(target, sizeof target, f->pattern, (unsigned)(p - f->phone));
	head.target = slice_text(target);
	(void)http_field_add(&head.fields, "Host", slice_text("dialtone"));
	(void)http_field_add(&head.fields, "Connection", slice_text("close"));
	if (http_request_encode(&head, &w) != 0 ||
	    send(p->fd, bytes, w.pos, MSG_NOSIGNAL) != (ssize_t)w.pos)
		finish(f, p, false);
	p->asked = true;
}

/* What came, into the head and then through the body. false when it is no answer to take. */
static bool take(struct phone *p, struct slice bytes)
{
	struct http_answer_head head;
	enum http_framing framing = HTTP_BODY_NONE;
	uint64_t length = 0;
	struct slice data;

	if (!p->has_head) {
		size_t kept = p->len;
		size_t more = bytes.len < sizeof p->head - kept ? bytes.len : sizeof p->head - kept;
		memcpy(p->head + kept, bytes.ptr, more);
		p->len += more;
		int used = http_answer_decode(slice_of(p->head, p->len), &head, NULL);
		if (used == 0)
			return p->len < sizeof p->head;
		if (used < 0 || head.status != HTTP_STATUS_OK ||
		    http_answer_framing(&head, false, &framing, &length) != 0)
			return false;
		p->has_head = true;
		p->body = http_body_of(framing, length);
		bytes = slice_from(bytes, (size_t)used - kept);
	}
	for (int used = 1; bytes.len > 0 && used > 0;) {
		used = http_body_next(&p->body, bytes, &data);
		if (used < 0)
			return false;
		bytes = slice_from(bytes, (size_t)used);
	}
	return true;
}

static void receive(struct flood *f, struct phone *p)
{
	static uint8_t bytes[65536];
	ssize_t n = 0;

	while (p->fd >= 0 && (n = recv(p->fd, bytes, sizeof bytes, MSG_DONTWAIT)) > 0) {
		if (!take(p, slice_of(bytes, (size_t)n)))
			finish(f, p, false);
		else if (p->has_head && p->body.state == HTTP_BODY_DONE)
			finish(f, p, true);
	}
	if (p->fd >= 0 && (n == 0 || (errno != EAGAIN && errno != EINTR)))
		finish(f, p, n == 0 && p->has_head && http_body_whole(&p->body));
}

static void give_up(struct flood *f)
{
	for (uint32_t i = 0; i < f->next; i++) {
		if (f->phone[i].fd >= 0 && now_us() - f->phone[i].began > PATIENCE)
			finish(f, &f->phone[i], false);
	}
}

static void run(struct flood *f)
{
	struct epoll_event events[256];

	while (f->done + f->lost < f->phones) {
		while (f->open < f->window && f->next < f->phones)
			begin(f);
		int n = epoll_wait(f->epoll, events, 256, 1000);
		for (int i = 0; i < n; i++) {
			struct phone *p = &f->phone[events[i].data.u32];
			if (p->fd >= 0 && !p->asked && (events[i].events & EPOLLOUT) != 0)
				ask(f, p);
			if (p->fd >= 0 && (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0)
				receive(f, p);
		}
		if (n == 0)
			give_up(f);
	}
}

static int by_took(const void *a, const void *b)
{
	int64_t x = ((const struct phone *)a)->took;
	int64_t y = ((const struct phone *)b)->took;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {{"phones", required_argument, NULL, 'n'},
						{"window", required_argument, NULL, 'w'},
						{"bind", required_argument, NULL, 'b'},
						{0}};
	struct flood f = {.phones = 1000, .window = 64, .server = {.sin_family = AF_INET}};
	struct rlimit limit = {0};
	struct ip4 ip;
	bool good = argc >= 4 && ip4_parse(argv[1], &ip) == 0;

	for (int option; good && (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
		if (option == 'n')
			f.phones = (uint32_t)strtoul(optarg, NULL, 10);
		else if (option == 'w')
			f.window = (uint32_t)strtoul(optarg, NULL, 10);
		else
			good = option == 'b' && ip4_parse(optarg, &f.local) == 0;
	}
	f.phone = good && f.phones > 0 ? calloc(f.phones, sizeof *f.phone) : NULL;
	f.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (f.phone == NULL || f.epoll < 0 || argc - optind != 3) {
		(void)fprintf(stderr, "usage: http_flood SERVER PORT PATTERN [--phones N] "
				      "[--window N] [--bind IP]\n");
		return 2;
	}
	memcpy(&f.server.sin_addr, ip.b, sizeof ip.b);
	f.server.sin_port = htons((uint16_t)strtoul(argv[optind + 1], NULL, 10));
	f.pattern = argv[optind + 2];
	(void)getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
	int64_t start = now_us();
	run(&f);
	double seconds = (double)(now_us() - start) / 1e6;
	qsort(f.phone, f.phones, sizeof *f.phone, by_took);
	(void)printf("phones=%u done=%u lost=%u per_s=%.0f p50_us=%lld p99_us=%lld last_us=%lld\n",
		     f.phones, f.done, f.lost, f.done / seconds,
		     (long long)f.phone[f.phones / 2].took,
		     (long long)f.phone[f.phones - 1 - f.phones / 100].took,
		     (long long)f.phone[f.phones - 1].took);
	return f.lost > 0;
}
