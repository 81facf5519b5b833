/* Any bytes as a file that lint is to check: the first says under which name it stands, which
 * decides what it may be taken for. What is told is safe for a terminal. */
#include "lint/lint.h"

#include <assert.h>
#include <string.h>

static const char *const names[] = {
    "SEP001380AD9E5F.cnf.xml",
    "XMLDefault.cnf.xml",
    "SIPDefault.cnf",
    "SIP001380AD9E5F.cnf",
    "dialplan.xml",
    "SoftKeys.xml",
    "Ringlist.xml",
    "SIP41.loads",
    "OS79XX.TXT",
    "ITLFile.tlv",
    "a.sbn",
    "dhcpd.conf",
    "dnsmasq.conf",
    "kea-dhcp4.conf",
    "router.cfg",
    "scope.ps1",
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t count = 0;
	struct lint *l = lint_new(size > 0 && data[0] > 127 ? 30018 : 0);

	if (size == 0 || l == NULL) {
		lint_free(l);
		return 0;
	}
	struct lint_input input = {.name = names[data[0] % (sizeof names / sizeof *names)],
				   .bytes = {data + 1, size - 1},
				   .size = size - 1,
				   .in_root = true};
	lint_file(l, &input);
	lint_finish(l);
	const struct lint_finding *f = lint_findings(l, &count);
	for (size_t i = 0; i < count; i++) {
		for (const char *c = f[i].about; *c != 0; c++)
			assert((unsigned char)*c >= ' ' && *c != 0x7f);
	}
	lint_free(l);
	return 0;
}
