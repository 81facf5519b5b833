/* DNS messages (RFC 1035, 4). */
#include "proto/dns/dns.h"

#include "base/error.h"
#include "base/reader.h"

#define FLAG_RESPONSE  0x8000u
#define FLAG_TRUNCATED 0x0200u
#define FLAG_RECURSION 0x0100u
#define CLASS_IN       1u
#define POINTER        0xc0u
#define LABEL_MAX      63u
#define HEADER_SIZE    12u
#define ANSWERS_MAX    64 /* records looked at */

/* One label at the end of `to`; a byte that would look like a dot or end the text becomes '?'. */
static bool add_label(struct slice label, char *to, size_t *len)
{
	if (*len + label.len + 2 > DNS_NAME_SIZE)
		return false;
	if (*len > 0)
		to[(*len)++] = '.';
	for (size_t i = 0; i < label.len; i++) {
		char c = (char)label.ptr[i];
		to[(*len)++] = c;
		if (c == 0 || c == '.')
			to[*len - 1] = '?';
	}
	to[*len] = 0;
	return true;
}

/* A name at the cursor, pointers followed within the message. Each pointer has to lead further to
 * the front, so none can be followed for ever. `to` may be NULL: then it is passed over. */
static bool read_name(struct slice message, struct reader *r, char *to)
{
	struct reader at = *r;
	size_t limit = r->pos;
	size_t len = 0;
	bool jumped = false;

	for (unsigned pointers = 0; pointers <= DNS_POINTERS_MAX;) {
		uint8_t n = reader_u8(&at);
		if (at.failed)
			break;
		if (n == 0) {
			if (!jumped)
				*r = at;
			return true;
		}
		if (n >= POINTER) {
			size_t target = (size_t)(n & 0x3f) << 8 | reader_u8(&at);
			if (at.failed || target >= limit)
				break;
			if (!jumped)
				*r = at;
			jumped = true;
			limit = target;
			at = reader_of(message);
			reader_skip(&at, target);
			pointers++;
			continue;
		}
		struct slice label = reader_bytes(&at, n);
		if (n > LABEL_MAX || label.len != n || (to != NULL && !add_label(label, to, &len)))
			break;
	}
	r->failed = true;
	return false;
}

/* false when nothing behind this record can be read. */
static bool read_record(struct slice message, struct reader *r, struct dns *dns)
{
	if (!read_name(message, r, NULL))
		return false;
	uint16_t type = reader_be16(r);
	uint16_t class = reader_be16(r);
	reader_skip(r, 4);
	struct slice data = reader_bytes(r, reader_be16(r));
	if (r->failed)
		return false;
	if (type == DNS_A && class == CLASS_IN && data.len == 4 &&
	    dns->address_count < DNS_ADDRESSES_MAX)
		memcpy(dns->address[dns->address_count++].b, data.ptr, 4);
	return true;
}

int dns_decode(struct slice bytes, struct dns *ret_dns, struct anomalies *anomalies)
{
	struct reader r = reader_of(bytes);
	struct dns dns = {0};

	dns.id = reader_be16(&r);
	uint16_t flags = reader_be16(&r);
	dns.question_count = reader_be16(&r);
	dns.answer_count = reader_be16(&r);
	reader_skip(&r, 4);
	if (r.failed)
		return E_TRUNCATED;
	dns.is_response = (flags & FLAG_RESPONSE) != 0;
	dns.truncated = (flags & FLAG_TRUNCATED) != 0;
	dns.opcode = flags >> 11 & 15;
	dns.rcode = flags & 15;
	for (unsigned i = 0; i < dns.question_count; i++) {
		if (!read_name(bytes, &r, i == 0 ? dns.name : NULL))
			return E_BAD_FORMAT;
		uint16_t type = reader_be16(&r);
		reader_skip(&r, 2);
		if (r.failed)
			return E_BAD_FORMAT;
		if (i == 0)
			dns.type = type;
	}
	for (unsigned i = 0; i < dns.answer_count && i < ANSWERS_MAX; i++) {
		uint32_t at = (uint32_t)r.pos;
		if (!read_record(bytes, &r, &dns)) {
			anomaly_add(anomalies, ANOMALY_COUNT, at);
			break;
		}
	}
	*ret_dns = dns;
	return 0;
}

static bool write_name(struct writer *w, const char *name)
{
	size_t total = strlen(name);

	if (total == 0 || total > DNS_NAME_SIZE - 3)
		return false;
	while (*name != 0) {
		size_t n = strcspn(name, ".");
		if (n == 0 || n > LABEL_MAX)
			return false;
		writer_u8(w, (uint8_t)n);
		writer_bytes(w, slice_of(name, n));
		name += n;
		name += *name == '.';
	}
	writer_u8(w, 0);
	return true;
}

int dns_encode(const struct dns *dns, struct writer *to)
{
	struct writer w = *to;
	uint8_t count =
	    dns->address_count < DNS_ADDRESSES_MAX ? dns->address_count : DNS_ADDRESSES_MAX;
	uint32_t flags = FLAG_RECURSION | (uint32_t)(dns->opcode & 15) << 11 | (dns->rcode & 15u);

	if (dns->is_response)
		flags |= FLAG_RESPONSE | 0x80; /* recursion is available */
	else
		count = 0;
	writer_be16(&w, dns->id);
	writer_be16(&w, (uint16_t)flags);
	writer_be16(&w, 1);
	writer_be16(&w, count);
	writer_be32(&w, 0);
	if (!write_name(&w, dns->name))
		return E_BAD_VALUE;
	writer_be16(&w, dns->type);
	writer_be16(&w, CLASS_IN);
	for (uint8_t i = 0; i < count; i++) {
		writer_be16(&w, POINTER << 8 | HEADER_SIZE);
		writer_be16(&w, DNS_A);
		writer_be16(&w, CLASS_IN);
		writer_be32(&w, 60);
		writer_be16(&w, 4);
		writer_bytes(&w, slice_of(dns->address[i].b, 4));
	}
	if (w.failed)
		return E_FULL;
	*to = w;
	return 0;
}

const char *dns_rcode_words(uint8_t rcode)
{
	switch (rcode) {
	case DNS_NO_ERROR:
		return "no error";
	case DNS_FORMAT_ERROR:
		return "format error";
	case DNS_SERVER_FAILURE:
		return "server failure";
	case DNS_NO_SUCH_NAME:
		return "no such name";
	case DNS_REFUSED:
		return "refused";
	default:
		return "error";
	}
}
