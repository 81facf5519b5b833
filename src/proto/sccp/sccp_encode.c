/* Messages to bytes: the same rows as the decoder walks, and the frame around them. */
#include "proto/sccp/sccp_table.h"

#include "base/error.h"

struct encoding {
	struct writer *w;
	uint8_t version;
	uint32_t count[SCCP_REGISTERS];
	bool ended; /* at a STOP: this version's senders say no more */
};

static const uint8_t zeros[64]; /* more than any row without a place takes */

/* Where the value stands; zeros for a row without a place. */
static const uint8_t *place_of(const struct sccp_field *f, const uint8_t *base)
{
	return f->at != SCCP_NOWHERE ? base + f->at : zeros;
}

static uint32_t number_of(const struct sccp_field *f, const uint8_t *base)
{
	uint32_t v = 0;

	memcpy(&v, place_of(f, base), sizeof v);
	return v;
}

static struct slice slice_in(const struct sccp_field *f, const uint8_t *base)
{
	struct slice s = {NULL, 0};

	if (f->at != SCCP_NOWHERE)
		memcpy(&s, base + f->at, sizeof s);
	return s;
}

static void write_number(struct encoding *e, const struct sccp_field *f, const uint8_t *base)
{
	const uint8_t *from = place_of(f, base);
	uint16_t half = 0;

	switch (f->kind) {
	case SCCP_FIELD_U8:
		writer_u8(e->w, *from);
		return;
	case SCCP_FIELD_U16:
		memcpy(&half, from, sizeof half);
		writer_le16(e->w, half);
		return;
	case SCCP_FIELD_U8_WIDE:
		writer_u8(e->w, (uint8_t)number_of(f, base));
		return;
	default:
		writer_le32(e->w, number_of(f, base));
		return;
	}
}

static void write_address(struct encoding *e, const struct sccp_field *f, const uint8_t *base)
{
	struct sccp_address a = {.type = 0};
	struct ip4 ip = {{0}};

	if (f->kind == SCCP_FIELD_ADDRESS4 || f->kind == SCCP_FIELD_ADDRESS20) {
		memcpy(&a, place_of(f, base), sizeof a);
	} else {
		memcpy(&ip, place_of(f, base), sizeof ip);
		a = sccp_address_of_ip4(ip);
	}
	if (f->kind == SCCP_FIELD_IP4_LONG || f->kind == SCCP_FIELD_ADDRESS20) {
		writer_le32(e->w, a.type);
		writer_bytes(e->w, slice_of(a.bytes, sizeof a.bytes));
		return;
	}
	ip = sccp_address_ip4(&a); /* the short form has no room for anything else */
	writer_bytes(e->w, slice_of(ip.b, sizeof ip.b));
}

/* A NAME may fill its field; every other text keeps its NUL. */
static void write_text(struct encoding *e, const struct sccp_field *f, const uint8_t *base)
{
	const char *text = (const char *)place_of(f, base);
	size_t most = f->kind == SCCP_FIELD_NAME ? f->least : f->least - 1u;
	size_t len = strnlen(text, f->at != SCCP_NOWHERE ? f->room : 0);

	len = len < most ? len : most;
	writer_bytes(e->w, slice_of(text, len));
	writer_zero(e->w, f->least - len);
}

static void write_string(struct encoding *e, const struct sccp_field *f, const uint8_t *base)
{
	const char *text = (const char *)place_of(f, base);
	size_t len = strnlen(text, f->at != SCCP_NOWHERE ? f->room - 1u : 0);

	if (f->size > 0 && len > f->size - 1u)
		len = f->size - 1u;
	writer_bytes(e->w, slice_of(text, len));
	writer_u8(e->w, 0);
}

static void write_area(struct encoding *e, const struct sccp_field *f, const uint8_t *base)
{
	struct slice s = slice_head(slice_in(f, base), f->size - 1u);

	writer_bytes(e->w, s);
	writer_zero(e->w, f->size - s.len);
}

static struct slice data_in(const struct sccp_field *f, const uint8_t *base, size_t area)
{
	return slice_head(slice_in(f, base), area > 0 ? area : SCCP_DATA_MAX);
}

static void write_data(struct encoding *e, const struct sccp_field *f, const uint8_t *base)
{
	struct slice s = data_in(f, base, f->size);

	writer_bytes(e->w, s);
	if (f->size > 0)
		writer_zero(e->w, f->size - s.len);
}

/* The length stands before the data, some rows ahead: its row knows the slice, the area is looked
 * up. */
static void write_length(struct encoding *e, const struct sccp_field *f, const uint8_t *base)
{
	const struct sccp_field *data = f;

	while (data->kind != SCCP_FIELD_DATA)
		data++;
	writer_le32(e->w, (uint32_t)data_in(f, base, data->size).len);
}

/* A count never says more than its array holds. */
static void write_count(struct encoding *e, const struct sccp_field *f, const uint8_t *base)
{
	const struct sccp_field *array = f;
	uint32_t count = number_of(f, base);

	while (array->kind != SCCP_FIELD_ARRAY || array->param != f->param)
		array++;
	e->count[f->param] = count < array->size ? count : array->size;
	writer_le32(e->w, e->count[f->param]);
}

static void write_fields(struct encoding *e, const struct sccp_field *f, const uint8_t *base);

static void write_blank(struct encoding *e, const struct sccp_field *f)
{
	for (; f->kind != SCCP_FIELD_END; f++) {
		if (f->kind == SCCP_FIELD_U8) {
			writer_u8(e->w, f->blank);
		} else if (f->kind == SCCP_FIELD_ARRAY) {
			for (uint32_t i = 0; i < f->size; i++)
				write_blank(e, f->inner);
		} else {
			writer_zero(e->w, f->size);
		}
	}
}

static void write_array(struct encoding *e, const struct sccp_field *f, const uint8_t *base)
{
	uint32_t used = f->param < SCCP_REGISTERS ? e->count[f->param] : f->size;
	uint32_t slots = used > f->least ? f->size : f->least;

	if (f->at == SCCP_NOWHERE)
		used = 0;
	for (uint32_t i = 0; i < slots; i++) {
		if (i < used)
			write_fields(e, f->inner, base + (size_t)i * f->room);
		else
			write_blank(e, f->inner);
	}
}

static void write_field(struct encoding *e, const struct sccp_field *f, const uint8_t *base)
{
	switch ((enum sccp_kind)f->kind) {
	case SCCP_FIELD_U8:
	case SCCP_FIELD_U16:
	case SCCP_FIELD_U32:
	case SCCP_FIELD_U8_WIDE:
	case SCCP_FIELD_SELECT:
		write_number(e, f, base);
		break;
	case SCCP_FIELD_COUNT:
		write_count(e, f, base);
		break;
	case SCCP_FIELD_LENGTH:
		write_length(e, f, base);
		break;
	case SCCP_FIELD_IP4:
	case SCCP_FIELD_IP4_LONG:
	case SCCP_FIELD_ADDRESS4:
	case SCCP_FIELD_ADDRESS20:
		write_address(e, f, base);
		break;
	case SCCP_FIELD_TEXT:
	case SCCP_FIELD_TEXT_SHORT:
	case SCCP_FIELD_NAME:
		write_text(e, f, base);
		break;
	case SCCP_FIELD_STRING:
	case SCCP_FIELD_REST:
		write_string(e, f, base);
		break;
	case SCCP_FIELD_AREA:
		write_area(e, f, base);
		break;
	case SCCP_FIELD_BYTES:
		writer_bytes(e->w, slice_of(place_of(f, base), f->size));
		break;
	case SCCP_FIELD_U16_LIST:
		for (uint16_t at = 0; at < f->size; at = (uint16_t)(at + 2)) {
			uint16_t v = 0;
			memcpy(&v, base + f->at + at, sizeof v);
			writer_le16(e->w, v);
		}
		break;
	case SCCP_FIELD_ZERO:
	case SCCP_FIELD_CHOICE:
		writer_zero(e->w, f->size);
		break;
	case SCCP_FIELD_STOP:
		e->ended = e->version < f->param;
		break;
	case SCCP_FIELD_STOP_EMPTY:
		e->ended = slice_in(f, base).len == 0;
		break;
	case SCCP_FIELD_DATA:
		write_data(e, f, base);
		break;
	case SCCP_FIELD_ARRAY:
		write_array(e, f, base);
		break;
	case SCCP_FIELD_GROUP:
		write_fields(e, f->inner, base);
		break;
	case SCCP_FIELD_LOOSE:
		writer_le32(e->w, number_of(f, base));
		writer_zero(e->w, f->size - 4u);
		break;
	case SCCP_FIELD_IGNORE:
	case SCCP_FIELD_BODY_SIZE:
	case SCCP_FIELD_END:
		break;
	}
}

static void write_fields(struct encoding *e, const struct sccp_field *f, const uint8_t *base)
{
	for (; f->kind != SCCP_FIELD_END && !e->ended; f++)
		write_field(e, f, base);
}

static void write_body(const struct sccp_form *form, const struct sccp_message *m, uint8_t version,
		       struct writer *to)
{
	const uint8_t *base = (const uint8_t *)m;
	struct encoding e = {.w = to, .version = version != 0 ? version : SCCP_VERSION_BASIC};
	size_t start = to->pos;

	write_fields(&e, form->fields, base);
	/* The generations of Register differ only in where they stop. */
	if (form->fields->kind == SCCP_FIELD_BODY_SIZE && !to->failed) {
		uint32_t size = number_of(form->fields, base);
		if (size < to->pos - start)
			to->pos = start + size;
	}
}

int sccp_encode(const struct sccp_message *message, uint8_t version, struct writer *to)
{
	const struct sccp_form *form = sccp_form_first(message->id);
	size_t start = to->pos;

	if (form != NULL)
		form = sccp_form_send(form, version);
	bool sent = form != NULL && form->sent;
	if (!sent && message->raw.len == 0)
		return E_UNSUPPORTED;
	if (to->failed)
		return E_FULL;
	writer_le32(to, 0);
	writer_le32(to, message->header_version);
	writer_le32(to, message->id);
	if (sent)
		write_body(form, message, version, to);
	else
		writer_bytes(to, message->raw);
	while (!to->failed && (to->pos - start) % 4 != 0)
		writer_u8(to, 0);
	if (to->failed || to->pos - start > SCCP_FRAME_MAX) {
		to->pos = start;
		to->failed = false;
		return E_FULL;
	}
	struct writer length = writer_of(to->ptr + start, 4);
	writer_le32(&length, (uint32_t)(to->pos - start - 8));
	return 0;
}
