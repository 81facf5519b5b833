/* Numbers of SCCP that have names: SCCP_TONE_INSIDE_DIAL_TONE for programs, "InsideDialTone" for
 * people. One list a set in sccp_words.def, sccp_tones.def and their neighbours. */
#ifndef DIALTONE_PROTO_SCCP_SCCP_WORDS_H
#define DIALTONE_PROTO_SCCP_SCCP_WORDS_H

#include <stdint.h>

enum sccp_words {
	SCCP_WORDS_NUMBER, /* no names: shown as a decimal */
	SCCP_WORDS_HEX,    /* no names: shown in hexadecimal */
#define SET(set) SCCP_WORDS_##set,
#define W(set, value, name, text)
#define END_SET
#include "proto/sccp/sccp_words.def"
#undef W
#undef SET
	SCCP_WORDS_COUNT,
};

/* SCCP_<set>_<name> for every row. */
enum sccp_word {
#define SET(set)
#define W(set, value, name, text) SCCP_##set##_##name = (value),
#include "proto/sccp/sccp_words.def"
#undef W
#undef SET
#undef END_SET
};

/* The name of a number; NULL for numbers without one and for the two sets without names. */
const char *sccp_word(enum sccp_words set, uint32_t value);

#endif
