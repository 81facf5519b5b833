/* Whole boots, and what stops them. */
#include "harness.h"
#include "phone/lab.h"

#include "base/alloc.h"
#include "base/error.h"

#define NAME "Name=SEP001380AD9E5F"

#define BEGINNING                                                                                  \
	"= Loading\n"                                                                              \
	"= Configuring IP\n"                                                                       \
	"dhcp DISCOVER to 255.255.255.255:67\n"                                                    \
	"dhcp REQUEST to 255.255.255.255:67\n"                                                     \
	"address 10.77.0.51\n"                                                                     \
	"= Configuring CM List\n"                                                                  \
	"tftp RRQ CTLSEP001380AD9E5F.tlv\n"                                                        \
	"tftp RRQ SEP001380AD9E5F.cnf.xml\n"                                                       \
	"tftp ACK 1\n"                                                                             \
	"= Opening CM\n"                                                                           \
	"tcp connect 1 to 10.77.0.1:2000\n"

TEST("a 7960 boots in the order of its generation")
{
	struct lab lab;

	lab_init(&lab, "7960");
	lab_power_on(&lab);
	lab_sleep_until(&lab, PHONE_REGISTERED);
	assert_string_equal(lab_said(&lab), BEGINNING "= Registering\n"
						      "sccp Alarm \"25: " NAME
						      " Load=P00308010200 Last=Initialized\"\n"
						      "sccp Register\n"
						      "sccp IpPort\n"
						      "sccp CapabilitiesRes\n"
						      "sccp HeadsetStatus\n"
						      "sccp ButtonTemplateReq\n"
						      "sccp SoftKeyTemplateReq\n"
						      "sccp SoftKeySetReq\n"
						      "sccp ConfigStatReq\n"
						      "sccp LineStatReq 1\n"
						      "sccp SpeedDialStatReq 1\n"
						      "sccp ForwardStatReq 1\n"
						      "sccp RegisterAvailableLines 0\n"
						      "sccp TimeDateReq\n"
						      "= registered\n");
	struct phone_view view = lab_view(&lab);
	assert_string_equal(view.name, "SEP001380AD9E5F");
	assert_string_equal(view.dn, "1001");
	assert_true(view.soft_keys && view.clock_set);
	assert_int_equal(view.boots, 1);
	assert_int_equal(view.registrations, 1);
	lab_done(&lab);
}

TEST("a 7961 boots in the order of its generation")
{
	struct lab lab;

	lab_init(&lab, "7961");
	lab.lines = 2;
	lab.speed_dials = 0;
	lab_power_on(&lab);
	lab_sleep_until(&lab, PHONE_REGISTERED);
	assert_string_equal(lab_said(&lab), BEGINNING "= Registering\n"
						      "sccp Alarm \"25: " NAME
						      " Load=SCCP41.8-5-3S Last=Initialized\"\n"
						      "sccp Register\n"
						      "sccp IpPort\n"
						      "sccp CapabilitiesRes\n"
						      "sccp ButtonTemplateReq\n"
						      "sccp SoftKeyTemplateReq\n"
						      "sccp SoftKeySetReq\n"
						      "sccp LineStatReq 1\n"
						      "sccp LineStatReq 2\n"
						      "sccp ForwardStatReq 1\n"
						      "sccp ForwardStatReq 2\n"
						      "sccp RegisterAvailableLines 0\n"
						      "sccp TimeDateReq\n"
						      "= registered\n");
	assert_string_equal(lab_view(&lab).dn, "1001");
	lab_done(&lab);
}

TEST("however TCP cuts the server's bytes, the phone does the same")
{
	static const char *const models[] = {"7960", "7961"};

	for (size_t m = 0; m < 2; m++) {
		struct lab whole;
		lab_init(&whole, models[m]);
		lab_power_on(&whole);
		lab_sleep_until(&whole, PHONE_REGISTERED);
		char *expected = strdup(lab_said(&whole));
		/* Pieces of every length, and a first cut at every byte of acknowledgement and
		 * CapabilitiesReq. */
		for (size_t n = 1; n <= 120; n++) {
			struct lab lab;
			lab_init(&lab, models[m]);
			lab.split = n <= 60 ? n : 0;
			lab.first_piece = n <= 60 ? 0 : n - 60;
			lab_power_on(&lab);
			lab_sleep_until(&lab, PHONE_REGISTERED);
			assert_string_equal(lab_said(&lab), expected);
			lab_done(&lab);
		}
		free(expected);
		lab_done(&whole);
	}
}

TEST("two phones of one seed do the same, microsecond for microsecond")
{
	struct lab a, b;

	lab_init(&a, "7960");
	lab_init(&b, "7960");
	a.dhcp_mute = b.dhcp_mute = true;
	lab_power_on(&a);
	lab_power_on(&b);
	for (int i = 0; i < 20; i++)
		assert_int_equal(lab_sleep(&a), lab_sleep(&b));
	lab_done(&a);
	lab_done(&b);
}

TEST("a phone whose files are all missing asks each once and starts over with DHCP")
{
	struct lab lab;

	lab_init(&lab, "7960");
	lab.own_file = NULL;
	lab_power_on(&lab);
	lab_sleep(&lab);
	(void)lab_said(&lab);
	assert_in_range(lab_sleep(&lab), DT_SECONDS(30), DT_SECONDS(33));
	assert_string_equal(lab_said(&lab), "address 0.0.0.0\n"
					    "= Configuring IP\n"
					    "dhcp DISCOVER to 255.255.255.255:67\n"
					    "dhcp REQUEST to 255.255.255.255:67\n"
					    "address 10.77.0.51\n"
					    "= Configuring CM List\n"
					    "tftp RRQ CTLSEP001380AD9E5F.tlv\n"
					    "tftp RRQ SEP001380AD9E5F.cnf.xml\n"
					    "tftp RRQ XMLDefault.cnf.xml\n"
					    "tftp RRQ SEP001380AD9E5F.cnf\n"
					    "tftp RRQ SEPDEFAULT.cnf\n");
	assert_int_equal(lab_view(&lab).boots, 2);
	lab_done(&lab);
}

TEST("a phone that is not known takes the default file")
{
	struct lab lab;

	lab_init(&lab, "7961");
	lab.own_file = NULL;
	lab.default_file =
	    "<Default><callManagerGroup><members><member priority=\"0\"><callManager>"
	    "<processNodeName>10.77.0.2</processNodeName></callManager></member>"
	    "</members></callManagerGroup></Default>";
	lab_power_on(&lab);
	lab_sleep_until(&lab, PHONE_REGISTERED);
	assert_string_equal(lab_view(&lab).dn, "1001");
	assert_int_equal(lab_view(&lab).callmanager.ip.b[3], 2);
	lab_done(&lab);
}

TEST("a file that is not well-formed leaves the phone without a CallManager, and it starts over")
{
	struct lab lab;

	lab_init(&lab, "7961");
	lab.own_file = "<device><devicePool></device>";
	lab_power_on(&lab);
	lab_sleep(&lab);
	assert_null(strstr(lab_said(&lab), "tcp"));
	lab.own_file = lab_file_of_one;
	lab_sleep_until(&lab, PHONE_REGISTERED);
	assert_int_equal(lab_view(&lab).boots, 2);
	lab_done(&lab);
}

TEST("without a usable CallManager in the file the phone tries the file server")
{
	static const char *const files[] = {
	    "<device></device>",
	    "<device><devicePool><callManagerGroup><members><member priority=\"0\"><callManager>"
	    "<processNodeName>publisher</processNodeName></callManager></member></members>"
	    "</callManagerGroup></devicePool></device>"};

	for (size_t i = 0; i < 2; i++) {
		struct lab lab;
		lab_init(&lab, "7960");
		lab.own_file = files[i];
		lab_power_on(&lab);
		lab_sleep_until(&lab, PHONE_REGISTERED);
		assert_non_null(strstr(lab_said(&lab), "tcp connect 1 to 10.77.0.1:2000\n"));
		lab_done(&lab);
	}
}

TEST("CallManagers are tried by priority, and a spent list leads back to the files")
{
	struct lab lab;

	lab_init(&lab, "7961");
	lab.own_file = lab_file_of_two;
	lab.tcp_refuse = true;
	lab_power_on(&lab);
	lab_sleep(&lab);
	(void)lab_said(&lab);
	assert_int_equal(phone_state(lab.phone), PHONE_OPENING);
	assert_in_range(lab_sleep(&lab), DT_SECONDS(30), DT_SECONDS(33));
	assert_string_equal(lab_said(&lab), "= Configuring CM List\n"
					    "tftp RRQ CTLSEP001380AD9E5F.tlv\n"
					    "tftp RRQ SEP001380AD9E5F.cnf.xml\n"
					    "tftp ACK 1\n"
					    "tftp ACK 2\n"
					    "= Opening CM\n"
					    "tcp connect 3 to 10.77.0.1:2000\n"
					    "tcp connect 4 to 10.77.0.2:2000\n");
	lab.tcp_refuse = false;
	lab.tcp_refuse_ip = (struct ip4){{10, 77, 0, 1}};
	lab_sleep_until(&lab, PHONE_REGISTERED);
	assert_non_null(strstr(lab_said(&lab), "sccp Alarm \"12: " NAME));
	assert_int_equal(lab_view(&lab).callmanager.ip.b[3], 2);
	lab_done(&lab);
}

TEST("a connect nobody answers is given up for the next CallManager")
{
	struct lab lab;

	lab_init(&lab, "7960");
	lab.own_file = lab_file_of_two;
	lab.tcp_mute = true;
	lab_power_on(&lab);
	lab_sleep(&lab);
	(void)lab_said(&lab);
	lab.tcp_mute = false;
	assert_int_equal(lab_sleep(&lab), DT_SECONDS(15));
	assert_int_equal(phone_state(lab.phone), PHONE_REGISTERED);
	const char *said = lab_said(&lab);
	assert_non_null(strstr(said, "tcp close 1\ntcp connect 2 to 10.77.0.2:2000\n"));
	assert_non_null(strstr(said, "Last=TCP-timeout"));
	lab_done(&lab);
}

static void without_file_server(struct dhcp_message *reply)
{
	struct dhcp_message bare = *reply;

	bare.siaddr = ip4_of(0);
	bare.option_count = 0;
	bare.data_used = 0;
	for (size_t i = 0; i < reply->option_count; i++) {
		uint8_t number = reply->option[i].number;
		if (number != DHCP_OPTION_TFTP_SERVERS)
			(void)dhcp_option_add(&bare, number, dhcp_option_get(reply, number));
	}
	*reply = bare;
}

TEST("without a file server in the lease the phone waits and asks DHCP again")
{
	struct lab lab;

	lab_init(&lab, "7960");
	lab.edit_reply = without_file_server;
	lab_power_on(&lab);
	lab_sleep(&lab);
	assert_null(strstr(lab_said(&lab), "tftp"));
	assert_in_range(lab_sleep(&lab), DT_SECONDS(30), DT_SECONDS(33));
	assert_non_null(strstr(lab_said(&lab), "address 0.0.0.0\n= Configuring IP\ndhcp DISCOVER"));
	lab.edit_reply = NULL;
	lab_sleep_until(&lab, PHONE_REGISTERED);
	lab_done(&lab);
}

TEST("a static phone speaks no DHCP and boots all the same")
{
	struct lab lab;

	lab_init(&lab, "7961");
	lab.config.static_ip = (struct ip4){{10, 77, 0, 99}};
	lab.config.static_tftp = (struct ip4){{10, 77, 0, 1}};
	lab.config.faults.type_instead = 308;
	lab_power_on(&lab);
	lab_sleep_until(&lab, PHONE_REGISTERED);
	const char *said = lab_said(&lab);
	assert_null(strstr(said, "dhcp"));
	assert_non_null(strstr(said, "address 10.77.0.99\n"));
	lab_done(&lab);
}

TEST("garbage on every input at every step changes nothing")
{
	static const uint8_t garbage[] = {0xff, 0x00, 0x03, 0x80, 0x05, 0x00, 0x00};
	struct lab lab, quiet;

	lab_init(&lab, "7961");
	lab_init(&quiet, "7961");
	lab_power_on(&lab);
	lab_power_on(&quiet);
	while (phone_state(lab.phone) != PHONE_REGISTERED) {
		for (size_t n = 0; n <= sizeof garbage; n++) {
			struct slice bytes = harness_guarded(slice_of(garbage, n));
			phone_dhcp_input(lab.phone, bytes, lab.now);
			phone_udp_input(lab.phone, (struct endpoint){{{10, 77, 0, 1}}, 69}, 50000,
					bytes, lab.now);
			phone_tcp_input(lab.phone, 77, bytes, lab.now);
			phone_tcp_closed(lab.phone, 77, true, lab.now);
			phone_tcp_refused(lab.phone, 77, lab.now);
			phone_tcp_open(lab.phone, 77, lab.now);
			phone_udp_refused(lab.phone, 1, lab.now);
		}
		assert_int_equal(lab_sleep(&lab), lab_sleep(&quiet));
	}
	char *said = strdup(lab_said(&lab));
	assert_string_equal(said, lab_said(&quiet));
	free(said);
	lab_done(&lab);
	lab_done(&quiet);
}

TEST("power may go after any action of a boot, and the next boot is whole")
{
	bool whole = false;

	for (size_t cut = 1; !whole; cut++) {
		struct lab lab;
		struct phone_action a;
		lab_init(&lab, "7960");
		lab.actions_left = cut;
		lab_power_on(&lab);
		while (lab.actions_left > 0 && phone_state(lab.phone) != PHONE_REGISTERED)
			(void)lab_sleep(&lab);
		whole = lab.actions_left > 0;
		phone_power_off(lab.phone, lab.now);
		assert_int_equal(phone_deadline(lab.phone), DT_NEVER);
		assert_true(phone_next_action(lab.phone, &a));
		assert_int_equal(a.kind, PHONE_STATE);
		assert_int_equal(a.state, PHONE_OFF);
		assert_false(phone_next_action(lab.phone, &a));
		/* What was under way may still arrive; an unpowered phone does not hear it. */
		lab_unlimited(&lab);
		lab_settle(&lab);
		assert_int_equal(phone_state(lab.phone), PHONE_OFF);
		(void)lab_said(&lab);
		lab_power_on(&lab);
		lab_sleep_until(&lab, PHONE_REGISTERED);
		assert_non_null(strstr(lab_said(&lab), "Last=Initialized"));
		assert_int_equal(lab_view(&lab).boots, 2);
		lab_done(&lab);
	}
}

TEST("an owner that takes no actions gets a phone that starts over, not one with holes")
{
	struct lab lab;

	lab_init(&lab, "7960");
	lab.dhcp_mute = true;
	lab_power_on(&lab);
	for (int i = 0; i < 1000; i++) {
		lab.now = phone_deadline(lab.phone);
		phone_expire(lab.phone, lab.now);
	}
	lab_settle(&lab);
	lab.dhcp_mute = false;
	(void)lab_said(&lab);
	lab_sleep_until(&lab, PHONE_REGISTERED);
	assert_true(lab_view(&lab).boots > 1);
	lab_done(&lab);
}

HARNESS_OOM("a phone short of memory stays out of service and comes back with it")
{
	struct lab lab;
	int result = 0;

	lab_init(&lab, "7961");
	lab.phone = phone_new(&lab.config);
	if (lab.phone == NULL || !lab_has_memory(&lab)) {
		lab_done(&lab);
		return E_NO_MEMORY;
	}
	lab_power_on(&lab);
	for (int i = 0; i < 40 && phone_state(lab.phone) != PHONE_REGISTERED; i++) {
		lab.now = phone_deadline(lab.phone);
		phone_expire(lab.phone, lab.now);
		lab_settle(&lab);
	}
	if (phone_state(lab.phone) != PHONE_REGISTERED) {
		assert_true(alloc_failed());
		result = E_NO_MEMORY;
		alloc_fail_never();
		phone_expire(lab.phone, lab.now); /* it notices that an action was lost */
		lab_settle(&lab);
		lab_sleep_until(&lab, PHONE_REGISTERED);
	}
	lab_done(&lab);
	return result;
}
