/* One directory of this host, read only, with no way out of it: not by name, not by a symbolic
 * link, not through a mount. */
#ifndef DIALTONE_TFTP_DIRECTORY_IO_H
#define DIALTONE_TFTP_DIRECTORY_IO_H

#include "tftp/directory.h"

struct directory_io;

/* 0; E_SYSTEM with errno when it cannot be opened as a directory; E_NO_MEMORY. */
int directory_io_open(const char *path, struct directory_io **ret_directory);
void directory_io_close(struct directory_io *d); /* NULL is allowed */
const struct directory *directory_io_port(struct directory_io *d);

#endif
