/* The tables of bodies and forms, made from their .def files, and the way from an id to its form.
 */
#include "proto/sccp/sccp_table.h"

#include "proto/sccp/sccp_words.h"

#define PLACE(place)   ((uint16_t)offsetof(struct sccp_message, place))
#define ROOM(place)    ((uint16_t)sizeof(((struct sccp_message *)0)->place))
#define ELEMENT(place) ((uint16_t)sizeof(*((struct sccp_message *)0)->place))
#define WORDS(set)     SCCP_WORDS_##set

#define ROW(field_kind, label, ...)                                                                \
	{                                                                                          \
		.name = (label), .kind = SCCP_FIELD_##field_kind, __VA_ARGS__                      \
	}
#define AT(place) .at = PLACE(place)
#define NOT_AT    .at = SCCP_NOWHERE

#define BODY(name) static const struct sccp_field body_##name[] = {
#define END                                                                                        \
	ROW(END, NULL, NOT_AT)                                                                     \
	}                                                                                          \
	;

#define U8(place, label, set) ROW(U8, label, AT(place), .size = 1, .words = WORDS(set)),
#define U8_BLANK(place, label, set, unused)                                                        \
	ROW(U8, label, AT(place), .size = 1, .words = WORDS(set), .blank = (unused)),
#define U16(place, label, set) ROW(U16, label, AT(place), .size = 2, .words = WORDS(set)),
#define U32(place, label, set) ROW(U32, label, AT(place), .size = 4, .words = WORDS(set)),
#define W8(place, label, set)  ROW(U8_WIDE, label, AT(place), .size = 1, .words = WORDS(set)),
#define N32(label, set)        ROW(U32, label, NOT_AT, .size = 4, .words = WORDS(set)),
#define LOOSE(place, label)    ROW(LOOSE, label, AT(place), .size = 7),

#define IP(place, label)        ROW(IP4, label, AT(place), .size = 4),
#define IP20(place, label)      ROW(IP4_LONG, label, AT(place), .size = 20),
#define ADDRESS4(place, label)  ROW(ADDRESS4, label, AT(place), .size = 4),
#define ADDRESS20(place, label) ROW(ADDRESS20, label, AT(place), .size = 20),
#define NADDRESS4(label)        ROW(ADDRESS4, label, NOT_AT, .size = 4),
#define NADDRESS20(label)       ROW(ADDRESS20, label, NOT_AT, .size = 20),

#define TEXT_ROW(kind, place, label, bytes, sends)                                                 \
	ROW(kind, label, AT(place), .size = (bytes), .room = ROOM(place), .least = (sends)),
#define TEXT(place, label, bytes)              TEXT_ROW(TEXT, place, label, bytes, bytes)
#define TEXT_SHORT(place, label, bytes)        TEXT_ROW(TEXT_SHORT, place, label, bytes, bytes)
#define TEXT_UP_TO(place, label, bytes, sends) TEXT_ROW(TEXT_SHORT, place, label, bytes, sends)
#define NAME(place, label, bytes)              TEXT_ROW(NAME, place, label, bytes, bytes)
#define STRING(place, label, bytes)            TEXT_ROW(STRING, place, label, bytes, 0)
#define REST(place, label)                     TEXT_ROW(REST, place, label, 0, 0)
#define AREA(place, label, bytes)              ROW(AREA, label, AT(place), .size = (bytes)),
#define BYTES_ROW(kind, place, label, set)                                                         \
	ROW(kind, label, AT(place), .size = ROOM(place), .words = WORDS(set)),
#define BYTES(place, label)    BYTES_ROW(BYTES, place, label, HEX)
#define U8_LIST(place, label)  BYTES_ROW(BYTES, place, label, NUMBER)
#define U16_LIST(place, label) BYTES_ROW(U16_LIST, place, label, NUMBER)
#define NTEXT(label, bytes)    ROW(TEXT, label, NOT_AT, .size = (bytes)),

#define ZERO(bytes)       ROW(ZERO, NULL, NOT_AT, .size = (bytes)),
#define IGNORE(bytes)     ROW(IGNORE, NULL, NOT_AT, .size = (bytes)),
#define STOP(version)     ROW(STOP, NULL, NOT_AT, .param = (version)),
#define STOP_EMPTY(place) ROW(STOP_EMPTY, NULL, AT(place)),
#define BODY_SIZE(place)  ROW(BODY_SIZE, NULL, AT(place)),

#define COUNT(place, label, reg)  ROW(COUNT, label, AT(place), .size = 4, .param = (reg)),
#define NCOUNT(label, reg)        ROW(COUNT, label, NOT_AT, .size = 4, .param = (reg)),
#define LENGTH(place, label, reg) ROW(LENGTH, label, AT(place), .size = 4, .param = (reg)),
#define NLENGTH(label, reg)       ROW(LENGTH, label, NOT_AT, .size = 4, .param = (reg)),
#define NSELECT(label, reg, set)                                                                   \
	ROW(SELECT, label, NOT_AT, .size = 4, .param = (reg), .words = WORDS(set)),
#define DATA(place, label, reg, area) ROW(DATA, label, AT(place), .param = (reg), .size = (area)),
#define NDATA(label, reg, area)       ROW(DATA, label, NOT_AT, .param = (reg), .size = (area)),

#define ARRAY(place, label, reg, slots, sends, body)                                               \
	ROW(ARRAY, label, AT(place), .size = (slots), .room = ELEMENT(place), .param = (reg),      \
	    .least = (sends), .inner = body_##body),
#define REPEAT(place, label, slots, body) ARRAY(place, label, SCCP_REGISTERS, slots, slots, body)
#define NARRAY(label, reg, slots, body)                                                            \
	ROW(ARRAY, label, NOT_AT, .size = (slots), .param = (reg), .least = (slots),               \
	    .inner = body_##body),
#define NREPEAT(label, slots, body) NARRAY(label, SCCP_REGISTERS, slots, body)
#define NGROUP(label, body)         ROW(GROUP, label, NOT_AT, .inner = body_##body),
#define CHOICE(reg, area, list)                                                                    \
	ROW(CHOICE, NULL, NOT_AT, .size = (area), .param = (reg), .cases = cases_##list),
#define CASES(name)             static const struct sccp_case cases_##name[] = {
#define CASE(first, last, body) {first, last, body_##body},
#define END_CASES                                                                                  \
	{                                                                                          \
		0, 0, NULL                                                                         \
	}                                                                                          \
	}                                                                                          \
	;

/* Resources before video: one body serves both. */
#include "proto/sccp/sccp_bodies.def"
#include "proto/sccp/sccp_call_bodies.def"
#include "proto/sccp/sccp_media_bodies.def"
#include "proto/sccp/sccp_resource_bodies.def"
#include "proto/sccp/sccp_video_bodies.def"

#define ANY UINT16_MAX

/* Row 0 stands for "no form". */
static const struct sccp_form forms[] = {
    {.id = UINT32_MAX},
#define FORM(name, since, sent, body, at, size, min, max)                                          \
	{SCCP_##name, since, sent, min, max, at, size, body_##body},
#define FIRST_OF(name, body, member, min, max)                                                     \
	FORM(name, 0, true, body, PLACE(member), ROOM(member), min, max)
#define FIRST(name, body, member) FIRST_OF(name, body, member, 0, ANY)
#define ALSO(name, since, body, member, min, max)                                                  \
	FORM(name, since, true, body, PLACE(member), ROOM(member), min, max)
#define READ_OF(name, body, min, max)                                                              \
	FORM(name, 0, false, body, PLACE(value), ROOM(value), min, max)
#define READ(name, body) READ_OF(name, body, 0, ANY)
#define READ_ALSO(name, since, body, min, max)                                                     \
	FORM(name, since, false, body, PLACE(value), ROOM(value), min, max)
#include "proto/sccp/sccp_forms.def"
    {.id = UINT32_MAX},
};
#undef FIRST
#undef FIRST_OF
#undef ALSO
#undef READ
#undef READ_OF
#undef READ_ALSO

/* Where each message's forms begin. */
enum {
	FORM_NONE,
#define FIRST(name, body, member)                 FORM_##name,
#define FIRST_OF(name, body, member, min, max)    FORM_##name,
#define READ(name, body)                          FORM_##name,
#define READ_OF(name, body, min, max)             FORM_##name,
/* A later form takes a number and needs no name of its own beyond the line it stands on. */
#define LATER2(line)                              FORM_AT_LINE_##line,
#define LATER(line)                               LATER2(line)
#define ALSO(name, since, body, member, min, max) LATER(__LINE__)
#define READ_ALSO(name, since, body, min, max)    LATER(__LINE__)
#include "proto/sccp/sccp_forms.def"
};
#undef FIRST
#undef FIRST_OF
#undef ALSO
#undef READ
#undef READ_OF
#undef READ_ALSO

/* Ids are dense below 0x180; beyond there are only those of the SPA family, 0x8000, 0x8100 and
 * 0x8101. So one index finds a form, and a keepalive costs no search. */
#define SLOTS_DENSE 0x180
#define SLOTS       (SLOTS_DENSE + 4)
#define SLOT(id)    ((id) < SLOTS_DENSE ? (id) : SLOTS_DENSE + (((id) >> 7 & 2u) | ((id)&1u)))

static const uint8_t first_form[SLOTS] = {
#define FIRST(name, body, member)                 [SLOT(SCCP_##name)] = FORM_##name,
#define FIRST_OF(name, body, member, min, max)    FIRST(name, body, member)
#define READ(name, body)                          FIRST(name, body, value)
#define READ_OF(name, body, min, max)             FIRST(name, body, value)
#define ALSO(name, since, body, member, min, max) /* behind its first */
#define READ_ALSO(name, since, body, min, max)    /* likewise */
#include "proto/sccp/sccp_forms.def"
};

_Static_assert(sizeof forms / sizeof *forms - 1 <= UINT8_MAX, "the index of a form is one byte");

size_t sccp_fields_size(const struct sccp_field *fields)
{
	size_t size = 0;

	for (const struct sccp_field *f = fields; f->kind != SCCP_FIELD_END; f++) {
		if (f->kind == SCCP_FIELD_ARRAY)
			size += f->size * sccp_fields_size(f->inner);
		else if (f->kind == SCCP_FIELD_GROUP)
			size += sccp_fields_size(f->inner);
		else
			size += f->size;
	}
	return size;
}

const struct sccp_form *sccp_form_first(uint32_t id)
{
	if (id >= SLOTS_DENSE && (id & ~0x0101u) != 0x8000)
		return NULL;
	const struct sccp_form *form = &forms[first_form[SLOT(id)]];
	return form->id == id ? form : NULL;
}

static bool fits(const struct sccp_form *form, size_t len)
{
	return len >= form->min && len <= form->max;
}

const struct sccp_form *sccp_form_send(const struct sccp_form *first, uint8_t version)
{
	const struct sccp_form *form = first;

	if (version == 0)
		version = SCCP_VERSION_BASIC;
	while (form[1].id == first->id && form[1].since <= version)
		form++;
	return form;
}

const struct sccp_form *sccp_form_pick(const struct sccp_form *first, uint8_t version, size_t len)
{
	const struct sccp_form *form = first;

	if (first[1].id != first->id)
		return first;
	form = sccp_form_send(first, version);
	/* A version says more than a length, unless the body is too short to be what it says. */
	if (version != 0 && len >= form->min)
		return form;
	for (const struct sccp_form *f = form; f >= first && f->since == form->since; f--) {
		if (fits(f, len))
			return f;
	}
	for (const struct sccp_form *f = first; f->id == first->id; f++) {
		if (fits(f, len))
			return f;
	}
	return form;
}
