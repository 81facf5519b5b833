/* From one phone's facts to its report: boots, steps, status, verdicts.
 *
 * A new boot begins
 *   - with a DISCOVER, or a REQUEST for a remembered address, after the phone had already got its
 * lease or gone further;
 *   - with a trust list or configuration asked after it had already come to a CallManager (a
 * restart);
 *   - with the first file asked again after others (the phone starts its search over).
 * The verdict is about the latest boot, or about the one before it while the latest has only begun:
 * a refused phone tries again at once. */
#include "boot/boot_internal.h"

#include "base/text.h"
#include "model/phone_type.h"

#include <stdarg.h>
#include <strings.h>

static const struct rule_row rows[RULE_COUNT] = {
#define S1                                    STEP_S1
#define S2A                                   STEP_S2A
#define S2B                                   STEP_S2B
#define S3A                                   STEP_S3A
#define S3B                                   STEP_S3B
#define S4A                                   STEP_S4A
#define S4B                                   STEP_S4B
#define RULE(id, name, step, summary, remedy) [RULE_##name] = {id, step, summary, remedy},
#include "boot/rules.def"
#undef RULE
};

/* In the order of reasoning: the server's own words first, then what the wire shows, silence last.
 */
static const struct {
	enum rule rule;
	rule_fn judge;
} judges[] = {
    {RULE_WRONG_MODEL, rule_wrong_model},
    {RULE_WRONG_MAC, rule_wrong_mac},
    {RULE_NOT_IN_DATABASE, rule_not_in_database},
    {RULE_NO_FREE_NUMBER, rule_no_free_number},
    {RULE_KEEPALIVE_LOST, rule_keepalive_lost},
    {RULE_CM_REFUSES, rule_cm_refuses},
    {RULE_CM_SILENT, rule_cm_silent},
    {RULE_NO_FILE_AT_ALL, rule_no_file_at_all},
    {RULE_NO_OPTION_150, rule_no_option_150},
    {RULE_TFTP_SILENT, rule_tftp_silent},
    {RULE_NO_SCOPE, rule_no_scope},
    {RULE_NO_DHCP_ANSWER, rule_no_dhcp_answer},
};

const struct rule_row *rule_row(enum rule rule)
{
	return &rows[(unsigned)rule < RULE_COUNT ? rule : 0];
}

bool rule_find(const char *id, enum rule *ret_rule)
{
	for (size_t i = 0; i < RULE_COUNT; i++) {
		if (strcasecmp(rows[i].id, id) == 0) {
			*ret_rule = (enum rule)i;
			return true;
		}
	}
	return false;
}

void judgement_text(struct judgement *j, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	// NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): it is, two lines above
	(void)vsnprintf(j->finding.text, sizeof j->finding.text, format, args);
	va_end(args);
}

void judgement_remedy(struct judgement *j, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	// NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): it is, two lines above
	(void)vsnprintf(j->finding.remedy, sizeof j->finding.remedy, format, args);
	va_end(args);
}

void judgement_evidence(struct judgement *j, const struct fact *fact)
{
	evidence_add(j->finding.evidence, &j->finding.evidence_count, fact->evidence);
}

static bool came_to_callmanager(enum fact_kind kind)
{
	enum fact_family family = fact_row(kind)->family;

	return family == FAMILY_TCP || family == FAMILY_SCCP || family == FAMILY_SIP;
}

/* Does facts[i] begin a new boot, given the one that began at `start`? */
static bool begins_boot(const struct fact *facts, size_t start, size_t i)
{
	const struct fact *f = &facts[i];
	const struct fact *first_file = NULL;
	bool leased = false;
	bool called = false;
	bool other_file = false;

	for (size_t k = start; k < i; k++) {
		leased |= facts[k].kind == FACT_DHCP_ACK || facts[k].kind == FACT_FILE_ASKED;
		called |= came_to_callmanager(facts[k].kind);
		if (facts[k].kind == FACT_FILE_ASKED) {
			first_file = first_file == NULL ? &facts[k] : first_file;
			other_file |= strcmp(facts[k].name, first_file->name) != 0;
		}
	}
	if (f->kind == FACT_DHCP_DISCOVER)
		return leased || called;
	if (f->kind == FACT_DHCP_REQUEST)
		return called && ip4_is_zero(f->dhcp.ciaddr);
	if (f->kind != FACT_FILE_ASKED || !boot_file_is_phones(f->name))
		return false;
	return called || (other_file && strcmp(f->name, first_file->name) == 0);
}

/* The starts of the latest boots; returns how many there were in all. */
static size_t find_boots(const struct fact *facts, size_t count, size_t *start, size_t max)
{
	size_t n = 1;
	size_t from = 0;

	start[0] = 0;
	for (size_t i = 1; i < count; i++) {
		if (!begins_boot(facts, from, i))
			continue;
		from = i;
		if (n >= max)
			memmove(start, start + 1, (max - 1) * sizeof *start);
		start[n < max ? n : max - 1] = i;
		n++;
	}
	return n;
}

/* What is said of one boot. */
struct verdict {
	enum phone_status status;
	enum boot_step step;
	unsigned finding_count;
	struct finding finding[REPORT_FINDINGS_MAX];
};

/* At most three causes. A proved one needs no company of suspicions. */
static void find_causes(const struct boot_view *b, struct verdict *v)
{
	for (size_t i = 0;
	     i < sizeof judges / sizeof *judges && v->finding_count < REPORT_FINDINGS_MAX; i++) {
		struct judgement j = {0};
		judges[i].judge(b, &j);
		if (!j.fits)
			continue;
		j.finding.rule = judges[i].rule;
		j.finding.proved = j.proved;
		if (j.proved) {
			v->finding[0] = j.finding;
			v->finding_count = 1;
			return;
		}
		v->finding[v->finding_count++] = j.finding;
	}
}

static enum boot_step furthest(const struct boot_report *boot)
{
	for (int s = STEP_COUNT - 1; s >= 0; s--) {
		if (boot->step[s].status != STEP_STATUS_UNSEEN)
			return (enum boot_step)s;
	}
	return STEP_S1;
}

static enum phone_status status_of(const struct boot_view *b, const struct verdict *v)
{
	const struct fact *last = &b->facts[b->count - 1];
	const struct fact *reject = boot_last(b, FACT_SCCP_REGISTER_REJECT);
	const struct fact *ack = boot_last(b, FACT_SCCP_REGISTER_ACK);
	bool cause = v->finding_count > 0;

	if (boot_is_registered(b))
		return cause || boot_dropped_by_server(b) ? PHONE_STATUS_DEGRADED
							  : PHONE_STATUS_REGISTERED;
	if (reject != NULL && (ack == NULL || reject > ack))
		return PHONE_STATUS_REFUSED;
	if (cause || b->now - last->at >= WINDOW_PROGRESS)
		return PHONE_STATUS_STOPPED;
	return PHONE_STATUS_UNKNOWN;
}

static struct verdict judge_boot(const struct boot_view *b, const struct boot_report *boot)
{
	struct verdict v = {0};

	find_causes(b, &v);
	v.status = status_of(b, &v);
	v.step = furthest(boot);
	/* A cause of an earlier step than the furthest seen is where it stopped (a remembered
	 * lease, say). */
	if (v.finding_count > 0)
		v.step = rule_row(v.finding[0].rule)->step;
	return v;
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
		if (family == FAMILY_SCCP)
			(void)text_copy(report->protocol, sizeof report->protocol, "SCCP");
		if (f->kind == FACT_SCCP_REGISTER)
			(void)phone_type_name(f->number, report->model, sizeof report->model);
		const struct phone_type *type = NULL;
		if (family == FAMILY_DHCP && report->model[0] == 0 &&
		    strstr(f->text, "Phone ") != NULL)
			type = phone_type_find_model(strstr(f->text, "Phone ") + 6);
		if (type != NULL)
			(void)text_copy(report->model, sizeof report->model, type->model);
	}
	if (timeline_address_phone(report->mac, &ip)) {
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

/* A PC that asks DHCP, or a router that fetches its own file, is no phone. */
static bool is_phone(const struct fact *facts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct fact *f = &facts[i];
		enum fact_family family = fact_row(f->kind)->family;
		if (came_to_callmanager(f->kind) || family == FAMILY_SERVER)
			return true;
		if (family == FAMILY_FILE && boot_file_is_phones(f->name))
			return true;
		if (family == FAMILY_DHCP && (strncasecmp(f->text, "cisco system", 12) == 0 ||
					      strncmp(f->name, "SEP", 3) == 0))
			return true;
	}
	return false;
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

static void fill_also_seen(const struct timeline *t, const struct fact *facts, size_t count,
			   struct phone_report *report)
{
	if (report->boot_count > 1)
		(void)snprintf(report->also_seen, sizeof report->also_seen, "%u boots in %.0f s",
			       report->boot_count, (double)(report->last - report->first) / 1e6);
	else
		fill_others(t, facts, count, report);
}

bool diagnose_phone(const struct timeline *t, struct mac mac, dt_time now,
		    struct phone_report *ret_report)
{
	struct phone_report *report = ret_report;
	const struct fact *facts = NULL;
	size_t count = timeline_facts(t, mac, &facts);
	size_t start[REPORT_BOOTS_MAX] = {0};

	if (count == 0 || !is_phone(facts, count))
		return false;
	memset(report, 0, sizeof *report);
	report->mac = mac;
	report->first = facts[0].at;
	report->last = facts[count - 1].at;
	fill_identity(facts, count, report);
	report->boot_count = (unsigned)find_boots(facts, count, start, REPORT_BOOTS_MAX);
	report->boots =
	    report->boot_count < REPORT_BOOTS_MAX ? report->boot_count : REPORT_BOOTS_MAX;
	for (unsigned i = 0; i < report->boots; i++) {
		size_t end = i + 1 < report->boots ? start[i + 1] : count;
		struct boot_view b = {.facts = facts + start[i],
				      .count = end - start[i],
				      .complete = timeline_scope(t)->complete};
		b.now = i + 1 < report->boots ? facts[end].at : now;
		boot_fill_steps(&b, &report->boot[i]);
		struct verdict v = judge_boot(&b, &report->boot[i]);
		/* The latest one decides, unless it has only begun and the one before came to a
		 * verdict. */
		bool keep = i > 0 && i + 1 == report->boots && v.status == PHONE_STATUS_UNKNOWN &&
			    report->status != PHONE_STATUS_UNKNOWN &&
			    report->status != PHONE_STATUS_REGISTERED;
		if (keep)
			continue;
		report->status = v.status;
		report->step = v.step;
		report->finding_count = v.finding_count;
		memcpy(report->finding, v.finding, sizeof report->finding);
		report->verdict_boot = i;
	}
	fill_also_seen(t, facts, count, report);
	return true;
}
