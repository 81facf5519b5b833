/* The twelve rules: what each needs, what it must not take for itself (its false friends), and what
 * is missing when it only suspects. Times in seconds; whose behaviour: docs/protocol/diagnosis.md.
 */
#include "harness.h"

#include "script.h"

#include <string.h>

#define SEEN_ALL  true
#define SEEN_PART false

static struct story s;

#define FINDS(now, seen, expected) assert_string_equal(story_findings(&s, now, seen), expected)

static void discovers(unsigned n, struct ip4 relay)
{
	static const double at[] = {0, 4, 12, 28};

	for (unsigned i = 0; i < n; i++)
		story_tell(&s, at[i],
			   (struct fact){.kind = FACT_DHCP_DISCOVER,
					 .text = "Cisco Systems, Inc. IP Phone CP-7960",
					 .dhcp = {.giaddr = relay}});
}

TEST("D-02: silence from DHCP is suspected: a full pool keeps silent like a missing relay")
{
	story_begin(&s);
	discovers(3, (struct ip4){{0}});
	FINDS(13, SEEN_ALL, "D-02 suspected, D-04 suspected");
	assert_int_equal(s.report.status, PHONE_STATUS_STOPPED);
	assert_int_equal(s.report.finding[0].evidence_count, 3);
	story_end(&s);
}

TEST("D-02: a watch with gaps only suspects, and names what would decide")
{
	story_begin(&s);
	discovers(3, (struct ip4){{0}});
	FINDS(13, SEEN_PART, "D-02 suspected, D-04 suspected");
	assert_string_not_equal(s.report.finding[0].decide, "");
	story_end(&s);
}

TEST("D-02: two DISCOVERs say nothing yet")
{
	story_begin(&s);
	discovers(2, (struct ip4){{0}});
	FINDS(5, SEEN_ALL, "");
	story_end(&s);
}

TEST("D-21: a phone that boots on with the lease it remembers works, and the silent DHCP is "
     "remarked")
{
	story_begin(&s);
	discovers(3, (struct ip4){{0}});
	story_file(&s, 30, STORY_OWN);
	story_register(&s, 31);
	story_admitted(&s, 32);
	FINDS(40, SEEN_ALL, "D-21 proved");
	assert_true(s.report.finding[0].note);
	assert_int_equal(s.report.status, PHONE_STATUS_REGISTERED);
	story_end(&s);
}

TEST("D-05: the server's own word proves it; a capture that sees only silence suspects")
{
	const struct ip4 relay = {{10, 88, 0, 1}};
	story_begin(&s);
	discovers(3, relay);
	FINDS(60, SEEN_ALL, "D-05 suspected, D-04 suspected");
	story_tell(&s, 13,
		   (struct fact){.kind = FACT_SERVER_NO_SUBNET, .peer = {.ip = relay, .port = 67}});
	FINDS(60, SEEN_ALL, "D-05 proved");
	assert_non_null(strstr(s.report.finding[0].text, "10.88.0.1"));
	story_end(&s);
}

static void lease_without_150(struct fact_dhcp dhcp)
{
	dhcp.yiaddr = (struct ip4){{10, 77, 0, 51}};
	story_begin(&s);
	discovers(1, (struct ip4){{0}});
	story_tell(&s, 0.1, (struct fact){.kind = FACT_DHCP_OFFER});
	story_tell(&s, 0.2, (struct fact){.kind = FACT_DHCP_REQUEST});
	story_tell(&s, 0.3, (struct fact){.kind = FACT_DHCP_ACK, .dhcp = dhcp});
	/* What is for this phone alone is seen here. */
	story_tell(&s, 0.4, (struct fact){.kind = FACT_ARP_ANSWERED});
}

TEST("D-12: a lease without option 150, 66, server name and next server proves it")
{
	lease_without_150((struct fact_dhcp){.lease_s = 600});
	FINDS(20, SEEN_ALL, "D-12 proved");
	FINDS(20, SEEN_PART, "D-12 suspected");
	story_end(&s);
}

TEST("D-12: a next server that is the DHCP server itself proves nothing until a minute passed")
{
	lease_without_150((struct fact_dhcp){.siaddr = {{10, 77, 0, 1}}});
	FINDS(20, SEEN_ALL, "D-12 suspected");
	FINDS(61, SEEN_ALL, "D-12 proved");
	story_end(&s);
}

TEST("D-12: option 66, a server name or another next server is a boot server")
{
	static const struct fact_dhcp named[] = {
	    {.has_66 = true}, {.has_sname = true}, {.siaddr = {{10, 9, 9, 9}}}, {.has_150 = true}};
	for (size_t i = 0; i < sizeof named / sizeof *named; i++) {
		lease_without_150(named[i]);
		FINDS(20, SEEN_ALL, "");
		story_end(&s);
	}
}

TEST("D-12: a phone with Alternate TFTP needs no option 150")
{
	lease_without_150((struct fact_dhcp){.lease_s = 600});
	story_file(&s, 1, STORY_OWN);
	FINDS(20, SEEN_ALL, "");
	story_end(&s);
}

static void ask_in_vain(double from, unsigned times)
{
	for (unsigned i = 0; i < times; i++)
		story_tell(&s, from + 4 * i,
			   (struct fact){.kind = FACT_FILE_ASKED, .name = STORY_OWN});
}

TEST(
    "T-02: three requests without a reply: a filter, a stopped service, a wrong address look alike")
{
	story_begin(&s);
	story_lease(&s, 0);
	ask_in_vain(1, 3);
	FINDS(14, SEEN_ALL, "T-02 suspected, T-03 suspected, D-15 suspected");
	assert_int_equal(s.report.step, STEP_S3A);
	story_end(&s);
}

TEST("T-02: two requests are patience, and a server that answered before is only suspected")
{
	story_begin(&s);
	story_lease(&s, 0);
	ask_in_vain(1, 2);
	FINDS(6, SEEN_ALL, "");
	story_end(&s);
	story_begin(&s);
	story_lease(&s, 0);
	story_no_file(&s, 0.5, STORY_TRUST);
	ask_in_vain(1, 3);
	FINDS(14, SEEN_ALL, "T-02 suspected, T-03 suspected");
	story_end(&s);
}

TEST("T-08: own and default file both refused prove that neither is there")
{
	story_begin(&s);
	story_lease(&s, 0);
	story_no_file(&s, 1, STORY_TRUST);
	story_no_file(&s, 2, STORY_OWN);
	story_no_file(&s, 3, STORY_DEFAULT);
	FINDS(5, SEEN_PART, "T-08 proved");
	story_end(&s);
}

TEST("T-08: no trust list and no own file are normal when the default file leads to registration")
{
	story_begin(&s);
	story_lease(&s, 0);
	story_no_file(&s, 1, STORY_TRUST);
	story_no_file(&s, 2, STORY_OWN);
	story_file(&s, 3, STORY_DEFAULT);
	FINDS(3.5, SEEN_ALL, "");
	story_register(&s, 4);
	story_admitted(&s, 5);
	FINDS(10, SEEN_ALL, "");
	assert_int_equal(s.report.status, PHONE_STATUS_REGISTERED);
	assert_int_equal(s.report.boot[0].step[STEP_S3A].status, STEP_STATUS_ABSENT);
	story_end(&s);
}

static void until_register(const char *file)
{
	story_begin(&s);
	story_lease(&s, 0);
	story_file(&s, 1, file);
	story_register(&s, 2);
}

TEST("a reject text that ends in the rule's id proves it in anybody's capture of our server")
{
	static const char *const rows[][2] = {
	    {"R-05", STORY_DEFAULT}, {"R-06", STORY_DEFAULT}, {"F-11", STORY_OWN}};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char text[32] = "refused ";
		char expected[32] = "";
		(void)strncat(text, rows[i][0], 8);
		(void)strncat(expected, rows[i][0], 8);
		(void)strncat(expected, " proved", 8);
		until_register(rows[i][1]);
		story_refused(&s, 2.1, text);
		FINDS(10, SEEN_PART, expected);
		assert_int_equal(s.report.status, PHONE_STATUS_REFUSED);
		story_end(&s);
	}
}

TEST("a foreign CallManager's \"Error DBConfig\" fits several rows, so all of them are suspected")
{
	until_register(STORY_DEFAULT);
	story_refused(&s, 2.1, "Error DBConfig");
	FINDS(10, SEEN_ALL, "R-05 suspected, R-06 suspected, R-08 suspected");
	story_end(&s);
}

TEST("a refusal in words no rule knows blames no database")
{
	until_register(STORY_DEFAULT);
	story_refused(&s, 2.1, "Licence exceeded");
	FINDS(10, SEEN_ALL, "");
	assert_int_equal(s.report.status, PHONE_STATUS_REFUSED);
	story_end(&s);
}

TEST("a phone that was refused first and admitted later is registered, without a fault")
{
	until_register(STORY_DEFAULT);
	story_refused(&s, 2.1, "Error DBConfig");
	story_register(&s, 32);
	story_admitted(&s, 33);
	FINDS(40, SEEN_ALL, "");
	assert_int_equal(s.report.status, PHONE_STATUS_REGISTERED);
	story_end(&s);
}

TEST("F-11: a foreign \"mismatch\" is suspected, not proved")
{
	until_register(STORY_OWN);
	story_refused(&s, 2.1, "Device type mismatch");
	FINDS(10, SEEN_ALL, "F-11 suspected");
	story_end(&s);
}

TEST("F-12: the near record is named where the server knows it, and never proved")
{
	until_register(STORY_DEFAULT);
	story_refused(&s, 2.1, "wrong MAC? F-12");
	FINDS(10, SEEN_ALL, "F-12 suspected");
	assert_null(strstr(s.report.finding[0].text, "SEP001BD4070001"));
	story_tell(
	    &s, 2.2,
	    (struct fact){.kind = FACT_SERVER_REFUSED, .text = "F-12", .name = "SEP001BD4070001"});
	FINDS(10, SEEN_ALL, "F-12 suspected");
	assert_non_null(strstr(s.report.finding[0].text, "SEP001BD4070001"));
	story_end(&s);
}

static void knock(double from, unsigned times)
{
	for (unsigned i = 0; i < times; i++)
		story_tell(&s, from + 2 * i, (struct fact){.kind = FACT_TCP_SYN});
}

TEST("R-01: three SYNs and six seconds without a word prove a silent CallManager")
{
	story_begin(&s);
	story_lease(&s, 0);
	story_file(&s, 1, STORY_OWN);
	knock(2, 3);
	FINDS(9, SEEN_ALL, "R-01 proved");
	story_end(&s);
}

TEST("R-02: a SYN answered by RST is a closed port, not a silent server")
{
	story_begin(&s);
	story_lease(&s, 0);
	story_file(&s, 1, STORY_OWN);
	for (unsigned i = 0; i < 3; i++) {
		knock(2 + 15 * i, 1);
		story_tell(&s, 2.01 + 15 * i, (struct fact){.kind = FACT_TCP_REFUSED});
	}
	FINDS(60, SEEN_ALL, "R-02 proved");
	story_end(&s);
}

TEST("a primary that is down is no fault of a phone registered with the secondary")
{
	story_begin(&s);
	story_lease(&s, 0);
	story_file(&s, 1, STORY_OWN);
	knock(2, 3);
	s.server.ip = (struct ip4){{10, 77, 0, 2}};
	story_register(&s, 10);
	story_admitted(&s, 11);
	FINDS(20, SEEN_ALL, "");
	assert_int_equal(s.report.status, PHONE_STATUS_REGISTERED);
	story_end(&s);
}

static void registered(void)
{
	until_register(STORY_OWN);
	story_admitted(&s, 3);
	story_tell(&s, 30, (struct fact){.kind = FACT_SCCP_KEEPALIVE});
	story_tell(&s, 30.1, (struct fact){.kind = FACT_SCCP_KEEPALIVE_ACK});
}

TEST("K-01: three keepalives without an answer prove it, one does not")
{
	registered();
	story_tell(&s, 60, (struct fact){.kind = FACT_SCCP_KEEPALIVE});
	FINDS(60.5, SEEN_ALL, "");
	story_tell(&s, 90, (struct fact){.kind = FACT_SCCP_KEEPALIVE});
	story_tell(&s, 120, (struct fact){.kind = FACT_SCCP_KEEPALIVE});
	FINDS(150, SEEN_ALL, "K-01 proved");
	assert_int_equal(s.report.status, PHONE_STATUS_DEGRADED);
	story_end(&s);
}

TEST("K-01: CallManager 2.x never answered keepalives, and its phones are well")
{
	until_register(STORY_OWN);
	story_tell(&s, 3, (struct fact){.kind = FACT_SCCP_REGISTER_ACK, .number = 30});
	story_tell(&s, 3.1, (struct fact){.kind = FACT_SCCP_READY});
	for (unsigned i = 1; i < 9; i++)
		story_tell(&s, 30 * i, (struct fact){.kind = FACT_SCCP_KEEPALIVE});
	FINDS(300, SEEN_ALL, "");
	assert_int_equal(s.report.status, PHONE_STATUS_REGISTERED);
	story_end(&s);
}

TEST("K-01: a standby connection's keepalives say nothing about the registered one")
{
	registered();
	struct endpoint primary = s.server;
	s.server.ip = (struct ip4){{10, 77, 0, 2}};
	for (unsigned i = 2; i < 9; i++)
		story_tell(&s, 30 * i, (struct fact){.kind = FACT_SCCP_KEEPALIVE});
	s.server = primary;
	FINDS(300, SEEN_ALL, "");
	story_end(&s);
}

TEST("a pause of one phone names whether others were answered meanwhile")
{
	const struct mac other = {{0x00, 0x1b, 0xd4, 0x00, 0x00, 0x02}};
	for (int answered = 0; answered <= 1; answered++) {
		story_begin(&s);
		story_lease(&s, 0);
		ask_in_vain(1, 3);
		struct fact f = {.kind = FACT_FILE_ASKED, .mac = other, .at = DT_SECONDS(5)};
		f.peer = s.server;
		assert_int_equal(timeline_add(s.timeline, &f), 0);
		f.kind = FACT_FILE_STARTED;
		if (answered)
			assert_int_equal(timeline_add(s.timeline, &f), 0);
		FINDS(14, SEEN_ALL,
		      answered ? "T-02 proved" : "T-02 suspected, T-03 suspected, D-15 suspected");
		assert_non_null(
		    strstr(s.report.also_seen, answered ? "other phones are answered by 10.77.0.1"
							: "other phones wait for 10.77.0.1 too"));
		story_end(&s);
	}
}

TEST("a phone that unregisters in order has no fault")
{
	registered();
	story_tell(&s, 40, (struct fact){.kind = FACT_SCCP_UNREGISTER});
	story_tell(&s, 40.1, (struct fact){.kind = FACT_SCCP_UNREGISTER_ACK});
	story_tell(&s, 40.2, (struct fact){.kind = FACT_TCP_CLOSED, .number = 1});
	FINDS(200, SEEN_ALL, "");
	story_end(&s);
}

TEST("a healthy boot has no finding from any vantage")
{
	for (int v = VANTAGE_CAPTURE; v <= VANTAGE_PHONE; v++) {
		story_begin(&s);
		s.vantage = (enum vantage)v;
		story_lease(&s, 0);
		story_no_file(&s, 1, STORY_TRUST);
		story_file(&s, 2, STORY_OWN);
		story_register(&s, 3);
		story_admitted(&s, 4);
		FINDS(5, SEEN_ALL, "");
		FINDS(5, SEEN_PART, "");
		assert_int_equal(s.report.status, PHONE_STATUS_REGISTERED);
		story_end(&s);
	}
}

TEST("what only the phone's own port could show is told from a capture there, not by a server")
{
	static const char script[] = "0 cdp.phone name=SEP001BD4000001 text='Cisco IP Phone 7960' "
				     "n=1; 20 dhcp.discover xid=1 " PHONE;
	story_begin(&s);
	story_script(&s, script);
	assert_string_equal(story_findings(&s, 29, true), "V-01 suspected");
	story_end(&s);
	story_begin(&s);
	s.vantage = VANTAGE_SERVER;
	story_script(&s, script);
	assert_string_equal(story_findings(&s, 29, true), "");
	story_end(&s);
}

TEST("a phone that has its address and asks our server for nothing is suspected live too")
{
	story_begin(&s);
	s.vantage = VANTAGE_SERVER;
	story_lease(&s, 0);
	assert_string_equal(story_findings(&s, 90, true), "T-01 suspected");
	story_end(&s);
}

TEST("a phone that registers with an older file than its record works, and is told to be reset")
{
	static const char script[] = HEALTHY "3.2 server.stale-file name=SEP001BD4000001.cnf.xml\n";
	story_begin(&s);
	s.vantage = VANTAGE_SERVER;
	story_script(&s, script);
	assert_string_equal(story_findings(&s, 20, true), "F-17 proved");
	assert_true(s.report.finding[0].note);
	assert_int_equal(s.report.status, PHONE_STATUS_REGISTERED);
	story_end(&s);
}
