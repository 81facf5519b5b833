#include "model/phone_type.h"

#include "base/text.h"

#include <ctype.h>
#include <strings.h>

static const struct phone_type types[] = {
#define T(number, model, buttons, product) {model, product, number, buttons},
#include "model/phone_types.def"
#undef T
};
#define TYPE_COUNT (sizeof types / sizeof *types)

const struct phone_type *phone_type_find(uint32_t number)
{
	for (size_t i = 0; i < TYPE_COUNT; i++) {
		if (types[i].number == number)
			return &types[i];
	}
	return NULL;
}

const char *phone_type_resource(uint32_t number)
{
	switch (number) {
#define O(type, what)                                                                              \
	case type:                                                                                 \
		return what;
#include "model/resource_types.def"
#undef O
	default:
		return NULL;
	}
}

const struct phone_type *phone_type_next(const struct phone_type *after)
{
	if (after == NULL)
		return types;
	return after + 1 < types + TYPE_COUNT ? after + 1 : NULL;
}

/* Skips "Cisco ", "IP Phone ", "CP-": what people and option 60 put before a model. */
static const char *bare_model(const char *text)
{
	static const char *const before[] = {"Cisco ", "IP Phone ", "CP-"};

	for (size_t i = 0; i < sizeof before / sizeof *before; i++) {
		size_t len = strlen(before[i]);
		if (strlen(text) > len && strncasecmp(text, before[i], len) == 0)
			text += len;
	}
	return text;
}

/* "7961" is what everybody calls the 7961G; a 7961G-GE is never meant by it. */
static bool model_fits(const char *model, const char *text)
{
	size_t len = strlen(model);

	if (text_equal_nocase(model, text))
		return true;
	if (len > 0 && model[len - 1] == 'G' && strlen(text) == len - 1 &&
	    strncasecmp(model, text, len - 1) == 0)
		return true;
	size_t text_len = strlen(text);
	return text_len > 1 && toupper((unsigned char)text[text_len - 1]) == 'G' &&
	       text_len - 1 == len && strncasecmp(model, text, len) == 0;
}

const struct phone_type *phone_type_find_model(const char *text)
{
	const char *model = bare_model(text);

	for (size_t i = 0; i < TYPE_COUNT; i++) {
		const struct phone_type *type = &types[i];
		if (model_fits(type->model, model) ||
		    (type->product[0] != 0 && text_equal_nocase(type->product, text)))
			return type;
	}
	return NULL;
}

char *phone_type_name(uint32_t number, char *to, unsigned size)
{
	const struct phone_type *type = phone_type_find(number);

	if (type != NULL)
		(void)text_copy(to, size, type->model);
	else
		(void)snprintf(to, size, "type %u", number);
	return to;
}
