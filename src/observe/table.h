/* A map of bounded size whose entries know when they were last needed: when it is full, those that
 * were silent for longest give way. Each entry begins with a table_entry. */
#ifndef DIALTONE_OBSERVE_TABLE_H
#define DIALTONE_OBSERVE_TABLE_H

#include "base/map.h"
#include "base/time.h"

struct table_entry {
	uint64_t key;
	dt_time last;
};

struct table {
	struct map map;
	size_t entry_size;
	void (*release)(void *context, void *entry); /* frees what an entry owns; may be NULL */
	void *context;
};

void table_init(struct table *t, size_t max, size_t entry_size,
		void (*release)(void *context, void *entry), void *context);
void table_done(struct table *t);
/* NULL when absent. Does not count as need. */
void *table_get(const struct table *t, uint64_t key);
/* The entry, made (zeroed) when absent; NULL without memory. Counts as need at `now`. */
void *table_need(struct table *t, uint64_t key, dt_time now);
/* Takes the entry out and frees it. */
void table_drop(struct table *t, void *entry);
void *table_next(const struct table *t, size_t *at);

#endif
