/* Bodies of the registration itself: Register, its answers, tokens, alarms, capabilities. */
#include "proto/sccp/sccp_layout.h"

#include "base/error.h"
#include "base/text.h"

static void station_read(struct reader *r, char *name, uint32_t *user_id, uint32_t *instance)
{
	reader_text(r, 16, name, SCCP_NAME_SIZE);
	*user_id = reader_le32(r);
	*instance = reader_le32(r);
}

static void station_write(struct writer *w, const char *name, uint32_t user_id, uint32_t instance)
{
	sccp_write_name(w, name, 16);
	writer_le32(w, user_id);
	writer_le32(w, instance);
}

/* Every generation stops somewhere else: what the body does not reach stays zero. */
void sccp_register_read(struct reader *r, struct sccp_message *m, struct anomalies *anomalies)
{
	struct sccp_register *reg = &m->reg;

	(void)anomalies;
	reg->body_size = (uint32_t)reader_left(r);
	station_read(r, reg->name, &reg->user_id, &reg->instance);
	reg->ip = sccp_read_ip(r);
	reg->device_type = reader_le32(r);
	reg->max_streams = reader_le32(r);
	reg->active_streams = reader_le32(r);
	reg->protocol_version = reader_u8(r);
	reg->unknown = reader_u8(r);
	reg->features = reader_le16(r);
	reg->max_conferences = reader_le32(r);
	reg->active_conferences = reader_le32(r);
	struct slice mac = reader_bytes(r, sizeof reg->mac);
	if (mac.len == sizeof reg->mac)
		memcpy(reg->mac, mac.ptr, sizeof reg->mac);
	reg->ip4_scope = reader_le32(r);
	reg->max_lines = reader_le32(r);
	struct slice ip6 = reader_bytes(r, sizeof reg->ip6);
	if (ip6.len == sizeof reg->ip6)
		memcpy(reg->ip6, ip6.ptr, sizeof reg->ip6);
	reg->ip6_scope = reader_le32(r);
	reader_text(r, 32, reg->load, sizeof reg->load);
	reader_text(r, 48, reg->config_stamp, sizeof reg->config_stamp);
}

void sccp_register_write(const struct sccp_message *m, uint8_t version, struct writer *w)
{
	const struct sccp_register *reg = &m->reg;
	uint8_t body[172];
	struct writer whole = writer_of(body, sizeof body);

	(void)version;
	station_write(&whole, reg->name, reg->user_id, reg->instance);
	sccp_write_ip(&whole, reg->ip);
	writer_le32(&whole, reg->device_type);
	writer_le32(&whole, reg->max_streams);
	writer_le32(&whole, reg->active_streams);
	writer_u8(&whole, reg->protocol_version);
	writer_u8(&whole, reg->unknown);
	writer_le16(&whole, reg->features);
	writer_le32(&whole, reg->max_conferences);
	writer_le32(&whole, reg->active_conferences);
	writer_bytes(&whole, slice_of(reg->mac, sizeof reg->mac));
	writer_le32(&whole, reg->ip4_scope);
	writer_le32(&whole, reg->max_lines);
	writer_bytes(&whole, slice_of(reg->ip6, sizeof reg->ip6));
	writer_le32(&whole, reg->ip6_scope);
	sccp_write_name(&whole, reg->load, 32);
	sccp_write_name(&whole, reg->config_stamp, 48);
	/* The generations differ only in where they stop. */
	writer_bytes(w, slice_head(writer_done(&whole), reg->body_size));
}

int sccp_register_mac(const struct sccp_register *reg, struct mac *ret_mac)
{
	char text[13] = "";
	struct mac mac;
	static const uint8_t zeros[6];

	memcpy(text, reg->mac, 12);
	if (mac_parse(text, ret_mac) == 0)
		return 0;
	/* Six binary bytes and six zeros. Older phones leave stale memory here, which has no such
	 * tail. */
	memcpy(mac.b, reg->mac, sizeof mac.b);
	if (mac_is_zero(mac) || memcmp(reg->mac + 6, zeros, sizeof zeros) != 0)
		return E_BAD_FORMAT;
	*ret_mac = mac;
	return 0;
}

void sccp_register_ack_read(struct reader *r, struct sccp_message *m, struct anomalies *anomalies)
{
	(void)anomalies;
	m->ack.keepalive_s = reader_le32(r);
	reader_text(r, 6, m->ack.date_template, sizeof m->ack.date_template);
	reader_skip(r, 2);
	/* CallManager 2.x stops here. */
	m->ack.secondary_keepalive_s = reader_le32(r);
	m->ack.protocol_version = reader_u8(r);
	for (size_t i = 0; i < sizeof m->ack.features; i++)
		m->ack.features[i] = reader_u8(r);
}

void sccp_register_ack_write(const struct sccp_message *m, uint8_t version, struct writer *w)
{
	(void)version;
	writer_le32(w, m->ack.keepalive_s);
	sccp_write_name(w, m->ack.date_template, 6);
	writer_zero(w, 2);
	writer_le32(w, m->ack.secondary_keepalive_s);
	writer_u8(w, m->ack.protocol_version);
	writer_bytes(w, slice_of(m->ack.features, sizeof m->ack.features));
}

void sccp_register_reject_read(struct reader *r, struct sccp_message *m,
			       struct anomalies *anomalies)
{
	(void)anomalies;
	/* 32 bytes from open servers, 33 and padding from Cisco's. */
	reader_text(r, 33, m->reject_text, sizeof m->reject_text);
}

void sccp_register_reject_write(const struct sccp_message *m, uint8_t version, struct writer *w)
{
	(void)version;
	writer_text(w, m->reject_text, 33);
	writer_zero(w, 3);
}

void sccp_token_req_read(struct reader *r, struct sccp_message *m, struct anomalies *anomalies)
{
	(void)anomalies;
	station_read(r, m->token.name, &m->token.user_id, &m->token.instance);
	m->token.ip = sccp_read_ip(r);
	m->token.device_type = reader_le32(r);
}

void sccp_token_req_write(const struct sccp_message *m, uint8_t version, struct writer *w)
{
	(void)version;
	station_write(w, m->token.name, m->token.user_id, m->token.instance);
	sccp_write_ip(w, m->token.ip);
	writer_le32(w, m->token.device_type);
	writer_zero(w, 20); /* IPv6 address, and a word nobody has explained */
}

void sccp_alarm_read(struct reader *r, struct sccp_message *m, struct anomalies *anomalies)
{
	(void)anomalies;
	m->alarm.severity = reader_le32(r);
	reader_text(r, 80, m->alarm.text, sizeof m->alarm.text);
	m->alarm.param1 = reader_le32(r);
	m->alarm.param2 = reader_le32(r);
}

void sccp_alarm_write(const struct sccp_message *m, uint8_t version, struct writer *w)
{
	(void)version;
	writer_le32(w, m->alarm.severity);
	writer_text(w, m->alarm.text, 80);
	writer_le32(w, m->alarm.param1);
	writer_le32(w, m->alarm.param2);
}

void sccp_xml_alarm_read(struct reader *r, struct sccp_message *m, struct anomalies *anomalies)
{
	(void)anomalies;
	reader_text(r, reader_left(r), m->xml_alarm, sizeof m->xml_alarm);
}

void sccp_xml_alarm_write(const struct sccp_message *m, uint8_t version, struct writer *w)
{
	(void)version;
	sccp_write_string(w, m->xml_alarm);
}

static void capabilities_read(struct reader *r, struct sccp_capabilities *c, uint32_t count,
			      struct anomalies *anomalies)
{
	c->count = sccp_clamp(count, SCCP_CAPABILITIES_MAX, anomalies);
	/* Never more than the bytes that are there. */
	if (c->count > reader_left(r) / 16) {
		anomaly_add(anomalies, ANOMALY_COUNT, SCCP_HEADER_SIZE);
		c->count = (uint32_t)(reader_left(r) / 16);
	}
	for (uint32_t i = 0; i < c->count; i++) {
		c->item[i].codec = reader_le32(r);
		c->item[i].ms_per_packet = reader_le32(r);
		reader_skip(r, 8);
	}
}

void sccp_capabilities_read(struct reader *r, struct sccp_message *m, struct anomalies *anomalies)
{
	capabilities_read(r, &m->capabilities, reader_le32(r), anomalies);
}

void sccp_capabilities_write(const struct sccp_message *m, uint8_t version, struct writer *w)
{
	uint32_t count = sccp_clamp(m->capabilities.count, SCCP_CAPABILITIES_MAX, NULL);

	(void)version;
	writer_le32(w, count);
	for (uint32_t i = 0; i < SCCP_CAPABILITIES_MAX; i++) {
		struct sccp_capability item = {0, 0};
		if (i < count)
			item = m->capabilities.item[i];
		writer_le32(w, item.codec);
		writer_le32(w, item.ms_per_packet);
		writer_zero(w, 8);
	}
}

/* Audio only. The conference resources before it are garbage on 7940 and 7960: skipped, never read.
 */
void sccp_update_capabilities_read(struct reader *r, struct sccp_message *m,
				   struct anomalies *anomalies)
{
	uint32_t count = reader_le32(r);

	reader_skip(r, 308);
	capabilities_read(r, &m->capabilities, count, anomalies);
}
