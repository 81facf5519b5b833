#include "harness.h"

#include "mischief/mischief.h"
#include "proto/dhcp/dhcp.h"
#include "proto/tftp/tftp.h"

#include "base/error.h"

#include <string.h>

static const struct endpoint phone = {{{10, 77, 0, 51}}, 50001};
static uint8_t bytes[DHCP_MESSAGE_MAX];
static struct mischief_datagram datagram;

static struct mischief *with(const char *order)
{
	struct mischief *m = mischief_new();

	assert_non_null(m);
	assert_int_equal(mischief_add(m, order), 0);
	return m;
}

/* A DHCP reply to SEP003094C2D5CA, through the order; false: held back. */
static bool reply(const char *order, enum dhcp_type type, struct dhcp_message *ret_message)
{
	struct mischief *m = with(order);
	struct dhcp_message r = {.op = 2,
				 .flags = DHCP_FLAG_BROADCAST,
				 .siaddr = {{10, 77, 0, 1}},
				 .yiaddr = {{10, 77, 0, 51}},
				 .chaddr = {{0x00, 0x30, 0x94, 0xc2, 0xd5, 0xca}},
				 .sname = "10.77.0.1",
				 .type = type};
	struct writer w = writer_of(bytes, sizeof bytes);

	(void)dhcp_option_add_ip(&r, DHCP_OPTION_SERVER_ID, (struct ip4){{10, 77, 0, 1}});
	(void)dhcp_option_add_ip(&r, DHCP_OPTION_TFTP_SERVERS, (struct ip4){{10, 77, 0, 1}});
	(void)dhcp_option_add_text(&r, DHCP_OPTION_TFTP_NAME, "10.77.0.1");
	assert_int_equal(dhcp_encode(&r, &w), 0);
	datagram = (struct mischief_datagram){
	    .to = phone, .bytes = bytes, .len = writer_done(&w).len, .size = sizeof bytes};
	bool leaves = mischief_dhcp(m, &datagram);
	if (leaves)
		assert_int_equal(
		    dhcp_decode(slice_of(datagram.bytes, datagram.len), ret_message, NULL), 0);
	mischief_free(m);
	return leaves;
}

TEST("a lease loses every word about a file server, or names another one")
{
	struct dhcp_message r = {0};
	struct ip4 ip = {{0}};
	char text[32];

	assert_true(reply("no-option-150", DHCP_ACK, &r));
	assert_false(dhcp_option_has(&r, DHCP_OPTION_TFTP_SERVERS));
	assert_false(dhcp_option_has(&r, DHCP_OPTION_TFTP_NAME));
	assert_true(ip4_is_zero(r.siaddr) && r.sname[0] == 0);
	assert_true(reply("option-150=10.1.2.3", DHCP_OFFER, &r));
	assert_true(dhcp_option_ip(&r, DHCP_OPTION_TFTP_SERVERS, &ip));
	assert_int_equal(ip4_number(ip), 0x0a010203);
	assert_true(reply("option-150-text", DHCP_OFFER, &r));
	assert_true(
	    slice_equal(dhcp_option_get(&r, DHCP_OPTION_TFTP_SERVERS), slice_of("10.77.0.1", 10)));
	assert_true(reply("option-66=tftp.example.net", DHCP_OFFER, &r));
	assert_true(dhcp_option_text(&r, DHCP_OPTION_TFTP_NAME, text, sizeof text));
	assert_string_equal(text, "tftp.example.net");
}

TEST("replies are held back, refused, or miss what they need")
{
	struct dhcp_message r = {0};
	struct ip4 ip = {{0}};

	assert_false(reply("dhcp-silent", DHCP_OFFER, &r));
	assert_true(reply("dhcp-no-ack", DHCP_OFFER, &r));
	assert_false(reply("dhcp-no-ack", DHCP_ACK, &r));
	assert_true(reply("dhcp-nak=10.77.0.9", DHCP_OFFER, &r));
	assert_int_equal(r.type, DHCP_OFFER);
	assert_true(reply("dhcp-nak=10.77.0.9", DHCP_ACK, &r));
	assert_int_equal(r.type, DHCP_NAK);
	assert_true(dhcp_option_ip(&r, DHCP_OPTION_SERVER_ID, &ip) && ip.b[3] == 9);
	assert_true(reply("dhcp-no-flags", DHCP_OFFER, &r) && r.flags == 0);
	assert_true(reply("dhcp-no-server-id", DHCP_OFFER, &r));
	assert_false(dhcp_option_has(&r, DHCP_OPTION_SERVER_ID));
	assert_true(reply("dhcp-mask=255.0.0.0", DHCP_OFFER, &r));
	assert_true(dhcp_option_ip(&r, DHCP_OPTION_SUBNET_MASK, &ip) && ip.b[1] == 0);
}

TEST("an order for one device leaves the others alone")
{
	struct dhcp_message r = {0};

	assert_false(reply("dhcp-silent@SEP003094C2D5CA", DHCP_OFFER, &r));
	assert_true(reply("dhcp-silent@SEP003094C2D5CB", DHCP_OFFER, &r));
}

static void ask(struct mischief *m, struct endpoint from, const char *file)
{
	struct tftp_packet p = {.op = TFTP_RRQ, .mode = "octet"};
	uint8_t request[300];
	struct writer w = writer_of(request, sizeof request);

	(void)strncpy(p.file, file, sizeof p.file - 1);
	assert_int_equal(tftp_encode(&p, &w), 0);
	mischief_tftp_heard(m, from, writer_done(&w));
}

/* A packet of the server's through mischief; false: held back. */
static bool answer(struct mischief *m, struct endpoint to, const struct tftp_packet *p,
		   struct tftp_packet *ret_packet)
{
	struct writer w = writer_of(bytes, sizeof bytes);

	assert_int_equal(tftp_encode(p, &w), 0);
	datagram = (struct mischief_datagram){.to = to,
					      .local = {{10, 77, 0, 1}},
					      .bytes = bytes,
					      .len = writer_done(&w).len,
					      .size = sizeof bytes};
	return mischief_tftp(m, &datagram) &&
	       tftp_decode(slice_of(datagram.bytes, datagram.len), ret_packet, NULL) == 0;
}

static struct tftp_packet data(uint16_t block)
{
	return (struct tftp_packet){
	    .op = TFTP_DATA, .block = block, .data = slice_text("<device><load>P1</load>")};
}

TEST("a server silent to one phone answers the others, whatever file it is")
{
	struct mischief *m = with("tftp-silent@SEP003094C2D5CA");
	struct endpoint later = {phone.ip, 50002};
	struct endpoint other = {{{10, 77, 0, 52}}, 50001};
	struct tftp_packet d = data(1);
	struct tftp_packet got = {0};

	ask(m, phone, "CTLSEP003094C2D5CA.tlv");
	assert_false(answer(m, phone, &d, &got));
	ask(m, later, "XMLDefault.cnf.xml");
	assert_false(answer(m, later, &d, &got));
	ask(m, other, "XMLDefault.cnf.xml");
	assert_true(answer(m, other, &d, &got));
	mischief_free(m);
}

TEST("a missing file is refused once, and the rest of its transfer held back")
{
	struct mischief *m = with("missing=XMLDefault");
	struct tftp_packet d = data(1);
	struct tftp_packet got = {0};

	ask(m, phone, "XMLDefault.cnf.xml");
	assert_true(answer(m, phone, &d, &got));
	assert_int_equal(got.op, TFTP_ERROR);
	assert_int_equal(got.code, TFTP_ERROR_NOT_FOUND);
	assert_false(answer(m, phone, &d, &got));
	ask(m, phone, "SEP003094C2D5CA.cnf.xml");
	assert_true(answer(m, phone, &d, &got));
	assert_int_equal(got.op, TFTP_DATA);
	assert_int_equal(mischief_http(m, "XMLDefault.cnf.xml"), 404);
	assert_int_equal(mischief_http(m, "SEP003094C2D5CA.cnf.xml"), 0);
	mischief_free(m);
}

TEST("a transfer stalls, is cut, altered, or comes from elsewhere")
{
	struct mischief *m = with("tftp-stall=1");
	struct tftp_packet d = data(1);
	struct tftp_packet d2 = data(2);
	struct tftp_packet got = {0};

	assert_true(answer(m, phone, &d, &got));
	assert_false(answer(m, phone, &d2, &got));
	mischief_free(m);
	m = with("tftp-truncate=1");
	assert_true(answer(m, phone, &d, &got));
	assert_int_equal(got.data.len, d.data.len - d.data.len / 2);
	assert_false(answer(m, phone, &d2, &got));
	mischief_free(m);
	m = with("tftp-replace=load:lode");
	assert_true(answer(m, phone, &d, &got));
	assert_true(slice_equal(got.data, slice_text("<device><lode>P1</lode>")));
	mischief_free(m);
	m = with("tftp-address=10.77.0.7");
	assert_true(answer(m, phone, &d, &got));
	assert_int_equal(datagram.local.b[3], 7);
	mischief_free(m);
}

static enum mischief_deed say(const char *order, uint32_t id, struct sccp_message *ret_message)
{
	struct mischief *m = with(order);

	*ret_message = (struct sccp_message){.id = id};
	enum mischief_deed deed = mischief_sccp(m, "SEP003094C2D5CA", ret_message);
	mischief_free(m);
	return deed;
}

TEST("a CallManager is mute, refuses, or acknowledges only")
{
	struct sccp_message s;

	assert_int_equal(say("callmanager-mute", SCCP_REGISTER_ACK, &s), MISCHIEF_HOLD);
	assert_int_equal(say("reject=Error DBConfig", SCCP_REGISTER_ACK, &s),
			 MISCHIEF_SEND_AND_CLOSE);
	assert_int_equal(s.id, SCCP_REGISTER_REJECT);
	assert_string_equal(s.reject_text, "Error DBConfig");
	assert_int_equal(say("ack-only", SCCP_REGISTER_ACK, &s), MISCHIEF_SEND);
	assert_int_equal(say("ack-only", SCCP_CAPABILITIES_REQ, &s), MISCHIEF_HOLD);
	assert_int_equal(say("token-reject=5", SCCP_REGISTER_TOKEN_ACK, &s), MISCHIEF_SEND);
	assert_int_equal(s.id, SCCP_REGISTER_TOKEN_REJECT);
	assert_int_equal(s.value, 5);
}

TEST("every n-th keepalive gets something else, and a standby's is always answered")
{
	struct mischief *m = with("keepalive-resets=2");
	struct sccp_message s = {.id = SCCP_KEEP_ALIVE_ACK};

	assert_int_equal(mischief_sccp(m, "SEP003094C2D5CA", &s), MISCHIEF_SEND);
	assert_int_equal(s.id, SCCP_KEEP_ALIVE_ACK);
	assert_int_equal(mischief_sccp(m, "SEP003094C2D5CA", &s), MISCHIEF_SEND);
	assert_int_equal(s.id, SCCP_RESET);
	mischief_free(m);
	assert_int_equal(say("keepalive-silent", SCCP_KEEP_ALIVE_ACK, &s), MISCHIEF_HOLD);
	m = with("keepalive-silent");
	assert_int_equal(mischief_sccp(m, "", &s), MISCHIEF_SEND);
	mischief_free(m);
}

TEST("a server that behaves leaves everything as it is")
{
	struct sccp_message s = {.id = SCCP_KEEP_ALIVE_ACK};

	datagram = (struct mischief_datagram){.bytes = bytes, .len = 10, .size = sizeof bytes};
	assert_true(mischief_dhcp(NULL, &datagram) && mischief_tftp(NULL, &datagram));
	assert_int_equal(mischief_sccp(NULL, "", &s), MISCHIEF_SEND);
	assert_int_equal(mischief_http(NULL, "x"), 0);
	assert_false(mischief_has(NULL, MISCHIEF_CALLMANAGER_CLOSED));
}

TEST("what is no order is refused")
{
	struct mischief *m = mischief_new();

	assert_int_equal(mischief_add(m, "explode"), E_UNKNOWN);
	assert_int_equal(mischief_add(m, "dhcp-nak"), E_BAD_VALUE);
	assert_int_equal(mischief_add(m, "dhcp-nak=here"), E_BAD_VALUE);
	assert_int_equal(mischief_add(m, "dhcp-silent=1"), E_BAD_VALUE);
	assert_int_equal(mischief_add(m, "tftp-error=x"), E_BAD_VALUE);
	assert_int_equal(mischief_add(m, "reject="), E_BAD_VALUE);
	assert_int_equal(mischief_add(m, "dhcp-silent@SEP003094C2D5CA9"), E_BAD_VALUE);
	for (int i = 0; i < MISCHIEF_ORDERS_MAX; i++)
		assert_int_equal(mischief_add(m, "dhcp-silent"), 0);
	assert_int_equal(mischief_add(m, "dhcp-silent"), E_FULL);
	mischief_free(m);
}
