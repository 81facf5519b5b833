/* Connections: non-blocking, read into the loop's buffer, queueing only what the kernel did not
 * take, so that an idle phone costs this struct and one event (docs/decisions/007).
 *
 *   opening --> open --> (freed, on_end called)
 *                 \--tcp_close--> closing: flush, FIN, read until the peer's FIN --> freed
 *
 * Ends are told from the loop only, never from inside tcp_send: the owner's state is not pulled
 * away under its feet. A closing connection goes on reading, because closing a socket with unread
 * input makes the kernel send a reset, and that destroys a RegisterReject still on its way. */
#include "net/tcp.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/error.h"
#include "net/loop_internal.h"
#include "net/socket.h"
#include "net/tcp_internal.h"

#include <errno.h>
#include <event2/event.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#define CLOSING_LIMIT 5    /* seconds a closing connection may take */
#define CLOSING_MAX   1024 /* of them at once; the next ends without ceremony */
/* What a peer that came to us may say before the others have their turn: with the whole scratch one
 * that floods holds the loop for as long as ten thousand short frames take. */
#define TURN_ACCEPTED ((size_t)4096)

enum connection_state {
	CONNECTION_OPENING,
	CONNECTION_OPEN,
	CONNECTION_CLOSING, /* nobody's any more */
};

struct tcp {
	struct loop *loop;
	struct event *read;
	struct event *write; /* made when first needed */
	int fd;
	enum connection_state state;
	size_t turn;      /* bytes read in one go */
	bool broken;      /* to be ended from the loop */
	bool finished;    /* our FIN is sent */
	bool peer_done;   /* the peer's has come */
	dt_time give_up;  /* CLOSING */
	struct buf queue; /* holds no memory while empty */
	struct tcp_handlers handlers;
	void *context;
	bool busy, gone;          /* freed from its own handler: done after it */
	struct tcp *next, **link; /* among the loop's closing ones */
};

static const struct timeval closing_limit = {.tv_sec = CLOSING_LIMIT};

static void on_read(evutil_socket_t fd, short what, void *context);
static void on_write(evutil_socket_t fd, short what, void *context);

static void tcp_free(struct tcp *t)
{
	if (t->busy) {
		t->gone = true;
		return;
	}
	if (t->link != NULL) {
		t->loop->closing_count--;
		*t->link = t->next;
		if (t->next != NULL)
			t->next->link = t->link;
	}
	if (t->read != NULL)
		event_free(t->read);
	if (t->write != NULL)
		event_free(t->write);
	buf_done(&t->queue);
	(void)close(t->fd);
	alloc_free(t);
}

static void handler_done(struct tcp *t)
{
	t->busy = false;
	if (t->gone)
		tcp_free(t);
}

void tcp_closing_free(struct loop *l)
{
	while (l->closing != NULL)
		tcp_free(l->closing);
}

/* 0, or the errno that stands in the way. */
static int want_write(struct tcp *t)
{
	if (t->write == NULL)
		t->write = event_new(t->loop->base, t->fd, EV_WRITE | EV_PERSIST, on_write, t);
	return t->write != NULL && event_add(t->write, NULL) == 0 ? 0 : ENOMEM;
}

/* Sends what it can of the queue. 0, or the errno that broke the connection. */
static int flush(struct tcp *t)
{
	while (t->queue.len > 0) {
		ssize_t n = send(t->fd, t->queue.ptr, t->queue.len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == ENOBUFS))
			return want_write(t);
		if (n < 0)
			return errno;
		buf_consume(&t->queue, (size_t)n);
	}
	if (t->write != NULL)
		(void)event_del(t->write);
	buf_done(&t->queue);
	return 0;
}

/* Our FIN once all is sent; the end once the peer's has come too. */
static void closing_go_on(struct tcp *t)
{
	if (loop_now(t->loop) >= t->give_up || flush(t) != 0) {
		tcp_free(t);
		return;
	}
	if (t->queue.len > 0)
		return;
	if (t->peer_done) {
		tcp_free(t);
	} else if (!t->finished) {
		t->finished = true;
		(void)shutdown(t->fd, SHUT_WR);
	}
}

static void closing_start(struct tcp *t)
{
	t->state = CONNECTION_CLOSING;
	t->give_up = dt_time_add(loop_now(t->loop), DT_SECONDS(CLOSING_LIMIT));
	t->next = t->loop->closing;
	t->link = &t->loop->closing;
	if (t->next != NULL)
		t->next->link = &t->next;
	t->loop->closing = t;
	t->loop->closing_count++;
	if (t->peer_done)
		(void)event_del(t->read);
	if (t->loop->closing_count > CLOSING_MAX || (t->peer_done && want_write(t) != 0) ||
	    event_add(t->peer_done ? t->write : t->read, &closing_limit) != 0)
		tcp_free(t);
	else
		closing_go_on(t);
}

static void end(struct tcp *t, enum tcp_end why)
{
	struct tcp_handlers handlers = t->handlers;
	void *context = t->context;

	/* A peer that has said all may still listen. */
	if (why == TCP_END_CLOSED && t->queue.len > 0)
		closing_start(t);
	else
		tcp_free(t);
	if (handlers.on_end != NULL)
		handlers.on_end(context, why);
}

static void on_opened(struct tcp *t)
{
	int failed = 0;
	socklen_t len = sizeof failed;

	(void)getsockopt(t->fd, SOL_SOCKET, SO_ERROR, &failed, &len);
	if (failed != 0) {
		end(t, TCP_END_REFUSED);
		return;
	}
	t->state = CONNECTION_OPEN;
	(void)event_del(t->write);
	if (event_add(t->read, NULL) != 0 || flush(t) != 0) {
		end(t, TCP_END_RESET);
		return;
	}
	t->busy = true;
	if (t->handlers.on_open != NULL)
		t->handlers.on_open(t->context);
	handler_done(t);
}

static void on_drained(struct tcp *t)
{
	t->busy = true;
	if (t->handlers.on_drained != NULL)
		t->handlers.on_drained(t->context);
	handler_done(t);
}

static void on_write(evutil_socket_t fd, short what, void *context)
{
	struct tcp *t = context;

	(void)fd;
	(void)what;
	switch (t->state) {
	case CONNECTION_OPENING:
		on_opened(t);
		break;
	case CONNECTION_OPEN:
		if (flush(t) != 0)
			end(t, TCP_END_RESET);
		else if (t->queue.len == 0)
			on_drained(t);
		break;
	case CONNECTION_CLOSING:
		closing_go_on(t);
		break;
	}
}

static void closing_read(struct tcp *t)
{
	ssize_t n = recv(t->fd, t->loop->scratch, LOOP_SCRATCH, MSG_DONTWAIT);

	if (loop_now(t->loop) >= t->give_up || (n < 0 && errno != EAGAIN && errno != EINTR)) {
		tcp_free(t);
	} else if (n == 0) {
		t->peer_done = true;
		(void)event_del(t->read);
		if (t->queue.len == 0 || event_add(t->write, &closing_limit) != 0)
			tcp_free(t);
	}
}

static void on_data(struct tcp *t, struct slice bytes)
{
	t->busy = true;
	if (t->handlers.on_data != NULL)
		t->handlers.on_data(t->context, bytes);
	handler_done(t);
}

static void on_read(evutil_socket_t fd, short what, void *context)
{
	struct tcp *t = context;

	(void)what;
	if (t->state == CONNECTION_CLOSING) {
		closing_read(t);
		return;
	}
	if (t->broken) {
		end(t, t->state == CONNECTION_OPENING ? TCP_END_REFUSED : TCP_END_RESET);
		return;
	}
	ssize_t n = recv(fd, t->loop->scratch, t->turn, MSG_DONTWAIT);
	if (n > 0) {
		on_data(t, slice_of(t->loop->scratch, (size_t)n));
	} else if (n == 0) {
		t->peer_done = true;
		end(t, TCP_END_CLOSED);
	} else if (errno != EAGAIN && errno != EINTR) {
		end(t, TCP_END_RESET);
	}
}

static struct tcp *tcp_new(struct loop *l, int fd, enum connection_state state)
{
	struct tcp *t = alloc_zero(1, sizeof *t);

	if (t == NULL) {
		(void)close(fd);
		return NULL;
	}
	*t = (struct tcp){.loop = l, .fd = fd, .state = state, .turn = LOOP_SCRATCH};
	buf_init(&t->queue, TCP_OUTPUT_MAX);
	t->read = event_new(l->base, fd, EV_READ | EV_PERSIST, on_read, t);
	if (t->read == NULL || (state == CONNECTION_OPENING && want_write(t) != 0)) {
		tcp_free(t);
		return NULL;
	}
	return t;
}

struct tcp *tcp_accepted(struct loop *l, int fd)
{
	struct tcp *t = tcp_new(l, fd, CONNECTION_OPEN);

	if (t != NULL)
		t->turn = TURN_ACCEPTED;
	return t;
}

void tcp_never_waits(int fd)
{
	int one = 1;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

/* A socket bound to an address that this host may only be about to get. */
static int bind_origin(int fd, const struct tcp_origin *origin)
{
	struct sockaddr_in address = socket_address((struct endpoint){origin->ip, 0});
	int one = 1;
	int ttl = origin->ttl;

	if (ttl != 0)
		(void)setsockopt(fd, IPPROTO_IP, IP_TTL, &ttl, sizeof ttl);
	if (origin->interface != NULL &&
	    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, origin->interface,
		       (socklen_t)strlen(origin->interface)) != 0)
		return E_SYSTEM;
	if (ip4_is_zero(origin->ip))
		return 0;
	(void)setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &one, sizeof one);
	/* The port is chosen at connect, unique per destination instead of per host. */
	(void)setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
	return bind(fd, (const struct sockaddr *)&address, sizeof address) == 0 ? 0 : E_SYSTEM;
}

int tcp_connect_from(struct loop *l, struct endpoint to, const struct tcp_origin *origin,
		     const struct tcp_handlers *handlers, void *context, struct tcp **ret_tcp)
{
	struct sockaddr_in address = socket_address(to);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return E_SYSTEM;
	tcp_never_waits(fd);
	if (bind_origin(fd, origin) != 0 ||
	    (connect(fd, (const struct sockaddr *)&address, sizeof address) != 0 &&
	     errno != EINPROGRESS)) {
		int error = errno;
		(void)close(fd);
		errno = error;
		return E_SYSTEM;
	}
	struct tcp *t = tcp_new(l, fd, CONNECTION_OPENING);
	if (t == NULL)
		return E_NO_MEMORY;
	tcp_set_handlers(t, handlers, context);
	*ret_tcp = t;
	return 0;
}

int tcp_connect(struct loop *l, struct endpoint to, struct ip4 local,
		const struct tcp_handlers *handlers, void *context, struct tcp **ret_tcp)
{
	struct tcp_origin origin = {.ip = local};

	return tcp_connect_from(l, to, &origin, handlers, context, ret_tcp);
}

/* Ends it from the loop. */
static void break_off(struct tcp *t)
{
	t->broken = true;
	event_active(t->read, EV_READ, 1);
}

void tcp_set_handlers(struct tcp *t, const struct tcp_handlers *handlers, void *context)
{
	t->handlers = *handlers;
	t->context = context;
	if (t->state == CONNECTION_OPEN && event_add(t->read, NULL) != 0)
		break_off(t);
}

void tcp_send(struct tcp *t, struct slice bytes)
{
	if (t->broken || bytes.len == 0)
		return;
	if (t->state == CONNECTION_OPEN && t->queue.len == 0) {
		ssize_t n = send(t->fd, bytes.ptr, bytes.len, MSG_NOSIGNAL | MSG_DONTWAIT);
		bytes = slice_from(bytes, n > 0 ? (size_t)n : 0);
		/* A broken connection shows itself to the next read. */
		if (bytes.len == 0 || (n < 0 && errno != EAGAIN && errno != ENOBUFS))
			return;
	}
	buf_append(&t->queue, bytes);
	if (buf_error(&t->queue) != 0 || (t->state == CONNECTION_OPEN && want_write(t) != 0))
		break_off(t);
}

bool tcp_is_behind(const struct tcp *t)
{
	return t->queue.len > 0 || t->broken;
}

void tcp_close(struct tcp *t)
{
	if (t->state != CONNECTION_OPEN || t->broken)
		tcp_free(t);
	else
		closing_start(t);
}

void tcp_vanish(struct tcp *t)
{
	int one = 1;

	/* A socket under repair is closed without a word; where that may not be had, with a reset.
	 */
	if (setsockopt(t->fd, IPPROTO_TCP, TCP_REPAIR, &one, sizeof one) == 0)
		tcp_free(t);
	else
		tcp_abort(t);
}

void tcp_abort(struct tcp *t)
{
	struct linger hard = {.l_onoff = 1};

	if (t == NULL)
		return;
	(void)setsockopt(t->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
	tcp_free(t);
}
