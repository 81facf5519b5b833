#include "model/reason.h"

static const struct reason_row rows[REASON_COUNT] = {
    [REASON_NONE] = {"NONE", 0, "", "", ""},
#define R(name, code, rule, text, sentence) [REASON_##name] = {#name, code, rule, text, sentence},
#include "model/reasons.def"
#undef R
};

const struct reason_row *reason_row(enum reason reason)
{
	return (unsigned)reason < REASON_COUNT ? &rows[reason] : &rows[REASON_NONE];
}
