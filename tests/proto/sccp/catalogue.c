#include "catalogue.h"

const uint32_t catalogue_ids[] = {
#define M(id, name, direction, text) (id),
#include "proto/sccp/sccp_ids.def"
#undef M
};
const size_t catalogue_count = sizeof catalogue_ids / sizeof *catalogue_ids;

const uint8_t catalogue_versions[] = {
    SCCP_VERSION_CALLMANAGER_2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 15, 16, 17, 18, 19, 20, 21, 22};
const size_t catalogue_version_count = sizeof catalogue_versions;

static size_t lesser(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Letters of ISO-8859-1, none of them a control. */
static void fill_text(char *to, size_t most, struct rand *rand)
{
	size_t len = rand_below(rand, most + 1);

	for (size_t i = 0; i < len; i++) {
		uint64_t pick = rand_below(rand, 94 + 95);
		to[i] = (char)(pick < 94 ? 0x21 + pick : 0xa1 + (pick - 94));
	}
}

static struct slice fill_slice(size_t most, struct rand *rand)
{
	static uint8_t pool[SCCP_FRAME_MAX];
	size_t len = rand_below(rand, most + 1);

	fill_text((char *)pool, len, rand);
	for (size_t i = 0; i < len; i++) {
		if (pool[i] == 0)
			pool[i] = 'x';
	}
	return slice_of(pool, len);
}

static uint32_t slots_of(const struct sccp_field *count)
{
	const struct sccp_field *f = count;

	while (f->kind != SCCP_FIELD_ARRAY || f->param != count->param)
		f++;
	return f->size;
}

static void fill_number(uint8_t *to, const struct sccp_field *f, struct rand *rand)
{
	uint32_t v = (uint32_t)rand_next(rand);
	uint8_t narrow = (uint8_t)v;
	uint16_t half = (uint16_t)v;

	if (f->kind == SCCP_FIELD_U8)
		memcpy(to, &narrow, sizeof narrow);
	else if (f->kind == SCCP_FIELD_U16)
		memcpy(to, &half, sizeof half);
	if (f->kind == SCCP_FIELD_U8 || f->kind == SCCP_FIELD_U16)
		return;
	if (f->kind == SCCP_FIELD_U8_WIDE)
		v = narrow;
	if (f->kind == SCCP_FIELD_LOOSE)
		v = 1 + v % SCCP_LINES_MAX;
	memcpy(to, &v, sizeof v);
}

static void fill_bytes(uint8_t *to, size_t size, struct rand *rand)
{
	for (size_t i = 0; i < size; i++)
		to[i] = (uint8_t)rand_next(rand);
}

static void fill_address(uint8_t *to, bool typed, struct rand *rand)
{
	struct sccp_address a = {.type = 0};

	fill_bytes(a.bytes, typed ? sizeof a.bytes : 4, rand);
	if (typed)
		a.type = (uint32_t)rand_below(rand, 4);
	memcpy(to, &a, sizeof a);
}

/* Returns how many elements of an array a COUNT row chose. */
static uint32_t fill_field(uint8_t *to, const struct sccp_field *f, struct rand *rand)
{
	uint32_t v = 0;
	struct slice s = {NULL, 0};

	switch ((enum sccp_kind)f->kind) {
	case SCCP_FIELD_U8:
	case SCCP_FIELD_U16:
	case SCCP_FIELD_U32:
	case SCCP_FIELD_U8_WIDE:
	case SCCP_FIELD_LOOSE:
		fill_number(to, f, rand);
		break;
	case SCCP_FIELD_COUNT:
		v = (uint32_t)rand_below(rand, slots_of(f) + 1);
		memcpy(to, &v, sizeof v);
		break;
	case SCCP_FIELD_BYTES:
	case SCCP_FIELD_U16_LIST:
		fill_bytes(to, f->size, rand);
		break;
	case SCCP_FIELD_IP4:
	case SCCP_FIELD_IP4_LONG:
		fill_bytes(to, 4, rand);
		break;
	case SCCP_FIELD_ADDRESS4:
	case SCCP_FIELD_ADDRESS20:
		fill_address(to, f->kind == SCCP_FIELD_ADDRESS20, rand);
		break;
	case SCCP_FIELD_TEXT:
	case SCCP_FIELD_TEXT_SHORT:
		fill_text((char *)to, lesser(f->least, f->room) - 1, rand);
		break;
	case SCCP_FIELD_NAME:
		fill_text((char *)to, lesser(f->least, f->room - 1u), rand);
		break;
	case SCCP_FIELD_STRING:
		fill_text((char *)to, lesser(f->size, f->room) - 1, rand);
		break;
	case SCCP_FIELD_REST:
		fill_text((char *)to, f->room - 1u, rand);
		break;
	case SCCP_FIELD_AREA:
	case SCCP_FIELD_DATA:
		s = fill_slice(f->kind == SCCP_FIELD_AREA ? f->size - 1u
			       : f->size > 0              ? f->size
							  : SCCP_DATA_MAX,
			       rand);
		memcpy(to, &s, sizeof s);
		break;
	case SCCP_FIELD_BODY_SIZE:
		v = 172;
		memcpy(to, &v, sizeof v);
		break;
	default:
		break;
	}
	return v;
}

static void fill_fields(uint8_t *base, const struct sccp_field *f, uint8_t version,
			struct rand *rand)
{
	uint32_t count[SCCP_REGISTERS] = {0};

	for (; f->kind != SCCP_FIELD_END; f++) {
		if (f->kind == SCCP_FIELD_STOP && version < f->param)
			return;
		if (f->at == SCCP_NOWHERE || f->kind == SCCP_FIELD_STOP_EMPTY ||
		    f->kind == SCCP_FIELD_LENGTH)
			continue;
		if (f->kind != SCCP_FIELD_ARRAY) {
			uint32_t chosen = fill_field(base + f->at, f, rand);
			if (f->kind == SCCP_FIELD_COUNT)
				count[f->param] = chosen;
			continue;
		}
		uint32_t used = f->param < SCCP_REGISTERS ? count[f->param] : f->size;
		for (uint32_t i = 0; i < used; i++)
			fill_fields(base + (size_t)i * f->room, f->inner, version, rand);
	}
}

bool catalogue_fill(uint32_t id, uint8_t version, struct rand *rand, struct sccp_message *ret)
{
	const struct sccp_form *form = sccp_form_first(id);

	if (form == NULL || !form->sent)
		return false;
	form = sccp_form_send(form, version);
	memset(ret, 0, sizeof *ret);
	ret->id = id;
	ret->header_version = sccp_header_version(id, version);
	fill_fields((uint8_t *)ret, form->fields, version, rand);
	return true;
}

static bool same_slices(const struct sccp_message *a, const struct sccp_message *b)
{
	const struct sccp_form *form = sccp_form_first(a->id);

	for (const struct sccp_field *f = form->fields; f->kind != SCCP_FIELD_END; f++) {
		struct slice s[2];
		if ((f->kind != SCCP_FIELD_DATA && f->kind != SCCP_FIELD_AREA) ||
		    f->at == SCCP_NOWHERE)
			continue;
		memcpy(&s[0], (const uint8_t *)a + f->at, sizeof s[0]);
		memcpy(&s[1], (const uint8_t *)b + f->at, sizeof s[1]);
		if (!slice_equal(s[0], s[1]))
			return false;
	}
	return true;
}

bool catalogue_same(const struct sccp_message *a, const struct sccp_message *b)
{
	struct sccp_message x = *a;
	struct sccp_message y = *b;
	const struct sccp_form *form = sccp_form_first(a->id);

	if (a->id != b->id || a->header_version != b->header_version || !same_slices(a, b))
		return false;
	sccp_message_detach(&x);
	sccp_message_detach(&y);
	return memcmp((const uint8_t *)&x + form->at, (const uint8_t *)&y + form->at, form->size) ==
	       0;
}
