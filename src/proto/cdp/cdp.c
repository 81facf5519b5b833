/* CDP packets: a header of four bytes, then type, length, value; lengths include their own head. */
#include "proto/cdp/cdp.h"

#include "base/error.h"
#include "base/reader.h"

enum tlv {
	TLV_DEVICE_ID = 0x0001,
	TLV_ADDRESSES = 0x0002,
	TLV_PORT_ID = 0x0003,
	TLV_CAPABILITIES = 0x0004,
	TLV_SOFTWARE = 0x0005,
	TLV_PLATFORM = 0x0006,
	TLV_VTP_DOMAIN = 0x0009,
	TLV_NATIVE_VLAN = 0x000a,
	TLV_DUPLEX = 0x000b,
	TLV_VOICE_REPLY = 0x000e,
	TLV_VOICE_QUERY = 0x000f,
	TLV_CONSUMPTION = 0x0010,
	TLV_POWER_REQUESTED = 0x0019,
	TLV_POWER_AVAILABLE = 0x001a,
	TLV_LAST_KNOWN = 0x001f,
};

#define TLV_HEAD          4u
#define CHECKSUM_AT       2u
#define APPLIANCE_VOICE   1u /* which appliance a voice VLAN is for */
#define APPLIANCE_QUERY   0x20u
#define PROTOCOL_NLPID    1u
#define NLPID_IP          0xccu
#define DUPLEX_TLV_LENGTH 1u

/* The Internet checksum, but for a last odd byte: IOS adds it as a signed number in the low half of
 * its word. Everybody else has to do the same. */
uint16_t cdp_checksum(struct slice bytes)
{
	uint32_t sum = 0;
	size_t i = 0;

	for (; i + 1 < bytes.len; i += 2)
		sum += (uint32_t)bytes.ptr[i] << 8 | bytes.ptr[i + 1];
	if (i < bytes.len) {
		uint8_t last = bytes.ptr[i];
		sum += last < 0x80 ? last : 0xff00u | (last - 1u);
	}
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/* The sum over a packet that carries its own checksum is zero when it is right. */
static bool checksum_is_right(struct slice bytes)
{
	uint16_t sum = cdp_checksum(bytes);

	return sum == 0 || sum == 0xffff;
}

static void read_addresses(struct reader *r, struct cdp *cdp, struct anomalies *anomalies,
			   uint32_t at)
{
	uint32_t count = reader_be32(r);

	for (uint32_t i = 0; i < count && !r->failed; i++) {
		uint8_t kind = reader_u8(r);
		struct slice protocol = reader_bytes(r, reader_u8(r));
		struct slice address = reader_bytes(r, reader_be16(r));
		if (kind == PROTOCOL_NLPID && protocol.len == 1 && protocol.ptr[0] == NLPID_IP &&
		    address.len == 4 && ip4_is_zero(cdp->address))
			memcpy(cdp->address.b, address.ptr, 4);
	}
	if (r->failed)
		anomaly_add(anomalies, ANOMALY_COUNT, at);
}

/* One byte that says which appliance, then the VLAN; old switches leave the VLAN out. */
static void read_voice(struct slice value, bool reply, struct cdp *cdp)
{
	bool has_vlan = value.len >= 3;
	uint16_t vlan = 0;

	if (has_vlan)
		vlan = (uint16_t)((uint32_t)value.ptr[1] << 8 | value.ptr[2]);

	if (!reply) {
		cdp->has_voice_query = true;
		cdp->query_vlan = vlan;
	} else if (has_vlan) {
		cdp->has_voice_vlan = true;
		cdp->voice_vlan = vlan;
	}
}

static void read_power(struct reader *r, struct cdp_power *power)
{
	power->request_id = reader_be16(r);
	power->management_id = reader_be16(r);
	power->present = !r->failed;
	while (reader_left(r) >= 4 && power->count < 2)
		power->mw[power->count++] = reader_be32(r);
}

static void read_tlv(uint16_t type, struct slice value, uint32_t at, struct cdp *cdp,
		     struct anomalies *anomalies)
{
	struct reader r = reader_of(value);

	switch (type) {
	case TLV_DEVICE_ID:
		cdp->device_id = value;
		break;
	case TLV_ADDRESSES:
		read_addresses(&r, cdp, anomalies, at);
		return;
	case TLV_PORT_ID:
		cdp->port_id = value;
		break;
	case TLV_CAPABILITIES:
		cdp->capabilities = reader_be32(&r);
		cdp->has_capabilities = !r.failed;
		break;
	case TLV_SOFTWARE:
		cdp->software = value;
		break;
	case TLV_PLATFORM:
		cdp->platform = value;
		break;
	case TLV_VTP_DOMAIN:
		cdp->domain = value;
		break;
	case TLV_NATIVE_VLAN:
		cdp->native_vlan = reader_be16(&r);
		cdp->has_native_vlan = !r.failed;
		break;
	case TLV_DUPLEX:
		cdp->full_duplex = reader_u8(&r) != 0;
		cdp->has_duplex = !r.failed;
		break;
	case TLV_VOICE_REPLY:
	case TLV_VOICE_QUERY:
		if (value.len == 0)
			anomaly_add(anomalies, ANOMALY_SHORT, at);
		else
			read_voice(value, type == TLV_VOICE_REPLY, cdp);
		break;
	case TLV_CONSUMPTION:
		cdp->consumption_mw = reader_be16(&r);
		cdp->has_consumption = !r.failed;
		break;
	case TLV_POWER_REQUESTED:
		read_power(&r, &cdp->requested);
		break;
	case TLV_POWER_AVAILABLE:
		read_power(&r, &cdp->available);
		break;
	default:
		if (type == 0 || (type > TLV_LAST_KNOWN && type < 0x1000))
			anomaly_add(anomalies, ANOMALY_UNKNOWN_ID, at);
		break;
	}
	if (r.failed)
		anomaly_add(anomalies, ANOMALY_SHORT, at);
}

int cdp_decode(struct slice bytes, struct cdp *ret_cdp, struct anomalies *anomalies)
{
	struct reader r = reader_of(bytes);
	struct cdp cdp = {0};

	cdp.version = reader_u8(&r);
	cdp.ttl_s = reader_u8(&r);
	reader_skip(&r, 2);
	if (r.failed)
		return E_TRUNCATED;
	if (cdp.version < 1 || cdp.version > 2)
		return E_BAD_FORMAT;
	cdp.checksum_wrong = !checksum_is_right(bytes);
	if (cdp.checksum_wrong)
		anomaly_add(anomalies, ANOMALY_VALUE, CHECKSUM_AT);
	while (reader_left(&r) >= TLV_HEAD) {
		uint32_t at = (uint32_t)r.pos;
		uint16_t type = reader_be16(&r);
		uint16_t length = reader_be16(&r);
		if (length < TLV_HEAD || length - TLV_HEAD > reader_left(&r)) {
			anomaly_add(anomalies, ANOMALY_LENGTH, at);
			break;
		}
		struct slice value = reader_bytes(&r, length - TLV_HEAD);
		read_tlv(type, value, at, &cdp, anomalies);
	}
	*ret_cdp = cdp;
	return 0;
}

static void write_head(struct writer *w, uint16_t type, size_t length)
{
	if (length > UINT16_MAX - TLV_HEAD)
		w->failed = true;
	writer_be16(w, type);
	writer_be16(w, (uint16_t)(length + TLV_HEAD));
}

static void write_text(struct writer *w, uint16_t type, struct slice text)
{
	if (text.len == 0)
		return;
	write_head(w, type, text.len);
	writer_bytes(w, text);
}

static void write_address(struct writer *w, struct ip4 ip)
{
	if (ip4_is_zero(ip))
		return;
	write_head(w, TLV_ADDRESSES, 13);
	writer_be32(w, 1);
	writer_u8(w, PROTOCOL_NLPID);
	writer_u8(w, 1);
	writer_u8(w, NLPID_IP);
	writer_be16(w, 4);
	writer_bytes(w, slice_of(ip.b, 4));
}

static void write_voice(struct writer *w, const struct cdp *cdp)
{
	if (cdp->has_voice_vlan) {
		write_head(w, TLV_VOICE_REPLY, 3);
		writer_u8(w, APPLIANCE_VOICE);
		writer_be16(w, cdp->voice_vlan);
	}
	if (cdp->has_voice_query) {
		write_head(w, TLV_VOICE_QUERY, 3);
		writer_u8(w, APPLIANCE_QUERY);
		writer_be16(w, cdp->query_vlan);
	}
}

static void write_power(struct writer *w, uint16_t type, const struct cdp_power *power)
{
	size_t count = power->count < 2 ? power->count : 2;

	if (!power->present)
		return;
	write_head(w, type, 4 + count * 4);
	writer_be16(w, power->request_id);
	writer_be16(w, power->management_id);
	for (size_t i = 0; i < count; i++)
		writer_be32(w, power->mw[i]);
}

int cdp_encode(const struct cdp *cdp, struct writer *to)
{
	struct writer w = writer_of(to->ptr + to->pos, to->size - to->pos);

	writer_u8(&w, cdp->version);
	writer_u8(&w, cdp->ttl_s);
	writer_be16(&w, 0);
	write_text(&w, TLV_DEVICE_ID, cdp->device_id);
	write_address(&w, cdp->address);
	write_text(&w, TLV_PORT_ID, cdp->port_id);
	if (cdp->has_capabilities) {
		write_head(&w, TLV_CAPABILITIES, 4);
		writer_be32(&w, cdp->capabilities);
	}
	write_text(&w, TLV_SOFTWARE, cdp->software);
	write_text(&w, TLV_PLATFORM, cdp->platform);
	write_text(&w, TLV_VTP_DOMAIN, cdp->domain);
	if (cdp->has_native_vlan) {
		write_head(&w, TLV_NATIVE_VLAN, 2);
		writer_be16(&w, cdp->native_vlan);
	}
	if (cdp->has_duplex) {
		write_head(&w, TLV_DUPLEX, DUPLEX_TLV_LENGTH);
		writer_u8(&w, cdp->full_duplex);
	}
	write_voice(&w, cdp);
	if (cdp->has_consumption) {
		write_head(&w, TLV_CONSUMPTION, 2);
		writer_be16(&w, cdp->consumption_mw);
	}
	write_power(&w, TLV_POWER_REQUESTED, &cdp->requested);
	write_power(&w, TLV_POWER_AVAILABLE, &cdp->available);
	if (w.failed || to->failed)
		return E_FULL;
	uint16_t sum = cdp_checksum(writer_done(&w));
	w.ptr[CHECKSUM_AT] = (uint8_t)(sum >> 8);
	w.ptr[CHECKSUM_AT + 1] = (uint8_t)sum;
	to->pos += w.pos;
	return 0;
}
