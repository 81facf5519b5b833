/* The catalogue of facts and steps, and a fact as one line. */
#include "boot/fact.h"

#include "base/text.h"

static const struct fact_row facts[FACT_COUNT] = {
#define F(name, text, family, step, fields)                                                        \
	[FACT_##name] = {text, FAMILY_##family, STEP_##step, fields},
#include "boot/facts.def"
#undef F
};

static const struct {
	const char *number, *words;
} steps[STEP_COUNT] = {
#define P(name, number, words) [STEP_##name] = {number, words},
#include "boot/steps.def"
#undef P
};

const struct fact_row *fact_row(enum fact_kind kind)
{
	return &facts[(unsigned)kind < FACT_COUNT ? kind : 0];
}

const char *step_number(enum boot_step step)
{
	return (unsigned)step < STEP_COUNT ? steps[step].number : "";
}

const char *step_words(enum boot_step step)
{
	return (unsigned)step < STEP_COUNT ? steps[step].words : "";
}

static void put_ip(struct buf *to, const char *name, struct ip4 ip)
{
	char text[IP4_TEXT_SIZE];

	if (!ip4_is_zero(ip))
		buf_printf(to, " %s=%s", name, ip4_format(ip, text));
}

static void put_text(struct buf *to, const char *name, const char *text)
{
	if (text[0] == 0)
		return;
	buf_printf(to, " %s=\"", name);
	text_escape_terminal(to, slice_text(text));
	buf_char(to, '"');
}

static void put_dhcp(const struct fact_dhcp *d, struct buf *to)
{
	if (d->flags != 0)
		buf_printf(to, " flags=0x%04x", d->flags);
	put_ip(to, "giaddr", d->giaddr);
	put_ip(to, "ciaddr", d->ciaddr);
	put_ip(to, "requested", d->requested);
	put_ip(to, "siaddr", d->siaddr);
	if (d->lease_s != 0)
		buf_printf(to, " lease=%u", d->lease_s);
	put_ip(to, "mask", d->mask);
	put_ip(to, "router", d->router);
	put_ip(to, "dns", d->dns);
	if (d->option150_text)
		put_text(to, "option150-text", d->option150_words);
	else if (d->has_150 && d->option150_count == 0)
		buf_text(to, " option150=malformed");
	for (size_t i = 0; i < d->option150_count && !d->option150_text; i++)
		put_ip(to, "option150", d->option150[i]);
	put_text(to, "option66", d->option66);
	put_text(to, "circuit", d->circuit);
}

/* " value=5,0,3": up to the last that says something. */
static void put_values(const uint32_t *value, struct buf *to)
{
	size_t n = 3;

	while (n > 0 && value[n - 1] == 0)
		n--;
	for (size_t i = 0; i < n; i++)
		buf_printf(to, "%s%u", i == 0 ? " value=" : ",", value[i]);
}

void fact_format(const struct fact *fact, struct buf *to)
{
	const struct fact_row *row = fact_row(fact->kind);
	char text[MAC_TEXT_SIZE + IP4_TEXT_SIZE];

	buf_text(to, row->text);
	if (!mac_is_zero(fact->mac))
		buf_printf(to, " mac=%s", mac_format(fact->mac, text));
	put_ip(to, "ip", fact->ip);
	if (fact->vlan != 0)
		buf_printf(to, " vlan=%u", fact->vlan);
	if ((row->fields & FIELD_PEER) != 0) {
		if (fact->peer.port != 0)
			buf_printf(to, " peer=%s", endpoint_format(fact->peer, text));
		else
			put_ip(to, "peer", fact->peer.ip);
	}
	if ((row->fields & FIELD_NAME) != 0)
		put_text(to, "name", fact->name);
	if (row->family == FAMILY_DHCP)
		put_dhcp(&fact->dhcp, to);
	else if (fact->number != 0)
		buf_printf(to, " number=%u", fact->number);
	put_values(fact->value, to);
	if ((row->fields & FIELD_TEXT) != 0)
		put_text(to, "text", fact->text);
}
