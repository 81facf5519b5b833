/* Where one boot ends and the next begins.
 *
 * A new boot begins
 *   - with a DISCOVER, or a REQUEST for a remembered address, after the phone had already got its
 *     lease or gone further; not when it only moves to its voice VLAN: then both belong to one
 * boot;
 *   - with a trust list or configuration asked after it had already come to a CallManager (a
 *     restart);
 *   - with the first file asked again after others (the phone starts its search over). */
#include "boot/boot_internal.h"

#include <strings.h>

#define MOVES_WITHIN DT_SECONDS(30) /* to its voice VLAN */

/* What has been seen of the boot that is going on. */
struct progress {
	const struct fact *first_file, *lease;
	bool leased, called, other_file, released;
};

bool boot_came_to_callmanager(enum fact_kind kind)
{
	enum fact_family family = fact_row(kind)->family;

	return family == FAMILY_TCP || family == FAMILY_SCCP || family == FAMILY_SIP;
}

/* An address untagged first, then one in the voice VLAN: V-06. */
static bool moves_to_voice_vlan(const struct progress *p, const struct fact *f)
{
	return p->lease != NULL && p->first_file == NULL && !p->called &&
	       f->at - p->lease->at <= MOVES_WITHIN && (f->vlan != p->lease->vlan || p->released);
}

static bool begins_boot(const struct progress *p, const struct fact *f)
{
	if (f->kind == FACT_DHCP_DISCOVER)
		return (p->leased || p->called) && !moves_to_voice_vlan(p, f);
	if (f->kind == FACT_DHCP_REQUEST)
		return p->called && ip4_is_zero(f->dhcp.ciaddr);
	if (f->kind != FACT_FILE_ASKED || !boot_file_is_phones(f->name))
		return false;
	/* The same transfer asked again, or by TFTP what HTTP did not give. */
	if (p->first_file != NULL && p->first_file->peer.port != f->peer.port && !p->called)
		return false;
	return p->called || (p->other_file && strcmp(f->name, p->first_file->name) == 0);
}

static void note(struct progress *p, const struct fact *f)
{
	p->leased |= f->kind == FACT_DHCP_ACK || f->kind == FACT_FILE_ASKED;
	p->released |= f->kind == FACT_DHCP_RELEASE;
	p->called |= boot_came_to_callmanager(f->kind);
	if (f->kind == FACT_DHCP_ACK)
		p->lease = f;
	if (f->kind != FACT_FILE_ASKED)
		return;
	p->first_file = p->first_file == NULL ? f : p->first_file;
	p->other_file |= strcmp(f->name, p->first_file->name) != 0;
}

size_t boots_find(const struct fact *facts, size_t count, size_t *start, size_t max)
{
	size_t n = 1;
	struct progress p = {0};

	start[0] = 0;
	if (count > 0)
		note(&p, &facts[0]);
	for (size_t i = 1; i < count; i++) {
		if (begins_boot(&p, &facts[i])) {
			if (n >= max)
				memmove(start, start + 1, (max - 1) * sizeof *start);
			start[n < max ? n : max - 1] = i;
			n++;
			p = (struct progress){0};
		}
		note(&p, &facts[i]);
	}
	return n;
}
