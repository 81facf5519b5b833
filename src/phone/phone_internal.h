/* What the files of phone/ share: the whole phone. */
#ifndef DIALTONE_PHONE_PHONE_INTERNAL_H
#define DIALTONE_PHONE_PHONE_INTERNAL_H

#include "base/buf.h"
#include "base/rand.h"
#include "cnf/cnf.h"
#include "phone/phone.h"
#include "proto/dns/dns.h"
#include "proto/http/http_body.h"
#include "proto/sccp/sccp.h"
#include "proto/tftp/tftp.h"

#define PHONE_ACTIONS_MAX 256
#define PHONE_FILE_MAX    CNF_FILE_MAX
#define PHONE_FIRST_PORT  49152u /* local UDP ports of transfers: one each, in turn */
#define PHONE_ANSWER_WAIT                                                                          \
	DT_SECONDS(5) /* a question nobody answers; then the next one is asked                     \
		       */
#define PHONE_UNREGISTER_WAIT DT_SECONDS(2)

/* What it says to the wire and hears there before it has an address. */
struct neighbourhood {
	unsigned quick;          /* announcements of a link that came up, still to come */
	dt_time cdp_at, lldp_at; /* the next ones */
	dt_time settle_at;       /* goes on with what it knows of its VLAN by then */
	bool cdp_heard;          /* a voice VLAN by CDP: LLDP does not count beside it */
	struct phone_tag tag;
};

enum dhcp_client_state {
	DHCP_CLIENT_OFF,
	DHCP_CLIENT_SELECTING,
	DHCP_CLIENT_REQUESTING,
	DHCP_CLIENT_CHECKING, /* acknowledged: is the address anybody's? */
	DHCP_CLIENT_BOUND,
	DHCP_CLIENT_RENEWING,
	DHCP_CLIENT_REBINDING,
};

struct dhcp_client {
	enum dhcp_client_state state;
	uint32_t xid;
	unsigned requests; /* in REQUESTING; in CHECKING the probes sent; in SELECTING DISCOVERs */
	dt_time began, deadline, interval;
	struct ip4 offered, server;
	struct ip4 ip, mask, router;
	struct ip4 tftp[2];
	unsigned tftp_count;
	char tftp_name[64]; /* option 66 is a name, to be resolved before these are asked */
	struct ip4 dns[2];
	unsigned dns_count;
	char domain[128]; /* behind names without a dot */
	dt_time renew_at, rebind_at, expires;
};

/* Who waits for the address of a name. */
enum dns_asker { DNS_FOR_FILES, DNS_FOR_LIST };

struct dns_client {
	bool busy;
	enum dns_asker asker;
	char name[DNS_NAME_SIZE];
	uint16_t id, local_port;
	unsigned server, tries; /* which of the lease's, and how often it was asked */
	dt_time deadline;
};

struct tftp_client {
	bool busy;
	char name[64];
	struct endpoint server, transfer; /* transfer.port 0 until the first answer */
	uint16_t local_port;
	uint16_t block; /* last one acknowledged */
	unsigned tries;
	dt_time deadline;
	bool keep; /* the bytes, not only their end */
	struct buf file;
	/* The transfer before: its last ACK may have been lost, and only a repeated one lets the
	 * server forget it. Port 0: none. */
	struct endpoint old_transfer;
	uint16_t old_port, old_block;
};

/* A GET under way; the name, and the body as it comes, are the TFTP client's. */
struct http_client {
	unsigned connection; /* 0 = none */
	bool in_body;
	struct http_body body;
	struct buf stream; /* what has come and is not read yet */
	dt_time deadline;
};

/* How an SCCP connection came to its end: the alarm of the next one says so. */
enum last_reason {
	LAST_INITIALIZED,
	LAST_TCP_TIMEOUT,
	LAST_CM_CLOSED,
	LAST_CM_RESET,
	LAST_KEEPALIVE,
	LAST_FAILBACK,
	LAST_RESET,
	LAST_RESTART,
	LAST_REJECTED,
	LAST_ADDRESS, /* the address was lost */
	LAST_BAD_FRAME,
	LAST_LOAD_MISSING, /* the load its file names could not be had */
};

/* One connection to a member of the CallManager list. */
enum link_state {
	LINK_CLOSED,
	LINK_CONNECTING,
	LINK_OPEN,        /* standby: keepalives and nothing else */
	LINK_TOKEN,       /* RegisterTokenReq sent */
	LINK_REGISTERING, /* Register sent */
	LINK_ASKING,      /* acknowledged: templates, lines, time */
	LINK_REGISTERED,
	LINK_LEAVING, /* Unregister sent */
};

enum link_role {
	LINK_ACTIVE,  /* where it is registered, or tries to */
	LINK_STANDBY, /* open to the best of the others */
	LINK_PROBE,   /* looks whether a better one than the standby is there */
	LINK_COUNT,
};

struct sccp_link {
	enum link_state state;
	unsigned member;     /* of the CallManager list */
	unsigned connection; /* number; 0 = none */
	uint8_t version;     /* negotiated; 0 before */
	struct buf input;    /* the beginning of a frame whose rest is still to come */
	dt_time deadline;    /* of the state or question */
	dt_time keepalive_at;
	unsigned keepalives_open;
};

/* The CallManager group's members, then the SRST gateways. */
#define LIST_MAX (CNF_MEMBERS_MAX + CNF_SRST_MAX)

struct callmanager_list {
	struct endpoint member[LIST_MAX];
	unsigned count, srst_first;
	unsigned read;        /* so many hosts of the file are in it, or could not be resolved */
	uint32_t tried;       /* since it was registered: bit n = member n would not have it */
	uint32_t unreachable; /* in this round for a standby */
	dt_time seek_at;      /* looks for a standby, or for a better one */
	dt_time failback_at;  /* the standby is a better one and has been there long enough */
	dt_time wait_us;      /* shortest wait a refused token asked for; 0 = none */
	bool rejected;        /* one of those tried refused the registration */
};

enum after_leaving {
	AFTER_OFF,
	AFTER_REBOOT,
	AFTER_RESTART,
	AFTER_FAILBACK,
};

/* The registration on the active connection. */
struct sccp_client {
	unsigned question; /* which one is open */
	bool question_open, capabilities_sent;
	struct sccp_button_template buttons;
	dt_time keepalive_interval, standby_interval;
	enum after_leaving after;
};

/* Firmware on its way: the files the load names, one after the other. */
struct load_upgrade {
	bool busy;
	char load[DEVICE_LOAD_SIZE]; /* that it will run */
	struct buf names;            /* the rest of the .loads file */
};

/* An action that waits to be taken; its bytes end where they end. */
struct action_item {
	struct action_item *next;
	struct phone_action action;
};

// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): told in the order of a boot
struct phone {
	struct phone_config config;
	const struct phone_profile *profile;
	struct rand rand;
	char name[16];
	char hex[MAC_HEX_SIZE];
	char load[DEVICE_LOAD_SIZE]; /* runs; survives the power */
	enum phone_state state;
	dt_time wake; /* of the boot itself: start, or start over */
	bool rejoin;  /* at `wake` begin with the files, not with DHCP */
	struct neighbourhood link_layer;
	struct dhcp_client dhcp;
	struct dns_client dns;
	struct ip4 tftp_resolved; /* of option 66's name, in this boot; zero = it could not be */
	bool name_asked;          /* it was tried */
	struct tftp_client tftp;
	struct http_client http;
	bool http_silent;         /* in this boot */
	struct ip4 remembered_ip; /* of its last lease, in flash */
	struct dhcp_client kept;  /* that lease, with what came with it; ip zero = none */
	dt_time ask_at;           /* the next file, behind the model's pause */
	size_t file_index;
	unsigned server_index;
	struct cnf_phone cnf;
	bool has_cnf;  /* its own file, kept in flash */
	bool trusted;  /* holds a CTL or ITL */
	bool settled;  /* has its configuration; what is asked now comes behind it */
	bool applying; /* reads its file anew while it is registered */
	struct load_upgrade upgrade;
	struct callmanager_list list;
	struct sccp_link link[LINK_COUNT];
	struct sccp_client sccp;
	enum last_reason last;
	unsigned next_connection;
	uint16_t next_port;
	struct phone_view view;
	struct action_item *first, *last_item;
	size_t action_count;
	bool overflow; /* an action was lost for want of memory: start over */
};

/* phone.c */
/* Queues an action with its bytes; NULL when there is no room: the phone starts over. */
struct phone_action *phone_act(struct phone *p, enum phone_action_kind kind, struct slice bytes);
void phone_set_state(struct phone *p, enum phone_state state);
void phone_start_over(struct phone *p, dt_time now, dt_time after, bool with_dhcp);
void phone_bound(struct phone *p, dt_time now);
void phone_unbound(struct phone *p, dt_time now); /* may end in PHONE_OFF when it was leaving */
void phone_reboot(struct phone *p, dt_time now);
void phone_off(struct phone *p);

/* A fresh local UDP port. */
uint16_t phone_next_port(struct phone *p);
void phone_network(struct phone *p, dt_time now); /* its VLAN is settled: DHCP */

/* phone_neighbour.c: CDP, LLDP-MED, the voice VLAN; ARP for its own address. */
bool neighbour_is_spoken(const struct phone *p); /* does it listen for its switch at all? */
void neighbour_start(struct phone *p, dt_time now);
void neighbour_stop(struct phone *p);
void neighbour_input(struct phone *p, struct slice frame, dt_time now);
void neighbour_expire(struct phone *p, dt_time now);
dt_time neighbour_deadline(const struct phone *p);
void neighbour_probe(struct phone *p, struct ip4 ip); /* is it anybody's? */
void neighbour_ask(struct phone *p, struct ip4 sender, struct ip4 target);
void neighbour_announce(struct phone *p); /* its address is its own */

/* phone_files.c: which file next, and what is made of it. */
void files_start(struct phone *p, dt_time now);
void files_apply(struct phone *p, dt_time now); /* its own file again, registered as it is */
void files_ended(struct phone *p, bool delivered, dt_time now);
void files_silent(struct phone *p, dt_time now);
void files_expire(struct phone *p, dt_time now);
void files_stop(struct phone *p);
void files_resolved(struct phone *p, struct ip4 server, dt_time now); /* zero: DNS does not know */
/* By HTTP first where the model does so. keep: the bytes are wanted, not only that they arrive. */
void files_fetch(struct phone *p, const char *name, struct ip4 server, bool keep, dt_time now);
void files_after(struct phone *p, dt_time now); /* configuration and load are settled */

/* phone_memo.c: cnf_parse, or what it said of these bytes before. */
int memo_parse(struct phone_memo *memo, struct slice file, uint32_t type,
	       struct cnf_phone *ret_phone);

/* phone_http.c */
void http_client_ask(struct phone *p, const char *name, struct ip4 server, bool keep, dt_time now);
void http_client_open(struct phone *p, dt_time now);
void http_client_input(struct phone *p, struct slice bytes, dt_time now);
void http_client_ended(struct phone *p, dt_time now);
void http_client_expire(struct phone *p, dt_time now);
void http_client_stop(struct phone *p);

/* phone_load.c: another load than the one it runs. */
bool load_is_wanted(const struct phone *p);
void load_start(struct phone *p, dt_time now);
void load_file_ended(struct phone *p, bool delivered, dt_time now);

/* phone_dhcp.c */
void dhcp_client_boot(struct phone *p, dt_time now);  /* as the model begins */
void dhcp_client_start(struct phone *p, dt_time now); /* DISCOVER */
void dhcp_client_input(struct phone *p, struct slice datagram, dt_time now);
void dhcp_client_taken(struct phone *p, dt_time now); /* somebody has the address it checks */
void dhcp_client_release(struct phone *p);            /* where it has one */
void dhcp_client_keep(struct phone *p, dt_time now);  /* its old router is there */
void dhcp_client_expire(struct phone *p, dt_time now);

/* phone_dns.c: the address of a name; then files_resolved() or list_resolved() is called, at once
 * when there is nobody to ask. */
void dns_client_ask(struct phone *p, const char *name, enum dns_asker asker, dt_time now);
bool dns_client_owns(const struct phone *p, uint16_t local_port);
void dns_client_input(struct phone *p, struct endpoint from, struct slice datagram, dt_time now);
void dns_client_refused(struct phone *p, dt_time now);
void dns_client_expire(struct phone *p, dt_time now);
void dns_client_stop(struct phone *p);

/* phone_tftp.c. keep: the file's bytes are wanted, not only that it arrives. */
void tftp_client_ask(struct phone *p, const char *name, struct ip4 server, bool keep, dt_time now);
void tftp_client_input(struct phone *p, struct endpoint from, uint16_t local_port,
		       struct slice datagram, dt_time now);
void tftp_client_refused(struct phone *p, uint16_t local_port, dt_time now);
void tftp_client_expire(struct phone *p, dt_time now);
void tftp_client_stop(struct phone *p);

/* phone_link.c: connections, frames and keepalives. */
void link_connect(struct phone *p, enum link_role role, unsigned member, dt_time now);
void link_send(struct phone *p, enum link_role role, struct sccp_message *message);
void link_close(struct phone *p, enum link_role role); /* in order */
void link_move(struct phone *p, enum link_role from, enum link_role to);
void link_opened(struct phone *p, unsigned connection, dt_time now);
void link_input(struct phone *p, unsigned connection, struct slice bytes, dt_time now);
void link_ended(struct phone *p, unsigned connection, enum last_reason why, dt_time now);
void link_expire(struct phone *p, dt_time now);
dt_time link_deadline(const struct phone *p);

/* phone_list.c: which CallManager, and which one in reserve. */
void list_start(struct phone *p, dt_time now);                   /* with the first member */
void list_resolved(struct phone *p, struct ip4 ip, dt_time now); /* the member asked for */
void list_drop(struct phone *p); /* closes every connection without a word */
void list_active_lost(struct phone *p, enum last_reason why, dt_time now);
void list_registered(struct phone *p, dt_time now);
void list_standby_opened(struct phone *p, enum link_role role, dt_time now);
void list_standby_lost(struct phone *p, enum link_role role, dt_time now);
void list_token_answer(struct phone *p, enum link_role role, bool granted, uint32_t wait_s,
		       dt_time now);
void list_failback(struct phone *p, dt_time now); /* the Unregister is through */
void list_expire(struct phone *p, dt_time now);
dt_time list_deadline(const struct phone *p);

/* phone_sccp.c: the registration. */
void sccp_client_open(struct phone *p, dt_time now); /* the active connection is there */
void sccp_client_register(struct phone *p, dt_time now);
void sccp_client_ask_token(struct phone *p, enum link_role role, dt_time now);
void sccp_client_off_hook(struct phone *p);
void sccp_client_message(struct phone *p, const struct sccp_message *m, dt_time now);
void sccp_client_leave(struct phone *p, enum after_leaving after, dt_time now);
void sccp_client_left(struct phone *p, dt_time now);

/* phone_registration.c: the questions of a registration, in the model's order. */
void registration_ask_next(struct phone *p, dt_time now);
void registration_unanswered(struct phone *p, dt_time now); /* past the question that is open */
void registration_answer(struct phone *p, const struct sccp_message *message, dt_time now);

#endif
