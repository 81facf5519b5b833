/* The file server's rules. */
#include "harness.h"

#include "script.h"

#define ASKS3        "1 file.asked " OWN "; 5 file.asked " OWN "; 9 file.asked " OWN "\n"
#define OTHER_SERVED "2 file.asked by=2 name=x.cnf.xml; 2.1 file.started by=2 name=x.cnf.xml\n"
#define TRUST        "name=CTLSEP001BD4000001.tlv"

CASE("T-02: silence while others are served is the path of this phone", 30, WHOLE, "T-02 proved",
     LEASE ASKS3 OTHER_SERVED)
CASE("T-02: a router's word that a filter forbids it proves it", 30, GAPS, "T-02 proved",
     LEASE ASKS3 "9.1 icmp.unreachable peer=10.77.0.1:69 n=13 a=17 text=10.77.0.254")
CASE("T-03: the host says that no service listens", 30, WHOLE, "T-03 proved",
     LEASE ASKS3 "9.1 icmp.unreachable peer=10.77.0.1:69 n=3 a=17 text=10.77.0.1")
CASE("T-03: our own server says that it stopped", 30, WHOLE, "T-03 proved",
     LEASE "0.5 server.state site n=2 a=2\n" ASKS3)
CASE("T-04: the answer comes from another address", 30, WHOLE, "T-04 proved",
     LEASE "1 file.asked " OWN "; 1.1 file.elsewhere " OWN " text=10.77.0.9:4001; 5 file.asked " OWN
	   "; 5.1 file.elsewhere " OWN " text=10.77.0.9:4002")
CASE("T-05: one block, again and again", 60, WHOLE, "T-05 proved",
     LEASE "1 file.asked " OWN "; 1.1 file.started " OWN "; 5 file.again " OWN
	   " n=7 a=2 b=512; 9 file.again " OWN " n=7 a=3 b=512; 13 file.again " OWN
	   " n=7 a=4 b=512")
CASE("T-05: a block sent again that arrives at last is no fault", 30, WHOLE, "",
     LEASE "1 file.asked " OWN "; 1.1 file.started " OWN "; 1.2 file.again " OWN
	   " n=1 a=3; 1.9 file.delivered " OWN "\n" REGISTERS ADMITTED)
CASE("T-11: permission denied under code 0", 30, GAPS, "T-11 proved",
     LEASE "1 file.asked " OWN "; 1.01 file.refused n=0 text='Permission denied' " OWN)
CASE("T-08: \"not found\" under code 0 is not found all the same", 30, GAPS, "T-08 proved",
     LEASE "1 file.asked " OWN "; 1.01 file.refused n=0 text='File not found' " OWN
	   "; 1.5 file.asked " DEFAULT_NAME
	   "; 1.51 file.refused n=0 text='No such file or directory' " DEFAULT_NAME)
CASE("T-08: neither own nor default file", 30, GAPS, "T-08 proved",
     LEASE NO_OWN_FILE "2 file.asked " DEFAULT_NAME "; 2.1 file.refused n=1 " DEFAULT_NAME)
CASE("T-09: our cluster knows that the file server is a stranger", 30, WHOLE, "T-09 proved",
     "0 server.own site n=2 peer=10.77.0.2\n" HEALTHY)
CASE("T-10: our server knows a name that differs in case only", 30, WHOLE, "T-10 proved",
     LEASE
     "1 file.asked name=SEP001bd4000001.cnf.xml; 1.1 file.refused n=1 name=SEP001bd4000001.cnf.xml;"
     "1.2 server.near-file name=SEP001bd4000001.cnf.xml text=SEP001BD4000001.cnf.xml")
CASE("T-11: access refused", 30, WHOLE, "T-11 proved",
     LEASE "1 file.asked " OWN "; 1.1 file.refused n=2 text='Access violation' " OWN)
CASE("T-12: another error, in the server's words", 30, WHOLE, "T-12 proved",
     LEASE "1 file.asked " OWN "; 1.1 file.refused n=0 text='Too many transfers' " OWN)
CASE("T-13: TCP 6970 is swallowed and TFTP works", 60, WHOLE, "T-13 proved",
     LEASE "0.5 service.syn; 1.5 service.syn; 3.5 service.syn; 8 file.asked " OWN
	   "; 8.1 file.started " OWN "; 8.2 file.delivered " OWN
	   "; 9 tcp.syn; 9.1 tcp.open; 9.2 sccp.register name=SEP001BD4000001; 9.3 "
	   "sccp.register-ack n=30 a=5; 9.4 sccp.ready")
CASE("T-14: HTTP answers 503 and TFTP works", 60, WHOLE, "T-14 proved",
     LEASE "0.5 file.asked peer=10.77.0.1:6970 " OWN
	   "; 0.6 file.refused n=503 peer=10.77.0.1:6970 " OWN "\n" OWN_FILE REGISTERS ADMITTED)
CASE("T-15: TLS fails on 6971 and 6970 works", 60, WHOLE, "T-15 proved",
     LEASE "0.5 tls.hello peer=10.77.0.1:6971 n=0x303; 0.6 tls.alert peer=10.77.0.1:6971 n=48 a=1;"
	   "0.7 file.asked peer=10.77.0.1:6970 " OWN "; 0.8 file.started peer=10.77.0.1:6970 " OWN
	   "; 0.9 file.delivered peer=10.77.0.1:6970 " OWN "\n" REGISTERS ADMITTED)
CASE("T-16: silence about two files that are not there", 90, WHOLE, "T-16 proved",
     LEASE "1 file.asked " TRUST "; 5 file.asked " TRUST
	   "; 21 file.asked name=ITLSEP001BD4000001.tlv; 41 file.asked " OWN
	   "; 41.1 file.started " OWN "; 41.2 file.delivered " OWN
	   "; 42 tcp.syn; 42.1 tcp.open; 42.2 sccp.register name=SEP001BD4000001; 42.3 "
	   "sccp.register-ack n=30 a=5; 42.4 sccp.ready")
CASE("T-17: seconds before each file begins", 90, WHOLE, "T-17 proved",
     LEASE "1 file.asked " TRUST "; 4 file.started a=3000 " TRUST "; 4.1 file.delivered " TRUST
	   "; 5 file.asked " OWN "; 9 file.started a=4000 " OWN "; 9.1 file.delivered " OWN
	   "; 10 file.asked name=g3-tones.xml; 13 file.started a=3000 name=g3-tones.xml; 13.1 "
	   "file.delivered name=g3-tones.xml;"
	   "14 tcp.syn; 14.1 tcp.open; 14.2 sccp.register name=SEP001BD4000001; 14.3 "
	   "sccp.register-ack n=30 a=5; 14.4 sccp.ready")
CASE("T-18: the first server says no, so the second is not asked", 30, WHOLE,
     "T-18 suspected, T-08 suspected",
     "0 dhcp.discover xid=1 " PHONE
     "; 0.1 dhcp.offer xid=1 yi=10.77.0.51; 0.2 dhcp.request xid=1; 0.3 dhcp.ack xid=1 "
     "yi=10.77.0.51 150=10.77.0.1 150b=10.77.0.2\n" NO_OWN_FILE "2 file.asked " DEFAULT_NAME
     "; 2.1 file.refused n=1 " DEFAULT_NAME)
CASE("F-19: a SIP 7960 does not find its text files", 30, WHOLE, "F-19 proved",
     LEASE "1 file.asked name=SIPDefault.cnf; 1.1 file.refused n=1 name=SIPDefault.cnf; 2 "
	   "file.asked name=SIP001BD4000001.cnf; 2.1 file.refused n=1 name=SIP001BD4000001.cnf")
CASE("F-21: binary files only: an old phone, or no record", 30, WHOLE,
     "F-21 suspected, T-08 suspected",
     LEASE "1 file.asked name=SEP001BD4000001.cnf; 1.1 file.refused n=1 name=SEP001BD4000001.cnf; "
	   "2 file.asked name=SEPDEFAULT.cnf; 2.1 file.refused n=1 name=SEPDEFAULT.cnf")
