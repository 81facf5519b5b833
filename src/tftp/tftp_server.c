/* The TFTP server's machine.
 *
 *   RRQ --> no such file --> ERROR 1 at once (a boot asks for several files that need not be there)
 *       --> file, options asked --> OACK ... ACK 0 --> DATA 1
 *       --> file ---------------------------------> DATA 1
 *   ACK n of a block in flight --> the window after n, or the end after a block shorter than
 * blksize other ACKs --> ignored: answering a duplicate would double every following block (the
 *                  sorcerer's apprentice). In a window of several blocks the ACK before it says
 * that one was lost: the window goes out again, once silence --> what is in flight again after 1,
 * 2, 4, 8 s; before the first ACK at most 3 times in all, so that a forged request cannot make us
 * flood somebody
 *
 * A transfer is known by client endpoint and transfer port. Transfers that wait equally long stand
 * in one queue, in the order in which their time comes: with thousands of them none is searched. */
#include "tftp/tftp_server.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/map.h"
#include "base/text.h"
#include "tftp/faults.h"
#include "tftp/file.h"

#include <strings.h>

#define SENDS_UNANSWERED 3 /* of the first packet, before any ACK */
#define SENDS_MAX        5
#define LIFE_MAX         DT_SECONDS(300)
#define OUTPUTS_MAX      4096
#define WINDOW_MAX       16 /* blocks; a phone's buffer is small, and so is a switch's */
#define TURNS            4

/* The wait after each send of the same. */
static const dt_time waits[TURNS] = {DT_SECONDS(1), DT_SECONDS(2), DT_SECONDS(4), DT_SECONDS(8)};

struct transfer {
	struct endpoint client;
	struct ip4 local;
	unsigned port;
	struct file *file;
	char name[64];
	uint16_t blksize, window;
	/* Blocks by number, not wrapped: acknowledged, sent, and how many there are. */
	uint32_t acked, sent, total;
	bool oack_pending; /* sent, and not yet acknowledged as block 0 */
	bool answered;     /* the client has answered at least once */
	bool repeated;     /* this window went out again already, because one of it was lost */
	unsigned sends;    /* of what is in flight */
	unsigned first_turn, turn, queue; /* index into waits[]: of a first send, the next one,
					     where it stands */
	dt_time next, began;
	struct tftp_packet oack;
	char oack_value[4][12];
	struct transfer *newer, *older; /* in its queue */
};

struct queue {
	struct transfer *oldest, *newest;
};

struct output {
	struct tftp_output out;
	struct output *next;
};

struct tftp_server {
	struct reg *reg;
	struct map transfers; /* by client and port */
	struct queue queue[TURNS];
	unsigned next_port;
	struct file *default_file; /* the last one rendered: asked by every new phone */
	struct output *first, *last;
	size_t output_count;
	struct tftp_faults faults;
};

static uint64_t transfer_key(struct endpoint client, unsigned port)
{
	return endpoint_key(client) << 8 | (port + 1);
}

struct tftp_server *tftp_server_new(struct reg *reg)
{
	struct tftp_server *s = alloc_zero(1, sizeof *s);

	if (s == NULL)
		return NULL;
	s->reg = reg;
	map_init(&s->transfers, TFTP_TRANSFERS_MAX);
	return s;
}

static void queue_remove(struct tftp_server *s, struct transfer *t)
{
	struct queue *q = &s->queue[t->queue];

	*(t->older != NULL ? &t->older->newer : &q->oldest) = t->newer;
	*(t->newer != NULL ? &t->newer->older : &q->newest) = t->older;
}

static void queue_append(struct tftp_server *s, struct transfer *t, unsigned queue)
{
	struct queue *q = &s->queue[queue];

	t->queue = queue;
	t->newer = NULL;
	t->older = q->newest;
	*(q->newest != NULL ? &q->newest->newer : &q->oldest) = t;
	q->newest = t;
}

static void transfer_end(struct tftp_server *s, struct transfer *t)
{
	(void)map_take(&s->transfers, transfer_key(t->client, t->port));
	queue_remove(s, t);
	file_unref(t->file);
	alloc_free(t);
}

void tftp_server_free(struct tftp_server *s)
{
	if (s == NULL)
		return;
	for (unsigned q = 0; q < TURNS; q++) {
		while (s->queue[q].oldest != NULL)
			transfer_end(s, s->queue[q].oldest);
	}
	while (s->first != NULL) {
		struct output *o = s->first;
		s->first = o->next;
		alloc_free(o);
	}
	map_done(&s->transfers);
	file_unref(s->default_file);
	alloc_free(s);
}

void tftp_server_set_fault(struct tftp_server *s, enum tftp_fault fault, const char *only)
{
	tftp_faults_set(&s->faults, fault, only);
}

/* Queues a packet; what does not fit is lost like any datagram, and asked for again. */
static void send(struct tftp_server *s, const struct tftp_packet *p, unsigned port,
		 struct ip4 local, struct endpoint to)
{
	struct output *o = s->output_count < OUTPUTS_MAX ? alloc_zero(1, sizeof *o) : NULL;

	if (o == NULL)
		return;
	struct writer w = writer_of(o->out.bytes, sizeof o->out.bytes);
	if (tftp_encode(p, &w) != 0) {
		alloc_free(o);
		return;
	}
	o->out.port = port;
	o->out.local = local;
	o->out.to = to;
	o->out.len = w.pos;
	if (s->last != NULL)
		s->last->next = o;
	else
		s->first = o;
	s->last = o;
	s->output_count++;
}

static void send_error(struct tftp_server *s, uint16_t code, const char *text, unsigned port,
		       struct ip4 local, struct endpoint to)
{
	struct tftp_packet p = {.op = TFTP_ERROR, .code = code, .data = slice_text(text)};

	send(s, &p, port, local, to);
}

static void send_block(struct tftp_server *s, const struct transfer *t, uint32_t block)
{
	size_t at = (size_t)(block - 1) * t->blksize;
	struct tftp_packet data = {.op = TFTP_DATA, .block = (uint16_t)block};

	data.data = slice_head(slice_from(buf_slice(&t->file->bytes), at), t->blksize);
	send(s, &data, t->port, t->local, t->client);
}

/* What is in flight, once more or for the first time. */
static void send_current(struct tftp_server *s, struct transfer *t, dt_time now)
{
	if (t->oack_pending) {
		send(s, &t->oack, t->port, t->local, t->client);
	} else {
		t->sent = t->acked;
		while (t->sent < t->total && t->sent < t->acked + t->window)
			send_block(s, t, ++t->sent);
	}
	t->sends++;
	t->next = dt_time_add(now, waits[t->turn]);
	queue_remove(s, t);
	queue_append(s, t, t->turn);
	t->turn += t->turn + 1 < TURNS;
}

static void send_next(struct tftp_server *s, struct transfer *t, dt_time now)
{
	t->sends = 0;
	t->turn = t->first_turn;
	t->repeated = false;
	send_current(s, t, now);
}

/* An option we answer, with its value; OACK names only what was asked (RFC 2347). */
static void add_oack(struct transfer *t, const char *name, uint32_t value)
{
	uint32_t i = t->oack.option_count++;

	(void)snprintf(t->oack_value[i], sizeof t->oack_value[i], "%u", value);
	t->oack.option[i] = (struct tftp_option){slice_text(name), slice_text(t->oack_value[i])};
}

static void negotiate(struct transfer *t, const struct tftp_packet *rrq)
{
	uint32_t value = 0;

	t->oack.op = TFTP_OACK;
	t->blksize = TFTP_BLKSIZE_PLAIN;
	t->window = 1;
	if (tftp_option_number(rrq, "blksize", &value) && value >= TFTP_BLKSIZE_MIN) {
		/* A block that needs IP fragments is lost with any one of them: one Ethernet frame
		 * at most. */
		uint32_t most = TFTP_DATAGRAM_MAX - 4;
		t->blksize = (uint16_t)(value < most ? value : most);
		add_oack(t, "blksize", t->blksize);
	}
	if (tftp_option_number(rrq, "tsize", &value))
		add_oack(t, "tsize", (uint32_t)t->file->bytes.len);
	if (tftp_option_number(rrq, "windowsize", &value) && value >= 1) {
		t->window = (uint16_t)(value < WINDOW_MAX ? value : WINDOW_MAX);
		add_oack(t, "windowsize", t->window);
	}
	/* Only a wait that is one of ours is promised. */
	for (unsigned turn = 0; turn < TURNS; turn++) {
		if (tftp_option_number(rrq, "timeout", &value) &&
		    DT_SECONDS((dt_time)value) == waits[turn]) {
			t->first_turn = turn;
			add_oack(t, "timeout", value);
		}
	}
	t->oack_pending = t->oack.option_count > 0;
	t->total = (uint32_t)(t->file->bytes.len / t->blksize) + 1;
}

/* A transfer port this client does not use yet; TFTP_PORTS when it uses them all. */
static unsigned free_port(struct tftp_server *s, struct endpoint client)
{
	for (unsigned i = 0; i < TFTP_PORTS; i++) {
		unsigned port = (s->next_port + i) % TFTP_PORTS;
		if (map_get(&s->transfers, transfer_key(client, port)) != NULL)
			continue;
		s->next_port = port + 1;
		return port;
	}
	return TFTP_PORTS;
}

/* A transfer of the same file to the same client port that has not got beyond its first packet: the
 * request was repeated because our answer was lost. */
static struct transfer *find_repeated(struct tftp_server *s, struct endpoint from, const char *name)
{
	for (unsigned port = 0; port < TFTP_PORTS; port++) {
		struct transfer *t = map_get(&s->transfers, transfer_key(from, port));
		if (t != NULL && !t->answered && strcmp(t->name, name) == 0)
			return t;
	}
	return NULL;
}

static void transfer_begin(struct tftp_server *s, const struct tftp_packet *rrq, struct file *file,
			   struct endpoint from, struct ip4 local, dt_time now)
{
	unsigned port = free_port(s, from);
	struct transfer *t = port < TFTP_PORTS ? alloc_zero(1, sizeof *t) : NULL;

	if (t == NULL || map_put(&s->transfers, transfer_key(from, port), t) != 0) {
		alloc_free(t);
		file_unref(file);
		send_error(s, TFTP_ERROR_NOT_DEFINED, "busy, too many transfers", port % TFTP_PORTS,
			   local, from);
		return;
	}
	t->client = from;
	t->local = local;
	t->port = port;
	t->file = file;
	(void)text_copy(t->name, sizeof t->name, rrq->file);
	t->began = now;
	queue_append(s, t, 0);
	negotiate(t, rrq);
	send_next(s, t, now);
}

/* The file of a name, or NULL after answering why not. */
static struct file *open_file(struct tftp_server *s, const struct tftp_packet *rrq,
			      struct endpoint from, struct ip4 local)
{
	struct name_answer answer = names_find(s->reg, rrq->file);
	struct file *cached = answer.kind == NAME_DEFAULT ? s->default_file : NULL;

	if (answer.kind == NAME_UNKNOWN ||
	    (answer.kind == NAME_DEFAULT && s->faults.fault == TFTP_FAULT_NO_DEFAULT)) {
		send_error(s, TFTP_ERROR_NOT_FOUND, "File not found", s->next_port % TFTP_PORTS,
			   local, from);
		return NULL;
	}
	struct file *file = file_get(s->reg, &answer, cached);
	if (file == NULL) {
		send_error(s, TFTP_ERROR_NOT_DEFINED, "out of memory", s->next_port % TFTP_PORTS,
			   local, from);
		return NULL;
	}
	if (answer.kind == NAME_DEFAULT && file != s->default_file) {
		file_unref(s->default_file);
		s->default_file = file_ref(file);
	}
	return file;
}

void tftp_server_request(struct tftp_server *s, struct endpoint from, struct ip4 local,
			 struct slice datagram, dt_time now)
{
	struct tftp_packet p;

	if (tftp_decode(datagram, &p, NULL) != 0)
		return;
	/* Asked for by name: whatever comes of it, that phone exists. */
	struct name_answer asked = names_find(s->reg, p.file);
	if (asked.claim[0] != 0)
		reg_device_seen(s->reg, asked.claim);
	if (tftp_faults_silent(&s->faults, p.file, from.ip))
		return;
	unsigned port = s->next_port % TFTP_PORTS;
	if (p.op == TFTP_WRQ) {
		send_error(s, TFTP_ERROR_ACCESS, "nothing can be written here", port, local, from);
		return;
	}
	if (p.op != TFTP_RRQ)
		return;
	if (strcasecmp(p.mode, "octet") != 0 && strcasecmp(p.mode, "netascii") != 0) {
		send_error(s, TFTP_ERROR_ILLEGAL, "mode must be octet", port, local, from);
		return;
	}
	struct transfer *repeated = find_repeated(s, from, p.file);
	if (repeated != NULL) {
		if (repeated->sends < SENDS_UNANSWERED)
			send_current(s, repeated, now);
		return;
	}
	struct file *file = open_file(s, &p, from, local);
	if (file != NULL && strcasecmp(p.mode, "netascii") == 0)
		file = file_netascii(file);
	if (file != NULL)
		transfer_begin(s, &p, file, from, local, now);
}

static void acknowledged(struct tftp_server *s, struct transfer *t, uint16_t block, dt_time now)
{
	/* Numbers wrap at 65,536: the one meant is the next of this number after the last one. */
	uint32_t n = t->acked + (uint16_t)(block - (uint16_t)t->acked);

	if (t->oack_pending ? block != 0 : n > t->sent)
		return;
	if (!t->oack_pending && n == t->acked) {
		if (t->window == 1 || t->repeated || !t->answered)
			return;
		send_current(s, t, now);
		t->repeated = true;
		return;
	}
	t->oack_pending = false;
	t->answered = true;
	t->acked = n;
	if (t->acked == t->total)
		transfer_end(s, t);
	else
		send_next(s, t, now);
}

void tftp_server_input(struct tftp_server *s, unsigned port, struct endpoint from,
		       struct slice datagram, dt_time now)
{
	struct tftp_packet p;
	struct transfer *t = map_get(&s->transfers, transfer_key(from, port));

	if (tftp_decode(datagram, &p, NULL) != 0)
		return;
	if (t == NULL || p.op == TFTP_ERROR) {
		/* A late ACK of a transfer that ended is normal: answering it would only start a
		 * quarrel. */
		if (t != NULL)
			transfer_end(s, t);
		return;
	}
	if (p.op == TFTP_ACK)
		acknowledged(s, t, p.block, now);
}

void tftp_server_expire(struct tftp_server *s, dt_time now)
{
	for (unsigned q = 0; q < TURNS; q++) {
		struct transfer *t = NULL;
		while ((t = s->queue[q].oldest) != NULL && t->next <= now) {
			unsigned most = t->answered ? SENDS_MAX : SENDS_UNANSWERED;
			if (t->sends >= most || now - t->began >= LIFE_MAX)
				transfer_end(s, t);
			else
				send_current(s, t, now);
		}
	}
}

dt_time tftp_server_deadline(const struct tftp_server *s)
{
	dt_time deadline = DT_NEVER;

	for (unsigned q = 0; q < TURNS; q++) {
		if (s->queue[q].oldest != NULL)
			deadline = dt_time_min(deadline, s->queue[q].oldest->next);
	}
	return deadline;
}

bool tftp_server_next_output(struct tftp_server *s, struct tftp_output *ret_output)
{
	struct output *o = s->first;

	if (o == NULL)
		return false;
	*ret_output = o->out;
	s->first = o->next;
	if (s->first == NULL)
		s->last = NULL;
	s->output_count--;
	alloc_free(o);
	return true;
}

size_t tftp_server_transfer_count(const struct tftp_server *s)
{
	return s->transfers.count;
}
