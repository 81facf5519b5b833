/* What a file's name says it is, and names that phones will not ask for. */
#include "lint/lint_internal.h"

#include "base/text.h"
#include "model/file_name.h"

#include <ctype.h>
#include <stdio.h>
#include <strings.h>

#define MAC_DIGITS 12
#define OWN_ENDING ".cnf.xml"

static enum lint_kind kind_of_catalogue(enum file_kind kind)
{
	switch (kind) {
	case FILE_PHONE:
	case FILE_PHONE_ATA:
		return LINT_DEVICE;
	case FILE_DEFAULT:
		return LINT_DEFAULT;
	case FILE_PHONE_SIGNED:
	case FILE_DEFAULT_SIGNED:
		return LINT_SIGNED;
	case FILE_PHONE_BINARY:
	case FILE_DEFAULT_BINARY:
		return LINT_BINARY;
	case FILE_PHONE_SIP:
	case FILE_DEFAULT_SIP:
		return LINT_SIP_TEXT;
	case FILE_PHONE_PROFILE:
	case FILE_DEFAULT_PROFILE:
		return LINT_PROFILE;
	case FILE_TRUST:
		return LINT_TRUST;
	case FILE_IMAGE_CHOICE:
		return LINT_IMAGE_CHOICE;
	case FILE_LOADS:
		return LINT_LOADS;
	case FILE_IMAGE:
		return LINT_IMAGE;
	case FILE_RINGS:
	case FILE_RINGS_DISTINCT:
		return LINT_RINGS;
	case FILE_DIAL_PLAN:
		return LINT_DIAL_PLAN;
	case FILE_APP_DIAL_RULES:
		return LINT_APP_DIAL_RULES;
	case FILE_SOFT_KEYS:
		return LINT_SOFT_KEYS;
	case FILE_FEATURE_POLICY:
		return LINT_FEATURE_POLICY;
	case FILE_OTHER:
	case FILE_RING:
	case FILE_TONES:
	case FILE_LOCALE:
	case FILE_BACKGROUND:
	case FILE_WLAN:
	case FILE_SYNC:
		return LINT_UNKNOWN;
	}
	return LINT_UNKNOWN;
}

enum lint_kind lint_kind_of_name(const char *name)
{
	const char *base = lint_base_name(name);
	struct file_name known;

	if (file_name_read(slice_text(base), &known) && known.kind != FILE_OTHER)
		return kind_of_catalogue(known.kind);
	if (lint_ends_with(base, ".tlv"))
		return LINT_TRUST;
	if (lint_ends_with(base, ".sgn"))
		return LINT_SIGNED;
	if (lint_ends_with(base, ".cnf.xml"))
		return LINT_DEVICE;
	return LINT_UNKNOWN;
}

/* Twelve letters or digits that were meant as a MAC: digits, and what is taken for one. */
static size_t mac_like(const char *text)
{
	return strspn(text, "0123456789abcdefABCDEFoOlI:-");
}

static size_t hex_digits(const char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += isxdigit((unsigned char)text[i]) != 0;
	return n;
}

/* A name that begins as a phone's own and goes on with something like a MAC: what is wrong with it?
 * "" when it is a template's name, or right. */
static void check_own_name(struct lint *l, const char *base)
{
	size_t len = mac_like(base + 3);
	const char *ending = base + 3 + len;
	char right[64];
	size_t n = 0;

	/* Templates are called SEP0000000000…, SEPMAC, SEP-REPLACEWITH: nothing like an address. */
	if (hex_digits(base + 3, len) < MAC_DIGITS - 2 || len > MAC_DIGITS + 5 ||
	    strspn(base + 3, "0:-") >= MAC_DIGITS - 2)
		return;
	if (hex_digits(base + 3, len) != len || len != MAC_DIGITS) {
		if (strncasecmp(ending, OWN_ENDING, 4) == 0)
			lint_find(l, LINT_RULE_NAME, 0, "%.48s has %zu digits where 12 must be",
				  base, hex_digits(base + 3, len));
		return;
	}
	n += (size_t)snprintf(right, sizeof right, "SEP");
	for (size_t i = 0; i < MAC_DIGITS; i++)
		right[n++] = (char)toupper((unsigned char)base[3 + i]);
	(void)snprintf(right + n, sizeof right - n, OWN_ENDING);
	if (strcasecmp(base, right) == 0 && strcmp(base, right) != 0)
		lint_find(l, LINT_RULE_NAME_CASE, 0, "%.48s, where phones ask for %s", base, right);
	else if (strcasecmp(ending, ".xml") == 0 || strcasecmp(ending, ".cfg.xml") == 0 ||
		 strcasecmp(ending, ".cnf.xml.txt") == 0 || strcasecmp(ending, ".cnf.txt") == 0 ||
		 strcasecmp(ending, "cnf.xml") == 0 || strcasecmp(ending, ".conf.xml") == 0)
		lint_find(l, LINT_RULE_NAME, 0, "%.48s, where phones ask for %s", base, right);
}

/* Names that a phone asks for letter by letter. */
static void check_fixed_name(struct lint *l, const char *base)
{
	static const char *const names[] = {"XMLDefault.cnf.xml", "SEPDEFAULT.cnf",
					    "SIPDefault.cnf",     "OS79XX.TXT",
					    "ITLFile.tlv",        "CTLFile.tlv"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (strcasecmp(base, names[i]) == 0 && strcmp(base, names[i]) != 0)
			lint_find(l, LINT_RULE_NAME_CASE, 0, "%.48s, where phones ask for %s", base,
				  names[i]);
	}
}

/* Contents that are not what the name promises, where a phone would take the one for the other. */
static bool promises_other(enum lint_kind name, enum lint_kind content)
{
	if (name == content || name == LINT_UNKNOWN || content == LINT_UNKNOWN ||
	    content == LINT_WEB_PAGE)
		return false;
	return name == LINT_DEVICE || name == LINT_DEFAULT || name == LINT_SIP_TEXT ||
	       name == LINT_BINARY || name == LINT_DIAL_PLAN || name == LINT_SOFT_KEYS ||
	       name == LINT_RINGS;
}

void lint_check_name(struct lint *l, const char *name, enum lint_kind content)
{
	const char *base = lint_base_name(name);
	enum lint_kind promised = lint_kind_of_name(name);

	if (strncasecmp(base, "SEP", 3) == 0)
		check_own_name(l, base);
	/* In the folder alone a name is what it will be asked by: a single file may be called
	 * anything, as xmldefault-old.cnf.xml. */
	if (l->file[l->now].in_root)
		check_fixed_name(l, base);
	/* Any other file of XML whose root nobody knows is told of by C-03. */
	if (content != LINT_XML && promises_other(promised, content) &&
	    (lint_ends_with(base, ".cnf.xml")
		 ? strncmp(base, "SEP", 3) == 0 || strcmp(base, "XMLDefault.cnf.xml") == 0
		 : true))
		lint_find(l, LINT_RULE_NAME_KIND, 0, "%.48s holds %s", base,
			  lint_kind_what(content));
}
