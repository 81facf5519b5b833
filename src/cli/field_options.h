/* A record's fields as command-line options: --date-template for "date_template". */
#ifndef DIALTONE_CLI_FIELD_OPTIONS_H
#define DIALTONE_CLI_FIELD_OPTIONS_H

#include "model/record.h"

#include <getopt.h>
#include <jansson.h>

#define FIELD_OPTIONS_MAX 32

struct field_options {
	struct option option[FIELD_OPTIONS_MAX]; /* for cli_option, zero at the end */
	char name[FIELD_OPTIONS_MAX][32];
	const char *member[FIELD_OPTIONS_MAX]; /* JSON member of the option with value i */
	size_t count;
};

/* One option for each field that is neither the key nor kept by the server. */
void field_options_init(struct field_options *o, enum record_kind kind);
/* One more: `value` is what cli_option returns, >= FIELD_OPTIONS_MAX; or, with a member, another
 * word for that field. */
void field_options_add(struct field_options *o, const char *name, int has_argument, int value);
void field_options_alias(struct field_options *o, const char *name, const char *member);
/* An option's argument into the request's body; false when the option is none of the fields. */
bool field_options_take(const struct field_options *o, int value, const char *argument,
			json_t *body);
/* " [--group TEXT] [--time-zone TEXT]" … for a usage text, in lines of at most `width`. */
void field_options_usage(const struct field_options *o, unsigned indent, unsigned width,
			 struct buf *to);

#endif
