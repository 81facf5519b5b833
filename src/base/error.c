#include "base/error.h"

static const char *const texts[ERROR_COUNT] = {
#define E(name, text) [ERROR_INDEX_##name] = (text),
#include "base/error.def"
#undef E
};

const char *error_text(int error)
{
	if (error == 0)
		return "no error";
	if (error > 0 || error < -(int)ERROR_COUNT)
		return "unlisted error";
	return texts[-1 - error];
}
