/* The database: what was acknowledged is there, whatever happens to the process. */
#include "harness.h"

#include "base/error.h"
#include "base/rand.h"
#include "base/text.h"
#include "store/store.h"

#include <poll.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

struct held {
	struct device device[512];
	size_t devices;
	struct lease lease[512];
	int64_t left[512];
	size_t leases;
	struct settings settings;
	bool has_settings;
	enum record_kind kind[64];
	union record record[64];
	size_t records;
};

static int take_device(void *context, const struct device *d)
{
	struct held *h = context;
	assert_in_range(h->devices, 0, 511);
	h->device[h->devices++] = *d;
	return 0;
}

static int take_record(void *context, enum record_kind kind, const union record *record)
{
	struct held *h = context;
	assert_in_range(h->records, 0, 63);
	h->kind[h->records] = kind;
	h->record[h->records++] = *record;
	return 0;
}

static int take_lease(void *context, const struct lease *l, int64_t left)
{
	struct held *h = context;
	assert_in_range(h->leases, 0, 511);
	h->left[h->leases] = left;
	h->lease[h->leases++] = *l;
	return 0;
}

static int take_settings(void *context, const struct settings *s)
{
	struct held *h = context;
	h->settings = *s;
	h->has_settings = true;
	return 0;
}

static char directory[] = "/tmp/dialtone-store-XXXXXX";
static char path[64];

static void fresh_path(void)
{
	static unsigned n;
	if (n == 0)
		assert_non_null(mkdtemp(directory));
	(void)snprintf(path, sizeof path, "%s/%u.db", directory, ++n);
}

static struct store *open_store(struct held *h, int64_t unix_s)
{
	struct store_loader loader = {h,          take_device, take_record, take_settings,
				      take_lease, NULL,        NULL,        NULL};
	struct store *s = NULL;
	const char *why = NULL;
	memset(h, 0, sizeof *h);
	int error = store_open(path, DT_SECONDS(100), unix_s, &loader, &s, &why);
	if (error != 0)
		fail_msg("%s", why);
	return s;
}

static struct change lease_change(uint64_t ticket)
{
	struct change c = {.kind = CHANGE_LEASE_PUT, .owner = CHANGE_OWNER_DHCP, .ticket = ticket};
	c.lease.ip = ip4_of(0x0a000000 + (uint32_t)ticket);
	c.lease.mac = mac_of_key(ticket);
	c.lease.expires = DT_SECONDS(100 + 3600);
	return c;
}

/* Waits (without sleeping) for one completion. */
static struct store_completion wait_one(struct store *s)
{
	struct store_completion c;
	struct pollfd p = {.fd = store_fd(s), .events = POLLIN};
	while (!store_next_completion(s, &c))
		assert_true(poll(&p, 1, 10000) >= 0);
	return c;
}

TEST("records, leases and settings come back as they were stored")
{
	struct held h;
	fresh_path();
	struct store *s = open_store(&h, 1000000);
	assert_false(h.has_settings);
	struct change c = {.kind = CHANGE_DEVICE_PUT, .ticket = 1, .owner = CHANGE_OWNER_REG};
	c.device = (struct device){.name = "SEP003094C2D5CA",
				   .type = 7,
				   .description = "a'b",
				   .dn = "1001",
				   .label = "L",
				   .load = "P0",
				   .reserved_ip = ip4_of(5),
				   .autoregistered = true,
				   .lines = "1002,1003",
				   .pool = "Berlin",
				   .speed_dials = "1234=Anna",
				   .protocol_max = 17,
				   .version = 9,
				   .added_unix_s = 7};
	assert_int_equal(store_submit(s, &c), 0);
	assert_true(wait_one(s).ok);
	struct change settings = {.kind = CHANGE_SETTINGS_PUT,
				  .ticket = 2,
				  .owner = CHANGE_OWNER_REG,
				  .settings = settings_default()};
	settings.settings.server_ip = ip4_of(0x0a4d0001);
	settings.settings.autoreg_on = true;
	settings.settings.utc_offset_s = -3600;
	assert_int_equal(store_submit(s, &settings), 0);
	struct store_completion done = wait_one(s);
	assert_int_equal(done.ticket, 2);
	assert_int_equal(done.owner, CHANGE_OWNER_REG);
	struct change lease = lease_change(3);
	assert_int_equal(store_submit(s, &lease), 0);
	assert_true(wait_one(s).ok);
	store_close(s);
	s = open_store(&h, 1000600);
	assert_int_equal(h.devices, 1);
	assert_memory_equal(&h.device[0], &c.device, sizeof c.device);
	assert_memory_equal(&h.settings, &settings.settings, sizeof h.settings);
	assert_int_equal(h.leases, 1);
	assert_int_equal(h.left[0], 3000);
	assert_true(mac_equal(h.lease[0].mac, lease.lease.mac));
	store_close(s);
	/* The clock jumped back a day: no lease grows beyond what it was given. */
	s = open_store(&h, 1000000 - 86400);
	assert_int_equal(h.left[0], 3600);
	struct change replace = {.kind = CHANGE_DEVICE_REPLACE, .ticket = 5, .device = c.device};
	memcpy(replace.replaced, c.device.name, sizeof replace.replaced);
	(void)text_copy(replace.device.name, sizeof replace.device.name, "SEP0011223344FF");
	assert_int_equal(store_submit(s, &replace), 0);
	assert_true(wait_one(s).ok);
	store_close(s);
	s = open_store(&h, 1000000);
	assert_int_equal(h.devices, 1);
	assert_memory_equal(&h.device[0], &replace.device, sizeof replace.device);
	c.device = replace.device;
	struct change gone = {.kind = CHANGE_DEVICE_DELETE, .ticket = 4, .device = c.device};
	assert_int_equal(store_submit(s, &gone), 0);
	assert_true(wait_one(s).ok);
	store_close(s);
	store_close(open_store(&h, 1000000));
	assert_int_equal(h.devices, 0);
}

/* A record with something in each of its fields. */
static union record filled(enum record_kind kind, const char *key)
{
	static const char *const text[] = {
	    [VALUE_TEXT] = "o'x",  [VALUE_NUMBER] = "4294967295", [VALUE_SIGNED] = "-720",
	    [VALUE_SWITCH] = "on", [VALUE_IP] = "10.1.2.3",       [VALUE_MODEL] = "7961G",
	    [VALUE_TIME] = "17",   [VALUE_STAMP] = "99"};
	const struct record_type *type = record_type(kind);
	union record record;
	const char *why = NULL;
	memset(&record, 0, sizeof record);
	for (size_t i = 0; i < type->fields; i++)
		assert_int_equal(record_field_parse(&type->field[i],
						    i == 0 ? key : text[type->field[i].kind],
						    &record, &why),
				 0);
	return record;
}

TEST("a record of every kind comes back field by field, is replaced by its key and deleted")
{
	struct held h;
	fresh_path();
	struct store *s = open_store(&h, 1000000);
	for (int k = RECORD_PHONE + 1; k < RECORD_KINDS; k++) {
		struct change c = {.kind = CHANGE_RECORD_PUT,
				   .ticket = (uint64_t)k,
				   .record_kind = (enum record_kind)k,
				   .record = filled((enum record_kind)k, "key")};
		assert_int_equal(store_submit(s, &c), 0);
		assert_true(wait_one(s).ok);
		record_set_version((enum record_kind)k, &c.record, 100);
		assert_int_equal(store_submit(s, &c), 0);
		assert_true(wait_one(s).ok);
	}
	store_close(s);
	s = open_store(&h, 1000000);
	assert_int_equal(h.records, RECORD_KINDS - RECORD_PHONE - 1);
	for (size_t i = 0; i < h.records; i++) {
		union record want = filled(h.kind[i], "key");
		record_set_version(h.kind[i], &want, 100);
		assert_memory_equal(&h.record[i], &want, record_type(h.kind[i])->size);
		struct change gone = {.kind = CHANGE_RECORD_DELETE,
				      .ticket = 50 + i,
				      .record_kind = h.kind[i],
				      .record = want};
		assert_int_equal(store_submit(s, &gone), 0);
		assert_true(wait_one(s).ok);
	}
	store_close(s);
	store_close(open_store(&h, 1000000));
	assert_int_equal(h.records, 0);
}

TEST("a database of the first version keeps its phones and learns the new columns")
{
	static const char first[] =
	    "CREATE TABLE device ("
	    "  name TEXT PRIMARY KEY, type INTEGER NOT NULL, description TEXT NOT NULL, dn TEXT "
	    "NOT "
	    "NULL, label TEXT NOT NULL, load TEXT NOT NULL, reserved_ip INTEGER NOT NULL,"
	    "  autoregistered INTEGER NOT NULL, version INTEGER NOT NULL, added INTEGER NOT NULL)"
	    " WITHOUT ROWID;"
	    "CREATE UNIQUE INDEX device_dn ON device (dn) WHERE dn <> '';"
	    "CREATE TABLE lease (ip INTEGER PRIMARY KEY, mac INTEGER NOT NULL, expires INTEGER NOT "
	    "NULL, duration INTEGER NOT NULL, declined INTEGER NOT NULL);"
	    "CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
	    "INSERT INTO device VALUES ('SEP003094C2D5CA', 7, 'd', '1001', 'L', 'P0', 5, 1, 9, 7);"
	    "PRAGMA user_version = 1";
	struct held h;
	sqlite3 *db = NULL;
	fresh_path();
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, first, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	struct store *s = open_store(&h, 1000000);
	assert_int_equal(h.devices, 1);
	assert_string_equal(h.device[0].dn, "1001");
	assert_string_equal(h.device[0].pool, "");
	struct change c = {.kind = CHANGE_DEVICE_PUT, .ticket = 1, .device = h.device[0]};
	(void)snprintf(c.device.pool, sizeof c.device.pool, "Berlin");
	assert_int_equal(store_submit(s, &c), 0);
	assert_true(wait_one(s).ok);
	store_close(s);
	store_close(open_store(&h, 1000000));
	assert_string_equal(h.device[0].pool, "Berlin");
}

TEST("a change the database refuses fails alone, its neighbours in the group are stored")
{
	struct held h;
	fresh_path();
	struct store *s = open_store(&h, 1000000);
	store_set_delay_ms(s, 20); /* so that the three meet in one group */
	for (uint64_t i = 1; i <= 3; i++) {
		struct change c = {.kind = CHANGE_DEVICE_PUT, .ticket = i, .device = {.type = 7}};
		(void)snprintf(c.device.name, sizeof c.device.name, "SEP%012u", (unsigned)i);
		/* The second number is the first one's: the unique index refuses it. REPLACE must
		 * not hide it. */
		(void)snprintf(c.device.dn, sizeof c.device.dn, "%u",
			       i == 2 ? 101u : 100u + (unsigned)i);
		assert_int_equal(store_submit(s, &c), 0);
	}
	bool ok[4] = {false};
	for (int i = 0; i < 3; i++) {
		struct store_completion c = wait_one(s);
		ok[c.ticket] = c.ok;
		if (!c.ok)
			assert_non_null(strstr(c.why, path));
	}
	assert_true(ok[1] && !ok[2] && ok[3]);
	store_close(s);
	store_close(open_store(&h, 1000000));
	assert_int_equal(h.devices, 2);
}

TEST("a lease keeps its length when the host learns the right time long after its start")
{
	const int64_t ten_days = 864000;
	const int64_t fifty_years = 1577836800;
	struct held h;
	fresh_path();
	struct store *s = open_store(&h, 1000000);
	store_shift_clocks(s, DT_SECONDS(ten_days), DT_SECONDS(ten_days + fifty_years));
	struct change c = lease_change(1);
	c.lease.expires = DT_SECONDS(100 + ten_days + 3600);
	assert_int_equal(store_submit(s, &c), 0);
	assert_true(wait_one(s).ok);
	store_close(s);
	/* Restarted at once: the hour is still there, give or take the second it took. */
	store_close(open_store(&h, 1000000 + ten_days + fifty_years));
	assert_in_range(h.left[0], 3599, 3601);
	/* The clock jumped back: an hour, not the days the server had been up. */
	store_close(open_store(&h, 1000000));
	assert_in_range(h.left[0], 3599, 3600);
}

static void make_newer(void)
{
	/* user_version lies at byte 60 of the file's header, big-endian (SQLite file format 1.3).
	 */
	const uint8_t version[] = {0, 0, 0x7f, 0xff};
	FILE *f = fopen(path, "r+b");
	assert_non_null(f);
	assert_int_equal(fseek(f, 60, SEEK_SET), 0);
	assert_int_equal(fwrite(version, 1, sizeof version, f), sizeof version);
	assert_int_equal(fclose(f), 0);
}

TEST("a file of a newer dialtone is left alone, and the sentence says so")
{
	struct held h;
	struct store_loader loader = {&h,         take_device, take_record, take_settings,
				      take_lease, NULL,        NULL,        NULL};
	struct store *s = NULL;
	const char *why = NULL;
	fresh_path();
	store_close(open_store(&h, 1000000));
	make_newer();
	assert_int_equal(store_open(path, 0, 0, &loader, &s, &why), E_STORE);
	assert_non_null(strstr(why, "newer dialtone"));
	assert_int_equal(store_open(path, 0, 0, &loader, &s, &why), E_STORE);
}

TEST("a second server on the same file, a file that is none and a directory are refused with a "
     "sentence")
{
	struct held h;
	struct store_loader loader = {&h,         take_device, take_record, take_settings,
				      take_lease, NULL,        NULL,        NULL};
	struct store *other = NULL;
	const char *why = NULL;
	fresh_path();
	struct store *s = open_store(&h, 1000000);
	assert_int_equal(store_open(path, 0, 0, &loader, &other, &why), E_STORE);
	assert_non_null(strstr(why, "another dialtone"));
	store_close(s);
	fresh_path();
	FILE *f = fopen(path, "wb");
	assert_non_null(f);
	for (int i = 0; i < 300; i++)
		(void)fputs("this is no database ", f);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(store_open(path, 0, 0, &loader, &other, &why), E_STORE);
	assert_non_null(strstr(why, path));
	assert_non_null(strstr(why, "no database"));
	assert_int_equal(store_open("/", 0, 0, &loader, &other, &why), E_STORE);
}

TEST("a full disk fails the change with path and cause, and the server goes on")
{
	struct held h;
	struct rlimit old;
	fresh_path();
	struct store *s = open_store(&h, 1000000);
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	struct rlimit small = {.rlim_cur = 4096, .rlim_max = old.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	struct change c = lease_change(1);
	assert_int_equal(store_submit(s, &c), 0);
	struct store_completion done = wait_one(s);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_false(done.ok);
	assert_non_null(strstr(done.why, path));
	c = lease_change(2);
	assert_int_equal(store_submit(s, &c), 0);
	assert_true(wait_one(s).ok);
	store_close(s);
	store_close(open_store(&h, 1000000));
	assert_int_equal(h.leases, 1);
}

/* The three kinds of promise in turn: a lease, a phone, a setting. The ticket is in each. */
static struct change promise(uint64_t ticket)
{
	struct change c = lease_change(ticket);
	if (ticket % 3 == 1) {
		c = (struct change){.kind = CHANGE_DEVICE_PUT, .ticket = ticket};
		(void)snprintf(c.device.name, sizeof c.device.name, "SEP%012u", (unsigned)ticket);
		(void)snprintf(c.device.dn, sizeof c.device.dn, "%u", 1000u + (unsigned)ticket);
	} else if (ticket % 3 == 2) {
		c = (struct change){
		    .kind = CHANGE_SETTINGS_PUT, .ticket = ticket, .settings = settings_default()};
		c.settings.utc_offset_s = (int32_t)ticket;
	}
	return c;
}

/* The child: stores promise after promise and tells each acknowledged ticket to its parent, until
 * it is killed. */
static void store_until_killed(int tell, uint64_t first)
{
	struct store_loader none = {0};
	struct store *s = NULL;
	const char *why = NULL;
	if (store_open(path, DT_SECONDS(100), 1000000, &none, &s, &why) != 0)
		_exit(1);
	for (uint64_t ticket = first;; ticket++) {
		struct store_completion c;
		struct pollfd p = {.fd = store_fd(s), .events = POLLIN};
		struct change change = promise(ticket);
		(void)store_submit(s, &change);
		(void)poll(&p, 1, ticket % 3 == 0 ? 100 : 0);
		while (store_next_completion(s, &c)) {
			if (c.ok && write(tell, &c.ticket, sizeof c.ticket) != sizeof c.ticket)
				_exit(2);
		}
	}
}

/* A later setting may have followed an acknowledged one to the disk; an earlier one may not. */
static bool is_stored(const struct held *h, uint64_t ticket)
{
	struct change c = promise(ticket);

	if (c.kind == CHANGE_SETTINGS_PUT)
		return h->has_settings && h->settings.utc_offset_s >= (int32_t)ticket;
	for (size_t i = 0; i < h->leases && c.kind == CHANGE_LEASE_PUT; i++) {
		if (mac_key(h->lease[i].mac) == ticket)
			return true;
	}
	for (size_t i = 0; i < h->devices && c.kind == CHANGE_DEVICE_PUT; i++) {
		if (strcmp(h->device[i].name, c.device.name) == 0 &&
		    strcmp(h->device[i].dn, c.device.dn) == 0)
			return true;
	}
	return false;
}

/* CI kills a hundred times; `make soak` says KILLS=500, and another SEED. */
static unsigned from_environment(const char *name, unsigned usual)
{
	const char *text = getenv(name); // NOLINT(concurrency-mt-unsafe): one thread
	return text != NULL ? (unsigned)strtoul(text, NULL, 10) : usual;
}

TEST("a hundred times killed, never a lease, a phone or a setting lost that was acknowledged")
{
	unsigned kills = from_environment("KILLS", 100);
	unsigned seed = from_environment("SEED", 3);
	struct rand rand = rand_of(seed);
	unsigned acknowledged = 0;
	for (unsigned kill_number = 0; kill_number < kills; kill_number++) {
		struct held h;
		uint64_t seen[256];
		size_t count = 0;
		int pipe_fd[2];
		if (kill_number % 10 == 0)
			fresh_path();
		assert_int_equal(pipe(pipe_fd), 0);
		uint64_t first = 1 + (uint64_t)(kill_number % 10) * 40;
		pid_t child = fork();
		if (child == 0) {
			(void)close(pipe_fd[0]);
			store_until_killed(pipe_fd[1], first);
		}
		(void)close(pipe_fd[1]);
		/* Killed after so many acknowledgements, wherever its writer is at that moment. */
		size_t stop = 1 + (size_t)rand_below(&rand, 20);
		while (count < stop &&
		       read(pipe_fd[0], &seen[count], sizeof seen[0]) == sizeof seen[0])
			count++;
		assert_int_equal(count, stop);
		assert_int_equal(kill(child, SIGKILL), 0);
		while (count < 256 &&
		       read(pipe_fd[0], &seen[count], sizeof seen[0]) == sizeof seen[0])
			count++;
		assert_int_equal(waitpid(child, NULL, 0), child);
		(void)close(pipe_fd[0]);
		store_close(open_store(&h, 1000000));
		for (size_t i = 0; i < count; i++)
			assert_true(is_stored(&h, seen[i]));
		acknowledged += (unsigned)count;
	}
	print_message("%u acknowledged changes over %u kills with seed %u, none lost\n",
		      acknowledged, kills, seed);
}

struct remembered {
	struct history row[256];
	uint8_t first[256];
	size_t rows;
};

static int take_history(void *context, const struct history *h)
{
	struct remembered *r = context;
	assert_in_range(r->rows, 0, 255);
	r->first[r->rows] = h->bytes.len > 0 ? h->bytes.ptr[0] : 0;
	r->row[r->rows++] = *h;
	return 0;
}

static uint64_t one_mebibyte(void *context)
{
	(void)context;
	return (uint64_t)1 << 20;
}

static struct store *open_histories(struct remembered *r)
{
	struct store_loader loader = {
	    .context = r, .history = take_history, .history_max = one_mebibyte};
	struct store *s = NULL;
	const char *why = NULL;
	memset(r, 0, sizeof *r);
	if (store_open(path, 0, 1000000, &loader, &s, &why) != 0)
		fail_msg("%s", why);
	return s;
}

static struct change history_change(uint64_t mac, dt_time seen, struct slice bytes)
{
	struct change c = {
	    .kind = CHANGE_HISTORY_PUT, .owner = CHANGE_OWNER_HISTORY, .ticket = mac};
	c.history = (struct history){.mac = mac_of_key(mac),
				     .seen_unix_us = seen,
				     .zero_unix_us = 77,
				     .dropped = 5,
				     .boots_dropped = 2,
				     .bytes = bytes};
	return c;
}

TEST("a phone's history is replaced as a whole and comes back, the latest phone first")
{
	static struct remembered r;
	uint8_t bytes[1000];
	fresh_path();
	struct store *s = open_histories(&r);
	for (uint64_t i = 1; i <= 4; i++) {
		memset(bytes, (int)i, sizeof bytes);
		uint64_t mac = i == 1 ? mac_key(HISTORY_KINDS) : i == 4 ? 102 : 100 + i;
		struct change c = history_change(mac, (dt_time)(10 * i), slice_of(bytes, 100 * i));
		assert_int_equal(store_submit(s, &c), 0);
		/* What was handed over is copied. */
		memset(bytes, 0xff, sizeof bytes);
	}
	for (int i = 0; i < 4; i++)
		assert_true(wait_one(s).ok);
	store_close(s);
	store_close(open_histories(&r));
	assert_int_equal(r.rows, 3);
	assert_true(mac_equal(r.row[0].mac, HISTORY_KINDS));
	assert_int_equal(mac_key(r.row[1].mac), 102);
	assert_int_equal(r.first[1], 4);
	assert_int_equal(r.row[1].bytes.len, 400);
	assert_int_equal(r.row[1].dropped, 5);
	assert_int_equal(r.row[1].boots_dropped, 2);
	assert_int_equal(r.row[1].zero_unix_us, 77);
	assert_int_equal(mac_key(r.row[2].mac), 103);
}

TEST("histories beyond their limit push out those of the phones silent for longest")
{
	static struct remembered r;
	static uint8_t bytes[16384];
	fresh_path();
	struct store *s = open_histories(&r);
	struct change key = history_change(mac_key(HISTORY_KINDS), 0, slice_of(bytes, 10));
	assert_int_equal(store_submit(s, &key), 0);
	for (uint64_t i = 0; i < 200; i++) {
		struct change c =
		    history_change(1000 + i, (dt_time)i, slice_of(bytes, sizeof bytes));
		assert_int_equal(store_submit(s, &c), 0);
	}
	for (int i = 0; i < 201; i++)
		assert_true(wait_one(s).ok);
	store_close(s);
	store_close(open_histories(&r));
	assert_in_range(r.rows, 20, 1 + (1 << 20) / (int)sizeof bytes);
	assert_true(mac_equal(r.row[0].mac, HISTORY_KINDS));
	assert_int_equal(mac_key(r.row[1].mac), 1199);
}

static int (*open_file)(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
			int *ret_flags);

/* The disk of a confined server: nothing but the database and what stands beside it. */
static int open_named_only(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
			   int *ret_flags)
{
	return name != NULL ? open_file(vfs, name, file, flags, ret_flags) : SQLITE_CANTOPEN;
}

static uint64_t plenty(void *context)
{
	(void)context;
	return (uint64_t)64 << 20;
}

static int count_history(void *context, const struct history *h)
{
	size_t *rows = context;
	assert_int_equal(h->bytes.len, 32768);
	++*rows;
	return 0;
}

TEST("a database full of histories opens where no other file may be made")
{
	static uint8_t bytes[32768];
	size_t rows = 0;
	struct store_loader loader = {
	    .context = &rows, .history = count_history, .history_max = plenty};
	struct store *s = NULL;
	const char *why = "";
	sqlite3_vfs *disk = sqlite3_vfs_find(NULL);
	fresh_path();
	assert_int_equal(store_open(path, 0, 1000000, &loader, &s, &why), 0);
	for (uint64_t i = 0; i < 200; i++) {
		struct change c =
		    history_change(1000 + i, (dt_time)i, slice_of(bytes, sizeof bytes));
		assert_int_equal(store_submit(s, &c), 0);
		assert_true(wait_one(s).ok);
	}
	store_close(s);
	open_file = disk->xOpen;
	disk->xOpen = open_named_only;
	int error = store_open(path, 0, 1000000, &loader, &s, &why);
	disk->xOpen = open_file;
	if (error != 0)
		fail_msg("%s", why);
	assert_int_equal(rows, 200);
	store_close(s);
}
