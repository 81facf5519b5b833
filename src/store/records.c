/* The kinds of records as tables: one a kind, one column a field, out of model/record_fields.def.
 */
#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"
#include "store/store_internal.h"

#define SQL_MAX   4096
#define VALUE_MAX 1024

/* Phones stand in the table they always stood in. Names are quoted: "group" is a word of SQL. */
static const char *table_of(enum record_kind kind)
{
	return kind == RECORD_PHONE ? "device" : record_type(kind)->name;
}

/* Texts are texts, everything else is a number (an address too), as in the first schema. */
static const char *affinity(enum value_kind kind)
{
	return kind == VALUE_TEXT ? "TEXT NOT NULL DEFAULT ''" : "INTEGER NOT NULL DEFAULT 0";
}

static int run(sqlite3 *db, struct buf *sql)
{
	int code =
	    buf_error(sql) != 0 ? SQLITE_NOMEM : sqlite3_exec(db, buf_cstr(sql), NULL, NULL, NULL);

	buf_clear(sql);
	return code;
}

static bool has_column(sqlite3 *db, const char *table, const char *column)
{
	return sqlite3_table_column_metadata(db, NULL, table, column, NULL, NULL, NULL, NULL,
					     NULL) == SQLITE_OK;
}

static int ensure_kind(sqlite3 *db, enum record_kind kind, struct buf *sql)
{
	const struct record_type *type = record_type(kind);
	const char *table = table_of(kind);

	buf_printf(sql, "CREATE TABLE IF NOT EXISTS \"%s\" (\"%s\" TEXT PRIMARY KEY) WITHOUT ROWID",
		   table, type->field[0].name);
	int code = run(db, sql);
	for (size_t i = 1; i < type->fields && code == SQLITE_OK; i++) {
		if (has_column(db, table, type->field[i].name))
			continue;
		buf_printf(sql, "ALTER TABLE \"%s\" ADD COLUMN \"%s\" %s", table,
			   type->field[i].name, affinity(type->field[i].kind));
		code = run(db, sql);
	}
	return code;
}

int records_ensure(sqlite3 *db)
{
	struct buf sql;
	int code = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);

	buf_init(&sql, SQL_MAX);
	for (int kind = 0; kind < RECORD_KINDS && code == SQLITE_OK; kind++)
		code = ensure_kind(db, (enum record_kind)kind, &sql);
	if (code == SQLITE_OK)
		code = sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
	buf_done(&sql);
	return code;
}

/* "a", "b", "c" */
static void put_columns(const struct record_type *type, struct buf *sql)
{
	for (size_t i = 0; i < type->fields; i++)
		buf_printf(sql, "%s\"%s\"", i == 0 ? "" : ", ", type->field[i].name);
}

/* Not INSERT OR REPLACE: that would quietly remove another phone with the same number, instead of
 * failing on the unique index. */
static void put_statement(enum record_kind kind, struct buf *sql)
{
	const struct record_type *type = record_type(kind);

	buf_printf(sql, "INSERT INTO \"%s\" (", table_of(kind));
	put_columns(type, sql);
	buf_text(sql, ") VALUES (");
	for (size_t i = 0; i < type->fields; i++)
		buf_printf(sql, "%s?%zu", i == 0 ? "" : ", ", i + 1);
	buf_printf(sql, ") ON CONFLICT (\"%s\") DO UPDATE SET ", type->field[0].name);
	for (size_t i = 1; i < type->fields; i++)
		buf_printf(sql, "%s\"%s\" = ?%zu", i == 1 ? "" : ", ", type->field[i].name, i + 1);
}

static int prepare(sqlite3 *db, struct buf *sql, sqlite3_stmt **ret_statement)
{
	int code = buf_error(sql) != 0
		       ? SQLITE_NOMEM
		       : sqlite3_prepare_v3(db, buf_cstr(sql), -1, SQLITE_PREPARE_PERSISTENT,
					    ret_statement, NULL);

	buf_clear(sql);
	return code;
}

int records_prepare(sqlite3 *db, sqlite3_stmt *statement[STATEMENT_COUNT])
{
	struct buf sql;
	int code = SQLITE_OK;

	buf_init(&sql, SQL_MAX);
	for (int k = 0; k < RECORD_KINDS && code == SQLITE_OK; k++) {
		enum record_kind kind = (enum record_kind)k;
		put_statement(kind, &sql);
		code = prepare(db, &sql, &statement[STATEMENT_RECORD_PUT + k]);
		if (code != SQLITE_OK)
			break;
		buf_printf(&sql, "DELETE FROM \"%s\" WHERE \"%s\" = ?", table_of(kind),
			   record_type(kind)->field[0].name);
		code = prepare(db, &sql, &statement[STATEMENT_RECORD_DELETE + k]);
	}
	buf_done(&sql);
	return code;
}

static int64_t number_of(const struct record_field *field, const void *record)
{
	const char *at = (const char *)record + field->offset;
	int64_t wide = 0;

	switch (field->kind) {
	case VALUE_NUMBER:
	case VALUE_MODEL:
		return *(const uint32_t *)(const void *)at;
	case VALUE_SIGNED:
		return *(const int32_t *)(const void *)at;
	case VALUE_SWITCH:
		return *(const bool *)(const void *)at;
	case VALUE_IP:
		return ip4_number(*(const struct ip4 *)(const void *)at);
	case VALUE_TIME:
	case VALUE_STAMP:
		memcpy(&wide, at, sizeof wide);
		return wide;
	case VALUE_TEXT:
		break;
	}
	return 0;
}

static void take_number(const struct record_field *field, void *record, int64_t number)
{
	char *at = (char *)record + field->offset;

	switch (field->kind) {
	case VALUE_NUMBER:
	case VALUE_MODEL:
		*(uint32_t *)(void *)at = (uint32_t)number;
		break;
	case VALUE_SIGNED:
		*(int32_t *)(void *)at = (int32_t)number;
		break;
	case VALUE_SWITCH:
		*(bool *)(void *)at = number != 0;
		break;
	case VALUE_IP:
		*(struct ip4 *)(void *)at = ip4_of((uint32_t)number);
		break;
	case VALUE_TIME:
	case VALUE_STAMP:
		memcpy(at, &number, sizeof number);
		break;
	case VALUE_TEXT:
		break;
	}
}

static int step(sqlite3_stmt *s)
{
	int code = sqlite3_step(s);

	(void)sqlite3_reset(s);
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

int records_put(sqlite3_stmt *const statement[STATEMENT_COUNT], enum record_kind kind,
		const void *record)
{
	const struct record_type *type = record_type(kind);
	sqlite3_stmt *s = statement[STATEMENT_RECORD_PUT + (size_t)kind];

	for (size_t i = 0; i < type->fields; i++) {
		const struct record_field *field = &type->field[i];
		if (field->kind == VALUE_TEXT)
			(void)sqlite3_bind_text(s, (int)i + 1, (const char *)record + field->offset,
						-1, SQLITE_STATIC);
		else
			(void)sqlite3_bind_int64(s, (int)i + 1, number_of(field, record));
	}
	return step(s);
}

int records_delete(sqlite3_stmt *const statement[STATEMENT_COUNT], enum record_kind kind,
		   const char *key)
{
	sqlite3_stmt *s = statement[STATEMENT_RECORD_DELETE + (size_t)kind];

	(void)sqlite3_bind_text(s, 1, key, -1, SQLITE_STATIC);
	return step(s);
}

union any_record {
	struct device device;
	union record record;
};

static void read_row(sqlite3_stmt *s, const struct record_type *type, void *record)
{
	for (size_t i = 0; i < type->fields; i++) {
		const struct record_field *field = &type->field[i];
		if (field->kind == VALUE_TEXT)
			(void)text_copy_slice((char *)record + field->offset, field->size,
					      slice_of(sqlite3_column_text(s, (int)i),
						       (size_t)sqlite3_column_bytes(s, (int)i)));
		else
			take_number(field, record, sqlite3_column_int64(s, (int)i));
	}
}

static int hand_over(const struct store_loader *loader, enum record_kind kind,
		     const union any_record *record)
{
	if (kind == RECORD_PHONE)
		return loader->device != NULL ? loader->device(loader->context, &record->device)
					      : 0;
	return loader->record != NULL ? loader->record(loader->context, kind, &record->record) : 0;
}

static int load_kind(sqlite3 *db, enum record_kind kind, const struct store_loader *loader,
		     struct buf *sql)
{
	const struct record_type *type = record_type(kind);
	sqlite3_stmt *s = NULL;
	int result = 0;

	buf_text(sql, "SELECT ");
	put_columns(type, sql);
	buf_printf(sql, " FROM \"%s\"", table_of(kind));
	int code = prepare(db, sql, &s);
	while (code == SQLITE_OK && result == 0 && (code = sqlite3_step(s)) == SQLITE_ROW) {
		union any_record record;
		memset(&record, 0, sizeof record);
		read_row(s, type, &record);
		result = hand_over(loader, kind, &record);
		code = SQLITE_OK;
	}
	(void)sqlite3_finalize(s);
	return result == 0 && code != SQLITE_DONE ? code : result;
}

int records_load(sqlite3 *db, const struct store_loader *loader)
{
	struct buf sql;
	int result = 0;

	buf_init(&sql, SQL_MAX);
	for (int kind = 0; kind < RECORD_KINDS && result == 0; kind++)
		result = load_kind(db, (enum record_kind)kind, loader, &sql);
	buf_done(&sql);
	return result;
}
