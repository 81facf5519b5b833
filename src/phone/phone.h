/* One simulated phone, from power-on to registered, as a pure machine: DHCP client, TFTP client,
 * configuration reader and SCCP client in the order its model uses them. It shares only codecs with
 * the server. Real sockets are fleet's, the simulated network sim's.
 *
 * Everything it wants done leaves as an action; whatever happens comes in as an input. It never
 * gives up: like the real thing it starts over. docs/protocol/phone.md draws the states. */
#ifndef DIALTONE_PHONE_PHONE_H
#define DIALTONE_PHONE_PHONE_H

#include "base/addr.h"
#include "base/slice.h"
#include "base/time.h"

#include "phone/profile.h"

struct phone;

/* Deviations from a healthy phone, all off when zero. */
struct phone_faults {
	struct ip4 alternate_tftp; /* Alternate TFTP = Yes: beats DHCP */
	struct ip4
	    giaddr; /* behind a relay at this address: DHCP leaves by UDP to the server with it */
	uint32_t type_instead;    /* reports this device type number; 0 = its own */
	struct mac claim;         /* asks and registers under this MAC's name; zero = its own */
	struct ip4 remembered_ip; /* of a lease from elsewhere: asks for it without DISCOVER */
	bool foreign_trust;       /* holds the trust list of another cluster */
	const char *load_instead; /* runs this load; NULL = its own */
};

/* What phones of one owner were told by files they read alike: thousands get the same default file,
 * and reading it once does. NULL when out of memory. */
struct phone_memo;
struct phone_memo *phone_memo_new(void);
void phone_memo_free(struct phone_memo *memo); /* NULL is allowed */

struct phone_config {
	const struct phone_profile *profile;
	struct mac mac;
	uint64_t seed;        /* jitter and transaction ids; one seed, one behaviour */
	struct ip4 static_ip; /* not zero: DHCP off; then tftp must be set */
	struct ip4 static_tftp;
	struct phone_faults faults;
	bool unpaced; /* none of the model's pauses: for load tests */
	bool on_link; /* its Ethernet frames are carried both ways: it announces itself, learns its
			 voice VLAN and looks whether its address is taken */
	struct phone_memo *memo; /* outlives the phone; NULL = none */
	bool goes_off_hook;      /* once it is registered: wants dial tone, and hangs up */
};

/* Where it is; the words are what its screen would show. */
enum phone_state {
	PHONE_OFF,
	PHONE_STARTING,    /* image */
	PHONE_VLAN,        /* "Configuring VLAN": listens for its switch */
	PHONE_DHCP,        /* "Configuring IP" */
	PHONE_FILES,       /* "Configuring CM List" */
	PHONE_UPGRADING,   /* "Upgrading Software": fetches another load */
	PHONE_OPENING,     /* "Opening <ip>" */
	PHONE_REGISTERING, /* "Registering" */
	PHONE_REGISTERED,  /* its number */
	PHONE_REJECTED,    /* "Registration Rejected", waiting to try again */
};

enum phone_action_kind {
	PHONE_SEND_DHCP,  /* bytes: a DHCP message; to: 255.255.255.255:67 or a server; from: own
			     address or 0.0.0.0 */
	PHONE_SEND_FRAME, /* bytes: a whole Ethernet frame, CDP, LLDP or ARP, with its tag */
	PHONE_TAG,      /* everything else it sends carries this 802.1Q tag from now on, or none */
	PHONE_SEND_UDP, /* bytes from port local_port to `to` */
	PHONE_TCP_CONNECT, /* to `to` */
	PHONE_TCP_SEND,    /* bytes on the connection */
	PHONE_TCP_CLOSE,   /* in order */
	PHONE_ADDRESS,     /* has an address now (ip, mask, router), or has lost it (ip zero) */
	PHONE_STATE,       /* state is new */
	PHONE_DIAL_TONE,   /* off hook, and the CallManager gave dial tone */
};

#define PHONE_BYTES_MAX 2048

/* 802.1Q, as its switch told it. */
struct phone_tag {
	bool tagged;
	uint8_t priority;
	uint16_t vlan; /* 0 = the priority alone */
};

struct phone_action {
	enum phone_action_kind kind;
	struct endpoint to;
	uint16_t local_port;
	unsigned
	    connection; /* TCP: number of the connection, from 1; never reused within a phone */
	struct ip4 ip, mask, router;
	struct phone_tag tag;
	enum phone_state state;
	size_t len;
	uint8_t bytes[PHONE_BYTES_MAX];
};

/* NULL when out of memory. */
struct phone *phone_new(const struct phone_config *config);
void phone_free(struct phone *p);

void phone_power_on(struct phone *p, dt_time now);
void phone_power_off(struct phone *p, dt_time now); /* drops everything without a word */
/* Goes in an orderly way: Unregister when registered, then off. */
void phone_leave(struct phone *p, dt_time now);
/* Somebody holds # at power-on: trust lists, the kept configuration and the load it was upgraded to
 * are gone. Only while it is off. */
void phone_factory_reset(struct phone *p);

void phone_dhcp_input(struct phone *p, struct slice datagram, dt_time now);
/* An Ethernet frame from its wire, where config.on_link: CDP, LLDP and ARP concern it. */
void phone_frame_input(struct phone *p, struct slice frame, dt_time now);
void phone_udp_input(struct phone *p, struct endpoint from, uint16_t local_port,
		     struct slice datagram, dt_time now);
/* An ICMP port unreachable for a datagram it sent from local_port. */
void phone_udp_refused(struct phone *p, uint16_t local_port, dt_time now);
void phone_tcp_open(struct phone *p, unsigned connection, dt_time now);
void phone_tcp_refused(struct phone *p, unsigned connection, dt_time now); /* RST or unreachable */
void phone_tcp_input(struct phone *p, unsigned connection, struct slice bytes, dt_time now);
void phone_tcp_closed(struct phone *p, unsigned connection, bool reset, dt_time now);
void phone_expire(struct phone *p, dt_time now);
dt_time phone_deadline(const struct phone *p);
bool phone_next_action(struct phone *p, struct phone_action *ret_action);

enum phone_state phone_state(const struct phone *p);
const char *phone_state_text(enum phone_state state); /* "Configuring IP" */
/* What it knows of itself; all valid until the next input. */
struct phone_view {
	char name[16]; /* SEP<MAC> */
	struct mac mac;
	const struct phone_profile *profile;
	const char *load; /* what it runs now */
	struct ip4 ip;
	struct phone_tag tag;
	unsigned duplicates;         /* addresses it declined, because somebody has them */
	struct endpoint callmanager; /* the active one, or the one it tries */
	struct endpoint standby;     /* the open standby connection's; port 0 = none */
	char dn[25];                 /* line 1 as the server labelled it; "" before */
	char last_reject[34];        /* the server's text */
	unsigned boots;              /* power-ons and restarts */
	unsigned registrations;
	unsigned keepalives_sent, keepalives_acked; /* on the active connection */
	unsigned standby_keepalives, standby_acked; /* on standby connections */
	unsigned failovers; /* the active CallManager was lost and another one tried */
	unsigned failbacks; /* left for one of higher priority */
	unsigned tokens_asked, tokens_rejected;
	unsigned upgrades;               /* booted with another load */
	unsigned unregisters_unanswered; /* it left without a word of the CallManager's */
	unsigned dial_tones;
	unsigned resent_dhcp, resent_files; /* packets sent again for want of an answer */
	bool soft_keys;                     /* template and sets received */
	bool clock_set;
	unsigned unanswered;    /* questions of a registration left without an answer */
	uint32_t unanswered_id; /* the last of them: enum sccp_id */
};
void phone_view(const struct phone *p, struct phone_view *ret_view);

#endif
