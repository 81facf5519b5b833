/* Routes: which handler answers a method and a path, and the few ways an answer is made. */
#include "api/api_internal.h"

#include "base/error.h"
#include "base/text.h"

/* `*` in a path stands for one name. */
static const struct {
	const char *method, *path;
	api_handler_fn handle;
} routes[] = {
#define R(method, path, handler, summary, body, status, answer) {method, path, handler},
#include "api/routes.def"
#undef R
};

/* Does the path fit the pattern? The part under `*` goes to ret_name. */
static bool path_fits(const char *pattern, const char *path, char *ret_name, size_t size)
{
	ret_name[0] = 0;
	while (*pattern != 0 && *pattern != '*') {
		if (*pattern++ != *path++)
			return false;
	}
	if (*pattern == 0)
		return *path == 0;
	size_t len = strcspn(path, "/");
	if (len == 0 || len >= size)
		return false;
	(void)text_copy_slice(ret_name, size, slice_of(path, len));
	return strcmp(pattern + 1, path + len) == 0;
}

/* Orders to phones change no record. */
static bool changes_records(const struct api_request *request)
{
	size_t len = strlen(request->path);
	bool order = len > 6 && strcmp(request->path + len - 6, "/reset") == 0;

	return strcmp(request->method, "GET") != 0 && !order;
}

void api_handle(const struct api_site *site, const struct api_request *request,
		struct api_reply *ret_reply)
{
	bool path_known = false;
	char name[DEVICE_NAME_SIZE + 16];

	*ret_reply = (struct api_reply){.status = 500, .type = "application/json"};
	buf_init(&ret_reply->body, API_REPLY_MAX);
	if (site->read_only && changes_records(request)) {
		api_refuse(
		    ret_reply, 409,
		    "this node serves from a read-only copy of the database: make the change "
		    "on the first server, and copy again");
		return;
	}
	for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
		if (!path_fits(routes[i].path, request->path, name, sizeof name))
			continue;
		path_known = true;
		if (strcmp(routes[i].method, request->method) != 0)
			continue;
		routes[i].handle(site, request, name, ret_reply);
		return;
	}
	if (!path_known && api_records_route(site, request, ret_reply))
		return;
	if (path_known)
		api_refuse(ret_reply, 405, "this path does not know that method");
	else
		api_refuse(ret_reply, 404, "no such path");
}

/* The record as it is now, or that it is gone. */
static void answer_record(const struct api_site *site, struct api_reply *reply)
{
	const struct device *device =
	    reply->kind == RECORD_PHONE ? reg_device_find(site->reg, reply->name) : NULL;
	const union record *record = reply->kind != RECORD_PHONE
					 ? reg_record_find(site->reg, reply->kind, reply->name)
					 : NULL;
	json_t *json = device != NULL   ? api_phone_json(site, device)
		       : record != NULL ? api_record_json(reply->kind, record)
					: json_pack("{s:s}", "deleted", reply->name);

	api_answer(reply, reply->status_when_done, json);
}

void api_complete(const struct api_site *site, struct api_reply *reply, bool ok, const char *why)
{
	reply->ticket = 0;
	if (!ok) {
		char sentence[192];
		(void)snprintf(sentence, sizeof sentence, "not stored, nothing was changed: %s",
			       why);
		api_refuse(reply, 507, sentence);
		return;
	}
	if (reply->name[0] == 0)
		api_answer(reply, reply->status_when_done, api_autoreg_json(site));
	else
		answer_record(site, reply);
}

void api_reply_done(struct api_reply *reply)
{
	buf_done(&reply->body);
}

void api_answer(struct api_reply *reply, unsigned status, json_t *json)
{
	char *text = json == NULL ? NULL : json_dumps(json, JSON_INDENT(2) | JSON_PRESERVE_ORDER);

	json_decref(json);
	buf_clear(&reply->body);
	reply->type = "application/json";
	reply->status = text == NULL ? 500 : status;
	buf_text(&reply->body, text == NULL ? "{\"error\": \"out of memory\"}" : text);
	buf_char(&reply->body, '\n');
	free(text);
	if (buf_error(&reply->body) != 0)
		reply->status = 500;
}

void api_refuse(struct api_reply *reply, unsigned status, const char *sentence)
{
	api_answer(reply, status, json_pack("{s:s}", "error", sentence));
}

void api_refuse_error(struct api_reply *reply, int error, const char *why)
{
	static const struct {
		int error;
		unsigned status;
	} statuses[] = {
	    {E_UNKNOWN, 404},   {E_EXISTS, 409}, {E_BUSY, 409},
	    {E_BAD_VALUE, 422}, {E_FULL, 507},   {E_NO_MEMORY, 500},
	};
	unsigned status = 500;

	for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
		if (statuses[i].error == error)
			status = statuses[i].status;
	}
	api_refuse(reply, status, why != NULL && why[0] != 0 ? why : error_text(error));
}

json_t *api_body_object(const struct api_request *request, struct api_reply *reply)
{
	json_error_t error;
	json_t *body = json_loadb((const char *)request->body.ptr, request->body.len,
				  JSON_REJECT_DUPLICATES, &error);

	if (json_is_object(body))
		return body;
	json_decref(body);
	api_refuse(reply, 400, "the body must be one JSON object");
	return NULL;
}

void api_query_value(const struct api_request *request, const char *key, char *to, size_t size)
{
	size_t key_len = strlen(key);

	to[0] = 0;
	for (const char *p = request->query; *p != 0;) {
		size_t len = strcspn(p, "&");
		if (len > key_len && strncmp(p, key, key_len) == 0 && p[key_len] == '=') {
			(void)text_copy_slice(to, size,
					      slice_of(p + key_len + 1, len - key_len - 1));
			return;
		}
		p += len + (p[len] == '&');
	}
}

void api_wait(struct api_reply *reply, uint64_t ticket, unsigned status_when_done, const char *name)
{
	reply->ticket = ticket;
	reply->status_when_done = status_when_done;
	(void)text_copy(reply->name, sizeof reply->name, name);
}
