/* Events in the order of their time, and of their making where times are equal: the one order there
 * is. */
#include "sim/sim_internal.h"

#include "base/alloc.h"
#include "base/error.h"

static bool earlier(const struct event *a, const struct event *b)
{
	return a->at != b->at ? a->at < b->at : a->seq < b->seq;
}

static void swap(struct heap *h, size_t a, size_t b)
{
	struct event e = h->item[a];

	h->item[a] = h->item[b];
	h->item[b] = e;
}

int heap_push(struct heap *h, const struct event *event)
{
	if (h->count == h->size) {
		size_t size = h->size == 0 ? 256 : h->size * 2;
		struct event *item = alloc_resize(h->item, size * sizeof *item);
		if (item == NULL)
			return E_NO_MEMORY;
		h->item = item;
		h->size = size;
	}
	struct event e = *event;
	e.seq = h->seq++;
	e.bytes = NULL;
	if (e.len > 0) {
		e.bytes = alloc_zero(1, e.len);
		if (e.bytes == NULL)
			return E_NO_MEMORY;
		memcpy(e.bytes, event->bytes, e.len);
	}
	size_t at = h->count++;
	h->item[at] = e;
	while (at > 0 && earlier(&h->item[at], &h->item[(at - 1) / 2])) {
		swap(h, at, (at - 1) / 2);
		at = (at - 1) / 2;
	}
	return 0;
}

bool heap_pop(struct heap *h, struct event *ret_event)
{
	if (h->count == 0)
		return false;
	*ret_event = h->item[0];
	h->item[0] = h->item[--h->count];
	for (size_t at = 0;;) {
		size_t first = at;
		for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < h->count; child++) {
			if (earlier(&h->item[child], &h->item[first]))
				first = child;
		}
		if (first == at)
			return true;
		swap(h, at, first);
		at = first;
	}
}

void heap_done(struct heap *h)
{
	for (size_t i = 0; i < h->count; i++)
		alloc_free(h->item[i].bytes);
	alloc_free(h->item);
}
