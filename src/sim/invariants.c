/* What must hold whatever happens (the numbers are those of docs/protocol/invariants.md):
 *
 *   1  a number of the auto-registration range belongs to at most one device, for ever
 *   2  an IPv4 address has at most one unexpired binding, and every DHCPACK is on the disk
 *   3  a device is registered on at most one connection, but for one keepalive after a takeover
 *   4  an acknowledged change of the administrator is readable after any crash
 */
#include "sim/sim_internal.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"

#include <stdarg.h>

void invariants_violated(struct world *w, unsigned number, const char *format, ...)
{
	va_list args;

	if (w->result.violated != 0)
		return;
	w->result.violated = number;
	w->result.violated_at = w->now;
	va_start(args, format);
	// NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): it is, two lines above
	(void)vsnprintf(w->result.complaint, sizeof w->result.complaint, format, args);
	va_end(args);
}

int ledger_init(struct world *w)
{
	struct ledger *l = &w->ledger;
	const struct settings *s = &w->disk.settings;

	l->lease_size = ip4_number(s->pool_last) - ip4_number(s->pool_first) + 1;
	l->dn_first = s->autoreg_first;
	l->dn_size = s->autoreg_last - s->autoreg_first + 1;
	l->lease = alloc_zero(l->lease_size, sizeof *l->lease);
	l->dn_owner = alloc_zero(l->dn_size, sizeof *l->dn_owner);
	l->stored = alloc_zero(DISK_DEVICES_MAX, sizeof *l->stored);
	return l->lease == NULL || l->dn_owner == NULL || l->stored == NULL ? E_NO_MEMORY : 0;
}

void ledger_done(struct ledger *l)
{
	alloc_free(l->lease);
	alloc_free(l->dn_owner);
	alloc_free(l->stored);
}

/* Every DHCPACK that leaves: on the disk, and nobody else's. */
void ledger_dhcp_ack(struct world *w, struct slice datagram)
{
	struct ledger *l = &w->ledger;
	struct dhcp_message m;
	uint32_t seconds = 0;
	char ip[IP4_TEXT_SIZE];

	if (dhcp_decode(datagram, &m, NULL) != 0 || m.type != DHCP_ACK ||
	    !dhcp_option_u32(&m, DHCP_OPTION_LEASE_TIME, &seconds))
		return;
	uint32_t index = ip4_number(m.yiaddr) - ip4_number(w->disk.settings.pool_first);
	const struct lease *stored = disk_find_lease(&w->disk, m.yiaddr);
	(void)ip4_format(m.yiaddr, ip);
	w->result.acks++;
	if (index >= l->lease_size) {
		invariants_violated(w, 2, "DHCPACK for %s, which is not in the pool", ip);
		return;
	}
	struct promise *p = &l->lease[index];
	if (p->expires > w->now && !mac_equal(p->mac, m.chaddr))
		invariants_violated(w, 2, "%s is promised to two phones", ip);
	/* What is marked as temporary is promised from memory, and gone after a crash. */
	if (dhcp_option_has(&m, DHCP_OPTION_MESSAGE))
		return;
	if (stored == NULL || !mac_equal(stored->mac, m.chaddr) ||
	    stored->expires < w->now + DT_SECONDS(seconds))
		invariants_violated(w, 2, "DHCPACK for %s promises more than the disk holds", ip);
	*p = (struct promise){m.chaddr, w->now + DT_SECONDS(seconds)};
}

/* A number a phone was told (RegisterAck after its record): never another's. */
void ledger_station(struct world *w, const struct station_event *event)
{
	struct ledger *l = &w->ledger;
	const struct device *device = NULL;

	if (event->kind != STATION_EVENT_REGISTERED)
		return;
	device = disk_find_device(&w->disk, event->name);
	if (device == NULL) {
		invariants_violated(w, 4, "%s registered without a record on the disk",
				    event->name);
		return;
	}
	uint32_t index = (uint32_t)strtoul(device->dn, NULL, 10) - l->dn_first;
	if (index >= l->dn_size)
		return;
	if (l->dn_owner[index][0] != 0 && strcmp(l->dn_owner[index], device->name) != 0)
		invariants_violated(w, 1, "number %s was %s's and is now %s's", device->dn,
				    l->dn_owner[index], device->name);
	(void)text_copy(l->dn_owner[index], sizeof l->dn_owner[index], device->name);
}

void ledger_admin_stored(struct world *w, const struct device *device)
{
	struct ledger *l = &w->ledger;

	for (size_t i = 0; i < l->stored_count; i++) {
		if (strcmp(l->stored[i].name, device->name) == 0) {
			l->stored[i] = *device;
			return;
		}
	}
	if (l->stored_count < DISK_DEVICES_MAX)
		l->stored[l->stored_count++] = *device;
}

static void check_numbers(struct world *w)
{
	for (size_t i = 0; i < w->disk.device_count; i++) {
		for (size_t k = i + 1; k < w->disk.device_count; k++) {
			const struct device *a = &w->disk.devices[i];
			const struct device *b = &w->disk.devices[k];
			if (a->dn[0] != 0 && strcmp(a->dn, b->dn) == 0)
				invariants_violated(w, 1, "%s and %s both have number %s", a->name,
						    b->name, a->dn);
		}
	}
}

static void check_registrations(struct world *w)
{
	struct station_info a;
	struct station_info b;
	size_t at = 0;

	while (w->node_up && callmanager_next_station(w->callmanager, &at, &a)) {
		size_t rest = at;
		while (a.state == STATION_REGISTERED &&
		       callmanager_next_station(w->callmanager, &rest, &b)) {
			if (b.state == STATION_REGISTERED && strcmp(a.name, b.name) == 0)
				invariants_violated(w, 3, "%s is registered on two connections",
						    a.name);
		}
	}
}

static void check_stored(struct world *w)
{
	const struct ledger *l = &w->ledger;

	for (size_t i = 0; w->node_up && i < l->stored_count; i++) {
		const struct device *device = reg_device_find(w->reg, l->stored[i].name);
		if (device == NULL || strcmp(device->label, l->stored[i].label) != 0)
			invariants_violated(w, 4, "%s was acknowledged and is not there",
					    l->stored[i].name);
	}
}

void invariants_sweep(struct world *w)
{
	check_numbers(w);
	check_registrations(w);
	check_stored(w);
}
