#include "cli/top_screen.h"

#include "base/text.h"

#include <stdio.h>

#define LINE_MAX_BYTES 1024

struct screen {
	unsigned width, left; /* lines left */
	struct buf *to;
};

/* One line, cut to the width. */
static void put_line(struct screen *s, const char *text)
{
	unsigned column = 0;

	if (s->left == 0)
		return;
	s->left--;
	for (const char *p = text; *p != 0; p++) {
		bool first = ((unsigned char)*p & 0xc0) != 0x80;
		if (first && column == s->width)
			break;
		column += first;
		buf_char(s->to, *p);
	}
	buf_char(s->to, '\n');
}

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text != NULL ? text : "";
}

static json_int_t counter(const struct top_sample *s, const char *name)
{
	size_t i = 0;
	size_t k = 0;
	const json_t *object = NULL;
	const json_t *row = NULL;

	json_array_foreach(json_object_get(s->answer[TOP_PERF], "objects"), i, object)
	{
		json_array_foreach(json_object_get(object, "counters"), k, row)
		{
			if (strcmp(text_of(row, "name"), name) == 0)
				return json_integer_value(json_object_get(row, "value"));
		}
	}
	return 0;
}

/* A second, since the sample before; 0 without one. */
static double rate(const struct top_sample *before, const struct top_sample *now, const char *name)
{
	double seconds = (double)(now->at_us - before->at_us) / 1e6;

	if (before->answer[TOP_PERF] == NULL || seconds <= 0)
		return 0;
	return (double)(counter(now, name) - counter(before, name)) / seconds;
}

static void put_head(struct screen *s, const struct top_sample *before,
		     const struct top_sample *now)
{
	const json_t *node = now->answer[TOP_NODE];
	json_int_t phones = json_integer_value(json_object_get(node, "phones"));
	json_int_t registered = json_integer_value(json_object_get(node, "registered"));
	json_int_t up_s = counter(now, "CallManagerHeartBeat") * 2;
	char line[LINE_MAX_BYTES];

	(void)snprintf(line, sizeof line, "dialtone %s  %s  %s  up %lld:%02lld:%02lld",
		       text_of(node, "version"), text_of(node, "name"), text_of(node, "server_ip"),
		       (long long)(up_s / 3600), (long long)(up_s / 60 % 60),
		       (long long)(up_s % 60));
	put_line(s, line);
	(void)snprintf(
	    line, sizeof line, "Phones  %lld in the database, %lld registered, %lld knocking",
	    (long long)phones, (long long)registered,
	    (long long)json_array_size(json_object_get(now->answer[TOP_KNOCKING], "knocking")));
	put_line(s, line);
	(void)snprintf(
	    line, sizeof line,
	    "a sec.  %.1f DHCP, %.1f files, %.1f registrations, %.1f refused, %.1f keepalives",
	    rate(before, now, "DhcpDiscovers") + rate(before, now, "DhcpRequests"),
	    rate(before, now, "Requests") + rate(before, now, "HttpRequests"),
	    rate(before, now, "RegistrationsCompleted"), rate(before, now, "RegistrationsRefused"),
	    rate(before, now, "KeepAlives"));
	put_line(s, line);
	(void)snprintf(
	    line, sizeof line,
	    "total   %lld leases, %lld files (%lld not found), %lld registered, %lld refused",
	    (long long)counter(now, "DhcpLeases"),
	    (long long)(counter(now, "Requests") + counter(now, "HttpRequests")),
	    (long long)(counter(now, "RequestsNotFound") + counter(now, "HttpRequestsNotFound")),
	    (long long)counter(now, "RegistrationsCompleted"),
	    (long long)counter(now, "RegistrationsRefused"));
	put_line(s, line);
}

/* A sentence over as many lines as it needs, broken between words: its end says what to do. */
static void put_sentence(struct screen *s, const char *head, const char *text)
{
	size_t room = s->width > 20 ? s->width - 8 : 12;
	char line[LINE_MAX_BYTES];

	while (text[0] != 0) {
		size_t len = strlen(text);
		size_t cut = len <= room ? len : room;
		while (cut < len && cut > 1 && text[cut] != ' ')
			cut--;
		cut = cut <= 1 ? (len < room ? len : room) : cut;
		(void)snprintf(line, sizeof line, "%-8s%.*s", head, (int)cut, text);
		put_line(s, line);
		text += cut + strspn(text + cut, " ");
		head = "";
	}
}

static void put_alarms(struct screen *s, const struct top_sample *now)
{
	size_t index = 0;
	const json_t *alarm = NULL;

	json_array_foreach(json_object_get(now->answer[TOP_NODE], "alarms"), index, alarm)
	{
		struct buf clean;
		buf_init(&clean, (size_t)4 * LINE_MAX_BYTES);
		text_escape_terminal(&clean, slice_text(text_of(alarm, "text")));
		put_sentence(s, "ALARM", buf_cstr(&clean));
		buf_done(&clean);
	}
}

static void put_row(struct screen *s, const char *name, const char *model, const char *dn,
		    const char *status, const char *ip, const char *tail)
{
	struct buf clean;
	char line[LINE_MAX_BYTES];

	buf_init(&clean, LINE_MAX_BYTES);
	text_escape_terminal(&clean, slice_text(tail));
	(void)snprintf(line, sizeof line, "%-15.15s  %-12.12s  %-8.8s  %-12.12s  %-15.15s  %.700s",
		       name, model, dn, status, ip, buf_cstr(&clean));
	buf_done(&clean);
	put_line(s, line);
}

/* Those that are not registered first: they are what one looks for. */
static void put_phones(struct screen *s, const struct top_sample *now, bool registered)
{
	size_t index = 0;
	const json_t *phone = NULL;

	json_array_foreach(json_object_get(now->answer[TOP_PHONES], "phones"), index, phone)
	{
		if ((strcmp(text_of(phone, "status"), "registered") == 0) == registered)
			put_row(s, text_of(phone, "name"), text_of(phone, "model"),
				text_of(phone, "dn"), text_of(phone, "status"),
				text_of(phone, "ip"), text_of(phone, "description"));
	}
}

static void put_knocking(struct screen *s, const struct top_sample *now)
{
	size_t index = 0;
	const json_t *knock = NULL;

	json_array_foreach(json_object_get(now->answer[TOP_KNOCKING], "knocking"), index, knock)
	{
		put_row(s, text_of(knock, "name"), text_of(knock, "model"), "", "knocking",
			text_of(knock, "ip"), text_of(knock, "wants"));
	}
}

void top_render(const struct top_sample *before, const struct top_sample *now, unsigned width,
		unsigned height, struct buf *to)
{
	struct screen s = {.width = width, .left = height, .to = to};

	put_head(&s, before, now);
	put_alarms(&s, now);
	put_line(&s, "");
	put_row(&s, "NAME", "MODEL", "DN", "STATUS", "ADDRESS", "");
	put_phones(&s, now, false);
	put_knocking(&s, now);
	put_phones(&s, now, true);
}
