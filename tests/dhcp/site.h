/* A site with one DHCP server, for the tests of this room: 10.77.0.0/24, the server at .1, the
 * router at .254, a pool from .50 on; and packets as values. */
#ifndef DIALTONE_TESTS_DHCP_SITE_H
#define DIALTONE_TESTS_DHCP_SITE_H

#include "harness.h"

#include "dhcp/dhcp_server.h"

#define SERVER     0x0a4d0001u
#define POOL_FIRST 0x0a4d0032u

extern const struct mac phone_a, phone_b;
extern const struct dhcp_arrival here;

struct reg *site(unsigned pool);
struct dhcp_message packet(enum dhcp_type type, struct mac mac);
/* REQUEST for an address; selecting: in answer to our OFFER. */
struct dhcp_message request_for(struct mac mac, uint32_t ip, bool selecting);
void add_text(struct dhcp_message *m, uint8_t option, const char *text);
void add_ip(struct dhcp_message *m, uint8_t option, uint32_t ip);
void send_from(struct dhcp_server *s, const struct dhcp_arrival *arrival,
	       const struct dhcp_message *m, dt_time now);
void send(struct dhcp_server *s, const struct dhcp_message *m, dt_time now);
/* The next answer decoded; DHCP_BOOTP when there is none. */
struct dhcp_message answer(struct dhcp_server *s, struct dhcp_reply *ret_reply);
/* Commits everything that waits; `ok` for all. */
void commit(struct dhcp_server *s, bool ok, dt_time now);
/* DISCOVER to ACK; the address. */
uint32_t lease(struct dhcp_server *s, struct mac mac, dt_time now);
uint32_t lease_s_of(const struct dhcp_message *m); /* 0 when there is none */
/* How many events of this kind are waiting; takes all events out. */
unsigned events(struct dhcp_server *s, enum dhcp_event_kind kind);
struct mac numbered(uint32_t n);
/* The bytes before an unreadable page, until the next call: reading one too far crashes. */
struct slice at_the_edge(struct slice bytes);

#endif
