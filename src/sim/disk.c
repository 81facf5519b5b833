/* The disk of the virtual world, in the store's place: a change is durable when its commit
 * completes; what is pending when the server dies is lost; it can stall, be slow, be full and
 * fail. */
#include "sim/sim_internal.h"

#include "base/alloc.h"
#include "base/error.h"

#define COMMIT_QUICK DT_MS(5)
#define COMMIT_TIME  400 /* µs, as a flushed write takes on the measured disks */

int disk_init(struct disk *d)
{
	d->leases = alloc_zero(DISK_LEASES_MAX, sizeof *d->leases);
	d->devices = alloc_zero(DISK_DEVICES_MAX, sizeof *d->devices);
	map_init(&d->lease_by_ip, DISK_LEASES_MAX);
	map_init(&d->device_by_name, DISK_DEVICES_MAX);
	d->first_id = 1;
	d->failed_at = -1;
	return d->leases == NULL || d->devices == NULL ? E_NO_MEMORY : 0;
}

void disk_done(struct disk *d)
{
	alloc_free(d->leases);
	alloc_free(d->devices);
	alloc_free(d->pending);
	map_done(&d->lease_by_ip);
	map_done(&d->device_by_name);
}

const struct lease *disk_find_lease(const struct disk *d, struct ip4 ip)
{
	return map_get(&d->lease_by_ip, ip4_number(ip));
}

const struct device *disk_find_device(const struct disk *d, const char *name)
{
	return map_get(&d->device_by_name, map_key_text(name));
}

static int put_lease(struct disk *d, const struct lease *lease)
{
	struct lease *found = map_get(&d->lease_by_ip, ip4_number(lease->ip));

	if (found != NULL) {
		*found = *lease;
		return 0;
	}
	if (d->lease_count == DISK_LEASES_MAX)
		return E_FULL;
	d->leases[d->lease_count] = *lease;
	found = &d->leases[d->lease_count++];
	return map_put(&d->lease_by_ip, ip4_number(lease->ip), found);
}

static void delete_lease(struct disk *d, struct ip4 ip)
{
	struct lease *found = map_take(&d->lease_by_ip, ip4_number(ip));

	if (found == NULL)
		return;
	const struct lease *last = &d->leases[--d->lease_count];
	if (found == last)
		return;
	*found = *last; /* its key is in the map already: this replaces */
	(void)map_put(&d->lease_by_ip, ip4_number(found->ip), found);
}

int disk_add_device(struct disk *d, const struct device *device)
{
	struct device *found = map_get(&d->device_by_name, map_key_text(device->name));

	if (found != NULL) {
		*found = *device;
		return 0;
	}
	if (d->device_count == DISK_DEVICES_MAX)
		return E_FULL;
	d->devices[d->device_count] = *device;
	found = &d->devices[d->device_count++];
	return map_put(&d->device_by_name, map_key_text(device->name), found);
}

static void delete_device(struct disk *d, const char *name)
{
	struct device *found = map_take(&d->device_by_name, map_key_text(name));

	if (found == NULL)
		return;
	const struct device *last = &d->devices[--d->device_count];
	if (found == last)
		return;
	*found = *last;
	(void)map_put(&d->device_by_name, map_key_text(found->name), found);
}

static struct change *pending_at(const struct disk *d, size_t i)
{
	return &d->pending[(d->pending_first + i) & (d->pending_size - 1)];
}

static int make_room(struct disk *d)
{
	if (d->pending_count < d->pending_size)
		return 0;
	size_t size = d->pending_size == 0 ? 64 : d->pending_size * 2;
	struct change *pending = alloc_zero(size, sizeof *pending);
	if (pending == NULL)
		return E_NO_MEMORY;
	for (size_t i = 0; i < d->pending_count; i++)
		pending[i] = *pending_at(d, i);
	alloc_free(d->pending);
	d->pending = pending;
	d->pending_first = 0;
	d->pending_size = size;
	return 0;
}

size_t disk_pending_devices(const struct disk *d)
{
	size_t count = 0;

	for (size_t i = 0; i < d->pending_count; i++)
		count += pending_at(d, i)->kind == CHANGE_DEVICE_PUT;
	return count;
}

bool disk_device_is_pending(const struct disk *d, const char *name)
{
	for (size_t i = 0; i < d->pending_count; i++) {
		const struct change *c = pending_at(d, i);
		if ((c->kind == CHANGE_DEVICE_PUT || c->kind == CHANGE_DEVICE_DELETE) &&
		    strcmp(c->device.name, name) == 0)
			return true;
	}
	return false;
}

bool disk_lease_is_pending(const struct disk *d, struct ip4 ip)
{
	for (size_t i = 0; i < d->pending_count; i++) {
		const struct change *c = pending_at(d, i);
		if ((c->kind == CHANGE_LEASE_PUT || c->kind == CHANGE_LEASE_DELETE) &&
		    ip4_equal(c->lease.ip, ip))
			return true;
	}
	return false;
}

void disk_submit(struct world *w, const struct change *change)
{
	struct disk *d = &w->disk;
	dt_time start = w->now > d->stalled_until ? w->now : d->stalled_until;

	if (make_room(d) != 0) {
		w->error = E_NO_MEMORY;
		return;
	}
	*pending_at(d, d->pending_count++) = *change;
	w->result.changes++;
	start += COMMIT_TIME + (dt_time)rand_below(&w->rand, (uint64_t)w->faults.slow + 1);
	if (start - w->now > COMMIT_QUICK && start > d->slow_until)
		d->slow_until = start;
	world_push(w, &(struct event){.at = start,
				      .kind = EVENT_DISK_DONE,
				      .id = d->first_id + d->pending_count - 1});
}

static int apply(struct disk *d, const struct change *c)
{
	switch (c->kind) {
	case CHANGE_LEASE_PUT:
		return put_lease(d, &c->lease);
	case CHANGE_LEASE_DELETE:
		delete_lease(d, c->lease.ip);
		return 0;
	case CHANGE_DEVICE_PUT:
		return disk_add_device(d, &c->device);
	case CHANGE_DEVICE_DELETE:
		delete_device(d, c->device.name);
		return 0;
	case CHANGE_SETTINGS_PUT:
		d->settings = c->settings;
		return 0;
	case CHANGE_DEVICE_REPLACE:
	case CHANGE_RECORD_PUT:
	case CHANGE_RECORD_DELETE:
	case CHANGE_TRY:
	case CHANGE_HISTORY_PUT:
	case CHANGE_COPY:
		break; /* nobody here makes such */
	}
	return 0;
}

void disk_complete(struct world *w, uint64_t id)
{
	struct disk *d = &w->disk;

	/* Of before a crash. Commits complete in order, whose turn it is: one at each event. */
	if (id < d->crashed_id || d->pending_count == 0)
		return;
	if (w->now < d->stalled_until) {
		d->slow_until = d->stalled_until;
		world_push(
		    w, &(struct event){.at = d->stalled_until, .kind = EVENT_DISK_DONE, .id = id});
		return;
	}
	struct change c = *pending_at(d, 0);
	bool ok =
	    w->now >= d->full_until && rand_below(&w->rand, 1000) >= w->faults.commit_fail_permille;
	d->pending_count--;
	d->first_id++;
	d->pending_first = (d->pending_first + 1) & (d->pending_size - 1);
	if (ok && apply(d, &c) != 0)
		w->error = E_NO_MEMORY;
	if (!ok)
		d->failed_at = w->now;
	world_note(w, "disk %s %d ticket %llu", ok ? "committed" : "failed", (int)c.kind,
		   (unsigned long long)c.ticket);
	node_commit_done(w, &c, ok);
}

void disk_stall(struct world *w)
{
	w->disk.stalled_until = w->now + world_about(w, w->faults.stall);
	w->result.stalls++;
	world_note(w, "disk stalls");
	world_again(w, EVENT_DISK_STALL, w->faults.stall_every);
}

void disk_fill(struct world *w)
{
	w->disk.full_until = w->now + world_about(w, w->faults.full);
	world_note(w, "disk is full");
	world_again(w, EVENT_DISK_FULL, w->faults.full_every);
}

void disk_crash(struct disk *d)
{
	d->first_id += d->pending_count;
	d->crashed_id = d->first_id;
	d->pending_count = 0;
	d->pending_first = 0;
}
