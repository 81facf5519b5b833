/* The file servers as a whole: any datagrams and any streams, in any order, with time going by.
 * Input: steps of a kind, a length and so many bytes. */
#include "tftp/http6970.h"
#include "tftp/tftp_server.h"

#include <assert.h>

struct world {
	struct tftp_server *tftp;
	struct http6970 *http;
	http6970_id connection;
	dt_time now;
};

static const struct endpoint client = {{{10, 0, 0, 2}}, 49152};
static const struct ip4 local = {{10, 0, 0, 1}};

static void drain(struct world *w)
{
	struct tftp_output out;
	struct slice bytes;
	bool close = false;

	while (tftp_server_next_output(w->tftp, &out))
		assert(out.datagram > 0 && out.datagram <= TFTP_DATAGRAM_MAX);
	while (w->connection != 0 &&
	       http6970_output(w->http, w->connection, w->now, &bytes, &close)) {
		if (close)
			w->connection = 0;
	}
	assert(tftp_server_transfer_count(w->tftp) <= TFTP_TRANSFERS_MAX);
}

static void step(struct world *w, uint8_t kind, struct slice bytes)
{
	switch (kind % 4) {
	case 0:
		tftp_server_request(w->tftp, client, local, bytes, w->now);
		break;
	case 1:
		for (unsigned port = 0; port < TFTP_PORTS; port++)
			tftp_server_input(w->tftp, port, client, bytes, w->now);
		break;
	case 2:
		if (w->connection == 0)
			(void)http6970_accept(w->http, client, local, w->now, &w->connection);
		http6970_input(w->http, w->connection, bytes, w->now);
		break;
	case 3:
		w->now = dt_time_add(w->now, DT_MS((dt_time)bytes.len * 100));
		tftp_server_expire(w->tftp, w->now);
		if (http6970_expired(w->http, w->now) != 0)
			w->connection = 0;
		break;
	}
	drain(w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reg *reg = reg_new();
	struct files *files = files_new(reg, NULL);
	struct world w = {.tftp = tftp_server_new(files), .http = http6970_new(files)};
	struct slice rest = slice_of(data, size);
	struct device d = {.name = "SEP003094C2D5CA", .type = 7, .dn = "1001", .version = 1};

	(void)reg_load_device(reg, &d);
	while (rest.len >= 2) {
		struct slice bytes = slice_head(slice_from(rest, 2), rest.ptr[1]);
		step(&w, rest.ptr[0], bytes);
		rest = slice_from(rest, 2 + bytes.len);
	}
	http6970_free(w.http);
	tftp_server_free(w.tftp);
	files_free(files);
	reg_free(reg);
	return 0;
}
