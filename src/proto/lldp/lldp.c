/* LLDP packets: seven bits of type and nine of length before each value. */
#include "proto/lldp/lldp.h"

#include "base/error.h"
#include "base/reader.h"

enum tlv {
	TLV_END = 0,
	TLV_CHASSIS = 1,
	TLV_PORT = 2,
	TLV_TTL = 3,
	TLV_PORT_DESCRIPTION = 4,
	TLV_SYSTEM_NAME = 5,
	TLV_SYSTEM_DESCRIPTION = 6,
	TLV_CAPABILITIES = 7,
	TLV_MANAGEMENT = 8,
	TLV_ORGANISATION = 127,
};

#define OUI_8021 0x0080c2u
#define OUI_8023 0x00120fu
#define OUI_MED  0x0012bbu

#define DOT1_PORT_VLAN 1
#define DOT3_LINK      1

enum med {
	MED_CAPABILITIES = 1,
	MED_POLICY = 2,
	MED_POWER = 4,
	MED_HARDWARE = 5,
	MED_FIRMWARE,
	MED_SOFTWARE,
	MED_SERIAL,
	MED_MANUFACTURER,
	MED_MODEL,
	MED_ASSET,
};

#define VALUE_MAX      511u
#define FAMILY_IPV4    1u
#define POLICY_UNKNOWN 0x800000u
#define POLICY_TAGGED  0x400000u
#define MW_PER_UNIT    100u /* LLDP-MED counts tenths of a watt */

static void read_management(struct reader *r, struct lldp *lldp)
{
	uint8_t length = reader_u8(r);
	uint8_t family = reader_u8(r);

	if (family != FAMILY_IPV4 || length != 5 || !ip4_is_zero(lldp->address))
		return;
	lldp->address = ip4_of(reader_be32(r));
}

/* Application, then 24 bits: unknown, tagged, reserved, VLAN (12), priority (3), DSCP (6). */
static void read_policy(struct reader *r, struct lldp *lldp, struct anomalies *anomalies,
			uint32_t at)
{
	uint8_t application = reader_u8(r);
	uint32_t bits = (uint32_t)reader_u8(r) << 16;

	bits |= reader_be16(r);
	if (r->failed)
		return;
	if (lldp->policy_count == LLDP_POLICIES_MAX) {
		anomaly_add(anomalies, ANOMALY_COUNT, at);
		return;
	}
	lldp->policy[lldp->policy_count++] = (struct lldp_policy){
	    .application = application,
	    .unknown = (bits & POLICY_UNKNOWN) != 0,
	    .tagged = (bits & POLICY_TAGGED) != 0,
	    .vlan = (uint16_t)(bits >> 9 & 0xfff),
	    .priority = (uint8_t)(bits >> 6 & 7),
	    .dscp = (uint8_t)(bits & 63),
	};
}

static void read_power(struct reader *r, struct lldp_power *power)
{
	uint8_t bits = reader_u8(r);

	power->is_device = bits >> 6 == 1;
	power->source = bits >> 4 & 3;
	power->priority = bits & 15;
	power->mw = reader_be16(r) * MW_PER_UNIT;
	power->present = !r->failed;
}

static void read_med(struct reader *r, uint8_t subtype, struct lldp *lldp,
		     struct anomalies *anomalies, uint32_t at)
{
	struct slice *const texts[] = {&lldp->hardware, &lldp->firmware,     &lldp->software,
				       &lldp->serial,   &lldp->manufacturer, &lldp->model,
				       &lldp->asset};

	if (subtype == MED_CAPABILITIES) {
		lldp->med_capabilities = reader_be16(r);
		lldp->med_class = reader_u8(r);
		lldp->has_med = !r->failed;
	} else if (subtype == MED_POLICY) {
		read_policy(r, lldp, anomalies, at);
	} else if (subtype == MED_POWER) {
		read_power(r, &lldp->power);
	} else if (subtype >= MED_HARDWARE && subtype <= MED_ASSET) {
		*texts[subtype - MED_HARDWARE] = reader_bytes(r, reader_left(r));
	}
}

static void read_organisation(struct reader *r, struct lldp *lldp, struct anomalies *anomalies,
			      uint32_t at)
{
	uint32_t oui = (uint32_t)reader_u8(r) << 16;

	oui |= reader_be16(r);
	uint8_t subtype = reader_u8(r);
	if (r->failed)
		return;
	if (oui == OUI_MED) {
		read_med(r, subtype, lldp, anomalies, at);
	} else if (oui == OUI_8021 && subtype == DOT1_PORT_VLAN) {
		lldp->port_vlan = reader_be16(r);
		lldp->has_port_vlan = !r->failed;
	} else if (oui == OUI_8023 && subtype == DOT3_LINK) {
		lldp->autonegotiates = (reader_u8(r) & 2) != 0;
		reader_skip(r, 2);
		lldp->mau = reader_be16(r);
		lldp->has_link = !r->failed;
	}
}

static void read_tlv(unsigned type, struct slice value, uint32_t at, struct lldp *lldp,
		     struct anomalies *anomalies)
{
	struct reader r = reader_of(value);

	switch (type) {
	case TLV_CHASSIS:
	case TLV_PORT:
	case TLV_TTL:
		anomaly_add(anomalies, ANOMALY_DUPLICATE, at);
		break;
	case TLV_PORT_DESCRIPTION:
		lldp->port_description = value;
		break;
	case TLV_SYSTEM_NAME:
		lldp->system_name = value;
		break;
	case TLV_SYSTEM_DESCRIPTION:
		lldp->system_description = value;
		break;
	case TLV_CAPABILITIES:
		lldp->capabilities = reader_be16(&r);
		lldp->enabled = reader_be16(&r);
		lldp->has_capabilities = !r.failed;
		break;
	case TLV_MANAGEMENT:
		read_management(&r, lldp);
		break;
	case TLV_ORGANISATION:
		read_organisation(&r, lldp, anomalies, at);
		break;
	default:
		anomaly_add(anomalies, ANOMALY_UNKNOWN_ID, at);
		break;
	}
	if (r.failed)
		anomaly_add(anomalies, ANOMALY_SHORT, at);
}

/* The next TLV; false when its length lies or nothing is left. */
static bool next_tlv(struct reader *r, unsigned *ret_type, struct slice *ret_value)
{
	uint16_t head = reader_be16(r);

	*ret_type = head >> 9;
	*ret_value = reader_bytes(r, head & VALUE_MAX);
	return !r->failed;
}

static bool read_id(struct reader *r, unsigned want, uint8_t *ret_kind, struct slice *ret_id)
{
	unsigned type = 0;
	struct slice value;

	if (!next_tlv(r, &type, &value) || type != want || value.len < 2)
		return false;
	*ret_kind = value.ptr[0];
	*ret_id = slice_from(value, 1);
	return true;
}

int lldp_decode(struct slice bytes, struct lldp *ret_lldp, struct anomalies *anomalies)
{
	struct reader r = reader_of(bytes);
	struct lldp lldp = {0};
	unsigned type = 0;
	struct slice value;

	if (!read_id(&r, TLV_CHASSIS, &lldp.chassis_kind, &lldp.chassis) ||
	    !read_id(&r, TLV_PORT, &lldp.port_kind, &lldp.port) || !next_tlv(&r, &type, &value) ||
	    type != TLV_TTL || value.len < 2)
		return E_BAD_FORMAT;
	lldp.ttl_s = (uint16_t)(value.ptr[0] << 8 | value.ptr[1]);
	for (;;) {
		uint32_t at = (uint32_t)r.pos;
		if (!next_tlv(&r, &type, &value)) {
			anomaly_add(anomalies, ANOMALY_SHORT, at);
			break;
		}
		if (type == TLV_END)
			break;
		read_tlv(type, value, at, &lldp, anomalies);
	}
	*ret_lldp = lldp;
	return 0;
}

static void write_head(struct writer *w, unsigned type, size_t length)
{
	if (length > VALUE_MAX)
		w->failed = true;
	writer_be16(w, (uint16_t)(type << 9 | (length & VALUE_MAX)));
}

static void write_text(struct writer *w, unsigned type, struct slice text)
{
	if (text.len == 0)
		return;
	write_head(w, type, text.len);
	writer_bytes(w, text);
}

static void write_id(struct writer *w, unsigned type, uint8_t kind, struct slice id)
{
	write_head(w, type, id.len + 1);
	writer_u8(w, kind);
	writer_bytes(w, id);
}

static void write_organisation(struct writer *w, uint32_t oui, uint8_t subtype, size_t length)
{
	write_head(w, TLV_ORGANISATION, length + 4);
	writer_u8(w, (uint8_t)(oui >> 16));
	writer_be16(w, (uint16_t)oui);
	writer_u8(w, subtype);
}

static void write_policy(struct writer *w, const struct lldp_policy *policy)
{
	uint32_t bits = (uint32_t)(policy->vlan & 0xfff) << 9 | (policy->priority & 7u) << 6 |
			(policy->dscp & 63u);

	bits |= policy->unknown ? POLICY_UNKNOWN : 0;
	bits |= policy->tagged ? POLICY_TAGGED : 0;
	write_organisation(w, OUI_MED, MED_POLICY, 4);
	writer_u8(w, policy->application);
	writer_u8(w, (uint8_t)(bits >> 16));
	writer_be16(w, (uint16_t)bits);
}

static void write_med(struct writer *w, const struct lldp *lldp)
{
	const struct slice texts[] = {lldp->hardware, lldp->firmware,     lldp->software,
				      lldp->serial,   lldp->manufacturer, lldp->model,
				      lldp->asset};

	if (lldp->has_med) {
		write_organisation(w, OUI_MED, MED_CAPABILITIES, 3);
		writer_be16(w, lldp->med_capabilities);
		writer_u8(w, lldp->med_class);
	}
	for (size_t i = 0; i < lldp->policy_count && i < LLDP_POLICIES_MAX; i++)
		write_policy(w, &lldp->policy[i]);
	if (lldp->power.present) {
		write_organisation(w, OUI_MED, MED_POWER, 3);
		writer_u8(w,
			  (uint8_t)((lldp->power.is_device ? 1u : 0u) << 6 |
				    (lldp->power.source & 3u) << 4 | (lldp->power.priority & 15u)));
		writer_be16(w, (uint16_t)(lldp->power.mw / MW_PER_UNIT));
	}
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		if (texts[i].len == 0)
			continue;
		write_organisation(w, OUI_MED, (uint8_t)(MED_HARDWARE + i), texts[i].len);
		writer_bytes(w, texts[i]);
	}
}

static void write_standards(struct writer *w, const struct lldp *lldp)
{
	if (lldp->has_port_vlan) {
		write_organisation(w, OUI_8021, DOT1_PORT_VLAN, 2);
		writer_be16(w, lldp->port_vlan);
	}
	if (lldp->has_link) {
		write_organisation(w, OUI_8023, DOT3_LINK, 5);
		writer_u8(w, lldp->autonegotiates ? 3 : 0);
		writer_be16(w, 0);
		writer_be16(w, lldp->mau);
	}
}

int lldp_encode(const struct lldp *lldp, struct writer *to)
{
	struct writer w = *to;

	write_id(&w, TLV_CHASSIS, lldp->chassis_kind, lldp->chassis);
	write_id(&w, TLV_PORT, lldp->port_kind, lldp->port);
	write_head(&w, TLV_TTL, 2);
	writer_be16(&w, lldp->ttl_s);
	write_text(&w, TLV_PORT_DESCRIPTION, lldp->port_description);
	write_text(&w, TLV_SYSTEM_NAME, lldp->system_name);
	write_text(&w, TLV_SYSTEM_DESCRIPTION, lldp->system_description);
	if (lldp->has_capabilities) {
		write_head(&w, TLV_CAPABILITIES, 4);
		writer_be16(&w, lldp->capabilities);
		writer_be16(&w, lldp->enabled);
	}
	if (!ip4_is_zero(lldp->address)) {
		/* Address, then interface numbering "unknown" and no object id. */
		write_head(&w, TLV_MANAGEMENT, 12);
		writer_u8(&w, 5);
		writer_u8(&w, FAMILY_IPV4);
		writer_bytes(&w, slice_of(lldp->address.b, 4));
		writer_u8(&w, 1);
		writer_be32(&w, 0);
		writer_u8(&w, 0);
	}
	write_standards(&w, lldp);
	write_med(&w, lldp);
	write_head(&w, TLV_END, 0);
	if (w.failed)
		return E_FULL;
	*to = w;
	return 0;
}

const struct lldp_policy *lldp_voice_policy(const struct lldp *lldp)
{
	for (size_t i = 0; i < lldp->policy_count; i++) {
		if (lldp->policy[i].application == LLDP_VOICE && !lldp->policy[i].unknown)
			return &lldp->policy[i];
	}
	return NULL;
}

bool lldp_mac(const struct lldp *lldp, struct mac *ret_mac)
{
	struct slice id = {NULL, 0};

	if (lldp->port_kind == LLDP_PORT_MAC)
		id = lldp->port;
	if (lldp->chassis_kind == LLDP_CHASSIS_MAC)
		id = lldp->chassis;
	if (id.len != 6)
		return false;
	memcpy(ret_mac->b, id.ptr, 6);
	return true;
}
