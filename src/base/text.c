#include "base/text.h"

#include <strings.h>

bool text_copy(char *to, size_t size, const char *from)
{
	return text_copy_slice(to, size, slice_text(from));
}

bool text_copy_slice(char *to, size_t size, struct slice from)
{
	if (size == 0)
		return from.len == 0;
	size_t n = from.len < size - 1 ? from.len : size - 1;
	if (n > 0)
		memcpy(to, from.ptr, n);
	to[n] = 0;
	return n == from.len;
}

bool text_equal_nocase(const char *a, const char *b)
{
	return strcasecmp(a, b) == 0;
}

/* Length of the well-formed UTF-8 sequence at the start of s and its code point; 0 when malformed.
 */
static size_t utf8_length(struct slice s, uint32_t *ret_code)
{
	static const struct {
		uint8_t mask, lead;
		uint32_t least;
	} forms[] = {
	    {0x80, 0x00, 0}, {0xe0, 0xc0, 0x80}, {0xf0, 0xe0, 0x800}, {0xf8, 0xf0, 0x10000}};

	for (size_t n = 0; n < 4 && s.len > 0; n++) {
		if ((s.ptr[0] & forms[n].mask) != forms[n].lead)
			continue;
		if (s.len < n + 1)
			return 0;
		uint32_t code = s.ptr[0] & (uint8_t)~forms[n].mask;
		for (size_t i = 1; i <= n; i++) {
			if ((s.ptr[i] & 0xc0) != 0x80)
				return 0;
			code = code << 6 | (s.ptr[i] & 0x3f);
		}
		if (code < forms[n].least || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
			return 0;
		*ret_code = code;
		return n + 1;
	}
	return 0;
}

/* Code points that act on the reader instead of being read. */
static bool is_control(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0x200b && code <= 0x200f) ||
	       (code >= 0x2028 && code <= 0x202e) || (code >= 0x2060 && code <= 0x206f) ||
	       code == 0xfeff || code == 0xad || code == 0x61c;
}

void text_escape_terminal(struct buf *to, struct slice from)
{
	while (from.len > 0) {
		uint32_t code = 0;
		size_t n = utf8_length(from, &code);
		if (n > 0 && !is_control(code) && code != '\\') {
			buf_append(to, slice_head(from, n));
		} else {
			n = n == 0 ? 1 : n;
			for (size_t i = 0; i < n; i++)
				buf_printf(to, "\\x%02x", from.ptr[i]);
		}
		from = slice_from(from, n);
	}
}

static const char *xml_entity(uint32_t code)
{
	switch (code) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

void text_escape_xml(struct buf *to, struct slice from)
{
	while (from.len > 0) {
		uint32_t code = 0;
		size_t n = utf8_length(from, &code);
		const char *entity = n > 0 ? xml_entity(code) : NULL;
		if (entity != NULL)
			buf_text(to, entity);
		else if (n == 0 || (code < 0x20 && code != '\t' && code != '\n' && code != '\r') ||
			 code == 0xfffe || code == 0xffff)
			buf_char(to, '?');
		else
			buf_append(to, slice_head(from, n));
		from = slice_from(from, n == 0 ? 1 : n);
	}
}
