/* What each family puts on the wire, byte for byte, against the fingerprints of real phones: the
 * options of DISCOVER in their order, option 60 with its quirks, option 55, the files in their
 * order, and what Register offers. Evidence: docs/protocol/phone.md. */
#include "harness.h"
#include "phone/lab.h"

#define MAKER "Cisco Systems, Inc. IP Phone"
#define P_OLD "1,66,6,3,15,150,35"

// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): the order of a row's columns
static const struct fingerprint {
	const char *model;
	const char *order; /* of DISCOVER; 50 where the phone remembers an address */
	const char *vendor_class;
	bool nul;
	const char *parameters;
	unsigned ttl, size;
	const char *files;
	unsigned type, version, body;
} rows[] = {
    {"7910", "53,61,12,60,50,55", MAKER, true, P_OLD, 64, 300,
     "SEP%.cnf.xml XMLDefault.cnf.xml SEP%.cnf SEPDEFAULT.cnf", 6, 2, 68},
    {"7960", "53,61,12,60,55", MAKER " CP-7960G", true, P_OLD, 64, 300,
     "CTLSEP%.tlv SEP%.cnf.xml XMLDefault.cnf.xml SEP%.cnf SEPDEFAULT.cnf", 7, 11, 68},
    {"7940", "53,61,12,60,55", MAKER " CP-7940G", true, P_OLD, 64, 300,
     "CTLSEP%.tlv SEP%.cnf.xml XMLDefault.cnf.xml SEP%.cnf SEPDEFAULT.cnf", 8, 11, 68},
    {"7911", "53,61,12,60,55", MAKER " CP-7911G", true, P_OLD, 64, 548,
     "CTLSEP%.tlv SEP%.cnf.xml XMLDefault.cnf.xml", 307, 17, 124},
    {"7961-GE", "53,61,12,60,55", MAKER " CP-7961G-GE", true, P_OLD, 64, 548,
     "CTLSEP%.tlv SEP%.cnf.xml XMLDefault.cnf.xml", 308, 17, 124},
    {"7965", "53,61,12,60,55", MAKER " CP-7965G", true, P_OLD, 64, 548,
     "CTLSEP%.tlv ITLSEP%.tlv ITLFile.tlv SEP%.cnf.xml XMLDefault.cnf.xml", 436, 22, 124},
    {"7905", "53,61,60,43,12,50,55", MAKER " 7905", false, "1,3,6,15,35,66,150", 250, 300,
     "SEP%.cnf.xml XMLDefault.cnf.xml gk%L gkdefault.cfg", 20000, 11, 68},
    {"7912", "53,61,60,43,12,50,55", MAKER " 7912", false, "1,3,6,15,35,66,150", 250, 300,
     "SEP%.cnf.xml XMLDefault.cnf.xml gk%L gkdefault.cfg", 30007, 8, 68},
    {"7920", "53,61,12,60,55", MAKER " 7920", true, P_OLD, 64, 300,
     "SEP%.cnf.xml XMLDefault.cnf.xml", 30002, 5, 68},
    {"7921", "53,61,12,60,55", "Cisco Systems Inc. Wireless Phone 7921", false, P_OLD, 64, 300,
     "CTLSEP%.tlv WLAN%.xml WLANDefault.xml SEP%.cnf.xml XMLDefault.cnf.xml", 365, 22, 124},
    {"7935", "53,57,55,12,60,61", MAKER " CP-7935", false, "1,28,66,6,15,3,35,150", 32, 300,
     "SEP%.cnf.xml XMLDefault.cnf.xml SEP%.cnf SEPDEFAULT.cnf", 9, 4, 44},
    {"7937", "53,51,12,60,61,55", MAKER " CP-7937G", false, "1,3,6,15,35,66,150", 64, 300,
     "CTLSEP%.tlv SEP%.cnf.xml XMLDefault.cnf.xml", 431, 22, 124},
    {"6901", "53,61,12,60,55", "Cisco Systems, Inc.", false, P_OLD, 64, 300,
     "CTLSEP%.tlv ITLSEP%.tlv ITLFile.tlv SEP%.cnf.xml XMLDefault.cnf.xml", 547, 20, 124},
    {"6921", "53,61,12,60,55", MAKER " CP-6921", false, P_OLD, 64, 300,
     "CTLSEP%.tlv ITLSEP%.tlv ITLFile.tlv SEP%.cnf.xml XMLDefault.cnf.xml", 495, 20, 124},
    {"8945", "53,51,12,55,60,61", "Cisco System, Inc. IP Phone CP-8945", false,
     "1,3,15,6,12,35,66,150", 64, 300,
     "CTLSEP%.tlv ITLSEP%.tlv ITLFile.tlv SEP%.cnf.xml XMLDefault.cnf.xml", 585, 22, 124},
    {"ATA186", "53,61,60,43,12,50,55", "Cisco Systems, Inc. ATA186", false, "1,3,6,15,42,66,150",
     250, 300, "ATA%.cnf.xml XMLDefault.cnf.xml ata%L atadefault.cfg", 12, 33, 68},
    {"ATA188", "53,61,60,43,12,50,55", "Cisco Systems, Inc. ATA188", false, "1,3,6,12,15,42,66,150",
     250, 300, "ATA%.cnf.xml XMLDefault.cnf.xml ata%L atadefault.cfg", 13, 33, 68},
    {"CIPC", "53,61,12,60,55", MAKER " CP-CIPC", true, P_OLD, 128, 300,
     "CTLSEP%.tlv ITLSEP%.tlv SEP%.cnf.xml XMLDefault.cnf.xml", 30016, 22, 124},
};

static void list(char *to, size_t size, const uint8_t *number, size_t count)
{
	size_t at = 0;

	to[0] = 0;
	for (size_t i = 0; i < count; i++)
		at += (size_t)snprintf(to + at, size - at, "%s%u", i == 0 ? "" : ",", number[i]);
}

/* The second boot's DISCOVER: that of a phone with an address in its memory. */
static struct dhcp_message second_discover(struct lab *lab, const struct fingerprint *row)
{
	struct dhcp_message m = {.op = 0};

	lab_boot(lab, row->model);
	phone_power_off(lab->phone, lab->now);
	lab->dhcp_mute = true;
	lab_power_on(lab);
	lab_sleep_until(lab, PHONE_DHCP);
	assert_int_equal(dhcp_decode(slice_of(lab->last_dhcp.bytes, lab->last_dhcp.len), &m, NULL),
			 0);
	assert_int_equal(m.type, DHCP_DISCOVER);
	return m;
}

static void assert_host_name(const struct dhcp_message *m, const struct fingerprint *row)
{
	bool adapter = strncmp(row->model, "ATA", 3) == 0;

	assert_true(slice_equal(dhcp_option_get(m, 12),
				slice_text(adapter ? "ATA001380AD9E5F" : "SEP001380AD9E5F")));
}

TEST("DISCOVER of each family is the real one's: options in order, 60 to its last byte, 55, size")
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct fingerprint *row = &rows[i];
		struct lab lab;
		struct dhcp_message m = second_discover(&lab, row);
		uint8_t number[32];
		char got[128];

		for (size_t k = 0; k < m.option_count && k < sizeof number; k++)
			number[k] = m.option[k].number;
		list(got, sizeof got, number, m.option_count);
		assert_string_equal(got, row->order);
		struct slice class =
		    slice_of(row->vendor_class, strlen(row->vendor_class) + (row->nul ? 1 : 0));
		assert_true(slice_equal(dhcp_option_get(&m, 60), class));
		struct slice prl = dhcp_option_get(&m, 55);
		list(got, sizeof got, prl.ptr, prl.len);
		assert_string_equal(got, row->parameters);
		assert_true(slice_equal(dhcp_option_get(&m, 61),
					slice_of("\x01\x00\x13\x80\xad\x9e\x5f", 7)));
		assert_host_name(&m, row);
		assert_int_equal(m.flags, DHCP_FLAG_BROADCAST);
		if (row->size > 300)
			assert_int_equal(lab.last_dhcp.len, row->size);
		else
			assert_in_range(lab.last_dhcp.len, 300, 400);
		assert_int_equal(lab.config.profile->ttl, row->ttl);
		lab_done(&lab);
	}
}

/* "SEP%.cnf.xml", "gk%L": the MAC in upper or lower case. */
static void expand(const char *word, size_t len, char *to, size_t size)
{
	const char *at = memchr(word, '%', len);
	size_t before = at == NULL ? len : (size_t)(at - word);
	bool lower = at != NULL && before + 1 < len && at[1] == 'L';
	size_t skip = before + (at == NULL ? 0u : lower ? 2u : 1u);

	(void)snprintf(to, size, "%.*s%s%.*s", (int)before, word,
		       at == NULL ? ""
		       : lower    ? "001380ad9e5f"
				  : "001380AD9E5F",
		       (int)(len - skip), word + skip);
}

TEST(
    "with none of its files there each family asks them in the real one's order, HTTP first or not")
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct fingerprint *row = &rows[i];
		struct lab lab;
		lab_init(&lab, row->model);
		lab.own_file = NULL;
		lab_power_on(&lab);
		lab_sleep_until(&lab, PHONE_FILES);
		for (int k = 0; k < 4; k++) /* its pauses */
			(void)lab_sleep(&lab);
		const char *said = lab_said(&lab);
		for (const char *word = row->files; *word != 0;) {
			size_t len = strcspn(word, " ");
			char name[64];
			char line[80];
			expand(word, len, name, sizeof name);
			(void)snprintf(line, sizeof line, "tftp RRQ %s\n", name);
			said = strstr(said, line);
			if (said == NULL)
				fail_msg("%s does not ask %s in its turn", row->model, name);
			word += len + (word[len] == ' ');
		}
		lab_done(&lab);
	}
}

TEST("Register of each family has the real one's type, version and length")
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct fingerprint *row = &rows[i];
		struct lab lab;
		lab_init(&lab, row->model);
		lab.reject = true;
		lab_power_on(&lab);
		lab_sleep_until(&lab, PHONE_REJECTED);
		assert_int_equal(lab.last_register.device_type, row->type);
		assert_int_equal(lab.last_register.protocol_version,
				 row->body > 40 ? row->version : 0);
		assert_int_equal(lab.last_register.body_size, row->body);
		lab_done(&lab);
	}
}

TEST("an XmlAlarm beside the Alarm says the VLAN; a 6911 greets with a KeepAlive before its token")
{
	struct lab lab;

	lab_init(&lab, "7965");
	lab_power_on(&lab);
	lab_sleep_until(&lab, PHONE_REGISTERED);
	assert_non_null(
	    strstr(lab_said(&lab), " Last=Initialized\"\nsccp XmlAlarm\nsccp RegisterTokenReq\n"));
	lab_done(&lab);
	lab_init(&lab, "6911");
	lab_power_on(&lab);
	lab_sleep_until(&lab, PHONE_REGISTERED);
	assert_non_null(strstr(lab_said(&lab), "\"\nsccp KeepAlive\nsccp RegisterTokenReq\n"));
	lab_done(&lab);
}

TEST("files come with the pauses that were logged of a 7942: a second, and four before the locale")
{
	struct lab lab;
	dt_time at[3] = {0};

	lab_init(&lab, "7942");
	lab_power_on(&lab);
	while (phone_state(lab.phone) != PHONE_REGISTERED) {
		const char *said = NULL;
		(void)lab_sleep(&lab);
		said = lab_said(&lab);
		at[0] = strstr(said, "RRQ ITLSEP") != NULL ? lab.now : at[0];
		at[1] = strstr(said, "RRQ ITLFile.tlv") != NULL ? lab.now : at[1];
		at[2] = strstr(said, "RRQ /mk-sccp.jar") != NULL ? lab.now : at[2];
	}
	assert_int_equal(at[1] - at[0], DT_SECONDS(1));
	assert_int_equal(at[2] - at[1], DT_SECONDS(4));
	lab_done(&lab);
}
