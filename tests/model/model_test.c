#include "harness.h"

#include "base/error.h"
#include "model/phone_type.h"
#include "model/reason.h"
#include "model/settings.h"

TEST("a 7961 is a 7961G and never a 7961G-GE")
{
	assert_int_equal(phone_type_find_model("7961")->number, 30018);
	assert_int_equal(phone_type_find_model("Cisco 7961G")->number, 30018);
	assert_int_equal(phone_type_find_model("CP-7961G")->number, 30018);
	assert_int_equal(phone_type_find_model("7961g-ge")->number, 308);
	assert_int_equal(phone_type_find_model("CP-7960G")->number, 7);
	assert_null(phone_type_find_model("796"));
	assert_null(phone_type_find_model(""));
}

TEST("every device type is found by its number and by its model, and is listed once")
{
	static const struct phone_type rows[] = {
#define T(number, model, buttons, product) {model, product, number, buttons},
#include "model/phone_types.def"
#undef T
	};
	char name[32];
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct phone_type *t = phone_type_find(rows[i].number);
		assert_non_null(t);
		assert_string_equal(t->model, rows[i].model);
		assert_ptr_equal(phone_type_find_model(rows[i].model), t);
		if (rows[i].product[0] != 0)
			assert_ptr_equal(phone_type_find_model(rows[i].product), t);
		if (i > 0)
			assert_true(rows[i].number > rows[i - 1].number);
		assert_in_range(rows[i].buttons, 0, 42);
	}
	assert_string_equal(phone_type_name(308, name, sizeof name), "7961G-GE");
	assert_string_equal(phone_type_name(4711, name, sizeof name), "type 4711");
	assert_null(phone_type_find(4711));
}

TEST("every reason fits the phone's 32 characters and names its rule")
{
	for (int r = REASON_NONE + 1; r < REASON_COUNT; r++) {
		const struct reason_row *row = reason_row((enum reason)r);
		assert_in_range(strlen(row->text), 1, 32);
		assert_non_null(strstr(row->text, row->rule));
		assert_in_range(row->code, 1, 33);
	}
	assert_string_equal(reason_row(REASON_NONE)->text, "");
}

TEST("a pool is chosen inside the subnet and never holds the server's own address")
{
	static const char *const servers[] = {"10.77.0.1", "10.77.0.129", "10.77.0.200",
					      "10.77.0.254"};
	for (size_t i = 0; i < sizeof servers / sizeof *servers; i++) {
		struct settings s = settings_default();
		const char *why = NULL;
		assert_int_equal(ip4_parse(servers[i], &s.server_ip), 0);
		assert_int_equal(ip4_parse("255.255.255.0", &s.netmask), 0);
		settings_complete(&s);
		assert_int_equal(settings_check(&s, &why), 0);
		assert_true(ip4_number(s.pool_last) - ip4_number(s.pool_first) > 40);
	}
}

TEST("settings that cannot work are refused with a sentence")
{
	struct settings s = settings_default();
	const char *why = NULL;
	s.autoreg_last = 1;
	assert_int_equal(settings_check(&s, &why), E_BAD_VALUE);
	assert_string_equal(why, "the auto-registration range ends before it begins");
	s = settings_default();
	s.lease_s = 5;
	assert_int_equal(settings_check(&s, &why), E_BAD_VALUE);
}
