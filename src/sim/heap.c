/* Events in the order of their time, and of their making where times are equal: the one order there
 * is. */
#include "sim/sim_internal.h"

#include "base/alloc.h"
#include "base/error.h"

#define FIRST_SIZE 256

static bool earlier(const struct event *a, const struct event *b)
{
	return a->at != b->at ? a->at < b->at : a->seq < b->seq;
}

static struct event *lane_at(const struct lane *l, size_t i)
{
	return &l->item[(l->first + i) & (l->size - 1)];
}

static int lane_push(struct lane *l, const struct event *event)
{
	if (l->count == l->size) {
		size_t size = l->size == 0 ? FIRST_SIZE : l->size * 2;
		struct event *item = alloc_zero(size, sizeof *item);
		if (item == NULL)
			return E_NO_MEMORY;
		for (size_t i = 0; i < l->count; i++)
			item[i] = *lane_at(l, i);
		alloc_free(l->item);
		l->item = item;
		l->first = 0;
		l->size = size;
	}
	*lane_at(l, l->count++) = *event;
	return 0;
}

static int heap_insert(struct heap *h, const struct event *event)
{
	if (h->count == h->size) {
		size_t size = h->size == 0 ? FIRST_SIZE : h->size * 2;
		struct event *item = alloc_resize(h->item, size * sizeof *item);
		if (item == NULL)
			return E_NO_MEMORY;
		h->item = item;
		h->size = size;
	}
	size_t at = h->count++;
	for (; at > 0 && earlier(event, &h->item[(at - 1) / 2]); at = (at - 1) / 2)
		h->item[at] = h->item[(at - 1) / 2];
	h->item[at] = *event;
	return 0;
}

static int insert(struct heap *h, const struct event *event)
{
	for (size_t i = 0; i < HEAP_LANES; i++) {
		struct lane *l = &h->lane[i];
		if (l->count == 0 || !earlier(event, lane_at(l, l->count - 1)))
			return lane_push(l, event);
	}
	return heap_insert(h, event);
}

int heap_push(struct heap *h, const struct event *event)
{
	struct event e = *event;

	e.seq = h->seq++;
	e.bytes = NULL;
	if (e.len > 0 && e.len <= EVENT_INLINE) {
		memcpy(e.small, event->bytes, e.len);
	} else if (e.len > 0) {
		e.bytes = alloc_zero(1, e.len);
		if (e.bytes == NULL)
			return E_NO_MEMORY;
		memcpy(e.bytes, event->bytes, e.len);
	}
	int error = insert(h, &e);
	if (error != 0)
		event_done(&e);
	return error;
}

static void heap_take(struct heap *h, struct event *ret_event)
{
	struct event last = h->item[--h->count];
	size_t at = 0;

	*ret_event = h->item[0];
	for (;;) {
		size_t child = 2 * at + 1;
		if (child + 1 < h->count && earlier(&h->item[child + 1], &h->item[child]))
			child++;
		if (child >= h->count || !earlier(&h->item[child], &last))
			break;
		h->item[at] = h->item[child];
		at = child;
	}
	if (h->count > 0)
		h->item[at] = last;
}

bool heap_pop(struct heap *h, struct event *ret_event)
{
	const struct event *best = h->count > 0 ? &h->item[0] : NULL;
	struct lane *from = NULL;

	for (size_t i = 0; i < HEAP_LANES; i++) {
		struct lane *l = &h->lane[i];
		if (l->count > 0 && (best == NULL || earlier(lane_at(l, 0), best))) {
			best = lane_at(l, 0);
			from = l;
		}
	}
	if (best == NULL)
		return false;
	if (from == NULL) {
		heap_take(h, ret_event);
		return true;
	}
	*ret_event = *best;
	from->first = (from->first + 1) & (from->size - 1);
	from->count--;
	return true;
}

struct slice event_bytes(const struct event *event)
{
	return slice_of(event->len <= EVENT_INLINE ? event->small : event->bytes, event->len);
}

void event_done(struct event *event)
{
	alloc_free(event->bytes);
	event->bytes = NULL;
}

void heap_done(struct heap *h)
{
	struct event e;

	while (heap_pop(h, &e))
		event_done(&e);
	for (size_t i = 0; i < HEAP_LANES; i++)
		alloc_free(h->lane[i].item);
	alloc_free(h->item);
}
