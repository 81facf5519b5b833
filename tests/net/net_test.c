/* The room that touches the kernel, on real sockets of 127.0.0.0/8. */
#include "harness.h"

#include "base/error.h"
#include "net/packet.h"
#include "net/tcp.h"
#include "net/udp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* One side of a conversation, and what it has seen. */
struct side {
	struct loop *loop;
	struct udp *udp;
	struct udp_arrival arrival;
	unsigned datagrams, refused;
	unsigned awaited;
	struct endpoint refused_to;
	struct ip4 refused_at;
	struct tcp *tcp;
	struct tcp_listener *listener;
	struct endpoint peer, local;
	char text[64];
	size_t bytes;
	bool opened, ended, close_on_data;
	enum tcp_end end;
	struct side *answers; /* given to what its listener accepts */
};

static const struct endpoint any = {{{127, 0, 0, 1}}, 0};

static void give_up(void *context)
{
	(void)context;
	fail_msg("nothing happened for five seconds");
}

static void run(struct loop *l)
{
	struct timer *guard = timer_new(l, give_up, NULL);
	assert_non_null(guard);
	timer_set(guard, loop_now(l) + DT_SECONDS(5));
	assert_int_equal(loop_run(l), 0);
	timer_free(guard);
}

static void on_datagram(void *context, const struct udp_arrival *arrival, struct slice datagram)
{
	struct side *s = context;
	s->arrival = *arrival;
	s->bytes += datagram.len;
	if (++s->datagrams == s->awaited)
		loop_stop(s->loop);
}

static void on_refused(void *context, struct endpoint to, struct ip4 local)
{
	struct side *s = context;
	s->refused++;
	s->refused_to = to;
	s->refused_at = local;
	loop_stop(s->loop);
}

static struct udp *open_udp(struct side *s, struct loop *l, struct ip4 ip, bool refusals)
{
	struct udp_options o = {.bind = {ip, 0}, .on_datagram = on_datagram, .context = s};
	struct udp *u = NULL;
	if (refusals)
		o.on_refused = on_refused;
	s->loop = l;
	assert_int_equal(udp_open(l, &o, &u), 0);
	s->udp = u;
	return u;
}

struct timing {
	struct loop *loop;
	struct timer *timer;
	dt_time fired;
};

static void on_timer(void *context)
{
	struct timing *t = context;
	t->fired = loop_now(t->loop);
	timer_free(t->timer);
	loop_stop(t->loop);
}

TEST("a timer fires once, never before its time, and may be freed from its own callback")
{
	struct loop *l = loop_new();
	for (dt_time wait = 300; wait < 8000; wait += 1100) {
		struct timing t = {.loop = l};
		dt_time at = loop_now(l) + wait;
		t.timer = timer_new(l, on_timer, &t);
		timer_set(t.timer, at + DT_SECONDS(100));
		timer_set(t.timer, at);
		run(l);
		assert_true(t.fired >= at);
	}
	loop_free(l);
}

static void on_signal(void *context)
{
	loop_stop(context);
}

TEST("a signal is heard in the loop")
{
	struct loop *l = loop_new();
	struct watch *w = watch_signal(l, SIGUSR1, on_signal, l);
	assert_int_equal(raise(SIGUSR1), 0);
	run(l);
	watch_free(w);
	loop_free(l);
}

TEST("a datagram tells which of our addresses it was sent to, and the answer leaves from there")
{
	struct loop *l = loop_new();
	struct side server = {.awaited = 1};
	struct side phone = {.awaited = 1};
	open_udp(&server, l, ip4_of(0), false);
	open_udp(&phone, l, ip4_of(0x7f000001), false);
	struct endpoint to = {ip4_of(0x7f000005), udp_port(server.udp)};
	assert_int_equal(udp_send(phone.udp, to, ip4_of(0), 0, slice_text("RRQ")), 0);
	run(l);
	assert_int_equal(ip4_number(server.arrival.local), 0x7f000005);
	assert_int_equal(server.arrival.from.port, udp_port(phone.udp));
	assert_true(server.arrival.interface != 0);
	assert_int_equal(udp_send(server.udp, server.arrival.from, server.arrival.local,
				  server.arrival.interface, slice_text("DATA")),
			 0);
	run(l);
	assert_true(endpoint_equal(phone.arrival.from, to));
	assert_int_equal(phone.bytes, 4);
	udp_close(server.udp);
	udp_close(phone.udp);
	loop_free(l);
}

TEST("a site's wave of requests waits in the socket until the loop comes to it")
{
	struct loop *l = loop_new();
	struct side server = {.awaited = 150};
	struct side phone = {0};
	uint8_t discover[548] = {1};
	open_udp(&server, l, ip4_of(0), false);
	open_udp(&phone, l, ip4_of(0x7f000001), false);
	for (unsigned i = 0; i < server.awaited; i++)
		assert_int_equal(udp_send(phone.udp,
					  (struct endpoint){any.ip, udp_port(server.udp)},
					  ip4_of(0), 0, slice_of(discover, sizeof discover)),
				 0);
	run(l);
	assert_int_equal(server.bytes, 150 * sizeof discover);
	udp_close(server.udp);
	udp_close(phone.udp);
	loop_free(l);
}

TEST("a closed port is reported with its address, and costs no datagram to anybody else")
{
	struct loop *l = loop_new();
	struct side dead = {0};
	struct side alive = {.awaited = 1};
	struct side phone = {0};
	open_udp(&dead, l, any.ip, false);
	struct endpoint closed = {any.ip, udp_port(dead.udp)};
	udp_close(dead.udp);
	open_udp(&alive, l, any.ip, false);
	open_udp(&phone, l, any.ip, true);
	assert_int_equal(udp_send(phone.udp, closed, ip4_of(0), 0, slice_text("x")), 0);
	assert_int_equal(udp_send(phone.udp, (struct endpoint){any.ip, udp_port(alive.udp)},
				  ip4_of(0), 0, slice_text("y")),
			 0);
	while (phone.refused == 0 || alive.datagrams == 0)
		run(l);
	assert_true(endpoint_equal(phone.refused_to, closed));
	assert_int_equal(ip4_number(phone.refused_at), 0x7f000001);
	assert_int_equal(alive.datagrams, 1);
	udp_close(alive.udp);
	udp_close(phone.udp);
	loop_free(l);
}

static void close_udp(void *context, const struct udp_arrival *arrival, struct slice datagram)
{
	struct side *s = context;
	(void)arrival;
	(void)datagram;
	s->datagrams++;
	udp_close(s->udp);
	loop_stop(s->loop);
}

TEST("a datagram socket may be closed from its own callback, in the middle of a batch")
{
	struct loop *l = loop_new();
	struct side server = {.loop = l};
	struct side phone = {0};
	struct udp_options o = {.bind = any, .on_datagram = close_udp, .context = &server};
	assert_int_equal(udp_open(l, &o, &server.udp), 0);
	struct endpoint to = {any.ip, udp_port(server.udp)};
	open_udp(&phone, l, any.ip, false);
	for (int i = 0; i < 3; i++)
		(void)udp_send(phone.udp, to, ip4_of(0), 0, slice_text("x"));
	run(l);
	assert_int_equal(server.datagrams, 1);
	udp_close(phone.udp);
	loop_free(l);
}

/* Everything is answered at the end of its batch. */
struct echo {
	struct side side;
	struct udp_arrival from[UDP_MANY];
	size_t count, ends;
};

static void on_asked(void *context, const struct udp_arrival *arrival, struct slice datagram)
{
	struct echo *e = context;
	(void)datagram;
	assert_in_range(e->count, 0, UDP_MANY - 1);
	e->from[e->count++] = *arrival;
}

static void on_batch_end(void *context)
{
	struct echo *e = context;
	struct udp_message messages[UDP_MANY] = {0};
	bool sent[UDP_MANY];
	e->ends++;
	for (size_t i = 0; i < e->count; i++)
		messages[i] = (struct udp_message){
		    .to = e->from[i].from, .local = e->from[i].local, .bytes = slice_text("ack")};
	/* One that no host can be sent: the others go all the same. */
	messages[1].to.port = 0;
	udp_send_many(e->side.udp, messages, e->count, sent);
	for (size_t i = 0; i < e->count; i++)
		assert_int_equal(sent[i], i != 1);
	e->count = 0;
}

TEST("datagrams that came together are answered together, and one that cannot leave keeps no other")
{
	struct loop *l = loop_new();
	struct echo server = {.count = 0};
	struct side phone = {.awaited = 4, .loop = l};
	struct udp_options o = {
	    .bind = any, .on_datagram = on_asked, .on_end = on_batch_end, .context = &server};
	assert_int_equal(udp_open(l, &o, &server.side.udp), 0);
	open_udp(&phone, l, any.ip, false);
	struct endpoint to = {any.ip, udp_port(server.side.udp)};
	for (int i = 0; i < 5; i++)
		assert_int_equal(udp_send(phone.udp, to, ip4_of(0), 0, slice_text("ask")), 0);
	run(l);
	assert_int_equal(server.ends, 1);
	assert_int_equal(phone.bytes, 4 * 3);
	udp_close(server.side.udp);
	udp_close(phone.udp);
	loop_free(l);
}

TEST("a port that is taken is refused with the system's reason")
{
	struct loop *l = loop_new();
	struct side first = {0};
	struct udp *second = NULL;
	open_udp(&first, l, any.ip, false);
	struct udp_options o = {.bind = {any.ip, udp_port(first.udp)}, .on_datagram = on_datagram};
	errno = 0;
	assert_int_equal(udp_open(l, &o, &second), E_SYSTEM);
	assert_int_equal(errno, EADDRINUSE);
	udp_close(first.udp);
	loop_free(l);
}

static void on_open(void *context)
{
	struct side *s = context;
	s->opened = true;
	loop_stop(s->loop);
}

static void on_data(void *context, struct slice bytes)
{
	struct side *s = context;
	if (s->bytes + bytes.len < sizeof s->text)
		memcpy(s->text + s->bytes, bytes.ptr, bytes.len);
	s->bytes += bytes.len;
	if (s->close_on_data) {
		tcp_close(s->tcp);
		s->ended = true;
	}
	loop_stop(s->loop);
}

static void on_end(void *context, enum tcp_end end)
{
	struct side *s = context;
	s->ended = true;
	s->end = end;
	s->tcp = NULL;
	loop_stop(s->loop);
}

static const struct tcp_handlers handlers = {
    .on_open = on_open, .on_data = on_data, .on_end = on_end};

static void on_accept(void *context, struct tcp *connection, struct endpoint peer,
		      struct endpoint local)
{
	struct side *s = context;
	s->tcp = connection;
	s->peer = peer;
	s->local = local;
	tcp_set_handlers(connection, &handlers, s);
	loop_stop(s->loop);
}

/* A connected pair, `phone` from 127.0.0.9, an address nobody configured. */
static struct loop *connect_pair(struct side *server, struct side *phone)
{
	struct loop *l = loop_new();
	server->loop = l;
	phone->loop = l;
	assert_int_equal(tcp_listen(l, any, on_accept, server, &server->listener), 0);
	struct endpoint to = {any.ip, tcp_listener_port(server->listener)};
	assert_int_equal(tcp_connect(l, to, ip4_of(0x7f000009), &handlers, phone, &phone->tcp), 0);
	while (server->tcp == NULL || !phone->opened)
		run(l);
	return l;
}

static void end_pair(struct loop *l, struct side *server, struct side *phone)
{
	tcp_abort(server->tcp);
	tcp_abort(phone->tcp);
	tcp_listener_close(server->listener);
	loop_free(l);
}

TEST("a connection carries bytes both ways and knows both its ends")
{
	struct side server = {0};
	struct side phone = {0};
	struct loop *l = connect_pair(&server, &phone);
	assert_int_equal(ip4_number(server.peer.ip), 0x7f000009);
	assert_int_equal(server.local.port, tcp_listener_port(server.listener));
	tcp_send(phone.tcp, slice_text("Register"));
	while (server.bytes < 8)
		run(l);
	tcp_send(server.tcp, slice_text("Ack"));
	while (phone.bytes < 3)
		run(l);
	assert_string_equal(server.text, "Register");
	assert_string_equal(phone.text, "Ack");
	end_pair(l, &server, &phone);
}

TEST("what is sent before the connection stands leaves when it does")
{
	struct loop *l = loop_new();
	struct side server = {.loop = l};
	struct side phone = {.loop = l};
	assert_int_equal(tcp_listen(l, any, on_accept, &server, &server.listener), 0);
	struct endpoint to = {any.ip, tcp_listener_port(server.listener)};
	assert_int_equal(tcp_connect(l, to, ip4_of(0), &handlers, &phone, &phone.tcp), 0);
	tcp_send(phone.tcp, slice_text("early"));
	while (server.bytes < 5)
		run(l);
	assert_string_equal(server.text, "early");
	end_pair(l, &server, &phone);
}

TEST("a closed port refuses a connection")
{
	struct loop *l = loop_new();
	struct side phone = {.loop = l};
	struct tcp_listener *t = NULL;
	assert_int_equal(tcp_listen(l, any, on_accept, &phone, &t), 0);
	struct endpoint to = {any.ip, tcp_listener_port(t)};
	tcp_listener_close(t);
	if (tcp_connect(l, to, ip4_of(0), &handlers, &phone, &phone.tcp) == 0) {
		run(l);
		assert_true(phone.ended);
		assert_int_equal(phone.end, TCP_END_REFUSED);
	}
	loop_free(l);
}

TEST("closing delivers all that was queued, then ends in order")
{
	static uint8_t bytes[200000];
	struct side server = {0};
	struct side phone = {0};
	struct loop *l = connect_pair(&server, &phone);
	tcp_send(server.tcp, slice_of(bytes, sizeof bytes));
	tcp_close(server.tcp);
	server.tcp = NULL;
	while (!phone.ended)
		run(l);
	assert_int_equal(phone.bytes, sizeof bytes);
	assert_int_equal(phone.end, TCP_END_CLOSED);
	end_pair(l, &server, &phone);
}

TEST("closing while the phone's bytes are still unread does not turn the last word into a reset")
{
	struct side server = {0};
	struct side phone = {0};
	struct loop *l = connect_pair(&server, &phone);
	tcp_send(phone.tcp, slice_text("KeepAlive"));
	tcp_send(server.tcp, slice_text("RegisterReject"));
	tcp_close(server.tcp);
	server.tcp = NULL;
	while (!phone.ended)
		run(l);
	assert_string_equal(phone.text, "RegisterReject");
	assert_int_equal(phone.end, TCP_END_CLOSED);
	end_pair(l, &server, &phone);
}

TEST("out of descriptors, a connection is turned away and the loop does not spin")
{
	struct loop *l = loop_new();
	struct side server = {.loop = l};
	struct side phone = {.loop = l};
	struct rlimit old;
	assert_int_equal(tcp_listen(l, any, on_accept, &server, &server.listener), 0);
	struct endpoint to = {any.ip, tcp_listener_port(server.listener)};
	assert_int_equal(tcp_connect(l, to, ip4_of(0), &handlers, &phone, &phone.tcp), 0);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	int highest = dup(0);
	assert_true(highest > 0);
	(void)close(highest);
	struct rlimit none = {.rlim_cur = (rlim_t)highest, .rlim_max = old.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	while (!phone.ended)
		run(l);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_null(server.tcp);
	end_pair(l, &server, &phone);
}

/* A phone that shuts its sending side down and goes on reading, which our own side never does. */
static int half_closed_phone(uint16_t port)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
				 .sin_port = htons(port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	static uint8_t bytes[65536];
	size_t total = 0;
	ssize_t n = 0;
	int small = 4096;
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
	if (connect(fd, (const struct sockaddr *)&to, sizeof to) != 0 || shutdown(fd, SHUT_WR) != 0)
		return 1;
	while ((n = recv(fd, bytes, sizeof bytes, 0)) > 0)
		total += (size_t)n;
	return n == 0 && total == TCP_OUTPUT_MAX ? 0 : 2;
}

/* The kernel would take all of it at once; the test is about what it does not take. */
static void shrink_send_buffer(struct endpoint peer)
{
	int small = 4096;
	for (int fd = 3; fd < 256; fd++) {
		struct sockaddr_in a = {0};
		socklen_t len = sizeof a;
		if (getpeername(fd, (struct sockaddr *)&a, &len) == 0 && a.sin_family == AF_INET &&
		    ntohs(a.sin_port) == peer.port)
			assert_int_equal(
			    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof small), 0);
	}
}

static void accept_and_fill(void *context, struct tcp *connection, struct endpoint peer,
			    struct endpoint local)
{
	static uint8_t bytes[TCP_OUTPUT_MAX];
	struct side *s = context;
	(void)local;
	shrink_send_buffer(peer);
	s->tcp = connection;
	tcp_set_handlers(connection, &handlers, s);
	tcp_send(connection, slice_of(bytes, sizeof bytes));
}

TEST("a phone that has said all still gets what was queued for it")
{
	struct loop *l = loop_new();
	struct side server = {.loop = l};
	int status = 0;
	assert_int_equal(tcp_listen(l, any, accept_and_fill, &server, &server.listener), 0);
	uint16_t port = tcp_listener_port(server.listener);
	int end[2];
	assert_int_equal(pipe2(end, O_CLOEXEC), 0);
	pid_t child = fork();
	if (child == 0) {
		(void)close(end[0]);
		_exit(half_closed_phone(port));
	}
	(void)close(end[1]);
	struct watch *w = watch_new(l, end[0], on_signal, l);
	run(l); /* until the server has seen the FIN */
	assert_true(server.ended);
	run(l); /* until the phone has all of it */
	watch_free(w);
	(void)close(end[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	end_pair(l, &server, &(struct side){0});
}

TEST("a connection may be closed from its own callback")
{
	struct side server = {.close_on_data = true};
	struct side phone = {0};
	struct loop *l = connect_pair(&server, &phone);
	tcp_send(phone.tcp, slice_text("x"));
	while (!phone.ended)
		run(l);
	assert_int_equal(phone.end, TCP_END_CLOSED);
	server.tcp = NULL;
	end_pair(l, &server, &phone);
}

TEST("a dropped connection is a reset to its peer")
{
	struct side server = {0};
	struct side phone = {0};
	struct loop *l = connect_pair(&server, &phone);
	tcp_abort(server.tcp);
	server.tcp = NULL;
	while (!phone.ended)
		run(l);
	assert_int_equal(phone.end, TCP_END_RESET);
	end_pair(l, &server, &phone);
}

static void ignore_data(void *context, struct slice bytes)
{
	(void)context;
	(void)bytes;
}

TEST("a peer that stops reading is cut off at the ceiling, from the loop and not from the call")
{
	static const struct tcp_handlers only_end = {.on_data = ignore_data, .on_end = on_end};
	static uint8_t bytes[TCP_OUTPUT_MAX / 2];
	struct loop *l = loop_new();
	struct side server = {.loop = l};
	struct side phone = {.loop = l};
	assert_int_equal(tcp_listen(l, any, on_accept, &server, &server.listener), 0);
	struct endpoint to = {any.ip, tcp_listener_port(server.listener)};
	assert_int_equal(tcp_connect(l, to, ip4_of(0), &only_end, &phone, &phone.tcp), 0);
	while (server.tcp == NULL)
		run(l);
	/* The loop does not run, so nobody reads: the kernel's buffers fill, then ours. */
	for (int i = 0; i < 200; i++)
		tcp_send(server.tcp, slice_of(bytes, sizeof bytes));
	assert_false(server.ended);
	while (!server.ended)
		run(l);
	assert_int_equal(server.end, TCP_END_RESET);
	end_pair(l, &server, &phone);
}

static void close_listener(void *context, struct tcp *connection, struct endpoint peer,
			   struct endpoint local)
{
	struct side *s = context;
	(void)peer;
	(void)local;
	tcp_abort(connection);
	tcp_listener_close(s->listener);
	s->listener = NULL;
	loop_stop(s->loop);
}

TEST("a listener may be closed from its own callback")
{
	struct loop *l = loop_new();
	struct side server = {.loop = l};
	struct side phone = {.loop = l};
	assert_int_equal(tcp_listen(l, any, close_listener, &server, &server.listener), 0);
	struct endpoint to = {any.ip, tcp_listener_port(server.listener)};
	assert_int_equal(tcp_connect(l, to, ip4_of(0), &handlers, &phone, &phone.tcp), 0);
	while (server.listener != NULL || !phone.ended)
		run(l);
	end_pair(l, &server, &phone);
}

struct watcher {
	struct loop *loop;
	unsigned opening, others, other_port;
	uint16_t port;
	dt_time last;
	bool ended;
};

static void on_frame(void *context, uint32_t link, struct slice frame, dt_time at)
{
	struct watcher *w = context;
	assert_int_equal(link, 1);
	assert_true(frame.len >= 54 && frame.ptr[23] == 6);
	assert_true(at <= loop_now(w->loop) && at > loop_now(w->loop) - DT_SECONDS(30));
	uint16_t from = (uint16_t)(frame.ptr[34] << 8 | frame.ptr[35]);
	uint16_t to = (uint16_t)(frame.ptr[36] << 8 | frame.ptr[37]);
	w->opening += (frame.ptr[47] & 0x02) != 0;
	w->others += (frame.ptr[47] & 0x07) == 0;
	w->other_port += from != w->port && to != w->port;
	w->ended = w->ended || (frame.ptr[47] & 0x05) != 0;
	loop_stop(w->loop);
}

TEST("a watcher sees a connection's beginning and end on its port, and nothing else")
{
	struct side server = {0};
	struct side phone = {0};
	struct side other_server = {0};
	struct side other = {0};
	struct loop *l = loop_new();
	struct watcher w = {.loop = l};
	struct packet *p = NULL;
	assert_int_equal(tcp_listen(l, any, on_accept, &server, &server.listener), 0);
	w.port = tcp_listener_port(server.listener);
	struct packet_options o = {.interface = "lo",
				   .filter = PACKET_TCP_ENDS,
				   .port = w.port,
				   .on_frame = on_frame,
				   .context = &w};
	int error = packet_open(l, &o, &p);
	if (error != 0) {
		assert_int_equal(error, E_DENIED);
		tcp_listener_close(server.listener);
		loop_free(l);
		skip();
	}
	server.loop = l;
	phone.loop = l;
	struct loop *elsewhere = connect_pair(&other_server, &other);
	assert_int_equal(tcp_connect(l, (struct endpoint){any.ip, w.port}, ip4_of(0), &handlers,
				     &phone, &phone.tcp),
			 0);
	while (server.tcp == NULL || !phone.opened)
		run(l);
	tcp_send(phone.tcp, slice_text("not for the watcher"));
	while (server.bytes == 0)
		run(l);
	tcp_close(phone.tcp);
	phone.tcp = NULL;
	while (!server.ended || !w.ended)
		run(l);
	assert_int_equal(w.opening, 2);
	assert_int_equal(w.others, 0);
	assert_int_equal(w.other_port, 0);
	assert_int_equal(packet_lost(p), 0);
	packet_close(p);
	end_pair(l, &server, &phone);
	end_pair(elsewhere, &other_server, &other);
}

HARNESS_OOM("whatever cannot be allocated, opening fails whole")
{
	struct loop *l = loop_new();
	struct side s = {.loop = l};
	struct udp_options o = {.bind = any, .on_datagram = on_datagram, .context = &s};
	int error = l != NULL ? 0 : E_NO_MEMORY;
	if (error == 0)
		error = udp_open(l, &o, &s.udp);
	if (error == 0)
		error = tcp_listen(l, any, on_accept, &s, &s.listener);
	if (error == 0)
		error = tcp_connect(l, (struct endpoint){any.ip, tcp_listener_port(s.listener)},
				    ip4_of(0), &handlers, &s, &s.tcp);
	tcp_abort(s.tcp);
	tcp_listener_close(s.listener);
	udp_close(s.udp);
	loop_free(l);
	return error;
}
