#include "story.h"

#include "base/buf.h"
#include "base/text.h"
#include "harness.h"

#include <stdio.h>

static const struct mac phone_mac = {{0x00, 0x1b, 0xd4, 0x00, 0x00, 0x01}};
static const struct ip4 phone_ip = {{10, 77, 0, 51}};
static const struct ip4 server_ip = {{10, 77, 0, 1}};

void story_begin(struct story *s)
{
	memset(s, 0, sizeof *s);
	s->timeline = timeline_new();
	assert_non_null(s->timeline);
	s->server = (struct endpoint){.ip = server_ip, .port = 2000};
}

void story_end(struct story *s)
{
	timeline_free(s->timeline);
}

void story_tell(struct story *s, double at, struct fact fact)
{
	enum fact_family family = fact_row(fact.kind)->family;
	bool before_lease = family <= FAMILY_DHCP && fact.kind != FACT_DHCP_ACK;

	fact.at = (dt_time)(at * 1e6);
	fact.evidence = ++s->evidence;
	fact.vantage = s->vantage;
	fact.mac = phone_mac;
	struct ip4 ip = phone_ip;
	if (s->by > 1) {
		fact.mac.b[5] = s->by;
		ip.b[3] = (uint8_t)(50 + s->by);
	}
	if (s->site) {
		fact.mac = (struct mac){{0}};
		assert_int_equal(timeline_add(s->timeline, &fact), 0);
		return;
	}
	if (!before_lease && family != FAMILY_SERVER)
		fact.ip = ip4_is_zero(fact.ip) ? ip : fact.ip;
	if (ip4_is_zero(fact.peer.ip) && fact.kind != FACT_DHCP_DISCOVER && !s->no_peer)
		fact.peer = s->server;
	assert_int_equal(timeline_add(s->timeline, &fact), 0);
}

static struct fact named(enum fact_kind kind, const char *name)
{
	struct fact f = {.kind = kind};

	(void)text_copy(f.name, sizeof f.name, name);
	return f;
}

void story_lease(struct story *s, double at)
{
	struct fact ack = {.kind = FACT_DHCP_ACK,
			   .dhcp = {.yiaddr = phone_ip,
				    .has_150 = true,
				    .option150_count = 1,
				    .option150 = {server_ip},
				    .lease_s = 3600}};
	struct fact discover = {.kind = FACT_DHCP_DISCOVER};

	(void)text_copy(discover.text, sizeof discover.text,
			"Cisco Systems, Inc. IP Phone CP-7960");
	story_tell(s, at, discover);
	story_tell(s, at + 0.1, (struct fact){.kind = FACT_DHCP_OFFER});
	story_tell(s, at + 0.2, (struct fact){.kind = FACT_DHCP_REQUEST});
	story_tell(s, at + 0.3, ack);
}

void story_file(struct story *s, double at, const char *name)
{
	story_tell(s, at, named(FACT_FILE_ASKED, name));
	story_tell(s, at + 0.01, named(FACT_FILE_STARTED, name));
	story_tell(s, at + 0.02, named(FACT_FILE_DELIVERED, name));
}

void story_no_file(struct story *s, double at, const char *name)
{
	struct fact refused = named(FACT_FILE_REFUSED, name);

	refused.number = 1; /* file not found */
	story_tell(s, at, named(FACT_FILE_ASKED, name));
	story_tell(s, at + 0.01, refused);
}

void story_register(struct story *s, double at)
{
	struct fact reg = named(FACT_SCCP_REGISTER, "SEP001BD4000001");

	reg.number = 7;
	story_tell(s, at, (struct fact){.kind = FACT_TCP_SYN});
	story_tell(s, at + 0.01, (struct fact){.kind = FACT_TCP_OPEN});
	story_tell(s, at + 0.02, reg);
}

void story_admitted(struct story *s, double at)
{
	story_tell(s, at,
		   (struct fact){.kind = FACT_SCCP_REGISTER_ACK, .number = 30, .value = {5}});
	story_tell(s, at + 0.1, (struct fact){.kind = FACT_SCCP_READY});
}

void story_refused(struct story *s, double at, const char *text)
{
	struct fact reject = {.kind = FACT_SCCP_REGISTER_REJECT};

	(void)text_copy(reject.text, sizeof reject.text, text);
	story_tell(s, at, reject);
}

const struct phone_report *story_judge(struct story *s, double now, bool complete)
{
	timeline_set_scope(s->timeline, &(struct timeline_scope){.complete = complete});
	assert_true(diagnose_phone(s->timeline, phone_mac, (dt_time)(now * 1e6), &s->report));
	return &s->report;
}

bool story_is_phone(struct story *s)
{
	return diagnose_phone(s->timeline, phone_mac, DT_SECONDS(3600), &s->report);
}

const char *story_findings(struct story *s, double now, bool complete)
{
	static char text[128];
	const struct phone_report *r = story_judge(s, now, complete);
	size_t at = 0;

	text[0] = 0;
	for (unsigned i = 0; i < r->finding_count; i++)
		at += (size_t)snprintf(text + at, sizeof text - at, "%s%s %s", i > 0 ? ", " : "",
				       rule_row(r->finding[i].rule)->id,
				       r->finding[i].proved ? "proved" : "suspected");
	return text;
}
