/* One record for people, and names in paths. */
#include "cli/cli.h"

#include "base/text.h"

#include <ctype.h>
#include <stdio.h>
#include <time.h>

void cli_title(const char *name, char *to, size_t size)
{
	(void)text_copy(to, size, name);
	for (char *p = to; *p != 0; p++) {
		if (*p == '_')
			*p = ' ';
		else
			*p = (char)toupper((unsigned char)*p);
	}
}

void cli_print_member(const char *name, const json_t *value)
{
	struct buf clean;

	buf_init(&clean, 2048);
	if (json_is_string(value))
		text_escape_terminal(&clean, slice_text(json_string_value(value)));
	else if (json_is_integer(value))
		buf_printf(&clean, "%lld", (long long)json_integer_value(value));
	else if (json_is_boolean(value))
		buf_text(&clean, json_is_true(value) ? "yes" : "no");
	(void)printf("%-22s %s\n", name, buf_cstr(&clean));
	buf_done(&clean);
}

/* Seconds since 1970 as people read them. */
static void print_time(const char *name, json_int_t unix_s)
{
	time_t t = (time_t)unix_s;
	struct tm tm = {0};
	char text[40] = "";

	if (unix_s != 0 && gmtime_r(&t, &tm) != NULL)
		(void)strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &tm);
	(void)printf("%-22s %s\n", name, text);
}

void cli_print_record(const json_t *record, enum record_kind kind)
{
	const struct record_type *type = record_type(kind);

	for (size_t i = 0; i + 1 < type->fields; i++) {
		const struct record_field *field = &type->field[i];
		const json_t *value = json_object_get(record, field->name);
		if (field->kind == VALUE_TIME)
			print_time(field->name, json_integer_value(value));
		else
			cli_print_member(field->name, value);
	}
}

void cli_path_escape(const char *name, struct buf *to)
{
	for (const unsigned char *p = (const unsigned char *)name; *p != 0; p++) {
		if (isalnum(*p) || strchr("-_.~", *p) != NULL)
			buf_char(to, (char)*p);
		else
			buf_printf(to, "%%%02X", *p);
	}
}
