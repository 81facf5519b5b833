/* Two boots side by side. */
#include "harness.h"

#include "boot/against.h"
#include "script.h"

#include <string.h>

static struct buf text;
static struct fact facts[2][64];

/* Tells two boots and compares them. */
static bool compare(const char *one, const char *other)
{
	static const char *const names[] = {"SEP-ONE", "SEP-OTHER"};
	const char *const scripts[] = {one, other};
	struct against_side side[2];

	for (size_t i = 0; i < 2; i++) {
		struct story s;
		const struct fact *told = NULL;
		story_begin(&s);
		story_script(&s, scripts[i]);
		size_t n =
		    timeline_facts(s.timeline, (struct mac){{0x00, 0x1b, 0xd4, 0, 0, 1}}, &told);
		assert_in_range(n, 1, 64);
		memcpy(facts[i], told, n * sizeof *told);
		side[i] = (struct against_side){names[i], facts[i], n};
		story_end(&s);
	}
	buf_done(&text);
	buf_init(&text, 1 << 16);
	return against_text(&side[0], &side[1], 80, &text);
}

TEST("two healthy boots do the same, whoever the phones are")
{
	assert_true(compare(HEALTHY, HEALTHY));
	assert_non_null(strstr(buf_cstr(&text), "no difference"));
	buf_done(&text);
}

TEST("the first difference is named, with what both did before")
{
	assert_false(compare(HEALTHY, LEASE NO_OWN_FILE DEFAULT_FILE));
	assert_non_null(strstr(buf_cstr(&text), "both"));
	assert_non_null(strstr(buf_cstr(&text), "file.started SEP<MAC>.cnf.xml"));
	assert_non_null(strstr(buf_cstr(&text), "file.refused SEP<MAC>.cnf.xml"));
	buf_done(&text);
}

TEST("CDP that only one side heard, or heard again, is no difference")
{
	static const char cdp[] = "0 cdp.phone name=SEP001BD4000001; 0.1 cdp.switch name=S "
				  "text=Fa0/1 n=110; 0.2 cdp.phone name=SEP001BD4000001\n" HEALTHY;
	assert_true(compare(cdp, HEALTHY));
	buf_done(&text);
	assert_true(compare(cdp, "0 cdp.phone name=SEP001BD4000001\n" HEALTHY));
	buf_done(&text);
	assert_false(compare(cdp, "0 cdp.phone name=SEP001BD4000001; 0.1 cdp.switch name=S "
				  "text=Fa0/1 n=120\n" HEALTHY));
	assert_non_null(strstr(buf_cstr(&text), "voice VLAN 120"));
	buf_done(&text);
}

TEST("a boot that ends before the other ends with nothing more")
{
	assert_false(compare(HEALTHY, LEASE OWN_FILE));
	assert_non_null(strstr(buf_cstr(&text), "nothing more"));
	buf_done(&text);
}

TEST("one that waits much longer differs there")
{
	assert_false(compare(LEASE OWN_FILE CALLS, LEASE OWN_FILE "40 tcp.syn; 40.1 tcp.open"));
	assert_non_null(strstr(buf_cstr(&text), "waits much longer"));
	buf_done(&text);
}
