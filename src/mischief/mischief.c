/* Orders: their names and values, and whom they are about. */
#include "mischief/mischief.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"
#include "mischief/mischief_internal.h"

#include <stdlib.h>

enum value { NONE, NUMBER, ADDRESS, TEXT };

static const struct {
	const char *name;
	enum value value;
	const char *sentence;
} kinds[MISCHIEF_COUNT] = {
#define M(name, value, text, sentence) {text, value, sentence},
#include "mischief/mischief.def"
#undef M
};

struct mischief *mischief_new(void)
{
	return alloc_zero(1, sizeof(struct mischief));
}

void mischief_free(struct mischief *m)
{
	alloc_free(m);
}

static bool take_value(enum value value, const char *text, struct mischief_order *o)
{
	char *end = NULL;

	switch (value) {
	case NONE:
		return text == NULL;
	case NUMBER:
		o->number = text != NULL ? (unsigned)strtoul(text, &end, 10) : 0;
		return text != NULL && end != text && *end == 0;
	case ADDRESS:
		return text != NULL && ip4_parse(text, &o->ip) == 0;
	case TEXT:
		return text != NULL && *text != 0 && text_copy(o->text, sizeof o->text, text);
	}
	return false;
}

int mischief_add(struct mischief *m, const char *order)
{
	char text[MISCHIEF_VALUE_MAX + 64];
	struct mischief_order o = {0};

	if (m->orders == MISCHIEF_ORDERS_MAX)
		return E_FULL;
	if (!text_copy(text, sizeof text, order))
		return E_BAD_VALUE;
	char *only = strrchr(text, '@');
	if (only != NULL && strncmp(only + 1, "SEP", 3) == 0) {
		*only++ = 0;
		if (!text_copy(o.only, sizeof o.only, only))
			return E_BAD_VALUE;
	}
	char *value = strchr(text, '=');
	if (value != NULL)
		*value++ = 0;
	for (size_t i = 0; i < MISCHIEF_COUNT; i++) {
		if (strcmp(kinds[i].name, text) != 0)
			continue;
		o.kind = (enum mischief_kind)i;
		if (!take_value(kinds[i].value, value, &o))
			return E_BAD_VALUE;
		m->order[m->orders++] = o;
		return 0;
	}
	return E_UNKNOWN;
}

struct mischief_order *mischief_find(struct mischief *m, enum mischief_kind kind,
				     const char *device)
{
	for (size_t i = 0; i < m->orders; i++) {
		struct mischief_order *o = &m->order[i];
		if (o->kind == kind && (o->only[0] == 0 || strcmp(o->only, device) == 0))
			return o;
	}
	return NULL;
}

bool mischief_has(const struct mischief *m, enum mischief_kind kind)
{
	for (size_t i = 0; m != NULL && i < m->orders; i++) {
		if (m->order[i].kind == kind)
			return true;
	}
	return false;
}

bool mischief_describe(size_t index, const char **ret_name, const char **ret_value,
		       const char **ret_sentence)
{
	static const char *const values[] = {"", "=N", "=ADDRESS", "=TEXT"};

	if (index >= MISCHIEF_COUNT)
		return false;
	*ret_name = kinds[index].name;
	*ret_value = values[kinds[index].value];
	*ret_sentence = kinds[index].sentence;
	return true;
}
