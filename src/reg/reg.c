/* The registrar's memory: devices ordered by name, found by name, MAC and number; changes under
 * way.
 *
 *   administration, auto-registration --> reg_submit --> reg_next_change --> (edge, disk)
 *   reg_commit_done(ok) --> applied here, visible to every reader; (not ok) --> dropped, nothing
 * happened
 */
#include "reg/reg_internal.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"

#include <ctype.h>

#define NUMBERS_MAX  200000 /* directory numbers on all phones together */
#define PREFIXES_MAX 400000 /* their beginnings: neighbours share nearly all of theirs */

struct reg *reg_new(void)
{
	struct reg *r = alloc_zero(1, sizeof *r);

	if (r == NULL)
		return NULL;
	r->settings = settings_default();
	map_init(&r->by_mac, REG_DEVICES_MAX);
	map_init(&r->by_dn, NUMBERS_MAX);
	map_init(&r->prefixes, PREFIXES_MAX);
	map_init(&r->by_reserved_ip, REG_DEVICES_MAX);
	map_init(&r->pending_named, REG_PENDING_MAX);
	map_init(&r->pending_dn, NUMBERS_MAX);
	r->next_ticket = 1;
	r->next_version = 1;
	return r;
}

void reg_free(struct reg *r)
{
	if (r == NULL)
		return;
	for (size_t i = 0; i < r->device_count; i++)
		alloc_free(r->devices[i]);
	for (size_t i = 0; i < r->pending_count; i++)
		alloc_free(r->pending[i]);
	alloc_free(r->devices);
	reg_records_done(r);
	map_done(&r->pending_named);
	map_done(&r->pending_dn);
	map_done(&r->by_mac);
	map_done(&r->by_dn);
	map_done(&r->prefixes);
	map_done(&r->by_reserved_ip);
	alloc_free(r);
}

void reg_name_fold(char *name)
{
	for (; *name != 0; name++)
		*name = (char)toupper((unsigned char)*name);
}

size_t reg_position(const struct reg *r, const char *name, bool *ret_found)
{
	size_t low = 0;
	size_t high = r->device_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (strcmp(r->devices[middle]->device.name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*ret_found = low < r->device_count && strcmp(r->devices[low]->device.name, name) == 0;
	return low;
}

struct reg_device *reg_entry(const struct reg *r, const char *name)
{
	char folded[DEVICE_NAME_SIZE];
	bool found = false;

	if (!text_copy(folded, sizeof folded, name))
		return NULL;
	reg_name_fold(folded);
	/* Nearly every name bears a hardware address, and a phone's record is looked for several
	 * times a registration: one probe, whatever the size of the site. */
	struct mac mac;
	struct reg_device *entry =
	    mac_of_device_name(folded, &mac) == 0 ? map_get(&r->by_mac, mac_key(mac)) : NULL;
	if (entry != NULL && strcmp(entry->device.name, folded) == 0)
		return entry;
	size_t at = reg_position(r, folded, &found);
	return found ? r->devices[at] : NULL;
}

/* The n-th number of a device, from 0: line 1 and the further ones; false at the end. */
static bool next_number(const struct device *d, size_t *at, char to[static DEVICE_DN_SIZE])
{
	if (*at == 0 && d->dn[0] != 0) {
		*at = 1;
		return text_copy(to, DEVICE_DN_SIZE, d->dn);
	}
	size_t in_list = *at > 0 ? *at - 1 : 0;
	bool more = record_list_next(d->lines, &in_list, to, DEVICE_DN_SIZE);
	*at = in_list + 1;
	return more;
}

static void index_numbers(struct map *m, const struct device *d, void *value)
{
	char dn[DEVICE_DN_SIZE];

	for (size_t at = 0; next_number(d, &at, dn);)
		(void)map_put(m, map_key_text(dn), value);
}

static void unindex_numbers(struct map *m, const struct device *d, const void *value)
{
	char dn[DEVICE_DN_SIZE];

	for (size_t at = 0; next_number(d, &at, dn);) {
		if (map_get(m, map_key_text(dn)) == value)
			(void)map_take(m, map_key_text(dn));
	}
}

static bool has_number(const struct device *d, const char *wanted)
{
	char dn[DEVICE_DN_SIZE];

	for (size_t at = 0; next_number(d, &at, dn);) {
		if (strcmp(dn, wanted) == 0)
			return true;
	}
	return false;
}

/* Where the map points says how many: a count is a distance into this, which is never read. */
static char counts[NUMBERS_MAX + 1];

/* One number more or less goes on from each of its beginnings. */
static void count_prefixes(struct map *m, const struct device *d, bool more)
{
	char dn[DEVICE_DN_SIZE];

	for (size_t at = 0; next_number(d, &at, dn);) {
		for (size_t len = strlen(dn); len-- > 0;) {
			dn[len] = 0;
			uint64_t key = map_key_text(dn);
			const char *at_count = map_get(m, key);
			size_t count = at_count != NULL ? (size_t)(at_count - counts) : 0;
			if (more)
				count += count < NUMBERS_MAX;
			else
				count -= count > 0;
			if (count > 0)
				(void)map_put(m, key, &counts[count]);
			else
				(void)map_take(m, key);
		}
	}
}

bool reg_number_match(const struct reg *r, const char *digits, bool *ret_more)
{
	*ret_more = map_get(&r->prefixes, map_key_text(digits)) != NULL;
	return reg_dn_taken(r, digits, "");
}

static void index_device(struct reg *r, struct reg_device *entry)
{
	struct mac mac;

	/* The maps hold as many as there may be, and memory was there for the device itself: a
	 * failure leaves the device findable by name, which is what registration needs. */
	if (mac_of_device_name(entry->device.name, &mac) == 0)
		(void)map_put(&r->by_mac, mac_key(mac), entry);
	index_numbers(&r->by_dn, &entry->device, entry);
	count_prefixes(&r->prefixes, &entry->device, true);
	if (!ip4_is_zero(entry->device.reserved_ip))
		(void)map_put(&r->by_reserved_ip, ip4_number(entry->device.reserved_ip), entry);
	r->autoregistered += entry->device.autoregistered;
}

static void unindex_device(struct reg *r, const struct reg_device *entry)
{
	struct mac mac;

	if (mac_of_device_name(entry->device.name, &mac) == 0 &&
	    map_get(&r->by_mac, mac_key(mac)) == entry)
		(void)map_take(&r->by_mac, mac_key(mac));
	unindex_numbers(&r->by_dn, &entry->device, entry);
	count_prefixes(&r->prefixes, &entry->device, false);
	if (reg_device_by_reserved_ip(r, entry->device.reserved_ip) == &entry->device)
		(void)map_take(&r->by_reserved_ip, ip4_number(entry->device.reserved_ip));
	r->autoregistered -= entry->device.autoregistered;
}

/* Room for one more, so that applying a committed change cannot fail for want of memory. */
static int reserve_device(struct reg *r, size_t more)
{
	if (r->device_count + more > REG_DEVICES_MAX)
		return E_FULL;
	if (r->device_count + more <= r->device_size)
		return 0;
	size_t size = r->device_size == 0 ? 16 : r->device_size * 2;
	struct reg_device **devices = alloc_resize(r->devices, size * sizeof(void *));
	if (devices == NULL)
		return E_NO_MEMORY;
	r->devices = devices;
	r->device_size = size;
	return 0;
}

static int put_device(struct reg *r, const struct device *device, bool seen)
{
	bool found = false;
	size_t at = reg_position(r, device->name, &found);

	if (found) {
		unindex_device(r, r->devices[at]);
		r->devices[at]->device = *device;
		index_device(r, r->devices[at]);
		return 0;
	}
	int error = reserve_device(r, 1);
	struct reg_device *entry = error == 0 ? alloc_zero(1, sizeof *entry) : NULL;
	if (entry == NULL)
		return error != 0 ? error : E_NO_MEMORY;
	*entry = (struct reg_device){.device = *device, .seen = seen};
	memmove(&r->devices[at + 1], &r->devices[at], (r->device_count - at) * sizeof(void *));
	r->devices[at] = entry;
	r->device_count++;
	index_device(r, entry);
	return 0;
}

static void delete_device(struct reg *r, const char *name)
{
	bool found = false;
	size_t at = reg_position(r, name, &found);

	if (!found)
		return;
	unindex_device(r, r->devices[at]);
	alloc_free(r->devices[at]);
	r->device_count--;
	memmove(&r->devices[at], &r->devices[at + 1], (r->device_count - at) * sizeof(void *));
}

int reg_load_device(struct reg *r, const struct device *device)
{
	struct device folded = *device;

	reg_name_fold(folded.name);
	if (folded.version >= r->next_version)
		r->next_version = folded.version + 1;
	r->generation++;
	return put_device(r, &folded, false);
}

void reg_load_settings(struct reg *r, const struct settings *settings)
{
	r->settings = *settings;
	r->generation++;
	if (settings->version >= r->next_version)
		r->next_version = settings->version + 1;
}

const struct settings *reg_settings(const struct reg *r)
{
	return &r->settings;
}

const struct device *reg_device_find(const struct reg *r, const char *name)
{
	const struct reg_device *entry = reg_entry(r, name);

	return entry != NULL ? &entry->device : NULL;
}

const struct device *reg_device_next(const struct reg *r, const char *after)
{
	bool found = false;
	size_t at = reg_position(r, after, &found);

	at += found;
	return at < r->device_count ? &r->devices[at]->device : NULL;
}

const struct device *reg_device_by_mac(const struct reg *r, struct mac mac)
{
	const struct reg_device *entry = map_get(&r->by_mac, mac_key(mac));

	return entry != NULL ? &entry->device : NULL;
}

const struct device *reg_device_by_reserved_ip(const struct reg *r, struct ip4 ip)
{
	const struct reg_device *entry = map_get(&r->by_reserved_ip, ip4_number(ip));

	return entry != NULL ? &entry->device : NULL;
}

uint64_t reg_generation(const struct reg *r)
{
	return r->generation;
}

size_t reg_device_count(const struct reg *r)
{
	return r->device_count;
}

void reg_device_seen(struct reg *r, const char *name)
{
	struct reg_device *entry = reg_entry(r, name);

	if (entry != NULL)
		entry->seen = true;
}

/* What a change is about, as a key: "phone SEP…", "settings ", "pool Berlin". */
static uint64_t subject_key(const char *kind, const char *key)
{
	char text[64];

	(void)snprintf(text, sizeof text, "%s %s", kind, key);
	return map_key_text(text);
}

static uint64_t subject_of(const struct change *c)
{
	switch (c->kind) {
	case CHANGE_DEVICE_PUT:
	case CHANGE_DEVICE_DELETE:
	case CHANGE_DEVICE_REPLACE:
		return subject_key("phone", c->device.name);
	case CHANGE_RECORD_PUT:
	case CHANGE_RECORD_DELETE:
		return subject_key(record_type(c->record_kind)->name, c->record.key);
	case CHANGE_SETTINGS_PUT:
	case CHANGE_LEASE_PUT:
	case CHANGE_LEASE_DELETE:
	case CHANGE_TRY:
	case CHANGE_HISTORY_PUT:
	case CHANGE_COPY:
		break;
	}
	return subject_key("settings", "");
}

struct reg_pending *reg_pending_of(const struct reg *r, const char *name)
{
	return map_get(&r->pending_named,
		       name != NULL ? subject_key("phone", name) : subject_key("settings", ""));
}

struct reg_pending *reg_pending_record(const struct reg *r, enum record_kind kind, const char *key)
{
	return map_get(&r->pending_named, subject_key(record_type(kind)->name, key));
}

bool reg_dn_taken(const struct reg *r, const char *dn, const char *but_not_by)
{
	const struct reg_device *entry = map_get(&r->by_dn, map_key_text(dn));
	const struct reg_pending *pending = map_get(&r->pending_dn, map_key_text(dn));

	if (entry != NULL && has_number(&entry->device, dn) &&
	    strcmp(entry->device.name, but_not_by) != 0)
		return true;
	return pending != NULL && has_number(&pending->change.device, dn) &&
	       strcmp(pending->change.device.name, but_not_by) != 0;
}

int reg_submit(struct reg *r, const struct change *change, uint64_t *ret_ticket)
{
	if (r->pending_count == REG_PENDING_MAX)
		return E_FULL;
	int error = reserve_device(r, 1);
	struct reg_pending *pending = error == 0 ? alloc_zero(1, sizeof *pending) : NULL;
	if (pending == NULL)
		return error != 0 ? error : E_NO_MEMORY;
	pending->change = *change;
	error = map_put(&r->pending_named, subject_of(change), pending);
	if (error == 0 && change->kind == CHANGE_DEVICE_REPLACE) {
		error = map_put(&r->pending_named, subject_key("phone", change->replaced), pending);
		if (error != 0)
			(void)map_take(&r->pending_named, subject_of(change));
	}
	if (error != 0) {
		alloc_free(pending);
		return error;
	}
	if (change->kind == CHANGE_DEVICE_PUT || change->kind == CHANGE_DEVICE_REPLACE)
		index_numbers(&r->pending_dn, &pending->change.device, pending);
	pending->autoregistration = change->kind == CHANGE_DEVICE_PUT &&
				    change->device.autoregistered &&
				    reg_entry(r, change->device.name) == NULL;
	r->autoreg_pending += pending->autoregistration;
	pending->change.owner = CHANGE_OWNER_REG;
	pending->change.ticket = r->next_ticket++;
	r->pending[r->pending_count++] = pending;
	*ret_ticket = pending->change.ticket;
	return 0;
}

bool reg_next_change(struct reg *r, struct change *ret_change)
{
	if (r->handed_count == r->pending_count)
		return false;
	*ret_change = r->pending[r->handed_count++]->change;
	return true;
}

static bool apply(struct reg *r, const struct change *c)
{
	switch (c->kind) {
	case CHANGE_DEVICE_PUT:
		return put_device(r, &c->device, c->device.autoregistered) == 0;
	case CHANGE_DEVICE_DELETE:
		delete_device(r, c->device.name);
		return true;
	case CHANGE_DEVICE_REPLACE:
		delete_device(r, c->replaced);
		return put_device(r, &c->device, c->device.autoregistered) == 0;
	case CHANGE_SETTINGS_PUT:
		r->settings = c->settings;
		return true;
	case CHANGE_RECORD_PUT:
		return reg_records_put(r, c->record_kind, &c->record) == 0;
	case CHANGE_RECORD_DELETE:
		reg_records_delete(r, c->record_kind, c->record.key);
		return true;
	case CHANGE_LEASE_PUT:
	case CHANGE_LEASE_DELETE:
	case CHANGE_TRY:
	case CHANGE_HISTORY_PUT:
	case CHANGE_COPY:
		return true; /* not ours */
	}
	return true;
}

/* Where the change with this ticket stands; pending_count when nowhere. They are in order. */
static size_t pending_position(const struct reg *r, uint64_t ticket)
{
	size_t low = 0;
	size_t high = r->pending_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (r->pending[middle]->change.ticket < ticket)
			low = middle + 1;
		else
			high = middle;
	}
	return low < r->pending_count && r->pending[low]->change.ticket == ticket
		   ? low
		   : r->pending_count;
}

bool reg_is_pending(const struct reg *r, uint64_t ticket)
{
	return pending_position(r, ticket) < r->pending_count;
}

static void forget_pending(struct reg *r, size_t at)
{
	struct reg_pending *pending = r->pending[at];

	if (pending->change.kind == CHANGE_DEVICE_REPLACE)
		(void)map_take(&r->pending_named, subject_key("phone", pending->change.replaced));
	if (pending->change.kind == CHANGE_DEVICE_PUT ||
	    pending->change.kind == CHANGE_DEVICE_REPLACE)
		unindex_numbers(&r->pending_dn, &pending->change.device, pending);
	r->autoreg_pending -= pending->autoregistration;
	(void)map_take(&r->pending_named, subject_of(&pending->change));
	r->handed_count -= at < r->handed_count;
	r->pending_count--;
	memmove(&r->pending[at], &r->pending[at + 1], (r->pending_count - at) * sizeof(void *));
	alloc_free(pending);
}

void reg_commit_done(struct reg *r, uint64_t ticket, bool ok)
{
	size_t at = pending_position(r, ticket);

	if (at == r->pending_count)
		return;
	/* What is on disk but did not fit into memory any more is refused now and there after a
	 * restart: never the other way round. */
	if (ok)
		ok = apply(r, &r->pending[at]->change);
	r->generation += ok;
	r->outcome[ticket % REG_OUTCOMES_MAX] = (struct reg_outcome){ticket, ok};
	forget_pending(r, at);
}
