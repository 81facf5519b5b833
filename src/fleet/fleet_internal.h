/* What the files of fleet/ share. */
#ifndef DIALTONE_FLEET_FLEET_INTERNAL_H
#define DIALTONE_FLEET_FLEET_INTERNAL_H

#include "fleet/fleet.h"

#define FLEET_PORTS  250           /* of a process's transfers: its part of the ports phones use */
#define FLEET_CUT_US DT_SECONDS(1) /* how long the power is away */

/* The memory of all processes: one part each writes to its own. */
struct fleet_share {
	int error, error_number; /* why it could not run: E_… and errno */
	int tag_error;
	bool heard, gave_up, done;
	dt_time ran;
	uint64_t power_cycles;
	double cpu_us;
	size_t memory;
	uint32_t curve_used;
	int32_t change[FLEET_CURVE_MAX]; /* phones that came up, less those that went down */
};

struct fleet {
	struct fleet_options options;
	unsigned processes;
	struct fleet_share *share;    /* one a process */
	struct fleet_record *records; /* one a phone */
	int32_t *curve;
	struct fleet_report report;
	size_t mapped;
};

/* The phones of process k are first to first + count - 1. */
struct fleet_part {
	const struct fleet_options *options;
	unsigned process, first, count;
	struct fleet_share *share;
	struct fleet_record *records; /* of the whole fleet */
	dt_time began;                /* the same for all; on the loop's clock */
	bool alone;                   /* the only process: on_state may be called */
};

/* fleet_io.c: one process's phones, until their end. Writes its share. */
void fleet_part_run(const struct fleet_part *part);
/* fleet.c */
void fleet_curve_change(struct fleet_share *share, dt_time since, int32_t change);
void fleet_sum(struct fleet *f);

/* fleet_watch.c: the boot of one phone as it saw it, for its explanation. */
struct fleet_watch;
struct fleet_watch *
fleet_watch_new(dt_time now); /* NULL when out of memory; it all works without */
void fleet_watch_free(struct fleet_watch *w);
void fleet_watch_dhcp(struct fleet_watch *w, struct endpoint from, struct endpoint to,
		      struct slice bytes, dt_time now);
/* TFTP or DNS, by its ports. */
void fleet_watch_datagram(struct fleet_watch *w, struct endpoint from, struct endpoint to,
			  struct slice bytes, dt_time now);
/* An ICMP "port unreachable" for a datagram it sent. */
void fleet_watch_unreachable(struct fleet_watch *w, struct endpoint phone, struct endpoint server,
			     dt_time now);
enum fleet_tcp_event { FLEET_TCP_ASKED, FLEET_TCP_OPENED, FLEET_TCP_RESET, FLEET_TCP_CLOSED };
void fleet_watch_tcp(struct fleet_watch *w, struct endpoint phone, struct endpoint server,
		     enum fleet_tcp_event event, dt_time now);
void fleet_watch_sccp(struct fleet_watch *w, struct endpoint from, struct endpoint to,
		      struct slice bytes, dt_time now);
/* The first finding in one line; "" when there is none. */
void fleet_watch_explain(struct fleet_watch *w, struct mac mac, dt_time now,
			 char to[static FLEET_EXPLANATION_MAX]);

#endif
