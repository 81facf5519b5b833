/* DHCP packets to options (RFC 2131 figure 1, RFC 2132, RFC 3396), and the options of a message.
 *
 * Decoding gathers the options of the options field, and of `file` and `sname` when option 52 says
 * they carry some, into one bounded area; parts of a long option are joined. Whatever is malformed
 * ends its own field and is noted; what stood before it stays. */
#include "proto/dhcp/dhcp.h"

#include "base/error.h"
#include "base/reader.h"
#include "base/text.h"
#include "proto/dhcp/dhcp_layout.h"

static const char *const type_names[] = {"BOOTP", "DISCOVER", "OFFER",   "REQUEST", "DECLINE",
					 "ACK",   "NAK",      "RELEASE", "INFORM"};

const char *dhcp_type_name(enum dhcp_type type)
{
	return (unsigned)type < sizeof type_names / sizeof *type_names ? type_names[type]
								       : "unlisted type";
}

const char *dhcp_option_name(uint8_t number)
{
	switch (number) {
#define O(number_, name, text)                                                                     \
	case number_:                                                                              \
		return text;
#include "proto/dhcp/dhcp_options.def"
#undef O
	default:
		return NULL;
	}
}

static struct dhcp_option_item *find_item(struct dhcp_message *m, uint8_t number)
{
	for (uint16_t i = 0; i < m->option_count; i++) {
		if (m->option[i].number == number)
			return &m->option[i];
	}
	return NULL;
}

/* Joins the part to an option seen before (RFC 3396). The area grows at its end only, so an option
 * in its middle moves there as a whole. */
static int join_part(struct dhcp_message *m, struct dhcp_option_item *item, struct slice part)
{
	size_t whole = item->len + part.len;

	if (m->data_used + whole > sizeof m->data)
		return E_FULL;
	if (item->at + item->len != m->data_used) {
		memmove(m->data + m->data_used, m->data + item->at, item->len);
		item->at = m->data_used;
		m->data_used = (uint16_t)(m->data_used + item->len);
	}
	if (part.len > 0)
		memcpy(m->data + m->data_used, part.ptr, part.len);
	m->data_used = (uint16_t)(m->data_used + part.len);
	item->len = (uint16_t)whole;
	return 0;
}

int dhcp_option_add(struct dhcp_message *m, uint8_t number, struct slice value)
{
	struct dhcp_option_item *item = find_item(m, number);

	if (item != NULL)
		return join_part(m, item, value);
	if (m->option_count == DHCP_OPTIONS_MAX || m->data_used + value.len > sizeof m->data)
		return E_FULL;
	m->option[m->option_count++] =
	    (struct dhcp_option_item){number, m->data_used, (uint16_t)value.len};
	if (value.len > 0)
		memcpy(m->data + m->data_used, value.ptr, value.len);
	m->data_used = (uint16_t)(m->data_used + value.len);
	return 0;
}

/* One field that holds options, up to END or its own end. `base` is its offset, for anomalies. */
static void read_options(struct dhcp_message *m, struct slice field, uint32_t base,
			 struct anomalies *anomalies)
{
	struct reader r = reader_of(field);

	while (reader_left(&r) > 0) {
		uint32_t at = base + (uint32_t)r.pos;
		uint8_t number = reader_u8(&r);
		if (number == DHCP_OPTION_PAD)
			continue;
		if (number == DHCP_OPTION_END)
			return;
		uint8_t len = reader_u8(&r);
		struct slice value = reader_bytes(&r, len);
		if (r.failed) {
			anomaly_add(anomalies, ANOMALY_SHORT, at);
			return;
		}
		if (number == DHCP_OPTION_MESSAGE_TYPE && find_item(m, number) != NULL) {
			anomaly_add(anomalies, ANOMALY_DUPLICATE, at);
			continue;
		}
		if (dhcp_option_add(m, number, value) != 0)
			anomaly_add(anomalies, ANOMALY_COUNT, at);
	}
}

static void read_text_field(const uint8_t *at, size_t len, char *to, size_t size)
{
	(void)text_copy_slice(to, size, slice_of(at, strnlen((const char *)at, len)));
}

int dhcp_decode(struct slice bytes, struct dhcp_message *ret_message, struct anomalies *anomalies)
{
	struct reader r = reader_of(bytes);
	struct dhcp_message *m = ret_message;

	memset(m, 0, sizeof *m);
	m->op = reader_u8(&r);
	uint8_t htype = reader_u8(&r);
	uint8_t hlen = reader_u8(&r);
	m->hops = reader_u8(&r);
	m->xid = reader_be32(&r);
	m->secs = reader_be16(&r);
	m->flags = reader_be16(&r);
	struct ip4 *const addresses[] = {&m->ciaddr, &m->yiaddr, &m->siaddr, &m->giaddr};
	for (size_t i = 0; i < 4; i++)
		*addresses[i] = ip4_of(reader_be32(&r));
	struct slice chaddr = reader_bytes(&r, 16);
	reader_skip(&r, DHCP_FIXED_SIZE - DHCP_SNAME_AT);
	uint32_t cookie = reader_be32(&r);
	if (r.failed || (m->op != 1 && m->op != 2) || htype != 1 || hlen != 6 ||
	    cookie != DHCP_COOKIE)
		return E_BAD_FORMAT;
	memcpy(m->chaddr.b, chaddr.ptr, sizeof m->chaddr.b);
	read_options(m, slice_from(bytes, r.pos), (uint32_t)r.pos, anomalies);
	struct slice overload = dhcp_option_get(m, DHCP_OPTION_OVERLOAD);
	unsigned carries = overload.len == 1 ? overload.ptr[0] : 0;
	if (carries & DHCP_OVERLOAD_FILE)
		read_options(m, slice_of(bytes.ptr + DHCP_FILE_AT, DHCP_FILE_SIZE), DHCP_FILE_AT,
			     anomalies);
	else
		read_text_field(bytes.ptr + DHCP_FILE_AT, DHCP_FILE_SIZE, m->file, sizeof m->file);
	if (carries & DHCP_OVERLOAD_SNAME)
		read_options(m, slice_of(bytes.ptr + DHCP_SNAME_AT, DHCP_SNAME_SIZE), DHCP_SNAME_AT,
			     anomalies);
	else
		read_text_field(bytes.ptr + DHCP_SNAME_AT, DHCP_SNAME_SIZE, m->sname,
				sizeof m->sname);
	struct slice type = dhcp_option_get(m, DHCP_OPTION_MESSAGE_TYPE);
	if (type.len == 1 && type.ptr[0] >= DHCP_DISCOVER && type.ptr[0] <= DHCP_INFORM)
		m->type = (enum dhcp_type)type.ptr[0];
	else if (type.ptr != NULL)
		anomaly_add(anomalies, ANOMALY_VALUE, DHCP_FIXED_SIZE);
	return 0;
}

struct slice dhcp_option_get(const struct dhcp_message *m, uint8_t number)
{
	for (uint16_t i = 0; i < m->option_count; i++) {
		if (m->option[i].number == number)
			return slice_of(m->data + m->option[i].at, m->option[i].len);
	}
	return slice_of(NULL, 0);
}

bool dhcp_option_has(const struct dhcp_message *m, uint8_t number)
{
	return dhcp_option_get(m, number).ptr != NULL;
}

bool dhcp_option_u32(const struct dhcp_message *m, uint8_t number, uint32_t *ret_value)
{
	struct reader r = reader_of(dhcp_option_get(m, number));

	if (r.len != 4)
		return false;
	*ret_value = reader_be32(&r);
	return true;
}

bool dhcp_option_ip(const struct dhcp_message *m, uint8_t number, struct ip4 *ret_ip)
{
	uint32_t value = 0;

	if (!dhcp_option_u32(m, number, &value))
		return false;
	*ret_ip = ip4_of(value);
	return true;
}

bool dhcp_option_text(const struct dhcp_message *m, uint8_t number, char *to, size_t size)
{
	struct slice value = dhcp_option_get(m, number);

	if (value.ptr == NULL)
		return false;
	while (value.len > 0 && value.ptr[value.len - 1] == 0)
		value.len--;
	(void)text_copy_slice(to, size, value);
	return true;
}

int dhcp_option_add_ip(struct dhcp_message *m, uint8_t number, struct ip4 ip)
{
	return dhcp_option_add(m, number, slice_of(ip.b, sizeof ip.b));
}

int dhcp_option_add_u32(struct dhcp_message *m, uint8_t number, uint32_t value)
{
	return dhcp_option_add_ip(m, number, ip4_of(value));
}

int dhcp_option_add_text(struct dhcp_message *m, uint8_t number, const char *text)
{
	return dhcp_option_add(m, number, slice_text(text));
}
