/* Prints the dictionary of fuzz_sccp: every message id as it stands on the wire, and the versions.
 */
#include "proto/sccp/sccp.h"

#include <stdio.h>

static void print_word(const char *name, uint32_t value)
{
	(void)printf("%s=\"\\x%02x\\x%02x\\x%02x\\x%02x\"\n", name, value & 0xff, value >> 8 & 0xff,
		     value >> 16 & 0xff, value >> 24);
}

int main(void)
{
#define M(id, name, direction, text) print_word(text, id);
#include "proto/sccp/sccp_ids.def"
#undef M
	for (uint32_t version = 10; version <= SCCP_VERSION_MAX; version++)
		print_word("version", version);
	return 0;
}
