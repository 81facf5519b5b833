/* Bytes to messages: one walk over the rows of a body.
 *
 * A body that ends early leaves zeros, one that goes on is read as far as its rows go; both are
 * noted, unless a genuine sender is known to do it (STOP and IGNORE rows). The member of the union
 * a message uses is zeroed first, so that nothing of the message before shows through. */
#include "proto/sccp/sccp_table.h"

#include "base/error.h"
#include "base/text.h"

struct decoding {
	struct reader r;
	struct anomalies *anomalies;
	uint32_t number[SCCP_REGISTERS];
	uint8_t *count_at[SCCP_REGISTERS]; /* where a count stands, to be corrected when it lies */
	bool ended;                        /* at a STOP: nothing is missing */
};

static void note(struct decoding *d, enum anomaly_kind kind)
{
	anomaly_add(d->anomalies, kind, SCCP_HEADER_SIZE + (uint32_t)d->r.pos);
}

static void place(uint8_t *base, const struct sccp_field *f, const void *from, size_t size)
{
	if (f->at != SCCP_NOWHERE)
		memcpy(base + f->at, from, size);
}

static void place_slice(uint8_t *base, const struct sccp_field *f, struct slice s)
{
	place(base, f, &s, sizeof s);
}

static void read_number(struct decoding *d, const struct sccp_field *f, uint8_t *base)
{
	uint8_t narrow = 0;
	uint16_t half = 0;
	uint32_t v = 0;

	switch (f->kind) {
	case SCCP_FIELD_U8:
		narrow = reader_u8(&d->r);
		place(base, f, &narrow, sizeof narrow);
		return;
	case SCCP_FIELD_U16:
		half = reader_le16(&d->r);
		place(base, f, &half, sizeof half);
		return;
	case SCCP_FIELD_U8_WIDE:
		v = reader_u8(&d->r);
		break;
	default:
		v = reader_le32(&d->r);
		break;
	}
	place(base, f, &v, sizeof v);
	if (f->kind == SCCP_FIELD_COUNT || f->kind == SCCP_FIELD_LENGTH ||
	    f->kind == SCCP_FIELD_SELECT) {
		d->number[f->param] = v;
		d->count_at[f->param] =
		    f->kind == SCCP_FIELD_COUNT && f->at != SCCP_NOWHERE ? base + f->at : NULL;
	}
}

static void read_address(struct decoding *d, const struct sccp_field *f, uint8_t *base)
{
	bool typed = f->kind == SCCP_FIELD_IP4_LONG || f->kind == SCCP_FIELD_ADDRESS20;
	bool whole = f->kind == SCCP_FIELD_ADDRESS4 || f->kind == SCCP_FIELD_ADDRESS20;
	struct sccp_address a = {.type = typed ? reader_le32(&d->r) : 0};
	struct slice bytes = reader_bytes(&d->r, typed ? 16 : 4);

	if (bytes.len > 0)
		memcpy(a.bytes, bytes.ptr, bytes.len);
	struct ip4 ip = sccp_address_ip4(&a);
	if (whole)
		place(base, f, &a, sizeof a);
	else
		place(base, f, &ip, sizeof ip);
}

static void copy_text(const struct sccp_field *f, uint8_t *base, struct slice text)
{
	if (f->at != SCCP_NOWHERE)
		(void)text_copy_slice((char *)base + f->at, f->room, text);
}

/* Control characters are no text. Behind the two label prefixes any byte may follow, and phones end
 * their quality report with a newline. */
static void check_text(struct decoding *d, struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.ptr[i];
		if (c == 0x1e || (c == 0x80 && (i == 0 || text.ptr[i - 1] < 0x80)))
			i++;
		else if ((c < 0x20 && c != '\n' && c != '\r' && c != '\t') || c == 0x7f) {
			note(d, ANOMALY_TEXT);
			return;
		}
	}
}

/* A text field of `size` bytes: what stands before its NUL. Behind it genuine senders leave stale
 * memory. */
static void read_text(struct decoding *d, const struct sccp_field *f, uint8_t *base)
{
	size_t left = reader_left(&d->r);
	size_t size = f->kind == SCCP_FIELD_REST ? left : f->size;
	struct slice text = slice_head(slice_from(slice_of(d->r.ptr, d->r.len), d->r.pos), size);
	size_t len = text.len > 0 ? strnlen((const char *)text.ptr, text.len) : 0;

	if (d->r.failed)
		return;
	if (len == text.len && text.len == size && f->kind != SCCP_FIELD_NAME &&
	    f->kind != SCCP_FIELD_REST)
		note(d, ANOMALY_UNTERMINATED);
	text.len = len;
	check_text(d, text);
	if (f->kind == SCCP_FIELD_AREA)
		place_slice(base, f, text);
	else
		copy_text(f, base, text);
	reader_skip(&d->r, f->kind == SCCP_FIELD_TEXT_SHORT && left < size ? left : size);
}

/* Worth a note without its NUL: Java phones drop the connection over it. */
static void read_string(struct decoding *d, const struct sccp_field *f, uint8_t *base)
{
	struct slice left = slice_from(slice_of(d->r.ptr, d->r.len), d->r.pos);
	size_t len = left.len > 0 ? strnlen((const char *)left.ptr, left.len) : 0;

	if (left.len == 0) {
		d->r.failed = true;
		return;
	}
	if (len == left.len)
		note(d, ANOMALY_UNTERMINATED);
	else if (f->room > 0 && len >= f->room)
		note(d, ANOMALY_LONG);
	check_text(d, slice_head(left, len));
	copy_text(f, base, slice_head(left, len));
	reader_skip(&d->r, len < left.len ? len + 1 : len);
}

static void read_data(struct decoding *d, const struct sccp_field *f, uint8_t *base)
{
	size_t left = reader_left(&d->r);
	size_t len = d->number[f->param];
	size_t area = f->size > 0 && f->size < left ? f->size : left;

	if (len > area) {
		note(d, ANOMALY_COUNT);
		len = area;
	}
	place_slice(base, f, reader_bytes(&d->r, len));
	if (f->size > 0)
		reader_skip(&d->r, area - len);
}

static void read_fields(struct decoding *d, const struct sccp_field *f, uint8_t *base);

/* Never more elements than the array has slots, nor more than the bytes that are there. */
static void read_array(struct decoding *d, const struct sccp_field *f, uint8_t *base)
{
	size_t each = sccp_fields_size(f->inner);
	uint32_t count = f->param < SCCP_REGISTERS ? d->number[f->param] : f->size;
	uint32_t whole = (uint32_t)(reader_left(&d->r) / each);
	uint32_t most = whole < f->size ? whole : f->size;

	if (count > most && f->param < SCCP_REGISTERS) {
		note(d, ANOMALY_COUNT);
		count = most;
		if (d->count_at[f->param] != NULL)
			memcpy(d->count_at[f->param], &count, sizeof count);
	}
	for (uint32_t i = 0; i < count && f->at != SCCP_NOWHERE; i++)
		read_fields(d, f->inner, base + (size_t)i * f->room);
	/* The slots behind the last element in use hold whatever the sender left there. */
	size_t rest = (f->size - (f->at != SCCP_NOWHERE ? count : 0)) * each;
	size_t left = reader_left(&d->r);
	reader_skip(&d->r, f->param < SCCP_REGISTERS && rest > left ? left : rest);
}

/* "u32 line" stands right behind 25 bytes of number on a 7970 and three bytes later on an 8945,
 * with zeros or stale memory around it. Read at the wrong place a line is never a line. */
uint32_t sccp_read_loose(struct reader r)
{
	struct reader aligned = r;

	reader_skip(&aligned, 3);
	uint32_t v = reader_le32(&aligned);
	if (v == 0 || v > SCCP_LINES_MAX)
		v = reader_le32(&r);
	return v <= SCCP_LINES_MAX ? v : 0;
}

static void read_loose(struct decoding *d, const struct sccp_field *f, uint8_t *base)
{
	uint32_t v = sccp_read_loose(d->r);
	size_t left = reader_left(&d->r);

	place(base, f, &v, sizeof v);
	reader_skip(&d->r, left < 4 || left >= f->size ? f->size : left);
}

static void read_field(struct decoding *d, const struct sccp_field *f, uint8_t *base)
{
	size_t left = reader_left(&d->r);
	uint32_t size = (uint32_t)left;

	switch ((enum sccp_kind)f->kind) {
	case SCCP_FIELD_U8:
	case SCCP_FIELD_U16:
	case SCCP_FIELD_U32:
	case SCCP_FIELD_U8_WIDE:
	case SCCP_FIELD_COUNT:
	case SCCP_FIELD_SELECT:
		read_number(d, f, base);
		break;
	case SCCP_FIELD_LENGTH:
		d->number[f->param] = reader_le32(&d->r);
		break;
	case SCCP_FIELD_IP4:
	case SCCP_FIELD_IP4_LONG:
	case SCCP_FIELD_ADDRESS4:
	case SCCP_FIELD_ADDRESS20:
		read_address(d, f, base);
		break;
	case SCCP_FIELD_TEXT:
	case SCCP_FIELD_TEXT_SHORT:
	case SCCP_FIELD_NAME:
	case SCCP_FIELD_REST:
	case SCCP_FIELD_AREA:
		read_text(d, f, base);
		break;
	case SCCP_FIELD_STRING:
		read_string(d, f, base);
		break;
	case SCCP_FIELD_BYTES:
		if (left >= f->size)
			place(base, f, d->r.ptr + d->r.pos, f->size);
		reader_skip(&d->r, f->size);
		break;
	case SCCP_FIELD_U16_LIST:
		for (uint16_t at = 0; at < f->size; at = (uint16_t)(at + 2)) {
			uint16_t v = reader_le16(&d->r);
			memcpy(base + f->at + at, &v, sizeof v);
		}
		break;
	case SCCP_FIELD_ZERO:
		reader_skip(&d->r, f->size);
		break;
	case SCCP_FIELD_IGNORE:
	case SCCP_FIELD_CHOICE:
		reader_skip(&d->r, left < f->size ? left : f->size);
		break;
	case SCCP_FIELD_STOP:
	case SCCP_FIELD_STOP_EMPTY:
		d->ended = left == 0;
		break;
	case SCCP_FIELD_BODY_SIZE:
		place(base, f, &size, sizeof size);
		break;
	case SCCP_FIELD_DATA:
		read_data(d, f, base);
		break;
	case SCCP_FIELD_ARRAY:
		read_array(d, f, base);
		break;
	case SCCP_FIELD_GROUP:
		read_fields(d, f->inner, base);
		break;
	case SCCP_FIELD_LOOSE:
		read_loose(d, f, base);
		break;
	case SCCP_FIELD_END:
		break;
	}
}

static void read_fields(struct decoding *d, const struct sccp_field *f, uint8_t *base)
{
	for (; f->kind != SCCP_FIELD_END && !d->r.failed && !d->ended; f++)
		read_field(d, f, base);
}

static uint32_t number_at(struct slice frame, size_t at)
{
	const uint8_t *p = frame.ptr + at;

	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

/* What senders put into the header: 0, or the version spoken from 10 on; 12 to 14 were never seen.
 * A header that disagrees with the session is as strange. */
static bool header_is_known(uint32_t header_version, uint8_t version)
{
	if (header_version == 0)
		return true;
	if (version != 0 && header_version != version)
		return false;
	return header_version == 10 || header_version == 11 ||
	       (header_version >= 15 && header_version <= SCCP_VERSION_MAX);
}

/* Kept out of line, so that a keepalive does not pay for setting this up. */
__attribute__((noinline)) static void
read_body(struct sccp_message *m, const struct sccp_form *form, struct anomalies *anomalies)
{
	struct decoding d = {.r = reader_of(m->raw), .anomalies = anomalies};

	memset((uint8_t *)m + form->at, 0, form->size);
	read_fields(&d, form->fields, (uint8_t *)m);
	if (d.r.failed)
		anomaly_add(d.anomalies, ANOMALY_SHORT, SCCP_HEADER_SIZE + (uint32_t)d.r.len);
	/* Senders pad to the next multiple of four. */
	else if (reader_left(&d.r) > (4 - d.r.pos % 4) % 4)
		note(&d, ANOMALY_LONG);
}

int sccp_decode_as(struct slice frame, uint8_t version, struct sccp_message *ret_message,
		   struct anomalies *anomalies)
{
	struct sccp_message *m = ret_message;

	if (frame.len < SCCP_HEADER_SIZE)
		return E_BAD_FORMAT;
	m->header_version = number_at(frame, 4);
	m->id = number_at(frame, 8);
	m->raw = slice_from(frame, SCCP_HEADER_SIZE);
	if (number_at(frame, 0) != frame.len - 8)
		anomaly_add(anomalies, ANOMALY_LENGTH, 0);
	if (!header_is_known(m->header_version, version))
		anomaly_add(anomalies, ANOMALY_VERSION, 4);
	if (version == 0 && m->header_version <= SCCP_VERSION_MAX)
		version = (uint8_t)m->header_version;
	const struct sccp_form *form = sccp_form_first(m->id);
	if (form == NULL) {
		m->value = 0;
		if (sccp_id_name(m->id) == NULL)
			anomaly_add(anomalies, ANOMALY_UNKNOWN_ID, 8);
		return 0;
	}
	/* Most of what a phone sends in its life is a keepalive: no walk for a body without rows.
	 */
	if (form->fields->kind == SCCP_FIELD_END) {
		m->value = 0;
		if (m->raw.len > 0)
			anomaly_add(anomalies, ANOMALY_LONG, SCCP_HEADER_SIZE);
		return 0;
	}
	read_body(m, sccp_form_pick(form, version, m->raw.len), anomalies);
	return 0;
}

int sccp_decode(struct slice frame, struct sccp_message *ret_message, struct anomalies *anomalies)
{
	return sccp_decode_as(frame, 0, ret_message, anomalies);
}
