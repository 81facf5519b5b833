/* Administration: checks with a sentence each, then a change with a ticket. Nothing is visible
 * before its commit. */
#include "reg/reg_internal.h"

#include "base/error.h"

/* SEP, ATA and the like with twelve hex digits, upper case. */
static bool is_device_name(const char *name)
{
	struct mac mac;

	return strlen(name) == 15 && strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == 15 &&
	       mac_of_device_name(name, &mac) == 0;
}

static int refuse(const char **ret_why, const char *why, int error)
{
	*ret_why = why;
	return error;
}

/* By a record, or by one that is just being stored. */
static bool is_reserved_for_another(const struct reg *r, const struct device *d)
{
	const struct device *other = reg_device_by_reserved_ip(r, d->reserved_ip);

	if (other != NULL && strcmp(other->name, d->name) != 0)
		return true;
	for (size_t i = 0; i < r->pending_count; i++) {
		const struct change *c = &r->pending[i]->change;
		if (c->kind == CHANGE_DEVICE_PUT &&
		    ip4_equal(c->device.reserved_ip, d->reserved_ip) &&
		    strcmp(c->device.name, d->name) != 0)
			return true;
	}
	return false;
}

static int check_device(const struct reg *r, const struct device *d, const char **ret_why)
{
	const struct settings *s = &r->settings;

	if (!is_device_name(d->name))
		return refuse(
		    ret_why,
		    "a device name is SEP and the twelve hexadecimal digits of the phone's MAC",
		    E_BAD_VALUE);
	if (d->dn[strspn(d->dn, "0123456789*#+")] != 0)
		return refuse(ret_why, "a directory number consists of digits, * and #",
			      E_BAD_VALUE);
	if (d->dn[0] != 0 && reg_dn_taken(r, d->dn, d->name))
		return refuse(ret_why, "this directory number belongs to another phone already",
			      E_BAD_VALUE);
	if (ip4_is_zero(d->reserved_ip))
		return 0;
	if (!ip4_in_subnet(d->reserved_ip, s->subnet, s->netmask) ||
	    ip4_equal(d->reserved_ip, s->server_ip))
		return refuse(
		    ret_why,
		    "the reserved address must lie in the DHCP subnet and not be the server's",
		    E_BAD_VALUE);
	if (is_reserved_for_another(r, d))
		return refuse(ret_why, "this address is reserved for another phone already",
			      E_BAD_VALUE);
	return 0;
}

static int submit_device(struct reg *r, enum change_kind kind, struct device *device,
			 uint64_t *ret_ticket, const char **ret_why)
{
	struct change change = {.kind = kind, .device = *device};

	if (reg_pending_of(r, device->name) != NULL)
		return refuse(ret_why, "another change of this phone is being stored", E_BUSY);
	change.device.version = r->next_version++;
	return reg_submit(r, &change, ret_ticket);
}

int reg_device_add(struct reg *r, const struct device *device, int64_t unix_s, uint64_t *ret_ticket,
		   const char **ret_why)
{
	struct device d = *device;

	*ret_why = "";
	reg_name_fold(d.name);
	d.added_unix_s = unix_s;
	int error = check_device(r, &d, ret_why);
	if (error != 0)
		return error;
	if (reg_entry(r, d.name) != NULL)
		return refuse(ret_why, "this phone is in the database already", E_EXISTS);
	if (r->device_count >= REG_DEVICES_MAX)
		return refuse(ret_why, "the database holds as many phones as it may", E_FULL);
	return submit_device(r, CHANGE_DEVICE_PUT, &d, ret_ticket, ret_why);
}

int reg_device_set(struct reg *r, const struct device *device, uint64_t *ret_ticket,
		   const char **ret_why)
{
	struct device d = *device;

	*ret_why = "";
	reg_name_fold(d.name);
	if (reg_entry(r, d.name) == NULL)
		return refuse(ret_why, "no such phone in the database", E_UNKNOWN);
	int error = check_device(r, &d, ret_why);
	return error != 0 ? error : submit_device(r, CHANGE_DEVICE_PUT, &d, ret_ticket, ret_why);
}

int reg_device_delete(struct reg *r, const char *name, uint64_t *ret_ticket, const char **ret_why)
{
	struct reg_device *entry = reg_entry(r, name);

	*ret_why = "";
	if (entry == NULL)
		return refuse(ret_why, "no such phone in the database", E_UNKNOWN);
	return submit_device(r, CHANGE_DEVICE_DELETE, &entry->device, ret_ticket, ret_why);
}

int reg_settings_set(struct reg *r, const struct settings *settings, uint64_t *ret_ticket,
		     const char **ret_why)
{
	struct change change = {.kind = CHANGE_SETTINGS_PUT, .settings = *settings};

	*ret_why = "";
	int error = settings_check(settings, ret_why);
	if (error != 0)
		return error;
	if (reg_pending_of(r, NULL) != NULL)
		return refuse(ret_why, "another change of the settings is being stored", E_BUSY);
	change.settings.version = r->next_version++;
	return reg_submit(r, &change, ret_ticket);
}
