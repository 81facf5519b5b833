/* Rules of phones that come and go in a rhythm (K-03 to K-05): between which servers, how often,
 * and which half loses. */
#include "boot/boot_internal.h"

#include "base/text.h"

#define AGEING_LEAST     DT_SECONDS(840) /* 16 min and 2 min, give or take two */
#define AGEING_MOST      DT_SECONDS(1200)
#define AGEING_BACK      DT_SECONDS(240)
#define IDLE_LEAST       DT_SECONDS(10)
#define DROPS_MAX        16
#define ANSWERED_AT_ONCE DT_SECONDS(1)

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

/* The silence before the end `f`. A firewall that has forgotten the connection answers the first
 * word after the silence with its reset: that word does not count. */
static dt_time idle_before(const struct fact *f, const struct fact *word, const struct fact *before)
{
	bool woke = word->kind == FACT_SCCP_KEEPALIVE || word->kind == FACT_SIP_REGISTER;

	return woke && before != NULL && f->at - word->at < ANSWERED_AT_ONCE ? word->at - before->at
									     : f->at - word->at;
}

static size_t drops_of(const struct boot_view *b, struct drop *drops, size_t max)
{
	const struct fact *before = NULL;
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
		if (family == FAMILY_SCCP || family == FAMILY_SIP) {
			before = word;
			word = f;
		}
		if (f->kind != FACT_TCP_RESET && f->kind != FACT_TCP_CLOSED)
			continue;
		if (registered && !told && word != NULL && f->number == SIDE_SERVER && n < max)
			drops[n++] = (struct drop){f, idle_before(f, word, before)};
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
