/* Two boots side by side: the same until where, and the first difference. Pure. */
#ifndef DIALTONE_BOOT_AGAINST_H
#define DIALTONE_BOOT_AGAINST_H

#include "boot/fact.h"

struct against_side {
	const char *name; /* of the phone, for people */
	const struct fact *facts;
	size_t count;
};

/* The latest boot among a phone's facts. */
struct against_side against_latest(const char *name, const struct fact *facts, size_t count);
/* One boot of each, in words. Addresses, names with a MAC in them, transaction numbers and
 * times of their own are no difference; waiting much longer is. true: no difference. */
bool against_text(const struct against_side *a, const struct against_side *b, unsigned width,
		  struct buf *to);

#endif
