#include "http/http_server.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/map.h"
#include "base/text.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <event2/listener.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define WAITING_MAX 1024
#define HEAD_MAX    8192
#define TCP_IDLE_S  30
#define GROUPS_MAX  1024 /* of one peer; who is in more is let in by no group */

struct http_server {
	struct evhttp *http;
	char path[108];
	char token[HTTP_TOKEN_MAX]; /* "" = no TCP */
	bool has_group;
	gid_t group; /* its members may ask over the Unix socket */
	http_fn fn;
	void *context;
	struct map waiting; /* id to evhttp_request */
	http_id next_id;
};

static const char *method_name(enum evhttp_cmd_type type)
{
	switch ((int)type) {
	case EVHTTP_REQ_GET:
		return "GET";
	case EVHTTP_REQ_POST:
		return "POST";
	case EVHTTP_REQ_PUT:
		return "PUT";
	case EVHTTP_REQ_PATCH:
		return "PATCH";
	case EVHTTP_REQ_DELETE:
		return "DELETE";
	default:
		return "";
	}
}

/* In a time that tells nothing about how much of it was right. */
static bool is_token(const char *token, const char *given)
{
	size_t len = strlen(token);
	size_t given_len = strlen(given);
	unsigned different = len != given_len;

	for (size_t i = 0; i < given_len; i++)
		different |= (unsigned)(given[i] ^ token[i % (len > 0 ? len : 1)]);
	return different == 0 && len > 0;
}

static bool bears_token(const struct http_server *s, struct evhttp_request *request)
{
	static const char scheme[] = "Bearer ";
	const char *given =
	    evhttp_find_header(evhttp_request_get_input_headers(request), "Authorization");

	return given != NULL && strncmp(given, scheme, sizeof scheme - 1) == 0 &&
	       is_token(s->token, given + sizeof scheme - 1);
}

static bool is_member(int fd, const struct ucred *peer, gid_t group)
{
	gid_t groups[GROUPS_MAX];
	socklen_t len = sizeof groups;
	bool member = peer->gid == group;

	if (!member && getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len) == 0) {
		for (size_t i = 0; i < len / sizeof *groups; i++)
			member = member || groups[i] == group;
	}
	return member;
}

/* Who asks over the Unix socket: the kernel knows. */
static bool is_administrator(const struct http_server *s, int fd)
{
	struct ucred peer = {0};
	socklen_t len = sizeof peer;

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
	       (peer.uid == 0 || peer.uid == geteuid() ||
		(s->has_group && is_member(fd, &peer, s->group)));
}

static bool may_ask(const struct http_server *s, struct evhttp_request *request, int *ret_family)
{
	struct evhttp_connection *connection = evhttp_request_get_connection(request);
	int fd = bufferevent_getfd(evhttp_connection_get_bufferevent(connection));
	struct sockaddr_storage local = {0};
	socklen_t len = sizeof local;

	if (getsockname(fd, (struct sockaddr *)&local, &len) != 0)
		return false;
	*ret_family = local.ss_family;
	return local.ss_family == AF_UNIX ? is_administrator(s, fd) : bears_token(s, request);
}

static void refuse(struct evhttp_request *request, int family)
{
	const char *body = family == AF_UNIX
			       ? "{\"error\": \"not authorised: only root, the server's user and "
				 "the members of its group may ask here\"}\n"
			       : "{\"error\": \"not authorised: give the token of this server\"}\n";

	(void)evbuffer_add(evhttp_request_get_output_buffer(request), body, strlen(body));
	struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
	(void)evhttp_add_header(headers, "Content-Type", "application/json");
	if (family != AF_UNIX)
		(void)evhttp_add_header(headers, "WWW-Authenticate", "Bearer");
	evhttp_send_reply(request, family == AF_UNIX ? 403 : 401, NULL, NULL);
}

static void on_request(struct evhttp_request *request, void *context)
{
	struct http_server *s = context;
	int family = AF_UNSPEC;

	if (!may_ask(s, request, &family)) {
		refuse(request, family);
		return;
	}
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request);
	struct evbuffer *input = evhttp_request_get_input_buffer(request);
	size_t len = evbuffer_get_length(input);
	char *path = evhttp_uridecode(evhttp_uri_get_path(uri), 0, NULL);
	const char *query = evhttp_uri_get_query(uri);

	if (path == NULL || map_put(&s->waiting, ++s->next_id, request) != 0) {
		free(path);
		evhttp_send_error(request, 503, "busy");
		return;
	}
	struct http_request r = {.id = s->next_id,
				 .method = method_name(evhttp_request_get_command(request)),
				 .path = path,
				 .query = query != NULL ? query : "",
				 .body =
				     slice_of(len > 0 ? evbuffer_pullup(input, -1) : NULL, len)};
	s->fn(s->context, &r);
	free(path);
}

/* Is somebody answering at this path? */
static bool is_answered(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool answered =
	    fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof *address) == 0;

	if (fd >= 0)
		(void)close(fd);
	return answered;
}

/* A listening socket, or an error. */
static int open_socket(const char *path, int *ret_fd)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct stat status;

	if (!text_copy(address.sun_path, sizeof address.sun_path, path))
		return E_TOO_LONG;
	if (lstat(path, &status) == 0) {
		if (!S_ISSOCK(status.st_mode))
			return E_EXISTS;
		if (is_answered(&address))
			return E_BUSY;
		(void)unlink(path);
	}
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return E_SYSTEM;
	mode_t old = umask(0177);
	int failed =
	    bind(fd, (const struct sockaddr *)&address, sizeof address) != 0 || listen(fd, 64) != 0;
	(void)umask(old);
	if (failed) {
		int error = errno;
		(void)close(fd);
		errno = error;
		return E_SYSTEM;
	}
	*ret_fd = fd;
	return 0;
}

int http_listen(struct loop *l, const char *path, http_fn fn, void *context,
		struct http_server **ret_server)
{
	int fd = -1;
	int error = open_socket(path, &fd);
	struct http_server *s = error == 0 ? alloc_zero(1, sizeof *s) : NULL;

	if (s == NULL) {
		if (fd >= 0)
			(void)close(fd);
		return error != 0 ? error : E_NO_MEMORY;
	}
	s->fn = fn;
	s->context = context;
	(void)text_copy(s->path, sizeof s->path, path);
	map_init(&s->waiting, WAITING_MAX);
	s->http = evhttp_new(loop_base(l));
	if (s->http == NULL || evhttp_accept_socket(s->http, fd) != 0) {
		(void)close(fd);
		http_close(s);
		return E_NO_MEMORY;
	}
	evhttp_set_max_body_size(s->http, HTTP_BODY_MAX);
	evhttp_set_max_headers_size(s->http, HEAD_MAX);
	evhttp_set_allowed_methods(s->http, EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_PUT |
						EVHTTP_REQ_PATCH | EVHTTP_REQ_DELETE);
	evhttp_set_gencb(s->http, on_request, s);
	*ret_server = s;
	return 0;
}

int http_open_to_group(struct http_server *s, gid_t group)
{
	struct stat status;

	/* A service manager may have forbidden chown, and made it unnecessary. */
	bool theirs = stat(s->path, &status) == 0 && status.st_gid == group;
	if ((!theirs && chown(s->path, (uid_t)-1, group) != 0) || chmod(s->path, 0660) != 0)
		return E_SYSTEM;
	s->group = group;
	s->has_group = true;
	return 0;
}

int http_listen_tcp(struct http_server *s, struct endpoint at, const char *token)
{
	char ip[IP4_TEXT_SIZE];

	if (token[0] == 0 || !text_copy(s->token, sizeof s->token, token))
		return E_BAD_VALUE;
	/* Idle strangers do not keep descriptors. */
	evhttp_set_timeout(s->http, TCP_IDLE_S);
	return evhttp_bind_socket(s->http, ip4_format(at.ip, ip), at.port) == 0 ? 0 : E_SYSTEM;
}

void http_close(struct http_server *s)
{
	if (s == NULL)
		return;
	if (s->http != NULL)
		evhttp_free(s->http);
	(void)unlink(s->path);
	map_done(&s->waiting);
	alloc_free(s);
}

void http_answer(struct http_server *s, http_id id, unsigned status, const char *type,
		 struct slice body)
{
	struct evhttp_request *request = map_take(&s->waiting, id);
	struct evbuffer *output =
	    request != NULL ? evhttp_request_get_output_buffer(request) : NULL;

	if (output == NULL)
		return;
	(void)evbuffer_add(output, body.ptr, body.len);
	(void)evhttp_add_header(evhttp_request_get_output_headers(request), "Content-Type", type);
	/* libevent keeps the request of a client that is gone until it is answered, and then frees
	 * it. */
	evhttp_send_reply(request, (int)status, NULL, NULL);
}
