/* `ip dhcp pool` of IOS, `dhcpd` of an ASA; with the prompts and marks that notes leave around
 * them. */
#include "lint/dhcp.h"

#include "base/text.h"

#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

#define LINE_SIZE 512
#define WORD_SIZE 128
#define BLANKS    " \t"

/* "Router(dhcp-config)#option 150 ip …" */
static const char *behind_prompt(const char *line)
{
	const char *hash = strchr(line, '#');
	const char *bracket = strstr(line, "(config");
	const char *dhcp = strstr(line, "(dhcp-config");

	if (hash != NULL && ((bracket != NULL && bracket < hash) || (dhcp != NULL && dhcp < hash)))
		line = hash + 1;
	return line + strspn(line, " \t*");
}

static bool is_comment(const char *word)
{
	return word[0] == 0 || word[0] == '#' || word[0] == '!';
}

static void take_addresses(struct dhcp *d, struct dhcp_scope *s, uint32_t line, const char *rest)
{
	char word[WORD_SIZE];

	while (!is_comment(lint_next_word(&rest, BLANKS, word, sizeof word)))
		dhcp_tftp_word(d, s, line, word);
}

/* option 150 ip A B | ascii text | hex digits */
static void take_option(struct dhcp *d, struct dhcp_scope *s, uint32_t line, const char *rest)
{
	char number[WORD_SIZE];
	char form[WORD_SIZE];
	char word[WORD_SIZE];
	char bare[WORD_SIZE];

	(void)lint_next_word(&rest, BLANKS, number, sizeof number);
	(void)lint_next_word(&rest, BLANKS, form, sizeof form);
	if (strcmp(number, "150") == 0 && strcasecmp(form, "ip") == 0) {
		take_addresses(d, s, line, rest);
		return;
	}
	(void)lint_next_word(&rest, BLANKS, word, sizeof word);
	const char *text = lint_unquoted(word, bare, sizeof bare);
	if (strcmp(number, "150") == 0 && strcasecmp(form, "ascii") == 0)
		dhcp_tftp_text(d, s, line, text);
	else if (strcmp(number, "150") == 0 && strcasecmp(form, "hex") == 0)
		dhcp_tftp_hex(d, s, line, text);
	else if (strcmp(number, "150") == 0)
		lint_find(d->l, LINT_RULE_SYNTAX, line, "option 150 %.40s: ip is missing", form);
	else if (strcmp(number, "66") == 0 && strcasecmp(form, "ascii") == 0)
		dhcp_name66(s, line, text);
	else if (strcmp(number, "66") == 0 && strcasecmp(form, "ip") == 0)
		lint_find(d->l, LINT_RULE_VALUE_66, line, "as a binary address: write ascii");
	else if (strcmp(number, "3") == 0)
		dhcp_router(s, line, text);
	else if (strcmp(number, "6") == 0)
		s->has_dns = true;
}

static void take_network(struct dhcp *d, struct dhcp_scope *s, uint32_t line, const char *rest)
{
	char network[WORD_SIZE];
	char mask[WORD_SIZE];
	char prefix[2 * WORD_SIZE];

	(void)lint_next_word(&rest, BLANKS, network, sizeof network);
	(void)lint_next_word(&rest, BLANKS, mask, sizeof mask);
	if (mask[0] != '/') {
		dhcp_net(d, s, line, network, mask);
		return;
	}
	(void)text_copy(prefix, sizeof prefix, network);
	(void)text_copy(prefix + strlen(network), sizeof prefix - strlen(network), mask);
	dhcp_prefix(d, s, line, prefix);
}

/* A command of a pool; false: it is none, so that the pool has ended. */
static bool take_in_pool(struct dhcp *d, struct dhcp_scope *s, uint32_t line, const char *text)
{
	char word[WORD_SIZE];
	char next[WORD_SIZE];
	const char *rest = text;

	(void)lint_next_word(&rest, BLANKS, word, sizeof word);
	if (strcmp(word, "option") == 0)
		take_option(d, s, line, rest);
	else if (strcmp(word, "network") == 0)
		take_network(d, s, line, rest);
	else if (strcmp(word, "default-router") == 0)
		dhcp_router(s, line, lint_next_word(&rest, BLANKS, next, sizeof next));
	else if (strcmp(word, "dns-server") == 0)
		s->has_dns = true;
	else if (strcmp(word, "next-server") == 0 || strcmp(word, "host") == 0)
		s->has_tftp = true;
	else
		return !lint_is_word(
		    word,
		    "ip,interface,telephony-service,exit,end,vlan,router,line,dial-peer,ephone");
	return true;
}

void lint_ios(struct lint *l, struct slice file)
{
	struct lint_lines lines = {.rest = file};
	struct dhcp d;
	struct dhcp_scope *pool = NULL;
	char line[LINE_SIZE];
	char name[WORD_SIZE];

	if (!dhcp_init(&d, l))
		return;
	while (lint_next_line(&lines, line, sizeof line)) {
		const char *text = behind_prompt(line);
		if (is_comment(text))
			continue;
		if (strncmp(text, "ip dhcp pool ", 13) == 0) {
			text += 13;
			pool = dhcp_scope(&d, lines.line,
					  lint_next_word(&text, BLANKS, name, sizeof name));
		} else if (strncmp(text, "dhcpd option ", 13) == 0) {
			take_option(&d, &d.all, lines.line, text + 13);
		} else if (!take_in_pool(&d, pool != NULL ? pool : &d.all, lines.line, text)) {
			pool = NULL;
		}
	}
	dhcp_finish(&d);
}
