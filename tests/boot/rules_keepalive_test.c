/* Phones that were registered. */
#include "harness.h"

#include "script.h"

#define B "peer=10.77.0.2:2000"
#define TO_A(t)                                                                                    \
	t " sccp.register name=SEP001BD4000001; " t ".1 sccp.register-ack n=30 a=5; " t            \
	  ".2 sccp.ready\n"
#define TO_B(t)                                                                                    \
	t " sccp.register name=SEP001BD4000001 " B "; " t ".1 sccp.register-ack n=30 a=5 " B       \
	  "; " t ".2 sccp.ready " B "\n"

CASE("K-01: three keepalives TCP takes and nobody answers", 150, WHOLE, "K-01 proved",
     HEALTHY "33 sccp.keepalive; 63 sccp.keepalive; 93 sccp.keepalive")
CASE("K-01: TCP sends them again: the way, and in which direction is open", 150, WHOLE,
     "K-02 suspected, K-01 suspected",
     HEALTHY "33 sccp.keepalive; 34 tcp.again n=1 a=2 b=12; 63 sccp.keepalive; 64 tcp.again n=1 "
	     "a=3 b=12; 93 sccp.keepalive")
CASE("K-01: nothing comes back, so TCP sends the first one again and keeps the others", 80, WHOLE,
     "K-02 suspected, K-01 suspected",
     HEALTHY "33 sccp.keepalive; 33.2 tcp.again n=1 a=2 b=12; 33.4 tcp.again n=1 a=3 b=12; 34 "
	     "tcp.again n=1 a=4 b=12; 46 tcp.again n=1 a=8 b=12")
CASE("K-01: not before the next one is due", 60, WHOLE, "",
     HEALTHY "33 sccp.keepalive; 33.2 tcp.again n=1 a=2 b=12; 33.4 tcp.again n=1 a=3 b=12; 34 "
	     "tcp.again n=1 a=4 b=12; 46 tcp.again n=1 a=8 b=12")
CASE("K-01: one that was lost twice and arrived is no fault", 80, WHOLE, "",
     HEALTHY
     "33 sccp.keepalive; 33.2 tcp.again n=1 a=2 b=12; 33.4 tcp.again n=1 a=3 b=12; 34 "
     "tcp.again n=1 a=4 b=12; 34.1 tcp.acked n=1; 34.2 sccp.keepalive-ack; 63 sccp.keepalive; "
     "63.1 sccp.keepalive-ack")
CASE("K-02: … and the server acknowledges what the phone sends again", 150, WHOLE, "K-02 proved",
     HEALTHY "33 sccp.keepalive; 33.1 sccp.keepalive-ack; 33.2 tcp.again n=1 a=2 b=12; 33.21 "
	     "tcp.acked n=1; 34 tcp.again n=2 a=2 b=12; 36 tcp.again n=2 a=3 b=12; 36.1 tcp.again "
	     "n=1 a=3 b=12; 36.11 tcp.acked n=1")
CASE("K-02: the server's answers are sent again and again, and so is what they answer", 150, WHOLE,
     "K-02 proved",
     HEALTHY "33 sccp.keepalive; 33.1 sccp.keepalive-ack; 34 tcp.again n=2 a=2 b=12; 36 tcp.again "
	     "n=2 a=3 b=12; 36.5 tcp.again n=1 a=4 b=12; 40 tcp.again n=2 a=4 b=12")
CASE("K-02: … but a phone that says nothing more may have lost its power", 150, WHOLE,
     "K-02 suspected",
     HEALTHY "33 sccp.keepalive; 33.1 sccp.keepalive-ack; 34 tcp.again n=2 a=2 b=12; 36 tcp.again "
	     "n=2 a=3 b=12; 40 tcp.again n=2 a=4 b=12")
CASE("K-03: to and fro, and the losing half's word", 900, WHOLE, "K-03 proved",
     LEASE OWN_FILE
	 TO_A("3") "130 phone.last text=KeepaliveTO n=15 " B
		   "\n" TO_B("131") "270 phone.last text=Failback n=18\n" TO_A(
		       "271") "400 phone.last text=KeepaliveTO n=15 " B
			      "\n" TO_B("401") "540 phone.last text=Failback n=18\n" TO_A("541"))
CASE("K-03: one failover and one failback are normal", 900, WHOLE, "",
     LEASE OWN_FILE TO_A("3") TO_B("131") "270 phone.last text=Failback n=18\n" TO_A("271"))
CASE("K-04: sixteen minutes and two, by SIP", 5000, WHOLE, "K-04 suspected",
     LEASE OWN_FILE
     "2 sip.register a=1 " SIP_DEVICE "; 2.1 sip.registered n=120; 960 sip.registered n=120 " B
     "; 1080 sip.registered n=120; 2040 sip.registered n=120 " B
     "; 2160 sip.registered n=120; 3120 sip.registered n=120 " B "; 3240 sip.registered n=120")
CASE("K-05: cut after the same silence each time, by a stranger", 900, WHOLE, "K-05 proved",
     LEASE OWN_FILE TO_A("3") "63.2 tcp.reset n=2 a=250 b=62\n" TO_A(
	 "70") "130.2 tcp.reset n=2 a=250 b=62\n" TO_A("140") "200.2 tcp.reset n=2 a=250 "
							      "b=62\n" TO_A("210"))
CASE(
    "K-05: the word after the silence is what the stranger answers", 900, WHOLE, "K-05 proved",
    LEASE OWN_FILE TO_A("3") "63.1 sccp.keepalive; 63.2 tcp.reset n=2 a=250 b=62\n" TO_A(
	"70") "130.1 sccp.keepalive; 130.2 tcp.reset n=2 a=250 b=62\n" TO_A("140") "200.1 "
										   "sccp.keepalive;"
										   " 200.2 "
										   "tcp.reset n=2 "
										   "a=250 "
										   "b=62\n" TO_A(
										       "210"))
CASE("K-06: gone within seconds of a call, twice", 400, WHOLE, "K-06 proved",
     LEASE OWN_FILE TO_A("3") "50 sccp.call text=OffHook; 52 tcp.reset n=2\n" TO_A(
	 "60") "90 sccp.call text=OffHook; 91 tcp.reset n=2\n" TO_A("99"))
CASE("K-06: a call that ends in order is no fault", 400, WHOLE, "",
     HEALTHY
     "50 sccp.call text=OffHook; 52 sccp.call text=OpenReceiveChannelAck; 80 sccp.call text=OnHook")
CASE("K-07: three of three phones lose the server at once", 60, WHOLE, "K-07 proved",
     HEALTHY "5 sccp.register-ack by=2 n=30 a=5; 5 sccp.register-ack by=3 n=30 a=5; 50 tcp.closed "
	     "n=2; 50.1 tcp.closed by=2 n=2; 50.2 tcp.closed by=3 n=2")
CASE("K-07: three of three phones lose it and are well again at another: a remark", 60, WHOLE,
     "K-07 proved",
     HEALTHY "5 sccp.register-ack by=2 n=30 a=5; 5 sccp.register-ack by=3 n=30 a=5; 20 tcp.closed "
	     "n=2; 20.1 tcp.closed by=2 n=2; 20.2 tcp.closed by=3 n=2\n" TO_B("21"))
CASE("K-08: told to reset: a remark", 60, WHOLE, "K-08 proved",
     HEALTHY "50 sccp.reset n=1; 50.1 sccp.unregister; 50.2 tcp.closed n=1")
CASE("K-11: registered with its gateway, which is in no list", 60, WHOLE, "K-11 proved",
     LEASE OWN_FILE
     "1.03 config.read " OWN
     " text=SCCP n=1; 1.04 config.server peer=10.77.0.9 n=1 name=10.77.0.9; 2 tcp.syn "
     "peer=10.77.0.254:2000; 2.1 tcp.open peer=10.77.0.254:2000;"
     "2.2 sccp.register peer=10.77.0.254:2000 name=SEP001BD4000001; 2.3 sccp.register-ack "
     "peer=10.77.0.254:2000 n=30 a=5; 2.4 sccp.ready peer=10.77.0.254:2000")
CASE("K-12: a flood of messages", 60, WHOLE, "K-12 proved", HEALTHY "50 sccp.flood n=2400")
CASE("K-13: another MAC has the address", 60, WHOLE, "K-13 proved",
     HEALTHY "0.5 arp.gratuitous peer=10.77.0.51; 50 arp.conflict peer=10.77.0.51 n=2 "
	     "text=00:11:22:33:44:55")
CASE("K-13: an address the phone gave back may be another's", 60, WHOLE, "",
     HEALTHY "0.5 arp.gratuitous peer=10.77.0.51; 20 sccp.unregister; 21 dhcp.release; 50 "
	     "arp.conflict peer=10.77.0.51 n=2 text=00:11:22:33:44:55")
CASE("K-13: behind a router, whose MAC answers for everybody, it is no fault", 60, WHOLE, "",
     HEALTHY "50 arp.conflict peer=10.77.0.51 n=2 text=00:11:22:33:44:55")
CASE("a phone watched from the middle of its life is in service", 60, WHOLE, "",
     "1 sccp.keepalive; 1.1 sccp.keepalive-ack; 31 sccp.keepalive; 31.1 sccp.keepalive-ack")
CASE("a phone in service that loses its server and calls in vain is none any more", 60, WHOLE,
     "R-01 proved",
     "1 sccp.keepalive; 1.1 sccp.keepalive-ack; 20 tcp.reset n=2; 21 tcp.syn; 22 tcp.syn; 24 "
     "tcp.syn; 28 tcp.syn")
CASE("K-16: extension mobility: a remark", 60, WHOLE, "K-16 proved", HEALTHY "50 server.gone n=19")
CASE("K-17: somebody pressed **#**: a remark", 60, WHOLE, "K-17 proved",
     LEASE OWN_FILE REGISTERS "2.03 phone.last n=20 text=Phone-Keypad\n" ADMITTED)
CASE("K-18: registered with a server that is not ours", 60, WHOLE, "K-18 proved",
     "0 server.own site n=3 peer=10.77.0.9\n" HEALTHY)
CASE("K-20: its file chose delayed detection, and it lost its server", 60, WHOLE, "K-20 proved",
     HEALTHY "1.03 config.read " OWN " n=1 b=4; 50 tcp.closed n=1")

TEST("K-19: silent for longer than a keepalive and not yet for three")
{
	struct story s;
	story_begin(&s);
	s.vantage = VANTAGE_SERVER;
	story_script(&s, HEALTHY);
	assert_string_equal(story_findings(&s, 60, true), "K-19 suspected");
	assert_string_equal(story_findings(&s, 30, true), "");
	story_end(&s);
}

TEST("K-03 names the period, the losing half and its word in our words")
{
	struct story s;
	story_begin(&s);
	story_script(
	    &s,
	    LEASE OWN_FILE TO_A(
		"3") "130 phone.last text=KeepaliveTO n=15 " B
		     "\n" TO_B("131") "270 phone.last text=Failback n=18\n" TO_A(
			 "271") "400 phone.last text=KeepaliveTO n=15 " B
				"\n" TO_B("401") "540 phone.last text=Failback n=18\n" TO_A("541"));
	(void)story_judge(&s, 900, true);
	const char *text = s.report.finding[0].text;
	assert_non_null(strstr(text, "between 10.77.0.1 and 10.77.0.2"));
	assert_non_null(strstr(text, "one round each 269 s"));
	assert_non_null(
	    strstr(text, "it leaves 10.77.0.1 for KeepaliveTO: keepalives went unanswered"));
	story_end(&s);
}
