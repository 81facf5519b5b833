/* A fact in few bytes: what is zero or empty takes none. A boot's fifty facts fit in about 2 KiB.
 */
#ifndef DIALTONE_BOOT_PACK_H
#define DIALTONE_BOOT_PACK_H

#include "boot/fact.h"

/* No fact packs larger. */
#define FACT_PACKED_MAX 512

/* Writes all but the hardware address, which is its track's. Returns how many bytes. */
size_t fact_pack(const struct fact *fact, uint8_t to[static FACT_PACKED_MAX]);
/* The reverse; `mac` is put in. false: fact_pack did not write these bytes, and what is in ret_fact
 * means nothing. */
bool fact_unpack(struct slice bytes, struct mac mac, struct fact *ret_fact);
/* Its time alone, and its beginning alone, of bytes that fact_pack wrote: for walks over many. */
dt_time fact_packed_time(struct slice bytes);
struct fact_head {
	enum fact_kind kind;
	struct endpoint peer;
};
struct fact_head fact_packed_head(struct slice bytes);

#endif
