/* Questions about one boot. */
#include "boot/boot_internal.h"

#include <strings.h>

const struct fact *boot_first(const struct boot_view *b, enum fact_kind kind)
{
	for (size_t i = 0; i < b->count; i++) {
		if (b->facts[i].kind == kind)
			return &b->facts[i];
	}
	return NULL;
}

const struct fact *boot_last(const struct boot_view *b, enum fact_kind kind)
{
	for (size_t i = b->count; i > 0; i--) {
		if (b->facts[i - 1].kind == kind)
			return &b->facts[i - 1];
	}
	return NULL;
}

const struct fact *boot_after(const struct boot_view *b, const struct fact *fact,
			      enum fact_kind kind)
{
	for (const struct fact *f = fact + 1; f < b->facts + b->count; f++) {
		if (f->kind == kind)
			return f;
	}
	return NULL;
}

size_t boot_count(const struct boot_view *b, enum fact_kind kind)
{
	size_t count = 0;

	for (size_t i = 0; i < b->count; i++)
		count += b->facts[i].kind == kind;
	return count;
}

static const char *base_name(const char *name)
{
	const char *slash = strrchr(name, '/');

	return slash != NULL ? slash + 1 : name;
}

bool boot_file_is_trust(const char *name)
{
	name = base_name(name);
	return strncasecmp(name, "CTL", 3) == 0 || strncasecmp(name, "ITL", 3) == 0;
}

bool boot_file_is_default(const char *name)
{
	name = base_name(name);
	return strncasecmp(name, "XMLDefault", 10) == 0 ||
	       strncasecmp(name, "SEPDEFAULT", 10) == 0 || strncasecmp(name, "SIPDefault", 10) == 0;
}

bool boot_file_is_own(const char *name)
{
	name = base_name(name);
	if (boot_file_is_default(name))
		return false;
	return (strncasecmp(name, "SEP", 3) == 0 || strncasecmp(name, "SIP0", 4) == 0) &&
	       strstr(name, ".cnf") != NULL;
}

bool boot_file_is_phones(const char *name)
{
	return boot_file_is_own(name) || boot_file_is_default(name) || boot_file_is_trust(name) ||
	       strstr(name, ".loads") != NULL || strstr(name, "OS79XX") != NULL;
}

const struct fact *boot_lost_connection(const struct boot_view *b)
{
	const struct fact *ready = boot_last(b, FACT_SCCP_READY);
	const struct fact *lost = NULL;

	if (ready == NULL)
		ready = boot_last(b, FACT_SCCP_REGISTER_ACK);
	if (ready == NULL || boot_after(b, ready, FACT_SCCP_UNREGISTER) != NULL)
		return NULL;
	for (const struct fact *f = ready + 1; f < b->facts + b->count; f++) {
		if ((f->kind == FACT_TCP_CLOSED || f->kind == FACT_TCP_RESET) &&
		    endpoint_equal(f->peer, ready->peer))
			lost = f;
	}
	return lost;
}

bool boot_dropped_by_server(const struct boot_view *b)
{
	const struct fact *lost = boot_lost_connection(b);

	return lost != NULL && lost->number == 2;
}

bool boot_is_registered(const struct boot_view *b)
{
	const struct fact *ack = boot_last(b, FACT_SCCP_REGISTER_ACK);
	const struct fact *ready = boot_last(b, FACT_SCCP_READY);

	if (ack == NULL || boot_after(b, ack, FACT_SCCP_REGISTER_REJECT) != NULL)
		return false;
	/* Some phones never ask for the time: a keepalive answered on that connection says the
	 * same. */
	return (ready != NULL && ready > ack) ||
	       boot_after(b, ack, FACT_SCCP_KEEPALIVE_ACK) != NULL;
}

void evidence_add(uint64_t *list, uint32_t *count, uint64_t number)
{
	if (*count == REPORT_EVIDENCE_MAX || number == 0)
		return;
	for (uint32_t i = 0; i < *count; i++) {
		if (list[i] == number)
			return;
	}
	list[(*count)++] = number;
}
