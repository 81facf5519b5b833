/* The node: auto-registration, leases, boots and their explanations, facts. */
#include "api/api_internal.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"
#include "boot/explain.h"

#include <version.h>

/* What an administrator should know before the range is used up; "" when all is well. */
static const char *autoreg_warning(const struct api_site *site, uint32_t free)
{
	const struct settings *s = reg_settings(site->reg);
	uint32_t size = s->autoreg_last - s->autoreg_first + 1;

	if (!reg_autoreg_open(site->reg, site->unix_s))
		return "";
	if (free == 0)
		return "the range is used up: the next unknown phone is refused; extend it with "
		       "--range";
	if (s->autoreg_cap != 0 && reg_autoreg_count(site->reg) >= s->autoreg_cap)
		return "the cap is reached: the next unknown phone is refused; raise it with --cap";
	return free <= size / 10 ? "the range is nearly used up: extend it with --range" : "";
}

json_t *api_autoreg_json(const struct api_site *site)
{
	const struct settings *s = reg_settings(site->reg);
	uint32_t free = reg_autoreg_free(site->reg, UINT32_MAX);
	bool open = reg_autoreg_open(site->reg, site->unix_s);
	int64_t left = s->autoreg_until_unix_s == 0 ? 0 : s->autoreg_until_unix_s - site->unix_s;

	return json_pack(
	    "{s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:s, s:s}", "on", open, "first",
	    (json_int_t)s->autoreg_first, "last", (json_int_t)s->autoreg_last, "free",
	    (json_int_t)free, "seconds_left", (json_int_t)(open && left > 0 ? left : 0), "cap",
	    (json_int_t)s->autoreg_cap, "taken", (json_int_t)reg_autoreg_count(site->reg), "models",
	    s->autoreg_models, "warning", autoreg_warning(site, free));
}

void api_autoreg_get(const struct api_site *site, const struct api_request *request,
		     const char *name, struct api_reply *reply)
{
	(void)request;
	(void)name;
	api_answer(reply, 200, api_autoreg_json(site));
}

/* A whole number of the body; true with *number as it was when it is absent; false after refusing.
 */
static bool take_number(json_t *body, const char *key, json_int_t least, uint32_t *number,
			struct api_reply *reply)
{
	json_t *value = json_object_get(body, key);
	char sentence[80];

	if (value == NULL)
		return true;
	if (json_is_integer(value) && json_integer_value(value) >= least &&
	    json_integer_value(value) <= UINT32_MAX) {
		*number = (uint32_t)json_integer_value(value);
		return true;
	}
	(void)snprintf(sentence, sizeof sentence, "\"%s\" must be a whole number from %lld on", key,
		       (long long)least);
	api_refuse(reply, 422, sentence);
	return false;
}

static bool take_models(json_t *body, struct settings *s, struct api_reply *reply)
{
	json_t *value = json_object_get(body, "models");

	if (value == NULL ||
	    (json_is_string(value) &&
	     text_copy(s->autoreg_models, sizeof s->autoreg_models, json_string_value(value))))
		return true;
	api_refuse(reply, 422, "\"models\" must be a text such as \"7960G,7961G\"");
	return false;
}

static bool take_switch(json_t *body, struct settings *s, struct api_reply *reply)
{
	json_t *on = json_object_get(body, "on");

	if (on == NULL)
		return true;
	if (!json_is_boolean(on)) {
		api_refuse(reply, 422, "\"on\" must be true or false");
		return false;
	}
	s->autoreg_on = json_is_true(on);
	/* Switched anew, it is on until it is switched off, unless "seconds" says otherwise. */
	s->autoreg_until_unix_s = 0;
	return true;
}

static bool take_autoreg(const struct api_site *site, json_t *body, struct settings *s,
			 struct api_reply *reply)
{
	uint32_t seconds = 0;

	if (!take_switch(body, s, reply) ||
	    !take_number(body, "first", 1, &s->autoreg_first, reply) ||
	    !take_number(body, "last", 1, &s->autoreg_last, reply) ||
	    !take_number(body, "cap", 0, &s->autoreg_cap, reply) ||
	    !take_number(body, "seconds", 0, &seconds, reply) || !take_models(body, s, reply))
		return false;
	if (json_object_get(body, "seconds") != NULL)
		s->autoreg_until_unix_s = seconds == 0 ? 0 : site->unix_s + seconds;
	return true;
}

void api_autoreg_put(const struct api_site *site, const struct api_request *request,
		     const char *name, struct api_reply *reply)
{
	struct settings settings = *reg_settings(site->reg);
	json_t *body = api_body_object(request, reply);
	uint64_t ticket = 0;
	const char *why = NULL;

	(void)name;
	if (body == NULL)
		return;
	if (take_autoreg(site, body, &settings, reply)) {
		int error = reg_settings_set(site->reg, &settings, &ticket, &why);
		if (error != 0)
			api_refuse_error(reply, error, why);
		else
			api_wait(reply, ticket, 200, "");
	}
	json_decref(body);
}

void api_leases_list(const struct api_site *site, const struct api_request *request,
		     const char *name, struct api_reply *reply)
{
	json_t *list = json_array();
	size_t count = 0;
	const struct lease **leases =
	    site->dhcp != NULL ? dhcp_server_lease_list(site->dhcp, &count) : NULL;

	(void)request;
	(void)name;
	for (size_t i = 0; i < count; i++) {
		const struct lease *lease = leases[i];
		char ip[IP4_TEXT_SIZE];
		char mac[MAC_TEXT_SIZE];
		dt_time left = lease->expires > site->now ? lease->expires - site->now : 0;
		const struct device *device = reg_device_by_mac(site->reg, lease->mac);
		(void)json_array_append_new(
		    list, json_pack("{s:s, s:s, s:s, s:I, s:b, s:b}", "ip",
				    ip4_format(lease->ip, ip), "mac", mac_format(lease->mac, mac),
				    "name", device != NULL ? device->name : "", "seconds_left",
				    (json_int_t)(left / 1000000), "declined", lease->declined,
				    "temporary", lease->temporary));
	}
	alloc_free(leases);
	api_answer(reply, 200, json_pack("{s:o}", "leases", list));
}

void api_boots_list(const struct api_site *site, const struct api_request *request,
		    const char *name, struct api_reply *reply)
{
	(void)request;
	(void)name;
	int error = explain_json(site->timeline, "live", site->now, &reply->body);
	if (error != 0)
		api_refuse_error(reply, error, NULL);
	else
		reply->status = 200;
}

bool api_find_mac(const char *name, struct mac *ret_mac)
{
	return mac_of_device_name(name, ret_mac) == 0 || mac_parse(name, ret_mac) == 0;
}

/* The words for one phone, and its status so that a script need not read them. */
static json_t *explain_json_text(const struct api_request *request,
				 const struct phone_report *report)
{
	char width[8];
	char flag[8];
	struct buf text;

	api_query_value(request, "width", width, sizeof width);
	api_query_value(request, "colour", flag, sizeof flag);
	struct explain_options options = {.width = (unsigned)strtoul(width, NULL, 10),
					  .colour = strcmp(flag, "1") == 0,
					  .live = true};
	buf_init(&text, API_BODY_MAX);
	explain_phone_text(report, &options, &text);
	json_t *json = json_pack("{s:b, s:s}", "healthy", report->status == PHONE_STATUS_REGISTERED,
				 "text", buf_cstr(&text));
	buf_done(&text);
	return json;
}

void api_boots_get(const struct api_site *site, const struct api_request *request, const char *name,
		   struct api_reply *reply)
{
	char format[8];
	struct mac mac;
	struct phone_report *report = alloc_zero(1, sizeof *report);

	api_query_value(request, "format", format, sizeof format);
	if (report == NULL) {
		api_refuse_error(reply, E_NO_MEMORY, NULL);
	} else if (!api_find_mac(name, &mac) ||
		   !diagnose_phone(site->timeline, mac, site->now, report)) {
		api_refuse(reply, 404, "no sign of life from this phone is known here");
	} else if (strcmp(format, "text") == 0) {
		api_answer(reply, 200, explain_json_text(request, report));
	} else {
		int error = explain_phone_json(report, "live", &reply->body);
		reply->status = 200;
		if (error != 0)
			api_refuse_error(reply, error, NULL);
	}
	alloc_free(report);
}

void api_facts_get(const struct api_site *site, const struct api_request *request, const char *name,
		   struct api_reply *reply)
{
	struct mac mac;
	size_t at = 0;
	const struct fact *fact = NULL;

	(void)request;
	if (!api_find_mac(name, &mac)) {
		api_refuse(reply, 404, "not a device name or MAC");
		return;
	}
	reply->type = "text/plain; charset=utf-8";
	reply->status = 200;
	while ((fact = timeline_next_fact(site->timeline, mac, &at)) != NULL) {
		fact_format(fact, &reply->body);
		buf_char(&reply->body, '\n');
	}
}

/* What the operator must know now. */
static json_t *alarms_json(const struct api_site *site)
{
	json_t *list = json_array();
	const struct alarm *alarm = NULL;
	size_t at = 0;

	while (site->alarms != NULL && (alarm = alarms_next(site->alarms, &at, site->now)) != NULL)
		(void)json_array_append_new(
		    list,
		    json_pack("{s:s, s:s, s:s, s:I, s:I, s:I}", "what", alarm->what, "subject",
			      alarm->subject, "text", alarm->text, "seconds",
			      (json_int_t)((site->now - alarm->since) / 1000000), "seconds_ago",
			      (json_int_t)((site->now - alarm->last) / 1000000), "count",
			      (json_int_t)alarm->count));
	return list;
}

static json_t *others_json(const struct api_site *site)
{
	json_t *list = json_array();
	size_t count = 0;
	const struct dhcp_other *others =
	    site->dhcp != NULL ? dhcp_server_others(site->dhcp, &count) : NULL;

	for (size_t i = 0; i < count; i++) {
		char ip[IP4_TEXT_SIZE];
		char mac[MAC_TEXT_SIZE];
		(void)json_array_append_new(
		    list, json_pack("{s:s, s:s, s:I}", "ip", ip4_format(others[i].ip, ip), "client",
				    mac_format(others[i].client, mac), "seconds_ago",
				    (json_int_t)((site->now - others[i].last) / 1000000)));
	}
	return list;
}

void api_node_get(const struct api_site *site, const struct api_request *request, const char *name,
		  struct api_reply *reply)
{
	const struct settings *settings = reg_settings(site->reg);
	char ip[IP4_TEXT_SIZE];

	(void)request;
	(void)name;
	api_answer(reply, 200,
		   json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:o, s:o}", "version",
			     DIALTONE_VERSION, "name", settings->server_name, "server_ip",
			     ip4_format(settings->server_ip, ip), "phones",
			     (json_int_t)reg_device_count(site->reg), "registered",
			     (json_int_t)site->stations.registered(site->stations.context), "seen",
			     (json_int_t)timeline_phone_count(site->timeline), "alarms",
			     alarms_json(site), "other_dhcp", others_json(site)));
}
