/* ARP to facts: does the phone find its address free, its gateway present, and does anybody else
 * claim what is its own. */
#include "observe/observer_internal.h"

#include "base/text.h"
#include "observe/words.h"

#define MACS_MAX     4 /* that answered for one address */
#define ASKED_TOLD   3 /* equal questions in a row */
#define PROBE_WINDOW DT_SECONDS(10)

/* One address that somebody asked for. */
struct observed_question {
	struct table_entry entry;
	struct mac asker;
	uint32_t asked; /* times in a row by this asker, without an answer */
	uint8_t answered_by_count;
	struct mac answered_by[MACS_MAX];
	uint8_t told; /* the first so many of them were told to this asker */
	struct mac prober;
	dt_time probed_at;
	bool probed;
};

static struct observed_question *question(struct observer *o, struct ip4 ip)
{
	return table_need(&o->asked, ip4_number(ip), o->at);
}

static void on_probe(struct observer *o, const struct arp *a)
{
	struct observed_question *q = question(o, a->target_ip);
	struct fact f = observer_fact_of(o, FACT_ARP_PROBE, a->sender);

	f.peer.ip = a->target_ip;
	observer_add_if_phone(o, &f);
	if (q == NULL)
		return;
	q->probed = true;
	q->prober = a->sender;
	q->probed_at = o->at;
}

/* How many stations have answered for this address, this one included. */
static uint32_t note_answer(struct observed_question *q, struct mac mac)
{
	for (uint8_t i = 0; i < q->answered_by_count; i++) {
		if (mac_equal(q->answered_by[i], mac))
			return q->answered_by_count;
	}
	if (q->answered_by_count < MACS_MAX)
		q->answered_by[q->answered_by_count++] = mac;
	return q->answered_by_count;
}

static void tell_conflict(struct observer *o, struct mac owner, struct ip4 ip, struct mac other,
			  uint32_t how)
{
	struct fact f = observer_fact_of(o, FACT_ARP_CONFLICT, owner);

	f.peer.ip = ip;
	f.number = how;
	(void)mac_format(other, f.text);
	observer_add_if_phone(o, &f);
}

static bool sends_arp(const struct observer *o, struct mac mac)
{
	const struct observed_phone *p = table_get(&o->phones, mac_key(mac));

	return p != NULL && p->arps;
}

/* Somebody says that `ip` is at `mac`: does it belong to another? */
static void check_conflict(struct observer *o, struct ip4 ip, struct mac mac, uint32_t how)
{
	const struct observed_question *q = table_get(&o->asked, ip4_number(ip));
	const struct observed_address *a = observer_address(o, ip);

	/* Who probes and never says that the address is his may have a host that speaks for him. */
	if (q != NULL && q->probed && o->at <= q->probed_at + PROBE_WINDOW &&
	    !mac_equal(q->prober, mac) && (how != 2 || sends_arp(o, q->prober))) {
		tell_conflict(o, q->prober, ip, mac, how == 2 ? 2 : 1);
		return;
	}
	/* Only a lease that runs makes an address somebody's own; and only who sends ARP itself can
	 * be in conflict with who does: behind a host that speaks for many phones (simulated ones,
	 * a proxy) the address is always found at another MAC than the one that got the lease. */
	if (a == NULL || !sends_arp(o, a->mac) || a->ground != GROUND_DHCP || o->at > a->until ||
	    mac_equal(a->mac, mac) || ip4_equal(ip, a->router))
		return;
	tell_conflict(o, a->mac, ip, mac, how);
}

static void on_question(struct observer *o, const struct arp *a)
{
	struct observed_question *q = question(o, a->target_ip);
	struct fact f = observer_fact_of(o, FACT_ARP_ASKED, a->sender);

	if (q == NULL)
		return;
	if (!mac_equal(q->asker, a->sender)) {
		q->asker = a->sender;
		q->asked = 0;
		q->told = 0;
	}
	if (q->asked++ >= ASKED_TOLD)
		return;
	f.ip = a->sender_ip;
	f.peer.ip = a->target_ip;
	observer_add_if_phone(o, &f);
}

static void on_answer(struct observer *o, const struct arp *a)
{
	struct observed_question *q = question(o, a->sender_ip);
	struct fact f = observer_fact_of(o, FACT_ARP_ANSWERED, a->target);

	if (q == NULL)
		return;
	uint32_t count = note_answer(q, a->sender);
	q->asked = 0;
	if (ip4_is_zero(a->target_ip) || (q->told == count && mac_equal(q->asker, a->target)))
		return;
	q->told = (uint8_t)count;
	f.ip = a->target_ip;
	f.peer.ip = a->sender_ip;
	f.number = count;
	(void)mac_format(a->sender, f.text);
	observer_add_if_phone(o, &f);
}

static void on_announcement(struct observer *o, const struct arp *a)
{
	struct fact f = observer_fact_of(o, FACT_ARP_GRATUITOUS, a->sender);

	check_conflict(o, a->sender_ip, a->sender, 2);
	observer_claim_link(o, a->sender_ip, a->sender);
	f.ip = a->sender_ip;
	f.peer.ip = a->sender_ip;
	observer_add_if_phone(o, &f);
}

/* To a phone, or by one. */
static void say(struct observer *o, const struct arp *arp)
{
	bool by_phone = table_get(&o->phones, mac_key(arp->sender)) != NULL;
	struct mac phone = by_phone ? arp->sender : arp->target;
	struct buf *line = observer_line(o);

	if (line == NULL || (!by_phone && table_get(&o->phones, mac_key(arp->target)) == NULL))
		return;
	words_arp(line, arp);
	observer_said_of(o, "ARP", phone, (struct ip4){{0}}, by_phone);
}

void observer_arp(struct observer *o, const struct link_ends *ends, const struct arp *arp,
		  dt_time at, uint64_t evidence)
{
	observer_begin_link(o, ends, at, evidence);
	if (mac_is_zero(arp->sender) || (arp->sender.b[0] & 1) != 0)
		return;
	struct observed_phone *phone = table_get(&o->phones, mac_key(arp->sender));
	/* A probe says nothing of who will speak for the address. */
	if (phone != NULL && !ip4_is_zero(arp->sender_ip))
		phone->arps = true;
	say(o, arp);
	if (arp_is_probe(arp)) {
		on_probe(o, arp);
	} else if (arp_is_announcement(arp)) {
		on_announcement(o, arp);
	} else if (arp->op == ARP_REPLY) {
		check_conflict(o, arp->sender_ip, arp->sender, 3);
		on_answer(o, arp);
	} else if (arp->op == ARP_REQUEST && !ip4_is_zero(arp->sender_ip)) {
		check_conflict(o, arp->sender_ip, arp->sender, 2);
		observer_claim_link(o, arp->sender_ip, arp->sender);
		on_question(o, arp);
	}
}

size_t observer_question_size(void);

size_t observer_question_size(void)
{
	return sizeof(struct observed_question);
}
