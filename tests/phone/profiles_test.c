/* Every model boots, and what it says is its own. */
#include "harness.h"
#include "phone/lab.h"

#include "model/phone_type.h"

/* The published specimen of SEPDEFAULT.cnf, for 10.77.0.1 port 2000. */
static const char binary_file[] = "\x01\x01\xff\x01\x02\x0a\x4d\xff\x01";

static struct dhcp_message dhcp_of(struct lab *lab, const char *model, enum dhcp_type type)
{
	struct dhcp_message m = {.op = 0};

	lab_init(lab, model);
	if (type == DHCP_DISCOVER)
		lab->dhcp_mute = true;
	lab_power_on(lab);
	while (lab->last_dhcp.len == 0)
		(void)lab_sleep(lab);
	assert_int_equal(dhcp_decode(slice_of(lab->last_dhcp.bytes, lab->last_dhcp.len), &m, NULL),
			 0);
	assert_int_equal(m.type, type);
	return m;
}

static void assert_order(const struct dhcp_message *m, const char *expected)
{
	char got[128] = "";
	size_t at = 0;

	for (size_t i = 0; i < m->option_count; i++)
		at += (size_t)snprintf(got + at, sizeof got - at, "%s%u", i == 0 ? "" : ",",
				       m->option[i].number);
	assert_string_equal(got, expected);
}

TEST("every model comes up, with the name and number of its type, and stays up")
{
	for (size_t i = 0; phone_profile_at(i) != NULL; i++) {
		const struct phone_profile *profile = phone_profile_at(i);
		struct lab lab;
		if (strcmp(profile->load_suffix, ".bin") == 0 && profile->protocol_version == 0)
			continue; /* its file has NULs: the next test */
		lab_init(&lab, profile->name);
		lab_power_on(&lab);
		lab_sleep_until(&lab, PHONE_REGISTERED);
		assert_int_equal(lab_view(&lab).unanswered, 0);
		for (int k = 0; k < 30; k++)
			(void)lab_sleep(&lab);
		assert_int_equal(phone_state(lab.phone), PHONE_REGISTERED);
		assert_ptr_equal(phone_profile_find(profile->name), profile);
		assert_non_null(phone_type_find(profile->type));
		lab_done(&lab);
	}
}

TEST("no two models share a name or a type number, and each asks for its option 150")
{
	for (size_t i = 0; phone_profile_at(i) != NULL; i++) {
		const struct phone_profile *a = phone_profile_at(i);
		assert_non_null(memchr(a->prl, 150, sizeof a->prl));
		assert_int_equal(a->options[0], 53);
		assert_non_null(a->file[0].pattern);
		for (size_t k = 0; k < i; k++) {
			assert_string_not_equal(phone_profile_at(k)->name, a->name);
			assert_int_not_equal(phone_profile_at(k)->type, a->type);
		}
	}
}

TEST("a profile is found by the model's and the product's name too")
{
	assert_string_equal(phone_profile_find("CP-7961G-GE")->name, "7961-GE");
	assert_string_equal(phone_profile_find("cp-7912")->name, "7912");
	assert_string_equal(phone_profile_find("IP Communicator")->name, "CIPC");
	assert_null(phone_profile_find("9971"));
	assert_null(phone_profile_find(""));
}

TEST("a 7912 has option 43, no CP- and no NUL, and its REQUEST asks for 51")
{
	static const uint8_t discover[] = {1, 3, 6, 15, 35, 66, 150};
	static const uint8_t request[] = {1, 3, 6, 15, 35, 66, 51, 150};
	struct lab lab;
	struct dhcp_message m = dhcp_of(&lab, "7912", DHCP_DISCOVER);

	assert_order(&m, "53,61,60,43,12,55");
	assert_true(
	    slice_equal(dhcp_option_get(&m, 60), slice_text("Cisco Systems, Inc. IP Phone 7912")));
	assert_true(slice_equal(dhcp_option_get(&m, 55), slice_of(discover, sizeof discover)));
	lab_done(&lab);
	m = dhcp_of(&lab, "7912", DHCP_REQUEST);
	assert_true(slice_equal(dhcp_option_get(&m, 55), slice_of(request, sizeof request)));
	lab_done(&lab);
}

TEST("a 7910 names no model, and asks for the address it had")
{
	struct lab lab;
	struct dhcp_message m = dhcp_of(&lab, "7910", DHCP_DISCOVER);

	assert_order(&m, "53,61,12,60,55");
	assert_true(
	    slice_equal(dhcp_option_get(&m, 60), slice_of("Cisco Systems, Inc. IP Phone", 29)));
	lab.dhcp_mute = false;
	lab_sleep_until(&lab, PHONE_REGISTERED);
	phone_power_off(lab.phone, lab.now);
	lab.dhcp_mute = true;
	lab_power_on(&lab);
	lab_sleep_until(&lab, PHONE_DHCP);
	assert_int_equal(dhcp_decode(slice_of(lab.last_dhcp.bytes, lab.last_dhcp.len), &m, NULL),
			 0);
	assert_order(&m, "53,61,12,60,50,55");
	lab_done(&lab);
}

TEST("a remembered address is asked for without DISCOVER; a NAK or silence leads to one")
{
	for (int silent = 0; silent < 2; silent++) {
		struct lab lab;
		lab_init(&lab, "7961");
		lab.config.faults.remembered_ip = (struct ip4){{192, 168, 7, 7}};
		lab.naks = 1;
		lab.dhcp_mute = silent != 0;
		lab_power_on(&lab);
		while (lab.last_dhcp.len == 0)
			(void)lab_sleep(&lab);
		const char *said = lab_said(&lab);
		assert_non_null(strstr(said, "= Configuring IP\ndhcp REQUEST"));
		if (silent == 0)
			assert_non_null(strstr(said, "dhcp REQUEST to 255.255.255.255:67\n"
						     "dhcp DISCOVER"));
		for (int i = 0; i < 3 && silent != 0; i++)
			(void)lab_sleep(&lab);
		lab.dhcp_mute = false;
		lab_sleep_until(&lab, PHONE_REGISTERED);
		lab_done(&lab);
	}
}

TEST("a 7965 asks by HTTP first, takes what comes, and falls back to TFTP file by file")
{
	struct lab lab;

	lab_init(&lab, "7965");
	lab.http = true;
	lab_power_on(&lab);
	lab_sleep_until(&lab, PHONE_REGISTERED);
	const char *said = lab_said(&lab);
	assert_non_null(strstr(said, "http GET CTLSEP001380AD9E5F.tlv\ntcp close 1\n"
				     "tftp RRQ CTLSEP001380AD9E5F.tlv\n"));
	assert_non_null(strstr(said, "http GET " LAB_OWN_FILE "\ntcp close 4\n"));
	assert_null(strstr(said, "tftp RRQ " LAB_OWN_FILE));
	assert_non_null(strstr(said, "tftp RRQ /be-sccp.jar\n"));
	assert_non_null(strstr(said, "sccp RegisterTokenReq\n"));
	lab_done(&lab);
}

TEST("however TCP cuts the answer to a GET, the phone takes the same file")
{
	for (size_t n = 1; n < 80; n++) {
		struct lab lab;
		lab_init(&lab, "7965");
		lab.http = true;
		lab.split = n;
		lab_power_on(&lab);
		lab_sleep_until(&lab, PHONE_REGISTERED);
		assert_null(strstr(lab_said(&lab), "tftp RRQ " LAB_OWN_FILE));
		lab_done(&lab);
	}
}

TEST("a silent port 6970 costs its time once a boot")
{
	struct lab lab;

	lab_init(&lab, "7965");
	lab.http = true;
	lab.http_mute = true;
	lab_power_on(&lab);
	lab_sleep_until(&lab, PHONE_FILES);
	(void)lab_said(&lab);
	assert_int_equal(lab_sleep(&lab), DT_SECONDS(4));
	lab_sleep_until(&lab, PHONE_REGISTERED);
	assert_null(strstr(lab_said(&lab), "http GET"));
	lab_done(&lab);
}

TEST("a 7921 uses one port for all its transfers, and asks for its WLAN files")
{
	struct lab lab;

	lab_init(&lab, "7921");
	lab_power_on(&lab);
	lab_sleep_until(&lab, PHONE_REGISTERED);
	assert_int_equal(lab.last_udp.local_port, 1024);
	const char *said = lab_said(&lab);
	assert_non_null(strstr(said, "tftp RRQ WLAN001380AD9E5F.xml\ntftp RRQ WLANDefault.xml\n"
				     "tftp RRQ " LAB_OWN_FILE "\n"));
	assert_non_null(strstr(said, "tftp RRQ DistinctiveRingList.xml\n"
				     "tftp RRQ /7921-dictionary.xml\n"
				     "tftp RRQ /7921-kate.utf-8.xml\n"
				     "tftp RRQ /7921-font.dat\n= Opening CM\n"));
	lab_done(&lab);
}

TEST("a pause between files and questions is kept, and left out for load tests")
{
	struct phone_profile slow = *phone_profile_find("7961");

	slow.file_gap_us = DT_SECONDS(1);
	slow.question_gap_us = DT_MS(100);
	for (int unpaced = 0; unpaced < 2; unpaced++) {
		struct lab lab;
		lab_init(&lab, "7961");
		lab.config.profile = &slow;
		lab.config.unpaced = unpaced != 0;
		lab_power_on(&lab);
		dt_time began = lab.now;
		if (unpaced != 0) {
			phone_expire(lab.phone, lab.now);
			lab_settle(&lab);
		}
		lab_sleep_until(&lab, PHONE_REGISTERED);
		assert_int_equal(lab.now - began > DT_SECONDS(1), unpaced == 0);
		assert_int_equal(lab.now == began, unpaced != 0);
		lab_done(&lab);
	}
}

TEST("a 12 SP+ reads the binary file, asks everything at once, and accepts silence to keepalives")
{
	struct lab lab;
	static char file[57];

	memcpy(file, binary_file, sizeof binary_file - 1);
	file[2] = 0;
	file[7] = 0;
	lab_init(&lab, "12SP+");
	lab.more_name = "SEPDEFAULT.cnf";
	lab.more_file = file;
	lab.more_len = 56;
	file[11] = (char)0xd0;
	file[12] = 0x07;
	lab.skip = SCCP_KEEP_ALIVE_ACK;
	lab_power_on(&lab);
	lab_sleep_until(&lab, PHONE_REGISTERED);
	const char *said = lab_said(&lab);
	assert_non_null(strstr(said, "tftp RRQ SEP001380AD9E5F.cnf\ntftp RRQ SEPDEFAULT.cnf\n"));
	assert_non_null(strstr(said,
			       "= Registering\nsccp Register\nsccp IpPort\n"
			       "sccp CapabilitiesRes\nsccp ButtonTemplateReq\n"
			       "sccp ConfigStatReq\nsccp LineStatReq 1\nsccp ForwardStatReq 1\n"
			       "sccp TimeDateReq\n"));
	for (int i = 0; i < 30; i++)
		(void)lab_sleep(&lab);
	assert_int_equal(phone_state(lab.phone), PHONE_REGISTERED);
	lab_done(&lab);
}
