/* Messages as one line of text for people. */
#include "proto/sccp/sccp_fields.h"

#include "base/text.h"
#include "proto/sccp/sccp_table.h"

#include <arpa/inet.h>

#define LABEL_LEAD    0x80
#define LABEL_2_LEAD  0x1e
#define UNKNOWN_BYTES 32 /* of a body nobody knows */

/* The words behind a label code at the start of `text`, or NULL. Byte 0x80 also continues UTF-8
 * characters, so the caller asks only where a character begins. */
static const char *label_at(struct slice text)
{
	if (text.len < 2 || (text.ptr[0] != LABEL_LEAD && text.ptr[0] != LABEL_2_LEAD))
		return NULL;
	return sccp_word(text.ptr[0] == LABEL_LEAD ? SCCP_WORDS_LABEL : SCCP_WORDS_LABEL_2,
			 text.ptr[1]);
}

/* The bytes of the character at the start of `text`: a UTF-8 sequence by its lead, else one. */
static size_t character(struct slice text)
{
	uint8_t lead = text.ptr[0];
	size_t n = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;

	for (size_t i = 1; i < n; i++) {
		if (i >= text.len || (text.ptr[i] & 0xc0) != 0x80)
			return 1;
	}
	return n;
}

void sccp_format_text(struct buf *to, struct slice text)
{
	while (text.len > 0) {
		const char *label = label_at(text);
		size_t n = 2;
		if (label != NULL) {
			buf_text(to, label);
			if (text.len > 2)
				buf_char(to, ' ');
		} else {
			n = character(text);
			if (text.ptr[0] == '"')
				buf_text(to, "\\x22");
			else
				text_escape_terminal(to, slice_head(text, n));
		}
		text = slice_from(text, n);
	}
}

static void put_hex(struct buf *to, struct slice bytes)
{
	for (size_t i = 0; i < bytes.len; i++)
		buf_printf(to, "%02x", bytes.ptr[i]);
}

/* Small numbers in slots, of which the empty ones say nothing. */
static void put_list(struct buf *to, struct slice bytes, enum sccp_detail detail)
{
	const char *between = "";

	buf_char(to, '[');
	for (size_t i = 0; i < bytes.len; i++) {
		if (detail == SCCP_BRIEF && bytes.ptr[i] == 0)
			continue;
		buf_printf(to, "%s%u", between, bytes.ptr[i]);
		between = " ";
	}
	buf_char(to, ']');
}

static void put_number(struct buf *to, const struct sccp_value *v, enum sccp_detail detail)
{
	const char *word = sccp_word(v->words, v->number);

	if (v->words == SCCP_WORDS_HEX) {
		buf_printf(to, "0x%x", v->number);
	} else if (word == NULL) {
		buf_printf(to, "%u", v->number);
	} else {
		buf_printf(to, strchr(word, ' ') != NULL ? "\"%s\"" : "%s", word);
		if (detail == SCCP_FULL)
			buf_printf(to, "(%u)", v->number);
	}
}

static void put_address(struct buf *to, const struct sccp_address *a)
{
	char text[INET6_ADDRSTRLEN] = "";

	if (inet_ntop(a->type == SCCP_ADDRESS_TYPE_IP6 ? AF_INET6 : AF_INET, a->bytes, text,
		      sizeof text) != NULL)
		buf_text(to, text);
}

static void put_value(struct buf *to, const struct sccp_value *v, enum sccp_detail detail)
{
	switch (v->kind) {
	case SCCP_VALUE_NUMBER:
		put_number(to, v, detail);
		break;
	case SCCP_VALUE_TEXT:
		buf_char(to, '"');
		sccp_format_text(to, v->bytes);
		buf_char(to, '"');
		break;
	case SCCP_VALUE_BYTES:
		if (v->words == SCCP_WORDS_NUMBER)
			put_list(to, v->bytes, detail);
		else
			put_hex(to, v->bytes);
		break;
	case SCCP_VALUE_ADDRESS:
		put_address(to, &v->address);
		break;
	case SCCP_VALUE_OPEN:
	case SCCP_VALUE_ELEMENT:
	case SCCP_VALUE_CLOSE:
		break;
	}
}

static bool all_zero(struct slice bytes)
{
	for (size_t i = 0; i < bytes.len; i++) {
		if (bytes.ptr[i] != 0)
			return false;
	}
	return true;
}

/* A zero without a name, or named None: nothing a reader misses. */
static bool says_nothing(const struct sccp_value *v)
{
	const char *word = NULL;

	switch (v->kind) {
	case SCCP_VALUE_NUMBER:
		word = sccp_word(v->words, v->number);
		return v->number == 0 && (word == NULL || strcmp(word, "None") == 0);
	case SCCP_VALUE_TEXT:
		return v->bytes.len == 0;
	case SCCP_VALUE_BYTES:
		return all_zero(v->bytes);
	case SCCP_VALUE_ADDRESS:
		return all_zero(slice_of(v->address.bytes, sizeof v->address.bytes));
	case SCCP_VALUE_OPEN:
	case SCCP_VALUE_ELEMENT:
	case SCCP_VALUE_CLOSE:
		break;
	}
	return false;
}

/* At the top `name=value`, inside a list the values alone: [Line/1 SpeedDial/1]. */
static void put_fields(struct buf *to, struct sccp_fields *fields, enum sccp_detail detail)
{
	struct sccp_value v;
	unsigned depth = 0;
	const char *between = "";

	while (sccp_fields_next(fields, &v)) {
		if (v.kind == SCCP_VALUE_CLOSE) {
			buf_char(to, ']');
			depth--;
			between = depth > 0 ? "/" : " ";
			continue;
		}
		if (v.kind == SCCP_VALUE_ELEMENT) {
			between = between[0] != 0 ? " " : "";
			continue;
		}
		if (detail == SCCP_BRIEF && (depth == 0 || v.slot) && says_nothing(&v))
			continue;
		buf_text(to, between);
		if (depth == 0)
			buf_printf(to, "%s=", v.name);
		if (v.kind == SCCP_VALUE_OPEN) {
			buf_char(to, '[');
			depth++;
			between = "";
			continue;
		}
		put_value(to, &v, detail);
		between = depth > 0 ? "/" : " ";
	}
}

void sccp_format(struct buf *to, const struct sccp_message *message, uint8_t version,
		 enum sccp_detail detail)
{
	struct sccp_message m = *message;
	uint8_t bytes[SCCP_FRAME_MAX];
	struct writer w = writer_of(bytes, sizeof bytes);
	struct sccp_fields fields;

	if (m.raw.len == 0 && sccp_encode(&m, version, &w) == 0)
		m.raw = slice_from(writer_done(&w), SCCP_HEADER_SIZE);
	if (sccp_form_first(m.id) != NULL) {
		sccp_fields_begin(&fields, &m, version);
		put_fields(to, &fields, detail);
	} else if (m.raw.len > 0) {
		buf_text(to, "body=");
		put_hex(to, slice_head(m.raw, UNKNOWN_BYTES));
		if (m.raw.len > UNKNOWN_BYTES)
			buf_text(to, "...");
	}
}
