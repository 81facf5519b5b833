/* Phone models by the number they send in Register; rows in phone_types.def (reference: sccp 8.1).
 */
#ifndef DIALTONE_MODEL_PHONE_TYPE_H
#define DIALTONE_MODEL_PHONE_TYPE_H

#include <stdint.h>

struct phone_type {
	const char *model;   /* "7961G": as CUCM's device type list names it, without "Cisco" */
	const char *product; /* "CP-7961G": the word in option 60; "" = unknown */
	uint32_t number;     /* 30018 */
	uint8_t buttons;     /* positions in the button template, 0 = unknown */
};

/* NULL for a number not in the table. */
const struct phone_type *phone_type_find(uint32_t number);
/* Walks the table in the order of its rows: start with NULL. NULL at the end. */
const struct phone_type *phone_type_next(const struct phone_type *after);
/* By model or product, any case, with or without "Cisco ", "CP-", and trailing G ("7961" finds
 * 7961G, "7961G-GE" only that). NULL when unknown. */
const struct phone_type *phone_type_find_model(const char *text);
/* What it is instead of a phone, "conference bridge" say; NULL for a number that is none of those.
 */
const char *phone_type_resource(uint32_t number);
/* "7961G", or "type 4711" formatted into the caller's memory. Returns to. */
char *phone_type_name(uint32_t number, char *to, unsigned size);

#endif
