/* Bounded tables: see table.h. */
#include "observe/table.h"

#include "base/alloc.h"

void table_init(struct table *t, size_t max, size_t entry_size,
		void (*release)(void *context, void *entry), void *context)
{
	*t = (struct table){.entry_size = entry_size, .release = release, .context = context};
	map_init(&t->map, max);
}

static void entry_free(struct table *t, void *entry)
{
	if (t->release != NULL)
		t->release(t->context, entry);
	alloc_free(entry);
}

void table_done(struct table *t)
{
	size_t at = 0;
	void *entry = NULL;

	while ((entry = map_next(&t->map, &at)) != NULL)
		entry_free(t, entry);
	map_done(&t->map);
}

void *table_get(const struct table *t, uint64_t key)
{
	return map_get(&t->map, key + 1);
}

void *table_next(const struct table *t, size_t *at)
{
	return map_next(&t->map, at);
}

void table_drop(struct table *t, void *entry)
{
	const struct table_entry *e = entry;

	(void)map_take(&t->map, e->key + 1);
	entry_free(t, entry);
}

/* The half that was silent for longest goes: by time, and where that frees too little, every second
 * entry. false without memory for the new order. */
static bool evict(struct table *t, dt_time now)
{
	struct map kept;
	size_t at = 0;
	size_t index = 0;
	size_t old = 0;
	dt_time oldest = now;
	const struct table_entry *e = NULL;

	while ((e = map_next(&t->map, &at)) != NULL)
		oldest = e->last < oldest ? e->last : oldest;
	dt_time limit = oldest + (now - oldest) / 2;
	for (at = 0; (e = map_next(&t->map, &at)) != NULL;)
		old += e->last <= limit;
	bool by_time = old >= t->map.count / 8;
	map_init(&kept, t->map.max);
	for (at = 0; (e = map_next(&t->map, &at)) != NULL;) {
		bool stays = by_time ? e->last > limit : index++ % 2 == 0;
		if (stays && map_put(&kept, e->key + 1, t->map.slots[at - 1].value) != 0) {
			map_done(&kept);
			return false;
		}
	}
	for (at = 0, index = 0; (e = map_next(&t->map, &at)) != NULL;) {
		bool stays = by_time ? e->last > limit : index++ % 2 == 0;
		if (!stays)
			entry_free(t, t->map.slots[at - 1].value);
	}
	map_done(&t->map);
	t->map = kept;
	return true;
}

void *table_need(struct table *t, uint64_t key, dt_time now)
{
	struct table_entry *e = map_get(&t->map, key + 1);

	if (e == NULL) {
		if (t->map.count >= t->map.max && !evict(t, now))
			return NULL;
		e = alloc_zero(1, t->entry_size);
		if (e == NULL || map_put(&t->map, key + 1, e) != 0) {
			alloc_free(e);
			return NULL;
		}
		e->key = key;
	}
	e->last = now;
	return e;
}
