/* The phone model in DHCP option 60. Every spelling here was sent by a real phone
 * (docs/protocol/dhcp.md): with and without "CP-", "Inc." with and without comma, a small s,
 * "System" singular, "Wireless Phone", a trailing NUL, "CP3911" without its dash. */
#include "proto/dhcp/dhcp.h"

#include "base/text.h"

#include <ctype.h>
#include <strings.h>

/* Where `needle` begins in the text, any case; NULL when it does not occur. */
static const char *find_nocase(const char *text, const char *needle)
{
	size_t len = strlen(needle);

	for (; *text != 0; text++) {
		if (strncasecmp(text, needle, len) == 0)
			return text;
	}
	return NULL;
}

static bool is_model_start(const char *p)
{
	for (size_t i = 0; i < 4; i++) {
		if (!isdigit((unsigned char)p[i]))
			return false;
	}
	return true;
}

bool dhcp_vendor_model(struct slice option60, char *to, size_t size)
{
	char text[128];
	size_t len = 0;

	(void)text_copy_slice(text, sizeof text, slice_head(option60, sizeof text - 1));
	if (strncasecmp(text, "cisco system", 12) != 0)
		return false;
	const char *phone = find_nocase(text, " Phone ");
	if (phone == NULL)
		return false;
	const char *model = phone + 7;
	if (strncasecmp(model, "CP", 2) == 0)
		model += 2;
	if (*model == '-')
		model++;
	if (!is_model_start(model))
		return false;
	while (isalnum((unsigned char)model[len]) || model[len] == '-')
		len++;
	return text_copy_slice(to, size, slice_of(model, len));
}
