/* What a file is: by its contents, then by its name. */
#include "lint/lint_internal.h"

#include "base/text.h"
#include "cnf/cnf.h"

#include <ctype.h>
#include <strings.h>

#define LINE_MAX_ 256

static const struct {
	const char *root;
	enum lint_kind kind;
} roots[] = {
    {"device", LINT_DEVICE},
    {"Default", LINT_DEFAULT},
    {"dialTemplate", LINT_DIAL_PLAN},
    {"DialRules", LINT_APP_DIAL_RULES},
    {"softKeyCfg", LINT_SOFT_KEYS},
    {"featurePolicy", LINT_FEATURE_POLICY},
    {"CiscoIPPhoneRingList", LINT_RINGS},
    {"CiscoIPPhoneImageList", LINT_PICTURES},
    {"html", LINT_WEB_PAGE},
};

/* One line of text without its end and the white space before it; false at the end. */
static bool next_line(struct slice *rest, char to[static LINE_MAX_])
{
	if (rest->len == 0)
		return false;
	const uint8_t *end = memchr(rest->ptr, '\n', rest->len);
	struct slice line = slice_head(*rest, end != NULL ? (size_t)(end - rest->ptr) : rest->len);
	*rest = slice_from(*rest, line.len + 1);
	while (line.len > 0 && (line.ptr[0] == ' ' || line.ptr[0] == '\t'))
		line = slice_from(line, 1);
	(void)text_copy_slice(to, LINE_MAX_, line);
	return true;
}

static size_t skip_to(struct slice s, size_t at, const char *mark)
{
	size_t len = strlen(mark);

	while (at + len <= s.len && memcmp(s.ptr + at, mark, len) != 0)
		at++;
	return at + len <= s.len ? at + len : s.len;
}

/* The name of the first element, as far as it can be seen without parsing. */
static void root_name(struct slice s, char to[static 64])
{
	size_t at = 0;
	size_t len = 0;

	to[0] = 0;
	while (at < s.len) {
		at = skip_to(s, at, "<");
		if (at >= s.len)
			return;
		if (s.ptr[at] == '?')
			at = skip_to(s, at, "?>");
		else if (s.ptr[at] == '!')
			at = skip_to(s, at, s.len > at + 1 && s.ptr[at + 1] == '-' ? "-->" : ">");
		else
			break;
	}
	while (at + len < s.len && len < 63 &&
	       (isalnum(s.ptr[at + len]) || s.ptr[at + len] == ':' || s.ptr[at + len] == '_'))
		len++;
	(void)text_copy_slice(to, 64, slice_head(slice_from(s, at), len));
}

static enum lint_kind kind_of_xml(const char *name, struct slice bytes)
{
	char root[64];

	root_name(bytes, root);
	for (size_t i = 0; i < sizeof roots / sizeof *roots; i++) {
		if (strcasecmp(root, roots[i].root) == 0)
			return roots[i].kind;
	}
	/* Of a kind only its name promises the checks say that the root is wrong. */
	enum lint_kind promised = lint_kind_of_name(name);
	return promised == LINT_DEVICE || promised == LINT_DEFAULT ? promised : LINT_XML;
}

static bool begins(const char *line, const char *word)
{
	return strncasecmp(line, word, strlen(word)) == 0;
}

static bool is_windows(const char *line)
{
	return strcasestr(line, "DhcpServerv4") != NULL || begins(line, "netsh dhcp") ||
	       begins(line, "dhcp server ") || begins(line, "scope ") ||
	       strcasestr(line, "optionvalue") != NULL;
}

static bool is_ios(const char *line)
{
	return begins(line, "ip dhcp ") || begins(line, "default-router ") ||
	       begins(line, "dhcpd option") ||
	       (begins(line, "option ") && isdigit((unsigned char)line[7]) &&
		(strstr(line, " ip ") != NULL || strstr(line, " ascii ") != NULL ||
		 strstr(line, " hex ") != NULL));
}

static bool is_dnsmasq(const char *line)
{
	return begins(line, "dhcp-option") || begins(line, "dhcp-range") ||
	       begins(line, "dhcp-host") || begins(line, "dhcp-boot") ||
	       begins(line, "list dhcp_option") || begins(line, "dhcp-vendorclass") ||
	       begins(line, "dhcp-match");
}

static bool is_isc(const char *line)
{
	bool ends = strpbrk(line, ";{") != NULL;

	return (begins(line, "option ") && (ends || strstr(line, " code ") != NULL) &&
		!isdigit((unsigned char)line[7])) ||
	       (begins(line, "subnet ") && strstr(line, " netmask ") != NULL) ||
	       (begins(line, "shared-network ") && ends) || (begins(line, "range ") && ends) ||
	       (begins(line, "default-lease-time ") && ends) ||
	       (begins(line, "next-server ") && ends) ||
	       (begins(line, "hardware ethernet ") && ends) ||
	       (begins(line, "ddns-update-style ") && ends) || begins(line, "match if ");
}

/* The DHCP server whose words most lines are. */
static enum lint_kind kind_of_dhcp(struct slice bytes)
{
	static const struct {
		enum lint_kind kind;
		bool (*is)(const char *line);
	} servers[] = {{LINT_WINDOWS, is_windows},
		       {LINT_IOS, is_ios},
		       {LINT_DNSMASQ, is_dnsmasq},
		       {LINT_ISC, is_isc}};
	size_t count[sizeof servers / sizeof *servers] = {0};
	size_t best = 0;
	char line[LINE_MAX_];

	while (next_line(&bytes, line)) {
		for (size_t i = 0; i < sizeof servers / sizeof *servers; i++)
			count[i] += servers[i].is(line);
	}
	for (size_t i = 1; i < sizeof servers / sizeof *servers; i++) {
		if (count[i] > count[best])
			best = i;
	}
	return count[best] > 0 ? servers[best].kind : LINT_UNKNOWN;
}

static bool contains(struct slice bytes, const char *text)
{
	return bytes.ptr != NULL && memmem(bytes.ptr, bytes.len, text, strlen(text)) != NULL;
}

static bool is_kea(struct slice bytes)
{
	return contains(bytes, "{") &&
	       (contains(bytes, "\"Dhcp4\"") || contains(bytes, "\"option-data\"") ||
		contains(bytes, "\"option-def\"") || contains(bytes, "\"subnet4\""));
}

/* "115  SIP41.8-5-4S  11  // IP Phone 7941 SIP" */
static bool is_load_map(const char *line)
{
	size_t digits = strspn(line, "0123456789");
	size_t blanks = strspn(line + digits, " \t");

	return digits > 0 && blanks > 0 && lint_load_protocol(line + digits + blanks) != LOAD_ANY;
}

/* A line that names an image, or a load's map; one word alone. */
static enum lint_kind kind_of_list(struct slice bytes)
{
	static const char *const images[] = {".sbn",      ".sb2", ".zz.sgn",
					     ".bin1.sgn", ".bin", ".sbin"};
	char line[LINE_MAX_];
	size_t words = 0;
	size_t lines = 0;

	while (next_line(&bytes, line)) {
		line[strcspn(line, "\r")] = 0;
		if (line[0] == 0 || line[0] == '#')
			continue;
		if (is_load_map(line))
			return LINT_LOAD_MAP;
		line[strcspn(line, " \t")] = 0;
		for (size_t i = 0; i < sizeof images / sizeof *images; i++) {
			if (lint_ends_with(line, images[i]))
				return LINT_LOADS;
		}
		lines++;
		words += lint_load_protocol(line) != LOAD_ANY;
	}
	return lines == 1 && words == 1 ? LINT_IMAGE_CHOICE : LINT_UNKNOWN;
}

static enum lint_kind kind_of_text(struct slice bytes)
{
	if (is_kea(bytes))
		return LINT_KEA;
	enum lint_kind kind = kind_of_dhcp(bytes);
	if (kind == LINT_UNKNOWN && lint_is_sip_text(bytes))
		kind = LINT_SIP_TEXT;
	return kind != LINT_UNKNOWN ? kind : kind_of_list(bytes);
}

static enum lint_kind kind_of_signed(const char *name)
{
	enum lint_kind promised = lint_kind_of_name(name);

	return promised == LINT_LOADS || promised == LINT_TRUST ? promised : LINT_SIGNED;
}

enum lint_kind lint_kind_of(const char *name, struct slice bytes)
{
	enum lint_kind kind = LINT_UNKNOWN;
	enum lint_kind promised = lint_kind_of_name(name);

	if (bytes.len == 0)
		return promised;
	if (promised == LINT_IMAGE_CHOICE && cnf_form_of(bytes) == CNF_FORM_OTHER)
		return promised;
	/* An image may begin as anything. */
	if (promised == LINT_IMAGE && !contains(slice_head(bytes, 512), "<html") &&
	    !contains(slice_head(bytes, 512), "<!DOCTYPE"))
		return LINT_IMAGE;
	switch (cnf_form_of(bytes)) {
	case CNF_FORM_XML:
		kind = kind_of_xml(name, bytes);
		break;
	case CNF_FORM_BINARY:
		kind = LINT_BINARY;
		break;
	case CNF_FORM_PROFILE:
		kind = LINT_PROFILE;
		break;
	case CNF_FORM_SIGNED:
		kind = kind_of_signed(name);
		break;
	case CNF_FORM_SIP_TEXT:
	case CNF_FORM_OTHER:
		kind = memchr(bytes.ptr, 0, bytes.len) == NULL ? kind_of_text(bytes) : LINT_UNKNOWN;
		break;
	}
	return kind != LINT_UNKNOWN ? kind : promised;
}
