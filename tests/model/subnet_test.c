#include "harness.h"

#include "base/error.h"
#include "model/record.h"

static struct subnet voice(void)
{
	struct subnet s = {.name = "voice",
			   .network = {{10, 88, 0, 0}},
			   .netmask = {{255, 255, 255, 0}},
			   .pool = "10.88.0.100-10.88.0.150",
			   .phones = "10.88.0.10-10.88.0.19, 10.88.0.30",
			   .router = {{10, 88, 0, 1}},
			   .on = true};
	return s;
}

TEST("ranges are read with commas or spaces, alone or in pairs")
{
	struct subnet_range r[SUBNET_RANGES_MAX];
	const char *why = NULL;
	size_t count = 9;
	assert_int_equal(subnet_ranges_parse("", r, &count, &why), 0);
	assert_int_equal(count, 0);
	assert_int_equal(subnet_ranges_parse("10.0.0.1-10.0.0.9, 10.0.0.20 10.0.0.30-10.0.0.30", r,
					     &count, &why),
			 0);
	assert_int_equal(count, 3);
	assert_int_equal(ip4_number(r[0].last), 0x0a000009);
	assert_int_equal(ip4_number(r[1].first), 0x0a000014);
	assert_int_equal(ip4_number(r[1].last), 0x0a000014);
	static const char *const bad[] = {
	    "10.0.0.9-10.0.0.1",          "10.0.0.x", "10.0.0.1-", "-",
	    "10.0.0.1-10.0.0.2-10.0.0.3", "1,2,3,4"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(subnet_ranges_parse(bad[i], r, &count, &why), E_BAD_VALUE);
	assert_int_equal(subnet_ranges_parse("10.0.0.1,10.0.0.2,10.0.0.3,10.0.0.4,10.0.0.5,"
					     "10.0.0.6,10.0.0.7,10.0.0.8,10.0.0.9",
					     r, &count, &why),
			 E_BAD_VALUE);
	assert_non_null(strstr(why, "at most 8"));
}

TEST("a subnet that cannot be served is refused with the reason, one field wrong at a time")
{
	static const struct {
		const char *field, *value, *why;
	} cases[] = {
	    {"network", "", "network address"},
	    {"netmask", "255.0.255.0", "ones followed by zeros"},
	    {"netmask", "", "ones followed by zeros"},
	    {"netmask", "255.255.255.254", "no room"},
	    {"network", "10.88.0.4", "bits outside"},
	    {"router", "10.89.0.1", "router"},
	    {"lease_s", "59", "60 seconds"},
	    {"lease_s", "4294967295", "ten years"},
	    {"dns2", "10.88.0.2", "second DNS"},
	    {"tftp2", "10.88.0.2", "second TFTP"},
	    {"pool", "10.88.1.1-10.88.1.9", "outside the subnet"},
	    {"pool", "10.88.0.200-10.88.0.255", "broadcast"},
	    {"phones", "10.88.0.0", "own or its broadcast"},
	    {"phones", "10.88.0.150", "in common"},
	    {"pool", "everything", "FIRST-LAST"},
	};
	union record record = {.subnet = voice()};
	const char *why = "";
	assert_int_equal(record_check(RECORD_SUBNET, &record, &why), 0);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct record_field *field = record_field_find(RECORD_SUBNET, cases[i].field);
		record.subnet = voice();
		assert_int_equal(record_field_parse(field, cases[i].value, &record, &why), 0);
		assert_int_equal(record_check(RECORD_SUBNET, &record, &why), E_BAD_VALUE);
		if (strstr(why, cases[i].why) == NULL)
			fail_msg("%s: %s", cases[i].why, why);
	}
}

TEST("subnets overlap when one holds the other's network")
{
	struct subnet a = voice();
	struct subnet b = voice();
	assert_true(subnet_overlaps(&a, &b));
	b.network = ip4_of(0x0a580000);
	b.netmask = ip4_of(0xffff0000);
	assert_true(subnet_overlaps(&a, &b));
	assert_true(subnet_overlaps(&b, &a));
	b.network = ip4_of(0x0a590000);
	assert_false(subnet_overlaps(&a, &b));
}

TEST("the settings' own subnet is a subnet like any other")
{
	struct settings settings = settings_default();
	const char *why = "";
	settings.server_ip = ip4_of(0x0a4d0001);
	settings.netmask = ip4_of(0xffffff00);
	settings_complete(&settings);
	struct subnet s = subnet_of_settings(&settings);
	assert_int_equal(subnet_check(&s, &why), 0);
	assert_string_equal(s.pool, "10.77.0.128-10.77.0.254");
	assert_true(s.on);
}
