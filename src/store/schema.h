/* The database's tables, as migrations: each string brings the schema from one version to the next.
 * What has been released is never edited, only followed. */
#ifndef DIALTONE_STORE_SCHEMA_H
#define DIALTONE_STORE_SCHEMA_H

/* In the file's header (SQLite file format 1.3.16): "dial". Tells our files from others'. */
#define STORE_APPLICATION      0x6469616c
#define STORE_APPLICATION_MARK "PRAGMA application_id = 0x6469616c"

static const char *const store_migrations[] = {
    /* 1: devices, leases, settings. Settings are names and values, so that a new setting is a row,
     * not a migration. Leases end in wall-clock seconds: monotonic time does not survive a restart.
     */
    "CREATE TABLE device ("
    "  name TEXT PRIMARY KEY, type INTEGER NOT NULL, description TEXT NOT NULL, dn TEXT NOT NULL,"
    "  label TEXT NOT NULL, load TEXT NOT NULL, reserved_ip INTEGER NOT NULL, autoregistered "
    "INTEGER NOT NULL,"
    "  version INTEGER NOT NULL, added INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE UNIQUE INDEX device_dn ON device (dn) WHERE dn <> '';"
    "CREATE TABLE lease ("
    "  ip INTEGER PRIMARY KEY, mac INTEGER NOT NULL, expires INTEGER NOT NULL, duration INTEGER "
    "NOT NULL,"
    "  declined INTEGER NOT NULL);"
    "CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;",
    /* 2: the other kinds of records. Tables and columns come from the field tables (records.c); the
     * number keeps older programs from writing phones without the columns they do not know. */
    "",
    /* 3: what was seen of each phone. No phone's record: deleting one leaves the other. */
    "CREATE TABLE history ("
    "  mac INTEGER PRIMARY KEY, seen INTEGER NOT NULL, zero INTEGER NOT NULL, dropped INTEGER NOT "
    "NULL,"
    "  boots_dropped INTEGER NOT NULL, bytes BLOB NOT NULL);"
    "CREATE INDEX history_seen ON history (seen);",
};
#define STORE_SCHEMA_VERSION (sizeof store_migrations / sizeof *store_migrations)

#endif
