/* A visitor that reads files, in every way a client may: with options and without, each block
 * acknowledged once or twice, the request sent twice, the reading ended by an error or by silence;
 * and what cannot be read, or may not be written. */
#include "sim/judge.h"

#include "base/text.h"

#include <limits.h>
#include <stdio.h>

#define WIRE       200 /* µs one way */
#define FIRST_PORT 30000u
#define LARGEST    1400

enum habit {
	HABIT_PLAIN,
	HABIT_ASKS_TWICE,
	HABIT_ACKS_TWICE, /* answered twice, it would get everything twice */
	HABIT_OPTIONS,
	HABIT_WHOLE_BLOCKS, /* a block size that divides the file's */
	HABIT_WINDOW,
	HABIT_GIVES_UP,
	HABIT_FALLS_SILENT,
	HABIT_WRITES,
	HABITS,
};

static struct ip4 ip_of(unsigned visitor)
{
	return ip4_of(SIM_SERVER_IP + 230 + visitor);
}

static void send(struct world *w, unsigned visitor, uint16_t to_port, const struct tftp_packet *p)
{
	const struct visitor *v = &w->visitor[visitor];
	uint8_t bytes[512];
	struct writer to = writer_of(bytes, sizeof bytes);

	if (tftp_encode(p, &to) != 0)
		return;
	world_push(w, &(struct event){.at = w->now + WIRE,
				      .kind = EVENT_NODE_DATAGRAM,
				      .node = (uint8_t)v->node,
				      .from = {ip_of(visitor), v->port},
				      .to = {sim_node_ip(v->node), to_port},
				      .len = (uint32_t)writer_done(&to).len,
				      .bytes = bytes});
}

static void add_option(struct tftp_packet *p, const char *name, uint32_t value,
		       char text[static 12])
{
	(void)snprintf(text, 12, "%u", value);
	p->option[p->option_count++] = (struct tftp_option){slice_text(name), slice_text(text)};
}

static void ask(struct world *w, unsigned visitor)
{
	const struct visitor *v = &w->visitor[visitor];
	struct tftp_packet p = {.op = v->habit == HABIT_WRITES ? TFTP_WRQ : TFTP_RRQ};
	char text[3][12];

	(void)text_copy(p.mode, sizeof p.mode, "octet");
	(void)text_copy(p.file, sizeof p.file, v->file);
	if (v->blksize != TFTP_BLKSIZE_PLAIN) {
		add_option(&p, "blksize", v->blksize, text[0]);
		add_option(&p, "tsize", 0, text[1]);
	}
	if (v->window > 1)
		add_option(&p, "windowsize", v->window, text[2]);
	send(w, visitor, TFTP_PORT, &p);
	if (v->habit == HABIT_ASKS_TWICE)
		send(w, visitor, TFTP_PORT, &p);
}

/* Some block size of which the file is a whole number, when its size is known. */
static uint16_t divisor_of(uint32_t size)
{
	for (uint32_t parts = 1; size > 0 && size / parts >= TFTP_BLKSIZE_MIN; parts++) {
		if (size % parts == 0 && size / parts <= LARGEST)
			return (uint16_t)(size / parts);
	}
	return TFTP_BLKSIZE_PLAIN;
}

static void choose_file(struct world *w, struct visitor *v)
{
	static const char *const others[] = {"XMLDefault.cnf.xml", "SEPDEFAULT.cnf", "nothing.xml",
					     "CTLSEP001BD4000001.tlv"};
	uint64_t which = rand_below(&w->rand, 12);
	char hex[MAC_HEX_SIZE];

	/* The size that is known is of the file it read before. */
	if (v->habit == HABIT_WHOLE_BLOCKS && v->size > 0)
		return;
	if (which < sizeof others / sizeof *others)
		(void)text_copy(v->file, sizeof v->file, others[which]);
	else
		(void)snprintf(
		    v->file, sizeof v->file, "SEP%s.cnf.xml",
		    mac_format_hex(sim_mac((unsigned)rand_below(&w->rand, w->config.phones)), hex));
}

void visitor_reads(struct world *w, unsigned visitor)
{
	struct visitor *v = &w->visitor[visitor];

	v->habit = (unsigned)rand_below(&w->rand, HABITS);
	choose_file(w, v);
	v->node = (unsigned)rand_below(&w->rand, SIM_NODES);
	v->port = (uint16_t)(FIRST_PORT + (v->port + 1u) % 8000u);
	v->blksize = v->habit == HABIT_OPTIONS ? (uint16_t)(8 + rand_below(&w->rand, LARGEST - 8))
		     : v->habit == HABIT_WHOLE_BLOCKS ? divisor_of(v->size)
						      : TFTP_BLKSIZE_PLAIN;
	v->window = v->habit == HABIT_WINDOW ? 4 : 1;
	v->block = 0;
	v->size = 0;
	v->server_port = UINT_MAX;
	v->reading = true;
	ask(w, visitor);
}

bool visitors_tftp(struct world *w, unsigned node, unsigned port, struct endpoint to,
		   struct slice bytes)
{
	uint32_t visitor = ip4_number(to.ip) - ip4_number(ip_of(0));
	uint8_t copy[TFTP_DATAGRAM_MAX];

	if (visitor >= SIM_VISITORS || bytes.len > sizeof copy)
		return false;
	memcpy(copy, bytes.ptr, bytes.len);
	world_push(w, &(struct event){.at = w->now + WIRE,
				      .kind = EVENT_VISITOR_TFTP,
				      .node = (uint8_t)node,
				      .who = visitor,
				      .arg = port,
				      .to = to,
				      .len = (uint32_t)bytes.len,
				      .bytes = copy});
	return true;
}

static void acknowledge(struct world *w, unsigned visitor, uint16_t block)
{
	const struct visitor *v = &w->visitor[visitor];
	struct tftp_packet ack = {.op = TFTP_ACK, .block = block};

	send(w, visitor, (uint16_t)(SIM_TFTP_FIRST_PORT + v->server_port), &ack);
	if (v->habit == HABIT_ACKS_TWICE)
		send(w, visitor, (uint16_t)(SIM_TFTP_FIRST_PORT + v->server_port), &ack);
}

static void take_block(struct world *w, unsigned visitor, const struct tftp_packet *p)
{
	struct visitor *v = &w->visitor[visitor];
	bool last = p->data.len < v->blksize;

	if (p->block != (uint16_t)(v->block + 1))
		return;
	v->block++;
	v->size += (uint32_t)p->data.len;
	if (v->block == 2 && v->habit == HABIT_GIVES_UP) {
		v->reading = false;
		send(w, visitor, (uint16_t)(SIM_TFTP_FIRST_PORT + v->server_port),
		     &(struct tftp_packet){.op = TFTP_ERROR, .code = TFTP_ERROR_DISK_FULL});
		return;
	}
	v->reading = !last && !(v->block == 2 && v->habit == HABIT_FALLS_SILENT);
	if ((last || v->block % v->window == 0) && (v->reading || last))
		acknowledge(w, visitor, p->block);
}

void visitor_goes_on(struct world *w, const struct event *e)
{
	struct visitor *v = &w->visitor[e->who];
	struct tftp_packet p;
	uint32_t value = 0;

	if (!v->reading || e->to.port != v->port || tftp_decode(event_bytes(e), &p, NULL) != 0)
		return;
	if (v->server_port == UINT_MAX)
		v->server_port = e->arg;
	if (v->server_port != e->arg)
		return;
	if (p.op == TFTP_ERROR) {
		v->reading = false;
	} else if (p.op == TFTP_OACK) {
		if (tftp_option_number(&p, "blksize", &value))
			v->blksize = (uint16_t)value;
		if (tftp_option_number(&p, "windowsize", &value))
			v->window = (uint16_t)value;
		acknowledge(w, e->who, 0);
	} else if (p.op == TFTP_DATA) {
		take_block(w, e->who, &p);
	}
}
