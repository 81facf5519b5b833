#include "script.h"

#include "base/text.h"
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>

static enum fact_kind kind_of(const char *name)
{
	for (size_t i = 0; i < FACT_COUNT; i++) {
		if (strcmp(fact_row((enum fact_kind)i)->text, name) == 0)
			return (enum fact_kind)i;
	}
	fail_msg("no fact is called %s", name);
	return FACT_COUNT;
}

static struct ip4 ip_of(const char *text)
{
	struct ip4 ip = {{0}};

	if (ip4_parse(text, &ip) != 0)
		fail_msg("no address: %s", text);
	return ip;
}

static struct endpoint endpoint_of(const char *text)
{
	char ip[32];
	const char *colon = strchr(text, ':');

	(void)text_copy_slice(
	    ip, sizeof ip, slice_of(text, colon != NULL ? (size_t)(colon - text) : strlen(text)));
	return (struct endpoint){ip_of(ip),
				 colon != NULL ? (uint16_t)strtoul(colon + 1, NULL, 10) : 0};
}

static uint32_t number_of(const char *text)
{
	/* Signed differences are told as they are kept. */
	return (uint32_t)strtoll(text, NULL, 0);
}

static bool set_address(struct fact *f, const char *key, const char *value)
{
	struct fact_dhcp *d = &f->dhcp;
	const struct {
		const char *key;
		struct ip4 *to;
	} all[] = {{"giaddr", &d->giaddr}, {"ciaddr", &d->ciaddr},       {"yi", &d->yiaddr},
		   {"si", &d->siaddr},     {"requested", &d->requested}, {"server", &d->server_id},
		   {"router", &d->router}, {"mask", &d->mask},           {"dns", &d->dns},
		   {"ip", &f->ip}};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		if (strcmp(all[i].key, key) == 0) {
			*all[i].to = ip_of(value);
			return true;
		}
	}
	if (strcmp(key, "150") == 0 || strcmp(key, "150b") == 0) {
		d->has_150 = true;
		d->option150[d->option150_count++] = ip_of(value);
		return true;
	}
	return false;
}

static bool set_number(struct fact *f, const char *key, const char *value)
{
	uint32_t n = number_of(value);

	if (strcmp(key, "n") == 0)
		f->number = n;
	else if (strlen(key) == 1 && *key >= 'a' && *key <= 'c')
		f->value[*key - 'a'] = n;
	else if (strcmp(key, "vlan") == 0)
		f->vlan = (uint16_t)n;
	else if (strcmp(key, "xid") == 0)
		f->dhcp.xid = n;
	else if (strcmp(key, "secs") == 0)
		f->dhcp.secs = (uint16_t)n;
	else if (strcmp(key, "flags") == 0)
		f->dhcp.flags = (uint16_t)strtoul(value, NULL, 16);
	else if (strcmp(key, "lease") == 0)
		f->dhcp.lease_s = n;
	else
		return false;
	return true;
}

static void set(struct story *s, struct fact *f, const char *key, const char *value)
{
	struct fact_dhcp *d = &f->dhcp;

	if (set_address(f, key, value) || set_number(f, key, value))
		return;
	if (strcmp(key, "peer") == 0 && strcmp(value, "none") == 0) {
		s->no_peer = true;
	} else if (strcmp(key, "peer") == 0) {
		f->peer = endpoint_of(value);
	} else if (strcmp(key, "name") == 0) {
		(void)text_copy(f->name, sizeof f->name, value);
	} else if (strcmp(key, "text") == 0) {
		(void)text_copy(f->text, sizeof f->text, value);
	} else if (strcmp(key, "66") == 0) {
		d->has_66 = true;
		(void)text_copy(d->option66, sizeof d->option66, value);
	} else if (strcmp(key, "sname") == 0) {
		d->has_sname = number_of(value) != 0;
	} else if (strcmp(key, "words") == 0) {
		d->has_150 = d->option150_text = true;
		(void)text_copy(d->option150_words, sizeof d->option150_words, value);
	} else if (strcmp(key, "by") == 0) {
		s->by = (uint8_t)number_of(value);
	} else if (strcmp(key, "site") == 0) {
		s->site = true;
	} else {
		fail_msg("no key is called %s", key);
	}
}

static void default_port(const struct story *s, struct fact *f)
{
	enum fact_family family = fact_row(f->kind)->family;
	bool dhcp_question = f->kind == FACT_DHCP_DISCOVER || f->kind == FACT_DHCP_REQUEST;

	if (s->no_peer)
		return;
	if (ip4_is_zero(f->peer.ip) && !dhcp_question && !s->site)
		f->peer.ip = s->server.ip;
	if (f->peer.port != 0)
		return;
	f->peer.port = family == FAMILY_FILE      ? 69
		       : family == FAMILY_SERVICE ? 6970
		       : family == FAMILY_SIP     ? 5060
		       : family == FAMILY_DHCP    ? 0
						  : 2000;
}

/* The next word of a line; quotes hold spaces together. Returns where it ends. */
static const char *next_word(const char *at, const char *end, char *to, size_t size)
{
	size_t n = 0;
	bool quoted = false;

	while (at < end && *at == ' ')
		at++;
	for (; at < end && (quoted || *at != ' '); at++) {
		if (*at == '\'')
			quoted = !quoted;
		else if (n + 1 < size)
			to[n++] = *at;
	}
	to[n] = 0;
	return at;
}

static void tell_line(struct story *s, const char *at, const char *end)
{
	char word[256];
	struct fact f = {0};

	at = next_word(at, end, word, sizeof word);
	if (word[0] == 0 || word[0] == '#')
		return;
	double seconds = strtod(word, NULL);
	at = next_word(at, end, word, sizeof word);
	f.kind = kind_of(word);
	s->site = false;
	s->no_peer = false;
	s->by = 1;
	for (;;) {
		at = next_word(at, end, word, sizeof word);
		char *equals = strchr(word, '=');
		if (word[0] == 0 || word[0] == '#')
			break;
		if (equals != NULL)
			*equals++ = 0;
		set(s, &f, word, equals != NULL ? equals : "");
	}
	default_port(s, &f);
	story_tell(s, seconds, f);
}

void story_script(struct story *s, const char *script)
{
	while (*script != 0) {
		size_t len = strcspn(script, ";\n");
		tell_line(s, script, script + len);
		script += len + (script[len] != 0);
	}
	s->by = 1;
	s->site = false;
	s->no_peer = false;
}
