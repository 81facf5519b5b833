/* Administration: checks with a sentence each, then a change with a ticket. Nothing is visible
 * before its commit. */
#include "reg/reg_internal.h"

#include "base/error.h"
#include "base/text.h"

#define TYPE_COMMUNICATOR 30016

/* SEP, ATA and the like with twelve hex digits, upper case. */
static bool is_device_name(const char *name)
{
	struct mac mac;

	return strlen(name) == 15 && strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == 15 &&
	       mac_of_device_name(name, &mac) == 0;
}

/* IP Communicator is called as its user likes. */
static bool is_free_name(const char *name)
{
	return name[0] != 0 && strlen(name) < DEVICE_NAME_SIZE &&
	       name[strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")] == 0;
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

static bool is_number(const char *dn)
{
	return dn[strspn(dn, "0123456789*#+")] == 0;
}

/* Line 1 and the further ones: numbers, each of them here only. */
static int check_numbers(const struct reg *r, const struct device *d, const char **ret_why)
{
	char dn[DEVICE_LINES_SIZE];
	char earlier[DEVICE_LINES_SIZE];

	if (!is_number(d->dn))
		return refuse(ret_why, "a directory number consists of digits, * and #",
			      E_BAD_VALUE);
	if (d->dn[0] != 0 && reg_dn_taken(r, d->dn, d->name))
		return refuse(ret_why, "this directory number belongs to another phone already",
			      E_BAD_VALUE);
	if (d->lines[0] != 0 && d->dn[0] == 0)
		return refuse(ret_why, "give line 1 its number first, with \"dn\"", E_BAD_VALUE);
	for (size_t at = 0; record_list_next(d->lines, &at, dn, sizeof dn);) {
		if (!is_number(dn) || strlen(dn) >= DEVICE_DN_SIZE)
			return refuse(ret_why,
				      "\"lines\" must be directory numbers, with commas between",
				      E_BAD_VALUE);
		bool twice = strcmp(dn, d->dn) == 0;
		for (size_t i = 0;
		     record_list_next(d->lines, &i, earlier, sizeof earlier) && i < at;)
			twice = twice || strcmp(dn, earlier) == 0;
		if (twice)
			return refuse(ret_why, "a phone bears each directory number once",
				      E_BAD_VALUE);
		if (reg_dn_taken(r, dn, d->name))
			return refuse(ret_why, "one of \"lines\" belongs to another phone already",
				      E_BAD_VALUE);
	}
	return 0;
}

static int check_speed_dials(const struct device *d, const char **ret_why)
{
	const char *p = d->speed_dials;

	while (*p != 0) {
		size_t number = strspn(p, "0123456789*#+");
		size_t len = strcspn(p, ",");
		bool good = number > 0 && number < DEVICE_DN_SIZE &&
			    (number == len || p[number] == '=') &&
			    len - number <= DEVICE_LABEL_SIZE;
		if (!good)
			return refuse(ret_why, "\"speed_dials\" must be like 1234=Anna,1235=Bob",
				      E_BAD_VALUE);
		p += len + (p[len] == ',');
	}
	return 0;
}

static bool in_some_subnet(const struct reg *r, struct ip4 ip)
{
	const struct reg_records *of = &r->records[RECORD_SUBNET];

	for (size_t i = 0; i < of->count; i++) {
		const struct subnet *subnet = &of->record[i]->subnet;
		if (ip4_in_subnet(ip, subnet->network, subnet->netmask))
			return true;
	}
	return false;
}

static const char bad_name[] =
    "a device name is SEP and the twelve hexadecimal digits of the phone's MAC";

static bool is_name_of(const char *name, uint32_t type)
{
	return is_device_name(name) || (type == TYPE_COMMUNICATOR && is_free_name(name));
}

static int check_device(const struct reg *r, const struct device *d, const char **ret_why)
{
	const struct settings *s = &r->settings;

	if (!is_name_of(d->name, d->type))
		return refuse(ret_why, bad_name, E_BAD_VALUE);
	int error = check_numbers(r, d, ret_why);
	if (error == 0)
		error = check_speed_dials(d, ret_why);
	if (error == 0)
		error = reg_records_check_names(r, RECORD_PHONE, d, ret_why);
	if (error != 0 || ip4_is_zero(d->reserved_ip))
		return error;
	if ((!ip4_in_subnet(d->reserved_ip, s->subnet, s->netmask) &&
	     !in_some_subnet(r, d->reserved_ip)) ||
	    ip4_equal(d->reserved_ip, s->server_ip))
		return refuse(
		    ret_why,
		    "the reserved address must lie in a DHCP subnet and not be the server's",
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

int reg_device_replace(struct reg *r, const char *name, const char *by, uint32_t type,
		       uint64_t *ret_ticket, const char **ret_why)
{
	struct reg_device *entry = reg_entry(r, name);
	struct change change = {.kind = CHANGE_DEVICE_REPLACE};

	*ret_why = "";
	if (entry == NULL)
		return refuse(ret_why, "no such phone in the database", E_UNKNOWN);
	change.device = entry->device;
	(void)text_copy(change.replaced, sizeof change.replaced, entry->device.name);
	if (!text_copy(change.device.name, sizeof change.device.name, by))
		return refuse(ret_why, bad_name, E_BAD_VALUE);
	reg_name_fold(change.device.name);
	if (type != 0 && type != change.device.type) {
		change.device.type = type;
		change.device.load[0] = 0;
	}
	if (!is_name_of(change.device.name, change.device.type))
		return refuse(ret_why, bad_name, E_BAD_VALUE);
	if (reg_entry(r, change.device.name) != NULL)
		return refuse(ret_why,
			      "the phone that is to take its place has a record of its own: "
			      "delete that one first",
			      E_EXISTS);
	if (reg_pending_of(r, change.replaced) != NULL ||
	    reg_pending_of(r, change.device.name) != NULL)
		return refuse(ret_why, "another change of this phone is being stored", E_BUSY);
	change.device.version = r->next_version++;
	return reg_submit(r, &change, ret_ticket);
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
