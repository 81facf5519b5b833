/* What the fields of a head say: how long the body is, whether the connection stays, which path. */
#include "base/error.h"
#include "proto/http/http_head.h"

#include <strings.h>

static bool is_word(struct slice s, const char *word)
{
	return s.len == strlen(word) && strncasecmp((const char *)s.ptr, word, s.len) == 0;
}

const struct http_field *http_field_find(const struct http_fields *fields, const char *name)
{
	for (uint32_t i = 0; i < fields->count; i++) {
		if (is_word(fields->item[i].name, name))
			return &fields->item[i];
	}
	return NULL;
}

/* The next word of a list, white space taken off. */
static bool next_word(struct slice *list, struct slice *ret_word)
{
	const uint8_t *comma = NULL;

	if (list->len == 0)
		return false;
	comma = memchr(list->ptr, ',', list->len);
	*ret_word = slice_head(*list, comma != NULL ? (size_t)(comma - list->ptr) : list->len);
	*list = slice_from(*list, ret_word->len + 1);
	while (ret_word->len > 0 && (ret_word->ptr[0] == ' ' || ret_word->ptr[0] == '\t'))
		*ret_word = slice_of(ret_word->ptr + 1, ret_word->len - 1);
	while (ret_word->len > 0 && (ret_word->ptr[ret_word->len - 1] == ' ' ||
				     ret_word->ptr[ret_word->len - 1] == '\t'))
		ret_word->len--;
	return true;
}

bool http_field_has(const struct http_fields *fields, const char *name, const char *token)
{
	for (uint32_t i = 0; i < fields->count; i++) {
		struct slice list = fields->item[i].value;
		struct slice word;
		if (!is_word(fields->item[i].name, name))
			continue;
		while (next_word(&list, &word)) {
			if (is_word(word, token))
				return true;
		}
	}
	return false;
}

bool http_number(struct slice text, uint64_t *ret_value)
{
	uint64_t value = 0;

	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] < '0' || text.ptr[i] > '9')
			return false;
		if (value > (INT64_MAX - 9) / 10)
			return false;
		value = value * 10 + (uint64_t)(text.ptr[i] - '0');
	}
	if (text.len == 0)
		return false;
	*ret_value = value;
	return true;
}

/* Content-Length, however often it is given: all must say the same (RFC 9112 6.3). 1 when given, 0
 * when not, E_BAD_FORMAT. */
static int read_length(const struct http_fields *fields, uint64_t *ret_length)
{
	int given = 0;

	for (uint32_t i = 0; i < fields->count; i++) {
		struct slice list = fields->item[i].value;
		struct slice word;
		uint64_t length = 0;
		if (!is_word(fields->item[i].name, "Content-Length"))
			continue;
		if (list.len == 0)
			return E_BAD_FORMAT;
		while (next_word(&list, &word)) {
			if (!http_number(word, &length) || (given && length != *ret_length))
				return E_BAD_FORMAT;
			*ret_length = length;
			given = 1;
		}
	}
	return given;
}

/* 1 chunked, 0 no transfer coding, E_BAD_FORMAT: another one, which nobody here speaks, or one
 * beside a length, which is how requests are smuggled. */
static int read_coding(const struct http_fields *fields, int length_given)
{
	const struct http_field *coding = http_field_find(fields, "Transfer-Encoding");

	if (coding == NULL)
		return 0;
	return is_word(coding->value, "chunked") && !length_given ? 1 : E_BAD_FORMAT;
}

int http_request_framing(const struct http_request_head *head, enum http_framing *ret_framing,
			 uint64_t *ret_length)
{
	uint64_t length = 0;
	int given = read_length(&head->fields, &length);
	int chunked = given >= 0 ? read_coding(&head->fields, given) : given;

	if (chunked < 0)
		return chunked;
	*ret_length = length;
	*ret_framing = HTTP_BODY_NONE;
	if (chunked > 0)
		*ret_framing = HTTP_BODY_CHUNKED;
	else if (length > 0)
		*ret_framing = HTTP_BODY_LENGTH;
	return 0;
}

int http_answer_framing(const struct http_answer_head *head, bool to_head,
			enum http_framing *ret_framing, uint64_t *ret_length)
{
	uint64_t length = 0;
	int given = read_length(&head->fields, &length);
	int chunked = given >= 0 ? read_coding(&head->fields, given) : given;

	if (chunked < 0)
		return chunked;
	*ret_length = length;
	if (to_head || head->status < 200 || head->status == 204 ||
	    head->status == HTTP_STATUS_NOT_MODIFIED || (given && length == 0))
		*ret_framing = HTTP_BODY_NONE;
	else if (chunked > 0)
		*ret_framing = HTTP_BODY_CHUNKED;
	else
		*ret_framing = given ? HTTP_BODY_LENGTH : HTTP_BODY_TO_END;
	return 0;
}

bool http_stays_open(unsigned minor, const struct http_fields *fields)
{
	if (http_field_has(fields, "Connection", "close"))
		return false;
	return minor >= 1 || http_field_has(fields, "Connection", "keep-alive");
}

static int hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* From "http://host:6970/path" to "/path". */
static struct slice without_authority(struct slice target)
{
	if (target.len < 7 || strncasecmp((const char *)target.ptr, "http://", 7) != 0)
		return target;
	target = slice_from(target, 7);
	const uint8_t *slash = target.len > 0 ? memchr(target.ptr, '/', target.len) : NULL;
	return slash != NULL ? slice_from(target, (size_t)(slash - target.ptr)) : slice_text("/");
}

int http_target_path(struct slice target, char *to, size_t size)
{
	size_t len = 0;

	target = without_authority(target);
	if (target.len == 0 || target.ptr[0] != '/')
		return E_BAD_FORMAT;
	for (size_t i = 0; i < target.len && target.ptr[i] != '?' && target.ptr[i] != '#'; i++) {
		uint8_t c = target.ptr[i];
		if (c == '%') {
			int high = i + 2 < target.len ? hex_digit(target.ptr[i + 1]) : -1;
			int low = i + 2 < target.len ? hex_digit(target.ptr[i + 2]) : -1;
			if (high < 0 || low < 0)
				return E_BAD_FORMAT;
			c = (uint8_t)(high * 16 + low);
			i += 2;
		}
		if (c < ' ' || c == 0x7f)
			return E_BAD_FORMAT;
		if (len + 1 >= size)
			return E_TOO_LONG;
		to[len++] = (char)c;
	}
	to[len] = 0;
	return (int)len;
}
