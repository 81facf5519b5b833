/* A copy of the database for another node: the store's writer makes it beside the database, where
 * this process may write; its bytes are the answer, and the file goes away. One at a time. */
#include "daemon/node.h"

#include "base/error.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#define COPY_MAX ((size_t)512 << 20)

static void refuse(struct node *n, http_id request, unsigned status, const char *sentence)
{
	char body[512];

	(void)snprintf(body, sizeof body, "{\"error\": \"%s\"}\n", sentence);
	http_answer(n->http, request, status, "application/json", slice_text(body));
}

void node_copy_begin(struct node *n, http_id request)
{
	struct change change = {.kind = CHANGE_COPY, .owner = CHANGE_OWNER_NODE};

	if (n->store == NULL) {
		refuse(n, request, 409,
		       "this node serves from a copy itself: ask the first server");
		return;
	}
	if (n->copy_request != 0) {
		refuse(n, request, 503, "another copy is being made: try again");
		return;
	}
	change.ticket = ++n->copies;
	(void)snprintf(n->copy_path, sizeof n->copy_path, "%.200s.copy-%d", n->database,
		       (int)getpid());
	(void)snprintf(change.copy_path, sizeof change.copy_path, "%s", n->copy_path);
	(void)unlink(n->copy_path); /* what a killed process left */
	n->copy_request = request;
	if (store_submit(n->store, &change) != 0)
		node_copy_done(n, change.ticket, false, "too many changes wait for the disk");
}

/* The whole file; 0 or an error. */
static int read_file(const char *path, struct buf *to)
{
	static uint8_t block[65536];
	FILE *f = fopen(path, "rb");
	size_t got = 0;

	if (f == NULL)
		return E_SYSTEM;
	while ((got = fread(block, 1, sizeof block, f)) > 0)
		buf_append(to, slice_of(block, got));
	bool failed = ferror(f) != 0;
	(void)fclose(f);
	return failed ? E_SYSTEM : buf_error(to);
}

void node_copy_done(struct node *n, uint64_t ticket, bool ok, const char *why)
{
	http_id request = n->copy_request;
	struct buf bytes;

	if (ticket != n->copies || request == 0)
		return;
	n->copy_request = 0;
	buf_init(&bytes, COPY_MAX);
	if (!ok)
		refuse(n, request, 503, "the copy could not be made: the server's log says why");
	else if (read_file(n->copy_path, &bytes) != 0)
		refuse(n, request, 503, "the copy could not be read");
	else
		http_answer(n->http, request, 200, "application/vnd.sqlite3", buf_slice(&bytes));
	(void)why; /* complete() has logged it; it may hold quotes */
	buf_done(&bytes);
	(void)unlink(n->copy_path);
}
