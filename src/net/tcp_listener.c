/* Listening sockets. The backlog is for the power cut, when every phone of a site connects within
 * seconds: incumbents with a backlog of 16 or 2 drop the SYNs of 64 phones. */
#include "base/alloc.h"
#include "base/error.h"
#include "net/socket.h"
#include "net/tcp_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 4096
#define ACCEPTS 256 /* in one go, before other events have their turn */

struct tcp_listener {
	struct loop *loop;
	struct watch *watch;
	int fd;
	int spare; /* a descriptor to give up when there is no other: see refuse_one */
	tcp_accept_fn fn;
	void *context;
	bool busy, gone; /* closed from its own callback: freed after it */
};

/* Out of descriptors, a waiting connection would keep the listener readable and the loop spinning.
 * It is accepted with the spare descriptor and closed; its phone comes again. */
static void refuse_one(struct tcp_listener *t)
{
	if (t->spare >= 0)
		(void)close(t->spare);
	int fd = accept4(t->fd, NULL, NULL, SOCK_CLOEXEC);
	if (fd >= 0)
		(void)close(fd);
	t->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void hand_over(struct tcp_listener *t, int fd, const struct sockaddr_in *peer)
{
	struct sockaddr_in local = {0};
	socklen_t len = sizeof local;

	(void)getsockname(fd, (struct sockaddr *)&local, &len);
	struct tcp *connection = tcp_accepted(t->loop, fd);
	if (connection != NULL)
		t->fn(t->context, connection, socket_endpoint(peer), socket_endpoint(&local));
}

static void on_readable(void *context)
{
	struct tcp_listener *t = context;
	t->busy = true;
	for (int i = 0; i < ACCEPTS && !t->gone; i++) {
		struct sockaddr_in peer = {0};
		socklen_t len = sizeof peer;
		int fd =
		    accept4(t->fd, (struct sockaddr *)&peer, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0) {
			hand_over(t, fd, &peer);
		} else if (errno == EMFILE || errno == ENFILE) {
			refuse_one(t);
			break;
		} else if (errno == EAGAIN) {
			break;
		}
	}
	t->busy = false;
	if (t->gone)
		tcp_listener_close(t);
}

static int open_socket(struct endpoint at)
{
	struct sockaddr_in address = socket_address(at);
	int one = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	tcp_never_waits(fd);
	if (bind(fd, (const struct sockaddr *)&address, sizeof address) == 0 &&
	    listen(fd, BACKLOG) == 0)
		return fd;
	int error = errno;
	(void)close(fd);
	errno = error;
	return -1;
}

int tcp_listen(struct loop *l, struct endpoint at, tcp_accept_fn fn, void *context,
	       struct tcp_listener **ret_listener)
{
	int fd = open_socket(at);

	if (fd < 0)
		return E_SYSTEM;
	struct tcp_listener *t = alloc_zero(1, sizeof *t);
	if (t == NULL) {
		(void)close(fd);
		return E_NO_MEMORY;
	}
	*t = (struct tcp_listener){.loop = l, .fd = fd, .fn = fn, .context = context};
	t->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
	t->watch = watch_new(l, fd, on_readable, t);
	if (t->watch == NULL) {
		tcp_listener_close(t);
		return E_NO_MEMORY;
	}
	*ret_listener = t;
	return 0;
}

void tcp_listener_close(struct tcp_listener *t)
{
	if (t == NULL)
		return;
	if (t->busy) {
		t->gone = true;
		return;
	}
	watch_free(t->watch);
	if (t->spare >= 0)
		(void)close(t->spare);
	(void)close(t->fd);
	alloc_free(t);
}

uint16_t tcp_listener_port(const struct tcp_listener *t)
{
	struct sockaddr_in address = {0};
	socklen_t len = sizeof address;

	if (getsockname(t->fd, (struct sockaddr *)&address, &len) != 0)
		return 0;
	return ntohs(address.sin_port);
}
