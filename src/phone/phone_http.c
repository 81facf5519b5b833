/* The phone's HTTP client: a GET to port 6970 before TFTP, file by file, as loads from 9 on do. A
 * file that does not come this way for whatever reason is asked by TFTP; a port that stays silent
 * is not asked again before the next boot.
 *
 *   CONNECTING --open, GET--> HEAD --blank line--> BODY --length reached, or closed--> ended
 *        \--refused, silence, another status than 200--> TFTP
 */
#include "phone/phone_internal.h"

#include "base/text.h"

#define HTTP_PORT     6970
#define HTTP_HEAD_MAX 2048

static void stop(struct phone *p)
{
	struct http_client *h = &p->http;
	struct phone_action *a =
	    h->connection != 0 ? phone_act(p, PHONE_TCP_CLOSE, slice_of(NULL, 0)) : NULL;

	if (a != NULL)
		a->connection = h->connection;
	h->connection = 0;
	h->deadline = DT_NEVER;
	buf_done(&h->head);
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
				  .left = HTTP_LENGTH_UNKNOWN,
				  .deadline = dt_time_add(now, p->profile->tftp_retry_us)};
	buf_init(&h->head, HTTP_HEAD_MAX);
	a = phone_act(p, PHONE_TCP_CONNECT, slice_of(NULL, 0));
	if (a == NULL)
		return;
	a->connection = h->connection;
	a->to = (struct endpoint){server, HTTP_PORT};
}

void http_client_open(struct phone *p, dt_time now)
{
	char text[192];
	char host[IP4_TEXT_SIZE];
	int n = snprintf(text, sizeof text, "GET /%s HTTP/1.1\r\nHost: %s:%d\r\n\r\n", p->tftp.name,
			 ip4_format(p->tftp.server.ip, host), HTTP_PORT);
	struct phone_action *a = phone_act(p, PHONE_TCP_SEND, slice_of(text, (size_t)n));

	if (a != NULL)
		a->connection = p->http.connection;
	p->http.deadline = dt_time_add(now, p->profile->tftp_retry_us);
}

static void deliver(struct phone *p, dt_time now)
{
	stop(p);
	files_ended(p, true, now);
}

/* The value of a header field in a head that ends with a NUL; -1 when it is not there. */
static long field_number(const char *head, const char *name)
{
	const char *line = head;

	while ((line = strstr(line, "\r\n")) != NULL) {
		line += 2;
		if (strncasecmp(line, name, strlen(name)) == 0)
			return strtol(line + strlen(name), NULL, 10);
	}
	return -1;
}

/* The head is whole: is it a file? Returns false when the attempt has ended. */
static bool take_head(struct phone *p, dt_time now)
{
	struct http_client *h = &p->http;
	const char *head = buf_cstr(&h->head);
	const char *status = strncmp(head, "HTTP/1.", 7) == 0 ? strchr(head, ' ') : NULL;
	long length = field_number(head, "Content-Length:");

	if (status == NULL || strtol(status, NULL, 10) != 200 ||
	    field_number(head, "Transfer-Encoding:") != -1) {
		fall_back(p, now);
		return false;
	}
	h->in_body = true;
	if (length >= 0)
		h->left = (size_t)length;
	buf_done(&h->head);
	return true;
}

/* Up to the blank line; what follows is returned. */
static struct slice gather_head(struct phone *p, struct slice bytes, dt_time now)
{
	struct http_client *h = &p->http;
	size_t before = h->head.len;

	buf_append(&h->head, slice_head(bytes, HTTP_HEAD_MAX - before));
	const char *end = strstr(buf_cstr(&h->head), "\r\n\r\n");
	if (end == NULL) {
		if (h->head.len >= HTTP_HEAD_MAX || buf_error(&h->head) != 0)
			fall_back(p, now);
		return slice_of(NULL, 0);
	}
	size_t used = (size_t)(end - buf_cstr(&h->head)) + 4 - before;
	return take_head(p, now) ? slice_from(bytes, used) : slice_of(NULL, 0);
}

void http_client_input(struct phone *p, struct slice bytes, dt_time now)
{
	struct http_client *h = &p->http;
	unsigned connection = h->connection;

	h->deadline = dt_time_add(now, p->profile->tftp_retry_us);
	if (!h->in_body)
		bytes = gather_head(p, bytes, now);
	if (h->connection != connection || !h->in_body)
		return;
	bytes = slice_head(bytes, h->left);
	if (h->left != HTTP_LENGTH_UNKNOWN)
		h->left -= bytes.len;
	if (p->tftp.keep)
		buf_append(&p->tftp.file, bytes);
	if (buf_error(&p->tftp.file) != 0)
		fall_back(p, now); /* too large: TFTP will find so too, and says it */
	else if (h->left == 0)
		deliver(p, now);
}

/* Whatever it was: complete without a length, or not there. */
void http_client_ended(struct phone *p, dt_time now)
{
	bool whole = p->http.in_body && p->http.left == HTTP_LENGTH_UNKNOWN;

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
