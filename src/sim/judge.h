/* The judges: what each message on the wire obliges a server to, modelled beside it. */
#ifndef DIALTONE_SIM_JUDGE_H
#define DIALTONE_SIM_JUDGE_H

#include "sim/sim_internal.h"

/* SCCP: what arrived at a server, before it is handled; what left it; and the end of the event, by
 * which everything owed on `c` must have left. */
void judge_sccp_open(struct world *w, struct sim_connection *c);
void judge_sccp_in(struct world *w, struct sim_connection *c, struct slice bytes);
void judge_sccp_out(struct world *w, struct sim_connection *c, struct slice bytes, bool close);
void judge_sccp_settled(struct world *w, struct sim_connection *c);
/* The administrator has ordered phone `name` to reset (1), restart (2) or apply (3). */
void judge_sccp_reset_ordered(struct world *w, unsigned node, uint32_t name, uint32_t type);
void judge_sccp_sweep(struct world *w, const struct sim_node *n);

/* DHCP, likewise. */
int judge_dhcp_init(struct world *w);
void judge_dhcp_done(struct world *w);
void judge_dhcp_in(struct world *w, struct slice bytes, bool corrupted);
void judge_dhcp_out(struct world *w, const struct dhcp_reply *reply);
void judge_dhcp_settled(struct world *w);
void judge_dhcp_sweep(struct world *w);
void judge_dhcp_crash(struct world *w);

/* Files: port UINT_MAX is 69, else the index of a transfer port. */
void judge_files_init(struct world *w);
void judge_files_done(struct world *w);
void judge_files_forget(struct world *w, unsigned node);
void judge_files_in(struct world *w, unsigned node, unsigned port, struct endpoint from,
		    struct slice bytes, bool corrupted);
void judge_files_out(struct world *w, unsigned node, unsigned port, struct endpoint to,
		     struct slice bytes);
void judge_http_in(struct world *w, struct sim_connection *c, struct slice bytes);
void judge_http_out(struct world *w, struct sim_connection *c, struct slice bytes);
void judge_files_settled(struct world *w);
void judge_files_sweep(struct world *w, const struct sim_node *n);

/* The hardware address of a DHCP client, and whose one is: a phone's number, or that and the
 * visitor's; SIM_NOBODY. */
struct mac sim_client_mac(const struct world *w, uint32_t index);
uint32_t sim_client_index(const struct world *w, struct mac mac);

void visitors_start(struct world *w);
/* `again`: a visitor's number and 1, who comes back; 0: whoever comes. */
void visitors_visit(struct world *w, uint32_t again);
void visitors_dhcp(struct world *w, unsigned visitor, const struct dhcp_message *m);
void visitor_reads(struct world *w, unsigned visitor);
/* A datagram for whoever has this address; false when it is no visitor's. */
bool visitors_tftp(struct world *w, unsigned node, unsigned port, struct endpoint to,
		   struct slice bytes);
void visitor_goes_on(struct world *w, const struct event *e);

#endif
