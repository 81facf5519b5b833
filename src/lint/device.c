/* SEP<MAC>.cnf.xml and XMLDefault.cnf.xml: protocol, load, and what belongs together. */
#include "lint/lint_internal.h"

#include "model/phone_type.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#define LOAD_ELEMENT "loadInformation"
#define LOADS_KEPT   256

/* Models that never had a SIP load for a CallManager. */
static const char *const sccp_only[] = {"12SP", "12S",  "30SP", "30VIP", "7902", "7910", "7920",
					"7921", "7925", "7926", "7935",  "7936", "7937", "7985"};

static bool is_sccp_only(const char *model)
{
	for (size_t i = 0; i < sizeof sccp_only / sizeof *sccp_only; i++) {
		if (strncmp(model, sccp_only[i], strlen(sccp_only[i])) == 0)
			return true;
	}
	return false;
}

/* The first element of that name right under the root; CNF_NO_ELEMENT. */
static uint32_t find_top(const struct cnf_elements *e, const char *name)
{
	for (uint32_t i = 1; i < e->count; i++) {
		if (e->element[i].parent == 0 && strcmp(cnf_element_name(e, i), name) == 0)
			return i;
	}
	return CNF_NO_ELEMENT;
}

static const char *text_of_top(const struct cnf_elements *e, const char *name)
{
	uint32_t i = find_top(e, name);

	return i != CNF_NO_ELEMENT ? cnf_element_text(e, i) : "";
}

static const char *model_of(const struct lint *l)
{
	const char *model = l->type != 0 ? lint_model_of_number(l->type) : NULL;

	return model != NULL ? model : "";
}

static void check_load_name(struct lint *l, uint32_t line, const char *load)
{
	const char *ending = lint_load_ending(load);

	if (ending != NULL)
		lint_find(l, LINT_RULE_LOAD_SUFFIX, line, "\"%.60s\"", load);
}

/* A phone's own load. */
static void check_load(struct lint *l, const struct cnf_elements *e, uint32_t i,
		       const char *protocol)
{
	const char *load = cnf_element_text(e, i);
	uint32_t line = e->element[i].line;
	enum load_protocol speaks = lint_load_protocol(load);

	if (load[0] == 0 || lint_is_placeholder(load))
		return;
	check_load_name(l, line, load);
	if ((speaks == LOAD_SIP && strcasecmp(protocol, "SCCP") == 0) ||
	    (speaks == LOAD_SCCP && strcasecmp(protocol, "SIP") == 0))
		lint_find(l, LINT_RULE_LOAD_PROTOCOL, line, "%.60s in a file for %s", load,
			  protocol);
	if (!lint_load_fits(load, model_of(l)))
		lint_find_as(l, LINT_RULE_LOAD_MODEL, LINT_ERROR, line, "%.60s is no load of a %s",
			     load, model_of(l));
	lint_mention(l, WORD_LOAD, line, l->type, load);
}

static void check_protocol(struct lint *l, const struct cnf_elements *e, const char *protocol)
{
	uint32_t i = find_top(e, "deviceProtocol");
	uint32_t line = i != CNF_NO_ELEMENT ? e->element[i].line : 0;
	const char *model = model_of(l);

	if (protocol[0] == 0 || lint_is_placeholder(protocol))
		return;
	bool sip = strcmp(protocol, "SIP") == 0;
	bool sccp = strcmp(protocol, "SCCP") == 0;
	if (!sip && !sccp)
		lint_find(l, LINT_RULE_PROTOCOL, line, "\"%.40s\"", protocol);
	if ((sccp && lint_model_is_sip_only(model)) || (sip && is_sccp_only(model)))
		lint_find(l, LINT_RULE_PROTOCOL_MODEL, line, "a %s has no %s", model, protocol);
}

static void check_state(struct lint *l, const struct cnf_elements *e, bool stub)
{
	uint32_t mode = find_top(e, "deviceSecurityMode");
	uint32_t encrypted = find_top(e, "encrConfig");

	if (mode != CNF_NO_ELEMENT && (strcmp(cnf_element_text(e, mode), "2") == 0 ||
				       strcmp(cnf_element_text(e, mode), "3") == 0))
		lint_find(l, LINT_RULE_SECURE, e->element[mode].line, "deviceSecurityMode %s",
			  cnf_element_text(e, mode));
	if (encrypted != CNF_NO_ELEMENT && strcasecmp(cnf_element_text(e, encrypted), "true") == 0)
		lint_find(l, LINT_RULE_ENCRYPTED, e->element[encrypted].line, "encrConfig true");
	if (!stub && text_of_top(e, "versionStamp")[0] == 0)
		lint_find(l, LINT_RULE_NO_STAMP, e->element[0].line, "in this file");
}

/* Files that the phone is sent to fetch. */
static void mention_files(struct lint *l, const struct cnf_elements *e)
{
	static const char *const names[] = {"dialTemplate", "softKeyFile", "featurePolicyFile"};

	for (uint32_t i = 0; i < e->count; i++) {
		const char *text = cnf_element_text(e, i);
		for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
			if (text[0] != 0 && !lint_is_placeholder(text) &&
			    strcmp(cnf_element_name(e, i), names[k]) == 0)
				lint_mention(l, WORD_FILE, e->element[i].line, 0, text);
		}
	}
}

/* A 7940 or 7960 with SCCP is told its SIP image here, and then reads its lines from the text
 * files. */
static bool goes_to_text_files(const struct cnf_elements *e)
{
	const char *load = text_of_top(e, LOAD_ELEMENT);

	return find_top(e, "sipProfile") == CNF_NO_ELEMENT &&
	       (strncasecmp(load, "P0S3", 4) == 0 || lint_is_placeholder(load));
}

void lint_device(struct lint *l, const struct cnf_elements *e)
{
	const char *protocol = text_of_top(e, "deviceProtocol");
	bool lines = find_top(e, "sipProfile") != CNF_NO_ELEMENT;
	bool sip = strcmp(protocol, "SIP") == 0 || (protocol[0] == 0 && lines);
	/* The short file beside an encrypted one holds neither servers nor lines. */
	bool stub = strcasecmp(text_of_top(e, "fullConfig"), "false") == 0 ||
		    strcasecmp(text_of_top(e, "encrConfig"), "true") == 0;

	check_protocol(l, e, protocol);
	check_state(l, e, stub);
	if (!stub)
		lint_members(l, e, !sip);
	for (uint32_t i = 1; i < e->count; i++) {
		const char *name = cnf_element_name(e, i);
		bool top = e->element[i].parent == 0;
		if (top && (strcmp(name, LOAD_ELEMENT) == 0 ||
			    strcmp(name, "inactiveLoadInformation") == 0))
			check_load(l, e, i, protocol);
		else if (top && strncmp(name, LOAD_ELEMENT, strlen(LOAD_ELEMENT)) == 0)
			lint_find(l, LINT_RULE_LOAD_NUMBERED, e->element[i].line, "<%s>", name);
	}
	if (!stub && sip && !goes_to_text_files(e))
		lint_sip_lines(l, e);
	else if (strcmp(protocol, "SCCP") == 0 && lines)
		lint_find_as(l, LINT_RULE_SIP_IN_SCCP, LINT_REMARK,
			     e->element[find_top(e, "sipProfile")].line, "sipProfile");
	mention_files(l, e);
}

/* The number behind loadInformation; 0: none. */
static uint32_t number_of(const char *name)
{
	const char *digits = name + strlen(LOAD_ELEMENT);

	return lint_is_number(digits, 1, 9999999) ? (uint32_t)strtoul(digits, NULL, 10) : 0;
}

static void check_default_load(struct lint *l, const struct cnf_elements *e, uint32_t i)
{
	const char *load = cnf_element_text(e, i);
	const char *shown = cnf_element_attribute(e, i, "model");
	uint32_t line = e->element[i].line;
	uint32_t number = number_of(cnf_element_name(e, i));
	const char *model = lint_model_of_number(number);
	uint32_t right = 0;

	if (shown != NULL && lint_model_differs(number, shown, &right)) {
		char meant[48] = "";
		if (right != 0)
			(void)snprintf(meant, sizeof meant, "; that is %u", right);
		lint_find(l, LINT_RULE_MODEL_NUMBER, line, "%u is a %s, not a \"%.40s\"%s", number,
			  model, shown, meant);
	}
	if (load[0] == 0 || lint_is_placeholder(load))
		return;
	check_load_name(l, line, load);
	if (model != NULL && !lint_load_fits(load, model))
		lint_find(l, LINT_RULE_LOAD_MODEL, line, "%.60s is no load of a %s", load, model);
	lint_mention(l, WORD_LOAD, line, number, load);
	if (number == 7 || number == 8)
		lint_mention(l, WORD_IMAGE, line, 0, load);
}

/* Two loads for one model, both told. */
static void check_twice(struct lint *l, const struct cnf_elements *e, uint32_t i)
{
	for (uint32_t k = 1; k < i; k++) {
		if (e->element[k].parent != 0 ||
		    strcmp(cnf_element_name(e, k), cnf_element_name(e, i)) != 0 ||
		    strcmp(cnf_element_text(e, k), cnf_element_text(e, i)) == 0)
			continue;
		lint_find(l, LINT_RULE_LOAD_TWICE, e->element[i].line, "<%s>, as in line %u",
			  cnf_element_name(e, i), e->element[k].line);
		return;
	}
}

void lint_default(struct lint *l, const struct cnf_elements *e)
{
	size_t loads = 0;

	lint_members(l, e, true);
	for (uint32_t i = 1; i < e->count && loads < LOADS_KEPT; i++) {
		const char *name = cnf_element_name(e, i);
		if (e->element[i].parent != 0 ||
		    strncasecmp(name, LOAD_ELEMENT, strlen(LOAD_ELEMENT)) != 0)
			continue;
		loads++;
		if (strncmp(name, LOAD_ELEMENT, strlen(LOAD_ELEMENT)) != 0) {
			lint_find(l, LINT_RULE_CASE, e->element[i].line,
				  "<%s>, where phones look for <" LOAD_ELEMENT "…>", name);
		} else if (name[strlen(LOAD_ELEMENT)] == 0) {
			lint_find(l, LINT_RULE_LOAD_NUMBERLESS, e->element[i].line, "<%s>", name);
		} else {
			check_default_load(l, e, i);
			check_twice(l, e, i);
		}
	}
}
