/* One request, blocking: for the command line. */
#ifndef DIALTONE_HTTP_HTTP_CLIENT_H
#define DIALTONE_HTTP_HTTP_CLIENT_H

#include "base/buf.h"

/* Where the server is: the path of its Unix socket, or "tcp://ADDRESS:PORT" with the token (NULL:
 * none). Appends the answer's body. 0; E_SYSTEM with errno (nobody listens, no permission);
 * E_BAD_FORMAT; E_TOO_LONG beyond the buffer's ceiling. */
int http_client_request(const char *server, const char *token, const char *method,
			const char *target, struct slice body, unsigned *ret_status,
			struct buf *to);

#endif
