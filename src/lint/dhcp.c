/* Options 150 and 66, routers and ranges: what is wrong with them in any server's language. */
#include "lint/dhcp.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#define TFTP_READ   2 /* addresses of option 150 that a phone keeps */
#define LEASE_SHORT 600

bool dhcp_init(struct dhcp *d, struct lint *l)
{
	memset(d, 0, sizeof *d);
	d->l = l;
	d->scope = alloc_zero(DHCP_SCOPES_MAX, sizeof *d->scope);
	if (d->scope == NULL)
		l->error = E_NO_MEMORY;
	return d->scope != NULL;
}

struct dhcp_scope *dhcp_scope(struct dhcp *d, uint32_t line, const char *name)
{
	struct dhcp_scope *s =
	    &d->scope[d->count < DHCP_SCOPES_MAX ? d->count++ : DHCP_SCOPES_MAX - 1];

	memset(s, 0, sizeof *s);
	s->line = line;
	(void)text_copy(s->name, sizeof s->name, name);
	return s;
}

/* Does it look like a host? Then text was meant as one. */
static bool is_path(const char *text)
{
	return text[0] == '/' || text[0] == '(' || lint_ends_with(text, ".lst") ||
	       lint_ends_with(text, ".cfg") || lint_ends_with(text, ".conf");
}

void dhcp_tftp_text(struct dhcp *d, struct dhcp_scope *s, uint32_t line, const char *text)
{
	s->has_tftp = true;
	if (text[0] == 0 || lint_is_placeholder(text))
		return;
	if (is_path(text))
		lint_find(d->l, LINT_RULE_GRUB_150, line, "\"%.80s\"", text);
	else
		lint_find(d->l, LINT_RULE_TEXT_150, line, "\"%.80s\"", text);
}

void dhcp_tftp_word(struct dhcp *d, struct dhcp_scope *s, uint32_t line, const char *word)
{
	struct ip4 ip;

	s->has_tftp = true;
	s->tftp_line = line;
	if (word[0] == 0 || lint_is_placeholder(word))
		return;
	if (ip4_parse(word, &ip) != 0) {
		lint_find(d->l, LINT_RULE_ADDRESS_150, line, "\"%.80s\" is no IPv4 address", word);
		return;
	}
	if (!lint_is_host_address(ip))
		lint_find(d->l, LINT_RULE_ADDRESS_150, line, "%s", word);
	if (s->tftp_count == TFTP_READ)
		lint_find(d->l, LINT_RULE_MANY_150, line, "%s is the third", word);
	if (s->tftp_count < DHCP_TFTP_MAX)
		s->tftp[s->tftp_count++] = ip;
}

void dhcp_tftp_hex(struct dhcp *d, struct dhcp_scope *s, uint32_t line, const char *hex)
{
	char bytes[2 * 4 * DHCP_TFTP_MAX + 1];
	char word[IP4_TEXT_SIZE];
	size_t n = 0;

	s->has_tftp = true;
	if (strncasecmp(hex, "0x", 2) == 0)
		hex += 2;
	for (const char *c = hex; *c != 0 && n < sizeof bytes - 1; c++) {
		if (isxdigit((unsigned char)*c))
			bytes[n++] = *c;
	}
	bytes[n] = 0;
	if (n == 0 || n % 8 != 0) {
		lint_find(d->l, LINT_RULE_LENGTH_150, line, "%zu hexadecimal digits: \"%.60s\"", n,
			  hex);
		return;
	}
	for (size_t i = 0; i < n; i += 8) {
		char part[9];
		(void)text_copy_slice(part, sizeof part, slice_of(bytes + i, 8));
		dhcp_tftp_word(d, s, line,
			       ip4_format(ip4_of((uint32_t)strtoul(part, NULL, 16)), word));
	}
}

void dhcp_name66(struct dhcp_scope *s, uint32_t line, const char *text)
{
	s->has_tftp = true;
	s->line66 = line;
	(void)text_copy(s->name66, sizeof s->name66, text);
}

void dhcp_range(struct dhcp_scope *s, uint32_t line, const char *first, const char *last)
{
	struct dhcp_range r = {.line = line};

	if (s->ranges < DHCP_RANGES_MAX && ip4_parse(first, &r.first) == 0 &&
	    ip4_parse(last[0] != 0 ? last : first, &r.last) == 0)
		s->range[s->ranges++] = r;
}

void dhcp_net(struct dhcp *d, struct dhcp_scope *s, uint32_t line, const char *network,
	      const char *mask)
{
	if (ip4_parse(network, &s->network) != 0 || ip4_parse(mask, &s->mask) != 0)
		return;
	uint32_t host = ~ip4_number(s->mask);
	/* A mask's zeros stand behind its ones. */
	s->has_net = (host & (host + 1)) == 0;
	if (!s->has_net)
		lint_find(d->l, LINT_RULE_SYNTAX, line, "the mask %s", mask);
	else if ((ip4_number(s->network) & host) != 0)
		lint_find(d->l, LINT_RULE_SYNTAX, line, "%s is no network of mask %s", network,
			  mask);
}

void dhcp_prefix(struct dhcp *d, struct dhcp_scope *s, uint32_t line, const char *prefix)
{
	char network[IP4_TEXT_SIZE];
	char mask[IP4_TEXT_SIZE];
	const char *slash = strchr(prefix, '/');

	if (slash == NULL || !lint_is_number(slash + 1, 1, 32))
		return;
	unsigned long bits = strtoul(slash + 1, NULL, 10);
	(void)text_copy_slice(network, sizeof network, slice_of(prefix, (size_t)(slash - prefix)));
	dhcp_net(d, s, line, network, ip4_format(ip4_of(UINT32_MAX << (32 - bits)), mask));
}

void dhcp_router(struct dhcp_scope *s, uint32_t line, const char *word)
{
	if (ip4_parse(word, &s->router) == 0)
		s->router_line = line;
}

void dhcp_lease(struct dhcp *d, uint32_t line, const char *seconds)
{
	if (lint_is_number(seconds, 1, LEASE_SHORT - 1) && !lint_found(d->l, LINT_RULE_LEASE))
		lint_find(d->l, LINT_RULE_LEASE, line, "%s seconds", seconds);
}

static bool is_in(const struct dhcp_range *r, struct ip4 ip)
{
	return ip4_number(ip) >= ip4_number(r->first) && ip4_number(ip) <= ip4_number(r->last);
}

static bool is_in_net(const struct dhcp_scope *s, struct ip4 ip)
{
	return ip4_in_subnet(ip, s->network, s->mask);
}

static void judge_net(struct dhcp *d, const struct dhcp_scope *s)
{
	char ip[IP4_TEXT_SIZE];
	char other[IP4_TEXT_SIZE];

	if (s->has_net && s->router_line != 0 && !is_in_net(s, s->router))
		lint_find(d->l, LINT_RULE_GATEWAY, s->router_line, "%s, of the network %s",
			  ip4_format(s->router, ip), ip4_format(s->network, other));
	for (unsigned i = 0; i < s->ranges; i++) {
		const struct dhcp_range *r = &s->range[i];
		bool turned = ip4_number(r->first) > ip4_number(r->last);
		if (turned || (s->has_net && (!is_in_net(s, r->first) || !is_in_net(s, r->last))))
			lint_find(d->l, LINT_RULE_RANGE, r->line, "%s to %s",
				  ip4_format(r->first, ip), ip4_format(r->last, other));
	}
}

/* The addresses of option 150 that hold here: its own, else those of all. */
static void judge_tftp(struct dhcp *d, const struct dhcp_scope *s)
{
	const struct dhcp_scope *from = s->tftp_count > 0 ? s : &d->all;
	char ip[IP4_TEXT_SIZE];

	for (unsigned i = 0; i < from->tftp_count; i++) {
		for (unsigned k = 0; k < s->ranges; k++) {
			if (is_in(&s->range[k], from->tftp[i]))
				lint_find(d->l, LINT_RULE_TFTP_IN_RANGE, s->range[k].line, "%s",
					  ip4_format(from->tftp[i], ip));
		}
	}
}

static void judge_66(struct dhcp *d, const struct dhcp_scope *s)
{
	const struct dhcp_scope *with150 = s->tftp_count > 0 ? s : &d->all;
	struct ip4 ip;
	bool is_address = ip4_parse(s->name66, &ip) == 0;
	bool same = false;

	if (s->line66 == 0 || s->name66[0] == 0 || lint_is_placeholder(s->name66))
		return;
	for (unsigned i = 0; i < with150->tftp_count; i++)
		same |= is_address && ip4_equal(ip, with150->tftp[i]);
	if (!lint_is_host(s->name66))
		lint_find_as(d->l, LINT_RULE_VALUE_66,
			     with150->tftp_count > 0 ? LINT_REMARK : LINT_WARNING, s->line66,
			     "\"%.70s\"", s->name66);
	else if (is_address && with150->tftp_count > 0 && !same)
		lint_find(d->l, LINT_RULE_DIFFERENT, s->line66, "66 is %s", s->name66);
	else if (!is_address && with150->tftp_count == 0 && !s->has_dns && !d->all.has_dns)
		lint_find(d->l, LINT_RULE_NAME_66, s->line66, "\"%.70s\"", s->name66);
}

static bool is_voice(const char *name)
{
	return strcasestr(name, "voi") != NULL || strcasestr(name, "phone") != NULL ||
	       strcasestr(name, "telefon") != NULL;
}

/* A network for PCs needs no TFTP server: only where none has one, or the name says phones. */
static void judge_missing(struct dhcp *d)
{
	bool some = d->some_tftp || d->all.has_tftp;

	/* What could not be read may have named one. */
	if (lint_found(d->l, LINT_RULE_SYNTAX) || lint_found(d->l, LINT_RULE_ENCAPSULATED) ||
	    lint_found(d->l, LINT_RULE_UNDEFINED_150))
		return;
	for (size_t i = 0; i < d->count; i++)
		some |= d->scope[i].has_tftp;
	for (size_t i = 0; i < d->count; i++) {
		const struct dhcp_scope *s = &d->scope[i];
		bool meant = s->has_net || s->ranges > 0;
		if (!meant || s->has_tftp || d->all.has_tftp || d->some_tftp ||
		    (some && !is_voice(s->name)))
			continue;
		lint_find(d->l, LINT_RULE_NO_TFTP, s->line, "%.47s",
			  s->name[0] != 0 ? s->name : "in this scope");
		if (!some)
			return;
	}
}

void dhcp_finish(struct dhcp *d)
{
	for (size_t i = 0; i < d->count; i++) {
		judge_net(d, &d->scope[i]);
		judge_tftp(d, &d->scope[i]);
		judge_66(d, &d->scope[i]);
	}
	judge_net(d, &d->all);
	judge_tftp(d, &d->all);
	judge_66(d, &d->all);
	judge_missing(d);
	alloc_free(d->scope);
	d->scope = NULL;
}

bool lint_next_line(struct lint_lines *lines, char *to, size_t size)
{
	if (lines->rest.len == 0)
		return false;
	const uint8_t *end = memchr(lines->rest.ptr, '\n', lines->rest.len);
	size_t len = end != NULL ? (size_t)(end - lines->rest.ptr) : lines->rest.len;
	(void)text_copy_slice(to, size, slice_head(lines->rest, len));
	lines->rest = slice_from(lines->rest, len + 1);
	lines->line++;
	for (len = strlen(to); len > 0 && isspace((unsigned char)to[len - 1]);)
		to[--len] = 0;
	return true;
}

const char *lint_next_word(const char **text, const char *separators, char *to, size_t size)
{
	const char *from = *text + strspn(*text, separators);
	const char *at = from;
	char quote = 0;

	for (; *at != 0 && (quote != 0 || strchr(separators, *at) == NULL); at++) {
		if (quote == 0 && (*at == '"' || *at == '\''))
			quote = *at;
		else if (*at == quote)
			quote = 0;
	}
	(void)text_copy_slice(to, size, slice_of(from, (size_t)(at - from)));
	*text = at;
	return to;
}

const char *lint_unquoted(const char *word, char *to, size_t size)
{
	size_t len = strlen(word);
	bool quoted = len >= 2 && (word[0] == '"' || word[0] == '\'') && word[len - 1] == word[0];

	(void)text_copy_slice(to, size, quoted ? slice_of(word + 1, len - 2) : slice_of(word, len));
	return to;
}
