/* What the server saw and what the phone's cable saw: one boot, so the same facts. */
#ifndef DIALTONE_LAB_FACTS_H
#define DIALTONE_LAB_FACTS_H

#include "base/buf.h"

/* `live` as the server lists them, `captured` as `explain --facts` prints them. True when alike;
 * else the first difference goes to ret_difference. What only one of them can know is left out. */
bool facts_alike(const char *live, const char *captured, struct buf *ret_difference);

#endif
