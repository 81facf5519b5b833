/* One transfer: what is sent, how long an answer is waited for, and when it is given up.
 *
 * The wait follows the client's own round trip (RFC 6298: smoothed, plus four times its variation;
 * only packets sent once count), from 0.2 s to 1 s, and lengthens with each silence: on a bad line
 * what is lost is sent again soon, on a slow one nothing is sent twice for nothing. Before the
 * first answer it is 1, 2, 4 s and three packets in all, so that a forged request cannot make us
 * flood somebody; one packet alone for an address that has very many transfers.
 *
 * Transfers that wait equally long stand in one queue, in the order in which their time comes: with
 * thousands of them none is searched. */
#include "tftp/transfer.h"

#include "base/alloc.h"
#include "base/error.h"

#include <stdio.h>

#define SILENCE_MAX                                                                                \
	DT_SECONDS(60) /* at half of all packets lost each way, one in 10^7 ends here              \
			*/
#define WAIT_FIRST   4 /* 1 s */
#define WAIT_LONGEST 4 /* of the adaptive ones */

static const dt_time waits[TFTP_WAITS] = {DT_MS(200),    DT_MS(300),    DT_MS(450),
					  DT_MS(700),    DT_SECONDS(1), DT_SECONDS(2),
					  DT_SECONDS(4), DT_SECONDS(8)};

uint64_t transfer_key(struct endpoint client, unsigned port)
{
	return endpoint_key(client) << 8 | (port + 1);
}

static void queue_remove(struct tftp_server *s, struct transfer *t)
{
	*(t->older != NULL ? &t->older->newer : &s->queue[t->queue].oldest) = t->newer;
	*(t->newer != NULL ? &t->newer->older : &s->queue[t->queue].newest) = t->older;
}

static void queue_append(struct tftp_server *s, struct transfer *t, unsigned queue)
{
	t->queue = queue;
	t->newer = NULL;
	t->older = s->queue[queue].newest;
	*(t->older != NULL ? &t->older->newer : &s->queue[queue].oldest) = t;
	s->queue[queue].newest = t;
}

static void release_source(struct tftp_server *s, struct tftp_source *source)
{
	if (source == NULL || --source->transfers > 0)
		return;
	(void)map_take(&s->sources, ip4_number(source->ip) + 1ULL);
	alloc_free(source);
}

void transfer_end(struct tftp_server *s, struct transfer *t)
{
	(void)map_take(&s->transfers, transfer_key(t->client, t->port));
	queue_remove(s, t);
	release_source(s, t->source);
	file_unref(t->file);
	alloc_free(t);
}

static void send_small(struct tftp_server *s, const struct transfer *t)
{
	struct tftp_waiting *w = tftp_send_room(s, t->port, t->local, t->client);

	if (w == NULL)
		return;
	w->small_len = t->oack_len;
	memcpy(w->small, t->oack, t->oack_len);
}

static void send_blocks(struct tftp_server *s, struct transfer *t)
{
	uint32_t left = t->total - t->acked;
	uint32_t count = left < t->window ? left : t->window;
	struct tftp_waiting *w = tftp_send_room(s, t->port, t->local, t->client);

	t->sent = t->acked + count;
	if (w == NULL)
		return;
	w->key = transfer_key(t->client, t->port);
	w->serial = t->serial;
	w->block = t->acked + 1;
	w->count = count;
}

void transfer_send(struct tftp_server *s, struct transfer *t, dt_time now)
{
	unsigned wait = t->wait;

	if (t->oack_pending)
		send_small(s, t);
	else
		send_blocks(s, t);
	if (t->sends++ > 0)
		s->counters.resent++;
	t->sent_at = now;
	t->next = dt_time_add(now, waits[wait]);
	queue_remove(s, t);
	queue_append(s, t, wait);
	if (!t->fixed_wait && t->wait + 1 < TFTP_WAITS && (!t->answered || t->wait < WAIT_LONGEST))
		t->wait++;
}

/* The shortest wait that is no shorter than the client needs. */
static unsigned adapted_wait(const struct transfer *t)
{
	dt_time need = t->round_trip + 4 * t->variation;

	if (t->round_trip == 0)
		return WAIT_FIRST;
	for (unsigned i = 0; i < WAIT_LONGEST; i++) {
		if (waits[i] >= need)
			return i;
	}
	return WAIT_LONGEST;
}

static void measure(struct transfer *t, dt_time now)
{
	dt_time sample = now - t->sent_at;

	/* An answer to what was sent twice answers one cannot say which (Karn). */
	if (t->sends != 1 || sample < 0)
		return;
	if (sample == 0)
		sample = 1;
	if (t->round_trip == 0) {
		t->round_trip = sample;
		t->variation = sample / 2;
		return;
	}
	dt_time off = sample > t->round_trip ? sample - t->round_trip : t->round_trip - sample;
	t->variation += (off - t->variation) / 4;
	t->round_trip += (sample - t->round_trip) / 8;
	if (t->round_trip == 0)
		t->round_trip = 1;
}

static void send_next(struct tftp_server *s, struct transfer *t, dt_time now)
{
	t->sends = 0;
	t->repeated = false;
	if (!t->fixed_wait)
		t->wait = adapted_wait(t);
	transfer_send(s, t, now);
}

void transfer_acknowledged(struct tftp_server *s, struct transfer *t, uint16_t block, dt_time now)
{
	/* Numbers wrap at 65,536: the one meant is the next of this number after the last one. */
	uint32_t n = t->acked + (uint16_t)(block - (uint16_t)t->acked);

	if (t->oack_pending ? block != 0 : n > t->sent)
		return;
	t->heard = now;
	if (!t->oack_pending && n == t->acked) {
		/* In a window of several blocks the ACK before it says that one was lost. For a
		 * single block it is a duplicate, and answering would double all that follow. */
		if (t->window == 1 || t->repeated || !t->answered)
			return;
		t->repeated = true;
		transfer_send(s, t, now);
		return;
	}
	measure(t, now);
	t->oack_pending = false;
	t->answered = true;
	t->acked = n;
	if (t->acked == t->total) {
		s->counters.delivered++;
		transfer_end(s, t);
	} else {
		send_next(s, t, now);
	}
}

void transfer_expired(struct tftp_server *s, struct transfer *t, dt_time now)
{
	unsigned most = t->source->transfers > TFTP_SOURCE_MAX ? 1 : TFTP_SENDS;

	if (t->answered ? now - t->heard >= SILENCE_MAX : t->sends >= most) {
		s->counters.given_up++;
		transfer_end(s, t);
	} else {
		transfer_send(s, t, now);
	}
}

/* An option we answer, with its value; OACK names only what was asked (RFC 2347). */
static void add_option(struct tftp_packet *oack, char (*values)[24], const char *name,
		       uint64_t value)
{
	uint32_t i = oack->option_count++;

	(void)snprintf(values[i], sizeof values[i], "%llu", (unsigned long long)value);
	oack->option[i] = (struct tftp_option){slice_text(name), slice_text(values[i])};
}

static void negotiate(struct transfer *t, const struct tftp_packet *rrq)
{
	struct tftp_packet oack = {.op = TFTP_OACK};
	char values[4][24];
	struct writer w = writer_of(t->oack, sizeof t->oack);
	uint32_t value = 0;

	t->blksize = TFTP_BLKSIZE_PLAIN;
	t->window = 1;
	t->wait = WAIT_FIRST;
	if (tftp_option_number(rrq, "blksize", &value) && value >= TFTP_BLKSIZE_MIN) {
		/* A block that needs IP fragments is lost with any one of them: one Ethernet frame
		 * at most. */
		uint32_t most = TFTP_DATAGRAM_MAX - 4;
		t->blksize = (uint16_t)(value < most ? value : most);
		add_option(&oack, values, "blksize", t->blksize);
	}
	if (tftp_option_number(rrq, "tsize", &value))
		add_option(&oack, values, "tsize", t->file->size);
	if (tftp_option_number(rrq, "windowsize", &value) && value >= 1) {
		t->window = (uint16_t)(value < TFTP_WINDOW_MAX ? value : TFTP_WINDOW_MAX);
		add_option(&oack, values, "windowsize", t->window);
	}
	/* Only a wait that is one of ours is promised. */
	for (unsigned i = 0; i < TFTP_WAITS; i++) {
		if (tftp_option_number(rrq, "timeout", &value) &&
		    DT_SECONDS((dt_time)value) == waits[i]) {
			t->wait = i;
			t->fixed_wait = true;
			add_option(&oack, values, "timeout", value);
		}
	}
	t->oack_pending = oack.option_count > 0;
	if (t->oack_pending && tftp_encode(&oack, &w) == 0)
		t->oack_len = (uint8_t)w.pos;
	t->total = (uint32_t)(t->file->size / t->blksize) + 1;
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

/* The address's budget; NULL when it is used up, or no memory is left. */
static struct tftp_source *take_source(struct tftp_server *s, struct ip4 ip)
{
	uint64_t key = ip4_number(ip) + 1ULL;
	struct tftp_source *source = map_get(&s->sources, key);

	if (source == NULL) {
		source = alloc_zero(1, sizeof *source);
		if (source == NULL)
			return NULL;
		source->ip = ip;
		if (map_put(&s->sources, key, source) != 0) {
			alloc_free(source);
			return NULL;
		}
	}
	if (source->transfers >= TFTP_SOURCE_MAX && s->transfers.count >= TFTP_TRANSFERS_MAX / 2)
		return NULL;
	source->transfers++;
	return source;
}

/* When the table is full, whoever has never answered makes room: it may be nobody at all. */
static bool make_room(struct tftp_server *s)
{
	if (s->transfers.count < TFTP_TRANSFERS_MAX)
		return true;
	for (unsigned q = TFTP_WAITS; q-- > WAIT_FIRST;) {
		struct transfer *t = s->queue[q].oldest;
		if (t != NULL && !t->answered) {
			s->counters.given_up++;
			transfer_end(s, t);
			return true;
		}
	}
	return false;
}

void transfer_begin(struct tftp_server *s, const struct tftp_packet *rrq, struct file *file,
		    struct endpoint from, struct ip4 local, dt_time now)
{
	bool room = make_room(s);
	unsigned port = free_port(s, from);
	struct transfer *t = room && port < TFTP_PORTS ? alloc_zero(1, sizeof *t) : NULL;
	struct tftp_source *source = t != NULL ? take_source(s, from.ip) : NULL;

	if (source == NULL || map_put(&s->transfers, transfer_key(from, port), t) != 0) {
		/* A source at its limit gets no answer: it may be forged. */
		if (source == NULL && t != NULL)
			s->counters.ignored++;
		else
			tftp_send_error(s, TFTP_ERROR_NOT_DEFINED, "busy, too many transfers",
					port % TFTP_PORTS, local, from);
		release_source(s, source);
		alloc_free(t);
		file_unref(file);
		return;
	}
	*t = (struct transfer){.client = from,
			       .local = local,
			       .port = port,
			       .source = source,
			       .file = file,
			       .name_key = map_key_text(rrq->file),
			       .serial = ++s->next_serial,
			       .heard = now};
	queue_append(s, t, 0);
	negotiate(t, rrq);
	transfer_send(s, t, now);
}
