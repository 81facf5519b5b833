/* What the files of observe/ share. */
#ifndef DIALTONE_OBSERVE_OBSERVER_INTERNAL_H
#define DIALTONE_OBSERVE_OBSERVER_INTERNAL_H

#include "base/map.h"
#include "observe/observer.h"

#define OBSERVE_ADDRESSES_MAX 20000
#define OBSERVE_TRANSFERS_MAX 20000
#define OBSERVE_FLOWS_MAX     20000
#define OBSERVE_SOURCES_MAX   20000

/* How sure we are who is behind an IP address; a better claim replaces a worse one. */
enum identity_ground {
	GROUND_NONE,
	GROUND_NAME,   /* a device name in a file name or a Register */
	GROUND_SOURCE, /* the Ethernet source, while only one address uses it */
	GROUND_DHCP,   /* DHCP gave this address to this hardware */
};

struct observed_address {
	struct ip4 ip;
	struct mac mac;
	enum identity_ground ground;
};

struct observed_source {
	struct mac mac;
	struct ip4 ip; /* the first address seen behind it */
	bool shared;   /* more than one: a router */
};

/* One TFTP transfer, by the client's endpoint. */
struct observed_transfer {
	struct endpoint client;
	struct endpoint server; /* address and port 69 asked */
	char name[FACT_NAME_SIZE];
	uint32_t blksize;
	uint32_t bytes;
	uint32_t next_block; /* not wrapped */
	uint16_t last_block; /* of a block shorter than blksize */
	bool started, ended_data, done;
};

/* One TCP connection toward a CallManager, by the phone's endpoint. */
struct observed_flow {
	struct endpoint phone, server;
	bool syn, syn_ack, open, refused, closed;
	bool registered; /* a RegisterAck was seen */
	bool ready;
};

struct observer {
	enum vantage vantage;
	struct map addresses; /* ip to observed_address */
	struct map sources;   /* mac to observed_source */
	struct map transfers; /* client endpoint to observed_transfer */
	struct map flows;     /* phone endpoint to observed_flow */
	struct map servers;   /* CallManager endpoints met, to the map itself as a mark */
	struct fact *queue;   /* ring */
	size_t queue_first, queue_count, queue_size;
};

/* A fact of this phone address, identified as far as possible. */
struct fact observer_fact(struct observer *o, enum fact_kind kind, struct ip4 ip, dt_time at,
			  uint64_t evidence);
void observer_add_fact(struct observer *o, const struct fact *fact);
void observer_claim(struct observer *o, struct ip4 ip, struct mac mac, enum identity_ground ground);
/* The Ethernet source of a packet from `flow->from`. */
void observer_see_source(struct observer *o, const struct flow *flow);
/* Claims by the device name inside a file or device name, if there is one. */
void observer_claim_name(struct observer *o, struct ip4 ip, const char *name);
/* The connection of these two endpoints, either way; NULL when not known. */
struct observed_flow *observer_flow(struct observer *o, struct endpoint a, struct endpoint b);
struct observed_flow *observer_flow_make(struct observer *o, struct endpoint phone,
					 struct endpoint server);
/* Allocates, or evicts everything of that map first when it is full: the oldest conversations of a
 * capture are long over by then. NULL when out of memory. */
void *observer_entry(struct map *m, uint64_t key, size_t size);
void observer_map_free(struct map *m);

#endif
