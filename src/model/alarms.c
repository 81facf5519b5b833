#include "model/alarms.h"

#include "base/text.h"

static bool is_on(const struct alarm *alarm, dt_time now)
{
	return alarm->on && alarm->until > now;
}

static struct alarm *find(struct alarms *a, const char *what, const char *subject)
{
	for (size_t i = 0; i < a->count; i++) {
		if (strcmp(a->item[i].what, what) == 0 && strcmp(a->item[i].subject, subject) == 0)
			return &a->item[i];
	}
	return NULL;
}

/* A new place, or that of the one quiet for longest. */
static struct alarm *place(struct alarms *a)
{
	struct alarm *quietest = a->item;

	if (a->count < ALARMS_MAX)
		return &a->item[a->count++];
	for (size_t i = 1; i < a->count; i++) {
		if (a->item[i].last < quietest->last)
			quietest = &a->item[i];
	}
	return quietest;
}

bool alarms_raise(struct alarms *a, const char *what, const char *subject, const char *text,
		  dt_time lasting, dt_time now)
{
	struct alarm *alarm = find(a, what, subject);

	if (alarm == NULL) {
		alarm = place(a);
		*alarm = (struct alarm){.told = now - ALARM_TELL_AGAIN};
		(void)text_copy(alarm->what, sizeof alarm->what, what);
		(void)text_copy(alarm->subject, sizeof alarm->subject, subject);
	}
	if (!is_on(alarm, now)) {
		alarm->since = now;
		alarm->count = 0;
	}
	(void)text_copy(alarm->text, sizeof alarm->text, text);
	alarm->on = true;
	alarm->last = now;
	alarm->until = dt_time_add(now, lasting);
	alarm->count++;
	/* Also what goes on and off is told once a minute only. */
	if (now - alarm->told < ALARM_TELL_AGAIN)
		return false;
	alarm->told = now;
	return true;
}

bool alarms_clear(struct alarms *a, const char *what, const char *subject, dt_time now)
{
	struct alarm *alarm = find(a, what, subject);
	bool was_on = alarm != NULL && is_on(alarm, now);

	if (was_on)
		alarm->on = false;
	return was_on;
}

const struct alarm *alarms_next(const struct alarms *a, size_t *at, dt_time now)
{
	while (*at < a->count) {
		const struct alarm *alarm = &a->item[(*at)++];
		if (is_on(alarm, now))
			return alarm;
	}
	return NULL;
}
