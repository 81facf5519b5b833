/* Rules of phones that were registered and are gone, or come and go (K). What told the phone to go
 * explains its going; the phone's own last-reason word is the best witness of the rest. */
#include "boot/boot_internal.h"

#include "base/text.h"

#define CALL_WITHIN  DT_SECONDS(5)
#define RESET_WITHIN DT_SECONDS(30)
#define AGEING_LEAST DT_SECONDS(840) /* 16 min and 2 min, give or take two */
#define AGEING_MOST  DT_SECONDS(1200)
#define AGEING_BACK  DT_SECONDS(240)
#define IDLE_LEAST   DT_SECONDS(10)
#define DROPS_MAX    16
#define MANY_PHONES  10
#define PROXY_MACS   2

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
		uint32_t seconds = ack->number != 0 ? ack->number : KEEPALIVE_USUAL;
		size_t lost = keepalives_lost(b, ack, KEEPALIVE_GRACE, &first);
		if (lost >= 2) {
			bool path = sent_again(b, first, SIDE_PHONE, &again) > 0;
			judgement_fits(j, ABOUT_DROP, STRENGTH_SILENCE,
				       b->complete && lost >= EQUAL_REQUESTS && !path);
			judgement_text(
			    j, "keepalives go unanswered: %zu in a row to %s, one each %u s%s.",
			    lost, endpoint_format(ack->peer, peer), seconds,
			    path ? "; TCP sends them again" : "");
			BOOT_EACH_AFTER(f, ack, b)
			{
				if (f >= first && f->kind == FACT_SCCP_KEEPALIVE &&
				    endpoint_equal(f->peer, ack->peer))
					judgement_evidence(j, f);
			}
			judgement_evidence(j, again);
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
	if (again != NULL && boot_after(b, again, FACT_TCP_ACKED) != NULL)
		back = 0;
	BOOT_EACH(f, b)
	{
		if (f->kind == FACT_ARP_ANSWERED && f->number >= PROXY_MACS)
			proxy = f;
	}
	size_t lost = keepalives_lost(b, ack, KEEPALIVE_GRACE, &first);
	bool answered = boot_last(b, FACT_SCCP_KEEPALIVE_ACK) > ack;
	if (again != NULL && back >= 2 && answered) {
		judgement_fits(j, ABOUT_DROP, STRENGTH_WIRE, b->complete);
		judgement_text(
		    j,
		    "the server's answers are sent %u times and not acknowledged: they do "
		    "not reach the phone.",
		    again->value[0]);
		judgement_evidence(j, again);
	} else if (lost >= 2 && (proxy != NULL || sent_again(b, first, SIDE_PHONE, &again) > 0)) {
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

/* One change of the node a phone is registered with. */
struct turn {
	dt_time at;
	struct endpoint peer;
	const struct fact *fact;
};

/* The latest registrations, each with another node than the one before. */
static size_t turns_of(const struct boot_view *b, struct turn *turns, size_t max)
{
	size_t n = 0;

	BOOT_EACH_EVER(f, b)
	{
		if (f->kind != FACT_SCCP_REGISTER_ACK && f->kind != FACT_SIP_REGISTERED)
			continue;
		if (n > 0 && ip4_equal(turns[n - 1].peer.ip, f->peer.ip))
			continue;
		if (n == max) {
			memmove(turns, turns + 1, (max - 1) * sizeof *turns);
			n--;
		}
		turns[n++] = (struct turn){f->at, f->peer, f};
	}
	return n;
}

/* To and fro between two nodes: A B A B. */
static bool alternates(const struct turn *turns, size_t n)
{
	for (size_t i = 2; i < n; i++) {
		if (!ip4_equal(turns[i].peer.ip, turns[i - 2].peer.ip))
			return false;
	}
	return n > LOOP_ROUNDS;
}

/* The phone's word for having left the node of turn i. */
static const struct fact *word_for_leaving(const struct boot_view *b, const struct turn *turns,
					   size_t i)
{
	const struct fact *word = NULL;

	BOOT_EACH_EVER(f, b)
	{
		if (f->kind == FACT_PHONE_LAST && f->at > turns[i].at &&
		    f->at <= turns[i + 1].at + DT_SECONDS(2))
			word = f;
	}
	return word;
}

/* The half that loses: the one it does not leave by failing back. */
static const struct fact *losing_word(const struct boot_view *b, const struct turn *turns, size_t n,
				      struct ip4 *ret_node)
{
	const struct fact *found = NULL;

	for (size_t i = 0; i + 1 < n; i++) {
		const struct fact *word = word_for_leaving(b, turns, i);
		if (word == NULL || text_contains_nocase(word->text, "Failback") ||
		    word->number == 18)
			continue;
		found = word;
		*ret_node = turns[i].peer.ip;
	}
	return found;
}

static bool is_port_ageing(const struct turn *turns, size_t n)
{
	if (!alternates(turns, n) || turns[0].fact->kind != FACT_SIP_REGISTERED)
		return false;
	for (size_t i = 0; i + 2 < n; i++) {
		dt_time one = turns[i + 1].at - turns[i].at;
		dt_time other = turns[i + 2].at - turns[i + 1].at;
		dt_time most = one > other ? one : other;
		dt_time least = one > other ? other : one;
		if (most < AGEING_LEAST || most > AGEING_MOST || least > AGEING_BACK)
			return false;
	}
	return true;
}

static void turn_evidence(struct judgement *j, const struct turn *turns, size_t n)
{
	for (size_t i = 0; i < n; i++)
		judgement_evidence(j, turns[i].fact);
}

/* K-03. */
void rule_toggling(const struct boot_view *b, struct judgement *j)
{
	struct turn turns[DROPS_MAX] = {0};
	size_t n = b->verdict ? turns_of(b, turns, DROPS_MAX) : 0;
	struct ip4 node = {{0}};
	char one[IP4_TEXT_SIZE];
	char other[IP4_TEXT_SIZE];
	char loses[IP4_TEXT_SIZE];
	char last[128];

	if (!alternates(turns, n) || is_port_ageing(turns, n))
		return;
	double period = (double)(turns[n - 1].at - turns[0].at) / 1e6 / ((double)(n - 1) / 2);
	const struct fact *word = losing_word(b, turns, n, &node);
	const char *meaning = word != NULL ? words_of_last(word->text, word->number) : NULL;
	judgement_fits(j, ABOUT_DROP, STRENGTH_WIRE, true);
	judgement_text(
	    j,
	    "the phone toggles between %s and %s, %zu changes, one round each %.0f s%s%s%s%s%s%s.",
	    ip4_format(turns[0].peer.ip, one), ip4_format(turns[1].peer.ip, other), n - 1, period,
	    word != NULL ? "; it leaves " : "", word != NULL ? ip4_format(node, loses) : "",
	    word != NULL ? " for " : "", word != NULL ? clean_text(word->text, last) : "",
	    meaning != NULL ? ": " : "", meaning != NULL ? meaning : "");
	turn_evidence(j, turns, n);
	judgement_evidence(j, word);
}

/* K-04: the fingerprint of a switch that forgets: sixteen minutes and two. */
void rule_port_ageing(const struct boot_view *b, struct judgement *j)
{
	struct turn turns[DROPS_MAX] = {0};
	size_t n = b->verdict ? turns_of(b, turns, DROPS_MAX) : 0;

	if (!is_port_ageing(turns, n))
		return;
	judgement_fits(j, ABOUT_DROP, STRENGTH_WIRE, false);
	judgement_text(j,
		       "the phone leaves its server every %.0f min and is back soon after: the "
		       "rhythm of port-security ageing shorter than the SIP refresh.",
		       (double)(turns[n - 1].at - turns[0].at) / 60e6 / ((double)(n - 1) / 2));
	judgement_decide(j, "the port's ageing time: below two minutes?");
	turn_evidence(j, turns, n);
}

/* The ends of registered connections that nobody had asked for, and how long they had been idle. */
struct drop {
	const struct fact *fact;
	dt_time idle;
};

static size_t drops_of(const struct boot_view *b, struct drop *drops, size_t max)
{
	const struct fact *word = NULL;
	bool registered = false;
	bool told = false;
	size_t n = 0;

	BOOT_EACH_EVER(f, b)
	{
		enum fact_family family = fact_row(f->kind)->family;
		bool accepted = f->kind == FACT_SCCP_REGISTER_ACK || f->kind == FACT_SIP_REGISTERED;
		registered |= accepted;
		told = accepted
			   ? false
			   : told || f->kind == FACT_SCCP_RESET || f->kind == FACT_SIP_SERVICE ||
				 f->kind == FACT_SCCP_UNREGISTER;
		if (family == FAMILY_SCCP || family == FAMILY_SIP)
			word = f;
		if (f->kind != FACT_TCP_RESET && f->kind != FACT_TCP_CLOSED)
			continue;
		if (registered && !told && word != NULL && f->number == SIDE_SERVER && n < max)
			drops[n++] = (struct drop){f, f->at - word->at};
		registered = false;
	}
	return n;
}

/* K-05: the same idle age each time. */
void rule_idle_timer(const struct boot_view *b, struct judgement *j)
{
	struct drop drops[DROPS_MAX];
	size_t n = b->verdict ? drops_of(b, drops, DROPS_MAX) : 0;
	bool foreign = true;

	if (n < LOOP_ROUNDS)
		return;
	for (size_t i = 0; i < n; i++) {
		dt_time off = drops[i].idle - drops[0].idle;
		off = off < 0 ? -off : off;
		const struct fact *f = drops[i].fact;
		if (drops[i].idle < IDLE_LEAST || off > drops[0].idle / 10)
			return;
		foreign &= f->kind == FACT_TCP_RESET && f->value[0] != 0 && f->value[1] != 0 &&
			   f->value[0] != f->value[1];
		judgement_evidence(j, f);
	}
	judgement_fits(j, ABOUT_DROP, STRENGTH_WIRE, foreign);
	judgement_text(j, "the connection is cut %zu times after the same %.0f s of silence%s.", n,
		       (double)drops[0].idle / 1e6,
		       foreign ? ", by a reset that is not the server's (its TTL is another)" : "");
	judgement_decide(j, "a capture at the server: does it cut the connection itself?");
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

/* K-07: not alone. */
void rule_many_lost(const struct boot_view *b, struct judgement *j)
{
	const struct fact *lost = boot_lost_connection(b);
	size_t of = 0;
	char ip[IP4_TEXT_SIZE];

	if (lost == NULL || b->timeline == NULL || lost->number != SIDE_SERVER)
		return;
	size_t n = timeline_lost_together(b->timeline, lost->peer.ip, lost->at, &of);
	if (n < GROUP_PHONES || (n < MANY_PHONES && n * 10 < of))
		return;
	judgement_fits(j, ABOUT_DROP, STRENGTH_WIRE, true);
	judgement_text(j,
		       "%zu phones lost %s within %.0f s: one event of that server or of the way "
		       "to it.",
		       n, ip4_format(lost->peer.ip, ip), (double)WINDOW_GROUP / 1e6);
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
