/* A phone's past: every boot that is kept, each with its own verdict, and the server's own starts
 * between them. Times are the wall clock's, as far as it was right. */
#include "api/api_internal.h"

#include "base/alloc.h"
#include "base/error.h"
#include "boot/diagnose.h"

/* Milliseconds, so that what happened within a second keeps its order. */
static json_int_t unix_ms_of(const struct api_site *site, dt_time at)
{
	return (json_int_t)(site->unix_s * 1000 - (site->now - at) / 1000);
}

static const char *status_word(const struct boot_summary *b)
{
	static const char *const words[] = {"unknown", "registered", "refused", "stopped",
					    "degraded"};

	return words[b->status];
}

static json_t *boot_json(const struct api_site *site, const struct boot_summary *b)
{
	json_t *json =
	    json_pack("{s:i, s:I, s:I, s:s, s:s, s:s}", "boot", (int)b->number, "began_ms",
		      unix_ms_of(site, b->began), "last_seen_ms", unix_ms_of(site, b->ended),
		      "step", step_number(b->step), "status", status_word(b), "text", b->text);

	if (json != NULL && b->reached != DT_NEVER)
		(void)json_object_set_new(json, "took_ms", json_integer(b->reached / 1000));
	if (json != NULL && b->found) {
		(void)json_object_set_new(json, "rule", json_string(rule_row(b->finding.rule)->id));
		(void)json_object_set_new(json, "certainty",
					  json_string(b->finding.proved ? "proved" : "suspected"));
		(void)json_object_set_new(json, "cause", json_string(b->finding.text));
	}
	return json;
}

static json_t *boots_json(const struct api_site *site, struct mac mac)
{
	struct boot_summary *boots = alloc_zero(HISTORY_BOOTS_MAX, sizeof *boots);
	json_t *list = json_array();
	unsigned n = boots != NULL ? diagnose_history(site->timeline, mac, site->now, boots,
						      HISTORY_BOOTS_MAX)
				   : 0;

	for (unsigned i = 0; i < n; i++)
		(void)json_array_append_new(list, boot_json(site, &boots[i]));
	alloc_free(boots);
	return list;
}

/* The server's own life, where it overlaps the phone's. */
static json_t *server_json(const struct api_site *site, dt_time since)
{
	const struct fact *facts = NULL;
	size_t count = timeline_site(site->timeline, &facts);
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++) {
		const struct fact *f = &facts[i];
		if (f->kind != FACT_SERVER_STATE || f->value[0] != 0 || f->number == SERVER_LATE ||
		    f->at < since)
			continue;
		(void)json_array_append_new(
		    list,
		    json_pack("{s:I, s:s, s:s}", "at_ms", unix_ms_of(site, f->at), "what",
			      f->number == SERVER_STARTED ? "started" : "stopped", "how", f->text));
	}
	return list;
}

void api_history_get(const struct api_site *site, const struct api_request *request,
		     const char *name, struct api_reply *reply)
{
	struct phone_report *report = alloc_zero(1, sizeof *report);
	struct mac mac;
	char ip[IP4_TEXT_SIZE] = "";

	(void)request;
	if (report == NULL) {
		api_refuse_error(reply, E_NO_MEMORY, NULL);
	} else if (!api_find_mac(name, &mac) ||
		   !diagnose_phone(site->timeline, mac, site->now, report)) {
		api_refuse(reply, 404, "no sign of life from this phone is known here");
	} else {
		if (!ip4_is_zero(report->ip))
			(void)ip4_format(report->ip, ip);
		json_t *json =
		    json_pack("{s:s, s:s, s:s, s:I, s:I, s:o, s:o}", "name", report->name, "model",
			      report->model, "ip", ip, "boots_dropped",
			      (json_int_t)timeline_boots_dropped(site->timeline, mac),
			      "facts_dropped", (json_int_t)report->dropped, "boots",
			      boots_json(site, mac), "server", server_json(site, report->first));
		api_answer(reply, 200, json);
	}
	alloc_free(report);
}
