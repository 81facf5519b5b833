/* The bytes of a body out of a stream: by length, in chunks (RFC 9112 7.1), or up to the end of the
 * connection. Pure; keeps nothing of what it reads. */
#ifndef DIALTONE_PROTO_HTTP_HTTP_BODY_H
#define DIALTONE_PROTO_HTTP_HTTP_BODY_H

#include "proto/http/http_head.h"

#define HTTP_CHUNK_LINE_MAX 256 /* a chunk's size with its extensions, or a trailer line */

enum http_body_state {
	HTTP_BODY_DATA,    /* `left` bytes of it, or of a chunk, or no end known */
	HTTP_BODY_SIZE,    /* the line with the next chunk's size comes */
	HTTP_BODY_GAP,     /* the line end after a chunk comes */
	HTTP_BODY_TRAILER, /* lines up to an empty one come */
	HTTP_BODY_DONE,
};

struct http_body {
	enum http_framing framing;
	enum http_body_state state;
	uint64_t left;
};

/* From what http_*_framing said. */
struct http_body http_body_of(enum http_framing framing, uint64_t length);
/* Reads on. > 0: so many bytes of the stream are used, and ret_data (maybe empty) is the part of
 * them that is body; 0: more is needed, or the body is done (body->state says); E_BAD_FORMAT for
 * chunks that are none. */
int http_body_next(struct http_body *body, struct slice stream, struct slice *ret_data);
/* Is it whole when the connection ends now? */
bool http_body_whole(const struct http_body *body);

#endif
