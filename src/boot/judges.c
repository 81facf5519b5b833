/* The rules' judgements weighed against each other.
 *
 * Every rule is asked. Of two that explain the same, the one with better evidence speaks; with
 * equally good evidence neither is proved. Proved ones need no company of suspicions; a remark
 * about a phone that works stands behind every fault. At most as many as there is room for. */
#include "boot/boot_internal.h"

#include "base/text.h"

#include <stdarg.h>
#include <strings.h>

static const struct rule_row rows[RULE_COUNT] = {
#define RULE(id, name, step, weight, from, summary, causes, remedy, missing)                       \
	[RULE_##name] = {id,      STEP_##step, WEIGHT_##weight, FROM_##from,                       \
			 summary, causes,      remedy,          missing},
#include "boot/rules.def"
#undef RULE
};

static const struct {
	enum rule rule;
	rule_fn judge;
} judges[] = {
#define JUDGE(name, fn) {RULE_##name, fn},
#include "boot/judges.def"
#undef JUDGE
};

#define JUDGES (sizeof judges / sizeof *judges)

const struct rule_row *rule_row(enum rule rule)
{
	return &rows[(unsigned)rule < RULE_COUNT ? rule : 0];
}

bool rule_find(const char *id, enum rule *ret_rule)
{
	for (size_t i = 0; i < RULE_COUNT; i++) {
		if (strcasecmp(rows[i].id, id) == 0) {
			*ret_rule = (enum rule)i;
			return true;
		}
	}
	return false;
}

rule_fn judge_of(enum rule rule)
{
	for (size_t i = 0; i < JUDGES; i++) {
		if (judges[i].rule == rule)
			return judges[i].judge;
	}
	return NULL;
}

void judgement_fits(struct judgement *j, enum about about, enum strength strength, bool proved)
{
	j->fits = true;
	j->about = about;
	j->strength = strength;
	j->proved = proved;
}

void judgement_text(struct judgement *j, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	// NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): it is, two lines above
	(void)vsnprintf(j->finding.text, sizeof j->finding.text, format, args);
	va_end(args);
}

void judgement_remedy(struct judgement *j, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	// NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): it is, two lines above
	(void)vsnprintf(j->finding.remedy, sizeof j->finding.remedy, format, args);
	va_end(args);
}

void judgement_decide(struct judgement *j, const char *what)
{
	(void)text_copy(j->finding.decide, sizeof j->finding.decide, what);
}

void judgement_evidence(struct judgement *j, const struct fact *fact)
{
	enum fact_family family;

	if (fact == NULL)
		return;
	evidence_add(j->finding.evidence, &j->finding.evidence_count, fact->evidence);
	family = fact_row(fact->kind)->family;
	/* The server that phones may have in common. */
	if (family != FAMILY_LINK && family != FAMILY_SERVER && !ip4_is_zero(fact->peer.ip))
		j->finding.peer = fact->peer;
}

void judgement_evidence_all(struct judgement *j, const struct boot_view *b, enum fact_kind kind)
{
	BOOT_EACH(f, b)
	{
		if (f->kind == kind)
			judgement_evidence(j, f);
	}
}

const char *clean_text(const char *text, char to[static 128])
{
	struct buf b;

	buf_init(&b, 127);
	text_escape_terminal(&b, slice_head(slice_text(text), 80));
	(void)text_copy(to, 128, buf_cstr(&b));
	buf_done(&b);
	return to;
}

/* Two proved explanations of the same: the better evidence speaks, equal evidence proves neither.
 */
static void weigh(struct judgement *a, struct judgement *b)
{
	struct ip4 one = a->finding.peer.ip;
	struct ip4 other = b->finding.peer.ip;

	if (a->about != b->about || a->about == ABOUT_REMARK || !a->fits || !b->fits)
		return;
	/* Two servers are two troubles. */
	if (a->about == ABOUT_CONNECT && !ip4_is_zero(one) && !ip4_is_zero(other) &&
	    !ip4_equal(one, other))
		return;
	if (a->proved && b->proved && a->strength == b->strength) {
		a->proved = false;
		b->proved = false;
	} else if (a->proved && (!b->proved || a->strength > b->strength)) {
		b->fits = false;
	} else if (b->proved) {
		a->fits = false;
	}
}

#define RANKS 12u

/* Faults before remarks, proved before suspected. A server that refuses the phone was reached:
 * why it refuses comes first, even suspected, before what else is proved to be wrong. */
static unsigned rank(const struct judgement *j, bool refused)
{
	bool beside = refused && j->about != ABOUT_REGISTER;

	return (j->note ? 8u : beside ? 4u : 0u) + (j->proved ? 0u : 2u) + (j->likelier ? 0u : 1u);
}

/* Suspicions are for what nothing proved explains; a refusal is explained by its own cause only. */
static bool is_needless(const struct judgement *j, const struct judgement *found, size_t n,
			bool refused)
{
	if (j->proved)
		return false;
	for (size_t i = 0; i < n; i++) {
		const struct judgement *other = &found[i];
		if (!other->fits || !other->proved || other->note)
			continue;
		if (!refused || j->about != ABOUT_REGISTER || other->about == ABOUT_REGISTER)
			return true;
	}
	return false;
}

static void finish(struct judgement *j, enum rule rule)
{
	struct finding *f = &j->finding;

	f->rule = rule;
	f->proved = j->proved;
	f->note = j->note;
	if (f->text[0] == 0)
		(void)snprintf(f->text, sizeof f->text, "%s.", rows[rule].summary);
	if (f->remedy[0] == 0)
		(void)text_copy(f->remedy, sizeof f->remedy, rows[rule].remedy);
	/* Two that prove the same prove neither: then each had no doubt of its own. */
	if (f->proved)
		f->decide[0] = 0;
	else if (f->decide[0] == 0)
		(void)text_copy(f->decide, sizeof f->decide,
				"a watch without gaps at the phone's own port, from its start on");
}

/* What a server hears of its wire is no view of a phone's port: rows that lean on it, or on what is
 * absent there, are not for it. */
static bool is_judged(const struct boot_view *b, enum rule rule)
{
	return rows[rule].from != FROM_CAPTURE || b->facts[0].vantage != VANTAGE_SERVER;
}

unsigned judges_find(const struct boot_view *b, struct finding *ret, unsigned max)
{
	struct judgement found[JUDGES];
	enum rule rule[JUDGES];
	size_t n = 0;
	unsigned kept = 0;
	bool refused = boot_refused(b) != NULL;
	bool storm = boot_storm(b) != NULL;

	for (size_t i = 0; i < JUDGES; i++) {
		struct judgement j = {.note = rows[judges[i].rule].weight == WEIGHT_NOTE,
				      .finding.rule = judges[i].rule};
		if (is_judged(b, judges[i].rule))
			judges[i].judge(b, &j);
		if (!j.fits)
			continue;
		/* What is absent proves nothing where no answer at all is seen, or where a storm
		 * drowns it. */
		if (j.proved && j.strength == STRENGTH_SILENCE &&
		    (storm || !boot_sees_replies(b, j.finding.peer.ip)))
			j.proved = false;
		rule[n] = judges[i].rule;
		found[n++] = j;
	}
	for (size_t i = 0; i < n; i++) {
		for (size_t k = i + 1; k < n; k++)
			weigh(&found[i], &found[k]);
	}
	for (unsigned r = 0; r < RANKS; r++) {
		for (size_t i = 0; i < n && kept < max; i++) {
			if (!found[i].fits || rank(&found[i], refused) != r ||
			    is_needless(&found[i], found, n, refused))
				continue;
			finish(&found[i], rule[i]);
			ret[kept++] = found[i].finding;
		}
	}
	return kept;
}
