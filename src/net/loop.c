#include "net/loop.h"

#include "base/alloc.h"
#include "base/error.h"
#include "net/loop_internal.h"

#include <event2/event.h>

struct timer {
	struct event *event;
	struct loop *loop;
	dt_time at;
	loop_fn fn;
	void *context;
};

struct watch {
	struct event *event;
	loop_fn fn;
	void *context;
};

struct loop *loop_new(void)
{
	struct loop *l = alloc_zero(1, sizeof *l);

	if (l == NULL)
		return NULL;
	l->scratch = alloc_zero(1, LOOP_SCRATCH);
	l->base = l->scratch != NULL ? event_base_new() : NULL;
	if (l->base == NULL) {
		loop_free(l);
		return NULL;
	}
	return l;
}

void loop_free(struct loop *l)
{
	if (l == NULL)
		return;
	tcp_closing_free(l);
	if (l->base != NULL)
		event_base_free(l->base);
	alloc_free(l->scratch);
	alloc_free(l);
}

int loop_run(struct loop *l)
{
	return event_base_loop(l->base, EVLOOP_NO_EXIT_ON_EMPTY) < 0 ? E_SYSTEM : 0;
}

void loop_stop(struct loop *l)
{
	(void)event_base_loopbreak(l->base);
}

dt_time loop_now(const struct loop *l)
{
	struct timespec ts;

	(void)l;
	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (dt_time)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t loop_unix_s(const struct loop *l)
{
	struct timespec ts;

	(void)l;
	(void)clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec;
}

dt_time loop_unix_us(const struct loop *l)
{
	struct timespec t;

	(void)l;
	(void)clock_gettime(CLOCK_REALTIME, &t);
	return DT_SECONDS(t.tv_sec) + t.tv_nsec / 1000;
}

struct event_base *loop_base(struct loop *l)
{
	return l->base;
}

static void arm(struct timer *t)
{
	dt_time now = loop_now(t->loop);
	dt_time in = t->at > now ? t->at - now : 0;
	/* Rounded down to a year: no deadline of ours is that far, and no arithmetic overflows. */
	if (in > DT_SECONDS(31536000))
		in = DT_SECONDS(31536000);
	struct timeval tv = {.tv_sec = in / 1000000, .tv_usec = in % 1000000};
	(void)evtimer_add(t->event, &tv);
}

static void on_timer(evutil_socket_t fd, short what, void *context)
{
	struct timer *t = context;

	(void)fd;
	(void)what;
	/* The library's clock is coarse; a machine woken early would do nothing and be lost. */
	if (loop_now(t->loop) < t->at) {
		arm(t);
		return;
	}
	t->at = DT_NEVER;
	t->fn(t->context);
}

struct timer *timer_new(struct loop *l, loop_fn fn, void *context)
{
	struct timer *t = alloc_zero(1, sizeof *t);

	if (t == NULL)
		return NULL;
	*t = (struct timer){.loop = l, .at = DT_NEVER, .fn = fn, .context = context};
	t->event = evtimer_new(l->base, on_timer, t);
	if (t->event == NULL) {
		alloc_free(t);
		return NULL;
	}
	return t;
}

void timer_free(struct timer *t)
{
	if (t == NULL)
		return;
	event_free(t->event);
	alloc_free(t);
}

void timer_set(struct timer *t, dt_time at)
{
	if (at == t->at)
		return;
	t->at = at;
	if (at == DT_NEVER) {
		(void)evtimer_del(t->event);
		return;
	}
	arm(t);
}

static void on_watch(evutil_socket_t fd, short what, void *context)
{
	struct watch *w = context;

	(void)fd;
	(void)what;
	w->fn(w->context);
}

static struct watch *watch_event(struct loop *l, int fd, short what, loop_fn fn, void *context)
{
	struct watch *w = alloc_zero(1, sizeof *w);

	if (w == NULL)
		return NULL;
	*w = (struct watch){.fn = fn, .context = context};
	w->event = event_new(l->base, fd, (short)(what | EV_PERSIST), on_watch, w);
	if (w->event != NULL && event_add(w->event, NULL) == 0)
		return w;
	watch_free(w);
	return NULL;
}

struct watch *watch_new(struct loop *l, int fd, loop_fn fn, void *context)
{
	return watch_event(l, fd, EV_READ, fn, context);
}

struct watch *watch_signal(struct loop *l, int signal, loop_fn fn, void *context)
{
	return watch_event(l, signal, EV_SIGNAL, fn, context);
}

void watch_free(struct watch *w)
{
	if (w == NULL)
		return;
	if (w->event != NULL)
		event_free(w->event);
	alloc_free(w);
}
