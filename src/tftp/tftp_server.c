/* The TFTP server's machine.
 *
 *   RRQ --> no such file --> ERROR 1 at once (a boot asks for several files that need not be there)
 *       --> file, options asked --> OACK ... ACK 0 --> DATA 1
 *       --> file ---------------------------------> DATA 1
 *   ACK n of a block in flight --> the window after n, or the end after a block shorter than
 * blksize other ACKs --> ignored: answering a duplicate would double every following block (the
 * sorcerer's apprentice) silence --> what is in flight again (transfer.c)
 */
#include "tftp/tftp_server.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"
#include "tftp/transfer.h"

#include <strings.h>

struct tftp_server *tftp_server_new(struct files *files)
{
	struct tftp_server *s = alloc_zero(1, sizeof *s);

	if (s == NULL)
		return NULL;
	s->files = files;
	map_init(&s->transfers, TFTP_TRANSFERS_MAX);
	map_init(&s->sources, TFTP_TRANSFERS_MAX);
	s->waiting = alloc_zero(TFTP_OUTPUTS, sizeof *s->waiting);
	if (s->waiting == NULL) {
		tftp_server_free(s);
		return NULL;
	}
	return s;
}

void tftp_server_free(struct tftp_server *s)
{
	if (s == NULL)
		return;
	for (unsigned q = 0; q < TFTP_WAITS; q++) {
		while (s->queue[q].oldest != NULL)
			transfer_end(s, s->queue[q].oldest);
	}
	map_done(&s->transfers);
	map_done(&s->sources);
	alloc_free(s->waiting);
	alloc_free(s);
}

struct tftp_waiting *tftp_send_room(struct tftp_server *s, unsigned port, struct ip4 local,
				    struct endpoint to)
{
	if (s->waiting_count == TFTP_OUTPUTS)
		return NULL;
	struct tftp_waiting *w =
	    &s->waiting[(s->first_waiting + s->waiting_count++) % TFTP_OUTPUTS];
	w->port = port;
	w->local = local;
	w->to = to;
	w->small_len = 0;
	return w;
}

void tftp_send_error(struct tftp_server *s, uint16_t code, const char *text, unsigned port,
		     struct ip4 local, struct endpoint to)
{
	struct tftp_packet p = {.op = TFTP_ERROR, .code = code, .data = slice_text(text)};
	struct tftp_waiting *w = tftp_send_room(s, port, local, to);

	if (w == NULL)
		return;
	struct writer out = writer_of(w->small, sizeof w->small);
	(void)tftp_encode(&p, &out); /* our own texts fit */
	w->small_len = (uint8_t)out.pos;
}

/* A request again whose transfer has not got beyond its first packet: our answer was lost. */
static struct transfer *find_repeated(struct tftp_server *s, struct endpoint from, const char *name)
{
	uint64_t key = map_key_text(name);

	for (unsigned port = 0; port < TFTP_PORTS; port++) {
		struct transfer *t = map_get(&s->transfers, transfer_key(from, port));
		if (t != NULL && !t->answered && t->name_key == key)
			return t;
	}
	return NULL;
}

/* A file, or NULL after answering why not. */
static struct file *open_file(struct tftp_server *s, const struct tftp_packet *rrq,
			      struct endpoint from, struct ip4 local)
{
	unsigned port = s->next_port % TFTP_PORTS;
	bool netascii = strcasecmp(rrq->mode, "netascii") == 0;
	struct file *file = NULL;
	struct file_name name;

	switch (files_open(s->files, slice_text(rrq->file), &file, &name)) {
	case FILES_FOUND:
		break;
	case FILES_MISSING:
		s->counters.not_found++;
		tftp_send_error(s, TFTP_ERROR_NOT_FOUND, "File not found", port, local, from);
		return NULL;
	case FILES_FAILED:
		tftp_send_error(s, TFTP_ERROR_NOT_DEFINED, "the file cannot be made", port, local,
				from);
		return NULL;
	}
	if (netascii)
		file = file_netascii(file, FILES_NETASCII_MAX);
	if (file == NULL || file->size / TFTP_BLKSIZE_MIN >= UINT32_MAX) {
		tftp_send_error(s, TFTP_ERROR_NOT_DEFINED, "too large for this transfer", port,
				local, from);
		file_unref(file);
		return NULL;
	}
	return file;
}

static void on_read_request(struct tftp_server *s, const struct tftp_packet *rrq,
			    struct endpoint from, struct ip4 local, dt_time now)
{
	struct transfer *repeated = find_repeated(s, from, rrq->file);

	if (repeated != NULL) {
		if (repeated->sends < TFTP_SENDS)
			transfer_send(s, repeated, now);
		return;
	}
	struct file *file = open_file(s, rrq, from, local);
	if (file != NULL)
		transfer_begin(s, rrq, file, from, local, now);
}

void tftp_server_request(struct tftp_server *s, struct endpoint from, struct ip4 local,
			 struct slice datagram, dt_time now)
{
	unsigned port = s->next_port % TFTP_PORTS;
	struct tftp_packet p;

	if (tftp_decode(datagram, &p, NULL) != 0 || (p.op != TFTP_RRQ && p.op != TFTP_WRQ) ||
	    from.port == 0)
		return;
	s->counters.requests++;
	if (p.op == TFTP_WRQ)
		tftp_send_error(s, TFTP_ERROR_ACCESS, "nothing can be written here", port, local,
				from);
	else if (strcasecmp(p.mode, "octet") != 0 && strcasecmp(p.mode, "netascii") != 0)
		tftp_send_error(s, TFTP_ERROR_ILLEGAL, "mode must be octet", port, local, from);
	else
		on_read_request(s, &p, from, local, now);
}

void tftp_server_input(struct tftp_server *s, unsigned port, struct endpoint from,
		       struct slice datagram, dt_time now)
{
	struct transfer *t = map_get(&s->transfers, transfer_key(from, port));
	struct tftp_packet p;

	/* A late ACK of a transfer that ended is normal: answering it would only start a quarrel.
	 */
	if (t == NULL || tftp_decode(datagram, &p, NULL) != 0)
		return;
	if (p.op == TFTP_ERROR)
		transfer_end(s, t);
	else if (p.op == TFTP_ACK)
		transfer_acknowledged(s, t, p.block, now);
}

void tftp_server_expire(struct tftp_server *s, dt_time now)
{
	for (unsigned q = 0; q < TFTP_WAITS; q++) {
		struct transfer *t = NULL;
		while ((t = s->queue[q].oldest) != NULL && t->next <= now)
			transfer_expired(s, t, now);
	}
}

dt_time tftp_server_deadline(const struct tftp_server *s)
{
	dt_time deadline = DT_NEVER;

	for (unsigned q = 0; q < TFTP_WAITS; q++) {
		if (s->queue[q].oldest != NULL)
			deadline = dt_time_min(deadline, s->queue[q].oldest->next);
	}
	return deadline;
}

/* The blocks that wait, read into the scratch. Their number; 0 when the transfer is over, or its
 * file cannot be read any more: then the client is told, so that it does not take half for the
 * whole. */
static uint32_t read_blocks(struct tftp_server *s, const struct tftp_waiting *w, size_t *ret_len,
			    size_t *ret_datagram)
{
	struct transfer *t = map_get(&s->transfers, w->key);
	uint8_t *at = s->scratch;

	if (t == NULL || t->serial != w->serial)
		return 0;
	/* A window with one read: of the disk each costs two calls of the system. */
	long n = file_read(t->file, (uint64_t)(w->block - 1) * t->blksize, s->content,
			   (size_t)w->count * t->blksize);
	if (n < 0) {
		tftp_send_error(s, TFTP_ERROR_NOT_DEFINED, "the file has changed", t->port,
				t->local, t->client);
		transfer_end(s, t);
		return 0;
	}
	struct slice content = slice_of(s->content, (size_t)n);
	for (uint32_t i = 0; i < w->count; i++) {
		struct writer out = writer_of(at, 4U + t->blksize);
		writer_be16(&out, TFTP_DATA);
		writer_be16(&out, (uint16_t)(w->block + i));
		writer_bytes(&out, slice_head(content, t->blksize));
		content = slice_from(content, t->blksize);
		at += out.pos;
	}
	*ret_len = (size_t)(at - s->scratch);
	*ret_datagram = t->blksize + 4U;
	return w->count;
}

bool tftp_server_next_output(struct tftp_server *s, struct tftp_output *ret_output)
{
	while (s->waiting_count > 0) {
		const struct tftp_waiting waiting = s->waiting[s->first_waiting];
		const struct tftp_waiting *w = &waiting;
		size_t len = w->small_len;
		size_t datagram = len;
		s->first_waiting = (s->first_waiting + 1) % TFTP_OUTPUTS;
		s->waiting_count--;
		if (w->small_len > 0)
			memcpy(s->scratch, w->small, w->small_len);
		else if (read_blocks(s, w, &len, &datagram) == 0)
			continue;
		*ret_output = (struct tftp_output){w->port, w->local, w->to,
						   slice_of(s->scratch, len), datagram};
		return true;
	}
	return false;
}

size_t tftp_server_transfer_count(const struct tftp_server *s)
{
	return s->transfers.count;
}

void tftp_server_count(const struct tftp_server *s, struct tftp_counters *ret_counters)
{
	*ret_counters = s->counters;
}
