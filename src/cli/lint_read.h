/* Files and folders from disk into lint. */
#ifndef DIALTONE_CLI_LINT_READ_H
#define DIALTONE_CLI_LINT_READ_H

#include "lint/lint.h"

/* A file, a folder with all that is in it, or "-" for standard input. 0, or EXIT_CANNOT after one
 * line on standard error. */
int lint_read(struct lint *l, const char *path, enum lint_kind as);

#endif
