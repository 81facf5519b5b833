/* Rules of phones that are registered, but not where or not as one expects; and of slow boots. */
#include "boot/boot_internal.h"

#include "base/text.h"

#define SLOW_LEAST      DT_SECONDS(120)
#define SLOW_LEAST_6921 DT_SECONDS(300) /* it may take five minutes and be well */
#define SLOW_PHONE      "6921"
#define GAPS_SHOWN      3

/* what it says its address is, and where its packets come from. */
void rule_address_translated(const struct boot_view *b, struct judgement *j)
{
	const struct fact *reg = boot_register(b);
	const struct fact *gone = boot_last(b, FACT_SERVER_GONE);
	char says[IP4_TEXT_SIZE];
	char is[IP4_TEXT_SIZE];

	if (gone != NULL && words_gone_is(gone->number, RULE_ADDRESS_TRANSLATED)) {
		judgement_fits(j, ABOUT_PLACE, STRENGTH_WORD, false);
		judgement_text(j, "unregistered: %s.", words_of_gone(gone->number));
		judgement_decide(j, "is there NAT between phone and server?");
		judgement_evidence(j, gone);
	}
	if (reg == NULL)
		return;
	uint32_t said = reg->kind == FACT_SIP_REGISTER ? reg->value[2] : reg->value[1];
	if (said == 0 || ip4_is_zero(reg->ip) || said == ip4_number(reg->ip))
		return;
	/* A router that registers its own devices may name another of its addresses. */
	j->note = boot_accepted(b) != NULL;
	judgement_fits(j, ABOUT_PLACE, STRENGTH_WORD, false);
	judgement_decide(j, "the address on the phone's own display");
	judgement_text(j,
		       "the phone says its address is %s, its packets come from %s: address "
		       "translation (NAT) on the way.",
		       ip4_format(ip4_of(said), says), ip4_format(reg->ip, is));
	judgement_evidence(j, reg);
}

/* The phone's server list, in order; the latest file counts. */
static const struct fact *member_at(const struct boot_view *b, uint32_t position)
{
	const struct fact *member = NULL;

	BOOT_EACH_EVER(f, b)
	{
		if (f->kind == FACT_CONFIG_SERVER && f->number == position)
			member = f;
	}
	return member;
}

static uint32_t position_of(const struct boot_view *b, struct ip4 ip)
{
	uint32_t position = 0;

	BOOT_EACH_EVER(f, b)
	{
		if (f->kind == FACT_CONFIG_SERVER && ip4_equal(f->peer.ip, ip))
			position = f->number;
	}
	return position;
}

/* K-18: registered, but with nobody one would ask. */
void rule_registered_elsewhere(const struct boot_view *b, struct judgement *j)
{
	const struct fact *ack = boot_accepted(b);
	const struct fact *page = boot_last(b, FACT_PHONE_ACTIVE);
	char ip[IP4_TEXT_SIZE];

	if ((!boot_is_registered(b) || ack == NULL) && page == NULL)
		return;
	const struct fact *at = page != NULL ? page : ack;
	bool foreign = boot_owns(b, at->peer.ip, 3) == 0;
	const struct fact *member = member_at(b, 1);
	bool names = false;
	BOOT_EACH_EVER(f, b) names |= f->kind == FACT_CONFIG_SERVER && ip4_is_zero(f->peer.ip);
	bool unlisted = member != NULL && !names && position_of(b, at->peer.ip) == 0;
	const struct fact *lease = boot_lease_ever(b);
	bool gateway = lease != NULL && ip4_equal(lease->dhcp.router, at->peer.ip);
	if (!foreign && (!unlisted || gateway))
		return;
	judgement_fits(j, ABOUT_PLACE, foreign ? STRENGTH_WORD : STRENGTH_WIRE, true);
	judgement_text(j, "the phone is registered with %s, which is %s.",
		       ip4_format(at->peer.ip, ip),
		       foreign ? "no CallManager of ours" : "not in its server list");
	judgement_evidence(j, member);
	judgement_evidence(j, at);
}

/* Why an earlier member of the list lost. */
static const char *why_lost(const struct boot_view *b, struct ip4 ip, enum rule *ret_rule,
			    const struct fact **ret_fact)
{
	const char *why = "was never tried";

	*ret_rule = RULE_COUNT;
	BOOT_EACH(f, b)
	{
		if (!ip4_equal(f->peer.ip, ip))
			continue;
		*ret_fact = f;
		switch (f->kind) {
		case FACT_TCP_SYN:
			why = "does not answer";
			*ret_rule = RULE_CM_SILENT;
			break;
		case FACT_TCP_REFUSED:
			why = "refuses the connection";
			*ret_rule = RULE_CM_REFUSES;
			break;
		case FACT_SCCP_REGISTER_REJECT:
		case FACT_SIP_REFUSED:
			why = "refuses the registration";
			*ret_rule = RULE_NOT_IN_DATABASE;
			break;
		case FACT_SCCP_TOKEN_REJECT:
			why = "refuses the token";
			*ret_rule = RULE_SERVER_NOT_READY;
			break;
		case FACT_TCP_OPEN:
			why = "takes the connection and not the registration";
			*ret_rule = RULE_REGISTER_UNANSWERED;
			break;
		default:
			break;
		}
	}
	return why;
}

/* a later member of the list than the first. */
void rule_never_its_primary(const struct boot_view *b, struct judgement *j)
{
	const struct fact *ack = boot_accepted(b);
	uint32_t position = ack != NULL ? position_of(b, ack->peer.ip) : 0;
	const struct fact *first = member_at(b, 1);
	const struct fact *seen = NULL;
	enum rule rule = RULE_COUNT;
	char is[IP4_TEXT_SIZE];
	char should[128];

	if (!boot_is_registered(b) || position < 2 || first == NULL)
		return;
	const char *why = "is a name that is not resolved";
	if (!ip4_is_zero(first->peer.ip))
		why = why_lost(b, first->peer.ip, &rule, &seen);
	judgement_fits(j, ABOUT_PLACE, STRENGTH_WIRE, seen != NULL && b->complete);
	judgement_text(
	    j, "the phone is registered with %s, number %u of its list: the first, %s, %s%s%s%s.",
	    ip4_format(ack->peer.ip, is), position, clean_text(first->name, should), why,
	    rule != RULE_COUNT ? " (" : "", rule != RULE_COUNT ? rule_row(rule)->id : "",
	    rule != RULE_COUNT ? ")" : "");
	judgement_decide(j, "a capture from the phone's start on: does it try the first member?");
	judgement_evidence(j, first);
	judgement_evidence(j, seen);
	judgement_evidence(j, ack);
}

/* our own servers say so. */
void rule_overload(const struct boot_view *b, struct judgement *j)
{
	const struct fact *word = boot_last(b, FACT_SERVER_BUDGET);
	char text[128];

	BOOT_EACH_SITE(f, b)
	{
		bool meanwhile = f->at >= b->facts[0].at && f->at <= b->now;
		if (f->kind == FACT_SERVER_STATE && f->number == 3 && meanwhile)
			word = f;
	}
	if (word == NULL)
		return;
	judgement_fits(j, ABOUT_REMARK, STRENGTH_WORD, true);
	judgement_text(j, "the server is overloaded: %s.", clean_text(word->text, text));
	judgement_evidence(j, word);
}

/* how long it took, and where. */
void rule_slow_boot(const struct boot_view *b, struct judgement *j)
{
	const struct fact *ack = boot_accepted(b);
	struct boot_gap gaps[GAPS_SHOWN];
	dt_time least = SLOW_LEAST;

	if (ack == NULL || !boot_is_registered(b))
		return;
	/* The first acceptance of this boot: later ones are a life, not a boot. */
	BOOT_EACH(f, b)
	{
		if (strstr(f->text, SLOW_PHONE) != NULL)
			least = SLOW_LEAST_6921;
		if ((f->kind == FACT_SCCP_REGISTER_ACK || f->kind == FACT_SIP_REGISTERED) &&
		    f < ack)
			ack = f;
	}
	dt_time took = ack->at - b->facts[0].at;
	size_t n = took > least ? boot_gaps(b, gaps, GAPS_SHOWN) : 0;
	if (n == 0)
		return;
	char text[REPORT_TEXT_SIZE];
	size_t at = (size_t)snprintf(text, sizeof text,
				     "%.0f s until registered; longest: ", (double)took / 1e6);
	for (size_t i = 0; i < n && at < sizeof text; i++) {
		at +=
		    (size_t)snprintf(text + at, sizeof text - at, "%s%.0f s %s", i > 0 ? "; " : "",
				     (double)gaps[i].length / 1e6, gaps[i].text);
		evidence_add(j->finding.evidence, &j->finding.evidence_count, gaps[i].before);
		evidence_add(j->finding.evidence, &j->finding.evidence_count, gaps[i].after);
	}
	judgement_fits(j, ABOUT_REMARK, STRENGTH_WIRE, true);
	judgement_text(j, "%s.", text);
}
