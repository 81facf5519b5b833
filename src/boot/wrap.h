/* Text in columns. */
#ifndef DIALTONE_BOOT_WRAP_H
#define DIALTONE_BOOT_WRAP_H

#include "base/buf.h"

/* The text from column `indent` on, wrapped at `width` and ended with a newline; the first line
 * continues what stands there already. A word longer than a line stays whole. */
void wrap_text(struct buf *to, const char *text, size_t indent, size_t width);

#endif
