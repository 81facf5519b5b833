/* From one phone's facts to its report: boots, steps, status, verdicts.
 *
 * The verdict is about the latest boot, or about the one before it while the latest has only begun:
 * a refused phone tries again at once. */
#include "boot/boot_internal.h"

#include "base/text.h"
#include "model/phone_type.h"

#include <strings.h>

#define LIST_MAX 5 /* places of a phone's server list */

/* What is said of one boot. */
struct verdict {
	enum phone_status status;
	enum boot_step step;
	unsigned finding_count;
	struct finding finding[REPORT_FINDINGS_MAX];
};

static enum boot_step furthest(const struct boot_report *boot)
{
	for (int s = STEP_COUNT - 1; s >= 0; s--) {
		if (boot->step[s].status != STEP_STATUS_UNSEEN)
			return (enum boot_step)s;
	}
	return STEP_S1;
}

/* A phone that works is well, whatever may be remarked of its boot. */
static bool has_fault(const struct verdict *v)
{
	return v->finding_count > 0 && !v->finding[0].note;
}

static enum phone_status status_of(const struct boot_view *b, const struct verdict *v)
{
	const struct fact *last = &b->facts[b->count - 1];

	/* A stopped server's connections are gone, and its phones have done nothing wrong. */
	if (b->verdict && b->unheard_since != 0 && boot_refused(b) == NULL)
		return has_fault(v) ? PHONE_STATUS_STOPPED : PHONE_STATUS_UNKNOWN;
	if (boot_is_registered(b))
		return has_fault(v) || boot_dropped_by_server(b) ? PHONE_STATUS_DEGRADED
								 : PHONE_STATUS_REGISTERED;
	if (boot_refused(b) != NULL)
		return PHONE_STATUS_REFUSED;
	if (has_fault(v) || b->now - last->at >= WINDOW_PROGRESS)
		return PHONE_STATUS_STOPPED;
	return PHONE_STATUS_UNKNOWN;
}

static struct verdict judge_boot(const struct boot_view *b, const struct boot_report *boot)
{
	struct verdict v = {0};

	v.finding_count = judges_find(b, v.finding, REPORT_FINDINGS_MAX);
	v.status = status_of(b, &v);
	v.step = furthest(boot);
	/* A cause of an earlier step than the furthest seen is where it stopped (a remembered
	 * lease, say). */
	if (has_fault(&v))
		v.step = rule_row(v.finding[0].rule)->step;
	return v;
}

/* Our own server may have stopped after the last of this boot's facts: what did not follow, nobody
 * could see. And one that stopped in its middle has not watched all of it. */
static void mind_server_stops(struct boot_view *b)
{
	dt_time first = b->facts[0].at;
	dt_time last = b->facts[b->count - 1].at;
	dt_time end = b->now;

	b->unheard_since = 0;
	BOOT_EACH_SITE(f, b)
	{
		if (f->kind != FACT_SERVER_STATE || f->value[0] != 0 || f->at < first ||
		    f->at > end)
			continue;
		b->complete = false;
		if (f->at < last)
			continue;
		if (f->number == SERVER_STOPPED && b->unheard_since == 0)
			b->now = f->at < b->now ? f->at : b->now;
		if (f->number == SERVER_STARTED)
			b->unheard_since = f->at;
	}
}

/* The report's part about boots: `boot` facts from start[i] on; as of `now`. */
static void view_boot(struct boot_view *b, const size_t *start, unsigned boots, unsigned i,
		      dt_time now)
{
	size_t end = i + 1 < boots ? start[i + 1] : b->all_count;

	b->facts = b->all + start[i];
	b->count = end - start[i];
	b->now = i + 1 < boots ? b->all[end].at : now;
	b->complete = timeline_scope(b->timeline)->complete;
	mind_server_stops(b);
}

static void fill_identity(const struct fact *facts, size_t count, struct phone_report *report)
{
	char hex[MAC_HEX_SIZE];
	char claimed[FACT_NAME_SIZE] = "";
	struct ip4 ip;

	for (size_t i = 0; i < count; i++) {
		const struct fact *f = &facts[i];
		enum fact_family family = fact_row(f->kind)->family;
		bool taken =
		    f->kind == FACT_DHCP_ACK || (family > FAMILY_DHCP && family != FAMILY_SERVER);
		if (taken && !ip4_is_zero(f->ip))
			report->ip = f->ip;
		if (f->kind == FACT_SCCP_REGISTER)
			(void)text_copy(claimed, sizeof claimed, f->name);
		if (family == FAMILY_SCCP || family == FAMILY_SIP)
			(void)text_copy(report->protocol, sizeof report->protocol,
					family == FAMILY_SCCP ? "SCCP" : "SIP");
		if (f->kind == FACT_SIP_REGISTER && f->name[0] != 0)
			(void)text_copy(claimed, sizeof claimed, f->name);
		if (f->kind == FACT_SCCP_REGISTER ||
		    (f->kind == FACT_SIP_REGISTER && f->number != 0))
			(void)phone_type_name(f->number, report->model, sizeof report->model);
		const struct phone_type *type = NULL;
		if (family == FAMILY_DHCP && report->model[0] == 0 &&
		    strstr(f->text, "Phone ") != NULL)
			type = phone_type_find_model(strstr(f->text, "Phone ") + 6);
		if (type != NULL)
			(void)text_copy(report->model, sizeof report->model, type->model);
	}
	if (timeline_is_named_phone(report->mac)) {
		report->by_address = true;
	} else if (timeline_address_phone(report->mac, &ip)) {
		report->ip = ip;
		report->by_address = true;
		(void)ip4_format(ip, report->name);
	} else {
		(void)snprintf(report->name, sizeof report->name, "SEP%s",
			       mac_format_hex(report->mac, hex));
	}
	/* Names are shown escaped wherever they are not plain letters and digits. */
	if (claimed[0] != 0 &&
	    strspn(claimed, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.") ==
		strlen(claimed))
		(void)text_copy(report->name, sizeof report->name, claimed);
}

/* Connections alone, and nothing said on them: a phone knocks on the SCCP port of the few servers
 * of its list. A scanner asks everybody for everything, a trunk's peer asks the SIP port, and what
 * says something that is not SCCP is another service's client. */
static bool knocks_like_a_phone(const struct fact *facts, size_t count)
{
	struct ip4 server[LIST_MAX];
	size_t servers = 0;
	bool knocks = false;

	for (size_t i = 0; i < count; i++) {
		const struct fact *f = &facts[i];
		enum fact_family family = fact_row(f->kind)->family;
		if (family != FAMILY_TCP && family != FAMILY_SERVICE && family != FAMILY_TLS)
			continue;
		if (family != FAMILY_TLS && f->peer.port != PORT_SCCP &&
		    f->peer.port != PORT_SCCP_TLS)
			return false;
		if (family == FAMILY_TLS && f->peer.port == PORT_SCCP_TLS)
			return true;
		if (f->kind == FACT_TCP_CLOSED && f->value[0] > 0)
			return false;
		knocks |= f->kind == FACT_TCP_SYN;
		size_t at = 0;
		while (at < servers && !ip4_equal(server[at], f->peer.ip))
			at++;
		if (at == LIST_MAX)
			return false;
		if (at == servers)
			server[servers++] = f->peer.ip;
	}
	return knocks;
}

/* A PC that asks DHCP, a router that fetches its own file, a conference bridge is no phone. */
bool facts_are_phones(const struct fact *facts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (facts[i].kind == FACT_SCCP_REGISTER &&
		    phone_type_resource(facts[i].number) != NULL)
			return false;
	}
	for (size_t i = 0; i < count; i++) {
		const struct fact *f = &facts[i];
		enum fact_family family = fact_row(f->kind)->family;
		if (family == FAMILY_SCCP || family == FAMILY_SIP || family == FAMILY_SERVER)
			return true;
		if (f->kind == FACT_CDP_PHONE &&
		    (strncmp(f->name, "SEP", 3) == 0 || strstr(f->text, "IP Phone") != NULL))
			return true;
		if (family == FAMILY_FILE && boot_file_is_phones(f->name))
			return true;
		if (family == FAMILY_DHCP && (strncasecmp(f->text, "cisco system", 12) == 0 ||
					      strncmp(f->name, "SEP", 3) == 0))
			return true;
	}
	return knocks_like_a_phone(facts, count);
}

/* Whom a silence concerns, by the step at which it was met. */
static const struct {
	enum rule rule;
	enum timeline_service service;
	enum fact_kind asked;
} silences[] = {
    {RULE_NO_DHCP_ANSWER, SERVICE_DHCP, FACT_DHCP_DISCOVER},
    {RULE_TFTP_SILENT, SERVICE_FILES, FACT_FILE_ASKED},
    {RULE_CM_SILENT, SERVICE_CALLMANAGER, FACT_TCP_SYN},
    {RULE_KEEPALIVE_LOST, SERVICE_CALLMANAGER, FACT_SCCP_KEEPALIVE},
};

/* Nobody answers this phone: are others answered meanwhile? It is the first thing to know before
 * one looks at the phone, or at the server. */
static void fill_others(const struct timeline *t, const struct fact *facts, size_t count,
			struct phone_report *report)
{
	for (size_t i = 0; i < sizeof silences / sizeof *silences; i++) {
		if (report->finding_count == 0 || report->finding[0].rule != silences[i].rule)
			continue;
		const struct boot_view b = {.facts = facts, .count = count};
		const struct fact *asked = boot_last(&b, silences[i].asked);
		if (asked == NULL)
			return;
		char ip[IP4_TEXT_SIZE] = "DHCP servers";
		struct ip4 server = {{0}};
		if (silences[i].service != SERVICE_DHCP) {
			server = asked->peer.ip;
			(void)ip4_format(server, ip);
		}
		switch (timeline_others(t, silences[i].service, server, report->mac,
					report->boot[report->verdict_boot].began)) {
		case OTHERS_ANSWERED:
			(void)snprintf(report->also_seen, sizeof report->also_seen,
				       "other phones are answered by %s meanwhile: look at this "
				       "phone's port, VLAN and path first",
				       ip);
			return;
		case OTHERS_WAITING:
			(void)snprintf(report->also_seen, sizeof report->also_seen,
				       "other phones wait for %s too: look at the server and the "
				       "way to it first",
				       ip);
			return;
		case OTHERS_UNSEEN:
			return;
		}
	}
}

/* "40 s", "25 min", "3 h", "12 days". */
static const char *span_text(dt_time span, char to[static 24])
{
	double s = (double)span / 1e6;

	if (s < 600)
		(void)snprintf(to, 24, "%.0f s", s);
	else if (s < 2 * 3600)
		(void)snprintf(to, 24, "%.0f min", s / 60);
	else if (s < 2 * 86400)
		(void)snprintf(to, 24, "%.0f h", s / 3600);
	else
		(void)snprintf(to, 24, "%.0f days", s / 86400);
	return to;
}

static void fill_also_seen(const struct timeline *t, const struct fact *facts, size_t count,
			   dt_time now, struct phone_report *report)
{
	char span[24];

	if (report->unheard_since != 0)
		(void)snprintf(report->also_seen, sizeof report->also_seen,
			       "the server was started anew %s ago; nothing has been heard of "
			       "this phone since%s",
			       span_text(now - report->unheard_since, span),
			       now - report->unheard_since > WINDOW_RETURN ? ": is it switched on?"
									   : "");
	else if (report->boot_count > report->boots)
		(void)snprintf(report->also_seen, sizeof report->also_seen, "%u boots so far",
			       report->boot_count);
	else if (report->boot_count > 1)
		(void)snprintf(report->also_seen, sizeof report->also_seen, "%u boots in %s",
			       report->boot_count, span_text(report->last - report->first, span));
	else
		fill_others(t, facts, count, report);
}

unsigned diagnose_history(const struct timeline *t, struct mac mac, dt_time now,
			  struct boot_summary *ret_boots, unsigned max)
{
	struct boot_report report;
	size_t start[HISTORY_BOOTS_MAX];
	struct boot_view b = {.timeline = t, .mac = mac};

	b.all_count = timeline_facts(t, mac, &b.all);
	if (b.all_count == 0 || !facts_are_phones(b.all, b.all_count))
		return 0;
	b.site_count = timeline_site(t, &b.site);
	max = max < HISTORY_BOOTS_MAX ? max : HISTORY_BOOTS_MAX;
	unsigned found = (unsigned)boots_find(b.all, b.all_count, start, max);
	unsigned boots = found < max ? found : max;
	for (unsigned i = 0; i < boots; i++) {
		struct boot_summary *s = &ret_boots[i];
		view_boot(&b, start, boots, i, now);
		b.verdict = i + 1 == boots;
		boot_fill_steps(&b, &report);
		struct verdict v = judge_boot(&b, &report);
		*s = (struct boot_summary){.number = timeline_boots_dropped(t, mac) + found -
						     boots + i + 1,
					   .began = b.facts[0].at,
					   .ended = b.facts[b.count - 1].at,
					   .status = v.status,
					   .step = v.step,
					   .unheard_since = b.unheard_since,
					   .found = v.finding_count > 0};
		(void)text_copy(s->text, sizeof s->text, report.step[furthest(&report)].text);
		s->reached = report.step[furthest(&report)].at;
		s->finding = v.finding[0];
	}
	return boots;
}

bool diagnose_phone(const struct timeline *t, struct mac mac, dt_time now,
		    struct phone_report *ret_report)
{
	struct phone_report *report = ret_report;
	const struct fact *facts = NULL;
	size_t count = timeline_facts(t, mac, &facts);
	size_t start[REPORT_BOOTS_MAX] = {0};

	if (count == 0 || !facts_are_phones(facts, count))
		return false;
	memset(report, 0, sizeof *report);
	report->mac = mac;
	report->first = facts[0].at;
	report->last = facts[count - 1].at;
	fill_identity(facts, count, report);
	unsigned found = (unsigned)boots_find(facts, count, start, REPORT_BOOTS_MAX);
	report->boots = found < REPORT_BOOTS_MAX ? found : REPORT_BOOTS_MAX;
	report->boot_count = found + timeline_boots_dropped(t, mac);
	report->dropped = timeline_dropped(t, mac);
	struct boot_view b = {.all = facts, .all_count = count, .timeline = t, .mac = mac};
	b.site_count = timeline_site(t, &b.site);
	for (unsigned i = 0; i < report->boots; i++) {
		view_boot(&b, start, report->boots, i, now);
		boot_fill_steps(&b, &report->boot[i]);
		/* Only the last two can decide. */
		if (i + 2 < report->boots)
			continue;
		b.verdict = i + 1 == report->boots;
		struct verdict v = judge_boot(&b, &report->boot[i]);
		/* The latest one decides, unless it has only begun and the one before came to a
		 * verdict. */
		bool keep = i > 0 && i + 1 == report->boots && v.status == PHONE_STATUS_UNKNOWN &&
			    report->status != PHONE_STATUS_UNKNOWN &&
			    report->status != PHONE_STATUS_REGISTERED;
		if (keep && v.finding_count == 0)
			continue;
		const struct fact *accepted = boot_accepted(&b);
		report->callmanager = accepted != NULL && boot_is_registered(&b)
					  ? accepted->peer.ip
					  : (struct ip4){{0}};
		report->status = v.status;
		report->step = v.step;
		report->finding_count = v.finding_count;
		memcpy(report->finding, v.finding, sizeof report->finding);
		report->verdict_boot = i;
		report->unheard_since = b.unheard_since;
	}
	fill_also_seen(t, facts, count, now, report);
	return true;
}
