/* A phone on the bench: the test plays all its servers by hand with the codecs, and moves the
 * clock.
 *
 * lab_settle() takes the phone's actions, writes one line for each into the trace, and answers as
 * the switches below say; lab_sleep() lets its next deadline pass. */
#ifndef DIALTONE_TESTS_PHONE_LAB_H
#define DIALTONE_TESTS_PHONE_LAB_H

#include "base/buf.h"
#include "phone/phone.h"
#include "proto/dhcp/dhcp.h"
#include "proto/sccp/sccp.h"

#define LAB_PENDING_MAX 16
#define LAB_CONNECTIONS 4
#define LAB_OWN_FILE    "SEP001380AD9E5F.cnf.xml"

enum lab_pending_kind { LAB_DHCP, LAB_UDP, LAB_OPEN, LAB_REFUSED };

struct lab_pending {
	enum lab_pending_kind kind;
	struct endpoint from;
	uint16_t port;
	unsigned connection;
	size_t len;
	uint8_t bytes[1500];
};

struct lab_connection {
	unsigned number; /* the phone's; 0 = free */
	struct endpoint to;
	struct buf tcp; /* to the phone */
};

struct lab {
	struct phone *phone;
	struct phone_config config;
	dt_time now;
	struct buf trace;
	/* What the servers do. */
	bool dhcp_mute, dhcp_nak, tftp_mute, tcp_refuse, tcp_mute, sccp_mute, reject,
	    no_capabilities_req, standby_mute, http, http_mute;
	struct ip4 tftp_mute_ip; /* only this one is silent */
	struct ip4 tcp_refuse_ip, reject_ip;
	uint32_t token_wait_s;             /* tokens are refused for so long; 0 = granted */
	uint32_t unregister_status;        /* in UnregisterAck */
	unsigned naks;                     /* so many REQUESTs are refused */
	const char *more_name, *more_file; /* one more file */
	size_t more_len;                   /* of it; 0 = up to its NUL */
	const char *missing_file;          /* "not found", whatever else is there */
	void (*edit_reply)(struct dhcp_message *reply); /* before it is sent */
	const char *own_file, *default_file;            /* NULL: not found */
	uint32_t skip;                                  /* this answer is left out; 0 = none */
	uint32_t lease_s, keepalive_s;
	size_t split;       /* TCP bytes arrive in pieces of so many; 0 = as sent */
	size_t first_piece; /* length of the very first piece; 0 = as the others */
	unsigned lines, speed_dials;
	size_t actions_left;  /* lab_settle() does nothing more after so many */
	const char *dns_name; /* DNS knows this one */
	struct ip4 dns_ip, dns_mute_ip;
	uint8_t dns_rcode; /* of other names; 0 = says nothing of them */
	/* What they know. */
	unsigned connection; /* the active one: where it registers */
	unsigned last_connection;
	struct lab_connection open[LAB_CONNECTIONS];
	unsigned answering; /* the connection that is answered now; 0 = the active one */
	struct phone_action last_frame;
	const char *sending;
	size_t sending_len;
	struct phone_action last_dhcp, last_udp;
	struct sccp_message last_sccp;
	struct sccp_register last_register;
	struct lab_pending pending[LAB_PENDING_MAX];
	size_t pending_count;
};

extern const char lab_file_of_two[]; /* CallManagers 10.77.0.1 and 10.77.0.2 */
extern const char lab_file_of_one[]; /* 10.77.0.1 */

void lab_init(struct lab *lab, const char *model);
void lab_done(struct lab *lab);
bool lab_has_memory(const struct lab *lab); /* for all it will say */
void lab_power_on(struct lab *lab);
/* Answers until nobody has anything to say any more. */
void lab_settle(struct lab *lab);
/* Undoes actions_left. */
void lab_unlimited(struct lab *lab);
/* To the phone's deadline, and what comes of it. Returns the microseconds slept. */
dt_time lab_sleep(struct lab *lab);
void lab_sleep_until(struct lab *lab, enum phone_state state);
/* Sends a frame to the phone, as the switches cut it. */
void lab_send(struct lab *lab, const struct sccp_message *m);
/* A switch's CDP to the phone; 0 = without a voice VLAN. */
void lab_cdp(struct lab *lab, uint16_t voice_vlan);
/* LLDP-MED, with a voice policy. */
void lab_lldp(struct lab *lab, uint16_t voice_vlan, uint8_t priority);
/* Somebody says this address is his own. */
void lab_arp(struct lab *lab, struct ip4 ip);
/* The server's end of a connection goes away. */
void lab_close(struct lab *lab, unsigned connection, bool reset);
/* The trace since the last call. */
const char *lab_said(struct lab *lab);
struct phone_view lab_view(const struct lab *lab);

/* What a switch and a neighbour say to it is in wire.c. A frame of the phone's, for the trace. */
void lab_note_frame(struct lab *lab, const struct phone_action *a);

/* Powered on and registered, with nothing said left unread. */
void lab_boot(struct lab *lab, const char *model);

#endif
