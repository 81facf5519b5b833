/* sipProfile: whether the phone registers at all, and its lines. */
#include "lint/lint_internal.h"

#include <strings.h>

#define FEATURE_LINE "9"
#define LINES_KEPT   128

struct sip_line {
	uint32_t element, line;
	const char *button, *index, *feature, *name;
};

static void check_register(struct lint *l, const struct cnf_elements *e)
{
	for (uint32_t i = 0; i < e->count; i++) {
		const char *text = cnf_element_text(e, i);
		if (strcmp(cnf_element_name(e, i), "registerWithProxy") != 0 || text[0] == 0 ||
		    strcmp(text, "true") == 0 || lint_is_placeholder(text))
			continue;
		bool meant = strcasecmp(text, "true") == 0 || strcmp(text, "1") == 0;
		lint_find_as(l, LINT_RULE_NO_REGISTER, meant ? LINT_WARNING : LINT_ERROR,
			     e->element[i].line, "\"%.40s\"", text);
	}
}

static size_t read_lines(const struct cnf_elements *e, struct sip_line *lines)
{
	size_t count = 0;

	for (uint32_t i = 0; i < e->count; i++) {
		const char *name = cnf_element_name(e, i);
		uint32_t parent = e->element[i].parent;
		struct sip_line *last = count > 0 ? &lines[count - 1] : NULL;
		if (strcmp(name, "line") == 0 &&
		    strcmp(cnf_element_parent(e, i), "sipLines") == 0 && count < LINES_KEPT)
			lines[count++] =
			    (struct sip_line){.element = i,
					      .line = e->element[i].line,
					      .button = cnf_element_attribute(e, i, "button"),
					      .index = cnf_element_attribute(e, i, "lineIndex"),
					      .feature = "",
					      .name = ""};
		else if (last != NULL && parent == last->element && strcmp(name, "featureID") == 0)
			last->feature = cnf_element_text(e, i);
		else if (last != NULL && parent == last->element && strcmp(name, "name") == 0)
			last->name = cnf_element_text(e, i);
	}
	return count;
}

static bool is_same(const char *a, const char *b)
{
	return a != NULL && b != NULL && a[0] != 0 && strcmp(a, b) == 0 && !lint_is_placeholder(a);
}

static void check_places(struct lint *l, const struct sip_line *lines, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		for (size_t k = 0; k < i; k++) {
			bool both = strcmp(lines[i].feature, FEATURE_LINE) == 0 &&
				    strcmp(lines[k].feature, FEATURE_LINE) == 0;
			if (is_same(lines[i].button, lines[k].button))
				lint_find(l, LINT_RULE_BUTTON_TWICE, lines[i].line,
					  "button %.20s, as in line %u", lines[i].button,
					  lines[k].line);
			else if (both && is_same(lines[i].index, lines[k].index))
				lint_find(l, LINT_RULE_BUTTON_TWICE, lines[i].line,
					  "lineIndex %.20s, as in line %u", lines[i].index,
					  lines[k].line);
		}
	}
}

/* Where the lines should stand. */
static uint32_t place_of_lines(const struct cnf_elements *e)
{
	uint32_t at = 0;

	for (uint32_t i = 1; i < e->count; i++) {
		if (strcmp(cnf_element_name(e, i), "sipLines") == 0)
			return e->element[i].line;
		if (strcmp(cnf_element_name(e, i), "sipProfile") == 0)
			at = i;
	}
	return e->element[at].line;
}

void lint_sip_lines(struct lint *l, const struct cnf_elements *e)
{
	struct sip_line lines[LINES_KEPT];
	size_t count = read_lines(e, lines);
	size_t real = 0;

	check_register(l, e);
	for (size_t i = 0; i < count; i++) {
		/* A template may fill in which feature it is. */
		if (lint_is_placeholder(lines[i].feature))
			real++;
		if (strcmp(lines[i].feature, FEATURE_LINE) != 0)
			continue;
		real++;
		if (lines[i].name[0] == 0)
			lint_find(l, LINT_RULE_LINE_NAME, lines[i].line, "button %.20s",
				  lines[i].button != NULL ? lines[i].button : "?");
		else if (!lint_is_placeholder(lines[i].name))
			lint_mention(l, WORD_LINE, lines[i].line, 0, lines[i].name);
	}
	if (real == 0)
		lint_find(l, LINT_RULE_NO_LINE, place_of_lines(e),
			  "no line with featureID 9 under sipLines");
	check_places(l, lines, count);
}
