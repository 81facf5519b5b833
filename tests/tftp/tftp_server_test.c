/* The TFTP server by packets, with a hand-moved clock. */
#include "harness.h"

#include "base/error.h"
#include "base/text.h"
#include "cnf/cnf.h"
#include "tftp/names.h"
#include "tftp/tftp_server.h"

static const struct endpoint client = {{{10, 77, 0, 51}}, 49152};
static const struct ip4 local = {{10, 77, 0, 1}};

static struct reg *site(void)
{
	struct reg *r = reg_new();
	struct settings s = settings_default();
	struct device d = {.name = "SEP003094C2D5CA", .type = 7, .dn = "1001", .version = 1};
	s.server_ip = local;
	reg_load_settings(r, &s);
	assert_int_equal(reg_load_device(r, &d), 0);
	return r;
}

static void ask(struct tftp_server *s, struct endpoint from, const struct tftp_packet *p,
		dt_time now)
{
	uint8_t bytes[600];
	struct writer w = writer_of(bytes, sizeof bytes);
	assert_int_equal(tftp_encode(p, &w), 0);
	tftp_server_request(s, from, local, harness_guarded(writer_done(&w)), now);
}

static void ask_file(struct tftp_server *s, const char *name, dt_time now)
{
	struct tftp_packet p = {.op = TFTP_RRQ, .mode = "octet"};
	(void)text_copy(p.file, sizeof p.file, name);
	ask(s, client, &p, now);
}

/* The next packet sent; op 0 when there is none. The output stays valid until the next call. */
static struct tftp_packet sent(struct tftp_server *s, struct tftp_output *out)
{
	struct tftp_packet p = {0};
	if (tftp_server_next_output(s, out))
		assert_int_equal(tftp_decode(slice_of(out->bytes, out->len), &p, NULL), 0);
	return p;
}

static void acknowledge(struct tftp_server *s, unsigned port, uint16_t block, dt_time now)
{
	struct tftp_packet p = {.op = TFTP_ACK, .block = block};
	uint8_t bytes[8];
	struct writer w = writer_of(bytes, sizeof bytes);
	assert_int_equal(tftp_encode(&p, &w), 0);
	tftp_server_input(s, port, client, writer_done(&w), now);
}

TEST("a phone's own file arrives block by block and is the rendered file")
{
	struct reg *r = site();
	struct tftp_server *s = tftp_server_new(r);
	struct tftp_output out;
	struct buf got;
	struct buf want;
	buf_init(&got, CNF_FILE_MAX);
	buf_init(&want, CNF_FILE_MAX);
	assert_int_equal(
	    cnf_phone_render(reg_device_find(r, "SEP003094C2D5CA"), reg_settings(r), &want), 0);
	ask_file(s, "SEP003094C2D5CA.cnf.xml", 0);
	for (uint16_t block = 1;; block++) {
		struct tftp_packet p = sent(s, &out);
		assert_int_equal(p.op, TFTP_DATA);
		assert_int_equal(p.block, block);
		assert_true(ip4_equal(out.local, local));
		assert_true(endpoint_equal(out.to, client));
		buf_append(&got, p.data);
		acknowledge(s, out.port, block, 0);
		if (p.data.len < 512)
			break;
	}
	assert_true(slice_equal(buf_slice(&got), buf_slice(&want)));
	assert_int_equal(tftp_server_transfer_count(s), 0);
	assert_int_equal(sent(s, &out).op, 0);
	buf_done(&got);
	buf_done(&want);
	tftp_server_free(s);
	reg_free(r);
}

TEST("what is not there is refused at once, and nothing outside the table can be named")
{
	static const char *const names[] = {"CTLSEP003094C2D5CA.tlv",
					    "SEP003094C2D5CB.cnf.xml",
					    "sep003094c2d5ca.cnf.xml",
					    "xmldefault.cnf.xml",
					    "SEP003094C2D5CA.cnf",
					    "../../etc/passwd",
					    "/etc/passwd",
					    "SEP003094C2D5CA.cnf.xml/../x",
					    "%2e%2e/XMLDefault.cnf.xml"};
	struct reg *r = site();
	struct tftp_server *s = tftp_server_new(r);
	struct tftp_output out;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		ask_file(s, names[i], 0);
		struct tftp_packet p = sent(s, &out);
		assert_int_equal(p.op, TFTP_ERROR);
		assert_int_equal(p.code, TFTP_ERROR_NOT_FOUND);
	}
	assert_int_equal(tftp_server_transfer_count(s), 0);
	ask_file(s, "/./XMLDefault.cnf.xml", 0);
	assert_int_equal(sent(s, &out).op, TFTP_DATA);
	tftp_server_free(s);
	reg_free(r);
}

TEST("only options that were asked are answered, and a block fits one Ethernet frame")
{
	struct reg *r = site();
	struct tftp_server *s = tftp_server_new(r);
	struct tftp_output out;
	struct tftp_packet rrq = {.op = TFTP_RRQ,
				  .file = "XMLDefault.cnf.xml",
				  .mode = "OCTET",
				  .option_count = 3,
				  .option = {{slice_text("blksize"), slice_text("8192")},
					     {slice_text("tsize"), slice_text("0")},
					     {slice_text("multicast"), slice_text("")}}};
	uint32_t value = 0;
	ask(s, client, &rrq, 0);
	struct tftp_packet p = sent(s, &out);
	assert_int_equal(p.op, TFTP_OACK);
	assert_int_equal(p.option_count, 2);
	assert_true(tftp_option_number(&p, "blksize", &value));
	assert_int_equal(value, TFTP_DATAGRAM_MAX - 4);
	assert_true(tftp_option_number(&p, "tsize", &value));
	assert_true(value > 1000);
	acknowledge(s, out.port, 0, 0);
	p = sent(s, &out);
	assert_int_equal(p.op, TFTP_DATA);
	assert_int_equal(p.data.len, TFTP_DATAGRAM_MAX - 4);
	tftp_server_free(s);
	reg_free(r);
}

static struct tftp_packet windowed(const char *blocks)
{
	struct tftp_packet rrq = {.op = TFTP_RRQ,
				  .file = "XMLDefault.cnf.xml",
				  .mode = "octet",
				  .option_count = 2,
				  .option = {{slice_text("blksize"), slice_text("100")},
					     {slice_text("windowsize"), slice_text(blocks)}}};
	return rrq;
}

TEST("with windowsize a window goes out at each ACK, and what was lost of it once more")
{
	struct reg *r = site();
	struct tftp_server *s = tftp_server_new(r);
	struct tftp_output out;
	struct tftp_packet rrq = windowed("4");
	uint32_t value = 0;
	ask(s, client, &rrq, 0);
	struct tftp_packet p = sent(s, &out);
	assert_true(tftp_option_number(&p, "windowsize", &value));
	assert_int_equal(value, 4);
	acknowledge(s, out.port, 0, 0);
	for (uint16_t block = 1; block <= 4; block++)
		assert_int_equal(sent(s, &out).block, block);
	assert_int_equal(sent(s, &out).op, 0);
	/* Block 3 was lost: the client acknowledges 2. */
	acknowledge(s, out.port, 2, 1);
	for (uint16_t block = 3; block <= 6; block++)
		assert_int_equal(sent(s, &out).block, block);
	/* 3 was lost again: once more, and then only time repeats it. */
	acknowledge(s, out.port, 2, 2);
	for (uint16_t block = 3; block <= 6; block++)
		assert_int_equal(sent(s, &out).block, block);
	acknowledge(s, out.port, 2, 3);
	acknowledge(s, out.port, 1, 3);
	assert_int_equal(sent(s, &out).op, 0);
	tftp_server_expire(s, tftp_server_deadline(s));
	assert_int_equal(sent(s, &out).block, 3);
	tftp_server_free(s);
	reg_free(r);
}

TEST("a whole file arrives in windows of any size, and the window is never larger than sixteen")
{
	static const char *const sizes[] = {"1", "2", "5", "16", "65535"};
	struct reg *r = site();
	struct buf expected;
	buf_init(&expected, CNF_FILE_MAX);
	assert_int_equal(cnf_default_render(reg_settings(r), &expected), 0);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		struct tftp_server *s = tftp_server_new(r);
		struct tftp_packet rrq = windowed(sizes[i]);
		struct tftp_output out;
		struct buf got;
		uint16_t block = 0;
		buf_init(&got, CNF_FILE_MAX);
		ask(s, client, &rrq, 0);
		assert_int_equal(sent(s, &out).op, TFTP_OACK);
		do {
			unsigned in_window = 0;
			acknowledge(s, out.port, block, 0);
			for (struct tftp_packet p; (p = sent(s, &out)).op == TFTP_DATA;) {
				assert_int_equal(p.block, ++block);
				buf_append(&got, p.data);
				in_window++;
			}
			assert_in_range(in_window, 1, 16);
		} while (got.len < expected.len);
		assert_true(slice_equal(buf_slice(&got), buf_slice(&expected)));
		acknowledge(s, out.port, block, 0);
		assert_int_equal(tftp_server_transfer_count(s), 0);
		buf_done(&got);
		tftp_server_free(s);
	}
	buf_done(&expected);
	reg_free(r);
}

TEST("netascii ends each line in CR LF")
{
	struct reg *r = site();
	struct tftp_server *s = tftp_server_new(r);
	struct tftp_output out;
	struct tftp_packet rrq = {.op = TFTP_RRQ, .file = "XMLDefault.cnf.xml", .mode = "NetASCII"};
	ask(s, client, &rrq, 0);
	struct tftp_packet p = sent(s, &out);
	assert_int_equal(p.op, TFTP_DATA);
	assert_int_equal(p.data.len, 512);
	for (size_t i = 1; i < p.data.len; i++)
		assert_int_equal(p.data.ptr[i] == '\n', p.data.ptr[i - 1] == '\r');
	tftp_server_free(s);
	reg_free(r);
}

TEST("a timeout that is one of ours is kept, another one is not promised")
{
	struct reg *r = site();
	static const char *const asked[] = {"4", "3"};
	for (size_t i = 0; i < 2; i++) {
		struct tftp_server *s = tftp_server_new(r);
		struct tftp_output out;
		struct tftp_packet rrq = {
		    .op = TFTP_RRQ,
		    .file = "XMLDefault.cnf.xml",
		    .mode = "octet",
		    .option_count = 1,
		    .option = {{slice_text("timeout"), slice_text(asked[i])}}};
		ask(s, client, &rrq, 0);
		assert_int_equal(sent(s, &out).op, i == 0 ? TFTP_OACK : TFTP_DATA);
		assert_int_equal(tftp_server_deadline(s), DT_SECONDS(i == 0 ? 4 : 1));
		tftp_server_free(s);
	}
	reg_free(r);
}

TEST("silence brings the packet again, three times before the first answer, and then ends")
{
	struct reg *r = site();
	struct tftp_server *s = tftp_server_new(r);
	struct tftp_output out;
	unsigned packets = 0;
	ask_file(s, "XMLDefault.cnf.xml", 0);
	for (dt_time now = 0; tftp_server_deadline(s) != DT_NEVER; now = tftp_server_deadline(s)) {
		tftp_server_expire(s, now);
		while (sent(s, &out).op == TFTP_DATA)
			packets++;
		assert_true(now < DT_SECONDS(60));
	}
	assert_int_equal(packets, 3);
	assert_int_equal(tftp_server_transfer_count(s), 0);
	tftp_server_free(s);
	reg_free(r);
}

TEST("a duplicated ACK doubles nothing")
{
	struct reg *r = site();
	struct tftp_server *s = tftp_server_new(r);
	struct tftp_output out;
	ask_file(s, "XMLDefault.cnf.xml", 0);
	(void)sent(s, &out);
	acknowledge(s, out.port, 1, 0);
	acknowledge(s, out.port, 1, 0);
	acknowledge(s, out.port, 7, 0);
	assert_int_equal(sent(s, &out).block, 2);
	assert_int_equal(sent(s, &out).op, 0);
	tftp_server_free(s);
	reg_free(r);
}

TEST("a repeated request repeats the first block, another file from the same port is another "
     "transfer")
{
	struct reg *r = site();
	struct tftp_server *s = tftp_server_new(r);
	struct tftp_output first;
	struct tftp_output out;
	ask_file(s, "XMLDefault.cnf.xml", 0);
	(void)sent(s, &first);
	ask_file(s, "XMLDefault.cnf.xml", DT_MS(500));
	assert_int_equal(sent(s, &out).block, 1);
	assert_int_equal(out.port, first.port);
	assert_int_equal(tftp_server_transfer_count(s), 1);
	ask_file(s, "SEP003094C2D5CA.cnf.xml", DT_MS(600));
	(void)sent(s, &out);
	assert_int_not_equal(out.port, first.port);
	assert_int_equal(tftp_server_transfer_count(s), 2);
	tftp_server_free(s);
	reg_free(r);
}

TEST("a transfer keeps its version while the record changes under it")
{
	struct reg *r = site();
	struct tftp_server *s = tftp_server_new(r);
	struct tftp_output out;
	struct device d = *reg_device_find(r, "SEP003094C2D5CA");
	struct buf old;
	struct buf got;
	buf_init(&old, CNF_FILE_MAX);
	buf_init(&got, CNF_FILE_MAX);
	assert_int_equal(cnf_phone_render(&d, reg_settings(r), &old), 0);
	ask_file(s, "SEP003094C2D5CA.cnf.xml", 0);
	d.version = 99;
	(void)text_copy(d.load, sizeof d.load, "A-VERY-LONG-LOAD-NAME-INDEED");
	assert_int_equal(reg_load_device(r, &d), 0);
	for (uint16_t block = 1;; block++) {
		struct tftp_packet p = sent(s, &out);
		buf_append(&got, p.data);
		acknowledge(s, out.port, block, 0);
		if (p.data.len < 512)
			break;
	}
	assert_true(slice_equal(buf_slice(&old), buf_slice(&got)));
	buf_done(&old);
	buf_done(&got);
	tftp_server_free(s);
	reg_free(r);
}

TEST("writing, other modes and errors from the client are answered as RFC 1350 says")
{
	struct reg *r = site();
	struct tftp_server *s = tftp_server_new(r);
	struct tftp_output out;
	struct tftp_packet p = {.op = TFTP_WRQ, .file = "x", .mode = "octet"};
	ask(s, client, &p, 0);
	assert_int_equal(sent(s, &out).code, TFTP_ERROR_ACCESS);
	p = (struct tftp_packet){.op = TFTP_RRQ, .file = "XMLDefault.cnf.xml", .mode = "mail"};
	ask(s, client, &p, 0);
	assert_int_equal(sent(s, &out).code, TFTP_ERROR_ILLEGAL);
	ask_file(s, "XMLDefault.cnf.xml", 0);
	(void)sent(s, &out);
	tftp_server_input(s, out.port, client, harness_hex("00 05 00 00 00"), 0);
	assert_int_equal(tftp_server_transfer_count(s), 0);
	tftp_server_input(s, 3, client, harness_hex("ff"), 0);
	tftp_server_request(s, client, local, harness_hex("00 01"), 0);
	assert_int_equal(sent(s, &out).op, 0);
	tftp_server_free(s);
	reg_free(r);
}

TEST("a server silent to one phone answers the others")
{
	struct reg *r = site();
	struct tftp_server *s = tftp_server_new(r);
	struct tftp_output out;
	struct endpoint other = {{{10, 77, 0, 52}}, 49152};
	struct tftp_packet p = {.op = TFTP_RRQ, .file = "XMLDefault.cnf.xml", .mode = "octet"};
	tftp_server_set_fault(s, TFTP_FAULT_SILENT, "SEP003094C2D5CA");
	ask_file(s, "CTLSEP003094C2D5CA.tlv", 0);
	ask_file(s, "XMLDefault.cnf.xml", 0);
	assert_int_equal(sent(s, &out).op, 0);
	ask(s, other, &p, 0);
	assert_int_equal(sent(s, &out).op, TFTP_DATA);
	tftp_server_set_fault(s, TFTP_FAULT_NO_DEFAULT, NULL);
	ask_file(s, "XMLDefault.cnf.xml", 0);
	assert_int_equal(sent(s, &out).code, TFTP_ERROR_NOT_FOUND);
	tftp_server_free(s);
	reg_free(r);
}

HARNESS_OOM("the TFTP server survives any allocation failing")
{
	struct reg *r = reg_new();
	struct tftp_server *s = r != NULL ? tftp_server_new(r) : NULL;
	int error = s == NULL ? E_NO_MEMORY : 0;
	if (error == 0) {
		struct tftp_output out;
		ask_file(s, "XMLDefault.cnf.xml", 0);
		while (tftp_server_next_output(s, &out))
			;
	}
	tftp_server_free(s);
	reg_free(r);
	return error;
}
