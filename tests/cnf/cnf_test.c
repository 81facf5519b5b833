/* Configuration files: real ones as the field serves them, and our own. */
#include "harness.h"

#include "base/error.h"
#include "base/text.h"
#include "cnf/cnf.h"

/* A 7960 with one line and one CallManager. */
static struct provision site(void)
{
	struct provision p = {.name = "SEP003094C2D5CA",
			      .type = 7,
			      .known = true,
			      .servers = 1,
			      .server = {{"cm1", "10.77.0.1", {{10, 77, 0, 1}}, 2000}},
			      .monitor_s = 120,
			      .date_template = "D/M/Y",
			      .time_zone = "GMT Standard/Daylight Time",
			      .user_locale = "English_United_States",
			      .network_locale = "United_States",
			      .load = "P00308010200",
			      .lines = 1,
			      .line = {{.dn = "1001", .label = "1001"}},
			      .stamp = 5};
	return p;
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

static void read_back(const struct provision *p, struct cnf_phone *ret_phone)
{
	struct buf file;
	struct cnf_error error;
	buf_init(&file, CNF_FILE_MAX);
	assert_int_equal(cnf_phone_render(p, false, &file), 0);
	assert_int_equal(cnf_parse(buf_slice(&file), p->type, ret_phone, &error), 0);
	buf_done(&file);
}

/* Does a phone's own file contain this text? */
static bool file_has(const struct provision *p, const char *text)
{
	struct buf file;
	buf_init(&file, CNF_FILE_MAX);
	assert_int_equal(cnf_phone_render(p, false, &file), 0);
	bool has = strstr(buf_cstr(&file), text) != NULL;
	buf_done(&file);
	return has;
}

TEST("our own file gives the phone its server, port and load, and the same record the same bytes")
{
	struct provision p = site();
	struct buf a;
	struct buf b;
	struct cnf_phone phone;
	buf_init(&a, CNF_FILE_MAX);
	buf_init(&b, CNF_FILE_MAX);
	assert_int_equal(cnf_phone_render(&p, false, &a), 0);
	assert_int_equal(cnf_phone_render(&p, false, &b), 0);
	assert_true(slice_equal(buf_slice(&a), buf_slice(&b)));
	read_back(&p, &phone);
	assert_false(phone.is_default);
	assert_int_equal(phone.member_count, 1);
	assert_string_equal(phone.member[0].host, "10.77.0.1");
	assert_int_equal(phone.member[0].port, 2000);
	assert_string_equal(phone.load, "P00308010200");
	assert_string_equal(phone.protocol, "SCCP");
	buf_done(&a);
	buf_done(&b);
}

TEST("the version stamp changes with the record's and when the load is held back")
{
	struct provision p = site();
	struct cnf_phone phone;
	struct cnf_phone other;
	struct cnf_error error;
	struct buf held;
	read_back(&p, &phone);
	p.stamp = 6;
	read_back(&p, &other);
	assert_string_not_equal(phone.version_stamp, other.version_stamp);
	buf_init(&held, CNF_FILE_MAX);
	assert_int_equal(cnf_phone_render(&p, true, &held), 0);
	assert_int_equal(cnf_parse(buf_slice(&held), 7, &phone, &error), 0);
	assert_string_not_equal(phone.version_stamp, other.version_stamp);
	buf_done(&held);
}

TEST("an administrator's text cannot break a file")
{
	struct provision p = site();
	struct cnf_phone phone;
	(void)text_copy(p.load, sizeof p.load, "</loadInformation>&<\"'");
	(void)text_copy(p.pool, sizeof p.pool, "<&>");
	(void)text_copy(p.server[0].address, sizeof p.server[0].address, "a&b");
	read_back(&p, &phone);
	assert_string_equal(phone.load, p.load);
	assert_string_equal(phone.member[0].host, "a&b");
}

TEST("three CallManagers stand in the group's order, with a survivable gateway behind them")
{
	struct provision p = site();
	struct cnf_phone phone;
	p.servers = 3;
	p.server[1] = (struct provision_server){"cm2", "cm2.example", {{0}}, 2100};
	p.server[2] = (struct provision_server){"cm3", "10.77.0.3", {{10, 77, 0, 3}}, 2000};
	p.srst = ip4_of(0x0a4d00fe);
	read_back(&p, &phone);
	assert_int_equal(phone.member_count, 3);
	assert_string_equal(phone.member[1].host, "cm2.example");
	assert_int_equal(phone.member[1].port, 2100);
	assert_string_equal(phone.member[2].host, "10.77.0.3");
	assert_true(file_has(&p, "<ipAddr1>10.77.0.254</ipAddr1>"));
}

TEST("each family's file has the switches that family knows, and every model has one")
{
	static const struct {
		uint32_t type;
		const char *has, *has_not;
	} rows[] = {
	    {1, "<settingsAccess>", "<pcPort>"},
	    {7, "<pcPort>0</pcPort>", "enableCdpSwPort"},
	    {30007, "<forwardingDelay>1</forwardingDelay>", "spanToPCPort"},
	    {30018, "<enableCdpSwPort>1</enableCdpSwPort>", "WlanProfile"},
	    {30018, "<MissedCallLoggingOption>1</MissedCallLoggingOption>", "forwardingDelay"},
	    {365, "<connectionMonitorDuration>22</connectionMonitorDuration>", "<pcPort>"},
	    {431, "<voiceVlanAccess>0</voiceVlanAccess>", "<disableSpeaker>"},
	    {30016, "<autoSelectLineEnable>", "<garp>"},
	    {12, "<settingsAccess>", "commonProfile"},
	    {4711, "<enableCdpSwPort>", "cdpEnable"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct provision p = site();
		p.type = rows[i].type;
		if (!file_has(&p, rows[i].has))
			fail_msg("type %u lacks %s", rows[i].type, rows[i].has);
		if (file_has(&p, rows[i].has_not))
			fail_msg("type %u has %s", rows[i].type, rows[i].has_not);
	}
}

TEST("a locale names its language and its characters; an unknown one only itself")
{
	struct provision p = site();
	(void)text_copy(p.user_locale, sizeof p.user_locale, "German_Germany");
	assert_true(file_has(&p, "<langCode>de_DE</langCode>"));
	(void)text_copy(p.user_locale, sizeof p.user_locale, "Klingon_Kronos");
	assert_true(file_has(&p, "<name>Klingon_Kronos</name>"));
	assert_false(file_has(&p, "langCode"));
}

TEST("the default file is read by every model and lists each load once")
{
	struct provision p = site();
	struct cnf_model_load loads[] = {{7, "P00308010200"}, {30018, ""}};
	struct buf file;
	struct cnf_phone phone;
	struct cnf_error error;
	buf_init(&file, CNF_FILE_MAX);
	assert_int_equal(cnf_default_render(&p, loads, 2, &file), 0);
	assert_int_equal(cnf_parse(buf_slice(&file), 30018, &phone, &error), 0);
	assert_true(phone.is_default);
	assert_string_equal(phone.member[0].host, "10.77.0.1");
	assert_string_equal(phone.load, "");
	assert_int_equal(cnf_parse(buf_slice(&file), 7, &phone, &error), 0);
	assert_string_equal(phone.load, "P00308010200");
	buf_done(&file);
}

TEST("the old binary form carries address and port, and none is made for a host name")
{
	struct provision p = site();
	struct buf file;
	buf_init(&file, CNF_FILE_MAX);
	p.server[0].sccp_port = 2100;
	assert_int_equal(cnf_binary_render(&p, &file), 0);
	/* Where the known specimen has them: the address at 5, the port at 11, little endian. */
	assert_memory_equal(file.ptr + 5, ((uint8_t[]){10, 77, 0, 1}), 4);
	assert_memory_equal(file.ptr + 11, ((uint8_t[]){0x34, 0x08, 0, 0}), 4);
	assert_memory_equal(file.ptr + 18, "http://10.77.0.1/", 17);
	assert_memory_equal(file.ptr + file.len - 5, ((uint8_t[]){0, 0, 0, 1, 0xff}), 5);
	p.server[0].ip = ip4_of(0);
	assert_int_equal(cnf_binary_render(&p, &file), E_BAD_VALUE);
	buf_done(&file);
}
