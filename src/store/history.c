/* What was seen of each phone, one row a phone, replaced as a whole. All of them together have a
 * ceiling: the phones silent for longest go first. */
#include "store/store_internal.h"

#include "base/error.h"

#define PHONES  "mac > 1" /* below: the server's own rows (model/history.h) */
#define TRIM_BY 16        /* rows at a time */

int history_size(sqlite3 *db, int64_t *ret_bytes)
{
	sqlite3_stmt *s = NULL;
	int code = sqlite3_prepare_v2(db, "SELECT total(length(bytes)) FROM history", -1, &s, NULL);

	*ret_bytes = 0;
	if (code == SQLITE_OK && (code = sqlite3_step(s)) == SQLITE_ROW) {
		*ret_bytes = sqlite3_column_int64(s, 0);
		code = SQLITE_OK;
	}
	(void)sqlite3_finalize(s);
	return code;
}

int history_write(sqlite3_stmt *s, const struct history *h)
{
	(void)sqlite3_bind_int64(s, 1, (int64_t)mac_key(h->mac));
	(void)sqlite3_bind_int64(s, 2, h->seen_unix_us);
	(void)sqlite3_bind_int64(s, 3, h->zero_unix_us);
	(void)sqlite3_bind_int64(s, 4, (int64_t)h->dropped);
	(void)sqlite3_bind_int64(s, 5, h->boots_dropped);
	(void)sqlite3_bind_blob(s, 6, h->bytes.ptr, (int)h->bytes.len, SQLITE_STATIC);
	int code = sqlite3_step(s);
	(void)sqlite3_reset(s);
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

int history_trim(sqlite3 *db, uint64_t most, int64_t *bytes)
{
	sqlite3_stmt *s = NULL;
	int code = sqlite3_prepare_v2(db,
				      "DELETE FROM history WHERE mac IN (SELECT mac FROM history "
				      "WHERE " PHONES " ORDER BY seen LIMIT ?)",
				      -1, &s, NULL);

	while (code == SQLITE_OK && *bytes > 0 && (uint64_t)*bytes > most - most / 4) {
		(void)sqlite3_bind_int(s, 1, TRIM_BY);
		code = sqlite3_step(s);
		(void)sqlite3_reset(s);
		if (code == SQLITE_DONE && sqlite3_changes(db) == 0)
			break;
		code = code == SQLITE_DONE ? history_size(db, bytes) : code;
	}
	(void)sqlite3_finalize(s);
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

int history_load(sqlite3 *db, const struct store_loader *loader)
{
	sqlite3_stmt *s = NULL;
	int result = 0;
	int code = SQLITE_DONE;

	if (loader->history == NULL)
		return 0;
	code = sqlite3_prepare_v2(db,
				  "SELECT mac, seen, zero, dropped, boots_dropped, bytes FROM "
				  "history ORDER BY " PHONES ", mac = 0, seen DESC",
				  -1, &s, NULL);
	while (code == SQLITE_OK && result == 0 && (code = sqlite3_step(s)) == SQLITE_ROW) {
		struct history h = {
		    .mac = mac_of_key((uint64_t)sqlite3_column_int64(s, 0)),
		    .seen_unix_us = sqlite3_column_int64(s, 1),
		    .zero_unix_us = sqlite3_column_int64(s, 2),
		    .dropped = (uint64_t)sqlite3_column_int64(s, 3),
		    .boots_dropped = (uint32_t)sqlite3_column_int64(s, 4),
		    .bytes =
			slice_of(sqlite3_column_blob(s, 5), (size_t)sqlite3_column_bytes(s, 5)),
		};
		result = loader->history(loader->context, &h);
		code = SQLITE_OK;
	}
	(void)sqlite3_finalize(s);
	return result == 0 && code != SQLITE_DONE ? code : result;
}
