/* CDP, LLDP and EAPOL to facts, and too many broadcasts.
 *
 * What a switch says is a multicast: it concerns the phone on whose port it was seen, when only one
 * phone speaks there; else it concerns nobody in particular (a site fact, with a zero mac).
 * Neighbours repeat themselves for ever: of equal messages in a row the first few are told, then
 * every tenth. */
#include "observe/observer_internal.h"

#include "base/text.h"
#include "observe/words.h"

#define REPEATS_TOLD   8
#define REPEATS_SPARSE 10
#define STORM_RATE     1000 /* broadcasts a second: K-14 */
#define STORM_PAUSE    DT_SECONDS(10)
#define VLAN_UNTAGGED  1 /* "asks without a number" */

/* One station's last words by one protocol. */
struct observed_neighbour {
	struct table_entry entry;
	uint64_t words; /* of what it said, mixed */
	uint32_t repeats;
};

void observer_link_init(struct observer *o);

void observer_link_init(struct observer *o)
{
	table_init(&o->neighbours, OBSERVE_NEIGHBOURS, sizeof(struct observed_neighbour), NULL, o);
}

static uint64_t mix(uint64_t a, uint64_t b)
{
	return (a ^ b) * 0x9e3779b97f4a7c15ULL + 0x7f4a7c15ULL;
}

/* Is this fact worth telling, or has the station said so often enough? */
static bool is_news(struct observer *o, struct mac source, const struct fact *f)
{
	struct observed_neighbour *n =
	    table_need(&o->neighbours, mac_key(source) | (uint64_t)f->kind << 48, o->at);
	uint64_t words = mix(map_key_text(f->name), map_key_text(f->text));

	words = mix(mix(words, f->number), mix(f->value[0], f->value[1]));
	words = mix(words, f->value[2]);
	if (n == NULL)
		return true;
	n->repeats = n->words == words ? n->repeats + 1 : 0;
	n->words = words;
	return n->repeats < REPEATS_TOLD || n->repeats % REPEATS_SPARSE == 0;
}

static void tell(struct observer *o, struct mac source, struct fact *f, bool by_phone)
{
	if (by_phone) {
		observer_on_link(o, source);
		f->mac = source;
	} else if (o->on_link_count == 1) {
		f->mac = o->on_link;
	}
	if (is_news(o, source, f))
		observer_add_fact(o, f);
}

/* "SEP001BD5853661" names a phone by its address; so does what it says it can. */
static bool is_phone_name(struct slice name)
{
	return name.len >= 15 && memcmp(name.ptr, "SEP", 3) == 0;
}

void observer_cdp(struct observer *o, const struct link_ends *ends, const struct cdp *cdp,
		  dt_time at, uint64_t evidence)
{
	observer_begin_link(o, ends, at, evidence);
	bool phone = cdp->has_voice_query || is_phone_name(cdp->device_id) ||
		     (cdp->has_capabilities && (cdp->capabilities & CDP_PHONE) != 0);
	struct fact f =
	    observer_fact_of(o, phone ? FACT_CDP_PHONE : FACT_CDP_SWITCH, (struct mac){{0}});

	(void)text_copy_slice(f.name, sizeof f.name, cdp->device_id);
	uint32_t duplex = !cdp->has_duplex ? 0 : cdp->full_duplex ? 2 : 1;
	if (phone) {
		(void)text_copy_slice(f.text, sizeof f.text, cdp->platform);
		if (cdp->has_voice_query)
			f.number = cdp->query_vlan != 0 ? cdp->query_vlan : VLAN_UNTAGGED;
		f.value[0] = cdp->consumption_mw;
		f.value[1] = duplex;
		f.value[2] = cdp->requested.mw[0];
		if (!ip4_is_zero(cdp->address)) {
			observer_on_link(o, ends->source);
			observer_claim_link(o, cdp->address, ends->source);
		}
	} else {
		(void)text_copy_slice(f.text, sizeof f.text, cdp->port_id);
		f.number = cdp->has_voice_vlan ? cdp->voice_vlan : 0;
		f.value[0] = cdp->native_vlan;
		f.value[1] = duplex;
		/* All ones: the port could give more than it was ever asked for. */
		f.value[2] = cdp->available.mw[0] != UINT32_MAX ? cdp->available.mw[0] : 0;
	}
	tell(o, ends->source, &f, phone);
	struct buf *line = observer_line(o);
	if (line != NULL) {
		words_cdp(line, cdp);
		observer_said_of(o, "CDP", f.mac, (struct ip4){{0}}, phone);
	}
}

/* 10BASE-T, 100BASE-TX and 1000BASE-T by their operational MAU types (RFC 4836). */
static uint32_t duplex_of(const struct lldp *l)
{
	if (!l->has_link)
		return 0;
	switch (l->mau) {
	case 10:
	case 15:
	case 29:
		return 1;
	case 11:
	case 16:
	case 30:
		return 2;
	default:
		return 0;
	}
}

static void fill_lldp_phone(const struct lldp *l, struct fact *f)
{
	struct slice words = l->model.len > 0 ? l->model : l->system_description;

	(void)text_copy_slice(f->text, sizeof f->text, words);
	for (size_t i = 0; i < l->policy_count; i++) {
		if (l->policy[i].application == LLDP_VOICE && f->number == 0)
			f->number = l->policy[i].vlan;
	}
	f->value[0] = l->power.mw;
}

static void fill_lldp_switch(const struct lldp *l, struct fact *f)
{
	const struct lldp_policy *policy = lldp_voice_policy(l);
	struct slice port = l->port;

	if (l->port_kind == LLDP_PORT_MAC || l->port.len == 0)
		port = l->port_description;
	(void)text_copy_slice(f->text, sizeof f->text, port);
	if (policy != NULL) {
		f->number = policy->vlan;
		f->value[0] = policy->tagged ? 1 : 2;
	}
	f->value[2] = l->power.mw;
}

void observer_lldp(struct observer *o, const struct link_ends *ends, const struct lldp *lldp,
		   dt_time at, uint64_t evidence)
{
	observer_begin_link(o, ends, at, evidence);
	bool phone = lldp->med_class == LLDP_MED_PHONE || is_phone_name(lldp->system_name) ||
		     (lldp->has_capabilities && (lldp->enabled & LLDP_PHONE) != 0);
	struct fact f =
	    observer_fact_of(o, phone ? FACT_LLDP_PHONE : FACT_LLDP_SWITCH, (struct mac){{0}});
	bool bridge = lldp->has_capabilities && (lldp->capabilities & (LLDP_BRIDGE | LLDP_ROUTER));

	/* A PC says neither; nobody's boot depends on it. */
	if (!phone && !bridge && lldp->med_class != LLDP_MED_SWITCH && lldp->policy_count == 0)
		return;
	(void)text_copy_slice(f.name, sizeof f.name, lldp->system_name);
	if (phone)
		fill_lldp_phone(lldp, &f);
	else
		fill_lldp_switch(lldp, &f);
	f.value[1] = duplex_of(lldp);
	tell(o, ends->source, &f, phone);
	struct buf *line = observer_line(o);
	if (line != NULL) {
		words_lldp(line, lldp);
		observer_said_of(o, "LLDP", f.mac, (struct ip4){{0}}, phone);
	}
}

void observer_eapol(struct observer *o, const struct link_ends *ends, const struct eapol *eapol,
		    dt_time at, uint64_t evidence)
{
	static const enum fact_kind kinds[] = {FACT_COUNT, FACT_EAP_REQUEST, FACT_EAP_RESPONSE,
					       FACT_EAP_SUCCESS, FACT_EAP_FAILURE};
	enum fact_kind kind = FACT_COUNT;

	observer_begin_link(o, ends, at, evidence);
	if (eapol->type == EAPOL_START)
		kind = FACT_EAPOL_START;
	else if (eapol->type == EAPOL_LOGOFF)
		kind = FACT_EAPOL_LOGOFF;
	else if (eapol->type == EAPOL_EAP && eapol->code <= EAP_FAILURE)
		kind = kinds[eapol->code];
	if (kind == FACT_COUNT)
		return;
	bool by_phone =
	    kind == FACT_EAPOL_START || kind == FACT_EAPOL_LOGOFF || kind == FACT_EAP_RESPONSE;
	bool to_group = (ends->destination.b[0] & 1) != 0;
	struct mac who = by_phone                ? ends->source
			 : !to_group             ? ends->destination
			 : o->on_link_count == 1 ? o->on_link
						 : (struct mac){{0}};
	struct fact f = observer_fact_of(o, kind, who);
	f.number = eapol->method;
	if (kind == FACT_EAP_RESPONSE)
		(void)text_copy_slice(f.text, sizeof f.text, eapol->identity);
	observer_add_fact(o, &f);
	struct buf *line = observer_line(o);
	if (line != NULL) {
		words_eapol(line, eapol);
		observer_said_of(o, "EAP", who, (struct ip4){{0}}, by_phone);
	}
}

void observer_broadcast(struct observer *o, uint16_t vlan, dt_time at, uint64_t evidence)
{
	if (at < o->storm_second || at >= o->storm_second + DT_SECONDS(1)) {
		o->storm_second = at;
		o->storm_count = 0;
	}
	if (++o->storm_count <= STORM_RATE || at < o->storm_told + STORM_PAUSE)
		return;
	o->storm_told = at;
	o->at = at;
	o->evidence = evidence;
	o->vlan = vlan;
	struct fact f = observer_fact_of(o, FACT_LAN_STORM, (struct mac){{0}});
	f.number = o->storm_count;
	observer_add_fact(o, &f);
}
