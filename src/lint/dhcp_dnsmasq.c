/* dnsmasq.conf, its command line's words, and OpenWrt's list of them. */
#include "lint/dhcp.h"

#include "base/text.h"

#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

#define LINE_SIZE  1024
#define WORD_SIZE  256
#define OPTION_66  66
#define OPTION_150 150

/* Comments begin with a # at the start or behind white space, and not within quotes. */
static void cut_comment(char *line)
{
	char quote = 0;

	char *end = line;

	for (; *end != 0; end++) {
		if (quote == 0 && *end == '#' && (end == line || isspace((unsigned char)end[-1])))
			break;
		if (*end == '"')
			quote = quote == 0 ? '"' : 0;
	}
	while (end > line && isspace((unsigned char)end[-1]))
		end--;
	*end = 0;
}

/* "key=value" of dnsmasq, "--key=value" of its command line, "list dhcp_option 'value'" of OpenWrt.
 */
static const char *read_key(char *line, char key[static WORD_SIZE], char value[static LINE_SIZE])
{
	const char *at = line + strspn(line, " \t-");
	char word[LINE_SIZE];

	cut_comment(line);
	if (strncmp(at, "list dhcp_option", 16) == 0) {
		at += strcspn(at + 5, " \t") + 5;
		(void)text_copy(key, WORD_SIZE, "dhcp-option");
		(void)lint_next_word(&at, " \t", word, sizeof word);
		return lint_unquoted(word, value, LINE_SIZE);
	}
	(void)lint_next_word(&at, " \t=", key, WORD_SIZE);
	at += strspn(at, " \t");
	if (*at == '=')
		at++;
	(void)text_copy(value, LINE_SIZE, at + strspn(at, " \t"));
	return value;
}

/* The number of an option by number or name; 0: another word. */
static unsigned option_number(const char *word)
{
	if (strcmp(word, "option:tftp-server") == 0)
		return OPTION_66;
	if (strcmp(word, "option:tftp-server-address") == 0)
		return OPTION_150;
	if (strcmp(word, "option:router") == 0)
		return 3;
	if (strcmp(word, "option:dns-server") == 0)
		return 6;
	return lint_is_number(word, 1, 254) ? (unsigned)strtoul(word, NULL, 10) : 0;
}

static void take_150(struct dhcp *d, struct dhcp_scope *s, uint32_t line, const char *rest)
{
	char word[WORD_SIZE];
	char bare[WORD_SIZE];
	struct ip4 ip;

	while (*rest != 0) {
		(void)lint_next_word(&rest, ",", word, sizeof word);
		const char *text = lint_unquoted(word, bare, sizeof bare);
		/* 0.0.0.0 is the address of dnsmasq itself. */
		if (strcmp(text, "0.0.0.0") == 0)
			s->has_tftp = true;
		else if (word[0] == '"' ||
			 (ip4_parse(text, &ip) != 0 && strchr(text, ':') == NULL &&
			  text[strspn(text, "0123456789.")] != 0))
			dhcp_tftp_text(d, s, line, text);
		else if (strchr(text, ':') != NULL)
			dhcp_tftp_hex(d, s, line, text);
		else
			dhcp_tftp_word(d, s, line, text);
	}
}

static void take_option(struct dhcp *d, uint32_t line, const char *value)
{
	char word[WORD_SIZE];
	char bare[WORD_SIZE];
	bool inside = false; /* another option */
	unsigned number = 0;

	while (number == 0 && *value != 0) {
		(void)lint_next_word(&value, ",", word, sizeof word);
		inside |= strncmp(word, "encap:", 6) == 0 || strncmp(word, "vi-encap:", 9) == 0 ||
			  strncmp(word, "vendor:", 7) == 0;
		if (strncmp(word, "option6:", 8) == 0)
			return;
		number = option_number(word);
	}
	value += *value == ',';
	if (number == OPTION_150 && inside)
		lint_find(d->l, LINT_RULE_ENCAPSULATED, line, "150 within another option");
	else if (number == OPTION_150)
		take_150(d, &d->all, line, value);
	else if (number == OPTION_66 && !inside)
		dhcp_name66(&d->all, line, lint_unquoted(value, bare, sizeof bare));
	else if (number == 3 && !inside && d->count < 2)
		dhcp_router(d->count > 0 ? &d->scope[0] : &d->all, line, value);
}

/* [tag:…,][set:…,]first,last[,mask[,broadcast]][,lease] */
static void take_range(struct dhcp *d, uint32_t line, const char *value)
{
	char part[6][WORD_SIZE];
	char name[WORD_SIZE] = "";
	size_t n = 0;
	struct ip4 ip;

	while (*value != 0 && n < 6) {
		(void)lint_next_word(&value, ",", part[n], sizeof part[n]);
		bool tag = strchr(part[n], ':') != NULL || (n == 0 && ip4_parse(part[n], &ip) != 0);
		if (tag)
			(void)text_copy(name, sizeof name, part[n]);
		else
			n++;
	}
	if (n == 0 || ip4_parse(part[0], &ip) != 0)
		return;
	struct dhcp_scope *s = dhcp_scope(d, line, name);
	if (n > 1)
		dhcp_range(s, line, part[0], ip4_parse(part[1], &ip) == 0 ? part[1] : "");
	for (size_t i = 2; i < n; i++) {
		/* The network is that of the first address. */
		if (strncmp(part[i], "255.", 4) == 0 && ip4_parse(part[i], &ip) == 0 &&
		    !s->has_net) {
			char network[IP4_TEXT_SIZE];
			(void)ip4_format(ip4_of(ip4_number(s->range[0].first) & ip4_number(ip)),
					 network);
			dhcp_net(d, s, line, network, part[i]);
		}
	}
	if (lint_is_number(part[n - 1], 1, UINT32_MAX))
		dhcp_lease(d, line, part[n - 1]);
}

void lint_dnsmasq(struct lint *l, struct slice file)
{
	struct lint_lines lines = {.rest = file};
	struct dhcp d;
	char line[LINE_SIZE];
	char key[WORD_SIZE];
	char value[LINE_SIZE];

	if (!dhcp_init(&d, l))
		return;
	/* It names itself as DNS server unless it is none. */
	d.all.has_dns = true;
	while (lint_next_line(&lines, line, sizeof line)) {
		(void)read_key(line, key, value);
		if (strcmp(key, "dhcp-option") == 0 || strcmp(key, "dhcp-option-force") == 0)
			take_option(&d, lines.line, value);
		else if (strcmp(key, "dhcp-range") == 0)
			take_range(&d, lines.line, value);
		else if (strcmp(key, "dhcp-boot") == 0 || strcmp(key, "pxe-service") == 0)
			d.some_tftp = true;
		else if (strcmp(key, "port") == 0 && strcmp(value, "0") == 0)
			d.all.has_dns = false;
	}
	dhcp_finish(&d);
}
