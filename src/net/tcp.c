/* Connections over libevent's bufferevents, which keep the buffers; the ceilings are ours. */
#include "net/tcp.h"

#include "base/alloc.h"
#include "base/error.h"
#include "net/socket.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG     4096 /* a site's power coming back */
#define READ_MAX    16384
#define FLUSH_LIMIT 10 /* seconds a closing connection may take to be rid of its output */

struct tcp {
	struct bufferevent *bev;
	struct tcp_handlers handlers;
	void *context;
	bool open, closing;
	bool busy, gone; /* ended from its own callback: freed after it */
};

struct tcp_listener {
	struct evconnlistener *listener;
	struct loop *loop;
	tcp_accept_fn fn;
	void *context;
};

static void tcp_free(struct tcp *t)
{
	if (t->busy) {
		t->gone = true;
		return;
	}
	bufferevent_free(t->bev);
	alloc_free(t);
}

static void end(struct tcp *t, enum tcp_end why)
{
	struct tcp_handlers handlers = t->handlers;
	void *context = t->context;
	bool tell = !t->closing && handlers.on_end != NULL;

	tcp_free(t);
	if (tell)
		handlers.on_end(context, why);
}

static void on_read(struct bufferevent *bev, void *context)
{
	struct tcp *t = context;
	uint8_t bytes[READ_MAX];
	size_t n = 0;

	t->busy = true;
	while (!t->gone && (n = bufferevent_read(bev, bytes, sizeof bytes)) > 0) {
		if (!t->closing && t->handlers.on_data != NULL)
			t->handlers.on_data(t->context, slice_of(bytes, n));
	}
	t->busy = false;
	if (t->gone)
		tcp_free(t);
}

static void on_write(struct bufferevent *bev, void *context)
{
	struct tcp *t = context;

	if (t->closing && evbuffer_get_length(bufferevent_get_output(bev)) == 0) {
		(void)shutdown(bufferevent_getfd(bev), SHUT_WR);
		tcp_free(t);
	}
}

static void on_event(struct bufferevent *bev, short what, void *context)
{
	struct tcp *t = context;

	(void)bev;
	if ((what & BEV_EVENT_CONNECTED) != 0) {
		t->open = true;
		if (t->handlers.on_open != NULL)
			t->handlers.on_open(t->context);
	} else if (!t->open) {
		end(t, TCP_END_REFUSED);
	} else {
		end(t, (what & BEV_EVENT_EOF) != 0 ? TCP_END_CLOSED : TCP_END_RESET);
	}
}

static void no_delay(int fd)
{
	int one = 1;

	/* A keypress is followed by a tone: waiting for more to send is audible. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

static struct tcp *tcp_new(struct loop *l, int fd)
{
	struct tcp *t = alloc_zero(1, sizeof *t);

	if (t == NULL)
		return NULL;
	t->bev = bufferevent_socket_new(loop_base(l), fd, BEV_OPT_CLOSE_ON_FREE);
	if (t->bev == NULL) {
		alloc_free(t);
		return NULL;
	}
	bufferevent_setcb(t->bev, on_read, on_write, on_event, t);
	return t;
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address,
		      int len, void *context)
{
	struct tcp_listener *tl = context;
	struct sockaddr_in peer = {0};
	struct sockaddr_in local = {0};
	socklen_t local_len = sizeof local;
	struct tcp *t = tcp_new(tl->loop, fd);

	(void)listener;
	if (t == NULL) {
		(void)close(fd);
		return;
	}
	if ((size_t)len >= sizeof peer)
		memcpy(&peer, address, sizeof peer);
	(void)getsockname(fd, (struct sockaddr *)&local, &local_len);
	no_delay(fd);
	t->open = true;
	tl->fn(tl->context, t, socket_endpoint(&peer), socket_endpoint(&local));
}

int tcp_listen(struct loop *l, struct endpoint at, tcp_accept_fn fn, void *context,
	       struct tcp_listener **ret_listener)
{
	struct sockaddr_in address = socket_address(at);
	struct tcp_listener *t = alloc_zero(1, sizeof *t);

	if (t == NULL)
		return E_NO_MEMORY;
	*t = (struct tcp_listener){.loop = l, .fn = fn, .context = context};
	t->listener = evconnlistener_new_bind(
	    loop_base(l), on_accept, t,
	    LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE, BACKLOG,
	    (const struct sockaddr *)&address, sizeof address);
	if (t->listener == NULL) {
		int error = errno;
		alloc_free(t);
		errno = error;
		return E_SYSTEM;
	}
	*ret_listener = t;
	return 0;
}

void tcp_listener_close(struct tcp_listener *t)
{
	if (t == NULL)
		return;
	evconnlistener_free(t->listener);
	alloc_free(t);
}

uint16_t tcp_listener_port(const struct tcp_listener *t)
{
	struct sockaddr_in address = {0};
	socklen_t len = sizeof address;

	if (getsockname(evconnlistener_get_fd(t->listener), (struct sockaddr *)&address, &len) != 0)
		return 0;
	return ntohs(address.sin_port);
}

/* A socket bound to an address that this host may only be about to get. */
static int bound_socket(struct ip4 local)
{
	struct sockaddr_in address = socket_address((struct endpoint){local, 0});
	int one = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0 || ip4_is_zero(local))
		return fd;
	(void)setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &one, sizeof one);
	if (bind(fd, (const struct sockaddr *)&address, sizeof address) == 0)
		return fd;
	int error = errno;
	(void)close(fd);
	errno = error;
	return -1;
}

int tcp_connect(struct loop *l, struct endpoint to, struct ip4 local,
		const struct tcp_handlers *handlers, void *context, struct tcp **ret_tcp)
{
	struct sockaddr_in address = socket_address(to);
	int fd = bound_socket(local);

	if (fd < 0)
		return E_SYSTEM;
	no_delay(fd);
	if (connect(fd, (const struct sockaddr *)&address, sizeof address) != 0 &&
	    errno != EINPROGRESS) {
		int error = errno;
		(void)close(fd);
		errno = error;
		return E_SYSTEM;
	}
	struct tcp *t = tcp_new(l, fd);
	if (t == NULL) {
		(void)close(fd);
		return E_NO_MEMORY;
	}
	tcp_set_handlers(t, handlers, context);
	/* With a descriptor that is connecting already this only waits for the outcome. */
	if (bufferevent_socket_connect(t->bev, NULL, 0) != 0) {
		tcp_free(t);
		return E_SYSTEM;
	}
	*ret_tcp = t;
	return 0;
}

void tcp_set_handlers(struct tcp *t, const struct tcp_handlers *handlers, void *context)
{
	t->handlers = *handlers;
	t->context = context;
	(void)bufferevent_enable(t->bev, EV_READ | EV_WRITE);
}

void tcp_send(struct tcp *t, struct slice bytes)
{
	struct evbuffer *output = bufferevent_get_output(t->bev);

	if (bytes.len == 0)
		return;
	if (evbuffer_get_length(output) + bytes.len > TCP_OUTPUT_MAX ||
	    bufferevent_write(t->bev, bytes.ptr, bytes.len) != 0)
		bufferevent_trigger_event(t->bev, BEV_EVENT_ERROR | BEV_EVENT_WRITING,
					  BEV_TRIG_DEFER_CALLBACKS);
}

void tcp_close(struct tcp *t)
{
	struct timeval limit = {.tv_sec = FLUSH_LIMIT};

	t->closing = true;
	if (evbuffer_get_length(bufferevent_get_output(t->bev)) == 0) {
		(void)shutdown(bufferevent_getfd(t->bev), SHUT_WR);
		tcp_free(t);
		return;
	}
	(void)bufferevent_set_timeouts(t->bev, NULL, &limit);
}

void tcp_abort(struct tcp *t)
{
	struct linger hard = {.l_onoff = 1};

	if (t == NULL)
		return;
	(void)setsockopt(bufferevent_getfd(t->bev), SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
	tcp_free(t);
}
