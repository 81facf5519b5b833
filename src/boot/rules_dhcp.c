/* Rules of steps 2a and 2b: D-02, D-05, D-12. */
#include "boot/boot_internal.h"

#include "base/text.h"

/* D-02: three DISCOVERs and no answer from anybody. A capture cannot tell a missing relay from an
 * answer lost on its way, but it can tell that none arrives here. */
void rule_no_dhcp_answer(const struct boot_view *b, struct judgement *j)
{
	const struct fact *first = boot_first(b, FACT_DHCP_DISCOVER);
	size_t n = boot_count(b, FACT_DHCP_DISCOVER);

	if (first == NULL || n < EQUAL_REQUESTS || boot_first(b, FACT_DHCP_OFFER) != NULL ||
	    boot_first(b, FACT_DHCP_ACK) != NULL || boot_first(b, FACT_SERVER_NO_SUBNET) != NULL ||
	    boot_first(b, FACT_SERVER_POOL_EMPTY) != NULL ||
	    boot_first(b, FACT_FILE_ASKED) != NULL || !ip4_is_zero(first->dhcp.giaddr))
		return;
	j->fits = true;
	j->proved = b->complete && b->now - first->at >= WINDOW_OFFER;
	judgement_text(j, "no DHCP server answers here: %zu DISCOVERs, no OFFER.", n);
	judgement_remedy(
	    j, "Add the DHCP server's address as helper on the voice VLAN's router interface; if "
	       "it is there, "
	       "capture at the server: a DISCOVER that never arrives is lost on the way.");
	if (!j->proved)
		(void)text_copy(j->finding.decide, sizeof j->finding.decide,
				"ten seconds more of the same capture, or one at the DHCP server");
	for (size_t i = 0; i < b->count; i++) {
		if (b->facts[i].kind == FACT_DHCP_DISCOVER)
			judgement_evidence(j, &b->facts[i]);
	}
}

/* D-05: relayed, and no subnet holds the relay's address. Our own server says so; elsewhere silence
 * towards a relayed DISCOVER has other causes as well. */
void rule_no_scope(const struct boot_view *b, struct judgement *j)
{
	const struct fact *word = boot_last(b, FACT_SERVER_NO_SUBNET);
	const struct fact *first = boot_first(b, FACT_DHCP_DISCOVER);
	char ip[IP4_TEXT_SIZE];

	if (first == NULL || boot_first(b, FACT_DHCP_OFFER) != NULL ||
	    boot_first(b, FACT_DHCP_ACK) != NULL)
		return;
	if (word == NULL &&
	    (ip4_is_zero(first->dhcp.giaddr) || boot_count(b, FACT_DHCP_DISCOVER) < EQUAL_REQUESTS))
		return;
	struct ip4 relay = word != NULL ? word->peer.ip : first->dhcp.giaddr;
	j->fits = true;
	j->proved = word != NULL;
	judgement_text(j, "no DHCP scope holds the relay's address %s, so nobody answers.",
		       ip4_format(relay, ip));
	judgement_remedy(j, "Create a scope for the subnet of %s, or correct the relay's address.",
			 ip4_format(relay, ip));
	if (!j->proved)
		(void)text_copy(j->finding.decide, sizeof j->finding.decide,
				"the DHCP server's log for this relay address");
	for (size_t i = 0; i < b->count; i++) {
		if (b->facts[i].kind == FACT_DHCP_DISCOVER)
			judgement_evidence(j, &b->facts[i]);
	}
	if (word != NULL)
		judgement_evidence(j, word);
}

/* D-12: the ACK names no boot server. siaddr alone, when it is the DHCP server itself, is what many
 * servers put there without meaning it; then only silence afterwards says that the phone made
 * nothing of it. */
void rule_no_option_150(const struct boot_view *b, struct judgement *j)
{
	const struct fact *ack = boot_last(b, FACT_DHCP_ACK);
	char ip[IP4_TEXT_SIZE];

	if (ack == NULL)
		return;
	const struct fact_dhcp *d = &ack->dhcp;
	bool by_default = ip4_equal(d->siaddr, ack->peer.ip);
	if (d->has_150 || d->has_66 || d->has_sname || (!ip4_is_zero(d->siaddr) && !by_default) ||
	    ip4_is_zero(d->yiaddr))
		return;
	/* A phone that got its files has its server from elsewhere (Alternate TFTP). */
	if (boot_after(b, ack, FACT_FILE_STARTED) != NULL ||
	    boot_after(b, ack, FACT_FILE_REFUSED) != NULL ||
	    boot_after(b, ack, FACT_SCCP_REGISTER) != NULL)
		return;
	bool waited = b->now - ack->at >= WINDOW_ASK;
	j->fits = true;
	j->proved = b->complete && boot_first(b, FACT_FILE_ASKED) == NULL &&
		    (waited || ip4_is_zero(d->siaddr));
	judgement_text(j, "the lease from %s names no TFTP server: neither option 150 nor 66.",
		       ip4_format(ack->peer.ip, ip));
	judgement_remedy(
	    j,
	    "Add option 150 with the TFTP server's address to this scope and restart the phone.");
	if (!j->proved)
		(void)text_copy(
		    j->finding.decide, sizeof j->finding.decide,
		    "a minute more of the same capture: does the phone ask for any file?");
	judgement_evidence(j, ack);
}
