/* A phone's configuration file, read: expat without namespaces, since CUCM writes prefixes it never
 * declares and phones do not mind. A document type declaration is refused: no phone file has one,
 * and entities are the classic way to make a small file huge. */
#include "base/error.h"
#include "base/text.h"
#include "cnf/parse_internal.h"

#include <expat.h>

struct parse {
	XML_Parser parser;
	struct cnf_reader *reader;
	const char *refused; /* why we stopped; NULL = we did not */
};

static void stop(struct parse *p, const char *why)
{
	p->refused = why;
	(void)XML_StopParser(p->parser, XML_FALSE);
}

static void XMLCALL on_start(void *context, const XML_Char *name, const XML_Char **attributes)
{
	struct parse *p = context;

	if (!cnf_reader_start(p->reader, name, attributes))
		stop(p, "elements nested too deeply");
}

static void XMLCALL on_end(void *context, const XML_Char *name)
{
	struct parse *p = context;

	cnf_reader_end(p->reader, name);
}

static void XMLCALL on_text(void *context, const XML_Char *text, int len)
{
	struct parse *p = context;

	cnf_reader_text(p->reader, text, (size_t)len);
}

static void XMLCALL on_doctype(void *context, const XML_Char *name, const XML_Char *system_id,
			       const XML_Char *public_id, int has_internal)
{
	(void)name;
	(void)system_id;
	(void)public_id;
	(void)has_internal;
	stop(context, "a document type declaration, which no phone file has");
}

/* Nothing that decides a boot has letters beyond ASCII: a code page nobody here knows
 * (windows-1252, shift_jis's single bytes) is read as if it were Latin 1. */
static int XMLCALL on_encoding(void *context, const XML_Char *name, XML_Encoding *to)
{
	struct parse *p = context;

	(void)name;
	cnf_find(p->reader->phone, CNF_FINDING_ENCODING);
	for (int i = 0; i < 256; i++)
		to->map[i] = i;
	to->data = NULL;
	to->convert = NULL;
	to->release = NULL;
	return XML_STATUS_OK;
}

static int parse_failed(const struct parse *p, struct cnf_error *ret_error)
{
	enum XML_Error code = XML_GetErrorCode(p->parser);

	if (code == XML_ERROR_NO_MEMORY)
		return E_NO_MEMORY;
	ret_error->line = (unsigned)XML_GetCurrentLineNumber(p->parser);
	ret_error->column = (unsigned)XML_GetCurrentColumnNumber(p->parser);
	(void)text_copy(ret_error->why, sizeof ret_error->why,
			p->refused != NULL ? p->refused : XML_ErrorString(code));
	return E_BAD_FORMAT;
}

static int parse_with_expat(struct slice file, struct cnf_reader *reader,
			    struct cnf_error *ret_error)
{
	struct parse p = {.reader = reader, .parser = XML_ParserCreate(NULL)};
	int error = 0;

	if (p.parser == NULL)
		return E_NO_MEMORY;
	XML_SetUserData(p.parser, &p);
	XML_SetElementHandler(p.parser, on_start, on_end);
	XML_SetCharacterDataHandler(p.parser, on_text);
	XML_SetStartDoctypeDeclHandler(p.parser, on_doctype);
	XML_SetUnknownEncodingHandler(p.parser, on_encoding, &p);
	if (XML_Parse(p.parser, (const char *)file.ptr, (int)file.len, XML_TRUE) != XML_STATUS_OK)
		error = parse_failed(&p, ret_error);
	XML_ParserFree(p.parser);
	return error;
}

/* Editors and file systems of another age end a text with NUL or ^Z, and phones do not mind. */
static struct slice without_trailing(struct slice file)
{
	/* In UTF-16 a NUL is half of a letter. */
	if (file.len >= 2 && (file.ptr[0] >= 0xfe || file.ptr[0] == 0 || file.ptr[1] == 0))
		return file;
	while (file.len > 0 && (file.ptr[file.len - 1] == 0 || file.ptr[file.len - 1] == 0x1a))
		file.len--;
	return file;
}

static int parse_xml(struct slice file, uint32_t type, struct cnf_phone *phone,
		     struct cnf_error *ret_error)
{
	struct slice text = without_trailing(file);
	struct cnf_reader reader;

	cnf_reader_init(&reader, type, phone);
	if (!cnf_scan(text, &reader)) {
		cnf_reader_init(&reader, type, phone);
		int error = parse_with_expat(text, &reader, ret_error);
		if (error != 0)
			return error;
	}
	cnf_reader_finish(&reader);
	if (text.len != file.len)
		cnf_find(phone, CNF_FINDING_TRAILING);
	return 0;
}

int cnf_parse(struct slice file, uint32_t type, struct cnf_phone *ret_phone,
	      struct cnf_error *ret_error)
{
	struct cnf_phone phone = {0};
	enum cnf_form form = cnf_form_of(file);
	int error = 0;

	if (file.len > CNF_FILE_MAX)
		return E_TOO_LONG;
	if (form == CNF_FORM_SIP_TEXT)
		error = cnf_parse_sip_text(file, &phone, ret_error);
	else if (form == CNF_FORM_BINARY)
		error = cnf_parse_binary(file, &phone, ret_error);
	else
		error = parse_xml(file, type, &phone, ret_error);
	if (error != 0)
		return error;
	phone.form = form == CNF_FORM_SIP_TEXT || form == CNF_FORM_BINARY ? form : CNF_FORM_XML;
	*ret_phone = phone;
	return 0;
}
