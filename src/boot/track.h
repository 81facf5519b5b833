/* The facts of one phone, packed, in time order. Records can be walked from both ends: each has its
 * length before and after it. */
#ifndef DIALTONE_BOOT_TRACK_H
#define DIALTONE_BOOT_TRACK_H

#include "boot/fact.h"

struct track {
	struct mac mac;
	uint8_t *bytes;
	size_t len, size; /* bytes used, bytes there */
	size_t count;     /* facts */
	uint64_t dropped;
	uint32_t boots_dropped;
	bool changed;  /* and nobody has been told yet */
	dt_time told;  /* when somebody was; 0: never */
	dt_time last;  /* time of the latest fact */
	uint32_t type; /* the model number of its latest Register */
	dt_time lease; /* how far back a claimed address is this phone's */
};

void track_done(struct track *track);
/* 0 or E_NO_MEMORY. Slightly late facts find their place; equal times keep their order. */
int track_add(struct track *track, const struct fact *fact);
/* The fact at byte offset *at, and *at moved behind it; false at the end. */
bool track_next(const struct track *track, size_t *at, struct fact *ret_fact);
/* Makes it smaller than `keep` bytes: keepalives first, but for the latest; then the oldest facts.
 */
void track_shed(struct track *track, size_t keep);
/* After a keepalive or its answer was added: what says nothing more goes. */
void track_collapse(struct track *track, const struct fact *added);
/* Drops the first facts, up to byte offset `at`. */
void track_drop_head(struct track *track, size_t at);

bool fact_is_keepalive(enum fact_kind kind);

#endif
