/* Administration over a Unix socket: the server in the loop, the command line's client in a child.
 */
#include "harness.h"

#include "base/error.h"
#include "http/http_client.h"
#include "http/http_server.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* As dialtone serve does: a client that is gone before its answer is an ordinary thing. */
__attribute__((constructor)) static void ignore_broken_pipes(void)
{
	(void)signal(SIGPIPE, SIG_IGN);
}

struct site {
	struct loop *loop;
	struct http_server *server;
	struct timer *later;
	http_id pending;
	bool defer;
	unsigned requests;
	char method[8], path[64], query[64], body[64];
	size_t body_len;
};

static char directory[] = "/tmp/dialtone-http-XXXXXX";
static char socket_path[64];

static void fresh_path(void)
{
	static unsigned n;
	if (n == 0)
		assert_non_null(mkdtemp(directory));
	(void)snprintf(socket_path, sizeof socket_path, "%s/%u.sock", directory, ++n);
}

static void answer_later(void *context)
{
	struct site *s = context;
	http_answer(s->server, s->pending, 201, "application/json", slice_text("{\"ok\":true}"));
}

static void on_request(void *context, const struct http_request *r)
{
	struct site *s = context;
	s->requests++;
	(void)snprintf(s->method, sizeof s->method, "%s", r->method);
	(void)snprintf(s->path, sizeof s->path, "%s", r->path);
	(void)snprintf(s->query, sizeof s->query, "%s", r->query);
	s->body_len = r->body.len;
	if (r->body.len > 0 && r->body.len < sizeof s->body)
		memcpy(s->body, r->body.ptr, r->body.len);
	s->pending = r->id;
	if (s->defer)
		timer_set(s->later, loop_now(s->loop) + DT_MS(5));
	else
		http_answer(s->server, r->id, 200, "text/plain", slice_text("fine"));
}

static void on_child(void *context)
{
	struct site *s = context;
	loop_stop(s->loop);
}

static void give_up(void *context)
{
	(void)context;
	fail_msg("nothing happened for five seconds");
}

static void open_site(struct site *s)
{
	fresh_path();
	s->loop = loop_new();
	s->later = timer_new(s->loop, answer_later, s);
	assert_int_equal(http_listen(s->loop, socket_path, on_request, s, &s->server), 0);
}

static void close_site(struct site *s)
{
	timer_free(s->later);
	http_close(s->server);
	loop_free(s->loop);
	assert_int_equal(access(socket_path, F_OK), -1);
}

/* Runs the loop until a child that did `ask` ends; its exit status. */
static int serve_child(struct site *s, int (*ask)(void))
{
	struct watch *w = NULL;
	struct timer *guard = timer_new(s->loop, give_up, NULL);
	int status = 0;
	int end[2];
	assert_int_equal(pipe2(end, O_CLOEXEC), 0);
	pid_t child = fork();
	if (child == 0) {
		(void)close(end[0]);
		_exit(ask());
	}
	(void)close(end[1]);
	w = watch_new(s->loop, end[0], on_child, s);
	timer_set(guard, loop_now(s->loop) + DT_SECONDS(5));
	assert_int_equal(loop_run(s->loop), 0);
	watch_free(w);
	timer_free(guard);
	(void)close(end[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int request(const char *method, const char *target, struct slice body, unsigned expected,
		   const char *text)
{
	struct buf answer;
	unsigned status = 0;
	buf_init(&answer, 1024);
	if (http_client_request(socket_path, NULL, method, target, body, &status, &answer) != 0)
		return 1;
	if (status != expected)
		return 2;
	return text == NULL || strcmp(buf_cstr(&answer), text) == 0 ? 0 : 3;
}

static int ask_patch(void)
{
	return request("PATCH", "/v1/phones/SEP%31?width=80&x=%20", slice_text("{\"dn\":\"1001\"}"),
		       200, "fine");
}

TEST("a request arrives with method, decoded path, query and body, and is answered")
{
	struct site s = {0};
	struct stat status;
	open_site(&s);
	assert_int_equal(stat(socket_path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_int_equal(serve_child(&s, ask_patch), 0);
	assert_string_equal(s.method, "PATCH");
	assert_string_equal(s.path, "/v1/phones/SEP1");
	assert_string_equal(s.query, "width=80&x=%20");
	assert_string_equal(s.body, "{\"dn\":\"1001\"}");
	close_site(&s);
}

static int ask_post(void)
{
	return request("POST", "/v1/phones", slice_text("{}"), 201, "{\"ok\":true}");
}

TEST("an answer may come later, and one that comes twice is dropped")
{
	struct site s = {.defer = true};
	open_site(&s);
	assert_int_equal(serve_child(&s, ask_post), 0);
	http_answer(s.server, s.pending, 200, "text/plain", slice_text("again"));
	http_answer(s.server, 4711, 200, "text/plain", slice_text("to nobody"));
	close_site(&s);
}

static int ask_and_leave(void)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	static const char head[] = "GET / HTTP/1.0\r\n\r\n";
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	(void)snprintf(a.sun_path, sizeof a.sun_path, "%s", socket_path);
	if (connect(fd, (const struct sockaddr *)&a, sizeof a) != 0 ||
	    send(fd, head, sizeof head - 1, 0) < 0)
		return 1;
	return close(fd) == 0 ? 0 : 2;
}

static int ask_get(void)
{
	return request("GET", "/", slice_of(NULL, 0), 201, NULL);
}

TEST("a client that left before its answer hurts nobody")
{
	struct site s = {.defer = true};
	open_site(&s);
	assert_int_equal(serve_child(&s, ask_and_leave), 0);
	assert_int_equal(serve_child(&s, ask_get), 0);
	close_site(&s);
}

static int ask_too_much(void)
{
	static uint8_t big[HTTP_BODY_MAX + 1];
	struct buf answer;
	unsigned status = 0;
	buf_init(&answer, 4096);
	/* The server may have closed before all was sent: no answer is an answer too. */
	int error = http_client_request(socket_path, NULL, "POST", "/", slice_of(big, sizeof big),
					&status, &answer);
	return error != 0 || status == 413 || status == 400 ? 0 : 1;
}

static int ask_endless_path(void)
{
	static char target[20000];
	struct buf answer;
	unsigned status = 0;
	memset(target, 'a', sizeof target - 1);
	target[0] = '/';
	buf_init(&answer, 4096);
	int error = http_client_request(socket_path, NULL, "GET", target, slice_of(NULL, 0),
					&status, &answer);
	return error != 0 || status >= 400 ? 0 : 1;
}

TEST("a head or a body past its limit never reaches the handler")
{
	struct site s = {0};
	open_site(&s);
	assert_int_equal(serve_child(&s, ask_too_much), 0);
	assert_int_equal(serve_child(&s, ask_endless_path), 0);
	assert_int_equal(s.requests, 0);
	close_site(&s);
}

TEST("a living server's socket is not taken over, a dead one's is, and a plain file is left alone")
{
	struct site s = {0};
	struct http_server *second = NULL;
	struct stat status;
	open_site(&s);
	assert_int_equal(http_listen(s.loop, socket_path, on_request, &s, &second), E_BUSY);
	close_site(&s);

	struct sockaddr_un a = {.sun_family = AF_UNIX};
	fresh_path();
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	(void)snprintf(a.sun_path, sizeof a.sun_path, "%s", socket_path);
	assert_int_equal(bind(fd, (const struct sockaddr *)&a, sizeof a), 0);
	(void)close(fd); /* died without cleaning up */
	s = (struct site){.loop = loop_new()};
	assert_int_equal(http_listen(s.loop, socket_path, on_request, &s, &s.server), 0);
	close_site(&s);

	fresh_path();
	FILE *f = fopen(socket_path, "wb");
	assert_non_null(f);
	assert_int_equal(fclose(f), 0);
	struct loop *l = loop_new();
	assert_int_equal(http_listen(l, socket_path, on_request, &s, &second), E_EXISTS);
	assert_int_equal(stat(socket_path, &status), 0);
	assert_true(S_ISREG(status.st_mode));
	(void)unlink(socket_path);
	loop_free(l);
}

TEST("the client says when nobody is there")
{
	struct buf answer;
	unsigned status = 0;
	fresh_path();
	buf_init(&answer, 1024);
	assert_int_equal(
	    http_client_request(socket_path, NULL, "GET", "/", slice_of(NULL, 0), &status, &answer),
	    E_SYSTEM);
	buf_done(&answer);
	(void)rmdir(directory);
}
