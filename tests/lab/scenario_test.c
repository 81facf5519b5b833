#include "harness.h"

#include "lab/scenario.h"

#include "base/error.h"

#include <string.h>

static struct scenario s;
static unsigned line;
static const char *why;

static int parse(const char *text)
{
	return scenario_parse(slice_text(text), "test", &s, &line, &why);
}

static const char good[] = "# a comment\n"
			   "title   The server is silent\n"
			   "rule    T-02\n"
			   "about   One.\n"
			   "about   Two.\n"
			   "node    b 10.77.0.3/24\n"
			   "host    far 10.77.0.9/24 dnsmasq -k\n"
			   "file    far/dnsmasq.conf\n"
			   "| port=0\n"
			   "|\n"
			   "serve@b --no-dhcp\n"
			   "broken serve --fault tftp-silent\n"
			   "healthy admin phone list\n"
			   "phones@2 --mix 7961\n"
			   "switch  drop from phones\n"
			   "at 5 stop b\n"
			   "broken at 6.5 admin@b phone reset X\n"
			   "expect  live T-02 proved\n"
			   "expect  capture@far nothing SEP001BD4000002\n"
			   "also    T-03 D-15\n"
			   "filter@b udp.port == 69\n"
			   "within  12.5\n";

TEST("a scenario's lines are read with their host, their time and the run they hold in")
{
	assert_int_equal(parse(good), 0);
	assert_string_equal(s.name, "test");
	assert_string_equal(s.title, "The server is silent");
	assert_string_equal(s.rule, "T-02");
	assert_int_equal(s.abouts, 2);
	assert_int_equal(s.hosts, 3);
	assert_string_equal(s.host[2].command, "dnsmasq -k");
	assert_int_equal(s.line[0].kind, SCENARIO_FILE);
	assert_int_equal(s.line[0].host, 2);
	assert_string_equal(s.line[1].text, "port=0");
	assert_string_equal(s.line[2].text, "");
	assert_int_equal(s.line[3].host, 1);
	assert_int_equal(s.line[4].when, SCENARIO_BROKEN);
	assert_int_equal(s.line[5].when, SCENARIO_HEALTHY);
	assert_int_equal(s.line[6].host, 2);
	assert_int_equal(s.line[8].deed, SCENARIO_STOP);
	assert_int_equal(s.line[9].deed, SCENARIO_ORDER);
	assert_true(s.line[9].at > 6.4 && s.line[9].at < 6.6);
	assert_true(s.expect[0].live && s.expect[0].proved);
	assert_null(s.expect[1].rule);
	assert_int_equal(s.expect[1].host, 2);
	assert_string_equal(s.expect[1].phone, "SEP001BD4000002");
	assert_int_equal(s.filter_host, 1);
	assert_true(scenario_has_twin(&s) && scenario_expects_live(&s));
}

TEST("a line for one run does not hold in the other")
{
	assert_true(scenario_holds(SCENARIO_ALWAYS, true));
	assert_true(scenario_holds(SCENARIO_ALWAYS, false));
	assert_true(scenario_holds(SCENARIO_BROKEN, true));
	assert_false(scenario_holds(SCENARIO_BROKEN, false));
	assert_true(scenario_holds(SCENARIO_HEALTHY, false));
}

TEST("a mistake is told with the number of its line")
{
	static const struct {
		const char *text;
		unsigned line;
	} bad[] = {
	    {"tittle x\n", 1},
	    {"title x\nexpect live T-2 proved\n", 2},
	    {"title x\nexpect live T-02 maybe\n", 2},
	    {"title x\nexpect nowhere T-02 proved\n", 2},
	    {"title x\nexpect live@b nothing\n", 2},
	    {"title x\nserve\n", 2},
	    {"title x\n| a line of no file\n", 2},
	    {"title x\nfile server/../x\n", 2},
	    {"title x\nfile nobody/x\n", 2},
	    {"title x\nhost server 10.0.0.1/24\n", 2},
	    {"title x\nhost a 10.0.0.1\n", 2},
	    {"title x\nat soon stop server\n", 2},
	    {"title x\nat 5 dance server\n", 2},
	    {"title x\nat 5 admin\n", 2},
	    {"title x\nphones@9 --mix 7960\n", 2},
	    {"title x\nwithin 5 6\n", 2},
	    {"title x\nbroken\n", 2},
	    {"title x\nnode b 10.77.0.3/24\nno-server\n", 3},
	};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_int_equal(parse(bad[i].text), E_BAD_FORMAT);
		assert_int_equal(line, bad[i].line);
		assert_true(strlen(why) > 0);
	}
}

TEST("a fault without anything broken, a filter, or its rule expected, is no scenario")
{
	assert_int_equal(parse("title x\nrule T-02\nfilter udp\nexpect live T-02 proved\n"),
			 E_BAD_FORMAT);
	assert_int_equal(parse("title x\nrule T-02\nbroken serve -x\nexpect live T-02 proved\n"),
			 E_BAD_FORMAT);
	assert_int_equal(parse("title x\nrule T-02\nfilter udp\nbroken serve -x\n"
			       "expect live T-03 proved\n"),
			 E_BAD_FORMAT);
	assert_int_equal(parse("title x\nexpect live nothing\n"), 0);
	assert_int_equal(parse("title x\n"), E_BAD_FORMAT);
	assert_int_equal(scenario_parse(slice_of("title x\0y\n", 10), "test", &s, &line, &why),
			 E_BAD_FORMAT);
}

TEST("a scenario that cannot be read in one sitting is refused")
{
	static char text[SCENARIO_SIZE_MAX + 2];

	memset(text, '\n', sizeof text - 1);
	assert_int_equal(parse(text), E_TOO_LONG);
	text[SCENARIO_SIZE_MAX] = 0;
	assert_int_equal(parse(text), E_BAD_FORMAT);
}

TEST("every scenario of the theatre can be read, and each says what it is about")
{
	assert_true(scenario_source_count > 0);
	for (size_t i = 0; i < scenario_source_count; i++) {
		if (scenario_parse(slice_text(scenario_sources[i].text), scenario_sources[i].name,
				   &s, &line, &why) != 0)
			fail_msg("%s, line %u: %s", scenario_sources[i].name, line, why);
		assert_true(s.abouts > 0);
		assert_true(strlen(s.title) <= 76);
		assert_true(strlen(s.name) <= 30);
	}
}
