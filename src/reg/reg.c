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

struct reg *reg_new(void)
{
	struct reg *r = alloc_zero(1, sizeof *r);

	if (r == NULL)
		return NULL;
	r->settings = settings_default();
	map_init(&r->by_mac, REG_DEVICES_MAX);
	map_init(&r->by_dn, REG_DEVICES_MAX);
	map_init(&r->by_reserved_ip, REG_DEVICES_MAX);
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
	map_done(&r->by_mac);
	map_done(&r->by_dn);
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
	size_t at = reg_position(r, folded, &found);
	return found ? r->devices[at] : NULL;
}

static void index_device(struct reg *r, struct reg_device *entry)
{
	struct mac mac;

	/* Both maps hold as many as there may be devices, and memory was there for the device
	 * itself: a failure leaves the device findable by name, which is what registration needs.
	 */
	if (mac_of_device_name(entry->device.name, &mac) == 0)
		(void)map_put(&r->by_mac, mac_key(mac), entry);
	if (entry->device.dn[0] != 0)
		(void)map_put(&r->by_dn, map_key_text(entry->device.dn), entry);
	if (!ip4_is_zero(entry->device.reserved_ip))
		(void)map_put(&r->by_reserved_ip, ip4_number(entry->device.reserved_ip), entry);
}

static void unindex_device(struct reg *r, const struct reg_device *entry)
{
	struct mac mac;

	if (mac_of_device_name(entry->device.name, &mac) == 0 &&
	    map_get(&r->by_mac, mac_key(mac)) == entry)
		(void)map_take(&r->by_mac, mac_key(mac));
	if (entry->device.dn[0] != 0 && map_get(&r->by_dn, map_key_text(entry->device.dn)) == entry)
		(void)map_take(&r->by_dn, map_key_text(entry->device.dn));
	if (reg_device_by_reserved_ip(r, entry->device.reserved_ip) == &entry->device)
		(void)map_take(&r->by_reserved_ip, ip4_number(entry->device.reserved_ip));
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
	return put_device(r, &folded, false);
}

void reg_load_settings(struct reg *r, const struct settings *settings)
{
	r->settings = *settings;
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

struct reg_pending *reg_pending_of(const struct reg *r, const char *name)
{
	for (size_t i = 0; i < r->pending_count; i++) {
		const struct change *c = &r->pending[i]->change;
		bool of_settings = c->kind == CHANGE_SETTINGS_PUT;
		if (name == NULL ? of_settings : !of_settings && strcmp(c->device.name, name) == 0)
			return r->pending[i];
	}
	return NULL;
}

bool reg_dn_taken(const struct reg *r, const char *dn, const char *but_not_by)
{
	const struct reg_device *entry = map_get(&r->by_dn, map_key_text(dn));

	if (entry != NULL && strcmp(entry->device.dn, dn) == 0 &&
	    strcmp(entry->device.name, but_not_by) != 0)
		return true;
	for (size_t i = 0; i < r->pending_count; i++) {
		const struct change *c = &r->pending[i]->change;
		if (c->kind == CHANGE_DEVICE_PUT && strcmp(c->device.dn, dn) == 0 &&
		    strcmp(c->device.name, but_not_by) != 0)
			return true;
	}
	return false;
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
	pending->change.owner = CHANGE_OWNER_REG;
	pending->change.ticket = r->next_ticket++;
	r->pending[r->pending_count++] = pending;
	*ret_ticket = pending->change.ticket;
	return 0;
}

bool reg_next_change(struct reg *r, struct change *ret_change)
{
	for (size_t i = 0; i < r->pending_count; i++) {
		if (r->pending[i]->handed_out)
			continue;
		r->pending[i]->handed_out = true;
		*ret_change = r->pending[i]->change;
		return true;
	}
	return false;
}

static bool apply(struct reg *r, const struct change *c)
{
	switch (c->kind) {
	case CHANGE_DEVICE_PUT:
		return put_device(r, &c->device, c->device.autoregistered) == 0;
	case CHANGE_DEVICE_DELETE:
		delete_device(r, c->device.name);
		return true;
	case CHANGE_SETTINGS_PUT:
		r->settings = c->settings;
		return true;
	case CHANGE_LEASE_PUT:
	case CHANGE_LEASE_DELETE:
		return true; /* not ours */
	}
	return true;
}

void reg_commit_done(struct reg *r, uint64_t ticket, bool ok)
{
	for (size_t i = 0; i < r->pending_count; i++) {
		struct reg_pending *pending = r->pending[i];
		if (pending->change.ticket != ticket)
			continue;
		/* What is on disk but did not fit into memory any more is refused now and there
		 * after a restart: never the other way round. */
		if (ok)
			ok = apply(r, &pending->change);
		r->outcome[r->outcome_next] = (struct reg_outcome){ticket, ok};
		r->outcome_next = (r->outcome_next + 1) % REG_OUTCOMES_MAX;
		r->pending_count--;
		memmove(&r->pending[i], &r->pending[i + 1],
			(r->pending_count - i) * sizeof(void *));
		alloc_free(pending);
		return;
	}
}
