/* A list of images: a signed header, when there is one, then a line each. (The fifth generation's
 * header and lines: sip78xx.11-0-1-11.loads.) */
#include "cnf/loads.h"

#include "base/error.h"
#include "base/reader.h"
#include "base/text.h"

#include <strings.h>

#define FIFTH_GENERATION  0xab1234cdU /* 78xx and 88xx: little endian, then the header's length */
#define TAG_VERSION       1
#define TAG_HEADER_LENGTH 2

/* The text behind the header. The header's own length stands in its second record, counted from the
 * start of the file. */
static int skip_header(struct slice *bytes, bool *ret_signed)
{
	struct reader r = reader_of(*bytes);

	if (reader_le32(&r) == FIFTH_GENERATION) {
		uint32_t length = reader_le32(&r);
		*ret_signed = true;
		if (r.failed || length < r.pos || length > bytes->len)
			return E_BAD_FORMAT;
		*bytes = slice_from(*bytes, length);
		return 0;
	}
	r = reader_of(*bytes);
	*ret_signed = bytes->len > 0 && bytes->ptr[0] == TAG_VERSION;
	if (!*ret_signed)
		return 0;
	reader_skip(&r, 1);
	reader_skip(&r, reader_be16(&r));
	uint8_t tag = reader_u8(&r);
	uint16_t size = reader_be16(&r);
	uint16_t header = reader_be16(&r);
	if (r.failed || tag != TAG_HEADER_LENGTH || size != 2 || header < r.pos ||
	    header > bytes->len)
		return E_BAD_FORMAT;
	*bytes = slice_from(*bytes, header);
	return 0;
}

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct slice next_word(struct slice *line)
{
	size_t from = 0;
	size_t to = 0;

	if (line->len == 0)
		return *line;
	while (from < line->len && is_blank(line->ptr[from]))
		from++;
	for (to = from; to < line->len && !is_blank(line->ptr[to]);)
		to++;
	struct slice word = slice_of(line->ptr + from, to - from);
	*line = slice_from(*line, to);
	return word;
}

static uint64_t number_of(struct slice word)
{
	uint64_t n = 0;

	for (size_t i = 0; i < word.len; i++) {
		if (word.ptr[i] < '0' || word.ptr[i] > '9' || n > UINT32_MAX)
			return 0;
		n = n * 10 + (uint64_t)(word.ptr[i] - '0');
	}
	return n;
}

static bool ends_with(struct slice word, const char *ending)
{
	size_t len = strlen(ending);

	return word.len > len && memcmp(word.ptr + word.len - len, ending, len) == 0;
}

/* What stands behind the '='; empty: there is none. */
static struct slice behind_equals(struct slice word)
{
	const uint8_t *equals = word.len > 0 ? memchr(word.ptr, '=', word.len) : NULL;

	return equals != NULL ? slice_from(word, (size_t)(equals - word.ptr) + 1)
			      : (struct slice){NULL, 0};
}

/* "name", "name  size  MD5", "kern=name size=3089488"; no image: "# a comment", "[PLATFORM_1]",
 * "LA_VERSION=PAS30830". */
static int read_line(struct slice line, struct loads *loads)
{
	struct slice name = next_word(&line);
	struct slice size = next_word(&line);
	bool pair = name.len > 0 && memchr(name.ptr, '=', name.len) != NULL;

	if (pair && (ends_with(name, ".sbn") || ends_with(name, ".sebn"))) {
		name = behind_equals(name);
		size = behind_equals(size);
		pair = false;
	}
	if (pair || name.len == 0 || name.ptr[0] == '#' || name.ptr[0] == '[' ||
	    slice_equal(size, slice_text("=")))
		return 0;
	if (loads->count == LOADS_MEMBERS_MAX || name.len >= LOADS_NAME_SIZE)
		return E_BAD_FORMAT;
	for (size_t i = 0; i < name.len; i++) {
		if (name.ptr[i] <= ' ' || name.ptr[i] >= 0x7f)
			return E_BAD_FORMAT;
	}
	struct loads_member *m = &loads->member[loads->count++];
	(void)text_copy_slice(m->name, sizeof m->name, name);
	m->size = number_of(size);
	return 0;
}

int loads_decode(struct slice bytes, struct loads *ret_loads)
{
	struct loads loads = {0};
	int error = 0;

	if (bytes.len > LOADS_FILE_MAX)
		return E_TOO_LONG;
	error = skip_header(&bytes, &loads.signed_);
	while (error == 0 && bytes.len > 0) {
		const uint8_t *end = memchr(bytes.ptr, '\n', bytes.len);
		size_t len = end != NULL ? (size_t)(end - bytes.ptr) : bytes.len;
		error = read_line(slice_head(bytes, len), &loads);
		bytes = slice_from(bytes, len + 1);
	}
	if (error != 0 || loads.count == 0)
		return E_BAD_FORMAT;
	*ret_loads = loads;
	return 0;
}

bool loads_image_plausible(struct slice front, uint64_t size)
{
	static const char *const pages[] = {"<!doctype", "<html", "<?xml"};

	if (size == 0)
		return false;
	for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
		size_t len = strlen(pages[i]);
		if (front.len >= len && strncasecmp((const char *)front.ptr, pages[i], len) == 0)
			return false;
	}
	return true;
}

const char *load_state_text(enum load_state state)
{
	switch (state) {
	case LOAD_WHOLE:
		return "is whole";
	case LOAD_ABSENT:
		return "is not among the files";
	case LOAD_DAMAGED:
		return "has a list that cannot be read";
	case LOAD_MEMBER_MISSING:
		return "lacks an image";
	case LOAD_MEMBER_DAMAGED:
		return "has a damaged image";
	}
	return "";
}
