/* The database behind its writer thread.
 *
 *   loop thread: store_submit --> queue --> writer thread: BEGIN, up to 256 changes, COMMIT
 * (synchronous) loop thread: store_next_completion <-- done list <-- one completion a change, by
 * eventfd
 *
 * Histories stand in a queue of their own: a group takes a few of them when it has room. They are
 * retried by nobody; what was lost comes with the phone's next row.
 *
 * A change is acknowledged only after the COMMIT that holds it has returned from the disk. If
 * anything in a group fails, each of its changes is tried alone, so that one bad row or a full disk
 * fails who it must. */
#include "store/store_internal.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/text.h"
#include "store/schema.h"

#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#define GROUP_MAX     256
#define HISTORIES_MAX 32 /* of them: half a megabyte, so that a commit stays short */

struct queued {
	struct change change;
	struct store_completion completion;
	struct queued *next;
	uint8_t bytes[]; /* of a history */
};

struct queue {
	struct queued *first, *last;
	size_t count;
};

struct store {
	sqlite3 *db;
	sqlite3_stmt *statement[STATEMENT_COUNT];
	char path[256];
	struct clock_tie tie; /* at open */
	int64_t opened_us;    /* monotonic clock at open */
	int64_t opened_wall_us;
	int64_t shift_us, shift_wall_us; /* under lock; store_shift_clocks */
	int event;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t work;
	struct queue todo, done; /* under lock */
	struct queue histories;  /* under lock: to do when nothing else is */
	uint64_t history_max;    /* bytes */
	int64_t history_bytes;   /* writer thread: in the file, at least */
	bool stop;               /* under lock */
	bool running;            /* the writer was started */
	void (*confine)(void);   /* or NULL */
	bool had_journal;        /* the file had one when it was opened */
	bool confined;           /* under lock: it was called */
	unsigned delay_ms;       /* under lock */
};

static char why_open[256]; /* store_open's last sentence; one thread opens */

static void queue_add(struct queue *q, struct queued *item)
{
	item->next = NULL;
	if (q->last != NULL)
		q->last->next = item;
	else
		q->first = item;
	q->last = item;
	q->count++;
}

static struct queued *queue_take(struct queue *q)
{
	struct queued *item = q->first;

	if (item == NULL)
		return NULL;
	q->first = item->next;
	if (q->first == NULL)
		q->last = NULL;
	q->count--;
	return item;
}

static int run(sqlite3 *db, const char *statement)
{
	return sqlite3_exec(db, statement, NULL, NULL, NULL);
}

static int64_t clock_us(clockid_t clock)
{
	struct timespec t;

	(void)clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* Both clocks now, counted from the caller's at open. A host without a battery starts in 1970 and
 * learns the time later: leases written by the first tie would all have ended at the next start,
 * and their addresses would be given to others. */
static struct clock_tie tie_now(struct store *s)
{
	(void)pthread_mutex_lock(&s->lock);
	int64_t passed = clock_us(CLOCK_MONOTONIC) - s->opened_us + s->shift_us;
	int64_t wall = clock_us(CLOCK_REALTIME) - s->opened_wall_us + s->shift_wall_us;
	(void)pthread_mutex_unlock(&s->lock);
	return (struct clock_tie){s->tie.now + passed, s->tie.unix_s + wall / 1000000};
}

/* Rows that replaced others were counted twice: counted again before anything goes. */
static int trim(struct store *s)
{
	int code = history_size(s->db, &s->history_bytes);

	if (code == SQLITE_OK && (uint64_t)s->history_bytes > s->history_max)
		code = history_trim(s->db, s->history_max, &s->history_bytes);
	return code;
}

/* One transaction. true when it is on the disk. */
static bool commit_group(struct store *s, struct queued *first)
{
	struct clock_tie tie = tie_now(s);
	int code = run(s->db, "BEGIN IMMEDIATE");

	for (struct queued *q = first; q != NULL && code == SQLITE_OK; q = q->next) {
		code = rows_write(s->statement, &q->change, &tie);
		if (q->change.kind == CHANGE_HISTORY_PUT)
			s->history_bytes += (int64_t)q->change.history.bytes.len;
	}
	if (code == SQLITE_OK && s->history_bytes > 0 &&
	    (uint64_t)s->history_bytes > s->history_max)
		code = trim(s);
	if (code == SQLITE_OK)
		code = run(s->db, "COMMIT");
	if (code == SQLITE_OK)
		return true;
	(void)snprintf(first->completion.why, sizeof first->completion.why, "%s: %s", s->path,
		       sqlite3_errmsg(s->db));
	if (sqlite3_get_autocommit(s->db) == 0)
		(void)run(s->db, "ROLLBACK");
	return false;
}

/* VACUUM INTO reads one state of the whole file and refuses a path that is taken. */
static bool make_copy(struct store *s, struct queued *q)
{
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(s->db, "VACUUM INTO ?", -1, &statement, NULL);

	if (code == SQLITE_OK) {
		(void)sqlite3_bind_text(statement, 1, q->change.copy_path, -1, SQLITE_STATIC);
		code = sqlite3_step(statement);
	}
	if (code != SQLITE_DONE)
		(void)snprintf(q->completion.why, sizeof q->completion.why, "%s: %s",
			       q->change.copy_path, sqlite3_errmsg(s->db));
	(void)sqlite3_finalize(statement);
	return code == SQLITE_DONE;
}

static void commit(struct store *s, struct queued *first)
{
	bool ok = commit_group(s, first);
	bool alone = first->next == NULL;

	for (struct queued *q = first; q != NULL;) {
		struct queued *next = q->next;
		q->completion.owner = q->change.owner;
		q->completion.ticket = q->change.ticket;
		q->next = NULL;
		q->completion.ok = ok || (!alone && commit_group(s, q));
		if (q->change.kind == CHANGE_COPY)
			q->completion.ok = make_copy(s, q);
		q->next = next;
		q = next;
	}
}

/* Up to a group of what is queued, or NULL when it is time to stop. */
static struct queued *wait_for_work(struct store *s, unsigned *ret_delay_ms)
{
	struct queue group = {0};

	(void)pthread_mutex_lock(&s->lock);
	while (s->todo.first == NULL && s->histories.first == NULL && !s->stop)
		(void)pthread_cond_wait(&s->work, &s->lock);
	while (group.count < GROUP_MAX && s->todo.first != NULL)
		queue_add(&group, queue_take(&s->todo));
	for (size_t i = 0; i < HISTORIES_MAX && group.count < GROUP_MAX && s->histories.first; i++)
		queue_add(&group, queue_take(&s->histories));
	*ret_delay_ms = s->delay_ms;
	(void)pthread_mutex_unlock(&s->lock);
	return group.first;
}

static void *writer(void *context)
{
	struct store *s = context;
	struct queued *group = NULL;
	unsigned delay_ms = 0;
	uint64_t one = 1;

	if (s->confine != NULL)
		s->confine();
	(void)pthread_mutex_lock(&s->lock);
	s->confined = true;
	(void)pthread_cond_signal(&s->work);
	(void)pthread_mutex_unlock(&s->lock);
	while ((group = wait_for_work(s, &delay_ms)) != NULL) {
		if (delay_ms > 0)
			(void)usleep(delay_ms * 1000);
		commit(s, group);
		(void)pthread_mutex_lock(&s->lock);
		while (group != NULL) {
			struct queued *next = group->next;
			queue_add(&s->done, group);
			group = next;
		}
		(void)pthread_mutex_unlock(&s->lock);
		(void)!write(s->event, &one, sizeof one);
	}
	return NULL;
}

/* Codes that SQLite does not use for what prepare_file asks of it. */
#define CODE_NEWER   SQLITE_MISMATCH
#define CODE_FOREIGN SQLITE_AUTH

static const char *refusal_of(int code)
{
	switch (code) {
	case SQLITE_BUSY:
		return "is in use by another dialtone: stop it, or name another --database";
	case SQLITE_NOTADB:
		return "is no database: move it away, or name another --database";
	case CODE_FOREIGN:
		return "is another program's database: name another --database";
	case CODE_NEWER:
		return "was written by a newer dialtone: run that one, or name another --database";
	case SQLITE_CORRUPT:
		return "is damaged, and nothing in it was changed: put a copy in its place, or see "
		       "what `sqlite3 FILE .recover` finds";
	default:
		return NULL;
	}
}

/* Lets go of the file as it was found. */
static int open_failed(struct store *s, const char *path, const char *what, int code,
		       const char **ret_why)
{
	const char *refusal = refusal_of(code);

	if (refusal != NULL)
		(void)snprintf(why_open, sizeof why_open, "%s %s", path, refusal);
	else
		(void)snprintf(why_open, sizeof why_open, "cannot %s %s: %s", what, path,
			       s->db != NULL ? sqlite3_errmsg(s->db) : sqlite3_errstr(code));
	*ret_why = why_open;
	/* A journal that was there stays for who can read it; ours goes. */
	if (s->had_journal && s->db != NULL)
		(void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	store_close(s);
	return E_STORE;
}

/* A number out of one row, or -1. */
static int ask(sqlite3 *db, const char *question)
{
	sqlite3_stmt *s = NULL;
	int answer = -1;

	if (sqlite3_prepare_v2(db, question, -1, &s, NULL) == SQLITE_OK &&
	    sqlite3_step(s) == SQLITE_ROW)
		answer = sqlite3_column_int(s, 0);
	(void)sqlite3_finalize(s);
	return answer;
}

/* Whose file is it, and is it whole? Nothing is written before both are known: another program's
 * database must not even become one in WAL mode. */
static int inspect(sqlite3 *db)
{
	int tables = ask(db, "SELECT count(*) FROM sqlite_schema");
	int id = ask(db, "PRAGMA application_id");

	if (tables < 0 || id < 0)
		return sqlite3_errcode(db);
	if (tables == 0)
		return SQLITE_OK;
	int ours = ask(db, "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN "
			   "('device', 'lease', 'setting')");
	/* Files of the first versions bear no number. */
	if ((id != STORE_APPLICATION && id != 0) || ours != 3)
		return CODE_FOREIGN;
	return ask(db, "SELECT count(*) FROM pragma_quick_check(1) WHERE quick_check <> 'ok'") == 0
		   ? SQLITE_OK
		   : SQLITE_CORRUPT;
}

/* Brings the schema to this program's version; a file of a later program is refused rather than
 * spoilt. */
static int migrate(sqlite3 *db)
{
	int version = ask(db, "PRAGMA user_version");

	if (version > (int)STORE_SCHEMA_VERSION)
		return CODE_NEWER;
	if (version < 0)
		return SQLITE_ERROR;
	for (size_t v = (size_t)version; v < STORE_SCHEMA_VERSION; v++) {
		char set[48];
		(void)snprintf(set, sizeof set, "PRAGMA user_version = %zu", v + 1);
		if (run(db, "BEGIN IMMEDIATE") != SQLITE_OK ||
		    run(db, store_migrations[v]) != SQLITE_OK || run(db, set) != SQLITE_OK ||
		    run(db, "COMMIT") != SQLITE_OK)
			return SQLITE_ERROR;
	}
	return records_ensure(db);
}

/* The caller may be about to forbid what confining takes. */
static void wait_until_confined(struct store *s)
{
	(void)pthread_mutex_lock(&s->lock);
	while (!s->confined)
		(void)pthread_cond_wait(&s->work, &s->lock);
	(void)pthread_mutex_unlock(&s->lock);
}

/* One process a file: a second one would give out the same addresses and numbers. */
static int prepare_file(struct store *s)
{
	static const char *const pragmas[] = {
	    "PRAGMA journal_mode = WAL",
	    "PRAGMA synchronous = FULL",
	    /* What is sorted stays in memory: a confined server may make no file elsewhere. */
	    "PRAGMA temp_store = MEMORY",
	    "BEGIN IMMEDIATE; COMMIT",
	};
	int found = run(s->db, "PRAGMA locking_mode = EXCLUSIVE");

	if (found == SQLITE_OK)
		found = inspect(s->db);
	if (found != SQLITE_OK)
		return found;
	for (size_t i = 0; i < sizeof pragmas / sizeof *pragmas; i++) {
		int code = run(s->db, pragmas[i]);
		if (code != SQLITE_OK)
			return code;
	}
	int code = migrate(s->db);
	if (code == SQLITE_OK && ask(s->db, "PRAGMA application_id") == 0)
		code = run(s->db, STORE_APPLICATION_MARK);
	return code == SQLITE_OK ? rows_prepare(s->db, s->statement) : code;
}

static bool has_journal(const char *path)
{
	char journal[300];
	struct stat status;

	(void)snprintf(journal, sizeof journal, "%s-wal", path);
	return stat(journal, &status) == 0 && status.st_size > 0;
}

int store_open(const char *path, dt_time now, int64_t unix_s, const struct store_loader *loader,
	       struct store **ret_store, const char **ret_why)
{
	struct store *s = alloc_zero(1, sizeof *s);

	*ret_why = "out of memory";
	if (s == NULL)
		return E_NO_MEMORY;
	s->event = -1;
	s->confine = loader->confine;
	s->tie = (struct clock_tie){now, unix_s};
	s->opened_us = clock_us(CLOCK_MONOTONIC);
	s->opened_wall_us = clock_us(CLOCK_REALTIME);
	(void)text_copy(s->path, sizeof s->path, path);
	(void)pthread_mutex_init(&s->lock, NULL);
	(void)pthread_cond_init(&s->work, NULL);
	s->history_max = UINT64_MAX;
	s->had_journal = has_journal(path);
	int code = sqlite3_open_v2(
	    path, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
	if (code != SQLITE_OK)
		return open_failed(s, path, "open", code, ret_why);
	code = prepare_file(s);
	if (code != SQLITE_OK)
		return open_failed(s, path, "use", code, ret_why);
	int loaded = rows_load(s->db, loader, &s->tie);
	if (loaded > 0)
		return open_failed(s, path, "read", loaded, ret_why);
	if (loaded == 0 && loader->history_max != NULL) {
		s->history_max = loader->history_max(loader->context);
		(void)trim(s); /* a lower limit than the last one's; a full disk keeps the old */
	}
	s->event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (loaded == 0 && s->event >= 0 && pthread_create(&s->thread, NULL, writer, s) == 0) {
		s->running = true;
		wait_until_confined(s);
		*ret_store = s;
		return 0;
	}
	store_close(s);
	return loaded < 0 ? loaded : E_NO_MEMORY;
}

/* Read-only files in WAL mode need a companion file; one that cannot be made means that nobody
 * writes here, and then the file is read as it lies. */
static int open_read_only(const char *path, bool immutable, sqlite3 **ret_db)
{
	char uri[512];
	struct buf name;

	buf_init(&name, sizeof uri - 1);
	buf_text(&name, "file:");
	for (const char *p = path; *p != 0; p++) {
		if (strchr("?#%", *p) != NULL)
			buf_printf(&name, "%%%02X", (unsigned)*p);
		else
			buf_char(&name, *p);
	}
	buf_text(&name, immutable ? "?immutable=1" : "");
	(void)text_copy(uri, sizeof uri, buf_cstr(&name));
	buf_done(&name);
	int code = sqlite3_open_v2(
	    uri, ret_db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, NULL);
	return code == SQLITE_OK ? run(*ret_db, "SELECT count(*) FROM sqlite_schema") : code;
}

int store_read_copy(const char *path, dt_time now, int64_t unix_s,
		    const struct store_loader *loader, const char **ret_why)
{
	struct clock_tie tie = {now, unix_s};
	sqlite3 *db = NULL;
	int code = open_read_only(path, false, &db);

	if (code != SQLITE_OK) {
		(void)sqlite3_close(db);
		db = NULL;
		code = open_read_only(path, true, &db);
	}
	int loaded = code == SQLITE_OK ? rows_load(db, loader, &tie) : code;
	if (loaded > 0)
		(void)snprintf(why_open, sizeof why_open, "cannot read the copy %s: %s", path,
			       sqlite3_errmsg(db));
	*ret_why = why_open;
	(void)sqlite3_close(db);
	return loaded > 0 ? E_STORE : loaded;
}

void store_close(struct store *s)
{
	struct queued *item = NULL;

	if (s == NULL)
		return;
	(void)pthread_mutex_lock(&s->lock);
	s->stop = true;
	(void)pthread_cond_signal(&s->work);
	(void)pthread_mutex_unlock(&s->lock);
	if (s->running)
		(void)pthread_join(s->thread, NULL);
	while ((item = queue_take(&s->todo)) != NULL ||
	       (item = queue_take(&s->histories)) != NULL || (item = queue_take(&s->done)) != NULL)
		alloc_free(item);
	for (size_t i = 0; i < STATEMENT_COUNT; i++)
		(void)sqlite3_finalize(s->statement[i]);
	(void)sqlite3_close(s->db);
	if (s->event >= 0)
		(void)close(s->event);
	(void)pthread_mutex_destroy(&s->lock);
	(void)pthread_cond_destroy(&s->work);
	alloc_free(s);
}

int store_submit(struct store *s, const struct change *change)
{
	bool later = change->kind == CHANGE_HISTORY_PUT;
	size_t bytes = later ? change->history.bytes.len : 0;
	struct queued *item = alloc_zero(1, sizeof *item + bytes);
	struct queue *queue = later ? &s->histories : &s->todo;
	bool full = false;

	if (item == NULL)
		return E_FULL;
	item->change = *change;
	if (later) {
		if (bytes > 0)
			memcpy(item->bytes, change->history.bytes.ptr, bytes);
		item->change.history.bytes = slice_of(item->bytes, bytes);
	}
	(void)pthread_mutex_lock(&s->lock);
	full = queue->count >= (later ? STORE_HISTORIES_MAX : STORE_QUEUE_MAX);
	if (!full) {
		queue_add(queue, item);
		(void)pthread_cond_signal(&s->work);
	}
	(void)pthread_mutex_unlock(&s->lock);
	if (full)
		alloc_free(item);
	return full ? E_FULL : 0;
}

int store_fd(const struct store *s)
{
	return s->event;
}

bool store_next_completion(struct store *s, struct store_completion *ret_completion)
{
	uint64_t count = 0;

	(void)pthread_mutex_lock(&s->lock);
	struct queued *item = queue_take(&s->done);
	if (item == NULL)
		(void)!read(s->event, &count, sizeof count);
	(void)pthread_mutex_unlock(&s->lock);
	if (item == NULL)
		return false;
	*ret_completion = item->completion;
	alloc_free(item);
	return true;
}

void store_set_delay_ms(struct store *s, unsigned ms)
{
	(void)pthread_mutex_lock(&s->lock);
	s->delay_ms = ms;
	(void)pthread_mutex_unlock(&s->lock);
}

void store_shift_clocks(struct store *s, int64_t monotonic_us, int64_t wall_us)
{
	(void)pthread_mutex_lock(&s->lock);
	s->shift_us += monotonic_us;
	s->shift_wall_us += wall_us;
	(void)pthread_mutex_unlock(&s->lock);
}
