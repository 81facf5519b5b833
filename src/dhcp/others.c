/* DHCP servers that are not ours.
 *
 * A second one is the classic reason why one phone of ten comes up in the wrong place. It shows
 * itself twice: by its own OFFER, ACK or NAK when that passes by as a broadcast, and in the REQUEST
 * of every client that has chosen it, which is always a broadcast (RFC 2131 section 4.3.2). */
#include "dhcp/dhcp_internal.h"

#include "base/error.h"

#define TELL_AGAIN DT_SECONDS(600)

/* A CallManager of the records, by its address; nodes known by name are not resolved here. */
static bool is_node(const struct dhcp_server *s, struct ip4 ip)
{
	char text[IP4_TEXT_SIZE];
	const union record *record = NULL;

	if (reg_record_count(s->reg, RECORD_NODE) == 0)
		return false;
	(void)ip4_format(ip, text);
	for (const char *after = ""; (record = reg_record_next(s->reg, RECORD_NODE, after)) != NULL;
	     after = record->key) {
		if (strcmp(record->node.address, text) == 0)
			return true;
	}
	return false;
}

bool dhcp_is_own(const struct dhcp_server *s, struct ip4 ip)
{
	for (size_t i = 0; i < s->own_count; i++) {
		if (ip4_equal(s->own[i], ip))
			return true;
	}
	return ip4_equal(ip, reg_settings(s->reg)->server_ip) || is_node(s, ip);
}

void dhcp_server_set_own(struct dhcp_server *s, const struct ip4 *own, size_t count)
{
	s->own_count = count < DHCP_OWN_MAX ? count : DHCP_OWN_MAX;
	memcpy(s->own, own, s->own_count * sizeof *own);
	/* Who turns out to be one of us was never a stranger. */
	size_t kept = 0;
	for (size_t i = 0; i < s->other_count; i++) {
		if (!dhcp_is_own(s, s->other[i].ip))
			s->other[kept++] = s->other[i];
	}
	s->other_count = kept;
}

/* Its place in the table, new or in place of the one longest unseen. */
static struct dhcp_other *place_for(struct dhcp_server *s, struct ip4 ip, dt_time now)
{
	struct dhcp_other *oldest = s->other;

	for (size_t i = 0; i < s->other_count; i++) {
		if (ip4_equal(s->other[i].ip, ip))
			return &s->other[i];
		if (s->other[i].last < oldest->last)
			oldest = &s->other[i];
	}
	if (s->other_count < DHCP_OTHERS_MAX)
		oldest = &s->other[s->other_count++];
	*oldest = (struct dhcp_other){.ip = ip, .first = now, .told = -TELL_AGAIN};
	return oldest;
}

void dhcp_other_seen(struct dhcp_server *s, struct ip4 server, struct mac client, dt_time now)
{
	if (ip4_is_zero(server))
		return;
	struct dhcp_other *other = place_for(s, server, now);
	other->client = client;
	other->last = now;
	if (other->told >= 0 && now - other->told < TELL_AGAIN)
		return;
	other->told = now;
	dhcp_event_add(s, DHCP_EVENT_OTHER_SERVER, client, server);
}

const struct dhcp_other *dhcp_server_others(const struct dhcp_server *s, size_t *ret_count)
{
	*ret_count = s->other_count;
	return s->other;
}

bool dhcp_server_overheard(struct dhcp_server *s, struct ip4 from, struct slice datagram,
			   dt_time now)
{
	struct dhcp_message m;

	if (dhcp_decode(datagram, &m, NULL) != 0 || m.op != 2 ||
	    (m.type != DHCP_OFFER && m.type != DHCP_ACK && m.type != DHCP_NAK))
		return false;
	/* A relay passes answers on under its own address: the identifier says whose they are. */
	(void)dhcp_option_ip(&m, DHCP_OPTION_SERVER_ID, &from);
	if (ip4_is_zero(from) || dhcp_is_own(s, from))
		return false;
	dhcp_other_seen(s, from, m.chaddr, now);
	return true;
}
