/* What a phone takes from its configuration file: expat without namespaces, since CUCM writes
 * prefixes it never declares and phones do not mind. A document type declaration is refused: no
 * phone file has one, and entities are the classic way to make a small file huge. */
#include "cnf/cnf.h"

#include "base/error.h"
#include "base/text.h"

#include <expat.h>

#define DEPTH_MAX 32
#define TEXT_MAX  256

struct parse {
	XML_Parser parser;
	struct cnf_phone *phone;
	struct cnf_member member; /* being read */
	bool in_member;
	struct cnf_member srst[CNF_SRST_MAX];
	bool srst_disabled;
	unsigned depth;
	char load_element[32]; /* loadInformation<type> of a default file */
	char path[DEPTH_MAX][32];
	char text[TEXT_MAX];
	size_t text_len;
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

	if (p->depth == DEPTH_MAX) {
		stop(p, "elements nested too deeply");
		return;
	}
	(void)text_copy(p->path[p->depth++], sizeof p->path[0], name);
	p->text_len = 0;
	if (p->depth == 1)
		p->phone->is_default = strcmp(name, "Default") == 0;
	if (strcmp(name, "member") != 0)
		return;
	p->in_member = true;
	p->member = (struct cnf_member){.port = 2000};
	for (size_t i = 0; attributes[i] != NULL; i += 2) {
		if (strcmp(attributes[i], "priority") == 0)
			p->member.priority = (unsigned)strtoul(attributes[i + 1], NULL, 10);
	}
}

/* The text without the white space around it. */
static struct slice trimmed(const struct parse *p)
{
	size_t from = 0;
	size_t to = p->text_len;

	while (from < to && strchr(" \t\r\n", p->text[from]) != NULL)
		from++;
	while (to > from && strchr(" \t\r\n", p->text[to - 1]) != NULL)
		to--;
	return slice_of(p->text + from, to - from);
}

/* Kept in the order of priority; equal ones as they stand in the file. TVS members, which have no
 * processNodeName, are no CallManagers. */
static void add_member(struct cnf_phone *phone, const struct cnf_member *member)
{
	unsigned at = phone->member_count;

	if (member->host[0] == 0 || phone->member_count == CNF_MEMBERS_MAX)
		return;
	while (at > 0 && phone->member[at - 1].priority > member->priority) {
		phone->member[at] = phone->member[at - 1];
		at--;
	}
	phone->member[at] = *member;
	phone->member_count++;
}

/* ipAddr1 to 3 and port1 to 3 under srstInfo: the gateways that take the phone when every
 * CallManager is out of reach. An unused one is empty or 0.0.0.0. */
static void take_srst(struct parse *p, const char *name, struct slice text)
{
	size_t len = strlen(name);
	size_t i = len > 0 ? (size_t)(name[len - 1] - '1') : CNF_SRST_MAX;
	char word[16];

	if (strcmp(name, "srstOption") == 0) {
		(void)text_copy_slice(word, sizeof word, text);
		p->srst_disabled = text_equal_nocase(word, "Disable");
	} else if (len == 7 && strncmp(name, "ipAddr", 6) == 0 && i < CNF_SRST_MAX) {
		(void)text_copy_slice(p->srst[i].host, sizeof p->srst[i].host, text);
	} else if (len == 5 && strncmp(name, "port", 4) == 0 && i < CNF_SRST_MAX) {
		(void)text_copy_slice(word, sizeof word, text);
		unsigned long port = strtoul(word, NULL, 10);
		p->srst[i].port = port <= UINT16_MAX ? (uint16_t)port : 0;
	}
}

static void end_srst(struct parse *p)
{
	for (unsigned i = 0; i < CNF_SRST_MAX && !p->srst_disabled; i++) {
		struct cnf_member m = p->srst[i];
		if (m.host[0] == 0 || strcmp(m.host, "0.0.0.0") == 0)
			continue;
		m.priority = i;
		if (m.port == 0)
			m.port = 2000;
		p->phone->srst[p->phone->srst_count++] = m;
	}
}

static void XMLCALL on_end(void *context, const XML_Char *name)
{
	struct parse *p = context;
	struct slice text = trimmed(p);
	struct cnf_phone *phone = p->phone;
	char number[16];
	/* An element right under the root: only those are the phone's own settings. */
	bool top = p->depth == 2;

	if (p->in_member && strcmp(name, "processNodeName") == 0) {
		(void)text_copy_slice(p->member.host, sizeof p->member.host, text);
	} else if (p->in_member && strcmp(name, "ethernetPhonePort") == 0) {
		(void)text_copy_slice(number, sizeof number, text);
		unsigned long port = strtoul(number, NULL, 10);
		if (port > 0 && port <= UINT16_MAX)
			p->member.port = (uint16_t)port;
	} else if (strcmp(name, "member") == 0) {
		add_member(phone, &p->member);
		p->in_member = false;
	} else if (p->depth > 1 && strcmp(p->path[p->depth - 2], "srstInfo") == 0) {
		take_srst(p, name, text);
	} else if (strcmp(name, "srstInfo") == 0 && phone->srst_count == 0) {
		end_srst(p);
	} else if (strcmp(name, "connectionMonitorDuration") == 0) {
		(void)text_copy_slice(number, sizeof number, text);
		phone->monitor_s = (unsigned)strtoul(number, NULL, 10);
	} else if (top &&
		   strcmp(name, phone->is_default ? p->load_element : "loadInformation") == 0) {
		(void)text_copy_slice(phone->load, sizeof phone->load, text);
	} else if (top && strcmp(name, "deviceProtocol") == 0) {
		(void)text_copy_slice(phone->protocol, sizeof phone->protocol, text);
	} else if (top && strcmp(name, "versionStamp") == 0) {
		(void)text_copy_slice(phone->version_stamp, sizeof phone->version_stamp, text);
	}
	p->text_len = 0;
	p->depth--;
}

static void XMLCALL on_text(void *context, const XML_Char *text, int len)
{
	struct parse *p = context;

	for (int i = 0; i < len && p->text_len < sizeof p->text; i++)
		p->text[p->text_len++] = text[i];
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

int cnf_parse(struct slice file, uint32_t type, struct cnf_phone *ret_phone,
	      struct cnf_error *ret_error)
{
	struct cnf_phone phone = {0};
	struct parse p = {.phone = &phone};
	int error = 0;

	if (file.len > CNF_FILE_MAX)
		return E_TOO_LONG;
	(void)snprintf(p.load_element, sizeof p.load_element, "loadInformation%u", type);
	p.parser = XML_ParserCreate(NULL);
	if (p.parser == NULL)
		return E_NO_MEMORY;
	XML_SetUserData(p.parser, &p);
	XML_SetElementHandler(p.parser, on_start, on_end);
	XML_SetCharacterDataHandler(p.parser, on_text);
	XML_SetStartDoctypeDeclHandler(p.parser, on_doctype);
	if (XML_Parse(p.parser, (const char *)file.ptr, (int)file.len, XML_TRUE) != XML_STATUS_OK)
		error = parse_failed(&p, ret_error);
	XML_ParserFree(p.parser);
	if (error == 0)
		*ret_phone = phone;
	return error;
}
