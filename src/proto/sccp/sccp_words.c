#include "proto/sccp/sccp_words.h"

#include <stddef.h>

struct word {
	uint32_t value;
	const char *text;
};

#define SET(set)                  static const struct word words_##set[] = {
#define W(set, value, name, text) {value, text},
#define END_SET                                                                                    \
	}                                                                                          \
	;
#include "proto/sccp/sccp_words.def"
#undef W
#undef SET
#undef END_SET

static const struct {
	const struct word *word;
	size_t count;
} sets[SCCP_WORDS_COUNT] = {
#define SET(set) [SCCP_WORDS_##set] = {words_##set, sizeof words_##set / sizeof *words_##set},
#define W(set, value, name, text)
#define END_SET
#include "proto/sccp/sccp_words.def"
#undef W
#undef SET
#undef END_SET
};

/* Rows stand in the order of their values (a test proves it). */
const char *sccp_word(enum sccp_words set, uint32_t value)
{
	const struct word *word = sets[set].word;
	size_t low = 0;
	size_t high = sets[set].count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (word[middle].value < value)
			low = middle + 1;
		else
			high = middle;
	}
	return low < sets[set].count && word[low].value == value ? word[low].text : NULL;
}
