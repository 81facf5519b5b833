/* What is kept of a phone, to a disk and back; and a server that was restarted. */
#include "harness.h"

#include "base/rand.h"
#include "boot/keep.h"
#include "story.h"

static const struct mac phone = {{0x00, 0x1b, 0xd4, 0x00, 0x00, 0x01}};

static void all_kinds(struct keep_kinds *kinds)
{
	struct buf names;

	buf_init(&names, 65536);
	keep_kinds_write(&names);
	keep_kinds_read(buf_slice(&names), kinds);
	buf_done(&names);
}

static void tell_boot(struct story *s, double at)
{
	story_lease(s, at);
	story_file(s, at + 2, STORY_OWN);
	story_register(s, at + 3);
	story_admitted(s, at + 4);
}

static void tell_state(struct story *s, double at, uint32_t state)
{
	s->site = true;
	s->no_peer = true;
	story_tell(s, at, (struct fact){.kind = FACT_SERVER_STATE, .number = state});
	s->site = false;
	s->no_peer = false;
}

TEST("what was kept comes back fact for fact, with its times moved to the new clock")
{
	static struct story s;
	struct timeline *later = timeline_new();
	struct timeline_kept kept;
	struct keep_kinds kinds;
	const struct fact *was = NULL;
	const struct fact *is = NULL;
	uint64_t evidence = 0;
	story_begin(&s);
	tell_boot(&s, 0);
	size_t count = timeline_facts(s.timeline, phone, &was);
	assert_true(keep_is_phone(s.timeline, phone));
	assert_true(timeline_kept(s.timeline, phone, &kept));
	all_kinds(&kinds);
	assert_int_equal(keep_restore(later, &kept, &kinds, -DT_SECONDS(1000), &evidence), count);
	assert_int_equal(timeline_facts(later, phone, &is), count);
	for (size_t i = 0; i < count; i++) {
		struct fact moved = was[i];
		moved.at -= DT_SECONDS(1000);
		assert_memory_equal(&is[i], &moved, sizeof moved);
	}
	assert_int_equal(evidence, was[count - 1].evidence);
	timeline_free(later);
	story_end(&s);
}

TEST("facts stored by a program with another list of kinds are found by their names")
{
	static struct story s;
	struct timeline *later = timeline_new();
	struct timeline_kept kept;
	struct keep_kinds kinds;
	struct buf names;
	const struct fact *is = NULL;
	uint64_t evidence = 0;
	story_begin(&s);
	story_tell(&s, 1, (struct fact){.kind = FACT_TCP_SYN});
	story_tell(&s, 2, (struct fact){.kind = FACT_TCP_OPEN});
	assert_true(timeline_kept(s.timeline, phone, &kept));
	/* There TCP_SYN's number means TCP_REFUSED, and TCP_OPEN's a kind that is no more. */
	buf_init(&names, 65536);
	buf_text(&names, "facts 1\n");
	for (int i = 0; i < FACT_COUNT; i++)
		buf_text(&names, i == FACT_TCP_SYN ? "tcp.refused\n" : "gone.kind\n");
	keep_kinds_read(buf_slice(&names), &kinds);
	buf_done(&names);
	assert_int_equal(keep_restore(later, &kept, &kinds, 0, &evidence), 1);
	assert_int_equal(timeline_facts(later, phone, &is), 1);
	assert_int_equal(is[0].kind, FACT_TCP_REFUSED);
	timeline_free(later);
	story_end(&s);
}

TEST("bytes that a disk has spoilt bring back what can be read, and nothing worse")
{
	struct rand r = rand_of(1);
	static struct story s;
	struct timeline_kept kept;
	struct keep_kinds kinds;
	uint8_t bytes[4096];
	story_begin(&s);
	tell_boot(&s, 0);
	assert_true(timeline_kept(s.timeline, phone, &kept));
	assert_in_range(kept.facts.len, 1, sizeof bytes);
	all_kinds(&kinds);
	for (int round = 0; round < 5000; round++) {
		struct timeline *later = timeline_new();
		uint64_t evidence = 0;
		struct timeline_kept spoilt = kept;
		memcpy(bytes, kept.facts.ptr, kept.facts.len);
		for (int i = 0; i < 3; i++)
			bytes[rand_below(&r, kept.facts.len)] = (uint8_t)rand_below(&r, 256);
		spoilt.facts = slice_of(bytes, rand_below(&r, kept.facts.len + 1));
		(void)keep_restore(later, &spoilt, &kinds, DT_SECONDS(5), &evidence);
		timeline_free(later);
	}
	story_end(&s);
}

TEST("a boot whose facts gave way is still counted: the next one keeps its number")
{
	static struct story s;
	story_begin(&s);
	timeline_limit(s.timeline, 8192);
	for (int i = 0; i < 40; i++)
		tell_boot(&s, i * 100);
	const struct phone_report *r = story_judge(&s, 4000, true);
	assert_int_equal(r->boot_count, 40);
	assert_true(r->dropped > 0);
	assert_true(timeline_boots_dropped(s.timeline, phone) > 20);
	story_end(&s);
}

TEST("a phone is told as changed once, later again, and for keepalives alone never")
{
	static struct story s;
	struct mac mac;
	story_begin(&s);
	timeline_tell_changed(s.timeline);
	story_lease(&s, 0);
	assert_false(timeline_next_changed(s.timeline, 0, &mac));
	assert_true(timeline_next_changed(s.timeline, DT_SECONDS(10), &mac));
	assert_true(mac_equal(mac, phone));
	assert_false(timeline_next_changed(s.timeline, DT_SECONDS(10), &mac));
	story_register(&s, 3);
	assert_false(timeline_next_changed(s.timeline, DT_SECONDS(100), &mac));
	assert_true(timeline_next_changed(s.timeline, DT_SECONDS(200), &mac));
	story_tell(&s, 300, (struct fact){.kind = FACT_SCCP_KEEPALIVE});
	assert_false(timeline_next_changed(s.timeline, DT_NEVER, &mac));
	story_end(&s);
}

TEST("a registered phone that its restarted server has not heard of yet is nobody's fault")
{
	static struct story s;
	story_begin(&s);
	s.vantage = VANTAGE_SERVER;
	tell_boot(&s, 0);
	tell_state(&s, 100, SERVER_STOPPED);
	tell_state(&s, 700, SERVER_STARTED);
	const struct phone_report *r = story_judge(&s, 720, true);
	assert_int_equal(r->status, PHONE_STATUS_UNKNOWN);
	assert_int_equal(r->finding_count, 0);
	assert_non_null(strstr(r->also_seen, "started anew 20 s ago"));
	/* It comes back on the same boot. */
	story_register(&s, 730);
	story_admitted(&s, 731);
	r = story_judge(&s, 735, true);
	assert_int_equal(r->status, PHONE_STATUS_REGISTERED);
	assert_int_equal(r->finding_count, 0);
	assert_int_equal(r->boot_count, 1);
	story_end(&s);
}

TEST("a question that a stopped server did not answer is not held against it or the phone")
{
	static struct story s;
	story_begin(&s);
	s.vantage = VANTAGE_SERVER;
	story_lease(&s, 0);
	story_file(&s, 2, STORY_OWN);
	story_register(&s, 3);
	assert_string_equal(story_findings(&s, 60, true), "R-03 proved");
	tell_state(&s, 3.5, SERVER_STOPPED);
	tell_state(&s, 50, SERVER_STARTED);
	assert_string_equal(story_findings(&s, 60, true), "");
	story_end(&s);
}

TEST("the list of boots has each one's own verdict and number")
{
	static struct boot_summary boots[HISTORY_BOOTS_MAX];
	static struct story s;
	story_begin(&s);
	story_lease(&s, 0);
	story_file(&s, 2, STORY_OWN);
	story_register(&s, 3);
	story_refused(&s, 4, "Error DBConfig");
	tell_boot(&s, 100);
	assert_int_equal(
	    diagnose_history(s.timeline, phone, DT_SECONDS(200), boots, HISTORY_BOOTS_MAX), 2);
	assert_int_equal(boots[0].number, 1);
	assert_int_equal(boots[0].status, PHONE_STATUS_REFUSED);
	assert_true(boots[0].found);
	assert_int_equal(boots[1].number, 2);
	assert_int_equal(boots[1].status, PHONE_STATUS_REGISTERED);
	assert_int_equal(boots[1].began, DT_SECONDS(100));
	story_end(&s);
}
