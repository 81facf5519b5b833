/* Prints one frame of every kind this codec can send as "id hex" lines, for tshark to judge. */
#include "proto/sccp/sccp.h"

#include <stdio.h>

static void print(uint32_t id, uint8_t version, const struct sccp_message *filled)
{
	struct sccp_message m = *filled;
	uint8_t bytes[SCCP_FRAME_MAX];
	struct writer w = writer_of(bytes, sizeof bytes);

	m.id = id;
	m.header_version = version >= 15 ? version : 0;
	if (sccp_encode(&m, version, &w) != 0) {
		(void)printf("%u unencodable\n", id);
		return;
	}
	(void)printf("%u ", id);
	for (size_t i = 0; i < w.pos; i++)
		(void)printf("%02x", bytes[i]);
	(void)printf("\n");
}

int main(void)
{
	static const uint32_t empty[] = {
	    SCCP_KEEP_ALIVE,       SCCP_KEEP_ALIVE_ACK,      SCCP_REGISTER_TOKEN_ACK,
	    SCCP_CAPABILITIES_REQ, SCCP_BUTTON_TEMPLATE_REQ, SCCP_SOFT_KEY_TEMPLATE_REQ,
	    SCCP_SOFT_KEY_SET_REQ, SCCP_CONFIG_STAT_REQ,     SCCP_VERSION_REQ,
	    SCCP_SERVER_REQ,       SCCP_TIME_DATE_REQ};
	static const uint32_t values[] = {SCCP_REGISTER_TOKEN_REJECT,    SCCP_IP_PORT,
					  SCCP_HEADSET_STATUS,           SCCP_LINE_STAT_REQ,
					  SCCP_SPEED_DIAL_STAT_REQ,      SCCP_FORWARD_STAT_REQ,
					  SCCP_FEATURE_STAT_REQ,         SCCP_SERVICE_URL_STAT_REQ,
					  SCCP_REGISTER_AVAILABLE_LINES, SCCP_UNREGISTER,
					  SCCP_UNREGISTER_ACK,           SCCP_RESET};
	struct sccp_message m = {0};

	for (size_t i = 0; i < sizeof empty / sizeof *empty; i++)
		print(empty[i], 11, &m);
	for (size_t i = 0; i < sizeof values / sizeof *values; i++)
		print(values[i], 11, &(struct sccp_message){.value = 1});
	print(SCCP_REGISTER, 11,
	      &(struct sccp_message){
		  .reg = {.name = "SEP003094C2D5CA", .device_type = 7, .body_size = 68}});
	print(SCCP_REGISTER, 17,
	      &(struct sccp_message){.reg = {.name = "SEP00170E112233",
					     .device_type = 30018,
					     .load = "SCCP41.8-5-3S",
					     .body_size = 124}});
	print(SCCP_REGISTER_ACK, 11,
	      &(struct sccp_message){
		  .ack = {.keepalive_s = 30, .date_template = "D/M/Y", .protocol_version = 11}});
	print(SCCP_REGISTER_REJECT, 11,
	      &(struct sccp_message){.reject_text = "Not in DB, auto-reg off R-05"});
	print(SCCP_REGISTER_TOKEN_REQ, 11,
	      &(struct sccp_message){.token = {.name = "SEP003094C2D5CA", .device_type = 7}});
	print(SCCP_ALARM, 11,
	      &(struct sccp_message){
		  .alarm = {.severity = 2,
			    .text = "25: Name=SEP003094C2D5CA Load=P0 Last=Initialized"}});
	print(SCCP_CAPABILITIES_RES, 11,
	      &(struct sccp_message){.capabilities = {.count = 1, .item = {{4, 40}}}});
	print(SCCP_BUTTON_TEMPLATE_RES, 11,
	      &(struct sccp_message){.buttons = {.count = 1, .total = 1, .button = {{1, 9}}}});
	print(
	    SCCP_SOFT_KEY_TEMPLATE_RES, 11,
	    &(struct sccp_message){.soft_keys = {.count = 1, .total = 1, .key = {{"Redial", 1}}}});
	print(SCCP_SOFT_KEY_SET_RES, 11,
	      &(struct sccp_message){
		  .soft_key_sets = {.count = 1, .total = 1, .set = {{{1}, {301}}}}});
	print(SCCP_SELECT_SOFT_KEYS, 11, &(struct sccp_message){.select = {.mask = 0xffffffff}});
	print(SCCP_DISPLAY_PROMPT_STATUS, 11,
	      &(struct sccp_message){.prompt = {.text = "Your current options"}});
	print(SCCP_CONFIG_STAT_RES, 11,
	      &(struct sccp_message){
		  .config = {.name = "SEP003094C2D5CA", .server_name = "dialtone", .lines = 1}});
	print(SCCP_LINE_STAT_RES, 11,
	      &(struct sccp_message){
		  .line = {.line = 1, .number = "1001", .name = "A", .label = "B", .options = 15}});
	print(SCCP_LINE_STAT_V2_RES, 17,
	      &(struct sccp_message){
		  .line = {.line = 1, .number = "1001", .name = "A", .label = "B", .options = 15}});
	print(SCCP_SPEED_DIAL_STAT_RES, 11, &(struct sccp_message){.speed_dial = {.index = 1}});
	print(SCCP_FORWARD_STAT_RES, 11, &(struct sccp_message){.forward = {.line = 1}});
	print(SCCP_FORWARD_STAT_RES, 20, &(struct sccp_message){.forward = {.line = 1}});
	print(SCCP_FEATURE_STAT_RES, 11, &(struct sccp_message){.feature = {.index = 1}});
	print(SCCP_SERVICE_URL_STAT_RES, 11, &(struct sccp_message){.service_url = {.index = 1}});
	print(SCCP_VERSION_RES, 11, &(struct sccp_message){.version = "P00308010200"});
	print(SCCP_SERVER_RES, 11,
	      &(struct sccp_message){.servers = {.name = {"dialtone"}, .port = {2000}}});
	print(SCCP_SERVER_RES, 17,
	      &(struct sccp_message){.servers = {.name = {"dialtone"}, .port = {2000}}});
	print(SCCP_DEFINE_TIME_DATE, 11,
	      &(struct sccp_message){.time = {.year = 2026, .month = 11, .day = 24, .weekday = 2}});
	return 0;
}
