/* SCCP (Skinny) messages: frames, the catalogue of ids, and the bodies a boot needs.
 *
 * There is no public specification; layouts follow the frames in tests/data/sccp-golden.tsv and the
 * tables they came from (docs/protocol/sccp.md). Little-endian, but for IP addresses, the MAC field
 * and text. One codec for server, simulated phone, analyser and fuzzer; it keeps no state and
 * allocates nothing.
 *
 * Ids whose body this codec does not know decode to their header alone: sccp_decode succeeds and
 * the body stays in `raw`. */
#ifndef DIALTONE_PROTO_SCCP_SCCP_H
#define DIALTONE_PROTO_SCCP_SCCP_H

#include "base/addr.h"
#include "base/writer.h"
#include "proto/anomaly.h"

#define SCCP_PORT              2000
#define SCCP_HEADER_SIZE       12
#define SCCP_LENGTH_MIN        4
#define SCCP_LENGTH_MAX        4088 /* largest length field accepted; see docs/protocol/sccp.md */
#define SCCP_FRAME_MAX         (SCCP_LENGTH_MAX + 8)
#define SCCP_NAME_SIZE         17 /* 16 bytes that may fill the field, and our NUL */
#define SCCP_BUTTONS_MAX       56
#define SCCP_SOFT_KEYS_MAX     32
#define SCCP_SOFT_KEY_SETS_MAX 16
#define SCCP_CAPABILITIES_MAX  18

/* sccp_ids.def rows: M(id, NAME, DIRECTION, "Name"). DIRECTION: PHONE (phone to server), SERVER. */
enum sccp_id {
#define M(id, name, direction, text) SCCP_##name = (id),
#include "proto/sccp/sccp_ids.def"
#undef M
};

enum sccp_direction {
	SCCP_FROM_PHONE,
	SCCP_FROM_SERVER,
	SCCP_FROM_RESOURCE, /* conference bridges and the like; never a phone's boot */
	SCCP_FROM_UNKNOWN,
};

/* "RegisterAck"; NULL for an id that is not in the catalogue. */
const char *sccp_id_name(uint32_t id);
enum sccp_direction sccp_id_direction(uint32_t id);

struct sccp_register {
	char name[SCCP_NAME_SIZE];
	uint32_t user_id, instance;
	struct ip4 ip;
	uint32_t device_type;
	uint32_t max_streams, active_streams;
	uint8_t protocol_version; /* 0 when the body is too short to carry one */
	uint8_t unknown;          /* byte 41 */
	uint16_t features;
	uint32_t max_conferences, active_conferences;
	uint8_t mac[12]; /* six binary bytes, or twelve hex digits, or garbage: model dependent */
	uint32_t ip4_scope, max_lines;
	uint8_t ip6[16];
	uint32_t ip6_scope;
	char load[33];
	char config_stamp[49];
	uint32_t body_size; /* 44, 64, 68, 124 or 172 as met; when encoding: how much to send */
};

struct sccp_register_ack {
	uint32_t keepalive_s, secondary_keepalive_s;
	char date_template[7];
	uint8_t protocol_version;
	uint8_t features[3];
};

struct sccp_token_req {
	char name[SCCP_NAME_SIZE];
	uint32_t user_id, instance;
	struct ip4 ip;
	uint32_t device_type;
};

struct sccp_alarm {
	uint32_t severity;
	char text[81];
	uint32_t param1, param2;
};

struct sccp_capability {
	uint32_t codec, ms_per_packet;
};

struct sccp_capabilities {
	uint32_t count; /* clamped to SCCP_CAPABILITIES_MAX */
	struct sccp_capability item[SCCP_CAPABILITIES_MAX];
};

struct sccp_button {
	uint8_t instance, definition;
};

struct sccp_button_template {
	uint32_t offset, count, total;
	struct sccp_button
	    button[SCCP_BUTTONS_MAX]; /* encoded as 42 slots, 56 when count needs it */
};

struct sccp_soft_key {
	char label[17]; /* plain text, or \200 and a label code */
	uint32_t event;
};

struct sccp_soft_key_template {
	uint32_t offset, count, total;
	struct sccp_soft_key key[SCCP_SOFT_KEYS_MAX];
};

struct sccp_soft_key_set {
	uint8_t index[16]; /* 1-based into the template; 0 = empty */
	uint16_t info[16]; /* 300 + event */
};

struct sccp_soft_key_sets {
	uint32_t offset, count, total;
	struct sccp_soft_key_set set[SCCP_SOFT_KEY_SETS_MAX];
};

struct sccp_config_stat {
	char name[SCCP_NAME_SIZE];
	uint32_t user_id, instance;
	char user_name[41], server_name[41];
	uint32_t lines, speed_dials;
};

struct sccp_line_stat { /* LineStatRes and LineStatV2Res */
	uint32_t line;
	char number[41], name[41], label[41]; /* fixed form: 24, 40, 40 */
	uint32_t options;                     /* displayOptions / lineType; 15 */
};

struct sccp_speed_dial {
	uint32_t index;
	char number[25], label[41];
};

struct sccp_forward_stat {
	uint32_t active, line;
	uint32_t all_active, busy_active, no_answer_active;
	char all[26], busy[26], no_answer[26];
};

struct sccp_feature_stat {
	uint32_t index, feature;
	char label[41];
	uint32_t status;
};

struct sccp_service_url {
	uint32_t index;
	char url[257], label[41];
};

struct sccp_time_date {
	uint32_t year, month, weekday, day, hour, minute, second,
	    millisecond; /* weekday 0 = Sunday */
	uint32_t unix_s;
};

struct sccp_server_list {
	char name[5][49];
	uint32_t port[5];
	struct ip4 ip[5];
};

struct sccp_select_soft_keys {
	uint32_t line, call, set, mask;
};

struct sccp_prompt { /* DisplayPromptStatus; DisplayNotify has neither line nor call */
	uint32_t timeout_s;
	char text[33];
	uint32_t line, call;
};

struct sccp_message {
	uint32_t header_version; /* as received, or to send; says nothing about the layout */
	uint32_t id;             /* enum sccp_id or a number nobody has catalogued */
	union {
		struct sccp_register reg;     /* REGISTER */
		struct sccp_register_ack ack; /* REGISTER_ACK */
		char reject_text[34];         /* REGISTER_REJECT */
		struct sccp_token_req token;  /* REGISTER_TOKEN_REQ */
		uint32_t value; /* one u32 or nothing: IP_PORT port, REGISTER_TOKEN_REJECT seconds,
				 * UNREGISTER reason, UNREGISTER_ACK status, RESET type,
				 * LINE_STAT_REQ, SPEED_DIAL_STAT_REQ, FORWARD_STAT_REQ,
				 * FEATURE_STAT_REQ and SERVICE_URL_STAT_REQ index,
				 * REGISTER_AVAILABLE_LINES lines, HEADSET_STATUS mode */
		struct sccp_alarm alarm; /* ALARM */
		struct sccp_capabilities
		    capabilities; /* CAPABILITIES_RES, UPDATE_CAPABILITIES (audio) */
		char version[17]; /* VERSION_RES */
		struct sccp_button_template buttons;     /* BUTTON_TEMPLATE_RES */
		struct sccp_soft_key_template soft_keys; /* SOFT_KEY_TEMPLATE_RES */
		struct sccp_soft_key_sets soft_key_sets; /* SOFT_KEY_SET_RES */
		struct sccp_config_stat config;          /* CONFIG_STAT_RES */
		struct sccp_line_stat line;              /* LINE_STAT_RES, LINE_STAT_V2_RES */
		struct sccp_speed_dial speed_dial;       /* SPEED_DIAL_STAT_RES */
		struct sccp_forward_stat forward;        /* FORWARD_STAT_RES */
		struct sccp_feature_stat feature;        /* FEATURE_STAT_RES */
		struct sccp_service_url service_url;     /* SERVICE_URL_STAT_RES */
		struct sccp_time_date time;              /* DEFINE_TIME_DATE */
		struct sccp_server_list servers;         /* SERVER_RES */
		struct sccp_select_soft_keys select;     /* SELECT_SOFT_KEYS */
		struct sccp_prompt prompt;               /* DISPLAY_PROMPT_STATUS, DISPLAY_NOTIFY */
		char xml_alarm[256];                     /* XML_ALARM: the first 255 bytes */
	};
	struct slice raw; /* the body as received (decode) ; ignored by encode, except for ids whose
			   * layout the codec does not know: those send raw as the body */
};

/* Finds the next frame at the start of a stream. Returns its whole length (header included) and the
 * frame in ret_frame; 0 when more bytes are needed; E_BAD_FORMAT when the length field is below 4
 * or above SCCP_LENGTH_MAX: the stream cannot be followed any further. */
int sccp_frame_next(struct slice stream, struct slice *ret_frame);

/* Decodes one whole frame. Missing tail fields are zero, surplus bytes are noted and ignored. 0, or
 * E_BAD_FORMAT when not even the 12-byte header is there. `anomalies` may be NULL. */
int sccp_decode(struct slice frame, struct sccp_message *ret_message, struct anomalies *anomalies);

/* Appends one whole frame, header included, in the layout of protocol version `version` (the
 * negotiated one; 0 before negotiation). 0; E_FULL when it does not fit (nothing is left written);
 * E_UNSUPPORTED for an id whose layout is unknown and raw is empty where a body is needed. */
int sccp_encode(const struct sccp_message *message, uint8_t version, struct writer *to);

/* The MAC a Register claims in its own field: 12 hex digits or six bytes; E_BAD_FORMAT for garbage.
 */
int sccp_register_mac(const struct sccp_register *reg, struct mac *ret_mac);

#endif
