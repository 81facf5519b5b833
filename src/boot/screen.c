/* The display's words, and each family's keys. The tables are screen.def. */
#include "boot/screen.h"

#include "boot/boot_internal.h"
#include "boot/wrap.h"

#include <ctype.h>
#include <stdio.h>
#include <strings.h>

#define LABEL_WIDTH 14
#define RULES_MAX   3

#define R(name) RULE_##name

/* A message that tells of nothing wrong. */
#define RULE_NONE RULE_COUNT

static const struct screen {
	const char *words, *meaning, *check;
	enum rule rules[RULES_MAX];
	size_t rule_count;
} screens[] = {
#define SCREEN(words, meaning, check, ...)                                                         \
	{words,                                                                                    \
	 meaning,                                                                                  \
	 check,                                                                                    \
	 {__VA_ARGS__},                                                                            \
	 sizeof((enum rule[]){__VA_ARGS__}) / sizeof(enum rule)},
#include "boot/screen.def"
};

static const struct keys {
	const char *models, *network, *messages, *restart, *erase;
} all_keys[] = {
#define KEYS(models, network, messages, restart, erase) {models, network, messages, restart, erase},
#include "boot/screen.def"
};

#define SCREENS  (sizeof screens / sizeof *screens)
#define FAMILIES (sizeof all_keys / sizeof *all_keys)

static bool is_dark(const char *words)
{
	return words[0] == 0 || text_contains_nocase(words, "dark") ||
	       text_contains_nocase(words, "blank") || text_contains_nocase(words, "dead") ||
	       text_contains_nocase(words, "nothing");
}

/* Where in `text` the part ends; 0 when it is not there. */
static size_t end_of(const char *text, const char *part)
{
	for (size_t i = 0; text[i] != 0; i++) {
		if (strncasecmp(text + i, part, strlen(part)) == 0)
			return i + strlen(part);
	}
	return 0;
}

/* Of the words of the table that the display says, those it says last: they say more than
 * "Registration Rejected:" before them; of equals the longest. Else those that begin as it does. */
static const struct screen *find_screen(const char *words)
{
	const struct screen *best = NULL;
	size_t best_end = 0;

	for (size_t i = 0; i < SCREENS; i++) {
		const struct screen *s = &screens[i];
		size_t end = s->words[0] != 0 ? end_of(words, s->words) : 0;
		bool longer = best != NULL && strlen(s->words) > strlen(best->words);
		if (end > best_end || (end != 0 && end == best_end && longer)) {
			best = s;
			best_end = end;
		}
	}
	for (size_t i = 1; best == NULL && i < SCREENS; i++) {
		if (strlen(words) >= 4 && text_contains_nocase(screens[i].words, words))
			best = &screens[i];
	}
	return best == NULL && is_dark(words) ? &screens[0] : best;
}

/* "CP-7941G" is of the family that lists 7941. */
static const struct keys *find_keys(const char *model)
{
	char number[16];

	while (*model != 0 && !isdigit((unsigned char)*model))
		model++;
	for (size_t i = 0; i < FAMILIES && *model != 0; i++) {
		const char *at = all_keys[i].models;
		while (*at != 0) {
			size_t len = strcspn(at, ",");
			(void)snprintf(number, sizeof number, "%.*s", (int)len, at);
			if (strncmp(model, number, len) == 0)
				return &all_keys[i];
			at += len + (at[len] == ',');
		}
	}
	return NULL;
}

static void put(struct buf *to, const char *label, const char *text, unsigned width)
{
	buf_printf(to, "  %-*s", LABEL_WIDTH - 2, label);
	wrap_text(to, text, LABEL_WIDTH, width);
}

/* The rule, the two causes that are met most often, and what to do. */
static void put_rule(struct buf *to, const char *label, const struct rule_row *row, unsigned width)
{
	size_t len = strcspn(row->causes, ";");
	struct buf line;

	if (row->causes[len] != 0)
		len += 1 + strcspn(row->causes + len + 1, ";");
	buf_init(&line, 4096);
	buf_printf(&line, "%s: %s. Often: %.*s. %s", row->id, row->summary, (int)len, row->causes,
		   row->remedy);
	put(to, label, buf_cstr(&line), width);
	buf_done(&line);
}

/* The test that tells DHCP and DNS from everything behind them. */
static void put_without_dhcp(struct buf *to, const struct screen *s, unsigned width)
{
	if (s->rules[0] != RULE_NO_DHCP_ANSWER && s->rules[0] != RULE_DNS_FOR_TFTP)
		return;
	put(to, "Test",
	    "without DHCP: unlock the network settings, set DHCP to No, type address, mask, router "
	    "and TFTP server, "
	    "leave DNS empty, save. It registers now: DHCP or DNS was at fault. Undo it "
	    "afterwards: a forgotten "
	    "address is a fault of its own (D-20).",
	    width);
}

static void put_keys(const struct keys *k, unsigned width, struct buf *to)
{
	put(to, "Network", k->network, width);
	put(to, "Messages", k->messages, width);
	put(to, "Restart", k->restart, width);
	put(to, "Erase", k->erase, width);
}

static void list_known(unsigned width, struct buf *to)
{
	struct buf line;

	buf_init(&line, 8192);
	for (size_t i = 1; i < SCREENS; i++)
		buf_printf(&line, "%s\"%s\"", i > 1 ? ", " : "", screens[i].words);
	buf_text(to, "No display says that as far as is known here. Known:\n\n  ");
	wrap_text(to, buf_cstr(&line), 2, width);
	buf_done(&line);
}

bool screen_explain(const char *words, const char *model, unsigned width, struct buf *to)
{
	const struct screen *s = find_screen(words);
	const struct keys *keys = model[0] != 0 ? find_keys(model) : NULL;

	if (s == NULL) {
		list_known(width, to);
		return false;
	}
	if (s->words[0] != 0)
		buf_printf(to, "\"%s\"\n\n", s->words);
	else
		buf_text(to, "A dark display\n\n");
	put(to, "Means", s->meaning, width);
	for (size_t i = 0; i < s->rule_count && s->rules[i] != RULE_NONE; i++)
		put_rule(to, i == 0 ? "Likely" : "or", rule_row(s->rules[i]), width);
	put(to, "Check next", s->check, width);
	put_without_dhcp(to, s, width);
	if (model[0] != 0 && keys == NULL) {
		put(to, "Keys", "those of this model are not known here", width);
	} else if (keys != NULL) {
		buf_text(to, "\nThe keys of this model:\n\n");
		put_keys(keys, width, to);
	} else {
		put(to, "Keys", "name the model (--model 7941) for its key presses", width);
	}
	return true;
}
