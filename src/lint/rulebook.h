/* The rules as pages for people: one rule's page, the list of all, and the manual's table. */
#ifndef DIALTONE_LINT_RULEBOOK_H
#define DIALTONE_LINT_RULEBOOK_H

#include "lint/lint.h"

void lint_rulebook_page(enum lint_rule rule, size_t width, struct buf *to);
void lint_rulebook_list(size_t width, struct buf *to);
/* The rules in mdoc, for dialtone-lint(1). */
void lint_rulebook_manual(struct buf *to);

#endif
