/* Names are keys first: they are made canonical, then compared with the catalogue. A name with ".."
 * has no canonical form, so that none ever reaches a file system. */
#include "model/file_name.h"

#include "base/text.h"

#include <stdio.h>
#include <strings.h>

#define MAC_DIGITS 12

static const struct row {
	const char *pattern, *what;
	enum file_kind kind;
	enum file_absence absence;
} rows[] = {
#define N(kind, pattern, absence, what) {pattern, what, FILE_##kind, FILE_ABSENCE_##absence},
#include "model/file_names.def"
#undef N
};

/* Where servers that phones were configured for keep their files: some loads and some people ask
 * for the whole path. */
static const char *const roots[] = {"usr/local/cm/tftp/", "usr/local/cm/TFTP/", "var/lib/tftpboot/",
				    "tftpboot/", "srv/tftp/"};

/* One part of a path, up to the next separator. false for "..". Empty parts and "." add nothing. */
static bool add_part(char *to, size_t *len, const char *part, size_t part_len)
{
	if (part_len == 0 || (part_len == 1 && part[0] == '.'))
		return true;
	if (part_len == 2 && part[0] == '.' && part[1] == '.')
		return false;
	if (*len > 0)
		to[(*len)++] = '/';
	memcpy(to + *len, part, part_len);
	*len += part_len;
	return true;
}

static bool make_path(struct slice asked, char to[static FILE_NAME_SIZE])
{
	const char *text = (const char *)asked.ptr;
	size_t len = 0;
	size_t from = 0;

	if (asked.len >= FILE_NAME_SIZE)
		return false;
	for (size_t i = 0; i <= asked.len; i++) {
		if (i < asked.len && ((unsigned char)text[i] < ' ' || text[i] == 0x7f))
			return false;
		if (i < asked.len && text[i] != '/' && text[i] != '\\')
			continue;
		if (!add_part(to, &len, text + from, i - from))
			return false;
		from = i + 1;
	}
	to[len] = 0;
	/* A directory is no file. */
	return len > 0 && text[asked.len - 1] != '/' && text[asked.len - 1] != '\\';
}

static void take_root_off(char *path)
{
	for (size_t i = 0; i < sizeof roots / sizeof *roots; i++) {
		size_t len = strlen(roots[i]);
		if (strncmp(path, roots[i], len) == 0 && path[len] != 0) {
			memmove(path, path + len, strlen(path + len) + 1);
			return;
		}
	}
}

static bool is_mac(const char *text, bool upper)
{
	const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";

	return strspn(text, digits) >= MAC_DIGITS;
}

static char lower(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c - 'A' + 'a');
	return c;
}

/* `pattern` with at most one run of stars. *ret_mac: where %M or %m matched. */
static bool matches(const char *pattern, const char *name, const char **ret_mac)
{
	for (; *pattern != 0; pattern++) {
		if (*pattern == '*') {
			bool across = pattern[1] == '*';
			const char *rest = pattern + 1 + across;
			size_t rest_len = strlen(rest);
			size_t name_len = strlen(name);
			if (name_len < rest_len ||
			    strcasecmp(name + name_len - rest_len, rest) != 0)
				return false;
			return across || memchr(name, '/', name_len - rest_len) == NULL;
		}
		if (*pattern == '%') {
			if (!is_mac(name, *++pattern == 'M'))
				return false;
			*ret_mac = name;
			name += MAC_DIGITS;
		} else if (lower(*pattern) == lower(*name)) {
			name++;
		} else {
			return false;
		}
	}
	return *name == 0;
}

static void classify(struct file_name *n)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *mac = NULL;
		if (!matches(rows[i].pattern, n->path, &mac))
			continue;
		/* Beside a MAC, letters count: "sep001380AD9E5F" is nobody's name. */
		if (mac != NULL && strncmp(rows[i].pattern, n->path, (size_t)(mac - n->path)) != 0)
			continue;
		n->kind = rows[i].kind;
		n->absence = rows[i].absence;
		n->what = rows[i].what;
		if (strpbrk(rows[i].pattern, "%*") == NULL)
			n->usual = rows[i].pattern;
		return;
	}
}

/* SEP and twelve upper-case digits, wherever they stand (CTLSEP…, WLAN and SIP names carry the
 * digits alone); a profile's digits are lower case. */
static void find_claim(struct file_name *n)
{
	static const char *const fronts[] = {"SEP", "SIP", "WLAN", "ATA"};
	const char *digits = NULL;

	for (size_t i = 0; i < sizeof fronts / sizeof *fronts && digits == NULL; i++) {
		const char *at = strstr(n->path, fronts[i]);
		if (at != NULL && is_mac(at + strlen(fronts[i]), true))
			digits = at + strlen(fronts[i]);
	}
	if (digits == NULL && n->kind == FILE_PHONE_PROFILE)
		digits = n->path + strlen(n->path) - MAC_DIGITS;
	if (digits == NULL)
		return;
	(void)snprintf(n->claim, sizeof n->claim, "%s%.12s",
		       n->kind == FILE_PHONE_ATA ? "ATA" : "SEP", digits);
	for (char *c = n->claim + 3; *c != 0; c++) {
		if (*c >= 'a' && *c <= 'f')
			*c = (char)(*c - 'a' + 'A');
	}
}

bool file_name_read(struct slice asked, struct file_name *ret_name)
{
	struct file_name *n = ret_name;

	memset(n, 0, sizeof *n);
	n->what = "";
	n->usual = "";
	if (!make_path(asked, n->path))
		return false;
	take_root_off(n->path);
	classify(n);
	find_claim(n);
	return true;
}

const char *file_kind_what(enum file_kind kind)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (rows[i].kind == kind)
			return rows[i].what;
	}
	return "";
}
