/* Any bytes as a scenario, and each `switch` line of it as a rule. */
#include "fabric/fabric.h"
#include "lab/scenario.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"phones", "server"};
	static struct scenario s;
	struct fabric_rule rule;
	unsigned line = 0;
	const char *why = NULL;

	if (scenario_parse(slice_of(data, size), "fuzz", &s, &line, &why) != 0 && why == NULL)
		__builtin_trap();
	for (size_t i = 0; i < s.lines; i++) {
		if (s.line[i].kind == SCENARIO_SWITCH)
			(void)fabric_rule_parse(s.line[i].text, names, 2, &rule, &why);
	}
	return 0;
}
