/* What looks like a fault and is none: healthy boots with each false friend of the catalogue. */
#include "harness.h"

#include "script.h"

#define FRIEND(sentence, script) CASE(sentence, 300, WHOLE, "", script)

FRIEND("a healthy boot", HEALTHY)
FRIEND(
    "no trust lists and no locale", LEASE
    "0.4 file.asked name=CTLSEP001BD4000001.tlv; 0.5 file.refused n=1 name=CTLSEP001BD4000001.tlv; "
    "0.6 file.asked name=ITLFile.tlv; 0.7 file.refused n=1 name=ITLFile.tlv\n" OWN_FILE
    "1.5 file.asked name=/mk-sip.jar; 1.6 file.refused n=1 name=/mk-sip.jar\n" REGISTERS ADMITTED)
FRIEND("DISCOVERs lost for twelve seconds",
       "0 dhcp.discover xid=1 " PHONE
       "; 4 dhcp.discover xid=1; 12 dhcp.discover xid=1 secs=12; 12.1 dhcp.offer xid=1 "
       "yi=10.77.0.51; 12.2 dhcp.request xid=1; 12.3 dhcp.ack xid=1 yi=10.77.0.51 150=10.77.0.1;"
       "13 file.asked " OWN "; 13.1 file.delivered " OWN
       "; 14 tcp.syn; 14.1 tcp.open; 14.2 sccp.register name=SEP001BD4000001; 14.3 "
       "sccp.register-ack n=30 a=5; 14.4 sccp.ready")
FRIEND("no file of its own, then the default one, with auto-registration on",
       LEASE NO_OWN_FILE DEFAULT_FILE REGISTERS ADMITTED)
FRIEND("a standby connection whose keepalives get no answer",
       HEALTHY "4 tcp.syn peer=10.77.0.2:2000; 4.1 tcp.open peer=10.77.0.2:2000; 64 sccp.keepalive "
	       "peer=10.77.0.2:2000; 124 sccp.keepalive peer=10.77.0.2:2000; 184 sccp.keepalive "
	       "peer=10.77.0.2:2000; 244 sccp.keepalive peer=10.77.0.2:2000")
FRIEND("a SIP standby's keepalives", LEASE OWN_FILE SIP_REGISTERS SIP_ADMITTED
       "30 sip.keepalive n=1 peer=10.77.0.2:5060; 30.1 sip.keepalive n=2 peer=10.77.0.2:5060")
FRIEND("SYNs to a dead standby",
       HEALTHY "4 tcp.syn peer=10.77.0.2:2000; 5 tcp.syn peer=10.77.0.2:2000; 7 tcp.syn "
	       "peer=10.77.0.2:2000; 11 tcp.syn peer=10.77.0.2:2000")
FRIEND("a token refused with success later", LEASE OWN_FILE CALLS
       "2.1 sccp.token-req; 2.2 sccp.token-reject n=60; 62 sccp.token-req; 62.1 sccp.token-ack; "
       "62.2 sccp.register name=SEP001BD4000001; 62.3 sccp.register-ack n=30 a=5; 62.4 sccp.ready")
FRIEND("two boots around a load change", LEASE OWN_FILE
       "2 file.asked name=P00308010200.loads; 2.1 file.delivered name=P00308010200.loads; 3 "
       "file.asked name=P00308010200.sbn; 20 file.delivered name=P00308010200.sbn;"
       "60 dhcp.discover xid=5; 60.1 dhcp.offer xid=5 yi=10.77.0.51; 60.2 dhcp.request xid=5; 60.3 "
       "dhcp.ack xid=5 yi=10.77.0.51 150=10.77.0.1; 61 file.asked " OWN "; 61.1 file.delivered " OWN
       "; 62 tcp.syn; 62.1 tcp.open; 62.2 sccp.register name=SEP001BD4000001 text=P00308010200; "
       "62.3 sccp.register-ack n=30 a=5; 62.4 sccp.ready")
FRIEND("a softphone that fetches everything twice", LEASE OWN_FILE REGISTERS ADMITTED
       "4 file.asked " OWN "; 4.1 file.started " OWN "; 4.2 file.delivered " OWN
       "; 5 tcp.syn; 5.1 tcp.open; 5.2 sccp.register name=SEP001BD4000001; 5.3 sccp.register-ack "
       "n=30 a=5; 5.4 sccp.ready")
FRIEND("no trust list installed, on an unsecured system",
       HEALTHY "4 phone.status name=status text='No Trust List installed'")
FRIEND("one 401 a REGISTER", LEASE OWN_FILE
       "2 sip.register a=1 " SIP_DEVICE
       "; 2.1 sip.challenged n=401 a=1; 2.2 sip.register a=2 b=1 " SIP_DEVICE
       "; 2.3 sip.registered n=120; 117 sip.register a=3 b=1 " SIP_DEVICE
       "; 117.1 sip.challenged n=401 a=3 b=1 c=1; 117.2 sip.register a=4 b=1 " SIP_DEVICE
       "; 117.3 sip.registered n=120")
FRIEND("HTTP 404 and the same file by TFTP",
       LEASE "0.5 service.syn; 0.51 service.open; 0.6 file.asked peer=10.77.0.1:6970 " OWN
	     "; 0.7 file.refused n=404 peer=10.77.0.1:6970 " OWN "\n" OWN_FILE REGISTERS ADMITTED)
FRIEND("Failback once after an outage",
       LEASE OWN_FILE REGISTERS "2.03 phone.last text=Failback n=18\n" ADMITTED)
FRIEND("a cold start", LEASE OWN_FILE REGISTERS "2.03 phone.last text=Initialized\n" ADMITTED)
FRIEND(
    "a proxy that answers ARP for the gateway alone", HEALTHY
    "0.5 arp.asked peer=10.77.0.254; 0.6 arp.answered peer=10.77.0.254 n=1 text=00:11:22:33:44:55")
FRIEND("a block sent again here and there", HEALTHY "1.015 file.again " OWN " n=3 a=2")
FRIEND("RTP both ways, and its end",
       HEALTHY "50 sccp.call text=OffHook; 55 rtp.flow a=1; 55 rtp.flow a=2; 100 rtp.end n=2000 "
	       "a=1; 101 sccp.call text=OnHook")
FRIEND("renewals at half the lease",
       HEALTHY "150 dhcp.request ciaddr=10.77.0.51; 150.1 dhcp.ack yi=10.77.0.51 150=10.77.0.1")

TEST("a reset by an administrator is remarked of a phone that is well: status registered")
{
	struct story s;
	story_begin(&s);
	story_script(&s,
		     LEASE OWN_FILE REGISTERS "2.03 phone.last text=Reset-Restart n=23\n" ADMITTED);
	assert_string_equal(story_findings(&s, 300, true), "K-08 proved");
	assert_true(s.report.finding[0].note);
	assert_int_equal(s.report.status, PHONE_STATUS_REGISTERED);
	story_end(&s);
}

TEST("remarks leave a phone that works registered")
{
	static const char *const scripts[] = {
	    HEALTHY "4 clock.server n=864000 text='HTTP Date'",
	    LEASE "0.5 file.asked peer=10.77.0.1:6970 " OWN
		  "; 0.6 file.refused n=503 peer=10.77.0.1:6970 " OWN
		  "\n" OWN_FILE REGISTERS ADMITTED,
	    LEASE OWN_FILE "200 tcp.syn; 200.1 tcp.open; 200.2 sccp.register name=SEP001BD4000001; "
			   "240 sccp.register-ack n=30 a=5; 240.1 sccp.ready",
	};
	for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
		struct story s;
		story_begin(&s);
		story_script(&s, scripts[i]);
		(void)story_judge(&s, 300, true);
		assert_int_equal(s.report.finding_count, 1);
		assert_true(s.report.finding[0].note);
		assert_int_equal(s.report.status, PHONE_STATUS_REGISTERED);
		story_end(&s);
	}
}
