/* A live interface, watched like a capture. */
#include "cli/explain_live.h"

#include "base/error.h"
#include "cli/cli.h"
#include "net/packet.h"
#include "net/sandbox.h"
#include "trace/trace.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#define EACH DT_SECONDS(1) /* the line that tells how it goes */

struct watching {
	struct loop *loop;
	struct trace *trace;
	struct timeline *timeline;
	struct packet *packet;
	struct timer *tick;
	dt_time began;
	uint64_t frames, lost;
	bool shows; /* standard error is a terminal */
};

static void on_frame(void *context, uint32_t link, struct slice frame, dt_time at)
{
	struct watching *w = context;

	trace_frame(w->trace, link, frame, at - w->began, ++w->frames);
}

static void on_stop(void *context)
{
	struct watching *w = context;

	loop_stop(w->loop);
}

/* How it goes, on a terminal; and what the kernel had to drop is asked for often, since it forgets
 * when it is asked. */
static void on_tick(void *context)
{
	struct watching *w = context;
	dt_time now = loop_now(w->loop);

	w->lost += packet_lost(w->packet);
	if (w->shows)
		(void)fprintf(stderr, "\r  %.0f s, %llu frames%s, %zu devices ",
			      (double)(now - w->began) / 1e6, (unsigned long long)w->frames,
			      w->lost > 0 ? " (some lost)" : "", timeline_phone_count(w->timeline));
	timer_set(w->tick, now + EACH);
}

static int open_failed(const char *interface, int error)
{
	if (error == E_DENIED)
		(void)fprintf(stderr,
			      "dialtone: watching %s needs root, or the capability cap_net_raw\n",
			      interface);
	else if (error == E_UNKNOWN)
		(void)fprintf(stderr, "dialtone: there is no interface %s\n", interface);
	else
		(void)fprintf(stderr, "dialtone: cannot watch %s: %s\n", interface,
			      error_text(error));
	return EXIT_CANNOT;
}

/* Until it is told to stop, or the time is over. 0 or E_NO_MEMORY. */
static int watch(struct watching *w, unsigned seconds)
{
	struct timer *end = timer_new(w->loop, on_stop, w);
	struct watch *signals[] = {watch_signal(w->loop, SIGINT, on_stop, w),
				   watch_signal(w->loop, SIGTERM, on_stop, w)};
	struct timespec wall = {0};
	bool ready = end != NULL && signals[0] != NULL && signals[1] != NULL;

	w->tick = timer_new(w->loop, on_tick, w);
	w->began = loop_now(w->loop);
	if (clock_gettime(CLOCK_REALTIME, &wall) == 0)
		trace_set_clock(w->trace, DT_SECONDS(wall.tv_sec) + wall.tv_nsec / 1000);
	if (ready && w->tick != NULL) {
		if (seconds > 0)
			timer_set(end, w->began + DT_SECONDS(seconds));
		timer_set(w->tick, w->began + EACH);
		/* Strangers' packets from here on: nothing is left that they could use. A kernel
		 * without seccomp watches all the same. */
		(void)sandbox_watcher();
		(void)loop_run(w->loop);
		on_tick(w);
		if (w->shows)
			(void)fprintf(stderr, "\r%60s\r", "");
	}
	timer_free(end);
	timer_free(w->tick);
	watch_free(signals[0]);
	watch_free(signals[1]);
	return ready ? 0 : E_NO_MEMORY;
}

int explain_live(const char *interface, unsigned seconds, struct explain_view *view)
{
	struct watching w = {.loop = loop_new(), .timeline = timeline_new()};
	struct packet_options options = {
	    .interface = interface, .filter = PACKET_ALL, .on_frame = on_frame, .context = &w};
	int status = EXIT_CANNOT;

	w.trace = w.timeline != NULL ? trace_new(w.timeline, VANTAGE_LIVE) : NULL;
	w.shows = isatty(STDERR_FILENO) == 1;
	int error = w.loop == NULL || w.trace == NULL ? E_NO_MEMORY
						      : packet_open(w.loop, &options, &w.packet);
	if (error == 0) {
		if (!view->as_json)
			(void)fprintf(stderr, "watching %s%s …\n", interface,
				      seconds == 0 ? ", Ctrl-C ends it and tells what was seen"
						   : "");
		error = watch(&w, seconds);
	}
	if (error != 0) {
		status = open_failed(interface, error);
	} else {
		trace_end(w.trace, w.lost > 0);
		view->source = interface;
		view->now = loop_now(w.loop) - w.began;
		status = explain_print(w.timeline, view);
	}
	packet_close(w.packet);
	trace_free(w.trace);
	timeline_free(w.timeline);
	loop_free(w.loop);
	return status;
}
