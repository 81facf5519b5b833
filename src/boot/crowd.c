/* Small fixed tables, one a server, a name, a switch. */
#include "boot/crowd.h"

#include "base/alloc.h"
#include "base/text.h"

#define SERVERS_MAX  1024
#define NAMES_MAX    50000
#define SWITCHES_MAX 4096
#define LOST_MAX     128
#define VLANS_MAX    4
#define TWINS_MAX    4096
#define TOGETHER     DT_SECONDS(10)
#define TAKE_TURNS   DT_SECONDS(300)

struct server {
	size_t had; /* phones that registered: counted once a registration */
	size_t next;
	struct {
		struct mac mac;
		dt_time at;
	} lost[LOST_MAX];
};

struct claim {
	struct mac now, before;
	dt_time at;
	unsigned turns; /* how often the name changed hands within minutes */
};

struct vlans {
	struct {
		uint32_t vlan;
		unsigned phones;
		struct mac last;
	} seen[VLANS_MAX];
};

/* Two are enough to know of one that is not the phone in question. */
struct twins {
	struct mac mac[2];
};

static uint64_t twin_key(struct ip4 server, uint32_t model)
{
	return (uint64_t)ip4_number(server) << 32 | model;
}

void crowd_init(struct crowd *c)
{
	map_init(&c->servers, SERVERS_MAX);
	map_init(&c->names, NAMES_MAX);
	map_init(&c->switches, SWITCHES_MAX);
	map_init(&c->twins, TWINS_MAX);
}

static void map_free_all(struct map *m)
{
	size_t at = 0;
	void *value = NULL;

	while ((value = map_next(m, &at)) != NULL)
		alloc_free(value);
	map_done(m);
}

void crowd_done(struct crowd *c)
{
	map_free_all(&c->servers);
	map_free_all(&c->names);
	map_free_all(&c->switches);
	map_free_all(&c->twins);
}

static void *find_or_make(struct map *m, uint64_t key, size_t size)
{
	void *value = map_get(m, key);

	if (value != NULL)
		return value;
	value = alloc_zero(1, size);
	if (value != NULL && map_put(m, key, value) != 0) {
		alloc_free(value);
		return NULL;
	}
	return value;
}

static void note_lost(struct crowd *c, const struct fact *f, struct mac mac)
{
	struct server *s = map_get(&c->servers, ip4_number(f->peer.ip));

	/* A standby's connection, or one of no phone of this server's. */
	if (s == NULL || f->number != 2)
		return;
	s->lost[s->next].mac = mac;
	s->lost[s->next].at = f->at;
	s->next = (s->next + 1) % LOST_MAX;
}

static void note_claim(struct crowd *c, const struct fact *f, struct mac mac)
{
	struct claim *claim =
	    f->name[0] != 0 ? find_or_make(&c->names, map_key_text(f->name), sizeof *claim) : NULL;

	if (claim == NULL)
		return;
	if (mac_is_zero(claim->now)) {
		claim->now = mac;
	} else if (!mac_equal(claim->now, mac)) {
		bool turn = mac_equal(claim->before, mac) && f->at - claim->at < TAKE_TURNS;
		claim->turns = turn ? claim->turns + 1 : 0;
		claim->before = claim->now;
		claim->now = mac;
	}
	claim->at = f->at;
}

static void note_vlan(struct crowd *c, const struct fact *f, struct mac mac)
{
	struct vlans *v = find_or_make(&c->switches, map_key_text(f->name), sizeof *v);

	for (size_t i = 0; v != NULL && i < VLANS_MAX; i++) {
		if (v->seen[i].vlan != 0 && v->seen[i].vlan != f->number)
			continue;
		if (!mac_equal(v->seen[i].last, mac))
			v->seen[i].phones++;
		v->seen[i].vlan = f->number;
		v->seen[i].last = mac;
		return;
	}
}

static void note_twin(struct crowd *c, const struct fact *f, struct mac mac, uint32_t model)
{
	struct twins *t =
	    model != 0 ? find_or_make(&c->twins, twin_key(f->peer.ip, model), sizeof *t) : NULL;

	if (t == NULL || mac_equal(t->mac[0], mac))
		return;
	t->mac[1] = t->mac[0];
	t->mac[0] = mac;
}

bool crowd_twin(const struct crowd *c, struct ip4 server, uint32_t model, struct mac mac,
		struct mac *ret_twin)
{
	const struct twins *t = map_get(&c->twins, twin_key(server, model));

	for (size_t i = 0; t != NULL && i < 2; i++) {
		if (mac_is_zero(t->mac[i]) || mac_equal(t->mac[i], mac))
			continue;
		*ret_twin = t->mac[i];
		return true;
	}
	return false;
}

void crowd_note(struct crowd *c, const struct fact *f, struct mac mac, uint32_t model)
{
	struct server *s = NULL;

	switch (f->kind) {
	case FACT_SCCP_REGISTER_ACK:
	case FACT_SIP_REGISTERED:
		s = find_or_make(&c->servers, ip4_number(f->peer.ip), sizeof *s);
		if (s != NULL && (f->kind == FACT_SCCP_REGISTER_ACK || s->had == 0))
			s->had++;
		note_twin(c, f, mac, model);
		break;
	case FACT_TCP_CLOSED:
	case FACT_TCP_RESET:
		note_lost(c, f, mac);
		break;
	case FACT_SCCP_REGISTER:
	case FACT_SIP_REGISTER:
		/* Stand-ins of addresses may be the same phone. */
		if (mac_key(mac) >> 40 != 0xfe)
			note_claim(c, f, mac);
		break;
	case FACT_CDP_SWITCH:
	case FACT_LLDP_SWITCH:
		if (f->number != 0 && f->name[0] != 0)
			note_vlan(c, f, mac);
		break;
	default:
		break;
	}
}

size_t crowd_lost_together(const struct crowd *c, struct ip4 server, dt_time at, size_t *ret_of)
{
	const struct server *s = map_get(&c->servers, ip4_number(server));
	size_t n = 0;

	*ret_of = s != NULL ? s->had : 0;
	for (size_t i = 0; s != NULL && i < LOST_MAX; i++) {
		dt_time apart = s->lost[i].at - at;
		bool again = false;
		if (mac_is_zero(s->lost[i].mac) || apart > TOGETHER || apart < -TOGETHER)
			continue;
		for (size_t k = 0; k < i; k++)
			again |= mac_equal(s->lost[k].mac, s->lost[i].mac);
		n += !again;
	}
	return n;
}

bool crowd_name_shared(const struct crowd *c, const char *name, struct mac mac,
		       struct mac *ret_other)
{
	const struct claim *claim = map_get(&c->names, map_key_text(name));

	if (claim == NULL || claim->turns < 1)
		return false;
	*ret_other = mac_equal(claim->now, mac) ? claim->before : claim->now;
	return mac_equal(claim->now, mac) || mac_equal(claim->before, mac);
}

uint32_t crowd_voice_vlan(const struct crowd *c, const char *name, uint32_t vlan)
{
	const struct vlans *v = map_get(&c->switches, map_key_text(name));
	unsigned most = 0;
	unsigned here = 0;
	uint32_t usual = 0;

	for (size_t i = 0; v != NULL && i < VLANS_MAX; i++) {
		if (v->seen[i].vlan == vlan)
			here = v->seen[i].phones;
		if (v->seen[i].phones > most) {
			most = v->seen[i].phones;
			usual = v->seen[i].vlan;
		}
	}
	return usual != vlan && most >= 2 && most > here ? usual : 0;
}
