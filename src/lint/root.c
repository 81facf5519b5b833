/* What only all files together show: a folder's missing files, and files that contradict each
 * other. */
#include "lint/lint_internal.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"
#include "model/file_name.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

/* The files of the folder, by name in any case, to be searched. */
struct listing {
	struct entry {
		const char *name; /* from the folder on */
		const struct lint_subject *file;
	} * entry;
	size_t count;
	size_t root; /* letters of the folder's own path */
};

static int by_name(const void *a, const void *b)
{
	const struct entry *x = a;
	const struct entry *y = b;
	int order = strcasecmp(x->name, y->name);

	return order != 0 ? order : strcmp(x->name, y->name);
}

/* The folder that all of its files lie in. */
static size_t root_length(const struct lint *l)
{
	const char *first = NULL;
	size_t common = 0;

	for (uint32_t i = 0; i < l->file_count; i++) {
		const char *name = l->file[i].name;
		if (!l->file[i].in_root)
			continue;
		size_t len = 0;
		while (first != NULL && len < common && name[len] == first[len])
			len++;
		common = first == NULL ? strlen(name) : len;
		first = name;
	}
	while (common > 0 && first[common - 1] != '/')
		common--;
	return common;
}

static bool list(const struct lint *l, struct listing *ret_listing)
{
	struct listing all = {.entry = alloc_zero(l->file_count + 1, sizeof *all.entry),
			      .root = root_length(l)};

	if (all.entry == NULL)
		return false;
	for (uint32_t i = 0; i < l->file_count; i++) {
		if (l->file[i].in_root)
			all.entry[all.count++] =
			    (struct entry){l->file[i].name + all.root, &l->file[i]};
	}
	qsort(all.entry, all.count, sizeof *all.entry, by_name);
	*ret_listing = all;
	return true;
}

/* A file by its name as a phone asks for it; with `any_case` by one that differs in capitals alone.
 */
static const struct lint_subject *find(const struct listing *all, const char *name, bool any_case)
{
	size_t from = 0;
	size_t to = all->count;

	while (from < to) {
		size_t middle = from + (to - from) / 2;
		if (strcasecmp(all->entry[middle].name, name) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	for (; from < all->count && strcasecmp(all->entry[from].name, name) == 0; from++) {
		if (any_case || strcmp(all->entry[from].name, name) == 0)
			return all->entry[from].file;
	}
	return NULL;
}

/* As phones ask for it in the root; or beside the file that names it, for folders that hold several
 * roots. */
static const struct lint_subject *find_from(const struct listing *all,
					    const struct lint_subject *from, const char *name,
					    bool any_case)
{
	char beside[2 * FILE_NAME_SIZE];
	const char *own = from->name + all->root;
	int folder = (int)(lint_base_name(own) - own);
	const struct lint_subject *file = find(all, name, any_case);

	if (file != NULL || folder == 0)
		return file;
	(void)snprintf(beside, sizeof beside, "%.*s%s", folder, own, name);
	return find(all, beside, any_case);
}

/* The name that is there instead of the one asked for, when only capitals differ. */
static const char *other_case(const struct listing *all, const struct lint_subject *from,
			      const char *name)
{
	const struct lint_subject *file = find_from(all, from, name, true);

	return file != NULL ? lint_base_name(file->name) : NULL;
}

/* A load's list, or for old phones its one image. false: neither is there. */
static bool has_load(const struct listing *all, const struct lint_subject *from, const char *load)
{
	static const char *const endings[] = {".loads", ".LOADS", "",    ".bin",
					      ".sbin",  ".sbn",   ".zup"};
	char name[FILE_NAME_SIZE];

	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
		(void)snprintf(name, sizeof name, "%s%s", load, endings[i]);
		if (find_from(all, from, name, false) != NULL)
			return true;
	}
	return false;
}

static void check_load(struct lint *l, const struct listing *all, const struct lint_mention *m)
{
	char name[FILE_NAME_SIZE];

	/* A name with an ending is told already. */
	if (lint_load_ending(m->text) != NULL || has_load(all, &l->file[m->file], m->text))
		return;
	(void)snprintf(name, sizeof name, "%s.loads", m->text);
	const char *other = other_case(all, &l->file[m->file], name);
	if (other != NULL)
		lint_find(l, LINT_RULE_NAME_CASE, m->line, "%.60s is asked for, and %.60s is there",
			  name, other);
	else
		lint_find(l, LINT_RULE_LOAD_ABSENT, m->line, "%.60s", m->text);
}

static void check_image(struct lint *l, const struct listing *all, const struct lint_mention *m)
{
	const struct lint_subject *image = find_from(all, &l->file[m->file], m->text, false);
	const char *other = other_case(all, &l->file[m->file], m->text);

	if (image == NULL && other != NULL)
		lint_find(l, LINT_RULE_NAME_CASE, 0, "%.60s is asked for, and %.60s is there",
			  m->text, other);
	else if (image == NULL)
		lint_find(l, LINT_RULE_IMAGE_ABSENT, 0, "%.60s", m->text);
	else if (m->number != 0 && image->size != m->number)
		lint_find(l, LINT_RULE_IMAGE_DAMAGED, 0, "%.60s has %llu bytes, not %llu", m->text,
			  (unsigned long long)image->size, (unsigned long long)m->number);
}

/* "dialplan" of the text files is dialplan.xml. false: it is not there. */
static bool has_reference(struct lint *l, const struct listing *all, const struct lint_mention *m)
{
	char name[FILE_NAME_SIZE];
	bool bare = m->number == 1 && !lint_ends_with(m->text, ".xml");

	(void)snprintf(name, sizeof name, "%s%s", m->text, bare ? ".xml" : "");
	if (find_from(all, &l->file[m->file], name, false) != NULL)
		return true;
	const char *other = other_case(all, &l->file[m->file], name);
	if (other != NULL)
		lint_find(l, LINT_RULE_NAME_CASE, m->line, "%.60s is asked for, and %.60s is there",
			  name, other);
	return other != NULL;
}

/* All that one file names, from its mention `i` on: the first that is missing is told, with how
 * many more. */
static void check_references(struct lint *l, const struct listing *all, uint32_t i)
{
	const struct lint_mention *first = NULL;
	const uint32_t file = l->mention[i].file;
	unsigned missing = 0;

	for (; i < l->mention_count && l->mention[i].file == file; i++) {
		const struct lint_mention *m = &l->mention[i];
		if (m->word == WORD_FILE && !has_reference(l, all, m) && missing++ == 0)
			first = m;
	}
	if (missing > 1)
		lint_find(l, LINT_RULE_REFERENCE_ABSENT, first->line, "%.60s, and %u more",
			  first->text, missing - 1);
	else if (missing == 1)
		lint_find(l, LINT_RULE_REFERENCE_ABSENT, first->line, "%.60s", first->text);
}

static void check_mentions(struct lint *l, const struct listing *all)
{
	/* Findings grow the list of findings, never that of mentions. */
	for (uint32_t i = 0; i < l->mention_count; i++) {
		const struct lint_mention *m = &l->mention[i];
		if (!l->file[m->file].in_root)
			continue;
		l->now = m->file;
		if (i == 0 || l->mention[i - 1].file != m->file)
			check_references(l, all, i);
		if (m->word == WORD_LOAD)
			check_load(l, all, m);
		else if (m->word == WORD_MEMBER)
			check_image(l, all, m);
	}
}

/* Images that are none: empty, or a web page. */
static void check_images(struct lint *l)
{
	for (uint32_t i = 0; i < l->file_count; i++) {
		const struct lint_subject *f = &l->file[i];
		l->now = i;
		if (f->kind == LINT_IMAGE && !f->plausible)
			lint_find(l, LINT_RULE_IMAGE_DAMAGED, 0, "%s",
				  f->size == 0 ? "empty" : "a web page");
	}
}

/* Phones ask the root for their files: without any of XML there is no need for a default. */
static void check_default(struct lint *l, const struct listing *all)
{
	uint32_t own = l->file_count;

	for (uint32_t i = 0; i < l->file_count; i++) {
		if (l->file[i].in_root && l->file[i].kind == LINT_DEVICE &&
		    strncmp(lint_base_name(l->file[i].name), "SEP", 3) == 0)
			own = i;
	}
	if (own == l->file_count || find(all, "XMLDefault.cnf.xml", true) != NULL)
		return;
	l->now = own;
	lint_find(l, LINT_RULE_NO_DEFAULT, 0,
		  "phones without their own file are told \"file not found\"");
}

static void check_folder(struct lint *l)
{
	struct listing all;
	bool any = false;

	for (uint32_t i = 0; i < l->file_count; i++)
		any |= l->file[i].in_root;
	if (!any)
		return;
	if (!list(l, &all)) {
		l->error = E_NO_MEMORY;
		return;
	}
	check_mentions(l, &all);
	check_images(l);
	check_default(l, &all);
	alloc_free(all.entry);
}

/* Is it the image of another protocol? Of two P0S3 images the one is only newer. */
static bool images_differ(const char *a, const char *b)
{
	enum load_protocol x = lint_load_protocol(a);
	enum load_protocol y = lint_load_protocol(b);

	return x != LOAD_ANY && y != LOAD_ANY && x != y;
}

static bool is_choice(const struct lint *l, const struct lint_mention *m)
{
	enum lint_kind kind = l->file[m->file].kind;

	return m->word == WORD_IMAGE &&
	       (kind == LINT_IMAGE_CHOICE || kind == LINT_DEFAULT || kind == LINT_SIP_TEXT);
}

/* OS79XX.TXT, SIPDefault.cnf and XMLDefault.cnf.xml send the same phones to one image, or into a
 * loop. */
static void check_choices(struct lint *l)
{
	const struct lint_mention *first = NULL;

	for (uint32_t i = 0; i < l->mention_count; i++) {
		const struct lint_mention *m = &l->mention[i];
		if (!is_choice(l, m))
			continue;
		if (first == NULL)
			first = m;
		if (!images_differ(first->text, m->text) || first->file == m->file)
			continue;
		l->now = m->file;
		lint_find(l, LINT_RULE_IMAGES_DISAGREE, m->line, "%.40s, and %.40s in %.80s",
			  m->text, first->text, lint_base_name(l->file[first->file].name));
		return;
	}
}

/* The text files together: one of them must say where to register. */
static void check_proxies(struct lint *l)
{
	uint32_t common = l->file_count;

	for (uint32_t i = 0; i < l->file_count; i++) {
		if (l->file[i].kind == LINT_SIP_TEXT &&
		    strcasecmp(lint_base_name(l->file[i].name), "SIPDefault.cnf") == 0)
			common = i;
	}
	for (uint32_t i = 0; i < l->mention_count; i++) {
		if (l->mention[i].word == WORD_PROXY && l->mention[i].number == 1)
			return;
	}
	if (common == l->file_count)
		return;
	l->now = common;
	lint_find(l, LINT_RULE_NO_PROXY, 0, "neither here nor in a phone's own file");
}

/* A mention to be found again by its text. */
struct told {
	const struct lint_mention *mention;
};

static int by_text(const void *a, const void *b)
{
	const struct lint_mention *x = ((const struct told *)a)->mention;
	const struct lint_mention *y = ((const struct told *)b)->mention;
	int order = strcmp(x->text, y->text);

	return order != 0 ? order : x < y ? -1 : x > y;
}

static void check_lines(struct lint *l)
{
	struct told *lines = alloc_zero((size_t)l->mention_count + 1, sizeof *lines);
	size_t count = 0;

	if (lines == NULL) {
		l->error = E_NO_MEMORY;
		return;
	}
	for (uint32_t i = 0; i < l->mention_count; i++) {
		if (l->mention[i].word == WORD_LINE)
			lines[count++].mention = &l->mention[i];
	}
	if (count > 0)
		qsort(lines, count, sizeof *lines, by_text);
	for (size_t i = 1; i < count; i++) {
		const struct lint_mention *m = lines[i].mention;
		const struct lint_mention *before = lines[i - 1].mention;
		if (strcmp(m->text, before->text) != 0 || m->file == before->file)
			continue;
		l->now = m->file;
		lint_find(l, LINT_RULE_LINE_SHARED, m->line, "%.40s, as in %.80s", m->text,
			  lint_base_name(l->file[before->file].name));
	}
	alloc_free(lines);
}

/* Does the default file, whose mentions begin at `first`, name this CallManager? */
static bool default_names(const struct lint *l, uint32_t first, const char *host)
{
	for (uint32_t i = first;
	     i < l->mention_count && l->mention[i].file == l->mention[first].file; i++) {
		if (l->mention[i].word == WORD_HOST && strcasecmp(l->mention[i].text, host) == 0)
			return true;
	}
	return false;
}

/* A phone's first CallManager that the default file does not know. */
static void check_members(struct lint *l)
{
	uint32_t first = 0;
	uint32_t told = l->file_count;

	while (first < l->mention_count && (l->mention[first].word != WORD_HOST ||
					    l->file[l->mention[first].file].kind != LINT_DEFAULT))
		first++;
	for (uint32_t i = 0; i < l->mention_count && first < l->mention_count; i++) {
		const struct lint_mention *m = &l->mention[i];
		if (m->word != WORD_HOST || m->file == told ||
		    l->file[m->file].kind != LINT_DEVICE || default_names(l, first, m->text))
			continue;
		told = m->file;
		l->now = m->file;
		lint_find(l, LINT_RULE_MEMBERS_DIFFER, m->line, "%.60s is not in %.80s", m->text,
			  lint_base_name(l->file[l->mention[first].file].name));
	}
}

void lint_together(struct lint *l)
{
	check_folder(l);
	if (l->file_count < 2)
		return;
	check_choices(l);
	check_proxies(l);
	check_lines(l);
	check_members(l);
}
