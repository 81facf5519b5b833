/* dialtone lab list | run | explain: the fault theatre. */
#ifndef DIALTONE_CLI_LAB_THEATRE_H
#define DIALTONE_CLI_LAB_THEATRE_H

#include "lab/scenario.h"

#include <jansson.h>
#include <stdbool.h>

/* Is the word one of its commands? */
bool lab_theatre_has(const char *word);
/* argv[0] is that word. The exit status. */
int lab_theatre(int argc, char **argv);

/* lab_accuracy.c: the table of what was found, from the answers of all runs. */
struct troupe_run;
void lab_accuracy_print(const struct troupe_run *runs, size_t count);
/* The same for programs; the reference is the caller's. */
json_t *lab_accuracy_json(const struct troupe_run *runs, size_t count);

#endif
