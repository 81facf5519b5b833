/* The command line: one file a command, one row of commands.def each.
 *
 * Exit status everywhere: 0 fine, 1 the answer is "no", 2 wrong usage, 3 could not do it. */
#ifndef DIALTONE_CLI_COMMAND_H
#define DIALTONE_CLI_COMMAND_H

#include <stddef.h>

enum {
	EXIT_ANSWER_NO = 1,
	EXIT_USAGE = 2,
	EXIT_CANNOT = 3,
};

struct command {
	const char *name;
	const char *group;                 /* the heading it stands under in the help */
	const char *usage;                 /* what follows "dialtone " */
	const char *summary;               /* one line for the list */
	int (*run)(int argc, char **argv); /* argv[0] is the command's name */
};

/* Runs the command argv[1] names, out of commands.def and `more`. Returns the exit status. */
int cli_main(int argc, char **argv, const struct command *more, size_t more_count);

#endif
