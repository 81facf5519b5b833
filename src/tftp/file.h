/* A file that is being served: an immutable value with a version stamp, shared by the transfers
 * that began while it was current. A transfer in progress keeps its own version, whatever changes
 * meanwhile. Generated and small files are in memory; larger ones of the administrator's are read
 * as they are sent. */
#ifndef DIALTONE_TFTP_FILE_H
#define DIALTONE_TFTP_FILE_H

#include "base/buf.h"
#include "tftp/directory.h"

struct file {
	uint64_t size;
	uint64_t stamp;
	/* The rest is file.c's. */
	unsigned references;
	struct buf bytes; /* in memory; empty when `directory` is set */
	const struct directory *directory;
	int handle;
};

/* A file in memory; takes the content over. The caller owns a reference. NULL when out of memory,
 * or when the content carries an error; the content is freed then. */
struct file *file_of_buf(struct buf *content, uint64_t stamp);
/* A file that is read as it is sent; takes the handle over. */
struct file *file_of_directory(const struct directory *directory, const struct directory_file *of);
/* The same in netascii (RFC 764: lines end in CR LF, a bare CR is CR NUL). Takes the reference of
 * `file` and gives one of the new. NULL when out of memory or beyond `max` bytes. */
struct file *file_netascii(struct file *file, size_t max);
struct file *file_ref(struct file *f);
void file_unref(struct file *f); /* NULL is allowed */

/* Copies size bytes from `at`: fewer only at the end. E_SYSTEM when it cannot be read any more, or
 * has been written over: the transfer must end in an error. */
long file_read(struct file *f, uint64_t at, void *to, size_t size);

#endif
