/* Loads, trust lists and what flash keeps. */
#include "harness.h"
#include "phone/lab.h"

#define CONFIG_OF(load)                                                                            \
	"<device><devicePool><callManagerGroup><members><member priority=\"0\"><callManager>"      \
	"<processNodeName>10.77.0.1</processNodeName></callManager></member></members>"            \
	"</callManagerGroup></devicePool><loadInformation>" load "</loadInformation></device>"

static void init_with_load(struct lab *lab)
{
	lab_init(lab, "7961");
	lab->own_file = CONFIG_OF("SCCP41.9-4-2SR3-1S");
	lab->more_name = "SCCP41.9-4-2SR3-1S.loads";
	lab->more_file =
	    "# a load\r\njar41sccp.9-4-2.sbn\r\ncnu41.9-4-2.sbn \r\nLA_VERSION=PAS30830\r\n"
	    "apps41.9-4-2.sbn\r\n";
}

TEST("another load is fetched file by file, and the phone boots with it")
{
	struct lab lab;

	init_with_load(&lab);
	lab_power_on(&lab);
	lab_sleep_until(&lab, PHONE_REGISTERED);
	const char *said = lab_said(&lab);
	assert_non_null(strstr(said, "= Upgrading Software\n"
				     "tftp RRQ SCCP41.9-4-2SR3-1S.loads\ntftp ACK 1\n"
				     "tftp RRQ jar41sccp.9-4-2.sbn\ntftp ACK 1\n"
				     "tftp RRQ cnu41.9-4-2.sbn\ntftp ACK 1\n"
				     "tftp RRQ apps41.9-4-2.sbn\ntftp ACK 1\n"
				     "address 0.0.0.0\n= Loading\n"));
	assert_non_null(strstr(said, "Load=SCCP41.9-4-2SR3-1S Last=Initialized"));
	struct phone_view view = lab_view(&lab);
	assert_string_equal(view.load, "SCCP41.9-4-2SR3-1S");
	assert_int_equal(view.upgrades, 1);
	assert_int_equal(view.boots, 2);
	/* The load survives the power, but not a factory reset. */
	phone_power_off(lab.phone, lab.now);
	lab_settle(&lab);
	assert_string_equal(lab_view(&lab).load, "SCCP41.9-4-2SR3-1S");
	phone_factory_reset(lab.phone);
	assert_string_equal(lab_view(&lab).load, lab.config.profile->load);
	lab_done(&lab);
}

TEST("a load that misses a file is not run, and the alarm says so")
{
	static const char *const missing[] = {"SCCP41.9-4-2SR3-1S.loads", "apps41.9-4-2.sbn"};

	for (size_t i = 0; i < 2; i++) {
		struct lab lab;
		init_with_load(&lab);
		lab.missing_file = missing[i];
		lab_power_on(&lab);
		lab_sleep_until(&lab, PHONE_REGISTERED);
		assert_non_null(strstr(lab_said(&lab), "sccp Alarm \"6: "));
		assert_int_equal(lab_view(&lab).upgrades, 0);
		lab_done(&lab);
	}
}

TEST("the load it runs, with suffix or without, and another model's load are not fetched")
{
	static const char *const files[] = {CONFIG_OF("P00308010200"),
					    CONFIG_OF("P00308010200.loads"),
					    CONFIG_OF("SCCP41.9-4-2SR3-1S"), CONFIG_OF("")};

	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		struct lab lab;
		lab_init(&lab, "7960");
		lab.own_file = files[i];
		lab_power_on(&lab);
		lab_sleep_until(&lab, PHONE_REGISTERED);
		assert_null(strstr(lab_said(&lab), "Upgrading"));
		lab_done(&lab);
	}
}

TEST("a phone that holds a trust list asks only for signed names, and keeps what it has")
{
	struct lab lab;

	lab_boot(&lab, "7961");
	lab.more_name = "CTLSEP001380AD9E5F.tlv";
	lab.more_file = "\x01\x02";
	phone_power_off(lab.phone, lab.now);
	lab_settle(&lab);
	(void)lab_said(&lab);
	lab_power_on(&lab);
	lab_sleep_until(&lab, PHONE_REGISTERED);
	const char *said = lab_said(&lab);
	assert_non_null(strstr(said, "tftp RRQ " LAB_OWN_FILE ".sgn\n"));
	assert_non_null(strstr(said, "tftp RRQ XMLDefault.cnf.xml.sgn\n"));
	assert_null(strstr(said, "tftp RRQ " LAB_OWN_FILE "\n"));
	/* After a factory reset it has nothing to keep. */
	phone_power_off(lab.phone, lab.now);
	phone_factory_reset(lab.phone);
	lab_settle(&lab);
	lab_power_on(&lab);
	(void)lab_sleep(&lab);
	assert_int_equal(phone_state(lab.phone), PHONE_FILES);
	assert_null(strstr(lab_said(&lab), "tcp connect"));
	lab_done(&lab);
}

TEST("a silent file server leaves a phone with the configuration it kept")
{
	struct lab lab;

	lab_boot(&lab, "7961");
	phone_power_off(lab.phone, lab.now);
	lab_settle(&lab);
	lab.tftp_mute = true;
	lab_power_on(&lab);
	lab_sleep_until(&lab, PHONE_REGISTERED);
	lab_done(&lab);
}

#define BROKEN_FILE "<device><deviceProtocol>SCCP</deviceProtokol></device>"

TEST("a file whose XML does not close is refused: the phone goes on with what it had")
{
	struct lab lab;

	lab_boot(&lab, "7961");
	lab.own_file = BROKEN_FILE;
	lab.default_file = lab_file_of_two;
	phone_power_off(lab.phone, lab.now);
	lab_settle(&lab);
	(void)lab_said(&lab);
	lab_power_on(&lab);
	lab_sleep_until(&lab, PHONE_REGISTERED);
	assert_null(strstr(lab_said(&lab), "XMLDefault"));
	assert_int_equal(lab_view(&lab).registrations, 2);
	lab_done(&lab);
}

TEST("with nothing it had it asks again and again, and never takes the default file instead")
{
	struct lab lab;

	lab_init(&lab, "7961");
	lab.own_file = BROKEN_FILE;
	lab.default_file = lab_file_of_one;
	lab_power_on(&lab);
	for (int i = 0; i < 20; i++)
		(void)lab_sleep(&lab);
	const char *said = lab_said(&lab);
	assert_null(strstr(said, "XMLDefault"));
	assert_null(strstr(said, "tcp connect"));
	assert_true(lab_view(&lab).boots > 1);
	/* Mended, it is read. */
	lab.own_file = lab_file_of_one;
	lab_sleep_until(&lab, PHONE_REGISTERED);
	lab_done(&lab);
}

TEST("a registered phone that is told to read its file again does not mind a broken one")
{
	struct lab lab;

	lab_boot(&lab, "7961");
	lab.own_file = BROKEN_FILE;
	lab_send(&lab, &(struct sccp_message){.id = SCCP_RESET, .value = 3});
	lab_settle(&lab);
	assert_non_null(strstr(lab_said(&lab), "tftp RRQ " LAB_OWN_FILE));
	assert_int_equal(phone_state(lab.phone), PHONE_REGISTERED);
	assert_int_equal(lab_view(&lab).registrations, 1);
	lab_done(&lab);
}

TEST("a phone set up as another asks and registers under that name")
{
	struct lab lab;

	lab_init(&lab, "7961");
	lab.config.faults.claim = (struct mac){{0x00, 0x13, 0x80, 0xff, 0xff, 0x01}};
	lab.more_name = "SEP001380FFFF01.cnf.xml";
	lab.more_file = CONFIG_OF("");
	lab_power_on(&lab);
	lab_sleep_until(&lab, PHONE_REGISTERED);
	assert_non_null(strstr(lab_said(&lab), "Name=SEP001380FFFF01"));
	lab_done(&lab);
}

TEST("phones that share a memory of files read each default file as their own model reads it")
{
	static const char file[] =
	    "<Default><callManagerGroup><members><member priority=\"0\"><callManager><ports>"
	    "<ethernetPhonePort>2000</ethernetPhonePort></ports><processNodeName>10.77.0.1"
	    "</processNodeName></callManager></member></members></callManagerGroup>"
	    "<loadInformation7 model=\"IP Phone 7960\">P00308010299</loadInformation7></Default>";
	static const char *const models[] = {"7961", "7960", "7960", "7961"};
	struct phone_memo *memo = phone_memo_new();

	for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
		struct lab lab;
		lab_init(&lab, models[i]);
		lab.config.memo = memo;
		lab.own_file = NULL;
		lab.default_file = file;
		lab_power_on(&lab);
		(void)lab_sleep(&lab);
		bool wanted = strstr(lab_said(&lab), "RRQ P00308010299.loads") != NULL;
		assert_int_equal(wanted, i == 1 || i == 2);
		lab_done(&lab);
	}
	phone_memo_free(memo);
}
