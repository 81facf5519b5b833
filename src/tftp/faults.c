#include "tftp/faults.h"

#include "base/text.h"

void tftp_faults_set(struct tftp_faults *f, enum tftp_fault fault, const char *only)
{
	*f = (struct tftp_faults){.fault = fault};
	(void)text_copy(f->only, sizeof f->only, only != NULL ? only : "");
}

static bool is_known(const struct tftp_faults *f, struct ip4 ip)
{
	for (unsigned i = 0; i < f->client_count; i++) {
		if (ip4_equal(f->client[i], ip))
			return true;
	}
	return false;
}

bool tftp_faults_silent(struct tftp_faults *f, const char *file, struct ip4 from)
{
	if (f->fault != TFTP_FAULT_SILENT)
		return false;
	/* The default file carries no name: the address tells that it is the same phone. */
	if (f->only[0] == 0 || is_known(f, from))
		return true;
	if (strstr(file, f->only) == NULL)
		return false;
	if (f->client_count < TFTP_FAULT_CLIENTS_MAX)
		f->client[f->client_count++] = from;
	return true;
}
