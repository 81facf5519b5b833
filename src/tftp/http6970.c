/* Connections: who may have one, what waits, what leaves. Their heads: http6970_heads.c. */
#include "tftp/http6970_internal.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"

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

void http6970_set_mischief(struct http6970 *h, struct mischief *mischief)
{
	h->mischief = mischief;
}

static void queue_remove(struct http6970 *h, struct http6970_connection *c)
{
	*(c->older != NULL ? &c->older->newer : &h->queue[c->queue].oldest) = c->newer;
	*(c->newer != NULL ? &c->newer->older : &h->queue[c->queue].newest) = c->older;
}

static void queue_append(struct http6970 *h, struct http6970_connection *c, dt_time now)
{
	c->queue = c->state != HTTP6970_WAITING;
	c->deadline =
	    dt_time_add(now, c->state == HTTP6970_WAITING ? HTTP6970_WAIT : HTTP6970_STALL);
	c->newer = NULL;
	c->older = h->queue[c->queue].newest;
	*(c->older != NULL ? &c->older->newer : &h->queue[c->queue].oldest) = c;
	h->queue[c->queue].newest = c;
}

void http6970_enter(struct http6970 *h, struct http6970_connection *c, enum http6970_state state,
		    dt_time now)
{
	queue_remove(h, c);
	c->state = state;
	queue_append(h, c, now);
}

static void release_source(struct http6970 *h, struct http6970_source *source)
{
	if (--source->connections > 0)
		return;
	(void)map_take(&h->sources, ip4_number(source->ip) + 1ULL);
	alloc_free(source);
}

void http6970_tell(struct http6970 *h, const struct http6970_connection *c,
		   enum http6970_event_kind kind, uint64_t number)
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

static void drop(struct http6970 *h, struct http6970_connection *c)
{
	if (c->file != NULL && !c->no_body && c->state == HTTP6970_SENDING)
		http6970_tell(h, c, HTTP6970_ABANDONED, c->sent);
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
	for (unsigned q = 0; q < HTTP6970_QUEUES; q++) {
		while (h->queue[q].oldest != NULL)
			drop(h, h->queue[q].oldest);
	}
	map_done(&h->connections);
	map_done(&h->sources);
	alloc_free(h);
}

/* The address's budget: while there is room for everybody, as many as it likes. NULL when it is
 * used up, or no memory is left. */
static struct http6970_source *take_source(struct http6970 *h, struct ip4 ip)
{
	uint64_t key = ip4_number(ip) + 1ULL;
	struct http6970_source *source = map_get(&h->sources, key);

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
	struct http6970_connection *c = NULL;
	struct http6970_source *source =
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
	*c = (struct http6970_connection){
	    .id = h->last_id, .peer = peer, .local = local, .source = source};
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

/* What waits of the stream, from here on. */
static void read_waiting(struct http6970 *h, struct http6970_connection *c, dt_time now)
{
	if (c->state != HTTP6970_WAITING || c->input.len == 0)
		return;
	size_t used = http6970_read_head(h, c, buf_slice(&c->input), now);
	buf_consume(&c->input, used);
	if (c->input.len == 0)
		buf_done(&c->input);
}

void http6970_input(struct http6970 *h, http6970_id id, struct slice bytes, dt_time now)
{
	struct http6970_connection *c = map_get(&h->connections, id);
	size_t used = 0;

	if (c == NULL || c->state == HTTP6970_CLOSING || c->close)
		return;
	/* Usually a head arrives in one piece and nothing needs to be kept. */
	if (c->state == HTTP6970_WAITING && c->input.len == 0)
		used = http6970_read_head(h, c, bytes, now);
	bytes = slice_from(bytes, used);
	if (bytes.len == 0)
		return;
	buf_append(&c->input, bytes);
	if (buf_error(&c->input) != 0) {
		/* More than a client has reason to send ahead. */
		buf_clear(&c->input);
		if (c->state == HTTP6970_WAITING)
			http6970_refuse(h, c, HTTP_STATUS_FIELDS_LARGE, now);
		else
			c->close = true;
		return;
	}
	if (used == 0)
		read_waiting(h, c, now);
}

void http6970_closed(struct http6970 *h, http6970_id id)
{
	struct http6970_connection *c = map_get(&h->connections, id);

	if (c != NULL)
		drop(h, c);
}

/* As much of the file as fits behind the head. E_SYSTEM when it cannot be read any more. */
static int put_body(struct http6970 *h, struct http6970_connection *c, size_t *len)
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

static bool all_sent(const struct http6970_connection *c)
{
	return c->file == NULL || c->no_body || c->sent == c->file->size;
}

/* The answer has left: the next request, or the end. */
static void finish(struct http6970 *h, struct http6970_connection *c, dt_time now)
{
	if (c->file != NULL && !c->no_body) {
		h->counters.delivered++;
		http6970_tell(h, c, HTTP6970_DELIVERED, c->file->size);
	}
	file_unref(c->file);
	c->file = NULL;
	c->no_body = false;
	http6970_enter(h, c, c->close ? HTTP6970_CLOSING : HTTP6970_WAITING, now);
	read_waiting(h, c, now);
}

bool http6970_output(struct http6970 *h, http6970_id id, dt_time now, struct slice *ret_bytes,
		     bool *ret_close)
{
	struct http6970_connection *c = map_get(&h->connections, id);
	size_t len = 0;

	*ret_close = false;
	if (c == NULL || c->state == HTTP6970_WAITING)
		return false;
	if (c->state == HTTP6970_SENDING && c->status == 0 && all_sent(c))
		finish(h, c, now);
	if (c->state == HTTP6970_SENDING) {
		if (c->status != 0)
			len = http6970_put_head(h, c);
		if (put_body(h, c, &len) != 0) {
			/* Half a file must not look like a whole one: the end comes too early. */
			*ret_bytes = slice_of(NULL, 0);
			*ret_close = true;
			drop(h, c);
			return true;
		}
		http6970_enter(h, c, HTTP6970_SENDING, now);
		*ret_bytes = slice_of(h->scratch, len);
		/* The last bytes carry the end with them. */
		if (all_sent(c) && c->close) {
			finish(h, c, now);
			*ret_close = true;
			drop(h, c);
		}
		return true;
	}
	if (c->state == HTTP6970_CLOSING) {
		*ret_bytes = slice_of(NULL, 0);
		*ret_close = true;
		drop(h, c);
		return true;
	}
	return false;
}

http6970_id http6970_expired(struct http6970 *h, dt_time now)
{
	for (unsigned q = 0; q < HTTP6970_QUEUES; q++) {
		struct http6970_connection *c = h->queue[q].oldest;
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

	for (unsigned q = 0; q < HTTP6970_QUEUES; q++) {
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
