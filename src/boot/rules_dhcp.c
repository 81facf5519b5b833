/* Rules of steps 2a and 2b: who answers, and whether the phone can use the answer.
 *
 * From one place it is rarely known whether a request never arrived or its answer was lost, so
 * silence only suspects: a full pool keeps silent like a missing relay. What is in an OFFER proves.
 */
#include "boot/boot_internal.h"

#include "base/text.h"

#define NAK_WITHIN     DT_SECONDS(60)
#define SLOW_OFFER     DT_SECONDS(4)
#define OTHERS_BEFORE  DT_SECONDS(600)
#define FLAG_BROADCAST 0x8000

static bool server_word(const struct boot_view *b)
{
	return boot_first(b, FACT_SERVER_NO_SUBNET) != NULL ||
	       boot_first(b, FACT_SERVER_POOL_EMPTY) != NULL ||
	       boot_first(b, FACT_SERVER_NO_OFFER) != NULL;
}

/* DISCOVERs, at least three, and nothing that answers them. */
static const struct fact *unanswered(const struct boot_view *b, size_t *ret_count)
{
	const struct fact *first = boot_first(b, FACT_DHCP_DISCOVER);

	*ret_count = boot_count(b, FACT_DHCP_DISCOVER);
	if (first == NULL || *ret_count < EQUAL_REQUESTS ||
	    boot_first(b, FACT_DHCP_OFFER) != NULL || boot_first(b, FACT_DHCP_ACK) != NULL ||
	    boot_went_on(b, first) || boot_first(b, FACT_FILE_ASKED) != NULL)
		return NULL;
	return first;
}

/* Somebody else is answered on this wire, shortly before or meanwhile. */
static bool others_answered(const struct boot_view *b, const struct fact *first)
{
	return b->timeline != NULL &&
	       timeline_others(b->timeline, SERVICE_DHCP, (struct ip4){{0}}, b->mac,
			       first->at - OTHERS_BEFORE) == OTHERS_ANSWERED;
}

/* Told by a server of ours that serves DHCP itself: it has heard this, so nothing was lost on the
 * way to it, and of a pool without a free address it would say so. */
static bool heard_by_ours(const struct boot_view *b, const struct fact *asked)
{
	if (asked->vantage != VANTAGE_SERVER)
		return false;
	BOOT_EACH_SITE(f, b)
	{
		if (f->kind == FACT_SERVER_OWN && f->number == 1)
			return true;
	}
	return false;
}

/* D-02. A REQUEST without an OFFER before it shows that this place does not see OFFERs at all. */
void rule_no_dhcp_answer(const struct boot_view *b, struct judgement *j)
{
	size_t n = 0;
	const struct fact *first = unanswered(b, &n);

	if (first == NULL || server_word(b) || heard_by_ours(b, first) ||
	    !ip4_is_zero(first->dhcp.giaddr) || boot_first(b, FACT_DHCP_REQUEST) != NULL)
		return;
	judgement_fits(j, ABOUT_ADDRESS, STRENGTH_SILENCE, false);
	bool others = others_answered(b, first);
	judgement_text(j, "no DHCP server answers %s: %zu DISCOVERs, no OFFER%s.",
		       others ? "this phone" : "here", n,
		       others ? "; others are answered, so look at its VLAN" : "");
	judgement_remedy(
	    j, "Add the DHCP server's address as helper on the voice VLAN's router interface; if "
	       "it is there, look into the DHCP server's log: a DISCOVER that never arrives is "
	       "lost on the way.");
	judgement_decide(
	    j, b->complete && b->now - first->at >= WINDOW_OFFER
		   ? "the DHCP server's log, or a capture there: does the DISCOVER arrive?"
		   : "ten seconds more of the same capture, or one at the DHCP server");
	judgement_evidence_all(j, b, FACT_DHCP_DISCOVER);
}

/* D-03: our own server heard the phone and nothing left it, for no reason it knows of. */
static void keeps_silent(const struct boot_view *b, struct judgement *j)
{
	size_t n = 0;
	const struct fact *first = unanswered(b, &n);

	if (first == NULL || server_word(b) || !heard_by_ours(b, first))
		return;
	judgement_fits(j, ABOUT_ADDRESS, STRENGTH_SILENCE, false);
	judgement_text(j, "the DHCP server hears the phone, %zu DISCOVERs, and sends it no OFFER.",
		       n);
	judgement_remedy(j, "See the server's log of that moment, and whether a packet filter on "
			    "the server stops UDP from port 67.");
	judgement_decide(j, "does dialtone serve answer DHCP on the interface the phone is on, and "
			    "does an OFFER leave it there?");
	judgement_evidence_all(j, b, FACT_DHCP_DISCOVER);
}

/* D-03: our own server says why it keeps silent. */
void rule_dhcp_unwilling(const struct boot_view *b, struct judgement *j)
{
	const struct fact *word = boot_last(b, FACT_SERVER_NO_OFFER);
	char text[128];

	if (word == NULL)
		keeps_silent(b, j);
	if (word == NULL || boot_after(b, word, FACT_DHCP_OFFER) != NULL || boot_went_on(b, word))
		return;
	judgement_fits(j, ABOUT_ADDRESS, STRENGTH_WORD, true);
	judgement_text(j, "the DHCP server hears the phone and does not answer: %s.",
		       clean_text(word->text, text));
	judgement_evidence(j, boot_before(b, word, FACT_DHCP_DISCOVER));
	judgement_evidence(j, word);
}

/* D-04: the server's word; without it, silence towards this phone while others are answered. */
void rule_pool_empty(const struct boot_view *b, struct judgement *j)
{
	const struct fact *word = boot_last(b, FACT_SERVER_POOL_EMPTY);
	size_t n = 0;
	const struct fact *first = unanswered(b, &n);

	if (word != NULL && boot_after(b, word, FACT_DHCP_OFFER) == NULL &&
	    !boot_went_on(b, word)) {
		judgement_fits(j, ABOUT_ADDRESS, STRENGTH_WORD, true);
		if (word->number != 0)
			judgement_text(j,
				       "the DHCP pool is used up: none of its %u addresses is free "
				       "(%u parked after DECLINE, %u leased by no phone).",
				       word->number, word->value[0], word->value[1]);
		judgement_evidence(j, word);
		return;
	}
	if (first == NULL || server_word(b) || heard_by_ours(b, first))
		return;
	bool others = others_answered(b, first);
	j->likelier = others;
	judgement_fits(j, ABOUT_ADDRESS, STRENGTH_SILENCE, false);
	judgement_text(j, "a DHCP server whose pool has no free address keeps silent too%s.",
		       others ? "; others are answered, so a server is there" : "");
	judgement_decide(j, "the DHCP server's log: does it say \"no free leases\"?");
	judgement_evidence_all(j, b, FACT_DHCP_DISCOVER);
}

/* D-05: relayed, and no subnet holds the relay's address. Our own server says so; elsewhere silence
 * towards a relayed DISCOVER has other causes as well. */
void rule_no_scope(const struct boot_view *b, struct judgement *j)
{
	const struct fact *word = boot_last(b, FACT_SERVER_NO_SUBNET);
	size_t n = 0;
	const struct fact *first = unanswered(b, &n);
	char ip[IP4_TEXT_SIZE];

	if (word == NULL && (first == NULL || ip4_is_zero(first->dhcp.giaddr) || server_word(b)))
		return;
	if (word != NULL && (boot_after(b, word, FACT_DHCP_OFFER) != NULL || boot_went_on(b, word)))
		return;
	struct ip4 relay = word != NULL ? word->peer.ip : first->dhcp.giaddr;
	judgement_fits(j, ABOUT_ADDRESS, word != NULL ? STRENGTH_WORD : STRENGTH_SILENCE,
		       word != NULL);
	judgement_text(j, "no DHCP scope holds the relay's address %s, so nobody answers.",
		       ip4_format(relay, ip));
	judgement_remedy(j, "Create a scope for the subnet of %s, or correct the relay's address.",
			 ip4_format(relay, ip));
	judgement_decide(j, "the DHCP server's log for this relay address");
	judgement_evidence_all(j, b, FACT_DHCP_DISCOVER);
	judgement_evidence(j, word);
}

/* OFFERs come, at least two, and the phone goes on asking: its last OFFER. */
static const struct fact *offers_in_vain(const struct boot_view *b)
{
	const struct fact *offer = boot_last(b, FACT_DHCP_OFFER);
	const struct fact *first = boot_first(b, FACT_DHCP_OFFER);

	if (offer == NULL || boot_first(b, FACT_DHCP_REQUEST) != NULL ||
	    boot_first(b, FACT_DHCP_ACK) != NULL ||
	    boot_after(b, first, FACT_DHCP_DISCOVER) == NULL ||
	    boot_count(b, FACT_DHCP_DISCOVER) < 2 || boot_went_on(b, first))
		return NULL;
	return offer;
}

/* "" or what a phone could not like about an OFFER. */
static const char *offer_defect(const struct boot_view *b, const struct fact *offer)
{
	const struct fact *asked = boot_before(b, offer, FACT_DHCP_DISCOVER);
	const struct fact *broken = boot_last(b, FACT_DHCP_BROKEN);

	if (ip4_is_zero(offer->dhcp.yiaddr))
		return "it offers no address";
	if (asked != NULL && asked->dhcp.xid != offer->dhcp.xid)
		return "its transaction number is not the phone's";
	if (ip4_is_zero(offer->dhcp.server_id) && ip4_is_zero(offer->peer.ip))
		return "it names no server (option 54)";
	if (offer->dhcp.lease_s == 0)
		return "it names no lease time (option 51)";
	if (offer->dhcp.has_150 && offer->dhcp.option150_count == 0)
		return "its option 150 holds no address";
	if (broken != NULL && broken->value[0] == SIDE_SERVER)
		return "it is malformed";
	return "";
}

static bool flag_lost(const struct boot_view *b, const struct fact *offer)
{
	const struct fact *asked = boot_before(b, offer, FACT_DHCP_DISCOVER);

	return asked != NULL && (asked->dhcp.flags & FLAG_BROADCAST) != 0 &&
	       (offer->dhcp.flags & FLAG_BROADCAST) == 0 && !ip4_is_zero(offer->dhcp.giaddr);
}

/* D-06: not seen as defective, so perhaps not arriving. */
void rule_offer_lost(const struct boot_view *b, struct judgement *j)
{
	const struct fact *offer = offers_in_vain(b);

	if (offer == NULL || offer->dhcp.option150_text || offer_defect(b, offer)[0] != 0 ||
	    flag_lost(b, offer) || boot_at_port(b))
		return;
	judgement_fits(j, ABOUT_ADDRESS, STRENGTH_SILENCE, false);
	judgement_text(j,
		       "%zu OFFERs are sent and the phone goes on asking: they do not seem to "
		       "reach it.",
		       boot_count(b, FACT_DHCP_OFFER));
	judgement_decide(j, "a capture at the phone's port: does the OFFER arrive there?");
	judgement_evidence_all(j, b, FACT_DHCP_OFFER);
}

/* The OFFER answers a question of this boot the phone had given up meanwhile: it is late (D-22). */
static bool is_late(const struct boot_view *b, const struct fact *offer)
{
	const struct fact *latest = boot_before(b, offer, FACT_DHCP_DISCOVER);

	for (const struct fact *f = b->facts; latest != NULL && f < latest; f++) {
		if (f->kind == FACT_DHCP_DISCOVER && f->dhcp.xid == offer->dhcp.xid)
			return f->dhcp.xid != latest->dhcp.xid;
	}
	return false;
}

/* D-07: the OFFER is there and lacks something; or it arrives at the phone's very port, in vain. */
void rule_offer_unusable(const struct boot_view *b, struct judgement *j)
{
	const struct fact *offer = offers_in_vain(b);
	const char *defect = offer != NULL ? offer_defect(b, offer) : "";

	if (offer == NULL || offer->dhcp.option150_text || flag_lost(b, offer) ||
	    is_late(b, offer) || (defect[0] == 0 && !boot_at_port(b)))
		return;
	judgement_fits(j, ABOUT_ADDRESS, STRENGTH_WIRE, boot_at_port(b) && defect[0] != 0);
	if (defect[0] != 0)
		judgement_text(j, "the phone does not take the OFFER: %s.", defect);
	else
		judgement_text(j, "the OFFER arrives at the phone's port and the phone does not "
				  "take it.");
	judgement_decide(j, "the OFFER of a phone that works, field by field");
	judgement_evidence_all(j, b, FACT_DHCP_OFFER);
}

/* D-08: the phone wants a broadcast, the relay is told otherwise. */
void rule_broadcast_flag(const struct boot_view *b, struct judgement *j)
{
	const struct fact *offer = offers_in_vain(b);

	if (offer == NULL || !flag_lost(b, offer) || offer->dhcp.option150_text ||
	    offer_defect(b, offer)[0] != 0)
		return;
	/* Elsewhere an OFFER that is lost looks the same. */
	judgement_fits(j, ABOUT_ADDRESS, STRENGTH_WIRE,
		       boot_count(b, FACT_DHCP_OFFER) >= LOOP_ROUNDS && boot_at_port(b));
	judgement_text(j,
		       "the phone asks for a broadcast answer (flags 0x8000), the server's OFFER "
		       "says flags 0, so the relay answers by unicast and the phone does not take "
		       "it.");
	judgement_decide(j, "a capture at the phone's port: does the OFFER arrive there?");
	judgement_evidence(j, boot_before(b, offer, FACT_DHCP_DISCOVER));
	judgement_evidence_all(j, b, FACT_DHCP_OFFER);
}

/* D-09: one NAK after a move is normal, three within a minute are not. */
void rule_two_servers_nak(const struct boot_view *b, struct judgement *j)
{
	const struct fact *last = boot_last(b, FACT_DHCP_NAK);
	const struct fact *offer = NULL;
	size_t n = 0;
	char who[IP4_TEXT_SIZE];
	char other[IP4_TEXT_SIZE];

	if (last == NULL || boot_after(b, last, FACT_DHCP_ACK) != NULL || boot_went_on(b, last))
		return;
	BOOT_EACH_EVER(f, b)
	{
		if (f->kind == FACT_DHCP_OFFER)
			offer = f;
		if (f->kind != FACT_DHCP_NAK || last->at - f->at > NAK_WITHIN)
			continue;
		n++;
		judgement_evidence(j, f);
	}
	if (n < LOOP_ROUNDS)
		return;
	bool two = offer != NULL && !ip4_equal(offer->peer.ip, last->peer.ip);
	judgement_fits(j, ABOUT_ADDRESS, STRENGTH_WORD, true);
	if (two)
		judgement_text(j, "%s offers an address and %s refuses it, %zu times in a minute.",
			       ip4_format(offer->peer.ip, other), ip4_format(last->peer.ip, who),
			       n);
	else
		judgement_text(j, "%s refuses the phone's REQUEST, %zu times in a minute.",
			       ip4_format(last->peer.ip, who), n);
	if (two)
		judgement_remedy(j, "Remove this subnet from the DHCP server %s.",
				 ip4_format(last->peer.ip, who));
}

/* The OFFER of another server in this boot that names a boot server. */
static const struct fact *better_offer(const struct boot_view *b, const struct fact *ack)
{
	BOOT_EACH(f, b)
	{
		if (f->kind == FACT_DHCP_OFFER && !ip4_equal(f->peer.ip, ack->peer.ip) &&
		    f->dhcp.option150_count > 0)
			return f;
	}
	return NULL;
}

/* D-10: the address is from a server that is not ours; in a capture, from one that knows no boot
 * server while another that does offers as well. */
void rule_rogue_dhcp(const struct boot_view *b, struct judgement *j)
{
	const struct fact *ack = boot_lease(b);
	char ip[IP4_TEXT_SIZE];
	char mac[MAC_TEXT_SIZE] = "";

	if (ack == NULL || boot_is_registered(b))
		return;
	const struct fact *word = NULL;
	BOOT_EACH_SITE(f, b)
	{
		if (f->kind == FACT_SERVER_FOREIGN_DHCP && ip4_equal(f->peer.ip, ack->peer.ip))
			word = f;
	}
	bool foreign = word != NULL || boot_owns(b, ack->peer.ip, 1) == 0;
	const struct fact *better = better_offer(b, ack);
	if (!foreign && (better == NULL || ack->dhcp.has_150 || ack->dhcp.has_66))
		return;
	if (!mac_is_zero(ack->dhcp.server_mac))
		(void)mac_format(ack->dhcp.server_mac, mac);
	judgement_fits(j, ABOUT_BOOT_SERVER, foreign ? STRENGTH_WORD : STRENGTH_WIRE, foreign);
	j->likelier = better != NULL;
	judgement_text(
	    j, "the phone's lease is from %s%s%s, %s.", ip4_format(ack->peer.ip, ip),
	    mac[0] != 0 ? ", MAC " : "", mac,
	    foreign ? "which is no DHCP server of ours"
		    : "which names no TFTP server, while another server offered one that does");
	judgement_decide(j, "whose that server is: its MAC in the switch's address table");
	judgement_evidence(j, better);
	judgement_evidence(j, ack);
	judgement_evidence(j, word);
}

/* D-11: the phone itself declines. */
void rule_duplicate_ip(const struct boot_view *b, struct judgement *j)
{
	const struct fact *decline = boot_last(b, FACT_DHCP_DECLINE);
	const struct fact *conflict = boot_last(b, FACT_ARP_CONFLICT);
	const struct fact *parked = boot_last(b, FACT_SERVER_DUPLICATE_IP);
	char ip[IP4_TEXT_SIZE] = "";
	char mac[128] = "";

	if (conflict != NULL && !boot_speaks_itself(b))
		conflict = NULL;
	if (decline == NULL && (conflict == NULL || conflict->number != 1))
		return;
	const struct fact *since = decline != NULL ? decline : conflict;
	if (boot_went_on(b, since) || boot_is_registered(b))
		return;
	if (decline != NULL)
		(void)ip4_format(decline->dhcp.requested, ip);
	if (conflict != NULL) {
		(void)ip4_format(conflict->peer.ip, ip);
		(void)clean_text(conflict->text, mac);
	}
	judgement_fits(j, ABOUT_ADDRESS, STRENGTH_WORD, decline != NULL);
	judgement_text(j, "the address %s the phone was given is in use by another host%s%s.", ip,
		       mac[0] != 0 ? ", MAC " : "", mac);
	judgement_decide(j, "does the phone decline the address?");
	judgement_evidence(j, conflict);
	judgement_evidence(j, decline);
	judgement_evidence(j, parked);
}

/* D-13: digits and dots where four bytes were meant. */
void rule_option_150_text(const struct boot_view *b, struct judgement *j)
{
	const struct fact *said = boot_last(b, FACT_DHCP_ACK);
	char text[128];

	if (said == NULL)
		said = boot_last(b, FACT_DHCP_OFFER);
	if (said == NULL || !said->dhcp.option150_text || boot_is_registered(b) ||
	    boot_after(b, said, FACT_FILE_STARTED) != NULL)
		return;
	const struct fact_dhcp *d = &said->dhcp;
	char wrong[IP4_TEXT_SIZE] = "";
	if (d->option150_count > 0)
		(void)ip4_format(d->option150[0], wrong);
	judgement_fits(j, ABOUT_ADDRESS, STRENGTH_WIRE, true);
	judgement_text(j,
		       "option 150 holds the text \"%s\" instead of an address%s%s%s: the phone "
		       "refuses the lease or asks nobody.",
		       clean_text(d->option150_words, text), wrong[0] != 0 ? " (read as " : "",
		       wrong, wrong[0] != 0 ? ")" : "");
	judgement_evidence(j, said);
}

/* D-18: released, and no word since. */
void rule_address_released(const struct boot_view *b, struct judgement *j)
{
	const struct fact *release = boot_last(b, FACT_DHCP_RELEASE);

	if (release == NULL || !b->verdict || b->now - release->at < WINDOW_PROGRESS)
		return;
	bool alive = false;
	BOOT_EACH_AFTER(f, release, b)
	{
		if (f->kind == FACT_CDP_PHONE || f->kind == FACT_LLDP_PHONE)
			alive = true;
		else if (f->kind != FACT_CDP_SWITCH && f->kind != FACT_LLDP_SWITCH)
			return;
	}
	/* One that took its leave, and is not heard since, was moved or unplugged. */
	if (!alive && (boot_before(b, release, FACT_SCCP_UNREGISTER) != NULL ||
		       boot_before(b, release, FACT_SIP_UNREGISTERED) != NULL))
		return;
	judgement_fits(j, ABOUT_ADDRESS, STRENGTH_SILENCE, alive && b->complete);
	judgement_decide(j, "is the phone still powered, and does it say \"IP address released\"?");
	judgement_evidence(j, release);
}

/* D-21: nobody answers, and the phone goes on all the same. */
void rule_remembered_lease(const struct boot_view *b, struct judgement *j)
{
	const struct fact *first = boot_first(b, FACT_DHCP_DISCOVER);
	const struct fact *last = boot_last(b, FACT_DHCP_DISCOVER);

	if (first == NULL || boot_count(b, FACT_DHCP_DISCOVER) < 2 ||
	    boot_first(b, FACT_DHCP_OFFER) != NULL || boot_first(b, FACT_DHCP_ACK) != NULL ||
	    boot_first(b, FACT_DHCP_REQUEST) != NULL)
		return;
	const struct fact *next = NULL;
	BOOT_EACH_AFTER(f, last, b)
	{
		if ((f->kind == FACT_FILE_ASKED || f->kind == FACT_TCP_SYN) && next == NULL)
			next = f;
	}
	char ip[IP4_TEXT_SIZE];
	if (next == NULL || ip4_is_zero(next->ip))
		return;
	judgement_fits(j, ABOUT_REMARK, STRENGTH_SILENCE, b->complete && boot_went_on(b, first));
	judgement_text(j, "DHCP is silent and the phone works with the address it remembers, %s.",
		       ip4_format(next->ip, ip));
	judgement_decide(j, "the DHCP server's log");
	judgement_evidence_all(j, b, FACT_DHCP_DISCOVER);
	judgement_evidence(j, next);
}

/* As many OFFERs of this server as DISCOVERs, under one transaction number? */
static bool each_is_offered(const struct boot_view *b, const struct fact *offer)
{
	size_t asked = 0;
	size_t offered = 0;

	BOOT_EACH(f, b)
	{
		if (f->dhcp.xid != offer->dhcp.xid)
			continue;
		asked += f->kind == FACT_DHCP_DISCOVER;
		offered += f->kind == FACT_DHCP_OFFER && ip4_equal(f->peer.ip, offer->peer.ip);
	}
	return offered >= asked;
}

/* D-22: late answers, not lost ones: the OFFER is to a question that was asked long before. */
void rule_slow_dhcp(const struct boot_view *b, struct judgement *j)
{
	const struct fact *offer = boot_first(b, FACT_DHCP_OFFER);
	const struct fact *word = boot_last(b, FACT_SERVER_SLOW_OFFER);
	const struct fact *asked = NULL;
	const struct fact *latest = NULL;

	if (offer == NULL)
		return;
	for (const struct fact *f = b->facts; f < offer; f++) {
		if (f->kind != FACT_DHCP_DISCOVER)
			continue;
		latest = f;
		/* Asked again with the same number: the first one is answered if each of them is.
		 */
		if (f->dhcp.xid == offer->dhcp.xid && (asked == NULL || !each_is_offered(b, offer)))
			asked = f;
	}
	bool older = asked != NULL && latest != asked;
	if (word == NULL && (asked == NULL || offer->at - asked->at <= SLOW_OFFER))
		return;
	/* Where no OFFER ever comes in time it is what stops the phone. */
	j->note = offers_in_vain(b) == NULL || !older;
	judgement_fits(j, ABOUT_REMARK, word != NULL ? STRENGTH_WORD : STRENGTH_WIRE,
		       word != NULL || older);
	judgement_text(
	    j, "the DHCP server answers after %.1f s%s.",
	    (double)(asked != NULL ? offer->at - asked->at : (dt_time)word->number * 1000) / 1e6,
	    !older                                ? ""
	    : asked->dhcp.xid == latest->dhcp.xid ? ", when the phone had asked again"
						  : ", to a question the phone had given up");
	judgement_decide(j, "the DHCP server's load, and whether it pings before it offers");
	judgement_evidence(j, asked);
	judgement_evidence(j, offer);
	judgement_evidence(j, word);
}
