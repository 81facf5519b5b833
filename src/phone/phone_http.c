/* The phone's HTTP client: a GET to port 6970 before TFTP, file by file, as loads from 9 on do. A
 * file that does not come this way for whatever reason is asked by TFTP; a port that stays silent
 * is not asked again before the next boot.
 *
 *   CONNECTING --open, GET--> HEAD --blank line--> BODY --length reached, or closed--> ended
 *        \--refused, silence, another status than 200--> TFTP
 */
#include "phone/phone_internal.h"

#include "base/text.h"

#define HTTP_PORT       6970
#define HTTP_STREAM_MAX ((size_t)64 * 1024) /* what one read may bring */

static void stop(struct phone *p)
{
	struct http_client *h = &p->http;
	struct phone_action *a =
	    h->connection != 0 ? phone_act(p, PHONE_TCP_CLOSE, slice_of(NULL, 0)) : NULL;

	if (a != NULL)
		a->connection = h->connection;
	h->connection = 0;
	h->deadline = DT_NEVER;
	buf_done(&h->stream);
}

void http_client_stop(struct phone *p)
{
	stop(p);
}

static void fall_back(struct phone *p, dt_time now)
{
	stop(p);
	tftp_client_ask(p, p->tftp.name, p->tftp.server.ip, p->tftp.keep, now);
}

void http_client_ask(struct phone *p, const char *name, struct ip4 server, bool keep, dt_time now)
{
	struct http_client *h = &p->http;
	struct phone_action *a = NULL;

	buf_done(&p->tftp.file);
	p->tftp.keep = keep;
	p->tftp.server = (struct endpoint){server, TFTP_PORT};
	if (name != p->tftp.name)
		(void)text_copy(p->tftp.name, sizeof p->tftp.name, name);
	*h = (struct http_client){.connection = ++p->next_connection,
				  .deadline = dt_time_add(now, p->profile->tftp_retry_us)};
	buf_init(&h->stream, HTTP_STREAM_MAX);
	a = phone_act(p, PHONE_TCP_CONNECT, slice_of(NULL, 0));
	if (a == NULL)
		return;
	a->connection = h->connection;
	a->to = (struct endpoint){server, HTTP_PORT};
}

void http_client_open(struct phone *p, dt_time now)
{
	char target[sizeof p->tftp.name + 1];
	char host[IP4_TEXT_SIZE + 6];
	char ip[IP4_TEXT_SIZE];
	uint8_t bytes[256];
	struct writer w = writer_of(bytes, sizeof bytes);
	struct http_request_head head = {.method = slice_text("GET"), .minor = 1};

	(void)snprintf(target, sizeof target, "/%s", p->tftp.name);
	(void)snprintf(host, sizeof host, "%s:%d", ip4_format(p->tftp.server.ip, ip), HTTP_PORT);
	head.target = slice_text(target);
	(void)http_field_add(&head.fields, "Host", slice_text(host));
	if (http_request_encode(&head, &w) != 0)
		return;
	struct phone_action *a = phone_act(p, PHONE_TCP_SEND, writer_done(&w));
	if (a != NULL)
		a->connection = p->http.connection;
	p->http.deadline = dt_time_add(now, p->profile->tftp_retry_us);
}

static void deliver(struct phone *p, dt_time now)
{
	stop(p);
	files_ended(p, true, now);
}

/* false: what came is no file. */
static bool read_head(struct http_client *h)
{
	struct http_answer_head head;
	enum http_framing framing = HTTP_BODY_NONE;
	uint64_t length = 0;
	int used = http_answer_decode(buf_slice(&h->stream), &head, NULL);

	if (used == 0)
		return true;
	if (used < 0 || head.status != HTTP_STATUS_OK ||
	    http_answer_framing(&head, false, &framing, &length) != 0)
		return false;
	h->in_body = true;
	h->body = http_body_of(framing, length);
	buf_consume(&h->stream, (size_t)used);
	return true;
}

/* The same of the body; too large a file is none for this phone. */
static bool read_body(struct phone *p)
{
	struct http_client *h = &p->http;
	struct slice data;
	int used = 0;

	while ((used = http_body_next(&h->body, buf_slice(&h->stream), &data)) > 0) {
		if (p->tftp.keep)
			buf_append(&p->tftp.file, data);
		buf_consume(&h->stream, (size_t)used);
	}
	return used == 0 && buf_error(&p->tftp.file) == 0;
}

void http_client_input(struct phone *p, struct slice bytes, dt_time now)
{
	struct http_client *h = &p->http;
	bool good = true;

	h->deadline = dt_time_add(now, p->profile->tftp_retry_us);
	buf_append(&h->stream, bytes);
	if (!h->in_body)
		good = read_head(h);
	if (good && h->in_body)
		good = read_body(p);
	if (!good || buf_error(&h->stream) != 0)
		fall_back(p, now);
	else if (h->in_body && h->body.state == HTTP_BODY_DONE)
		deliver(p, now);
}

/* Whatever it was: complete without a length, or not there. */
void http_client_ended(struct phone *p, dt_time now)
{
	bool whole = p->http.in_body && http_body_whole(&p->http.body);

	p->http.connection = 0;
	if (whole)
		deliver(p, now);
	else
		fall_back(p, now);
}

void http_client_expire(struct phone *p, dt_time now)
{
	if (p->http.connection == 0 || now < p->http.deadline)
		return;
	p->http_silent = true;
	fall_back(p, now);
}
