/* The registrar's memory of every record but the phones': ordered by key, one list a kind. Checks
 * that what a record names is there, and that nothing is deleted that another record still names.
 */
#include "reg/reg_internal.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>

static size_t position(const struct reg_records *of, const char *key, bool *ret_found)
{
	size_t low = 0;
	size_t high = of->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (strcmp(of->record[middle]->key, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*ret_found = low < of->count && strcmp(of->record[low]->key, key) == 0;
	return low;
}

const union record *reg_record_find(const struct reg *r, enum record_kind kind, const char *key)
{
	bool found = false;
	size_t at = position(&r->records[kind], key, &found);

	return found ? r->records[kind].record[at] : NULL;
}

const union record *reg_record_next(const struct reg *r, enum record_kind kind, const char *after)
{
	bool found = false;
	size_t at = position(&r->records[kind], after, &found);

	at += found;
	return at < r->records[kind].count ? r->records[kind].record[at] : NULL;
}

size_t reg_record_count(const struct reg *r, enum record_kind kind)
{
	return r->records[kind].count;
}

int reg_records_reserve(struct reg *r, enum record_kind kind)
{
	struct reg_records *of = &r->records[kind];

	if (of->count >= record_type(kind)->max)
		return E_FULL;
	if (of->count < of->size)
		return 0;
	size_t size = of->size == 0 ? 8 : of->size * 2;
	union record **record = alloc_resize(of->record, size * sizeof(void *));
	if (record == NULL)
		return E_NO_MEMORY;
	of->record = record;
	of->size = size;
	return 0;
}

int reg_records_put(struct reg *r, enum record_kind kind, const union record *record)
{
	struct reg_records *of = &r->records[kind];
	size_t size = record_type(kind)->size;
	bool found = false;
	size_t at = position(of, record->key, &found);

	if (found) {
		memcpy(of->record[at], record, size);
		return 0;
	}
	int error = reg_records_reserve(r, kind);
	union record *copy = error == 0 ? alloc_zero(1, size) : NULL;
	if (copy == NULL)
		return error != 0 ? error : E_NO_MEMORY;
	memcpy(copy, record, size);
	memmove(&of->record[at + 1], &of->record[at], (of->count - at) * sizeof(void *));
	of->record[at] = copy;
	of->count++;
	return 0;
}

void reg_records_delete(struct reg *r, enum record_kind kind, const char *key)
{
	struct reg_records *of = &r->records[kind];
	bool found = false;
	size_t at = position(of, key, &found);

	if (!found)
		return;
	alloc_free(of->record[at]);
	of->count--;
	memmove(&of->record[at], &of->record[at + 1], (of->count - at) * sizeof(void *));
	/* What no longer counts must not let a file keep an older stamp than it had. */
	r->deleted_version = r->next_version++;
}

void reg_records_done(struct reg *r)
{
	for (int kind = 0; kind < RECORD_KINDS; kind++) {
		for (size_t i = 0; i < r->records[kind].count; i++)
			alloc_free(r->records[kind].record[i]);
		alloc_free(r->records[kind].record);
	}
}

int reg_load_record(struct reg *r, enum record_kind kind, const union record *record)
{
	uint64_t version = record_version(kind, record);

	if (version >= r->next_version)
		r->next_version = version + 1;
	r->generation++;
	return reg_records_put(r, kind, record);
}

__attribute__((format(printf, 3, 4))) static int refuse(const char **ret_why, int error,
							const char *format, ...)
{
	static char sentence[160]; /* one thread: the loop's */
	va_list arguments;

	va_start(arguments, format);
	// NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): it is, one line above
	(void)vsnprintf(sentence, sizeof sentence, format, arguments);
	va_end(arguments);
	*ret_why = sentence;
	return error;
}

/* Which field of which kind names a record of which other kind: a name, or a list of names. */
static const struct reference {
	enum record_kind kind, names;
	const char *field;
} references[] = {
    {RECORD_GROUP, RECORD_NODE, "nodes"},         {RECORD_POOL, RECORD_GROUP, "group"},
    {RECORD_POOL, RECORD_SOFTKEYS, "softkeys"},   {RECORD_DEFAULTS, RECORD_POOL, "pool"},
    {RECORD_DEFAULTS, RECORD_BUTTONS, "buttons"}, {RECORD_DEFAULTS, RECORD_SOFTKEYS, "softkeys"},
    {RECORD_PHONE, RECORD_POOL, "pool"},          {RECORD_PHONE, RECORD_BUTTONS, "buttons"},
    {RECORD_PHONE, RECORD_SOFTKEYS, "softkeys"},
};
#define REFERENCES (sizeof references / sizeof *references)

static const char *text_of(enum record_kind kind, const void *record, const char *name)
{
	return (const char *)record + record_field_find(kind, name)->offset;
}

int reg_records_check_names(const struct reg *r, enum record_kind kind, const void *record,
			    const char **ret_why)
{
	for (size_t i = 0; i < REFERENCES; i++) {
		const struct reference *ref = &references[i];
		char name[RECORD_NAME_SIZE];
		size_t at = 0;
		if (ref->kind != kind)
			continue;
		const char *list = text_of(kind, record, ref->field);
		while (record_list_next(list, &at, name, sizeof name)) {
			if (reg_record_find(r, ref->names, name) == NULL)
				return refuse(ret_why, E_BAD_VALUE, "there is no %s \"%s\"",
					      record_type(ref->names)->title, name);
		}
	}
	return 0;
}

/* Two subnets that hold the same address would make it a matter of luck which one a phone is in. */
static int check_overlap(const struct reg *r, const struct subnet *subnet, const char **ret_why)
{
	const struct reg_records *of = &r->records[RECORD_SUBNET];

	for (size_t i = 0; i < of->count; i++) {
		const struct subnet *other = &of->record[i]->subnet;
		if (strcmp(other->name, subnet->name) != 0 && subnet_overlaps(other, subnet))
			return refuse(ret_why, E_BAD_VALUE,
				      "it has addresses in common with subnet \"%s\"", other->name);
	}
	return 0;
}

static bool list_has(const char *list, const char *name)
{
	char item[RECORD_NAME_SIZE];
	size_t at = 0;

	while (record_list_next(list, &at, item, sizeof item)) {
		if (strcmp(item, name) == 0)
			return true;
	}
	return false;
}

/* The key of a record of this reference's kind that names `name`; NULL when none does. */
static const char *who_names(const struct reg *r, const struct reference *ref, const char *name)
{
	for (size_t i = 0; ref->kind == RECORD_PHONE && i < r->device_count; i++) {
		if (list_has(text_of(RECORD_PHONE, &r->devices[i]->device, ref->field), name))
			return r->devices[i]->device.name;
	}
	for (size_t i = 0; i < r->records[ref->kind].count; i++) {
		const union record *record = r->records[ref->kind].record[i];
		if (list_has(text_of(ref->kind, record, ref->field), name))
			return record->key;
	}
	return NULL;
}

/* Also by a change that is just being stored. */
static const char *who_will_name(const struct reg *r, const struct reference *ref, const char *name)
{
	for (size_t i = 0; i < r->pending_count; i++) {
		const struct change *c = &r->pending[i]->change;
		bool phone = ref->kind == RECORD_PHONE && c->kind == CHANGE_DEVICE_PUT;
		bool other = c->kind == CHANGE_RECORD_PUT && c->record_kind == ref->kind;
		const void *record = phone ? (const void *)&c->device : (const void *)&c->record;
		if ((phone || other) && list_has(text_of(ref->kind, record, ref->field), name))
			return (const char *)record;
	}
	return NULL;
}

static int check_unused(const struct reg *r, enum record_kind kind, const char *key,
			const char **ret_why)
{
	for (size_t i = 0; i < REFERENCES; i++) {
		if (references[i].names != kind)
			continue;
		const char *user = who_names(r, &references[i], key);
		if (user == NULL)
			user = who_will_name(r, &references[i], key);
		if (user != NULL)
			return refuse(ret_why, E_BUSY, "%s %s still uses it",
				      record_type(references[i].kind)->title, user);
	}
	return 0;
}

static int submit(struct reg *r, enum change_kind change_kind, enum record_kind kind,
		  const union record *record, uint64_t *ret_ticket, const char **ret_why)
{
	struct change change = {.kind = change_kind, .record_kind = kind};

	memcpy(&change.record, record, record_type(kind)->size);
	if (reg_pending_record(r, kind, record->key) != NULL)
		return refuse(ret_why, E_BUSY, "another change of this %s is being stored",
			      record_type(kind)->title);
	record_set_version(kind, &change.record, r->next_version++);
	int error = reg_records_reserve(r, kind);
	return error != 0 ? error : reg_submit(r, &change, ret_ticket);
}

int reg_record_put(struct reg *r, enum record_kind kind, const union record *record, bool add,
		   uint64_t *ret_ticket, const char **ret_why)
{
	union record checked;

	memset(&checked, 0, sizeof checked);
	memcpy(&checked, record, record_type(kind)->size);
	*ret_why = "";
	int error = record_check(kind, &checked, ret_why);
	if (error == 0)
		error = reg_records_check_names(r, kind, &checked, ret_why);
	if (error == 0 && kind == RECORD_SUBNET)
		error = check_overlap(r, &checked.subnet, ret_why);
	if (error != 0)
		return error;
	bool there = reg_record_find(r, kind, checked.key) != NULL;
	if (add && there)
		return refuse(ret_why, E_EXISTS, "there is a %s \"%s\" already",
			      record_type(kind)->title, checked.key);
	if (!add && !there)
		return refuse(ret_why, E_UNKNOWN, "there is no %s \"%s\"", record_type(kind)->title,
			      checked.key);
	return submit(r, CHANGE_RECORD_PUT, kind, &checked, ret_ticket, ret_why);
}

int reg_record_delete(struct reg *r, enum record_kind kind, const char *key, uint64_t *ret_ticket,
		      const char **ret_why)
{
	const union record *record = reg_record_find(r, kind, key);

	*ret_why = "";
	if (record == NULL)
		return refuse(ret_why, E_UNKNOWN, "there is no %s \"%s\"", record_type(kind)->title,
			      key);
	int error = check_unused(r, kind, key, ret_why);
	return error != 0 ? error
			  : submit(r, CHANGE_RECORD_DELETE, kind, record, ret_ticket, ret_why);
}
