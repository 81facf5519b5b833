/* The least DHCP server that satisfies dhcp_flood and keeps its word: what is acknowledged is on
 * the disk first. An address is computed from the hardware address; each ACK is a record of 64
 * bytes, and the ACKs of what arrived together are synced together. It knows nobody and checks
 * nothing.
 *
 *     dhcp_floor ADDRESS JOURNAL */
#include "proto/dhcp/dhcp.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define BATCH       64
#define RECORD_SIZE 64
#define FIXED_SIZE  240 /* up to the magic cookie */
#define BUFFER      (16 << 20)
#define POOL        0x0a000100u
#define POOL_MASK   0xeffffu

enum { DISCOVER = 1, OFFER = 2, ACK = 5 };

struct floor {
	int fd, journal;
	struct in_addr own;
	uint8_t in[BATCH][DHCP_MESSAGE_MAX], out[BATCH][DHCP_MESSAGE_MAX];
	struct sockaddr_in from[BATCH];
	struct iovec in_part[BATCH], out_part[BATCH];
	struct mmsghdr in_header[BATCH], out_header[BATCH];
	uint8_t records[BATCH * RECORD_SIZE];
};

__attribute__((noreturn)) static void die(const char *what)
{
	perror(what);
	exit(3);
}

/* Option 53, which stands first in what the flood sends. */
static uint8_t kind_of(const uint8_t *message, size_t len)
{
	for (size_t at = FIXED_SIZE; at + 2 < len && message[at] != 255;
	     at += 2u + message[at + 1]) {
		if (message[at] == 53)
			return message[at + 2];
	}
	return 0;
}

static size_t answer(const struct floor *f, const uint8_t *asked, uint8_t kind, uint8_t *to)
{
	static const uint8_t lease[] = {51, 4, 0, 0, 14, 16};
	uint32_t mac_end = (uint32_t)asked[31] << 16 | (uint32_t)asked[32] << 8 | asked[33];
	uint32_t address = htonl(POOL + (mac_end & POOL_MASK));
	uint8_t *at = to + FIXED_SIZE;

	memcpy(to, asked, FIXED_SIZE);
	to[0] = 2;
	memcpy(to + 16, &address, sizeof address);
	memcpy(at, (uint8_t[]){53, 1, kind == DISCOVER ? OFFER : ACK, 54, 4}, 5);
	memcpy(at + 5, &f->own, 4);
	memcpy(at + 9, lease, sizeof lease);
	memcpy(at + 9 + sizeof lease, (uint8_t[]){150, 4}, 2);
	memcpy(at + 11 + sizeof lease, &f->own, 4);
	at[15 + sizeof lease] = 255;
	return FIXED_SIZE + 16 + sizeof lease;
}

static void serve(struct floor *f)
{
	unsigned answers = 0;
	size_t acks = 0;

	for (unsigned i = 0; i < BATCH; i++) {
		f->in_part[i] = (struct iovec){f->in[i], sizeof f->in[i]};
		f->in_header[i].msg_hdr = (struct msghdr){.msg_name = &f->from[i],
							  .msg_namelen = sizeof f->from[i],
							  .msg_iov = &f->in_part[i],
							  .msg_iovlen = 1};
	}
	int n = recvmmsg(f->fd, f->in_header, BATCH, MSG_WAITFORONE, NULL);
	for (int i = 0; i < n; i++) {
		uint8_t kind = kind_of(f->in[i], f->in_header[i].msg_len);
		if (f->in_header[i].msg_len < FIXED_SIZE || kind == 0)
			continue;
		size_t len = answer(f, f->in[i], kind, f->out[answers]);
		f->out_part[answers] = (struct iovec){f->out[answers], len};
		f->out_header[answers].msg_hdr = (struct msghdr){.msg_name = &f->from[i],
								 .msg_namelen = sizeof f->from[i],
								 .msg_iov = &f->out_part[answers],
								 .msg_iovlen = 1};
		if (kind != DISCOVER)
			memcpy(f->records + RECORD_SIZE * acks++, f->out[answers], RECORD_SIZE);
		answers++;
	}
	if (acks > 0 &&
	    (write(f->journal, f->records, acks * RECORD_SIZE) < 0 || fdatasync(f->journal) != 0))
		die("journal");
	for (unsigned sent = 0; sent < answers;) {
		int more = sendmmsg(f->fd, f->out_header + sent, answers - sent, 0);
		sent += more > 0 ? (unsigned)more : 1;
	}
}

int main(int argc, char **argv)
{
	static struct floor f;
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(DHCP_SERVER_PORT)};
	int size = BUFFER;

	if (argc != 3 || inet_pton(AF_INET, argv[1], &f.own) != 1) {
		(void)fprintf(stderr, "usage: dhcp_floor ADDRESS JOURNAL\n");
		return 2;
	}
	at.sin_addr = f.own;
	f.journal = open(argv[2], O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
	f.fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	(void)setsockopt(f.fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
	if (f.journal < 0 || f.fd < 0 || bind(f.fd, (const struct sockaddr *)&at, sizeof at) != 0)
		die("dhcp_floor");
	for (;;)
		serve(&f);
}
