/* Facts that outlive the process: what a timeline holds of a phone, as bytes for a disk, and back.
 *
 * The bytes are those of boot/track.c. A kind of fact is a number in them: beside them belong the
 * names of the numbers (keep_kinds_write), so that a later program with other rows in facts.def
 * still reads them. They are not trusted: what cannot be read is left out. */
#ifndef DIALTONE_BOOT_KEEP_H
#define DIALTONE_BOOT_KEEP_H

#include "boot/timeline.h"

/* The stored numbers of kinds, as this program's. */
struct keep_kinds {
	int16_t kind[256]; /* -1: a kind this program does not know */
};

void keep_kinds_write(struct buf *to);
/* Text of another form: no kind is known. */
void keep_kinds_read(struct slice text, struct keep_kinds *ret_kinds);

/* Back into a timeline. `shift` is added to each time: this process's clock less the clock of the
 * one that stored. Returns how many facts there were; *ret_evidence becomes the highest number of
 * evidence among them when that is higher. */
size_t keep_restore(struct timeline *t, const struct timeline_kept *kept,
		    const struct keep_kinds *kinds, dt_time shift, uint64_t *ret_evidence);

/* The server's own starts and stops (site facts SERVER_STATE), in the same form; the latest ones.
 */
void keep_server_write(const struct timeline *t, struct buf *to);

/* Facts of a phone, or something else that asked for an address? Only phones are worth a disk. */
bool keep_is_phone(const struct timeline *t, struct mac mac);

#endif
