/* The phone's TFTP client (RFC 1350): one file at a time, a fresh local port each, blocks of 512,
 * no options asked. A request is repeated every few seconds; silence after the last try is told to
 * the boot.
 *
 *            DATA 1                 DATA n, full
 *   ASKING ----------> RECEIVING ----------------+
 *     | RRQ again        |  ^  | ACK again       |
 *     | after 4 s        |  +--|-----------------+
 *     v                  v     v shorter than 512
 *   silent, after 5    silent  delivered           not delivered, from either: ERROR, OACK, a block
 *                                                  too large, a file too large
 */
#include "phone/phone_internal.h"

#include "base/text.h"

static void send_from(struct phone *p, const struct tftp_packet *packet, struct endpoint to,
		      uint16_t local_port)
{
	uint8_t bytes[TFTP_BLKSIZE_PLAIN + 64];
	struct writer w = writer_of(bytes, sizeof bytes);

	if (tftp_encode(packet, &w) != 0)
		return;
	struct phone_action *a = phone_act(p, PHONE_SEND_UDP, writer_done(&w));
	if (a == NULL)
		return;
	a->to = to;
	a->local_port = local_port;
}

static void send(struct phone *p, const struct tftp_packet *packet, struct endpoint to)
{
	send_from(p, packet, to, p->tftp.local_port);
}

static void send_request(struct phone *p, dt_time now)
{
	struct tftp_packet rrq = {.op = TFTP_RRQ};

	(void)text_copy(rrq.mode, sizeof rrq.mode, p->profile->tftp_mode);
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

void tftp_client_ask(struct phone *p, const char *name, struct ip4 server, bool keep, dt_time now)
{
	struct tftp_client *t = &p->tftp;

	buf_done(&t->file);
	t->keep = keep;
	t->busy = true;
	if (name != t->name)
		(void)text_copy(t->name, sizeof t->name, name);
	t->server = (struct endpoint){server, TFTP_PORT};
	t->transfer = (struct endpoint){server, 0};
	t->local_port = p->profile->tftp_port != 0 ? p->profile->tftp_port : phone_next_port(p);
	t->block = 0;
	t->tries = 0;
	send_request(p, now);
}

void tftp_client_stop(struct phone *p)
{
	p->tftp.busy = false;
	p->tftp.deadline = DT_NEVER;
}

/* Says why, and ends the transfer without a file. */
static void refuse(struct phone *p, enum tftp_error code, dt_time now)
{
	const char *text = tftp_error_text((uint16_t)code);
	struct tftp_packet error = {
	    .op = TFTP_ERROR, .code = (uint16_t)code, .data = slice_text(text)};

	send(p, &error, p->tftp.transfer);
	tftp_client_stop(p);
	files_ended(p, false, now);
}

static void on_data(struct phone *p, const struct tftp_packet *packet, dt_time now)
{
	struct tftp_client *t = &p->tftp;

	if (packet->data.len > TFTP_BLKSIZE_PLAIN) {
		refuse(p, TFTP_ERROR_ILLEGAL, now);
		return;
	}
	if (packet->block == t->block && t->block != 0) {
		send_ack(p, now); /* our ACK was lost */
		return;
	}
	if (packet->block != (uint16_t)(t->block + 1))
		return;
	if (t->keep)
		buf_append(&t->file, packet->data);
	/* Too large, or no memory: this phone cannot keep the file. */
	if (buf_error(&t->file) != 0) {
		refuse(p, TFTP_ERROR_DISK_FULL, now);
		return;
	}
	t->block = packet->block;
	t->tries = 0;
	send_ack(p, now);
	if (packet->data.len == TFTP_BLKSIZE_PLAIN)
		return;
	t->old_transfer = t->transfer;
	t->old_port = t->local_port;
	t->old_block = t->block;
	tftp_client_stop(p);
	files_ended(p, true, now);
}

static void on_late_data(struct phone *p, const struct tftp_packet *packet, struct endpoint from)
{
	const struct tftp_client *t = &p->tftp;
	struct tftp_packet ack = {.op = TFTP_ACK, .block = t->old_block};

	if (packet->op == TFTP_DATA && packet->block == t->old_block &&
	    endpoint_equal(from, t->old_transfer))
		send_from(p, &ack, from, t->old_port);
}

void tftp_client_input(struct phone *p, struct endpoint from, uint16_t local_port,
		       struct slice datagram, dt_time now)
{
	struct tftp_client *t = &p->tftp;
	struct tftp_packet packet;
	struct tftp_packet stranger = {.op = TFTP_ERROR,
				       .code = TFTP_ERROR_UNKNOWN_TID,
				       .data = slice_text("unknown transfer")};

	if (tftp_decode(datagram, &packet, NULL) != 0)
		return;
	if (local_port != 0 && local_port == t->old_port)
		on_late_data(p, &packet, from);
	if (!t->busy || local_port != t->local_port)
		return;
	/* The first answer's port is the transfer; another address or port is a stranger (RFC
	 * 1350). Two that answer each other's ERROR would never stop. */
	if (!ip4_equal(from.ip, t->server.ip) ||
	    (t->transfer.port != 0 && from.port != t->transfer.port)) {
		if (packet.op != TFTP_ERROR)
			send(p, &stranger, from);
		return;
	}
	/* Only what belongs to a transfer fixes its port. */
	if (packet.op == TFTP_DATA && (packet.block == 1 || t->transfer.port != 0)) {
		t->transfer = from;
		on_data(p, &packet, now);
	} else if (packet.op == TFTP_ERROR) {
		tftp_client_stop(p);
		files_ended(p, false, now);
	} else if (packet.op == TFTP_OACK) {
		t->transfer = from;
		refuse(p, TFTP_ERROR_OPTIONS, now);
	}
}

void tftp_client_refused(struct phone *p, uint16_t local_port, dt_time now)
{
	if (p->tftp.busy && local_port == p->tftp.local_port) {
		tftp_client_stop(p);
		files_silent(p, now);
	}
}

void tftp_client_expire(struct phone *p, dt_time now)
{
	struct tftp_client *t = &p->tftp;

	if (!t->busy || now < t->deadline)
		return;
	if (t->tries >= p->profile->tftp_tries) {
		tftp_client_stop(p);
		files_silent(p, now);
		return;
	}
	p->view.resent_files++;
	if (t->block > 0) {
		t->tries++;
		send_ack(p, now);
	} else {
		send_request(p, now);
	}
}
