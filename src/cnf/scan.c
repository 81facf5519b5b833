/* The plain form nearly all configuration files are in: elements, text, ASCII. Read here in a tenth
 * of the time that a full XML parser takes, so that every file which is served live can be looked
 * into. Whatever is not that plain (comments, entities, other encodings, more than one attribute,
 * anything wrong) is left to expat, which alone says what is wrong and where. What is accepted here
 * expat reads the same way: fuzz_cnf compares them. */
#include "cnf/parse_internal.h"

struct scan {
	const char *at, *end;
	struct cnf_reader *reader;
	/* Where each open element's name stands in the file, to compare with its end. */
	struct slice open[CNF_DEPTH_MAX];
	unsigned depth;
	bool rooted; /* the root has been seen */
};

static inline bool is_name_start(char c)
{
	return (uint8_t)((c | 0x20) - 'a') < 26 || c == '_' || c == ':';
}

static inline bool is_name(char c)
{
	return is_name_start(c) || (uint8_t)(c - '0') < 10 || c == '-' || c == '.';
}

static bool is_white(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void skip_white(struct scan *s)
{
	while (s->at < s->end && is_white(*s->at))
		s->at++;
}

/* A name, copied with its NUL. */
static bool read_name(struct scan *s, char to[static CNF_NAME_SIZE], struct slice *ret_name)
{
	const char *from = s->at;
	const char *at = from;

	if (at == s->end || !is_name_start(*at))
		return false;
	while (at < s->end && is_name(*at))
		at++;
	s->at = at;
	size_t len = (size_t)(at - from);
	if (len >= CNF_NAME_SIZE)
		return false;
	memcpy(to, from, len);
	to[len] = 0;
	*ret_name = slice_of(from, len);
	return true;
}

/* Printable ASCII between quotes, without '<' and '&'. */
static bool read_value(struct scan *s, char *to, size_t size)
{
	size_t len = 0;

	if (s->at == s->end || (*s->at != '"' && *s->at != '\''))
		return false;
	char quote = *s->at;
	for (s->at++; s->at < s->end && *s->at != quote; s->at++) {
		if (*s->at < ' ' || *s->at == '<' || *s->at == '&' || len + 1 == size)
			return false;
		to[len++] = *s->at;
	}
	to[len] = 0;
	return s->at++ < s->end;
}

static bool literal(struct scan *s, const char *text)
{
	size_t len = strlen(text);

	if ((size_t)(s->end - s->at) < len || memcmp(s->at, text, len) != 0)
		return false;
	s->at += len;
	return true;
}

/* <?xml version="1.0" encoding="UTF-8"?> in its usual spellings. */
static bool read_declaration(struct scan *s)
{
	if (!literal(s, "<?xml "))
		return true;
	if (!literal(s, "version=\"1.0\""))
		return false;
	if (literal(s, " encoding=\"") && !literal(s, "UTF-8\"") && !literal(s, "utf-8\""))
		return false;
	skip_white(s);
	return literal(s, "?>");
}

static bool read_end(struct scan *s)
{
	char name[CNF_NAME_SIZE];
	struct slice found;

	if (s->depth == 0 || !read_name(s, name, &found) ||
	    !slice_equal(found, s->open[s->depth - 1]))
		return false;
	skip_white(s);
	if (!literal(s, ">"))
		return false;
	s->depth--;
	cnf_reader_end(s->reader, name);
	return true;
}

/* At most one attribute: more might be the same one twice. */
static bool read_start(struct scan *s)
{
	char name[CNF_NAME_SIZE];
	char attribute[CNF_NAME_SIZE];
	char value[CNF_TEXT_MAX];
	const char *attributes[] = {NULL, NULL, NULL};
	struct slice found;
	struct slice ignored;

	if (s->depth == CNF_DEPTH_MAX || (s->depth == 0 && s->rooted) ||
	    !read_name(s, name, &found))
		return false;
	s->rooted = true;
	if (s->at < s->end && is_white(*s->at)) {
		skip_white(s);
		if (read_name(s, attribute, &ignored)) {
			if (!literal(s, "=") || !read_value(s, value, sizeof value))
				return false;
			attributes[0] = attribute;
			attributes[1] = value;
			skip_white(s);
		}
	}
	bool empty = literal(s, "/");
	if (!literal(s, ">") || !cnf_reader_start(s->reader, name, attributes))
		return false;
	if (empty)
		cnf_reader_end(s->reader, name);
	else
		s->open[s->depth++] = found;
	return true;
}

/* Up to the next '<'. Outside the root only white space may stand. */
static bool read_text(struct scan *s)
{
	const char *from = s->at;

	for (; s->at < s->end && *s->at != '<'; s->at++) {
		/* CR LF becomes LF in XML; "]]>" must not stand here. */
		if ((*s->at < ' ' && *s->at != '\n' && *s->at != '\t') || *s->at == '&' ||
		    *s->at == ']' || *s->at == 0x7f || (s->depth == 0 && !is_white(*s->at)))
			return false;
	}
	if (s->depth > 0)
		cnf_reader_text(s->reader, from, (size_t)(s->at - from));
	return true;
}

bool cnf_scan(struct slice file, struct cnf_reader *r)
{
	struct scan s = {.at = (const char *)file.ptr, .reader = r};

	s.end = s.at + file.len;
	if (file.len == 0 || !read_declaration(&s))
		return false;
	while (s.at < s.end) {
		if (!read_text(&s))
			return false;
		if (s.at == s.end)
			break;
		s.at++;
		bool is_end = literal(&s, "/");
		if (is_end ? !read_end(&s) : !read_start(&s))
			return false;
	}
	return s.rooted && s.depth == 0;
}
