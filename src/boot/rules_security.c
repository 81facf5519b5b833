/* Rules of trust lists, certificates and time (S, X-05). Alerts are words: their number says what
 * the other side could not accept (RFC 8446 section 6.2). */
#include "boot/boot_internal.h"

#include "base/text.h"

#include <stdlib.h>

#define ALERT_HANDSHAKE  40u
#define ALERT_BAD_CERT   42u
#define ALERT_EXPIRED    45u
#define ALERT_UNKNOWN    46u
#define ALERT_UNKNOWN_CA 48u
#define ALERT_VERSION    70u
#define ALERT_TOO_WEAK   71u
#define TLS_1_0          0x0301u
#define TRUST_LIST_MAX   65536u
#define CLOCK_OFF_S      3600
#define QUARTER_S        900
#define ZONE_MOST_S      (14 * 3600)

static int32_t signed_of(uint32_t value)
{
	int32_t n = 0;

	memcpy(&n, &value, sizeof n);
	return n;
}

static bool is_callmanager(const struct fact *f)
{
	return f->peer.port != PORT_FILES_HTTPS && f->peer.port != PORT_TVS &&
	       f->peer.port != PORT_CAPF;
}

/* The last fatal alert of a CallManager connection that no later success forgives. */
static const struct fact *last_alert(const struct boot_view *b, uint32_t side)
{
	const struct fact *alert = NULL;

	BOOT_EACH(f, b)
	{
		/* 0 is an orderly end. */
		if (f->kind == FACT_TLS_ALERT && f->value[0] == side && f->number != 0 &&
		    is_callmanager(f))
			alert = f;
	}
	return alert != NULL && boot_accepted(b) > alert ? NULL : alert;
}

static const struct fact *certificate(const struct boot_view *b, uint32_t side)
{
	const struct fact *found = NULL;

	BOOT_EACH(f, b)
	{
		if (f->kind == FACT_TLS_CERTIFICATE && f->number == side && is_callmanager(f))
			found = f;
	}
	return found;
}

/* S-01: only signed names are asked, which only a phone with a trust list does. */
void rule_foreign_trust_list(const struct boot_view *b, struct judgement *j)
{
	const struct fact *no = NULL;
	bool unsigned_server = false;
	bool signs = false;
	char name[128];

	BOOT_EACH(f, b)
	{
		if (boot_file_is_trust(f->name)) {
			unsigned_server |= f->kind == FACT_FILE_REFUSED;
			signs |= f->kind == FACT_FILE_DELIVERED;
		}
		bool config = boot_file_is_own(f->name) || boot_file_is_default(f->name);
		if (!config)
			continue;
		if (f->kind == FACT_FILE_ASKED && !boot_file_is_signed(f->name))
			return;
		if (f->kind == FACT_FILE_DELIVERED)
			return;
		if (f->kind == FACT_FILE_REFUSED && boot_file_is_signed(f->name))
			no = f;
	}
	if (no == NULL || boot_is_registered(b))
		return;
	/* The plain name may still come. */
	bool waited = b->now - no->at >= WINDOW_OFFER;
	/* A server with a trust list of its own signs: then it is the phone's file that is missing.
	 */
	judgement_fits(j, ABOUT_TRUST, STRENGTH_WIRE,
		       b->complete && waited && unsigned_server && !signs);
	judgement_text(
	    j,
	    "the phone asks only for the signed file %s, which the server does not have: "
	    "%s.",
	    clean_text(no->name, name),
	    signs ? "it is unknown there, or holds another cluster's trust list"
		  : "it carries another cluster's trust list");
	judgement_decide(j, waited ? "is the phone in that server's database, and does the server "
				     "have a trust list (ITL)?"
				   : "ten seconds more: does the phone ask for the plain name?");
	BOOT_EACH(f, b)
	{
		if (fact_row(f->kind)->family == FAMILY_FILE && boot_file_is_signed(f->name))
			judgement_evidence(j, f);
	}
}

/* S-02: a new list, and nobody to vouch for it. */
void rule_trust_anchors_gone(const struct boot_view *b, struct judgement *j)
{
	const struct fact *list = boot_first(b, FACT_TRUST_LIST);
	const struct fact *syn = NULL;
	const struct fact *says = NULL;
	bool open = false;
	char ip[IP4_TEXT_SIZE];

	BOOT_EACH(f, b)
	{
		bool tvs = f->peer.port == PORT_TVS;
		if (tvs && (f->kind == FACT_SERVICE_SYN || f->kind == FACT_SERVICE_REFUSED))
			syn = f;
		open |= tvs && f->kind == FACT_SERVICE_OPEN;
		if (f->kind == FACT_PHONE_STATUS &&
		    text_contains_nocase(f->text, "Trust List update failed"))
			says = f;
	}
	if ((list == NULL && says == NULL) || open || (syn == NULL && says == NULL))
		return;
	if (syn != NULL && syn->kind == FACT_SERVICE_SYN && b->now - syn->at < WINDOW_CONNECT)
		return;
	j->note = boot_is_registered(b);
	judgement_fits(j, ABOUT_TRUST, says != NULL ? STRENGTH_WORD : STRENGTH_WIRE,
		       says != NULL && syn != NULL);
	if (syn != NULL)
		judgement_text(
		    j,
		    "the phone does not trust the new list, and the verification service "
		    "%s:%u %s.",
		    ip4_format(syn->peer.ip, ip), PORT_TVS,
		    syn->kind == FACT_SERVICE_REFUSED ? "refuses" : "does not answer");
	judgement_decide(j, "the phone's status messages: \"Trust List update failed\"?");
	judgement_evidence(j, list);
	judgement_evidence(j, syn);
	judgement_evidence(j, says);
}

/* S-11: more than the phones can hold. */
void rule_trust_list_too_large(const struct boot_view *b, struct judgement *j)
{
	BOOT_EACH(f, b)
	{
		if (f->kind != FACT_TRUST_LIST || f->number <= TRUST_LIST_MAX)
			continue;
		judgement_fits(j, ABOUT_TRUST, STRENGTH_WIRE, !boot_is_registered(b));
		judgement_text(j, "the trust list is %u bytes long; phones load at most %u.",
			       f->number, TRUST_LIST_MAX);
		judgement_evidence(j, f);
		return;
	}
}

/* S-04: the server says that the phone's certificate is over, or it is seen to be. */
void rule_certificate_expired(const struct boot_view *b, struct judgement *j)
{
	const struct fact *alert = last_alert(b, SIDE_SERVER);
	const struct fact *cert = certificate(b, SIDE_PHONE);
	char name[128];

	if (alert == NULL)
		return;
	bool over = cert != NULL && signed_of(cert->value[1]) < 0;
	bool refused = alert->number == ALERT_BAD_CERT || alert->number == ALERT_UNKNOWN;
	if (alert->number != ALERT_EXPIRED && !refused)
		return;
	/* "Expired" is also what a server says whose own clock is wrong: the certificate's
	 * date decides. */
	judgement_fits(j, ABOUT_REGISTER, STRENGTH_WORD, over);
	if (over)
		judgement_text(j, "the phone's certificate \"%s\" expired %d days ago.",
			       clean_text(cert->name, name), -signed_of(cert->value[1]) / 86400);
	else
		judgement_text(j, "the server refuses the phone's certificate: TLS alert %u (%s).",
			       alert->number,
			       alert->number == ALERT_EXPIRED ? "certificate expired"
							      : "bad or unknown certificate");
	judgement_decide(j, "the date in the phone's certificate (LSC), and the server's clock");
	judgement_evidence(j, cert);
	judgement_evidence(j, alert);
}

/* S-05: its clock is off, and TLS fails. */
void rule_phone_clock(const struct boot_view *b, struct judgement *j)
{
	const struct fact *clock = NULL;
	const struct fact *alert = last_alert(b, SIDE_PHONE);
	bool asked = boot_first(b, FACT_NTP_ASKED) != NULL;
	bool answered = boot_first(b, FACT_NTP_ANSWERED) != NULL;

	BOOT_EACH(f, b)
	{
		if (f->kind == FACT_CLOCK_PHONE && abs(signed_of(f->number)) > CLOCK_OFF_S)
			clock = f;
	}
	if (alert == NULL)
		alert = last_alert(b, SIDE_SERVER);
	if (clock == NULL || alert == NULL)
		return;
	judgement_fits(j, ABOUT_REGISTER, STRENGTH_WORD,
		       (alert->number == ALERT_EXPIRED || alert->number == ALERT_BAD_CERT) &&
			   alert->value[0] == SIDE_PHONE && asked && !answered);
	judgement_text(j, "the phone's clock is off by %d hours%s, and TLS fails (alert %u).",
		       signed_of(clock->number) / 3600,
		       asked && !answered ? ", NTP does not answer it" : "", alert->number);
	judgement_decide(j, "does NTP answer the phone, and is its clock right after?");
	judgement_evidence(j, clock);
	judgement_evidence(j, alert);
}

/* S-08: no version or cipher in common. */
void rule_tls_too_old(const struct boot_view *b, struct judgement *j)
{
	const struct fact *alert = last_alert(b, SIDE_SERVER);
	const struct fact *hello = NULL;
	const struct fact *word = boot_last(b, FACT_SERVER_REFUSED);

	if (word != NULL && words_failure_is(word->number, RULE_TLS_TOO_OLD)) {
		judgement_fits(j, ABOUT_REGISTER, STRENGTH_WORD, true);
		judgement_evidence(j, word);
		return;
	}
	if (alert == NULL || (alert->number != ALERT_VERSION && alert->number != ALERT_HANDSHAKE &&
			      alert->number != ALERT_TOO_WEAK))
		return;
	hello = boot_before(b, alert, FACT_TLS_HELLO);
	if (hello == NULL || (hello->number > TLS_1_0 && alert->number != ALERT_VERSION))
		return;
	judgement_fits(j, ABOUT_REGISTER, STRENGTH_WORD, alert->number == ALERT_VERSION);
	judgement_text(j, "the phone offers at most TLS 1.%u and the server refuses it (alert %u).",
		       (hello->number & 0xff) > 0 ? (hello->number & 0xff) - 1 : 0, alert->number);
	judgement_decide(j, "the lowest TLS version and the ciphers that server allows");
	judgement_evidence(j, hello);
	judgement_evidence(j, alert);
}

/* S-06, S-09: what the server says. */
static void says(const struct boot_view *b, enum rule rule, struct judgement *j)
{
	const struct fact *no = boot_refused(b);
	const struct fact *word = boot_last(b, FACT_SERVER_REFUSED);
	char text[128];

	if (word != NULL && boot_accepted(b) <= word && words_failure_is(word->number, rule)) {
		judgement_fits(j, ABOUT_REGISTER, STRENGTH_WORD,
			       strcmp(word->text, rule_row(rule)->id) == 0 ||
				   rule == RULE_CERTIFICATE_NAME);
		judgement_evidence(j, no);
		judgement_evidence(j, word);
		return;
	}
	enum word_match match = no != NULL ? words_refusal(no, rule) : WORD_NOTHING;
	if (match == WORD_NOTHING)
		return;
	judgement_fits(j, ABOUT_REGISTER, STRENGTH_WORD, match == WORD_SURELY);
	judgement_text(j, "%s: the server says \"%s\".", rule_row(rule)->summary,
		       clean_text(no->text, text));
	judgement_decide(j, "the security profile of the phone's record at that node");
	judgement_evidence(j, boot_register(b));
	judgement_evidence(j, no);
}

void rule_secure_without_lsc(const struct boot_view *b, struct judgement *j)
{
	says(b, RULE_SECURE_WITHOUT_LSC, j);
}

void rule_certificate_name(const struct boot_view *b, struct judgement *j)
{
	says(b, RULE_CERTIFICATE_NAME, j);
}

/* Accepted at another node, ever. */
static const struct fact *accepted_elsewhere(const struct boot_view *b, struct ip4 not_at)
{
	const struct fact *found = NULL;

	BOOT_EACH_EVER(f, b)
	{
		bool accepted = f->kind == FACT_SCCP_REGISTER_ACK || f->kind == FACT_SIP_REGISTERED;
		if (accepted && !ip4_equal(f->peer.ip, not_at))
			found = f;
	}
	return found;
}

/* Was this certificate's serial in the phone's trust list? -1: no list was seen. */
static int trusted(const struct boot_view *b, const char *serial)
{
	int seen = -1;

	BOOT_EACH_EVER(f, b)
	{
		if (f->kind != FACT_TRUST_CERT)
			continue;
		if (strcmp(f->text, serial) == 0)
			return 1;
		seen = 0;
	}
	return seen;
}

/* S-07: one node yes, another no. */
void rule_node_not_trusted(const struct boot_view *b, struct judgement *j)
{
	const struct fact *alert = last_alert(b, SIDE_PHONE);
	const struct fact *no = boot_refused(b);
	const struct fact *cert = certificate(b, SIDE_SERVER);
	bool says_so = no != NULL && words_refusal(no, RULE_NODE_NOT_TRUSTED) != WORD_NOTHING;
	char bad[IP4_TEXT_SIZE];
	char good[IP4_TEXT_SIZE];

	if (alert != NULL && alert->number != ALERT_UNKNOWN_CA && alert->number != ALERT_UNKNOWN &&
	    alert->number != ALERT_BAD_CERT)
		alert = NULL;
	if (alert == NULL && !says_so)
		return;
	const struct fact *at = alert != NULL ? alert : no;
	const struct fact *other = accepted_elsewhere(b, at->peer.ip);
	bool unknown = alert != NULL && cert != NULL && trusted(b, cert->text) == 0;
	judgement_fits(j, ABOUT_REGISTER, STRENGTH_WORD, unknown && other != NULL);
	judgement_text(
	    j, "%s %s for security%s%s%s.", alert != NULL ? "the phone refuses" : "refused at",
	    ip4_format(at->peer.ip, bad), other != NULL ? ", while " : "",
	    other != NULL ? ip4_format(other->peer.ip, good) : "", other != NULL ? " took it" : "");
	judgement_decide(j, "is that node's certificate in the phone's trust list?");
	judgement_evidence(j, other);
	judgement_evidence(j, cert);
	judgement_evidence(j, at);
}

/* Its file gives this port as the plain one (F-16). */
static bool names_port(const struct boot_view *b, uint16_t port)
{
	BOOT_EACH(f, b)
	{
		if (f->kind == FACT_CONFIG_SERVER && (f->value[0] == port || f->value[1] == port))
			return true;
	}
	return false;
}

/* S-12: mode 1 in the file, and a secure port all the same. */
void rule_security_residue(const struct boot_view *b, struct judgement *j)
{
	const struct fact *file = NULL;

	BOOT_EACH(f, b)
	{
		if (f->kind == FACT_CONFIG_READ && boot_file_is_own(f->name))
			file = f;
		bool secure = f->kind == FACT_TCP_SYN &&
			      (f->peer.port == PORT_SCCP_TLS || f->peer.port == PORT_SIP_TLS);
		if (!secure || file == NULL || file->value[0] != 1 || boot_accepted(b) != NULL ||
		    names_port(b, f->peer.port))
			continue;
		judgement_fits(j, ABOUT_TRUST, STRENGTH_WIRE, true);
		judgement_text(j,
			       "the phone's file says non-secure, and it calls the secure port %u.",
			       f->peer.port);
		judgement_evidence(j, file);
		judgement_evidence(j, f);
		return;
	}
}

/* S-13: the way to its certificate. */
void rule_capf_unreachable(const struct boot_view *b, struct judgement *j)
{
	const struct fact *syn = NULL;
	size_t n = 0;

	BOOT_EACH(f, b)
	{
		if (f->peer.port != PORT_CAPF)
			continue;
		if (f->kind == FACT_SERVICE_OPEN)
			return;
		if (f->kind == FACT_SERVICE_SYN || f->kind == FACT_SERVICE_REFUSED) {
			syn = f;
			n++;
		}
	}
	if (syn == NULL || (syn->kind == FACT_SERVICE_SYN && n < EQUAL_REQUESTS))
		return;
	j->note = boot_is_registered(b) || boot_went_on(b, syn);
	judgement_fits(j, ABOUT_TRUST,
		       syn->kind == FACT_SERVICE_REFUSED ? STRENGTH_WORD : STRENGTH_SILENCE,
		       syn->kind == FACT_SERVICE_REFUSED || b->complete);
	judgement_decide(j, "a capture at the publisher: do the SYNs to port 3804 arrive?");
	judgement_text(j, "the certificate service (CAPF, port %u) %s.", PORT_CAPF,
		       syn->kind == FACT_SERVICE_REFUSED ? "refuses the connection"
							 : "does not answer");
	judgement_evidence(j, syn);
}

/* what the server says the time is. A capture's own clock may be the wrong one. */
void rule_server_clock(const struct boot_view *b, struct judgement *j)
{
	const struct fact *clock = NULL;

	BOOT_EACH(f, b)
	{
		if (f->kind != FACT_CLOCK_SERVER)
			continue;
		int32_t off = signed_of(f->number);
		bool zone = text_contains_nocase(f->text, "DefineTimeDate") &&
			    abs(off) <= ZONE_MOST_S &&
			    (abs(off) % QUARTER_S < 60 || abs(off) % QUARTER_S > QUARTER_S - 60);
		if (abs(off) > CLOCK_OFF_S && !zone)
			clock = f;
	}
	if (clock == NULL)
		return;
	char source[128];
	j->note = boot_is_registered(b);
	judgement_fits(j, ABOUT_REMARK, STRENGTH_WORD, false);
	judgement_text(j,
		       "the server's clock differs by %d hours from the clock of who watched (%s).",
		       signed_of(clock->number) / 3600, clean_text(clock->text, source));
	judgement_decide(j, "a third clock: the server's against true time");
	judgement_evidence(j, clock);
}
