/* What a load's name tells: protocol and models. The tables are load_names.def and sip_models.def.
 */
#include "lint/lint_internal.h"

#include "model/phone_type.h"

#include <stdlib.h>
#include <strings.h>

static const struct {
	const char *front;
	enum load_protocol protocol;
	const char *models;
} loads[] = {
#define LOAD(front, protocol, models) {front, LOAD_##protocol, models},
#include "lint/load_names.def"
#undef LOAD
};

static const struct {
	uint32_t number;
	const char *model;
} sip_models[] = {
#define S(number, model) {number, model},
#include "lint/sip_models.def"
#undef S
};

/* The row of a load; the number of rows when none fits. */
static size_t find(const char *load)
{
	size_t i = 0;

	while (i < sizeof loads / sizeof *loads &&
	       strncasecmp(load, loads[i].front, strlen(loads[i].front)) != 0)
		i++;
	return i;
}

enum load_protocol lint_load_protocol(const char *load)
{
	size_t i = find(load);

	if (i == sizeof loads / sizeof *loads)
		return LOAD_ANY;
	/* 7905 and 7912: CP7912080004SCCP080108A. */
	if (loads[i].protocol == LOAD_ANY && strstr(load, "SCCP") != NULL)
		return LOAD_SCCP;
	if (loads[i].protocol == LOAD_ANY && strstr(load, "SIP") != NULL)
		return LOAD_SIP;
	return loads[i].protocol;
}

/* Does any load of the table fit this model? Else nothing is known of it. */
static bool is_listed(const char *models, const char *model)
{
	while (*models != 0) {
		size_t len = strcspn(models, ",");
		if (strncmp(models, model, len) == 0)
			return true;
		models += len + (models[len] == ',');
	}
	return false;
}

bool lint_load_fits(const char *load, const char *model)
{
	size_t row = find(load);
	bool known = false;

	for (size_t i = 0; i < sizeof loads / sizeof *loads; i++)
		known |= is_listed(loads[i].models, model);
	return row == sizeof loads / sizeof *loads || !known || is_listed(loads[row].models, model);
}

bool lint_model_is_sip_only(const char *model)
{
	for (size_t i = 0; i < sizeof sip_models / sizeof *sip_models; i++) {
		if (strncmp(sip_models[i].model, model, strlen(sip_models[i].model)) == 0)
			return true;
	}
	return false;
}

const char *lint_model_of_number(uint32_t number)
{
	const struct phone_type *type = phone_type_find(number);

	for (size_t i = 0; i < sizeof sip_models / sizeof *sip_models && type == NULL; i++) {
		if (sip_models[i].number == number)
			return sip_models[i].model;
	}
	return type != NULL ? type->model : NULL;
}

/* The digits of "SIP: Cisco IP Phone 7961G-GE"; 0: there are no four together. */
static uint32_t model_digits(const char *text)
{
	for (; *text != 0; text++) {
		size_t digits = strspn(text, "0123456789");
		if (digits == 4)
			return (uint32_t)strtoul(text, NULL, 10);
		if (digits > 0)
			text += digits - 1;
	}
	return 0;
}

static uint32_t number_of_model(const char *text)
{
	uint32_t digits = model_digits(text);
	bool ge = strcasestr(text, "-GE") != NULL;

	if (digits == 0)
		return 0;
	for (size_t i = 0; i < sizeof sip_models / sizeof *sip_models; i++) {
		if (model_digits(sip_models[i].model) == digits)
			return sip_models[i].number;
	}
	for (const struct phone_type *t = phone_type_next(NULL); t != NULL;
	     t = phone_type_next(t)) {
		if (model_digits(t->model) == digits && (strstr(t->model, "-GE") != NULL) == ge)
			return t->number;
	}
	return 0;
}

uint32_t lint_type_of_model(const char *text)
{
	return number_of_model(text);
}

bool lint_model_differs(uint32_t number, const char *text, uint32_t *ret_right)
{
	const char *model = lint_model_of_number(number);
	uint32_t named = model_digits(text);

	*ret_right = number_of_model(text);
	return model != NULL && named != 0 && model_digits(model) != 0 &&
	       model_digits(model) != named;
}

const char *lint_load_ending(const char *load)
{
	static const char *const endings[] = {".loads", ".sbn", ".sb2", ".zz.sgn", ".bin1.sgn",
					      ".sgn",   ".cop", ".zip", ".tar"};

	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
		if (lint_ends_with(load, endings[i]))
			return endings[i];
	}
	return NULL;
}
