/* TFTP packets (RFC 1350) and their options (RFC 2347). */
#include "proto/tftp/tftp.h"

#include "base/error.h"
#include "base/reader.h"
#include "base/text.h"

#include <strings.h>

static const struct {
	uint16_t code;
	const char *text;
} errors[] = {
#define T(code, name, text) {code, text},
#include "proto/tftp/tftp_errors.def"
#undef T
};

const char *tftp_error_text(uint16_t code)
{
	for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
		if (errors[i].code == code)
			return errors[i].text;
	}
	return "error";
}

/* The next NUL-terminated string; false when its NUL is missing. */
static bool next_string(struct reader *r, struct slice *ret_text)
{
	size_t left = reader_left(r);
	const uint8_t *end = left > 0 ? memchr(r->ptr + r->pos, 0, left) : NULL;

	if (end == NULL)
		return false;
	*ret_text = reader_bytes(r, (size_t)(end - (r->ptr + r->pos)));
	reader_skip(r, 1);
	return true;
}

/* Pairs of strings. A boot ROM that pads with garbage has no second NUL: options end there. */
static void read_option_list(struct reader *r, struct tftp_packet *p, struct anomalies *anomalies)
{
	while (reader_left(r) > 0) {
		struct tftp_option option;
		uint32_t at = (uint32_t)r->pos;
		if (!next_string(r, &option.name) || option.name.len == 0 ||
		    !next_string(r, &option.value)) {
			anomaly_add(anomalies, ANOMALY_LONG, at);
			return;
		}
		if (p->option_count == TFTP_OPTIONS_MAX) {
			anomaly_add(anomalies, ANOMALY_COUNT, at);
			return;
		}
		p->option[p->option_count++] = option;
	}
}

static int read_request(struct reader *r, struct tftp_packet *p, struct anomalies *anomalies)
{
	struct slice file;
	struct slice mode = slice_of(NULL, 0);

	if (!next_string(r, &file) || file.len == 0)
		return E_BAD_FORMAT;
	if (!text_copy_slice(p->file, sizeof p->file, file))
		return E_BAD_FORMAT;
	if (!next_string(r, &mode))
		anomaly_add(anomalies, ANOMALY_UNTERMINATED, (uint32_t)r->pos);
	(void)text_copy_slice(p->mode, sizeof p->mode, mode);
	read_option_list(r, p, anomalies);
	return 0;
}

int tftp_decode(struct slice bytes, struct tftp_packet *ret_packet, struct anomalies *anomalies)
{
	struct reader r = reader_of(bytes);
	struct tftp_packet *p = ret_packet;
	uint16_t op = reader_be16(&r);

	memset(p, 0, sizeof *p);
	if (r.failed || op < TFTP_RRQ || op > TFTP_OACK)
		return E_BAD_FORMAT;
	p->op = (enum tftp_op)op;
	switch (p->op) {
	case TFTP_RRQ:
	case TFTP_WRQ:
		return read_request(&r, p, anomalies);
	case TFTP_DATA:
		p->block = reader_be16(&r);
		p->data = reader_bytes(&r, reader_left(&r));
		return r.failed ? E_BAD_FORMAT : 0;
	case TFTP_ACK:
		p->block = reader_be16(&r);
		return r.failed ? E_BAD_FORMAT : 0;
	case TFTP_ERROR:
		p->code = reader_be16(&r);
		if (!r.failed && !next_string(&r, &p->data))
			p->data = reader_bytes(&r, reader_left(&r));
		return r.failed ? E_BAD_FORMAT : 0;
	case TFTP_OACK:
		read_option_list(&r, p, anomalies);
		return 0;
	}
	return E_BAD_FORMAT;
}

static void write_string(struct writer *w, struct slice text)
{
	writer_bytes(w, text);
	writer_u8(w, 0);
}

int tftp_encode(const struct tftp_packet *p, struct writer *to)
{
	size_t start = to->pos;

	writer_be16(to, (uint16_t)p->op);
	switch (p->op) {
	case TFTP_RRQ:
	case TFTP_WRQ:
		write_string(to, slice_text(p->file));
		write_string(to, slice_text(p->mode));
		break;
	case TFTP_DATA:
		writer_be16(to, p->block);
		writer_bytes(to, p->data);
		break;
	case TFTP_ACK:
		writer_be16(to, p->block);
		break;
	case TFTP_ERROR:
		writer_be16(to, p->code);
		write_string(to, p->data);
		break;
	case TFTP_OACK:
		break;
	}
	for (uint32_t i = 0;
	     i < p->option_count && (p->op == TFTP_RRQ || p->op == TFTP_WRQ || p->op == TFTP_OACK);
	     i++) {
		write_string(to, p->option[i].name);
		write_string(to, p->option[i].value);
	}
	if (!to->failed)
		return 0;
	to->pos = start;
	to->failed = false;
	return E_FULL;
}

bool tftp_option_number(const struct tftp_packet *p, const char *name, uint32_t *ret_value)
{
	for (uint32_t i = 0; i < p->option_count; i++) {
		const struct tftp_option *o = &p->option[i];
		uint64_t value = 0;
		if (o->name.len != strlen(name) ||
		    strncasecmp((const char *)o->name.ptr, name, o->name.len) != 0)
			continue;
		for (size_t d = 0; d < o->value.len; d++) {
			if (o->value.ptr[d] < '0' || o->value.ptr[d] > '9' || d >= 10)
				return false;
			value = value * 10 + (uint64_t)(o->value.ptr[d] - '0');
		}
		if (o->value.len == 0 || value > UINT32_MAX)
			return false;
		*ret_value = (uint32_t)value;
		return true;
	}
	return false;
}
