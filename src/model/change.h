/* What must be on disk before anything that depends on it may be said.
 *
 * A machine that wants to promise something emits a change with a ticket and goes on waiting. The
 * edge gives it to the store (in the simulator: to the in-memory disk) and reports back with
 * x_commit_done(machine, ticket, ok, now), where ok = false is an ordinary input: the machine
 * refuses, or stays silent, and nothing was promised. A request repeated meanwhile joins the
 * pending ticket. */
#ifndef DIALTONE_MODEL_CHANGE_H
#define DIALTONE_MODEL_CHANGE_H

#include "model/device.h"
#include "model/history.h"
#include "model/lease.h"
#include "model/record.h"
#include "model/settings.h"

enum change_kind {
	CHANGE_LEASE_PUT,     /* add or extend; keyed by ip */
	CHANGE_LEASE_DELETE,  /* lease.ip */
	CHANGE_DEVICE_PUT,    /* add or replace; keyed by name */
	CHANGE_DEVICE_DELETE, /* device.name */
	/* The record named `replaced` becomes `device`: both or neither. */
	CHANGE_DEVICE_REPLACE,
	CHANGE_SETTINGS_PUT,
	CHANGE_RECORD_PUT,    /* add or replace any other record; keyed by record.key */
	CHANGE_RECORD_DELETE, /* record.key */
	CHANGE_TRY,           /* changes nothing that anybody reads: does the disk take a write? */
	CHANGE_HISTORY_PUT,   /* keyed by history.mac. Can wait: it is written after all others */
	CHANGE_COPY,          /* changes nothing: a copy of all that is committed, to copy_path */
};

/* Which machine waits: the edge routes a completion by it. */
enum change_owner {
	CHANGE_OWNER_DHCP,
	CHANGE_OWNER_REG,
	CHANGE_OWNER_NODE,    /* the server itself */
	CHANGE_OWNER_HISTORY, /* nobody waits */
};

struct change {
	enum change_kind kind;
	enum change_owner owner;
	uint64_t ticket;                 /* unique per owner within a process */
	enum record_kind record_kind;    /* CHANGE_RECORD_* */
	char replaced[DEVICE_NAME_SIZE]; /* CHANGE_DEVICE_REPLACE */
	union {
		struct lease lease;
		struct device device;
		struct settings settings;
		union record record;
		struct history history; /* its bytes are copied when it is submitted */
		char copy_path[256];    /* does not exist yet */
	};
};

#endif
