#ifndef DIALTONE_BASE_ERROR_H
#define DIALTONE_BASE_ERROR_H

/* Errors are int: 0 is success, an E_… is negative. A refusal sent to a phone is not an error. */
enum error_index {
#define E(name, text) ERROR_INDEX_##name,
#include "base/error.def"
#undef E
	ERROR_COUNT
};

enum error {
#define E(name, text) E_##name = -1 - (int)ERROR_INDEX_##name,
#include "base/error.def"
#undef E
};

/* The catalogue's text for E_…; "no error" for 0. Never NULL, static storage. */
const char *error_text(int error);

#endif
