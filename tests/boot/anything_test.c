/* Facts of any kind in any order, with any bytes in their texts: never a crash, never an unsafe
 * text, never more than three causes. What is said of nonsense does not matter; that it is said
 * safely does. */
#include "harness.h"

#include "base/buf.h"
#include "boot/explain.h"
#include "boot/rulebook.h"

#include <stdlib.h>
#include <string.h>

#define ROUNDS 3000
#define FACTS  60

static uint32_t seed;

static uint32_t random_number(uint32_t below)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % below;
}

static const char *const names[] = {"SEP001BD4000001.cnf.xml",
				    "SEP001BD4000001.cnf.xml.sgn",
				    "XMLDefault.cnf.xml",
				    "SCCP41.9-4-2.loads",
				    "a.sbn",
				    "CTLSEP001BD4000001.tlv",
				    "SEP001BD4000001",
				    "cucm1",
				    "\033[31m\x01\xff",
				    ""};
static const char *const texts[] = {"KeepaliveTO",
				    "Error DBConfig",
				    "Cisco Systems, Inc. IP Phone CP-7960",
				    "ButtonTemplateReq",
				    "SIP",
				    "\033]0;owned\a\r\n\302\23331m",
				    "Not in DB R-05",
				    "403",
				    "Security Error",
				    ""};

static struct ip4 random_ip(void)
{
	return (struct ip4){{10, 77, 0, (uint8_t)random_number(4)}};
}

static struct fact random_fact(dt_time at)
{
	struct fact f = {
	    .kind = (enum fact_kind)random_number(FACT_COUNT),
	    .vantage = (enum vantage)random_number(4),
	    .at = at,
	    .evidence = 1 + random_number(1000),
	    .mac = {{0, 0x1b, 0xd4, 0, 0, (uint8_t)random_number(3)}},
	    .ip = random_ip(),
	    .vlan = (uint16_t)random_number(3),
	    .peer = {random_ip(), (uint16_t)(random_number(2) == 0 ? 2000 : random_number(7000))},
	    .number = random_number(random_number(2) == 0 ? 8 : 70000)};
	for (size_t i = 0; i < 3; i++)
		f.value[i] = random_number(random_number(2) == 0 ? 4 : 3000);
	(void)strncpy(f.name, names[random_number(10)], sizeof f.name - 1);
	(void)strncpy(f.text, texts[random_number(10)], sizeof f.text - 1);
	f.dhcp.yiaddr = random_ip();
	f.dhcp.ciaddr.b[3] = (uint8_t)random_number(2);
	f.dhcp.option150_count = (uint8_t)random_number(3);
	f.dhcp.option150[0] = random_ip();
	f.dhcp.option150_text = random_number(20) == 0;
	f.dhcp.flags = random_number(2) == 0 ? 0x8000 : 0;
	f.dhcp.giaddr.b[0] = (uint8_t)random_number(2);
	f.dhcp.has_66 = random_number(2) == 0;
	(void)strncpy(f.dhcp.option66, texts[random_number(10)], sizeof f.dhcp.option66 - 1);
	(void)strncpy(f.dhcp.option150_words, texts[random_number(10)],
		      sizeof f.dhcp.option150_words - 1);
	if (random_number(20) == 0) {
		f.mac = (struct mac){{0}};
		f.ip = (struct ip4){{0}};
	}
	return f;
}

static void must_be_safe(const char *text)
{
	for (; *text != 0; text++)
		assert_true((uint8_t)*text >= ' ' && (uint8_t)*text != 0x7f);
}

static void must_be_sound(const struct phone_report *r)
{
	assert_in_range(r->finding_count, 0, REPORT_FINDINGS_MAX);
	for (unsigned i = 0; i < r->finding_count; i++) {
		const struct finding *f = &r->finding[i];
		must_be_safe(f->text);
		must_be_safe(f->remedy);
		must_be_safe(f->decide);
		assert_true(f->text[0] != 0 && f->remedy[0] != 0);
		/* A suspicion names what would decide it. */
		if (!f->proved && f->decide[0] == 0)
			fail_msg("%s suspected, and nothing would decide it",
				 rule_row(f->rule)->id);
		if (f->evidence_count == 0)
			fail_msg("%s without evidence", rule_row(f->rule)->id);
	}
	for (unsigned b = 0; b < r->boots; b++) {
		for (size_t s = 0; s < STEP_COUNT; s++)
			must_be_safe(r->boot[b].step[s].text);
	}
}

TEST("any facts in any order give safe texts, at most three causes, and each suspicion what would "
     "decide it")
{
	static struct phone_report report;
	for (uint32_t round = 0; round < ROUNDS; round++) {
		struct timeline *t = timeline_new();
		dt_time at = 0;
		seed = round;
		for (size_t i = 0; i < FACTS; i++) {
			at += DT_SECONDS(random_number(random_number(3) == 0 ? 60 : 3)) / 2;
			struct fact f = random_fact(at);
			assert_int_equal(timeline_add(t, &f), 0);
		}
		timeline_set_scope(t, &(struct timeline_scope){.complete = round % 2 == 0});
		size_t phone = 0;
		struct mac mac;
		while (timeline_next_phone(t, &phone, &mac)) {
			if (diagnose_phone(t, mac, at + DT_SECONDS(random_number(200)), &report))
				must_be_sound(&report);
		}
		if (round % 50 == 0) {
			struct buf text;
			buf_init(&text, 8u << 20);
			assert_int_equal(explain_json(t, "x", at, &text), 0);
			buf_done(&text);
		}
		timeline_free(t);
	}
}

TEST("a fact comes back from the timeline as it went in")
{
	for (uint32_t round = 0; round < ROUNDS; round++) {
		struct timeline *t = timeline_new();
		size_t at = 0;
		seed = round + 77;
		struct fact f = random_fact(DT_SECONDS(round));
		if (mac_is_zero(f.mac))
			f.mac.b[5] = 9;
		assert_int_equal(timeline_add(t, &f), 0);
		const struct fact *back = timeline_next_fact(t, f.mac, &at);
		assert_non_null(back);
		struct buf was;
		struct buf is;
		buf_init(&was, 4096);
		buf_init(&is, 4096);
		fact_format(&f, &was);
		fact_format(back, &is);
		assert_string_equal(buf_cstr(&was), buf_cstr(&is));
		assert_int_equal(back->at, f.at);
		assert_int_equal(back->evidence, f.evidence);
		assert_int_equal(back->vantage, f.vantage);
		buf_done(&was);
		buf_done(&is);
		timeline_free(t);
	}
}
