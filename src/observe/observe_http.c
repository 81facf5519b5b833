/* Files by HTTP (ports 6970 and, in clear, whoever else speaks it toward a file server) to the same
 * facts as files by TFTP. One request at a time: phones do not pipeline. */
#include "observe/observer_internal.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"
#include "observe/words.h"
#include "proto/http/http_body.h"

#define CLOSED_BY_PHONE 100 /* FILE_ABANDONED's number for it */

void observer_web_free(struct observer *o, struct observed_flow *f)
{
	if (f->web == NULL)
		return;
	observer_content_drop(o, &f->web->content);
	alloc_free(f->web);
	f->web = NULL;
}

static struct fact web_fact(struct observer *o, enum fact_kind kind, const struct observed_flow *f)
{
	struct fact fact = observer_fact(o, kind, f->phone.ip);

	fact.peer = f->server;
	(void)text_copy(fact.name, sizeof fact.name, f->web->name);
	return fact;
}

static void on_request(struct observer *o, struct observed_flow *f,
		       const struct http_request_head *head)
{
	char path[HTTP_TARGET_MAX];

	if (f->web == NULL)
		f->web = alloc_zero(1, sizeof *f->web);
	if (f->web == NULL)
		return;
	observer_content_drop(o, &f->web->content);
	*f->web = (struct observed_web){.asked = true, .asked_at = o->at};
	if (http_target_path(head->target, path, sizeof path) < 0)
		(void)text_copy_slice(path, sizeof path, head->target);
	const char *name = path;
	while (*name == '/')
		name++;
	(void)text_copy(f->web->name, sizeof f->web->name, name);
	f->web->to_head = slice_equal(head->method, slice_text("HEAD"));
	observer_claim_name(o, f->phone.ip, name);
	observer_phone_address(o, f->phone.ip);
	observer_content_begin(&f->web->content, name);
	struct fact fact = web_fact(o, FACT_FILE_ASKED, f);
	fact.value[0] = f->phone.port;
	observer_add_fact(o, &fact);
}

static void on_refused(struct observer *o, struct observed_flow *f,
		       const struct http_answer_head *head)
{
	struct fact fact = web_fact(o, FACT_FILE_REFUSED, f);

	fact.number = head->status;
	(void)text_copy_slice(fact.text, sizeof fact.text, head->reason);
	observer_add_fact(o, &fact);
}

static void on_answer(struct observer *o, struct observed_flow *f,
		      const struct http_answer_head *head)
{
	struct observed_web *w = f->web;
	enum http_framing framing = HTTP_BODY_NONE;
	uint64_t length = 0;
	const struct http_field *date = http_field_find(&head->fields, "Date");
	struct buf *line = observer_line(o);

	if (line != NULL) {
		words_http_answer(line, head);
		observer_said(o, "HTTP", f->phone.ip, f->server, false);
	}

	if (date != NULL)
		observer_clock(o, FACT_CLOCK_SERVER, f, observer_date(date->value), "HTTP Date");
	(void)http_answer_framing(head, w->to_head, &framing, &length);
	w->body = http_body_of(framing, length);
	w->announced = framing == HTTP_BODY_LENGTH ? length : 0;
	w->head_seen = true;
	if (head->status >= 300) {
		w->content.wanted = false;
		on_refused(o, f, head);
		return;
	}
	w->started = true;
	struct fact fact = web_fact(o, FACT_FILE_STARTED, f);
	fact.value[0] = (uint32_t)((o->at - w->asked_at) / 1000);
	observer_add_fact(o, &fact);
	fact = web_fact(o, FACT_FILE_OPTIONS, f);
	fact.number = (uint32_t)(w->announced < UINT32_MAX ? w->announced : UINT32_MAX);
	observer_add_fact(o, &fact);
}

static void on_whole(struct observer *o, struct observed_flow *f)
{
	struct observed_web *w = f->web;

	if (w->started) {
		struct fact fact = web_fact(o, FACT_FILE_DELIVERED, f);
		fact.number = (uint32_t)w->got;
		fact.value[0] = (uint32_t)((o->at - w->asked_at) / 1000);
		observer_add_fact(o, &fact);
		observer_content_end(o, &w->content, f->phone.ip, w->name);
	}
	w->asked = false;
	w->head_seen = false;
	w->started = false;
}

static int take_answer(struct observer *o, struct observed_flow *f, struct slice bytes)
{
	struct observed_web *w = f->web;
	struct http_answer_head head;
	struct slice data = {NULL, 0};

	if (w == NULL || !w->asked)
		return (int)bytes.len; /* an answer to what was not seen */
	if (!w->head_seen) {
		int used = http_answer_decode(bytes, &head, NULL);
		if (used <= 0)
			return used;
		if (head.status < 200)
			return used; /* 100 Continue and its like come before the answer */
		on_answer(o, f, &head);
		if (w->body.state == HTTP_BODY_DONE || w->body.framing == HTTP_BODY_NONE)
			on_whole(o, f);
		return used;
	}
	int used = http_body_next(&w->body, bytes, &data);
	if (used < 0)
		return used;
	w->got += data.len;
	observer_content_add(o, &w->content, data);
	if (w->body.state == HTTP_BODY_DONE)
		on_whole(o, f);
	return used;
}

int observer_take_http(struct observer *o, struct observed_flow *f, unsigned side,
		       struct slice bytes)
{
	struct http_request_head head;

	if (side == SIDE_OF_SERVER)
		return take_answer(o, f, bytes);
	int used = http_request_decode(bytes, &head, NULL);
	if (used <= 0)
		return used;
	on_request(o, f, &head);
	struct buf *line = observer_line(o);
	if (line != NULL) {
		words_http_request(line, &head);
		observer_said(o, "HTTP", f->phone.ip, f->server, true);
	}
	return used;
}

/* A connection that ends while a file is on its way: whole (a body up to the end), cut off by the
 * server, or given up by the phone. */
void observer_web_closed(struct observer *o, struct observed_flow *f, bool by_phone)
{
	struct observed_web *w = f->web;

	if (w == NULL || !w->asked || !w->started)
		return;
	if (http_body_whole(&w->body)) {
		on_whole(o, f);
		return;
	}
	struct fact fact = web_fact(o, by_phone ? FACT_FILE_ABANDONED : FACT_FILE_CUT, f);
	uint32_t got = (uint32_t)w->got;
	if (by_phone) {
		fact.number = CLOSED_BY_PHONE;
		fact.value[0] = got;
	} else {
		fact.number = got;
		fact.value[0] = (uint32_t)w->announced;
	}
	observer_add_fact(o, &fact);
	w->asked = false;
}
