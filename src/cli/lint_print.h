#ifndef DIALTONE_CLI_LINT_PRINT_H
#define DIALTONE_CLI_LINT_PRINT_H

#include "lint/lint.h"

/* Prints the findings, in words or as JSON. Returns how many are errors. */
size_t lint_print(struct lint *l, bool all, bool as_json);

#endif
