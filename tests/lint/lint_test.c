/* Each finding by a file that has it and nothing else, real files with the verdict they must get,
 * and files that look wrong and are not. */
#include "harness.h"

#include "base/text.h"
#include "boot/diagnose.h"
#include "lint/lint.h"

#include <stdio.h>

#define MEMBERS(node, port)                                                                        \
	"<callManagerGroup><members><member "                                                      \
	"priority=\"0\"><callManager><ports><ethernetPhonePort>" port                              \
	"</ethernetPhonePort></ports><processNodeName>" node                                       \
	"</processNodeName></callManager></member></members></callManagerGroup>"
#define POOL    "<devicePool>" MEMBERS("10.77.0.1", "2000") "</devicePool>"
#define STAMP   "<versionStamp>{1}</versionStamp>"
#define SCCP(x) "<device>\n" POOL STAMP "\n" x "</device>"
#define LINE(b)                                                                                    \
	"<line button=\"" b "\" lineIndex=\"" b "\"><featureID>9</featureID><name>100" b           \
	"</name></line>"
#define SIP(x)                                                                                     \
	"<device>\n<deviceProtocol>SIP</deviceProtocol>" POOL STAMP "\n<sipProfile><sipProxies>"   \
	"<registerWithProxy>true</registerWithProxy></sipProxies>\n<sipLines>" x                   \
	"</sipLines></sipProfile></device>"
#define DEFAULT(x) "<Default>\n" MEMBERS("10.77.0.1", "2000") "\n" x "</Default>"

/* What lint says of a file, a finding a line: "C-01 3". `type`: the model. */
static void told_of(const char *name, struct slice bytes, uint32_t type, enum lint_severity least,
		    struct buf *to)
{
	size_t count = 0;
	struct lint *l = lint_new(type);
	struct lint_input input = {.name = name, .bytes = bytes, .size = bytes.len};
	assert_non_null(l);
	lint_file(l, &input);
	lint_finish(l);
	const struct lint_finding *f = lint_findings(l, &count);
	buf_clear(to);
	for (size_t i = 0; i < count; i++) {
		if (f[i].severity >= least)
			buf_printf(to, "%s%s %u", to->len > 0 ? ", " : "",
				   lint_rule_row(f[i].rule)->id, f[i].line);
	}
	assert_int_equal(lint_error(l), 0);
	lint_free(l);
}

static void expect(const char *name, const char *text, uint32_t type, enum lint_severity least,
		   const char *wanted)
{
	struct buf told;
	buf_init(&told, 65536);
	told_of(name, harness_guarded(slice_text(text)), type, least, &told);
	if (strcmp(buf_cstr(&told), wanted) != 0)
		fail_msg("%s %.200s\n  wanted \"%s\"\n  told   \"%s\"", name, text, wanted,
			 buf_cstr(&told));
	buf_done(&told);
}

TEST("every rule has an id of its own, a clause, sentences, and leads to a row of the diagnosis")
{
	for (size_t i = 0; i < LINT_RULES; i++) {
		const struct lint_rule_row *r = lint_rule_row((enum lint_rule)i);
		enum lint_rule found = LINT_RULES;
		enum rule row = RULE_COUNT;
		assert_true(lint_rule_find(r->id, &found));
		if (found != (enum lint_rule)i)
			fail_msg("%s stands twice", r->id);
		assert_true(strlen(r->what) > 5 && r->what[strlen(r->what) - 1] != '.');
		assert_true(strlen(r->why) > 5 && r->why[strlen(r->why) - 1] == '.');
		assert_true(strlen(r->mend) > 5 && r->mend[strlen(r->mend) - 1] == '.');
		if (r->leads[0] != 0 && !rule_find(r->leads, &row))
			fail_msg("%s leads to %s, which is no rule", r->id, r->leads);
	}
}

TEST("real files have no error, but those that are broken, which have theirs on its line")
{
	static const struct {
		const char *name, *errors;
	} files[] = {
	    {"ITLFile.tlv", ""},
	    {"OS79XX.TXT", ""},
	    {"appdialrules.xml", ""},
	    {"cucm-generated-sip-7821.cnf.xml", ""},
	    {"desktops-320x196x4-list.xml", ""},
	    {"dialplan-7960.xml", ""},
	    {"dialtemplate-8800.xml", ""},
	    {"featurepolicy-9971.xml", ""},
	    {"gk-7912.txt", ""},
	    {"ringlist.xml", ""},
	    {"sccp-6921.cnf.xml", ""},
	    {"sccp-7912.cnf.xml", ""},
	    {"sccp-7925.cnf.xml", ""},
	    {"sccp-7937.cnf.xml", ""},
	    {"sccp-7940_7960.cnf.xml", ""},
	    {"sccp-796x.cnf.xml", ""},
	    {"sip-6900.cnf.xml", ""},
	    {"sip-7911.cnf.xml", ""},
	    {"sip-7942.cnf.xml", ""},
	    {"sip-7961-unbound-prefix.cnf.xml", "C-01 148"},
	    {"sip-8800-full.cnf.xml", ""},
	    {"sip-8841.cnf.xml", ""},
	    {"sipdefault-a.cnf", ""},
	    {"sipdefault-b.cnf", ""},
	    {"sipmac-a.cnf", ""},
	    {"sipmac-b.cnf", ""},
	    {"softkeys-8800.xml", ""},
	    {"tones-7960.xml", ""},
	    {"xmldefault-chan-sccp.cnf.xml", ""},
	    {"xmldefault-malformed.cnf.xml", "C-01 18"},
	    {"xmldefault-sccp-multi.cnf.xml", ""},
	    {"xmldefault-sip.cnf.xml", ""},
	};
	struct buf told;
	buf_init(&told, 65536);
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		char path[128];
		(void)snprintf(path, sizeof path, "configs/%s", files[i].name);
		told_of(files[i].name, harness_file(path), 0, LINT_ERROR, &told);
		if (strcmp(buf_cstr(&told), files[i].errors) != 0)
			fail_msg("%s: \"%s\", not \"%s\"", files[i].name, buf_cstr(&told),
				 files[i].errors);
	}
	buf_done(&told);
}

TEST("each kind of file is known by its contents, whatever it is called")
{
	static const struct {
		const char *file;
		enum lint_kind kind;
	} rows[] = {
	    {"sccp-7912.cnf.xml", LINT_DEVICE},
	    {"xmldefault-sip.cnf.xml", LINT_DEFAULT},
	    {"sipdefault-a.cnf", LINT_SIP_TEXT},
	    {"sipmac-b.cnf", LINT_SIP_TEXT},
	    {"dialplan-7960.xml", LINT_DIAL_PLAN},
	    {"dialtemplate-8800.xml", LINT_DIAL_PLAN},
	    {"softkeys-8800.xml", LINT_SOFT_KEYS},
	    {"featurepolicy-9971.xml", LINT_FEATURE_POLICY},
	    {"appdialrules.xml", LINT_APP_DIAL_RULES},
	    {"ringlist.xml", LINT_RINGS},
	    {"desktops-320x196x4-list.xml", LINT_PICTURES},
	    {"tones-7960.xml", LINT_XML},
	    {"gk-7912.txt", LINT_PROFILE},
	    {"OS79XX.TXT", LINT_IMAGE_CHOICE},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char path[128];
		(void)snprintf(path, sizeof path, "configs/%s", rows[i].file);
		if (lint_kind_of("somewhere/else", harness_file(path)) != rows[i].kind)
			fail_msg(
			    "%s is taken for %s", rows[i].file,
			    lint_kind_what(lint_kind_of("somewhere/else", harness_file(path))));
	}
	assert_int_equal(lint_kind_of("ITLFile.tlv", harness_file("configs/ITLFile.tlv")),
			 LINT_TRUST);
	assert_int_equal(lint_kind_of("x", slice_text("115  SIP41.8-5-4S  11 // 7941\r\n")),
			 LINT_LOAD_MAP);
	assert_int_equal(lint_kind_of("x", slice_text("<!DOCTYPE html><html>404</html>")),
			 LINT_WEB_PAGE);
	assert_int_equal(lint_kind_of("x", slice_text("Dear Sir or Madam")), LINT_UNKNOWN);
	assert_int_equal(lint_kind_of("x", slice_text("")), LINT_UNKNOWN);
}

TEST("a phone's own file: each fault is told once, on its line, and nothing else")
{
	static const struct {
		const char *file, *wanted;
	} rows[] = {
	    {SCCP(""), ""},
	    {SIP(LINE("1")), ""},
	    {"<device>\n<a>\n</b></device>", "C-01 3"},
	    {SCCP("<name>a & b</name>"), "C-01 3"},
	    {"<device>\n" POOL STAMP, "C-01 2"},
	    {SCCP("<x>\xfc</x>"), "C-02 3"},
	    {"<softkeys/>", "C-03 1"},
	    {" \n", "C-04 1"},
	    {"<device>\n" STAMP "</device>", "C-05 1"},
	    {"<device>" STAMP "\n<devicePool>" MEMBERS("", "2000") "</devicePool></device>",
	     "C-06 2"},
	    {"<device>" STAMP "\n<devicePool>" MEMBERS("10.77.0", "2000") "</devicePool></device>",
	     "C-07 2"},
	    {"<device>" STAMP
	     "\n<devicePool>" MEMBERS("10.77.0.256", "2000") "</devicePool></device>",
	     "C-07 2"},
	    {"<device>" STAMP
	     "\n<devicePool>" MEMBERS("http://10.77.0.1", "2000") "</devicePool></device>",
	     "C-07 2"},
	    {"<device>" STAMP
	     "\n<devicePool>" MEMBERS("10.77.0.1:2000", "2000") "</devicePool></device>",
	     "C-07 2"},
	    {"<device>" STAMP
	     "\n<devicePool>" MEMBERS("cm1.site.example", "2000") "</devicePool></device>",
	     ""},
	    {"<device>" STAMP "\n<devicePool>" MEMBERS("cm1", "99999") "</devicePool></device>",
	     "C-08 2"},
	    {"<device>" STAMP "\n<devicePool>" MEMBERS("cm1", "x2000") "</devicePool></device>",
	     "C-08 2"},
	    {"<device>" STAMP "\n<devicePool>" MEMBERS("cm1", "5060") "</devicePool></device>",
	     "C-09 2"},
	    {"<device>\n" STAMP "<DevicePool/></device>", "C-05 1, C-13 2"},
	    {"<Device>\n" POOL STAMP "</Device>", "C-13 1"},
	    {"<device>" STAMP "\n" MEMBERS("cm1", "2000") "</device>", "C-14 2"},
	    {SCCP("<loadInformation>SCCP41.9-4-2.loads</loadInformation>"), "C-15 3"},
	    {SCCP("<deviceProtocol>SCCP</deviceProtocol>\n<loadInformation>SIP41.9-4-2</"
		  "loadInformation>"),
	     "C-16 4"},
	    {SCCP("<loadInformation30018>SCCP41.9-4-2</loadInformation30018>"), "C-21 3"},
	    {SIP(""), "C-22 4"},
	    {SIP("<line button=\"1\"><featureID>2</featureID></line>"), "C-22 4"},
	    {SIP("<line button=\"1\"><featureID>9</featureID><name/></line>"), "C-23 4"},
	    {"<device><deviceProtocol>SIP</deviceProtocol>" POOL STAMP
	     "<sipProfile><sipProxies>\n<registerWithProxy>false</registerWithProxy></"
	     "sipProxies><sipLines>" LINE("1") "</sipLines></sipProfile></device>",
	     "C-24 2"},
	    {SCCP("<deviceProtocol>H323</deviceProtocol>"), "C-25 3"},
	    {SCCP("<transportLayerProtocol>9</transportLayerProtocol>"), "C-28 3"},
	    {SCCP("<timeZone>Europe/Berlin</timeZone>"), "C-29 3"},
	    {SCCP("<dateTemplate>DD/MM/YYYY</dateTemplate>"), "C-30 3"},
	    {SCCP("<enableCdpSwPort>0</enableCdpSwPort>\n<enableLldpSwPort>0</enableLldpSwPort>"),
	     "C-31 4"},
	    {SCCP("<enableCdpSwPort>0</enableCdpSwPort><enableLldpSwPort>1</enableLldpSwPort>"),
	     ""},
	    {SCCP("<servicesURL>www.example.com/a b</servicesURL>"), "C-32 3"},
	    {SCCP("<srstInfo><srstOption>Enable</srstOption></srstInfo>"), "C-33 3"},
	    {SIP(LINE("1") "\n" LINE("1")), "C-34 5"},
	    {"<device>" STAMP
	     "<devicePool>\n" MEMBERS("[x.x.x.x]", "2000") "</devicePool></device>",
	     "C-36 2"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		expect("phone.cnf.xml", rows[i].file, 0, LINT_WARNING, rows[i].wanted);
}

TEST("a list of CallManagers: order, repetition, more than a phone reads")
{
#define MEMBER(p, node)                                                                            \
	"<member priority=\"" p "\"><callManager><processNodeName>" node                           \
	"</processNodeName></callManager></member>\n"
#define LIST(x) "<Default><callManagerGroup><members>\n" x "</members></callManagerGroup></Default>"
	expect("d.cnf.xml", LIST(MEMBER("0", "a") MEMBER("1", "b")), 0, LINT_REMARK, "");
	expect("d.cnf.xml", LIST(MEMBER("0", "a") MEMBER("0", "b")), 0, LINT_REMARK, "C-11 3");
	expect("d.cnf.xml", LIST(MEMBER("0", "a") MEMBER("1", "a")), 0, LINT_REMARK, "C-12 3");
	expect("d.cnf.xml",
	       LIST(MEMBER("0", "a") MEMBER("1", "b") MEMBER("2", "c") MEMBER("3", "d")
			MEMBER("4", "e") MEMBER("5", "f")),
	       0, LINT_REMARK, "C-10 7");
}

TEST("the default file: loads by number, model and protocol")
{
	static const struct {
		const char *file, *wanted;
	} rows[] = {
	    {DEFAULT(
		 "<loadInformation30018 model=\"Cisco 7961\">SCCP41.9-4-2</loadInformation30018>"),
	     ""},
	    {DEFAULT("<loadInformation30018 model=\"Cisco 7961\"/>"), ""},
	    {DEFAULT("<loadinformation7>P0S3-8-12-00</loadinformation7>"), "C-13 3"},
	    {DEFAULT("<loadInformation404 model=\"Cisco 7962\">SIP41.9-4-2</loadInformation404>"),
	     "C-17 3"},
	    {DEFAULT(
		 "<loadInformation30018 model=\"Cisco 7962\">SIP41.9-4-2</loadInformation30018>"),
	     "C-18 3"},
	    {DEFAULT("<loadInformation>SIP41.9-4-2</loadInformation>"), "C-19 3"},
	    {DEFAULT("<loadInformation7>P0S3-8-12-00</loadInformation7>\n"
		     "<loadInformation7>P00308010200</loadInformation7>"),
	     "C-20 4"},
	    {DEFAULT("<loadInformation7>P0S3-8-12-00.sb2</loadInformation7>"), "C-15 3"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		expect("xmldefault.cnf.xml", rows[i].file, 0, LINT_WARNING, rows[i].wanted);
}

TEST("against a model its own file is held to that model's protocol and loads")
{
	expect("a.cnf.xml", SCCP("<loadInformation>SIP42.9-4-2</loadInformation>"), 30018,
	       LINT_WARNING, "C-17 3");
	expect("a.cnf.xml", SCCP("<loadInformation>SIP42.9-4-2</loadInformation>"), 404,
	       LINT_WARNING, "");
	expect("a.cnf.xml", SCCP("<deviceProtocol>SCCP</deviceProtocol>"), 683, LINT_WARNING,
	       "C-26 3");
	expect("a.cnf.xml", SCCP("<deviceProtocol>SCCP</deviceProtocol>"), 30018, LINT_WARNING, "");
	expect("a.cnf.xml", SIP(LINE("1")), 365, LINT_WARNING, "C-26 2");
}

TEST("a template, a stub beside an encrypted file, a byte order mark are no faults")
{
	expect("a.cnf.xml", "\xef\xbb\xbf<?xml version=\"1.0\"?>" SCCP(""), 0, LINT_WARNING, "");
	expect("a.cnf.xml", SCCP("") "\r\n\x1a", 0, LINT_WARNING, "");
	expect("a.cnf.xml",
	       "<device><fullConfig>false</fullConfig><encrConfig>true</encrConfig></device>", 0,
	       LINT_WARNING, "");
	expect("a.cnf.xml", "<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>" SCCP("<x>\xfc</x>"),
	       0, LINT_WARNING, "");
	expect("base.tpl", "<device>\n" POOL "{% if a < b %}</device>", 0, LINT_REMARK, "C-36 2");
	expect("a.cnf.xml", SCCP("<versionStamp>{Jan 01 2003 00:00:00}</versionStamp>"), 0,
	       LINT_WARNING, "");
	expect("a.cnf.xml", SIP("<line button=\"1\"><featureID>{{ feature }}</featureID></line>"),
	       0, LINT_WARNING, "C-36 4");
}

TEST("a 7960 that is sent to its SIP image has its lines in the text files")
{
	expect("a.cnf.xml",
	       "<device><deviceProtocol>SIP</deviceProtocol>" POOL STAMP
	       "<loadInformation>P0S3-8-12-00</loadInformation></device>",
	       0, LINT_WARNING, "");
	expect("ringlist.xml", "", 0, LINT_ERROR, "");
	expect("ringlist.xml", "", 0, LINT_WARNING, "C-04 1");
	expect("SIP$mac.cnf",
	       "proxy1_address: a\nproxy_register: 1\nline{$line}_name: \"{$name}\"\n", 0,
	       LINT_WARNING, "");
}

TEST("remarks are told apart: what is true of files that work")
{
	expect("a.cnf.xml", "<device xsi:type=\"axl:XIPPhone\">" POOL STAMP "</device>", 0,
	       LINT_REMARK, "C-37 1");
	expect("a.cnf.xml", "<device>" POOL "</device>", 0, LINT_REMARK, "C-38 1");
	expect("a.cnf.xml", SCCP("<deviceSecurityMode>3</deviceSecurityMode>"), 0, LINT_REMARK,
	       "C-39 3");
	expect("a.cnf.xml", SCCP("<sshPassword>secret</sshPassword>"), 0, LINT_REMARK, "C-41 3");
}

TEST("text files of SIP 7940 and 7960: keys, values, lines")
{
	static const struct {
		const char *name, *file, *wanted;
	} rows[] = {
	    {"SIPDefault.cnf", "# comment\nproxy1_address: \"10.77.0.1\"\nproxy_register: 1\n", ""},
	    {"SIP001122334455.cnf",
	     "line1_name: 1001\nline1_authname : \"1001\" ; his\nline1_password=x\n", ""},
	    {"SIPDefault.cnf", "proxy_register: 1\nsome words\n", "I-01 2"},
	    {"SIPDefault.cnf", "proxy_register: 1\nproxy1_adress: 10.77.0.1\n", "I-02 2"},
	    {"SIPDefault.cnf", "proxy_register: 1\nproxy1_addresss: 10.77.0.1\n", "I-02 2"},
	    {"SIPDefault.cnf", "proxy_register: 1\npoxy1_address: 10.77.0.1\n", "I-02 2"},
	    {"SIPDefault.cnf", "proxy1_address: 10.77.0\n", "C-07 1"},
	    {"SIPDefault.cnf", "proxy1_port: 506O\n", "C-08 1"},
	    {"SIP001122334455.cnf", "phone_label: \"A\"\n", "I-04 0"},
	    {"SIP001122334455.cnf", "line1_name: UNPROVISIONED\n", "I-04 1"},
	    {"SIP001122334455.cnf", "line1_name: 1\nproxy_register: 0\n", "I-05 2"},
	    {"SIPDefault.cnf", "image_version: P0S3-8-12-00.sb2\n", "I-06 1"},
	    {"SIPDefault.cnf", "image_version: P00308010200\n", "I-07 1"},
	    {"SIPDefault.cnf", "dtmf_avt_payload: 300\n", "I-08 1"},
	    {"SIPDefault.cnf", "preferred_codec: g711\n", "I-08 1"},
	    {"SIPDefault.cnf", "phone_prompt: \"longer than fifteen letters\"\n", "I-08 1"},
	    {"SIPDefault.cnf", "proxy1_address: a\nproxy1_address: b\n", "I-09 2"},
	    {"SIPDefault.cnf", "proxy1_address: \"a\n", "I-10 1"},
	    {"SIPDefault.cnf", "proxy1_address: \"###HOST###\"\n", "C-36 1"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		expect(rows[i].name, rows[i].file, 0, LINT_WARNING, rows[i].wanted);
}

TEST("names that no phone asks for are told, names of templates are not")
{
	static const struct {
		const char *name, *wanted;
	} rows[] = {
	    {"SEP001380AD9E5F.cnf.xml", ""},
	    {"sep001380AD9E5F.cnf.xml", "N-01 0"},
	    {"SEP001380ad9e5f.cnf.xml", "N-01 0"},
	    {"SEP001380AD9E5F.CNF.XML", "N-01 0"},
	    {"SEP001380AD9E5.cnf.xml", "N-02 0"},
	    {"SEP00:13:80:AD:9E:5F.cnf.xml", "N-02 0"},
	    {"SEPOO1380AD9E5F.cnf.xml", "N-02 0"},
	    {"SEP001380AD9E5F.xml", "N-02 0"},
	    {"SEP001380AD9E5F.cnf.xml.txt", "N-02 0"},
	    {"SEP0000000000.cnf.xml_7940_template", ""},
	    {"SEPMAC.cnf.xml", ""},
	    {"SEP-REPLACEWITH_PHONEMAC.xml", ""},
	    {"SEP_base_6900.cnf.xml", ""},
	    {"SEP(mac_address).cnf.xml", ""},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		expect(rows[i].name, SCCP(""), 0, LINT_WARNING, rows[i].wanted);
	expect("SEP001380AD9E5F.cnf.xml", DEFAULT(""), 0, LINT_WARNING, "N-03 0");
	expect("XMLDefault.cnf.xml", SCCP(""), 0, LINT_WARNING, "N-03 0");
}

TEST("smaller files: rings, dial rules, soft keys, policies, pictures, loads")
{
	static const struct {
		const char *name, *file, *wanted;
	} rows[] = {
	    {"r.xml",
	     "<CiscoIPPhoneRingList>\n<Ring><DisplayName>A</DisplayName></Ring></"
	     "CiscoIPPhoneRingList>",
	     "L-05 2"},
	    {"d.xml", "<DIALTEMPLATE>\n<TEMPLATE TIMEOUT=\"5\"/></DIALTEMPLATE>", "L-08 2"},
	    {"d.xml", "<dialTemplate>\n<TEMPLATE match=\"*\" timeout=\"soon\"/></dialTemplate>",
	     "L-08 2"},
	    {"d.xml", "<dialTemplate>\n<TEMPLATE match=\"*\" timeout=\"5\"/></dialTemplate>", ""},
	    {"s.xml",
	     "<softKeyCfg><softKeySets>\n<softKeySet><softKey "
	     "keyID=\"Hold\"/></softKeySet></softKeySets></softKeyCfg>",
	     "L-07 2"},
	    {"f.xml",
	     "<featurePolicy>\n<featureDef "
	     "name=\"Park\"><enable>true</enable></featureDef></featurePolicy>",
	     "L-09 2"},
	    {"p.xml", "<CiscoIPPhoneImageList>\n<ImageItem Image=\"a\"/></CiscoIPPhoneImageList>",
	     "L-10 2"},
	    {"OS79XX.TXT", "P0S3-8-12-00\r\n", ""},
	    {"OS79XX.TXT", "P0S3-8-12-00.bin\n", "L-03 1"},
	    {"OS79XX.TXT", "P0S3-8-12-00\nP00308010200\n", "L-03 1"},
	    {"SIP41.loads", "jar41sip.8-5-4S.sbn\r\n", ""},
	    {"SIP41.loads", "\x01\x01", "L-01 0"},
	    {"SIP41.loads", "<html>404</html>", "L-02 1"},
	    {"ITLFile.tlv", "\x01\x02", "L-04 0"},
	    {"ITLFile.tlv", "", ""},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		expect(rows[i].name, rows[i].file, 0, LINT_WARNING, rows[i].wanted);
}
