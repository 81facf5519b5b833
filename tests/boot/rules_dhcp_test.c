/* DHCP's rules, one scenario each: the fault gives exactly this first finding. */
#include "harness.h"

#include "script.h"

#define ASKS3                                                                                      \
	"0 dhcp.discover xid=1 " PHONE                                                             \
	"; 4 dhcp.discover xid=1 secs=4; 12 dhcp.discover xid=1 secs=12\n"
#define RENEWAL(t)                                                                                 \
	t " dhcp.request ciaddr=10.77.0.51 xid=9; " t ".1 dhcp.ack yi=10.77.0.51 xid=9 "           \
	  "lease=120\n"
#define OFFERED "xid=1 yi=10.77.0.51 server=10.77.0.1 lease=3600 150=10.77.0.1"

CASE("D-02: nobody answers, and a full pool would look the same", 30, WHOLE,
     "D-02 suspected, D-04 suspected", ASKS3)
CASE("D-04: others are answered meanwhile: a full pool comes first", 30, WHOLE,
     "D-04 suspected, D-02 suspected",
     "0 dhcp.discover by=2 xid=9; 0.1 dhcp.offer by=2 xid=9 yi=10.77.0.52; 0.2 dhcp.request by=2 "
     "xid=9; 0.3 dhcp.ack by=2 xid=9 yi=10.77.0.52 lease=60\n"
     "10 dhcp.discover xid=1 " PHONE
     "; 14 dhcp.discover xid=1 secs=4; 22 dhcp.discover xid=1 secs=12")
CASE("D-03: our server says why it keeps silent", 30, WHOLE, "D-03 proved",
     ASKS3 "12.1 server.no-offer text='class filter'")

/* The same as our server tells it. */
static void check_at_server(const char *own, const char *expected)
{
	struct story s;

	story_begin(&s);
	s.vantage = VANTAGE_SERVER;
	story_script(&s, own);
	story_script(&s, ASKS3);
	assert_string_equal(story_findings(&s, 30, true), expected);
	story_end(&s);
}

TEST("D-03: our server heard the phone and sent no OFFER, for no reason it knows of")
{
	check_at_server("0 server.own site n=1 peer=10.77.0.1", "D-03 suspected");
}

TEST("D-03: not when our server gives out no addresses: then it only listens")
{
	check_at_server("0 server.own site n=2 peer=10.77.0.1", "D-02 suspected, D-04 suspected");
}

CASE("D-04: our server says that its pool is empty", 30, WHOLE, "D-04 proved",
     ASKS3 "12.1 server.pool-empty n=50 a=3 b=20")
CASE("D-05: our server says that no subnet holds the relay", 30, WHOLE, "D-05 proved",
     "0 dhcp.discover giaddr=10.88.0.1 " PHONE "; 0.1 server.no-subnet peer=10.88.0.1")
CASE("D-06: OFFERs go out and the phone goes on asking", 30, WHOLE, "D-06 suspected",
     "0 dhcp.discover xid=1 giaddr=10.88.0.1 " PHONE "; 0.1 dhcp.offer giaddr=10.88.0.1 " OFFERED
     "; 4 dhcp.discover xid=1 giaddr=10.88.0.1 secs=4; 4.1 dhcp.offer giaddr=10.88.0.1 " OFFERED)
CASE("D-07: an OFFER without a lease time at the phone's own port proves it", 30, WHOLE,
     "D-07 proved",
     "0 cdp.phone name=SEP001BD4000001; 0 dhcp.discover xid=1 " PHONE
     "; 0.1 dhcp.offer xid=1 yi=10.77.0.51 server=10.77.0.1 150=10.77.0.1; 4 dhcp.discover xid=1 "
     "secs=4")
CASE("D-07: the same seen elsewhere is suspected", 30, WHOLE, "D-07 suspected",
     "0 dhcp.discover xid=1 " PHONE "; 0.1 dhcp.offer xid=1 yi=10.77.0.51 server=10.77.0.1 "
     "150=10.77.0.1; 4 dhcp.discover xid=1 secs=4")
CASE("D-08: three rounds with the broadcast flag asked and not given, at the phone's port", 60,
     WHOLE, "D-08 proved",
     "0 cdp.phone name=SEP001BD4000001; 0 dhcp.discover xid=1 flags=8000 giaddr=10.88.0.1 " PHONE
     "; 0.1 dhcp.offer giaddr=10.88.0.1 " OFFERED
     "; 4 dhcp.discover xid=1 flags=8000 giaddr=10.88.0.1; 4.1 dhcp.offer giaddr=10.88.0.1 " OFFERED
     "; 12 dhcp.discover xid=1 flags=8000 giaddr=10.88.0.1; 12.1 dhcp.offer "
     "giaddr=10.88.0.1 " OFFERED)
CASE("D-09: three NAKs of another server than the one that offers", 60, WHOLE, "D-09 proved",
     "0 dhcp.discover xid=1 " PHONE "; 0.1 dhcp.offer " OFFERED "; 0.2 dhcp.request xid=1;"
     "0.3 dhcp.nak peer=10.77.0.9; 5 dhcp.discover xid=2; 5.1 dhcp.offer " OFFERED
     "; 5.2 dhcp.request xid=2; 5.3 dhcp.nak peer=10.77.0.9; 10 dhcp.discover xid=3; 10.1 "
     "dhcp.offer " OFFERED "; 10.2 dhcp.request xid=3; 10.3 dhcp.nak peer=10.77.0.9")
CASE("D-09: one NAK after a move is normal", 60, WHOLE, "",
     "0 dhcp.request xid=1 " PHONE
     "; 0.1 dhcp.nak; 0.2 dhcp.discover xid=2; 0.3 dhcp.offer " OFFERED
     "; 0.4 dhcp.request xid=2; 0.5 dhcp.ack " OFFERED "\n" OWN_FILE REGISTERS ADMITTED)
CASE("D-10: our server knows that the lease is from a stranger", 90, WHOLE, "D-10 proved",
     "0 server.own site n=1 peer=10.77.0.1; 0 server.foreign-dhcp site peer=192.168.1.1;"
     "0 dhcp.discover xid=1 " PHONE
     "; 0.1 dhcp.offer peer=192.168.1.1 xid=1 yi=192.168.1.9 lease=60;"
     "0.2 dhcp.request xid=1; 0.3 dhcp.ack peer=192.168.1.1 xid=1 yi=192.168.1.9 lease=60")
CASE("D-10: in a capture two servers offer and the one without option 150 wins", 90, GAPS,
     "D-10 suspected, D-12 suspected",
     "0 dhcp.discover xid=1 " PHONE
     "; 0.1 dhcp.offer peer=192.168.1.1 xid=1 yi=192.168.1.9 lease=60; 0.2 dhcp.offer " OFFERED
     "; 0.3 dhcp.request xid=1; 0.4 dhcp.ack peer=192.168.1.1 xid=1 yi=192.168.1.9 lease=60")
CASE("D-10: whoever has the address by siaddr alone need not have been meant to serve files", 90,
     GAPS, "D-10 suspected, D-12 suspected, T-03 suspected",
     "0 dhcp.discover xid=1 " PHONE "; 0.1 dhcp.offer peer=192.168.1.1 xid=1 yi=192.168.1.9 "
     "lease=60; 0.2 dhcp.offer " OFFERED
     "; 0.3 dhcp.request xid=1; 0.4 dhcp.ack peer=192.168.1.1 xid=1 yi=192.168.1.9 lease=60; "
     "1 file.asked peer=192.168.1.1:69 " OWN "; 5 file.asked peer=192.168.1.1:69 " OWN
     "; 5.1 icmp.unreachable peer=192.168.1.1:69 n=3 a=17 text=192.168.1.1")
CASE("D-11: the phone declines after another MAC answered its probe", 60, WHOLE, "D-11 proved",
     LEASE
     "0.4 arp.probe peer=10.77.0.51; 0.5 arp.conflict peer=10.77.0.51 n=1 text=00:11:22:33:44:55;"
     "0.6 dhcp.decline requested=10.77.0.51 text='duplicate'")
CASE("D-12: a lease that names no boot server", 90, WHOLE, "D-12 proved",
     "0 dhcp.discover xid=1 " PHONE "; 0.1 dhcp.offer xid=1 yi=10.77.0.51; 0.2 dhcp.request xid=1;"
     "0.3 dhcp.ack xid=1 yi=10.77.0.51 lease=60; 0.4 arp.answered peer=10.77.0.254")
CASE("D-12: a capture of DHCP alone does not show whether the phone asks for files", 90, WHOLE,
     "D-12 suspected",
     "0 dhcp.discover xid=1 " PHONE "; 0.1 dhcp.offer xid=1 yi=10.77.0.51; 0.2 dhcp.request xid=1;"
     "0.3 dhcp.ack xid=1 yi=10.77.0.51 lease=60")
CASE("D-13: option 150 as text, and the phone refuses the OFFER", 60, WHOLE, "D-13 proved",
     "0 dhcp.discover xid=1 " PHONE "; 0.1 dhcp.offer xid=1 yi=10.77.0.51 server=10.77.0.1 "
     "lease=60 150=49.48.46.49 words=10.136.123.11;"
     "4 dhcp.discover xid=1 secs=4; 4.1 dhcp.offer xid=1 yi=10.77.0.51 server=10.77.0.1 lease=60 "
     "150=49.48.46.49 words=10.136.123.11")
CASE("D-13: option 150 as text, and the phone asks the address it reads there", 60, WHOLE,
     "D-13 proved",
     "0 dhcp.discover xid=1 " PHONE "; 0.1 dhcp.offer xid=1 yi=10.77.0.51; 0.2 dhcp.request xid=1;"
     "0.3 dhcp.ack xid=1 yi=10.77.0.51 lease=60 150=49.48.46.49 words=10.136.123.11;"
     "1 file.asked peer=49.48.46.49 " OWN "; 5 file.asked peer=49.48.46.49 " OWN
     "; 9 file.asked peer=49.48.46.49 " OWN)
#define NAMED                                                                                      \
	"0 dhcp.discover xid=1 " PHONE                                                             \
	"; 0.1 dhcp.offer xid=1 yi=10.77.0.51; 0.2 dhcp.request xid=1;"                            \
	"0.3 dhcp.ack xid=1 yi=10.77.0.51 lease=60 66=tftp.example dns=10.77.0.2\n"
CASE("D-14: DNS does not know the name of option 66", 60, WHOLE, "D-14 proved",
     NAMED "1 dns.asked name=tftp.example n=7; 1.1 dns.failed name=tftp.example n=7 a=3")
CASE("D-14: DNS keeps silent about it", 60, WHOLE, "D-14 proved",
     NAMED "1 dns.asked name=tftp.example n=7; 5 dns.asked name=tftp.example n=8")
CASE("D-14: an answered name is no fault", 60, WHOLE, "",
     NAMED
     "1 dns.asked name=tftp.example n=7; 1.1 dns.answered name=tftp.example n=7 a=1 b=0x0a4d0001;"
     "2 file.asked " OWN "; 2.01 file.started " OWN "; 2.02 file.delivered " OWN "\n"
     "3 tcp.syn; 3.01 tcp.open; 3.02 sccp.register name=SEP001BD4000001; 3.1 sccp.register-ack "
     "n=30 a=5; 3.2 sccp.ready")
CASE("D-15: our server knows that the address of option 150 is none of its TFTP servers", 60, WHOLE,
     "D-15 proved",
     "0 server.own site n=2 peer=10.77.0.1; 0 dhcp.discover xid=1 " PHONE
     "; 0.1 dhcp.offer xid=1 yi=10.77.0.51; 0.2 dhcp.request xid=1;"
     "0.3 dhcp.ack xid=1 yi=10.77.0.51 lease=60 150=10.9.9.9; 1 file.asked peer=10.9.9.9 " OWN
     "; 5 file.asked peer=10.9.9.9 " OWN "; 9 file.asked peer=10.9.9.9 " OWN)
CASE("D-16: a gateway outside the lease's own subnet", 90, WHOLE, "D-16 proved",
     "0 dhcp.discover xid=1 " PHONE "; 0.1 dhcp.offer xid=1 yi=10.77.0.51; 0.2 dhcp.request xid=1;"
     "0.3 dhcp.ack xid=1 yi=10.77.0.51 lease=60 150=10.9.9.9 mask=255.255.255.0 router=10.78.0.1")
CASE("D-16: the gateway does not answer ARP", 90, WHOLE, "D-16 proved",
     "0 cdp.phone name=SEP001BD4000001; 0 dhcp.discover xid=1 " PHONE
     "; 0.1 dhcp.offer xid=1 yi=10.77.0.51; 0.2 dhcp.request xid=1;"
     "0.3 dhcp.ack xid=1 yi=10.77.0.51 lease=60 150=10.9.9.9 mask=255.255.255.0 router=10.77.0.254;"
     "1 arp.asked peer=10.77.0.254; 2 arp.asked peer=10.77.0.254; 3 arp.asked peer=10.77.0.254")
CASE("D-17: two renewals in vain, then the phone starts from nothing", 4000, WHOLE, "D-17 proved",
     HEALTHY "1800 dhcp.request ciaddr=10.77.0.51; 3150 dhcp.request ciaddr=10.77.0.51; 3600 "
	     "dhcp.discover xid=9")
CASE("D-18: released, alive and silent", 200, WHOLE, "D-18 proved",
     LEASE "5 dhcp.release; 60 cdp.phone name=SEP001BD4000001; 120 cdp.phone name=SEP001BD4000001")
CASE("D-18: a RELEASE before the voice VLAN's DISCOVER is no fault", 20, WHOLE, "V-06 proved",
     LEASE "0.5 dhcp.release; 0.6 dhcp.discover xid=2 vlan=110; 0.7 dhcp.offer xid=2 vlan=110; 0.8 "
	   "dhcp.request xid=2 vlan=110;"
	   "0.9 dhcp.ack xid=2 vlan=110 yi=10.110.0.51 mask=255.255.255.0 150=10.77.0.1\n" OWN_FILE
	       REGISTERS ADMITTED)
CASE("D-19: leases of a minute are renewed each half minute", 400, WHOLE, "D-19 proved",
     HEALTHY "30 dhcp.request ciaddr=10.77.0.51; 30.1 dhcp.ack yi=10.77.0.51; 60 dhcp.request "
	     "ciaddr=10.77.0.51; 60.1 dhcp.ack yi=10.77.0.51;"
	     "90 dhcp.request ciaddr=10.77.0.51; 90.1 dhcp.ack yi=10.77.0.51; 120 dhcp.request "
	     "ciaddr=10.77.0.51; 120.1 dhcp.ack yi=10.77.0.51;"
	     "150 dhcp.request ciaddr=10.77.0.51; 150.1 dhcp.ack yi=10.77.0.51; 180 dhcp.request "
	     "ciaddr=10.77.0.51; 180.1 dhcp.ack yi=10.77.0.51;"
	     "210 dhcp.request ciaddr=10.77.0.51; 210.1 dhcp.ack yi=10.77.0.51")
CASE("D-20: it asks a TFTP server DHCP did not name, and is refused", 60, WHOLE,
     "D-20 proved, T-08 proved",
     LEASE "1 file.asked peer=10.9.9.9 " OWN "; 1.1 file.refused n=1 peer=10.9.9.9 " OWN
	   "; 2 file.asked peer=10.9.9.9 " DEFAULT_NAME
	   "; 2.1 file.refused n=1 peer=10.9.9.9 " DEFAULT_NAME)
CASE("D-20: a name in sname beside an address does not make every server a named one", 60, WHOLE,
     "D-20 proved",
     "0 dhcp.discover xid=1; 0.1 dhcp.offer xid=1; 0.2 dhcp.request xid=1; 0.3 dhcp.ack xid=1 "
     "yi=10.77.0.51 sname=1 150=10.77.0.1; 1 file.asked peer=10.9.9.9 " OWN
     "; 5 file.asked peer=10.9.9.9 " OWN "; 9 file.asked peer=10.9.9.9 " OWN)
CASE("D-21: DHCP is silent and the remembered address works", 60, WHOLE, "D-21 proved",
     ASKS3 "30 file.asked " OWN "; 30.01 file.started " OWN "; 30.02 file.delivered " OWN
	   "; 31 tcp.syn; 31.1 tcp.open; 31.2 sccp.register name=SEP001BD4000001; 31.3 "
	   "sccp.register-ack n=30 a=5; 31.4 sccp.ready")
CASE("D-18: released after it had taken its leave, and not heard since: moved or unplugged", 300,
     WHOLE, "", HEALTHY "20 sccp.unregister; 21 dhcp.release")
CASE("D-19: one boot and renewals are a lease too short, and no fault", 900, WHOLE, "D-19 proved",
     HEALTHY RENEWAL("100") RENEWAL("160") RENEWAL("220") RENEWAL("280") RENEWAL("340")
	 RENEWAL("400"))
CASE("D-22: at the phone's port, OFFERs always to the question before: late, not unusable", 60,
     WHOLE, "D-22 proved",
     "0 cdp.phone name=SEP001BD4000001; 1 dhcp.discover xid=1 " PHONE
     "; 5 dhcp.discover xid=2; 5.6 dhcp.offer xid=1 yi=10.77.0.51 server=10.77.0.1 lease=3600;"
     "9 dhcp.discover xid=3; 9.6 dhcp.offer xid=2 yi=10.77.0.51 server=10.77.0.1 lease=3600;"
     "13 dhcp.discover xid=4")
CASE("D-22: each of two DISCOVERs of one number has its OFFER, seconds late", 60, WHOLE,
     "D-22 proved",
     "0 dhcp.discover xid=1 " PHONE "; 4 dhcp.discover xid=1; 5 dhcp.offer xid=1 yi=10.77.0.51 "
     "150=10.77.0.1; 5.1 dhcp.request xid=1; 9 dhcp.offer "
     "xid=1 yi=10.77.0.51 150=10.77.0.1; 10 dhcp.ack xid=1 yi=10.77.0.51 150=10.77.0.1;"
     "10 file.asked " OWN "; 10.01 file.started " OWN "; 10.02 file.delivered " OWN
     "; 11 tcp.syn; 11.1 tcp.open; 11.2 sccp.register name=SEP001BD4000001;"
     "11.3 sccp.register-ack n=30 a=5; 11.4 sccp.ready")
CASE("D-22: not when the first DISCOVER of two was lost", 60, WHOLE, "",
     "0 dhcp.discover xid=1 " PHONE "; 4 dhcp.discover xid=1; 5 dhcp.offer xid=1 yi=10.77.0.51 "
     "150=10.77.0.1; 5.1 dhcp.request xid=1; "
     "5.2 dhcp.ack xid=1 yi=10.77.0.51 150=10.77.0.1;"
     "10 file.asked " OWN "; 10.01 file.started " OWN "; 10.02 file.delivered " OWN
     "; 11 tcp.syn; 11.1 tcp.open; 11.2 sccp.register name=SEP001BD4000001;"
     "11.3 sccp.register-ack n=30 a=5; 11.4 sccp.ready")
CASE("D-22: an OFFER to a question the phone had given up", 60, WHOLE, "D-22 proved",
     "0 dhcp.discover xid=1 " PHONE
     "; 4 dhcp.discover xid=2; 9 dhcp.offer xid=1 yi=10.77.0.51; 9.1 dhcp.request xid=1; 9.2 "
     "dhcp.ack xid=1 yi=10.77.0.51 150=10.77.0.1;"
     "10 file.asked " OWN "; 10.01 file.started " OWN "; 10.02 file.delivered " OWN
     "; 11 tcp.syn; 11.1 tcp.open; 11.2 sccp.register name=SEP001BD4000001;"
     "11.3 sccp.register-ack n=30 a=5; 11.4 sccp.ready")
CASE("T-01: a good lease and no question for a minute, at the phone's port", 90, WHOLE,
     "T-01 proved", "0 cdp.phone name=SEP001BD4000001\n" LEASE)
CASE("T-01: at the DHCP server's port nothing else would be seen: suspected", 90, WHOLE,
     "T-01 suspected", LEASE)
CASE("T-01: where only broadcasts are seen it is suspected", 90, WHOLE, "T-01 suspected",
     "0 dhcp.discover xid=1 flags=8000 " PHONE
     "; 0.1 dhcp.offer xid=1 flags=8000 yi=10.77.0.51; 0.2 dhcp.request xid=1;"
     "0.3 dhcp.ack xid=1 flags=8000 yi=10.77.0.51 lease=60 150=10.77.0.1")
CASE("D-01: it announces itself and asks for nothing", 90, WHOLE, "D-01 suspected",
     "0 cdp.phone name=SEP001BD4000001 text='Cisco IP Phone 7960'; 60 cdp.phone "
     "name=SEP001BD4000001")
