#include "harness.h"
#include "phone/lab.h"

#include "proto/dns/dns.h"

#define MEMBER(name)                                                                               \
	"<member priority=\"0\"><callManager><ports><ethernetPhonePort>2000</ethernetPhonePort>"   \
	"</ports><processNodeName>" name "</processNodeName></callManager></member>"
#define FILE_OF(members)                                                                           \
	"<device><deviceProtocol>SCCP</"                                                           \
	"deviceProtocol><devicePool><callManagerGroup><members>" members                           \
	"</members></callManagerGroup></devicePool></device>"

static const struct ip4 resolved = {{10, 77, 0, 7}};

/* The reply without a server in option 150 and siaddr where `file_server` is given, and with what
 * names need. */
static void add_names(struct dhcp_message *reply, const char *file_server)
{
	const uint8_t two[] = {10, 77, 0, 53, 10, 77, 0, 54};
	struct dhcp_message named = *reply;

	named.option_count = 0;
	for (size_t i = 0; i < reply->option_count; i++) {
		uint8_t number = reply->option[i].number;
		if (file_server == NULL || number != DHCP_OPTION_TFTP_SERVERS)
			(void)dhcp_option_add(&named, number, dhcp_option_get(reply, number));
	}
	(void)dhcp_option_add(&named, DHCP_OPTION_DNS, slice_of(two, sizeof two));
	(void)dhcp_option_add_text(&named, DHCP_OPTION_DOMAIN_NAME, "example.com");
	if (file_server != NULL) {
		named.siaddr = ip4_of(0);
		(void)dhcp_option_add_text(&named, DHCP_OPTION_TFTP_NAME, file_server);
	}
	*reply = named;
}

static void name_dns(struct dhcp_message *reply)
{
	add_names(reply, NULL);
}

static void name_file_server(struct dhcp_message *reply)
{
	add_names(reply, "tftp.example.com");
}

static void init(struct lab *lab, void (*edit)(struct dhcp_message *), const char *file)
{
	lab_init(lab, "7960");
	lab->edit_reply = edit;
	lab->dns_ip = resolved;
	lab->own_file = file;
}

/* Powered on, to its first question to DNS; all it said, and that too. */
static const char *until_asked(struct lab *lab)
{
	lab_power_on(lab);
	while (strstr(buf_cstr(&lab->trace), "dns ") == NULL)
		(void)lab_sleep(lab);
	return lab_said(lab);
}

TEST("a file server given by name in option 66 is resolved before a file is asked")
{
	struct lab lab;

	init(&lab, name_file_server, lab_file_of_one);
	lab.dns_name = "tftp.example.com";
	lab_power_on(&lab);
	lab_sleep_until(&lab, PHONE_REGISTERED);
	const char *said = lab_said(&lab);
	const char *dns = strstr(said, "dns tftp.example.com to 10.77.0.53:53\n");
	assert_non_null(dns);
	assert_non_null(strstr(dns, "tftp RRQ " LAB_OWN_FILE));
	assert_true(strstr(said, "tftp RRQ") > dns);
	assert_true(ip4_equal(lab.last_udp.to.ip, resolved));
	lab_done(&lab);
}

TEST("silent DNS servers are asked three times each; then DHCP begins again, and no file is asked")
{
	struct lab lab;

	init(&lab, name_file_server, lab_file_of_one);
	(void)until_asked(&lab);
	dt_time slept = 0;
	for (int i = 0; i < 6; i++)
		slept += lab_sleep(&lab);
	assert_string_equal(lab_said(&lab), "dns tftp.example.com to 10.77.0.53:53\n"
					    "dns tftp.example.com to 10.77.0.53:53\n"
					    "dns tftp.example.com to 10.77.0.54:53\n"
					    "dns tftp.example.com to 10.77.0.54:53\n"
					    "dns tftp.example.com to 10.77.0.54:53\n");
	assert_int_equal(slept, DT_SECONDS(30));
	(void)lab_sleep(&lab);
	assert_non_null(strstr(lab_said(&lab), "dhcp DISCOVER"));
	lab_done(&lab);
}

TEST("a name in the CallManager list is resolved, the domain put behind one without a dot")
{
	struct lab lab;

	init(&lab, name_dns, FILE_OF(MEMBER("cucm1")));
	lab.dns_name = "cucm1.example.com";
	lab_power_on(&lab);
	lab_sleep_until(&lab, PHONE_REGISTERED);
	assert_true(ip4_equal(lab_view(&lab).callmanager.ip, resolved));
	assert_non_null(strstr(lab_said(&lab), "dns cucm1.example.com to 10.77.0.53:53\n"));
	lab_done(&lab);
}

TEST("a member whose name DNS does not know is left out, and the next one is called")
{
	struct lab lab;

	init(&lab, name_dns, FILE_OF(MEMBER("gone") MEMBER("10.77.0.2")));
	lab.dns_rcode = DNS_NO_SUCH_NAME;
	lab_power_on(&lab);
	lab_sleep_until(&lab, PHONE_REGISTERED);
	assert_int_equal(ip4_number(lab_view(&lab).callmanager.ip), 0x0a4d0002);
	const char *said = lab_said(&lab);
	assert_non_null(strstr(said, "dns gone.example.com to 10.77.0.53:53\n"));
	assert_null(strstr(said, "10.77.0.54:53"));
	lab_done(&lab);
}

TEST("where no name of the list can be resolved the phone calls its file server")
{
	struct lab lab;

	init(&lab, name_dns, FILE_OF(MEMBER("cucm1") MEMBER("cucm2.example.com")));
	lab_power_on(&lab);
	lab_sleep_until(&lab, PHONE_REGISTERED);
	assert_int_equal(ip4_number(lab_view(&lab).callmanager.ip), 0x0a4d0001);
	const char *said = lab_said(&lab);
	assert_non_null(strstr(said, "dns cucm1.example.com to 10.77.0.54:53\n"));
	assert_non_null(strstr(said, "dns cucm2.example.com to 10.77.0.54:53\n"));
	lab_done(&lab);
}

TEST("without a DNS server nothing is asked, and the file server is called at once")
{
	struct lab lab;

	init(&lab, NULL, FILE_OF(MEMBER("cucm1")));
	lab_power_on(&lab);
	lab_sleep_until(&lab, PHONE_REGISTERED);
	assert_int_equal(ip4_number(lab_view(&lab).callmanager.ip), 0x0a4d0001);
	assert_null(strstr(lab_said(&lab), "dns "));
	lab_done(&lab);
}

TEST("a DNS server that fails, or is not there at all, sends the question to the second one")
{
	struct lab lab;

	init(&lab, name_file_server, lab_file_of_one);
	lab.dns_name = "tftp.example.com";
	lab.dns_mute_ip = (struct ip4){{10, 77, 0, 53}};
	(void)until_asked(&lab);
	assert_int_equal(lab.last_udp.to.ip.b[3], 53);
	phone_udp_refused(lab.phone, lab.last_udp.local_port, lab.now);
	lab_settle(&lab);
	assert_non_null(strstr(lab_said(&lab), "10.77.0.54:53\n"));
	lab_done(&lab);

	init(&lab, name_file_server, lab_file_of_one);
	lab.dns_rcode = DNS_SERVER_FAILURE;
	lab_power_on(&lab);
	(void)lab_sleep(&lab);
	assert_non_null(
	    strstr(lab_said(&lab), "10.77.0.53:53\ndns tftp.example.com to 10.77.0.54"));
	lab_done(&lab);
}

/* An answer to the question it has open, edited. */
static void answer(struct lab *lab, struct endpoint from, uint16_t id_change, const char *name)
{
	struct dns m;
	uint8_t bytes[512];
	struct writer w = writer_of(bytes, sizeof bytes);

	assert_int_equal(dns_decode(slice_of(lab->last_udp.bytes, lab->last_udp.len), &m, NULL), 0);
	m.is_response = true;
	m.id = (uint16_t)(m.id + id_change);
	if (name != NULL)
		(void)snprintf(m.name, sizeof m.name, "%s", name);
	m.address[m.address_count++] = resolved;
	assert_int_equal(dns_encode(&m, &w), 0);
	phone_udp_input(lab->phone, from, lab->last_udp.local_port, writer_done(&w), lab->now);
	lab_settle(lab);
}

TEST("an answer to another question, of another name or from a stranger is none; capitals do not "
     "matter")
{
	struct lab lab;
	struct endpoint server = {{{10, 77, 0, 53}}, DNS_PORT};
	struct endpoint stranger = {{{10, 77, 0, 99}}, DNS_PORT};
	struct slice noise = slice_text("no DNS at all");

	init(&lab, name_file_server, lab_file_of_one);
	(void)until_asked(&lab);
	answer(&lab, server, 1, NULL);
	answer(&lab, stranger, 0, NULL);
	answer(&lab, server, 0, "other.example.com");
	phone_udp_input(lab.phone, server, lab.last_udp.local_port, noise, lab.now);
	lab_settle(&lab);
	assert_string_equal(lab_said(&lab), "");
	answer(&lab, server, 0, "TFTP.Example.COM");
	assert_non_null(strstr(lab_said(&lab), "tftp RRQ"));
	lab_done(&lab);
}

TEST("power that goes while a name is asked leaves no question open")
{
	struct lab lab;

	init(&lab, name_dns, FILE_OF(MEMBER("cucm1")));
	(void)until_asked(&lab);
	phone_power_off(lab.phone, lab.now);
	lab_settle(&lab);
	assert_int_equal(phone_deadline(lab.phone), DT_NEVER);
	lab.dns_name = "cucm1.example.com";
	lab_power_on(&lab);
	lab_sleep_until(&lab, PHONE_REGISTERED);
	assert_true(ip4_equal(lab_view(&lab).callmanager.ip, resolved));
	lab_done(&lab);
}
