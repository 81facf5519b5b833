/* Wrapping between words. */
#include "boot/wrap.h"

#include <string.h>

#define ROOM_LEAST 20

/* The most of `text` that fits `room` columns without breaking a word; all of a longer word. */
static size_t line_length(const char *text, size_t room)
{
	size_t len = strlen(text);
	size_t cut = 0;

	if (len <= room)
		return len;
	for (size_t i = 0; i <= room; i++) {
		if (text[i] == ' ')
			cut = i;
	}
	return cut > 0 ? cut : strcspn(text, " ");
}

void wrap_text(struct buf *to, const char *text, size_t indent, size_t width)
{
	size_t room = width > indent + ROOM_LEAST ? width - indent : ROOM_LEAST;

	for (;;) {
		size_t n = line_length(text, room);
		buf_append(to, slice_of(text, n));
		buf_char(to, '\n');
		text += n;
		text += strspn(text, " ");
		if (*text == 0)
			return;
		buf_printf(to, "%*s", (int)indent, "");
	}
}
