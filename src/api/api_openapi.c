/* The description of this interface (OpenAPI 3.0), out of the same tables it is made of:
 * routes.def, api_schemas.def and the records' fields. docs/openapi.json is what this prints; a
 * test compares them, and every answer with its schema. */
#include "api/api_internal.h"

#include "base/text.h"

#include <ctype.h>
#include <version.h>

static const struct {
	const char *method, *path, *summary, *body, *answer;
	unsigned status;
} routes[] = {
#define R(method, path, handler, summary, body, status, answer)                                    \
	{method, path, summary, body, answer, status},
#include "api/routes.def"
#undef R
};

static const struct {
	const char *schema, *member, *type, *words;
} members[] = {
#define M(schema, member, type, words) {#schema, member, type, words},
#include "api/api_schemas.def"
#undef M
};

static json_t *reference(const char *schema)
{
	return json_pack("{s:o}", "$ref", json_sprintf("#/components/schemas/%s", schema));
}

/* "string", "Lease", "Lease[]" as a schema. */
static json_t *type_json(const char *type)
{
	char name[48];
	size_t len = strlen(type);
	bool list = len > 2 && strcmp(type + len - 2, "[]") == 0;

	(void)text_copy_slice(name, sizeof name, slice_of(type, list ? len - 2 : len));
	json_t *item =
	    islower((unsigned char)name[0]) ? json_pack("{s:s}", "type", name) : reference(name);
	return list ? json_pack("{s:s, s:o}", "type", "array", "items", item) : item;
}

static json_t *schema_of(json_t *schemas, const char *name)
{
	json_t *schema = json_object_get(schemas, name);

	if (schema == NULL) {
		schema = json_pack("{s:s, s:{}, s:[]}", "type", "object", "properties", "required");
		(void)json_object_set_new(schemas, name, schema);
	}
	return schema;
}

static void add_member(json_t *schema, const char *member, json_t *type, const char *words)
{
	char name[48];
	size_t len = strlen(member);
	bool optional = member[len - 1] == '?';

	(void)text_copy_slice(name, sizeof name, slice_of(member, optional ? len - 1 : len));
	if (words[0] != 0 && json_object_get(type, "$ref") == NULL)
		(void)json_object_set_new(type, "description", json_string(words));
	(void)json_object_set_new(json_object_get(schema, "properties"), name, type);
	if (!optional)
		(void)json_array_append_new(json_object_get(schema, "required"), json_string(name));
}

static const char *field_type(enum value_kind kind)
{
	switch (kind) {
	case VALUE_NUMBER:
	case VALUE_SIGNED:
	case VALUE_TIME:
	case VALUE_STAMP:
		return "integer";
	case VALUE_SWITCH:
		return "boolean";
	case VALUE_TEXT:
	case VALUE_IP:
	case VALUE_MODEL:
		break;
	}
	return "string";
}

/* "node-record": what is answered; "node" is the body that changes one. */
static const char *answer_name(enum record_kind kind, char to[static 48])
{
	(void)snprintf(to, 48, "%s-record", record_type(kind)->name);
	return to;
}

/* A record as it is answered, and as a body that changes it: then nothing is required, and what the
 * server keeps itself is not there. */
static void add_record(json_t *schemas, enum record_kind kind)
{
	char answer[48];
	const struct record_type *type = record_type(kind);
	json_t *record = json_pack("{s:s, s:{}, s:[]}", "type", "object", "properties", "required");
	json_t *change = json_pack("{s:s, s:{}}", "type", "object", "properties");

	for (size_t i = 0; i < type->fields; i++) {
		const struct record_field *field = &type->field[i];
		const char *name = field_type(field->kind);
		add_member(record, field->name, type_json(name), "");
		if (!field->kept)
			(void)json_object_set_new(json_object_get(change, "properties"),
						  field->name, type_json(name));
	}
	(void)json_object_set_new(schemas, type->name, change);
	/* A phone's answer says more than its record: api_schemas.def. */
	if (kind != RECORD_PHONE)
		(void)json_object_set(schemas, answer_name(kind, answer), record);
	json_decref(record);
}

static json_t *content_json(const char *schema)
{
	if (strcmp(schema, "text") == 0)
		return json_pack("{s:{s:{s:s}}}", "text/plain", "schema", "type", "string");
	return json_pack("{s:{s:o}}", "application/json", "schema", type_json(schema));
}

static json_t *operation_json(const char *summary, const char *body, const char *answer,
			      unsigned status, bool named)
{
	char code[8];
	json_t *operation = json_pack("{s:s, s:{}}", "summary", summary, "responses");
	json_t *responses = json_object_get(operation, "responses");

	(void)snprintf(code, sizeof code, "%u", status);
	if (named)
		(void)json_object_set_new(operation, "parameters",
					  json_pack("[{s:s, s:s, s:b, s:{s:s}}]", "name", "name",
						    "in", "path", "required", true, "schema",
						    "type", "string"));
	if (body[0] != 0)
		(void)json_object_set_new(operation, "requestBody",
					  json_pack("{s:b, s:{s:{s:o}}}", "required", true,
						    "content", "application/json", "schema",
						    reference(body)));
	(void)json_object_set_new(
	    responses, code,
	    json_pack("{s:s, s:o}", "description", summary, "content", content_json(answer)));
	(void)json_object_set_new(
	    responses, "default",
	    json_pack("{s:s, s:o}", "description", "refused", "content", content_json("Error")));
	return operation;
}

/* A path with its star as OpenAPI spells it, and the method in small letters. */
static void add_operation(json_t *paths, const char *method, const char *path, json_t *operation)
{
	char small[8];
	struct buf spelt;

	buf_init(&spelt, 256);
	for (const char *p = path; *p != 0; p++)
		buf_text(&spelt, *p == '*' ? "{name}" : (char[]){*p, 0});
	(void)text_copy(small, sizeof small, method);
	for (char *p = small; *p != 0; p++)
		*p = (char)tolower((unsigned char)*p);
	json_t *at = json_object_get(paths, buf_cstr(&spelt));
	if (at == NULL) {
		at = json_object();
		(void)json_object_set_new(paths, buf_cstr(&spelt), at);
	}
	(void)json_object_set_new(at, small, operation);
	buf_done(&spelt);
}

/* The five ways to meet a kind of record. */
static void add_record_routes(json_t *paths, json_t *schemas, enum record_kind kind)
{
	const struct record_type *type = record_type(kind);
	char list[64];
	char one[72];
	char many[64];
	char record[48];

	(void)answer_name(kind, record);
	(void)snprintf(list, sizeof list, "/v1/%s", type->plural);
	(void)snprintf(one, sizeof one, "%s/*", list);
	(void)snprintf(many, sizeof many, "%s-list", type->name);
	(void)json_object_set_new(schemas, many,
				  json_pack("{s:s, s:{s:{s:s, s:o}}, s:[s]}", "type", "object",
					    "properties", type->plural, "type", "array", "items",
					    reference(record), "required", type->plural));
	static const struct {
		const char *method;
		bool named, with_body;
		unsigned status;
	} ways[] = {{"GET", false, false, 200}, {"POST", false, true, 201},
		    {"GET", true, false, 200},  {"PATCH", true, true, 200},
		    {"PUT", true, true, 200},   {"DELETE", true, false, 200}};
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		bool deletes = strcmp(ways[i].method, "DELETE") == 0;
		const char *answer = deletes                                ? "Deleted"
				     : !ways[i].named && !ways[i].with_body ? many
									    : record;
		json_t *operation = operation_json(type->title, ways[i].with_body ? type->name : "",
						   "Error", ways[i].status, ways[i].named);
		char code[8];
		(void)snprintf(code, sizeof code, "%u", ways[i].status);
		(void)json_object_set_new(
		    json_object_get(json_object_get(operation, "responses"), code), "content",
		    json_pack("{s:{s:o}}", "application/json", "schema", reference(answer)));
		add_operation(paths, ways[i].method, ways[i].named ? one : list, operation);
	}
}

static json_t *api_openapi_json(void)
{
	json_t *schemas = json_object();
	json_t *paths = json_object();

	for (size_t i = 0; i < sizeof members / sizeof *members; i++)
		add_member(schema_of(schemas, members[i].schema), members[i].member,
			   type_json(members[i].type), members[i].words);
	for (int k = 0; k < RECORD_KINDS; k++)
		add_record(schemas, (enum record_kind)k);
	for (size_t i = 0; i < sizeof routes / sizeof *routes; i++)
		add_operation(paths, routes[i].method, routes[i].path,
			      operation_json(routes[i].summary, routes[i].body, routes[i].answer,
					     routes[i].status,
					     strchr(routes[i].path, '*') != NULL));
	for (int k = RECORD_PHONE + 1; k < RECORD_KINDS; k++)
		add_record_routes(paths, schemas, (enum record_kind)k);
	return json_pack("{s:s, s:{s:s, s:s, s:s}, s:[{s:[]}], s:o, s:{s:o, s:{s:{s:s, s:s}}}}",
			 "openapi", "3.0.3", "info", "title", "dialtone administration", "version",
			 DIALTONE_VERSION, "description",
			 "On the Unix socket without a token; on TCP with one (serve --api).",
			 "security", "token", "paths", paths, "components", "schemas", schemas,
			 "securitySchemes", "token", "type", "http", "scheme", "bearer");
}

void api_openapi_get(const struct api_site *site, const struct api_request *request,
		     const char *name, struct api_reply *reply)
{
	(void)site;
	(void)request;
	(void)name;
	api_answer(reply, 200, api_openapi_json());
}
