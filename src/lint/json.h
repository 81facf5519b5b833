/* JSON as Kea reads it, comments included, in one list with the line of each value: a library that
 * gives no lines cannot say where a mistake stands. */
#ifndef DIALTONE_LINT_JSON_H
#define DIALTONE_LINT_JSON_H

#include "base/buf.h"

#define JSON_NODES_MAX 200000
#define JSON_NONE      UINT32_MAX

enum json_type {
	JSON_OBJECT,
	JSON_ARRAY,
	JSON_STRING,
	JSON_OTHER, /* number, true, false, null: its text */
};

struct json_node {
	enum json_type type;
	uint32_t parent, line;
	uint32_t end;       /* the node behind the last of its own */
	uint32_t key, text; /* private */
};

struct json {
	struct json_node *node;
	uint32_t count, room;
	struct buf words;
	/* What was wrong, and where; 0: nothing. */
	uint32_t bad_line;
	const char *bad;
};

/* 0, E_BAD_FORMAT with bad and bad_line, E_NO_MEMORY. Always json_done() afterwards. */
int json_read(struct slice text, struct json *ret_json);
void json_done(struct json *j);
const char *json_key(const struct json *j, uint32_t i); /* "" of an array's */
const char *json_text(const struct json *j, uint32_t i);
/* The member of an object; JSON_NONE. */
uint32_t json_member(const struct json *j, uint32_t object, const char *key);
/* Its text; "" when it is not there. */
const char *json_member_text(const struct json *j, uint32_t object, const char *key);

#endif
