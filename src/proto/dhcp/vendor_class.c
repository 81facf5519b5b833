/* The phone model in DHCP option 60. Every spelling here was sent by a real phone
 * (docs/protocol/dhcp.md): with and without "CP-", "Inc." with and without comma, a small s,
 * "System" singular, "Wireless Phone", a trailing NUL, "CP3911" without its dash, adapters with
 * nothing but their name. */
#include "proto/dhcp/dhcp.h"

#include "base/text.h"

#include <ctype.h>
#include <strings.h>

#define TEXT_SIZE 128

static bool is_model_start(const char *p)
{
	for (size_t i = 0; i < 4; i++) {
		if (!isdigit((unsigned char)p[i]))
			return false;
	}
	return true;
}

/* Where the model begins in a phone's text; NULL when it names none. */
static const char *phone_model(const char *text)
{
	const char *model = strcasestr(text, " Phone ");

	if (model == NULL || strncasecmp(text, "cisco system", 12) != 0)
		return NULL;
	model += 7;
	if (strncasecmp(model, "CP", 2) == 0)
		model += 2;
	if (*model == '-')
		model++;
	return is_model_start(model) ? model : NULL;
}

/* An analog telephone adapter: "CISCO ATA191-MPP", or ATA186 somewhere in the text. */
static const char *adapter_model(const char *text)
{
	const char *model = strcasestr(text, "ATA1");

	return model != NULL && isdigit((unsigned char)model[4]) ? model : NULL;
}

bool dhcp_vendor_model(struct slice option60, char *to, size_t size)
{
	char text[TEXT_SIZE];
	size_t len = 0;

	(void)text_copy_slice(text, sizeof text, slice_head(option60, sizeof text - 1));
	const char *model = phone_model(text);
	if (model == NULL)
		model = adapter_model(text);
	if (model == NULL)
		return false;
	while (isalnum((unsigned char)model[len]) || model[len] == '-')
		len++;
	return text_copy_slice(to, size, slice_of(model, len));
}

bool dhcp_vendor_is_phone(struct slice option60)
{
	static const char company[] = "Cisco Systems, Inc.";
	char text[TEXT_SIZE];

	(void)text_copy_slice(text, sizeof text, slice_head(option60, sizeof text - 1));
	if (strncasecmp(text, "cisco system", 12) == 0 && strcasestr(text, " Phone") != NULL)
		return true;
	return text_equal_nocase(text, company) || adapter_model(text) != NULL;
}
