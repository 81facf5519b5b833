/* Who may register: the registrar's memory of devices and settings, admission with reasons, and
 * auto-registration. A pure machine: changes leave as struct change with a ticket, and take effect
 * (are seen by any reader of this memory) only when the edge reports them committed.
 *
 * The working copy in memory is loaded at start with reg_load_*; the store is the truth. */
#ifndef DIALTONE_REG_REG_H
#define DIALTONE_REG_REG_H

#include "base/time.h"
#include "model/change.h"
#include "model/provision.h"
#include "model/reason.h"

#define REG_DEVICES_MAX 50000
#define REG_POOL_DEFAULT                                                                           \
	"Default" /* the pool of phones that name none, when there is such a record */

struct reg;

/* What a phone says of itself in Register. */
struct reg_claim {
	char name[DEVICE_NAME_SIZE];
	uint32_t type;
	struct ip4 ip; /* source of its connection */
	uint8_t protocol_version;
	char load[33];
};

enum reg_verdict {
	REG_ADMITTED,
	REG_REFUSED,
	REG_PENDING, /* a commit decides: ask reg_admit_result when its ticket completes */
};

struct reg_decision {
	enum reg_verdict verdict;
	enum reason reason;               /* REFUSED */
	char near_name[DEVICE_NAME_SIZE]; /* NAME_NEAR_MISS: the record it resembles */
	uint64_t ticket;                  /* PENDING */
	struct device device;             /* ADMITTED: the record */
};

struct reg *reg_new(void);
void reg_free(struct reg *r);

/* At start, before any input: what the store holds. 0, E_FULL, E_NO_MEMORY. */
int reg_load_device(struct reg *r, const struct device *device);
int reg_load_record(struct reg *r, enum record_kind kind, const union record *record);
void reg_load_settings(struct reg *r, const struct settings *settings);

const struct settings *reg_settings(const struct reg *r);
/* NULL when no such device; name in any case. Valid until the next input. */
const struct device *reg_device_find(const struct reg *r, const char *name);
/* Walks all devices, ordered by name: start with after = "". NULL at the end. */
const struct device *reg_device_next(const struct reg *r, const char *after);
const struct device *reg_device_by_mac(const struct reg *r, struct mac mac);
/* Whose record reserves this address? NULL when nobody's. */
const struct device *reg_device_by_reserved_ip(const struct reg *r, struct ip4 ip);
/* Does a phone bear exactly this number? *ret_more: does a longer one begin with it? */
bool reg_number_match(const struct reg *r, const char *digits, bool *ret_more);
size_t reg_device_count(const struct reg *r);
/* Counts every change that took effect: who keeps something derived from the records compares it.
 */
uint64_t reg_generation(const struct reg *r);

/* The other kinds of records (not RECORD_PHONE). NULL when there is none with this key; valid until
 * the next input. _next walks them ordered by key: start with after = "". */
const union record *reg_record_find(const struct reg *r, enum record_kind kind, const char *key);
const union record *reg_record_next(const struct reg *r, enum record_kind kind, const char *after);
size_t reg_record_count(const struct reg *r, enum record_kind kind);

/* Everything the files and the registration of this device need. `type` counts when the record
 * names none or there is no record (then the result is what the default file says; name may be "").
 */
void reg_provision(const struct reg *r, const char *name, uint32_t type,
		   struct provision *ret_provision);

/* A phone that never had a file asked for or registered since it was added counts as never seen:
 * only such records are offered as near misses (F-12). */
void reg_device_seen(struct reg *r, const char *name);
/* The only never-seen record near to `name`: one or two digits differ or two neighbours are
 * swapped. NULL when none, or more than one, is that near. */
const struct device *reg_device_near(const struct reg *r, const char *name);

/* May this phone register? unix_s stamps an auto-registered record. PENDING when the answer needs a
 * commit; the same name asking again meanwhile gets the same ticket. */
void reg_admit(struct reg *r, const struct reg_claim *claim, dt_time now, int64_t unix_s,
	       struct reg_decision *ret_decision);
/* Why auto-registration would take in nobody of this type now; REASON_NONE when it would. */
enum reason reg_autoreg_refuses(const struct reg *r, uint32_t type, int64_t unix_s);
/* Is the window open, the range aside? */
bool reg_autoreg_open(const struct reg *r, int64_t unix_s);
/* Devices that were auto-registered and are still in the database. */
size_t reg_autoreg_count(const struct reg *r);
/* Free numbers left in the auto-registration range, reservations of pending tickets deducted;
 * counted up to `enough`. */
uint32_t reg_autoreg_free(const struct reg *r, uint32_t enough);

/* Administration. Each checks, emits a change and returns its ticket; nothing is visible before the
 * commit. 0; E_EXISTS / E_UNKNOWN (device); E_BAD_VALUE with a sentence in ret_why; E_FULL;
 * E_NO_MEMORY; E_BUSY when another change of the same device or of the settings is pending. */
int reg_device_add(struct reg *r, const struct device *device, int64_t unix_s, uint64_t *ret_ticket,
		   const char **ret_why);
int reg_device_set(struct reg *r, const struct device *device, uint64_t *ret_ticket,
		   const char **ret_why);
int reg_device_delete(struct reg *r, const char *name, uint64_t *ret_ticket, const char **ret_why);
/* The record moves to another phone, which must have none: same numbers, same everything, in one
 * commit. `type` 0 keeps the model; another model loses the load, which was the old one's. */
int reg_device_replace(struct reg *r, const char *name, const char *by, uint32_t type,
		       uint64_t *ret_ticket, const char **ret_why);
/* Adds (`add`) or replaces a record of another kind. E_EXISTS, E_UNKNOWN, and E_BAD_VALUE also when
 * it names a record that is not there. Deleting what another record names: E_BUSY with who does. */
int reg_record_put(struct reg *r, enum record_kind kind, const union record *record, bool add,
		   uint64_t *ret_ticket, const char **ret_why);
int reg_record_delete(struct reg *r, enum record_kind kind, const char *key, uint64_t *ret_ticket,
		      const char **ret_why);
int reg_settings_set(struct reg *r, const struct settings *settings, uint64_t *ret_ticket,
		     const char **ret_why);

/* The changes to commit, oldest first; false when there is none. */
bool reg_next_change(struct reg *r, struct change *ret_change);
/* The edge reports a commit. Unknown tickets are ignored. */
void reg_commit_done(struct reg *r, uint64_t ticket, bool ok);

/* The decision of a PENDING admission once its ticket has completed: ADMITTED, or REFUSED with
 * DATABASE_ERROR. PENDING while it has not. */
void reg_admit_result(struct reg *r, const struct reg_claim *claim, uint64_t ticket,
		      struct reg_decision *ret_decision);

#endif
