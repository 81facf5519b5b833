/* Kea's configuration: option-def and option-data, wherever they stand. */
#include "lint/dhcp.h"
#include "lint/json.h"

#include "base/error.h"
#include "base/text.h"

#include <stdlib.h>
#include <strings.h>

#define WORD_SIZE   256
#define DEFINED_MAX 16
#define NAME_66     "tftp-server-name"

struct kea {
	struct dhcp dhcp;
	const struct json *j;
	uint32_t defined[DEFINED_MAX]; /* option-def of code 150 */
	size_t defined_count;
};

/* The nearest object above that is a scope of addresses: a subnet, a class; the whole else. */
static uint32_t scope_above(const struct json *j, uint32_t i)
{
	for (uint32_t at = j->node[i].parent; at != JSON_NONE; at = j->node[at].parent) {
		uint32_t in = j->node[at].parent;
		if (j->node[at].type == JSON_OBJECT && in != JSON_NONE &&
		    j->node[in].type == JSON_ARRAY &&
		    lint_is_word(json_key(j, in),
				 "subnet4,shared-networks,client-classes,reservations,pools"))
			return at;
	}
	return JSON_NONE;
}

/* Is it an entry of an array of that name? */
static bool is_entry_of(const struct json *j, uint32_t i, const char *array)
{
	uint32_t in = j->node[i].parent;

	return j->node[i].type == JSON_OBJECT && in != JSON_NONE &&
	       j->node[in].type == JSON_ARRAY && strcmp(json_key(j, in), array) == 0;
}

static bool is_dhcp4(const struct json *j, uint32_t option)
{
	const char *space = json_member_text(j, option, "space");

	return space[0] == 0 || strcmp(space, "dhcp4") == 0;
}

static void take_definition(struct kea *k, uint32_t i)
{
	const char *type = json_member_text(k->j, i, "type");
	uint32_t at = json_member(k->j, i, "type");
	uint32_t line = at != JSON_NONE ? k->j->node[at].line : k->j->node[i].line;

	if (strcmp(json_member_text(k->j, i, "code"), "150") != 0)
		return;
	if (!is_dhcp4(k->j, i)) {
		lint_find(k->dhcp.l, LINT_RULE_ENCAPSULATED, k->j->node[i].line, "space %.60s",
			  json_member_text(k->j, i, "space"));
		return;
	}
	if (k->defined_count < DEFINED_MAX)
		k->defined[k->defined_count++] = i;
	if (strcmp(type, "string") == 0)
		lint_find(k->dhcp.l, LINT_RULE_TEXT_150, line, "defined as string");
	else if (type[0] != 0 && strcmp(type, "ipv4-address") != 0 && strcmp(type, "binary") != 0)
		lint_find(k->dhcp.l, LINT_RULE_TYPE_150, line, "%.40s", type);
}

/* The definition that an option's name or code means; JSON_NONE. */
static uint32_t definition_of(const struct kea *k, uint32_t option)
{
	const char *name = json_member_text(k->j, option, "name");
	const char *code = json_member_text(k->j, option, "code");

	for (size_t i = 0; i < k->defined_count; i++) {
		bool named = name[0] != 0 &&
			     strcmp(json_member_text(k->j, k->defined[i], "name"), name) == 0;
		if (named || (name[0] == 0 && strcmp(code, "150") == 0))
			return k->defined[i];
	}
	return JSON_NONE;
}

static void take_150(struct kea *k, struct dhcp_scope *s, uint32_t option, uint32_t definition)
{
	uint32_t at = json_member(k->j, option, "data");
	const char *data = json_member_text(k->j, option, "data");
	uint32_t line = at != JSON_NONE ? k->j->node[at].line : k->j->node[option].line;
	const char *type =
	    definition != JSON_NONE ? json_member_text(k->j, definition, "type") : "";
	char word[WORD_SIZE];
	size_t count = 0;

	s->has_tftp = true;
	if (strcmp(json_member_text(k->j, option, "csv-format"), "false") == 0 ||
	    strcmp(type, "binary") == 0) {
		dhcp_tftp_hex(&k->dhcp, s, line, data);
		return;
	}
	if (definition == JSON_NONE) {
		lint_find(k->dhcp.l, LINT_RULE_UNDEFINED_150, k->j->node[option].line,
			  "option-def of code 150");
		return;
	}
	while (strcmp(type, "ipv4-address") == 0 && *data != 0) {
		dhcp_tftp_word(&k->dhcp, s, line, lint_next_word(&data, ", ", word, sizeof word));
		count++;
	}
	if (count > 1 && strcmp(json_member_text(k->j, definition, "array"), "true") != 0)
		lint_find_as(k->dhcp.l, LINT_RULE_SYNTAX, LINT_WARNING, line,
			     "%zu addresses, where line %u defines one: the others are lost", count,
			     k->j->node[definition].line);
}

static void take_option(struct kea *k, struct dhcp_scope *s, uint32_t i)
{
	const char *name = json_member_text(k->j, i, "name");
	const char *code = json_member_text(k->j, i, "code");
	const char *data = json_member_text(k->j, i, "data");
	uint32_t definition = definition_of(k, i);
	uint32_t line = k->j->node[i].line;
	char word[WORD_SIZE];

	if (!is_dhcp4(k->j, i))
		return;
	if (definition != JSON_NONE || strcmp(code, "150") == 0)
		take_150(k, s, i, definition);
	else if (strcmp(name, NAME_66) == 0 || strcmp(code, "66") == 0)
		dhcp_name66(s, line, data);
	else if (strcmp(name, "routers") == 0 || strcmp(code, "3") == 0)
		dhcp_router(s, line, lint_next_word(&data, ", ", word, sizeof word));
	else if (strcmp(name, "domain-name-servers") == 0 || strcmp(code, "6") == 0)
		s->has_dns = true;
	else if (strcasestr(name, "tftp") != NULL || strstr(name, "150") != NULL)
		lint_find(k->dhcp.l, LINT_RULE_UNDEFINED_150, line, "\"%.80s\"", name);
}

/* "10.77.0.100 - 10.77.0.200", or a prefix, of which all is meant. */
static void take_pool(struct kea *k, struct dhcp_scope *s, uint32_t i)
{
	const char *pool = json_member_text(k->j, i, "pool");
	uint32_t at = json_member(k->j, i, "pool");
	char first[WORD_SIZE];
	char last[WORD_SIZE];

	if (strchr(pool, '-') == NULL || at == JSON_NONE)
		return;
	(void)lint_next_word(&pool, " -", first, sizeof first);
	dhcp_range(s, k->j->node[at].line, first, lint_next_word(&pool, " -", last, sizeof last));
}

/* Scopes by the object they are: those with addresses first, so that what they hold finds them. */
static struct dhcp_scope *scope_of(struct kea *k, const uint32_t *objects, uint32_t i)
{
	uint32_t object = scope_above(k->j, i);

	/* A pool's options hold in its subnet. */
	while (object != JSON_NONE && is_entry_of(k->j, object, "pools"))
		object = scope_above(k->j, object);
	for (size_t n = 0; n < k->dhcp.count && object != JSON_NONE; n++) {
		if (objects[n] == object)
			return &k->dhcp.scope[n];
	}
	return &k->dhcp.all;
}

static void read_scopes(struct kea *k, uint32_t *objects)
{
	for (uint32_t i = 0; i < k->j->count; i++) {
		bool subnet = is_entry_of(k->j, i, "subnet4");
		if (is_entry_of(k->j, i, "option-def"))
			take_definition(k, i);
		if ((!subnet && !is_entry_of(k->j, i, "client-classes") &&
		     !is_entry_of(k->j, i, "reservations") &&
		     !is_entry_of(k->j, i, "shared-networks")) ||
		    k->dhcp.count == DHCP_SCOPES_MAX - 1)
			continue;
		const char *net = json_member_text(k->j, i, "subnet");
		uint32_t at = json_member(k->j, i, "subnet");
		objects[k->dhcp.count] = i;
		struct dhcp_scope *s = dhcp_scope(&k->dhcp, k->j->node[i].line, net);
		if (subnet && at != JSON_NONE)
			dhcp_prefix(&k->dhcp, s, k->j->node[at].line, net);
	}
}

static void read_options(struct kea *k, const uint32_t *objects)
{
	for (uint32_t i = 0; i < k->j->count; i++) {
		const char *key = json_key(k->j, i);
		if (is_entry_of(k->j, i, "option-data"))
			take_option(k, scope_of(k, objects, i), i);
		else if (is_entry_of(k->j, i, "pools"))
			take_pool(k, scope_of(k, objects, i), i);
		else if (strcmp(key, "next-server") == 0)
			scope_of(k, objects, i)->has_tftp = true;
		else if (strcmp(key, "valid-lifetime") == 0)
			dhcp_lease(&k->dhcp, k->j->node[i].line, json_text(k->j, i));
	}
	for (size_t n = 0; n < k->dhcp.count; n++)
		k->dhcp.some_tftp |= k->dhcp.scope[n].has_tftp && !k->dhcp.scope[n].has_net;
}

void lint_kea(struct lint *l, struct slice file)
{
	static uint32_t objects[DHCP_SCOPES_MAX]; /* one thread */
	struct json j;
	struct kea k = {.j = &j};
	int error = json_read(file, &j);

	if (error == E_BAD_FORMAT)
		lint_find(l, LINT_RULE_SYNTAX, j.bad_line, "%s", j.bad);
	else if (error == E_NO_MEMORY)
		l->error = error;
	if (error == 0 && dhcp_init(&k.dhcp, l)) {
		read_scopes(&k, objects);
		read_options(&k, objects);
		dhcp_finish(&k.dhcp);
	}
	json_done(&j);
}
