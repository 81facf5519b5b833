/* The loop's own pulse: when it is late, everybody was, and no phone is to blame. */
#include "daemon/node.h"

#include <stdio.h>

#define EVERY DT_SECONDS(1)
#define LATE  DT_SECONDS(2)
#define PAUSE DT_SECONDS(60) /* between two words about it */

static void on_pulse(void *context)
{
	struct node *n = context;
	dt_time now = loop_now(n->loop);
	dt_time late = now - n->pulse_due;
	char text[64];

	if (late > LATE && now - n->pulse_told > PAUSE) {
		(void)snprintf(text, sizeof text, "everything waited for %.1f s",
			       (double)late / 1e6);
		node_tell_state(n, SERVER_LATE, now, text);
		n->pulse_told = now;
	}
	n->pulse_due = now + EVERY;
	timer_set(n->pulse, n->pulse_due);
}

int node_pulse_begin(struct node *n)
{
	n->pulse = timer_new(n->loop, on_pulse, n);
	if (n->pulse == NULL)
		return -1;
	n->pulse_due = loop_now(n->loop) + EVERY;
	n->pulse_told = n->pulse_due - 2 * PAUSE;
	timer_set(n->pulse, n->pulse_due);
	return 0;
}

void node_pulse_end(struct node *n)
{
	timer_free(n->pulse);
}
