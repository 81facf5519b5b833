/* Results of inputs, oldest first, until the edge takes them out. */
#include "dhcp/dhcp_internal.h"

#include "base/alloc.h"

struct dhcp_queued {
	struct dhcp_queued *next;
	size_t size;
	uint8_t value[];
};

bool dhcp_queue_add(struct dhcp_queue *q, const void *value, size_t size)
{
	struct dhcp_queued *item =
	    q->count < DHCP_QUEUE_MAX ? alloc_zero(1, sizeof *item + size) : NULL;

	if (item == NULL)
		return false;
	item->size = size;
	memcpy(item->value, value, size);
	if (q->last != NULL)
		q->last->next = item;
	else
		q->first = item;
	q->last = item;
	q->count++;
	return true;
}

bool dhcp_queue_take(struct dhcp_queue *q, void *ret_value)
{
	struct dhcp_queued *item = q->first;

	if (item == NULL)
		return false;
	q->first = item->next;
	if (q->first == NULL)
		q->last = NULL;
	q->count--;
	memcpy(ret_value, item->value, item->size);
	alloc_free(item);
	return true;
}

void dhcp_queue_free(struct dhcp_queue *q)
{
	while (q->first != NULL) {
		struct dhcp_queued *item = q->first;
		q->first = item->next;
		alloc_free(item);
	}
	*q = (struct dhcp_queue){0};
}

void dhcp_event_add(struct dhcp_server *s, enum dhcp_event_kind kind, struct mac mac, struct ip4 ip)
{
	struct dhcp_event event = {.kind = kind, .mac = mac, .ip = ip};

	dhcp_event_queue(s, &event);
}

void dhcp_event_queue(struct dhcp_server *s, const struct dhcp_event *event)
{
	/* A lost event is a fact less, never an answer less. */
	(void)dhcp_queue_add(&s->events, event, sizeof *event);
}
