/* Any bytes as a phone's configuration file, and as a load's list. A file that the scanner of plain
 * files takes, expat takes too, and reads the same. */
#include "cnf/loads.h"
#include "cnf/parse_internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* With a comment behind it the same file is no longer plain. */
static void read_both_ways(struct slice file, const struct cnf_phone *phone)
{
	static const char comment[] = "<!---->";
	struct cnf_phone other;
	struct cnf_error error;
	struct cnf_reader reader;
	struct cnf_phone scanned;

	cnf_reader_init(&reader, 7, &scanned);
	if (file.len + sizeof comment > CNF_FILE_MAX || !cnf_scan(file, &reader))
		return;
	uint8_t *bytes = malloc(file.len + sizeof comment - 1);
	assert(bytes != NULL);
	memcpy(bytes, file.ptr, file.len);
	memcpy(bytes + file.len, comment, sizeof comment - 1);
	assert(cnf_parse(slice_of(bytes, file.len + sizeof comment - 1), 7, &other, &error) == 0);
	assert(memcmp(&other, phone, sizeof other) == 0);
	free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct cnf_phone phone;
	struct cnf_error error;
	struct loads loads;

	memset(&phone, 0, sizeof phone);
	if (cnf_parse(slice_of(data, size), 7, &phone, &error) == 0)
		read_both_ways(slice_of(data, size), &phone);
	(void)loads_decode(slice_of(data, size), &loads);
	return 0;
}
