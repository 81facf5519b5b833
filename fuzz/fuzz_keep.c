/* Any bytes as what a disk kept of a phone, with the names of the kinds before them or this
 * program's own; what comes back can be explained. */
#include "base/alloc.h"
#include "boot/diagnose.h"
#include "boot/keep.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct timeline *t = timeline_new();
	struct phone_report *report = alloc_zero(1, sizeof *report);
	struct timeline_kept kept = {.mac = {{0, 1, 2, 3, 4, 5}}, .facts = slice_of(data, size)};
	struct keep_kinds kinds;
	struct buf names;
	uint64_t evidence = 0;

	assert(t != NULL && report != NULL);
	buf_init(&names, 65536);
	keep_kinds_write(&names);
	keep_kinds_read(size % 4 == 0 ? kept.facts : buf_slice(&names), &kinds);
	buf_done(&names);
	if (keep_restore(t, &kept, &kinds, -DT_SECONDS(77), &evidence) > 0)
		(void)diagnose_phone(t, kept.mac, DT_SECONDS(1000), report);
	alloc_free(report);
	timeline_free(t);
	return 0;
}
