#ifndef DIALTONE_CLI_EXPLAIN_PAGES_H
#define DIALTONE_CLI_EXPLAIN_PAGES_H

/* The page of one rule; exit status. */
int explain_rule(const char *id);
/* From the words on a display; `model` may be NULL. */
int explain_screen(const char *words, const char *model);

#endif
