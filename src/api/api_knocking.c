/* Who knocks: devices that show a sign of life and are in no record, with what they want. */
#include "api/api_internal.h"

#include "base/alloc.h"
#include "boot/diagnose.h"

/* The last thing it did, in the words of its step. */
static const struct boot_step_report *last_step(const struct phone_report *report,
						enum boot_step *ret_step)
{
	const struct boot_report *boot = &report->boot[report->boots - 1];

	for (int s = STEP_COUNT - 1; s >= 0; s--) {
		if (boot->step[s].status != STEP_STATUS_UNSEEN) {
			*ret_step = (enum boot_step)s;
			return &boot->step[s];
		}
	}
	*ret_step = STEP_S1;
	return &boot->step[STEP_S1];
}

static json_t *knock_json(const struct phone_report *report, dt_time now)
{
	char mac[MAC_TEXT_SIZE];
	char ip[IP4_TEXT_SIZE] = "";
	enum boot_step step = STEP_S1;
	const struct boot_step_report *last = last_step(report, &step);

	if (!ip4_is_zero(report->ip))
		(void)ip4_format(report->ip, ip);
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:s}", "name", report->name, "mac",
			 report->by_address ? "" : mac_format(report->mac, mac), "model",
			 report->model, "ip", ip, "step", step_number(step), "seconds_ago",
			 (json_int_t)((now - report->last) / 1000000), "wants", last->text);
}

void api_knocking_list(const struct api_site *site, const struct api_request *request,
		       const char *name, struct api_reply *reply)
{
	json_t *list = json_array();
	struct phone_report *report = alloc_zero(1, sizeof *report);
	struct mac mac;
	size_t at = 0;

	(void)request;
	(void)name;
	while (report != NULL && timeline_next_phone(site->timeline, &at, &mac)) {
		if (reg_device_by_mac(site->reg, mac) == NULL &&
		    diagnose_phone(site->timeline, mac, site->now, report))
			(void)json_array_append_new(list, knock_json(report, site->now));
	}
	alloc_free(report);
	api_answer(reply, 200, json_pack("{s:o}", "knocking", list));
}
