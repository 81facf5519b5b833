#include "tftp/names.h"

#include "base/text.h"

#define DEVICE_DIGITS 12

static const char *skip_directory(const char *name)
{
	for (;;) {
		if (*name == '/' || *name == '\\')
			name++;
		else if (name[0] == '.' && (name[1] == '/' || name[1] == '\\'))
			name += 2;
		else
			return name;
	}
}

/* SEP and twelve upper-case digits, wherever they stand in the name (CTLSEP…, SEP….cnf.xml.sgn). */
static void find_claim(const char *name, char to[static DEVICE_NAME_SIZE])
{
	const char *at = strstr(name, "SEP");

	to[0] = 0;
	if (at != NULL && strspn(at + 3, "0123456789ABCDEF") >= DEVICE_DIGITS)
		(void)text_copy_slice(to, DEVICE_NAME_SIZE, slice_of(at, 3 + DEVICE_DIGITS));
}

struct name_answer names_find(const struct reg *reg, const char *name)
{
	struct name_answer answer = {.kind = NAME_UNKNOWN};

	name = skip_directory(name);
	find_claim(name, answer.claim);
	if (strcmp(name, "XMLDefault.cnf.xml") == 0) {
		answer.kind = NAME_DEFAULT;
	} else if (answer.claim[0] != 0 && strncmp(name, "SEP", 3) == 0 &&
		   strcmp(name + 3 + DEVICE_DIGITS, ".cnf.xml") == 0) {
		answer.device = reg_device_find(reg, answer.claim);
		answer.kind = answer.device != NULL ? NAME_PHONE : NAME_UNKNOWN;
	}
	return answer;
}
