/* What the files of reg/ share: the registrar's memory. */
#ifndef DIALTONE_REG_REG_INTERNAL_H
#define DIALTONE_REG_REG_INTERNAL_H

#include "base/map.h"
#include "reg/reg.h"

#define REG_PENDING_MAX 4096 /* changes under way at once */

struct reg_device {
	struct device device;
	bool seen; /* asked for its file or registered since it was loaded or added */
};

/* A change under way. Its effect is applied when it is reported committed, never before. */
struct reg_pending {
	struct change change;
	bool autoregistration;
};

/* How an auto-registration ended, kept until the station asks. */
struct reg_outcome {
	uint64_t ticket;
	bool ok;
};
#define REG_OUTCOMES_MAX 1024

/* All records of a kind, ordered by key. */
struct reg_records {
	union record **record;
	size_t count, size;
};

struct reg {
	struct settings settings;
	struct reg_records records[RECORD_KINDS];
	struct reg_device **devices; /* ordered by name */
	size_t device_count, device_size;
	struct map by_mac;
	struct map by_reserved_ip;
	struct map prefixes; /* hash of a beginning to how many numbers go on from it */
	struct map by_dn;    /* hash of the DN to device, for existing numbers */
	struct reg_pending *pending[REG_PENDING_MAX]; /* in order of their tickets */
	size_t pending_count;
	size_t handed_count;      /* so many of the first ones were given to the edge */
	struct map pending_named; /* hash of what they are about to the change */
	struct map pending_dn;    /* hash of a number a pending phone is to have */
	struct reg_outcome outcome[REG_OUTCOMES_MAX]; /* at ticket modulo size */
	uint64_t next_ticket;
	uint64_t next_version;
	uint64_t deleted_version; /* of the last deletion of a record */
	uint64_t generation;    /* counts what was applied: readers keep what they derived by it */
	size_t autoregistered;  /* devices that are */
	size_t autoreg_pending; /* auto-registrations being stored */
	uint32_t next_number;   /* where the search for a free DN goes on */
};

/* The index of a name in devices[], or where it would stand. */
size_t reg_position(const struct reg *r, const char *name, bool *ret_found);
struct reg_device *reg_entry(const struct reg *r, const char *name);
/* The change under way for this device name (NULL name: for the settings); NULL when none. */
struct reg_pending *reg_pending_of(const struct reg *r, const char *name);
struct reg_pending *reg_pending_record(const struct reg *r, enum record_kind kind, const char *key);

bool reg_is_pending(const struct reg *r, uint64_t ticket);

/* records.c: the other kinds. _reserve: room for one more, so that applying a committed change
 * cannot fail for want of it. 0, E_FULL, E_NO_MEMORY. _check_names: does all that the record names
 * exist? */
int reg_records_reserve(struct reg *r, enum record_kind kind);
int reg_records_put(struct reg *r, enum record_kind kind, const union record *record);
void reg_records_delete(struct reg *r, enum record_kind kind, const char *key);
void reg_records_done(struct reg *r);
int reg_records_check_names(const struct reg *r, enum record_kind kind, const void *record,
			    const char **ret_why);
/* Is this number used by a record, or reserved by a change under way? */
bool reg_dn_taken(const struct reg *r, const char *dn, const char *but_not_by);
/* Queues a change; its ticket in ret_ticket. 0, E_FULL, E_NO_MEMORY. */
int reg_submit(struct reg *r, const struct change *change, uint64_t *ret_ticket);
/* Upper case, in place. */
void reg_name_fold(char *name);

#endif
