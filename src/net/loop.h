/* The event loop: one thread, timers, signals, descriptors. The only room that knows libevent.
 *
 * Callbacks run on the loop's thread. An object may be freed from its own callback. */
#ifndef DIALTONE_NET_LOOP_H
#define DIALTONE_NET_LOOP_H

#include "base/time.h"

#include <stdbool.h>

struct loop;
struct timer;
struct watch;

typedef void (*loop_fn)(void *context);

struct loop *loop_new(void); /* NULL: out of memory or descriptors */
/* After everything on it is freed; drops connections still on their orderly way out. NULL is
 * allowed. */
void loop_free(struct loop *l);
/* Runs until loop_stop. 0 or E_SYSTEM. */
int loop_run(struct loop *l);
void loop_stop(struct loop *l);
/* Monotonic microseconds, read now: an edge takes it once per event and passes it down. */
dt_time loop_now(const struct loop *l);
/* Wall clock. */
int64_t loop_unix_s(const struct loop *l);
dt_time loop_unix_us(const struct loop *l);
struct event_base *loop_base(struct loop *l); /* for http only */

/* One-shot. NULL when out of memory. */
struct timer *timer_new(struct loop *l, loop_fn fn, void *context);
void timer_free(struct timer *t);
/* Fires at this time or a few ms later (at once when past), never earlier; DT_NEVER disarms. */
void timer_set(struct timer *t, dt_time at);

/* Calls fn whenever the descriptor is readable. The descriptor stays the caller's. */
struct watch *watch_new(struct loop *l, int fd, loop_fn fn, void *context);
/* Calls fn when this signal arrives. */
struct watch *watch_signal(struct loop *l, int signal, loop_fn fn, void *context);
void watch_free(struct watch *w);

#endif
