/* The walk over a body for people: the rows of the decoder, but what it finds is handed out by name
 * instead of being put into a struct. */
#include "proto/sccp/sccp_fields.h"

#include "proto/sccp/sccp_table.h"

_Static_assert(SCCP_FIELDS_REGISTERS == SCCP_REGISTERS, "as many as the rows use");
_Static_assert(SCCP_FIELDS_NESTING == SCCP_NESTING, "as deep as the rows go");

void sccp_fields_begin(struct sccp_fields *f, const struct sccp_message *message, uint8_t version)
{
	const struct sccp_form *form = sccp_form_first(message->id);

	memset(f, 0, sizeof *f);
	f->r = reader_of(message->raw);
	if (form == NULL)
		return;
	if (version == 0 && message->header_version <= SCCP_VERSION_MAX)
		version = (uint8_t)message->header_version;
	form = sccp_form_pick(form, version, message->raw.len);
	f->level[0].first = f->level[0].next = form->fields;
	f->level[0].count = 1;
}

static struct slice rest_of(const struct sccp_fields *f)
{
	return slice_from(slice_of(f->r.ptr, f->r.len), f->r.pos);
}

/* Goes into a list, a group or a chosen meaning. */
static void descend(struct sccp_fields *f, const struct sccp_field *row,
		    const struct sccp_field *inner, uint32_t count, size_t resume)
{
	f->depth++;
	f->level[f->depth].first = f->level[f->depth].next = inner;
	f->level[f->depth].name = row->name;
	f->level[f->depth].index = 0;
	f->level[f->depth].count = count;
	f->level[f->depth].resume = resume;
	f->level[f->depth].slots = row->kind == SCCP_FIELD_ARRAY && row->param >= SCCP_REGISTERS;
}

static size_t behind(const struct sccp_fields *f, size_t size)
{
	return size < reader_left(&f->r) ? f->r.pos + size : f->r.len;
}

static bool open_array(struct sccp_fields *f, const struct sccp_field *row)
{
	size_t each = sccp_fields_size(row->inner);
	uint32_t count = row->param < SCCP_REGISTERS ? f->number[row->param] : row->size;
	size_t whole = reader_left(&f->r) / each;
	size_t end = behind(f, row->size * each);

	count = count < row->size ? count : row->size;
	count = count < whole ? count : (uint32_t)whole;
	if (count == 0) {
		f->r.pos = end;
		return false;
	}
	descend(f, row, row->inner, count, end);
	return true;
}

static bool open_choice(struct sccp_fields *f, const struct sccp_field *row)
{
	uint32_t chosen = f->number[row->param];
	size_t end = behind(f, row->size);

	for (const struct sccp_case *c = row->cases; c->inner != NULL; c++) {
		if (chosen >= c->first && chosen <= c->last) {
			descend(f, row, c->inner, 1, end);
			return true;
		}
	}
	f->r.pos = end;
	return false;
}

static void take_number(struct sccp_fields *f, const struct sccp_field *row, struct sccp_value *v)
{
	v->kind = SCCP_VALUE_NUMBER;
	v->words = (enum sccp_words)row->words;
	switch (row->kind) {
	case SCCP_FIELD_U8:
	case SCCP_FIELD_U8_WIDE:
		v->number = reader_u8(&f->r);
		break;
	case SCCP_FIELD_U16:
		v->number = reader_le16(&f->r);
		break;
	default:
		v->number = reader_le32(&f->r);
		break;
	}
	if (row->kind == SCCP_FIELD_COUNT || row->kind == SCCP_FIELD_LENGTH ||
	    row->kind == SCCP_FIELD_SELECT)
		f->number[row->param] = v->number;
}

static void take_loose(struct sccp_fields *f, const struct sccp_field *row, struct sccp_value *v)
{
	v->kind = SCCP_VALUE_NUMBER;
	v->number = sccp_read_loose(f->r);
	f->r.pos = behind(f, row->size);
}

static void take_address(struct sccp_fields *f, const struct sccp_field *row, struct sccp_value *v)
{
	bool typed = row->size == 20;

	v->kind = SCCP_VALUE_ADDRESS;
	v->address.type = typed ? reader_le32(&f->r) : 0;
	struct slice bytes = reader_bytes(&f->r, typed ? 16 : 4);
	if (bytes.len > 0)
		memcpy(v->address.bytes, bytes.ptr, bytes.len);
}

static void take_text(struct sccp_fields *f, const struct sccp_field *row, struct sccp_value *v)
{
	struct slice left = rest_of(f);
	size_t size =
	    row->kind == SCCP_FIELD_REST || row->kind == SCCP_FIELD_STRING ? left.len : row->size;
	struct slice field = slice_head(left, size);
	size_t len = field.len > 0 ? strnlen((const char *)field.ptr, field.len) : 0;

	v->kind = SCCP_VALUE_TEXT;
	v->bytes = slice_head(field, len);
	if (row->kind == SCCP_FIELD_STRING)
		size = len < left.len ? len + 1 : len;
	if (left.len == 0)
		f->r.failed = true;
	f->r.pos = behind(f, size);
}

static void take_data(struct sccp_fields *f, const struct sccp_field *row, struct sccp_value *v)
{
	size_t left = reader_left(&f->r);
	size_t area = row->size > 0 && row->size < left ? row->size : left;
	size_t len = f->number[row->param];

	v->kind = SCCP_VALUE_TEXT;
	v->bytes = slice_head(rest_of(f), len < area ? len : area);
	f->r.pos = behind(f, row->size > 0 ? row->size : v->bytes.len);
}

/* One row. True when it yielded something to show. */
static bool take(struct sccp_fields *f, const struct sccp_field *row, struct sccp_value *v)
{
	switch ((enum sccp_kind)row->kind) {
	case SCCP_FIELD_U8:
	case SCCP_FIELD_U16:
	case SCCP_FIELD_U32:
	case SCCP_FIELD_U8_WIDE:
	case SCCP_FIELD_COUNT:
	case SCCP_FIELD_LENGTH:
	case SCCP_FIELD_SELECT:
		take_number(f, row, v);
		break;
	case SCCP_FIELD_LOOSE:
		take_loose(f, row, v);
		break;
	case SCCP_FIELD_IP4:
	case SCCP_FIELD_IP4_LONG:
	case SCCP_FIELD_ADDRESS4:
	case SCCP_FIELD_ADDRESS20:
		take_address(f, row, v);
		break;
	case SCCP_FIELD_TEXT:
	case SCCP_FIELD_TEXT_SHORT:
	case SCCP_FIELD_NAME:
	case SCCP_FIELD_STRING:
	case SCCP_FIELD_REST:
	case SCCP_FIELD_AREA:
		take_text(f, row, v);
		break;
	case SCCP_FIELD_BYTES:
	case SCCP_FIELD_U16_LIST:
		v->kind = SCCP_VALUE_BYTES;
		v->words = (enum sccp_words)row->words;
		v->bytes = reader_bytes(&f->r, row->size);
		break;
	case SCCP_FIELD_DATA:
		take_data(f, row, v);
		break;
	case SCCP_FIELD_ARRAY:
	case SCCP_FIELD_GROUP:
	case SCCP_FIELD_CHOICE:
	case SCCP_FIELD_END:
	case SCCP_FIELD_BODY_SIZE:
	case SCCP_FIELD_STOP: /* a body that ends here fails at the next field: the same end */
	case SCCP_FIELD_STOP_EMPTY:
		break;
	case SCCP_FIELD_ZERO:
	case SCCP_FIELD_IGNORE:
		f->r.pos = behind(f, row->size);
		break;
	}
	return row->name != NULL && !f->r.failed;
}

/* True when the row led into another level. */
static bool open_level(struct sccp_fields *f, const struct sccp_field *row)
{
	switch (row->kind) {
	case SCCP_FIELD_ARRAY:
		return open_array(f, row);
	case SCCP_FIELD_GROUP:
		descend(f, row, row->inner, 1, 0);
		return true;
	case SCCP_FIELD_CHOICE:
		return open_choice(f, row);
	default:
		return false;
	}
}

static bool leads_inside(const struct sccp_field *row)
{
	return row->kind == SCCP_FIELD_ARRAY || row->kind == SCCP_FIELD_GROUP ||
	       row->kind == SCCP_FIELD_CHOICE;
}

bool sccp_fields_next(struct sccp_fields *f, struct sccp_value *ret_value)
{
	struct sccp_value v = {.name = NULL};

	while (f->level[0].next != NULL && !f->r.failed) {
		const struct sccp_field *row = f->level[f->depth].next;
		const char *name = f->level[f->depth].name;
		if (row->kind == SCCP_FIELD_END && f->depth == 0)
			return false;
		v = (struct sccp_value){.name = row->name, .slot = f->level[f->depth].slots};
		if (row->kind == SCCP_FIELD_END) {
			v.name = name;
			v.kind = SCCP_VALUE_ELEMENT;
			f->level[f->depth].next = f->level[f->depth].first;
			if (++f->level[f->depth].index == f->level[f->depth].count) {
				v.kind = SCCP_VALUE_CLOSE;
				if (f->level[f->depth].resume > 0)
					f->r.pos = f->level[f->depth].resume;
				f->depth--;
			}
			if (name == NULL)
				continue;
			*ret_value = v;
			return true;
		}
		f->level[f->depth].next++;
		if (leads_inside(row)) {
			v.kind = SCCP_VALUE_OPEN;
			if (!open_level(f, row) || row->name == NULL)
				continue;
			*ret_value = v;
			return true;
		}
		if (take(f, row, &v)) {
			*ret_value = v;
			return true;
		}
	}
	/* A body that ends inside a list still closes it, so that whoever opened a bracket can rely
	 * on it. */
	while (f->depth > 0) {
		v = (struct sccp_value){.name = f->level[f->depth].name, .kind = SCCP_VALUE_CLOSE};
		f->depth--;
		if (v.name != NULL) {
			*ret_value = v;
			return true;
		}
	}
	return false;
}
