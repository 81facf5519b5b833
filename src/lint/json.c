/* A reader of JSON that keeps lines. */
#include "lint/json.h"

#include "base/alloc.h"
#include "base/error.h"

#include <ctype.h>

#define DEPTH_MAX 64

struct reading {
	struct json *to;
	struct slice rest;
	uint32_t line;
	int error;
};

const char *json_key(const struct json *j, uint32_t i)
{
	return (const char *)j->words.ptr + j->node[i].key;
}

const char *json_text(const struct json *j, uint32_t i)
{
	return (const char *)j->words.ptr + j->node[i].text;
}

uint32_t json_member(const struct json *j, uint32_t object, const char *key)
{
	for (uint32_t i = object + 1; i < j->node[object].end; i = j->node[i].end) {
		if (strcmp(json_key(j, i), key) == 0)
			return i;
	}
	return JSON_NONE;
}

const char *json_member_text(const struct json *j, uint32_t object, const char *key)
{
	uint32_t i = json_member(j, object, key);

	return i != JSON_NONE ? json_text(j, i) : "";
}

static void fail(struct reading *r, const char *why)
{
	if (r->error != 0)
		return;
	r->error = E_BAD_FORMAT;
	r->to->bad = why;
	r->to->bad_line = r->line;
}

static char first(const struct reading *r)
{
	if (r->rest.len == 0)
		return 0;
	return (char)r->rest.ptr[0];
}

static void step(struct reading *r)
{
	r->line += first(r) == '\n';
	r->rest = slice_from(r->rest, 1);
}

static bool begins(const struct reading *r, const char *with)
{
	return r->rest.len >= strlen(with) && memcmp(r->rest.ptr, with, strlen(with)) == 0;
}

static void skip_until(struct reading *r, const char *mark)
{
	while (r->rest.len > 0 && !begins(r, mark))
		step(r);
}

/* White space, and comments of all three kinds; an include stands for what is not here. */
static void skip(struct reading *r)
{
	while (r->rest.len > 0) {
		if (isspace(r->rest.ptr[0])) {
			step(r);
		} else if (first(r) == '#' || begins(r, "//")) {
			skip_until(r, "\n");
		} else if (begins(r, "/*") || begins(r, "<?")) {
			const char *end = first(r) == '/' ? "*/" : "?>";
			skip_until(r, end);
			step(r);
			step(r);
		} else {
			return;
		}
	}
}

static uint32_t put_string(struct reading *r)
{
	uint32_t at = (uint32_t)r->to->words.len;

	step(r);
	while (r->rest.len > 0 && first(r) != '"' && first(r) != '\n') {
		if (first(r) == '\\')
			step(r);
		if (first(r) != 0)
			buf_char(&r->to->words, first(r));
		step(r);
	}
	if (first(r) != '"')
		fail(r, "a string without its closing quote");
	step(r);
	buf_char(&r->to->words, 0);
	return at;
}

static uint32_t put_other(struct reading *r)
{
	uint32_t at = (uint32_t)r->to->words.len;

	while (r->rest.len > 0 &&
	       (isalnum(r->rest.ptr[0]) || strchr("+-.", r->rest.ptr[0]) != NULL) &&
	       first(r) != 0) {
		buf_char(&r->to->words, first(r));
		step(r);
	}
	if (r->to->words.len == at)
		fail(r, "a value is missing");
	buf_char(&r->to->words, 0);
	return at;
}

static uint32_t add(struct reading *r, uint32_t parent, uint32_t key)
{
	struct json *j = r->to;

	if (j->count == JSON_NODES_MAX)
		fail(r, "more values than a configuration has");
	if (j->count == j->room && r->error == 0) {
		uint32_t wanted = j->room == 0 ? 256 : 2 * j->room;
		struct json_node *larger = alloc_resize(j->node, wanted * sizeof *larger);
		if (larger == NULL) {
			r->error = E_NO_MEMORY;
		} else {
			j->node = larger;
			j->room = wanted;
		}
	}
	if (r->error != 0)
		return JSON_NONE;
	j->node[j->count] = (struct json_node){.parent = parent, .key = key, .line = r->line};
	return j->count++;
}

/* A container's beginning, or a whole value. Returns its number; JSON_NONE after an error. */
static uint32_t read_value(struct reading *r, uint32_t parent, uint32_t key)
{
	uint32_t i = add(r, parent, key);

	if (i == JSON_NONE)
		return i;
	struct json_node *n = &r->to->node[i];
	char c = first(r);
	n->type = c == '{'   ? JSON_OBJECT
		  : c == '[' ? JSON_ARRAY
		  : c == '"' ? JSON_STRING
			     : JSON_OTHER;
	if (c == '{' || c == '[')
		step(r);
	else
		n->text = c == '"' ? put_string(r) : put_other(r);
	n->end = r->to->count;
	return i;
}

static uint32_t read_key(struct reading *r)
{
	if (first(r) != '"') {
		fail(r, "a name in quotes is missing");
		return 0;
	}
	uint32_t key = put_string(r);
	skip(r);
	if (first(r) != ':')
		fail(r, "a : is missing behind a name");
	step(r);
	skip(r);
	return key;
}

/* Without recursion: a file may be nested as deep as it likes. */
static void read_all(struct reading *r)
{
	uint32_t open[DEPTH_MAX];
	size_t depth = 0;
	bool comma = true; /* a value may come */

	skip(r);
	uint32_t top = read_value(r, JSON_NONE, 0);
	if (r->error == 0 && r->to->node[top].type <= JSON_ARRAY)
		open[depth++] = top;
	while (r->error == 0 && depth > 0) {
		uint32_t in = open[depth - 1];
		bool object = r->to->node[in].type == JSON_OBJECT;
		skip(r);
		char c = first(r);
		if (c == (object ? '}' : ']')) {
			step(r);
			r->to->node[in].end = r->to->count;
			depth--;
			comma = false;
		} else if (c == ',' && !comma) {
			step(r);
			comma = true;
		} else if (r->rest.len == 0) {
			fail(r, object ? "the file ends before a }" : "the file ends before a ]");
		} else if (!comma) {
			fail(r, "a , is missing");
		} else {
			uint32_t key = object ? read_key(r) : 0;
			uint32_t i = r->error == 0 ? read_value(r, in, key) : JSON_NONE;
			comma = false;
			if (i == JSON_NONE || r->to->node[i].type > JSON_ARRAY)
				continue;
			if (depth == DEPTH_MAX) {
				fail(r, "nested more than 64 deep");
				continue;
			}
			open[depth++] = i;
			comma = true;
		}
	}
}

int json_read(struct slice text, struct json *ret_json)
{
	struct reading r = {.to = ret_json, .rest = text, .line = 1};

	memset(ret_json, 0, sizeof *ret_json);
	buf_init(&ret_json->words, 2 * text.len + 4096);
	buf_char(&ret_json->words, 0);
	read_all(&r);
	skip(&r);
	if (r.rest.len > 0)
		fail(&r, "more behind the end");
	return r.error != 0 ? r.error : buf_error(&ret_json->words);
}

void json_done(struct json *j)
{
	alloc_free(j->node);
	buf_done(&j->words);
	j->node = NULL;
	j->count = 0;
}
