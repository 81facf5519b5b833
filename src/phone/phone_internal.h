/* What the files of phone/ share: the whole phone. */
#ifndef DIALTONE_PHONE_PHONE_INTERNAL_H
#define DIALTONE_PHONE_PHONE_INTERNAL_H

#include "base/buf.h"
#include "base/rand.h"
#include "cnf/cnf.h"
#include "phone/phone.h"
#include "proto/sccp/sccp.h"

#define PHONE_ACTIONS_MAX 256
#define PHONE_FILE_MAX    CNF_FILE_MAX
#define PHONE_FIRST_PORT  49152u /* local UDP ports of transfers: one each, in turn */
#define PHONE_ANSWER_WAIT                                                                          \
	DT_SECONDS(5) /* a question nobody answers; then the next one is asked                     \
		       */
#define PHONE_UNREGISTER_WAIT DT_SECONDS(2)

enum dhcp_client_state {
	DHCP_CLIENT_OFF,
	DHCP_CLIENT_SELECTING,
	DHCP_CLIENT_REQUESTING,
	DHCP_CLIENT_BOUND,
	DHCP_CLIENT_RENEWING,
	DHCP_CLIENT_REBINDING,
};

struct dhcp_client {
	enum dhcp_client_state state;
	uint32_t xid;
	unsigned requests; /* in REQUESTING */
	dt_time began, deadline, interval;
	struct ip4 offered, server;
	struct ip4 ip, mask, router;
	struct ip4 tftp[2];
	unsigned tftp_count;
	dt_time renew_at, rebind_at, expires;
};

struct tftp_client {
	bool busy;
	char name[64];
	struct endpoint server, transfer; /* transfer.port 0 until the first answer */
	uint16_t local_port;
	uint16_t block; /* last one acknowledged */
	unsigned tries;
	dt_time deadline;
	struct buf file;
	/* The transfer before: its last ACK may have been lost, and only a repeated one lets the
	 * server forget it. Port 0: none. */
	struct endpoint old_transfer;
	uint16_t old_port, old_block;
};

/* How an SCCP connection came to its end: the alarm of the next one says so. */
enum last_reason {
	LAST_INITIALIZED,
	LAST_TCP_TIMEOUT,
	LAST_CM_CLOSED,
	LAST_CM_RESET,
	LAST_KEEPALIVE,
	LAST_RESET,
	LAST_RESTART,
	LAST_REJECTED,
	LAST_ADDRESS, /* the address was lost */
	LAST_BAD_FRAME,
};

enum sccp_client_state {
	SCCP_CLIENT_IDLE,
	SCCP_CLIENT_CONNECTING,
	SCCP_CLIENT_REGISTERING, /* Register sent */
	SCCP_CLIENT_ASKING,      /* acknowledged: templates, lines, time */
	SCCP_CLIENT_REGISTERED,
	SCCP_CLIENT_LEAVING, /* Unregister sent */
};

enum after_leaving {
	AFTER_OFF,
	AFTER_REBOOT,
	AFTER_RESTART,
};

struct sccp_client {
	enum sccp_client_state state;
	unsigned member;     /* of the CallManager list */
	unsigned connection; /* number; 0 = none */
	struct endpoint server;
	uint8_t version; /* negotiated */
	uint8_t input[SCCP_FRAME_MAX];
	size_t input_len;
	unsigned question; /* which one is open */
	bool question_open, capabilities_sent;
	struct sccp_button_template buttons;
	dt_time deadline; /* of the state or question */
	dt_time keepalive_at, keepalive_interval;
	unsigned keepalives_open;
	enum after_leaving after;
};

struct action_item {
	struct phone_action action;
	struct action_item *next;
};

struct phone {
	struct phone_config config;
	const struct phone_profile *profile;
	struct rand rand;
	char name[16];
	char hex[MAC_HEX_SIZE];
	enum phone_state state;
	dt_time wake; /* of the boot itself: start, or start over */
	bool rejoin;  /* at `wake` begin with the files, not with DHCP */
	struct dhcp_client dhcp;
	struct tftp_client tftp;
	size_t file_index;
	unsigned server_index;
	struct cnf_phone cnf;
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
struct phone_action *phone_act(struct phone *p, enum phone_action_kind kind);
void phone_set_state(struct phone *p, enum phone_state state);
void phone_start_over(struct phone *p, dt_time now, dt_time after, bool with_dhcp);
void phone_bound(struct phone *p, dt_time now);
void phone_unbound(struct phone *p, dt_time now); /* may end in PHONE_OFF when it was leaving */
void phone_file_ended(struct phone *p, bool delivered, dt_time now);
void phone_file_silent(struct phone *p, dt_time now);
void phone_off(struct phone *p);

/* phone_dhcp.c */
void dhcp_client_start(struct phone *p, dt_time now);
void dhcp_client_input(struct phone *p, struct slice datagram, dt_time now);
void dhcp_client_expire(struct phone *p, dt_time now);

/* phone_tftp.c */
void tftp_client_ask(struct phone *p, const char *name, struct ip4 server, dt_time now);
void tftp_client_input(struct phone *p, struct endpoint from, uint16_t local_port,
		       struct slice datagram, dt_time now);
void tftp_client_refused(struct phone *p, uint16_t local_port, dt_time now);
void tftp_client_expire(struct phone *p, dt_time now);
void tftp_client_stop(struct phone *p);

/* phone_sccp.c */
void sccp_client_start(struct phone *p, dt_time now); /* with the first member of the list */
void sccp_client_open(struct phone *p, dt_time now);
void sccp_client_input(struct phone *p, struct slice bytes, dt_time now);
void sccp_client_lost(struct phone *p, enum last_reason why, dt_time now);
void sccp_client_leave(struct phone *p, enum after_leaving after, dt_time now);
void sccp_client_expire(struct phone *p, dt_time now);
void sccp_client_drop(struct phone *p); /* closes without a word */
dt_time sccp_client_deadline(const struct phone *p);
/* phone_registration.c: the questions of a registration, in the model's order. */
void sccp_client_send(struct phone *p, struct sccp_message *message);
void registration_ask_next(struct phone *p, dt_time now);
void registration_unanswered(struct phone *p, dt_time now); /* past the question that is open */
void registration_answer(struct phone *p, const struct sccp_message *message, dt_time now);

#endif
