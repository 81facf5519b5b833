/* Configuration files: real ones as the field serves them, and our own. */
#include "harness.h"

#include "base/error.h"
#include "base/text.h"
#include "cnf/cache.h"
#include "cnf/cnf.h"
#include "cnf/elements.h"
#include "cnf/loads.h"

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

/* Both ways, and they must agree. */
static void parse_both(struct cnf_cache *cache, struct slice file)
{
	static struct cnf_phone a;
	static struct cnf_phone b;
	struct cnf_error error = {0};
	struct cnf_error other = {0};
	memset(&a, 0, sizeof a);
	memset(&b, 0, sizeof b);
	int result = cnf_parse(file, 7, &a, &error);
	assert_int_equal(cnf_cache_parse(cache, file, 7, &b, &other), result);
	assert_memory_equal(&a, &b, sizeof a);
	assert_int_equal(error.line, other.line);
}

TEST("a file that differs from a known one in its stamp alone is read the same without parsing")
{
	static const char *const stamps[] = {
	    "{1}", "{SEP003094C2D5CA-7}", "", "a&amp;b", "a<b/>c", "a b", "{1}"};
	struct cnf_cache cache;
	cnf_cache_init(&cache);
	for (size_t i = 0; i < sizeof stamps / sizeof *stamps; i++) {
		for (unsigned port = 2000; port <= 2001; port++) {
			char file[400];
			(void)snprintf(
			    file, sizeof file,
			    "<device><devicePool><callManagerGroup><members><member priority='0'>"
			    "<callManager><ports><ethernetPhonePort>%u</ethernetPhonePort></ports>"
			    "<processNodeName>a</processNodeName></callManager></member></members>"
			    "</callManagerGroup></devicePool><versionStamp>%s</versionStamp>"
			    "<loadInformation>L</loadInformation></device>",
			    port, stamps[i]);
			parse_both(&cache, slice_text(file));
		}
	}
	cnf_cache_done(&cache);
}

TEST("the other forms give their servers: SIP text, CallManager 3's binary")
{
	struct cnf_phone phone;
	struct cnf_error error;
	struct provision p = site();
	struct buf file;
	static const char text[] =
	    "# comment\r\nimage_version: \"P0S3-8-12-00\"\r\n"
	    "proxy1_address: \"192.0.2.1\" ; first\r\nproxy1_port:\"5160\"\r\n"
	    "proxy2_address = 192.0.2.2\r\nline1_name : 1001\r\n"
	    "line2_name: UNPROVISIONED\r\nnonsense\r\n";
	assert_int_equal(cnf_parse(slice_text(text), 7, &phone, &error), 0);
	assert_int_equal(phone.form, CNF_FORM_SIP_TEXT);
	assert_string_equal(phone.protocol, "SIP");
	assert_string_equal(phone.load, "P0S3-8-12-00");
	assert_int_equal(phone.member_count, 2);
	assert_string_equal(phone.member[0].host, "192.0.2.1");
	assert_int_equal(phone.member[0].sip_port, 5160);
	assert_string_equal(phone.member[1].host, "192.0.2.2");
	assert_int_equal(phone.lines, 1);
	assert_string_equal(phone.first_line, "1001");
	buf_init(&file, CNF_FILE_MAX);
	assert_int_equal(cnf_binary_render(&p, &file), 0);
	assert_int_equal(cnf_parse(buf_slice(&file), 7, &phone, &error), 0);
	assert_int_equal(phone.form, CNF_FORM_BINARY);
	assert_string_equal(phone.member[0].host, "10.77.0.1");
	assert_int_equal(phone.member[0].port, 2000);
	assert_int_equal(cnf_parse(slice_head(buf_slice(&file), 10), 7, &phone, &error),
			 E_BAD_FORMAT);
	buf_done(&file);
}

TEST("every form is known by its first bytes")
{
	static const struct {
		const char *file;
		enum cnf_form form;
	} rows[] = {
	    {"configs/sccp-7912.cnf.xml", CNF_FORM_XML},
	    {"configs/sip-8800-full.cnf.xml", CNF_FORM_XML},
	    {"configs/sipdefault-a.cnf", CNF_FORM_SIP_TEXT},
	    {"configs/sipdefault-b.cnf", CNF_FORM_SIP_TEXT},
	    {"configs/sipmac-a.cnf", CNF_FORM_SIP_TEXT},
	    {"configs/sipmac-b.cnf", CNF_FORM_SIP_TEXT},
	    {"configs/gk-7912.txt", CNF_FORM_PROFILE},
	    {"configs/ITLFile.tlv", CNF_FORM_SIGNED},
	    {"configs/OS79XX.TXT", CNF_FORM_OTHER},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_int_equal(cnf_form_of(harness_file(rows[i].file)), rows[i].form);
}

TEST("encodings, byte order marks and bytes behind the end do not hide what a file says")
{
	static const struct {
		const char *bytes;
		size_t len;
		uint32_t finding;
	} rows[] = {
#define MEMBER                                                                                     \
	"<device><devicePool><callManagerGroup><members><member><callManager><processNodeName>a"   \
	"</processNodeName></callManager></member></members></callManagerGroup></devicePool>"      \
	"<versionStamp>1</versionStamp></device>"
#define ROW(text, finding) {text, sizeof(text) - 1, finding}
	    ROW("\xef\xbb\xbf<?xml version=\"1.0\"?>" MEMBER, 0),
	    ROW("<?xml version=\"1.0\" encoding=\"windows-1252\"?><!-- \xfc -->" MEMBER,
		1U << CNF_FINDING_ENCODING),
	    ROW("<?xml version=\"1.0\" encoding=\"iso-8859-1\"?><!-- \xfc -->" MEMBER, 0),
	    ROW(MEMBER "\r\n\0\0", 1U << CNF_FINDING_TRAILING),
	    ROW(MEMBER "\x1a", 1U << CNF_FINDING_TRAILING),
	    ROW(MEMBER "<!-- the end -->", 0),
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct cnf_phone phone;
		struct cnf_error error = {0};
		int result = cnf_parse(harness_guarded(slice_of(rows[i].bytes, rows[i].len)), 7,
				       &phone, &error);
		if (result != 0)
			fail_msg("row %zu: %u:%u %s", i, error.line, error.column, error.why);
		assert_string_equal(phone.member[0].host, "a");
		assert_int_equal(phone.findings, rows[i].finding);
	}
	/* UTF-16, with its mark. */
	uint8_t wide[2 * sizeof MEMBER] = {0xff, 0xfe};
	for (size_t i = 0; i < sizeof MEMBER - 1; i++)
		wide[2 + 2 * i] = (uint8_t)MEMBER[i];
	struct cnf_phone phone;
	struct cnf_error error;
	assert_int_equal(cnf_parse(slice_of(wide, sizeof wide), 7, &phone, &error), 0);
	assert_string_equal(phone.member[0].host, "a");
	assert_int_equal(cnf_parse(slice_text(MEMBER "garbage"), 7, &phone, &error), E_BAD_FORMAT);
	assert_int_equal(error.line, 1);
}

TEST("what a phone will not like in a file is found")
{
	static const struct {
		const char *file;
		enum cnf_finding finding;
	} rows[] = {
	    {"<device/>", CNF_FINDING_NO_MEMBER},
	    {"<device><versionStamp>1</versionStamp></device>", CNF_FINDING_NO_MEMBER},
	    {"<device/>", CNF_FINDING_NO_STAMP},
	    {"<softKeyCfg/>", CNF_FINDING_ROOT_UNKNOWN},
	    {"<Default><loadinformation7>x</loadinformation7></Default>", CNF_FINDING_LOAD_CASE},
	    {"<device><loadInformation>P0.loads</loadInformation></device>",
	     CNF_FINDING_LOAD_SUFFIX},
	    {"<device><deviceSecurityMode>3</deviceSecurityMode></device>", CNF_FINDING_SECURE},
	    {"<device><encrConfig>true</encrConfig></device>", CNF_FINDING_ENCRYPTED},
	    {"<device><deviceProtocol>SIP</deviceProtocol></device>", CNF_FINDING_NO_LINE},
	    {"<device><deviceProtocol>SIP</deviceProtocol><sipProfile><sipProxies>"
	     "<registerWithProxy>false</registerWithProxy></sipProxies></sipProfile></device>",
	     CNF_FINDING_NO_REGISTER},
	    {"<device xsi:type=\"axl:XIPPhone\"/>", CNF_FINDING_PREFIX},
	    {"<Default><callManagerGroup><members><member><callManager><ports>"
	     "<ethernetPhonePort>5060</ethernetPhonePort></ports><processNodeName>a"
	     "</processNodeName></callManager></member></members></callManagerGroup></Default>",
	     CNF_FINDING_PORT_SIP},
	    {"<device><member><callManager><ports><ethernetPhonePort>0</ethernetPhonePort></ports>"
	     "</callManager></member></device>",
	     CNF_FINDING_PORT_BAD},
	    {"<device><member><callManager><processNodeName/></callManager></member></device>",
	     CNF_FINDING_MEMBER_EMPTY},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct cnf_phone phone;
		struct cnf_error error;
		assert_int_equal(cnf_parse(slice_text(rows[i].file), 7, &phone, &error), 0);
		if ((phone.findings & 1U << rows[i].finding) == 0)
			fail_msg("%s: not \"%s\"", rows[i].file, cnf_finding_text(rows[i].finding));
	}
	/* And our own files are found nothing wrong with. */
	struct provision p = site();
	struct cnf_phone phone;
	read_back(&p, &phone);
	assert_int_equal(phone.findings, 0);
	assert_int_equal(phone.security_mode, 1);
	assert_string_equal(phone.user_locale, "English_United_States");
	assert_string_equal(phone.network_locale, "United_States");
	assert_string_equal(phone.date_template, "D/M/Y");
}

TEST("a load's list of the fifth generation names its images and their sizes")
{
	/* The form of a 7821's: a header whose length is its second word, then sections. */
	static const char list[] =
	    "\xcd\x34\x12\xab\x0c\0\0\0sign"
	    "# RELEASE Model=78xx\n[CISCO-ID]\nversion = 11-0-1-11\nhwcompat = 0x3\n"
	    "[PLATFORM_1]\nsboot=sboot78xx.sbn size=370348\nkern=kern78xx.sebn size=12\n"
	    "ebr_kern    = (-1,2,0,8,0x480000,-1)\n";
	struct loads loads;
	assert_int_equal(loads_decode(slice_of(list, sizeof list - 1), &loads), 0);
	assert_int_equal(loads.count, 2);
	assert_string_equal(loads.member[0].name, "sboot78xx.sbn");
	assert_int_equal(loads.member[0].size, 370348);
	assert_string_equal(loads.member[1].name, "kern78xx.sebn");
	for (size_t len = 0; len < 12; len++)
		assert_int_not_equal(loads_decode(harness_guarded(slice_of(list, len)), &loads), 0);
}

TEST("registerWithProxy left empty is as if it were not there")
{
	struct cnf_phone phone;
	struct cnf_error error;
	assert_int_equal(
	    cnf_parse(
		slice_text("<device><deviceProtocol>SIP</deviceProtocol><sipProfile><sipProxies>"
			   "<registerWithProxy/></sipProxies></sipProfile></device>"),
		7, &phone, &error),
	    0);
	assert_int_equal(phone.findings & 1U << CNF_FINDING_NO_REGISTER, 0);
}

/* Why a text is no XML, and on which line. */
static void flaw_of(const char *text, size_t len, uint32_t line, const char *why)
{
	struct cnf_elements e;
	struct cnf_flaw flaw;
	assert_int_equal(cnf_elements_read(harness_guarded(slice_of(text, len)), &e, &flaw),
			 E_BAD_FORMAT);
	if (flaw.line != line || strstr(flaw.why, why) == NULL)
		fail_msg("%s: line %u, \"%s\"", text, flaw.line, flaw.why);
	cnf_elements_done(&e);
}

TEST("elements have their lines, and what is no XML is told in words that name it")
{
	static const struct {
		const char *text;
		uint32_t line;
		const char *why;
	} rows[] = {
	    {"<a>\n<b>\n</c></a>", 3, "</c> closes <b> of line 2"},
	    {"<a>\n<b>", 2, "the file ends inside <b> of line 2"},
	    {"<a>\nx & y</a>", 2, "&amp;"},
	    {"<a>\n<b<c/></a>", 2, "is a > missing"},
	    {"<a/>\n<b/>", 2, "junk"},
	    {"  \n", 2, "before any element"},
	    {"<!DOCTYPE a [<!ENTITY b 'bbbb'>]><a>&b;</a>", 1, "entities"},
	};
	struct cnf_elements e;
	struct cnf_flaw flaw;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		flaw_of(rows[i].text, strlen(rows[i].text), rows[i].line, rows[i].why);
	flaw_of("<a>\x01</a>", 8, 1, "control character (0x01)");
	assert_int_equal(
	    cnf_elements_read(slice_text("<a>\n <b c='d' e:f=''> x&lt; </b>\n</a>"), &e, &flaw), 0);
	assert_int_equal(e.count, 2);
	assert_int_equal(e.element[1].line, 2);
	assert_int_equal(e.prefix_line, 2);
	assert_string_equal(cnf_element_name(&e, 1), "b");
	assert_string_equal(cnf_element_parent(&e, 1), "a");
	assert_string_equal(cnf_element_text(&e, 1), "x<");
	assert_string_equal(cnf_element_attribute(&e, 1, "c"), "d");
	assert_null(cnf_element_attribute(&e, 1, "g"));
	assert_string_equal(cnf_element_text(&e, 0), "");
	cnf_elements_done(&e);
	/* Latin 1 that does not say so is read all the same. */
	assert_int_equal(cnf_elements_read(slice_text("<a>\n\xfc</a>"), &e, &flaw), 0);
	assert_int_equal(e.encoding_line, 2);
	assert_string_equal(cnf_element_text(&e, 0), "\xc3\xbc");
	cnf_elements_done(&e);
}

HARNESS_OOM("reading elements survives every failing allocation")
{
	struct cnf_elements e;
	struct cnf_flaw flaw;
	int error = cnf_elements_read(harness_file("configs/sccp-7912.cnf.xml"), &e, &flaw);
	cnf_elements_done(&e);
	return error;
}
