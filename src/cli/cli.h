/* What the commands share: the terminal, and the running server's administration interface. */
#ifndef DIALTONE_CLI_CLI_H
#define DIALTONE_CLI_CLI_H

#include "base/buf.h"
#include "cli/command.h"
#include "model/record.h"

#include <jansson.h>

#define C(function, name, group, usage, summary) int function(int argc, char **argv);
#include "cli/commands.def"
#undef C

/* Columns of the terminal (COLUMNS beats it; 80 in a pipe). */
unsigned cli_width(void);
/* Colour only on a terminal, and not when NO_COLOR is set. */
bool cli_colour(void);
struct option;
/* The next option (long ones only), as getopt_long; -1 at the end. */
int cli_option(int argc, char **argv, const struct option *options);
/* The system's words for errno. */
const char *cli_errno(void);
/* Prints the usage line and returns EXIT_USAGE. */
int cli_usage(const char *usage);

/* Where the server's socket is: `given` when not NULL, else $DIALTONE_SOCKET, else the default
 * place. */
const char *cli_socket(const char *given);
/* One request to the running server. Returns the parsed answer (the caller's reference) when it
 * succeeded; otherwise NULL after telling why on standard error, and *ret_exit says how to exit:
 * EXIT_ANSWER_NO for 404, EXIT_CANNOT else. */
json_t *cli_request(const char *socket, const char *method, const char *path, json_t *body,
		    int *ret_exit);
/* The bare exchange: 0 and the status with the answer's body, or an error; nothing is told. */
int cli_exchange(const char *socket, const char *method, const char *path, const json_t *body,
		 unsigned *ret_status, struct buf *to);
/* Prints JSON as the --json of every command does. */
void cli_print_json(const json_t *json);

/* The fields of a record, one a line; its version stays out. */
void cli_print_record(const json_t *record, enum record_kind kind);
void cli_print_member(const char *name, const json_t *value);
/* A field's name as the title of a column: "date_template" is DATE TEMPLATE. */
void cli_title(const char *name, char *to, size_t size);
/* A name as one part of a path: everything but letters, digits and -_.~ as %XX. */
void cli_path_escape(const char *name, struct buf *to);

/* A table of texts that fits the terminal: the last column takes what is left and is cut. Cells are
 * escaped. `rows` is an array of objects; keys[] and titles[] name the columns. */
void cli_print_table(const json_t *rows, const char *const *keys, const char *const *titles,
		     size_t columns);

#endif
