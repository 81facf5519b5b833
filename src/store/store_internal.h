/* What the files of store/ share. */
#ifndef DIALTONE_STORE_STORE_INTERNAL_H
#define DIALTONE_STORE_STORE_INTERNAL_H

#include "store/store.h"

#include <sqlite3.h>

enum statement {
	STATEMENT_LEASE_PUT,
	STATEMENT_LEASE_DELETE,
	STATEMENT_DEVICE_PUT,
	STATEMENT_DEVICE_DELETE,
	STATEMENT_SETTING_PUT,
	STATEMENT_COUNT,
};

/* Monotonic time and the wall clock at one moment: leases are stored by the wall clock. */
struct clock_tie {
	dt_time now;
	int64_t unix_s;
};

/* rows.c: between records and rows. Writer thread. SQLITE_OK or another SQLite code. */
int rows_prepare(sqlite3 *db, sqlite3_stmt *statement[STATEMENT_COUNT]);
int rows_write(sqlite3_stmt *const statement[STATEMENT_COUNT], const struct change *change,
	       const struct clock_tie *tie);
/* Everything the file holds to the loader. 0, an SQLite code (positive), or the loader's error
 * (negative). */
int rows_load(sqlite3 *db, const struct store_loader *loader, const struct clock_tie *tie);

#endif
