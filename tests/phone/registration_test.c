/* What CallManagers do to a phone that registers. */
#include "harness.h"
#include "phone/lab.h"

#include "base/text.h"

static void send_id(struct lab *lab, uint32_t id, uint32_t value)
{
	struct sccp_message m = {.id = id, .value = value};

	lab_send(lab, &m);
	lab_settle(lab);
}

TEST("a refused registration shows its text, waits and starts over with the files")
{
	struct lab lab;

	lab_init(&lab, "7960");
	lab.reject = true;
	lab_power_on(&lab);
	lab_sleep_until(&lab, PHONE_REJECTED);
	assert_string_equal(lab_view(&lab).last_reject, "Error DBConfig");
	(void)lab_said(&lab);
	lab.reject = false;
	assert_in_range(lab_sleep(&lab), DT_SECONDS(30), DT_SECONDS(33));
	const char *said = lab_said(&lab);
	assert_ptr_equal(strstr(said, "= Configuring CM List\ntftp RRQ CTL"), said);
	assert_non_null(strstr(said, "Alarm \"24: Name=SEP001380AD9E5F Load=P00308010200 "
				     "Last=Phone-Reg-Rej\""));
	assert_int_equal(phone_state(lab.phone), PHONE_REGISTERED);
	lab_done(&lab);
}

TEST("a mute CallManager is left for the next one")
{
	struct lab lab;

	lab_init(&lab, "7961");
	lab.own_file = lab_file_of_two;
	lab.sccp_mute = true;
	lab_power_on(&lab);
	lab_sleep_until(&lab, PHONE_REGISTERING);
	(void)lab_said(&lab);
	lab.sccp_mute = false;
	assert_int_equal(lab_sleep(&lab), DT_SECONDS(15));
	assert_non_null(strstr(lab_said(&lab), "tcp close 1\n"));
	assert_int_equal(phone_state(lab.phone), PHONE_REGISTERED);
	assert_int_equal(lab_view(&lab).callmanager.ip.b[3], 2);
	lab_done(&lab);
}

TEST("keepalives go out as the server asked, and are answered")
{
	struct lab lab;

	lab_init(&lab, "7961");
	lab.keepalive_s = 45;
	lab_power_on(&lab);
	lab_sleep_until(&lab, PHONE_REGISTERED);
	(void)lab_said(&lab);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(lab_sleep(&lab), DT_SECONDS(45));
		assert_string_equal(lab_said(&lab), "sccp KeepAlive\n");
	}
	assert_int_equal(lab.last_sccp.header_version, 17);
	assert_int_equal(lab_view(&lab).keepalives_sent, 5);
	assert_int_equal(lab_view(&lab).keepalives_acked, 5);
	lab_done(&lab);
}

TEST("a phone that lost its only CallManager does not claim to be registered")
{
	for (int reset = 0; reset < 2; reset++) {
		struct lab lab;
		lab_boot(&lab, "7960");
		phone_tcp_closed(lab.phone, lab.connection, reset != 0, lab.now);
		lab_settle(&lab);
		assert_int_equal(phone_state(lab.phone), PHONE_OPENING);
		lab_sleep_until(&lab, PHONE_REGISTERED);
		assert_non_null(strstr(lab_said(&lab), reset != 0 ? "\"12: Name" : "\"14: Name"));
		lab_done(&lab);
	}
}

TEST("reset 1 is a whole boot, 2 begins with the files, 3 too on a 7960; each unregisters first")
{
	static const char *const words[] = {"", "22: ", "23: ", "23: "};

	for (uint32_t type = 1; type <= 3; type++) {
		struct lab lab;
		lab_boot(&lab, "7960");
		send_id(&lab, SCCP_RESET, type);
		assert_int_not_equal(phone_state(lab.phone), PHONE_REGISTERED);
		lab_sleep_until(&lab, PHONE_REGISTERED);
		const char *said = lab_said(&lab);
		assert_ptr_equal(strstr(said, "sccp Unregister\ntcp close 1\n"), said);
		assert_int_equal(strstr(said, "dhcp DISCOVER") != NULL, type == 1);
		assert_non_null(strstr(said, words[type]));
		assert_int_equal(lab_view(&lab).boots, 2);
		lab_done(&lab);
	}
}

TEST("a server that does not answer Unregister is left after two seconds")
{
	struct lab lab;

	lab_boot(&lab, "7961");
	lab.skip = SCCP_UNREGISTER_ACK;
	send_id(&lab, SCCP_RESET, 2);
	assert_string_equal(lab_said(&lab), "sccp Unregister\n");
	assert_int_equal(lab_sleep(&lab), DT_SECONDS(2));
	assert_non_null(strstr(lab_said(&lab), "tcp close 1\n"));
	lab_sleep_until(&lab, PHONE_REGISTERED);
	lab_done(&lab);
}

TEST("an unknown kind of reset, and one of a phone not registered, are no reset")
{
	struct lab lab;

	lab_boot(&lab, "7961");
	send_id(&lab, SCCP_RESET, 9);
	assert_string_equal(lab_said(&lab), "");
	assert_int_equal(phone_state(lab.phone), PHONE_REGISTERED);
	lab_done(&lab);
}

TEST("a phone that leaves unregisters, and is off")
{
	struct lab lab;

	lab_boot(&lab, "7960");
	phone_leave(lab.phone, lab.now);
	lab_settle(&lab);
	assert_string_equal(lab_said(&lab), "sccp Unregister\ntcp close 1\n= off\n");
	assert_int_equal(phone_deadline(lab.phone), DT_NEVER);
	lab_done(&lab);
}

TEST("an optional answer that stays away delays the registration five seconds, and is reported")
{
	static const uint32_t answers[] = {SCCP_SOFT_KEY_TEMPLATE_RES, SCCP_SOFT_KEY_SET_RES,
					   SCCP_CONFIG_STAT_RES,       SCCP_LINE_STAT_RES,
					   SCCP_SPEED_DIAL_STAT_RES,   SCCP_FORWARD_STAT_RES};

	for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
		struct lab lab;
		lab_init(&lab, "7960");
		lab.skip = answers[i];
		lab_power_on(&lab);
		lab_sleep_until(&lab, PHONE_REGISTERING);
		assert_int_equal(lab_sleep(&lab), DT_SECONDS(5));
		assert_int_equal(phone_state(lab.phone), PHONE_REGISTERED);
		assert_int_equal(lab_view(&lab).unanswered, 1);
		lab_done(&lab);
	}
}

TEST("a server without CapabilitiesReq registers the phone all the same")
{
	struct lab lab;

	lab_init(&lab, "7960");
	lab.no_capabilities_req = true;
	lab_power_on(&lab);
	lab_sleep_until(&lab, PHONE_REGISTERED);
	assert_null(strstr(lab_said(&lab), "CapabilitiesRes"));
	lab_done(&lab);
}

TEST("the time told unasked, before the acknowledgement or amid the questions, asks nothing twice")
{
	struct lab lab;

	lab_init(&lab, "7961");
	lab.sccp_mute = true;
	lab_power_on(&lab);
	lab_sleep_until(&lab, PHONE_REGISTERING);
	(void)lab_said(&lab);
	send_id(&lab, SCCP_DEFINE_TIME_DATE, 0);
	assert_string_equal(lab_said(&lab), "");
	struct sccp_message ack = {.id = SCCP_REGISTER_ACK};
	ack.ack.keepalive_s = 30;
	ack.ack.protocol_version = 17;
	lab_send(&lab, &ack);
	send_id(&lab, SCCP_CAPABILITIES_REQ, 0);
	assert_string_equal(lab_said(&lab), "sccp CapabilitiesRes\nsccp ButtonTemplateReq\n");
	send_id(&lab, SCCP_DEFINE_TIME_DATE, 0);
	assert_string_equal(lab_said(&lab), "");
	send_id(&lab, SCCP_CAPABILITIES_REQ, 0);
	assert_string_equal(lab_said(&lab), "sccp CapabilitiesRes\n");
	lab_done(&lab);
}

TEST("a late answer about another line does not answer the open question")
{
	struct lab lab;
	struct sccp_message m = {.id = SCCP_LINE_STAT_V2_RES, .line = {.line = 9}};

	lab_init(&lab, "7961");
	lab.lines = 2;
	lab.skip = SCCP_LINE_STAT_V2_RES;
	lab_power_on(&lab);
	lab_sleep_until(&lab, PHONE_REGISTERING);
	(void)lab_said(&lab);
	lab_send(&lab, &m);
	lab_settle(&lab);
	assert_string_equal(lab_said(&lab), "");
	m.line.line = 1;
	lab_send(&lab, &m);
	lab_settle(&lab);
	assert_string_equal(lab_said(&lab), "sccp LineStatReq 2\n");
	lab_done(&lab);
}

TEST("a service button is answered in the newer layout as well")
{
	struct lab lab;
	struct sccp_message m = {.id = SCCP_BUTTON_TEMPLATE_RES};

	lab_init(&lab, "7961");
	lab.skip = SCCP_BUTTON_TEMPLATE_RES;
	lab_power_on(&lab);
	lab_sleep_until(&lab, PHONE_REGISTERING);
	m.buttons.count = m.buttons.total = 1;
	m.buttons.button[0] = (struct sccp_button){1, 0x14};
	lab_send(&lab, &m);
	lab_settle(&lab);
	assert_int_equal(lab.last_sccp.id, SCCP_SERVICE_URL_STAT_REQ);
	m = (struct sccp_message){.id = SCCP_SERVICE_URL_STAT_V2_RES, .service_url = {.index = 1}};
	lab_send(&lab, &m);
	lab_settle(&lab);
	assert_int_equal(phone_state(lab.phone), PHONE_REGISTERED);
	assert_int_equal(lab_view(&lab).unanswered, 0);
	lab_done(&lab);
}

TEST("a lease that ends while the phone is leaving does not keep it on")
{
	struct lab lab;

	lab_init(&lab, "7960");
	lab.lease_s = 3600;
	lab_power_on(&lab);
	lab_sleep_until(&lab, PHONE_REGISTERED);
	lab.dhcp_mute = true;
	lab.skip = SCCP_UNREGISTER_ACK;
	dt_time end = lab.now + DT_SECONDS(3600);
	while (phone_deadline(lab.phone) < end)
		(void)lab_sleep(&lab);
	lab.now = end - 1;
	phone_leave(lab.phone, lab.now);
	lab_settle(&lab);
	(void)lab_sleep(&lab);
	assert_int_equal(phone_state(lab.phone), PHONE_OFF);
	assert_int_equal(phone_deadline(lab.phone), DT_NEVER);
	lab_done(&lab);
}

TEST("a version above what the phone offered is not taken")
{
	struct lab lab;

	lab_init(&lab, "7960");
	lab.sccp_mute = true;
	lab_power_on(&lab);
	lab_sleep_until(&lab, PHONE_REGISTERING);
	struct sccp_message ack = {.id = SCCP_REGISTER_ACK};
	ack.ack.keepalive_s = 30;
	ack.ack.protocol_version = 22;
	lab_send(&lab, &ack);
	send_id(&lab, SCCP_CAPABILITIES_REQ, 0);
	assert_int_equal(lab.last_sccp.id, SCCP_BUTTON_TEMPLATE_REQ);
	assert_int_equal(lab.last_sccp.header_version, 0);
	lab_done(&lab);
}

TEST("a stream that cannot be followed is closed, and said so in the next alarm")
{
	struct lab lab;
	static const uint8_t bad[12] = {0xff, 0xff, 0xff, 0xff};

	lab_boot(&lab, "7961");
	phone_tcp_input(lab.phone, lab.connection, slice_of(bad, sizeof bad), lab.now);
	lab_settle(&lab);
	assert_non_null(strstr(lab_said(&lab), "tcp close 1\n"));
	lab_sleep_until(&lab, PHONE_REGISTERED);
	assert_non_null(strstr(lab_said(&lab), "Alarm \"32: "));
	lab_done(&lab);
}

TEST("a phone that wants dial tone goes off hook once it is registered, and hangs up")
{
	struct lab lab;

	lab_init(&lab, "7960");
	lab.config.goes_off_hook = true;
	lab_power_on(&lab);
	lab_sleep_until(&lab, PHONE_REGISTERED);
	assert_non_null(
	    strstr(lab_said(&lab), "= registered\nsccp OffHook\nsccp OnHook\ndial tone\n"));
	assert_int_equal(lab_view(&lab).dial_tones, 1);
	lab_done(&lab);
}
