/* HTTP for administration: a thin face over libevent's server. On a Unix socket, where the kernel
 * says who asks (root, the server's own user and the members of a group may), and when asked for on
 * TCP, where a token does. */
#ifndef DIALTONE_HTTP_HTTP_SERVER_H
#define DIALTONE_HTTP_HTTP_SERVER_H

#include "base/addr.h"
#include "base/buf.h"
#include "net/loop.h"

#include <sys/types.h>

#define HTTP_BODY_MAX  65536
#define HTTP_TOKEN_MAX 128

struct http_server;
/* A request that waits for its answer; its client may be gone when the answer comes: that is
 * noticed. */
typedef uint64_t http_id;

struct http_request {
	http_id id;
	const char *method; /* "GET" */
	const char *path;   /* decoded, without the query */
	const char *query;  /* "" when absent */
	struct slice body;
};

/* Must lead to exactly one http_answer for request->id, now or later. */
typedef void (*http_fn)(void *context, const struct http_request *request);

/* Listens at a path with mode 0600. A stale socket nobody answers at is replaced; one that is
 * answered is E_BUSY, and a path that is no socket is left alone (E_EXISTS). Else E_SYSTEM with
 * errno. */
int http_listen(struct loop *l, const char *path, http_fn fn, void *context,
		struct http_server **ret_server);
/* Members of that group may ask over the Unix socket too. 0; E_SYSTEM with errno when this process
 * may not give the socket to the group. */
int http_open_to_group(struct http_server *s, gid_t group);
/* Also answers there to requests that bear "Authorization: Bearer TOKEN"; others get 401 and reach
 * no handler. The token is copied. 0; E_SYSTEM with errno; E_BAD_VALUE for an empty or too long
 * token. */
int http_listen_tcp(struct http_server *s, struct endpoint at, const char *token);
void http_close(struct http_server *s); /* removes the socket; NULL is allowed */
void http_answer(struct http_server *s, http_id id, unsigned status, const char *type,
		 struct slice body);

#endif
