/* What is said about each step of a boot. */
#include "boot/boot_internal.h"

#include "base/text.h"
#include "model/phone_type.h"

#include <stdarg.h>

#define SCCP_VERSION_MAX 25

static struct boot_step_report *mark(const struct boot_view *b, struct boot_report *report,
				     enum boot_step step, enum step_status status,
				     const struct fact *fact)
{
	struct boot_step_report *s = &report->step[step];

	s->status = status;
	if (s->at == DT_NEVER)
		s->at = fact->at - b->facts[0].at;
	evidence_add(s->evidence, &s->evidence_count, fact->evidence);
	return s;
}

__attribute__((format(printf, 2, 3))) static void say(struct boot_step_report *s,
						      const char *format, ...)
{
	va_list args;

	va_start(args, format);
	// NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): it is, two lines above
	(void)vsnprintf(s->text, sizeof s->text, format, args);
	va_end(args);
}

static const char *duration(uint32_t seconds, char to[static 32])
{
	static const struct {
		uint32_t seconds;
		const char *one, *many;
	} units[] = {{86400, "day", "days"},
		     {3600, "hour", "hours"},
		     {60, "minute", "minutes"},
		     {1, "second", "seconds"}};

	for (size_t i = 0; i < 4; i++) {
		if (seconds % units[i].seconds == 0 && seconds > 0) {
			uint32_t n = seconds / units[i].seconds;
			(void)snprintf(to, 32, "%u %s", n, n == 1 ? units[i].one : units[i].many);
			return to;
		}
	}
	(void)snprintf(to, 32, "%u seconds", seconds);
	return to;
}

/* 1,146 */
static const char *thousands(uint32_t n, char to[static 16])
{
	if (n >= 1000000)
		(void)snprintf(to, 16, "%u,%03u,%03u", n / 1000000, n / 1000 % 1000, n % 1000);
	else if (n >= 1000)
		(void)snprintf(to, 16, "%u,%03u", n / 1000, n % 1000);
	else
		(void)snprintf(to, 16, "%u", n);
	return to;
}

/* "voice VLAN 110 from Switch3 Fa0/12 (CDP)" */
static void step_link(const struct boot_view *b, struct boot_report *report)
{
	const struct fact *phone = boot_first(b, FACT_CDP_PHONE);
	const struct fact *port = NULL;
	const struct fact *failure = boot_last(b, FACT_EAP_FAILURE);
	char name[128];
	char text[128];

	if (phone == NULL)
		phone = boot_first(b, FACT_LLDP_PHONE);
	BOOT_EACH(f, b)
	{
		bool said = f->kind == FACT_CDP_SWITCH || f->kind == FACT_LLDP_SWITCH;
		if (said && (port == NULL || f->number != 0))
			port = f;
	}
	if (port != NULL && port->number != 0)
		say(mark(b, report, STEP_S1, STEP_STATUS_OK, port), "voice VLAN %u from %s %s (%s)",
		    port->number, clean_text(port->name, name), clean_text(port->text, text),
		    port->kind == FACT_CDP_SWITCH ? "CDP" : "LLDP");
	else if (port != NULL)
		say(mark(b, report, STEP_S1, STEP_STATUS_ABSENT, port), "%s %s names no voice VLAN",
		    clean_text(port->name, name), clean_text(port->text, text));
	else if (phone != NULL)
		say(mark(b, report, STEP_S1, STEP_STATUS_OK, phone),
		    "the phone announces itself; no word of a switch");
	if (failure != NULL && boot_after(b, failure, FACT_EAP_SUCCESS) == NULL)
		say(mark(b, report, STEP_S1, STEP_STATUS_REFUSED, failure), "802.1X: EAP-Failure");
}

static void step_dhcp_asked(const struct boot_view *b, struct boot_report *report)
{
	const struct fact *first = boot_first(b, FACT_DHCP_DISCOVER);
	const char *word = "DISCOVER";
	size_t n = boot_count(b, FACT_DHCP_DISCOVER);
	char text[128];

	if (first == NULL) {
		first = boot_first(b, FACT_DHCP_REQUEST);
		word = "REQUEST";
	}
	if (first == NULL)
		return;
	struct boot_step_report *s = mark(b, report, STEP_S2A, STEP_STATUS_OK, first);
	const struct fact *last = boot_last(b, first->kind);
	const char *quote = first->text[0] != 0 ? "\"" : "";
	if (n > 1 && boot_first(b, FACT_DHCP_OFFER) == NULL) {
		evidence_add(s->evidence, &s->evidence_count, last->evidence);
		say(s, "%zu DISCOVERs in %.0f s, %s%s%s", n, (double)(last->at - first->at) / 1e6,
		    quote, clean_text(first->text, text), quote);
	} else {
		say(s, "%s%s%s%s%s", word, quote[0] != 0 ? ", " : "", quote,
		    clean_text(first->text, text), quote);
	}
}

/* "option 150 = 10.77.0.1", or what stands in its place. */
static void boot_server_text(const struct fact_dhcp *d, char *to, size_t size)
{
	char ip[IP4_TEXT_SIZE];
	char text[128];

	if (d->option150_text)
		(void)snprintf(to, size, "option 150 holds text, not addresses");
	else if (d->option150_count > 0)
		(void)snprintf(to, size, "option 150 = %s", ip4_format(d->option150[0], ip));
	else if (d->has_66)
		(void)snprintf(to, size, "option 66 = %s", clean_text(d->option66, text));
	else if (!ip4_is_zero(d->siaddr))
		(void)snprintf(to, size, "no option 150, no 66; siaddr = %s",
			       ip4_format(d->siaddr, ip));
	else
		(void)snprintf(to, size, "no option 150, no 66, no boot server");
}

static void step_dhcp_answered(const struct boot_view *b, struct boot_report *report)
{
	const struct fact *ack = boot_last(b, FACT_DHCP_ACK);
	const struct fact *offer = boot_last(b, FACT_DHCP_OFFER);
	const struct fact *nak = boot_last(b, FACT_DHCP_NAK);
	char ip[IP4_TEXT_SIZE];
	char peer[IP4_TEXT_SIZE];
	char text[96];
	char lease[32];

	if (ack != NULL) {
		struct boot_step_report *s = mark(b, report, STEP_S2B, STEP_STATUS_OK, ack);
		boot_server_text(&ack->dhcp, text, sizeof text);
		say(s, "%s for %s; %s", ip4_format(ack->dhcp.yiaddr, ip),
		    duration(ack->dhcp.lease_s, lease), text);
	} else if (nak != NULL) {
		say(mark(b, report, STEP_S2B, STEP_STATUS_REFUSED, nak), "DHCPNAK from %s",
		    ip4_format(nak->peer.ip, peer));
	} else if (offer != NULL) {
		say(mark(b, report, STEP_S2B, STEP_STATUS_WAITING, offer),
		    "offered %s by %s, not taken yet", ip4_format(offer->dhcp.yiaddr, ip),
		    ip4_format(offer->peer.ip, peer));
	} else if (report->step[STEP_S2A].status != STEP_STATUS_UNSEEN) {
		const struct fact *asked = boot_last(b, FACT_DHCP_DISCOVER);
		bool long_ago = asked != NULL && b->now - b->facts[0].at >= DT_SECONDS(4);
		report->step[STEP_S2B].status =
		    long_ago ? STEP_STATUS_STOPPED : STEP_STATUS_WAITING;
		say(&report->step[STEP_S2B], "no answer");
	}
}

/* What became of a file: its last word, or that it is still open. */
struct outcome {
	const struct fact *asked, *started, *ended;
	size_t times;
};

static struct outcome outcome_of(const struct boot_view *b, bool (*is_kind)(const char *name))
{
	struct outcome o = {0};

	for (size_t i = 0; i < b->count; i++) {
		const struct fact *f = &b->facts[i];
		if (fact_row(f->kind)->family != FAMILY_FILE || !is_kind(f->name))
			continue;
		if (f->kind == FACT_FILE_ASKED) {
			o.times = o.asked != NULL && strcmp(o.asked->name, f->name) == 0
				      ? o.times + 1
				      : 1;
			/* A second own name (SEP….cnf after SEP….cnf.xml) counts only when it gets
			 * somewhere. */
			o.asked = f;
		} else if (f->kind == FACT_FILE_STARTED) {
			o.started = f;
		} else if (f->kind == FACT_FILE_DELIVERED || f->kind == FACT_FILE_REFUSED ||
			   f->kind == FACT_FILE_ABANDONED) {
			o.ended = f;
			if (f->kind == FACT_FILE_DELIVERED)
				return o;
		}
	}
	return o;
}

static const char *file_error(const struct fact *refused, char to[static 128])
{
	return refused->number == 1 ? "File Not Found" : clean_text(refused->text, to);
}

static void say_delivered(struct boot_step_report *s, const struct fact *f)
{
	char name[128];
	char bytes[16];

	say(s, "%s, %s bytes", clean_text(f->name, name), thousands(f->number, bytes));
}

static void step_own_file(const struct boot_view *b, struct boot_report *report)
{
	struct outcome own = outcome_of(b, boot_file_is_own);
	struct outcome trust = outcome_of(b, boot_file_is_trust);
	char name[128];
	char error[128];

	if (own.asked == NULL)
		own = trust;
	if (own.asked == NULL)
		return;
	struct boot_step_report *s = mark(b, report, STEP_S3A, STEP_STATUS_OK, own.asked);
	if (own.ended != NULL && own.ended->kind == FACT_FILE_DELIVERED) {
		say(s, "%s", clean_text(own.asked->name, name));
		if (boot_file_is_own(own.ended->name))
			say_delivered(mark(b, report, STEP_S4A, STEP_STATUS_OK, own.ended),
				      own.ended);
	} else if (own.ended != NULL) {
		s->status = STEP_STATUS_ABSENT;
		evidence_add(s->evidence, &s->evidence_count, own.ended->evidence);
		say(s, "%s: %s", clean_text(own.asked->name, name), file_error(own.ended, error));
	} else if (own.started > own.asked) {
		const struct fact *again = boot_after(b, own.started, FACT_FILE_AGAIN);
		s->status = again != NULL ? STEP_STATUS_STOPPED : STEP_STATUS_WAITING;
		if (again != NULL)
			say(s, "%s begun; it stalls at block %u",
			    clean_text(own.started->name, name), again->number);
		else
			say(s, "%s begun, no end yet", clean_text(own.started->name, name));
	} else {
		s->status = own.times >= EQUAL_REQUESTS ? STEP_STATUS_STOPPED : STEP_STATUS_WAITING;
		say(s, "%s asked %zu time%s, no answer", clean_text(own.asked->name, name),
		    own.times, own.times == 1 ? "" : "s");
	}
}

static void step_default_file(const struct boot_view *b, struct boot_report *report)
{
	struct outcome o = outcome_of(b, boot_file_is_default);
	char name[128];
	char error[128];

	if (o.asked == NULL)
		return;
	struct boot_step_report *s =
	    mark(b, report, STEP_S3B, STEP_STATUS_WAITING, o.ended != NULL ? o.ended : o.asked);
	if (o.ended != NULL && o.ended->kind == FACT_FILE_DELIVERED) {
		s->status = STEP_STATUS_OK;
		say_delivered(s, o.ended);
	} else if (o.ended != NULL) {
		s->status = STEP_STATUS_REFUSED;
		say(s, "%s: %s", clean_text(o.asked->name, name), file_error(o.ended, error));
	} else {
		say(s, "%s asked %zu time%s, no answer", clean_text(o.asked->name, name), o.times,
		    o.times == 1 ? "" : "s");
	}
}

/* When it came up: the first acceptance since the last refusal; refreshes are its life. */
static const struct fact *came_up(const struct boot_view *b)
{
	const struct fact *first = NULL;
	const struct fact *ready = boot_last(b, FACT_SCCP_READY);

	BOOT_EACH(f, b)
	{
		if (f->kind == FACT_SCCP_REGISTER_REJECT || f->kind == FACT_SIP_REFUSED)
			first = NULL;
		bool accepted = f->kind == FACT_SCCP_REGISTER_ACK || f->kind == FACT_SIP_REGISTERED;
		if (accepted && (first == NULL || f->kind == FACT_SCCP_REGISTER_ACK))
			first = f;
	}
	if (ready != NULL)
		return ready;
	return first != NULL ? first : boot_accepted(b);
}

static void say_registered(const struct boot_view *b, struct boot_step_report *s)
{
	const struct fact *ack = boot_accepted(b);
	const struct fact *left = boot_after(b, ack, FACT_SCCP_UNREGISTER);
	bool sip = ack->kind == FACT_SIP_REGISTERED;
	const struct fact *lost = boot_lost_connection(b);
	char peer[ENDPOINT_TEXT_SIZE];
	const char *end = "";

	if (left == NULL)
		left = boot_after(b, ack, FACT_SIP_UNREGISTERED);
	if (left != NULL)
		end = ", then left in order";
	else if (lost != NULL)
		end = lost->number == 1 ? ", then the phone closed the connection"
					: ", then the server closed the connection";
	if (sip)
		say(s, "registered with %s, SIP, for %u s%s", endpoint_format(ack->peer, peer),
		    ack->number, end);
	else
		say(s, "registered with %s, SCCP version %u%s", endpoint_format(ack->peer, peer),
		    ack->value[0], end);
}

static void step_connection(const struct boot_view *b, struct boot_report *report)
{
	const struct fact *syn = boot_last(b, FACT_TCP_SYN);
	const struct fact *open = boot_last(b, FACT_TCP_OPEN);
	const struct fact *refused = boot_last(b, FACT_TCP_REFUSED);
	char peer[ENDPOINT_TEXT_SIZE];

	if (refused != NULL && (open == NULL || refused > open)) {
		say(mark(b, report, STEP_S4B, STEP_STATUS_STOPPED, refused),
		    refused->number == 1 ? "%s is unreachable (ICMP)" : "%s refused the connection",
		    endpoint_format(refused->peer, peer));
	} else if (syn != NULL && (open == NULL || syn > open)) {
		bool stopped = boot_count(b, FACT_TCP_SYN) >= EQUAL_REQUESTS ||
			       b->now - syn->at >= WINDOW_CONNECT;
		say(mark(b, report, STEP_S4B, stopped ? STEP_STATUS_STOPPED : STEP_STATUS_WAITING,
			 syn),
		    "%s does not answer", endpoint_format(syn->peer, peer));
	} else if (open != NULL) {
		say(mark(b, report, STEP_S4B, STEP_STATUS_WAITING, open), "connected to %s",
		    endpoint_format(open->peer, peer));
	}
}

/* REGISTER and its last answer. */
static void step_sip(const struct boot_view *b, struct boot_report *report)
{
	const struct fact *reg = boot_last(b, FACT_SIP_REGISTER);
	const struct fact *no = boot_refused(b);
	const struct fact *challenge = boot_last(b, FACT_SIP_CHALLENGED);
	char text[128];
	char peer[ENDPOINT_TEXT_SIZE];

	if (no != NULL && no->kind == FACT_SIP_REFUSED) {
		struct boot_step_report *s = mark(b, report, STEP_S4B, STEP_STATUS_REFUSED, no);
		s->at = no->at - b->facts[0].at;
		say(s, "REGISTER answered %u \"%s\"", no->number, clean_text(no->text, text));
	} else if (challenge != NULL && challenge->value[2] == 1 && challenge > boot_accepted(b)) {
		say(mark(b, report, STEP_S4B, STEP_STATUS_REFUSED, challenge),
		    "REGISTER with credentials answered %u", challenge->number);
	} else if (reg != NULL) {
		say(mark(b, report, STEP_S4B, STEP_STATUS_WAITING, reg),
		    "REGISTER sent to %s, no answer", endpoint_format(reg->peer, peer));
	}
}

static void step_registration(const struct boot_view *b, struct boot_report *report)
{
	const struct fact *reg = boot_last(b, FACT_SCCP_REGISTER);
	const struct fact *ack = boot_last(b, FACT_SCCP_REGISTER_ACK);
	const struct fact *reject = boot_last(b, FACT_SCCP_REGISTER_REJECT);
	char text[128];
	char peer[ENDPOINT_TEXT_SIZE];

	step_connection(b, report);
	const struct fact *service = boot_in_service(b);
	if (service != NULL) {
		say(mark(b, report, STEP_S4B, STEP_STATUS_OK, service),
		    "in service with %s; its registration was not watched",
		    endpoint_format(service->peer, peer));
	} else if (boot_is_registered(b)) {
		ack = boot_accepted(b);
		struct boot_step_report *s = mark(b, report, STEP_S4B, STEP_STATUS_OK, ack);
		s->at = came_up(b)->at - b->facts[0].at;
		if (boot_dropped_by_server(b))
			s->status = STEP_STATUS_STOPPED;
		say_registered(b, s);
	} else if (reject != NULL && (ack == NULL || reject > ack)) {
		struct boot_step_report *s = mark(b, report, STEP_S4B, STEP_STATUS_REFUSED, reject);
		s->at = reject->at - b->facts[0].at;
		say(s, "RegisterReject \"%s\"", clean_text(reject->text, text));
	} else if (ack != NULL) {
		const struct fact *open = boot_open_question(b, ack);
		say(mark(b, report, STEP_S4B, STEP_STATUS_WAITING, ack),
		    "RegisterAck, the clock is not set yet%s%s",
		    open != NULL ? "; never answered: " : "",
		    open != NULL ? clean_text(open->text, text) : "");
	} else if (reg != NULL) {
		say(mark(b, report, STEP_S4B, STEP_STATUS_WAITING, reg),
		    "Register sent to %s, no answer", endpoint_format(reg->peer, peer));
	} else {
		step_sip(b, report);
	}
}

void boot_fill_steps(const struct boot_view *b, struct boot_report *report)
{
	memset(report, 0, sizeof *report);
	report->began = b->facts[0].at;
	for (size_t i = 0; i < STEP_COUNT; i++)
		report->step[i].at = DT_NEVER;
	step_link(b, report);
	step_dhcp_asked(b, report);
	step_dhcp_answered(b, report);
	step_own_file(b, report);
	step_default_file(b, report);
	step_registration(b, report);
}
