/* Checks of the files that phones and their DHCP servers read: what is wrong, on which line, why it
 * hurts and how to mend it, before a phone finds out. Pure: the caller reads files and folders.
 * What is looked for stands in rules.def, what can be looked at in kinds.def. */
#ifndef DIALTONE_LINT_LINT_H
#define DIALTONE_LINT_LINT_H

#include "base/buf.h"

#define LINT_FILE_MAX     ((size_t)4 * 1024 * 1024) /* of an image the front is enough */
#define LINT_FINDINGS_MAX 20000
#define LINT_FILES_MAX    50000
#define LINT_MENTIONS_MAX 400000
#define LINT_ABOUT_SIZE   224

enum lint_kind {
#define K(name, word, what) LINT_##name,
#include "lint/kinds.def"
#undef K
	LINT_KINDS
};

enum lint_severity {
	LINT_REMARK,
	LINT_WARNING,
	LINT_ERROR,
};

enum lint_rule {
#define L(id, name, severity, leads, what, why, mend) LINT_RULE_##name,
#include "lint/rules.def"
#undef L
	LINT_RULES
};

struct lint_rule_row {
	const char *id;
	enum lint_severity severity;
	const char *leads; /* the row of the diagnosis catalogue it becomes; "" */
	const char *what, *why, *mend;
};

struct lint_finding {
	uint32_t file; /* in the order of lint_file() */
	uint32_t line; /* from 1; 0: the file as a whole */
	enum lint_rule rule;
	enum lint_severity severity; /* the rule's, or a milder one where the case is milder */
	char about[LINT_ABOUT_SIZE]; /* what stands there; safe for a terminal */
};

struct lint_input {
	const char *name;   /* as given; copied */
	struct slice bytes; /* the whole file; of an image at least its front */
	uint64_t size;      /* of the file */
	enum lint_kind as;  /* LINT_UNKNOWN: find out */
	bool in_root;       /* it lies in the folder being checked, under this name */
	bool closed;        /* others than its owner may not read it */
};

struct lint;

/* The number of a model that speaks SIP alone, which phone_type_find_model() does not know; 0. */
uint32_t lint_type_of_model(const char *text);

/* `type`: the model the files are for, 0 unknown. NULL: out of memory. */
struct lint *lint_new(uint32_t type);
void lint_free(struct lint *l);
/* Checks one file and remembers what it says of others. */
void lint_file(struct lint *l, const struct lint_input *input);
/* What only all files together show. After the last of them. */
void lint_finish(struct lint *l);
/* 0; E_NO_MEMORY, E_FULL: findings are missing. */
int lint_error(const struct lint *l);

size_t lint_files(const struct lint *l);
const char *lint_file_name(const struct lint *l, uint32_t file);
enum lint_kind lint_file_kind(const struct lint *l, uint32_t file);
/* By file, then by line. */
const struct lint_finding *lint_findings(struct lint *l, size_t *ret_count);

const struct lint_rule_row *lint_rule_row(enum lint_rule rule);
bool lint_rule_find(const char *id, enum lint_rule *ret_rule);
const char *lint_severity_word(enum lint_severity severity);
const char *lint_kind_word(enum lint_kind kind); /* of --as */
const char *lint_kind_what(enum lint_kind kind);
bool lint_kind_find(const char *word, enum lint_kind *ret_kind);
/* What a file is: by its contents, then by its name. */
enum lint_kind lint_kind_of(const char *name, struct slice bytes);

#endif
