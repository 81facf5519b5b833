/* Reports as JSON, for programs: the shape is fixed (docs/protocol/diagnosis.md, "JSON"). */
#include "boot/explain.h"
#include "boot/groups.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"

#include <jansson.h>

static const char *const phone_words[] = {"unknown", "registered", "refused", "stopped",
					  "degraded"};
static const char *const step_statuses[] = {"unseen",  "ok",      "absent",
					    "waiting", "refused", "stopped"};

static json_t *evidence_json(const uint64_t *evidence, uint32_t count)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < count; i++)
		(void)json_array_append_new(list, json_integer((json_int_t)evidence[i]));
	return list;
}

static json_t *boot_json(const struct phone_report *r, const struct boot_report *boot)
{
	json_t *steps = json_array();

	for (int i = 0; i < STEP_COUNT; i++) {
		const struct boot_step_report *s = &boot->step[i];
		if (s->status == STEP_STATUS_UNSEEN)
			continue;
		json_t *t = s->at != DT_NEVER
				? json_real((double)(boot->began + s->at - r->first) / 1e6)
				: json_null();
		(void)json_array_append_new(
		    steps,
		    json_pack("{s:s, s:s, s:o, s:s, s:o}", "step", step_number((enum boot_step)i),
			      "status", step_statuses[s->status], "t", t, "text", s->text,
			      "evidence", evidence_json(s->evidence, s->evidence_count)));
	}
	return json_pack("{s:o}", "steps", steps);
}

static json_t *finding_json(const struct finding *f)
{
	return json_pack("{s:s, s:s, s:b, s:s, s:s, s:s, s:o}", "rule", rule_row(f->rule)->id,
			 "certainty", f->proved ? "proved" : "suspected", "remark", f->note, "text",
			 f->text, "remedy", f->remedy, "decide", f->decide, "evidence",
			 evidence_json(f->evidence, f->evidence_count));
}

static json_t *phone_json(const struct phone_report *r)
{
	char mac[MAC_TEXT_SIZE] = "";
	char ip[IP4_TEXT_SIZE] = "";
	json_t *boots = json_array();
	json_t *findings = json_array();

	for (unsigned i = 0; i < r->boots; i++)
		(void)json_array_append_new(boots, boot_json(r, &r->boot[i]));
	for (unsigned i = 0; i < r->finding_count; i++)
		(void)json_array_append_new(findings, finding_json(&r->finding[i]));
	if (!r->by_address)
		(void)mac_format(r->mac, mac);
	if (!ip4_is_zero(r->ip))
		(void)ip4_format(r->ip, ip);
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:I, s:s, s:o, s:o}", "name",
			 r->name, "mac", mac, "ip", ip, "model", r->model, "protocol", r->protocol,
			 "status", phone_words[r->status], "step", step_number(r->step),
			 "boot_count", (int)r->boot_count, "facts_dropped", (json_int_t)r->dropped,
			 "also_seen", r->also_seen, "boots", boots, "findings", findings);
}

/* Findings that several phones share: one object a rule and server, with the names. */
static json_t *group_json(const struct group *group)
{
	json_t *names = json_array();

	for (size_t i = 0; i < group->count; i++)
		(void)json_array_append_new(names, json_string(group->phones[i].name));
	return json_pack("{s:s, s:s, s:b, s:s, s:s, s:o, s:o}", "rule", rule_row(group->rule)->id,
			 "certainty", group->proved ? "proved" : "suspected", "remark", group->note,
			 "text", group->text, "remedy", group->remedy, "evidence",
			 evidence_json(group->evidence, group->evidence_count), "phones", names);
}

/* Alone is no group. */
static json_t *groups_json(struct groups *groups)
{
	json_t *list = json_array();

	groups_finish(groups);
	for (size_t i = 0; i < groups->count; i++) {
		if (groups->group[i].count > 1)
			(void)json_array_append_new(list, group_json(&groups->group[i]));
	}
	return list;
}

static int write_json(const char *source, json_t *phones, json_t *groups, struct buf *to)
{
	struct buf clean;

	buf_init(&clean, 4096);
	text_escape_terminal(&clean, slice_text(source));
	json_t *root = json_pack("{s:s, s:o, s:o}", "source", buf_cstr(&clean), "phones", phones,
				 "groups", groups);
	buf_done(&clean);
	char *text =
	    root != NULL
		? json_dumps(root, JSON_INDENT(2) | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(9))
		: NULL;
	json_decref(root);
	if (text == NULL)
		return E_NO_MEMORY;
	buf_text(to, text);
	buf_char(to, '\n');
	free(text);
	return buf_error(to);
}

int explain_json(struct timeline *t, const char *source, dt_time now, struct buf *to)
{
	struct phone_report *report = alloc_zero(1, sizeof *report);
	struct groups *groups = alloc_zero(1, sizeof *groups);
	size_t at = 0;
	struct mac mac;
	int error = report == NULL || groups == NULL ? E_NO_MEMORY : 0;

	json_t *phones = json_array();
	while (error == 0 && timeline_next_phone(t, &at, &mac)) {
		if (!diagnose_phone(t, mac, now, report))
			continue;
		(void)json_array_append_new(phones, phone_json(report));
		error = groups_add(groups, report);
	}
	if (error == 0)
		error = write_json(source, phones, groups_json(groups), to);
	else
		json_decref(phones);
	if (groups != NULL)
		groups_done(groups);
	alloc_free(groups);
	alloc_free(report);
	return error;
}

int explain_phone_json(const struct phone_report *report, const char *source, struct buf *to)
{
	return write_json(source, json_pack("[o]", phone_json(report)), json_array(), to);
}
