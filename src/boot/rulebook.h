/* The rules as pages for people: one rule's page, the manual of all, and what is covered. */
#ifndef DIALTONE_BOOT_RULEBOOK_H
#define DIALTONE_BOOT_RULEBOOK_H

#include "base/buf.h"
#include "boot/diagnose.h"

/* "R-05  step 4b, registration …", causes, remedy, from which sources it is known. */
void rulebook_page(enum rule rule, unsigned width, struct buf *to);
/* dialtone-faults(7) in mdoc. */
void rulebook_manual(struct buf *to);
/* docs/diagnosis-coverage.md. */
void rulebook_coverage(struct buf *to);

#endif
