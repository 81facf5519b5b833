/* Records and JSON, by their field tables. */
#include "api/api_internal.h"

#include "base/error.h"
#include "base/text.h"

#define VALUE_TEXT_MAX 1024

static json_t *value_json(const struct record_field *field, const void *record)
{
	struct buf text;
	json_t *json = NULL;

	buf_init(&text, VALUE_TEXT_MAX);
	record_field_format(field, record, &text);
	switch (field->kind) {
	case VALUE_NUMBER:
	case VALUE_SIGNED:
	case VALUE_TIME:
	case VALUE_STAMP:
		json = json_integer(strtoll(buf_cstr(&text), NULL, 10));
		break;
	case VALUE_SWITCH:
		json = json_boolean(buf_cstr(&text)[0] == '1');
		break;
	case VALUE_TEXT:
	case VALUE_IP:
	case VALUE_MODEL:
		json = json_string(buf_cstr(&text));
		break;
	}
	buf_done(&text);
	return json;
}

void api_fields_put(json_t *object, enum record_kind kind, const void *record)
{
	const struct record_type *type = record_type(kind);

	for (size_t i = 0; i < type->fields; i++) {
		/* What a route has put there in its own form stays. */
		if (json_object_get(object, type->field[i].name) == NULL)
			(void)json_object_set_new(object, type->field[i].name,
						  value_json(&type->field[i], record));
	}
}

/* A list may be given as an array: ["cm1", "cm2"] is "cm1,cm2". */
static bool join(const json_t *array, struct buf *to)
{
	size_t index = 0;
	const json_t *item = NULL;

	json_array_foreach(array, index, item)
	{
		if (!json_is_string(item))
			return false;
		buf_printf(to, "%s%s", index > 0 ? "," : "", json_string_value(item));
	}
	return true;
}

/* Any JSON value as the text its field is read from; false when it cannot be one. */
static bool value_text(const json_t *value, struct buf *to)
{
	if (json_is_string(value))
		buf_text(to, json_string_value(value));
	else if (json_is_integer(value))
		buf_printf(to, "%lld", (long long)json_integer_value(value));
	else if (json_is_boolean(value))
		buf_text(to, json_is_true(value) ? "1" : "0");
	else if (json_is_array(value))
		return join(value, to);
	else
		return json_is_null(value);
	return true;
}

static bool refuse_field(struct api_reply *reply, const char *key, const char *what)
{
	char sentence[128];

	(void)snprintf(sentence, sizeof sentence, "\"%.40s\" %s", key, what);
	api_refuse(reply, 422, sentence);
	return false;
}

static bool take_field(const struct record_field *field, const json_t *value, void *record,
		       struct api_reply *reply)
{
	const char *why = NULL;
	struct buf text;

	buf_init(&text, VALUE_TEXT_MAX);
	bool readable = value_text(value, &text);
	int error = readable && buf_error(&text) == 0
			? record_field_parse(field, buf_cstr(&text), record, &why)
			: E_BAD_VALUE;
	buf_done(&text);
	if (error == 0)
		return true;
	if (why != NULL)
		api_refuse(reply, 422, why);
	else
		(void)refuse_field(reply, field->name,
				   "must be a text, a number or a list of texts");
	return false;
}

bool api_fields_take(json_t *body, enum record_kind kind, void *record, struct api_reply *reply)
{
	const char *key = NULL;
	json_t *value = NULL;

	json_object_foreach(body, key, value)
	{
		const struct record_field *field = record_field_find(kind, key);
		if (field == NULL)
			return refuse_field(reply, key, "is no field of such a record");
		if (field->kept)
			return refuse_field(reply, key, "is kept by the server itself");
		if (!take_field(field, value, record, reply))
			return false;
	}
	return true;
}
