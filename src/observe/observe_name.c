/* DNS and NTP to facts: is the name found, is the time given. What any station asks; told of
 * phones.
 */
#include "observe/observer_internal.h"

#include "base/text.h"
#include "observe/words.h"

/* Stations that ask for time ask for ever: an answer a while is enough. */
#define NTP_PAUSE DT_SECONDS(60)

void observer_names_init(struct observer *o);
size_t observer_question_size(void);

void observer_names_init(struct observer *o)
{
	table_init(&o->lookups, OBSERVE_LOOKUPS_MAX, sizeof(struct observed_lookup), NULL, o);
	table_init(&o->asked, OBSERVE_ASKED_MAX, observer_question_size(), NULL, o);
}

void observer_dns(struct observer *o, const struct flow *flow, struct slice payload, dt_time at,
		  uint64_t evidence)
{
	struct dns d;

	observer_begin(o, flow, at, evidence);
	if (dns_decode(payload, &d, NULL) != 0 || d.question_count == 0 || d.opcode != 0 ||
	    d.is_response != (flow->from.port == DNS_PORT))
		return;
	struct ip4 phone = d.is_response ? flow->to.ip : flow->from.ip;
	enum fact_kind kind = !d.is_response                       ? FACT_DNS_ASKED
			      : d.rcode == 0 && d.answer_count > 0 ? FACT_DNS_ANSWERED
								   : FACT_DNS_FAILED;
	struct fact f = observer_fact(o, kind, phone);
	f.peer = d.is_response ? flow->from : flow->to;
	f.number = d.id;
	(void)text_copy(f.name, sizeof f.name, d.name);
	if (kind == FACT_DNS_ASKED) {
		f.value[0] = d.type;
	} else if (kind == FACT_DNS_ANSWERED) {
		f.value[0] = d.answer_count;
		f.value[1] = d.address_count > 0 ? ip4_number(d.address[0]) : 0;
	} else {
		f.value[0] = d.rcode;
	}
	observer_add_if_phone(o, &f);
	struct buf *line = observer_is_phone(o, phone) ? observer_line(o) : NULL;
	if (line != NULL) {
		words_dns(line, &d);
		observer_said(o, "DNS", phone, f.peer, !d.is_response);
	}
}

static bool ntp_is_news(struct observer *o, struct ip4 phone, struct ip4 server, bool answer)
{
	uint64_t key = (uint64_t)ip4_number(phone) << 32 | ip4_number(server);
	struct observed_lookup *l = table_need(&o->lookups, key, o->at);

	if (l == NULL)
		return true;
	bool news = !l->answered || o->at >= l->answered_at + NTP_PAUSE || l->waiting > 2;
	if (!answer) {
		l->waiting++;
		return news;
	}
	if (news)
		l->answered_at = o->at;
	l->answered = true;
	l->waiting = 0;
	return news;
}

void observer_ntp(struct observer *o, const struct flow *flow, struct slice payload, dt_time at,
		  uint64_t evidence)
{
	struct ntp n;
	int64_t off = 0;

	observer_begin(o, flow, at, evidence);
	if (ntp_decode(payload, &n, NULL) != 0 || (n.mode != NTP_CLIENT && n.mode != NTP_SERVER))
		return;
	bool answer = n.mode == NTP_SERVER;
	struct ip4 phone = answer ? flow->to.ip : flow->from.ip;
	struct fact f = observer_fact(o, answer ? FACT_NTP_ANSWERED : FACT_NTP_ASKED, phone);
	f.peer = answer ? flow->from : flow->to;
	struct buf *line = observer_is_phone(o, phone) ? observer_line(o) : NULL;
	if (line != NULL) {
		words_ntp(line, &n);
		observer_said(o, "NTP", phone, f.peer, !answer);
	}
	if (!ntp_is_news(o, phone, f.peer.ip, answer))
		return;
	if (answer) {
		f.number = n.leap == 3 ? 16 : n.stratum;
		if (observer_clock_off(o, n.unix_s, &off))
			f.value[0] = (uint32_t)(int32_t)off;
	}
	observer_add_if_phone(o, &f);
}
