/* What the files say, and loads. */
#include "harness.h"

#include "script.h"

#define READ(more) "1.03 config.read " OWN " " more "\n"
#define LOADS      "name=SCCP41.9-4-2.loads"
#define P7941      "text='Cisco Systems, Inc. IP Phone CP-7941G'"
#define ROUND(t, more)                                                                             \
	t "0 dhcp.discover " P7941 "; " t "0.1 dhcp.offer yi=10.77.0.51; " t                       \
	  "0.2 dhcp.request; " t "0.3 dhcp.ack yi=10.77.0.51 150=10.77.0.1;" t "1 file.asked " OWN \
	  "; " t "1.1 file.delivered " OWN "; " t "2 file.asked " LOADS "; " t                     \
	  "2.1 file.delivered " LOADS "; " t "3 file.asked name=jar41sccp.9-4-2.sbn; " t           \
	  "3.1 file.delivered name=jar41sccp.9-4-2.sbn; " more "\n"

CASE("F-01: the delivered file is broken", 60, WHOLE, "F-01 proved",
     LEASE OWN_FILE "1.03 config.broken " OWN " n=12 a=4 text='mismatched tag'")
CASE("F-01: a phone that registers could read it", 60, WHOLE, "",
     LEASE OWN_FILE "1.03 config.broken " OWN " n=12 a=4\n" REGISTERS ADMITTED)
CASE("F-01: a phone that calls its CallManager read enough of it", 60, WHOLE, "R-02 proved",
     LEASE OWN_FILE "1.03 config.broken " OWN " n=12 a=4; 2 tcp.syn; 2.001 tcp.refused")
CASE("F-01: a capture that ends with the file does not show whether the phone goes on", 2, WHOLE,
     "F-01 suspected", LEASE OWN_FILE "1.03 config.broken " OWN " n=12 a=4")
CASE("F-02: the phone breaks off: disk full", 60, WHOLE, "F-02 proved",
     LEASE "1 file.asked " OWN "; 1.1 file.started " OWN "; 2 file.abandoned " OWN
	   " n=3 a=90000 text='too large'")
CASE("F-03: the whole image, and again", 60, WHOLE, "F-03 suspected",
     LEASE OWN_FILE "2 file.asked name=a.sbn; 9 file.delivered name=a.sbn n=100000; 12 file.asked "
		    "name=a.sbn; 12.1 file.started name=a.sbn")
CASE("F-03: with the phone's own word it is proved", 60, WHOLE, "F-03 proved",
     LEASE OWN_FILE
     "2 file.asked name=a.sbn; 9 file.delivered name=a.sbn n=100000; 12 file.asked name=a.sbn; "
     "12.1 file.started name=a.sbn; 13 phone.status name=status text='Checksum Error'")
CASE("F-04: a file the load names is not there", 90, WHOLE, "F-04 proved",
     LEASE OWN_FILE "2 file.asked " LOADS "; 2.1 file.delivered " LOADS "; 2.2 loads.file " LOADS
		    " text=jar41sccp.9-4-2.sbn; 3 file.asked name=jar41sccp.9-4-2.sbn; 3.1 "
		    "file.refused n=1 name=jar41sccp.9-4-2.sbn")
CASE("F-04: a phone that goes on without the load is refused for another reason", 90, WHOLE,
     "R-05 suspected, R-06 suspected, R-08 suspected",
     LEASE NO_OWN_FILE DEFAULT_FILE "1.6 file.asked " LOADS "; 1.7 file.refused n=1 " LOADS
				    "\n" REGISTERS "2.1 sccp.register-reject text='Error DBConfig'")
CASE("F-05: another model's load", 90, WHOLE, "F-05 proved",
     "0 dhcp.discover " P7941 "; 0.1 dhcp.offer yi=10.77.0.51; 0.2 dhcp.request; 0.3 dhcp.ack "
     "yi=10.77.0.51 150=10.77.0.1\n" OWN_FILE
     "2 file.asked name=SCCP45.9-4-2.loads; 2.1 file.delivered name=SCCP45.9-4-2.loads")
CASE("F-05: a term61 list is a 7941's too", 90, WHOLE, "",
     "0 dhcp.discover " P7941 "; 0.1 dhcp.offer yi=10.77.0.51; 0.2 dhcp.request; 0.3 dhcp.ack "
     "yi=10.77.0.51 150=10.77.0.1\n" OWN_FILE
     "2 file.asked name=term61.default.loads; 2.1 file.delivered "
     "name=term61.default.loads\n" REGISTERS ADMITTED)
CASE("F-06: the phone rejects the load", 90, WHOLE, "F-06 proved",
     LEASE OWN_FILE REGISTERS "2.03 phone.last text='Load Rejected HC'\n" ADMITTED)
CASE("F-07: version error, by the phone's word", 90, WHOLE, "F-07 proved",
     LEASE OWN_FILE "3 phone.status name=status text='Version error'")
CASE("F-08: the same load in three boots, and never run", 400, WHOLE, "F-08 proved",
     ROUND("1", "15 phone.load text=SCCP41.8-2-1") ROUND("11", "115 phone.load text=SCCP41.8-2-1")
	 ROUND("21", "215 phone.load text=SCCP41.8-2-1"))
CASE("F-10: its file says SIP and it registers by SCCP", 90, WHOLE, "F-10 proved",
     LEASE OWN_FILE
	 READ("text=SIP n=1 a=1") "1.04 config.line " OWN " text=1001\n" REGISTERS
				  "2.1 sccp.register-reject text='Registration Rejected'")
#define ENC(t)                                                                                     \
	t "1 file.asked name=SEP001BD4000001.cnf.xml.enc.sgn; " t                                  \
	  "2 file.delivered name=SEP001BD4000001.cnf.xml.enc.sgn n=4000; " t                       \
	  "3 file.asked name=CTLSEP001BD4000001.tlv; " t                                           \
	  "4 file.refused name=CTLSEP001BD4000001.tlv n=1\n"
CASE("F-20: the encrypted file three times, and no call", 400, WHOLE, "F-20 suspected",
     LEASE ENC("1") ENC("2") ENC("3"))
CASE("F-20: a phone that calls could read it", 400, WHOLE, "",
     LEASE ENC("1") ENC("2") "3" ENC("3") "39 tcp.syn; 39.1 tcp.open; 39.2 sccp.register "
					  "name=SEP001BD4000001; 39.3 sccp.register-ack n=30; 39.4 "
					  "sccp.ready")
CASE("F-14: a SIP file without lines", 60, WHOLE, "F-14 proved",
     LEASE OWN_FILE READ("text=SIP n=1"))
CASE("F-15: an empty server list, and the phone tries the TFTP server", 60, WHOLE,
     "F-15 proved, R-02 proved", LEASE OWN_FILE READ("text=SCCP n=0") "2 tcp.syn; 2.1 tcp.refused")
CASE("F-15: names in the list, no DNS server in the lease, and the phone tries the TFTP server", 60,
     WHOLE, "F-15 proved, R-02 proved",
     LEASE OWN_FILE READ(
	 "text=SCCP n=1") "1.04 config.server name=cucm1 peer=none n=1; 2 tcp.syn; 2.1 tcp.refused")
CASE("F-15: the same after a restart that keeps its lease", 60, WHOLE, "F-15 proved, R-02 proved",
     LEASE OWN_FILE READ("text=SCCP n=1") "1.04 config.server name=cucm1 peer=none n=1; 2 tcp.syn; "
					  "2.1 tcp.refused; 30 file.asked " OWN
					  "; 30.1 file.delivered " OWN "; 30.2 config.read " OWN
					  " text=SCCP n=1; 30.3 config.server name=cucm1 peer=none "
					  "n=1; 31 tcp.syn; 31.1 tcp.refused")
CASE("F-15: whoever calls somebody else has a list, read or not", 60, WHOLE, "R-02 proved",
     LEASE OWN_FILE READ("text=SCCP n=0") "2 tcp.syn peer=10.77.0.9:2000; 2.001 tcp.refused "
					  "peer=10.77.0.9:2000")
CASE("F-16: an odd port, refused", 60, WHOLE, "F-16 proved, R-02 proved",
     LEASE OWN_FILE
	 READ("text=SCCP n=1") "1.04 config.server peer=10.77.0.1 n=1 a=2001; 2 tcp.syn "
			       "peer=10.77.0.1:2001; 2.1 tcp.refused peer=10.77.0.1:2001")
CASE("F-17: our server knows that the file is older than the record", 60, WHOLE, "F-17 proved",
     LEASE OWN_FILE "1.1 server.stale-file " OWN "\n" REGISTERS ADMITTED)
CASE("K-09: three rounds of another version", 400, WHOLE, "K-09 proved",
     LEASE OWN_FILE "1.03 config.stamp " OWN " text=A\n" SIP_REGISTERS SIP_ADMITTED
		    "3 sip.service n=4 text=B; 10 config.stamp " OWN
		    " text=A; 11 sip.service n=4 text=B; 20 config.stamp " OWN
		    " text=A; 21 sip.service n=4 text=B")
CASE("K-09: one reload after a change is no fault", 400, WHOLE, "",
     LEASE OWN_FILE "1.03 config.stamp " OWN " text=A\n" SIP_REGISTERS SIP_ADMITTED
		    "3 sip.service n=4 text=B; 10 config.stamp " OWN
		    " text=B; 11 sip.service n=4 text=B")
CASE("R-21: DNS does not know the server's name", 60, WHOLE, "R-21 proved, R-01 proved",
     LEASE OWN_FILE READ(
	 "text=SCCP n=1") "1.04 config.server peer=none name=cucm1 n=1; 2 dns.asked name=cucm1; "
			  "2.1 dns.failed name=cucm1 a=3; 3 tcp.syn; 4 tcp.syn; 6 tcp.syn")
CASE("X-03: our cluster knows that nobody is at that address any more", 60, WHOLE,
     "X-03 suspected, R-01 suspected",
     "0 server.own site n=3 peer=10.77.0.2\n" LEASE OWN_FILE
     "2 tcp.syn; 3 tcp.syn; 5 tcp.syn; 9 tcp.syn")
