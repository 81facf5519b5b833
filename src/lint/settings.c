/* Single settings against what phones take: values.def, time zones, date templates. */
#include "lint/lint_internal.h"

#include <strings.h>

#define URL_MAX 255

enum form {
	WORDS,
	NUMBER,
	PORT,
	HOST,
	URL,
};

static const struct value {
	const char *element, *parent;
	enum form form;
	const char *values;
} values[] = {
#define V(element, parent, form, values) {element, parent, form, values},
#include "lint/values.def"
#undef V
};

static const char *const time_zones[] = {
#define Z(name) name,
#include "lint/time_zones.def"
#undef Z
};

/* http://…, or one of the phone's own: Key:, Application:, Dial:. */
static bool is_url(const char *text)
{
	return strlen(text) <= URL_MAX && strchr(text, ':') != NULL && strchr(text, ' ') == NULL;
}

static void check_value(struct lint *l, uint32_t line, const struct value *v, const char *text)
{
	if (v->form == WORDS && !lint_is_word(text, v->values))
		lint_find(l, LINT_RULE_VALUE, line, "%s \"%.60s\" is none of %s", v->element, text,
			  v->values);
	else if (v->form == NUMBER && !lint_is_in_range(text, v->values))
		lint_find(l, LINT_RULE_VALUE, line, "%s \"%.60s\" is no number of %s", v->element,
			  text, v->values);
	else if (v->form == PORT && !lint_is_port(text))
		lint_find(l, LINT_RULE_PORT, line, "%s \"%.60s\"", v->element, text);
	else if (v->form == HOST && !lint_is_host(text))
		lint_find(l, LINT_RULE_HOST, line, "%s \"%.80s\"", v->element, text);
	else if (v->form == URL && strlen(text) > URL_MAX)
		lint_find(l, LINT_RULE_URL, line, "%s of %zu characters", v->element, strlen(text));
	else if (v->form == URL && !is_url(text))
		lint_find(l, LINT_RULE_URL, line, "%s \"%.80s\"", v->element, text);
}

static bool is_time_zone(const char *text)
{
	for (size_t i = 0; i < sizeof time_zones / sizeof *time_zones; i++) {
		if (strcmp(text, time_zones[i]) == 0)
			return true;
	}
	return false;
}

/* D, M and Y once each, Y perhaps twice together; A for a 12-hour clock. */
static bool is_date_template(const char *text)
{
	unsigned d = 0;
	unsigned m = 0;
	unsigned y = 0;
	unsigned a = 0;

	for (const char *c = text; *c != 0; c++) {
		d += *c == 'D';
		m += *c == 'M';
		y += *c == 'Y';
		a += *c == 'A' || *c == 'a';
		if (strchr("DMYAa/-.", *c) == NULL)
			return false;
	}
	return d == 1 && m == 1 && (y == 1 || y == 2) && a <= 1;
}

static void check_time(struct lint *l, uint32_t line, const char *name, const char *text)
{
	if (strcmp(name, "timeZone") == 0 && !is_time_zone(text))
		lint_find(l, LINT_RULE_TIME_ZONE, line, "\"%.80s\"", text);
	else if (strcmp(name, "dateTemplate") == 0 && !is_date_template(text))
		lint_find(l, LINT_RULE_DATE_TEMPLATE, line, "\"%.40s\"", text);
}

/* Neither CDP nor LLDP: the phone is cut off from its voice VLAN by its own file. */
static void check_discovery(struct lint *l, const struct cnf_elements *e)
{
	uint32_t cdp = 0;
	uint32_t lldp = 0;

	for (uint32_t i = 0; i < e->count; i++) {
		bool off = strcmp(cnf_element_text(e, i), "0") == 0;
		if (off && strcmp(cnf_element_name(e, i), "enableCdpSwPort") == 0)
			cdp = e->element[i].line;
		if (off && strcmp(cnf_element_name(e, i), "enableLldpSwPort") == 0)
			lldp = e->element[i].line;
	}
	if (cdp != 0 && lldp != 0)
		lint_find(l, LINT_RULE_DISCOVERY_OFF, cdp > lldp ? cdp : lldp,
			  "enableCdpSwPort and enableLldpSwPort are 0");
}

static void check_srst(struct lint *l, const struct cnf_elements *e)
{
	uint32_t on = 0;
	bool has = false;

	for (uint32_t i = 0; i < e->count; i++) {
		const char *name = cnf_element_name(e, i);
		const char *text = cnf_element_text(e, i);
		if (strcmp(cnf_element_parent(e, i), "srstInfo") != 0)
			continue;
		if (strcmp(name, "srstOption") == 0 && strcasecmp(text, "Enable") == 0)
			on = e->element[i].line;
		has |=
		    strstr(name, "pAddr") != NULL && text[0] != 0 && strcmp(text, "0.0.0.0") != 0;
	}
	if (on != 0 && !has)
		lint_find(l, LINT_RULE_SRST, on, "srstOption is Enable, and no ipAddr1");
}

void lint_settings(struct lint *l, const struct cnf_elements *e)
{
	for (uint32_t i = 0; i < e->count; i++) {
		const char *name = cnf_element_name(e, i);
		const char *text = cnf_element_text(e, i);
		if (text[0] == 0 || lint_is_open(name, text))
			continue;
		for (size_t k = 0; k < sizeof values / sizeof *values; k++) {
			const struct value *v = &values[k];
			if (strcmp(name, v->element) == 0 &&
			    (v->parent[0] == 0 || strcmp(cnf_element_parent(e, i), v->parent) == 0))
				check_value(l, e->element[i].line, v, text);
		}
		check_time(l, e->element[i].line, name, text);
	}
	check_discovery(l, e);
	check_srst(l, e);
}
