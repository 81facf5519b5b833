/* The phone's resolver (RFC 1035): one name at a time, for the file server of option 66 or a member
 * of the CallManager list. Each DNS server of the lease is asked a few times; "no such name" is an
 * answer, and silence, an error or an ICMP "unreachable" sends the question to the next one.
 *
 *   ASKING --address-------------------------------------> found
 *     | silence: again, then the next server
 *     | no such name, or no address; no server left -----> not found
 */
#include "phone/phone_internal.h"

#include "base/text.h"

#include <strings.h>

#define DNS_TRIES 3 /* each server; both figures are those of usual resolvers */
#define DNS_RETRY DT_SECONDS(5)

static void ended(struct phone *p, struct ip4 ip, dt_time now)
{
	enum dns_asker asker = p->dns.asker;

	dns_client_stop(p);
	if (asker == DNS_FOR_FILES)
		files_resolved(p, ip, now);
	else
		list_resolved(p, ip, now);
}

static void ask(struct phone *p, dt_time now)
{
	struct dns_client *d = &p->dns;
	struct dns question = {.id = d->id, .type = DNS_A};
	uint8_t bytes[DNS_NAME_SIZE + 32];
	struct writer w = writer_of(bytes, sizeof bytes);

	(void)text_copy(question.name, sizeof question.name, d->name);
	if (dns_encode(&question, &w) != 0) { /* no name at all */
		ended(p, ip4_of(0), now);
		return;
	}
	d->tries++;
	d->deadline = dt_time_add(now, DNS_RETRY);
	struct phone_action *a = phone_act(p, PHONE_SEND_UDP, writer_done(&w));
	if (a == NULL)
		return;
	a->to = (struct endpoint){p->dhcp.dns[d->server], DNS_PORT};
	a->local_port = d->local_port;
}

static void ask_server(struct phone *p, unsigned server, dt_time now)
{
	struct dns_client *d = &p->dns;

	if (server >= p->dhcp.dns_count) {
		ended(p, ip4_of(0), now);
		return;
	}
	d->server = server;
	d->tries = 0;
	ask(p, now);
}

void dns_client_ask(struct phone *p, const char *name, enum dns_asker asker, dt_time now)
{
	struct dns_client *d = &p->dns;
	bool is_short = strchr(name, '.') == NULL && p->dhcp.domain[0] != 0;

	*d = (struct dns_client){.busy = true,
				 .asker = asker,
				 .id = (uint16_t)rand_next(&p->rand),
				 .local_port = phone_next_port(p),
				 .deadline = DT_NEVER};
	(void)snprintf(d->name, sizeof d->name, "%s%s%s", name, is_short ? "." : "",
		       is_short ? p->dhcp.domain : "");
	ask_server(p, 0, now);
}

void dns_client_stop(struct phone *p)
{
	p->dns.busy = false;
	p->dns.deadline = DT_NEVER;
}

bool dns_client_owns(const struct phone *p, uint16_t local_port)
{
	return p->dns.busy && local_port == p->dns.local_port;
}

void dns_client_input(struct phone *p, struct endpoint from, struct slice datagram, dt_time now)
{
	struct dns_client *d = &p->dns;
	struct endpoint asked = {p->dhcp.dns[d->server], DNS_PORT};
	struct dns m;

	if (!endpoint_equal(from, asked) || dns_decode(datagram, &m, NULL) != 0 || !m.is_response ||
	    m.id != d->id || strcasecmp(m.name, d->name) != 0)
		return;
	if (m.rcode == DNS_NO_ERROR && m.address_count > 0)
		ended(p, m.address[0], now);
	else if (m.rcode == DNS_NO_ERROR || m.rcode == DNS_NO_SUCH_NAME)
		ended(p, ip4_of(0), now);
	else
		ask_server(p, d->server + 1, now);
}

void dns_client_refused(struct phone *p, dt_time now)
{
	ask_server(p, p->dns.server + 1, now);
}

void dns_client_expire(struct phone *p, dt_time now)
{
	struct dns_client *d = &p->dns;

	if (!d->busy || now < d->deadline)
		return;
	if (d->tries < DNS_TRIES)
		ask(p, now);
	else
		ask_server(p, d->server + 1, now);
}
