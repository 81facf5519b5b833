/* Admission: may this phone register, and if not, why.
 *
 *   record there ---- type fits (or any) ----> ADMITTED
 *        |               else ----------------> REFUSED TYPE_MISMATCH   (7961G added as 7961G-GE)
 *   no record, auto-registration on, its window open
 *        |---- another model than it takes --> REFUSED AUTOREG_MODEL
 *        |---- taken in as many as it may ---> REFUSED AUTOREG_CAP
 *        |---- free number --> new record, ticket --> PENDING --> committed --> ADMITTED
 *        |                                                  \--> failed ----> REFUSED
 * DATABASE_ERROR
 *        |---- none ---------> REFUSED NO_FREE_NUMBER
 *   no record, auto-registration off
 *        |---- a record that never had a phone is a digit or two away --> REFUSED NAME_NEAR_MISS
 *        \---- else ----------------------------------------------------> REFUSED NOT_IN_DATABASE
 *
 * CUCM's behaviour: docs/protocol/registration.md. */
#include "reg/reg_internal.h"

#include "base/error.h"
#include "base/text.h"
#include "model/phone_type.h"

static void refuse(struct reg_decision *d, enum reason reason)
{
	d->verdict = REG_REFUSED;
	d->reason = reason;
}

static void number_text(uint32_t number, char to[static DEVICE_DN_SIZE])
{
	(void)snprintf(to, DEVICE_DN_SIZE, "%u", number);
}

static bool is_free(const struct reg *r, const char *dn)
{
	/* A number with a record of its own is meant for somebody. */
	return !reg_dn_taken(r, dn, "") && reg_record_find(r, RECORD_LINE, dn) == NULL;
}

uint32_t reg_autoreg_free(const struct reg *r, uint32_t enough)
{
	uint32_t first = r->settings.autoreg_first;
	uint32_t size = r->settings.autoreg_last - first + 1;
	uint32_t from =
	    r->next_number >= first && r->next_number - first < size ? r->next_number - first : 0;
	uint32_t count = 0;
	char dn[DEVICE_DN_SIZE];

	/* From where the next one is looked for: behind it most are taken, before it most are free.
	 */
	for (uint32_t i = 0; i < size && count < enough; i++) {
		number_text(first + (from + i) % size, dn);
		count += is_free(r, dn);
	}
	return count;
}

bool reg_autoreg_open(const struct reg *r, int64_t unix_s)
{
	const struct settings *s = &r->settings;

	return s->autoreg_on && (s->autoreg_until_unix_s == 0 || unix_s < s->autoreg_until_unix_s);
}

size_t reg_autoreg_count(const struct reg *r)
{
	return r->autoregistered;
}

/* An empty list takes every model. */
static bool takes_model(const struct settings *s, uint32_t type)
{
	char model[32];
	size_t at = 0;

	while (record_list_next(s->autoreg_models, &at, model, sizeof model)) {
		const struct phone_type *row = phone_type_find_model(model);
		if (row != NULL && row->number == type)
			return true;
	}
	return s->autoreg_models[0] == 0;
}

enum reason reg_autoreg_refuses(const struct reg *r, uint32_t type, int64_t unix_s)
{
	const struct settings *s = &r->settings;

	if (!reg_autoreg_open(r, unix_s))
		return REASON_NOT_IN_DATABASE;
	if (!takes_model(s, type))
		return REASON_AUTOREG_MODEL;
	/* Those being stored count as taken in, or a power cut would overrun the cap. */
	if (s->autoreg_cap != 0 && r->autoregistered + r->autoreg_pending >= s->autoreg_cap)
		return REASON_AUTOREG_CAP;
	return REASON_NONE;
}

/* The next free number after the last one given, so that a number just freed rests for a round. */
static bool find_number(struct reg *r, char to[static DEVICE_DN_SIZE])
{
	uint32_t first = r->settings.autoreg_first;
	uint32_t size = r->settings.autoreg_last - first + 1;

	if (r->next_number < first || r->next_number > r->settings.autoreg_last)
		r->next_number = first;
	for (uint32_t i = 0; i < size; i++) {
		uint32_t n = first + (r->next_number - first + i) % size;
		number_text(n, to);
		if (!is_free(r, to))
			continue;
		r->next_number = n + 1;
		return true;
	}
	return false;
}

static void autoregister(struct reg *r, const struct reg_claim *claim, int64_t unix_s,
			 struct reg_decision *d)
{
	struct change change = {.kind = CHANGE_DEVICE_PUT};
	struct device *device = &change.device;

	(void)text_copy(device->name, sizeof device->name, claim->name);
	reg_name_fold(device->name);
	if (!find_number(r, device->dn)) {
		refuse(d, REASON_NO_FREE_NUMBER);
		return;
	}
	device->type = claim->type;
	device->autoregistered = true;
	device->added_unix_s = unix_s;
	device->version = r->next_version++;
	(void)snprintf(device->description, sizeof device->description, "Auto %s", device->dn);
	if (reg_submit(r, &change, &d->ticket) == 0)
		d->verdict = REG_PENDING;
	else
		refuse(d, REASON_DATABASE_ERROR);
}

static void admit_known(struct reg_device *entry, const struct reg_claim *claim,
			struct reg_decision *d)
{
	/* Seen even when refused: the record did have a phone, so it is nobody's typing error. */
	entry->seen = true;
	if (entry->device.type != 0 && entry->device.type != claim->type) {
		refuse(d, REASON_TYPE_MISMATCH);
		return;
	}
	d->verdict = REG_ADMITTED;
	d->device = entry->device;
}

/* What an administrator may call a phone, and nothing else: with auto-registration on, a name that
 * is SQL or a shell's command would become a record (CVE-2011-4487 went that way). */
static bool is_device_name(const char *name)
{
	return name[0] != 0 && name[strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")] == 0 &&
	       name[0] != '-' && name[0] != '.';
}

void reg_admit(struct reg *r, const struct reg_claim *claim, dt_time now, int64_t unix_s,
	       struct reg_decision *ret_decision)
{
	char name[DEVICE_NAME_SIZE];
	struct reg_decision *d = ret_decision;

	(void)now;
	memset(d, 0, sizeof *d);
	(void)text_copy(name, sizeof name, claim->name);
	reg_name_fold(name);
	struct reg_device *entry = reg_entry(r, name);
	const struct reg_pending *pending = reg_pending_of(r, name);
	if (!is_device_name(name)) {
		refuse(d, REASON_MALFORMED);
	} else if (entry != NULL) {
		admit_known(entry, claim, d);
	} else if (pending != NULL && pending->change.kind == CHANGE_DEVICE_PUT) {
		/* The same phone asks again before the disk has answered: it waits for the same
		 * ticket. */
		d->verdict = REG_PENDING;
		d->ticket = pending->change.ticket;
	} else if (reg_autoreg_open(r, unix_s)) {
		enum reason reason = reg_autoreg_refuses(r, claim->type, unix_s);
		if (reason != REASON_NONE)
			refuse(d, reason);
		else
			autoregister(r, claim, unix_s, d);
	} else {
		const struct device *near = reg_device_near(r, name);
		refuse(d, near != NULL ? REASON_NAME_NEAR_MISS : REASON_NOT_IN_DATABASE);
		if (near != NULL)
			(void)text_copy(d->near_name, sizeof d->near_name, near->name);
	}
}

void reg_admit_result(struct reg *r, const struct reg_claim *claim, uint64_t ticket,
		      struct reg_decision *ret_decision)
{
	struct reg_decision *d = ret_decision;

	const struct reg_outcome *outcome = &r->outcome[ticket % REG_OUTCOMES_MAX];

	memset(d, 0, sizeof *d);
	if (reg_is_pending(r, ticket)) {
		d->verdict = REG_PENDING;
		d->ticket = ticket;
		return;
	}
	struct reg_device *entry = reg_entry(r, claim->name);
	if (outcome->ticket == ticket && outcome->ok && entry != NULL)
		admit_known(entry, claim, d);
	else
		refuse(d, REASON_DATABASE_ERROR);
}
