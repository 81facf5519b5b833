/* From what a phone's display says to what to look at: no capture, no server. Pure. */
#ifndef DIALTONE_BOOT_SCREEN_H
#define DIALTONE_BOOT_SCREEN_H

#include "base/buf.h"

/* Likely causes, the next check and the key presses of that model ("" = every family's). The words
 * of the display need not be complete; "" stands for a dark one. false: nothing like it is known;
 * then what is known is listed instead. */
bool screen_explain(const char *words, const char *model, unsigned width, struct buf *to);

#endif
