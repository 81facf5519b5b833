/* Findings, files, and which check each kind of file gets. */
#include "lint/lint_internal.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"
#include "cnf/loads.h"

#include <stdarg.h>
#include <stdlib.h>

static const struct lint_rule_row rules[] = {
#define L(id, name, severity, leads, what, why, mend) {id, LINT_##severity, leads, what, why, mend},
#include "lint/rules.def"
#undef L
};

static const struct {
	const char *word, *what;
} kinds[] = {
#define K(name, word, what) {word, what},
#include "lint/kinds.def"
#undef K
};

const struct lint_rule_row *lint_rule_row(enum lint_rule rule)
{
	return &rules[rule];
}

bool lint_rule_find(const char *id, enum lint_rule *ret_rule)
{
	for (size_t i = 0; i < LINT_RULES; i++) {
		if (text_equal_nocase(rules[i].id, id)) {
			*ret_rule = (enum lint_rule)i;
			return true;
		}
	}
	return false;
}

const char *lint_severity_word(enum lint_severity severity)
{
	static const char *const words[] = {"remark", "warning", "error"};

	return words[severity];
}

const char *lint_kind_word(enum lint_kind kind)
{
	return kinds[kind].word;
}

const char *lint_kind_what(enum lint_kind kind)
{
	return kinds[kind].what;
}

bool lint_kind_find(const char *word, enum lint_kind *ret_kind)
{
	for (size_t i = 1; i < LINT_KINDS; i++) {
		if (text_equal_nocase(kinds[i].word, word)) {
			*ret_kind = (enum lint_kind)i;
			return true;
		}
	}
	return false;
}

struct lint *lint_new(uint32_t type)
{
	struct lint *l = alloc_zero(1, sizeof *l);

	if (l != NULL)
		l->type = type;
	return l;
}

void lint_free(struct lint *l)
{
	if (l == NULL)
		return;
	for (uint32_t i = 0; i < l->file_count; i++)
		alloc_free(l->file[i].name);
	alloc_free(l->file);
	alloc_free(l->finding);
	alloc_free(l->mention);
	alloc_free(l);
}

int lint_error(const struct lint *l)
{
	return l->error;
}

size_t lint_files(const struct lint *l)
{
	return l->file_count;
}

const char *lint_file_name(const struct lint *l, uint32_t file)
{
	return l->file[file].name;
}

enum lint_kind lint_file_kind(const struct lint *l, uint32_t file)
{
	return l->file[file].kind;
}

const char *lint_base_name(const char *name)
{
	const char *slash = strrchr(name, '/');

	return slash != NULL ? slash + 1 : name;
}

/* Room for one more; NULL: the ceiling is reached or memory is out, which l->error says. */
static void *more(struct lint *l, void *array, uint32_t *room, uint32_t count, size_t size,
		  uint32_t most)
{
	uint32_t wanted = *room == 0 ? 64 : 2 * *room;

	if (count < *room)
		return array;
	void *larger = count < most ? alloc_resize(array, wanted * size) : NULL;
	if (larger == NULL)
		l->error = count < most ? E_NO_MEMORY : E_FULL;
	else
		*room = wanted;
	return larger;
}

__attribute__((format(printf, 5, 0))) static void add(struct lint *l, enum lint_rule rule,
						      enum lint_severity severity, uint32_t line,
						      const char *format, va_list arguments)
{
	char text[LINT_ABOUT_SIZE];
	struct buf safe;
	struct lint_finding *array = more(l, l->finding, &l->finding_room, l->finding_count,
					  sizeof *array, LINT_FINDINGS_MAX);

	if (array == NULL)
		return;
	l->finding = array;
	struct lint_finding *f = &array[l->finding_count++];
	*f =
	    (struct lint_finding){.file = l->now, .line = line, .rule = rule, .severity = severity};
	// NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): both callers begin it
	(void)vsnprintf(text, sizeof text, format, arguments);
	buf_init(&safe, 4 * sizeof text);
	text_escape_terminal(&safe, slice_text(text));
	(void)text_copy(f->about, sizeof f->about, buf_cstr(&safe));
	buf_done(&safe);
}

void lint_find(struct lint *l, enum lint_rule rule, uint32_t line, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	add(l, rule, rules[rule].severity, line, format, arguments);
	va_end(arguments);
}

void lint_find_as(struct lint *l, enum lint_rule rule, enum lint_severity severity, uint32_t line,
		  const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	add(l, rule, severity, line, format, arguments);
	va_end(arguments);
}

bool lint_found(const struct lint *l, enum lint_rule rule)
{
	for (uint32_t i = l->finding_count; i-- > 0 && l->finding[i].file == l->now;) {
		if (l->finding[i].rule == rule)
			return true;
	}
	return false;
}

void lint_mention(struct lint *l, enum lint_word word, uint32_t line, uint64_t number,
		  const char *text)
{
	struct lint_mention *array = more(l, l->mention, &l->mention_room, l->mention_count,
					  sizeof *array, LINT_MENTIONS_MAX);

	if (array == NULL)
		return;
	l->mention = array;
	struct lint_mention *m = &array[l->mention_count++];
	*m = (struct lint_mention){.word = word, .file = l->now, .line = line, .number = number};
	(void)text_copy(m->text, sizeof m->text, text);
}

static bool add_file(struct lint *l, const struct lint_input *input, enum lint_kind kind)
{
	size_t size = strlen(input->name) + 1;
	struct lint_subject *array =
	    more(l, l->file, &l->file_room, l->file_count, sizeof *array, LINT_FILES_MAX);

	if (array == NULL)
		return false;
	l->file = array;
	char *name = alloc_zero(1, size);
	if (name == NULL) {
		l->error = E_NO_MEMORY;
		return false;
	}
	memcpy(name, input->name, size);
	l->now = l->file_count++;
	array[l->now] = (struct lint_subject){
	    .name = name,
	    .kind = kind,
	    .size = input->size,
	    .in_root = input->in_root,
	    .closed = input->closed,
	    .plausible = loads_image_plausible(input->bytes, input->size),
	};
	return true;
}

static bool is_blank(struct slice bytes)
{
	for (size_t i = 0; i < bytes.len; i++) {
		if (strchr(" \t\r\n", bytes.ptr[i]) == NULL)
			return false;
	}
	return true;
}

static void check_contents(struct lint *l, const struct lint_input *input, enum lint_kind kind)
{
	switch (kind) {
	case LINT_DEVICE:
	case LINT_DEFAULT:
	case LINT_DIAL_PLAN:
	case LINT_APP_DIAL_RULES:
	case LINT_SOFT_KEYS:
	case LINT_FEATURE_POLICY:
	case LINT_RINGS:
	case LINT_PICTURES:
	case LINT_XML:
		lint_xml(l, input, kind);
		break;
	case LINT_SIP_TEXT:
		lint_sip_text(l, input->bytes);
		break;
	case LINT_LOADS:
		lint_loads(l, input->bytes);
		break;
	case LINT_IMAGE_CHOICE:
		lint_image_choice(l, input->bytes);
		break;
	case LINT_TRUST:
		lint_trust(l, input->bytes);
		break;
	case LINT_WEB_PAGE:
		if (lint_kind_of_name(input->name) != LINT_UNKNOWN)
			lint_find(l, LINT_RULE_WEB_PAGE, 1, "%s", lint_base_name(input->name));
		break;
	case LINT_ISC:
		lint_isc(l, input->bytes);
		break;
	case LINT_DNSMASQ:
		lint_dnsmasq(l, input->bytes);
		break;
	case LINT_KEA:
		lint_kea(l, input->bytes);
		break;
	case LINT_IOS:
		lint_ios(l, input->bytes);
		break;
	case LINT_WINDOWS:
		lint_windows(l, input->bytes);
		break;
	case LINT_UNKNOWN:
	case LINT_BINARY:
	case LINT_PROFILE:
	case LINT_IMAGE:
	case LINT_LOAD_MAP:
	case LINT_SIGNED:
	case LINT_KINDS:
		break;
	}
}

/* Kinds that an empty file of that name hurts: trust lists may be empty, images are the folder's.
 */
static bool must_say_something(enum lint_kind kind)
{
	return kind != LINT_UNKNOWN && kind != LINT_TRUST && kind != LINT_IMAGE &&
	       kind != LINT_WEB_PAGE;
}

/* Without a ring list or soft keys of its own a phone does as it always does. */
static bool decides_boot(enum lint_kind kind)
{
	return kind == LINT_DEVICE || kind == LINT_DEFAULT || kind == LINT_SIP_TEXT ||
	       kind == LINT_LOADS || kind == LINT_IMAGE_CHOICE || kind == LINT_BINARY;
}

void lint_file(struct lint *l, const struct lint_input *input)
{
	enum lint_kind kind =
	    input->as != LINT_UNKNOWN ? input->as : lint_kind_of(input->name, input->bytes);

	if (!add_file(l, input, kind))
		return;
	if (input->closed)
		lint_find(l, LINT_RULE_UNREADABLE, 0, "%s", lint_base_name(input->name));
	lint_check_name(l, input->name, kind);
	if (is_blank(input->bytes)) {
		if (must_say_something(kind))
			lint_find_as(l, LINT_RULE_EMPTY,
				     decides_boot(kind) ? LINT_ERROR : LINT_WARNING, 1, "%s",
				     lint_kind_what(kind));
		return;
	}
	check_contents(l, input, kind);
}

void lint_finish(struct lint *l)
{
	lint_together(l);
}

static int by_place(const void *a, const void *b)
{
	const struct lint_finding *x = a;
	const struct lint_finding *y = b;

	if (x->file != y->file)
		return x->file < y->file ? -1 : 1;
	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return x->rule < y->rule ? -1 : x->rule > y->rule;
}

const struct lint_finding *lint_findings(struct lint *l, size_t *ret_count)
{
	*ret_count = l->finding_count;
	if (l->finding_count > 0)
		qsort(l->finding, l->finding_count, sizeof *l->finding, by_place);
	return l->finding;
}
