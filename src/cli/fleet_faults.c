#include "cli/fleet_faults.h"

#include <stdio.h>
#include <stdlib.h>

enum fault {
#define P(name, text, value, sentence) FAULT_##name,
#include "cli/fleet_faults.def"
#undef P
	FAULT_COUNT
};

static const struct {
	const char *name, *value, *sentence;
} faults[FAULT_COUNT] = {
#define P(name, text, value, sentence) {text, value, sentence},
#include "cli/fleet_faults.def"
#undef P
};

static bool take_type(const char *value, uint32_t *ret_type)
{
	char *end = NULL;

	*ret_type = (uint32_t)strtoul(value, &end, 10);
	return end != value && *end == 0 && *ret_type != 0;
}

static bool take_value(enum fault fault, const char *value, struct phone_faults *f)
{
	switch (fault) {
	case FAULT_ALTERNATE_TFTP:
		return ip4_parse(value, &f->alternate_tftp) == 0;
	case FAULT_REMEMBERED_IP:
		return ip4_parse(value, &f->remembered_ip) == 0;
	case FAULT_CLAIM:
		return mac_parse(value, &f->claim) == 0;
	case FAULT_TYPE:
		return take_type(value, &f->type_instead);
	case FAULT_LOAD:
		f->load_instead = value;
		return *value != 0;
	case FAULT_FOREIGN_TRUST:
		return f->foreign_trust = true;
	case FAULT_COUNT:
		break;
	}
	return false;
}

bool fleet_take_fault(const char *text, struct phone_faults *f)
{
	size_t len = strcspn(text, "=");

	for (size_t i = 0; i < FAULT_COUNT; i++) {
		if (strlen(faults[i].name) != len || strncmp(faults[i].name, text, len) != 0)
			continue;
		bool valued = text[len] == '=';
		return valued == (faults[i].value[0] != 0) &&
		       take_value((enum fault)i, text + len + valued, f);
	}
	return false;
}

void fleet_list_faults(void)
{
	for (size_t i = 0; i < FAULT_COUNT; i++)
		(void)printf("    %s%s%-*s %s\n", faults[i].name,
			     faults[i].value[0] != 0 ? "=" : "", (int)(27 - strlen(faults[i].name)),
			     faults[i].value, faults[i].sentence);
}
