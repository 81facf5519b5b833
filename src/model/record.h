/* Records by their field tables: one row a field (record_fields.def) makes its database column, its
 * JSON member, its command-line option and its check. */
#ifndef DIALTONE_MODEL_RECORD_H
#define DIALTONE_MODEL_RECORD_H

#include "base/buf.h"
#include "model/records.h"
#include "model/subnet.h"

enum record_kind {
#define R(kind, type, table, name, plural, title, max) RECORD_##kind,
#include "model/record_kinds.def"
#undef R
	RECORD_KINDS
};

enum value_kind {
	VALUE_TEXT,
	VALUE_NUMBER, /* uint32_t */
	VALUE_SIGNED, /* int32_t */
	VALUE_SWITCH, /* bool */
	VALUE_IP,     /* struct ip4; "" and 0.0.0.0 = none */
	VALUE_MODEL,  /* uint32_t: a phone type's number, as text its model */
	VALUE_TIME,   /* int64_t: seconds since 1970 */
	VALUE_STAMP,  /* uint64_t */
};

struct record_field {
	const char *name; /* "date_template": column, JSON member; the option is --date-template */
	enum value_kind kind;
	uint16_t offset, size; /* in the record; size of a text's memory */
	bool kept;             /* by the server itself: nobody else writes it */
};

struct record_type {
	const char *name;                 /* "pool" */
	const char *plural;               /* "pools" */
	const char *title;                /* "device pool" */
	size_t size;                      /* of the record */
	size_t max;                       /* records of this kind */
	const struct record_field *field; /* [0] is the key, the last one the version */
	size_t fields;
};

/* Any record but a phone's. */
union record {
	char key[RECORD_NAME_SIZE];
	struct callmanager_node node;
	struct callmanager_group group;
	struct device_pool pool;
	struct line line;
	struct device_defaults defaults;
	struct button_template buttons;
	struct softkey_template softkeys;
	struct subnet subnet;
};

/* Static storage. RECORD_PHONE is struct device, which is no member of union record. */
const struct record_type *record_type(enum record_kind kind);
/* A record with its built-in values; the key is empty. */
void record_init(enum record_kind kind, union record *ret_record);

const struct record_field *record_field_find(enum record_kind kind, const char *name);
uint64_t record_version(enum record_kind kind, const void *record);
void record_set_version(enum record_kind kind, void *record, uint64_t version);

/* One field from its text. 0, or E_BAD_VALUE with a sentence for the administrator in ret_why
 * (static memory, valid until the next call; one thread); nothing is changed then. */
int record_field_parse(const struct record_field *field, const char *text, void *record,
		       const char **ret_why);
/* One field as text: what record_field_parse takes back. */
void record_field_format(const struct record_field *field, const void *record, struct buf *to);

/* Does the record say something that can be served? What it names (a group's nodes, a pool's group)
 * must exist as well: that is the registrar's to check. 0, or E_BAD_VALUE as above. The key is
 * brought into its one spelling (a model as phone_types.def has it). */
int record_check(enum record_kind kind, union record *record, const char **ret_why);

/* The items of a list "a,b,c" (commas or spaces): the next one after *at into `to`. false at the
 * end. Start with *at = 0. An item too long for `to` is cut. */
bool record_list_next(const char *list, size_t *at, char *to, size_t size);

/* Button words: the button definition of SCCP (sccp.md 8.4) for "line", "speeddial" …; -1 when
 * unknown. */
int record_button_find(const char *word);
/* Soft-key words: SCCP's event number for "redial" …; -1 when unknown. */
int record_softkey_find(const char *word);
/* "redial" for 1; NULL when no key has this event. */
const char *record_softkey_word(int event);
/* The label code behind \200 for an event, 0 when unknown. */
uint8_t record_softkey_label(int event);

#endif
