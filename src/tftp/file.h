/* A rendered file: an immutable buffer shared by the transfers that began while it was current. A
 * transfer in progress keeps its own version, whatever the administrator changes meanwhile. */
#ifndef DIALTONE_TFTP_FILE_H
#define DIALTONE_TFTP_FILE_H

#include "base/buf.h"
#include "tftp/names.h"

struct file {
	struct buf bytes;
	unsigned references;
	uint64_t device_version, settings_version; /* rendered from these */
};

/* The file of this answer (NAME_PHONE or NAME_DEFAULT); `cached`, when it is still current, else a
 * fresh one. The caller owns a reference. NULL when out of memory. */
struct file *file_get(const struct reg *reg, const struct name_answer *answer, struct file *cached);
/* The same in netascii (RFC 764: lines end in CR LF, a bare CR is CR NUL). Takes the reference of
 * `file` and gives one of the new; NULL when out of memory. */
struct file *file_netascii(struct file *file);
struct file *file_ref(struct file *f);
void file_unref(struct file *f); /* NULL is allowed */

#endif
