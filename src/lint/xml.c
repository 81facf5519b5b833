/* What all files of XML have in common, and a phone's own file and the default file as wholes. */
#include "lint/lint_internal.h"

#include "base/error.h"
#include "base/text.h"

#include <strings.h>

#define PHONE_FILE_MAX 550000 /* a 7942 passes 550001 to its client (reference: boot 4.1) */

static const struct {
	const char *name, *parents;
} places[] = {
#define P(name, parents) {name, parents},
#include "lint/places.def"
#undef P
};

/* The elements that decide a boot: spelt and placed as phones look for them? */
static void check_places(struct lint *l, const struct cnf_elements *e)
{
	for (uint32_t i = 1; i < e->count; i++) {
		const char *name = cnf_element_name(e, i);
		const char *parent = cnf_element_parent(e, i);
		for (size_t k = 0; k < sizeof places / sizeof *places; k++) {
			if (strcasecmp(name, places[k].name) != 0)
				continue;
			bool placed = lint_is_word(parent, places[k].parents);
			if (strcmp(name, places[k].name) != 0 && placed)
				lint_find(l, LINT_RULE_CASE, e->element[i].line,
					  "<%s>, where phones look for <%s>", name, places[k].name);
			else if (strcmp(name, places[k].name) == 0 && !placed)
				lint_find(l, LINT_RULE_PLACE, e->element[i].line,
					  "<%s> under <%s>, not under <%.*s>", name, parent,
					  (int)strcspn(places[k].parents, ","), places[k].parents);
		}
	}
}

/* One for the file: which comes first, and how many. */
static void check_placeholders(struct lint *l, const struct cnf_elements *e)
{
	uint32_t first = CNF_NO_ELEMENT;
	uint32_t count = 0;

	for (uint32_t i = 0; i < e->count; i++) {
		const char *name = cnf_element_name(e, i);
		bool free_text =
		    lint_ends_with(name, "Password") || strcmp(name, "versionStamp") == 0;
		if (free_text || !lint_is_open(name, cnf_element_text(e, i)))
			continue;
		if (count++ == 0)
			first = i;
	}
	if (count == 1)
		lint_find(l, LINT_RULE_PLACEHOLDER, e->element[first].line, "%s is \"%.80s\"",
			  cnf_element_name(e, first), cnf_element_text(e, first));
	else if (count > 1)
		lint_find(l, LINT_RULE_PLACEHOLDER, e->element[first].line,
			  "%s is \"%.80s\", and %u more", cnf_element_name(e, first),
			  cnf_element_text(e, first), count - 1);
}

static void check_secrets(struct lint *l, const struct cnf_elements *e)
{
	for (uint32_t i = 0; i < e->count; i++) {
		const char *text = cnf_element_text(e, i);
		if (text[0] == 0 || !lint_ends_with(cnf_element_name(e, i), "Password") ||
		    lint_is_placeholder(text))
			continue;
		lint_find(l, LINT_RULE_SECRET, e->element[i].line, "%s", cnf_element_name(e, i));
		return;
	}
}

static void check_form(struct lint *l, const struct cnf_elements *e)
{
	if (e->encoding_line != 0)
		lint_find(l, LINT_RULE_ENCODING, e->encoding_line, "a byte that is not %s",
			  e->encoding[0] != 0 ? e->encoding : "UTF-8");
	else if (e->wide)
		lint_find(l, LINT_RULE_ENCODING, 1, "UTF-16, which no phone is known to read");
	else if (e->encoding[0] != 0)
		lint_find_as(l, LINT_RULE_ENCODING, LINT_REMARK, 1,
			     "encoding \"%s\" is not known everywhere", e->encoding);
	if (e->doctype_line != 0)
		lint_find(l, LINT_RULE_DOCTYPE, e->doctype_line, "<!DOCTYPE>");
	if (e->prefix_line != 0)
		lint_find(l, LINT_RULE_PREFIX, e->prefix_line, "phones read it all the same");
}

/* The root as this kind must have it. false: there is nothing more to look for. */
static bool check_root(struct lint *l, const struct cnf_elements *e, const char *root)
{
	const char *name = cnf_element_name(e, 0);

	if (strcmp(name, root) == 0)
		return true;
	if (strcasecmp(name, root) == 0)
		lint_find(l, LINT_RULE_CASE, e->element[0].line, "<%s>, where phones look for <%s>",
			  name, root);
	else
		lint_find(l, LINT_RULE_ROOT, e->element[0].line, "<%s>, not <%s>", name, root);
	return strcasecmp(name, root) == 0;
}

static void check_phone_file(struct lint *l, const struct cnf_elements *e, enum lint_kind kind)
{
	if (!check_root(l, e, kind == LINT_DEVICE ? "device" : "Default"))
		return;
	check_places(l, e);
	check_placeholders(l, e);
	check_secrets(l, e);
	lint_settings(l, e);
	if (kind == LINT_DEVICE)
		lint_device(l, e);
	else
		lint_default(l, e);
}

/* What a program will turn into a file: its words may stand where no XML does. */
static const char *template_words(struct slice bytes)
{
	static const char *const words[] = {"{%",       "{{",    "{$",  "{if ", "{loop",
					    "{foreach", "<?php", "<?=", "<%"};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (memmem(bytes.ptr, bytes.len, words[i], strlen(words[i])) != NULL)
			return words[i];
	}
	return NULL;
}

static void tell_flaw(struct lint *l, struct slice bytes, const struct cnf_flaw *flaw,
		      enum lint_kind kind)
{
	const char *words = template_words(bytes);

	if (words != NULL)
		lint_find(l, LINT_RULE_PLACEHOLDER, flaw->line,
			  "a program's template (%s …): not checked further", words);
	else
		/* Cisco's own dictionaries hold control characters, and phones read them. */
		lint_find_as(l, LINT_RULE_NOT_XML,
			     kind == LINT_XML && flaw->control ? LINT_REMARK : LINT_ERROR,
			     flaw->line, "%s", flaw->why);
}

void lint_xml(struct lint *l, const struct lint_input *input, enum lint_kind kind)
{
	struct cnf_elements e;
	struct cnf_flaw flaw;
	int error = cnf_elements_read(input->bytes, &e, &flaw);

	if (input->size > PHONE_FILE_MAX && kind != LINT_XML)
		lint_find(l, LINT_RULE_TOO_LARGE, 0, "%llu bytes", (unsigned long long)input->size);
	if (error == E_BAD_FORMAT)
		tell_flaw(l, input->bytes, &flaw, kind);
	else if (error == E_NO_MEMORY)
		l->error = error;
	if (error == 0) {
		check_form(l, &e);
		if (kind == LINT_DEVICE || kind == LINT_DEFAULT)
			check_phone_file(l, &e, kind);
		else
			lint_small_xml(l, &e, kind);
	}
	cnf_elements_done(&e);
}
