#include "tftp/http6970.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/map.h"
#include "base/text.h"

#include <stdio.h>

#define ANSWER_HEAD_MAX 512

enum http6970_state {
	WAITING, /* for a head */
	SENDING,
	CLOSING, /* what there is to say is being said */
};
#define QUEUES 2 /* who waits, and who sends: each in the order of its deadlines */

struct source {
	struct ip4 ip;
	unsigned connections;
};

struct connection {
	http6970_id id;
	struct endpoint peer;
	struct ip4 local;
	struct source *source;
	enum http6970_state state;
	struct buf input; /* holds no memory while nothing waits */
	/* The answer. */
	unsigned status; /* its head has not left yet; 0 = it has */
	bool no_body;    /* to HEAD, or without one */
	bool close;      /* after the answer */
	struct file *file;
	uint64_t sent; /* of the file */
	char name[FILE_NAME_SIZE];
	dt_time deadline;
	unsigned queue;
	struct connection *newer, *older;
};

struct http6970 {
	struct files *files;
	struct map connections; /* by id */
	struct map sources;     /* by address */
	struct {
		struct connection *oldest, *newest;
	} queue[QUEUES];
	http6970_id last_id;
	struct http6970_event event[HTTP6970_EVENTS_MAX];
	unsigned first_event, event_count;
	struct http6970_counters counters;
	uint8_t scratch[HTTP6970_OUTPUT_MAX + ANSWER_HEAD_MAX];
};

struct http6970 *http6970_new(struct files *files)
{
	struct http6970 *h = alloc_zero(1, sizeof *h);

	if (h == NULL)
		return NULL;
	h->files = files;
	map_init(&h->connections, HTTP6970_CONNECTIONS_MAX);
	map_init(&h->sources, HTTP6970_CONNECTIONS_MAX);
	return h;
}

static void queue_remove(struct http6970 *h, struct connection *c)
{
	*(c->older != NULL ? &c->older->newer : &h->queue[c->queue].oldest) = c->newer;
	*(c->newer != NULL ? &c->newer->older : &h->queue[c->queue].newest) = c->older;
}

static void queue_append(struct http6970 *h, struct connection *c, dt_time now)
{
	c->queue = c->state != WAITING;
	c->deadline = dt_time_add(now, c->state == WAITING ? HTTP6970_WAIT : HTTP6970_STALL);
	c->newer = NULL;
	c->older = h->queue[c->queue].newest;
	*(c->older != NULL ? &c->older->newer : &h->queue[c->queue].oldest) = c;
	h->queue[c->queue].newest = c;
}

static void enter(struct http6970 *h, struct connection *c, enum http6970_state state, dt_time now)
{
	queue_remove(h, c);
	c->state = state;
	queue_append(h, c, now);
}

static void release_source(struct http6970 *h, struct source *source)
{
	if (--source->connections > 0)
		return;
	(void)map_take(&h->sources, ip4_number(source->ip) + 1ULL);
	alloc_free(source);
}

static void tell(struct http6970 *h, const struct connection *c, enum http6970_event_kind kind,
		 uint64_t number)
{
	struct http6970_event *e =
	    &h->event[(h->first_event + h->event_count) % HTTP6970_EVENTS_MAX];

	if (h->event_count == HTTP6970_EVENTS_MAX)
		h->first_event = (h->first_event + 1) % HTTP6970_EVENTS_MAX;
	else
		h->event_count++;
	e->kind = kind;
	e->peer = c->peer;
	e->local = c->local;
	e->number = number;
	(void)text_copy(e->name, sizeof e->name, c->name);
}

static void drop(struct http6970 *h, struct connection *c)
{
	if (c->file != NULL && !c->no_body && c->state == SENDING)
		tell(h, c, HTTP6970_ABANDONED, c->sent);
	(void)map_take(&h->connections, c->id);
	queue_remove(h, c);
	release_source(h, c->source);
	file_unref(c->file);
	buf_done(&c->input);
	alloc_free(c);
}

void http6970_free(struct http6970 *h)
{
	if (h == NULL)
		return;
	for (unsigned q = 0; q < QUEUES; q++) {
		while (h->queue[q].oldest != NULL)
			drop(h, h->queue[q].oldest);
	}
	map_done(&h->connections);
	map_done(&h->sources);
	alloc_free(h);
}

/* The address's budget: while there is room for everybody, as many as it likes. NULL when it is
 * used up, or no memory is left. */
static struct source *take_source(struct http6970 *h, struct ip4 ip)
{
	uint64_t key = ip4_number(ip) + 1ULL;
	struct source *source = map_get(&h->sources, key);

	if (source != NULL && source->connections >= HTTP6970_SOURCE_MAX &&
	    h->connections.count >= HTTP6970_CONNECTIONS_MAX / 2)
		return NULL;
	if (source == NULL) {
		source = alloc_zero(1, sizeof *source);
		if (source == NULL)
			return NULL;
		source->ip = ip;
		if (map_put(&h->sources, key, source) != 0) {
			alloc_free(source);
			return NULL;
		}
	}
	source->connections++;
	return source;
}

int http6970_accept(struct http6970 *h, struct endpoint peer, struct ip4 local, dt_time now,
		    http6970_id *ret_id)
{
	struct connection *c = NULL;
	struct source *source =
	    h->connections.count < HTTP6970_CONNECTIONS_MAX ? take_source(h, peer.ip) : NULL;

	if (source == NULL) {
		h->counters.busy++;
		return E_FULL;
	}
	c = alloc_zero(1, sizeof *c);
	if (c == NULL || map_put(&h->connections, ++h->last_id, c) != 0) {
		alloc_free(c);
		release_source(h, source);
		return E_NO_MEMORY;
	}
	*c = (struct connection){.id = h->last_id, .peer = peer, .local = local, .source = source};
	buf_init(&c->input, HTTP6970_INPUT_MAX);
	queue_append(h, c, now);
	*ret_id = c->id;
	return 0;
}

struct slice http6970_busy(void)
{
	return slice_text("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n"
			  "Retry-After: 5\r\nConnection: close\r\n\r\n");
}

static void answer(struct http6970 *h, struct connection *c, unsigned status, dt_time now)
{
	c->status = status;
	c->sent = 0;
	if (status >= 400) {
		h->counters.refused += status != HTTP_STATUS_NOT_FOUND;
		tell(h, c, HTTP6970_REFUSED, status);
	}
	enter(h, c, SENDING, now);
}

/* What is no request of ours ends the connection: where the next one begins nobody knows. */
static void refuse(struct http6970 *h, struct connection *c, unsigned status, dt_time now)
{
	c->close = true;
	c->no_body = true;
	answer(h, c, status, now);
}

static void etag_of(const struct file *file, char to[static 24])
{
	(void)snprintf(to, 24, "\"%llx\"", (unsigned long long)file->stamp);
}

/* Does If-None-Match name this version, or any? (RFC 9110 13.1.2: weak comparison) */
static bool is_known(const struct http_request_head *head, const struct file *file)
{
	char etag[24];
	char weak[28];

	etag_of(file, etag);
	(void)snprintf(weak, sizeof weak, "W/%s", etag);
	return http_field_has(&head->fields, "If-None-Match", "*") ||
	       http_field_has(&head->fields, "If-None-Match", etag) ||
	       http_field_has(&head->fields, "If-None-Match", weak);
}

static void open_target(struct http6970 *h, struct connection *c,
			const struct http_request_head *head, dt_time now)
{
	char path[HTTP_TARGET_MAX];
	struct file_name name;
	int len = http_target_path(head->target, path, sizeof path);

	c->name[0] = 0;
	if (len < 0) {
		refuse(h, c, HTTP_STATUS_BAD_REQUEST, now);
		return;
	}
	(void)text_copy(c->name, sizeof c->name, path + 1);
	tell(h, c, HTTP6970_ASKED, 0);
	switch (files_open(h->files, slice_of(path, (size_t)len), &c->file, &name)) {
	case FILES_FOUND:
		break;
	case FILES_MISSING:
		h->counters.not_found++;
		answer(h, c, HTTP_STATUS_NOT_FOUND, now);
		return;
	case FILES_FAILED:
		answer(h, c, HTTP_STATUS_UNAVAILABLE, now);
		return;
	}
	if (is_known(head, c->file)) {
		c->no_body = true;
		answer(h, c, HTTP_STATUS_NOT_MODIFIED, now);
		return;
	}
	if (!c->no_body)
		tell(h, c, HTTP6970_STARTED, c->file->size);
	answer(h, c, HTTP_STATUS_OK, now);
}

static bool is_method(const struct http_request_head *head, const char *method)
{
	return slice_equal(head->method, slice_text(method));
}

/* HTTP/1.1 names its host exactly once (RFC 9112 3.2). */
static bool host_is_right(const struct http_request_head *head)
{
	unsigned hosts = 0;

	for (uint32_t i = 0; i < head->fields.count; i++) {
		struct http_fields one = {.count = 1, .item = {head->fields.item[i]}};
		hosts += http_field_find(&one, "Host") != NULL;
	}
	return hosts == 1 || (hosts == 0 && head->minor == 0);
}

static void on_head(struct http6970 *h, struct connection *c, const struct http_request_head *head,
		    const struct anomalies *anomalies, dt_time now)
{
	enum http_framing framing = HTTP_BODY_NONE;
	uint64_t length = 0;

	h->counters.requests++;
	c->no_body = is_method(head, "HEAD");
	if (anomalies->count > 0 || !host_is_right(head) ||
	    http_request_framing(head, &framing, &length) != 0) {
		refuse(h, c, HTTP_STATUS_BAD_REQUEST, now);
	} else if (!is_method(head, "GET") && !c->no_body) {
		refuse(h, c, HTTP_STATUS_METHOD, now);
	} else if (framing != HTTP_BODY_NONE) {
		/* Nobody who fetches a file sends one. */
		refuse(h, c, HTTP_STATUS_CONTENT_LARGE, now);
	} else {
		c->close = !http_stays_open(head->minor, &head->fields);
		open_target(h, c, head, now);
	}
}

/* Looks for a head at the front of `bytes`. Bytes used. */
static size_t read_head(struct http6970 *h, struct connection *c, struct slice bytes, dt_time now)
{
	struct http_request_head head;
	struct anomalies anomalies = {0};
	int used = http_request_decode(bytes, &head, &anomalies);

	if (used == 0)
		return 0;
	if (used < 0) {
		c->name[0] = 0;
		refuse(h, c, http_status_of_error(used), now);
		return bytes.len;
	}
	on_head(h, c, &head, &anomalies, now);
	return (size_t)used;
}

/* What waits of the stream, from here on. */
static void read_waiting(struct http6970 *h, struct connection *c, dt_time now)
{
	if (c->state != WAITING || c->input.len == 0)
		return;
	size_t used = read_head(h, c, buf_slice(&c->input), now);
	buf_consume(&c->input, used);
	if (c->input.len == 0)
		buf_done(&c->input);
}

void http6970_input(struct http6970 *h, http6970_id id, struct slice bytes, dt_time now)
{
	struct connection *c = map_get(&h->connections, id);
	size_t used = 0;

	if (c == NULL || c->state == CLOSING || c->close)
		return;
	/* Usually a head arrives in one piece and nothing needs to be kept. */
	if (c->state == WAITING && c->input.len == 0)
		used = read_head(h, c, bytes, now);
	bytes = slice_from(bytes, used);
	if (bytes.len == 0)
		return;
	buf_append(&c->input, bytes);
	if (buf_error(&c->input) != 0) {
		/* More than a client has reason to send ahead. */
		buf_clear(&c->input);
		if (c->state == WAITING)
			refuse(h, c, HTTP_STATUS_FIELDS_LARGE, now);
		else
			c->close = true;
		return;
	}
	if (used == 0)
		read_waiting(h, c, now);
}

void http6970_closed(struct http6970 *h, http6970_id id)
{
	struct connection *c = map_get(&h->connections, id);

	if (c != NULL)
		drop(h, c);
}

static const char *type_of(const char *name)
{
	size_t len = strlen(name);

	return len > 4 && strcmp(name + len - 4, ".xml") == 0 ? "text/xml"
							      : "application/octet-stream";
}

/* The head of the answer into the scratch. Its length. */
static size_t put_head(struct http6970 *h, struct connection *c)
{
	struct http_answer_head head = {
	    .status = c->status, .minor = 1, .reason = slice_text(http_status_reason(c->status))};
	struct writer w = writer_of(h->scratch, ANSWER_HEAD_MAX);
	bool found = c->status == HTTP_STATUS_OK;
	char length[24];
	char etag[24] = "";

	(void)snprintf(length, sizeof length, "%llu",
		       found ? (unsigned long long)c->file->size : 0ULL);
	/* None of these is refused: they are far fewer than the limit. */
	if (found)
		(void)http_field_add(&head.fields, "Content-Type", slice_text(type_of(c->name)));
	if (c->status != HTTP_STATUS_NOT_MODIFIED)
		(void)http_field_add(&head.fields, "Content-Length", slice_text(length));
	if (c->file != NULL) {
		etag_of(c->file, etag);
		(void)http_field_add(&head.fields, "ETag", slice_text(etag));
	}
	if (c->status == HTTP_STATUS_METHOD)
		(void)http_field_add(&head.fields, "Allow", slice_text("GET, HEAD"));
	if (c->close)
		(void)http_field_add(&head.fields, "Connection", slice_text("close"));
	(void)http_answer_encode(&head, &w);
	c->status = 0;
	return w.pos;
}

/* As much of the file as fits behind the head. E_SYSTEM when it cannot be read any more. */
static int put_body(struct http6970 *h, struct connection *c, size_t *len)
{
	if (c->file == NULL || c->no_body || c->sent == c->file->size)
		return 0;
	long n = file_read(c->file, c->sent, h->scratch + *len, HTTP6970_OUTPUT_MAX);
	if (n < 0)
		return (int)n;
	c->sent += (uint64_t)n;
	*len += (size_t)n;
	return 0;
}

static bool all_sent(const struct connection *c)
{
	return c->file == NULL || c->no_body || c->sent == c->file->size;
}

/* The answer has left: the next request, or the end. */
static void finish(struct http6970 *h, struct connection *c, dt_time now)
{
	if (c->file != NULL && !c->no_body) {
		h->counters.delivered++;
		tell(h, c, HTTP6970_DELIVERED, c->file->size);
	}
	file_unref(c->file);
	c->file = NULL;
	c->no_body = false;
	enter(h, c, c->close ? CLOSING : WAITING, now);
	read_waiting(h, c, now);
}

bool http6970_output(struct http6970 *h, http6970_id id, dt_time now, struct slice *ret_bytes,
		     bool *ret_close)
{
	struct connection *c = map_get(&h->connections, id);
	size_t len = 0;

	*ret_close = false;
	if (c == NULL || c->state == WAITING)
		return false;
	if (c->state == SENDING && c->status == 0 && all_sent(c))
		finish(h, c, now);
	if (c->state == SENDING) {
		if (c->status != 0)
			len = put_head(h, c);
		if (put_body(h, c, &len) != 0) {
			/* Half a file must not look like a whole one: the end comes too early. */
			*ret_bytes = slice_of(NULL, 0);
			*ret_close = true;
			drop(h, c);
			return true;
		}
		enter(h, c, SENDING, now);
		*ret_bytes = slice_of(h->scratch, len);
		/* The last bytes carry the end with them. */
		if (all_sent(c) && c->close) {
			finish(h, c, now);
			*ret_close = true;
			drop(h, c);
		}
		return true;
	}
	if (c->state == CLOSING) {
		*ret_bytes = slice_of(NULL, 0);
		*ret_close = true;
		drop(h, c);
		return true;
	}
	return false;
}

http6970_id http6970_expired(struct http6970 *h, dt_time now)
{
	for (unsigned q = 0; q < QUEUES; q++) {
		struct connection *c = h->queue[q].oldest;
		if (c == NULL || c->deadline > now)
			continue;
		http6970_id id = c->id;
		drop(h, c);
		return id;
	}
	return 0;
}

dt_time http6970_deadline(const struct http6970 *h)
{
	dt_time deadline = DT_NEVER;

	for (unsigned q = 0; q < QUEUES; q++) {
		if (h->queue[q].oldest != NULL)
			deadline = dt_time_min(deadline, h->queue[q].oldest->deadline);
	}
	return deadline;
}

bool http6970_next_event(struct http6970 *h, struct http6970_event *ret_event)
{
	if (h->event_count == 0)
		return false;
	*ret_event = h->event[h->first_event];
	h->first_event = (h->first_event + 1) % HTTP6970_EVENTS_MAX;
	h->event_count--;
	return true;
}

size_t http6970_connection_count(const struct http6970 *h)
{
	return h->connections.count;
}

void http6970_count(const struct http6970 *h, struct http6970_counters *ret_counters)
{
	*ret_counters = h->counters;
}
