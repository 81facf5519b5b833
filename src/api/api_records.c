/* Nodes, groups, pools, lines, device defaults and templates: one set of routes for all kinds. */
#include "api/api_internal.h"

#include "base/error.h"
#include "base/text.h"

json_t *api_record_json(enum record_kind kind, const union record *record)
{
	json_t *json = json_object();

	api_fields_put(json, kind, record);
	return json;
}

static void list(const struct api_site *site, enum record_kind kind, struct api_reply *reply)
{
	json_t *array = json_array();
	const union record *record = NULL;

	while ((record = reg_record_next(site->reg, kind, record == NULL ? "" : record->key)) !=
	       NULL)
		(void)json_array_append_new(array, api_record_json(kind, record));
	api_answer(reply, 200, json_pack("{s:o}", record_type(kind)->plural, array));
}

static void wait_for(struct api_reply *reply, uint64_t ticket, unsigned status,
		     enum record_kind kind, const char *key)
{
	api_wait(reply, ticket, status, key);
	reply->kind = kind;
}

/* The record of the body over `record`; `key`: what the path names, NULL when the body does. */
static void put(const struct api_site *site, const struct api_request *request,
		enum record_kind kind, union record *record, const char *key, bool add,
		struct api_reply *reply)
{
	json_t *body = api_body_object(request, reply);
	const struct record_field *key_field = &record_type(kind)->field[0];
	uint64_t ticket = 0;
	const char *why = NULL;

	if (body == NULL)
		return;
	if (api_fields_take(body, kind, record, reply)) {
		int error = key != NULL ? record_field_parse(key_field, key, record, &why) : 0;
		if (error == 0)
			error = reg_record_put(site->reg, kind, record, add, &ticket, &why);
		if (error != 0)
			api_refuse_error(reply, error, why);
		else
			wait_for(reply, ticket, add ? 201 : 200, kind, record->key);
	}
	json_decref(body);
}

static void get(const struct api_site *site, enum record_kind kind, const char *key,
		struct api_reply *reply)
{
	const union record *record = reg_record_find(site->reg, kind, key);

	if (record == NULL)
		api_refuse(reply, 404, "no such record");
	else
		api_answer(reply, 200, api_record_json(kind, record));
}

static void delete (const struct api_site *site, enum record_kind kind, const char *key,
		    struct api_reply *reply)
{
	uint64_t ticket = 0;
	const char *why = NULL;
	int error = reg_record_delete(site->reg, kind, key, &ticket, &why);

	if (error != 0)
		api_refuse_error(reply, error, why);
	else
		wait_for(reply, ticket, 200, kind, key);
}

/* PATCH changes what is there; PUT adds it when it is not (a model's defaults are always there in
 * an administrator's mind). */
static void change(const struct api_site *site, const struct api_request *request,
		   enum record_kind kind, const char *key, bool or_add, struct api_reply *reply)
{
	const union record *old = reg_record_find(site->reg, kind, key);
	union record record;

	if (old == NULL && !or_add) {
		api_refuse(reply, 404, "no such record");
		return;
	}
	record_init(kind, &record);
	if (old != NULL)
		memcpy(&record, old, record_type(kind)->size);
	put(site, request, kind, &record, key, old == NULL, reply);
}

static void route_collection(const struct api_site *site, const struct api_request *request,
			     enum record_kind kind, struct api_reply *reply)
{
	union record record;

	if (strcmp(request->method, "GET") == 0) {
		list(site, kind, reply);
	} else if (strcmp(request->method, "POST") == 0) {
		record_init(kind, &record);
		put(site, request, kind, &record, NULL, true, reply);
	} else {
		api_refuse(reply, 405, "this path does not know that method");
	}
}

/* A model is known by many names ("7961", "Cisco 7961G"), its defaults are kept under one. */
static void one_spelling(enum record_kind kind, char key[static RECORD_NAME_SIZE])
{
	union record record;
	const char *why = NULL;

	record_init(kind, &record);
	(void)text_copy(record.key, sizeof record.key, key);
	if (kind == RECORD_DEFAULTS && record_check(kind, &record, &why) == 0)
		(void)text_copy(key, RECORD_NAME_SIZE, record.key);
}

static void route_one(const struct api_site *site, const struct api_request *request,
		      enum record_kind kind, const char *name, struct api_reply *reply)
{
	char key[RECORD_NAME_SIZE];

	if (!text_copy(key, sizeof key, name)) {
		api_refuse(reply, 404, "no such record");
		return;
	}
	one_spelling(kind, key);
	if (strcmp(request->method, "GET") == 0)
		get(site, kind, key, reply);
	else if (strcmp(request->method, "PATCH") == 0)
		change(site, request, kind, key, false, reply);
	else if (strcmp(request->method, "PUT") == 0)
		change(site, request, kind, key, true, reply);
	else if (strcmp(request->method, "DELETE") == 0)
		delete (site, kind, key, reply);
	else
		api_refuse(reply, 405, "this path does not know that method");
}

bool api_records_route(const struct api_site *site, const struct api_request *request,
		       struct api_reply *reply)
{
	static const char root[] = "/v1/";
	const char *path = request->path + sizeof root - 1;

	if (strncmp(request->path, root, sizeof root - 1) != 0)
		return false;
	for (int k = RECORD_PHONE + 1; k < RECORD_KINDS; k++) {
		size_t len = strlen(record_type((enum record_kind)k)->plural);
		if (strncmp(path, record_type((enum record_kind)k)->plural, len) != 0)
			continue;
		if (path[len] == 0) {
			route_collection(site, request, (enum record_kind)k, reply);
			return true;
		}
		if (path[len] == '/' && path[len + 1] != 0 && strchr(path + len + 1, '/') == NULL) {
			route_one(site, request, (enum record_kind)k, path + len + 1, reply);
			return true;
		}
	}
	return false;
}
