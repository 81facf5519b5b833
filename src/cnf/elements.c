/* Elements with their lines, by expat. */
#include "cnf/elements.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"

#include <expat.h>
#include <stdio.h>
#include <strings.h>

#define DEPTH_MAX 64
#define TEXT_MAX  4096
#define NAME_MAX_ 64 /* of a name that is shown */

struct reading {
	XML_Parser parser;
	struct slice file;
	struct cnf_elements *to;
	const char *refused; /* why we stopped */
	int error;
	uint32_t open[DEPTH_MAX];
	uint32_t depth;
	bool leaf; /* the innermost open element holds none so far */
	char text[TEXT_MAX];
	size_t text_len;
};

const char *cnf_element_name(const struct cnf_elements *e, uint32_t i)
{
	return (const char *)e->words.ptr + e->element[i].name;
}

const char *cnf_element_text(const struct cnf_elements *e, uint32_t i)
{
	return (const char *)e->words.ptr + e->element[i].text;
}

const char *cnf_element_attribute(const struct cnf_elements *e, uint32_t i, const char *name)
{
	const struct cnf_element *element = &e->element[i];

	for (uint32_t k = 0; k < element->attributes; k++) {
		const uint32_t *pair = &e->attribute[(size_t)2 * (element->first_attribute + k)];
		if (strcmp((const char *)e->words.ptr + pair[0], name) == 0)
			return (const char *)e->words.ptr + pair[1];
	}
	return NULL;
}

const char *cnf_element_parent(const struct cnf_elements *e, uint32_t i)
{
	uint32_t parent = e->element[i].parent;

	return parent != CNF_NO_ELEMENT ? cnf_element_name(e, parent) : "";
}

static void stop(struct reading *r, int error, const char *why)
{
	r->error = error;
	r->refused = why;
	(void)XML_StopParser(r->parser, XML_FALSE);
}

static uint32_t line_now(const struct reading *r)
{
	return (uint32_t)XML_GetCurrentLineNumber(r->parser);
}

/* Words stand one behind the other, each with its NUL; 0 is the empty one. */
static uint32_t put_word(struct reading *r, const char *text, size_t len)
{
	uint32_t at = (uint32_t)r->to->words.len;

	if (len == 0)
		return 0;
	buf_append(&r->to->words, slice_of(text, len));
	buf_char(&r->to->words, 0);
	return at;
}

/* Room for one more in an array that doubles. false: out of memory. */
static bool grow(void **array, uint32_t *room, uint32_t count, size_t size)
{
	if (count < *room)
		return true;
	uint32_t wanted = *room == 0 ? 256 : 2 * *room;
	void *larger = alloc_resize(*array, wanted * size);
	if (larger == NULL)
		return false;
	*array = larger;
	*room = wanted;
	return true;
}

static void add_attribute(struct reading *r, const char *name, const char *value)
{
	struct cnf_elements *to = r->to;
	void *array = to->attribute;

	if (!grow(&array, &to->attribute_room, to->attribute_count, 2 * sizeof *to->attribute)) {
		stop(r, E_NO_MEMORY, NULL);
		return;
	}
	to->attribute = array;
	to->attribute[(size_t)2 * to->attribute_count] = put_word(r, name, strlen(name));
	to->attribute[(size_t)2 * to->attribute_count + 1] = put_word(r, value, strlen(value));
	to->attribute_count++;
	if (strchr(name, ':') != NULL && strncmp(name, "xml", 3) != 0 && to->prefix_line == 0)
		to->prefix_line = line_now(r);
}

static void XMLCALL on_start(void *context, const XML_Char *name, const XML_Char **attributes)
{
	struct reading *r = context;
	struct cnf_elements *to = r->to;
	void *array = to->element;

	if (r->depth == DEPTH_MAX) {
		stop(r, E_BAD_FORMAT, "elements nested more than 64 deep");
		return;
	}
	if (!grow(&array, &to->room, to->count, sizeof *to->element)) {
		stop(r, E_NO_MEMORY, NULL);
		return;
	}
	to->element = array;
	struct cnf_element *e = &to->element[to->count];
	*e = (struct cnf_element){
	    .parent = r->depth > 0 ? r->open[r->depth - 1] : CNF_NO_ELEMENT,
	    .line = line_now(r),
	    .first_attribute = to->attribute_count,
	};
	e->name = put_word(r, name, strlen(name));
	for (size_t i = 0; attributes[i] != NULL; i += 2)
		add_attribute(r, attributes[i], attributes[i + 1]);
	e->attributes = to->attribute_count - e->first_attribute;
	r->open[r->depth++] = to->count++;
	r->leaf = true;
	r->text_len = 0;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void XMLCALL on_end(void *context, const XML_Char *name)
{
	struct reading *r = context;
	size_t from = 0;

	(void)name;
	while (from < r->text_len && is_space(r->text[from]))
		from++;
	while (r->text_len > from && is_space(r->text[r->text_len - 1]))
		r->text_len--;
	if (r->leaf)
		r->to->element[r->open[r->depth - 1]].text =
		    put_word(r, r->text + from, r->text_len - from);
	r->leaf = false;
	r->text_len = 0;
	r->depth--;
}

static void XMLCALL on_text(void *context, const XML_Char *text, int len)
{
	struct reading *r = context;
	size_t room = sizeof r->text - r->text_len;
	size_t n = (size_t)len < room ? (size_t)len : room;

	memcpy(r->text + r->text_len, text, n);
	r->text_len += n;
}

static void XMLCALL on_doctype(void *context, const XML_Char *name, const XML_Char *system_id,
			       const XML_Char *public_id, int has_internal)
{
	struct reading *r = context;

	(void)name;
	(void)system_id;
	(void)public_id;
	if (r->to->doctype_line == 0)
		r->to->doctype_line = line_now(r);
	/* Entities are the classic way to make a small file huge. */
	if (has_internal != 0)
		stop(r, E_BAD_FORMAT, "a document type declaration with entities of its own");
}

static int XMLCALL on_encoding(void *context, const XML_Char *name, XML_Encoding *to)
{
	struct reading *r = context;

	(void)text_copy(r->to->encoding, sizeof r->to->encoding, name);
	for (int i = 0; i < 256; i++)
		to->map[i] = i;
	to->data = NULL;
	to->convert = NULL;
	to->release = NULL;
	return XML_STATUS_OK;
}

/* The name that stands at `at`, for people. */
static void name_at(const struct reading *r, size_t at, char to[static NAME_MAX_])
{
	size_t len = 0;

	while (at < r->file.len && strchr("</ ", r->file.ptr[at]) != NULL && r->file.ptr[at] != 0)
		at++;
	while (at + len < r->file.len && len < NAME_MAX_ - 1 &&
	       strchr("> \t\r\n<", r->file.ptr[at + len]) == NULL)
		len++;
	(void)text_copy_slice(to, NAME_MAX_, slice_head(slice_from(r->file, at), len));
}

/* A start tag that took in what follows it: "<a>text<a" for "<a>text</a", a forgotten '>'. */
static void say_token(const struct reading *r, size_t at, struct cnf_flaw *flaw)
{
	uint8_t before = at > 0 ? r->file.ptr[at - 1] : 0;
	uint8_t here = at < r->file.len ? r->file.ptr[at] : 0;

	if (before == '&' || here == '&')
		(void)text_copy(flaw->why, sizeof flaw->why, "an & stands alone: write &amp;");
	else if (here == '<')
		(void)text_copy(flaw->why, sizeof flaw->why,
				"a < where none may stand: is a > missing before it?");
	else if (here < ' ' && here != '\n' && here != '\r' && here != '\t')
		(void)snprintf(flaw->why, sizeof flaw->why, "a control character (0x%02x)", here);
	else
		(void)snprintf(flaw->why, sizeof flaw->why,
			       "a character that may not stand here: '%c'", here);
	flaw->control = here < ' ' && here != '\n' && here != '\r' && here != '\t';
}

static void say_open(const struct reading *r, const char *what, struct cnf_flaw *flaw)
{
	if (r->depth > 0)
		(void)snprintf(flaw->why, sizeof flaw->why, "%s <%.63s> of line %u", what,
			       cnf_element_name(r->to, r->open[r->depth - 1]),
			       r->to->element[r->open[r->depth - 1]].line);
	else
		(void)snprintf(flaw->why, sizeof flaw->why, "%s any element", what);
}

static void say_flaw(const struct reading *r, enum XML_Error code, struct cnf_flaw *flaw)
{
	long index = XML_GetCurrentByteIndex(r->parser);
	size_t at = index >= 0 ? (size_t)index : 0;
	char name[NAME_MAX_];
	char what[NAME_MAX_ + 32];

	flaw->line = line_now(r);
	if (r->refused != NULL) {
		(void)text_copy(flaw->why, sizeof flaw->why, r->refused);
	} else if (code == XML_ERROR_TAG_MISMATCH && !r->to->wide) {
		name_at(r, at, name);
		(void)snprintf(what, sizeof what, "</%s> closes", name);
		say_open(r, what, flaw);
	} else if (code == XML_ERROR_INVALID_TOKEN || code == XML_ERROR_UNCLOSED_TOKEN) {
		say_token(r, at, flaw);
	} else if (code == XML_ERROR_NO_ELEMENTS || code == XML_ERROR_UNCLOSED_CDATA_SECTION) {
		say_open(r, r->to->count > 0 ? "the file ends inside" : "the file ends before",
			 flaw);
	} else {
		(void)text_copy(flaw->why, sizeof flaw->why, XML_ErrorString(code));
	}
}

static int parse(struct slice file, const char *encoding, struct cnf_elements *to,
		 struct cnf_flaw *flaw, bool *ret_wrong_byte)
{
	struct reading r;
	int error = 0;

	memset(&r, 0, offsetof(struct reading, open));
	r.depth = 0;
	r.text_len = 0;
	r.file = file;
	r.to = to;
	r.parser = XML_ParserCreate(encoding);
	if (r.parser == NULL)
		return E_NO_MEMORY;
	XML_SetUserData(r.parser, &r);
	XML_SetElementHandler(r.parser, on_start, on_end);
	XML_SetCharacterDataHandler(r.parser, on_text);
	XML_SetStartDoctypeDeclHandler(r.parser, on_doctype);
	XML_SetUnknownEncodingHandler(r.parser, on_encoding, &r);
	if (XML_Parse(r.parser, (const char *)file.ptr, (int)file.len, XML_TRUE) != XML_STATUS_OK) {
		enum XML_Error code = XML_GetErrorCode(r.parser);
		long at = XML_GetCurrentByteIndex(r.parser);
		error = r.error != 0                  ? r.error
			: code == XML_ERROR_NO_MEMORY ? E_NO_MEMORY
						      : E_BAD_FORMAT;
		say_flaw(&r, code, flaw);
		*ret_wrong_byte = code == XML_ERROR_INVALID_TOKEN && at >= 0 &&
				  (size_t)at < file.len && file.ptr[at] >= 0x80;
	}
	XML_ParserFree(r.parser);
	return error != 0 ? error : buf_error(&to->words);
}

static void begin(struct cnf_elements *e)
{
	memset(e, 0, sizeof *e);
	buf_init(&e->words, 8 * CNF_ELEMENTS_FILE_MAX);
	buf_char(&e->words, 0);
}

int cnf_elements_read(struct slice file, struct cnf_elements *ret_elements,
		      struct cnf_flaw *ret_flaw)
{
	bool wrong_byte = false;
	bool wide = file.len >= 2 && (file.ptr[0] >= 0xfe || file.ptr[0] == 0 || file.ptr[1] == 0);

	*ret_flaw = (struct cnf_flaw){0};
	begin(ret_elements);
	if (file.len > CNF_ELEMENTS_FILE_MAX)
		return E_TOO_LONG;
	/* Editors and file systems of another age end a text with NUL or ^Z. */
	while (!wide && file.len > 0 &&
	       (file.ptr[file.len - 1] == 0 || file.ptr[file.len - 1] == 0x1a))
		file.len--;
	ret_elements->wide = wide;
	int error = parse(file, NULL, ret_elements, ret_flaw, &wrong_byte);
	if (wrong_byte && !wide) {
		uint32_t line = ret_flaw->line;
		cnf_elements_done(ret_elements);
		begin(ret_elements);
		*ret_flaw = (struct cnf_flaw){0};
		error = parse(file, "ISO-8859-1", ret_elements, ret_flaw, &wrong_byte);
		ret_elements->encoding_line = line;
	}
	return error;
}

void cnf_elements_done(struct cnf_elements *e)
{
	alloc_free(e->element);
	alloc_free(e->attribute);
	buf_done(&e->words);
	e->element = NULL;
	e->attribute = NULL;
	e->count = 0;
}
