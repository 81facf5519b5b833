/* What DHCP servers are told, in five languages: each mistake on its line, and what only looks like
 * one. */
#include "harness.h"

#include "lint/lint.h"

#include <stdio.h>

struct row {
	const char *text, *wanted;
};

static void judge(enum lint_kind kind, const struct row *rows, size_t count)
{
	struct buf told;
	buf_init(&told, 65536);
	for (size_t i = 0; i < count; i++) {
		size_t n = 0;
		struct lint *l = lint_new(0);
		struct slice text = harness_guarded(slice_text(rows[i].text));
		struct lint_input input = {
		    .name = "snippet", .bytes = text, .size = text.len, .as = kind};
		lint_file(l, &input);
		lint_finish(l);
		const struct lint_finding *f = lint_findings(l, &n);
		buf_clear(&told);
		for (size_t k = 0; k < n; k++) {
			if (f[k].severity != LINT_REMARK)
				buf_printf(&told, "%s%s %u", told.len > 0 ? ", " : "",
					   lint_rule_row(f[k].rule)->id, f[k].line);
		}
		if (strcmp(buf_cstr(&told), rows[i].wanted) != 0)
			fail_msg("%s\n  wanted \"%s\"\n  told   \"%s\" %s", rows[i].text,
				 rows[i].wanted, buf_cstr(&told), n > 0 ? f[0].about : "");
		lint_free(l);
	}
	buf_done(&told);
}

#define JUDGE(kind, rows) judge(kind, rows, sizeof(rows) / sizeof(*(rows)))

TEST("ISC dhcpd: definitions, values, classes, braces")
{
#define DEF "option t code 150 = array of ip-address;\n"
#define NET "subnet 10.77.0.0 netmask 255.255.255.0 {\n range 10.77.0.100 10.77.0.200;\n"
	static const struct row rows[] = {
	    {DEF NET " option t 10.77.0.1, 10.77.0.2;\n}\n", ""},
	    {"option t code 150 = { ip-address };" NET " option t 10.77.0.1;\n}\n", ""},
	    {"option t code 150 = ip-address;\noption t 10.77.0.1;\n" NET "}\n", ""},
	    {"option t code 150 = string;\n" NET " option t 0a:4d:00:01;\n}\n", ""},
	    {NET " option tftp-server-address 10.77.0.1;\n}\n", ""},
	    {NET " next-server 10.77.0.1;\n}\n", ""},
	    {NET " option tftp-server-name \"10.77.0.1\"; # a comment ; { \n}\n", ""},
	    {"option t code 150 = text;\n" NET " option t \"10.77.0.1\";\n}\n", "O-01 1"},
	    {"option t code 150 = string;\n" NET " option t \"tftp.site\";\n}\n", "O-01 1"},
	    {"option grub code 150 = text;\n" NET " option grub \"/boot/grub.lst\";\n}\n",
	     "O-02 1"},
	    {DEF NET " option t \"10.77.0.1\";\n}\n", "O-01 4"},
	    {"option t code 150 = unsigned integer 32;\n" NET " option t 10.77.0.1;\n}\n",
	     "O-03 1"},
	    {"option t code 150 = string;\n" NET " option t 0a:4d:00;\n}\n", "O-04 4"},
	    {DEF NET " option t 10.77.0;\n}\n", "O-05 4"},
	    {DEF NET " option t 127.0.0.1;\n}\n", "O-05 4"},
	    {DEF NET " option t 10.77.0.256;\n}\n", "O-05 4"},
	    {NET " option option-150 10.77.0.1;\n}\n", "O-06 3"},
	    {NET "}\n", "O-07 1"},
	    {NET " option tftp-server-name \"tftp.site\";\n}\n", "O-08 3"},
	    {NET
	     " option tftp-server-name \"tftp.site\";\n option domain-name-servers 10.77.0.5;\n}\n",
	     ""},
	    {NET " option tftp-server-name \"10.77.0.1, 10.77.0.2\";\n}\n", "O-09 3"},
	    {DEF NET " option t 10.77.0.1;\n option tftp-server-name \"10.77.0.9\";\n}\n",
	     "O-10 5"},
	    {DEF NET " option t 10.77.0.1;\n option routers 10.77.1.1;\n}\n", "O-11 5"},
	    {DEF "option t 10.77.0.1;\nsubnet 10.77.0.0 netmask 255.255.255.0 {\n range 10.77.1.1 "
		 "10.77.1.9;\n}\n",
	     "O-12 4"},
	    {DEF NET " option t 10.77.0.150;\n}\n", "O-13 3"},
	    {"option space C;\noption C.t code 150 = array of ip-address;\n" NET
	     " next-server 10.77.0.1;\n}\n",
	     "O-14 2"},
	    {DEF "class \"c\" {\n match if substring(option vendor-class-identifier, 0, 28) = "
		 "\"Cisco\";\n option t "
		 "10.77.0.1;\n}\n" NET "}\n",
	     "O-15 3"},
	    {DEF "class \"c\" {\n match if substring(option vendor-class-identifier, 0, 5) = "
		 "\"Cisco\";\n option t "
		 "10.77.0.1;\n}\n" NET "}\n",
	     ""},
	    {DEF NET " option t 10.77.0.1\n}\n", "O-16 4"},
	    {DEF NET " option t 10.77.0.1;\n", "O-16 5"},
	    {DEF NET " option t 10.77.0.1;\n}\n}\n", "O-16 6"},
	    {"option t code 150 = ip-address;\n" NET " option t 10.77.0.1, 10.77.0.2;\n}\n",
	     "O-16 4"},
	    {"option t 10.77.0.1;\n", ""},
	};
	JUDGE(LINT_ISC, rows);
}

TEST("dnsmasq: what becomes text, tags, OpenWrt's list")
{
#define RANGE "dhcp-range=10.77.0.100,10.77.0.200,255.255.255.0,12h\n"
	static const struct row rows[] = {
	    {RANGE "dhcp-option=150,10.77.0.1,10.77.0.2\n", ""},
	    {RANGE "dhcp-option=tag:voice,option:tftp-server-address,10.77.0.1 # the server\n", ""},
	    {RANGE "dhcp-option=eth0.30,150,10.77.0.1\n", ""},
	    {RANGE "dhcp-option=150,0.0.0.0\n", ""},
	    {RANGE "dhcp-option=66,10.77.0.1\n", ""},
	    {RANGE "dhcp-option=66,\"tftp.site\"\n", ""},
	    {"dhcp-boot=pxelinux.0\n" RANGE, ""},
	    {"list dhcp_option '150,10.77.0.1'\n", ""},
	    {RANGE "dhcp-option=150,\"10.77.0.1\"\n", "O-01 2"},
	    {RANGE "dhcp-option=150,tftp.site\n", "O-01 2"},
	    {RANGE "dhcp-option=150,10.77.0\n", "O-05 2"},
	    {RANGE "dhcp-option=150,0a:4d:00\n", "O-04 2"},
	    {RANGE "dhcp-option=vendor:Cisco,150,10.77.0.1\n", "O-14 2"},
	    {RANGE, "O-07 1"},
	    {"port=0\n" RANGE "dhcp-option=66,tftp.site\n", "O-08 3"},
	    {RANGE "dhcp-option=150,10.77.0.120\n", "O-13 1"},
	    {RANGE "dhcp-option=150,10.77.0.1\ndhcp-option=3,10.78.0.1\n", "O-11 3"},
	    {"dhcp-range=10.77.0.100,10.78.0.200,255.255.255.0\ndhcp-option=150,10.77.0.1\n",
	     "O-12 1"},
	};
	JUDGE(LINT_DNSMASQ, rows);
}

TEST("Kea: definitions, data, comments, what it does not parse")
{
#define KDEF                                                                                       \
	"\"option-def\": [{\"name\": \"t\", \"code\": 150, \"type\": \"ipv4-address\", "           \
	"\"array\": true}],\n"
#define KNET(x)                                                                                    \
	"\"subnet4\": [{\"subnet\": \"10.77.0.0/24\", \"pools\": [{\"pool\": \"10.77.0.100 - "     \
	"10.77.0.200\"}],\n" x "}]\n}}"
	static const struct row rows[] = {
	    {"{\"Dhcp4\": {\n" KDEF KNET(
		 "\"option-data\": [{\"name\": \"t\", \"data\": \"10.77.0.1, 10.77.0.2\"}]"),
	     ""},
	    {"# a comment\n{\"Dhcp4\": { // one\n" KDEF
	     "/* two */\n\"option-data\": [{\"code\": 150, \"data\": \"10.77.0.1\"}],\n" KNET(
		 "\"id\": 1"),
	     ""},
	    {"{\"Dhcp4\": {\n\"option-data\": [{\"code\": 150, \"csv-format\": false, \"data\": "
	     "\"0a4d0001\"}],\n" KNET("\"id\": 1"),
	     ""},
	    {"{\"Dhcp4\": {\n\"option-def\": [{\"name\": \"t\", \"code\": 150,\n\"type\": "
	     "\"string\"}],\n"
	     "\"option-data\": [{\"name\": \"t\", \"data\": \"10.77.0.1\"}],\n" KNET("\"id\": 1"),
	     "O-01 3"},
	    {"{\"Dhcp4\": {\n\"option-def\": [{\"name\": \"t\", \"code\": 150,\n\"type\": "
	     "\"uint32\"}],\n"
	     "\"option-data\": [{\"name\": \"t\", \"data\": \"10\"}],\n" KNET("\"id\": 1"),
	     "O-03 3"},
	    {"{\"Dhcp4\": {\n" KDEF KNET(
		 "\"option-data\": [{\"name\": \"t\", \"data\": \"cm1.site\"}]"),
	     "O-05 4"},
	    {"{\"Dhcp4\": {\n" KNET("\"option-data\": [{\"code\": 150, \"data\": \"10.77.0.1\"}]"),
	     "O-06 3"},
	    {"{\"Dhcp4\": {\n" KNET(
		 "\"option-data\": [{\"name\": \"tftp\", \"data\": \"10.77.0.1\"}]"),
	     "O-06 3"},
	    {"{\"Dhcp4\": {\n" KNET("\"id\": 1"), "O-07 2"},
	    {"{\"Dhcp4\": {\n" KNET(
		 "\"option-data\": [{\"name\": \"tftp-server-name\", \"data\": \"tftp.site\"}]"),
	     "O-08 3"},
	    {"{\"Dhcp4\": {\n" KDEF KNET(
		 "\"option-data\": [{\"name\": \"t\", \"data\": \"10.77.0.1\"},\n{\"name\": "
		 "\"routers\", \"data\": \"10.78.0.1\"}]"),
	     "O-11 5"},
	    {"{\"Dhcp4\": {\n" KDEF KNET(
		 "\"option-data\": [{\"name\": \"t\", \"data\": \"10.77.0.150\"}]"),
	     "O-13 3"},
	    {"{\"Dhcp4\": {\n" KDEF KNET(
		 "\"option-data\": [{\"name\": \"t\" \"data\": \"10.77.0.1\"}]"),
	     "O-16 4"},
	    {"{\"Dhcp4\": {\n" KDEF, "O-16 3"},
	};
	JUDGE(LINT_KEA, rows);
}

TEST("IOS and ASA: ip, ascii and hex, with prompts and without")
{
#define POOL "ip dhcp pool VOICE\n network 10.77.0.0 255.255.255.0\n"
	static const struct row rows[] = {
	    {POOL " default-router 10.77.0.254\n option 150 ip 10.77.0.1 10.77.0.2\n", ""},
	    {"ip dhcp pool VOICE\n network 10.77.0.0 /24\n option 150 ip 10.77.0.1\n", ""},
	    {"R1(config)#ip dhcp pool VOICE\nR1(dhcp-config)#network 10.77.0.0 255.255.255.0\n"
	     "R1(dhcp-config)#option 150 ip 10.77.0.1 #tftp\nR1(dhcp-config)#exit\n",
	     ""},
	    {POOL " option 150 hex 0a4d.0001\n", ""},
	    {POOL " next-server 10.77.0.1\n", ""},
	    {"ip dhcp pool DATA\n network 10.78.0.0 255.255.255.0\n" POOL
	     " option 150 ip 10.77.0.1\n",
	     ""},
	    {"dhcpd address 10.77.0.10-10.77.0.20 inside\ndhcpd option 150 ip 10.77.0.1\n", ""},
	    {POOL " option 150 ascii \"10.77.0.1\"\n", "O-01 3"},
	    {POOL " option 150 ascii 10.77.0.1\n", "O-01 3"},
	    {"dhcpd option 150 ascii 10.77.0.1\n", "O-01 1"},
	    {POOL " option 150 hex 0a4d.00\n", "O-04 3"},
	    {POOL " option 150 ip cm1\n", "O-05 3"},
	    {POOL, "O-07 1"},
	    {"ip dhcp pool DATA\n network 10.78.0.0 255.255.255.0\n option 150 ip 10.77.0.1\n" POOL,
	     "O-07 4"},
	    {POOL " option 66 ascii tftp.site\n", "O-08 3"},
	    {POOL " option 66 ascii tftp.site\n dns-server 10.77.0.5\n", ""},
	    {POOL " option 66 ip 10.77.0.1\n option 150 ip 10.77.0.1\n", "O-09 3"},
	    {POOL " option 150 ip 10.77.0.1\n default-router 10.77.1.254\n", "O-11 4"},
	    {POOL " option 150 10.77.0.1\n", "O-16 3"},
	    {"ip dhcp pool VOICE\n network 10.77.0.0 255.255.0.255\n option 150 ip 10.77.0.1\n",
	     "O-16 2"},
	};
	JUDGE(LINT_IOS, rows);
}

TEST("Windows: cmdlets over several lines, netsh, variables")
{
#define WDEF                                                                                       \
	"Add-DhcpServerv4OptionDefinition -OptionId 150 -Name \"TFTP\" -Type IPv4Address "         \
	"-MultiValued\n"
	static const struct row rows[] = {
	    {WDEF "Set-DhcpServerv4OptionValue -ScopeId 10.77.0.0 -OptionId 150 -Value "
		  "10.77.0.1,10.77.0.2\n",
	     ""},
	    {"Set-DhcpServerv4OptionValue `\n  -ScopeId 10.77.0.0 `\n  -OptionId 150 -Value "
	     "\"10.77.0.1\", \"10.77.0.2\"  # both\n",
	     ""},
	    {"Set-DhcpServerv4OptionValue -OptionId 150 -ScopeId $scope -Value $voice\n", ""},
	    {"Add-DhcpServerv4OptionDefinition -OptionId 150 -Name T -Type String\n", "O-01 1"},
	    {"Add-DhcpServerv4OptionDefinition -OptionId 150 -Name T -Type DWord\n", "O-03 1"},
	    {"Set-DhcpServerv4OptionValue -OptionId 150 -Value tftp.site\n", "O-05 1"},
	    {"Add-DhcpServerv4OptionDefinition -OptionId 150 -Name T -Type IPv4Address\n"
	     "Set-DhcpServerv4OptionValue -OptionId 150 -Value 10.77.0.1,10.77.0.2\n",
	     "O-16 2"},
	    {"Add-DhcpServerv4Scope -Name Voice -StartRange 10.77.0.100 -EndRange 10.77.0.200 "
	     "-SubnetMask 255.255.255.0\n"
	     "Set-DhcpServerv4OptionValue -ScopeId 10.77.0.0 -OptionId 66 -Value \"tftp.site\"\n",
	     "O-08 2"},
	    {"Add-DhcpServerv4Scope -Name Voice -StartRange 10.77.0.100 -EndRange 10.77.0.200 "
	     "-SubnetMask 255.255.255.0\n"
	     "Set-DhcpServerv4OptionValue -ScopeId 10.77.0.0 -Router 10.77.1.1 -OptionId 150 "
	     "-Value 10.77.0.1\n",
	     "O-11 2"},
	    {"netsh dhcp server add optiondef 150 \"TFTP\" IPADDRESS 1\nnetsh dhcp server scope "
	     "10.77.0.0 set optionvalue 150 IPADDRESS 10.77.0.1 10.77.0.2\n",
	     ""},
	    {"netsh dhcp server add optiondef 150 \"TFTP\" STRING 0\n", "O-01 1"},
	    {"netsh dhcp server scope 10.77.0.0 set optionvalue 150 STRING \"10.77.0.1\"\n",
	     "O-01 1"},
	};
	JUDGE(LINT_WINDOWS, rows);
}

TEST("which server a snippet is for shows in its words")
{
	static const struct {
		const char *text;
		enum lint_kind kind;
	} rows[] = {
	    {"option t code 150 = text;\nsubnet 10.0.0.0 netmask 255.0.0.0 {\n}\n", LINT_ISC},
	    {"dhcp-range=10.0.0.1,10.0.0.9\n", LINT_DNSMASQ},
	    {"config dhcp 'lan'\n\tlist dhcp_option '150,10.0.0.1'\n", LINT_DNSMASQ},
	    {"// Kea\n{ \"Dhcp4\": { } }", LINT_KEA},
	    {"ip dhcp pool VOICE\n option 150 ip 10.0.0.1\n", LINT_IOS},
	    {"Set-DhcpServerv4OptionValue -OptionId 150 -Value 10.0.0.1\r\n", LINT_WINDOWS},
	    {"netsh dhcp server add optiondef 150 T IPADDRESS 1\n", LINT_WINDOWS},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (lint_kind_of("x", slice_text(rows[i].text)) != rows[i].kind)
			fail_msg("%s is taken for %s", rows[i].text,
				 lint_kind_word(lint_kind_of("x", slice_text(rows[i].text))));
	}
}
