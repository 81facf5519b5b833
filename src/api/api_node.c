/* The node: auto-registration, leases, boots and their explanations, facts. */
#include "api/api_internal.h"

#include "base/alloc.h"
#include "base/error.h"
#include "boot/explain.h"

#include <version.h>

json_t *api_autoreg_json(const struct api_site *site)
{
	const struct settings *settings = reg_settings(site->reg);

	return json_pack("{s:b, s:I, s:I, s:I}", "on", settings->autoreg_on, "first",
			 (json_int_t)settings->autoreg_first, "last",
			 (json_int_t)settings->autoreg_last, "free",
			 (json_int_t)reg_autoreg_free(site->reg));
}

void api_autoreg_get(const struct api_site *site, const struct api_request *request,
		     const char *name, struct api_reply *reply)
{
	(void)request;
	(void)name;
	api_answer(reply, 200, api_autoreg_json(site));
}

/* A DN bound of the body; false after refusing. */
static bool take_number(json_t *body, const char *key, uint32_t *number, struct api_reply *reply)
{
	json_t *value = json_object_get(body, key);

	if (value == NULL)
		return true;
	if (json_is_integer(value) && json_integer_value(value) > 0 &&
	    json_integer_value(value) <= UINT32_MAX) {
		*number = (uint32_t)json_integer_value(value);
		return true;
	}
	api_refuse(reply, 422, "\"first\" and \"last\" must be directory numbers");
	return false;
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
	json_t *on = json_object_get(body, "on");
	if (on != NULL && !json_is_boolean(on)) {
		api_refuse(reply, 422, "\"on\" must be true or false");
	} else if (take_number(body, "first", &settings.autoreg_first, reply) &&
		   take_number(body, "last", &settings.autoreg_last, reply)) {
		if (on != NULL)
			settings.autoreg_on = json_is_true(on);
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
		    list, json_pack("{s:s, s:s, s:s, s:I, s:b}", "ip", ip4_format(lease->ip, ip),
				    "mac", mac_format(lease->mac, mac), "name",
				    device != NULL ? device->name : "", "seconds_left",
				    (json_int_t)(left / 1000000), "declined", lease->declined));
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

/* A phone by device name or by anything that is a MAC. */
static bool find_mac(const char *name, struct mac *ret_mac)
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
	} else if (!find_mac(name, &mac) ||
		   !diagnose_phone(site->timeline, mac, site->now, report)) {
		api_refuse(reply, 404,
			   "no sign of life from this phone since dialtone was started");
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
	if (!find_mac(name, &mac)) {
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

void api_node_get(const struct api_site *site, const struct api_request *request, const char *name,
		  struct api_reply *reply)
{
	const struct settings *settings = reg_settings(site->reg);
	char ip[IP4_TEXT_SIZE];

	(void)request;
	(void)name;
	api_answer(reply, 200,
		   json_pack("{s:s, s:s, s:s, s:I, s:I, s:I}", "version", DIALTONE_VERSION, "name",
			     settings->server_name, "server_ip",
			     ip4_format(settings->server_ip, ip), "phones",
			     (json_int_t)reg_device_count(site->reg), "registered",
			     (json_int_t)site->stations.registered(site->stations.context), "seen",
			     (json_int_t)timeline_phone_count(site->timeline)));
}
