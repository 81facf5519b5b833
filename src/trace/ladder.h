/* Every message of a capture as a line, in order: what `dialtone ladder` shows. Kept packed, up to
 * LADDER_BYTES_MAX; beyond it nothing more is kept, and ladder_cut says so. */
#ifndef DIALTONE_TRACE_LADDER_H
#define DIALTONE_TRACE_LADDER_H

#include "observe/observer.h"

#define LADDER_BYTES_MAX ((size_t)96 << 20)

struct ladder;

struct ladder *ladder_new(void);
void ladder_free(struct ladder *l);
void ladder_add(struct ladder *l, const struct observed_message *message);
bool ladder_cut(const struct ladder *l);
/* When everything is known: gives messages of addresses to the phones that claimed them at last,
 * and puts each phone's together. 0 or E_NO_MEMORY. */
int ladder_sort(struct ladder *l);
/* The messages of a phone (or of the stand-in of one known by its address alone) in order; *at
 * starts at 0. false at the end. Only after ladder_sort. */
bool ladder_next(const struct ladder *l, struct mac phone, size_t *at,
		 struct observed_message *ret_message);

#endif
