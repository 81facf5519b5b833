/* Messages as lines, for who wants to show them all: a queue like that of facts, off by default. */
#include "observe/observer_internal.h"

#include "base/alloc.h"
#include "base/text.h"

#define MESSAGES_MAX 4096 /* waiting to be taken; beyond it the oldest give way */
#define LINE_MAX     4096

struct observed_messages {
	struct buf line;
	size_t first, count;
	struct observed_message item[MESSAGES_MAX];
};

int observer_tell_messages(struct observer *o)
{
	if (o->messages != NULL)
		return 0;
	o->messages = alloc_zero(1, sizeof *o->messages);
	if (o->messages == NULL)
		return -1;
	buf_init(&o->messages->line, LINE_MAX);
	return 0;
}

void observer_messages_free(struct observer *o)
{
	if (o->messages == NULL)
		return;
	buf_done(&o->messages->line);
	alloc_free(o->messages);
	o->messages = NULL;
}

struct buf *observer_line(struct observer *o)
{
	if (o->messages == NULL)
		return NULL;
	buf_clear(&o->messages->line);
	return &o->messages->line;
}

static struct observed_message *push(struct observer *o, const char *protocol, struct endpoint peer,
				     bool by_phone)
{
	struct observed_messages *q = o->messages;

	if (q->count == MESSAGES_MAX) {
		q->first = (q->first + 1) % MESSAGES_MAX;
		q->count--;
	}
	struct observed_message *m = &q->item[(q->first + q->count++) % MESSAGES_MAX];
	*m = (struct observed_message){.at = o->at,
				       .evidence = o->evidence,
				       .vlan = o->vlan,
				       .peer = peer,
				       .by_phone = by_phone};
	(void)text_copy(m->protocol, sizeof m->protocol, protocol);
	(void)text_copy_slice(m->words, sizeof m->words, buf_slice(&q->line));
	return m;
}

void observer_said(struct observer *o, const char *protocol, struct ip4 phone, struct endpoint peer,
		   bool by_phone)
{
	struct observed_message *m = push(o, protocol, peer, by_phone);

	m->ip = phone;
	(void)observer_identify(o, phone, &m->mac);
}

void observer_said_of(struct observer *o, const char *protocol, struct mac phone, struct ip4 peer,
		      bool by_phone)
{
	push(o, protocol, (struct endpoint){peer, 0}, by_phone)->mac = phone;
}

bool observer_next_message(struct observer *o, struct observed_message *ret_message)
{
	struct observed_messages *q = o->messages;

	if (q == NULL || q->count == 0)
		return false;
	*ret_message = q->item[q->first];
	q->first = (q->first + 1) % MESSAGES_MAX;
	q->count--;
	return true;
}
