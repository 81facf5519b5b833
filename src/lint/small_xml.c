/* Dial rules, soft keys, ring and picture lists, feature policies. */
#include "lint/lint_internal.h"

#include <strings.h>

#define RINGS_SHOWN    50
#define SOFT_KEYS_SANE 10000

/* An attribute whose name phones of one generation spell in capitals, of another not. */
static const char *attribute_any_case(const struct cnf_elements *e, uint32_t i, const char *lower,
				      const char *upper)
{
	const char *value = cnf_element_attribute(e, i, lower);

	return value != NULL ? value : cnf_element_attribute(e, i, upper);
}

static void check_dial_rule(struct lint *l, const struct cnf_elements *e, uint32_t i)
{
	const char *match = attribute_any_case(e, i, "match", "MATCH");
	const char *timeout = attribute_any_case(e, i, "timeout", "TIMEOUT");
	uint32_t line = e->element[i].line;

	if (strcasecmp(cnf_element_name(e, i), "TEMPLATE") != 0)
		return;
	if (match == NULL || match[0] == 0)
		lint_find(l, LINT_RULE_DIAL_RULE, line, "no match");
	if (timeout != NULL && timeout[0] != 0 && !lint_is_placeholder(timeout) &&
	    !lint_is_number(timeout, 0, 3600))
		lint_find(l, LINT_RULE_DIAL_RULE, line, "timeout \"%.40s\" is no number of seconds",
			  timeout);
}

static void check_app_dial_rule(struct lint *l, const struct cnf_elements *e, uint32_t i)
{
	static const char *const numbers[] = {"NumDigits", "DigitsToRemove"};

	if (strcmp(cnf_element_name(e, i), "DialRule") != 0)
		return;
	for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++) {
		const char *value = cnf_element_attribute(e, i, numbers[k]);
		if (value != NULL && value[0] != 0 && !lint_is_placeholder(value) &&
		    !lint_is_number(value, 0, 100))
			lint_find(l, LINT_RULE_DIAL_RULE, e->element[i].line,
				  "%s \"%.40s\" is no number", numbers[k], value);
	}
}

static bool is_key_defined(const struct cnf_elements *e, const char *key)
{
	/* No soft-key file has so many: one made to keep us busy. */
	if (e->count > SOFT_KEYS_SANE)
		return true;
	for (uint32_t i = 0; i < e->count; i++) {
		if (strcmp(cnf_element_name(e, i), "softKeyDef") != 0)
			continue;
		const char *id = cnf_element_attribute(e, i, "keyID");
		if (id != NULL && strcmp(id, key) == 0)
			return true;
	}
	return false;
}

static void check_soft_key(struct lint *l, const struct cnf_elements *e, uint32_t i)
{
	const char *key = cnf_element_attribute(e, i, "keyID");

	if (strcmp(cnf_element_name(e, i), "softKey") == 0 && key != NULL && key[0] != 0 &&
	    !is_key_defined(e, key))
		lint_find(l, LINT_RULE_KEY_UNDEFINED, e->element[i].line, "keyID \"%.40s\"", key);
}

/* The text of a child; "" when there is none. */
static const char *child_text(const struct cnf_elements *e, uint32_t i, const char *name)
{
	/* What lies in it follows it. */
	for (uint32_t k = i + 1; k < e->count && e->element[k].parent >= i; k++) {
		if (e->element[k].parent == i && strcmp(cnf_element_name(e, k), name) == 0)
			return cnf_element_text(e, k);
	}
	return "";
}

static void check_ring(struct lint *l, const struct cnf_elements *e, uint32_t i, size_t *rings)
{
	if (strcmp(cnf_element_name(e, i), "Ring") != 0)
		return;
	const char *file = child_text(e, i, "FileName");
	if (file[0] == 0 || child_text(e, i, "DisplayName")[0] == 0)
		lint_find(l, LINT_RULE_RING, e->element[i].line, "no %s",
			  file[0] == 0 ? "FileName" : "DisplayName");
	else
		lint_mention(l, WORD_FILE, e->element[i].line, 0, file);
	if (++*rings == RINGS_SHOWN + 1)
		lint_find(l, LINT_RULE_RINGS_MANY, e->element[i].line, "this is the fifty-first");
}

static void check_feature(struct lint *l, const struct cnf_elements *e, uint32_t i)
{
	if (strcmp(cnf_element_name(e, i), "featureDef") != 0)
		return;
	const char *enable = child_text(e, i, "enable");
	if (child_text(e, i, "id")[0] == 0)
		lint_find(l, LINT_RULE_FEATURE, e->element[i].line, "no id");
	if (strcasecmp(enable, "true") != 0 && strcasecmp(enable, "false") != 0 &&
	    !lint_is_placeholder(enable))
		lint_find(l, LINT_RULE_FEATURE, e->element[i].line, "enable \"%.40s\"", enable);
}

static void check_picture(struct lint *l, const struct cnf_elements *e, uint32_t i)
{
	if (strcmp(cnf_element_name(e, i), "ImageItem") == 0 &&
	    (cnf_element_attribute(e, i, "Image") == NULL ||
	     cnf_element_attribute(e, i, "URL") == NULL))
		lint_find(l, LINT_RULE_PICTURE, e->element[i].line, "ImageItem");
}

void lint_small_xml(struct lint *l, const struct cnf_elements *e, enum lint_kind kind)
{
	size_t rings = 0;

	for (uint32_t i = 0; i < e->count; i++) {
		if (kind == LINT_DIAL_PLAN)
			check_dial_rule(l, e, i);
		else if (kind == LINT_APP_DIAL_RULES)
			check_app_dial_rule(l, e, i);
		else if (kind == LINT_SOFT_KEYS)
			check_soft_key(l, e, i);
		else if (kind == LINT_RINGS)
			check_ring(l, e, i, &rings);
		else if (kind == LINT_FEATURE_POLICY)
			check_feature(l, e, i);
		else if (kind == LINT_PICTURES)
			check_picture(l, e, i);
	}
}
