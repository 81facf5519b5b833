/* kind, mask of what follows, time and evidence, then what the mask names; numbers as LEB128, texts
 * with their length before them. */
#include "boot/pack.h"

#include "base/text.h"

#include <assert.h>

_Static_assert(FACT_COUNT < 256, "a kind is one byte");

enum {
	HAS_IP = 1 << 0,
	HAS_VLAN = 1 << 1,
	HAS_PEER = 1 << 2,
	HAS_PORT = 1 << 3,
	HAS_NUMBER = 1 << 4,
	HAS_VALUES = 1 << 5,
	HAS_NAME = 1 << 6,
	HAS_TEXT = 1 << 7,
	VANTAGE_SHIFT = 8, /* two bits */
};

enum {
	DHCP_HAS_150 = 1 << 0,
	DHCP_HAS_66 = 1 << 1,
	DHCP_HAS_SNAME = 1 << 2,
	DHCP_HAS_43 = 1 << 3,
	DHCP_HAS_82 = 1 << 4,
	DHCP_OVERLOAD = 1 << 5,
	DHCP_TO_SERVER = 1 << 6,
	DHCP_150_TEXT = 1 << 7,
};

#define ADDRESSES 11 /* of a DHCP message */

struct packer {
	uint8_t *at;
};

static void put_number(struct packer *p, uint64_t n)
{
	for (; n >= 0x80; n >>= 7)
		*p->at++ = (uint8_t)(n | 0x80);
	*p->at++ = (uint8_t)n;
}

static void put_bytes(struct packer *p, const void *bytes, size_t len)
{
	memcpy(p->at, bytes, len);
	p->at += len;
}

static void put_text(struct packer *p, const char *text, size_t most)
{
	size_t len = strnlen(text, most);

	put_number(p, len);
	put_bytes(p, text, len);
}

/* Addresses: a mask of those that are there, then four bytes each. */
static void put_addresses(struct packer *p, const struct fact_dhcp *d)
{
	const struct ip4 all[ADDRESSES] = {
	    d->giaddr,       d->ciaddr,       d->yiaddr, d->siaddr, d->requested, d->server_id,
	    d->option150[0], d->option150[1], d->router, d->mask,   d->dns};
	uint32_t mask = 0;

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		mask |= ip4_is_zero(all[i]) ? 0 : 1u << i;
	put_number(p, mask);
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		if ((mask & 1u << i) != 0)
			put_bytes(p, all[i].b, 4);
	}
}

static void put_dhcp(struct packer *p, const struct fact_dhcp *d)
{
	*p->at++ = (uint8_t)((d->has_150 ? DHCP_HAS_150 : 0) | (d->has_66 ? DHCP_HAS_66 : 0) |
			     (d->has_sname ? DHCP_HAS_SNAME : 0) | (d->has_43 ? DHCP_HAS_43 : 0) |
			     (d->has_82 ? DHCP_HAS_82 : 0) | (d->overload ? DHCP_OVERLOAD : 0) |
			     (d->to_server ? DHCP_TO_SERVER : 0) |
			     (d->option150_text ? DHCP_150_TEXT : 0));
	put_addresses(p, d);
	put_number(p, d->xid);
	put_number(p, d->secs);
	put_number(p, d->flags);
	put_number(p, d->hops);
	put_number(p, d->lease_s);
	put_number(p, d->t1_s);
	put_number(p, d->t2_s);
	put_number(p, d->option150_count);
	put_number(p, d->option150_len);
	put_text(p, d->option66, sizeof d->option66);
	put_text(p, d->option150_words, sizeof d->option150_words);
	put_text(p, d->circuit, sizeof d->circuit);
	put_number(p, mac_key(d->server_mac));
}

// NOLINTNEXTLINE(readability-non-const-parameter): it is written through the packer
size_t fact_pack(const struct fact *f, uint8_t to[static FACT_PACKED_MAX])
{
	struct packer p = {to};
	bool values = f->value[0] != 0 || f->value[1] != 0 || f->value[2] != 0;
	unsigned mask = (ip4_is_zero(f->ip) ? 0u : HAS_IP) | (f->vlan != 0 ? HAS_VLAN : 0u) |
			(ip4_is_zero(f->peer.ip) ? 0u : HAS_PEER) |
			(f->peer.port != 0 ? HAS_PORT : 0u) | (f->number != 0 ? HAS_NUMBER : 0u) |
			(values ? HAS_VALUES : 0u) | (f->name[0] != 0 ? HAS_NAME : 0u) |
			(f->text[0] != 0 ? HAS_TEXT : 0u) | (unsigned)f->vantage << VANTAGE_SHIFT;

	*p.at++ = (uint8_t)f->kind;
	put_number(&p, mask);
	put_number(&p, (uint64_t)f->at);
	put_number(&p, f->evidence);
	if ((mask & HAS_IP) != 0)
		put_bytes(&p, f->ip.b, 4);
	if ((mask & HAS_VLAN) != 0)
		put_number(&p, f->vlan);
	if ((mask & HAS_PEER) != 0)
		put_bytes(&p, f->peer.ip.b, 4);
	if ((mask & HAS_PORT) != 0)
		put_number(&p, f->peer.port);
	if ((mask & HAS_NUMBER) != 0)
		put_number(&p, f->number);
	for (size_t i = 0; values && i < 3; i++)
		put_number(&p, f->value[i]);
	if ((mask & HAS_NAME) != 0)
		put_text(&p, f->name, sizeof f->name);
	if ((mask & HAS_TEXT) != 0)
		put_text(&p, f->text, sizeof f->text);
	if (fact_row(f->kind)->family == FAMILY_DHCP)
		put_dhcp(&p, &f->dhcp);
	size_t len = (size_t)(p.at - to);
	assert(len <= FACT_PACKED_MAX);
	return len;
}

/* What was packed may have lain on a disk: nothing is taken beyond its end. */
struct unpacker {
	const uint8_t *at, *end;
	bool broken;
};

static bool has(struct unpacker *u, size_t len)
{
	if ((size_t)(u->end - u->at) < len)
		u->broken = true;
	return !u->broken;
}

static uint64_t take_number(struct unpacker *u)
{
	uint64_t n = 0;

	for (unsigned shift = 0; shift < 64 && has(u, 1); shift += 7) {
		uint8_t byte = *u->at++;
		n |= (uint64_t)(byte & 0x7f) << shift;
		if ((byte & 0x80) == 0)
			return n;
	}
	u->broken = true;
	return 0;
}

static void take_bytes(struct unpacker *u, void *to, size_t len)
{
	if (!has(u, len))
		return;
	memcpy(to, u->at, len);
	u->at += len;
}

static void take_text(struct unpacker *u, char *to, size_t size)
{
	size_t len = (size_t)take_number(u);

	if (!has(u, len))
		return;
	(void)text_copy_slice(to, size, slice_of(u->at, len));
	u->at += len;
}

static void take_addresses(struct unpacker *u, struct fact_dhcp *d)
{
	struct ip4 *const all[ADDRESSES] = {&d->giaddr,       &d->ciaddr,       &d->yiaddr,
					    &d->siaddr,       &d->requested,    &d->server_id,
					    &d->option150[0], &d->option150[1], &d->router,
					    &d->mask,         &d->dns};
	uint64_t mask = take_number(u);

	for (size_t i = 0; i < ADDRESSES; i++) {
		if ((mask & 1u << i) != 0)
			take_bytes(u, all[i]->b, 4);
	}
}

static void take_dhcp(struct unpacker *u, struct fact_dhcp *d)
{
	uint8_t bits = 0;

	take_bytes(u, &bits, 1);
	d->has_150 = (bits & DHCP_HAS_150) != 0;
	d->has_66 = (bits & DHCP_HAS_66) != 0;
	d->has_sname = (bits & DHCP_HAS_SNAME) != 0;
	d->has_43 = (bits & DHCP_HAS_43) != 0;
	d->has_82 = (bits & DHCP_HAS_82) != 0;
	d->overload = (bits & DHCP_OVERLOAD) != 0;
	d->to_server = (bits & DHCP_TO_SERVER) != 0;
	d->option150_text = (bits & DHCP_150_TEXT) != 0;
	take_addresses(u, d);
	d->xid = (uint32_t)take_number(u);
	d->secs = (uint16_t)take_number(u);
	d->flags = (uint16_t)take_number(u);
	d->hops = (uint8_t)take_number(u);
	d->lease_s = (uint32_t)take_number(u);
	d->t1_s = (uint32_t)take_number(u);
	d->t2_s = (uint32_t)take_number(u);
	d->option150_count = (uint8_t)take_number(u);
	d->option150_len = (uint8_t)take_number(u);
	take_text(u, d->option66, sizeof d->option66);
	take_text(u, d->option150_words, sizeof d->option150_words);
	take_text(u, d->circuit, sizeof d->circuit);
	d->server_mac = mac_of_key(take_number(u));
}

/* All up to the peer; returns the mask. */
static unsigned take_head(struct unpacker *u, struct fact *f)
{
	uint8_t kind = FACT_COUNT;

	take_bytes(u, &kind, 1);
	unsigned mask = (unsigned)take_number(u);
	u->broken = u->broken || kind >= FACT_COUNT || mask >> VANTAGE_SHIFT > VANTAGE_PHONE;
	if (u->broken)
		return 0;
	f->kind = (enum fact_kind)kind;
	f->vantage = (enum vantage)(mask >> VANTAGE_SHIFT);
	f->at = (dt_time)take_number(u);
	f->evidence = take_number(u);
	if ((mask & HAS_IP) != 0)
		take_bytes(u, f->ip.b, 4);
	if ((mask & HAS_VLAN) != 0)
		f->vlan = (uint16_t)take_number(u);
	if ((mask & HAS_PEER) != 0)
		take_bytes(u, f->peer.ip.b, 4);
	if ((mask & HAS_PORT) != 0)
		f->peer.port = (uint16_t)take_number(u);
	return mask;
}

dt_time fact_packed_time(struct slice bytes)
{
	struct unpacker u = {bytes.ptr + 1, bytes.ptr + bytes.len, false};

	(void)take_number(&u); /* the mask */
	return (dt_time)take_number(&u);
}

struct fact_head fact_packed_head(struct slice bytes)
{
	struct unpacker u = {bytes.ptr, bytes.ptr + bytes.len, false};
	struct fact f; /* not cleared: that is what makes this quick */

	f.kind = FACT_COUNT;
	f.peer = (struct endpoint){0};
	(void)take_head(&u, &f);
	return (struct fact_head){f.kind, f.peer};
}

bool fact_unpack(struct slice bytes, struct mac mac, struct fact *ret_fact)
{
	struct unpacker u = {bytes.ptr, bytes.ptr + bytes.len, false};
	struct fact *f = ret_fact;

	memset(f, 0, sizeof *f);
	f->mac = mac;
	unsigned mask = take_head(&u, f);
	if ((mask & HAS_NUMBER) != 0)
		f->number = (uint32_t)take_number(&u);
	for (size_t i = 0; (mask & HAS_VALUES) != 0 && i < 3; i++)
		f->value[i] = (uint32_t)take_number(&u);
	if ((mask & HAS_NAME) != 0)
		take_text(&u, f->name, sizeof f->name);
	if ((mask & HAS_TEXT) != 0)
		take_text(&u, f->text, sizeof f->text);
	if (fact_row(f->kind)->family == FAMILY_DHCP)
		take_dhcp(&u, &f->dhcp);
	return !u.broken && u.at == u.end;
}
