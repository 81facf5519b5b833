/* A folder as a whole, and files that contradict each other. */
#include "harness.h"

#include "base/error.h"
#include "lint/lint.h"

#include <stdio.h>

#define MEMBERS(node)                                                                              \
	"<callManagerGroup><members><member><callManager><processNodeName>" node                   \
	"</processNodeName></callManager></member></members></callManagerGroup>"
#define OWN(x)                                                                                     \
	"<device><devicePool>" MEMBERS(                                                            \
	    "10.77.0.1") "</devicePool><versionStamp>1</versionStamp>\n" x "</device>"
#define DEFAULT(x) "<Default>" MEMBERS("10.77.0.1") "\n" x "</Default>"

struct entry {
	const char *name, *text;
};

/* What lint says of them: "SEP….cnf.xml C-01 3". */
static void expect(const struct entry *entries, size_t count, bool in_root,
		   enum lint_severity least, const char *wanted)
{
	struct buf told;
	size_t n = 0;
	struct lint *l = lint_new(0);
	buf_init(&told, 65536);
	for (size_t i = 0; i < count; i++) {
		struct slice text = slice_text(entries[i].text);
		struct lint_input input = {
		    .name = entries[i].name, .bytes = text, .size = text.len, .in_root = in_root};
		lint_file(l, &input);
	}
	lint_finish(l);
	const struct lint_finding *f = lint_findings(l, &n);
	for (size_t i = 0; i < n; i++) {
		if (f[i].severity >= least)
			buf_printf(&told, "%s%s %s %u", told.len > 0 ? ", " : "",
				   lint_file_name(l, f[i].file), lint_rule_row(f[i].rule)->id,
				   f[i].line);
	}
	if (strcmp(buf_cstr(&told), wanted) != 0)
		fail_msg("wanted \"%s\"\n  told   \"%s\"", wanted, buf_cstr(&told));
	assert_int_equal(lint_error(l), 0);
	lint_free(l);
	buf_done(&told);
}

#define ROOT(wanted, ...)                                                                          \
	expect((struct entry[]){__VA_ARGS__},                                                      \
	       sizeof((struct entry[]){__VA_ARGS__}) / sizeof(struct entry), true, LINT_WARNING,   \
	       wanted)
#define FILES(wanted, ...)                                                                         \
	expect((struct entry[]){__VA_ARGS__},                                                      \
	       sizeof((struct entry[]){__VA_ARGS__}) / sizeof(struct entry), false, LINT_REMARK,   \
	       wanted)

#define SEP   "/srv/tftp/SEP001380AD9E5F.cnf.xml"
#define XML   "/srv/tftp/XMLDefault.cnf.xml"
#define LOADS "/srv/tftp/SIP41.9-4-2.loads"

TEST("a folder with all its loads and files is clean")
{
	ROOT("", {SEP, OWN("<loadInformation>SIP41.9-4-2</loadInformation>")}, {XML, DEFAULT("")},
	     {LOADS, "jar41.sbn\r\n"}, {"/srv/tftp/jar41.sbn", "image"},
	     {"/srv/tftp/notes.txt", "Dear Sir"});
}

TEST("a load that is not there, a list with a missing image, an image that is none")
{
	ROOT(SEP " N-06 2", {SEP, OWN("<loadInformation>SIP41.9-4-2</loadInformation>")},
	     {XML, DEFAULT("")});
	ROOT(LOADS " N-07 0", {LOADS, "jar41.sbn\r\ndsp41.sbn\r\n"},
	     {"/srv/tftp/jar41.sbn", "image"});
	ROOT("/srv/tftp/jar41.sbn N-08 0", {LOADS, "jar41.sbn\r\n"}, {"/srv/tftp/jar41.sbn", ""});
	ROOT("/srv/tftp/jar41.sbn L-02 1", {LOADS, "jar41.sbn\r\n"},
	     {"/srv/tftp/jar41.sbn", "<html>404</html>"});
	ROOT("/srv/tftp/CP7921.LOADS N-08 0", {"/srv/tftp/CP7921.LOADS", "GUI.bin 5 0011\r\n"},
	     {"/srv/tftp/GUI.bin", "imag"});
}

TEST("names are asked letter by letter: capitals that differ are told")
{
	ROOT("/srv/tftp/xmldefault.cnf.xml N-01 0", {"/srv/tftp/xmldefault.cnf.xml", DEFAULT("")});
	ROOT(SEP " N-01 2", {SEP, OWN("<loadInformation>SIP41.9-4-2</loadInformation>")},
	     {XML, DEFAULT("")}, {"/srv/tftp/sip41.9-4-2.loads", "jar41.sbn\r\n"},
	     {"/srv/tftp/jar41.sbn", "image"});
	ROOT(LOADS " N-01 0", {LOADS, "jar41.sbn\r\n"}, {"/srv/tftp/JAR41.SBN", "image"});
}

TEST("a folder with phones and no default file, and references that lead nowhere")
{
	ROOT(SEP " N-05 0", {SEP, OWN("")});
	ROOT("", {"/srv/tftp/SIPDefault.cnf", "proxy1_address: a\nproxy_register: 1\n"});
	ROOT("/srv/tftp/SIPDefault.cnf N-09 2",
	     {"/srv/tftp/SIPDefault.cnf", "proxy1_address: a\ndial_template: dialplan\n"});
	ROOT("", {"/srv/tftp/SIPDefault.cnf", "proxy1_address: a\ndial_template: dialplan\n"},
	     {"/srv/tftp/dialplan.xml", "<DIALTEMPLATE/>"});
	ROOT("/srv/tftp/Ringlist.xml N-09 1",
	     {"/srv/tftp/Ringlist.xml",
	      "<CiscoIPPhoneRingList><Ring><DisplayName>A</DisplayName><FileName>a.raw</FileName></"
	      "Ring></CiscoIPPhoneRingList>"},
	     {"/srv/tftp/b.raw", "x"});
}

TEST("the text files together must name a proxy")
{
	FILES("SIPDefault.cnf I-03 0", {"SIPDefault.cnf", "proxy_register: 1\n"},
	      {"SIP001380AD9E5F.cnf", "line1_name: 1\n"});
	FILES("", {"SIPDefault.cnf", "proxy_register: 1\n"},
	      {"SIP001380AD9E5F.cnf", "line1_name: 1\nproxy1_address: a\n"});
	FILES("", {"SIPDefault.cnf", "proxy_register: 1\n"});
}

TEST("three files that choose an image for 7940 and 7960 must choose one")
{
	FILES("SIPDefault.cnf N-10 1", {"OS79XX.TXT", "P00308010200\n"},
	      {"SIPDefault.cnf", "image_version: P0S3-8-12-00\nproxy1_address: a\n"});
	FILES("XMLDefault.cnf.xml N-10 2", {"OS79XX.TXT", "P0S3-8-12-00\n"},
	      {"XMLDefault.cnf.xml", DEFAULT("<loadInformation7>P00308010200</loadInformation7>")});
	FILES("", {"OS79XX.TXT", "P0S3-8-11-00\n"},
	      {"XMLDefault.cnf.xml", DEFAULT("<loadInformation7>P0S3-8-12-00</loadInformation7>")});
}

TEST("one number on two phones, and other CallManagers than the default file's, are remarks")
{
#define LINED(b)                                                                                   \
	"<device><deviceProtocol>SIP</deviceProtocol><devicePool>" MEMBERS(                        \
	    "10.77.0.1") "</devicePool><versionStamp>1</"                                          \
			 "versionStamp><sipProfile><sipLines>\n<line "                             \
			 "button=\"1\"><featureID>9</featureID><name>" b                           \
			 "</name></line></sipLines></sipProfile></device>"
	FILES("b N-11 2", {"a", LINED("1001")}, {"b", LINED("1001")}, {"c", LINED("1002")});
	FILES("b N-12 1", {"a", DEFAULT("")},
	      {"b", "<device><devicePool>" MEMBERS(
			"10.77.0.9") "</devicePool><versionStamp>1</versionStamp></device>"});
}

TEST("a file that only its owner may read is told")
{
	struct lint *l = lint_new(0);
	size_t n = 0;
	struct lint_input input = {.name = "XMLDefault.cnf.xml",
				   .bytes = slice_text(DEFAULT("")),
				   .in_root = true,
				   .closed = true};
	lint_file(l, &input);
	lint_finish(l);
	assert_int_equal(lint_findings(l, &n)[0].rule, LINT_RULE_UNREADABLE);
	assert_int_equal(n, 1);
	lint_free(l);
}

HARNESS_OOM("checking a folder survives every failing allocation")
{
	static const struct entry entries[] = {
	    {SEP, OWN("<loadInformation>SIP41.9-4-2</loadInformation>")},
	    {XML, DEFAULT("")},
	    {LOADS, "jar41.sbn\r\n"},
	    {"/srv/tftp/dhcpd.conf", "subnet 10.77.0.0 netmask 255.255.255.0 { }\n"},
	    {"/srv/tftp/kea.json", "{\"Dhcp4\": {}}"}};
	size_t n = 0;
	struct lint *l = lint_new(0);
	if (l == NULL)
		return E_NO_MEMORY;
	for (size_t i = 0; i < sizeof entries / sizeof *entries; i++) {
		struct slice text = slice_text(entries[i].text);
		struct lint_input input = {
		    .name = entries[i].name, .bytes = text, .size = text.len, .in_root = true};
		lint_file(l, &input);
	}
	lint_finish(l);
	(void)lint_findings(l, &n);
	int error = lint_error(l);
	lint_free(l);
	return error;
}
