/* dhcpd.conf of ISC: statements of words, ended by ';' or holding others in braces. */
#include "lint/dhcp.h"

#include "base/text.h"

#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

#define WORDS_MAX   64
#define WORD_SIZE   256
#define DEPTH_MAX   32
#define DEFINED_MAX 16
#define OPTION_150  "tftp-server-address" /* as newer releases know it themselves */

struct statement {
	char word[WORDS_MAX][WORD_SIZE]; /* strings keep their quotes */
	uint32_t line[WORDS_MAX];
	size_t count;
};

/* An option of code 150 that the file defines. */
struct defined {
	char name[WORD_SIZE], type[WORD_SIZE];
	uint32_t line;
	bool is_text, is_one, used;
};

struct isc {
	struct dhcp dhcp;
	struct slice rest;
	uint32_t line;
	struct dhcp_scope *open[DEPTH_MAX]; /* of each brace: what is set in it */
	bool side[DEPTH_MAX];               /* a class, a host, an if: not for everybody */
	size_t depth;
	struct defined defined[DEFINED_MAX];
	size_t defined_count;
	struct statement statement;
};

static void skip_comment(struct isc *f)
{
	while (f->rest.len > 0 && f->rest.ptr[0] != '\n')
		f->rest = slice_from(f->rest, 1);
}

/* One word, string or mark into `to`; its line. 0 at the end. */
static uint32_t next_token(struct isc *f, char to[static WORD_SIZE])
{
	size_t len = 0;

	for (; f->rest.len > 0 && (isspace(f->rest.ptr[0]) || f->rest.ptr[0] == '#');) {
		if (f->rest.ptr[0] == '#') {
			skip_comment(f);
			continue;
		}
		f->line += f->rest.ptr[0] == '\n';
		f->rest = slice_from(f->rest, 1);
	}
	if (f->rest.len == 0)
		return 0;
	uint32_t line = f->line;
	bool quoted = f->rest.ptr[0] == '"';
	do {
		f->line += f->rest.ptr[len] == '\n';
		len++;
	} while (len < f->rest.len &&
		 (quoted
		      ? f->rest.ptr[len - 1] != '"' || len == 1
		      : strchr(";{},()=", f->rest.ptr[0]) == NULL && !isspace(f->rest.ptr[len]) &&
			    strchr(";{},()=\"#", f->rest.ptr[len]) == NULL));
	(void)text_copy_slice(to, WORD_SIZE, slice_head(f->rest, len));
	f->rest = slice_from(f->rest, len);
	return line;
}

static const char *word(const struct isc *f, size_t i)
{
	return i < f->statement.count ? f->statement.word[i] : "";
}

static struct dhcp_scope *here(struct isc *f)
{
	return f->depth > 0 ? f->open[f->depth - 1] : &f->dhcp.all;
}

static struct defined *find_defined(struct isc *f, const char *name)
{
	for (size_t i = 0; i < f->defined_count; i++) {
		if (strcasecmp(f->defined[i].name, name) == 0)
			return &f->defined[i];
	}
	return NULL;
}

/* option NAME code N = TYPE */
static void take_definition(struct isc *f)
{
	char type[WORD_SIZE] = "";
	uint32_t line = f->statement.line[0];

	for (size_t i = 5; i < f->statement.count; i++) {
		size_t len = strlen(type);
		if (strcmp(word(f, i), "{") != 0 && strcmp(word(f, i), "}") != 0 &&
		    len < sizeof type - 1) {
			(void)text_copy(type + len, sizeof type - len, len > 0 ? " " : "");
			len = strlen(type);
			(void)text_copy(type + len, sizeof type - len, word(f, i));
		}
	}
	if (strcmp(word(f, 3), "150") != 0 || f->defined_count == DEFINED_MAX)
		return;
	struct defined *d = &f->defined[f->defined_count++];
	*d = (struct defined){.line = line};
	(void)text_copy(d->name, sizeof d->name, word(f, 1));
	(void)text_copy(d->type, sizeof d->type, type);
	d->is_text = strcasecmp(type, "text") == 0 || strcasecmp(type, "string") == 0;
	d->is_one = strcasecmp(type, "ip-address") == 0;
	/* "CiscoVOIP.tftp" is an option of a space of its own. */
	if (strchr(d->name, '.') != NULL && strncasecmp(d->name, "dhcp.", 5) != 0)
		lint_find(f->dhcp.l, LINT_RULE_ENCAPSULATED, line, "%.80s", d->name);
	else if (!d->is_text && strstr(type, "ip-address") == NULL && !lint_is_placeholder(type))
		lint_find(f->dhcp.l, LINT_RULE_TYPE_150, line, "%.80s", type);
}

/* Text where the option is text: hexadecimal bytes are right all the same. */
static void take_text(struct isc *f, struct dhcp_scope *s, const struct defined *d, uint32_t line)
{
	char bare[WORD_SIZE];
	const char *value = word(f, 2);

	if (value[0] != '"' && strchr(value, ':') != NULL) {
		dhcp_tftp_hex(&f->dhcp, s, line, value);
		return;
	}
	dhcp_tftp_text(&f->dhcp, s, d->line, lint_unquoted(value, bare, sizeof bare));
}

static void take_150(struct isc *f, struct dhcp_scope *s, struct defined *d)
{
	uint32_t line = f->statement.line[0];
	size_t count = 0;

	if (d != NULL)
		d->used = true;
	if (strchr(word(f, 1), '.') != NULL && strncasecmp(word(f, 1), "dhcp.", 5) != 0)
		return;
	s->has_tftp = true;
	if (strcmp(word(f, 2), "=") == 0)
		return; /* an expression */
	if (d != NULL && d->is_text) {
		take_text(f, s, d, line);
		return;
	}
	for (size_t i = 2; i < f->statement.count; i++) {
		const char *value = word(f, i);
		struct ip4 ip;
		if (strcmp(value, ",") == 0)
			continue;
		count++;
		if (value[0] == '"')
			lint_find(f->dhcp.l, LINT_RULE_TEXT_150, line, "%.80s in quotes", value);
		else if (ip4_parse(value, &ip) == 0 || value[strspn(value, "0123456789.")] == 0)
			dhcp_tftp_word(&f->dhcp, s, line, value);
	}
	if (d != NULL && d->is_one && count > 1)
		lint_find(f->dhcp.l, LINT_RULE_SYNTAX, line,
			  "%zu addresses, where line %u defines one", count, d->line);
}

static void take_option(struct isc *f)
{
	struct dhcp_scope *s = here(f);
	uint32_t line = f->statement.line[0];
	const char *name = word(f, 1);
	char bare[WORD_SIZE];
	struct defined *d = find_defined(f, name);

	if (strcmp(word(f, 2), "code") == 0)
		take_definition(f);
	else if (strcmp(name, "space") == 0)
		return;
	else if (d != NULL || strcasecmp(name, OPTION_150) == 0 ||
		 strcasecmp(name, "unknown-150") == 0)
		take_150(f, s, d);
	else if (strcasecmp(name, "tftp-server-name") == 0)
		dhcp_name66(s, line,
			    strcmp(word(f, 2), "=") == 0
				? ""
				: lint_unquoted(word(f, 2), bare, sizeof bare));
	else if (strcasecmp(name, "routers") == 0)
		dhcp_router(s, line, word(f, 2));
	else if (strcasecmp(name, "domain-name-servers") == 0)
		s->has_dns = true;
	else if (strstr(name, "150") != NULL ||
		 (strcasestr(name, "tftp") != NULL && strchr(name, '.') == NULL))
		lint_find(f->dhcp.l, LINT_RULE_UNDEFINED_150, line, "option %.80s", name);
}

/* substring(option vendor-class-identifier, 0, N) = "text": N letters are compared. */
static void check_class(struct isc *f)
{
	char bare[WORD_SIZE];

	for (size_t i = 0; i + 10 < f->statement.count; i++) {
		if (strcasecmp(word(f, i), "substring") != 0 ||
		    strcasecmp(word(f, i + 3), "vendor-class-identifier") != 0 ||
		    strcmp(word(f, i + 9), "=") != 0 || word(f, i + 10)[0] != '"' ||
		    !lint_is_number(word(f, i + 7), 0, 255))
			continue;
		const char *text = lint_unquoted(word(f, i + 10), bare, sizeof bare);
		size_t len = 0;
		for (const char *c = text; *c != 0; len++)
			c += c[0] == '\\' && c[1] == 'x' && strlen(c) >= 4 ? 4
			     : c[0] == '\\' && c[1] != 0                   ? 2
									   : 1;
		unsigned long compared = strtoul(word(f, i + 7), NULL, 10);
		/* More than the text matches where nothing follows: no Cisco phone but the 7910. */
		if (compared < len || (compared > len && strncasecmp(text, "Cisco", 5) == 0))
			lint_find_as(f->dhcp.l, LINT_RULE_CLASS_LENGTH,
				     compared < len ? LINT_ERROR : LINT_WARNING,
				     f->statement.line[i],
				     "%lu letters are compared with %zu: %.80s", compared, len,
				     word(f, i + 10));
	}
}

static void take_statement(struct isc *f)
{
	struct dhcp_scope *s = here(f);
	const char *first = word(f, 0);
	uint32_t line = f->statement.line[0];
	size_t range = strcmp(word(f, 1), "dynamic-bootp") == 0 ? 2 : 1;

	check_class(f);
	if (strcasecmp(first, "option") == 0)
		take_option(f);
	else if (strcasecmp(first, "range") == 0)
		dhcp_range(s, line, word(f, range), word(f, range + 1));
	else if (strcasecmp(first, "next-server") == 0)
		s->has_tftp = true;
	else if (strcasecmp(first, "default-lease-time") == 0)
		dhcp_lease(&f->dhcp, line, word(f, 1));
	f->statement.count = 0;
}

/* What a brace opens. */
static void open_block(struct isc *f)
{
	const char *first = word(f, 0);
	struct dhcp_scope *s = here(f);
	bool side = f->depth > 0 && f->side[f->depth - 1];

	check_class(f);
	if (strcasecmp(first, "subnet") == 0) {
		s = dhcp_scope(&f->dhcp, f->statement.line[0], word(f, 1));
		dhcp_net(&f->dhcp, s, f->statement.line[0], word(f, 1), word(f, 3));
	} else if (lint_is_word(first,
				"class,subclass,host,if,else,elsif,group,shared-network,on")) {
		/* What holds for some: remembered as one more scope, without a network. */
		side = true;
		s = dhcp_scope(&f->dhcp, f->statement.count > 0 ? f->statement.line[0] : f->line,
			       word(f, 1));
	}
	if (f->depth < DEPTH_MAX) {
		f->open[f->depth] = s;
		f->side[f->depth] = side;
	}
	f->depth++;
	f->statement.count = 0;
}

static void close_block(struct isc *f, uint32_t line)
{
	if (f->statement.count > 0)
		lint_find(f->dhcp.l, LINT_RULE_SYNTAX, f->statement.line[f->statement.count - 1],
			  "a ; is missing behind %.60s", word(f, f->statement.count - 1));
	f->statement.count = 0;
	if (f->depth == 0) {
		lint_find(f->dhcp.l, LINT_RULE_SYNTAX, line, "a } that closes nothing");
		return;
	}
	f->depth--;
	if (f->depth < DEPTH_MAX && f->side[f->depth] && f->open[f->depth]->has_tftp)
		f->dhcp.some_tftp = true;
}

/* "{ ip-address }" stands within a definition. */
static bool is_record(const struct isc *f)
{
	return strcasecmp(word(f, 0), "option") == 0 && strcmp(word(f, 2), "code") == 0;
}

static void take_token(struct isc *f, const char *token, uint32_t line)
{
	struct statement *st = &f->statement;
	bool mark = token[1] == 0;

	if (mark && token[0] == ';') {
		if (st->count > 0)
			take_statement(f);
	} else if (mark && token[0] == '{' && !is_record(f)) {
		open_block(f);
	} else if (mark && token[0] == '}' && !is_record(f)) {
		close_block(f, line);
	} else if (st->count < WORDS_MAX) {
		(void)text_copy(st->word[st->count], WORD_SIZE, token);
		st->line[st->count++] = line;
	}
}

/* Text that is never given a value does no harm yet. */
static void judge_unused(struct isc *f)
{
	for (size_t i = 0; i < f->defined_count; i++) {
		const struct defined *d = &f->defined[i];
		if (d->is_text && !d->used)
			lint_find_as(f->dhcp.l, LINT_RULE_TEXT_150, LINT_WARNING, d->line,
				     "defined as %.40s", d->type);
	}
}

void lint_isc(struct lint *l, struct slice file)
{
	static struct isc f; /* one thread; too much for a stack */
	char token[WORD_SIZE];
	uint32_t line = 0;

	memset(&f, 0, sizeof f);
	f.rest = file;
	f.line = 1;
	if (!dhcp_init(&f.dhcp, l))
		return;
	while ((line = next_token(&f, token)) != 0)
		take_token(&f, token, line);
	if (f.statement.count > 0 && f.depth == 0)
		lint_find(l, LINT_RULE_SYNTAX, f.statement.line[0], "the file ends within %.60s",
			  word(&f, 0));
	else if (f.depth > 0)
		lint_find(l, LINT_RULE_SYNTAX, f.line, "%zu } missing at the end", f.depth);
	judge_unused(&f);
	dhcp_finish(&f.dhcp);
}
