/* Rules as text, and what they match. */
#include "fabric/fabric_internal.h"

#include "base/error.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>

#define TCP_SYN 0x02u
#define TCP_ACK 0x10u
#define WORDS   24

struct words {
	char text[256];
	char *word[WORDS];
	size_t count, at;
};

/* Splits at spaces; "quoted words" stay one. */
static bool split(const char *text, struct words *w)
{
	char *p = w->text;

	w->count = w->at = 0;
	if (!text_copy(w->text, sizeof w->text, text))
		return false;
	while (*p != 0) {
		p += strspn(p, " \t");
		if (*p == 0)
			break;
		if (w->count == WORDS)
			return false;
		const char *end = *p == '"' ? "\"" : " \t";
		p += *p == '"';
		w->word[w->count++] = p;
		p += strcspn(p, end);
		if (*p != 0)
			*p++ = 0;
	}
	return w->count > 0;
}

static const char *next(struct words *w)
{
	return w->at < w->count ? w->word[w->at++] : NULL;
}

static bool number(const char *text, double max, double *ret)
{
	char *end = NULL;
	double value = text != NULL ? strtod(text, &end) : -1;

	if (text == NULL || end == text || *end != 0 || !(value >= 0 && value <= max))
		return false;
	*ret = value;
	return true;
}

static bool take_u16(struct words *w, uint16_t *ret)
{
	double value = 0;

	if (!number(next(w), UINT16_MAX, &value))
		return false;
	*ret = (uint16_t)value;
	return true;
}

static bool take_seconds(struct words *w, dt_time *ret)
{
	double value = 0;

	if (!number(next(w), 86400, &value))
		return false;
	*ret = (dt_time)(value * 1e6);
	return true;
}

static bool take_count(struct words *w, unsigned *ret)
{
	double value = 0;

	if (!number(next(w), 1e6, &value))
		return false;
	*ret = (unsigned)value;
	return true;
}

static bool take_port(struct words *w, const char *const *names, size_t count, int *ret)
{
	const char *name = next(w);

	for (size_t i = 0; name != NULL && i < count; i++) {
		if (strcmp(names[i], name) == 0) {
			*ret = (int)i;
			return true;
		}
	}
	return false;
}

static bool take_text(struct words *w, char *to)
{
	const char *text = next(w);

	return text != NULL && *text != 0 && text_copy(to, FABRIC_TEXT_MAX, text);
}

static const char *take_action(struct words *w, struct fabric_rule *r)
{
	const char *word = next(w);
	double value = 0;

	if (strcmp(word, "drop") == 0)
		r->action = FABRIC_DROP;
	else if (strcmp(word, "twice") == 0)
		r->action = FABRIC_TWICE;
	else if (strcmp(word, "reset") == 0)
		r->action = FABRIC_RESET;
	else if (strcmp(word, "delay") == 0) {
		r->action = FABRIC_DELAY;
		return take_seconds(w, &r->delay) ? NULL : "delay wants seconds";
	} else if (strcmp(word, "ttl") == 0) {
		r->action = FABRIC_TTL;
		if (!number(next(w), UINT8_MAX, &value))
			return "ttl wants a number up to 255";
		r->ttl = (uint8_t)value;
	} else if (strcmp(word, "replace") == 0) {
		r->action = FABRIC_REPLACE;
		if (!take_text(w, r->text) || !take_text(w, r->with) ||
		    strlen(r->text) != strlen(r->with))
			return "replace wants two texts of one length";
	} else
		return "the action is drop, delay, twice, ttl, reset or replace";
	return NULL;
}

static bool take_kind(const char *word, struct fabric_rule *r)
{
	static const struct {
		const char *word;
		enum fabric_kind kind;
	} kinds[] = {{"arp", FABRIC_ARP},
		     {"icmp", FABRIC_ICMP},
		     {"udp", FABRIC_UDP},
		     {"tcp", FABRIC_TCP},
		     {"tagged", FABRIC_TAGGED}};

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		if (strcmp(kinds[i].word, word) == 0) {
			r->kind = kinds[i].kind;
			return true;
		}
	}
	return false;
}

static bool take_percent(const char *word, struct fabric_rule *r)
{
	char *end = NULL;
	unsigned long value = strtoul(word, &end, 10);

	if (end == word || strcmp(end, "%") != 0 || value > 100)
		return false;
	r->percent = (unsigned)value;
	return true;
}

static const char *take_condition(struct words *w, const char *const *names, size_t count,
				  struct fabric_rule *r)
{
	const char *word = next(w);
	double value = 0;

	if (take_kind(word, r) || take_percent(word, r))
		return NULL;
	if (strcmp(word, "from") == 0)
		return take_port(w, names, count, &r->from) ? NULL : "from wants a host's name";
	if (strcmp(word, "to") == 0)
		return take_port(w, names, count, &r->to) ? NULL : "to wants a host's name";
	if (strcmp(word, "port") == 0)
		return take_u16(w, &r->port) ? NULL : "port wants a number";
	if (strcmp(word, "source-port") == 0)
		return take_u16(w, &r->source_port) ? NULL : "source-port wants a number";
	if (strcmp(word, "destination-port") == 0)
		return take_u16(w, &r->destination_port) ? NULL : "destination-port wants a number";
	if (strcmp(word, "ip") == 0) {
		const char *ip = next(w);
		return ip != NULL && ip4_parse(ip, &r->ip) == 0 ? NULL : "ip wants an address";
	}
	if (strcmp(word, "mac") == 0) {
		const char *mac = next(w);
		return mac != NULL && mac_parse(mac, &r->mac) == 0 ? NULL : "mac wants an address";
	}
	if (strcmp(word, "larger") == 0) {
		if (!number(next(w), FABRIC_FRAME_MAX, &value))
			return "larger wants a number of bytes";
		r->larger = (size_t)value;
		return NULL;
	}
	if (strcmp(word, "syn") == 0) {
		r->kind = FABRIC_TCP;
		r->syn = true;
		return NULL;
	}
	if (strcmp(word, "holding") == 0)
		return take_text(w, r->text) ? NULL : "holding wants a text";
	if (strcmp(word, "after") == 0)
		return take_count(w, &r->after) ? NULL : "after wants a number of frames";
	if (strcmp(word, "first") == 0)
		return take_count(w, &r->first) ? NULL : "first wants a number of frames";
	if (strcmp(word, "idle") == 0)
		return take_seconds(w, &r->idle) ? NULL : "idle wants seconds";
	if (strcmp(word, "since") == 0)
		return take_seconds(w, &r->since) ? NULL : "since wants seconds";
	if (strcmp(word, "until") == 0)
		return take_seconds(w, &r->until) ? NULL : "until wants seconds";
	return "there is no such condition: arp, icmp, udp, tcp, tagged, syn, from, to, port, "
	       "source-port, destination-port, ip, mac, larger, holding, N%, after, first, idle, "
	       "since, "
	       "until";
}

int fabric_rule_parse(const char *text, const char *const *names, size_t count,
		      struct fabric_rule *ret_rule, const char **ret_why)
{
	struct fabric_rule r = {.from = -1, .to = -1, .percent = 100, .until = DT_NEVER};
	struct words w;

	if (!split(text, &w)) {
		*ret_why = "an empty or overlong rule";
		return E_BAD_FORMAT;
	}
	*ret_why = take_action(&w, &r);
	while (*ret_why == NULL && w.at < w.count)
		*ret_why = take_condition(&w, names, count, &r);
	if (*ret_why != NULL)
		return E_BAD_FORMAT;
	*ret_rule = r;
	return 0;
}

static const char *take_talk(struct words *w, struct fabric_voice *v)
{
	const char *word = next(w);

	if (word == NULL || (strcmp(word, "cdp") != 0 && strcmp(word, "lldp") != 0 &&
			     strcmp(word, "both") != 0 && strcmp(word, "none") != 0))
		return "by wants cdp, lldp, both or none";
	v->cdp = strcmp(word, "cdp") == 0 || strcmp(word, "both") == 0;
	v->lldp = strcmp(word, "lldp") == 0 || strcmp(word, "both") == 0;
	return NULL;
}

static const char *take_voice(struct words *w, const char *const *names, size_t count,
			      struct fabric_voice *v)
{
	const char *word = next(w);
	int port = 0;

	if (strcmp(word, "by") == 0)
		return take_talk(w, v);
	if (strcmp(word, "told") == 0) {
		v->told = 0;
		if (w->at < w->count && strcmp(w->word[w->at], "nothing") == 0) {
			w->at++;
			return NULL;
		}
		return take_u16(w, &v->told) ? NULL : "told wants a VLAN, or nothing";
	}
	if (strcmp(word, "after") == 0)
		return take_seconds(w, &v->after) ? NULL : "after wants seconds";
	if (strcmp(word, "half-duplex") == 0) {
		v->half_duplex = true;
		return NULL;
	}
	if (strcmp(word, "data") != 0)
		return "there is no such word here: by, told, after, half-duplex, data";
	if (!take_port(w, names, count, &port) || port == 0)
		return "data wants a host's name";
	v->data |= 1u << port;
	return NULL;
}

int fabric_voice_parse(const char *text, const char *const *names, size_t count,
		       struct fabric_voice *ret_voice, const char **ret_why)
{
	struct fabric_voice v = {.cdp = true, .lldp = true};
	struct words w;

	*ret_why = "wants a VLAN";
	if (!split(text, &w) || !take_u16(&w, &v.vlan) || v.vlan == 0 || v.vlan > 4094)
		return E_BAD_FORMAT;
	v.told = v.vlan;
	*ret_why = NULL;
	while (*ret_why == NULL && w.at < w.count)
		*ret_why = take_voice(&w, names, count, &v);
	if (*ret_why != NULL)
		return E_BAD_FORMAT;
	*ret_voice = v;
	return 0;
}

bool fabric_look(struct slice frame, struct fabric_view *ret_view)
{
	struct fabric_view v = {.frame = frame};

	if (frame_decode_head(FRAME_LINK_ETHERNET, frame, &v.head) != 0)
		return false;
	v.is_ip = v.head.oui == 0 && v.head.type == FRAME_TYPE_IPV4 &&
		  frame_decode_ip(v.head.payload, &v.ip) == 0;
	if (v.is_ip) {
		v.ip_at = (size_t)(v.head.payload.ptr - frame.ptr);
		v.is_tcp = v.ip.protocol == FRAME_TCP && v.ip.fragment_at == 0 &&
			   frame_decode_tcp(v.ip.payload, &v.tcp) == 0;
		v.is_udp = v.ip.protocol == FRAME_UDP && v.ip.fragment_at == 0 &&
			   frame_decode_udp(v.ip.payload, &v.udp) == 0;
	}
	*ret_view = v;
	return true;
}

static bool kind_is(enum fabric_kind kind, const struct fabric_view *v)
{
	switch (kind) {
	case FABRIC_ANY:
		return true;
	case FABRIC_ARP:
		return v->head.oui == 0 && v->head.type == FRAME_TYPE_ARP;
	case FABRIC_ICMP:
		return v->is_ip && v->ip.protocol == FRAME_ICMP;
	case FABRIC_UDP:
		return v->is_ip && v->ip.protocol == FRAME_UDP;
	case FABRIC_TCP:
		return v->is_tcp;
	case FABRIC_TAGGED:
		return v->head.tagged;
	}
	return false;
}

static bool ports_are(const struct fabric_rule *r, const struct fabric_view *v)
{
	uint16_t from = v->is_tcp ? v->tcp.from : v->udp.from;
	uint16_t to = v->is_tcp ? v->tcp.to : v->udp.to;

	if (r->port == 0 && r->source_port == 0 && r->destination_port == 0)
		return true;
	return (v->is_tcp || v->is_udp) && (r->port == 0 || r->port == from || r->port == to) &&
	       (r->source_port == 0 || r->source_port == from) &&
	       (r->destination_port == 0 || r->destination_port == to);
}

bool fabric_opens(const struct fabric_view *v)
{
	return v->is_tcp && (v->tcp.flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
}

bool fabric_matches(const struct fabric_rule *r, const struct fabric_view *v, int from, int to)
{
	bool ip = ip4_is_zero(r->ip) ||
		  (v->is_ip && (ip4_equal(r->ip, v->ip.from) || ip4_equal(r->ip, v->ip.to)));
	bool mac = mac_is_zero(r->mac) || mac_equal(r->mac, v->head.source) ||
		   mac_equal(r->mac, v->head.destination);

	return (r->from < 0 || r->from == from) && (r->to < 0 || r->to == to) &&
	       kind_is(r->kind, v) && ports_are(r, v) && ip && mac && v->frame.len > r->larger &&
	       (!r->syn || fabric_opens(v)) &&
	       (r->text[0] == 0 ||
		memmem(v->frame.ptr, v->frame.len, r->text, strlen(r->text)) != NULL);
}
