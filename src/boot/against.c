/* Comparing boots: each fact becomes a line that says what happened and nothing of whom; the first
 * lines that differ are the first difference. Repeats of a question count once. */
#include "boot/against.h"

#include "boot/boot_internal.h"
#include "boot/wrap.h"

#include <ctype.h>
#include <stdio.h>

#define BEFORE_SHOWN 3
#define WAIT_LONGER  DT_SECONDS(5)
#define HEX_MAC      12

struct against_side against_latest(const char *name, const struct fact *facts, size_t count)
{
	size_t start[1];

	(void)boots_find(facts, count, start, 1);
	return (struct against_side){name, facts + start[0], count - start[0]};
}

/* One thing that happened: what, in words that are the same for every phone. */
struct event {
	const struct fact *fact;
	char line[160];
};

/* Its own MAC in a file name becomes <MAC>. */
static void without_mac(const char *name, char *to, size_t size)
{
	size_t n = 0;

	while (*name != 0 && n + 6 < size) {
		size_t hex = 0;
		while (hex < HEX_MAC && isxdigit((unsigned char)name[hex]))
			hex++;
		if (hex == HEX_MAC) {
			n += (size_t)snprintf(to + n, size - n, "<MAC>");
			name += HEX_MAC;
		} else {
			to[n++] = *name++;
		}
	}
	to[n] = 0;
}

/* What of a fact is the phone's own, or tells nothing about a boot. */
static bool is_told(const struct fact *f)
{
	switch (f->kind) {
	case FACT_SCCP_KEEPALIVE:
	case FACT_SCCP_KEEPALIVE_ACK:
	case FACT_ARP_ASKED:
	case FACT_ARP_ANSWERED:
	case FACT_ARP_GRATUITOUS:
	case FACT_ARP_PROBE:
	case FACT_FILE_AGAIN:
	case FACT_TCP_AGAIN:
	case FACT_TCP_ACKED:
	case FACT_RTP_FLOW:
	case FACT_RTP_END:
		return false;
	default:
		return true;
	}
}

static void put_numbers(const struct fact *f, struct buf *b)
{
	switch (f->kind) {
	case FACT_CDP_SWITCH:
	case FACT_LLDP_SWITCH:
		buf_printf(b, " voice VLAN %u", f->number);
		break;
	case FACT_FILE_REFUSED:
	case FACT_SIP_REFUSED:
	case FACT_SIP_CHALLENGED:
	case FACT_TLS_ALERT:
	case FACT_SCCP_RESET:
		buf_printf(b, " %u", f->number);
		break;
	case FACT_CONFIG_READ:
		buf_printf(b, " %u servers", f->number);
		break;
	default:
		break;
	}
}

static void describe(const struct fact *f, struct event *e)
{
	const struct fact_row *row = fact_row(f->kind);
	struct buf b;
	char text[128];
	char name[FACT_NAME_SIZE + 8];
	char peer[ENDPOINT_TEXT_SIZE];

	buf_init(&b, sizeof e->line - 1);
	buf_text(&b, row->text);
	if ((row->fields & FIELD_NAME) != 0 && f->name[0] != 0) {
		without_mac(f->name, name, sizeof name);
		buf_printf(&b, " %s", clean_text(name, text));
	}
	if ((row->fields & FIELD_PEER) != 0 && !ip4_is_zero(f->peer.ip))
		buf_printf(&b, " %s",
			   f->peer.port != 0 ? endpoint_format(f->peer, peer)
					     : ip4_format(f->peer.ip, peer));
	if (f->vlan != 0)
		buf_printf(&b, " vlan %u", f->vlan);
	put_numbers(f, &b);
	bool reply = f->kind == FACT_DHCP_OFFER || f->kind == FACT_DHCP_ACK;
	if (reply && f->dhcp.option150_count > 0)
		buf_printf(&b, " option 150 %s", ip4_format(f->dhcp.option150[0], peer));
	else if (reply)
		buf_text(&b, " no option 150");
	bool said = f->kind == FACT_SCCP_REGISTER_REJECT || f->kind == FACT_SIP_REFUSED ||
		    f->kind == FACT_CONFIG_BROKEN || f->kind == FACT_SCCP_ASKED ||
		    f->kind == FACT_SCCP_ANSWERED;
	if (said && f->text[0] != 0)
		buf_printf(&b, " \"%s\"", clean_text(f->text, text));
	(void)snprintf(e->line, sizeof e->line, "%s", buf_cstr(&b));
	buf_done(&b);
	e->fact = f;
}

static bool is_announcement(enum fact_kind kind)
{
	return kind == FACT_CDP_PHONE || kind == FACT_LLDP_PHONE || kind == FACT_CDP_SWITCH ||
	       kind == FACT_LLDP_SWITCH;
}

static bool has_before(const struct against_side *s, enum fact_kind kind, size_t before)
{
	for (size_t i = 0; i < before; i++) {
		if (s->facts[i].kind == kind)
			return true;
	}
	return false;
}

/* Announcements come each minute, and of a switch only where it stands beside the phone: they are
 * compared once, and when both sides heard them. */
static bool is_compared(const struct against_side *s, size_t at, const struct against_side *other)
{
	enum fact_kind kind = s->facts[at].kind;

	if (!is_told(&s->facts[at]))
		return false;
	return !is_announcement(kind) ||
	       (!has_before(s, kind, at) && has_before(other, kind, other->count));
}

/* The next event behind *at that is not the same question again; false at the end. */
static bool next_event(const struct against_side *s, const struct against_side *other, size_t *at,
		       struct event *e)
{
	struct event next;

	for (; *at < s->count; (*at)++) {
		if (!is_compared(s, *at, other))
			continue;
		describe(&s->facts[*at], &next);
		if (e->fact != NULL && strcmp(next.line, e->line) == 0)
			continue;
		*e = next;
		(*at)++;
		return true;
	}
	return false;
}

static void put_event(struct buf *to, const char *who, const struct against_side *s,
		      const struct event *e, unsigned width)
{
	size_t indent = 20;

	if (e->fact == NULL)
		buf_printf(to, "  %-*s", (int)indent - 2, who);
	else
		buf_printf(to, "  %-8s%9.1f s ", who, (double)(e->fact->at - s->facts[0].at) / 1e6);
	wrap_text(to, e->fact != NULL ? e->line : "nothing more", indent + 1, width);
}

bool against_text(const struct against_side *a, const struct against_side *b, unsigned width,
		  struct buf *to)
{
	struct event ea = {0};
	struct event eb = {0};
	struct event last[BEFORE_SHOWN];
	size_t same = 0;
	size_t ia = 0;
	size_t ib = 0;
	bool waited = false;

	for (;;) {
		dt_time before_a = ea.fact != NULL ? ea.fact->at : a->facts[0].at;
		dt_time before_b = eb.fact != NULL ? eb.fact->at : b->facts[0].at;
		bool more_a = next_event(a, b, &ia, &ea);
		bool more_b = next_event(b, a, &ib, &eb);
		if (!more_a)
			ea.fact = NULL;
		if (!more_b)
			eb.fact = NULL;
		if (!more_a || !more_b || strcmp(ea.line, eb.line) != 0)
			break;
		dt_time longer = (ea.fact->at - before_a) - (eb.fact->at - before_b);
		waited = longer > WAIT_LONGER || longer < -WAIT_LONGER;
		if (waited)
			break;
		last[same++ % BEFORE_SHOWN] = ea;
	}
	if (ea.fact == NULL && eb.fact == NULL) {
		buf_printf(to, "%s and %s did the same: %zu steps, no difference.\n", a->name,
			   b->name, same);
		return true;
	}
	buf_printf(to, "A: %s\nB: %s\n\nThe same for %zu steps%s\n", a->name, b->name, same,
		   same > 0 ? ", the last of them:" : ".");
	for (size_t i = same > BEFORE_SHOWN ? same - BEFORE_SHOWN : 0; i < same; i++)
		put_event(to, "both", a, &last[i % BEFORE_SHOWN], width);
	buf_printf(to, "\nThe first difference%s:\n", waited ? ": one waits much longer" : "");
	put_event(to, "A", a, &ea, width);
	put_event(to, "B", b, &eb, width);
	return false;
}
