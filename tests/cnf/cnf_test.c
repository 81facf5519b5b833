/* Configuration files: real ones as the field serves them, and our own. */
#include "harness.h"

#include "base/error.h"
#include "base/text.h"
#include "cnf/cnf.h"

static struct settings site(void)
{
	struct settings s = settings_default();
	assert_int_equal(ip4_parse("10.77.0.1", &s.server_ip), 0);
	return s;
}

TEST("every real file gets its known verdict, with line and column where it is broken")
{
	static const struct {
		const char *name;
		unsigned line, column; /* 0 = well-formed */
		const char *host;      /* first member */
	} files[] = {
	    {"cucm-generated-sip-7821.cnf.xml", 0, 0, "192.0.2.133"},
	    {"sccp-7940_7960.cnf.xml", 0, 0, NULL},
	    {"sccp-796x.cnf.xml", 0, 0, NULL},
	    {"sccp-7925.cnf.xml", 0, 0, NULL},
	    {"sccp-7912.cnf.xml", 0, 0, NULL},
	    {"sip-7961-unbound-prefix.cnf.xml", 148, 4, NULL},
	    {"xmldefault-malformed.cnf.xml", 18, 57, NULL},
	    {"xmldefault-chan-sccp.cnf.xml", 0, 0, NULL},
	    {"xmldefault-sccp-multi.cnf.xml", 0, 0, NULL},
	};
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		char path[128];
		struct cnf_phone phone;
		struct cnf_error error = {0};
		(void)snprintf(path, sizeof path, "configs/%s", files[i].name);
		int result = cnf_parse(harness_file(path), 7, &phone, &error);
		if (result != (files[i].line != 0 ? E_BAD_FORMAT : 0) ||
		    error.line != files[i].line || error.column != files[i].column)
			fail_msg("%s: %d at %u:%u %s", files[i].name, result, error.line,
				 error.column, error.why);
		if (files[i].line == 0 && phone.member_count == 0)
			fail_msg("%s: no CallManager", files[i].name);
		if (files[i].host != NULL)
			assert_string_equal(phone.member[0].host, files[i].host);
	}
}

TEST("a default file gives each model its own load")
{
	struct cnf_phone phone;
	struct cnf_error error;
	struct slice file = harness_file("configs/xmldefault-sccp-multi.cnf.xml");
	assert_int_equal(cnf_parse(file, 30018, &phone, &error), 0);
	assert_true(phone.is_default);
	assert_int_equal(phone.member_count, 2);
	char load[DEVICE_LOAD_SIZE];
	(void)text_copy(load, sizeof load, phone.load);
	assert_int_equal(cnf_parse(file, 7, &phone, &error), 0);
	assert_string_not_equal(phone.load, load);
}

TEST("members come by priority, a port that is none leaves 2000")
{
	struct cnf_phone phone;
	struct cnf_error error;
	assert_int_equal(
	    cnf_parse(
		slice_text(
		    "<device><devicePool><callManagerGroup><members>"
		    "<member priority='1'><callManager><processNodeName> b "
		    "</processNodeName></callManager></member>"
		    "<member "
		    "priority='0'><callManager><ports><ethernetPhonePort>2443</ethernetPhonePort></"
		    "ports>"
		    "<processNodeName>a</processNodeName></callManager></member>"
		    "<member "
		    "priority='2'><callManager><ports><ethernetPhonePort>99999</"
		    "ethernetPhonePort></ports>"
		    "<processNodeName>c</processNodeName></callManager></member>"
		    "<member priority='3'/></members></callManagerGroup></devicePool></device>"),
		7, &phone, &error),
	    0);
	assert_int_equal(phone.member_count, 3);
	assert_string_equal(phone.member[0].host, "a");
	assert_int_equal(phone.member[0].port, 2443);
	assert_string_equal(phone.member[1].host, "b");
	assert_int_equal(phone.member[1].port, 2000);
	assert_int_equal(phone.member[2].port, 2000);
}

TEST("entity bombs, endless nesting and empty files are refused")
{
	struct cnf_phone phone;
	struct cnf_error error;
	char deep[64 * 3 + 1];
	assert_int_equal(cnf_parse(slice_text("<!DOCTYPE a [<!ENTITY b 'bbbbbbbb'>]><a>&b;</a>"), 7,
				   &phone, &error),
			 E_BAD_FORMAT);
	assert_non_null(strstr(error.why, "document type"));
	for (size_t i = 0; i < 64; i++)
		memcpy(deep + 3 * i, "<a>", 4);
	assert_int_equal(cnf_parse(slice_text(deep), 7, &phone, &error), E_BAD_FORMAT);
	assert_non_null(strstr(error.why, "deeply"));
	assert_int_equal(cnf_parse(slice_text(""), 7, &phone, &error), E_BAD_FORMAT);
	assert_int_equal(cnf_parse(slice_of(deep, CNF_FILE_MAX + 1), 7, &phone, &error),
			 E_TOO_LONG);
}

TEST("our own file gives the phone its server, port and load, and the same record the same bytes")
{
	struct settings s = site();
	struct device d = {
	    .name = "SEP003094C2D5CA", .type = 7, .load = "P00308010200", .version = 5};
	struct buf a;
	struct buf b;
	struct cnf_phone phone;
	struct cnf_error error;
	buf_init(&a, CNF_FILE_MAX);
	buf_init(&b, CNF_FILE_MAX);
	assert_int_equal(cnf_phone_render(&d, &s, &a), 0);
	assert_int_equal(cnf_phone_render(&d, &s, &b), 0);
	assert_true(slice_equal(buf_slice(&a), buf_slice(&b)));
	assert_int_equal(cnf_parse(buf_slice(&a), 7, &phone, &error), 0);
	assert_false(phone.is_default);
	assert_int_equal(phone.member_count, 1);
	assert_string_equal(phone.member[0].host, "10.77.0.1");
	assert_int_equal(phone.member[0].port, 2000);
	assert_string_equal(phone.load, "P00308010200");
	assert_string_equal(phone.protocol, "SCCP");
	char stamp[64];
	(void)text_copy(stamp, sizeof stamp, phone.version_stamp);
	d.version = 6;
	buf_clear(&b);
	assert_int_equal(cnf_phone_render(&d, &s, &b), 0);
	assert_int_equal(cnf_parse(buf_slice(&b), 7, &phone, &error), 0);
	assert_string_not_equal(phone.version_stamp, stamp);
	buf_done(&a);
	buf_done(&b);
}

TEST("an administrator's text cannot break a file")
{
	struct settings s = site();
	struct device d = {.name = "SEP003094C2D5CA", .load = "</loadInformation>&<\"'"};
	struct buf file;
	struct cnf_phone phone;
	struct cnf_error error;
	buf_init(&file, CNF_FILE_MAX);
	assert_int_equal(cnf_phone_render(&d, &s, &file), 0);
	assert_int_equal(cnf_parse(buf_slice(&file), 7, &phone, &error), 0);
	assert_string_equal(phone.load, d.load);
	buf_done(&file);
}

TEST("the default file is read by every model and lists each load once")
{
	struct settings s = site();
	struct buf file;
	struct cnf_phone phone;
	struct cnf_error error;
	buf_init(&file, CNF_FILE_MAX);
	s.callmanager_ip = ip4_of(0x0a4d0002);
	assert_int_equal(cnf_default_render(&s, &file), 0);
	assert_int_equal(cnf_parse(buf_slice(&file), 30018, &phone, &error), 0);
	assert_true(phone.is_default);
	assert_string_equal(phone.member[0].host, "10.77.0.2");
	assert_string_equal(phone.load, "");
	buf_done(&file);
}
