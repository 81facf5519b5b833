/* Each phone's past, to the database and back: what was seen of it is stored some seconds later,
 * and brought back when the server starts. Nobody waits for it, and a disk that does not take it
 * costs a counter. The server's own starts and stops are stored too: a restart is no phone's fault.
 */
#include "daemon/node.h"

#include "base/alloc.h"
#include "base/text.h"
#include "boot/keep.h"

#include <poll.h>

#define DELAY        DT_SECONDS(10) /* what was seen since is lost by kill -9 */
#define TICK         DT_SECONDS(1)
#define A_TICK       200  /* phones: a site that comes back at once is stored within a minute */
#define END_WAITS_MS 5000 /* for a slow disk, when the server stops */

struct node_history {
	struct timer *timer;
	struct keep_kinds kinds; /* of what is being loaded */
	dt_time zero_unix_us;    /* this process's clock at 0 */
	dt_time alive;           /* the latest sign of life of the process before */
};

static dt_time zero_now(const struct node *n)
{
	return loop_unix_us(n->loop) - loop_now(n->loop);
}

/* What the command line says is stored only after all is loaded. */
static uint32_t kept_kib(const struct node *n)
{
	return n->options->has_history ? n->options->change.history_kib
				       : reg_settings(n->reg)->history_kib;
}

int node_history_new(struct node *n)
{
	n->history = alloc_zero(1, sizeof *n->history);
	if (n->history == NULL)
		return -1;
	n->history->zero_unix_us = zero_now(n);
	n->history->alive = INT64_MIN;
	return 0;
}

int node_history_load(void *context, const struct history *h)
{
	struct node *n = context;
	struct node_history *own = n->history;
	struct timeline_kept kept = {.mac = h->mac,
				     .facts = h->bytes,
				     .dropped = h->dropped,
				     .boots_dropped = h->boots_dropped};
	dt_time shift = h->zero_unix_us - own->zero_unix_us;
	dt_time seen = h->seen_unix_us - own->zero_unix_us;
	dt_time now = loop_now(n->loop);

	if (kept_kib(n) == 0)
		return 0;
	if (mac_equal(h->mac, HISTORY_KINDS)) {
		keep_kinds_read(h->bytes, &own->kinds);
		return 0;
	}
	/* A clock that was set back must not put the past into the future. */
	if (seen > now) {
		shift -= seen - now;
		seen = now;
	}
	(void)keep_restore(n->timeline, &kept, &own->kinds, shift, &n->events);
	if (seen > own->alive)
		own->alive = seen;
	return 0;
}

uint64_t node_history_max(void *context)
{
	const struct node *n = context;
	uint32_t mib = n->options->has_history_all ? n->options->change.history_mib
						   : reg_settings(n->reg)->history_mib;

	return kept_kib(n) == 0 ? 0 : (uint64_t)mib << 20;
}

static int submit(struct node *n, struct mac mac, dt_time last, const struct timeline_kept *kept,
		  struct slice bytes)
{
	struct change change = {
	    .kind = CHANGE_HISTORY_PUT, .owner = CHANGE_OWNER_HISTORY, .ticket = mac_key(mac)};

	change.history = (struct history){
	    .mac = mac,
	    .zero_unix_us = zero_now(n),
	    .dropped = kept != NULL ? kept->dropped : 0,
	    .boots_dropped = kept != NULL ? kept->boots_dropped : 0,
	    .bytes = bytes,
	};
	change.history.seen_unix_us = change.history.zero_unix_us + last;
	return store_submit(n->store, &change);
}

/* 0, or an error when the store takes no more. */
static int store_phone(struct node *n, struct mac mac)
{
	struct timeline_kept kept;

	if (!keep_is_phone(n->timeline, mac) || !timeline_kept(n->timeline, mac, &kept))
		return 0;
	return submit(n, mac, kept.last, &kept, kept.facts);
}

static void store_server(struct node *n)
{
	struct buf bytes;

	buf_init(&bytes, (size_t)1 << 16);
	keep_server_write(n->timeline, &bytes);
	(void)submit(n, HISTORY_SERVER, loop_now(n->loop), NULL, buf_slice(&bytes));
	buf_done(&bytes);
}

static void store_kinds(struct node *n)
{
	struct buf names;

	buf_init(&names, (size_t)1 << 16);
	keep_kinds_write(&names);
	(void)submit(n, HISTORY_KINDS, loop_now(n->loop), NULL, buf_slice(&names));
	buf_done(&names);
}

static void on_tick(void *context)
{
	struct node *n = context;
	dt_time now = loop_now(n->loop);
	struct mac mac;

	for (int i = 0; i < A_TICK && timeline_next_changed(n->timeline, now - DELAY, &mac); i++) {
		if (store_phone(n, mac) == 0)
			continue;
		timeline_changed(n->timeline, mac, now);
		break;
	}
	timer_set(n->history->timer, now + TICK);
}

/* How the process before ended, if it could not say so itself; and that this one has begun. */
static void tell_start(struct node *n)
{
	const struct fact *site = NULL;
	uint32_t state = SERVER_STOPPED;
	size_t count = timeline_site(n->timeline, &site);

	for (size_t i = 0; i < count; i++)
		if (site[i].kind == FACT_SERVER_STATE && site[i].number != SERVER_LATE)
			state = site[i].number;
	if (state == SERVER_STARTED)
		node_tell_state(n, SERVER_STOPPED, n->history->alive, "by kill -9 or a power cut");
	node_tell_state(n, SERVER_STARTED, loop_now(n->loop), "");
}

int node_history_begin(struct node *n)
{
	uint32_t kib = kept_kib(n);

	tell_start(n);
	if (kib > 0)
		timeline_limit(n->timeline, (size_t)kib << 10);
	if (kib == 0 || n->store == NULL)
		return 0;
	timeline_tell_changed(n->timeline);
	store_kinds(n);
	store_server(n);
	n->history->timer = timer_new(n->loop, on_tick, n);
	if (n->history->timer == NULL)
		return -1;
	timer_set(n->history->timer, loop_now(n->loop) + TICK);
	return 0;
}

void node_history_done(struct node *n, uint64_t ticket, bool ok)
{
	if (ok) {
		perf_add(&n->perf, PERF_DIALTONE_HISTORIES_STORED, 1);
		return;
	}
	perf_add(&n->perf, PERF_DIALTONE_HISTORIES_NOT_STORED, 1);
	timeline_changed(n->timeline, mac_of_key(ticket), loop_now(n->loop));
}

/* The store takes a thousand at a time: room for more, or false when the disk is too slow. */
static bool wait_for_store(struct node *n)
{
	struct pollfd wait = {.fd = store_fd(n->store), .events = POLLIN};
	struct store_completion done;

	if (poll(&wait, 1, END_WAITS_MS) != 1)
		return false;
	while (store_next_completion(n->store, &done))
		continue;
	return true;
}

void node_history_end(struct node *n)
{
	struct mac mac;

	if (n->history == NULL)
		return;
	if (n->history->timer != NULL) {
		node_tell_state(n, SERVER_STOPPED, loop_now(n->loop), "in order");
		store_server(n);
		while (timeline_next_changed(n->timeline, DT_NEVER, &mac)) {
			while (store_phone(n, mac) != 0 && wait_for_store(n))
				continue;
		}
	}
	timer_free(n->history->timer);
	alloc_free(n->history);
	n->history = NULL;
}
