/* Where fields lie, by numbers written down from captures and other programs' tables, not computed
 * from ours; and that no two rows of a body meet in one place. */
#include "catalogue.h"
#include "harness.h"

/* The offset of a field in the body, by its name; SIZE_MAX when there is none. */
static size_t offset_of(uint32_t id, uint8_t version, const char *name)
{
	const struct sccp_form *form = sccp_form_send(sccp_form_first(id), version);
	size_t at = 0;

	for (const struct sccp_field *f = form->fields; f->kind != SCCP_FIELD_END; f++) {
		if (f->name != NULL && strcmp(f->name, name) == 0)
			return at;
		at += f->kind == SCCP_FIELD_ARRAY ? f->size * sccp_fields_size(f->inner) : f->size;
	}
	return SIZE_MAX;
}

static const struct {
	uint32_t id;
	uint8_t version;
	const char *name;
	size_t offset;
} places[] = {
    {SCCP_REGISTER, 11, "ip", 24},
    {SCCP_REGISTER, 11, "type", 28},
    {SCCP_REGISTER, 11, "max-streams", 32},
    {SCCP_REGISTER, 11, "version", 40},
    {SCCP_REGISTER, 11, "features", 42},
    {SCCP_REGISTER, 11, "max-conferences", 44},
    {SCCP_REGISTER, 11, "ip4-scope", 64},
    {SCCP_REGISTER, 11, "max-lines", 68},
    {SCCP_REGISTER, 11, "ip6", 72},
    {SCCP_REGISTER, 11, "load", 92},
    {SCCP_REGISTER, 11, "config-stamp", 124},
    {SCCP_REGISTER_ACK, 11, "date", 4},
    {SCCP_REGISTER_ACK, 11, "standby-keepalive", 12},
    {SCCP_REGISTER_ACK, 11, "version", 16},
    {SCCP_REGISTER_ACK, 11, "features", 17},
    {SCCP_REGISTER_TOKEN_REQ, 11, "ip", 24},
    {SCCP_REGISTER_TOKEN_REQ, 11, "type", 28},
    {SCCP_REGISTER_TOKEN_REQ, 11, "ip6", 32},
    {SCCP_SPCP_REGISTER_TOKEN_REQ, 8, "max-streams", 32},
    {SCCP_ALARM, 11, "text", 4},
    {SCCP_ALARM, 11, "param1", 84},
    {SCCP_ALARM, 11, "param2", 88},
    {SCCP_UPDATE_CAPABILITIES, 11, "pictures", 20},
    {SCCP_UPDATE_CAPABILITIES, 11, "codecs", 312},
    {SCCP_UPDATE_CAPABILITIES, 11, "video", 600},
    {SCCP_UPDATE_CAPABILITIES, 11, "data", 600 + 10 * 116},
    {SCCP_UPDATE_CAPABILITIES_V2, 11, "data", 600 + 10 * 132},
    {SCCP_UPDATE_CAPABILITIES_V3, 11, "data", 600 + 10 * 140},
    {SCCP_CONFIG_STAT_RES, 11, "user", 24},
    {SCCP_CONFIG_STAT_RES, 11, "server", 64},
    {SCCP_CONFIG_STAT_RES, 11, "lines", 104},
    {SCCP_CONFIG_STAT_RES, 11, "speed-dials", 108},
    {SCCP_CONFIG_STAT_V2_RES, 11, "lines", 24},
    {SCCP_LINE_STAT_RES, 11, "name", 28},
    {SCCP_LINE_STAT_RES, 11, "label", 68},
    {SCCP_LINE_STAT_RES, 11, "options", 108},
    {SCCP_SPEED_DIAL_STAT_RES, 11, "label", 28},
    {SCCP_FORWARD_STAT_RES, 17, "all", 12},
    {SCCP_FORWARD_STAT_RES, 17, "busy-active", 36},
    {SCCP_FORWARD_STAT_RES, 17, "no-answer-active", 64},
    {SCCP_FORWARD_STAT_RES, 17, "no-answer", 68},
    {SCCP_FORWARD_STAT_RES, 18, "busy-active", 37},
    {SCCP_FORWARD_STAT_RES, 18, "busy", 41},
    {SCCP_FORWARD_STAT_RES, 18, "no-answer-active", 66},
    {SCCP_FORWARD_STAT_RES, 18, "no-answer", 70},
    {SCCP_FEATURE_STAT_RES, 11, "label", 8},
    {SCCP_FEATURE_STAT_RES, 11, "status", 48},
    {SCCP_FEATURE_STAT_V2_RES, 15, "status", 8},
    {SCCP_SERVICE_URL_STAT_RES, 11, "label", 260},
    {SCCP_SERVER_RES, 11, "ports", 240},
    {SCCP_SERVER_RES, 11, "ips", 260},
    {SCCP_DEFINE_TIME_DATE, 11, "weekday", 8},
    {SCCP_DEFINE_TIME_DATE, 11, "day", 12},
    {SCCP_DEFINE_TIME_DATE, 11, "utc", 32},
    {SCCP_ADD_ON_DEVICE_CAPABILITIES, 22, "text", 36},
    {SCCP_STIMULUS, 11, "call", 8},
    {SCCP_STIMULUS, 11, "status", 12},
    {SCCP_OFF_HOOK_WITH_CALLING_PARTY_NUMBER, 11, "line", 48},
    {SCCP_OFF_HOOK_WITH_CALLING_PARTY_NUMBER, 18, "line", 50},
    {SCCP_DIALED_NUMBER, 17, "call", 28},
    {SCCP_DIALED_NUMBER, 18, "line", 25},
    {SCCP_DIALED_NUMBER, 18, "call", 29},
    {SCCP_DISPLAY_PROMPT_STATUS, 11, "line", 36},
    {SCCP_DISPLAY_PROMPT_STATUS_V2, 11, "text", 12},
    {SCCP_DISPLAY_PRI_NOTIFY, 11, "text", 8},
    {SCCP_CALL_STATE, 11, "privacy", 12},
    {SCCP_CALL_STATE, 11, "precedence", 16},
    {SCCP_CALL_INFO, 11, "called-name", 64},
    {SCCP_CALL_INFO, 11, "line", 128},
    {SCCP_CALL_INFO, 11, "type", 136},
    {SCCP_CALL_INFO, 11, "original-called", 180},
    {SCCP_CALL_INFO, 11, "last-redirecting", 244},
    {SCCP_CALL_INFO, 11, "original-reason", 268},
    {SCCP_CALL_INFO, 11, "calling-voicemail", 276},
    {SCCP_CALL_INFO, 11, "last-redirecting-voicemail", 348},
    {SCCP_CALL_INFO, 11, "instance", 372},
    {SCCP_CALL_INFO, 11, "restriction", 380},
    {SCCP_CALL_INFO_V2, 11, "instance", 20},
    {SCCP_CALL_INFO_V2, 17, "calling", 32},
    {SCCP_CALL_SELECT_STAT_RES, 11, "line", 8},
    {SCCP_OPEN_RECEIVE_CHANNEL, 11, "codec", 12},
    {SCCP_OPEN_RECEIVE_CHANNEL, 11, "call", 24},
    {SCCP_OPEN_RECEIVE_CHANNEL, 11, "mki", 68},
    {SCCP_OPEN_RECEIVE_CHANNEL, 11, "dtmf-payload", 84},
    {SCCP_OPEN_RECEIVE_CHANNEL, 15, "address", 100},
    {SCCP_OPEN_RECEIVE_CHANNEL, 15, "port", 104},
    {SCCP_OPEN_RECEIVE_CHANNEL, 16, "address-type", 108},
    {SCCP_OPEN_RECEIVE_CHANNEL, 17, "address", 100},
    {SCCP_OPEN_RECEIVE_CHANNEL, 17, "port", 120},
    {SCCP_OPEN_RECEIVE_CHANNEL, 17, "address-type", 124},
    {SCCP_OPEN_RECEIVE_CHANNEL, 22, "audio-level", 128},
    {SCCP_OPEN_RECEIVE_CHANNEL_ACK, 11, "port", 8},
    {SCCP_OPEN_RECEIVE_CHANNEL_ACK, 11, "call", 16},
    {SCCP_OPEN_RECEIVE_CHANNEL_ACK, 17, "party", 28},
    {SCCP_OPEN_RECEIVE_CHANNEL_ACK, 17, "call", 32},
    {SCCP_START_MEDIA_TRANSMISSION, 11, "port", 12},
    {SCCP_START_MEDIA_TRANSMISSION, 11, "precedence", 24},
    {SCCP_START_MEDIA_TRANSMISSION, 11, "call", 40},
    {SCCP_START_MEDIA_TRANSMISSION, 11, "mki", 84},
    {SCCP_START_MEDIA_TRANSMISSION, 11, "dtmf-payload", 100},
    {SCCP_START_MEDIA_TRANSMISSION, 11, "direction", 112},
    {SCCP_START_MEDIA_TRANSMISSION, 17, "port", 28},
    {SCCP_START_MEDIA_TRANSMISSION, 17, "call", 56},
    {SCCP_START_MEDIA_TRANSMISSION, 17, "dtmf-payload", 116},
    {SCCP_START_MEDIA_TRANSMISSION, 17, "direction", 128},
    {SCCP_START_MEDIA_TRANSMISSION_ACK, 11, "address", 12},
    {SCCP_START_MEDIA_TRANSMISSION_ACK, 11, "status", 20},
    {SCCP_START_MEDIA_TRANSMISSION_ACK, 17, "status", 36},
    {SCCP_CONNECTION_STATISTICS_REQ, 18, "call", 24},
    {SCCP_CONNECTION_STATISTICS_REQ, 19, "call", 28},
    {SCCP_CONNECTION_STATISTICS_RES, 11, "latency", 56},
    {SCCP_CONNECTION_STATISTICS_RES, 11, "quality", 64},
    {SCCP_CONNECTION_STATISTICS_RES, 20, "packets-sent", 36},
    {SCCP_CONNECTION_STATISTICS_RES, 20, "quality", 68},
    {SCCP_CONNECTION_STATISTICS_RES, 22, "packets-sent", 33},
    {SCCP_CONNECTION_STATISTICS_RES, 22, "quality", 65},
    {SCCP_USER_TO_DEVICE_DATA, 11, "data", 20},
    {SCCP_USER_TO_DEVICE_DATA_V1, 11, "sequence", 20},
    {SCCP_USER_TO_DEVICE_DATA_V1, 11, "routing", 36},
    {SCCP_USER_TO_DEVICE_DATA_V1, 11, "data", 40},
    {SCCP_SUBSCRIPTION_STAT_REQ, 17, "number", 12},
    {SCCP_SUBSCRIPTION_STAT_RES, 17, "cause", 12},
    {SCCP_NOTIFICATION, 17, "text", 12},
    {SCCP_CALL_COUNT_RESP, 22, "counts", 12},
    {SCCP_PORT_REQ, 19, "address-type", 16},
    {SCCP_PORT_RES, 17, "rtcp-port", 36},
    {SCCP_OPEN_MULTI_MEDIA_RECEIVE_CHANNEL, 3, "encryption", 108},
    {SCCP_OPEN_MULTI_MEDIA_RECEIVE_CHANNEL, 17, "address", 164},
    {SCCP_START_MULTI_MEDIA_TRANSMISSION, 3, "encryption", 112},
    {SCCP_START_MULTI_MEDIA_TRANSMISSION, 17, "encryption", 128},
    {SCCP_AUDIT_CONFERENCE_RES, 3, "conferences", 8},
    {SCCP_QOS_MODIFY, 17, "vendor", 56},
};

TEST("fields lie where captures and two other programs have them")
{
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		size_t at = offset_of(places[i].id, places[i].version, places[i].name);
		if (at != places[i].offset)
			fail_msg("%s of %s, version %u, lies at %zu", places[i].name,
				 sccp_id_name(places[i].id), places[i].version, at);
	}
}

static size_t room_of(const struct sccp_field *f)
{
	switch ((enum sccp_kind)f->kind) {
	case SCCP_FIELD_U8:
		return 1;
	case SCCP_FIELD_U16:
		return 2;
	case SCCP_FIELD_ADDRESS4:
	case SCCP_FIELD_ADDRESS20:
		return sizeof(struct sccp_address);
	case SCCP_FIELD_TEXT:
	case SCCP_FIELD_TEXT_SHORT:
	case SCCP_FIELD_NAME:
	case SCCP_FIELD_STRING:
	case SCCP_FIELD_REST:
		return f->room;
	case SCCP_FIELD_BYTES:
	case SCCP_FIELD_U16_LIST:
		return f->size;
	case SCCP_FIELD_ARRAY:
		return (size_t)f->size * f->room;
	case SCCP_FIELD_AREA:
	case SCCP_FIELD_DATA:
		return sizeof(struct slice);
	case SCCP_FIELD_LENGTH:
	case SCCP_FIELD_STOP_EMPTY:
		return 0; /* of the slice that follows */
	default:
		return sizeof(uint32_t);
	}
}

static void check_places(const struct sccp_form *form, const struct sccp_field *fields, size_t from,
			 size_t to)
{
	for (const struct sccp_field *f = fields; f->kind != SCCP_FIELD_END; f++) {
		if (f->at == SCCP_NOWHERE)
			continue;
		if (f->at < from || f->at + room_of(f) > to)
			fail_msg("%s: %s leaves its struct", sccp_id_name(form->id), f->name);
		for (const struct sccp_field *g = fields; g != f; g++) {
			if (g->at != SCCP_NOWHERE && g->at < f->at + room_of(f) &&
			    f->at < g->at + room_of(g))
				fail_msg("%s: two rows fill the place of %s",
					 sccp_id_name(form->id), f->name != NULL ? f->name : "?");
		}
		if (f->kind == SCCP_FIELD_ARRAY)
			check_places(form, f->inner, f->at, (size_t)f->at + f->room);
	}
}

TEST("no two rows of a body fill the same place, and none lies outside its struct")
{
	for (size_t i = 0; i < catalogue_count; i++) {
		const struct sccp_form *first = sccp_form_first(catalogue_ids[i]);
		for (const struct sccp_form *f = first; f != NULL && f->id == first->id; f++)
			check_places(f, f->fields, f->at, (size_t)f->at + f->size);
	}
}
