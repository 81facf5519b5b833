/* What must hold whatever happens (the numbers are those of docs/protocol/invariants.md):
 *
 *   1  a number of the auto-registration range belongs to at most one device, for ever
 *   2  an IPv4 address has at most one unexpired binding, and every DHCPACK is on the disk
 *   3  a device is registered on at most one connection of one server, but for one keepalive time
 *      after a takeover
 *   4  an acknowledged change of the administrator is readable after any crash, and no RegisterAck
 *      leaves before the phone's record is on the disk
 *   5  a registered phone shows the number its record has
 *   6  both servers serve the same bytes for the same version of a device
 *   7  nobody is refused who is in the database, unless another bears its name
 *   8  when it is calm, everybody comes up
 *   9  no deadline lies in the past
 *  10  a server forgets a phone that is gone within two keepalive times
 *  11  where nothing goes wrong, nothing is sent twice and nothing stays unanswered
 *  12  to 14  what is owed for each message on the wire: judge_sccp.c, judge_dhcp.c, judge_files.c
 */
#include "sim/judge.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define TAKEOVER                                                                                   \
	DT_SECONDS(70) /* two keepalives and five seconds, as a server waits; and a little */
/* The one that is refused goes to the other server and tries to come home each minute. */
#define CLONE_TURNS_MAX 60
#define FORGOTTEN       DT_SECONDS(140) /* the same, and what a retransmission may keep it waiting */

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

	uint32_t branch = sim_branch_size(&w->config);

	l->main_size = ip4_number(s->pool_last) - ip4_number(s->pool_first) + 1;
	l->address_count = l->main_size + branch;
	l->dn_first = s->autoreg_first;
	l->dn_size = s->autoreg_last - s->autoreg_first + 1;
	l->address = alloc_zero(l->address_count, sizeof *l->address);
	l->dn_owner = alloc_zero(l->dn_size, sizeof *l->dn_owner);
	l->stored = alloc_zero(w->config.phones, sizeof *l->stored);
	if (l->address == NULL || l->dn_owner == NULL || l->stored == NULL)
		return E_NO_MEMORY;
	for (size_t i = 0; i < l->address_count; i++)
		l->address[i].ip =
		    ip4_of(i < l->main_size ? ip4_number(s->pool_first) + (uint32_t)i
					    : SIM_BRANCH_FIRST + (uint32_t)(i - l->main_size));
	return judge_dhcp_init(w);
}

void ledger_done(struct ledger *l)
{
	alloc_free(l->address);
	alloc_free(l->dn_owner);
	alloc_free(l->stored);
}

/* A number a phone was told (RegisterAck after its record): never another's. */
static void on_registered(struct world *w, const struct sim_node *n,
			  const struct station_event *event)
{
	struct ledger *l = &w->ledger;
	const struct device *device = disk_find_device(&w->disk, event->name);

	if (device == NULL && (n->index > 0 || admin_is_gone(w, event->name)))
		return; /* of a copy that is older; or just thrown out */
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

static void note(struct world *w, const struct sim_node *n, const struct station_event *event)
{
	static const char *const words[] = {[STATION_EVENT_REFUSED] = "refused",
					    [STATION_EVENT_REGISTERED] = "registered",
					    [STATION_EVENT_GONE] = "gone",
					    [STATION_EVENT_BROKEN] = "broken"};
	char peer[ENDPOINT_TEXT_SIZE];

	if (event->kind != STATION_EVENT_MESSAGE_IN && event->kind != STATION_EVENT_MESSAGE_OUT)
		world_note(w, "server %u: %s from %s is %s (%u)", n->index + 1, event->name,
			   endpoint_format(event->peer, peer), words[event->kind], event->code);
}

void ledger_station(struct world *w, struct sim_node *n, const struct station_event *event)
{
	note(w, n, event);
	switch (event->kind) {
	case STATION_EVENT_REGISTERED:
		on_registered(w, n, event);
		break;
	case STATION_EVENT_BROKEN:
		invariants_violated(w, 11, "a phone's stream is broken at server %u", n->index + 1);
		break;
	case STATION_EVENT_MESSAGE_IN:
	case STATION_EVENT_MESSAGE_OUT:
	case STATION_EVENT_REFUSED:
	case STATION_EVENT_GONE:
		break;
	}
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
	if (l->stored_count < w->config.phones)
		l->stored[l->stored_count++] = *device;
}

void ledger_admin_deleted(struct world *w, const char *name)
{
	struct ledger *l = &w->ledger;

	for (size_t i = 0; i < l->stored_count; i++) {
		if (strcmp(l->stored[i].name, name) == 0)
			l->stored[i] = l->stored[--l->stored_count];
	}
}

/* Where bytes change or the disk fails, a phone may have been told what nobody meant to tell it. */
static bool addresses_are_sure(const struct sim_faults *f)
{
	return f->corrupt_permille == 0 && f->commit_fail_permille == 0 && f->full_every == 0 &&
	       f->stall_every == 0;
}

static bool same_record(const struct device *a, const struct device *b)
{
	return a->version == b->version && a->type == b->type && strcmp(a->dn, b->dn) == 0 &&
	       strcmp(a->lines, b->lines) == 0 && strcmp(a->label, b->label) == 0 &&
	       strcmp(a->pool, b->pool) == 0 && strcmp(a->speed_dials, b->speed_dials) == 0 &&
	       strcmp(a->load, b->load) == 0 && ip4_equal(a->reserved_ip, b->reserved_ip) &&
	       a->autoregistered == b->autoregistered && a->protocol_max == b->protocol_max;
}

/* What the first server believes is what the disk holds: of many records a part each minute. */
static void check_memory(struct world *w)
{
	const struct sim_node *n = &w->node[0];
	const struct disk *d = &w->disk;
	size_t step = 1 + (d->device_count + d->lease_count) / 2000;
	size_t minute = (size_t)(w->now / DT_SECONDS(60));
	char ip[IP4_TEXT_SIZE];

	if (!n->up)
		return;
	if (reg_device_count(n->reg) != d->device_count)
		invariants_violated(w, 4, "the server knows %zu phones, the disk %zu",
				    reg_device_count(n->reg), d->device_count);
	if (!settings_equal(reg_settings(n->reg), &d->settings))
		invariants_violated(w, 4, "the server's settings are not those on the disk");
	for (size_t i = minute % step; i < d->device_count; i += step) {
		const struct device *known = reg_device_find(n->reg, d->devices[i].name);
		if (known == NULL || !same_record(known, &d->devices[i]))
			invariants_violated(w, 4, "the server's %s is not the disk's",
					    d->devices[i].name);
	}
	if (!addresses_are_sure(w->config.faults))
		return;
	for (size_t i = minute % step; i < d->lease_count; i += step) {
		const struct lease *l = &d->leases[i];
		const struct lease *known = dhcp_server_lease_by_ip(n->dhcp, l->ip, w->now);
		if (l->expires > w->now && !disk_lease_is_pending(d, l->ip) &&
		    (known == NULL || (!known->temporary && !mac_equal(known->mac, l->mac))))
			invariants_violated(w, 2, "the server does not know the lease of %s",
					    ip4_format(l->ip, ip));
	}
}

static void check_numbers(struct world *w)
{
	struct map owner;
	const struct disk *d = &w->disk;

	map_init(&owner, DISK_DEVICES_MAX);
	for (size_t i = 0; i < d->device_count; i++) {
		struct device *device = &d->devices[i];
		uint64_t number = strtoull(device->dn, NULL, 10);
		const struct device *other = map_get(&owner, number);
		if (device->dn[0] == 0)
			continue;
		if (device->autoregistered &&
		    (number < d->settings.autoreg_first || number > d->settings.autoreg_last))
			invariants_violated(w, 1, "%s got %s, which is not of the range",
					    device->name, device->dn);
		if (other != NULL)
			invariants_violated(w, 1, "%s and %s both have number %s", other->name,
					    device->name, device->dn);
		else if (map_put(&owner, number, device) != 0)
			w->error = E_NO_MEMORY;
	}
	map_done(&owner);
}

/* Is this station's phone still there? A server may take its time to find out that it is not. */
static void check_alive(struct world *w, const struct sim_node *n, const struct sim_phone *p,
			const struct station_info *s)
{
	const struct sim_connection *c = map_get(&n->connections, s->id);
	bool bears = c != NULL && !c->phone_closed && c->gone == 0;

	if (c != NULL)
		p = &w->phones[c->who]; /* another phone may bear the name */

	if (bears || w->now - s->since < FORGOTTEN)
		return;
	/* The phone it is about was registered not long ago, or is again elsewhere. */
	if (p->down_since != DT_NEVER && w->now - p->down_since > FORGOTTEN)
		invariants_violated(w, 10, "server %u still has %s, which is gone for %.0f s",
				    n->index + 1, s->name, (double)(w->now - p->down_since) / 1e6);
}

static void take_station(struct world *w, const struct sim_node *n, const struct station_info *s)
{
	struct mac mac;

	if (s->state != STATION_REGISTERED || mac_of_device_name(s->name, &mac) != 0)
		return;
	struct sim_phone *p = phones_by_mac(w, mac);
	if (p == NULL)
		return;
	if (p->registered_on[n->index] != DT_NEVER)
		invariants_violated(w, 3, "%s is registered on two connections of server %u",
				    s->name, n->index + 1);
	p->registered_on[n->index] = s->since;
	check_alive(w, n, p, s);
	dt_time other = p->registered_on[1 - n->index];
	if (other != DT_NEVER && w->now - other > TAKEOVER && w->now - s->since > TAKEOVER)
		invariants_violated(w, 3, "%s is registered on both servers", s->name);
}

static void check_registrations(struct world *w)
{
	struct station_info s;

	for (unsigned i = 0; i < w->config.phones; i++) {
		for (unsigned k = 0; k < SIM_NODES; k++)
			w->phones[i].registered_on[k] = DT_NEVER;
	}
	for (unsigned k = 0; k < SIM_NODES; k++) {
		size_t at = 0;
		size_t stations = 0;
		while (w->node[k].up && callmanager_next_station(w->node[k].callmanager, &at, &s)) {
			take_station(w, &w->node[k], &s);
			stations++;
		}
		if (w->node[k].up && stations != w->node[k].connections.count)
			invariants_violated(w, 10, "server %u keeps %zu connections of %zu", k + 1,
					    stations, w->node[k].connections.count);
	}
}

static void check_stored(struct world *w)
{
	const struct ledger *l = &w->ledger;

	for (size_t i = 0; w->node[0].up && i < l->stored_count; i++) {
		const struct device *device = reg_device_find(w->node[0].reg, l->stored[i].name);
		if (device == NULL || strcmp(device->label, l->stored[i].label) != 0)
			invariants_violated(w, 4, "%s was acknowledged and is not there",
					    l->stored[i].name);
	}
}

static void check_phone(struct world *w, unsigned i, const struct phone_view *view)
{
	const struct sim_phone *p = &w->phones[i];
	char ip[IP4_TEXT_SIZE];

	if (!ip4_is_zero(p->ip) && addresses_are_sure(w->config.faults)) {
		const struct lease *lease = disk_find_lease(&w->disk, p->ip);
		if (map_get(&w->phone_by_ip, ip4_number(p->ip)) != p)
			invariants_violated(w, 2, "two phones hold %s", ip4_format(p->ip, ip));
		if (!ip4_equal(p->ip, p->reserved) &&
		    (lease == NULL || !mac_equal(lease->mac, p->mac) || lease->expires < w->now))
			invariants_violated(w, 2, "phone %u holds %s, and the disk does not know",
					    i, ip4_format(p->ip, ip));
	}
	if (phone_state(p->phone) != PHONE_REGISTERED)
		return;
	const struct device *device = disk_find_device(&w->disk, view->name);
	if (admin_is_gone(w, view->name))
		return;
	if (device == NULL || strcmp(device->dn, view->dn) != 0)
		invariants_violated(w, 5, "phone %u shows %s, its record says %s", i, view->dn,
				    device != NULL ? device->dn : "nothing");
}

/* Where every segment arrives and no server dies, an Unregister is answered. */
static bool network_is_sure(const struct sim_faults *f)
{
	return f->loss_permille == 0 && f->crash_every == 0 && f->partition_every == 0 &&
	       f->flap_every == 0;
}

static void check_unregister(struct world *w, unsigned i, const struct phone_view *v)
{
	if (v->unregisters_unanswered > 0)
		invariants_violated(w, 11, "phone %u: Unregister stays unanswered", i);
}

static void check_perfect(struct world *w, unsigned i, const struct phone_view *v)
{
	if (v->unanswered > 0)
		invariants_violated(w, 11, "phone %u: question 0x%04x stays unanswered", i,
				    v->unanswered_id);
	if (v->resent_dhcp + v->resent_files > 0)
		invariants_violated(w, 11, "phone %u asks twice in a perfect world", i);
	if (v->keepalives_sent > v->keepalives_acked + v->boots)
		invariants_violated(w, 11, "phone %u: a keepalive stays unanswered", i);
	if (v->standby_keepalives > v->standby_acked + v->boots)
		invariants_violated(w, 11, "phone %u: a standby's keepalive stays unanswered", i);
	if (v->failovers > 0 || v->registrations > v->boots)
		invariants_violated(w, 11, "phone %u registers again in a perfect world", i);
}

/* A phone in turn: what either server would give it. */
static void check_files(struct world *w)
{
	static uint8_t memory[SIM_NODES][65536];
	struct slice bytes[SIM_NODES] = {{0}};
	struct file *file[SIM_NODES] = {NULL};
	const struct device *device[SIM_NODES] = {NULL};
	char name[40];

	/* A file's stamp is the newest of what it was made from, and a copy may be older. */
	if (w->disk.device_count == 0 || !w->node[0].up || !w->node[1].up ||
	    reg_settings(w->node[0].reg)->version != reg_settings(w->node[1].reg)->version)
		return;
	const struct device *any =
	    &w->disk.devices[(size_t)(w->now / 1000000 / 60) % w->disk.device_count];
	(void)snprintf(name, sizeof name, "%s.cnf.xml", any->name);
	for (unsigned k = 0; k < SIM_NODES; k++) {
		struct file_name read;
		device[k] = reg_device_find(w->node[k].reg, any->name);
		if (files_open(w->node[k].files, slice_text(name), &file[k], &read) == FILES_FOUND)
			bytes[k] = slice_of(
			    memory[k], (size_t)file_read(file[k], 0, memory[k], sizeof memory[k]));
	}
	if (device[0] != NULL && device[1] != NULL && device[0]->version == device[1]->version &&
	    (file[0] == NULL || file[1] == NULL || !slice_equal(bytes[0], bytes[1])))
		invariants_violated(w, 6, "the servers serve different files %s", name);
	for (unsigned k = 0; k < SIM_NODES; k++)
		file_unref(file[k]);
}

void invariants_sweep(struct world *w)
{
	bool perfect = world_is_perfect(w);

	check_numbers(w);
	check_registrations(w);
	check_stored(w);
	check_files(w);
	judge_dhcp_sweep(w);
	for (unsigned k = 0; k < SIM_NODES; k++) {
		if (!w->node[k].up)
			continue;
		judge_sccp_sweep(w, &w->node[k]);
		judge_files_sweep(w, &w->node[k]);
	}
	for (unsigned i = 0; i < w->config.phones; i++) {
		struct phone_view view;
		phone_view(w->phones[i].phone, &view);
		check_phone(w, i, &view);
		if (network_is_sure(w->config.faults))
			check_unregister(w, i, &view);
		if (perfect)
			check_perfect(w, i, &view);
	}
	check_memory(w);
}

void invariants_calm(struct world *w)
{
	struct phone_view view;

	for (unsigned i = 0; i < w->config.phones; i++) {
		phone_view(w->phones[i].phone, &view);
		w->phones[i].registrations_before = view.registrations;
	}
}

/* Who is alive keeps its name: the two do not push each other out for ever. */
static void check_clone(struct world *w)
{
	const struct sim_phone *pair[] = {&w->phones[0], &w->phones[w->config.phones - 1]};
	unsigned registrations = 0;
	struct phone_view view;

	for (size_t i = 0; i < 2; i++) {
		phone_view(pair[i]->phone, &view);
		registrations += view.registrations - pair[i]->registrations_before;
	}
	if (registrations > CLONE_TURNS_MAX)
		invariants_violated(w, 7, "two phones of one name pushed each other out %u times",
				    registrations);
	if (phone_state(pair[0]->phone) != PHONE_REGISTERED &&
	    phone_state(pair[1]->phone) != PHONE_REGISTERED)
		invariants_violated(w, 8, "neither of the two phones of one name is up");
}

void invariants_end(struct world *w)
{
	unsigned up = 0;

	for (unsigned i = 0; i < w->config.phones; i++) {
		enum phone_state state = phone_state(w->phones[i].phone);
		up += state == PHONE_REGISTERED;
		if (state != PHONE_REGISTERED && phones_may_be_up(w, i))
			invariants_violated(w, 8, "phone %u is not up after all: %s", i,
					    phone_state_text(state));
	}
	if (w->config.faults->clone && w->config.phones > 1)
		check_clone(w);
	if (w->config.faults->tight_pool && up < w->ledger.main_size)
		invariants_violated(w, 8, "%u phones are up for %zu addresses", up,
				    w->ledger.main_size);
}
