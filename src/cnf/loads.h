/* The list of a load's images (*.loads), and whether its chain is whole. A phone that is sent to a
 * load with a missing image stops in the middle of its upgrade, so that the chain is checked first.
 * Pure. (reference: boot 3.4, 7.1) */
#ifndef DIALTONE_CNF_LOADS_H
#define DIALTONE_CNF_LOADS_H

#include "base/slice.h"
#include "model/device.h"

#include <stdint.h>

#define LOADS_FILE_MAX    ((size_t)64 * 1024)
#define LOADS_MEMBERS_MAX 24
#define LOADS_NAME_SIZE   128

struct loads_member {
	char name[LOADS_NAME_SIZE];
	uint64_t size; /* when the list tells it (7921, 7925); 0 = not told */
};

struct loads {
	bool signed_; /* begins with a TLV header */
	uint32_t count;
	struct loads_member member[LOADS_MEMBERS_MAX];
};

/* 0; E_BAD_FORMAT for a damaged header or a list without a single image; E_TOO_LONG. */
int loads_decode(struct slice bytes, struct loads *ret_loads);
/* Does this look like the front of an image of that name? Only what is certain counts: an empty
 * file, and a web server's error page saved under an image's name, are none. */
bool loads_image_plausible(struct slice front, uint64_t size);

enum load_state {
	LOAD_WHOLE,
	LOAD_ABSENT,         /* the list itself is not there */
	LOAD_DAMAGED,        /* the list cannot be read */
	LOAD_MEMBER_MISSING, /* member names it */
	LOAD_MEMBER_DAMAGED,
};

struct load_report {
	enum load_state state;
	char load[DEVICE_LOAD_SIZE];
	char member[LOADS_NAME_SIZE]; /* what is missing or damaged; "" when whole */
};

const char *load_state_text(enum load_state state); /* "is missing" … */

#endif
