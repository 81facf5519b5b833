#include "cli/field_options.h"

#include "base/text.h"

static void add(struct field_options *o, const char *name, int has_argument, int value)
{
	char *to = o->name[o->count];

	if (o->count + 1 >= FIELD_OPTIONS_MAX)
		return;
	(void)text_copy(to, sizeof o->name[0], name);
	for (char *p = to; *p != 0; p++) {
		if (*p == '_')
			*p = '-';
	}
	o->option[o->count++] = (struct option){to, has_argument, NULL, value};
}

void field_options_init(struct field_options *o, enum record_kind kind)
{
	const struct record_type *type = record_type(kind);

	memset(o, 0, sizeof *o);
	for (size_t i = 1; i < type->fields; i++) {
		if (!type->field[i].kept)
			field_options_alias(o, type->field[i].name, type->field[i].name);
	}
}

void field_options_add(struct field_options *o, const char *name, int has_argument, int value)
{
	add(o, name, has_argument, value);
}

void field_options_alias(struct field_options *o, const char *name, const char *member)
{
	o->member[o->count] = member;
	add(o, name, required_argument, (int)o->count);
}

bool field_options_take(const struct field_options *o, int value, const char *argument,
			json_t *body)
{
	if (value < 0 || (size_t)value >= o->count || o->member[value] == NULL)
		return false;
	(void)json_object_set_new(body, o->member[value], json_string(argument));
	return true;
}

void field_options_usage(const struct field_options *o, unsigned indent, unsigned width,
			 struct buf *to)
{
	size_t column = width; /* the first one begins a line */

	for (size_t i = 0; i < o->count; i++) {
		if (o->member[i] == NULL)
			continue;
		size_t len = strlen(o->name[i]) + sizeof " [--… VALUE]";
		if (column + len > width) {
			buf_printf(to, "\n%*s", (int)indent, "");
			column = indent;
		}
		buf_printf(to, " [--%s VALUE]", o->name[i]);
		column += len;
	}
}
