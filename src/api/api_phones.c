/* Phones: records as the administrator wrote them, and where each phone is now. */
#include "api/api_internal.h"

#include "base/error.h"
#include "base/text.h"
#include "model/phone_type.h"

json_t *api_phone_json(const struct api_site *site, const struct device *device)
{
	char type[32];
	char ip[IP4_TEXT_SIZE] = "";
	struct ip4 at = ip4_of(0);
	const char *status = "unregistered";

	if (site->stations.find(site->stations.context, device->name, &status, &at))
		(void)ip4_format(at, ip);
	json_t *json = json_pack("{s:s, s:s, s:I, s:s, s:s}", "name", device->name, "model",
				 phone_type_name(device->type, type, sizeof type), "type",
				 (json_int_t)device->type, "status", status, "ip", ip);
	if (json != NULL)
		api_fields_put(json, RECORD_PHONE, device);
	/* Its presence says that there is a reservation. */
	if (json != NULL && ip4_is_zero(device->reserved_ip))
		(void)json_object_del(json, "reserved_ip");
	return json;
}

void api_phones_list(const struct api_site *site, const struct api_request *request,
		     const char *name, struct api_reply *reply)
{
	json_t *list = json_array();
	const struct device *device = NULL;

	(void)request;
	(void)name;
	while ((device = reg_device_next(site->reg, device == NULL ? "" : device->name)) != NULL)
		(void)json_array_append_new(list, api_phone_json(site, device));
	api_answer(reply, 200, json_pack("{s:o}", "phones", list));
}

/* Why it was out of service, as it last said itself (Alarm, XmlAlarm); "" when it has not. */
static const char *last_words(const struct api_site *site, const struct device *device,
			      char to[static FACT_TEXT_SIZE])
{
	const struct fact *fact = NULL;
	struct mac mac;
	size_t at = 0;

	to[0] = 0;
	if (mac_of_device_name(device->name, &mac) != 0)
		return to;
	while ((fact = timeline_next_fact(site->timeline, mac, &at)) != NULL) {
		if (fact->kind == FACT_PHONE_LAST)
			(void)text_copy(to, FACT_TEXT_SIZE, fact->text);
	}
	return to;
}

void api_phone_get(const struct api_site *site, const struct api_request *request, const char *name,
		   struct api_reply *reply)
{
	const struct device *device = reg_device_find(site->reg, name);
	char words[FACT_TEXT_SIZE];

	(void)request;
	if (device == NULL) {
		api_refuse(reply, 404, "no such phone in the database");
		return;
	}
	json_t *json = api_phone_json(site, device);
	if (json != NULL)
		(void)json_object_set_new(json, "last_alarm",
					  json_string(last_words(site, device, words)));
	api_answer(reply, 200, json);
}

void api_phones_add(const struct api_site *site, const struct api_request *request,
		    const char *name, struct api_reply *reply)
{
	struct device device = {0};
	uint64_t ticket = 0;
	const char *why = NULL;
	json_t *body = api_body_object(request, reply);

	(void)name;
	if (body == NULL)
		return;
	if (api_fields_take(body, RECORD_PHONE, &device, reply)) {
		int error = reg_device_add(site->reg, &device, site->unix_s, &ticket, &why);
		if (error != 0)
			api_refuse_error(reply, error, why);
		else
			api_wait(reply, ticket, 201, device.name);
	}
	json_decref(body);
}

void api_phone_set(const struct api_site *site, const struct api_request *request, const char *name,
		   struct api_reply *reply)
{
	const struct device *old = reg_device_find(site->reg, name);
	uint64_t ticket = 0;
	const char *why = NULL;

	if (old == NULL) {
		api_refuse(reply, 404, "no such phone in the database");
		return;
	}
	struct device device = *old;
	json_t *body = api_body_object(request, reply);
	if (body == NULL)
		return;
	(void)json_object_del(body, "name"); /* the path's holds */
	if (api_fields_take(body, RECORD_PHONE, &device, reply)) {
		int error = reg_device_set(site->reg, &device, &ticket, &why);
		if (error != 0)
			api_refuse_error(reply, error, why);
		else
			api_wait(reply, ticket, 200, device.name);
	}
	json_decref(body);
}

void api_phone_delete(const struct api_site *site, const struct api_request *request,
		      const char *name, struct api_reply *reply)
{
	uint64_t ticket = 0;
	const char *why = NULL;
	int error = reg_device_delete(site->reg, name, &ticket, &why);

	(void)request;
	if (error != 0)
		api_refuse_error(reply, error,
				 error == E_UNKNOWN ? "no such phone in the database" : why);
	else
		api_wait(reply, ticket, 200, name);
}

void api_phone_replace(const struct api_site *site, const struct api_request *request,
		       const char *name, struct api_reply *reply)
{
	struct device by = {0};
	uint64_t ticket = 0;
	const char *why = NULL;
	json_t *body = api_body_object(request, reply);

	if (body == NULL)
		return;
	if (api_fields_take(body, RECORD_PHONE, &by, reply)) {
		int error = reg_device_replace(site->reg, name, by.name, by.type, &ticket, &why);
		if (error != 0)
			api_refuse_error(reply, error, why);
		else
			api_wait(reply, ticket, 200, by.name);
	}
	json_decref(body);
}

void api_phone_reset(const struct api_site *site, const struct api_request *request,
		     const char *name, struct api_reply *reply)
{
	static const char *const kinds[] = {"", "reset", "restart",
					    "apply"}; /* index: SCCP's reset type */
	json_t *body = api_body_object(request, reply);
	uint32_t type = 0;

	if (body == NULL)
		return;
	const char *kind = json_string_value(json_object_get(body, "kind"));
	for (uint32_t i = 1; i < sizeof kinds / sizeof *kinds && kind != NULL; i++) {
		if (strcmp(kinds[i], kind) == 0)
			type = i;
	}
	if (type == 0)
		api_refuse(reply, 422, "\"kind\" must be \"reset\", \"restart\" or \"apply\"");
	else if (site->stations.reset(site->stations.context, name, type, site->now) != 0)
		api_refuse(
		    reply, 409,
		    "the phone is not registered here: it reads its record when it next boots");
	else
		api_answer(reply, 202, json_pack("{s:s, s:s}", "name", name, "ordered", kind));
	json_decref(body);
}
