/* The TFTP server by packets, with a hand-moved clock. */
#include "site.h"

#include "base/error.h"
#include "base/text.h"
#include "cnf/cnf.h"

TEST("a phone's own file arrives block by block and is the rendered file")
{
	struct site *site = site_new();
	struct tftp_output out = {0};
	struct buf got;
	struct buf want;
	buf_init(&got, CNF_FILE_MAX);
	site_read(site, "SEP003094C2D5CA.cnf.xml", &want);
	site_ask_file(site, "SEP003094C2D5CA.cnf.xml", 0);
	for (uint16_t block = 1;; block++) {
		struct tftp_packet p = site_sent(site, &out);
		assert_int_equal(p.op, TFTP_DATA);
		assert_int_equal(p.block, block);
		assert_true(ip4_equal(out.local, site_local));
		assert_true(endpoint_equal(out.to, site_client));
		buf_append(&got, p.data);
		site_acknowledge(site, out.port, block, 0);
		if (p.data.len < 512)
			break;
	}
	assert_true(slice_equal(buf_slice(&got), buf_slice(&want)));
	assert_int_equal(tftp_server_transfer_count(site->tftp), 0);
	assert_int_equal(site_sent(site, &out).op, 0);
	buf_done(&got);
	buf_done(&want);
	site_free(site);
}

TEST("what is not there is refused at once")
{
	static const char *const names[] = {"CTLSEP003094C2D5CA.tlv", "SEP003094C2D5CB.cnf.xml",
					    "sep003094c2d5ca.cnf.xml", "SEP003094C2D5CA.cnf",
					    "../../etc/passwd"};
	struct site *site = site_new();
	struct tftp_output out = {0};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		site_ask_file(site, names[i], 0);
		struct tftp_packet p = site_sent(site, &out);
		assert_int_equal(p.op, TFTP_ERROR);
		assert_int_equal(p.code, TFTP_ERROR_NOT_FOUND);
	}
	assert_int_equal(tftp_server_transfer_count(site->tftp), 0);
	site_free(site);
}

TEST("only options that were asked are answered, and a block fits one Ethernet frame")
{
	struct site *site = site_new();
	struct tftp_output out = {0};
	struct tftp_packet rrq = {.op = TFTP_RRQ,
				  .file = "XMLDefault.cnf.xml",
				  .mode = "OCTET",
				  .option_count = 3,
				  .option = {{slice_text("blksize"), slice_text("8192")},
					     {slice_text("tsize"), slice_text("0")},
					     {slice_text("multicast"), slice_text("")}}};
	uint32_t value = 0;
	site_ask(site, site_client, &rrq, 0);
	struct tftp_packet p = site_sent(site, &out);
	assert_int_equal(p.op, TFTP_OACK);
	assert_int_equal(p.option_count, 2);
	assert_true(tftp_option_number(&p, "blksize", &value));
	assert_int_equal(value, TFTP_DATAGRAM_MAX - 4);
	assert_true(tftp_option_number(&p, "tsize", &value));
	assert_true(value > 1000);
	site_acknowledge(site, out.port, 0, 0);
	p = site_sent(site, &out);
	assert_int_equal(p.op, TFTP_DATA);
	assert_int_equal(p.data.len, TFTP_DATAGRAM_MAX - 4);
	site_free(site);
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
	struct site *site = site_new();
	struct tftp_output out = {0};
	struct tftp_packet rrq = windowed("4");
	uint32_t value = 0;
	site_ask(site, site_client, &rrq, 0);
	struct tftp_packet p = site_sent(site, &out);
	assert_true(tftp_option_number(&p, "windowsize", &value));
	assert_int_equal(value, 4);
	site_acknowledge(site, out.port, 0, 0);
	for (uint16_t block = 1; block <= 4; block++)
		assert_int_equal(site_sent(site, &out).block, block);
	assert_int_equal(site_sent(site, &out).op, 0);
	/* Block 3 was lost: the client acknowledges 2. */
	site_acknowledge(site, out.port, 2, 1);
	for (uint16_t block = 3; block <= 6; block++)
		assert_int_equal(site_sent(site, &out).block, block);
	/* 3 was lost again: once more, and then only time repeats it. */
	site_acknowledge(site, out.port, 2, 2);
	for (uint16_t block = 3; block <= 6; block++)
		assert_int_equal(site_sent(site, &out).block, block);
	site_acknowledge(site, out.port, 2, 3);
	site_acknowledge(site, out.port, 1, 3);
	assert_int_equal(site_sent(site, &out).op, 0);
	tftp_server_expire(site->tftp, tftp_server_deadline(site->tftp));
	assert_int_equal(site_sent(site, &out).block, 3);
	site_free(site);
}

TEST("a whole file arrives in windows of any size, and the window is never larger than sixteen")
{
	static const char *const sizes[] = {"1", "2", "5", "16", "65535"};
	struct site *site = site_new();
	struct buf expected;
	site_read(site, "XMLDefault.cnf.xml", &expected);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		struct tftp_packet rrq = windowed(sizes[i]);
		struct tftp_output out = {0};
		struct buf got;
		uint16_t block = 0;
		buf_init(&got, CNF_FILE_MAX);
		site_ask(site, site_client, &rrq, 0);
		assert_int_equal(site_sent(site, &out).op, TFTP_OACK);
		do {
			unsigned in_window = 0;
			site_acknowledge(site, out.port, block, 0);
			for (struct tftp_packet p; (p = site_sent(site, &out)).op == TFTP_DATA;) {
				assert_int_equal(p.block, ++block);
				buf_append(&got, p.data);
				in_window++;
			}
			assert_in_range(in_window, 1, 16);
		} while (got.len < expected.len);
		assert_true(slice_equal(buf_slice(&got), buf_slice(&expected)));
		site_acknowledge(site, out.port, block, 0);
		assert_int_equal(tftp_server_transfer_count(site->tftp), 0);
		buf_done(&got);
	}
	buf_done(&expected);
	site_free(site);
}

TEST("netascii ends each line in CR LF")
{
	struct site *site = site_new();
	struct tftp_output out = {0};
	struct tftp_packet rrq = {.op = TFTP_RRQ, .file = "XMLDefault.cnf.xml", .mode = "NetASCII"};
	site_ask(site, site_client, &rrq, 0);
	struct tftp_packet p = site_sent(site, &out);
	assert_int_equal(p.op, TFTP_DATA);
	assert_int_equal(p.data.len, 512);
	for (size_t i = 1; i < p.data.len; i++)
		assert_int_equal(p.data.ptr[i] == '\n', p.data.ptr[i - 1] == '\r');
	site_free(site);
}

TEST("a timeout that is one of ours is kept, another one is not promised")
{
	static const char *const asked[] = {"4", "3"};
	for (size_t i = 0; i < 2; i++) {
		struct site *site = site_new();
		struct tftp_output out = {0};
		struct tftp_packet rrq = {
		    .op = TFTP_RRQ,
		    .file = "XMLDefault.cnf.xml",
		    .mode = "octet",
		    .option_count = 1,
		    .option = {{slice_text("timeout"), slice_text(asked[i])}}};
		site_ask(site, site_client, &rrq, 0);
		assert_int_equal(site_sent(site, &out).op, i == 0 ? TFTP_OACK : TFTP_DATA);
		assert_int_equal(tftp_server_deadline(site->tftp), DT_SECONDS(i == 0 ? 4 : 1));
		site_free(site);
	}
}

TEST("silence brings the packet again, three times before the first answer, and then ends")
{
	struct site *site = site_new();
	struct tftp_output out = {0};
	unsigned packets = 0;
	site_ask_file(site, "XMLDefault.cnf.xml", 0);
	for (dt_time now = 0; tftp_server_deadline(site->tftp) != DT_NEVER;
	     now = tftp_server_deadline(site->tftp)) {
		tftp_server_expire(site->tftp, now);
		while (site_sent(site, &out).op == TFTP_DATA)
			packets++;
		assert_true(now < DT_SECONDS(60));
	}
	assert_int_equal(packets, 3);
	assert_int_equal(tftp_server_transfer_count(site->tftp), 0);
	site_free(site);
}

TEST("a duplicated ACK doubles nothing")
{
	struct site *site = site_new();
	struct tftp_output out = {0};
	site_ask_file(site, "XMLDefault.cnf.xml", 0);
	(void)site_sent(site, &out);
	site_acknowledge(site, out.port, 1, 0);
	site_acknowledge(site, out.port, 1, 0);
	site_acknowledge(site, out.port, 7, 0);
	assert_int_equal(site_sent(site, &out).block, 2);
	assert_int_equal(site_sent(site, &out).op, 0);
	site_free(site);
}

TEST("a repeated request repeats the first block, another file from the same port is another "
     "transfer")
{
	struct site *site = site_new();
	struct tftp_output first = {0};
	struct tftp_output out = {0};
	site_ask_file(site, "XMLDefault.cnf.xml", 0);
	(void)site_sent(site, &first);
	site_ask_file(site, "XMLDefault.cnf.xml", DT_MS(500));
	assert_int_equal(site_sent(site, &out).block, 1);
	assert_int_equal(out.port, first.port);
	assert_int_equal(tftp_server_transfer_count(site->tftp), 1);
	site_ask_file(site, "SEP003094C2D5CA.cnf.xml", DT_MS(600));
	(void)site_sent(site, &out);
	assert_int_not_equal(out.port, first.port);
	assert_int_equal(tftp_server_transfer_count(site->tftp), 2);
	site_free(site);
}

TEST("a transfer keeps its version while the record changes under it")
{
	struct site *site = site_new();
	struct tftp_output out = {0};
	struct device d = *reg_device_find(site->reg, "SEP003094C2D5CA");
	struct buf old;
	struct buf got;
	buf_init(&got, CNF_FILE_MAX);
	site_read(site, "SEP003094C2D5CA.cnf.xml", &old);
	site_ask_file(site, "SEP003094C2D5CA.cnf.xml", 0);
	d.version = 99;
	(void)text_copy(d.load, sizeof d.load, "A-VERY-LONG-LOAD-NAME-INDEED");
	assert_int_equal(reg_load_device(site->reg, &d), 0);
	for (uint16_t block = 1;; block++) {
		struct tftp_packet p = site_sent(site, &out);
		buf_append(&got, p.data);
		site_acknowledge(site, out.port, block, 0);
		if (p.data.len < 512)
			break;
	}
	assert_true(slice_equal(buf_slice(&old), buf_slice(&got)));
	buf_done(&old);
	buf_done(&got);
	site_free(site);
}

TEST("writing, other modes and errors from the client are answered as RFC 1350 says")
{
	struct site *site = site_new();
	struct tftp_output out = {0};
	struct tftp_packet p = {.op = TFTP_WRQ, .file = "x", .mode = "octet"};
	site_ask(site, site_client, &p, 0);
	assert_int_equal(site_sent(site, &out).code, TFTP_ERROR_ACCESS);
	p = (struct tftp_packet){.op = TFTP_RRQ, .file = "XMLDefault.cnf.xml", .mode = "mail"};
	site_ask(site, site_client, &p, 0);
	assert_int_equal(site_sent(site, &out).code, TFTP_ERROR_ILLEGAL);
	site_ask_file(site, "XMLDefault.cnf.xml", 0);
	(void)site_sent(site, &out);
	tftp_server_input(site->tftp, out.port, site_client, harness_hex("00 05 00 00 00"), 0);
	assert_int_equal(tftp_server_transfer_count(site->tftp), 0);
	tftp_server_input(site->tftp, 3, site_client, harness_hex("ff"), 0);
	tftp_server_request(site->tftp, site_client, site_local, harness_hex("00 01"), 0);
	assert_int_equal(site_sent(site, &out).op, 0);
	site_free(site);
}

HARNESS_OOM("the TFTP server survives any allocation failing")
{
	struct reg *r = reg_new();
	struct files *f = r != NULL ? files_new(r, NULL) : NULL;
	struct tftp_server *s = f != NULL ? tftp_server_new(f) : NULL;
	int error = s == NULL ? E_NO_MEMORY : 0;
	if (error == 0) {
		static const uint8_t rrq[] = "\0\1XMLDefault.cnf.xml\0octet";
		struct tftp_output out;
		tftp_server_request(s, site_client, site_local, slice_of(rrq, sizeof rrq), 0);
		while (tftp_server_next_output(s, &out))
			;
	}
	tftp_server_free(s);
	files_free(f);
	reg_free(r);
	return error;
}
