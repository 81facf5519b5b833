/* The administrator's files as the machines see them: a port that the edge fills (directory_io.h),
 * and a test or the simulated world with memory. Paths are canonical (model/file_name.h): no "..",
 * no leading '/'. */
#ifndef DIALTONE_TFTP_DIRECTORY_H
#define DIALTONE_TFTP_DIRECTORY_H

#include <stddef.h>
#include <stdint.h>

struct directory_file {
	int handle; /* until close */
	uint64_t size;
	uint64_t stamp; /* changes when the content may have changed */
};

struct directory {
	void *context;
	/* 0; E_UNKNOWN when there is no such regular file, or it may not be read. */
	int (*open)(void *context, const char *path, struct directory_file *ret_file);
	/* So many bytes from `at`; fewer only at the end. E_SYSTEM when it cannot be read. */
	long (*read)(void *context, int handle, uint64_t at, void *to, size_t size);
	/* Is the open file still what its stamp said? One that is written over while it is sent
	 * would reach the phone as half of each. */
	uint64_t (*stamp)(void *context, int handle);
	void (*close)(void *context, int handle);
	/* Calls `each` (may be NULL: none) for every regular file in the top directory. Returns the
	 * stamp of the list; 0 when it cannot be read. */
	uint64_t (*list)(void *context, void (*each)(void *to, const char *name), void *to);
};

#endif
