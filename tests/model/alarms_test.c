#include "harness.h"

#include "model/alarms.h"

static size_t how_many(const struct alarms *a, dt_time now)
{
	size_t n = 0;
	for (size_t at = 0; alarms_next(a, &at, now) != NULL;)
		n++;
	return n;
}

TEST("an alarm is told at once, then once a minute, and counted every time")
{
	struct alarms a = {.count = 0};
	size_t at = 0;
	assert_true(alarms_raise(&a, "disk", "", "full", DT_NEVER, 0));
	for (int i = 1; i < 60; i++)
		assert_false(alarms_raise(&a, "disk", "", "full", DT_NEVER, DT_SECONDS(i)));
	assert_true(alarms_raise(&a, "disk", "", "still full", DT_NEVER, DT_SECONDS(60)));
	const struct alarm *alarm = alarms_next(&a, &at, DT_SECONDS(60));
	assert_non_null(alarm);
	assert_int_equal(alarm->count, 61);
	assert_int_equal(alarm->since, 0);
	assert_string_equal(alarm->text, "still full");
}

TEST("what goes on and off is told once a minute too")
{
	struct alarms a = {.count = 0};
	assert_true(alarms_raise(&a, "disk", "", "slow", DT_NEVER, 0));
	assert_true(alarms_clear(&a, "disk", "", 1));
	assert_false(alarms_clear(&a, "disk", "", 1));
	assert_int_equal(how_many(&a, 1), 0);
	assert_false(alarms_raise(&a, "disk", "", "slow", DT_NEVER, DT_SECONDS(1)));
	assert_int_equal(how_many(&a, DT_SECONDS(1)), 1);
	assert_true(alarms_raise(&a, "disk", "", "slow", DT_NEVER, DT_SECONDS(61)));
}

TEST("an alarm that lasts for a while ends by itself")
{
	struct alarms a = {.count = 0};
	(void)alarms_raise(&a, "other-dhcp", "10.0.0.9", "there", DT_SECONDS(10), 0);
	assert_int_equal(how_many(&a, DT_SECONDS(9)), 1);
	assert_int_equal(how_many(&a, DT_SECONDS(10)), 0);
}

TEST("when the table is full the alarm quiet for longest gives way")
{
	struct alarms a = {.count = 0};
	char subject[ALARM_SUBJECT_SIZE] = "a";
	for (int i = 0; i <= ALARMS_MAX; i++) {
		subject[0] = (char)('a' + i);
		assert_true(alarms_raise(&a, "x", subject, "", DT_NEVER, i));
	}
	assert_int_equal(how_many(&a, 99), ALARMS_MAX);
	assert_false(alarms_clear(&a, "x", "a", 99));
	assert_true(alarms_clear(&a, "x", "b", 99));
}
