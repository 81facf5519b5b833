/* The phone's TFTP client: one file at a time, a fresh local port each, blocks of 512, no options
 * asked. A request is repeated every few seconds; silence after the last try is told to the boot.
 */
#include "phone/phone_internal.h"

#include "base/text.h"
#include "proto/tftp/tftp.h"

static void send(struct phone *p, const struct tftp_packet *packet, struct endpoint to)
{
	struct phone_action *a = phone_act(p, PHONE_SEND_UDP);

	if (a == NULL)
		return;
	struct writer w = writer_of(a->bytes, sizeof a->bytes);
	a->to = to;
	a->local_port = p->tftp.local_port;
	if (tftp_encode(packet, &w) == 0)
		a->len = w.pos;
}

static void send_request(struct phone *p, dt_time now)
{
	struct tftp_packet rrq = {.op = TFTP_RRQ, .mode = "octet"};

	(void)text_copy(rrq.file, sizeof rrq.file, p->tftp.name);
	send(p, &rrq, p->tftp.server);
	p->tftp.tries++;
	p->tftp.deadline = dt_time_add(now, p->profile->tftp_retry_us);
}

static void send_ack(struct phone *p, dt_time now)
{
	struct tftp_packet ack = {.op = TFTP_ACK, .block = p->tftp.block};

	send(p, &ack, p->tftp.transfer);
	p->tftp.deadline = dt_time_add(now, p->profile->tftp_retry_us);
}

void tftp_client_ask(struct phone *p, const char *name, struct ip4 server, dt_time now)
{
	struct tftp_client *t = &p->tftp;

	buf_clear(&t->file);
	t->busy = true;
	(void)text_copy(t->name, sizeof t->name, name);
	t->server = (struct endpoint){server, TFTP_PORT};
	t->transfer = (struct endpoint){server, 0};
	t->local_port = (uint16_t)(PHONE_FIRST_PORT + p->next_port++ % 16000);
	t->block = 0;
	t->tries = 0;
	send_request(p, now);
}

void tftp_client_stop(struct phone *p)
{
	p->tftp.busy = false;
	p->tftp.deadline = DT_NEVER;
}

static void on_data(struct phone *p, const struct tftp_packet *packet, dt_time now)
{
	struct tftp_client *t = &p->tftp;

	if (packet->block == t->block && t->block != 0) {
		send_ack(p, now); /* our ACK was lost */
		return;
	}
	if (packet->block != (uint16_t)(t->block + 1))
		return;
	buf_append(&t->file, packet->data);
	t->block = packet->block;
	t->tries = 0;
	send_ack(p, now);
	if (packet->data.len == TFTP_BLKSIZE_PLAIN)
		return;
	tftp_client_stop(p);
	phone_file_ended(p, buf_error(&t->file) == 0, now);
}

void tftp_client_input(struct phone *p, struct endpoint from, uint16_t local_port,
		       struct slice datagram, dt_time now)
{
	struct tftp_client *t = &p->tftp;
	struct tftp_packet packet;
	struct tftp_packet stranger = {.op = TFTP_ERROR,
				       .code = TFTP_ERROR_UNKNOWN_TID,
				       .data = slice_text("unknown transfer")};
	struct tftp_packet no_options = {.op = TFTP_ERROR,
					 .code = TFTP_ERROR_OPTIONS,
					 .data = slice_text("no option was asked")};

	if (!t->busy || local_port != t->local_port || tftp_decode(datagram, &packet, NULL) != 0)
		return;
	/* The first answer's port is the transfer; another address or port is a stranger (RFC
	 * 1350). */
	if (!ip4_equal(from.ip, t->server.ip) ||
	    (t->transfer.port != 0 && from.port != t->transfer.port)) {
		send(p, &stranger, from);
		return;
	}
	t->transfer = from;
	if (packet.op == TFTP_DATA) {
		on_data(p, &packet, now);
	} else if (packet.op == TFTP_ERROR) {
		tftp_client_stop(p);
		phone_file_ended(p, false, now);
	} else if (packet.op == TFTP_OACK) {
		send(p, &no_options, from);
	}
}

void tftp_client_refused(struct phone *p, uint16_t local_port, dt_time now)
{
	if (p->tftp.busy && local_port == p->tftp.local_port) {
		tftp_client_stop(p);
		phone_file_silent(p, now);
	}
}

void tftp_client_expire(struct phone *p, dt_time now)
{
	struct tftp_client *t = &p->tftp;

	if (!t->busy || now < t->deadline)
		return;
	if (t->tries >= p->profile->tftp_tries) {
		tftp_client_stop(p);
		phone_file_silent(p, now);
	} else if (t->block > 0) {
		t->tries++;
		send_ack(p, now);
	} else {
		send_request(p, now);
	}
}
