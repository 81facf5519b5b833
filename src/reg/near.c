/* F-12: the label on the phone was read wrongly, or the record typed wrongly. Which record that
 * never had a phone is so near to this name that it was probably meant? */
#include "reg/reg_internal.h"

#define NEAR_DIGITS_MAX 2

/* Digits that differ; two neighbours exchanged count as one slip of the fingers. */
static unsigned slips(const char *a, const char *b)
{
	unsigned count = 0;

	for (size_t i = 0; a[i] != 0 && b[i] != 0; i++) {
		if (a[i] == b[i])
			continue;
		count++;
		if (a[i + 1] != 0 && a[i] == b[i + 1] && a[i + 1] == b[i])
			i++;
	}
	return count;
}

/* The one that was probably meant; NULL when several are near: phones of one delivery have
 * neighbouring addresses, and then a missing record is just missing. */
const struct device *reg_device_near(const struct reg *r, const char *name)
{
	const struct device *only = NULL;

	for (size_t i = 0; i < r->device_count; i++) {
		const struct reg_device *entry = r->devices[i];
		if (entry->seen || entry->device.autoregistered ||
		    strlen(entry->device.name) != strlen(name))
			continue;
		unsigned count = slips(entry->device.name, name);
		if (count == 0 || count > NEAR_DIGITS_MAX)
			continue;
		if (only != NULL)
			return NULL;
		only = &entry->device;
	}
	return only;
}
