/* TFTP packets to facts: which file was asked where, and what came of it. A transfer is followed by
 * the client's endpoint, since the server answers from a port of its own choice. */
#include "observe/observer_internal.h"

#include "base/text.h"
#include "observe/words.h"

static uint64_t transfer_key(struct endpoint client)
{
	return endpoint_key(client);
}

static struct fact transfer_fact(struct observer *o, enum fact_kind kind,
				 const struct observed_transfer *t)
{
	struct fact f = observer_fact(o, kind, t->client.ip);

	f.peer = t->server;
	(void)text_copy(f.name, sizeof f.name, t->name);
	return f;
}

static uint32_t milliseconds_since(const struct observer *o, dt_time then)
{
	return (uint32_t)((o->at - then) / 1000);
}

/* Names that only a Cisco phone asks for. */
static bool is_phone_file(const char *name)
{
	static const char *const words[] = {
	    "SEP",    "SIPDefault", "XMLDefault", "OS79XX",    "CTLFile",  "ITLFile",  ".cnf",
	    ".loads", ".sbn",       ".tlv",       "-sccp.jar", "-sip.jar", "RINGLIST", "Ringlist"};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (strstr(name, words[i]) != NULL)
			return true;
	}
	return false;
}

static void on_request(struct observer *o, const struct flow *flow, const struct tftp_packet *p)
{
	uint32_t blksize = 0;
	struct observed_transfer *t = table_need(&o->transfers, transfer_key(flow->from), o->at);

	if (t == NULL)
		return;
	observer_claim_name(o, flow->from.ip, p->file);
	if (is_phone_file(p->file))
		observer_phone_address(o, flow->from.ip);
	observer_content_drop(o, &t->content);
	*t = (struct observed_transfer){.entry = t->entry,
					.client = flow->from,
					.server = flow->to,
					.asked_at = o->at,
					.blksize = TFTP_BLKSIZE_PLAIN,
					.next_block = 1};
	(void)text_copy(t->name, sizeof t->name, p->file);
	observer_content_begin(&t->content, t->name);
	struct fact f = transfer_fact(o, FACT_FILE_ASKED, t);
	f.value[0] = flow->from.port;
	(void)tftp_option_number(p, "blksize", &blksize);
	f.value[1] = blksize;
	observer_add_fact(o, &f);
}

static void on_started(struct observer *o, struct observed_transfer *t)
{
	if (t->started)
		return;
	t->started = true;
	struct fact f = transfer_fact(o, FACT_FILE_STARTED, t);
	f.value[0] = milliseconds_since(o, t->asked_at);
	observer_add_fact(o, &f);
}

static void on_options(struct observer *o, struct observed_transfer *t, const struct tftp_packet *p)
{
	uint32_t blksize = 0;
	uint32_t total = 0;
	bool first = !t->started;

	if (tftp_option_number(p, "blksize", &blksize) && blksize > 0)
		t->blksize = blksize;
	(void)tftp_option_number(p, "tsize", &total);
	on_started(o, t);
	if (!first)
		return;
	struct fact f = transfer_fact(o, FACT_FILE_OPTIONS, t);
	f.number = total;
	f.value[0] = t->blksize;
	observer_add_fact(o, &f);
}

/* The same block again: told as it grows. */
static void on_again(struct observer *o, struct observed_transfer *t, const struct tftp_packet *p)
{
	t->again++;
	t->same++;
	if (!observer_worth_telling(t->same))
		return;
	struct fact f = transfer_fact(o, FACT_FILE_AGAIN, t);
	f.number = p->block;
	f.value[0] = t->same;
	f.value[1] = (uint32_t)p->data.len;
	observer_add_fact(o, &f);
}

static void on_data(struct observer *o, struct observed_transfer *t, const struct tftp_packet *p)
{
	on_started(o, t);
	/* Blocks wrap at 65,535; what lies behind by less than half of that was seen before. */
	uint16_t ahead = (uint16_t)(p->block - (uint16_t)t->next_block);
	if (ahead >= 0x8000) {
		on_again(o, t, p);
		return;
	}
	if (ahead > 0) {
		/* Missing in this capture, or overtaken: the transfer goes on without us. */
		t->content.damaged = true;
		t->bytes += ahead * t->blksize;
		t->next_block += ahead;
	}
	t->next_block++;
	t->same = 1;
	t->bytes += (uint32_t)p->data.len;
	observer_content_add(o, &t->content, p->data);
	if (p->data.len < t->blksize) {
		t->ended_data = true;
		t->last_block = p->block;
	}
}

static void on_error(struct observer *o, struct observed_transfer *t, bool by_client,
		     const struct tftp_packet *p)
{
	struct fact f = transfer_fact(o, by_client ? FACT_FILE_ABANDONED : FACT_FILE_REFUSED, t);

	f.number = p->code;
	if (by_client)
		f.value[0] = t->bytes;
	(void)text_copy_slice(f.text, sizeof f.text, p->data);
	observer_add_fact(o, &f);
	t->done = true;
	observer_content_drop(o, &t->content);
}

static void on_ack(struct observer *o, struct observed_transfer *t, const struct tftp_packet *p)
{
	if (!t->ended_data || p->block != t->last_block)
		return;
	struct fact f = transfer_fact(o, FACT_FILE_DELIVERED, t);
	f.number = t->bytes;
	f.value[0] = milliseconds_since(o, t->asked_at);
	f.value[1] = t->again;
	observer_add_fact(o, &f);
	t->done = true;
	observer_content_end(o, &t->content, t->client.ip, t->name);
}

/* An answer that does not come from where the file was asked: no client takes it (RFC 1350, 4). */
static void on_elsewhere(struct observer *o, struct observed_transfer *t, const struct flow *flow)
{
	if (t->elsewhere == flow->from.port)
		return;
	t->elsewhere = flow->from.port;
	struct fact f = transfer_fact(o, FACT_FILE_ELSEWHERE, t);
	(void)ip4_format(flow->from.ip, f.text);
	observer_add_fact(o, &f);
}

/* Of a file's blocks the first and the last are shown, and those sent again. */
static bool is_shown(const struct observed_transfer *t, const struct tftp_packet *p)
{
	if (p->op == TFTP_DATA)
		return p->block == 1 || p->data.len < t->blksize ||
		       p->block != (uint16_t)t->next_block;
	return p->op != TFTP_ACK || (t->ended_data && p->block == t->last_block);
}

static void say(struct observer *o, struct ip4 client, struct endpoint server, bool by_client,
		const struct tftp_packet *p)
{
	struct buf *line = observer_line(o);

	if (line == NULL)
		return;
	words_tftp(line, p);
	observer_said(o, "TFTP", client, server, by_client);
}

static void on_answer(struct observer *o, struct observed_transfer *t, bool by_client,
		      const struct tftp_packet *p)
{
	if (is_shown(t, p))
		say(o, t->client.ip, t->server, by_client, p);
	switch (p->op) {
	case TFTP_OACK:
		if (!by_client)
			on_options(o, t, p);
		break;
	case TFTP_DATA:
		if (!by_client)
			on_data(o, t, p);
		break;
	case TFTP_ERROR:
		on_error(o, t, by_client, p);
		break;
	case TFTP_ACK:
		if (by_client)
			on_ack(o, t, p);
		break;
	case TFTP_RRQ:
	case TFTP_WRQ:
		break;
	}
}

bool observer_tftp(struct observer *o, const struct flow *flow, struct slice payload, dt_time at,
		   uint64_t evidence)
{
	struct tftp_packet p;
	bool by_client = true;

	observer_begin(o, flow, at, evidence);
	if (flow->to.port == TFTP_PORT) {
		if (tftp_decode(payload, &p, NULL) == 0 && p.op == TFTP_RRQ) {
			on_request(o, flow, &p);
			say(o, flow->from.ip, flow->to, true, &p);
		}
		return true;
	}
	struct observed_transfer *t = table_get(&o->transfers, transfer_key(flow->from));
	if (t == NULL || !ip4_equal(flow->to.ip, t->server.ip)) {
		t = table_get(&o->transfers, transfer_key(flow->to));
		by_client = false;
	}
	if (t == NULL || t->done || tftp_decode(payload, &p, NULL) != 0)
		return t != NULL;
	t->entry.last = at;
	if (!by_client && !ip4_equal(flow->from.ip, t->server.ip))
		on_elsewhere(o, t, flow);
	else
		on_answer(o, t, by_client, &p);
	return true;
}
