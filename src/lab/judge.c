#include "lab/judge.h"

#include <string.h>

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text != NULL ? text : "";
}

/* Its hardware address, as the name that belongs to it: what it claims may be another's. */
static bool has_mac(const json_t *phone, const char *name)
{
	const char *mac = text_of(phone, "mac");
	char hex[16] = "SEP";
	size_t len = 3;

	for (; *mac != 0 && len < sizeof hex - 1; mac++) {
		if (*mac != ':')
			hex[len++] = (char)(*mac >= 'a' && *mac <= 'f' ? *mac - 'a' + 'A' : *mac);
	}
	hex[len] = 0;
	return strcmp(hex, name) == 0;
}

static const json_t *find_phone(const json_t *report, const char *name)
{
	size_t index = 0;
	json_t *phone = NULL;

	json_array_foreach(json_object_get(report, "phones"), index, phone)
	{
		if (has_mac(phone, name))
			return phone;
	}
	return NULL;
}

static void tell_phone(const json_t *phone, struct buf *to)
{
	size_t index = 0;
	json_t *finding = NULL;

	buf_printf(to, "%s is %s", text_of(phone, "name"), text_of(phone, "status"));
	json_array_foreach(json_object_get(phone, "findings"), index, finding)
	{
		buf_printf(to, ", %s %s", text_of(finding, "rule"), text_of(finding, "certainty"));
	}
}

static bool is_healthy(const json_t *phone)
{
	return strcmp(text_of(phone, "status"), "registered") == 0 &&
	       json_array_size(json_object_get(phone, "findings")) == 0;
}

/* Is the rule found, as surely as it should be? What is found beside it, judge_stray looks at. */
static bool is_found(const struct scenario_expect *e, const json_t *phone)
{
	size_t index = 0;
	json_t *finding = NULL;

	json_array_foreach(json_object_get(phone, "findings"), index, finding)
	{
		if (strcmp(text_of(finding, "rule"), e->rule) == 0)
			return strcmp(text_of(finding, "certainty"),
				      e->proved ? "proved" : "suspected") == 0;
	}
	return false;
}

bool judge_expectation(const struct scenario_expect *e, const json_t *report, struct buf *ret_why)
{
	const json_t *phone = find_phone(report, e->phone);

	if (phone == NULL) {
		buf_printf(ret_why, "%s is not seen", e->phone);
		return false;
	}
	if (e->rule == NULL ? is_healthy(phone) : is_found(e, phone))
		return true;
	buf_printf(ret_why, "expected %s %s; ", e->rule != NULL ? e->rule : "nothing",
		   e->rule == NULL ? ""
		   : e->proved     ? "proved"
				   : "suspected");
	tell_phone(phone, ret_why);
	return false;
}

bool judge_healthy(const json_t *report, struct buf *ret_why)
{
	size_t index = 0;
	json_t *phone = NULL;

	if (json_array_size(json_object_get(report, "phones")) == 0) {
		buf_text(ret_why, "no phone is seen");
		return false;
	}
	json_array_foreach(json_object_get(report, "phones"), index, phone)
	{
		if (is_healthy(phone))
			continue;
		buf_text(ret_why, "expected all well; ");
		tell_phone(phone, ret_why);
		return false;
	}
	return true;
}

static bool is_allowed(const struct scenario *s, bool broken, const char *rule)
{
	for (size_t i = 0; i < s->expects; i++) {
		if (s->expect[i].rule != NULL && scenario_holds(s->expect[i].when, broken) &&
		    strcmp(s->expect[i].rule, rule) == 0)
			return true;
	}
	for (size_t i = 0; i < s->lines; i++) {
		if (s->line[i].kind == SCENARIO_SPARE && scenario_holds(s->line[i].when, broken) &&
		    strcmp(s->line[i].text, rule) == 0)
			return true;
	}
	return false;
}

bool judge_stray(const struct scenario *s, bool broken, const json_t *report, struct buf *ret_why)
{
	size_t index = 0;
	size_t at = 0;
	json_t *phone = NULL;
	json_t *finding = NULL;

	json_array_foreach(json_object_get(report, "phones"), index, phone)
	{
		json_array_foreach(json_object_get(phone, "findings"), at, finding)
		{
			if (is_allowed(s, broken, text_of(finding, "rule")))
				continue;
			buf_printf(ret_why, "%s %s at %s, which is not so",
				   text_of(finding, "rule"), text_of(finding, "certainty"),
				   text_of(phone, "name"));
			return true;
		}
	}
	return false;
}

void judge_list(const json_t *report, const char *where, json_t *list)
{
	size_t index = 0;
	size_t at = 0;
	json_t *phone = NULL;
	json_t *finding = NULL;

	json_array_foreach(json_object_get(report, "phones"), index, phone)
	{
		json_array_foreach(json_object_get(phone, "findings"), at, finding)(void)
		    json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s}", "where", where,
							  "phone", text_of(phone, "name"), "rule",
							  text_of(finding, "rule"), "certainty",
							  text_of(finding, "certainty")));
	}
}
