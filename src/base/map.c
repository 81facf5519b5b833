#include "base/map.h"

#include "base/alloc.h"
#include "base/error.h"

void map_init(struct map *m, size_t max)
{
	*m = (struct map){.max = max};
}

void map_done(struct map *m)
{
	alloc_free(m->slots);
	*m = (struct map){.max = m->max};
}

/* A finaliser that spreads close keys (addresses of one subnet) over the table. */
static size_t map_home(const struct map *m, uint64_t key)
{
	key ^= key >> 33;
	key *= 0xff51afd7ed558ccdULL;
	key ^= key >> 33;
	key *= 0xc4ceb9fe1a85ec53ULL;
	key ^= key >> 33;
	return (size_t)key & (m->size - 1);
}

static struct map_slot *map_find(const struct map *m, uint64_t key)
{
	size_t i = map_home(m, key);
	while (m->slots[i].value != NULL && m->slots[i].key != key)
		i = (i + 1) & (m->size - 1);
	return &m->slots[i];
}

void *map_get(const struct map *m, uint64_t key)
{
	return m->size == 0 ? NULL : map_find(m, key)->value;
}

static int map_grow(struct map *m)
{
	struct map bigger = {.size = m->size == 0 ? 16 : m->size * 2, .max = m->max};
	bigger.slots = alloc_zero(bigger.size, sizeof *bigger.slots);
	if (bigger.slots == NULL)
		return E_NO_MEMORY;
	for (size_t i = 0; i < m->size; i++) {
		if (m->slots[i].value != NULL)
			*map_find(&bigger, m->slots[i].key) = m->slots[i];
	}
	bigger.count = m->count;
	alloc_free(m->slots);
	*m = bigger;
	return 0;
}

int map_put(struct map *m, uint64_t key, void *value)
{
	if (m->size > 0) {
		struct map_slot *slot = map_find(m, key);
		if (slot->value != NULL) {
			slot->value = value;
			return 0;
		}
	}
	if (m->count >= m->max)
		return E_FULL;
	if ((m->count + 1) * 4 > m->size * 3) {
		int error = map_grow(m);
		if (error != 0)
			return error;
	}
	*map_find(m, key) = (struct map_slot){key, value};
	m->count++;
	return 0;
}

void *map_take(struct map *m, uint64_t key)
{
	if (m->size == 0)
		return NULL;
	struct map_slot *slot = map_find(m, key);
	void *value = slot->value;
	if (value == NULL)
		return NULL;
	slot->value = NULL;
	m->count--;
	/* Close the gap: whoever stands behind it and hashed before it moves up. */
	size_t hole = (size_t)(slot - m->slots);
	for (size_t i = (hole + 1) & (m->size - 1); m->slots[i].value != NULL;
	     i = (i + 1) & (m->size - 1)) {
		size_t home = map_home(m, m->slots[i].key);
		if (((i - home) & (m->size - 1)) < ((i - hole) & (m->size - 1)))
			continue;
		m->slots[hole] = m->slots[i];
		m->slots[i].value = NULL;
		hole = i;
	}
	return value;
}

void *map_next(const struct map *m, size_t *at)
{
	while (*at < m->size) {
		void *value = m->slots[(*at)++].value;
		if (value != NULL)
			return value;
	}
	return NULL;
}

uint64_t map_key_text(const char *text)
{
	uint64_t h = 0xcbf29ce484222325ULL;
	for (; *text != 0; text++) {
		h ^= (unsigned char)*text;
		h *= 0x100000001b3ULL;
	}
	return h;
}
