/* The way to a CallManager, and its answers. */
#include "harness.h"

#include "script.h"

#define UNTIL LEASE OWN_FILE
#define LOST3 "2 tcp.syn; 3 tcp.syn; 5 tcp.syn; 9 tcp.syn\n"

static const struct {
	bool phone;
	const char *script;
} stations[] = {
    /* conference bridge, transcoder, voice-mail port: one of them refused */
    {false, CALLS "2.1 sccp.register name=CFB001122334455 n=51; 2.2 sccp.register-reject"},
    {false, CALLS "2.1 sccp.register name=MTP001122334455 n=111\n" ADMITTED},
    {false, CALLS "2.1 sccp.register name=CiscoUM1-VI1 n=80\n" ADMITTED},
    /* the other end of a SIP trunk; a scanner; a bandwidth test on TCP 2000 */
    {false, "0 tcp.syn peer=10.77.0.1:5060; 1 tcp.syn peer=10.77.0.1:5060; 3 tcp.syn "
	    "peer=10.77.0.1:5060"},
    {false, "0 tcp.syn; 0 tcp.refused; 0 tcp.syn peer=10.77.0.1:5060; 0 tcp.refused "
	    "peer=10.77.0.1:5060"},
    {false, "0 tcp.syn peer=10.77.0.1:2000; 0 tcp.syn peer=10.77.0.2:2000; 0 tcp.syn "
	    "peer=10.77.0.3:2000; 0 tcp.syn peer=10.77.0.4:2000; 0 tcp.syn peer=10.77.0.5:2000; 0 "
	    "tcp.syn peer=10.77.0.6:2000"},
    {false, CALLS "9 tcp.closed n=1 a=16 b=28004; 10 tcp.syn; 10.001 tcp.refused"},
    /* a phone that only knocks */
    {true, "0 tcp.syn; 1 tcp.syn; 3 tcp.syn"},
    {true, CALLS "2.1 tcp.closed n=2"},
};

TEST("what registers or knocks and is no phone is not told as one")
{
	for (size_t i = 0; i < sizeof stations / sizeof *stations; i++) {
		static struct story story;
		story_begin(&story);
		story_script(&story, stations[i].script);
		assert_int_equal(story_is_phone(&story), stations[i].phone);
		story_end(&story);
	}
}

CASE("R-01: SYN after SYN", 30, WHOLE, "R-01 proved", UNTIL LOST3)
CASE("R-01: a mirror of one direction sees every answer missing: suspected", 30, WHOLE,
     "R-01 suspected", LOST3)
CASE("R-01: a router says that a filter forbids it: no port is closed", 30, WHOLE, "R-01 proved",
     UNTIL "2 tcp.syn; 2.002 icmp.unreachable peer=10.77.0.1:2000 n=13 a=6 text=10.77.0.254; 2.002 "
	   "tcp.refused n=1; 7 tcp.syn; 7.002 icmp.unreachable peer=10.77.0.1:2000 n=13 a=6; 7.002 "
	   "tcp.refused n=1")
CASE("R-01: host unreachable, seconds after the SYN", 30, WHOLE, "R-01 proved",
     UNTIL "2 tcp.syn; 5 icmp.unreachable peer=10.77.0.1:2000 n=1 a=6 text=10.77.0.254; 5 "
	   "tcp.refused n=1")
CASE("R-01: what the phone sends alone is seen, at its own port too: suspected", 30, WHOLE,
     "R-01 suspected", "0 cdp.phone name=SEP001BD4000001\n" LOST3)
CASE("R-05: a refusal comes before the standby that does not answer", 60, WHOLE,
     "R-05 suspected, R-06 suspected, R-08 suspected",
     LEASE NO_OWN_FILE DEFAULT_FILE REGISTERS
     "2.1 sccp.register-reject text='Error DBConfig'; 3 tcp.syn peer=10.77.0.2:2000; 4 tcp.syn "
     "peer=10.77.0.2:2000; 6 tcp.syn peer=10.77.0.2:2000; 10 tcp.syn peer=10.77.0.2:2000")
CASE("R-05: 403 without a reason, to a phone that has no file of its own", 60, WHOLE,
     "R-05 suspected, R-08 suspected",
     LEASE NO_OWN_FILE DEFAULT_FILE SIP_REGISTERS "2.2 sip.refused n=403 text=Forbidden")
CASE("R-08: 403 without a reason, to a phone with a file of its own", 60, WHOLE, "R-08 suspected",
     UNTIL SIP_REGISTERS "2.2 sip.refused n=403 text=Forbidden")
CASE("R-02: the next of its list has its turn", 4, WHOLE, "",
     UNTIL "2 tcp.syn; 2.001 tcp.refused; 2.1 tcp.syn peer=10.77.0.2:2000")
CASE("R-01 and R-02 of two servers stand side by side", 30, WHOLE, "R-02 proved, R-01 proved",
     UNTIL "2 tcp.syn; 2.001 tcp.refused; 2.1 tcp.syn peer=10.77.0.2:2000; 3 tcp.syn "
	   "peer=10.77.0.2:2000; 5 tcp.syn peer=10.77.0.2:2000; 9 tcp.syn peer=10.77.0.2:2000")
CASE("R-02: RST at once", 30, GAPS, "R-02 proved", UNTIL "2 tcp.syn; 2.001 tcp.refused")
CASE("R-03: Register and silence", 60, WHOLE, "R-03 proved", UNTIL REGISTERS)
CASE("R-03: a Register that TCP sends again may not have arrived", 60, WHOLE, "R-03 suspected",
     UNTIL REGISTERS "3 tcp.again n=1 a=2 b=200; 5 tcp.again n=1 a=3 b=200")
CASE("R-04: closed at once, twice", 60, WHOLE, "R-04 proved",
     UNTIL CALLS "2.1 tcp.closed n=2; 10 tcp.syn; 10.1 tcp.open; 10.2 tcp.closed n=2")
CASE("R-04: TLS to a plain port", 60, WHOLE, "R-04 proved",
     UNTIL CALLS "2.1 tls.mismatch n=1; 2.2 tcp.closed n=2")
CASE("R-05: our server's word", 60, WHOLE, "R-05 proved",
     LEASE NO_OWN_FILE DEFAULT_FILE REGISTERS "2.1 sccp.register-reject text='Not in DB, auto-reg "
					      "off R-05'; 2.2 server.refused n=2 text=R-05")
CASE("R-05: foreign words suspect three rows", 60, WHOLE,
     "R-05 suspected, R-06 suspected, R-08 suspected",
     LEASE NO_OWN_FILE DEFAULT_FILE REGISTERS "2.1 sccp.register-reject text='Error DBConfig'")
CASE("R-05: \"Registration Rejected\" says no more than nothing", 60, WHOLE,
     "R-05 suspected, R-06 suspected, R-08 suspected",
     LEASE NO_OWN_FILE DEFAULT_FILE REGISTERS
     "2.1 sccp.register-reject text='Registration Rejected'")
CASE("R-08: the same to a phone with a file of its own", 60, WHOLE, "R-08 suspected",
     UNTIL REGISTERS "2.1 sccp.register-reject text='Registration Rejected.'")
CASE("R-04: a server that hangs up on each Register has answered it", 60, WHOLE, "R-04 proved",
     UNTIL REGISTERS "2.1 tcp.closed n=2 a=200; 10 tcp.syn; 10.1 tcp.open; 10.15 sccp.register "
		     "name=SEP001BD4000001; 10.2 tcp.closed n=2 a=200")
CASE("R-06: our server's word", 60, WHOLE, "R-06 proved",
     LEASE NO_OWN_FILE DEFAULT_FILE REGISTERS
     "2.1 sccp.register-reject text='No free auto-reg DN R-06'")
CASE("R-07: refused here, taken there, with the default file", 60, WHOLE, "R-07 suspected",
     LEASE NO_OWN_FILE DEFAULT_FILE REGISTERS
     "2.1 sccp.register-reject text='Error DBConfig'; 3 tcp.syn peer=10.77.0.2:2000; 3.1 tcp.open "
     "peer=10.77.0.2:2000;"
     "3.2 sccp.register peer=10.77.0.2:2000 name=SEP001BD4000001; 3.3 sccp.register-ack "
     "peer=10.77.0.2:2000 n=30 a=5; 3.4 sccp.ready peer=10.77.0.2:2000")
CASE("X-02: refused here, taken there, with a file of its own", 60, WHOLE, "X-02 suspected",
     UNTIL REGISTERS
     "2.1 sccp.register-reject text='Error DBConfig'; 3 tcp.syn peer=10.77.0.2:2000; 3.1 tcp.open "
     "peer=10.77.0.2:2000;"
     "3.2 sccp.register peer=10.77.0.2:2000 name=SEP001BD4000001; 3.3 sccp.register-ack "
     "peer=10.77.0.2:2000 n=30 a=5; 3.4 sccp.ready peer=10.77.0.2:2000")
CASE("R-08: a file of its own and \"Error DBConfig\"", 60, WHOLE, "R-08 suspected",
     UNTIL REGISTERS "2.1 sccp.register-reject text='Error DBConfig'")
CASE("X-04: its twin, of the same model, is taken by the same server", 60, WHOLE,
     "X-04 suspected, R-08 suspected",
     "0 tcp.syn by=2; 0.1 tcp.open by=2; 0.2 sccp.register by=2 name=SEP001BD4000002 n=7; 0.3 "
     "sccp.register-ack by=2 n=30\n" UNTIL REGISTERS
     "2.1 sccp.register-reject text='Error DBConfig'")
CASE("X-04: another model's phone is no twin", 60, WHOLE, "R-08 suspected",
     "0 tcp.syn by=2; 0.1 tcp.open by=2; 0.2 sccp.register by=2 name=SEP001BD4000002 n=8; 0.3 "
     "sccp.register-ack by=2 n=30\n" UNTIL REGISTERS
     "2.1 sccp.register-reject text='Error DBConfig'")
CASE("R-08: our server's word", 60, WHOLE, "R-08 proved",
     UNTIL REGISTERS "2.1 sccp.register-reject text='Database error R-08'")
CASE("R-09: 404 to a phone with a file of its own", 60, WHOLE, "R-09 suspected",
     UNTIL SIP_REGISTERS "2.2 sip.refused n=404 text='Not Found'")
CASE("R-05: 404 to a phone with the default file", 60, WHOLE, "R-05 suspected",
     LEASE NO_OWN_FILE DEFAULT_FILE SIP_REGISTERS "2.2 sip.refused n=404 text='Not Found'")
TEST("a SIP registration ends when the same line is refused, not when another line is")
{
	static const struct {
		const char *script;
		enum phone_status status;
	} ends[] = {
	    {"115 sip.register a=2 " SIP_DEVICE "; 115.1 sip.refused n=404 text='Not Found'",
	     PHONE_STATUS_REFUSED},
	    {"115 sip.register a=2 " SIP_DEVICE "; 115.1 sip.refused n=503 text='Busy'",
	     PHONE_STATUS_REGISTERED},
	    {"3 sip.register a=2 name=SEP001BD4000001 text=1002 n=621; 3.1 sip.refused n=404 "
	     "text='Not Found'",
	     PHONE_STATUS_DEGRADED},
	};
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		static struct story story;
		story_begin(&story);
		story_script(&story, UNTIL SIP_REGISTERS SIP_ADMITTED);
		story_script(&story, ends[i].script);
		assert_int_equal(story_judge(&story, 130, true)->status, ends[i].status);
		story_end(&story);
	}
}

CASE("R-16: the gaps are those before the first acceptance, not of the life after", 900, WHOLE,
     "R-16 proved",
     "0 sip.register a=1 " SIP_DEVICE
     "; 0.1 sip.challenged n=401 a=1; 150 sip.register a=2 b=1 " SIP_DEVICE
     "; 150.1 sip.registered n=1200 a=2 text=1001; 700 sip.register a=3 " SIP_DEVICE
     "; 700.1 sip.registered n=1200 a=3 text=1001")
TEST("a phone is up since its first acceptance, and its boot's gaps end there")
{
	static struct story story;
	story_begin(&story);
	story_script(&story,
		     "0 sip.register a=1 " SIP_DEVICE
		     "; 0.1 sip.challenged n=401 a=1; 150 sip.register a=2 b=1 " SIP_DEVICE
		     "; 150.1 sip.registered n=1200 a=2 text=1001; 700 sip.register a=3 " SIP_DEVICE
		     "; 700.1 sip.registered n=1200 a=3 text=1001");
	const struct phone_report *r = story_judge(&story, 900, true);
	assert_string_equal(r->finding[0].text, "150 s until registered; longest: 150 s until the "
						"phone answers a challenge (401).");
	assert_int_equal(r->boot[0].step[STEP_S4B].at, DT_MS(150100));
	story_end(&story);
}
CASE("R-10: credentials and 401, twice", 60, WHOLE, "R-10 proved",
     UNTIL "2 sip.register a=1 " SIP_DEVICE
	   "; 2.1 sip.challenged n=401 a=1; 2.2 sip.register a=2 b=1 " SIP_DEVICE
	   "; 2.3 sip.challenged n=401 a=2 c=1; 2.4 sip.register a=3 b=1 " SIP_DEVICE
	   "; 2.5 sip.challenged n=401 a=3 c=1")
#define BULK(t) t " sip.register b=2 " SIP_DEVICE "; " t ".1 sip.registered n=120 text=1001\n"
CASE("K-10: a refresh after the end, without the body of all lines", 400, WHOLE, "K-10 suspected",
     UNTIL BULK("2") "300 sip.register " SIP_DEVICE "; 300.1 sip.registered n=120 text=1001")
CASE("K-10: refreshes in time need no body", 400, WHOLE, "",
     UNTIL BULK("2") "117 sip.register " SIP_DEVICE "; 117.1 sip.registered n=120 text=1001; 232 "
		     "sip.register " SIP_DEVICE "; 232.1 sip.registered n=120 text=1001")
CASE("R-11: 503", 60, WHOLE, "R-11 proved",
     UNTIL SIP_REGISTERS "2.2 sip.refused n=503 text='Service Unavailable'")
CASE("R-11: a token refused and nothing after", 90, WHOLE, "R-11 proved",
     UNTIL CALLS "2.1 sccp.token-req; 2.2 sccp.token-reject n=60")
CASE("R-12: our server's code", 60, WHOLE, "R-12 suspected",
     UNTIL REGISTERS "2.1 sccp.register-reject text='Version not taken'; 2.2 server.refused n=18")
CASE("R-13: a question that is never answered", 60, WHOLE, "R-13 proved",
     UNTIL REGISTERS "3 sccp.register-ack n=30 a=5; 3.1 sccp.asked n=12 text=ConfigStatReq")
CASE("R-13: acknowledged and then left alone, keepalives too", 150, WHOLE, "R-13 proved",
     UNTIL REGISTERS "3 sccp.register-ack n=30 a=5; 3.1 sccp.asked n=14 text=ButtonTemplateReq; 33 "
		     "sccp.keepalive; 63 sccp.keepalive; 93 sccp.keepalive")
CASE("R-14: the node is full", 60, WHOLE, "R-14 suspected",
     UNTIL REGISTERS "2.1 sccp.register-reject text=full; 2.2 server.refused n=5")
CASE("R-15: it came in by itself while a record waits", 60, WHOLE, "R-15 suspected",
     LEASE NO_OWN_FILE DEFAULT_FILE REGISTERS
     "2.1 server.no-record text=SEP001BD4000007 n=1; 2.2 server.record b=1\n" ADMITTED)
CASE("R-16: four minutes until it registered: the longest gaps are named", 400, WHOLE,
     "R-16 proved",
     LEASE OWN_FILE "200 tcp.syn; 200.1 tcp.open; 200.2 sccp.register name=SEP001BD4000001; 240 "
		    "sccp.register-ack n=30 a=5; 240.1 sccp.ready")
CASE("R-17: a reset that is not the server's", 60, WHOLE, "R-17 suspected",
     UNTIL REGISTERS "2.1 tcp.reset n=2 a=250 b=62")
CASE("R-17: the same when it was registered", 60, WHOLE, "R-17 suspected",
     HEALTHY "33 sccp.keepalive; 33.01 tcp.reset n=2 a=250 b=62")
CASE("R-17: not when it has registered again since", 60, WHOLE, "",
     HEALTHY "33 sccp.keepalive; 33.01 tcp.reset n=2 a=250 b=62\n34 sccp.register "
	     "name=SEP001BD4000001; 34.1 sccp.register-ack n=30 a=5; 34.2 sccp.ready")
CASE("R-01: a phone that was registered, lost its server and calls it in vain", 90, WHOLE,
     "R-01 proved",
     HEALTHY "33 tcp.closed n=2; 34 tcp.syn; 35 tcp.syn; 37 tcp.syn; 41 tcp.syn; 49 tcp.syn")
CASE("R-02: … and is refused", 90, WHOLE, "R-02 proved",
     HEALTHY "33 tcp.closed n=2; 34 tcp.syn; 34.001 tcp.refused; 44 tcp.syn; 44.001 tcp.refused")
CASE("R-01: not when its standby keeps silent while it is registered", 90, WHOLE, "",
     HEALTHY "34 tcp.syn peer=10.77.0.2:2000; 35 tcp.syn peer=10.77.0.2:2000; 37 tcp.syn "
	     "peer=10.77.0.2:2000; 41 tcp.syn peer=10.77.0.2:2000")
CASE("R-18: it says another address than its packets have", 60, WHOLE, "R-18 suspected",
     UNTIL CALLS "2.02 sccp.register name=SEP001BD4000001 n=7 a=5 b=0xc0a80105\n" ADMITTED)
CASE("R-19: the second of its list, the first is silent", 60, WHOLE, "R-19 proved",
     UNTIL "1.03 config.read " OWN
	   " text=SCCP n=2; 1.04 config.server peer=10.77.0.9 n=1 name=10.77.0.9; 1.04 "
	   "config.server peer=10.77.0.1 n=2 name=10.77.0.1;"
	   "1.5 tcp.syn peer=10.77.0.9:2000\n" REGISTERS ADMITTED)
CASE("R-20: large segments are lost, and a router says why", 60, WHOLE, "R-20 proved",
     UNTIL CALLS "2.02 sip.register a=1 " SIP_DEVICE
		 "; 3 tcp.again n=1 a=2 b=1448; 5 tcp.again n=1 a=3 b=1448; 5.1 icmp.fragment "
		 "n=1300 text=10.77.0.254")
CASE("F-11: our server's word", 60, WHOLE, "F-11 proved",
     UNTIL REGISTERS "2.1 sccp.register-reject text='Wrong model in DB F-11'")
CASE("F-12: our server names the record and never proves it was meant", 60, WHOLE, "F-12 suspected",
     LEASE NO_OWN_FILE DEFAULT_FILE REGISTERS
     "2.1 sccp.register-reject text='Not in DB, MAC mistyped? F-12'; 2.2 server.refused n=2 "
     "text=F-12 name=SEP001BD4070001")
CASE("F-13: active for another client", 60, WHOLE, "F-13 proved",
     UNTIL SIP_REGISTERS "2.2 sip.refused n=403 text='Registration is active for another client'")
CASE("F-13: two hardware addresses take turns with one name", 90, WHOLE, "F-13 proved",
     UNTIL REGISTERS ADMITTED
     "10 sccp.register by=2 name=SEP001BD4000001; 20 sccp.register name=SEP001BD4000001; 20.1 "
     "sccp.register-ack n=30 a=5; 20.2 sccp.ready; 30 sccp.register by=2 name=SEP001BD4000001")
CASE("F-13: a phone back before its old connection is known to be dead is one phone", 30, WHOLE, "",
     HEALTHY
     "10 dhcp.discover xid=2; 10.1 dhcp.offer xid=2 yi=10.77.0.51; 10.2 dhcp.request xid=2; "
     "10.3 dhcp.ack xid=2 yi=10.77.0.51 server=10.77.0.1 lease=3600 150=10.77.0.1 "
     "mask=255.255.255.0; 11 file.asked " OWN "; 11.01 file.started " OWN
     "; 11.02 file.delivered " OWN " n=6000; 12 tcp.syn; 12.01 tcp.open; 12.02 "
     "sccp.register name=SEP001BD4000001 n=7 a=5; 12.03 server.gone n=16; 12.1 "
     "sccp.register-ack n=30 a=5; 12.2 sccp.ready")
CASE("F-13: our server heard the first one answer from another address", 60, WHOLE, "F-13 proved",
     UNTIL REGISTERS "2.1 sccp.register-reject text='Name in use elsewhere F-13'; 2.1 "
		     "server.duplicate-device peer=10.77.0.90:5000 name=SEP001BD4000001")
CASE("F-13: … an address this very phone has had: not proved", 60, WHOLE, "F-13 suspected",
     "0 sccp.keepalive ip=10.77.0.90\n" UNTIL REGISTERS
     "2.1 sccp.register-reject text='Name in use elsewhere F-13'; 2.1 "
     "server.duplicate-device peer=10.77.0.90:5000 name=SEP001BD4000001")
CASE("K-15: token, no, and again within the minute", 90, WHOLE, "K-15 proved",
     UNTIL CALLS
     "2.1 sccp.token-req; 2.2 sccp.token-reject n=5; 2.3 tcp.closed n=1; 7 sccp.token-req; 7.1 "
     "sccp.token-reject n=5; 12 sccp.token-req; 12.1 sccp.token-reject n=5")
CASE("X-01: our own server says that it is stopped", 60, WHOLE, "R-02 proved, X-01 proved",
     UNTIL "1.5 server.state site n=2 a=3; 2 tcp.syn; 2.001 tcp.refused")
