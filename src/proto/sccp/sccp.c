/* SCCP frames and the table of layouts.
 *
 * A frame is u32 length (of what follows offset 8), u32 header version, u32 id, body; all
 * little-endian. The header version says little: genuine servers send 0 with v11 bodies, phones
 * send their negotiated version from v17 on. So layouts are chosen by id and body length, and by
 * the session's version when encoding (docs/protocol/sccp.md, "Header version"). */
#include "proto/sccp/sccp_layout.h"

#include "base/error.h"

static void value_read(struct reader *r, struct sccp_message *m, struct anomalies *anomalies)
{
	(void)anomalies;
	m->value = reader_left(r) >= 4 ? reader_le32(r) : 0;
}

static void value_write(const struct sccp_message *m, uint8_t version, struct writer *w)
{
	(void)version;
	writer_le32(w, m->value);
}

static void empty_read(struct reader *r, struct sccp_message *m, struct anomalies *anomalies)
{
	(void)r;
	(void)m;
	(void)anomalies;
}

static void empty_write(const struct sccp_message *m, uint8_t version, struct writer *w)
{
	(void)m;
	(void)version;
	(void)w;
}

/* One row a body. Order: as the boot goes. */
static const struct sccp_layout layouts[] = {
    {SCCP_KEEP_ALIVE, empty_read, empty_write, 0, 0},
    {SCCP_KEEP_ALIVE_ACK, empty_read, empty_write, 0, 0},
    {SCCP_ALARM, sccp_alarm_read, sccp_alarm_write, 92, 92},
    {SCCP_XML_ALARM, sccp_xml_alarm_read, sccp_xml_alarm_write, 0, SCCP_BODY_ANY},
    {SCCP_REGISTER_TOKEN_REQ, sccp_token_req_read, sccp_token_req_write, 32, 52},
    {SCCP_REGISTER_TOKEN_ACK, empty_read, empty_write, 0, 0},
    {SCCP_REGISTER_TOKEN_REJECT, value_read, value_write, 4, 4},
    {SCCP_REGISTER, sccp_register_read, sccp_register_write, 36, 172},
    {SCCP_IP_PORT, value_read, value_write, 4, 4},
    {SCCP_REGISTER_ACK, sccp_register_ack_read, sccp_register_ack_write, 12, 20},
    {SCCP_REGISTER_REJECT, sccp_register_reject_read, sccp_register_reject_write, 1, 36},
    {SCCP_CAPABILITIES_REQ, empty_read, empty_write, 0, 0},
    {SCCP_CAPABILITIES_RES, sccp_capabilities_read, sccp_capabilities_write, 4, 292},
    {SCCP_UPDATE_CAPABILITIES, sccp_update_capabilities_read, NULL, 4, 1840},
    {SCCP_UPDATE_CAPABILITIES_V2, sccp_update_capabilities_read, NULL, 4, 2000},
    {SCCP_UPDATE_CAPABILITIES_V3, sccp_update_capabilities_read, NULL, 4, 2380},
    {SCCP_HEADSET_STATUS, value_read, value_write, 4, 4},
    {SCCP_BUTTON_TEMPLATE_REQ, empty_read, empty_write, 0, 4},
    {SCCP_BUTTON_TEMPLATE_RES, sccp_buttons_read, sccp_buttons_write, 12, 124},
    {SCCP_SOFT_KEY_TEMPLATE_REQ, empty_read, empty_write, 0, 0},
    {SCCP_SOFT_KEY_TEMPLATE_RES, sccp_soft_keys_read, sccp_soft_keys_write, 12, 652},
    {SCCP_SOFT_KEY_SET_REQ, empty_read, empty_write, 0, 0},
    {SCCP_SOFT_KEY_SET_RES, sccp_soft_key_sets_read, sccp_soft_key_sets_write, 12, 780},
    {SCCP_SELECT_SOFT_KEYS, sccp_select_read, sccp_select_write, 16, 16},
    {SCCP_DISPLAY_PROMPT_STATUS, sccp_prompt_read, sccp_prompt_write, 44, 44},
    {SCCP_DISPLAY_NOTIFY, sccp_notify_read, sccp_notify_write, 36, 36},
    {SCCP_CONFIG_STAT_REQ, empty_read, empty_write, 0, 0},
    {SCCP_CONFIG_STAT_RES, sccp_config_read, sccp_config_write, 112, 112},
    {SCCP_LINE_STAT_REQ, value_read, value_write, 4, 4},
    {SCCP_LINE_STAT_RES, sccp_line_read, sccp_line_write, 28, 112},
    {SCCP_LINE_STAT_V2_RES, sccp_line_v2_read, sccp_line_v2_write, 11, SCCP_BODY_ANY},
    {SCCP_SPEED_DIAL_STAT_REQ, value_read, value_write, 4, 4},
    {SCCP_SPEED_DIAL_STAT_RES, sccp_speed_dial_read, sccp_speed_dial_write, 68, 68},
    {SCCP_FORWARD_STAT_REQ, value_read, value_write, 4, 4},
    {SCCP_FORWARD_STAT_RES, sccp_forward_read, sccp_forward_write, 92, 96},
    {SCCP_FEATURE_STAT_REQ, value_read, value_write, 4, 8},
    {SCCP_FEATURE_STAT_RES, sccp_feature_read, sccp_feature_write, 52, 52},
    {SCCP_SERVICE_URL_STAT_REQ, value_read, value_write, 4, 4},
    {SCCP_SERVICE_URL_STAT_RES, sccp_service_url_read, sccp_service_url_write, 300, 300},
    {SCCP_REGISTER_AVAILABLE_LINES, value_read, value_write, 4, 4},
    {SCCP_VERSION_REQ, empty_read, empty_write, 0, 0},
    {SCCP_VERSION_RES, sccp_version_read, sccp_version_write, 16, 16},
    {SCCP_SERVER_REQ, empty_read, empty_write, 0, 0},
    {SCCP_SERVER_RES, sccp_servers_read, sccp_servers_write, 280, 360},
    {SCCP_TIME_DATE_REQ, empty_read, empty_write, 0, 0},
    {SCCP_DEFINE_TIME_DATE, sccp_time_read, sccp_time_write, 36, 36},
    {SCCP_UNREGISTER, value_read, value_write, 0, 4},
    {SCCP_UNREGISTER_ACK, value_read, value_write, 4, 4},
    {SCCP_RESET, value_read, value_write, 4, 4},
};

const struct sccp_layout *sccp_layout_find(uint32_t id)
{
	for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++) {
		if (layouts[i].id == id)
			return &layouts[i];
	}
	return NULL;
}

static const struct {
	uint32_t id;
	enum sccp_direction direction;
	const char *name;
} ids[] = {
#define PHONE                        SCCP_FROM_PHONE
#define SERVER                       SCCP_FROM_SERVER
#define RESOURCE                     SCCP_FROM_RESOURCE
#define M(id, name, direction, text) {id, direction, text},
#include "proto/sccp/sccp_ids.def"
#undef M
#undef PHONE
#undef SERVER
#undef RESOURCE
};
#define ID_COUNT (sizeof ids / sizeof *ids)

/* The rows stand in the order of their ids (a test proves it), so that half of the table is enough.
 */
static size_t id_row(uint32_t id)
{
	size_t low = 0;
	size_t high = ID_COUNT;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (ids[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < ID_COUNT && ids[low].id == id ? low : ID_COUNT;
}

const char *sccp_id_name(uint32_t id)
{
	size_t row = id_row(id);
	return row < ID_COUNT ? ids[row].name : NULL;
}

enum sccp_direction sccp_id_direction(uint32_t id)
{
	size_t row = id_row(id);
	return row < ID_COUNT ? ids[row].direction : SCCP_FROM_UNKNOWN;
}

int sccp_frame_next(struct slice stream, struct slice *ret_frame)
{
	struct reader r = reader_of(stream);
	uint32_t length = reader_le32(&r);

	if (r.failed)
		return 0;
	/* Judged from the length alone: waiting for the rest of a lie would stall the connection.
	 */
	if (length < SCCP_LENGTH_MIN || length > SCCP_LENGTH_MAX)
		return E_BAD_FORMAT;
	if (stream.len < length + 8)
		return 0;
	*ret_frame = slice_head(stream, length + 8);
	return (int)length + 8;
}

int sccp_decode(struct slice frame, struct sccp_message *ret_message, struct anomalies *anomalies)
{
	struct reader r = reader_of(frame);
	uint32_t length = reader_le32(&r);
	uint32_t header_version = reader_le32(&r);
	uint32_t id = reader_le32(&r);

	if (r.failed)
		return E_BAD_FORMAT;
	if (length != frame.len - 8)
		anomaly_add(anomalies, ANOMALY_LENGTH, 0);
	memset(ret_message, 0, sizeof *ret_message);
	ret_message->header_version = header_version;
	ret_message->id = id;
	ret_message->raw = slice_from(frame, SCCP_HEADER_SIZE);
	const struct sccp_layout *layout = sccp_layout_find(id);
	if (layout == NULL) {
		if (sccp_id_name(id) == NULL)
			anomaly_add(anomalies, ANOMALY_UNKNOWN_ID, 8);
		return 0;
	}
	if (ret_message->raw.len < layout->body_min)
		anomaly_add(anomalies, ANOMALY_SHORT, (uint32_t)frame.len);
	if (ret_message->raw.len > layout->body_max)
		anomaly_add(anomalies, ANOMALY_LONG, SCCP_HEADER_SIZE + layout->body_max);
	layout->decode(&r, ret_message, anomalies);
	return 0;
}

int sccp_encode(const struct sccp_message *message, uint8_t version, struct writer *to)
{
	const struct sccp_layout *layout = sccp_layout_find(message->id);
	size_t start = to->pos;

	if ((layout == NULL || layout->encode == NULL) && message->raw.len == 0)
		return E_UNSUPPORTED;
	if (to->failed)
		return E_FULL;
	writer_le32(to, 0);
	writer_le32(to, message->header_version);
	writer_le32(to, message->id);
	if (layout != NULL && layout->encode != NULL)
		layout->encode(message, version, to);
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

struct ip4 sccp_read_ip(struct reader *r)
{
	return ip4_of(reader_be32(r));
}

void sccp_write_ip(struct writer *w, struct ip4 ip)
{
	writer_be32(w, ip4_number(ip));
}

void sccp_read_string(struct reader *r, char *to, size_t size, struct anomalies *anomalies)
{
	const char *text = (const char *)r->ptr + r->pos;
	size_t left = reader_left(r);
	size_t len = left > 0 ? strnlen(text, left) : 0;

	/* Worth a note: Java phones drop the connection over it. */
	if (left > 0 && len == left)
		anomaly_add(anomalies, ANOMALY_UNTERMINATED, (uint32_t)r->pos);
	reader_text(r, len, to, size);
	if (len < left)
		reader_skip(r, 1);
}

void sccp_write_string(struct writer *w, const char *text)
{
	writer_bytes(w, slice_of(text, strlen(text) + 1));
}

void sccp_write_name(struct writer *w, const char *text, size_t len)
{
	size_t n = strnlen(text, len);

	writer_bytes(w, slice_of(text, n));
	writer_zero(w, len - n);
}

uint32_t sccp_clamp(uint32_t count, uint32_t max, struct anomalies *anomalies)
{
	if (count <= max)
		return count;
	anomaly_add(anomalies, ANOMALY_COUNT, SCCP_HEADER_SIZE);
	return max;
}
