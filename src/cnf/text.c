/* The forms that are not XML: SIP's "key: value" lines, CallManager 3's binary file. */
#include "base/text.h"

#include "base/error.h"
#include "cnf/parse_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#define BINARY_ADDRESS 5
#define BINARY_PORT    11
#define BINARY_MIN     20
#define PROXIES        6

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct slice next_line(struct slice *rest)
{
	const uint8_t *end = rest->len > 0 ? memchr(rest->ptr, '\n', rest->len) : NULL;
	struct slice line = slice_head(*rest, end != NULL ? (size_t)(end - rest->ptr) : rest->len);

	*rest = slice_from(*rest, line.len + 1);
	while (line.len > 0 && is_blank(line.ptr[0]))
		line = slice_of(line.ptr + 1, line.len - 1);
	while (line.len > 0 && is_blank(line.ptr[line.len - 1]))
		line.len--;
	return line;
}

static size_t key_length(struct slice line)
{
	size_t n = 0;

	while (n < line.len &&
	       ((line.ptr[n] | 0x20) >= 'a' || line.ptr[n] == '_' ||
		(n > 0 && line.ptr[n] >= '0' && line.ptr[n] <= '9')) &&
	       line.ptr[n] < 0x7b)
		n++;
	return n;
}

/* "key: value", "key : value", "key=value". The value without its quotes and what follows a ';'. */
static bool read_pair(struct slice line, struct slice *ret_key, struct slice *ret_value)
{
	size_t key = key_length(line);
	size_t at = key;

	while (at < line.len && is_blank(line.ptr[at]))
		at++;
	if (key == 0 || at == line.len || (line.ptr[at] != ':' && line.ptr[at] != '='))
		return false;
	*ret_key = slice_head(line, key);
	struct slice value = slice_from(line, at + 1);
	while (value.len > 0 && is_blank(value.ptr[0]))
		value = slice_of(value.ptr + 1, value.len - 1);
	bool quoted = value.len > 0 && value.ptr[0] == '"';
	value = slice_from(value, quoted);
	const uint8_t *end =
	    value.len > 0 ? memchr(value.ptr, quoted ? '"' : ';', value.len) : NULL;
	if (end != NULL)
		value.len = (size_t)(end - value.ptr);
	while (value.len > 0 && is_blank(value.ptr[value.len - 1]))
		value.len--;
	*ret_value = value;
	return true;
}

/* Does the first line that says something look like a pair? */
static bool looks_like_pairs(struct slice file)
{
	struct slice key;
	struct slice value;

	while (file.len > 0) {
		struct slice line = next_line(&file);
		if (line.len == 0 || line.ptr[0] == '#' || line.ptr[0] == ';')
			continue;
		return read_pair(line, &key, &value);
	}
	return false;
}

static bool begins(struct slice file, const void *with, size_t len)
{
	return file.len >= len && memcmp(file.ptr, with, len) == 0;
}

enum cnf_form cnf_form_of(struct slice file)
{
	static const uint8_t binary[] = {1, 1, 0, 1, 2};
	static const uint8_t tlv[] = {1, 0, 2};
	struct slice text = file;

	if (begins(file, binary, sizeof binary))
		return CNF_FORM_BINARY;
	if (begins(file, tlv, sizeof tlv))
		return CNF_FORM_SIGNED;
	if (begins(file, "#ata", 4) || begins(file, "#txt", 4))
		return CNF_FORM_PROFILE;
	if (begins(text, "\xef\xbb\xbf", 3))
		text = slice_from(text, 3);
	while (text.len > 0 && (is_blank(text.ptr[0]) || text.ptr[0] == '\n'))
		text = slice_of(text.ptr + 1, text.len - 1);
	if (begins(text, "<", 1) || begins(file, "\xff\xfe", 2) || begins(file, "\xfe\xff", 2))
		return CNF_FORM_XML;
	return looks_like_pairs(text) ? CNF_FORM_SIP_TEXT : CNF_FORM_OTHER;
}

static bool is_key(struct slice key, const char *name)
{
	return key.len == strlen(name) && strncasecmp((const char *)key.ptr, name, key.len) == 0;
}

/* "proxy3_address", "line2_name": the number between the words; 0 when it is another key. */
static unsigned numbered(struct slice key, const char *front, const char *back)
{
	size_t front_len = strlen(front);

	if (key.len <= front_len + 1 || strncasecmp((const char *)key.ptr, front, front_len) != 0 ||
	    key.ptr[front_len] < '1' || key.ptr[front_len] > '9' ||
	    !is_key(slice_from(key, front_len + 1), back))
		return 0;
	return (unsigned)(key.ptr[front_len] - '0');
}

static void take_pair(struct slice key, struct slice value, struct cnf_phone *phone,
		      struct cnf_member proxy[PROXIES])
{
	unsigned n = 0;
	char word[16];

	if (is_key(key, "image_version")) {
		(void)text_copy_slice(phone->load, sizeof phone->load, value);
	} else if ((n = numbered(key, "proxy", "_address")) > 0 && n <= PROXIES) {
		(void)text_copy_slice(proxy[n - 1].host, sizeof proxy->host, value);
	} else if ((n = numbered(key, "proxy", "_port")) > 0 && n <= PROXIES) {
		(void)text_copy_slice(word, sizeof word, value);
		unsigned long port = strtoul(word, NULL, 10);
		if (port > 0 && port <= UINT16_MAX)
			proxy[n - 1].sip_port = (uint16_t)port;
		else if (value.len > 0)
			cnf_find(phone, CNF_FINDING_PORT_BAD);
	} else if (numbered(key, "line", "_name") > 0 && value.len > 0 &&
		   !is_key(value, "UNPROVISIONED")) {
		if (phone->lines++ == 0)
			(void)text_copy_slice(phone->first_line, sizeof phone->first_line, value);
	} else if (is_key(key, "proxy_register")) {
		if (slice_equal(value, slice_text("0")))
			cnf_find(phone, CNF_FINDING_NO_REGISTER);
	} else if (is_key(key, "date_format")) {
		(void)text_copy_slice(phone->date_template, sizeof phone->date_template, value);
	} else if (is_key(key, "time_zone")) {
		(void)text_copy_slice(phone->time_zone, sizeof phone->time_zone, value);
	}
}

int cnf_parse_sip_text(struct slice file, struct cnf_phone *ret_phone, struct cnf_error *ret_error)
{
	struct cnf_member proxy[PROXIES] = {0};
	struct cnf_phone *phone = ret_phone;
	unsigned pairs = 0;

	(void)text_copy(phone->protocol, sizeof phone->protocol, "SIP");
	while (file.len > 0) {
		struct slice line = next_line(&file);
		struct slice key;
		struct slice value;
		/* What is no pair a phone passes over. */
		if (line.len == 0 || line.ptr[0] == '#' || !read_pair(line, &key, &value))
			continue;
		take_pair(key, value, phone, proxy);
		pairs++;
	}
	if (pairs == 0) {
		*ret_error = (struct cnf_error){.line = 1};
		(void)text_copy(ret_error->why, sizeof ret_error->why, "no line \"key: value\"");
		return E_BAD_FORMAT;
	}
	for (unsigned i = 0; i < PROXIES && phone->member_count < CNF_MEMBERS_MAX; i++) {
		if (proxy[i].host[0] == 0)
			continue;
		proxy[i].priority = i;
		if (proxy[i].sip_port == 0)
			proxy[i].sip_port = 5060;
		phone->member[phone->member_count++] = proxy[i];
	}
	return 0;
}

int cnf_parse_binary(struct slice file, struct cnf_phone *ret_phone, struct cnf_error *ret_error)
{
	struct cnf_phone *phone = ret_phone;
	struct cnf_member *m = &phone->member[0];
	struct ip4 ip;
	char text[IP4_TEXT_SIZE];

	if (file.len < BINARY_MIN) {
		*ret_error = (struct cnf_error){.line = 1, .column = (unsigned)file.len};
		(void)text_copy(ret_error->why, sizeof ret_error->why, "ends too early");
		return E_BAD_FORMAT;
	}
	memcpy(ip.b, file.ptr + BINARY_ADDRESS, sizeof ip.b);
	(void)text_copy(m->host, sizeof m->host, ip4_format(ip, text));
	m->port = (uint16_t)(file.ptr[BINARY_PORT] | file.ptr[BINARY_PORT + 1] << 8);
	m->sip_port = 5060;
	phone->member_count = 1;
	(void)text_copy(phone->protocol, sizeof phone->protocol, "SCCP");
	return 0;
}
