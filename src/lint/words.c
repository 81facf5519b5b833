/* Single values: placeholders, hosts, ports, numbers. */
#include "lint/lint_internal.h"

#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

#define HOST_MAX 255

static bool has(const char *text, const char *part)
{
	return strstr(text, part) != NULL;
}

static bool is_words(const char *text)
{
	static const char *const words[] = {
	    "GOES HERE",    "GOES_HERE",  "_HERE",     "CHANGE_ME", "CHANGEME", "REPLACEWITH",
	    "REPLACE_WITH", "YOUR_",      "YOUR-",     "YOUR ",     "_NODE_IP", "SERVER_IP",
	    "PROXY_IP",     "IP_ADDRESS", "IPADDRESS", "IP ADDRESS"};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (has(text, words[i]))
			return true;
	}
	return false;
}

/* x.x.x.x, xxx.xxx.xxx.xxx, y.y.y.y: four parts of one letter, or one letter repeated. */
static bool is_dotted_x(const char *text)
{
	size_t parts = 0;

	for (;; text++) {
		size_t same = 0;
		while (text[same] != 0 && text[same] == text[0])
			same++;
		if (!isalpha((unsigned char)text[0]) || same > 3)
			return false;
		parts++;
		text += same;
		if (*text != '.')
			return *text == 0 && parts == 4;
	}
}

/* Capitals with '_' or a blank between: PROXY_PORT, FREEPBX SERVER. */
static bool is_shouted(const char *text)
{
	size_t letters = 0;
	size_t gaps = 0;

	for (; *text != 0; text++) {
		letters += isupper((unsigned char)*text) != 0;
		gaps += *text == '_' || *text == ' ';
		if (islower((unsigned char)*text) || strchr(".:/", *text) != NULL)
			return false;
	}
	return letters >= 4 && gaps > 0;
}

/* Elements and keys that hold a host, a port or a URL: nobody shouts in them. */
static bool is_technical(const char *name)
{
	static const char *const endings[] = {"NodeName", "port", "url",   "proxy",
					      "address",  "addr", "server"};

	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
		if (lint_ends_with(name, endings[i]))
			return true;
	}
	return false;
}

bool lint_is_open(const char *name, const char *text)
{
	return lint_is_placeholder(text) || (is_technical(name) && is_shouted(text));
}

/* What templates of all kinds leave for somebody, or some program, to fill in. */
bool lint_is_placeholder(const char *text)
{
	size_t len = strlen(text);

	if (len == 0)
		return false;
	if (has(text, "{{") || has(text, "{$") || has(text, "{%") || has(text, "${") ||
	    has(text, "$(") || has(text, "<?") || has(text, "###") || has(text, "!!!") ||
	    has(text, "@@") || has(text, "[%") || has(text, "x.x.x.x"))
		return true;
	if (len > 2 &&
	    ((text[0] == '{' && text[len - 1] == '}' && !has(text, "-")) ||
	     (text[0] == '[' && text[len - 1] == ']' && !has(text, ":")) ||
	     (text[0] == '<' && text[len - 1] == '>') || (text[0] == '%' && text[len - 1] == '%')))
		return true;
	if (len > 4 && text[0] == '_' && text[1] == '_' && text[len - 1] == '_' &&
	    text[len - 2] == '_')
		return true;
	/* $server_ip, #EXTENSION: a number or a code may begin so too. */
	if ((text[0] == '$' || text[0] == '#') &&
	    (isalpha((unsigned char)text[1]) || text[1] == '_'))
		return true;
	return is_dotted_x(text) || is_words(text);
}

static bool is_label_character(char c)
{
	return isalnum((unsigned char)c) || c == '-' || c == '_';
}

/* Only digits and dots: an address, or nothing. */
static bool is_dotted_number(const char *text)
{
	return text[strspn(text, "0123456789.")] == 0;
}

static bool is_ip6(const char *text)
{
	size_t colons = 0;

	for (; *text != 0; text++) {
		if (*text == ':')
			colons++;
		else if (!isxdigit((unsigned char)*text) && *text != '.')
			return false;
	}
	return colons >= 2;
}

bool lint_is_host(const char *text)
{
	struct ip4 ip;
	size_t len = strlen(text);

	if (len == 0 || len > HOST_MAX)
		return false;
	if (is_dotted_number(text))
		return ip4_parse(text, &ip) == 0;
	if (is_ip6(text))
		return true;
	if (text[0] == '.' || text[0] == '-')
		return false;
	for (size_t i = 0; i < len; i++) {
		bool dot = text[i] == '.' && text[i - 1] != '.';
		if (!dot && !is_label_character(text[i]))
			return false;
	}
	return true;
}

bool lint_is_number(const char *text, uint32_t least, uint32_t most)
{
	if (text[0] == 0 || text[strspn(text, "0123456789")] != 0 || strlen(text) > 10)
		return false;
	unsigned long long n = strtoull(text, NULL, 10);
	return n >= least && n <= most;
}

bool lint_is_port(const char *text)
{
	return lint_is_number(text, 1, UINT16_MAX);
}

bool lint_is_host_address(struct ip4 ip)
{
	return ip.b[0] != 0 && ip.b[0] != 127 && ip.b[0] < 224;
}

bool lint_ends_with(const char *text, const char *ending)
{
	size_t len = strlen(text);
	size_t end = strlen(ending);

	return len >= end && strcasecmp(text + len - end, ending) == 0;
}

bool lint_is_word(const char *text, const char *list)
{
	size_t len = strlen(text);

	while (*list != 0) {
		size_t n = strcspn(list, ",");
		if (n == len && strncasecmp(text, list, n) == 0)
			return true;
		list += n + (list[n] == ',');
	}
	return false;
}

bool lint_is_in_range(const char *text, const char *range)
{
	char *end = NULL;
	uint32_t least = (uint32_t)strtoul(range, &end, 10);

	return lint_is_number(text, least, (uint32_t)strtoul(end + 1, NULL, 10));
}
