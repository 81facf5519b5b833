/* Rules of phones that were registered and are gone, or come and go (K). What told the phone to go
 * explains its going; the phone's own last-reason word is the best witness of the rest. */
#include "boot/boot_internal.h"

#include "base/text.h"

#define CALL_WITHIN DT_SECONDS(5)
#define MANY_PHONES 10
#define PROXY_MACS  2

/* The keepalives of the connection `ack` opened that went unanswered, at the end. */
static size_t keepalives_lost(const struct boot_view *b, const struct fact *ack, dt_time patience,
			      const struct fact **ret_first)
{
	size_t lost = 0;

	*ret_first = NULL;
	BOOT_EACH_AFTER(f, ack, b)
	{
		if (!endpoint_equal(f->peer, ack->peer))
			continue;
		if (f->kind == FACT_SCCP_KEEPALIVE && b->now - f->at > patience) {
			*ret_first = lost++ == 0 ? f : *ret_first;
		} else if (f->kind == FACT_SCCP_KEEPALIVE_ACK) {
			lost = 0;
		} else if (f->kind == FACT_SCCP_UNREGISTER) {
			break;
		}
	}
	return lost;
}

static dt_time keepalive_period(const struct fact *ack)
{
	return DT_SECONDS(ack->number != 0 ? ack->number : KEEPALIVE_USUAL);
}

/* When nothing at all comes back, TCP sends the first keepalive again and again and keeps the later
 * ones in its socket: one packet is all that is seen of them. That one, when another was due. */
static const struct fact *stuck_keepalive(const struct boot_view *b, const struct fact *ack,
					  const struct fact *first)
{
	const struct fact *again = NULL;

	if (first == NULL || b->now - first->at <= keepalive_period(ack) + KEEPALIVE_GRACE)
		return NULL;
	BOOT_EACH_AFTER(f, first, b)
	{
		if (f->number != SIDE_PHONE || !endpoint_equal(f->peer, ack->peer))
			continue;
		if (f->kind == FACT_TCP_AGAIN)
			again = f;
		else if (f->kind == FACT_TCP_ACKED)
			again = NULL;
	}
	return again != NULL && again->value[0] >= EQUAL_REQUESTS ? again : NULL;
}

bool boot_keepalives_lost(const struct boot_view *b)
{
	const struct fact *ack = boot_last(b, FACT_SCCP_REGISTER_ACK);
	const struct fact *first = NULL;

	if (ack == NULL || !boot_is_registered(b))
		return false;
	size_t lost = keepalives_lost(b, ack, KEEPALIVE_GRACE, &first);
	return lost >= 2 || stuck_keepalive(b, ack, first) != NULL;
}

/* The server's answers arrived after all. */
static bool acknowledged(const struct boot_view *b, const struct fact *again)
{
	BOOT_EACH_AFTER(f, again, b)
	{
		if (f->kind == FACT_TCP_ACKED && f->number == again->number &&
		    endpoint_equal(f->peer, again->peer))
			return true;
	}
	return false;
}

static size_t sent_again(const struct boot_view *b, const struct fact *since, uint32_t side,
			 const struct fact **ret_last)
{
	size_t n = 0;

	BOOT_EACH_AFTER(f, since, b)
	{
		if (f->kind != FACT_TCP_AGAIN || f->number != side)
			continue;
		*ret_last = f;
		n++;
	}
	return n;
}

/* K-01: a registered phone's keepalives get no answer. Not on a standby connection (no Register
 * there), and not with a CallManager 2.x, which never answered any. A keepalive TCP takes and the
 * CallManager does not answer is the server's; one sent again and again did not arrive, or its
 * acknowledgement did not: from one place these two look alike. */
void rule_keepalive_lost(const struct boot_view *b, struct judgement *j)
{
	const struct fact *ack = boot_last(b, FACT_SCCP_REGISTER_ACK);
	const struct fact *gone = boot_last(b, FACT_SERVER_GONE);
	const struct fact *last = boot_last(b, FACT_PHONE_LAST);
	const struct fact *first = NULL;
	const struct fact *again = NULL;
	char peer[ENDPOINT_TEXT_SIZE];

	/* One that never came up has another trouble. */
	if (ack != NULL && ack->value[0] != 0 && boot_is_registered(b)) {
		size_t lost = keepalives_lost(b, ack, KEEPALIVE_GRACE, &first);
		const struct fact *stuck = stuck_keepalive(b, ack, first);
		if (lost >= 2) {
			bool path = sent_again(b, first, SIDE_PHONE, &again) > 0;
			judgement_fits(j, ABOUT_DROP, STRENGTH_SILENCE,
				       b->complete && lost >= EQUAL_REQUESTS && !path);
			judgement_text(
			    j, "keepalives go unanswered: %zu in a row to %s, one each %u s%s.",
			    lost, endpoint_format(ack->peer, peer),
			    (unsigned)(keepalive_period(ack) / DT_SECONDS(1)),
			    path ? "; TCP sends them again" : "");
			BOOT_EACH_AFTER(f, ack, b)
			{
				if (f >= first && f->kind == FACT_SCCP_KEEPALIVE &&
				    endpoint_equal(f->peer, ack->peer))
					judgement_evidence(j, f);
			}
			judgement_evidence(j, again);
		} else if (stuck != NULL) {
			judgement_fits(j, ABOUT_DROP, STRENGTH_SILENCE, false);
			judgement_text(j,
				       "a keepalive to %s is sent %u times and not acknowledged; "
				       "later ones wait behind it.",
				       endpoint_format(ack->peer, peer), stuck->value[0]);
			judgement_evidence(j, first);
			judgement_evidence(j, stuck);
		}
	}
	bool says = last != NULL && last->value[0] == 0 && words_last_is(last, RULE_KEEPALIVE_LOST);
	bool server = gone != NULL && words_gone_is(gone->number, RULE_KEEPALIVE_LOST);
	if (!j->fits && (says || server)) {
		/* Its last time: it may be well since. */
		j->note = boot_is_registered(b);
		judgement_fits(j, ABOUT_DROP, STRENGTH_WORD, false);
		if (says)
			judgement_text(j, "the phone was out of service before: %s (Last=%s).",
				       words_of_last(last->text, last->number),
				       clean_text(last->text, (char[128]){0}));
		judgement_evidence(j, last);
		judgement_evidence(j, gone);
	}
	judgement_remedy(j, "Capture at both ends during one failure: the end where the packet is "
			    "missing shows the side; seen at the server and unanswered, it is the "
			    "server.");
	judgement_decide(j, "a capture at the CallManager during one failure");
}

/* It sends again what was answered, or goes on sending: a phone without power takes no answer
 * either. */
static bool still_speaks(const struct boot_view *b, const struct fact *ack)
{
	bool unanswered = false;

	BOOT_EACH_AFTER(f, ack, b)
	{
		if (!endpoint_equal(f->peer, ack->peer))
			continue;
		if (f->kind == FACT_TCP_AGAIN && f->number == SIDE_SERVER)
			unanswered = true;
		else if (unanswered && (f->kind == FACT_SCCP_KEEPALIVE ||
					(f->kind == FACT_TCP_AGAIN && f->number == SIDE_PHONE)))
			return true;
	}
	return false;
}

/* K-02: answers sent again and again, or a stranger who answers ARP for the server. */
void rule_one_way_path(const struct boot_view *b, struct judgement *j)
{
	const struct fact *ack = boot_last(b, FACT_SCCP_REGISTER_ACK);
	const struct fact *again = NULL;
	const struct fact *proxy = NULL;
	const struct fact *first = NULL;
	char mac[128];

	if (ack == NULL)
		return;
	size_t back = sent_again(b, ack, SIDE_SERVER, &again);
	if (again != NULL && acknowledged(b, again))
		back = 0;
	BOOT_EACH(f, b)
	{
		if (f->kind == FACT_ARP_ANSWERED && f->number >= PROXY_MACS)
			proxy = f;
	}
	size_t lost = keepalives_lost(b, ack, KEEPALIVE_GRACE, &first);
	bool answered = boot_last(b, FACT_SCCP_KEEPALIVE_ACK) > ack;
	if (again != NULL && back >= 2 && answered) {
		judgement_fits(j, ABOUT_DROP, STRENGTH_WIRE, b->complete && still_speaks(b, ack));
		judgement_text(
		    j,
		    "the server's answers are sent %u times and not acknowledged: they do "
		    "not reach the phone.",
		    again->value[0]);
		judgement_evidence(j, again);
	} else if ((lost >= 2 && (proxy != NULL || sent_again(b, first, SIDE_PHONE, &again) > 0)) ||
		   stuck_keepalive(b, ack, first) != NULL) {
		judgement_fits(j, ABOUT_DROP, STRENGTH_SILENCE, false);
		if (proxy != NULL)
			judgement_text(j,
				       "%u stations answer ARP for the same address, the last from "
				       "MAC %s: the phone's packets may go to the wrong one.",
				       proxy->number, clean_text(proxy->text, mac));
		judgement_evidence(j, first);
	} else {
		return;
	}
	judgement_decide(j, "a capture at the phone: do the server's answers arrive?");
	judgement_evidence(j, proxy);
}

/* What follows a call within seconds: its class in the words of the table of K-06. */
static const char *end_of_call(const struct boot_view *b, const struct fact *call,
			       const struct fact **ret_end)
{
	for (const struct fact *f = call + 1; f < b->all + b->all_count; f++) {
		if (f->at - call->at > CALL_WITHIN)
			return NULL;
		*ret_end = f;
		switch (f->kind) {
		case FACT_LINK_DOWN:
			return "the link goes down: power or cable";
		case FACT_TCP_RESET:
			if (f->number == SIDE_SERVER && f->value[0] != f->value[1] &&
			    f->value[0] != 0 && f->value[1] != 0)
				return "a reset that is not the server's: a firewall's inspection";
			return f->number == SIDE_SERVER ? "the server resets the connection"
							: "the phone resets the connection";
		case FACT_TCP_CLOSED:
			if (f->number == SIDE_SERVER)
				return "the server closes the connection";
			break;
		case FACT_SCCP_RESET:
			return "the server tells it to reset";
		case FACT_ARP_CONFLICT:
			return "another station answers for its address";
		case FACT_DHCP_DISCOVER:
			return "a cold start: the phone's software, or its power";
		case FACT_TCP_AGAIN:
			if (f->value[0] >= 3 && f->value[1] >= 1300)
				return "large packets are lost: MTU";
			break;
		default:
			break;
		}
	}
	return NULL;
}

/* K-06. A call that ends in order is followed by nothing of the kind. */
void rule_dropped_by_call(const struct boot_view *b, struct judgement *j)
{
	const char *how = NULL;
	const struct fact *until = NULL;
	size_t n = 0;

	if (!b->verdict)
		return;
	BOOT_EACH_EVER(f, b)
	{
		const struct fact *end = NULL;
		if ((f->kind != FACT_SCCP_CALL && f->kind != FACT_SIP_CALL) || f < until)
			continue;
		const char *what = end_of_call(b, f, &end);
		if (what == NULL)
			continue;
		how = what;
		until = end;
		n++;
		judgement_evidence(j, f);
		judgement_evidence(j, end);
	}
	if (n == 0)
		return;
	judgement_fits(j, ABOUT_DROP, STRENGTH_WIRE, n >= 2);
	judgement_text(j, "the phone drops within seconds of a call, %zu time%s: %s.", n,
		       n == 1 ? "" : "s", how);
	judgement_decide(j, "one more call: does it drop again?");
}

/* The last connection of this boot that its server ended unasked, and the phone has found another
 * since. */
static const struct fact *lost_and_well_again(const struct boot_view *b)
{
	const struct fact *at = NULL; /* the registration that holds */
	const struct fact *lost = NULL;
	bool asked = false;

	BOOT_EACH(f, b)
	{
		if (f->kind == FACT_SCCP_REGISTER_ACK || f->kind == FACT_SIP_REGISTERED)
			at = f;
		asked = f == at ? false
				: asked || f->kind == FACT_SCCP_UNREGISTER ||
				      f->kind == FACT_SCCP_RESET || f->kind == FACT_SIP_SERVICE;
		bool end = f->kind == FACT_TCP_CLOSED || f->kind == FACT_TCP_RESET;
		if (end && at != NULL && !asked && f->number == SIDE_SERVER &&
		    endpoint_equal(f->peer, at->peer))
			lost = f;
	}
	return boot_is_registered(b) ? lost : NULL;
}

/* K-07: not alone. */
void rule_many_lost(const struct boot_view *b, struct judgement *j)
{
	const struct fact *lost = boot_lost_connection(b);
	size_t of = 0;
	char ip[IP4_TEXT_SIZE];

	if (lost == NULL || lost->number != SIDE_SERVER) {
		lost = lost_and_well_again(b);
		j->note = true;
	}
	if (lost == NULL || b->timeline == NULL)
		return;
	size_t n = timeline_lost_together(b->timeline, lost->peer.ip, lost->at, &of);
	if (n < GROUP_PHONES || (n < MANY_PHONES && n * 10 < of))
		return;
	judgement_fits(j, ABOUT_DROP, STRENGTH_WIRE, true);
	judgement_text(j,
		       "%zu phones lost %s within %.0f s: one event of that server or of the way "
		       "to it%s.",
		       n, ip4_format(lost->peer.ip, ip), (double)WINDOW_GROUP / 1e6,
		       j->note ? "; this one is registered again" : "");
	judgement_evidence(j, lost);
}

/* K-08: told to. */
void rule_reset_by_admin(const struct boot_view *b, struct judgement *j)
{
	static const char *const kinds[] = {"", "reset", "restart", "apply its configuration"};
	const struct fact *told = boot_told_to_reset(b);
	const struct fact *last = boot_last(b, FACT_PHONE_LAST);

	if (told != NULL && boot_accepted(b) != NULL && told > boot_accepted(b)) {
		judgement_fits(j, ABOUT_DROP, STRENGTH_WORD, true);
		judgement_text(j, "the server told the phone to %s.",
			       kinds[told->number <= 3 ? told->number : 1]);
		judgement_evidence(j, told);
	} else if (last != NULL && last->value[0] == 0 &&
		   words_last_is(last, RULE_RESET_BY_ADMIN)) {
		judgement_fits(j, ABOUT_REMARK, STRENGTH_WORD, true);
		judgement_text(j, "before this boot, the server had told the phone to %s.",
			       last->number == 22 || text_contains_nocase(last->text, "Reset-Reset")
				   ? "reset"
				   : "restart");
		judgement_evidence(j, last);
	}
}

/* K-17. */
void rule_keypad_reset(const struct boot_view *b, struct judgement *j)
{
	const struct fact *last = boot_last(b, FACT_PHONE_LAST);

	if (last == NULL || last->value[0] != 0 || !words_last_is(last, RULE_KEYPAD_RESET))
		return;
	judgement_fits(j, ABOUT_REMARK, STRENGTH_WORD, true);
	judgement_evidence(j, last);
}

/* K-16. */
void rule_mobility(const struct boot_view *b, struct judgement *j)
{
	const struct fact *gone = boot_last(b, FACT_SERVER_GONE);

	if (gone == NULL || !words_gone_is(gone->number, RULE_MOBILITY))
		return;
	judgement_fits(j, ABOUT_DROP, STRENGTH_WORD, true);
	judgement_text(j, "unregistered: %s.", words_of_gone(gone->number));
	judgement_evidence(j, gone);
}

/* K-11: registered with its own gateway, which is in no list. */
void rule_srst(const struct boot_view *b, struct judgement *j)
{
	const struct fact *ack = boot_accepted(b);
	const struct fact *gone = boot_last(b, FACT_SERVER_GONE);
	struct ip4 gateway = {{0}};
	bool listed = false;
	bool names = false;
	size_t members = 0;
	char ip[IP4_TEXT_SIZE];

	if (gone != NULL && words_gone_is(gone->number, RULE_SRST)) {
		j->note = true;
		judgement_fits(j, ABOUT_PLACE, STRENGTH_WORD, true);
		judgement_text(j, "unregistered: %s.", words_of_gone(gone->number));
		judgement_evidence(j, gone);
		return;
	}
	BOOT_EACH_EVER(f, b)
	{
		if (f->kind == FACT_DHCP_ACK && !ip4_is_zero(f->dhcp.router))
			gateway = f->dhcp.router;
		if (f->kind != FACT_CONFIG_SERVER || ack == NULL)
			continue;
		members++;
		names |= ip4_is_zero(f->peer.ip);
		listed |= ip4_equal(f->peer.ip, ack->peer.ip);
	}
	if (ack == NULL || members == 0 || listed || names || !ip4_equal(ack->peer.ip, gateway))
		return;
	judgement_fits(j, ABOUT_PLACE, STRENGTH_WIRE, true);
	judgement_text(j,
		       "the phone is registered with its gateway %s, which is not in its server "
		       "list: the site's fallback router.",
		       ip4_format(gateway, ip));
	judgement_evidence(j, ack);
}

/* K-13: its address answers from elsewhere. */
void rule_address_taken(const struct boot_view *b, struct judgement *j)
{
	const struct fact *since = boot_lease(b);
	const struct fact *conflict = NULL;
	char ip[IP4_TEXT_SIZE];
	char mac[128];

	if (since == NULL)
		since = boot_accepted(b);
	BOOT_EACH(f, b)
	{
		if (f->kind == FACT_ARP_CONFLICT && f->number >= 2 && f > since)
			conflict = f;
		/* Given back: whoever gets it next may have it. */
		if (f->kind == FACT_DHCP_RELEASE)
			return;
	}
	/* Behind a router, or one host's many softphones: others always speak for the phone. */
	if (since == NULL || conflict == NULL || !boot_speaks_itself(b))
		return;
	/* Who answers another's question may be a proxy. */
	judgement_fits(j, ABOUT_DROP, STRENGTH_WIRE, conflict->number == 2);
	judgement_decide(j, "whose that MAC is: a router that answers for others, or a host?");
	judgement_text(j, "another host, MAC %s, has taken the phone's address %s.",
		       clean_text(conflict->text, mac), ip4_format(conflict->peer.ip, ip));
	judgement_evidence_all(j, b, FACT_ARP_CONFLICT);
}

/* K-19: silent, and still within what the server allows. */
void rule_not_yet_expired(const struct boot_view *b, struct judgement *j)
{
	const struct fact *ack = boot_accepted(b);
	const struct fact *last = &b->facts[b->count - 1];

	if (ack == NULL || !boot_is_registered(b) || !b->verdict ||
	    boot_lost_connection(b) != NULL || last->vantage != VANTAGE_SERVER ||
	    boot_last(b, FACT_SERVER_GONE) > ack || boot_last(b, FACT_SCCP_UNREGISTER) > ack)
		return;
	dt_time nominal = ack->kind == FACT_SIP_REGISTERED
			      ? DT_SECONDS(ack->number)
			      : DT_SECONDS(ack->number != 0 ? ack->number : KEEPALIVE_USUAL);
	dt_time grace = ack->kind == FACT_SIP_REGISTERED ? nominal + DT_SECONDS(15) : 3 * nominal;
	dt_time silent = b->now - last->at;
	if (silent <= nominal + nominal / 2 || silent > grace)
		return;
	judgement_fits(j, ABOUT_DROP, STRENGTH_SILENCE, false);
	judgement_text(j,
		       "nothing from the phone for %.0f s; its registration expires after %.0f s.",
		       (double)silent / 1e6, (double)grace / 1e6);
	judgement_decide(j, "three minutes more");
	judgement_evidence(j, last);
}

/* K-20: chosen so in its file; said only when it mattered. */
void rule_slow_detection(const struct boot_view *b, struct judgement *j)
{
	const struct fact *file = NULL;

	BOOT_EACH_EVER(f, b)
	{
		if (f->kind == FACT_CONFIG_READ && boot_file_is_own(f->name))
			file = f;
	}
	if (file == NULL || (file->value[1] & CONFIG_SLOW_DETECTION) == 0 ||
	    boot_lost_connection(b) == NULL)
		return;
	judgement_fits(j, ABOUT_REMARK, STRENGTH_WIRE, true);
	judgement_evidence(j, file);
}
