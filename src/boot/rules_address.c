/* Rules between a lease and the first file: does the phone know whom to ask, and can it reach him?
 * And of leases that end or come too often. */
#include "boot/boot_internal.h"

#include "base/text.h"

#include <stdlib.h>

#define HOUR              DT_SECONDS(3600)
#define EXCHANGES_AN_HOUR 6
#define EXCHANGES_MAX     64

static bool is_dotted(const char *text)
{
	struct ip4 ip;

	return ip4_parse(text, &ip) == 0;
}

/* D-01: it announces itself and asks for nothing. */
void rule_no_dhcp_asked(const struct boot_view *b, struct judgement *j)
{
	const struct fact *phone = boot_first(b, FACT_CDP_PHONE);

	if (phone == NULL)
		phone = boot_first(b, FACT_LLDP_PHONE);
	if (phone == NULL || !b->verdict || b->now - phone->at < WINDOW_ASK)
		return;
	BOOT_EACH_EVER(f, b)
	{
		enum fact_family family = fact_row(f->kind)->family;
		if (family != FAMILY_LINK || f->kind == FACT_ARP_ASKED ||
		    f->kind == FACT_EAPOL_START)
			return;
	}
	judgement_fits(j, ABOUT_ADDRESS, STRENGTH_SILENCE, false);
	judgement_text(
	    j, "the phone announces itself for %.0f s and asks neither DHCP nor for a file.",
	    (double)(b->now - phone->at) / 1e6);
	judgement_decide(j, "the phone's network settings: is DHCP enabled?");
	judgement_evidence(j, phone);
}

/* D-12: the ACK names no boot server. siaddr alone, when it is the DHCP server itself, is what many
 * servers put there without meaning it; then only silence afterwards says that the phone made
 * nothing of it. */
void rule_no_option_150(const struct boot_view *b, struct judgement *j)
{
	const struct fact *ack = boot_lease(b);
	char ip[IP4_TEXT_SIZE];

	if (ack == NULL)
		return;
	const struct fact_dhcp *d = &ack->dhcp;
	bool by_default = ip4_equal(d->siaddr, ack->peer.ip);
	if (d->has_150 || d->has_66 || d->has_sname || (!ip4_is_zero(d->siaddr) && !by_default))
		return;
	/* A phone that got its files has its server from elsewhere (Alternate TFTP). */
	if (boot_after(b, ack, FACT_FILE_STARTED) != NULL ||
	    boot_after(b, ack, FACT_FILE_REFUSED) != NULL || boot_register(b) > ack ||
	    boot_is_registered(b))
		return;
	/* A healthy phone asks within ten seconds; a capture of DHCP alone would not show it. */
	dt_time waited = b->now - ack->at;
	judgement_fits(j, ABOUT_BOOT_SERVER, STRENGTH_WIRE,
		       b->complete && boot_first(b, FACT_FILE_ASKED) == NULL &&
			   boot_sees_files(b) &&
			   waited >= (ip4_is_zero(d->siaddr) ? WINDOW_OFFER : WINDOW_ASK));
	judgement_text(j, "the lease from %s names no TFTP server: neither option 150 nor 66.",
		       ip4_format(ack->peer.ip, ip));
	judgement_decide(j, "a minute more of the same capture: does the phone ask for any file?");
	judgement_evidence(j, ack);
}

static const struct fact *dns_failed(const struct boot_view *b, const char *name)
{
	BOOT_EACH(f, b)
	{
		if (f->kind == FACT_DNS_FAILED && text_contains_nocase(f->name, name) &&
		    f->value[0] != 0)
			return f;
	}
	return NULL;
}

/* "Port unreachable": there is no DNS server at that address. */
static const struct fact *no_dns_service(const struct boot_view *b, const struct fact *asked)
{
	BOOT_EACH_AFTER(f, asked, b)
	{
		if (f->kind == FACT_ICMP_UNREACHABLE && f->peer.port == asked->peer.port &&
		    ip4_equal(f->peer.ip, asked->peer.ip))
			return f;
	}
	return NULL;
}

static bool dns_answered(const struct boot_view *b, const char *name)
{
	BOOT_EACH(f, b)
	{
		if (f->kind == FACT_DNS_ANSWERED && text_contains_nocase(f->name, name))
			return true;
	}
	return false;
}

/* D-14: the name in option 66 leads nowhere. */
void rule_dns_for_tftp(const struct boot_view *b, struct judgement *j)
{
	const struct fact *ack = boot_lease(b);
	char name[128];
	char ip[IP4_TEXT_SIZE];

	if (ack == NULL || ack->dhcp.option66[0] == 0 || is_dotted(ack->dhcp.option66) ||
	    ack->dhcp.option150_count > 0 || dns_answered(b, ack->dhcp.option66) ||
	    boot_after(b, ack, FACT_FILE_ASKED) != NULL || boot_went_on(b, ack))
		return;
	const struct fact *failed = dns_failed(b, ack->dhcp.option66);
	const struct fact *asked = NULL;
	size_t n = 0;
	BOOT_EACH_AFTER(f, ack, b)
	{
		if (f->kind != FACT_DNS_ASKED || !text_contains_nocase(f->name, ack->dhcp.option66))
			continue;
		asked = asked == NULL ? f : asked;
		n++;
	}
	(void)clean_text(ack->dhcp.option66, name);
	if (failed != NULL) {
		judgement_fits(j, ABOUT_BOOT_SERVER, STRENGTH_WORD, true);
		judgement_text(j, "option 66 is the name %s, and DNS does not know it.", name);
	} else if (asked != NULL && no_dns_service(b, asked) != NULL) {
		judgement_fits(j, ABOUT_BOOT_SERVER, STRENGTH_WORD, true);
		judgement_text(j,
			       "option 66 is the name %s, and no DNS server runs at %s: the answer "
			       "is \"unreachable\".",
			       name, ip4_format(asked->peer.ip, ip));
		judgement_evidence(j, no_dns_service(b, asked));
	} else if (n >= 2 && b->now - asked->at >= WINDOW_OFFER) {
		judgement_fits(j, ABOUT_BOOT_SERVER, STRENGTH_SILENCE, b->complete);
		judgement_text(j,
			       "option 66 is the name %s, and DNS does not answer: %zu questions.",
			       name, n);
	} else if (n == 0 && ip4_is_zero(ack->dhcp.dns) && b->now - ack->at >= WINDOW_ASK) {
		judgement_fits(j, ABOUT_BOOT_SERVER, STRENGTH_WIRE,
			       b->complete && boot_sees_unicast(b));
		judgement_text(j, "option 66 is the name %s, and the lease names no DNS server.",
			       name);
	} else {
		return;
	}
	judgement_decide(j, "a capture at the phone's port: does it ask DNS?");
	judgement_evidence(j, ack);
	judgement_evidence(j, asked);
	judgement_evidence(j, failed);
}

/* The gateway's ARP questions nobody answers. */
static size_t arp_in_vain(const struct boot_view *b, struct ip4 ip, const struct fact **ret_last)
{
	size_t n = 0;

	BOOT_EACH(f, b)
	{
		if (f->kind == FACT_ARP_ASKED && ip4_equal(f->peer.ip, ip)) {
			*ret_last = f;
			n++;
		} else if (f->kind == FACT_ARP_ANSWERED && ip4_equal(f->peer.ip, ip)) {
			n = 0;
		}
	}
	return n;
}

/* D-16. A reply to ARP goes to the phone alone: only its own port, or a place that sees what is for
 * it alone, can miss one. */
void rule_no_gateway(const struct boot_view *b, struct judgement *j)
{
	const struct fact *ack = boot_lease(b);
	const struct fact *asked = NULL;
	char gateway[IP4_TEXT_SIZE];
	char mask[IP4_TEXT_SIZE];
	char ip[IP4_TEXT_SIZE];

	if (ack == NULL || boot_went_on(b, ack))
		return;
	const struct fact_dhcp *d = &ack->dhcp;
	struct ip4 server = d->option150_count > 0 ? d->option150[0] : d->siaddr;
	bool have = !ip4_is_zero(d->router) && !ip4_is_zero(d->mask);
	(void)ip4_format(d->router, gateway);
	if (have && !ip4_in_subnet(d->router, d->yiaddr, d->mask)) {
		/* A server on the phone's own wire needs no gateway. */
		bool needed = !ip4_is_zero(server) && !ip4_in_subnet(server, d->yiaddr, d->mask);
		/* A request for a file that goes out all the same found a way. */
		judgement_fits(j, ABOUT_BOOT_SERVER, STRENGTH_WIRE,
			       needed && boot_after(b, ack, FACT_FILE_ASKED) == NULL);
		judgement_text(j,
			       "the lease's gateway %s is not inside its own subnet (%s, mask %s).",
			       gateway, ip4_format(d->yiaddr, ip), ip4_format(d->mask, mask));
	} else if (have && arp_in_vain(b, d->router, &asked) >= EQUAL_REQUESTS) {
		judgement_fits(j, ABOUT_BOOT_SERVER, STRENGTH_SILENCE,
			       b->complete && boot_sees_unicast(b));
		judgement_text(j, "the gateway %s of the lease does not answer ARP.", gateway);
	} else if (have && !ip4_is_zero(server) && !ip4_equal(server, d->router) &&
		   arp_in_vain(b, server, &asked) >= EQUAL_REQUESTS) {
		judgement_fits(j, ABOUT_BOOT_SERVER, STRENGTH_SILENCE, false);
		judgement_text(j,
			       "the phone looks for the server %s on its own wire, and it is not "
			       "there: with mask %s it takes it for a neighbour.",
			       ip4_format(server, ip), ip4_format(d->mask, mask));
	} else {
		return;
	}
	judgement_decide(j, "the router's own address and mask in this VLAN");
	judgement_evidence(j, ack);
	judgement_evidence(j, asked);
}

/* D-17: renewals in vain, then it starts from nothing. */
void rule_renewal_unanswered(const struct boot_view *b, struct judgement *j)
{
	const struct fact *renewal = NULL;
	size_t n = 0;

	if (!b->verdict)
		return;
	for (const struct fact *f = b->all; f <= b->facts; f++) {
		if (f->kind == FACT_DHCP_REQUEST && !ip4_is_zero(f->dhcp.ciaddr)) {
			renewal = f;
			n++;
		} else if (f->kind == FACT_DHCP_ACK || f->kind == FACT_DHCP_NAK) {
			n = 0;
		}
	}
	const struct fact *last = boot_last(b, FACT_PHONE_LAST);
	bool lost = last != NULL && words_last_is(last, RULE_RENEWAL_UNANSWERED);
	if (n < 2 || (b->facts->kind != FACT_DHCP_DISCOVER && !lost))
		return;
	judgement_fits(j, ABOUT_DROP, STRENGTH_SILENCE, b->complete);
	judgement_text(j,
		       "%zu renewals of the lease went unanswered, and the phone gave up its "
		       "address.",
		       n);
	judgement_decide(j, "a capture at the DHCP server: do the renewals (unicast) arrive?");
	judgement_evidence(j, renewal);
	judgement_evidence(j, b->facts);
	judgement_evidence(j, last);
}

/* Does the lease name this file server? true also where it cannot be told. */
static bool lease_names(const struct boot_view *b, const struct fact *ack, struct ip4 server)
{
	const struct fact_dhcp *d = &ack->dhcp;
	struct ip4 dotted;

	for (size_t i = 0; i < d->option150_count; i++) {
		if (ip4_equal(d->option150[i], server))
			return true;
	}
	if (ip4_equal(d->siaddr, server))
		return true;
	/* A name in sname alone could be anybody; beside an address it is that one's. */
	if (d->has_sname && d->option150_count == 0 && ip4_is_zero(d->siaddr))
		return true;
	if (!d->has_66)
		return false;
	if (ip4_parse(d->option66, &dotted) == 0)
		return ip4_equal(dotted, server);
	BOOT_EACH(f, b)
	{
		if (f->kind == FACT_DNS_ANSWERED && text_contains_nocase(f->name, d->option66))
			return ip4_equal(ip4_of(f->value[1]), server);
	}
	return true;
}

/* D-20: it asks somebody DHCP did not name. When that works, somebody meant it so. */
void rule_other_tftp(const struct boot_view *b, struct judgement *j)
{
	const struct fact *ack = boot_lease(b);
	const struct fact *asked = NULL;
	size_t n = 0;
	char other[IP4_TEXT_SIZE];
	char named[IP4_TEXT_SIZE];

	if (ack == NULL || ack->dhcp.option150_text || boot_is_registered(b))
		return;
	const struct fact_dhcp *d = &ack->dhcp;
	struct ip4 server = d->option150_count > 0 ? d->option150[0] : d->siaddr;
	if (ip4_is_zero(server) && !is_dotted(d->option66))
		return;
	BOOT_EACH_AFTER(f, ack, b)
	{
		if (f->kind != FACT_FILE_ASKED)
			continue;
		if (lease_names(b, ack, f->peer.ip))
			return;
		asked = asked == NULL ? f : asked;
		n++;
	}
	if (asked == NULL)
		return;
	/* When it is served there, somebody meant it so. */
	bool refused = false;
	BOOT_EACH_AFTER(f, asked, b)
	{
		bool needed = !boot_file_is_optional(f->name);
		if (f->kind == FACT_FILE_DELIVERED && needed)
			return;
		refused |= f->kind == FACT_FILE_REFUSED && needed;
	}
	if (!refused && n < EQUAL_REQUESTS)
		return;
	judgement_fits(j, ABOUT_BOOT_SERVER, STRENGTH_WIRE, true);
	judgement_text(j, "the phone asks the TFTP server %s although DHCP names %s.",
		       ip4_format(asked->peer.ip, other),
		       ip4_is_zero(server) ? d->option66 : ip4_format(server, named));
	judgement_evidence(j, ack);
	judgement_evidence(j, asked);
}

/* D-15: where option 150 points, nobody is; only a place that knows who its servers are can say. */
void rule_wrong_tftp_address(const struct boot_view *b, struct judgement *j)
{
	const struct fact *ack = boot_lease(b);
	const struct fact *asked = NULL;
	size_t n = 0;
	char ip[IP4_TEXT_SIZE];

	if (ack == NULL || ack->dhcp.option150_count == 0 || ack->dhcp.option150_text)
		return;
	struct ip4 server = ack->dhcp.option150[0];
	const struct fact *unreachable = NULL;
	BOOT_EACH_AFTER(f, ack, b)
	{
		if (!ip4_equal(f->peer.ip, server))
			continue;
		if (f->kind == FACT_FILE_STARTED || f->kind == FACT_FILE_REFUSED ||
		    f->kind == FACT_FILE_DELIVERED)
			return;
		if (f->kind == FACT_FILE_ASKED) {
			asked = f;
			n++;
		}
		if (f->kind == FACT_ICMP_UNREACHABLE && f->number <= 1)
			unreachable = f;
	}
	bool foreign = boot_owns(b, server, 2) == 0;
	if (asked == NULL || (n < EQUAL_REQUESTS && unreachable == NULL) || boot_went_on(b, asked))
		return;
	/* Somebody else is served there: then it is an address of a TFTP server. */
	if (b->timeline != NULL && timeline_others(b->timeline, SERVICE_FILES, server, b->mac,
						   b->facts->at) == OTHERS_ANSWERED)
		return;
	judgement_fits(j, ABOUT_FILE, foreign ? STRENGTH_WORD : STRENGTH_SILENCE, foreign);
	judgement_text(j, "option 150 names %s, %s.", ip4_format(server, ip),
		       foreign ? "which is no TFTP server of ours"
		       : unreachable != NULL
			   ? "which is unreachable: perhaps an old or mistyped address"
			   : "which has answered nobody here: perhaps an old or "
			     "mistyped address");
	judgement_decide(j, "the address of the real TFTP server");
	judgement_evidence(j, ack);
	judgement_evidence(j, asked);
	judgement_evidence(j, unreachable);
}

/* T-01: everything is known and nothing is asked. */
void rule_no_file_asked(const struct boot_view *b, struct judgement *j)
{
	const struct fact *ack = boot_lease(b);

	if (ack == NULL || !b->verdict || ack->dhcp.option150_text ||
	    (ack->dhcp.option150_count == 0 && !is_dotted(ack->dhcp.option66)) ||
	    b->now - ack->at < WINDOW_ASK)
		return;
	bool multiplatform = false;
	BOOT_EACH(f, b)
	{
		enum fact_family family = fact_row(f->kind)->family;
		if (family == FAMILY_DHCP)
			multiplatform |= strstr(f->text, "3PCC") != NULL;
		/* ARP is no progress; anything else is. */
		if (family > FAMILY_DHCP && family != FAMILY_SERVER)
			return;
	}
	if (boot_after(b, ack, FACT_DHCP_RELEASE) != NULL ||
	    boot_after(b, ack, FACT_DHCP_DECLINE) != NULL)
		return;
	/* The gateway's answer to the phone passes no server. */
	struct judgement gateway = {0};
	if (ack->vantage != VANTAGE_SERVER)
		rule_no_gateway(b, &gateway);
	if (gateway.fits)
		return;
	judgement_fits(j, ABOUT_FILE, STRENGTH_SILENCE, b->complete && boot_sees_unicast(b));
	judgement_text(
	    j, "the phone has its address and a TFTP server, and asks for no file for %.0f s%s.",
	    (double)(b->now - ack->at) / 1e6,
	    multiplatform ? ": it runs multiplatform firmware (3PCC), which asks elsewhere" : "");
	judgement_decide(j, "a capture at the phone's own port");
	judgement_evidence(j, ack);
}

/* What came before a new exchange, in the words of the table of D-19. */
static const char *exchange_class(const struct boot_view *b, bool renewals_only)
{
	const struct fact *last = &b->all[b->all_count - 1];
	bool refused = false;
	bool asked = false;
	bool answered = false;

	if (renewals_only)
		return "renewals at half a lease that is too short";
	for (const struct fact *f = b->all; f <= last; f++) {
		if (last->at - f->at > HOUR)
			continue;
		switch (f->kind) {
		case FACT_DHCP_DECLINE:
			return "each declined as a duplicate (D-11)";
		case FACT_DHCP_NAK:
			return "refused by another server (D-09)";
		case FACT_DHCP_INFORM:
			return "a phone with a fixed address asks for option 150 only (D-12)";
		case FACT_LINK_DOWN:
			return "each after a loss of link (P-03)";
		case FACT_FILE_DELIVERED:
			if (boot_file_is_loads(f->name) || boot_file_is_image(f->name))
				return "each after an image download (F-08)";
			answered = true;
			break;
		case FACT_FILE_REFUSED:
			refused |= !boot_file_is_optional(f->name);
			break;
		case FACT_FILE_ASKED:
			asked = true;
			break;
		case FACT_FILE_STARTED:
			answered = true;
			break;
		default:
			break;
		}
	}
	if (refused)
		return "it starts over because no file is found (T-08)";
	if (asked && !answered)
		return "it starts over because the TFTP server is silent (T-02)";
	return "it starts over again and again";
}

/* D-19: leases given, more than six an hour; questions nobody answers do not count. */
void rule_excessive_dhcp(const struct boot_view *b, struct judgement *j)
{
	dt_time at[EXCHANGES_MAX];
	uint64_t evidence[EXCHANGES_MAX];
	size_t n = 0;
	size_t most = 0;
	size_t starts = 0;
	const struct fact *request = NULL;

	if (!b->verdict)
		return;
	BOOT_EACH_EVER(f, b)
	{
		if (f->kind == FACT_DHCP_REQUEST || f->kind == FACT_DHCP_INFORM)
			request = f;
		/* The one it began with is a boot; the rest may be renewals alone. */
		starts += f->kind == FACT_DHCP_OFFER;
		if (f->kind != FACT_DHCP_ACK || request == NULL)
			continue;
		if (n == EXCHANGES_MAX) {
			memmove(at, at + 1, (n - 1) * sizeof *at);
			memmove(evidence, evidence + 1, (n - 1) * sizeof *evidence);
			n--;
		}
		at[n] = f->at;
		evidence[n++] = f->evidence;
		request = NULL;
	}
	size_t first = 0;
	for (size_t i = 0; i < n; i++) {
		while (at[i] - at[first] > HOUR)
			first++;
		most = i - first + 1 > most ? i - first + 1 : most;
	}
	if (most <= EXCHANGES_AN_HOUR)
		return;
	bool renewals = starts <= 1;
	judgement_fits(j, ABOUT_REMARK, STRENGTH_WIRE, true);
	j->note = boot_is_registered(b);
	judgement_text(j, "%zu DHCP exchanges within an hour: %s.", most,
		       exchange_class(b, renewals));
	for (size_t i = n > 6 ? n - 6 : 0; i < n; i++)
		evidence_add(j->finding.evidence, &j->finding.evidence_count, evidence[i]);
}
