#ifndef DIALTONE_MODEL_REASON_H
#define DIALTONE_MODEL_REASON_H

#include <stdint.h>

enum reason {
	REASON_NONE,
#define R(name, code, rule, text, sentence) REASON_##name,
#include "model/reasons.def"
#undef R
	REASON_COUNT
};

struct reason_row {
	const char *name; /* NOT_IN_DATABASE */
	uint32_t code;    /* CUCM's number */
	const char *rule; /* */
	const char *text; /* on the phone, <= 32 characters */
	const char *sentence;
};

/* The row of a reason; for REASON_NONE and out of range a row of empty texts. Static storage. */
const struct reason_row *reason_row(enum reason reason);

#endif
