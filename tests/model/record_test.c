#include "harness.h"

#include "base/error.h"
#include "model/record.h"

#include <stdio.h>

static const char *refused_value(enum record_kind kind, const char *field, const char *text)
{
	union record record;
	const char *why = NULL;

	record_init(kind, &record);
	assert_int_equal(record_field_parse(record_field_find(kind, field), text, &record, &why),
			 E_BAD_VALUE);
	return why;
}

static void set(enum record_kind kind, union record *record, const char *field, const char *text)
{
	const char *why = NULL;
	assert_int_equal(record_field_parse(record_field_find(kind, field), text, record, &why), 0);
}

TEST("every kind of record begins with its key, ends with its version and names no field twice")
{
	for (int k = 0; k < RECORD_KINDS; k++) {
		const struct record_type *type = record_type((enum record_kind)k);
		assert_int_equal(type->field[0].offset, 0);
		assert_int_equal(type->field[0].kind, VALUE_TEXT);
		assert_string_equal(type->field[type->fields - 1].name, "version");
		assert_int_equal(type->field[type->fields - 1].kind, VALUE_STAMP);
		for (size_t i = 0; i < type->fields; i++) {
			assert_ptr_equal(
			    record_field_find((enum record_kind)k, type->field[i].name),
			    &type->field[i]);
			assert_true((size_t)type->field[i].offset + type->field[i].size <=
				    type->size);
		}
	}
}

TEST("a field's text gives the same field back, for every field of every kind")
{
	static const char *const sample[] = {
	    [VALUE_TEXT] = "abc",      [VALUE_NUMBER] = "4711", [VALUE_SIGNED] = "-60",
	    [VALUE_SWITCH] = "1",      [VALUE_IP] = "10.1.2.3", [VALUE_MODEL] = "7961G",
	    [VALUE_TIME] = "99999999", [VALUE_STAMP] = "77"};
	for (int k = 0; k < RECORD_KINDS; k++) {
		const struct record_type *type = record_type((enum record_kind)k);
		char record[4096] = {0};
		assert_true(type->size <= sizeof record);
		for (size_t i = 0; i < type->fields; i++) {
			const char *why = NULL;
			struct buf text;
			buf_init(&text, 64);
			assert_int_equal(record_field_parse(&type->field[i],
							    sample[type->field[i].kind], record,
							    &why),
					 0);
			record_field_format(&type->field[i], record, &text);
			assert_string_equal(buf_cstr(&text), sample[type->field[i].kind]);
			buf_done(&text);
		}
		assert_int_equal(record_version((enum record_kind)k, record), 77);
	}
}

TEST("a value that does not fit its field is refused with a sentence that names the field")
{
	assert_string_equal(refused_value(RECORD_NODE, "sccp_port", "two thousand"),
			    "\"sccp_port\" must be a whole number");
	assert_string_equal(refused_value(RECORD_POOL, "srst", "10.1.2"),
			    "\"srst\" must be an IPv4 address, or empty");
	assert_string_equal(refused_value(RECORD_LINE, "dn", "123456789012345678901234"),
			    "\"dn\" must be a text of at most 23 bytes");
	assert_string_equal(refused_value(RECORD_LINE, "label", "two\nlines"),
			    "\"label\" must be a text without control characters");
	assert_string_equal(refused_value(RECORD_PHONE, "type", "rotary"),
			    "\"type\" must be a model such as \"7961G\" or its device type number");
}

TEST("records that cannot be served are refused, each with what is wrong")
{
	static const struct {
		enum record_kind kind;
		const char *key, *field, *value, *why;
	} cases[] = {
	    {RECORD_NODE, "cm 1", "address", "10.1.1.1",
	     "a name consists of letters, digits, '-', '_' and '.'"},
	    {RECORD_NODE, "cm1", "address", "10.1.1",
	     "\"address\" must be the CallManager's IPv4 address or host name"},
	    {RECORD_GROUP, "g", "nodes", "", NULL},
	    {RECORD_GROUP, "g", "nodes", "a,b,c,d", NULL},
	    {RECORD_POOL, "p", "date_template", "D/D/Y", NULL},
	    {RECORD_POOL, "p", "monitor_s", "5", NULL},
	    {RECORD_LINE, "10a", "label", "x", "a directory number consists of digits, *, # and +"},
	    {RECORD_LINE, "1001", "forward_all", "Anna", NULL},
	    {RECORD_DEFAULTS, "7961X", "load", "", "there is no model \"7961X\""},
	    {RECORD_BUTTONS, "b", "layout", "line,lamp", "there is no button \"lamp\""},
	    {RECORD_SOFTKEYS, "s", "on_hook", "redial,sing", "there is no soft key \"sing\""},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		union record record;
		const char *why = NULL;
		record_init(cases[i].kind, &record);
		set(cases[i].kind, &record, record_type(cases[i].kind)->field[0].name,
		    cases[i].key);
		set(cases[i].kind, &record, cases[i].field, cases[i].value);
		assert_int_equal(record_check(cases[i].kind, &record, &why), E_BAD_VALUE);
		assert_true(why[0] != 0);
		if (cases[i].why != NULL)
			assert_string_equal(why, cases[i].why);
	}
}

TEST("device defaults are kept under the one spelling of their model")
{
	union record record;
	const char *why = NULL;
	record_init(RECORD_DEFAULTS, &record);
	set(RECORD_DEFAULTS, &record, "model", "Cisco 7961");
	assert_int_equal(record_check(RECORD_DEFAULTS, &record, &why), 0);
	assert_string_equal(record.defaults.model, "7961G");
}

TEST("every word of a button or soft key is found, and every soft key has its label")
{
	assert_int_equal(record_button_find("line"), 9);
	assert_int_equal(record_button_find("none"), 255);
	assert_int_equal(record_button_find("doorbell"), -1);
	for (int event = 1; event < 64; event++) {
		const char *word = record_softkey_word(event);
		if (word == NULL)
			continue;
		assert_int_equal(record_softkey_find(word), event);
		assert_int_not_equal(record_softkey_label(event), 0);
	}
}
