/* The interface by requests, without a transport: every answer against the description of itself.
 */
#include "harness.h"

#include "api/api.h"
#include "base/error.h"
#include "base/text.h"

#include <jansson.h>
#include <stdio.h>

static bool find(void *context, const char *name, const char **ret_status, struct ip4 *ret_ip)
{
	(void)context;
	*ret_status = "registered";
	*ret_ip = (struct ip4){{10, 77, 0, 51}};
	return strcmp(name, "SEP001380AD9E5F") == 0;
}

static int reset(void *context, const char *name, uint32_t type, dt_time now)
{
	(void)context;
	(void)type;
	(void)now;
	return strcmp(name, "SEP001380AD9E5F") == 0 ? 0 : E_UNKNOWN;
}

static size_t registered(void *context)
{
	(void)context;
	return 1;
}

static struct alarms alarms;
static struct perf perf;

static struct api_site site_new(void)
{
	struct api_site s = {.reg = reg_new(),
			     .stations = {.find = find, .reset = reset, .registered = registered},
			     .timeline = timeline_new(),
			     .alarms = &alarms,
			     .perf = &perf,
			     .now = DT_SECONDS(100),
			     .unix_s = 1709213825};
	struct device d = {.name = "SEP001380AD9E5F", .type = 30018, .dn = "1003"};
	struct fact fact = {.kind = FACT_DHCP_DISCOVER, .at = DT_SECONDS(1), .evidence = 1};
	s.dhcp = dhcp_server_new(s.reg);
	assert_int_equal(reg_load_device(s.reg, &d), 0);
	assert_int_equal(mac_parse("00:13:80:ad:9e:60", &fact.mac), 0);
	fact.vantage = VANTAGE_SERVER;
	(void)text_copy(fact.text, sizeof fact.text, "Cisco Systems, Inc. IP Phone CP-7961G");
	assert_int_equal(timeline_add(s.timeline, &fact), 0);
	struct timeline_scope scope = {.sees_dhcp = true, .complete = true, .to = s.now};
	timeline_set_scope(s.timeline, &scope);
	(void)alarms_raise(&alarms, "disk", "", "full", DT_NEVER, s.now);
	return s;
}

static void site_done(struct api_site *s)
{
	timeline_free(s->timeline);
	dhcp_server_free(s->dhcp);
	reg_free(s->reg);
}

/* One request, with its commit when it needs one. The caller owns the answer. */
static json_t *ask(const struct api_site *s, const char *method, const char *path, const char *body,
		   unsigned *ret_status)
{
	struct api_request request = {
	    .method = method, .path = path, .query = "", .body = slice_text(body)};
	struct api_reply reply;
	struct change c;
	api_handle(s, &request, &reply);
	while (reg_next_change(s->reg, &c)) {
		reg_commit_done(s->reg, c.ticket, true);
		if (reply.ticket == c.ticket)
			api_complete(s, &reply, true, "");
	}
	*ret_status = reply.status;
	json_t *answer = strncmp(reply.type, "application/json", 16) == 0
			     ? json_loads(buf_cstr(&reply.body), 0, NULL)
			     : json_string(buf_cstr(&reply.body));
	assert_non_null(answer);
	api_reply_done(&reply);
	return answer;
}

/* Does the value say what the schema says? Fails the test where it does not. */
static void check(const json_t *schemas, const json_t *schema, json_t *value, const char *where)
{
	const char *ref = json_string_value(json_object_get(schema, "$ref"));
	if (ref != NULL) {
		const json_t *named = json_object_get(schemas, strrchr(ref, '/') + 1);
		if (named == NULL)
			fail_msg("%s: %s is not there", where, ref);
		check(schemas, named, value, where);
		return;
	}
	const char *type = json_string_value(json_object_get(schema, "type"));
	bool fits = (strcmp(type, "string") == 0 && json_is_string(value)) ||
		    (strcmp(type, "integer") == 0 && json_is_integer(value)) ||
		    (strcmp(type, "boolean") == 0 && json_is_boolean(value)) ||
		    (strcmp(type, "array") == 0 && json_is_array(value)) ||
		    (strcmp(type, "object") == 0 && json_is_object(value));
	if (!fits)
		fail_msg("%s is no %s", where, type);
	const json_t *properties = json_object_get(schema, "properties");
	size_t index = 0;
	json_t *item = NULL;
	const char *key = NULL;
	json_array_foreach(value, index, item)
	    check(schemas, json_object_get(schema, "items"), item, where);
	json_array_foreach(json_object_get(schema, "required"), index, item)
	{
		if (json_object_get(value, json_string_value(item)) == NULL)
			fail_msg("%s has no member %s", where, json_string_value(item));
	}
	if (properties == NULL)
		return;
	json_object_foreach(value, key, item)
	{
		if (json_object_get(properties, key) == NULL)
			fail_msg("%s: the description does not know %s", where, key);
		check(schemas, json_object_get(properties, key), item, key);
	}
}

static json_t *described(const struct api_site *s)
{
	unsigned status = 0;
	json_t *description = ask(s, "GET", "/v1/openapi", "", &status);
	assert_int_equal(status, 200);
	return description;
}

static const json_t *schemas_of(const json_t *description)
{
	return json_object_get(json_object_get(description, "components"), "schemas");
}

/* Asks and compares with what the description says of this path. */
static void ask_described(const struct api_site *s, const json_t *description, const char *method,
			  const char *path, const char *pattern, const char *body)
{
	char small[8];
	char code[8];
	unsigned status = 0;
	json_t *answer = ask(s, method, path, body, &status);
	(void)snprintf(small, sizeof small, "%s",
		       strcmp(method, "GET") == 0      ? "get"
		       : strcmp(method, "POST") == 0   ? "post"
		       : strcmp(method, "PUT") == 0    ? "put"
		       : strcmp(method, "DELETE") == 0 ? "delete"
						       : "patch");
	(void)snprintf(code, sizeof code, "%u", status);
	const json_t *operation =
	    json_object_get(json_object_get(json_object_get(description, "paths"), pattern), small);
	const json_t *response = json_object_get(json_object_get(operation, "responses"), code);
	if (response == NULL)
		fail_msg("%s %s answers %s, which is not described: %s", method, path, code,
			 json_string_value(json_object_get(answer, "error")));
	const json_t *content =
	    json_object_get(json_object_get(response, "content"), "application/json");
	if (content != NULL)
		check(schemas_of(description), json_object_get(content, "schema"), answer, path);
	json_decref(answer);
}

TEST("the description in docs/openapi.json is the one the server gives")
{
	struct api_site s = site_new();
	struct api_request request = {.method = "GET", .path = "/v1/openapi", .query = ""};
	struct api_reply reply;
	api_handle(&s, &request, &reply);
	assert_int_equal(reply.status, 200);
	harness_golden("../../docs/openapi.json", buf_slice(&reply.body));
	api_reply_done(&reply);
	site_done(&s);
}

TEST("every answer is as its description says, member by member")
{
	struct api_site s = site_new();
	json_t *d = described(&s);
	static const struct {
		const char *method, *path, *pattern, *body;
	} asked[] = {
	    {"GET", "/v1/phones", "/v1/phones", ""},
	    {"POST", "/v1/phones", "/v1/phones",
	     "{\"name\":\"SEP000000000001\",\"type\":\"7960\",\"dn\":\"1004\","
	     "\"reserved_ip\":\"\"}"},
	    {"GET", "/v1/phones/SEP001380AD9E5F", "/v1/phones/{name}", ""},
	    {"PATCH", "/v1/phones/SEP001380AD9E5F", "/v1/phones/{name}", "{\"label\":\"x\"}"},
	    {"DELETE", "/v1/phones/SEP000000000001", "/v1/phones/{name}", ""},
	    {"POST", "/v1/phones/SEP001380AD9E5F/reset", "/v1/phones/{name}/reset",
	     "{\"kind\":\"restart\"}"},
	    {"PUT", "/v1/autoreg", "/v1/autoreg", "{\"on\":true,\"seconds\":600}"},
	    {"GET", "/v1/autoreg", "/v1/autoreg", ""},
	    {"GET", "/v1/leases", "/v1/leases", ""},
	    {"GET", "/v1/boots", "/v1/boots", ""},
	    {"GET", "/v1/boots/SEP001380AD9E60", "/v1/boots/{name}", ""},
	    {"GET", "/v1/facts/SEP001380AD9E60", "/v1/facts/{name}", ""},
	    {"GET", "/v1/knocking", "/v1/knocking", ""},
	    {"GET", "/v1/settings", "/v1/settings", ""},
	    {"GET", "/v1/perf", "/v1/perf", ""},
	    {"GET", "/v1/node", "/v1/node", ""},
	    {"GET", "/v1/openapi", "/v1/openapi", ""},
	};
	for (size_t i = 0; i < sizeof asked / sizeof *asked; i++)
		ask_described(&s, d, asked[i].method, asked[i].path, asked[i].pattern,
			      asked[i].body);
	json_decref(d);
	site_done(&s);
}

/* What each kind of record needs to be stored. */
static const struct {
	enum record_kind kind;
	const char *key, *body;
} samples[] = {
    {RECORD_NODE, "cm1", "\"address\":\"10.77.0.1\""},
    {RECORD_GROUP, "main", "\"nodes\":[\"cm1\"]"},
    {RECORD_POOL, "Berlin", "\"group\":\"main\",\"monitor_s\":60"},
    {RECORD_LINE, "1003", "\"label\":\"Door\""},
    {RECORD_BUTTONS, "two", "\"layout\":\"line,line\""},
    {RECORD_SOFTKEYS, "few", "\"on_hook\":\"newcall\""},
    {RECORD_DEFAULTS, "7961G", "\"pool\":\"Berlin\""},
};

TEST("every kind of record is added, read, listed, changed, put and deleted as described")
{
	struct api_site s = site_new();
	json_t *d = described(&s);
	for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
		const struct record_type *type = record_type(samples[i].kind);
		char list[48];
		char one[96];
		char pattern[64];
		char body[256];
		(void)snprintf(list, sizeof list, "/v1/%s", type->plural);
		(void)snprintf(one, sizeof one, "%s/%s", list, samples[i].key);
		(void)snprintf(pattern, sizeof pattern, "%s/{name}", list);
		(void)snprintf(body, sizeof body, "{\"%s\":\"%s\",%s}", type->field[0].name,
			       samples[i].key, samples[i].body);
		ask_described(&s, d, "POST", list, list, body);
		ask_described(&s, d, "GET", list, list, "");
		ask_described(&s, d, "GET", one, pattern, "");
		ask_described(&s, d, "PATCH", one, pattern, "{}");
		ask_described(&s, d, "PUT", one, pattern, "{}");
	}
	/* Backwards, so that nothing is deleted that another record names. */
	for (size_t i = sizeof samples / sizeof *samples; i-- > 0;) {
		const struct record_type *type = record_type(samples[i].kind);
		char one[96];
		char pattern[64];
		(void)snprintf(one, sizeof one, "/v1/%s/%s", type->plural, samples[i].key);
		(void)snprintf(pattern, sizeof pattern, "/v1/%s/{name}", type->plural);
		ask_described(&s, d, "DELETE", one, pattern, "");
		assert_int_equal(reg_record_count(s.reg, samples[i].kind), 0);
	}
	json_decref(d);
	site_done(&s);
}

TEST("every path that is described is known to the server, and another method there is refused")
{
	struct api_site s = site_new();
	json_t *d = described(&s);
	const char *pattern = NULL;
	json_t *operations = NULL;
	json_object_foreach(json_object_get(d, "paths"), pattern, operations)
	{
		char path[96];
		unsigned status = 0;
		const char *name = strstr(pattern, "{name}");
		if (name == NULL)
			(void)snprintf(path, sizeof path, "%s", pattern);
		else
			(void)snprintf(path, sizeof path, "%.*sx%s", (int)(name - pattern), pattern,
				       name + 6);
		json_decref(ask(&s, "OPTIONS", path, "", &status));
		if (status != 405)
			fail_msg("OPTIONS %s: %u", path, status);
		assert_true(json_object_size(operations) > 0);
	}
	json_decref(d);
	site_done(&s);
}

TEST("a node that serves from a copy answers questions and orders, and refuses changes")
{
	struct api_site s = site_new();
	unsigned status = 0;
	s.read_only = true;
	json_decref(ask(&s, "GET", "/v1/phones", "", &status));
	assert_int_equal(status, 200);
	json_decref(
	    ask(&s, "POST", "/v1/phones/SEP001380AD9E5F/reset", "{\"kind\":\"reset\"}", &status));
	assert_int_equal(status, 202);
	json_decref(ask(&s, "POST", "/v1/nodes", "{}", &status));
	assert_int_equal(status, 409);
	json_decref(ask(&s, "PUT", "/v1/autoreg", "{\"on\":true}", &status));
	assert_int_equal(status, 409);
	site_done(&s);
}

TEST("bodies that are no object, name no field or bear a wrong type are refused with a sentence")
{
	struct api_site s = site_new();
	static const struct {
		const char *body;
		unsigned status;
	} cases[] = {
	    {"", 400},
	    {"[]", 400},
	    {"{\"name\":\"x\",\"name\":\"y\"}", 400},
	    {"{\"nam\":1}", 422},
	    {"{\"name\":{}}", 422},
	    {"{\"name\":\"a/b\"}", 422},
	    {"{\"version\":7}", 422},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		unsigned status = 0;
		json_t *answer = ask(&s, "POST", "/v1/nodes", cases[i].body, &status);
		assert_int_equal(status, cases[i].status);
		assert_true(strlen(json_string_value(json_object_get(answer, "error"))) > 5);
		json_decref(answer);
	}
	site_done(&s);
}
