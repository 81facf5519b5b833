/* SIPDefault.cnf and SIP<MAC>.cnf: "key: value", a line each, lenient as the phones are. */
#include "lint/lint_internal.h"

#include "base/text.h"
#include "model/file_name.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#define KEY_SIZE   40
#define VALUE_SIZE 200

enum form {
	TEXT,
	LENGTH,
	WORDS,
	NUMBER,
	PORT,
	HOST,
};

static const struct key {
	const char *name;
	enum form form;
	const char *values;
} keys[] = {
#define KEY(name, form, values) {name, form, values},
#include "lint/sip_keys.def"
#undef KEY
};
#define KEYS (sizeof keys / sizeof *keys)

struct pair {
	char key[KEY_SIZE], value[VALUE_SIZE];
	bool open_quote;
};

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct slice trimmed(struct slice s)
{
	while (s.len > 0 && is_blank(s.ptr[0]))
		s = slice_from(s, 1);
	while (s.len > 0 && is_blank(s.ptr[s.len - 1]))
		s.len--;
	return s;
}

static struct slice next_line(struct slice *rest)
{
	const uint8_t *end = memchr(rest->ptr, '\n', rest->len);
	struct slice line = slice_head(*rest, end != NULL ? (size_t)(end - rest->ptr) : rest->len);

	*rest = slice_from(*rest, line.len + 1);
	return trimmed(line);
}

/* The value without quotes, and without the comment behind it. */
static void read_value(struct slice text, struct pair *pair)
{
	bool quoted = text.len > 0 && text.ptr[0] == '"';

	text = slice_from(text, quoted);
	const uint8_t *end = text.len > 0 ? memchr(text.ptr, quoted ? '"' : ';', text.len) : NULL;
	pair->open_quote = quoted && end == NULL;
	if (end != NULL)
		text.len = (size_t)(end - text.ptr);
	(void)text_copy_slice(pair->value, sizeof pair->value, quoted ? text : trimmed(text));
}

/* false: no "key: value" and no "key=value". */
static bool read_pair(struct slice line, struct pair *ret_pair)
{
	size_t len = 0;

	*ret_pair = (struct pair){0};
	while (len < line.len && len < KEY_SIZE - 1 &&
	       (isalnum(line.ptr[len]) || line.ptr[len] == '_' || line.ptr[len] == '-'))
		len++;
	(void)text_copy_slice(ret_pair->key, KEY_SIZE, slice_head(line, len));
	struct slice rest = trimmed(slice_from(line, len));
	if (len == 0 || rest.len == 0 || (rest.ptr[0] != ':' && rest.ptr[0] != '='))
		return false;
	read_value(trimmed(slice_from(rest, 1)), ret_pair);
	return true;
}

/* "proxy3_address" is "proxy%_address". */
static bool is_key(const char *key, const char *pattern, unsigned *ret_number)
{
	for (; *pattern != 0; pattern++, key++) {
		if (*pattern == '%' && *key >= '1' && *key <= '6')
			*ret_number = (unsigned)(*key - '0');
		else if (tolower((unsigned char)*key) != *pattern)
			return false;
	}
	return *key == 0;
}

static const struct key *find_key(const char *name, unsigned *ret_number)
{
	for (size_t i = 0; i < KEYS; i++) {
		*ret_number = 0;
		if (is_key(name, keys[i].name, ret_number))
			return &keys[i];
	}
	return NULL;
}

static bool is_comment(struct slice line)
{
	return line.len == 0 || line.ptr[0] == '#' || line.ptr[0] == ';';
}

static struct slice without_mark(struct slice file)
{
	return file.len >= 3 && memcmp(file.ptr, "\xef\xbb\xbf", 3) == 0 ? slice_from(file, 3)
									 : file;
}

bool lint_is_sip_text(struct slice file)
{
	struct pair pair;
	unsigned number = 0;
	size_t pairs = 0;
	size_t known = 0;

	for (file = without_mark(file); file.len > 0;) {
		struct slice line = next_line(&file);
		if (is_comment(line) || !read_pair(line, &pair))
			continue;
		pairs++;
		known += find_key(pair.key, &number) != NULL;
	}
	/* Other programs' files share a key or two. */
	return known > 0 && 2 * known >= pairs;
}

/* Is the rest of a key the rest of a pattern? */
static bool is_rest(const char *a, const char *b)
{
	while (*a != 0 && *b != 0 &&
	       (tolower((unsigned char)*a) == *b || (*b == '%' && isdigit((unsigned char)*a)))) {
		a++;
		b++;
	}
	return *a == 0 && *b == 0;
}

/* The nearest key: it becomes the other by one letter changed, added, left out or swapped. */
static const char *nearest(const char *name)
{
	for (size_t i = 0; i < KEYS; i++) {
		const char *a = name;
		const char *b = keys[i].name;
		while (*a != 0 && *b != 0 &&
		       (tolower((unsigned char)*a) == *b ||
			(*b == '%' && isdigit((unsigned char)*a)))) {
			a++;
			b++;
		}
		bool ends = *a == 0 || *b == 0;
		if ((!ends && is_rest(a + 1, b + 1)) || (*b != 0 && is_rest(a, b + 1)) ||
		    (*a != 0 && is_rest(a + 1, b)) ||
		    (!ends && a[1] == *b && b[1] == *a && is_rest(a + 2, b + 2)))
			return keys[i].name;
	}
	return NULL;
}

static void check_value(struct lint *l, uint32_t line, const struct key *key, const struct pair *p)
{
	const char *v = p->value;

	if (v[0] == 0 || lint_is_open(p->key, v) || text_equal_nocase(v, "UNPROVISIONED"))
		return;
	if (key->form == WORDS && !lint_is_word(v, key->values))
		lint_find(l, LINT_RULE_SIP_VALUE, line, "%s \"%.60s\" is none of %s", p->key, v,
			  key->values);
	else if (key->form == NUMBER && !lint_is_in_range(v, key->values))
		lint_find(l, LINT_RULE_SIP_VALUE, line, "%s \"%.60s\" is no number of %s", p->key,
			  v, key->values);
	else if (key->form == LENGTH && strlen(v) > strtoul(key->values, NULL, 10))
		lint_find(l, LINT_RULE_SIP_VALUE, line, "%s has %zu characters, phones keep %s",
			  p->key, strlen(v), key->values);
	else if (key->form == PORT && !lint_is_port(v))
		lint_find(l, LINT_RULE_PORT, line, "%s \"%.60s\"", p->key, v);
	else if (key->form == HOST && !lint_is_host(v))
		lint_find(l, LINT_RULE_HOST, line, "%s \"%.80s\"", p->key, v);
}

/* What the file says as a whole. */
struct text_file {
	uint32_t lines;        /* line<n>_… keys with a value */
	uint32_t names;        /* of them names that are set */
	uint32_t name_line;    /* where line1_name, or the first of line1's keys, stands */
	uint32_t register_off; /* the line of proxy_register 0 */
	uint32_t placeholders, placeholder_line;
	char placeholder[KEY_SIZE + VALUE_SIZE];
};

static void check_image(struct lint *l, uint32_t line, const char *image)
{
	static const char *const endings[] = {".loads", ".sb2", ".sbn", ".bin"};

	if (image[0] == 0 || lint_is_placeholder(image))
		return;
	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
		if (lint_ends_with(image, endings[i]))
			lint_find(l, LINT_RULE_IMAGE_ENDING, line, "\"%.60s\"", image);
	}
	if (strncasecmp(image, "P0S3", 4) != 0 && strncasecmp(image, "P003", 2) == 0)
		lint_find(l, LINT_RULE_IMAGE_PROTOCOL, line, "\"%.60s\"", image);
	lint_mention(l, WORD_IMAGE, line, 0, image);
	lint_mention(l, WORD_LOAD, line, 7, image);
}

static void take_line_key(struct lint *l, uint32_t line, const struct pair *p, unsigned number,
			  struct text_file *t)
{
	bool set = p->value[0] != 0 && !text_equal_nocase(p->value, "UNPROVISIONED");

	t->lines++;
	if (number == 1 && (t->name_line == 0 || lint_ends_with(p->key, "_name")))
		t->name_line = line;
	if (!set || !lint_ends_with(p->key, "_name"))
		return;
	t->names++;
	if (!lint_is_placeholder(p->value))
		lint_mention(l, WORD_LINE, line, 0, p->value);
}

static void take_pair(struct lint *l, uint32_t line, const struct key *key, const struct pair *p,
		      unsigned number, struct text_file *t)
{
	if (lint_is_open(p->key, p->value) && !lint_ends_with(p->key, "password") &&
	    t->placeholders++ == 0) {
		t->placeholder_line = line;
		(void)snprintf(t->placeholder, sizeof t->placeholder, "%s is \"%.80s\"", p->key,
			       p->value);
	}
	if (strcmp(key->name, "image_version") == 0)
		check_image(l, line, p->value);
	else if (strncmp(key->name, "line%", 5) == 0)
		take_line_key(l, line, p, number, t);
	else if (strcmp(key->name, "proxy%_address") == 0 && p->value[0] != 0)
		lint_mention(l, WORD_PROXY, line, number, p->value);
	else if (strcmp(key->name, "proxy_register") == 0 && strcmp(p->value, "0") == 0)
		t->register_off = line;
	else if (strcmp(key->name, "dial_template") == 0 && p->value[0] != 0 &&
		 !lint_is_placeholder(p->value))
		lint_mention(l, WORD_FILE, line, 1, p->value);
}

static void check_whole(struct lint *l, const struct text_file *t)
{
	struct file_name name;
	bool own = file_name_read(slice_text(lint_base_name(l->file[l->now].name)), &name) &&
		   name.kind == FILE_PHONE_SIP;

	if (t->names == 0 && (own || t->lines > 0))
		lint_find(l, LINT_RULE_NO_SIP_LINE, t->name_line,
			  t->lines > 0 ? "line1_name is not set" : "no line1_name");
	/* In the default file a phone's own may still say 1. */
	if (t->register_off != 0)
		lint_find_as(l, LINT_RULE_PROXY_REGISTER,
			     own || t->lines > 0 ? LINT_ERROR : LINT_WARNING, t->register_off,
			     "proxy_register: 0");
	if (t->placeholders > 1)
		lint_find(l, LINT_RULE_PLACEHOLDER, t->placeholder_line, "%.120s, and %u more",
			  t->placeholder, t->placeholders - 1);
	else if (t->placeholders == 1)
		lint_find(l, LINT_RULE_PLACEHOLDER, t->placeholder_line, "%.140s", t->placeholder);
}

/* Keys seen, by their place in the table and number, with a hash of what they said. */
struct seen {
	uint32_t line[KEYS][7];
	char value[KEYS][7][24];
};

static void check_twice(struct lint *l, uint32_t line, const struct key *key, unsigned number,
			const struct pair *p, struct seen *seen)
{
	size_t i = (size_t)(key - keys);

	if (seen->line[i][number] != 0 && strncmp(seen->value[i][number], p->value, 23) != 0)
		lint_find(l, LINT_RULE_KEY_TWICE, line, "%s, as in line %u", p->key,
			  seen->line[i][number]);
	seen->line[i][number] = line;
	(void)text_copy(seen->value[i][number], sizeof seen->value[i][number], p->value);
}

static void check_line(struct lint *l, uint32_t line, struct slice text, struct text_file *t,
		       struct seen *seen)
{
	struct pair p;
	unsigned number = 0;
	char shown[64];

	(void)text_copy_slice(shown, sizeof shown, text);
	if (!read_pair(text, &p)) {
		if (!lint_is_placeholder(shown))
			lint_find(l, LINT_RULE_PAIR, line, "%s", shown);
		return;
	}
	const struct key *key = find_key(p.key, &number);
	if (key == NULL) {
		const char *near = nearest(p.key);
		lint_find_as(l, LINT_RULE_KEY, near != NULL ? LINT_WARNING : LINT_REMARK, line,
			     "%s%s%s%s", p.key, near != NULL ? "; meant " : "",
			     near != NULL ? near : "", near != NULL ? "?" : "");
		return;
	}
	if (p.open_quote)
		lint_find(l, LINT_RULE_QUOTE, line, "%s", shown);
	check_value(l, line, key, &p);
	check_twice(l, line, key, number, &p, seen);
	take_pair(l, line, key, &p, number, t);
}

void lint_sip_text(struct lint *l, struct slice file)
{
	static struct seen seen; /* one thread; too much for a stack */
	struct text_file t = {0};
	uint32_t line = 0;

	memset(&seen, 0, sizeof seen);
	for (file = without_mark(file); file.len > 0;) {
		struct slice text = next_line(&file);
		line++;
		if (!is_comment(text))
			check_line(l, line, text, &t, &seen);
	}
	check_whole(l, &t);
}
