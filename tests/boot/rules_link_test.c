/* Rules of power, link, voice VLAN. */
#include "harness.h"

#include "script.h"

#define CDP                                                                                        \
	"0 cdp.phone name=SEP001BD4000001 text='Cisco IP Phone 7960' n=1; 0.1 cdp.switch "         \
	"name=Switch3 text=Fa0/12 n=110 a=1\n"
#define TAGGED                                                                                     \
	"1 dhcp.discover xid=1 vlan=110 " PHONE                                                    \
	"; 1.1 dhcp.offer xid=1 vlan=110; 1.2 dhcp.request xid=1 vlan=110;"                        \
	"1.3 dhcp.ack xid=1 vlan=110 yi=10.77.0.51 150=10.77.0.1 mask=255.255.255.0\n"
#define GOES_ON                                                                                    \
	"40 file.asked " OWN "; 40.01 file.started " OWN "; 40.02 file.delivered " OWN             \
	"; 41 tcp.syn; 41.1 tcp.open; 41.2 sccp.register name=SEP001BD4000001; 41.3 "              \
	"sccp.register-ack n=30 a=5; 41.4 sccp.ready\n"

#define STORM HEALTHY "32 lan.storm site n=5000\n"

CASE("P-03: the link is lost three times, and each time the phone says cold start", 200, WHOLE,
     "P-03 proved",
     "0 link.up; 1 dhcp.discover " PHONE
     "; 5 link.down; 20 link.up; 21 phone.last text=Initialized; 25 link.down; 40 link.up; 41 "
     "phone.last text=Initialized;"
     "45 link.down; 60 link.up; 61 phone.last text=Initialized")
CASE("P-04: CDP of both sides tells of different duplex", 90, WHOLE, "P-04 proved, T-01 proved",
     "0 cdp.phone name=SEP001BD4000001 b=1; 0.1 cdp.switch name=S text=Fa0/1 n=110 b=2\n" LEASE)
CASE("P-04: a refused phone's duplex is a remark: it is not why the server refuses", 90, WHOLE,
     "R-05 suspected, R-06 suspected, R-08 suspected",
     "0 cdp.phone name=SEP001BD4000001 b=1; 0.1 cdp.switch name=S text=Fa0/1 n=110 b=2\n" LEASE
	 NO_OWN_FILE DEFAULT_FILE REGISTERS "2.1 sccp.register-reject text='Error DBConfig'")
CASE("P-05: half a minute is lost, then DHCP answers at once: a remark", 60, WHOLE, "P-05 proved",
     "0 link.up; 0.5 dhcp.discover xid=1 " PHONE
     "; 4 dhcp.discover xid=1 secs=4; 12 dhcp.discover xid=1 secs=12; 28 dhcp.discover xid=1 "
     "secs=28; 33 dhcp.discover xid=1 secs=33;"
     "33.1 dhcp.offer xid=1 yi=10.77.0.51; 33.2 dhcp.request xid=1; 33.3 dhcp.ack xid=1 "
     "yi=10.77.0.51 150=10.77.0.1\n" GOES_ON)
CASE("P-06: an image breaks off and silence follows", 200, WHOLE, "P-06 suspected",
     LEASE OWN_FILE "2 file.asked name=P00308010200.sbn; 2.1 file.started name=P00308010200.sbn")
CASE("V-01: the phone asks for a VLAN, nobody names one, and it gets no address", 40, WHOLE,
     "V-01 suspected, D-02 suspected, D-04 suspected",
     "0 cdp.phone name=SEP001BD4000001 n=1; 0.1 cdp.switch name=S text=Fa0/1 n=0; 15 "
     "dhcp.discover " PHONE "; 19 dhcp.discover; 27 dhcp.discover")
CASE("V-01: a flat network is no fault", 40, WHOLE, "",
     "0 cdp.phone name=SEP001BD4000001 n=1; 0.1 cdp.switch name=S text=Fa0/1 n=0\n" HEALTHY)
CASE("V-02: this port names another VLAN than the switch's other ports", 60, WHOLE,
     "V-02 suspected, D-02 suspected, D-04 suspected",
     "0 cdp.switch by=2 name=S text=Fa0/2 n=110; 0 cdp.switch by=3 name=S text=Fa0/3 n=110; 0 "
     "cdp.phone name=SEP001BD4000001 n=1; 0.1 cdp.switch name=S text=Fa0/1 n=111;"
     "1 dhcp.discover vlan=111 " PHONE "; 5 dhcp.discover vlan=111; 13 dhcp.discover vlan=111")
CASE("V-04: it tags with a VLAN nobody named", 60, WHOLE,
     "V-04 suspected, D-02 suspected, D-04 suspected",
     CDP "1 dhcp.discover vlan=99 " PHONE "; 5 dhcp.discover vlan=99; 13 dhcp.discover vlan=99")
CASE("V-05: EAP-Failure", 60, WHOLE, "V-05 proved",
     "0 cdp.phone name=SEP001BD4000001; 1 eapol.start; 2 eap.request n=1; 3 eap.failure")
CASE("V-05: EAPOL-Start three times and nobody asks", 90, WHOLE, "V-05 proved",
     CDP "1 eapol.start; 31 eapol.start; 61 eapol.start")
CASE("V-05: a mirror of what the phone sends alone sees no answer ever: suspected", 90, WHOLE,
     "V-05 suspected",
     "0 cdp.phone name=SEP001BD4000001; 1 eapol.start; 31 eapol.start; 61 eapol.start")
CASE("V-05: refused, and then DHCP is asked: the port may have let it in by its MAC", 90, WHOLE,
     "V-05 suspected, D-02 suspected, D-04 suspected",
     CDP "1 eapol.start; 2 eap.failure; 9 dhcp.discover vlan=110 " PHONE
	 "; 13 dhcp.discover vlan=110; 21 dhcp.discover vlan=110")
CASE("V-06: two leases in one boot are remarked", 50, WHOLE, "V-06 proved",
     LEASE "8 dhcp.discover xid=2 vlan=110; 8.1 dhcp.offer xid=2 vlan=110; 8.2 dhcp.request xid=2 "
	   "vlan=110; 8.3 dhcp.ack xid=2 vlan=110 yi=10.110.0.9 mask=255.255.255.0 "
	   "150=10.77.0.1\n" GOES_ON)
CASE(
    "V-07: its own file switched CDP and LLDP off", 400, WHOLE, "V-07 proved",
    HEALTHY
    "1.03 config.read " OWN
    " text=SCCP n=1 b=3; 200 dhcp.discover xid=5; 204 dhcp.discover xid=5; 212 dhcp.discover xid=5")
CASE("K-14: a storm while the phone is unreachable is suspected", 60, WHOLE,
     "K-14 suspected, D-02 suspected, D-04 suspected",
     "3 lan.storm site n=5000; 0 dhcp.discover " PHONE "; 4 dhcp.discover; 12 dhcp.discover")
CASE("K-14: a registered phone whose keepalives drown", 90, WHOLE,
     "K-14 suspected, K-02 suspected, K-01 suspected",
     STORM "33 sccp.keepalive; 33.2 tcp.again n=1 a=2 b=12; 33.4 tcp.again n=1 a=3 b=12; 34 "
	   "tcp.again n=1 a=4 b=12; 46 tcp.again n=1 a=8 b=12; 63 lan.storm site n=5000; 80 "
	   "tcp.again n=1 a=16 b=12")
CASE("K-14: in a storm a silent CallManager is not proved to be at fault", 90, WHOLE,
     "K-14 suspected, R-01 suspected",
     STORM "33 tcp.closed n=2; 34 tcp.syn; 35 tcp.syn; 37 tcp.syn; 41 tcp.syn; 49 tcp.syn")
CASE("K-14: a phone that stands the storm has no fault", 70, WHOLE, "",
     STORM "33 sccp.keepalive; 33.1 sccp.keepalive-ack; 63 sccp.keepalive; 63.1 "
	   "sccp.keepalive-ack")
CASE("K-14: a storm of long ago explains nothing", 900, WHOLE, "R-01 proved",
     STORM "833 tcp.closed n=2; 834 tcp.syn; 835 tcp.syn; 837 tcp.syn; 841 tcp.syn; 849 tcp.syn")
CASE("a phone that learns its VLAN and boots on has no fault", 60, WHOLE, "", CDP TAGGED GOES_ON)
