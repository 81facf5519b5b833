/* Any bytes as a phone's configuration file. */
#include "cnf/cnf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cnf_phone phone;
	struct cnf_error error;

	(void)cnf_parse(slice_of(data, size), 7, &phone, &error);
	return 0;
}
