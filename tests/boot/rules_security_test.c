/* Trust lists, certificates, clocks. */
#include "harness.h"

#include "script.h"

#define SGN      "name=SEP001BD4000001.cnf.xml.sgn"
#define TLS_CALL "2 tcp.syn peer=10.77.0.1:2443; 2.01 tcp.open peer=10.77.0.1:2443\n"
#define AT       "peer=10.77.0.1:2443"

CASE("S-01: only signed names, refused", 60, WHOLE, "S-01 proved",
     LEASE "1 file.asked name=CTLSEP001BD4000001.tlv; 1.1 file.refused n=1 "
	   "name=CTLSEP001BD4000001.tlv; 2 file.asked " SGN "; 2.1 file.refused n=1 " SGN)
CASE("S-01: the plain name after the signed one is no fault", 60, WHOLE, "",
     LEASE "0.5 file.asked " SGN "; 0.6 file.refused n=1 " SGN "\n" OWN_FILE REGISTERS ADMITTED)
CASE("S-02: the new list is not trusted and TVS refuses", 60, WHOLE, "S-02 proved",
     LEASE "1 file.asked name=ITLSEP001BD4000001.tlv; 1.1 file.delivered "
	   "name=ITLSEP001BD4000001.tlv; 1.2 trust.list name=ITLSEP001BD4000001.tlv n=4000 a=4;"
	   "2 service.syn peer=10.9.9.9:2445; 2.1 service.refused peer=10.9.9.9:2445; 3 "
	   "phone.status name=status text='Trust List update failed'")
CASE("S-01: a server that has a trust list signs: the phone may be unknown there", 60, WHOLE,
     "S-01 suspected",
     LEASE "1 file.asked name=ITLSEP001BD4000001.tlv; 1.1 file.delivered "
	   "name=ITLSEP001BD4000001.tlv; 2 file.asked " SGN "; 2.1 file.refused n=1 " SGN)
CASE("S-04: \"expired\" is also what a server with a wrong clock says: suspected", 60, WHOLE,
     "S-04 suspected",
     LEASE OWN_FILE TLS_CALL "2.1 tls.hello n=0x303 " AT "; 2.2 tls.alert n=45 a=2 " AT)
CASE("S-04: alert 42 and a certificate that is over", 60, WHOLE, "S-04 proved",
     LEASE OWN_FILE TLS_CALL "2.1 tls.hello n=0x303 " AT
			     "; 2.15 tls.certificate n=1 name=SEP001BD4000001 b=-864000 " AT
			     "; 2.2 tls.alert n=42 a=2 " AT)
CASE("S-04: alert 42 alone is suspected", 60, WHOLE, "S-04 suspected",
     LEASE OWN_FILE TLS_CALL "2.1 tls.hello n=0x303 " AT "; 2.2 tls.alert n=42 a=2 " AT)
CASE("S-05: the phone's clock is off, NTP silent, and it finds the certificate expired", 60, WHOLE,
     "S-05 proved",
     LEASE OWN_FILE "1.5 ntp.asked\n" TLS_CALL "2.1 tls.hello n=0x302 " AT
		    "; 2.1 clock.phone n=-900000000 text=ClientHello " AT
		    "; 2.2 tls.alert n=45 a=1 " AT)
CASE("S-06: expected TLS", 60, WHOLE, "S-06 proved",
     LEASE OWN_FILE SIP_REGISTERS
     "2.2 sip.refused n=403 text='Device security mismatch: expected TLS, received TCP/UDP'")
CASE("S-07: one node takes it, the other's certificate is in no list", 90, WHOLE, "S-07 proved",
     LEASE
     "0.5 trust.list name=CTLSEP001BD4000001.tlv n=900 a=2; 0.5 trust.cert "
     "name=CTLSEP001BD4000001.tlv text=aa n=1\n" OWN_FILE "2 tcp.syn " AT "; 2.1 tcp.open " AT
     "; 2.2 sccp.register-ack " AT " n=30 a=5; 2.3 sccp.ready " AT "; 20 sccp.unregister " AT ";"
     "30 tcp.syn peer=10.77.0.2:2443; 30.1 tcp.open peer=10.77.0.2:2443; 30.2 tls.certificate "
     "peer=10.77.0.2:2443 n=2 text=bb; 30.3 tls.alert peer=10.77.0.2:2443 n=48 a=1")
CASE("S-07: \"Security Error\" alone fits two rows", 60, WHOLE, "S-06 suspected, S-07 suspected",
     LEASE OWN_FILE REGISTERS "2.2 sccp.register-reject text='Security Error'")
CASE("S-08: TLS 1.0 offered, alert 70", 60, WHOLE, "S-08 proved",
     LEASE OWN_FILE TLS_CALL "2.1 tls.hello n=0x301 " AT "; 2.2 tls.alert n=70 a=2 " AT)
CASE("S-09: TLS authentication failure: another name, or not trusted", 60, WHOLE,
     "S-09 suspected, S-07 suspected",
     LEASE OWN_FILE SIP_REGISTERS "2.2 sip.refused n=403 text='TLS authentication failure'")
CASE("S-11: a trust list too large to load", 60, WHOLE, "S-11 proved",
     LEASE "1 file.asked name=ITLFile.tlv; 1.1 file.delivered name=ITLFile.tlv; 1.2 trust.list "
	   "name=ITLFile.tlv n=70000 a=40")
CASE("S-12: its file says non-secure, and it calls 2443", 60, WHOLE, "S-12 proved, R-02 proved",
     LEASE OWN_FILE "1.03 config.read " OWN " text=SCCP n=1 a=1; 2 tcp.syn " AT
		    "; 2.1 tcp.refused " AT)
CASE("S-12: a file that gives 2443 as the plain port sent it there", 60, WHOLE, "R-02 proved",
     LEASE OWN_FILE "1.03 config.read " OWN " text=SCCP n=1 a=1; 1.04 config.server n=1 a=2443 "
		    "peer=10.77.0.1; 2 tcp.syn " AT "; 2.1 tcp.refused " AT)
CASE("S-13: a phone that goes on has its trouble elsewhere", 60, WHOLE, "R-02 proved, S-13 proved",
     LEASE OWN_FILE "2 service.syn peer=10.77.0.1:3804; 2.1 service.refused peer=10.77.0.1:3804; "
		    "3 tcp.syn; 3.001 tcp.refused")
CASE("S-13: CAPF refuses", 60, WHOLE, "S-13 proved",
     LEASE OWN_FILE "2 service.syn peer=10.77.0.1:3804; 2.1 service.refused peer=10.77.0.1:3804")
CASE("X-05: the server's clock differs: suspected, and no fault of a phone that works", 60, WHOLE,
     "X-05 suspected", HEALTHY "4 clock.server n=864000 text='HTTP Date'")
CASE("X-05: a time zone is no error", 60, WHOLE, "",
     HEALTHY "4 clock.server n=7200 text=DefineTimeDate")
