/* Who else asked the same server, and was answered: what a rule needs to know before it blames one
 * phone, or one server. Kept while facts arrive, so that no rule has to walk all phones. */
#ifndef DIALTONE_BOOT_OTHERS_H
#define DIALTONE_BOOT_OTHERS_H

#include "base/map.h"
#include "boot/timeline.h"

struct others {
	struct map servers; /* service and address to struct served */
};

void others_init(struct others *o);
void others_done(struct others *o);
/* Notes a fact of the phone `mac`. Without memory, or beyond the ceiling, nothing is noted. */
void others_note(struct others *o, const struct fact *fact, struct mac mac);
/* What was noted under `was` by this fact belongs to `mac`. */
void others_rename(struct others *o, const struct fact *fact, struct mac was, struct mac mac);
enum timeline_others others_find(const struct others *o, enum timeline_service service,
				 struct ip4 server, struct mac mac, dt_time from);

#endif
