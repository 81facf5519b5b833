/* Where the time of a boot went: its longest gaps, named by what stood on either side. */
#include "boot/boot_internal.h"

#include "base/text.h"

#define GAP_LEAST DT_SECONDS(2)

enum side {
	SIDE_ANY,
	SIDE_LINK,
	SIDE_DISCOVER,
	SIDE_OFFER,
	SIDE_ACK,
	SIDE_ASKED,
	SIDE_MISSING,
	SIDE_LOADS,
	SIDE_CONFIG,
	SIDE_SYN,
	SIDE_OPEN,
	SIDE_REGISTER,
	SIDE_ACCEPTED,
	SIDE_SERVICE,
	SIDE_CHALLENGED,
	SIDE_REFUSED
};

static enum side side_of(const struct fact *f)
{
	switch (f->kind) {
	case FACT_LINK_UP:
	case FACT_CDP_PHONE:
	case FACT_LLDP_PHONE:
		return SIDE_LINK;
	case FACT_DHCP_DISCOVER:
		return SIDE_DISCOVER;
	case FACT_DHCP_OFFER:
		return SIDE_OFFER;
	case FACT_DHCP_ACK:
		return SIDE_ACK;
	case FACT_FILE_ASKED:
		return SIDE_ASKED;
	case FACT_FILE_REFUSED:
		return SIDE_MISSING;
	case FACT_FILE_DELIVERED:
		return boot_file_is_loads(f->name) || boot_file_is_image(f->name) ? SIDE_LOADS
										  : SIDE_CONFIG;
	case FACT_SERVICE_SYN:
		return SIDE_SERVICE;
	case FACT_TCP_SYN:
		return SIDE_SYN;
	case FACT_TCP_OPEN:
		return SIDE_OPEN;
	case FACT_SCCP_REGISTER:
	case FACT_SIP_REGISTER:
		return SIDE_REGISTER;
	case FACT_SCCP_REGISTER_ACK:
	case FACT_SIP_REGISTERED:
		return SIDE_ACCEPTED;
	case FACT_SIP_CHALLENGED:
		return SIDE_CHALLENGED;
	case FACT_SCCP_REGISTER_REJECT:
	case FACT_SIP_REFUSED:
		return SIDE_REFUSED;
	default:
		return SIDE_ANY;
	}
}

/* The table of R-16 in the catalogue: what a gap between these two usually means. */
static const struct {
	enum side before, after;
	const char *words;
	enum rule rule; /* RULE_COUNT: none */
} meanings[] = {
    {SIDE_LINK, SIDE_DISCOVER, "from link to DISCOVER (spanning tree, or waiting for a voice VLAN)",
     RULE_SPANNING_TREE},
    {SIDE_DISCOVER, SIDE_DISCOVER, "between DISCOVERs nobody answered", RULE_NO_DHCP_ANSWER},
    {SIDE_DISCOVER, SIDE_OFFER, "from DISCOVER to OFFER", RULE_SLOW_DHCP},
    {SIDE_ACK, SIDE_ASKED, "from the lease to the first file (gateway, DNS)", RULE_NO_GATEWAY},
    {SIDE_SERVICE, SIDE_ASKED, "waiting for TCP 6970", RULE_HTTP_DROPPED},
    {SIDE_SERVICE, SIDE_SERVICE, "waiting for TCP 6970", RULE_HTTP_DROPPED},
    {SIDE_ASKED, SIDE_ASKED, "waiting for a file nobody answered", RULE_SILENT_FOR_MISSING},
    {SIDE_ASKED, SIDE_SERVICE, "waiting for a file nobody answered", RULE_SILENT_FOR_MISSING},
    {SIDE_LOADS, SIDE_ANY, "after a load's file (installing an image is normal once)",
     RULE_LOAD_LOOP},
    {SIDE_CONFIG, SIDE_SYN, "from the last file to the CallManager", RULE_COUNT},
    {SIDE_MISSING, SIDE_SYN, "after a file that is not there", RULE_OPTIONAL_ABSENT},
    {SIDE_SYN, SIDE_SYN, "waiting for a CallManager that does not answer", RULE_CM_SILENT},
    {SIDE_REGISTER, SIDE_ACCEPTED, "from Register to its answer", RULE_REGISTER_UNANSWERED},
    {SIDE_REGISTER, SIDE_REGISTER, "registering again, not answered", RULE_REGISTER_UNANSWERED},
    {SIDE_CHALLENGED, SIDE_REGISTER, "until the phone answers a challenge (401)", RULE_COUNT},
    {SIDE_REFUSED, SIDE_ANY, "after a refused registration", RULE_COUNT},
};

static void name_gap(const struct fact *before, const struct fact *after, struct boot_gap *gap)
{
	enum side b = side_of(before);
	enum side a = side_of(after);

	for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++) {
		if ((meanings[i].before != b && meanings[i].before != SIDE_ANY) ||
		    (meanings[i].after != a && meanings[i].after != SIDE_ANY))
			continue;
		bool ruled = meanings[i].rule != RULE_COUNT;
		(void)snprintf(gap->text, sizeof gap->text, "%s%s%s", meanings[i].words,
			       ruled ? ", " : "", ruled ? rule_row(meanings[i].rule)->id : "");
		return;
	}
	(void)snprintf(gap->text, sizeof gap->text, "from %s to %s", fact_row(before->kind)->text,
		       fact_row(after->kind)->text);
}

/* Where the boot was over: everything after is its life. */
static size_t end_of_boot(const struct boot_view *b)
{
	const struct fact *ready = boot_first(b, FACT_SCCP_READY);
	const struct fact *ack = boot_first(b, FACT_SCCP_REGISTER_ACK);
	const struct fact *sip = boot_first(b, FACT_SIP_REGISTERED);
	const struct fact *end = sip != NULL ? sip : ready != NULL ? ready : ack;

	return end != NULL ? (size_t)(end - b->facts) + 1 : b->count;
}

size_t boot_gaps(const struct boot_view *b, struct boot_gap *ret, size_t max)
{
	size_t n = 0;
	size_t end = end_of_boot(b);

	for (size_t i = 1; i < end; i++) {
		const struct fact *before = &b->facts[i - 1];
		const struct fact *after = &b->facts[i];
		dt_time length = after->at - before->at;
		if (length < GAP_LEAST)
			continue;
		struct boot_gap gap = {.from = before->at - b->facts[0].at,
				       .length = length,
				       .before = before->evidence,
				       .after = after->evidence};
		name_gap(before, after, &gap);
		size_t at = n;
		while (at > 0 && ret[at - 1].length < length)
			at--;
		if (at == max)
			continue;
		n = n < max ? n + 1 : n;
		memmove(ret + at + 1, ret + at, (n - at - 1) * sizeof *ret);
		ret[at] = gap;
	}
	return n;
}
