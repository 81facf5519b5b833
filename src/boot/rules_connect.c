/* Rules of the way to a CallManager: connections that do not open, close at once, or carry nothing
 * back; and what a firewall does to them. */
#include "boot/boot_internal.h"

#include "base/text.h"

#define AT_ONCE     DT_SECONDS(2)
#define LARGE_BYTES 1300u
#define LARGE_TIMES 3u
#define TTL_SLACK   1

/* A router's word that it cannot, or may not, reach that server: then nobody's port is closed. */
static const struct fact *router_word(const struct boot_view *b, struct ip4 server)
{
	const struct fact *word = NULL;

	BOOT_EACH(f, b)
	{
		bool of_host = f->number == 2 || f->number == 3;
		if (f->kind == FACT_ICMP_UNREACHABLE && ip4_equal(f->peer.ip, server) && !of_host)
			word = f;
	}
	return word;
}

static bool is_filter(const struct fact *word)
{
	return word->number >= 9 && word->number != 11 && word->number != 12;
}

static void say_router_word(struct judgement *j, const struct fact *word, const char *server)
{
	char who[128];

	(void)clean_text(word->text, who);
	judgement_text(j, "the CallManager %s cannot be reached: %s says that %s.", server, who,
		       is_filter(word) ? "a filter forbids it" : "there is no way to it");
	judgement_remedy(j,
			 is_filter(word)
			     ? "Let the phones' connections to %s pass in the filter on %s."
			     : "Correct %s in the phones' server list, or repair the way to it: "
			       "see %s's routes and whether that server is up.",
			 server, who);
}

/* Registered, and it had lost no server before this call: one that has calls because of that. */
static bool is_well(const struct boot_view *b, const struct fact *call)
{
	const struct fact *lost = boot_lost_connection(b);

	return boot_is_registered(b) && (lost == NULL || lost > call);
}

/* SYN after SYN and no word back. */
void rule_cm_silent(const struct boot_view *b, struct judgement *j)
{
	const struct fact *last = boot_last(b, FACT_TCP_SYN);
	const struct fact *first = NULL;
	size_t n = 0;
	char peer[ENDPOINT_TEXT_SIZE];

	if (last == NULL)
		return;
	const struct fact *word = router_word(b, last->peer.ip);
	enum fact_kind refusal = word != NULL ? FACT_COUNT : FACT_TCP_REFUSED;
	for (const struct fact *f = b->facts; f <= last; f++) {
		if (!endpoint_equal(f->peer, last->peer))
			continue;
		if (f->kind == FACT_TCP_SYN) {
			first = n++ == 0 ? f : first;
		} else if (f->kind == FACT_TCP_OPEN || f->kind == refusal) {
			n = 0;
		}
	}
	bool answered = boot_after(b, last, FACT_TCP_OPEN) != NULL ||
			(word == NULL && boot_after(b, last, FACT_TCP_REFUSED) != NULL);
	const struct fact *half = boot_after(b, first != NULL ? first : last, FACT_TCP_HALF_OPEN);
	if (answered || n == 0 || (n < EQUAL_REQUESTS && word == NULL) || is_well(b, last))
		return;
	judgement_fits(j, ABOUT_CONNECT, word != NULL ? STRENGTH_WORD : STRENGTH_SILENCE,
		       !boot_old_address(b, last) &&
			   (word != NULL || (b->complete && b->now - first->at >= WINDOW_CONNECT)));
	if (word == NULL)
		judgement_text(
		    j,
		    "the CallManager %s does not answer the phone's connection: %zu SYNs, no "
		    "reply%s.",
		    endpoint_format(last->peer, peer), n,
		    half != NULL
			? " that reaches the phone (the server's SYN-ACKs are lost on the way back)"
			: "");
	judgement_evidence(j, word);
	judgement_remedy(j,
			 "Telnet to %s from a PC in the voice VLAN: no answer means the network "
			 "path or the server.",
			 endpoint_format(last->peer, peer));
	if (word != NULL)
		say_router_word(j, word, endpoint_format(last->peer, peer));
	judgement_decide(j, "a capture at the CallManager: do the SYNs arrive?");
	for (const struct fact *f = first; f <= last; f++) {
		if (f->kind == FACT_TCP_SYN)
			judgement_evidence(j, f);
	}
}

/* the port answers at once that nobody is there. */
void rule_cm_refuses(const struct boot_view *b, struct judgement *j)
{
	const struct fact *refused = boot_last(b, FACT_TCP_REFUSED);
	const struct fact *syn = NULL;
	char peer[ENDPOINT_TEXT_SIZE];

	if (refused == NULL || boot_after(b, refused, FACT_TCP_OPEN) != NULL ||
	    is_well(b, refused) || router_word(b, refused->peer.ip) != NULL)
		return;
	for (const struct fact *f = b->facts; f < refused; f++) {
		if (f->kind == FACT_TCP_SYN && endpoint_equal(f->peer, refused->peer))
			syn = f;
	}
	if (syn == NULL || refused->at - syn->at > REFUSED_AT_ONCE)
		return;
	/* The next of its list has its turn. */
	const struct fact *next = boot_last(b, FACT_TCP_SYN);
	if (next > refused && !endpoint_equal(next->peer, refused->peer) &&
	    b->now - next->at < WINDOW_CONNECT)
		return;
	judgement_fits(j, ABOUT_CONNECT, STRENGTH_WORD, true); /* the other side's own word */
	judgement_text(j, "the CallManager's port is closed: %s refuses the connection at once.",
		       endpoint_format(refused->peer, peer));
	judgement_remedy(j, "Start the CallManager service on that server, or correct its address "
			    "or port in the phone's list.");
	judgement_evidence(j, syn);
	judgement_evidence(j, refused);
}

/* X-01 of one phone: our own server says that it stopped. Without that it is a matter of many
 * phones (groups.c). */
void rule_service_down(const struct boot_view *b, struct judgement *j)
{
	const struct fact *refused = boot_last(b, FACT_TCP_REFUSED);
	const struct fact *word = NULL;

	if (refused == NULL || boot_is_registered(b))
		return;
	BOOT_EACH_SITE(f, b)
	{
		if (f->kind == FACT_SERVER_STATE && f->value[0] == 3 && f->at <= refused->at &&
		    (ip4_is_zero(f->peer.ip) || ip4_equal(f->peer.ip, refused->peer.ip)))
			word = f->number == 2 ? f : NULL;
	}
	if (word == NULL)
		return;
	judgement_fits(j, ABOUT_REMARK, STRENGTH_WORD, true);
	judgement_text(j, "the CallManager service was stopped.");
	judgement_evidence(j, word);
	judgement_evidence(j, refused);
}

/* A reset whose TTL is not that of the side it claims to be from. */
static bool is_foreign_reset(const struct fact *f)
{
	int ttl = (int)f->value[0];
	int usual = (int)f->value[1];

	return f->kind == FACT_TCP_RESET && ttl != 0 && usual != 0 &&
	       (ttl - usual > TTL_SLACK || usual - ttl > TTL_SLACK);
}

/* open, and closed before a word; or TLS meets plain text. */
void rule_closed_at_once(const struct boot_view *b, struct judgement *j)
{
	const struct fact *mix = boot_last(b, FACT_TLS_MISMATCH);
	const struct fact *open = NULL;
	const struct fact *closed = NULL;
	size_t n = 0;
	char peer[ENDPOINT_TEXT_SIZE];

	if (boot_accepted(b) != NULL || boot_refused(b) != NULL)
		return;
	if (mix != NULL) {
		judgement_fits(j, ABOUT_CONNECT, STRENGTH_WIRE, true);
		judgement_text(j,
			       mix->number == 1 ? "the phone speaks TLS to the plain port %s."
						: "the phone speaks plainly to the TLS port %s.",
			       endpoint_format(mix->peer, peer));
		judgement_evidence(j, mix);
		return;
	}
	BOOT_EACH_EVER(f, b)
	{
		if (f->kind == FACT_TCP_OPEN)
			open = f;
		bool ended = f->kind == FACT_TCP_CLOSED || f->kind == FACT_TCP_RESET;
		uint32_t said = f->kind == FACT_TCP_CLOSED ? f->value[1] : f->value[2];
		if (!ended || open == NULL || !endpoint_equal(open->peer, f->peer) ||
		    f->number != SIDE_SERVER || said != 0 || is_foreign_reset(f) ||
		    f->at - open->at > AT_ONCE)
			continue;
		n++;
		closed = f >= b->facts && f < b->facts + b->count ? f : closed;
		judgement_evidence(j, open);
		judgement_evidence(j, f);
	}
	if (closed == NULL || boot_last(b, FACT_TLS_ALERT) != NULL)
		return;
	judgement_fits(j, ABOUT_CONNECT, STRENGTH_WIRE, n >= 2);
	judgement_text(j,
		       "%s takes the connection and closes it at once without a word (%zu time%s).",
		       endpoint_format(closed->peer, peer), n, n == 1 ? "" : "s");
	judgement_decide(j,
			 "the phone's security mode against that port, and the server's limit of "
			 "connections per address");
}

/* Register, TCP takes it, silence. A segment sent again did not arrive: that is the path. */
void rule_register_unanswered(const struct boot_view *b, struct judgement *j)
{
	const struct fact *reg = boot_register(b);
	const struct fact *first = NULL;
	const struct fact *last = boot_last(b, FACT_PHONE_LAST);
	char peer[ENDPOINT_TEXT_SIZE];

	if (reg == NULL || boot_accepted(b) > reg || boot_refused(b) > reg ||
	    boot_after(b, reg, FACT_SIP_CHALLENGED) != NULL)
		return;
	BOOT_EACH(f, b)
	{
		if (f->kind == reg->kind && first == NULL && f > boot_accepted(b) &&
		    f > boot_refused(b))
			first = f;
	}
	if (first == NULL || b->now - first->at < WINDOW_REGISTER)
		return;
	/* Whoever asks on was answered, seen or not. */
	if (boot_after(b, first, FACT_SCCP_ASKED) != NULL ||
	    boot_after(b, first, FACT_SCCP_KEEPALIVE) != NULL)
		return;
	bool lost = false;
	bool cut = false;
	BOOT_EACH_AFTER(f, first, b)
	{
		lost |= f->kind == FACT_TCP_AGAIN && f->number == SIDE_PHONE;
		/* To hang up is an answer too. */
		cut |= (f->kind == FACT_TCP_RESET || f->kind == FACT_TCP_CLOSED) &&
		       f->number == SIDE_SERVER;
	}
	bool udp = reg->kind == FACT_SIP_REGISTER && (reg->value[1] & SIP_UDP) != 0;
	if (cut)
		return;
	judgement_fits(j, ABOUT_REGISTER, STRENGTH_SILENCE, b->complete && !lost && !udp);
	(void)endpoint_format(reg->peer, peer);
	if (udp)
		judgement_text(j, "%s does not answer the phone's REGISTER.", peer);
	else
		judgement_text(j, "%s takes the phone's %s and does not answer it.", peer,
			       reg->kind == FACT_SCCP_REGISTER ? "Register" : "REGISTER");
	judgement_decide(j, "a capture at the CallManager: does the message arrive, and whole?");
	judgement_evidence(j, first);
	judgement_evidence(j, reg);
	if (words_last_is(last, RULE_REGISTER_UNANSWERED))
		judgement_evidence(j, last);
}

/* acknowledged, and it waits for what does not come. */
void rule_no_buttons(const struct boot_view *b, struct judgement *j)
{
	const struct fact *ack = boot_last(b, FACT_SCCP_REGISTER_ACK);
	const struct fact *gone = boot_last(b, FACT_SERVER_GONE);
	const struct fact *open = NULL;
	char text[128];

	if (gone != NULL && words_gone_is(gone->number, RULE_NO_BUTTONS)) {
		judgement_fits(j, ABOUT_REGISTER, STRENGTH_WORD, true);
		judgement_evidence(j, gone);
		return;
	}
	if (ack == NULL || boot_after(b, ack, FACT_SCCP_READY) != NULL ||
	    boot_after(b, ack, FACT_SCCP_UNREGISTER) != NULL || boot_refused(b) != NULL)
		return;
	bool lines = boot_after(b, ack, FACT_SCCP_LINE) != NULL;
	open = boot_open_question(b, ack);
	/* It answers keepalives of a phone that works: then nothing was missing. */
	if (boot_is_registered(b))
		return;
	const struct fact *ended = boot_after(b, ack, FACT_TCP_CLOSED);
	if (ended == NULL)
		ended = boot_after(b, ack, FACT_TCP_RESET);
	bool waited = b->now - ack->at >= WINDOW_LINES;
	if (!waited && ended == NULL)
		return;
	judgement_fits(j, ABOUT_REGISTER, STRENGTH_SILENCE, b->complete && waited && open != NULL);
	if (open != NULL)
		judgement_text(
		    j,
		    "RegisterAck, then the phone's %s is never answered: it waits for it "
		    "and does not come up.",
		    clean_text(open->text, text));
	else
		judgement_text(j, "RegisterAck, and the phone %s.",
			       lines ? "never comes to its end" : "never gets lines and keys");
	if (open != NULL)
		judgement_remedy(j,
				 "Look why the server keeps silent about %s: it may not know this "
				 "phone's load, or the record has no line on button 1.",
				 clean_text(open->text, text));
	judgement_decide(j, "thirty seconds more: what does the phone wait for?");
	judgement_evidence(j, ack);
	judgement_evidence(j, open);
	judgement_evidence(j, ended);
}

/* a reset by somebody else, in the middle of a conversation; or a conversation that does not
 * survive the way. */
void rule_inspection(const struct boot_view *b, struct judgement *j)
{
	const struct fact *word = boot_last(b, FACT_SERVER_REFUSED);
	const struct fact *broken = boot_last(b, FACT_SCCP_BROKEN);
	const struct fact *lost = boot_lost_connection(b);
	const struct fact *before = NULL;

	if (word != NULL && boot_accepted(b) <= word && strcmp(word->text, "R-17") == 0) {
		judgement_fits(j, ABOUT_REGISTER, STRENGTH_WORD, true);
		judgement_evidence(j, word);
		return;
	}
	const struct fact *no = boot_refused(b);
	if (no != NULL && words_refusal(no, RULE_INSPECTION) == WORD_SURELY) {
		judgement_fits(j, ABOUT_REGISTER, STRENGTH_WORD, true);
		judgement_evidence(j, no);
		return;
	}
	BOOT_EACH(f, b)
	{
		enum fact_family family = fact_row(f->kind)->family;
		if (family == FAMILY_SCCP || family == FAMILY_SIP)
			before = f;
		if (!is_foreign_reset(f) || before == NULL || f->at - before->at > AT_ONCE ||
		    (boot_is_registered(b) && f != lost))
			continue;
		judgement_fits(j, ABOUT_CONNECT, STRENGTH_WIRE, false);
		judgement_text(
		    j,
		    "a reset right after the phone's message, with TTL %u where the server's "
		    "packets have %u: something in between sent it.",
		    f->value[0], f->value[1]);
		judgement_decide(j, "a capture at the server: did it send that reset?");
		judgement_evidence(j, before);
		judgement_evidence(j, f);
		return;
	}
	if (broken == NULL || boot_accepted(b) != NULL || boot_refused(b) != NULL)
		return;
	judgement_fits(j, ABOUT_CONNECT, STRENGTH_WIRE, false);
	judgement_text(j, "what passes here on the CallManager's port cannot be read as SCCP.");
	judgement_decide(j, "the same bytes at the other end: are they the same?");
	judgement_evidence(j, broken);
}

/* the large ones do not arrive. */
void rule_large_packets_lost(const struct boot_view *b, struct judgement *j)
{
	const struct fact *again = NULL;
	const struct fact *icmp = boot_last(b, FACT_ICMP_FRAGMENT);
	const struct fact *part = boot_last(b, FACT_FRAGMENT_LOST);
	bool small = false;

	BOOT_EACH(f, b)
	{
		if (f->kind != FACT_TCP_AGAIN)
			continue;
		if (f->value[1] >= LARGE_BYTES && f->value[0] >= LARGE_TIMES)
			again = f;
		small |= f->value[1] < LARGE_BYTES;
	}
	if (again == NULL && part == NULL)
		return;
	if (again != NULL && (small || boot_after(b, again, FACT_TCP_ACKED) != NULL))
		return;
	const struct fact *seen = again != NULL ? again : part;
	if (boot_accepted(b) > seen)
		return;
	judgement_fits(j, ABOUT_CONNECT, icmp != NULL ? STRENGTH_WORD : STRENGTH_WIRE,
		       icmp != NULL);
	if (again != NULL)
		judgement_text(j,
			       "a segment of %u bytes is sent %u times and not acknowledged, small "
			       "ones pass%s.",
			       again->value[1], again->value[0],
			       icmp != NULL ? "; a router says it must be fragmented" : "");
	else
		judgement_text(j, "datagrams arrive in part only: fragments are lost.");
	judgement_decide(j, "a ping of 1,400 bytes that may not be fragmented, along the same way");
	judgement_evidence(j, again);
	judgement_evidence(j, part);
	judgement_evidence(j, icmp);
}
