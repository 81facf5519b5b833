/* Tables that fit the terminal. */
#include "cli/cli.h"

#include "base/text.h"

#include <stdio.h>

#define COLUMNS_MAX     12
#define CELL_MAX        256
#define LAST_LEAST      16 /* characters of the last column worth beginning in */
#define OWN_LINE_INDENT 4

/* The cell as text, escaped. Returns its width: bytes that are no continuation of a character. */
static size_t cell_text(const json_t *row, const char *key, struct buf *to)
{
	const json_t *value = json_object_get(row, key);
	size_t width = 0;

	buf_clear(to);
	if (json_is_string(value))
		text_escape_terminal(to, slice_text(json_string_value(value)));
	else if (json_is_integer(value))
		buf_printf(to, "%lld", (long long)json_integer_value(value));
	else if (json_is_boolean(value))
		buf_text(to, json_is_true(value) ? "yes" : "");
	for (const char *p = buf_cstr(to); *p != 0; p++)
		width += ((unsigned char)*p & 0xc0) != 0x80;
	return width;
}

/* Prints at most `room` characters of the text and pads to `width`. */
static void print_cell(const char *text, size_t text_width, size_t width, size_t room)
{
	size_t shown = 0;

	for (const char *p = text; *p != 0; p++) {
		bool first = ((unsigned char)*p & 0xc0) != 0x80;
		if (first && shown == room)
			break;
		shown += first;
		(void)putchar(*p);
	}
	for (size_t i = text_width < room ? text_width : room; i < width; i++)
		(void)putchar(' ');
}

/* How many bytes of the text fit into so many characters, cut at a space where there is one. */
static size_t fitting(const char *text, size_t room)
{
	size_t shown = 0;
	size_t space = 0;
	size_t at = 0;

	for (; text[at] != 0; at++) {
		bool first = ((unsigned char)text[at] & 0xc0) != 0x80;
		if (first && shown == room)
			return space > 0 ? space : at;
		shown += first;
		if (text[at] == ' ')
			space = at;
	}
	return at;
}

/* The last column is mostly a sentence: what does not fit goes on below it, and where hardly
 * anything fits it has lines of its own. */
static void print_last(const char *text, size_t room)
{
	size_t indent = cli_width() - room;

	if (room < LAST_LEAST && strlen(text) > room) {
		indent = OWN_LINE_INDENT;
		room = cli_width() - indent;
		(void)printf("\n%*s", (int)indent, "");
	}
	for (;;) {
		size_t len = fitting(text, room);
		(void)printf("%.*s", (int)len, text);
		text += len;
		text += strspn(text, " ");
		if (*text == 0)
			return;
		(void)printf("\n%*s", (int)indent, "");
	}
}

void cli_print_table(const json_t *rows, const char *const *keys, const char *const *titles,
		     size_t columns)
{
	size_t width[COLUMNS_MAX] = {0};
	size_t index = 0;
	json_t *row = NULL;
	struct buf cell;

	buf_init(&cell, CELL_MAX);
	for (size_t c = 0; c < columns && c < COLUMNS_MAX; c++) {
		width[c] = strlen(titles[c]);
		json_array_foreach(rows, index, row)
		{
			size_t w = cell_text(row, keys[c], &cell);
			width[c] = w > width[c] ? w : width[c];
		}
	}
	for (index = 0; index <= json_array_size(rows); index++) {
		size_t left = cli_width();
		for (size_t c = 0; c < columns && c < COLUMNS_MAX; c++) {
			bool last = c + 1 == columns;
			const char *text = titles[c];
			size_t w = strlen(text);
			if (index > 0) {
				w = cell_text(json_array_get(rows, index - 1), keys[c], &cell);
				text = buf_cstr(&cell);
			}
			if (last)
				print_last(text, left);
			else
				print_cell(text, w, width[c] + 2, left);
			left = left > width[c] + 2 ? left - width[c] - 2 : 0;
		}
		(void)putchar('\n');
	}
	buf_done(&cell);
}
