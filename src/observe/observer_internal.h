/* What the files of observe/ share. */
#ifndef DIALTONE_OBSERVE_OBSERVER_INTERNAL_H
#define DIALTONE_OBSERVE_OBSERVER_INTERNAL_H

#include "base/map.h"
#include "cnf/cache.h"
#include "observe/observer.h"
#include "observe/table.h"
#include "proto/http/http_body.h"

#define OBSERVE_ADDRESSES_MAX 60000
#define OBSERVE_TRANSFERS_MAX 20000
#define OBSERVE_FLOWS_MAX     30000
#define OBSERVE_PHONES_MAX    60000
#define OBSERVE_LINKS_MAX     60000
#define OBSERVE_SERVERS_MAX   4096
#define OBSERVE_NEIGHBOURS    4096 /* stations whose CDP or LLDP is remembered */
#define OBSERVE_ASKED_MAX     8192 /* addresses somebody asked for by ARP */
#define OBSERVE_STREAMS_MAX   8192 /* of RTP, both directions counted */
#define OBSERVE_LOOKUPS_MAX   4096 /* SIP requests and DNS questions without their answers */
#define OBSERVE_PENDING_MAX   4096 /* facts of stations that are no phone yet */
#define OBSERVE_PENDING_AGE   DT_SECONDS(120)
#define OBSERVE_BUFFERED_MAX  ((size_t)16 << 20)  /* bytes of unfinished messages and files */
#define OBSERVE_SIDE_MAX      ((size_t)96 * 1024) /* of them, one direction of a connection */

/* How sure we are who is behind an IP address; a better claim replaces a worse one. */
enum identity_ground {
	GROUND_NONE,
	GROUND_NAME, /* a device name in a file name or a Register */
	GROUND_LINK, /* the station told its address on its own link: ARP, CDP */
	GROUND_DHCP, /* DHCP gave this address to this hardware */
};

struct observed_address {
	struct table_entry entry;
	struct ip4 ip;
	struct mac mac;
	enum identity_ground ground;
	bool phone;           /* showed itself to be one */
	uint64_t device;      /* the first name claimed that holds no hardware address, mixed */
	uint64_t last_reason; /* why it said that it was away, mixed; and when */
	dt_time last_reason_at;
	dt_time until; /* GROUND_DHCP: the lease's end */
	struct ip4 router;
};

/* A hardware address that told its IP address on the link. */
struct observed_link {
	struct table_entry entry;
	struct ip4 ip; /* the first */
	bool shared;   /* more than one: a host that speaks for many, or a router */
};

/* A station that showed itself to be a phone. */
struct observed_phone {
	struct table_entry entry;
	struct mac mac;
	bool on_link;    /* it speaks here directly, not through a router */
	bool arps;       /* it has sent ARP under its own hardware address */
	bool has_probed; /* it asked for `probed` before taking it */
	struct ip4 probed;
	dt_time probed_at;
};

/* The file bytes a transfer or a HTTP answer carries, as long as they are wanted. */
struct observed_content {
	uint8_t *bytes;
	size_t len, size;
	bool wanted, damaged;
};

/* One TFTP transfer, by the client's endpoint. */
struct observed_transfer {
	struct table_entry entry;
	struct endpoint client;
	struct endpoint server; /* address and port 69 asked */
	char name[FACT_NAME_SIZE];
	dt_time asked_at;
	uint32_t blksize;
	uint32_t bytes;
	uint32_t next_block; /* not wrapped */
	uint32_t again;      /* blocks sent again, all */
	uint32_t same;       /* the last one, how often */
	uint16_t last_block; /* of a block shorter than blksize */
	uint16_t elsewhere;  /* the port that answered from another address; 0 none */
	bool started, ended_data, done;
	struct observed_content content;
};

enum observed_service {
	SERVICE_IS_CALLMANAGER,
	SERVICE_IS_FILES, /* 6970, 6971 */
	SERVICE_IS_TRUST, /* 2445, 3804 */
};

enum observed_speech {
	SPEECH_UNKNOWN,
	SPEECH_SCCP,
	SPEECH_SIP,
	SPEECH_HTTP,
	SPEECH_TLS,
	SPEECH_NONE, /* given up */
};

/* One direction of a connection. */
struct observed_side {
	bool seen;        /* `next` is known */
	bool again_waits; /* data was sent again and is not acknowledged */
	bool gap;         /* bytes are missing before what comes */
	bool zero_window;
	uint8_t ttl;    /* of its ordinary segments */
	uint8_t probes; /* TCP keep-alives without an answer */
	uint16_t again; /* how often `again_seq` was sent again */
	uint32_t next;  /* the sequence number after the last byte seen */
	uint32_t again_seq;
	uint32_t bytes; /* sent, each once */
	uint32_t len, size;
	uint8_t *buffer; /* what is not understood yet */
};

enum { SIDE_OF_PHONE, SIDE_OF_SERVER };

/* One TCP connection toward a CallManager or another service. */
struct observed_flow {
	struct table_entry entry;
	struct endpoint phone, server;
	struct mac claim; /* whose it is by the name given on it; zero = its address tells */
	uint8_t service;  /* enum observed_service */
	uint8_t speech;   /* enum observed_speech */
	bool syn, syn_ack, open, refused, closed;
	bool registered; /* a RegisterAck was seen */
	bool ready;
	bool tls_data;
	bool mismatch, header_told;
	uint8_t syn_acks;
	uint8_t version; /* of SCCP, as agreed */
	dt_time syn_at;
	dt_time flood_from;
	uint32_t flood_count;
	struct observed_side side[2];
	struct observed_web *web; /* of a HTTP connection */
};

/* What a HTTP connection is about. */
struct observed_web {
	char name[FACT_NAME_SIZE];
	dt_time asked_at;
	bool asked, head_seen, to_head, started;
	struct http_body body;
	uint64_t announced, got;
	struct observed_content content;
};

/* A question that waits for its answer: SIP requests by Call-ID and CSeq, NTP by both addresses. */
struct observed_lookup {
	struct table_entry entry;
	dt_time answered_at;
	struct mac claim; /* SIP: who asked, as observed_flow's */
	uint32_t waiting; /* times asked */
	uint32_t bits;    /* SIP: SIP_* of fact.h */
	bool keepalive;
	bool answered;
};

struct observer {
	enum vantage vantage;
	dt_time unix_zero; /* 0 = unknown */
	/* The message being told. */
	dt_time at;
	uint64_t evidence;
	uint16_t vlan;

	struct table addresses;  /* ip to observed_address */
	struct table links;      /* mac to observed_link */
	struct table phones;     /* mac to observed_phone */
	struct table transfers;  /* client endpoint to observed_transfer */
	struct table flows;      /* both endpoints to observed_flow */
	struct table neighbours; /* mac and protocol to observed_neighbour */
	struct table asked;      /* ip to observed_question (ARP) */
	struct table lookups;    /* DNS questions, SIP requests */
	struct table streams;    /* RTP */
	struct map servers;      /* CallManager endpoints met, to the map itself as a mark */
	struct cnf_cache configurations;
	size_t buffered;      /* bytes held for unfinished messages and files */
	size_t on_link_count; /* phones that speak here directly */
	struct mac on_link;   /* the last of them */
	dt_time storm_second, storm_told, swept;
	uint32_t storm_count;
	struct fact *queue; /* ring */
	size_t queue_first, queue_count, queue_size;
	struct fact *pending; /* ring of OBSERVE_PENDING_MAX, made when first needed */
	uint64_t *pending_key;
	size_t pending_next;
	struct observed_messages *messages; /* NULL: nobody wants them */
};

/* Every entry function begins with one of these. */
void observer_begin(struct observer *o, const struct flow *flow, dt_time at, uint64_t evidence);
void observer_begin_link(struct observer *o, const struct link_ends *ends, dt_time at,
			 uint64_t evidence);

/* A fact of this phone address, identified as far as possible. */
struct fact observer_fact(struct observer *o, enum fact_kind kind, struct ip4 ip);
/* A fact of this hardware address. */
struct fact observer_fact_of(struct observer *o, enum fact_kind kind, struct mac mac);
void observer_add_fact(struct observer *o, const struct fact *fact);
/* The same for what any station does: told when the station is a phone, else kept back. */
void observer_add_if_phone(struct observer *o, const struct fact *fact);

void observer_claim(struct observer *o, struct ip4 ip, struct mac mac, enum identity_ground ground);
/* The station told its address itself, on its own link. */
void observer_claim_link(struct observer *o, struct ip4 ip, struct mac mac);
/* Claims by the device name inside a file or device name, if there is one. */
void observer_claim_name(struct observer *o, struct ip4 ip, const char *name);
/* Whose a connection is by the name given on it; zero: its address tells. */
struct mac observer_claim_of(struct observer *o, struct ip4 ip, const char *name);
/* This station is a phone: what was kept back of it is told. */
void observer_phone_address(struct observer *o, struct ip4 ip);
struct observed_phone *observer_phone(struct observer *o, struct mac mac);
bool observer_is_phone(const struct observer *o, struct ip4 ip);
struct observed_address *observer_address(struct observer *o, struct ip4 ip);
/* A phone that speaks on this link itself. */
void observer_on_link(struct observer *o, struct mac mac);

/* The connection of these two endpoints, either way; NULL when not known. */
struct observed_flow *observer_flow(struct observer *o, struct endpoint a, struct endpoint b);
struct observed_flow *observer_flow_make(struct observer *o, struct endpoint phone,
					 struct endpoint server);
void observer_flow_clear(struct observer *o, struct observed_flow *f);
struct fact observer_flow_fact(struct observer *o, enum fact_kind kind,
			       const struct observed_flow *f);

/* Appends to a buffer within the budget; false when it does not fit: then nothing is kept. */
bool observer_keep(struct observer *o, uint8_t **bytes, size_t *len, size_t *size, size_t max,
		   struct slice more);
void observer_drop(struct observer *o, uint8_t **bytes, size_t *len, size_t *size);

/* Seconds that a clock is off, now; false when there is nothing to compare with. */
bool observer_clock_off(const struct observer *o, int64_t unix_s, int64_t *ret_off_s);
/* Tells of a clock more than a minute off. */
void observer_clock(struct observer *o, enum fact_kind kind, const struct observed_flow *f,
		    int64_t unix_s, const char *source);
/* "Sun, 06 Nov 1994 08:49:37 GMT" as HTTP and SIP write it; 0 when it is not. */
int64_t observer_date(struct slice text);
/* Told at 2, 3, 4, 8, 16 … */
bool observer_worth_telling(uint32_t times);

/* message.c: where to write a message's words; NULL when nobody wants them. Then it is said: of a
 * phone's address, or of its hardware address. */
struct buf *observer_line(struct observer *o);
void observer_said(struct observer *o, const char *protocol, struct ip4 phone, struct endpoint peer,
		   bool by_phone);
void observer_said_of(struct observer *o, const char *protocol, struct mac phone, struct ip4 peer,
		      bool by_phone);
void observer_messages_free(struct observer *o);

/* observe_content.c */
void observer_content_begin(struct observed_content *c, const char *name);
void observer_content_add(struct observer *o, struct observed_content *c, struct slice bytes);
/* The file is whole: what it says. */
void observer_content_end(struct observer *o, struct observed_content *c, struct ip4 phone,
			  const char *name);
void observer_content_drop(struct observer *o, struct observed_content *c);

/* The parts of a connection: each takes the bytes of one side that it understands, and returns how
 * many; what is left is offered again with more behind it. A negative number: not what it was taken
 * for. */
int observer_take_sccp(struct observer *o, struct observed_flow *f, const struct flow *flow,
		       struct slice bytes);
int observer_take_sip(struct observer *o, struct observed_flow *f, const struct flow *flow,
		      struct slice bytes);
int observer_take_http(struct observer *o, struct observed_flow *f, unsigned side,
		       struct slice bytes);
int observer_take_tls(struct observer *o, struct observed_flow *f, unsigned side,
		      struct slice bytes);
void observer_web_closed(struct observer *o, struct observed_flow *f, bool by_phone);
void observer_web_free(struct observer *o, struct observed_flow *f);

/* observe_alarm.c: "NN: Name=… Load=… Last=…" and the fields of an XML alarm. */
void observer_alarm_text(struct observer *o, struct ip4 phone, struct endpoint server,
			 struct slice text);
void observer_alarm_xml(struct observer *o, struct ip4 phone, struct endpoint server,
			struct slice xml);
/* observe_rtp.c: streams that fell silent. */
void observer_rtp_sweep(struct observer *o, bool last);

#endif
