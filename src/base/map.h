/* A hash map from 64-bit keys to pointers: open addressing, grows up to a ceiling, never shrinks.
 * It owns neither keys nor values. Iteration order depends only on the history of calls, never on
 * addresses, so a simulation that uses it stays reproducible. */
#ifndef DIALTONE_BASE_MAP_H
#define DIALTONE_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct map_slot {
	uint64_t key;
	void *value; /* NULL: free */
};

struct map {
	struct map_slot *slots;
	size_t size; /* power of two, or 0 */
	size_t count;
	size_t max;
};

void map_init(struct map *m, size_t max);
void map_done(struct map *m);
void *map_get(const struct map *m, uint64_t key); /* NULL when absent */
/* Adds or replaces; value must not be NULL. 0, E_FULL at the ceiling, E_NO_MEMORY. */
int map_put(struct map *m, uint64_t key, void *value);
/* Takes out and returns the value; NULL when absent. */
void *map_take(struct map *m, uint64_t key);
/* Walks all values: start with *at = 0; NULL at the end. No map_put or map_take in between. */
void *map_next(const struct map *m, size_t *at);
/* 64-bit FNV-1a of a text, for keys made from names. Collisions are the caller's to exclude. */
uint64_t map_key_text(const char *text);

#endif
