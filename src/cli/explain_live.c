/* A live interface, watched like a capture. */
#include "cli/explain_live.h"

#include "base/error.h"
#include "cli/cli.h"
#include "net/packet.h"
#include "trace/trace.h"

#include <signal.h>
#include <stdio.h>

struct watching {
	struct loop *loop;
	struct trace *trace;
	dt_time began;
	uint64_t frames;
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

int explain_live(const char *interface, unsigned seconds, struct explain_view *view)
{
	struct timeline *timeline = timeline_new();
	struct watching w = {.loop = loop_new()};
	struct packet_options options = {
	    .interface = interface, .filter = PACKET_ALL, .on_frame = on_frame, .context = &w};
	struct packet *packet = NULL;
	int status = EXIT_CANNOT;

	w.trace = timeline != NULL ? trace_new(timeline, VANTAGE_LIVE) : NULL;
	int error = w.loop == NULL || w.trace == NULL ? E_NO_MEMORY
						      : packet_open(w.loop, &options, &packet);
	if (error != 0)
		status = open_failed(interface, error);
	if (error == 0) {
		struct timer *end = timer_new(w.loop, on_stop, &w);
		struct watch *signals[] = {watch_signal(w.loop, SIGINT, on_stop, &w),
					   watch_signal(w.loop, SIGTERM, on_stop, &w)};
		struct timespec wall = {0};
		w.began = loop_now(w.loop);
		if (clock_gettime(CLOCK_REALTIME, &wall) == 0)
			trace_set_clock(w.trace, DT_SECONDS(wall.tv_sec) + wall.tv_nsec / 1000);
		if (end != NULL && seconds > 0)
			timer_set(end, w.began + DT_SECONDS(seconds));
		if (!view->as_json)
			(void)fprintf(stderr, "watching %s%s …\n", interface,
				      seconds == 0 ? ", Ctrl-C ends it" : "");
		(void)loop_run(w.loop);
		trace_end(w.trace, packet_lost(packet) > 0);
		view->source = interface;
		view->now = loop_now(w.loop) - w.began;
		status = explain_print(timeline, view);
		timer_free(end);
		watch_free(signals[0]);
		watch_free(signals[1]);
	}
	packet_close(packet);
	trace_free(w.trace);
	timeline_free(timeline);
	loop_free(w.loop);
	return status;
}
