/* What is wrong with this server right now, for its operator: a few sentences, each with its time
 * and count. A pure value; the edge prints and serves them.
 *
 * An alarm is told (returned for the log) when it is raised first and then once a minute while it
 * goes on, however often it is raised. */
#ifndef DIALTONE_MODEL_ALARMS_H
#define DIALTONE_MODEL_ALARMS_H

#include "base/time.h"

#include <stdbool.h>
#include <stddef.h>

#define ALARMS_MAX         16
#define ALARM_WHAT_SIZE    24
#define ALARM_SUBJECT_SIZE 24
#define ALARM_TEXT_SIZE    768
#define ALARM_TELL_AGAIN   DT_SECONDS(60)

struct alarm {
	char what[ALARM_WHAT_SIZE];       /* "disk", "other-dhcp"; with the subject the key */
	char subject[ALARM_SUBJECT_SIZE]; /* whom it is about, "" when there is only one */
	char text[ALARM_TEXT_SIZE];       /* the sentence, of the last time */
	dt_time since, last, told, until;
	uint64_t count; /* how often since then */
	bool on;
};

struct alarms {
	struct alarm item[ALARMS_MAX];
	size_t count;
};

/* Raises an alarm that lasts until cleared, or `lasting` after its last time. true when it is to be
 * told. When the table is full the one quiet for longest gives way. */
bool alarms_raise(struct alarms *a, const char *what, const char *subject, const char *text,
		  dt_time lasting, dt_time now);
/* true when it was on. */
bool alarms_clear(struct alarms *a, const char *what, const char *subject, dt_time now);
/* The alarms that are on: start with *at = 0; NULL at the end. */
const struct alarm *alarms_next(const struct alarms *a, size_t *at, dt_time now);

#endif
