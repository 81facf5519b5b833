/* How often each fault was named: recall, precision and certainty, from what was really found. */
#include "cli/lab_theatre.h"

#include "boot/diagnose.h"
#include "cli/cli.h"
#include "lab/troupe.h"

#include <stdio.h>

/* One rule's figures. */
struct score {
	unsigned injected;  /* broken runs that could be played */
	unsigned named;     /* of them: it is the verdict wherever it was expected */
	unsigned certain;   /* of these: with the certainty expected */
	unsigned elsewhere; /* runs that name it though nothing of it is there */
	unsigned vantages;  /* bits: 1 live, 2 capture */
};

struct accuracy {
	struct score score[RULE_COUNT];
	unsigned friends, friends_quiet; /* no fault, whatever it looks like; and none found */
	unsigned twins, twins_quiet;
	unsigned wrongly_proved;
	unsigned skipped;
};

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text != NULL ? text : "";
}

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* Is the rule found there, about the phone, and how surely? */
static const json_t *finding_of(const json_t *found, const struct scenario_expect *e)
{
	size_t index = 0;
	json_t *f = NULL;

	json_array_foreach(found, index, f)
	{
		if (begins(text_of(f, "where"), e->live ? "live" : "capture") &&
		    strcmp(text_of(f, "rule"), e->rule) == 0 &&
		    strcmp(text_of(f, "phone"), e->phone) == 0)
			return f;
	}
	return NULL;
}

/* Expected there, or said to be true beside it. */
static bool is_expected(const struct scenario *s, bool broken, const char *rule, bool *ret_proved)
{
	bool found = false;

	*ret_proved = false;
	for (size_t i = 0; i < s->expects; i++) {
		const struct scenario_expect *e = &s->expect[i];
		if (e->rule == NULL || !scenario_holds(e->when, broken) ||
		    strcmp(e->rule, rule) != 0)
			continue;
		if (!broken && e->when == SCENARIO_ALWAYS)
			continue;
		found = true;
		*ret_proved = *ret_proved || e->proved;
	}
	for (size_t i = 0; i < s->lines; i++) {
		if (s->line[i].kind == SCENARIO_SPARE && scenario_holds(s->line[i].when, broken) &&
		    strcmp(s->line[i].text, rule) == 0)
			return *ret_proved = true;
	}
	return found;
}

static void score_expected(struct accuracy *a, const struct troupe_run *r, const json_t *found)
{
	const struct scenario *s = r->scenario;
	enum rule rule;
	bool named = true;
	bool certain = true;

	if (s->rule == NULL || !rule_find(s->rule, &rule))
		return;
	struct score *score = &a->score[rule];
	for (size_t i = 0; i < s->expects; i++) {
		const struct scenario_expect *e = &s->expect[i];
		if (e->rule == NULL || strcmp(e->rule, s->rule) != 0 ||
		    !scenario_holds(e->when, true))
			continue;
		const json_t *f = finding_of(found, e);
		named = named && f != NULL;
		certain = certain && f != NULL &&
			  strcmp(text_of(f, "certainty"), e->proved ? "proved" : "suspected") == 0;
		score->vantages |= e->live ? 1u : 2u;
	}
	score->injected++;
	score->named += named;
	score->certain += certain;
}

static void score_strays(struct accuracy *a, const struct troupe_run *r, const json_t *found)
{
	bool counted[RULE_COUNT] = {false};
	size_t index = 0;
	json_t *f = NULL;

	json_array_foreach(found, index, f)
	{
		enum rule rule;
		bool may_be_proved = false;
		bool expected =
		    is_expected(r->scenario, r->broken, text_of(f, "rule"), &may_be_proved);
		if (!expected && rule_find(text_of(f, "rule"), &rule) && !counted[rule]) {
			counted[rule] = true;
			a->score[rule].elsewhere++;
		}
		a->wrongly_proved +=
		    strcmp(text_of(f, "certainty"), "proved") == 0 && !may_be_proved;
	}
}

static void add_run(struct accuracy *a, const struct troupe_run *r)
{
	const json_t *found = json_object_get(r->result, "found");
	bool quiet = json_array_size(found) == 0;

	if (r->result == NULL || strcmp(text_of(r->result, "outcome"), "cannot") == 0) {
		a->skipped++;
		return;
	}
	if (!r->broken) {
		a->twins++;
		a->twins_quiet += quiet;
	} else if (r->scenario->rule == NULL) {
		a->friends++;
		a->friends_quiet += quiet;
	} else {
		score_expected(a, r, found);
	}
	score_strays(a, r, found);
}

static struct accuracy tally(const struct troupe_run *runs, size_t count)
{
	struct accuracy a = {0};

	for (size_t i = 0; i < count; i++)
		add_run(&a, &runs[i]);
	return a;
}

static const char *vantage_words(unsigned vantages)
{
	static const char *const words[] = {"", "live", "capture", "live and capture"};

	return words[vantages & 3];
}

void lab_accuracy_print(const struct troupe_run *runs, size_t count)
{
	struct accuracy a = tally(runs, count);
	unsigned rows = 0;

	(void)printf(
	    "# How accurate the verdicts are\n\n"
	    "Made by `make accuracy` from the scenarios of the fault theatre (`dialtone lab "
	    "list`): real servers and\nsimulated phones in private networks, one thing "
	    "broken in each.\n\n"
	    "injected: runs in which the fault was there. named: it was the verdict, at "
	    "every vantage where it can be\nknown. certainty: proved or suspected as it "
	    "should be. elsewhere: runs without the fault that named it.\n\n"
	    "| row | injected | named | certainty | elsewhere | judged from |\n"
	    "| --- | --- | --- | --- | --- | --- |\n");
	for (size_t i = 0; i < RULE_COUNT; i++) {
		const struct score *s = &a.score[i];
		if (s->injected == 0 && s->elsewhere == 0)
			continue;
		rows += s->injected > 0;
		(void)printf("| %s | %u | %u | %u | %u | %s |\n", rule_row((enum rule)i)->id,
			     s->injected, s->named, s->certain, s->elsewhere,
			     vantage_words(s->vantages));
	}
	(void)printf(
	    "\n%u rules injected. Healthy boots that look like a fault: %u, of them "
	    "\"no fault\": %u. Healthy twins: %u,\nof them \"no fault\": %u. Wrong findings "
	    "that were called proved: %u. Runs not possible here: %u.\n",
	    rows, a.friends, a.friends_quiet, a.twins, a.twins_quiet, a.wrongly_proved, a.skipped);
}

json_t *lab_accuracy_json(const struct troupe_run *runs, size_t count)
{
	struct accuracy a = tally(runs, count);
	json_t *rules = json_array();

	for (size_t i = 0; i < RULE_COUNT; i++) {
		const struct score *s = &a.score[i];
		if (s->injected == 0 && s->elsewhere == 0)
			continue;
		(void)json_array_append_new(
		    rules, json_pack("{s:s, s:i, s:i, s:i, s:i, s:b, s:b}", "rule",
				     rule_row((enum rule)i)->id, "injected", (int)s->injected,
				     "named", (int)s->named, "certain", (int)s->certain,
				     "elsewhere", (int)s->elsewhere, "live", (s->vantages & 1) != 0,
				     "capture", (s->vantages & 2) != 0));
	}
	return json_pack("{s:o, s:i, s:i, s:i, s:i, s:i, s:i}", "rules", rules, "friends",
			 (int)a.friends, "friends_quiet", (int)a.friends_quiet, "twins",
			 (int)a.twins, "twins_quiet", (int)a.twins_quiet, "wrongly_proved",
			 (int)a.wrongly_proved, "skipped", (int)a.skipped);
}
