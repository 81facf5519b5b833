/* What the files of the SCCP codec share: one row of layout functions for each known body. */
#ifndef DIALTONE_PROTO_SCCP_SCCP_LAYOUT_H
#define DIALTONE_PROTO_SCCP_SCCP_LAYOUT_H

#include "base/reader.h"
#include "proto/sccp/sccp.h"

/* Reads the body; `m` is zeroed before. What is missing stays zero. */
typedef void (*sccp_decode_fn)(struct reader *r, struct sccp_message *m,
			       struct anomalies *anomalies);
/* Writes the body for protocol version `version`. */
typedef void (*sccp_encode_fn)(const struct sccp_message *m, uint8_t version, struct writer *w);

#define SCCP_BODY_ANY UINT32_MAX

struct sccp_layout {
	uint32_t id;
	sccp_decode_fn decode;
	sccp_encode_fn encode;
	/* The shortest body a genuine sender uses; a shorter one is decoded and noted. */
	uint32_t body_min;
	/* The longest one; a longer one is decoded and noted. SCCP_BODY_ANY for free text. */
	uint32_t body_max;
};

/* NULL for ids whose body is not known to this codec. */
const struct sccp_layout *sccp_layout_find(uint32_t id);

/* IPv4 addresses travel in network order, unlike everything around them. */
struct ip4 sccp_read_ip(struct reader *r);
void sccp_write_ip(struct writer *w, struct ip4 ip);
/* A NUL-terminated string of the dynamic layouts; one without its NUL is noted. */
void sccp_read_string(struct reader *r, char *to, size_t size, struct anomalies *anomalies);
void sccp_write_string(struct writer *w, const char *text);
/* A fixed text field that may be filled to its last byte (device names). */
void sccp_write_name(struct writer *w, const char *text, size_t len);
/* A count, read or to be sent, never more than the array holds. */
uint32_t sccp_clamp(uint32_t count, uint32_t max, struct anomalies *anomalies);

/* sccp_registration.c */
void sccp_register_read(struct reader *, struct sccp_message *, struct anomalies *);
void sccp_register_write(const struct sccp_message *, uint8_t, struct writer *);
void sccp_register_ack_read(struct reader *, struct sccp_message *, struct anomalies *);
void sccp_register_ack_write(const struct sccp_message *, uint8_t, struct writer *);
void sccp_register_reject_read(struct reader *, struct sccp_message *, struct anomalies *);
void sccp_register_reject_write(const struct sccp_message *, uint8_t, struct writer *);
void sccp_token_req_read(struct reader *, struct sccp_message *, struct anomalies *);
void sccp_token_req_write(const struct sccp_message *, uint8_t, struct writer *);
void sccp_alarm_read(struct reader *, struct sccp_message *, struct anomalies *);
void sccp_alarm_write(const struct sccp_message *, uint8_t, struct writer *);
void sccp_xml_alarm_read(struct reader *, struct sccp_message *, struct anomalies *);
void sccp_xml_alarm_write(const struct sccp_message *, uint8_t, struct writer *);
void sccp_capabilities_read(struct reader *, struct sccp_message *, struct anomalies *);
void sccp_capabilities_write(const struct sccp_message *, uint8_t, struct writer *);
void sccp_update_capabilities_read(struct reader *, struct sccp_message *, struct anomalies *);

/* sccp_templates.c */
void sccp_buttons_read(struct reader *, struct sccp_message *, struct anomalies *);
void sccp_buttons_write(const struct sccp_message *, uint8_t, struct writer *);
void sccp_soft_keys_read(struct reader *, struct sccp_message *, struct anomalies *);
void sccp_soft_keys_write(const struct sccp_message *, uint8_t, struct writer *);
void sccp_soft_key_sets_read(struct reader *, struct sccp_message *, struct anomalies *);
void sccp_soft_key_sets_write(const struct sccp_message *, uint8_t, struct writer *);
void sccp_select_read(struct reader *, struct sccp_message *, struct anomalies *);
void sccp_select_write(const struct sccp_message *, uint8_t, struct writer *);
void sccp_prompt_read(struct reader *, struct sccp_message *, struct anomalies *);
void sccp_prompt_write(const struct sccp_message *, uint8_t, struct writer *);
void sccp_notify_read(struct reader *, struct sccp_message *, struct anomalies *);
void sccp_notify_write(const struct sccp_message *, uint8_t, struct writer *);

/* sccp_status.c */
void sccp_config_read(struct reader *, struct sccp_message *, struct anomalies *);
void sccp_config_write(const struct sccp_message *, uint8_t, struct writer *);
void sccp_line_read(struct reader *, struct sccp_message *, struct anomalies *);
void sccp_line_write(const struct sccp_message *, uint8_t, struct writer *);
void sccp_line_v2_read(struct reader *, struct sccp_message *, struct anomalies *);
void sccp_line_v2_write(const struct sccp_message *, uint8_t, struct writer *);
void sccp_speed_dial_read(struct reader *, struct sccp_message *, struct anomalies *);
void sccp_speed_dial_write(const struct sccp_message *, uint8_t, struct writer *);
void sccp_forward_read(struct reader *, struct sccp_message *, struct anomalies *);
void sccp_forward_write(const struct sccp_message *, uint8_t, struct writer *);
void sccp_feature_read(struct reader *, struct sccp_message *, struct anomalies *);
void sccp_feature_write(const struct sccp_message *, uint8_t, struct writer *);
void sccp_service_url_read(struct reader *, struct sccp_message *, struct anomalies *);
void sccp_service_url_write(const struct sccp_message *, uint8_t, struct writer *);
void sccp_time_read(struct reader *, struct sccp_message *, struct anomalies *);
void sccp_time_write(const struct sccp_message *, uint8_t, struct writer *);
void sccp_servers_read(struct reader *, struct sccp_message *, struct anomalies *);
void sccp_servers_write(const struct sccp_message *, uint8_t, struct writer *);
void sccp_version_read(struct reader *, struct sccp_message *, struct anomalies *);
void sccp_version_write(const struct sccp_message *, uint8_t, struct writer *);

#endif
