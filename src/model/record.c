/* Field tables, and the values of single fields as text. */
#include "model/record.h"

#include "base/error.h"
#include "base/text.h"
#include "model/phone_type.h"

#include <stddef.h>

#define FIELD(type, name, value, member, kept)                                                     \
	{                                                                                          \
		name, VALUE_##value, offsetof(struct type, member),                                \
		    sizeof(((struct type *)0)->member), kept                                       \
	}

static const struct record_field phone_fields[] = {
#define PHONE(name, value, member, kept) FIELD(device, name, value, member, kept),
#include "model/record_fields.def"
};
static const struct record_field node_fields[] = {
#define NODE(name, value, member, kept) FIELD(callmanager_node, name, value, member, kept),
#include "model/record_fields.def"
};
static const struct record_field group_fields[] = {
#define GROUP(name, value, member, kept) FIELD(callmanager_group, name, value, member, kept),
#include "model/record_fields.def"
};
static const struct record_field pool_fields[] = {
#define POOL(name, value, member, kept) FIELD(device_pool, name, value, member, kept),
#include "model/record_fields.def"
};
static const struct record_field line_fields[] = {
#define LINE(name, value, member, kept) FIELD(line, name, value, member, kept),
#include "model/record_fields.def"
};
static const struct record_field defaults_fields[] = {
#define DEFAULTS(name, value, member, kept) FIELD(device_defaults, name, value, member, kept),
#include "model/record_fields.def"
};
static const struct record_field buttons_fields[] = {
#define BUTTONS(name, value, member, kept) FIELD(button_template, name, value, member, kept),
#include "model/record_fields.def"
};
static const struct record_field softkeys_fields[] = {
#define SOFTKEYS(name, value, member, kept) FIELD(softkey_template, name, value, member, kept),
#include "model/record_fields.def"
};

static const struct record_field subnet_fields[] = {
#define SUBNET(name, value, member, kept) FIELD(subnet, name, value, member, kept),
#include "model/record_fields.def"
};

static const struct record_type types[RECORD_KINDS] = {
#define R(kind, type, table, name, plural, title, max)                                             \
	[RECORD_##kind] = {                                                                        \
	    name, plural, title, sizeof(type), max, (table), sizeof(table) / sizeof *(table)},
#include "model/record_kinds.def"
#undef R
};

const struct record_type *record_type(enum record_kind kind)
{
	return &types[kind];
}

void record_init(enum record_kind kind, union record *ret_record)
{
	memset(ret_record, 0, sizeof *ret_record);
	if (kind == RECORD_POOL)
		ret_record->pool.monitor_s = 120;
	if (kind == RECORD_SUBNET)
		ret_record->subnet.on = true;
}

const struct record_field *record_field_find(enum record_kind kind, const char *name)
{
	for (size_t i = 0; i < types[kind].fields; i++) {
		if (strcmp(types[kind].field[i].name, name) == 0)
			return &types[kind].field[i];
	}
	return NULL;
}

uint64_t record_version(enum record_kind kind, const void *record)
{
	uint64_t version = 0;
	const struct record_field *last = &types[kind].field[types[kind].fields - 1];

	memcpy(&version, (const char *)record + last->offset, sizeof version);
	return version;
}

void record_set_version(enum record_kind kind, void *record, uint64_t version)
{
	const struct record_field *last = &types[kind].field[types[kind].fields - 1];

	memcpy((char *)record + last->offset, &version, sizeof version);
}

static char why_text[128];

static int bad(const struct record_field *field, const char *must, const char **ret_why)
{
	(void)snprintf(why_text, sizeof why_text, "\"%s\" must be %s", field->name, must);
	*ret_why = why_text;
	return E_BAD_VALUE;
}

static bool number_of(const char *text, int64_t least, int64_t most, int64_t *ret_number)
{
	char *end = NULL;
	long long value = strtoll(text, &end, 10);

	if (end == text || *end != 0 || value < least || value > most)
		return false;
	*ret_number = value;
	return true;
}

/* Text for people and files: no control characters, which no phone shows and no line of a log
 * bears. */
static bool is_clean(const char *text)
{
	for (; *text != 0; text++) {
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return false;
	}
	return true;
}

static int parse_text(const struct record_field *field, const char *text, char *to,
		      const char **ret_why)
{
	char must[48];

	if (!is_clean(text))
		return bad(field, "a text without control characters", ret_why);
	if (strlen(text) < field->size) {
		(void)text_copy(to, field->size, text);
		return 0;
	}
	(void)snprintf(must, sizeof must, "a text of at most %u bytes", field->size - 1u);
	return bad(field, must, ret_why);
}

static int parse_model(const struct record_field *field, const char *text, uint32_t *to,
		       const char **ret_why)
{
	int64_t number = 0;
	const struct phone_type *type = phone_type_find_model(text);

	if (type == NULL && number_of(text, 1, UINT32_MAX, &number))
		type = phone_type_find((uint32_t)number);
	if (type == NULL)
		return bad(field, "a model such as \"7961G\" or its device type number", ret_why);
	*to = type->number;
	return 0;
}

static int parse_ip(const struct record_field *field, const char *text, struct ip4 *to,
		    const char **ret_why)
{
	struct ip4 ip = ip4_of(0);

	if (text[0] != 0 && ip4_parse(text, &ip) != 0)
		return bad(field, "an IPv4 address, or empty", ret_why);
	*to = ip;
	return 0;
}

static int parse_switch(const struct record_field *field, const char *text, bool *to,
			const char **ret_why)
{
	static const char *const words[] = {"0", "1", "off", "on", "no", "yes", "false", "true"};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (strcmp(words[i], text) == 0) {
			*to = i % 2 == 1;
			return 0;
		}
	}
	return bad(field, "on or off", ret_why);
}

int record_field_parse(const struct record_field *field, const char *text, void *record,
		       const char **ret_why)
{
	char *at = (char *)record + field->offset;
	int64_t number = 0;

	switch (field->kind) {
	case VALUE_TEXT:
		return parse_text(field, text, at, ret_why);
	case VALUE_MODEL:
		return parse_model(field, text, (uint32_t *)(void *)at, ret_why);
	case VALUE_IP:
		return parse_ip(field, text, (struct ip4 *)(void *)at, ret_why);
	case VALUE_SWITCH:
		return parse_switch(field, text, (bool *)(void *)at, ret_why);
	case VALUE_NUMBER:
		if (!number_of(text[0] != 0 ? text : "0", 0, UINT32_MAX, &number))
			return bad(field, "a whole number", ret_why);
		*(uint32_t *)(void *)at = (uint32_t)number;
		return 0;
	case VALUE_SIGNED:
		if (!number_of(text[0] != 0 ? text : "0", INT32_MIN, INT32_MAX, &number))
			return bad(field, "a whole number", ret_why);
		*(int32_t *)(void *)at = (int32_t)number;
		return 0;
	case VALUE_TIME:
	case VALUE_STAMP:
		if (!number_of(text, 0, INT64_MAX, &number))
			return bad(field, "a whole number", ret_why);
		memcpy(at, &number, sizeof number);
		return 0;
	}
	return E_BAD_VALUE;
}

static void format_ip(struct ip4 ip, struct buf *to)
{
	char text[IP4_TEXT_SIZE];

	if (!ip4_is_zero(ip))
		buf_text(to, ip4_format(ip, text));
}

static void format_model(uint32_t number, struct buf *to)
{
	char text[32];

	if (number != 0)
		buf_text(to, phone_type_name(number, text, sizeof text));
}

void record_field_format(const struct record_field *field, const void *record, struct buf *to)
{
	const char *at = (const char *)record + field->offset;
	int64_t number = 0;

	switch (field->kind) {
	case VALUE_TEXT:
		buf_text(to, at);
		break;
	case VALUE_MODEL:
		format_model(*(const uint32_t *)(const void *)at, to);
		break;
	case VALUE_IP:
		format_ip(*(const struct ip4 *)(const void *)at, to);
		break;
	case VALUE_SWITCH:
		buf_text(to, *(const bool *)(const void *)at ? "1" : "0");
		break;
	case VALUE_NUMBER:
		buf_printf(to, "%u", *(const uint32_t *)(const void *)at);
		break;
	case VALUE_SIGNED:
		buf_printf(to, "%d", *(const int32_t *)(const void *)at);
		break;
	case VALUE_TIME:
	case VALUE_STAMP:
		memcpy(&number, at, sizeof number);
		buf_printf(to, "%lld", (long long)number);
		break;
	}
}
