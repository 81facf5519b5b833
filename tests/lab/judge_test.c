#include "harness.h"

#include "lab/facts.h"
#include "lab/judge.h"

#include <jansson.h>

static struct scenario s;
static struct buf why;

static void read_scenario(const char *text)
{
	unsigned line = 0;
	const char *reason = NULL;

	if (scenario_parse(slice_text(text), "test", &s, &line, &reason) != 0)
		fail_msg("line %u: %s", line, reason);
	buf_init(&why, 4096);
}

/* A report of one phone; findings as JSON. */
static json_t *report(const char *status, const char *findings)
{
	char text[1000];

	(void)snprintf(
	    text, sizeof text,
	    "{\"phones\": [{\"name\": \"SEP001BD4000001\", \"mac\": \"00:1b:d4:00:00:01\", "
	    "\"status\": \"%s\", \"findings\": [%s]}]}",
	    status, findings);
	json_t *json = json_loads(text, 0, NULL);
	assert_non_null(json);
	return json;
}

#define T02 "{\"rule\": \"T-02\", \"certainty\": \"suspected\"}"
#define T03 "{\"rule\": \"T-03\", \"certainty\": \"proved\"}"

static const char silent[] = "title x\nrule T-02\nbroken serve -x\nfilter udp\n"
			     "expect live T-02 suspected\nalso D-15\n";

TEST("an expectation is met by the rule with its certainty, and by nothing else")
{
	static const struct {
		const char *status, *findings;
		bool met;
	} cases[] = {{"stopped", T02, true},
		     {"stopped", T03 ", " T02, true},
		     {"stopped", T03, false},
		     {"stopped", "{\"rule\": \"T-02\", \"certainty\": \"proved\"}", false},
		     {"registered", "", false}};

	read_scenario(silent);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		json_t *json = report(cases[i].status, cases[i].findings);
		buf_clear(&why);
		assert_int_equal(judge_expectation(&s.expect[0], json, &why), cases[i].met);
		assert_int_equal(why.len == 0, cases[i].met);
		json_decref(json);
	}
	json_t *empty = json_loads("{\"phones\": []}", 0, NULL);
	assert_false(judge_expectation(&s.expect[0], empty, &why));
	assert_false(judge_expectation(&s.expect[0], NULL, &why));
	json_decref(empty);
	buf_done(&why);
}

TEST("what is neither expected nor allowed is a stray, and in the twin everything is")
{
	json_t *two = report("stopped", T02 ", " T03);
	json_t *allowed =
	    report("stopped", T02 ", {\"rule\": \"D-15\", \"certainty\": \"suspected\"}");

	read_scenario(silent);
	assert_true(judge_stray(&s, true, two, &why));
	assert_non_null(strstr(buf_cstr(&why), "T-03 proved"));
	assert_false(judge_stray(&s, true, allowed, &why));
	assert_false(judge_healthy(allowed, &why));
	json_decref(two);
	json_decref(allowed);
	buf_done(&why);
}

TEST("a healthy report has phones, all registered, and no finding")
{
	json_t *good = report("registered", "");
	json_t *slow = report("registered", T02);
	json_t *stopped = report("stopped", "");
	json_t *empty = json_loads("{\"phones\": []}", 0, NULL);

	buf_init(&why, 4096);
	assert_true(judge_healthy(good, &why));
	assert_false(judge_healthy(slow, &why));
	assert_false(judge_healthy(stopped, &why));
	assert_false(judge_healthy(empty, &why));
	json_decref(good);
	json_decref(slow);
	json_decref(stopped);
	json_decref(empty);
	buf_done(&why);
}

TEST("a phone is known by its own address, whatever name it claims")
{
	json_t *json =
	    json_loads("{\"phones\": [{\"name\": \"SEP001BD4000001\", \"mac\": "
		       "\"00:1b:d4:00:00:09\", \"status\": \"refused\", \"findings\": [" T02 "]}]}",
		       0, NULL);

	read_scenario("title x\nrule T-02\nbroken serve -x\nfilter udp\n"
		      "expect live T-02 suspected SEP001BD4000009\n");
	assert_true(judge_expectation(&s.expect[0], json, &why));
	json_decref(json);
	buf_done(&why);
}

TEST("facts of server and wire are alike but for what only one of them can know")
{
	static const char live[] = "server.record name=\"SEP1\"\n"
				   "dhcp.discover mac=1\n"
				   "tcp.open peer=10.0.0.1:2000 value=3\n"
				   "file.asked peer=10.0.0.1:69 name=\"x\" value=49152\n";
	static const char wire[] =
	    "    0.000000      1  dhcp.discover mac=1\n"
	    "    0.100000      7  file.asked peer=10.0.0.1:69 name=\"x\" value=49152\n"
	    "    0.200000      9  tcp.again peer=10.0.0.1:2000 value=2,12\n"
	    "    0.200000      9  tcp.open peer=10.0.0.1:2000 value=0\n"
	    "    0.300000      9  arp.asked mac=1\n";

	buf_init(&why, 4096);
	assert_true(facts_alike(live, wire, &why));
	assert_false(facts_alike("dhcp.discover mac=1\ndhcp.offer mac=1\n",
				 "    0.000000      1  dhcp.discover mac=1\n", &why));
	assert_non_null(strstr(buf_cstr(&why), "dhcp.offer"));
	buf_done(&why);
}
