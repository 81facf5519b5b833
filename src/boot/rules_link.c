/* Rules of step 1: power, link, voice VLAN, 802.1X (P and V), and storms.
 *
 * A capture shows the link only by what passes it: the phone's CDP is its first sign of life, the
 * switch's CDP or LLDP carries the voice VLAN. Both are heard at the phone's own port and nowhere
 * else; without them nothing is said here. */
#include "boot/boot_internal.h"

#include "base/text.h"

#define STP_LEAST       DT_SECONDS(25)
#define STP_MOST        DT_SECONDS(60)
#define STP_ANSWERED    DT_SECONDS(3)
#define DISCOVERY_PAUSE DT_SECONDS(70) /* CDP comes each 60 s */
#define FLAP_WITHIN     DT_SECONDS(600)
#define NO_VLAN         4095

static bool got_on(const struct boot_view *b)
{
	return boot_is_registered(b) || boot_register(b) != NULL ||
	       boot_first(b, FACT_FILE_STARTED) != NULL;
}

/* The switch's answer: the voice VLAN it names; 0 none. */
static uint32_t voice_vlan(const struct boot_view *b, const struct fact **ret_fact)
{
	uint32_t vlan = 0;

	*ret_fact = NULL;
	BOOT_EACH(f, b)
	{
		if (f->kind != FACT_CDP_SWITCH && f->kind != FACT_LLDP_SWITCH)
			continue;
		if (f->number != 0 || *ret_fact == NULL)
			*ret_fact = f;
		vlan = f->number != 0 ? f->number : vlan;
	}
	return vlan;
}

/* P-03: the link comes and goes, or the phone reports one cold start after the other. */
void rule_power_cycles(const struct boot_view *b, struct judgement *j)
{
	const struct fact *last = &b->all[b->all_count - 1];
	size_t downs = 0;
	size_t colds = 0;

	if (!b->verdict)
		return;
	BOOT_EACH_EVER(f, b)
	{
		if (last->at - f->at > FLAP_WITHIN)
			continue;
		bool cold = f->kind == FACT_PHONE_LAST && f->value[0] == 0 &&
			    words_last_is(f, RULE_POWER_CYCLES);
		downs += f->kind == FACT_LINK_DOWN;
		colds += cold;
		if (cold || f->kind == FACT_LINK_DOWN)
			judgement_evidence(j, f);
	}
	if (downs < LOOP_ROUNDS && colds < LOOP_ROUNDS)
		return;
	judgement_fits(j, ABOUT_LINK, STRENGTH_WIRE, downs >= LOOP_ROUNDS && colds >= LOOP_ROUNDS);
	judgement_text(j, "the phone starts from power-on again and again: %zu %s within %.0f min.",
		       downs > colds ? downs : colds,
		       downs > colds ? "losses of link" : "cold starts by its own word",
		       (double)FLAP_WITHIN / 60e6);
	judgement_decide(j, "the power state and the fault counters of the switch port");
}

static const char *duplex_words(uint32_t duplex)
{
	return duplex == 1 ? "half" : "full";
}

/* P-04: both sides say in CDP what they think the duplex is. */
void rule_duplex_mismatch(const struct boot_view *b, struct judgement *j)
{
	const struct fact *phone = NULL;
	const struct fact *port = NULL;

	BOOT_EACH(f, b)
	{
		if ((f->kind == FACT_CDP_PHONE || f->kind == FACT_LLDP_PHONE) && f->value[1] != 0)
			phone = f;
		if ((f->kind == FACT_CDP_SWITCH || f->kind == FACT_LLDP_SWITCH) && f->value[1] != 0)
			port = f;
	}
	if (phone == NULL || port == NULL || phone->value[1] == port->value[1])
		return;
	judgement_fits(j, ABOUT_LINK, STRENGTH_WORD, true);
	/* It loses packets and stops none: a phone that came further has another trouble besides.
	 */
	j->note = boot_is_registered(b) || boot_went_on(b, phone) || boot_went_on(b, port);
	judgement_text(j, "phone and switch port disagree: the phone says %s duplex, the port %s.",
		       duplex_words(phone->value[1]), duplex_words(port->value[1]));
	judgement_evidence(j, phone);
	judgement_evidence(j, port);
}

/* P-05: everything the phone says in its first half minute is lost; then DHCP answers at once. */
void rule_spanning_tree(const struct boot_view *b, struct judgement *j)
{
	const struct fact *offer = boot_first(b, FACT_DHCP_OFFER);
	const struct fact *first = boot_first(b, FACT_DHCP_DISCOVER);
	const struct fact *up = boot_first(b, FACT_LINK_UP);
	const struct fact *heard = NULL;

	if (offer == NULL || first == NULL)
		return;
	for (const struct fact *f = first; f < offer; f++) {
		if (f->kind == FACT_DHCP_DISCOVER)
			heard = f;
	}
	if (heard == NULL || offer->at - heard->at > STP_ANSWERED)
		return;
	if (up == NULL)
		up = boot_first(b, FACT_CDP_PHONE);
	/* A capture behind the port sees only the one that came through: its own count tells. */
	dt_time waited = up != NULL && up < heard ? heard->at - up->at : heard->at - first->at;
	if (DT_SECONDS(heard->dhcp.secs) > waited)
		waited = DT_SECONDS(heard->dhcp.secs);
	if (waited < STP_LEAST || waited > STP_MOST)
		return;
	judgement_fits(j, ABOUT_SLOW, STRENGTH_WIRE,
		       up != NULL && up->kind == FACT_LINK_UP && heard->dhcp.secs >= 25);
	judgement_text(
	    j,
	    "for %.0f s nothing the phone said came through, then DHCP answered at once: "
	    "the switch port was in spanning tree's listening and learning.",
	    (double)waited / 1e6);
	judgement_decide(j, "the port's spanning-tree state while the phone starts");
	judgement_evidence(j, first);
	judgement_evidence(j, heard);
	judgement_evidence(j, offer);
}

/* P-06: an image transfer breaks off and the phone is not heard again. */
void rule_image_cut_off(const struct boot_view *b, struct judgement *j)
{
	const struct fact *last = &b->facts[b->count - 1];
	const struct fact *image = NULL;

	BOOT_EACH(f, b)
	{
		if (f->kind == FACT_FILE_STARTED && boot_file_is_image(f->name))
			image = f;
		if (image != NULL && f->kind == FACT_FILE_DELIVERED &&
		    strcmp(f->name, image->name) == 0)
			image = NULL;
	}
	if (image == NULL || !b->verdict || b->now - last->at < WINDOW_PROGRESS ||
	    fact_row(last->kind)->family > FAMILY_FILE)
		return;
	char name[128];
	judgement_fits(j, ABOUT_LOAD, STRENGTH_SILENCE, false);
	judgement_text(j,
		       "the transfer of the image %s broke off and the phone was not heard again.",
		       clean_text(image->name, name));
	judgement_decide(j, "the phone's display, and whether its link is still up");
	judgement_evidence(j, image);
	judgement_evidence(j, last);
}

static const struct fact *asks_untagged(const struct boot_view *b)
{
	const struct fact *discover = boot_last(b, FACT_DHCP_DISCOVER);

	return discover != NULL && discover->vlan == 0 && ip4_is_zero(discover->dhcp.giaddr)
		   ? discover
		   : NULL;
}

/* V-01: the phone asks for its VLAN and nobody tells it one. A flat network needs none: only
 * suspected, and only of a phone that gets nowhere. */
void rule_no_voice_vlan(const struct boot_view *b, struct judgement *j)
{
	const struct fact *word = NULL;
	const struct fact *phone = boot_first(b, FACT_CDP_PHONE);
	const struct fact *untagged = asks_untagged(b);
	const struct fact *port = boot_last(b, FACT_PHONE_PORT);

	if (phone == NULL)
		phone = boot_first(b, FACT_LLDP_PHONE);
	if (got_on(b) || untagged == NULL || phone == NULL || voice_vlan(b, &word) != 0 ||
	    b->now - phone->at < WINDOW_CDP || boot_first(b, FACT_FILE_ASKED) != NULL)
		return;
	judgement_fits(j, ABOUT_ADDRESS, STRENGTH_SILENCE, false);
	judgement_text(j, "%s tells the phone no voice VLAN, so it asks for an address untagged%s.",
		       word != NULL ? "the switch" : "nobody",
		       port != NULL && port->number == NO_VLAN ? " (it says so itself: VLAN 4095)"
							       : "");
	judgement_decide(j, "the switch port's configuration: is a voice VLAN meant to be there?");
	judgement_evidence(j, phone);
	judgement_evidence(j, word);
	judgement_evidence(j, untagged);
}

/* V-02: the VLAN this switch names here is not the one it names the others. */
void rule_wrong_voice_vlan(const struct boot_view *b, struct judgement *j)
{
	const struct fact *word = NULL;
	uint32_t vlan = voice_vlan(b, &word);
	char name[128];

	if (vlan == 0 || got_on(b) || b->timeline == NULL)
		return;
	uint32_t usual = timeline_voice_vlan(b->timeline, word->name, vlan);
	if (usual == 0)
		return;
	judgement_fits(j, ABOUT_ADDRESS, STRENGTH_WIRE, false);
	judgement_text(j, "switch %s puts this phone into voice VLAN %u, its other phones into %u.",
		       clean_text(word->name, name), vlan, usual);
	judgement_decide(j, "the same phone on a neighbour's port");
	judgement_evidence(j, word);
	judgement_evidence(j, boot_last(b, FACT_DHCP_DISCOVER));
}

/* V-04: it tags with a VLAN that nobody named. */
void rule_admin_vlan(const struct boot_view *b, struct judgement *j)
{
	const struct fact *word = NULL;
	const struct fact *discover = boot_last(b, FACT_DHCP_DISCOVER);
	uint32_t vlan = voice_vlan(b, &word);

	if (discover == NULL || discover->vlan == 0 || word == NULL || got_on(b) ||
	    discover->vlan == vlan || discover < word)
		return;
	judgement_fits(j, ABOUT_ADDRESS, STRENGTH_WIRE, false);
	if (vlan != 0)
		judgement_text(j, "the phone tags with VLAN %u although the switch names %u.",
			       discover->vlan, vlan);
	else
		judgement_text(j, "the phone tags with VLAN %u although the switch names none.",
			       discover->vlan);
	judgement_decide(j, "the Admin VLAN field in the phone's network settings");
	judgement_evidence(j, word);
	judgement_evidence(j, discover);
}

/* V-05: the port wants to know who it is. */
void rule_no_8021x(const struct boot_view *b, struct judgement *j)
{
	const struct fact *failure = boot_last(b, FACT_EAP_FAILURE);
	size_t starts = boot_count(b, FACT_EAPOL_START);

	if (boot_lease(b) != NULL || got_on(b))
		return;
	if (failure != NULL && boot_after(b, failure, FACT_EAP_SUCCESS) == NULL) {
		/* A port that lets it in by its MAC after that leaves the silence to DHCP. */
		judgement_fits(j, ABOUT_LINK, STRENGTH_WORD,
			       boot_after(b, failure, FACT_DHCP_DISCOVER) == NULL);
		judgement_decide(j, "the state of the switch port: authorized or not?");
		judgement_text(j, "802.1X refuses the phone: EAP-Failure.");
		judgement_evidence(j, failure);
	} else if (starts >= EQUAL_REQUESTS && boot_first(b, FACT_EAP_REQUEST) == NULL &&
		   boot_first(b, FACT_DHCP_DISCOVER) == NULL) {
		judgement_fits(j, ABOUT_LINK, STRENGTH_SILENCE, b->complete && boot_at_port(b));
		judgement_text(j, "%zu EAPOL-Starts of the phone, and nobody asks who it is.",
			       starts);
		judgement_decide(j, "the port's 802.1X configuration");
		judgement_evidence_all(j, b, FACT_EAPOL_START);
	}
}

/* V-06: an address in the data network first, one in the voice VLAN at once after. */
void rule_two_leases(const struct boot_view *b, struct judgement *j)
{
	const struct fact *first = NULL;
	char was[IP4_TEXT_SIZE];
	char is[IP4_TEXT_SIZE];

	BOOT_EACH(f, b)
	{
		if (f->kind != FACT_DHCP_ACK || ip4_is_zero(f->dhcp.yiaddr))
			continue;
		struct ip4 mask = f->dhcp.mask;
		bool other = first != NULL && f->at - first->at <= DT_SECONDS(30) &&
			     (f->vlan != first->vlan ||
			      (!ip4_is_zero(mask) &&
			       !ip4_in_subnet(first->dhcp.yiaddr, f->dhcp.yiaddr, mask)));
		if (!other) {
			first = f;
			continue;
		}
		judgement_fits(j, ABOUT_REMARK, STRENGTH_WIRE, true);
		judgement_text(
		    j,
		    "two leases in one boot: %s, then %s%s. The voice VLAN's answer came "
		    "late.",
		    ip4_format(first->dhcp.yiaddr, was), ip4_format(f->dhcp.yiaddr, is),
		    f->vlan != 0 ? " in the voice VLAN" : "");
		judgement_evidence(j, first);
		judgement_evidence(j, f);
		return;
	}
}

/* V-07: its own file has told it not to speak CDP nor LLDP. */
void rule_discovery_off(const struct boot_view *b, struct judgement *j)
{
	const uint32_t off = CONFIG_CDP_OFF | CONFIG_LLDP_OFF;
	const struct fact *file = NULL;

	BOOT_EACH_EVER(f, b)
	{
		if (f->kind == FACT_CONFIG_READ && f < b->facts + b->count)
			file = f;
	}
	if (file == NULL || (file->value[1] & off) != off || got_on(b) || file >= b->facts)
		return;
	const struct fact *untagged = asks_untagged(b);
	if (untagged == NULL || boot_first(b, FACT_CDP_PHONE) != NULL ||
	    boot_first(b, FACT_LLDP_PHONE) != NULL)
		return;
	judgement_fits(j, ABOUT_ADDRESS, STRENGTH_WIRE,
		       b->complete && b->now - b->facts[0].at > DISCOVERY_PAUSE);
	judgement_decide(j, "seventy seconds at the phone's port: does it speak CDP or LLDP?");
	judgement_evidence(j, file);
	judgement_evidence(j, untagged);
}

const struct fact *boot_storm(const struct boot_view *b)
{
	const struct fact *storm = NULL;
	dt_time last = b->facts[b->count - 1].at;

	BOOT_EACH_SITE(f, b)
	{
		bool meanwhile = f->at >= b->facts[0].at && f->at <= b->now;
		if (f->kind == FACT_LAN_STORM && meanwhile && last - f->at <= WINDOW_RETURN)
			storm = f;
	}
	return storm;
}

/* K-14: everybody in the VLAN suffers. It explains every silence, so it comes before what else a
 * silence may mean. */
void rule_broadcast_storm(const struct boot_view *b, struct judgement *j)
{
	const struct fact *storm = boot_storm(b);

	if (storm == NULL ||
	    (boot_is_registered(b) && boot_lost_connection(b) == NULL && !boot_keepalives_lost(b)))
		return;
	judgement_fits(j, ABOUT_LINK, STRENGTH_WIRE, false);
	j->likelier = true;
	judgement_text(j, "a broadcast storm: %u broadcasts a second.", storm->number);
	judgement_decide(j, "the switch's storm and spanning-tree counters");
	judgement_evidence(j, storm);
}
