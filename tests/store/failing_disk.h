/* A disk that fails when it is told to: an SQLite VFS over the real one. Calls that change the disk
 * are counted: write, sync, truncate, open for writing, delete. */
#ifndef DIALTONE_TESTS_FAILING_DISK_H
#define DIALTONE_TESTS_FAILING_DISK_H

#include <stdbool.h>

enum disk_fault {
	DISK_WORKS,
	DISK_FAILS_ONCE, /* the k-th call alone */
	DISK_FAILS_ON,   /* the k-th and all that follow */
};

/* Becomes SQLite's disk. Once a process, before anything is opened. */
void failing_disk_install(void);
/* From now on; k = 1 is the next call. `full`: SQLITE_FULL where a write can say so, else I/O
 * errors. A failing write leaves half of its bytes behind. */
void failing_disk_set(enum disk_fault fault, unsigned k, bool full);
/* How many calls failed since failing_disk_set. */
unsigned failing_disk_failures(void);

#endif
