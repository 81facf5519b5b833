/* What peers' words and numbers mean, and which rules they name. The tables are words.def. */
#include "boot/boot_internal.h"

#include "base/text.h"

#include <strings.h>

#define RULES_MAX 3

struct meaning {
	const char *word; /* the phone's, or CUCM's name of a code */
	const char *meaning;
	size_t rule_count;
	uint32_t number;
	enum rule rules[RULES_MAX];
};

/* RULE_COUNT stands for "no rule", so that a list is never empty. */
#define R(name) RULE_##name
#define MEANING(word_, number_, meaning_, ...)                                                     \
	{.word = (word_),                                                                          \
	 .meaning = (meaning_),                                                                    \
	 .rule_count = sizeof((enum rule[]){__VA_ARGS__}) / sizeof(enum rule),                     \
	 .number = (number_),                                                                      \
	 .rules = {__VA_ARGS__}},

static const struct meaning lasts[] = {
#define LAST(word, number, meaning, ...) MEANING(word, number, meaning, __VA_ARGS__)
#include "boot/words.def"
};

static const struct meaning failures[] = {
#define FAILURE(code, name, meaning, ...) MEANING(name, code, meaning, __VA_ARGS__)
#include "boot/words.def"
};

static const struct meaning gones[] = {
#define GONE(code, name, meaning, ...) MEANING(name, code, meaning, __VA_ARGS__)
#include "boot/words.def"
};

static const struct {
	uint32_t status;
	const char *words;
	enum word_match match;
	enum rule rule;
} refusals[] = {
#define REFUSAL(status, words, certainty, rule) {status, words, WORD_##certainty, RULE_##rule},
#include "boot/words.def"
};

/* The words' hyphens and case differ between families; letters decide. */
static bool same_word(const char *a, const char *b)
{
	for (;; a++, b++) {
		while (*a == '-' || *a == ' ')
			a++;
		while (*b == '-' || *b == ' ')
			b++;
		if (*a == 0 || *b == 0)
			return *a == *b;
		if (strncasecmp(a, b, 1) != 0)
			return false;
	}
}

/* By word and number, then by word alone, then by number alone. */
static const struct meaning *find_last(const char *last, uint32_t number)
{
	const struct meaning *by_word = NULL;
	const struct meaning *by_number = NULL;

	for (size_t i = 0; i < sizeof lasts / sizeof *lasts; i++) {
		const struct meaning *m = &lasts[i];
		bool word = last[0] != 0 && same_word(m->word, last);
		bool numbered = number != 0 && m->number == number;
		if (word && numbered)
			return m;
		if (word && by_word == NULL)
			by_word = m;
		if (numbered && by_number == NULL)
			by_number = m;
	}
	return by_word != NULL ? by_word : by_number;
}

static const struct meaning *find_code(const struct meaning *table, size_t count, uint32_t code)
{
	for (size_t i = 0; i < count; i++) {
		if (table[i].number == code)
			return &table[i];
	}
	return NULL;
}

static bool names(const struct meaning *m, enum rule rule)
{
	for (size_t i = 0; m != NULL && i < m->rule_count; i++) {
		if (m->rules[i] == rule)
			return true;
	}
	return false;
}

const char *words_of_last(const char *last, uint32_t number)
{
	const struct meaning *m = find_last(last, number);

	return m != NULL ? m->meaning : NULL;
}

bool words_last_is(const struct fact *last, enum rule rule)
{
	return last != NULL && names(find_last(last->text, last->number), rule);
}

const char *words_of_failure(uint32_t code)
{
	const struct meaning *m = find_code(failures, sizeof failures / sizeof *failures, code);

	return m != NULL ? m->meaning : NULL;
}

const char *words_of_gone(uint32_t code)
{
	const struct meaning *m = find_code(gones, sizeof gones / sizeof *gones, code);

	return m != NULL ? m->meaning : NULL;
}

bool words_failure_is(uint32_t code, enum rule rule)
{
	return names(find_code(failures, sizeof failures / sizeof *failures, code), rule);
}

bool words_gone_is(uint32_t code, enum rule rule)
{
	return names(find_code(gones, sizeof gones / sizeof *gones, code), rule);
}

/* Our own servers end the text with the row's id. */
static bool ends_with_id(const char *text, const char *id)
{
	size_t len = strlen(text);
	size_t n = strlen(id);

	return len > n && text[len - n - 1] == ' ' && strcmp(text + len - n, id) == 0;
}

/* The id some row has at the end of the text; RULE_COUNT when none. */
static enum rule rule_at_end(const char *text)
{
	for (size_t i = 0; i < RULE_COUNT; i++) {
		if (ends_with_id(text, rule_row((enum rule)i)->id))
			return (enum rule)i;
	}
	return RULE_COUNT;
}

/* "Registration Rejected", which is what the phone's display says anyway. */
static bool is_bare(const char *text)
{
	static const char words[] = "Registration Rejected";

	return strncasecmp(text, words, sizeof words - 1) == 0 &&
	       strspn(text + sizeof words - 1, ". ") == strlen(text + sizeof words - 1);
}

enum word_match words_refusal(const struct fact *refusal, enum rule rule)
{
	uint32_t status = refusal->kind == FACT_SIP_REFUSED ? refusal->number : 0;
	enum rule named = rule_at_end(refusal->text);
	enum word_match best = WORD_NOTHING;

	if (named != RULE_COUNT)
		return named == rule ? WORD_SURELY : WORD_NOTHING;
	/* A bare refusal is what old servers say to a phone that is not in their database. */
	if (status == 0 && refusal->text[0] == 0)
		return rule == RULE_NOT_IN_DATABASE ? WORD_MAYBE : WORD_NOTHING;
	if (status == 0 && is_bare(refusal->text))
		return rule == RULE_NOT_IN_DATABASE || rule == RULE_NO_FREE_NUMBER ||
			       rule == RULE_RECORD_DAMAGED
			   ? WORD_MAYBE
			   : WORD_NOTHING;
	for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
		bool spoken = refusals[i].status == status || refusals[i].status == 1;
		if (spoken && refusals[i].rule == rule &&
		    text_contains_nocase(refusal->text, refusals[i].words) &&
		    refusals[i].match > best)
			best = refusals[i].match;
	}
	return best;
}
