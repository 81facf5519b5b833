/* Configuration files of one site differ from phone to phone in their version stamp alone. Who
 * reads thousands of them keeps the last few: one that is the same but for its stamp is not parsed
 * again. */
#ifndef DIALTONE_CNF_CACHE_H
#define DIALTONE_CNF_CACHE_H

#include "cnf/cnf.h"

#define CNF_CACHE_FILES    4
#define CNF_CACHE_FILE_MAX ((size_t)16 * 1024) /* larger files are always parsed */

struct cnf_cached {
	struct buf bytes;
	size_t stamp_at, stamp_len; /* where the stamp's text stands in them */
	uint32_t type;
	struct cnf_phone phone;
};

struct cnf_cache {
	struct cnf_cached file[CNF_CACHE_FILES];
	unsigned next;
};

void cnf_cache_init(struct cnf_cache *c);
void cnf_cache_done(struct cnf_cache *c);
/* As cnf_parse, with the same result. */
int cnf_cache_parse(struct cnf_cache *c, struct slice file, uint32_t type,
		    struct cnf_phone *ret_phone, struct cnf_error *ret_error);

#endif
