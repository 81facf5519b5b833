/* The database: one SQLite file in WAL mode behind one writer thread that commits in groups.
 *
 * The loop thread submits changes and takes completions; it never waits for the disk. A completion
 * with ok = true means the change is on stable storage. Loading happens at open, before the writer
 * starts. */
#ifndef DIALTONE_STORE_STORE_H
#define DIALTONE_STORE_STORE_H

#include "base/time.h"
#include "model/change.h"

#define STORE_QUEUE_MAX     65536
#define STORE_HISTORIES_MAX 1024 /* that wait */

struct store;

/* What the file holds, handed over one by one by store_open. Any member may be NULL. */
struct store_loader {
	void *context;
	int (*device)(void *context, const struct device *device);
	int (*record)(void *context, enum record_kind kind, const union record *record);
	int (*settings)(void *context, const struct settings *settings);
	/* remaining_s: what is left of the lease at unix_s, never more than it was given for */
	int (*lease)(void *context, const struct lease *lease, int64_t remaining_s);
	/* The writer thread's first act, in that thread: to give up what it need not keep. */
	void (*confine)(void);
	/* HISTORY_KINDS, HISTORY_SERVER, then the phones, the latest first. */
	int (*history)(void *context, const struct history *history);
	/* How many bytes of history the file may hold; 0: none. Asked after all is loaded; NULL: no
	 * limit. */
	uint64_t (*history_max)(void *context);
};

/* Opens or creates the file, migrates its schema, loads, starts the writer. now/unix_s tie
 * monotonic lease times to the wall clock. 0; E_STORE with a sentence in ret_why (SQLite's words,
 * owned by the store library, valid until the next call); E_NO_MEMORY; an error of a loader
 * function. */
int store_open(const char *path, dt_time now, int64_t unix_s, const struct store_loader *loader,
	       struct store **ret_store, const char **ret_why);
/* Hands over what a copy of a database holds (CHANGE_COPY, or a plain copy of the file) and lets go
 * of it: nothing is ever written there. Errors as store_open. */
int store_read_copy(const char *path, dt_time now, int64_t unix_s,
		    const struct store_loader *loader, const char **ret_why);
/* Commits what is queued, stops the writer, closes. NULL is allowed. */
void store_close(struct store *s);

/* Loop thread. Queues a copy. 0 or E_FULL (the caller treats it as a failed commit). Histories wait
 * apart until nothing else does, so that a lease never waits for one. */
int store_submit(struct store *s, const struct change *change);
/* Becomes readable when completions wait. */
int store_fd(const struct store *s);
/* Takes one completion; false when there is none. On failure `why` names path and cause. */
struct store_completion {
	enum change_owner owner;
	uint64_t ticket;
	bool ok;
	char why[384];
};
bool store_next_completion(struct store *s, struct store_completion *ret_completion);

/* For tests: the writer sleeps this long before each commit (a slow disk); 0 = none. */
void store_set_delay_ms(struct store *s, unsigned ms);
/* For tests: as if so much time had passed, and the wall clock had moved so far. */
void store_shift_clocks(struct store *s, int64_t monotonic_us, int64_t wall_us);

#endif
