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

const struct fact *boot_before(const struct boot_view *b, const struct fact *fact,
			       enum fact_kind kind)
{
	const struct fact *found = NULL;

	for (const struct fact *f = b->facts; f < fact; f++) {
		if (f->kind == kind)
			found = f;
	}
	return found;
}

const struct fact *boot_file(const struct boot_view *b, enum fact_kind kind, file_sort_fn sort)
{
	BOOT_EACH(f, b)
	{
		if (f->kind == kind && sort(f->name))
			return f;
	}
	return NULL;
}

bool text_contains_nocase(const char *text, const char *part)
{
	size_t len = strlen(part);

	if (len == 0)
		return true;
	for (; *text != 0; text++) {
		if (strncasecmp(text, part, len) == 0)
			return true;
	}
	return false;
}

const char *boot_file_base(const char *name)
{
	const char *base = name;

	for (; *name != 0; name++) {
		if (*name == '/' || *name == '\\')
			base = name + 1;
	}
	return base;
}

static bool ends_with(const char *name, const char *end)
{
	size_t len = strlen(name);
	size_t n = strlen(end);

	return len >= n && strcasecmp(name + len - n, end) == 0;
}

bool boot_file_is_trust(const char *name)
{
	name = boot_file_base(name);
	return strncasecmp(name, "CTL", 3) == 0 || strncasecmp(name, "ITL", 3) == 0;
}

bool boot_file_is_default(const char *name)
{
	name = boot_file_base(name);
	return strncasecmp(name, "XMLDefault", 10) == 0 ||
	       strncasecmp(name, "SEPDEFAULT", 10) == 0 || strncasecmp(name, "SIPDefault", 10) == 0;
}

bool boot_file_is_own(const char *name)
{
	name = boot_file_base(name);
	if (boot_file_is_default(name))
		return false;
	return (strncasecmp(name, "SEP", 3) == 0 || strncasecmp(name, "SIP0", 4) == 0) &&
	       strstr(name, ".cnf") != NULL;
}

bool boot_file_is_signed(const char *name)
{
	return ends_with(name, ".sgn") && strstr(name, ".cnf") != NULL;
}

bool boot_file_is_loads(const char *name)
{
	return ends_with(name, ".loads");
}

bool boot_file_is_image(const char *name)
{
	static const char *const ends[] = {".sbn", ".sb2",    ".bin",     ".sbin",
					   ".zup", ".zz.sgn", ".bin1.sgn"};

	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		if (ends_with(name, ends[i]))
			return true;
	}
	return false;
}

bool boot_file_missing(const struct fact *f)
{
	/* Some servers say it in words, under code 0. */
	bool in_words = f->number == 0 && (text_contains_nocase(f->text, "not found") ||
					   text_contains_nocase(f->text, "no such file"));

	return f->kind == FACT_FILE_REFUSED && (f->number == 1 || f->number == 404 || in_words);
}

bool boot_file_is_phones(const char *name)
{
	return boot_file_is_own(name) || boot_file_is_default(name) || boot_file_is_trust(name) ||
	       boot_file_is_loads(name) || strstr(name, "OS79XX") != NULL;
}

bool boot_file_is_optional(const char *name)
{
	return !boot_file_is_own(name) && !boot_file_is_default(name) &&
	       !boot_file_is_loads(name) && !boot_file_is_image(name);
}

const struct fact *boot_lease(const struct boot_view *b)
{
	const struct fact *lease = NULL;
	bool renewal = false;

	BOOT_EACH(f, b)
	{
		if (f->kind == FACT_DHCP_REQUEST)
			renewal = !ip4_is_zero(f->dhcp.ciaddr);
		if (f->kind == FACT_DHCP_ACK && !ip4_is_zero(f->dhcp.yiaddr) && !renewal)
			lease = f;
	}
	return lease;
}

const struct fact *boot_lease_ever(const struct boot_view *b)
{
	const struct fact *lease = boot_lease(b);

	for (const struct fact *f = b->all; lease == NULL && f < b->facts; f++) {
		if (f->kind != FACT_DHCP_ACK || ip4_is_zero(f->dhcp.yiaddr))
			continue;
		lease = f;
	}
	return lease;
}

bool boot_went_on(const struct boot_view *b, const struct fact *since)
{
	BOOT_EACH_AFTER(f, since, b)
	{
		switch (f->kind) {
		case FACT_FILE_STARTED:
		case FACT_FILE_DELIVERED:
		case FACT_FILE_REFUSED:
			if (fact_row(since->kind)->family < FAMILY_FILE)
				return true;
			break;
		case FACT_TCP_SYN:
		case FACT_TCP_OPEN:
			if (fact_row(since->kind)->family < FAMILY_TCP)
				return true;
			break;
		case FACT_SCCP_REGISTER:
		case FACT_SCCP_REGISTER_ACK:
		case FACT_SCCP_READY:
		case FACT_SIP_REGISTER:
		case FACT_SIP_REGISTERED:
			return true;
		default:
			break;
		}
	}
	return false;
}

bool boot_at_port(const struct boot_view *b)
{
	BOOT_EACH_EVER(f, b)
	{
		if (f->kind == FACT_CDP_PHONE || f->kind == FACT_LLDP_PHONE ||
		    f->kind == FACT_EAPOL_START || f->vantage == VANTAGE_PHONE)
			return true;
	}
	return false;
}

bool boot_speaks_itself(const struct boot_view *b)
{
	BOOT_EACH_EVER(f, b)
	{
		if (f->kind == FACT_ARP_PROBE || f->kind == FACT_ARP_GRATUITOUS ||
		    f->kind == FACT_ARP_ASKED)
			return true;
	}
	return boot_at_port(b);
}

bool boot_old_address(const struct boot_view *b, const struct fact *syn)
{
	if (boot_owns(b, syn->peer.ip, 3) != 0)
		return false;
	/* What its file of today names is no leftover. */
	BOOT_EACH(f, b)
	{
		if (f->kind == FACT_CONFIG_SERVER && ip4_equal(f->peer.ip, syn->peer.ip))
			return false;
	}
	return true;
}

bool boot_sees_unicast(const struct boot_view *b)
{
	BOOT_EACH_EVER(f, b)
	{
		enum fact_family family = fact_row(f->kind)->family;
		/* A reply of DHCP is seen at the DHCP server too, and nothing else there. */
		if (f->kind == FACT_ARP_ANSWERED ||
		    (family > FAMILY_DHCP && family < FAMILY_PHONE && family != FAMILY_CONTENT))
			return true;
	}
	return boot_at_port(b);
}

bool boot_sees_files(const struct boot_view *b)
{
	bool others = b->timeline != NULL && timeline_scope(b->timeline)->sees_files;

	return others || boot_sees_unicast(b) ||
	       (b->all_count > 0 && b->all[0].vantage != VANTAGE_CAPTURE);
}

static bool is_reply(const struct fact *f)
{
	switch (f->kind) {
	case FACT_DHCP_OFFER:
	case FACT_DHCP_ACK:
		/* Broadcasts are seen where nothing else is. */
		return (f->dhcp.flags & 0x8000) == 0;
	case FACT_ARP_ANSWERED:
	case FACT_DNS_ANSWERED:
	case FACT_DNS_FAILED:
	case FACT_NTP_ANSWERED:
	case FACT_ICMP_UNREACHABLE:
	case FACT_FILE_STARTED:
	case FACT_FILE_REFUSED:
	case FACT_FILE_DELIVERED:
	case FACT_SERVICE_OPEN:
	case FACT_SERVICE_REFUSED:
	case FACT_TCP_OPEN:
	case FACT_TCP_REFUSED:
	case FACT_TCP_HALF_OPEN:
	case FACT_SCCP_REGISTER_ACK:
	case FACT_SCCP_REGISTER_REJECT:
	case FACT_SCCP_KEEPALIVE_ACK:
	case FACT_SIP_REGISTERED:
	case FACT_SIP_REFUSED:
	case FACT_SIP_CHALLENGED:
	case FACT_CDP_SWITCH:
	case FACT_LLDP_SWITCH:
		return true;
	default:
		return f->vantage == VANTAGE_SERVER || f->vantage == VANTAGE_PHONE;
	}
}

bool boot_sees_replies(const struct boot_view *b, struct ip4 server)
{
	BOOT_EACH_EVER(f, b)
	{
		if (is_reply(f))
			return true;
	}
	const struct ip4 anybody = {{0}};
	for (int s = SERVICE_DHCP; b->timeline != NULL && s <= SERVICE_CALLMANAGER; s++) {
		const struct ip4 *asked = s == SERVICE_DHCP ? &anybody : &server;
		if (timeline_others(b->timeline, (enum timeline_service)s, *asked, b->mac,
				    b->all[0].at) == OTHERS_ANSWERED)
			return true;
	}
	return false;
}

int boot_owns(const struct boot_view *b, struct ip4 ip, uint32_t role)
{
	int known = -1;

	BOOT_EACH_SITE(f, b)
	{
		if (f->kind != FACT_SERVER_OWN || f->number != role)
			continue;
		if (ip4_equal(f->peer.ip, ip))
			return 1;
		known = 0;
	}
	return known;
}

const struct fact *boot_register(const struct boot_view *b)
{
	const struct fact *sccp = boot_last(b, FACT_SCCP_REGISTER);
	const struct fact *sip = boot_last(b, FACT_SIP_REGISTER);

	return sip > sccp ? sip : sccp;
}

const struct fact *boot_accepted(const struct boot_view *b)
{
	const struct fact *sccp = boot_last(b, FACT_SCCP_REGISTER_ACK);
	const struct fact *sip = boot_last(b, FACT_SIP_REGISTERED);

	return sip > sccp ? sip : sccp;
}

const struct fact *boot_refused(const struct boot_view *b)
{
	const struct fact *accepted = boot_accepted(b);
	const struct fact *sccp = boot_last(b, FACT_SCCP_REGISTER_REJECT);
	const struct fact *sip = boot_last(b, FACT_SIP_REFUSED);
	const struct fact *refused = sip > sccp ? sip : sccp;

	return refused > accepted ? refused : NULL;
}

const struct fact *boot_lost_connection(const struct boot_view *b)
{
	const struct fact *ready = boot_last(b, FACT_SCCP_READY);
	const struct fact *lost = NULL;

	if (ready == NULL)
		ready = boot_last(b, FACT_SCCP_REGISTER_ACK);
	if (ready == NULL)
		ready = boot_last(b, FACT_SIP_REGISTERED);
	if (ready == NULL || boot_after(b, ready, FACT_SCCP_UNREGISTER) != NULL ||
	    boot_after(b, ready, FACT_SIP_UNREGISTERED) != NULL)
		return NULL;
	BOOT_EACH_AFTER(f, ready, b)
	{
		if ((f->kind == FACT_TCP_CLOSED || f->kind == FACT_TCP_RESET) &&
		    endpoint_equal(f->peer, ready->peer))
			lost = f;
	}
	return lost;
}

const struct fact *boot_told_to_reset(const struct boot_view *b)
{
	const struct fact *told = NULL;

	BOOT_EACH(f, b)
	{
		bool service = f->kind == FACT_SIP_SERVICE && f->number <= 3;
		if (f->kind == FACT_SCCP_RESET || f->kind == FACT_SERVER_ADMIN || service)
			told = f;
	}
	return told;
}

bool boot_dropped_by_server(const struct boot_view *b)
{
	const struct fact *lost = boot_lost_connection(b);

	return lost != NULL && lost->number == SIDE_SERVER && boot_told_to_reset(b) == NULL;
}

/* Without these answers a phone does not come up. */
static bool is_essential(const char *question)
{
	static const char *const names[] = {"ButtonTemplateReq", "SoftKeyTemplateReq",
					    "SoftKeySetReq",     "ConfigStatReq",
					    "LineStatReq",       "ForwardStatReq"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (strcmp(question, names[i]) == 0)
			return true;
	}
	return false;
}

const struct fact *boot_open_question(const struct boot_view *b, const struct fact *since)
{
	const struct fact *open = NULL;

	BOOT_EACH_AFTER(f, since, b)
	{
		size_t stem = strlen(f->text) > 3 ? strlen(f->text) - 3 : 0;
		bool answered = false;
		if (f->kind != FACT_SCCP_ASKED || !is_essential(f->text))
			continue;
		BOOT_EACH_AFTER(g, f, b)
		answered |= g->kind == FACT_SCCP_ANSWERED && strncmp(g->text, f->text, stem) == 0;
		if (!answered)
			open = f;
	}
	return open;
}

const struct fact *boot_in_service(const struct boot_view *b)
{
	const struct fact *found = NULL;

	if (boot_register(b) != NULL || boot_accepted(b) != NULL)
		return NULL;
	BOOT_EACH(f, b)
	{
		if (f->kind == FACT_SCCP_CALL || f->kind == FACT_SCCP_KEEPALIVE_ACK ||
		    f->kind == FACT_SCCP_READY || f->kind == FACT_SCCP_LINE)
			found = f;
		bool ended = f->kind == FACT_TCP_CLOSED || f->kind == FACT_TCP_RESET;
		if (ended && found != NULL && ip4_equal(f->peer.ip, found->peer.ip))
			found = NULL;
	}
	return found;
}

/* The registrar takes back what it had granted: the same line's next REGISTER is refused. Another
 * line's refusal leaves this one, and a server in trouble (5xx) leaves it until it expires. */
static bool taken_back(const struct boot_view *b, const struct fact *granted)
{
	BOOT_EACH_AFTER(f, granted, b)
	{
		const struct fact *asked =
		    f->kind == FACT_SIP_REFUSED ? boot_before(b, f, FACT_SIP_REGISTER) : NULL;
		if (asked != NULL && f->number < 500 && strcmp(asked->text, granted->text) == 0)
			return true;
	}
	return false;
}

bool boot_is_registered(const struct boot_view *b)
{
	const struct fact *ack = boot_accepted(b);
	const struct fact *ready = boot_last(b, FACT_SCCP_READY);

	if (ack == NULL)
		return boot_in_service(b) != NULL;
	if (boot_after(b, ack, FACT_SCCP_REGISTER_REJECT) != NULL)
		return false;
	if (ack->kind == FACT_SIP_REGISTERED)
		return !taken_back(b, ack);
	/* Some phones never ask for the time: a keepalive answered on that connection says the
	 * same, unless something else is still waited for. */
	return (ready != NULL && ready > ack) ||
	       (boot_after(b, ack, FACT_SCCP_KEEPALIVE_ACK) != NULL &&
		boot_open_question(b, ack) == NULL);
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
