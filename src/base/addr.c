#include "base/addr.h"

#include "base/error.h"

#include <stdio.h>

struct mac mac_of_key(uint64_t key)
{
	struct mac mac = {{0}};

	for (size_t i = 0; i < sizeof mac.b; i++)
		mac.b[i] = (uint8_t)(key >> (40 - 8 * i));
	return mac;
}

char *mac_format(struct mac mac, char to[static MAC_TEXT_SIZE])
{
	(void)snprintf(to, MAC_TEXT_SIZE, "%02x:%02x:%02x:%02x:%02x:%02x", mac.b[0], mac.b[1],
		       mac.b[2], mac.b[3], mac.b[4], mac.b[5]);
	return to;
}

char *mac_format_hex(struct mac mac, char to[static MAC_HEX_SIZE])
{
	(void)snprintf(to, MAC_HEX_SIZE, "%02X%02X%02X%02X%02X%02X", mac.b[0], mac.b[1], mac.b[2],
		       mac.b[3], mac.b[4], mac.b[5]);
	return to;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int mac_parse(const char *text, struct mac *ret_mac)
{
	struct mac mac = {{0}};
	size_t digits = 0;

	for (const char *p = text; *p != 0; p++) {
		int digit = hex_digit(*p);
		if (digit < 0 && (*p == ':' || *p == '-' || *p == '.') && digits > 0 &&
		    digits < 12 && digits % 2 == 0)
			continue;
		if (digit < 0 || digits == 12)
			return E_BAD_FORMAT;
		mac.b[digits / 2] = (uint8_t)(mac.b[digits / 2] << 4 | digit);
		digits++;
	}
	if (digits != 12)
		return E_BAD_FORMAT;
	*ret_mac = mac;
	return 0;
}

int mac_of_device_name(const char *name, struct mac *ret_mac)
{
	struct mac mac = {{0}};
	size_t len = strlen(name);

	if (len < 12)
		return E_BAD_FORMAT;
	const char *digits = name + len - 12;
	for (size_t i = 0; i < 12; i++) {
		int digit = hex_digit(digits[i]);
		if (digit < 0)
			return E_BAD_FORMAT;
		mac.b[i / 2] = (uint8_t)(mac.b[i / 2] << 4 | digit);
	}
	*ret_mac = mac;
	return 0;
}

char *ip4_format(struct ip4 ip, char to[static IP4_TEXT_SIZE])
{
	char *p = to;

	/* By hand: a server writes an address into every answer, and snprintf takes ten times as
	 * long. */
	for (size_t i = 0; i < sizeof ip.b; i++) {
		if (i > 0)
			*p++ = '.';
		if (ip.b[i] >= 100)
			*p++ = (char)('0' + ip.b[i] / 100);
		if (ip.b[i] >= 10)
			*p++ = (char)('0' + ip.b[i] / 10 % 10);
		*p++ = (char)('0' + ip.b[i] % 10);
	}
	*p = 0;
	return to;
}

int ip4_parse(const char *text, struct ip4 *ret_ip)
{
	struct ip4 ip = {{0}};
	const char *p = text;

	for (size_t part = 0; part < 4; part++) {
		unsigned value = 0;
		size_t digits = 0;
		while (*p >= '0' && *p <= '9' && digits < 4) {
			value = value * 10 + (unsigned)(*p - '0');
			p++;
			digits++;
		}
		if (digits == 0 || digits > 3 || value > 255)
			return E_BAD_FORMAT;
		if (*p != (part < 3 ? '.' : 0))
			return E_BAD_FORMAT;
		p++;
		ip.b[part] = (uint8_t)value;
	}
	*ret_ip = ip;
	return 0;
}

int endpoint_parse(const char *text, struct endpoint *ret_endpoint)
{
	char ip[IP4_TEXT_SIZE];
	struct endpoint e = {0};
	const char *colon = strchr(text, ':');
	char *end = NULL;

	if (colon == NULL || (size_t)(colon - text) >= sizeof ip || colon[1] < '0' ||
	    colon[1] > '9')
		return E_BAD_FORMAT;
	memcpy(ip, text, (size_t)(colon - text));
	ip[colon - text] = 0;
	unsigned long port = strtoul(colon + 1, &end, 10);
	if (ip4_parse(ip, &e.ip) != 0 || *end != 0 || port == 0 || port > UINT16_MAX)
		return E_BAD_FORMAT;
	e.port = (uint16_t)port;
	*ret_endpoint = e;
	return 0;
}

char *endpoint_format(struct endpoint e, char to[static ENDPOINT_TEXT_SIZE])
{
	char ip[IP4_TEXT_SIZE];
	(void)snprintf(to, ENDPOINT_TEXT_SIZE, "%s:%u", ip4_format(e.ip, ip), e.port);
	return to;
}
