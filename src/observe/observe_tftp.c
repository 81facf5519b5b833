/* TFTP packets to facts: which file was asked where, and what came of it. A transfer is followed by
 * the client's endpoint, since the server answers from a port of its own choice. */
#include "observe/observer_internal.h"

#include "base/text.h"
#include "proto/tftp/tftp.h"

static struct fact transfer_fact(struct observer *o, enum fact_kind kind,
				 const struct observed_transfer *t, dt_time at, uint64_t evidence)
{
	struct fact f = observer_fact(o, kind, t->client.ip, at, evidence);

	f.peer = t->server;
	(void)text_copy(f.name, sizeof f.name, t->name);
	return f;
}

static void on_request(struct observer *o, const struct flow *flow, const struct tftp_packet *p,
		       dt_time at, uint64_t evidence)
{
	struct observed_transfer *t =
	    observer_entry(&o->transfers, endpoint_key(flow->from) + 1, sizeof *t);

	if (t == NULL)
		return;
	observer_see_source(o, flow);
	observer_claim_name(o, flow->from.ip, p->file);
	*t = (struct observed_transfer){.client = flow->from,
					.server = flow->to,
					.blksize = TFTP_BLKSIZE_PLAIN,
					.next_block = 1};
	(void)text_copy(t->name, sizeof t->name, p->file);
	struct fact f = transfer_fact(o, FACT_FILE_ASKED, t, at, evidence);
	observer_add_fact(o, &f);
}

static void on_started(struct observer *o, struct observed_transfer *t, dt_time at,
		       uint64_t evidence)
{
	if (t->started)
		return;
	t->started = true;
	struct fact f = transfer_fact(o, FACT_FILE_STARTED, t, at, evidence);
	observer_add_fact(o, &f);
}

static void on_data(struct observer *o, struct observed_transfer *t, const struct tftp_packet *p,
		    dt_time at, uint64_t evidence)
{
	on_started(o, t, at, evidence);
	if (p->block != (uint16_t)t->next_block)
		return; /* sent again, or one is missing here */
	t->next_block++;
	t->bytes += (uint32_t)p->data.len;
	if (p->data.len < t->blksize) {
		t->ended_data = true;
		t->last_block = p->block;
	}
}

static void on_error(struct observer *o, struct observed_transfer *t, bool by_client,
		     const struct tftp_packet *p, dt_time at, uint64_t evidence)
{
	struct fact f =
	    transfer_fact(o, by_client ? FACT_FILE_ABANDONED : FACT_FILE_REFUSED, t, at, evidence);

	f.number = p->code;
	(void)text_copy_slice(f.text, sizeof f.text, p->data);
	observer_add_fact(o, &f);
	t->done = true;
}

static void on_ack(struct observer *o, struct observed_transfer *t, const struct tftp_packet *p,
		   dt_time at, uint64_t evidence)
{
	if (!t->ended_data || p->block != t->last_block)
		return;
	struct fact f = transfer_fact(o, FACT_FILE_DELIVERED, t, at, evidence);
	f.number = t->bytes;
	observer_add_fact(o, &f);
	t->done = true;
}

static void on_answer(struct observer *o, struct observed_transfer *t, bool by_client,
		      const struct tftp_packet *p, dt_time at, uint64_t evidence)
{
	uint32_t value = 0;

	switch (p->op) {
	case TFTP_OACK:
		if (tftp_option_number(p, "blksize", &value) && value > 0)
			t->blksize = value;
		on_started(o, t, at, evidence);
		break;
	case TFTP_DATA:
		on_data(o, t, p, at, evidence);
		break;
	case TFTP_ERROR:
		on_error(o, t, by_client, p, at, evidence);
		break;
	case TFTP_ACK:
		if (by_client)
			on_ack(o, t, p, at, evidence);
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

	if (flow->to.port == TFTP_PORT) {
		if (tftp_decode(payload, &p, NULL) == 0 && p.op == TFTP_RRQ)
			on_request(o, flow, &p, at, evidence);
		return true;
	}
	struct observed_transfer *t = map_get(&o->transfers, endpoint_key(flow->from) + 1);
	if (t == NULL) {
		t = map_get(&o->transfers, endpoint_key(flow->to) + 1);
		by_client = false;
	}
	if (t == NULL || t->done || tftp_decode(payload, &p, NULL) != 0)
		return t != NULL;
	on_answer(o, t, by_client, &p, at, evidence);
	return true;
}
