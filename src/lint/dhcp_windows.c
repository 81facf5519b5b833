/* The DHCP server of Windows: PowerShell's cmdlets and netsh. */
#include "lint/dhcp.h"

#include "base/text.h"

#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

#define LINE_SIZE 2048
#define WORD_SIZE 256
#define BLANKS    " \t"

struct windows {
	struct dhcp dhcp;
	bool is_text, is_one; /* option 150 as it was defined in this file */
	uint32_t defined;     /* its line */
};

/* The word behind -Name, quotes and all; "" when it is not there. A name stands alone: -OptionId is
 * not found in -OptionIdList. */
static const char *parameter(const char *line, const char *name, char *to, size_t size)
{
	size_t len = strlen(name);

	to[0] = 0;
	for (const char *at = line; (at = strcasestr(at, name)) != NULL; at += len) {
		if (at == line || !isspace((unsigned char)at[-1]) ||
		    !isspace((unsigned char)at[len]))
			continue;
		at += len;
		return lint_next_word(&at, BLANKS, to, size);
	}
	return to;
}

/* A value with commas: "10.1.1.1","10.1.1.2" or 10.1.1.1, 10.1.1.2 or @("…","…"). */
static void take_150(struct windows *w, struct dhcp_scope *s, uint32_t line, const char *value)
{
	char word[WORD_SIZE];
	char bare[WORD_SIZE];
	size_t count = 0;

	while (*value != 0) {
		(void)lint_next_word(&value, ",@()", word, sizeof word);
		const char *text = lint_unquoted(word, bare, sizeof bare);
		if (text[0] == 0 || text[0] == '$')
			s->has_tftp = true;
		else if (w->is_text)
			dhcp_tftp_text(&w->dhcp, s, line, text);
		else
			dhcp_tftp_word(&w->dhcp, s, line, text);
		count += text[0] != 0;
	}
	if (w->is_one && count > 1)
		lint_find(w->dhcp.l, LINT_RULE_SYNTAX, line,
			  "two addresses, where line %u defines one", w->defined);
}

/* The value of -Value, with what follows its commas: they may have blanks behind them. */
static void read_values(const char *line, char *to, size_t size)
{
	const char *at = strcasestr(line, "-Value");
	size_t len = 0;

	to[0] = 0;
	if (at == NULL)
		return;
	at += 6 + strspn(at + 6, BLANKS);
	for (bool comma = false; *at != 0 && len + 1 < size; at++) {
		if (isspace((unsigned char)*at)) {
			const char *next = at + strspn(at, BLANKS);
			if (!comma && *next != ',')
				break;
			continue;
		}
		comma = *at == ',' || *at == '(';
		to[len++] = *at;
	}
	to[len] = 0;
}

static void define_150(struct windows *w, uint32_t line, const char *type, bool many)
{
	w->defined = line;
	w->is_text = strcasecmp(type, "String") == 0;
	w->is_one = !many;
	if (w->is_text)
		lint_find(w->dhcp.l, LINT_RULE_TEXT_150, line, "defined as %.40s", type);
	else if (type[0] != 0 && type[0] != '$' && !lint_is_word(type, "IPv4Address,IPAddress,Ip"))
		lint_find(w->dhcp.l, LINT_RULE_TYPE_150, line, "%.40s", type);
}

/* The scope of that id, begun when it was not met before. */
static struct dhcp_scope *scope_of(struct windows *w, uint32_t line, const char *id)
{
	if (id[0] == 0)
		return &w->dhcp.all;
	for (size_t i = 0; i < w->dhcp.count; i++) {
		if (strcmp(w->dhcp.scope[i].name, id) == 0)
			return &w->dhcp.scope[i];
	}
	return dhcp_scope(&w->dhcp, line, id);
}

static void take_value(struct windows *w, uint32_t line, const char *text)
{
	char word[WORD_SIZE];
	char bare[WORD_SIZE];
	char values[LINE_SIZE];
	struct dhcp_scope *s = scope_of(
	    w, line,
	    lint_unquoted(parameter(text, "-ScopeId", word, sizeof word), bare, sizeof bare));

	(void)parameter(text, "-OptionId", word, sizeof word);
	read_values(text, values, sizeof values);
	if (strcmp(word, "150") == 0 && !w->is_text)
		take_150(w, s, line, values);
	else if (strcmp(word, "150") == 0)
		s->has_tftp = true;
	else if (strcmp(word, "66") == 0)
		dhcp_name66(s, line, lint_unquoted(values, bare, sizeof bare));
	if (parameter(text, "-DnsServer", word, sizeof word)[0] != 0)
		s->has_dns = true;
	if (parameter(text, "-Router", word, sizeof word)[0] != 0)
		dhcp_router(s, line, lint_unquoted(word, bare, sizeof bare));
}

static void take_scope(struct windows *w, uint32_t line, const char *text)
{
	char first[WORD_SIZE];
	char last[WORD_SIZE];
	char mask[WORD_SIZE];
	char bare[3][WORD_SIZE];
	char network[IP4_TEXT_SIZE] = "";
	struct ip4 ip;
	struct ip4 net;

	(void)lint_unquoted(parameter(text, "-StartRange", first, sizeof first), bare[0],
			    WORD_SIZE);
	(void)lint_unquoted(parameter(text, "-EndRange", last, sizeof last), bare[1], WORD_SIZE);
	(void)lint_unquoted(parameter(text, "-SubnetMask", mask, sizeof mask), bare[2], WORD_SIZE);
	if (ip4_parse(bare[0], &ip) != 0 || ip4_parse(bare[2], &net) != 0)
		return;
	(void)ip4_format(ip4_of(ip4_number(ip) & ip4_number(net)), network);
	struct dhcp_scope *s = scope_of(w, line, network);
	dhcp_range(s, line, bare[0], bare[1]);
	dhcp_net(&w->dhcp, s, line, network, bare[2]);
}

/* netsh dhcp server [\\name] [scope A] add optiondef 150 NAME TYPE ARRAY | set optionvalue 150 TYPE
 * values… */
static void take_netsh(struct windows *w, uint32_t line, const char *text)
{
	char word[4][WORD_SIZE];
	const char *definition = strcasestr(text, "optiondef");
	const char *value = strcasestr(text, "optionvalue");
	const char *rest = definition != NULL ? definition + 9 : value != NULL ? value + 11 : "";
	const char *scope = strcasestr(text, "scope ");
	char id[WORD_SIZE] = "";

	if (scope != NULL && scope < rest) {
		scope += 6;
		(void)lint_next_word(&scope, BLANKS, id, sizeof id);
	}
	(void)lint_next_word(&rest, BLANKS, word[0], WORD_SIZE);
	if (definition != NULL && strcmp(word[0], "150") == 0) {
		for (size_t i = 1; i < 4; i++)
			(void)lint_next_word(&rest, BLANKS, word[i], WORD_SIZE);
		define_150(w, line, lint_is_word(word[2], "IPADDRESS") ? "IPAddress" : word[2],
			   strcmp(word[3], "1") == 0);
		return;
	}
	struct dhcp_scope *s = scope_of(w, line, id);
	(void)lint_next_word(&rest, BLANKS, word[1], WORD_SIZE);
	bool is_text = strcasecmp(word[1], "STRING") == 0;
	while (lint_next_word(&rest, BLANKS, word[2], WORD_SIZE)[0] != 0) {
		const char *bare = lint_unquoted(word[2], word[3], WORD_SIZE);
		if (strcmp(word[0], "150") == 0 && is_text && !w->is_text)
			dhcp_tftp_text(&w->dhcp, s, line, bare);
		else if (strcmp(word[0], "150") == 0 && !is_text)
			dhcp_tftp_word(&w->dhcp, s, line, bare);
		else if (strcmp(word[0], "66") == 0)
			dhcp_name66(s, line, bare);
		s->has_dns |= strcmp(word[0], "6") == 0;
		s->has_tftp |= strcmp(word[0], "150") == 0;
	}
}

static void take_line(struct windows *w, uint32_t line, const char *text)
{
	char word[WORD_SIZE];
	char type[WORD_SIZE];

	if (strcasestr(text, "Add-DhcpServerv4OptionDefinition") != NULL) {
		if (strcmp(parameter(text, "-OptionId", word, sizeof word), "150") == 0)
			define_150(w, line,
				   lint_unquoted(parameter(text, "-Type", word, sizeof word), type,
						 sizeof type),
				   strcasestr(text, "-MultiValued") != NULL);
	} else if (strcasestr(text, "Set-DhcpServerv4OptionValue") != NULL) {
		take_value(w, line, text);
	} else if (strcasestr(text, "Add-DhcpServerv4Scope") != NULL) {
		take_scope(w, line, text);
	} else if (strcasestr(text, "optiondef ") != NULL ||
		   strcasestr(text, "optionvalue ") != NULL) {
		take_netsh(w, line, text);
	}
}

void lint_windows(struct lint *l, struct slice file)
{
	struct lint_lines lines = {.rest = file};
	struct windows w = {0};
	char line[LINE_SIZE];
	char whole[2 * LINE_SIZE] = "";
	uint32_t begin = 0;

	if (!dhcp_init(&w.dhcp, l))
		return;
	while (lint_next_line(&lines, line, sizeof line)) {
		size_t len = strlen(line);
		/* A backtick joins lines. */
		bool goes_on = len > 0 && line[len - 1] == '`';
		if (goes_on)
			line[len - 1] = ' ';
		if (begin == 0)
			begin = lines.line;
		(void)text_copy(whole + strlen(whole), sizeof whole - strlen(whole), line);
		if (goes_on)
			continue;
		if (whole[strspn(whole, BLANKS)] != '#')
			take_line(&w, begin, whole);
		whole[0] = 0;
		begin = 0;
	}
	dhcp_finish(&w.dhcp);
}
