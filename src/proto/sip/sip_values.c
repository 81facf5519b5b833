/* What stands inside SIP headers: addresses, parameters, words (RFC 3261, 20 and 25). */
#include "proto/sip/sip.h"

#include <strings.h>

/* Where the address of a header ends and its parameters begin: behind '>' when there is one. A '<'
 * inside a quoted display name is none. */
static struct slice after_address(struct slice header, struct slice *ret_address)
{
	bool quoted = false;
	size_t open = header.len;

	for (size_t i = 0; i < header.len; i++) {
		uint8_t c = header.ptr[i];
		if (quoted && c == '\\')
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted && c == '<' && open == header.len)
			open = i;
		else if (!quoted && c == '>' && open < i) {
			*ret_address = slice_of(header.ptr + open + 1, i - open - 1);
			return slice_from(header, i + 1);
		}
	}
	*ret_address = open < header.len ? slice_from(header, open + 1) : header;
	return open < header.len ? slice_of(NULL, 0) : header;
}

static size_t find_any(struct slice s, const char *set)
{
	size_t i = 0;

	while (i < s.len && (s.ptr[i] == 0 || strchr(set, s.ptr[i]) == NULL))
		i++;
	return i;
}

bool sip_uri(struct slice header, struct slice *ret_user, struct slice *ret_host,
	     uint16_t *ret_port)
{
	struct slice uri = {NULL, 0};
	uint32_t port = 0;

	(void)after_address(header, &uri);
	while (uri.len > 0 && uri.ptr[0] == ' ')
		uri = slice_from(uri, 1);
	if (uri.len > 4 && strncasecmp((const char *)uri.ptr, "sip:", 4) == 0)
		uri = slice_from(uri, 4);
	else if (uri.len > 5 && strncasecmp((const char *)uri.ptr, "sips:", 5) == 0)
		uri = slice_from(uri, 5);
	else
		return false;
	/* Semicolons and question marks may stand in the user part; the '@' ends it. */
	size_t at = find_any(uri, "@> \t\r\n");
	bool has_user = at < uri.len && uri.ptr[at] == '@';
	*ret_user = slice_head(uri, has_user ? at : 0);
	struct slice host = has_user ? slice_from(uri, at + 1) : uri;
	size_t end = find_any(host, ":;?> \t\r\n,");
	if (end < host.len && host.ptr[end] == ':') {
		for (size_t i = end + 1;
		     i < host.len && host.ptr[i] >= '0' && host.ptr[i] <= '9' && port < 65536; i++)
			port = port * 10 + (host.ptr[i] - (uint32_t)'0');
	}
	*ret_host = slice_head(host, end);
	*ret_port = port < 65536 ? (uint16_t)port : 0;
	return true;
}

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void skip_blank(struct slice *s)
{
	while (s->len > 0 && is_blank(s->ptr[0]))
		*s = slice_from(*s, 1);
}

/* A value behind '=': quoted, or up to what ends a parameter. */
static struct slice read_value(struct slice *s)
{
	struct slice value;

	skip_blank(s);
	if (s->len > 0 && s->ptr[0] == '"') {
		size_t i = 1;
		while (i < s->len && s->ptr[i] != '"')
			i += s->ptr[i] == '\\' ? 2 : 1;
		i = i < s->len ? i : s->len;
		value = slice_of(s->ptr + 1, i - 1);
		*s = slice_from(*s, i + 1);
		return value;
	}
	size_t n = find_any(*s, ";, \t\r\n");
	value = slice_head(*s, n);
	*s = slice_from(*s, n);
	return value;
}

bool sip_parameter(struct slice header, const char *name, struct slice *ret_value)
{
	struct slice address = {NULL, 0};
	struct slice s = after_address(header, &address);

	for (skip_blank(&s); s.len > 0; skip_blank(&s)) {
		size_t n = find_any(s, "=;, \t\r\n");
		struct slice word = slice_head(s, n);
		struct slice value = {NULL, 0};
		s = slice_from(s, n);
		skip_blank(&s);
		if (s.len > 0 && s.ptr[0] == '=') {
			s = slice_from(s, 1);
			value = read_value(&s);
		} else if (n == 0 && s.len > 0) {
			s = slice_from(s, 1);
		}
		if (word.len > 0 && sip_is(word, name)) {
			*ret_value = value.ptr != NULL ? value : slice_of(word.ptr, 0);
			return true;
		}
	}
	return false;
}

void sip_text(struct slice value, char *to, size_t size)
{
	size_t n = 0;
	bool gap = false;

	for (size_t i = 0; i < value.len && n + 1 < size; i++) {
		uint8_t c = value.ptr[i];
		if (is_blank(c)) {
			gap = n > 0;
			continue;
		}
		if (gap && n + 2 >= size)
			break;
		if (gap)
			to[n++] = ' ';
		gap = false;
		to[n++] = (char)c;
	}
	if (size > 0)
		to[n] = 0;
}
