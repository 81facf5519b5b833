/* A boot told in lines: "SECONDS KIND key=value …", separated by newlines or semicolons.
 *
 * Keys: peer=IP[:PORT] or none, name= text= n= a= b= c= vlan= ip= mac=, and for DHCP xid= secs=
 * flags= (hex) giaddr= ciaddr= yi= si= requested= server= lease= 150= 150b= 66= words= router=
 * mask= dns=. A value with spaces stands in single quotes; # ends a line. What is not said is
 * story_tell's default; a file server listens on 69, SIP on 5060, another service on 6970. "site"
 * as first key makes a site fact; "by=N" lets the phone with the last MAC byte N tell it. */
#ifndef DIALTONE_TESTS_SCRIPT_H
#define DIALTONE_TESTS_SCRIPT_H

#include "story.h"

void story_script(struct story *s, const char *script);

/* A lease from 10.77.0.1 with option 150; own file; a registration and its end. */
#define PHONE "text='Cisco Systems, Inc. IP Phone CP-7960'"
#define LEASE                                                                                      \
	"0 dhcp.discover xid=1 " PHONE                                                             \
	"; 0.1 dhcp.offer xid=1 yi=10.77.0.51 server=10.77.0.1 lease=3600 150=10.77.0.1;"          \
	"0.2 dhcp.request xid=1 server=10.77.0.1;"                                                 \
	"0.3 dhcp.ack xid=1 yi=10.77.0.51 server=10.77.0.1 lease=3600 150=10.77.0.1 "              \
	"mask=255.255.255.0 router=10.77.0.254\n"
#define OWN "name=SEP001BD4000001.cnf.xml"
#define OWN_FILE                                                                                   \
	"1 file.asked " OWN "; 1.01 file.started " OWN "; 1.02 file.delivered " OWN " n=6000\n"
#define NO_OWN_FILE  "1 file.asked " OWN "; 1.01 file.refused n=1 " OWN "\n"
#define DEFAULT_NAME "name=XMLDefault.cnf.xml"
#define DEFAULT_FILE                                                                               \
	"1.5 file.asked " DEFAULT_NAME "; 1.51 file.started " DEFAULT_NAME                         \
	"; 1.52 file.delivered " DEFAULT_NAME " n=900\n"
#define CALLS         "2 tcp.syn; 2.01 tcp.open\n"
#define REGISTERS     CALLS "2.02 sccp.register name=SEP001BD4000001 n=7 a=5\n"
#define ADMITTED      "3 sccp.register-ack n=30 a=5; 3.1 sccp.ready\n"
#define HEALTHY       LEASE OWN_FILE REGISTERS ADMITTED
#define SIP_DEVICE    "name=SEP001BD4000001 text=1001 n=621"
#define SIP_REGISTERS "2.02 sip.register a=101 " SIP_DEVICE "\n"
#define SIP_ADMITTED  "2.2 sip.registered n=120 a=101 text=1001\n"

/* One scenario, one sentence: the script as of `now` gives exactly these findings. */
#define CASE(sentence, now, seen, expected, script)                                                \
	TEST(sentence)                                                                             \
	{                                                                                          \
		static struct story story;                                                         \
		story_begin(&story);                                                               \
		story_script(&story, script);                                                      \
		assert_string_equal(story_findings(&story, now, seen), expected);                  \
		story_end(&story);                                                                 \
	}
#define WHOLE true
#define GAPS  false

#endif
