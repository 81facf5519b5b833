/* The screen of dialtone top, as lines of text. */
#ifndef DIALTONE_CLI_TOP_SCREEN_H
#define DIALTONE_CLI_TOP_SCREEN_H

#include "base/buf.h"

#include <jansson.h>

enum { TOP_NODE, TOP_PERF, TOP_PHONES, TOP_KNOCKING, TOP_ANSWERS };

/* What the server said at one moment; all NULL: not asked yet. */
struct top_sample {
	json_t *answer[TOP_ANSWERS];
	int64_t at_us;
};

/* At most `height` lines of at most `width` columns. Rates need a sample before. */
void top_render(const struct top_sample *before, const struct top_sample *now, unsigned width,
		unsigned height, struct buf *to);

#endif
