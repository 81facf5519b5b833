/* Between leases, settings and rows. */
#include "store/store_internal.h"

#include "base/error.h"
#include "base/text.h"

static const char *const sql[STATEMENT_RECORD_PUT] = {
    [STATEMENT_LEASE_PUT] = ("INSERT OR REPLACE INTO lease (ip, mac, expires, duration, "
			     "declined) VALUES (?, ?, ?, ?, ?)"),
    [STATEMENT_LEASE_DELETE] = "DELETE FROM lease WHERE ip = ?",
    [STATEMENT_SETTING_PUT] = "INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)",
    [STATEMENT_HISTORY_PUT] = ("INSERT OR REPLACE INTO history (mac, seen, zero, dropped, "
			       "boots_dropped, bytes) VALUES (?, ?, ?, ?, ?, ?)"),
};

int rows_prepare(sqlite3 *db, sqlite3_stmt *statement[STATEMENT_COUNT])
{
	for (size_t i = 0; i < STATEMENT_RECORD_PUT; i++) {
		int code = sqlite3_prepare_v3(db, sql[i], -1, SQLITE_PREPARE_PERSISTENT,
					      &statement[i], NULL);
		if (code != SQLITE_OK)
			return code;
	}
	return records_prepare(db, statement);
}

/* Text that outlives the step: no copy. */
static void bind_text(sqlite3_stmt *s, int at, const char *text)
{
	(void)sqlite3_bind_text(s, at, text, -1, SQLITE_STATIC);
}

static int step(sqlite3_stmt *s)
{
	int code = sqlite3_step(s);

	(void)sqlite3_reset(s);
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

static int write_lease(sqlite3_stmt *s, const struct lease *lease, const struct clock_tie *tie)
{
	int64_t left_s =
	    lease->expires > tie->now ? (lease->expires - tie->now + 999999) / 1000000 : 0;

	(void)sqlite3_bind_int64(s, 1, ip4_number(lease->ip));
	(void)sqlite3_bind_int64(s, 2, (int64_t)mac_key(lease->mac));
	(void)sqlite3_bind_int64(s, 3, tie->unix_s + left_s);
	(void)sqlite3_bind_int64(s, 4, left_s);
	(void)sqlite3_bind_int(s, 5, lease->declined);
	return step(s);
}

static int write_setting(sqlite3_stmt *s, const char *name, const char *value)
{
	bind_text(s, 1, name);
	bind_text(s, 2, value);
	return step(s);
}

static int write_number(sqlite3_stmt *s, const char *name, int64_t value)
{
	char text[32];

	(void)snprintf(text, sizeof text, "%lld", (long long)value);
	return write_setting(s, name, text);
}

static int write_settings(sqlite3_stmt *s, const struct settings *settings)
{
	char ip[IP4_TEXT_SIZE];
	int code = SQLITE_OK;

#define I(name, member)                                                                            \
	code = code == SQLITE_OK ? write_number(s, name, (int64_t)settings->member) : code;
#define B(name, member) I(name, member)
#define A(name, member)                                                                            \
	code = code == SQLITE_OK ? write_setting(s, name, ip4_format(settings->member, ip)) : code;
#define T(name, member) code = code == SQLITE_OK ? write_setting(s, name, settings->member) : code;
#include "store/settings_rows.def"
#undef I
#undef B
#undef A
#undef T
	return code;
}

int rows_write(sqlite3_stmt *const statement[STATEMENT_COUNT], const struct change *c,
	       const struct clock_tie *tie)
{
	switch (c->kind) {
	case CHANGE_LEASE_PUT:
		return write_lease(statement[STATEMENT_LEASE_PUT], &c->lease, tie);
	case CHANGE_LEASE_DELETE:
		(void)sqlite3_bind_int64(statement[STATEMENT_LEASE_DELETE], 1,
					 ip4_number(c->lease.ip));
		return step(statement[STATEMENT_LEASE_DELETE]);
	case CHANGE_DEVICE_PUT:
		return records_put(statement, RECORD_PHONE, &c->device);
	case CHANGE_DEVICE_DELETE:
		return records_delete(statement, RECORD_PHONE, c->device.name);
	case CHANGE_DEVICE_REPLACE: {
		int code = records_delete(statement, RECORD_PHONE, c->replaced);
		return code == SQLITE_OK ? records_put(statement, RECORD_PHONE, &c->device) : code;
	}
	case CHANGE_RECORD_PUT:
		return records_put(statement, c->record_kind, &c->record);
	case CHANGE_RECORD_DELETE:
		return records_delete(statement, c->record_kind, c->record.key);
	case CHANGE_SETTINGS_PUT:
		return write_settings(statement[STATEMENT_SETTING_PUT], &c->settings);
	case CHANGE_TRY:
		return write_setting(statement[STATEMENT_SETTING_PUT], "disk_tried", "");
	case CHANGE_HISTORY_PUT:
		return history_write(statement[STATEMENT_HISTORY_PUT], &c->history);
	case CHANGE_COPY:
		break; /* no row: the store makes it between transactions */
	}
	return SQLITE_MISUSE;
}

static void read_text(sqlite3_stmt *s, int column, char *to, size_t size)
{
	(void)text_copy_slice(
	    to, size,
	    slice_of(sqlite3_column_text(s, column), (size_t)sqlite3_column_bytes(s, column)));
}

/* A clock that jumped back must not make a lease longer than it was given; one that jumped forward
 * ends it, and the phone simply asks again. */
static int load_lease(sqlite3_stmt *s, const struct store_loader *loader,
		      const struct clock_tie *tie)
{
	int64_t left = sqlite3_column_int64(s, 2) - tie->unix_s;
	int64_t given = sqlite3_column_int64(s, 3);
	struct lease lease = {.ip = ip4_of((uint32_t)sqlite3_column_int64(s, 0)),
			      .mac = mac_of_key((uint64_t)sqlite3_column_int64(s, 1)),
			      .declined = sqlite3_column_int(s, 4) != 0};

	left = left > given ? given : left < 0 ? 0 : left;
	lease.expires = dt_time_add(tie->now, DT_SECONDS(left));
	return loader->lease != NULL ? loader->lease(loader->context, &lease, left) : 0;
}

/* A value that cannot be read leaves the built-in one. */
static void take_setting(struct settings *settings, const char *name, const char *value)
{
#define I(name_, member)                                                                           \
	if (strcmp(name, name_) == 0)                                                              \
		settings->member = (__typeof__(settings->member))strtoll(value, NULL, 10);
#define B(name_, member)                                                                           \
	if (strcmp(name, name_) == 0)                                                              \
		settings->member = strcmp(value, "0") != 0;
#define A(name_, member)                                                                           \
	if (strcmp(name, name_) == 0)                                                              \
		(void)ip4_parse(value, &settings->member);
#define T(name_, member)                                                                           \
	if (strcmp(name, name_) == 0)                                                              \
		(void)text_copy(settings->member, sizeof settings->member, value);
#include "store/settings_rows.def"
#undef I
#undef B
#undef A
#undef T
}

static int load_settings(sqlite3 *db, const struct store_loader *loader)
{
	struct settings settings = settings_default();
	sqlite3_stmt *s = NULL;
	bool any = false;
	int code = sqlite3_prepare_v2(db, "SELECT name, value FROM setting", -1, &s, NULL);

	while (code == SQLITE_OK && (code = sqlite3_step(s)) == SQLITE_ROW) {
		char name[64];
		char value[128];
		read_text(s, 0, name, sizeof name);
		read_text(s, 1, value, sizeof value);
		take_setting(&settings, name, value);
		any = true;
		code = SQLITE_OK;
	}
	(void)sqlite3_finalize(s);
	if (code != SQLITE_DONE)
		return code;
	return any && loader->settings != NULL ? loader->settings(loader->context, &settings) : 0;
}

static int load_leases(sqlite3 *db, const struct store_loader *loader, const struct clock_tie *tie)
{
	sqlite3_stmt *s = NULL;
	int result = 0;
	int code = sqlite3_prepare_v2(db, "SELECT ip, mac, expires, duration, declined FROM lease",
				      -1, &s, NULL);

	while (code == SQLITE_OK && result == 0 && (code = sqlite3_step(s)) == SQLITE_ROW) {
		result = load_lease(s, loader, tie);
		code = SQLITE_OK;
	}
	(void)sqlite3_finalize(s);
	return result == 0 && code != SQLITE_DONE ? code : result;
}

int rows_load(sqlite3 *db, const struct store_loader *loader, const struct clock_tie *tie)
{
	int result = load_settings(db, loader);

	if (result == 0)
		result = records_load(db, loader);
	if (result == 0)
		result = load_leases(db, loader, tie);
	return result == 0 ? history_load(db, loader) : result;
}
