/* Per server the two phones that asked last and the two that were answered last: enough to know of
 * one that is not the phone in question, whichever that is. */
#include "boot/others.h"

#include "base/alloc.h"

#define SERVERS_MAX 4096
#define LATEST      2

struct latest {
	struct mac mac[LATEST];
	dt_time at[LATEST];
};

struct served {
	struct latest asked, answered;
};

void others_init(struct others *o)
{
	map_init(&o->servers, SERVERS_MAX);
}

void others_done(struct others *o)
{
	size_t at = 0;
	void *served = NULL;

	while ((served = map_next(&o->servers, &at)) != NULL)
		alloc_free(served);
	map_done(&o->servers);
}

/* What a fact says about a server: nothing, that it was asked, or that it answered. */
enum word { WORD_NONE, WORD_ASKED, WORD_ANSWERED };

static enum word word_of(const struct fact *f, enum timeline_service *service, struct ip4 *server)
{
	*server = f->peer.ip;
	*service = SERVICE_CALLMANAGER;
	switch (f->kind) {
	case FACT_TCP_SYN:
	case FACT_SCCP_KEEPALIVE:
		return WORD_ASKED;
	case FACT_TCP_OPEN:
	case FACT_SCCP_KEEPALIVE_ACK:
		return WORD_ANSWERED;
	default:
		break;
	}
	*service = SERVICE_FILES;
	if (f->kind == FACT_FILE_ASKED)
		return WORD_ASKED;
	if (f->kind == FACT_FILE_STARTED || f->kind == FACT_FILE_REFUSED)
		return WORD_ANSWERED;
	/* A DISCOVER is for whoever answers. */
	*service = SERVICE_DHCP;
	*server = (struct ip4){{0}};
	if (f->kind == FACT_DHCP_DISCOVER)
		return WORD_ASKED;
	return f->kind == FACT_DHCP_OFFER || f->kind == FACT_DHCP_ACK ? WORD_ANSWERED : WORD_NONE;
}

static uint64_t key_of(enum timeline_service service, struct ip4 server)
{
	return ((uint64_t)service + 1) << 32 | ip4_number(server);
}

/* The two latest phones, each once. */
static void note(struct latest *l, struct mac mac, dt_time at)
{
	size_t oldest = l->at[0] <= l->at[1] ? 0 : 1;

	for (size_t i = 0; i < LATEST; i++) {
		if (mac_equal(l->mac[i], mac)) {
			l->at[i] = at > l->at[i] ? at : l->at[i];
			return;
		}
	}
	if (!mac_is_zero(l->mac[0]) && mac_is_zero(l->mac[1]))
		oldest = 1;
	l->mac[oldest] = mac;
	l->at[oldest] = at;
}

void others_note(struct others *o, const struct fact *fact, struct mac mac)
{
	enum timeline_service service;
	struct ip4 server;
	enum word word = word_of(fact, &service, &server);

	if (word == WORD_NONE)
		return;
	uint64_t key = key_of(service, server);
	struct served *s = map_get(&o->servers, key);
	if (s == NULL) {
		s = alloc_zero(1, sizeof *s);
		if (s == NULL)
			return;
		if (map_put(&o->servers, key, s) != 0) {
			alloc_free(s);
			return;
		}
	}
	note(word == WORD_ASKED ? &s->asked : &s->answered, mac, fact->at);
}

static void rename_latest(struct latest *l, struct mac was, struct mac mac)
{
	for (size_t i = 0; i < LATEST; i++) {
		if (!mac_equal(l->mac[i], was))
			continue;
		dt_time at = l->at[i];
		/* It may stand there under its own name already. */
		l->mac[i] = (struct mac){{0}};
		l->at[i] = 0;
		note(l, mac, at);
	}
}

void others_rename(struct others *o, const struct fact *fact, struct mac was, struct mac mac)
{
	enum timeline_service service;
	struct ip4 server;

	if (word_of(fact, &service, &server) == WORD_NONE)
		return;
	struct served *s = map_get(&o->servers, key_of(service, server));
	if (s == NULL)
		return;
	rename_latest(&s->asked, was, mac);
	rename_latest(&s->answered, was, mac);
}

static bool another_since(const struct latest *l, struct mac mac, dt_time from)
{
	for (size_t i = 0; i < LATEST; i++) {
		if (!mac_is_zero(l->mac[i]) && !mac_equal(l->mac[i], mac) && l->at[i] >= from)
			return true;
	}
	return false;
}

enum timeline_others others_find(const struct others *o, enum timeline_service service,
				 struct ip4 server, struct mac mac, dt_time from)
{
	const struct served *s = map_get(&o->servers, key_of(service, server));

	if (s == NULL)
		return OTHERS_UNSEEN;
	if (another_since(&s->answered, mac, from))
		return OTHERS_ANSWERED;
	return another_since(&s->asked, mac, from) ? OTHERS_WAITING : OTHERS_UNSEEN;
}
