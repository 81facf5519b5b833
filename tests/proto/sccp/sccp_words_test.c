/* The tables themselves: names and rows that everything else relies on. */
#include "catalogue.h"
#include "harness.h"

#include "proto/sccp/sccp_words.h"

TEST("names are found by their number, in every set")
{
	static const struct {
		enum sccp_words set;
		uint32_t value;
		const char *name;
	} rows[] = {
#define SET(set)
#define W(set, value, name, text) {SCCP_WORDS_##set, value, text},
#define END_SET
#include "proto/sccp/sccp_words.def"
#undef SET
#undef W
#undef END_SET
	};
	size_t count = sizeof rows / sizeof *rows;

	assert_true(count > 700);
	for (size_t i = 0; i < count; i++) {
		assert_string_equal(sccp_word(rows[i].set, rows[i].value), rows[i].name);
		/* In order, or half of a set could not be searched. */
		if (i > 0 && rows[i].set == rows[i - 1].set)
			assert_true(rows[i].value > rows[i - 1].value);
		/* A name reads as one word on a line or is quoted; it never breaks the line. */
		assert_null(strpbrk(rows[i].name, "\"\n="));
	}
}

TEST("a number without a name has none")
{
	assert_null(sccp_word(SCCP_WORDS_CALL_STATE, 18));
	assert_null(sccp_word(SCCP_WORDS_CALL_STATE, UINT32_MAX));
	assert_null(sccp_word(SCCP_WORDS_NUMBER, 0));
	assert_null(sccp_word(SCCP_WORDS_HEX, 0));
	assert_null(sccp_word(SCCP_WORDS_DEVICE_TYPE, 0));
}

TEST("programs and people mean the same numbers")
{
	assert_int_equal(SCCP_TONE_INSIDE_DIAL_TONE, 0x21);
	assert_int_equal(SCCP_TONE_DTMF_0, 0x0a);
	assert_int_equal(SCCP_KEY_0, 0);
	assert_int_equal(SCCP_BUTTON_LINE, 9);
	assert_int_equal(SCCP_CALL_STATE_RING_IN, 4);
	assert_int_equal(SCCP_CODEC_G711U, 4);
	assert_int_equal(SCCP_LABEL_ENTER_NUMBER, 040);
	assert_string_equal(sccp_word(SCCP_WORDS_SOFT_KEY, SCCP_SOFT_KEY_ANSWER), "Answer");
}

static void check_rows(const struct sccp_field *f, unsigned depth)
{
	bool counted[SCCP_REGISTERS] = {false};

	assert_in_range(depth, 0, SCCP_NESTING);
	for (; f->kind != SCCP_FIELD_END; f++) {
		bool placed = f->at != SCCP_NOWHERE;
		switch ((enum sccp_kind)f->kind) {
		case SCCP_FIELD_COUNT:
		case SCCP_FIELD_LENGTH:
		case SCCP_FIELD_SELECT:
			assert_in_range(f->param, 0, SCCP_REGISTERS - 1);
			counted[f->param] = true;
			break;
		case SCCP_FIELD_ARRAY:
			/* Counted by a row before it, or all of it. */
			assert_true(f->param == SCCP_REGISTERS || counted[f->param] || depth > 0);
			assert_in_range(f->least, 1, f->size);
			assert_true(!placed || f->room > 0);
			assert_true(sccp_fields_size(f->inner) > 0);
			check_rows(f->inner, depth + 1);
			break;
		case SCCP_FIELD_DATA:
			assert_true(counted[f->param]);
			break;
		case SCCP_FIELD_GROUP:
			check_rows(f->inner, depth + 1);
			break;
		case SCCP_FIELD_CHOICE:
			for (const struct sccp_case *c = f->cases; c->inner != NULL; c++)
				check_rows(c->inner, depth + 1);
			break;
		case SCCP_FIELD_NAME:
			assert_true(!placed || f->room > f->size); /* and our NUL */
			break;
		case SCCP_FIELD_TEXT:
		case SCCP_FIELD_TEXT_SHORT:
		case SCCP_FIELD_STRING:
			assert_true(!placed || f->room >= f->size);
			break;
		default:
			break;
		}
	}
}

TEST("every row has room for what the wire may bring")
{
	for (size_t i = 0; i < catalogue_count; i++) {
		const struct sccp_form *first = sccp_form_first(catalogue_ids[i]);
		for (const struct sccp_form *f = first; f != NULL && f->id == first->id; f++)
			check_rows(f->fields, 0);
	}
}

TEST("the forms of a message stand in the order of their versions and fill one place")
{
	for (size_t i = 0; i < catalogue_count; i++) {
		const struct sccp_form *first = sccp_form_first(catalogue_ids[i]);
		if (first == NULL)
			continue;
		assert_int_equal(first->since, 0);
		for (const struct sccp_form *f = first; f[1].id == first->id; f++) {
			assert_true(f[1].since >= f->since);
			assert_int_equal(f[1].at, f->at);
			assert_int_equal(f[1].size, f->size);
			assert_int_equal(f[1].sent, f->sent);
		}
	}
}

TEST("an id outside the catalogue has no form, however close it lies")
{
	static const uint32_t ids[] = {0x13,   0x1f,   0x4b,   0x80,    0x84,      0x161,
				       0x180,  0x181,  0x182,  0x183,   0x8001,    0x8002,
				       0x8102, 0x7fff, 0x9999, 0x10000, UINT32_MAX};

	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
		assert_null(sccp_form_first(ids[i]));
}
