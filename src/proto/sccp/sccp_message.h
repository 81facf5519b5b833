/* SCCP messages as plain values: one struct a body, one union of them all.
 *
 * Texts are NUL-terminated bytes as the peer sent them (ISO-8859-1 or UTF-8, label codes included).
 * Lines, buttons and speed dials count from 1; 0 is the device as a whole. `call` is the call
 * reference. Numbers with names have them in sccp_words.def. The few long texts and data blocks are
 * slices into the received frame: they live as long as it does (sccp_message_detach). */
#ifndef DIALTONE_PROTO_SCCP_SCCP_MESSAGE_H
#define DIALTONE_PROTO_SCCP_SCCP_MESSAGE_H

#include "base/addr.h"
#include "base/slice.h"
#include "proto/sccp/sccp_media.h"

#define SCCP_NAME_SIZE         17 /* 16 bytes that may fill the field, and our NUL */
#define SCCP_BUTTONS_MAX       56
#define SCCP_SOFT_KEYS_MAX     32
#define SCCP_SOFT_KEY_SETS_MAX 16
#define SCCP_CAPABILITIES_MAX  18
#define SCCP_CALL_COUNTS_MAX   42
#define SCCP_MEDIA_PORTS_MAX   16
#define SCCP_NUMBER_SIZE       26   /* 25 bytes from version 18 on, and our NUL */
#define SCCP_PROMPT_SIZE       97   /* with its NUL, as the phones' own buffer */
#define SCCP_DATA_MAX          2000 /* bytes of one UserToDeviceData and its relatives */

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

struct sccp_token_req { /* max_streams only in the token request of the SPA family */
	char name[SCCP_NAME_SIZE];
	uint32_t user_id, instance;
	struct ip4 ip;
	uint32_t device_type;
	uint8_t ip6[16];
	uint32_t max_streams;
};

struct sccp_alarm {
	uint32_t severity;
	char text[81];
	uint32_t param1, param2;
};

struct sccp_capability {
	uint32_t codec, ms_per_packet;
	uint8_t params[8]; /* G.723.1: its bit rate; others mode and payload type; G.711: zero */
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

struct sccp_config_stat { /* ConfigStatRes and ConfigStatV2Res */
	char name[SCCP_NAME_SIZE];
	uint32_t user_id, instance;
	char user_name[122], server_name[122]; /* fixed form: 40 each */
	uint32_t lines, speed_dials;
};

struct sccp_line_stat { /* LineStatRes and LineStatV2Res */
	uint32_t line;
	char number[41], name[41], label[41]; /* fixed form: 24, 40, 40 */
	uint32_t options;                     /* displayOptions / lineType; 15 */
};

struct sccp_speed_dial { /* SpeedDialStatRes and SpeedDialStatV2Res */
	uint32_t index;
	char number[25], label[41];
};

struct sccp_forward_stat {
	uint32_t active, line;
	uint32_t all_active, busy_active, no_answer_active;
	char all[26], busy[26], no_answer[26];
};

struct sccp_feature_req {
	uint32_t index;
	uint32_t dynamic; /* 1: the phone takes FeatureStatV2Res for busy lamps */
};

struct sccp_feature_stat { /* FeatureStatRes and FeatureStatV2Res */
	uint32_t index, feature;
	char label[122]; /* fixed form: 40 */
	uint32_t
	    status; /* 0 or 1; for busy lamps of version 15 on: rhythm, colour, icon, old value */
};

struct sccp_service_url { /* ServiceURLStatRes and ServiceURLStatV2Res */
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

struct sccp_call_counts {
	uint32_t lines, first_line, count;
	struct {
		uint16_t max_calls, busy_trigger;
	} item[SCCP_CALL_COUNTS_MAX];
};

struct sccp_add_on { /* an expansion module */
	uint32_t instance, type, max;
	char text[129]; /* "max-chained=2 deviceLine=14" */
};

struct sccp_resource { /* MediaResourceNotification */
	uint32_t device_type, in_service, max_per_conference, out_of_service;
};

struct sccp_select_soft_keys {
	uint32_t line, call, set, mask;
};

/* DisplayPromptStatus, DisplayNotify, DisplayPriNotify and their V2 forms. The fixed forms send the
 * first 31 bytes of the text. Only a prompt has a line and a call, only PriNotify a priority. */
struct sccp_prompt {
	uint32_t timeout_s;
	char text[SCCP_PROMPT_SIZE];
	uint32_t line, call, priority;
};

struct sccp_line_call { /* OffHook, OnHook, HookFlash, ClearPromptStatus, BackSpaceRes */
	uint32_t line, call;
};

struct sccp_keypad {
	uint32_t key, line, call;
};

struct sccp_enbloc {
	char number[SCCP_NUMBER_SIZE];
	uint32_t line;
};

struct sccp_calling_off_hook {
	char number[SCCP_NUMBER_SIZE], voicemail[SCCP_NUMBER_SIZE];
	uint32_t line;
};

struct sccp_stimulus {
	uint32_t stimulus, instance, call, status;
};

struct sccp_soft_key_event {
	uint32_t event, line, call;
};

struct sccp_tone { /* StartTone; StopTone without a direction */
	uint32_t tone, direction, line, call;
};

struct sccp_ringer {
	uint32_t mode, duration, line, call;
};

struct sccp_lamp {
	uint32_t stimulus, instance, mode;
};

struct sccp_call_state {
	uint32_t state, line, call, privacy, precedence, domain; /* precedence 4 = normal */
};

struct sccp_call_info { /* CallInfo and CallInfoV2 */
	uint32_t line, call, type;
	uint32_t original_reason, last_redirecting_reason;
	uint32_t instance; /* above 200 Java phones crash: issue 357 of chan-sccp */
	uint32_t security, restriction;
	char calling[25], alternate_calling[25], called[25], original_called[25],
	    last_redirecting[25];
	char calling_voicemail[25], called_voicemail[25], original_called_voicemail[25],
	    last_redirecting_voicemail[25];
	char hunt_pilot[25];
	char calling_name[121], called_name[121], original_called_name[121],
	    last_redirecting_name[121], hunt_pilot_name[121]; /* fixed form: 40 */
};

struct sccp_dialed {
	char number[SCCP_NUMBER_SIZE];
	uint32_t line, call;
};

struct sccp_call_select {
	uint32_t selected, call, line;
};

struct sccp_call_history {
	uint32_t disposition, line, call;
};

struct sccp_recording {
	uint32_t call, on;
};

struct sccp_media_path { /* MediaPathEvent: value is on or off; MediaPathCapability: its setting */
	uint32_t path, value;
};

/* UserToDeviceData, DeviceToUserData, DeviceToUserDataResponse; what follows `transaction` but the
 * data is in the V1 forms alone. */
struct sccp_user_data {
	uint32_t application, line, call, transaction;
	uint32_t sequence, priority, conference, app_instance, routing;
	struct slice data; /* XML, at most SCCP_DATA_MAX */
};

struct sccp_subscription { /* SubscriptionStatReq, SubscriptionStatRes, Notification */
	uint32_t transaction, feature;
	uint32_t timer, cause; /* Req and Res; Res */
	uint32_t status;       /* Notification */
	char text[257];        /* Req: the number watched; Notification: a text */
};

struct sccp_port_list {
	uint32_t count;
	uint32_t port[SCCP_MEDIA_PORTS_MAX];
};

struct sccp_message {
	uint32_t header_version; /* as received, or to send; says nothing about the layout */
	uint32_t id;             /* enum sccp_id or a number nobody has catalogued */
	union {
		struct sccp_register reg;     /* REGISTER */
		struct sccp_register_ack ack; /* REGISTER_ACK */
		char reject_text[34];         /* REGISTER_REJECT */
		struct sccp_token_req token;  /* REGISTER_TOKEN_REQ, SPCP_REGISTER_TOKEN_REQ */
		uint32_t value; /* one u32 or nothing: IP_PORT port, REGISTER_TOKEN_REJECT seconds,
				 * UNREGISTER reason, UNREGISTER_ACK status, RESET type,
				 * LINE_STAT_REQ, SPEED_DIAL_STAT_REQ, FORWARD_STAT_REQ,
				 * FEATURE_STAT_REQ and SERVICE_URL_STAT_REQ index,
				 * REGISTER_AVAILABLE_LINES lines, HEADSET_STATUS,
				 * SET_SPEAKER_MODE and SET_MICRO_MODE mode,
				 * ACTIVATE_CALL_PLANE line, CLEAR_PRI_NOTIFY priority,
				 * SPCP_REGISTER_TOKEN_ACK features */
		struct sccp_alarm alarm; /* ALARM */
		struct sccp_capabilities
		    capabilities; /* CAPABILITIES_RES, UPDATE_CAPABILITIES and V2, V3 (audio) */
		char version[17]; /* VERSION_RES */
		struct sccp_button_template buttons;     /* BUTTON_TEMPLATE_RES */
		struct sccp_soft_key_template soft_keys; /* SOFT_KEY_TEMPLATE_RES */
		struct sccp_soft_key_sets soft_key_sets; /* SOFT_KEY_SET_RES */
		struct sccp_config_stat config;          /* CONFIG_STAT_RES, _V2_RES */
		struct sccp_line_stat line;              /* LINE_STAT_RES, LINE_STAT_V2_RES */
		struct sccp_speed_dial speed_dial;       /* SPEED_DIAL_STAT_RES, _V2_RES */
		struct sccp_forward_stat forward;        /* FORWARD_STAT_RES */
		struct sccp_feature_req feature_req;     /* FEATURE_STAT_REQ */
		struct sccp_feature_stat feature;        /* FEATURE_STAT_RES, _V2_RES */
		struct sccp_service_url service_url;     /* SERVICE_URL_STAT_RES, _V2_RES */
		struct sccp_time_date time;              /* DEFINE_TIME_DATE */
		struct sccp_server_list servers;         /* SERVER_RES */
		struct sccp_call_counts call_counts;     /* CALL_COUNT_RESP */
		struct sccp_add_on add_on;               /* ADD_ON_DEVICE_CAPABILITIES */
		struct sccp_resource resource;           /* MEDIA_RESOURCE_NOTIFICATION */
		struct sccp_port_list ports;             /* MEDIA_PORT_LIST */
		struct sccp_select_soft_keys select;     /* SELECT_SOFT_KEYS */
		struct sccp_prompt prompt;               /* DISPLAY_PROMPT_STATUS, DISPLAY_NOTIFY,
							  * DISPLAY_PRI_NOTIFY and their V2 */
		char display_text[34];                   /* DISPLAY_TEXT: two lines of 16 */
		char xml_alarm[880];       /* XML_ALARM: what fits; `raw` has it all */
		struct sccp_line_call on;  /* OFF_HOOK, ON_HOOK, HOOK_FLASH, CLEAR_PROMPT_STATUS,
					    * BACK_SPACE_RES */
		struct sccp_keypad keypad; /* KEYPAD_BUTTON */
		struct sccp_enbloc enbloc; /* ENBLOC_CALL */
		struct sccp_calling_off_hook calling_off_hook; /* OFF_HOOK_WITH_CALLING_… */
		struct sccp_stimulus stimulus;                 /* STIMULUS */
		struct sccp_soft_key_event soft_key;           /* SOFT_KEY_EVENT */
		struct sccp_tone tone;                         /* START_TONE, STOP_TONE */
		struct sccp_ringer ringer;                     /* SET_RINGER */
		struct sccp_lamp lamp;                         /* SET_LAMP */
		struct sccp_call_state call_state;             /* CALL_STATE */
		struct sccp_call_info call_info;               /* CALL_INFO, CALL_INFO_V2 */
		struct sccp_dialed dialed;                     /* DIALED_NUMBER */
		struct sccp_call_select call_select;           /* CALL_SELECT_STAT_RES */
		struct sccp_call_history history;              /* CALL_HISTORY_INFO */
		struct sccp_recording recording;               /* RECORDING_STATUS */
		struct sccp_media_path media_path; /* MEDIA_PATH_EVENT, MEDIA_PATH_CAPABILITY */
		struct sccp_user_data user_data;   /* USER_TO_DEVICE_DATA and its five relatives */
		struct sccp_subscription subscription; /* SUBSCRIPTION_STAT_REQ and _RES,
							* NOTIFICATION */
		struct slice location;                 /* LOCATION_INFO: XML */
		struct sccp_media media;         /* OPEN_RECEIVE_CHANNEL, START_MEDIA_TRANSMISSION,
						  * START_MEDIA_RECEPTION, START_MULTICAST_…,
						  * START_MEDIA_FAILURE_DETECTION */
		struct sccp_media_ack media_ack; /* OPEN_RECEIVE_CHANNEL_ACK,
						  * START_MEDIA_TRANSMISSION_ACK,
						  * MULTICAST_MEDIA_RECEPTION_ACK,
						  * MEDIA_TRANSMISSION_FAILURE */
		struct sccp_media_stop media_stop;         /* CLOSE_RECEIVE_CHANNEL,
							    * STOP_MEDIA_TRANSMISSION,
							    * STOP_MEDIA_RECEPTION, STOP_MULTICAST_… */
		struct sccp_statistics_req statistics_req; /* CONNECTION_STATISTICS_REQ */
		struct sccp_statistics statistics;         /* CONNECTION_STATISTICS_RES */
		struct sccp_dtmf dtmf; /* NOTIFY_DTMF_TONE, SEND_DTMF_TONE, SUBSCRIBE_DTMF_… */
		struct sccp_port port; /* PORT_REQ, PORT_RES, PORT_CLOSE */
	};
	struct slice raw; /* the body as received (decode); ignored by encode, except for ids whose
			   * body the codec does not send itself: those send raw as the body */
};

#endif
