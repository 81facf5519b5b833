/* What the files of store/ share. */
#ifndef DIALTONE_STORE_STORE_INTERNAL_H
#define DIALTONE_STORE_STORE_INTERNAL_H

#include "store/store.h"

#include <sqlite3.h>

enum statement {
	STATEMENT_LEASE_PUT,
	STATEMENT_LEASE_DELETE,
	STATEMENT_SETTING_PUT,
	STATEMENT_HISTORY_PUT,
	STATEMENT_RECORD_PUT, /* one a kind */
	STATEMENT_RECORD_DELETE = STATEMENT_RECORD_PUT + RECORD_KINDS,
	STATEMENT_COUNT = STATEMENT_RECORD_DELETE + RECORD_KINDS,
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

/* history.c: bytes of history in the file, now. */
int history_size(sqlite3 *db, int64_t *ret_bytes);
int history_write(sqlite3_stmt *s, const struct history *history);
/* The phones silent for longest go, down to three quarters of `most`; *bytes is what is left. */
int history_trim(sqlite3 *db, uint64_t most, int64_t *bytes);
int history_load(sqlite3 *db, const struct store_loader *loader);

/* records.c: the same for the kinds of records, out of their field tables. records_ensure makes the
 * tables and columns that are missing; only ever added to, so that every older file can be used. */
int records_ensure(sqlite3 *db);
int records_prepare(sqlite3 *db, sqlite3_stmt *statement[STATEMENT_COUNT]);
int records_put(sqlite3_stmt *const statement[STATEMENT_COUNT], enum record_kind kind,
		const void *record);
int records_delete(sqlite3_stmt *const statement[STATEMENT_COUNT], enum record_kind kind,
		   const char *key);
int records_load(sqlite3 *db, const struct store_loader *loader);

#endif
