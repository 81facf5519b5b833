/* The date form that HTTP and SIP share (RFC 9110 5.6.7), to seconds since 1970. */
#include "observe/observer_internal.h"

static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
				     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

static const int days_before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};

static int digits(struct slice s, size_t at, size_t count)
{
	int value = 0;

	for (size_t i = at; i < at + count; i++) {
		if (i >= s.len || s.ptr[i] < '0' || s.ptr[i] > '9')
			return -1;
		value = value * 10 + (s.ptr[i] - '0');
	}
	return value;
}

int64_t observer_date(struct slice text)
{
	int month = 0;

	if (text.len < 29)
		return 0;
	while (month < 12 && memcmp(text.ptr + 8, months[month], 3) != 0)
		month++;
	int day = digits(text, 5, 2);
	int year = digits(text, 12, 4);
	int hour = digits(text, 17, 2);
	int minute = digits(text, 20, 2);
	int second = digits(text, 23, 2);
	if (month == 12 || day < 1 || year < 1970 || hour < 0 || minute < 0 || second < 0)
		return 0;
	/* Days before this year and month: leap days counted to the February before. */
	int to = month >= 2 ? year : year - 1;
	int64_t days = (int64_t)(year - 1970) * 365 + (to / 4 - to / 100 + to / 400) - 477 +
		       days_before[month] + day - 1;
	return days * 86400 + hour * 3600LL + minute * 60LL + second;
}
