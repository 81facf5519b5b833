/* The disk of the virtual world, in the store's place: a change is durable when its commit
 * completes; what is pending when the server dies is lost; it can stall and it can fail. */
#include "sim/sim_internal.h"

#include "base/alloc.h"
#include "base/error.h"

#define COMMIT_TIME 400 /* µs, as a flushed write takes on the measured disks */

int disk_init(struct disk *d)
{
	d->leases = alloc_zero(DISK_LEASES_MAX, sizeof *d->leases);
	d->devices = alloc_zero(DISK_DEVICES_MAX, sizeof *d->devices);
	d->first_id = 1;
	return d->leases == NULL || d->devices == NULL ? E_NO_MEMORY : 0;
}

void disk_done(struct disk *d)
{
	alloc_free(d->leases);
	alloc_free(d->devices);
	alloc_free(d->pending);
}

void disk_submit(struct world *w, const struct change *change)
{
	struct disk *d = &w->disk;
	dt_time start = w->now > d->stalled_until ? w->now : d->stalled_until;

	if (d->pending_count == d->pending_size) {
		size_t size = d->pending_size == 0 ? 64 : d->pending_size * 2;
		struct change *pending = alloc_resize(d->pending, size * sizeof *pending);
		if (pending == NULL) {
			w->error = E_NO_MEMORY;
			return;
		}
		d->pending = pending;
		d->pending_size = size;
	}
	d->pending[d->pending_count++] = *change;
	w->result.changes++;
	world_push(w, &(struct event){.at = start + COMMIT_TIME,
				      .kind = EVENT_DISK_DONE,
				      .id = d->first_id + d->pending_count - 1});
}

const struct lease *disk_find_lease(const struct disk *d, struct ip4 ip)
{
	for (size_t i = 0; i < d->lease_count; i++) {
		if (ip4_equal(d->leases[i].ip, ip))
			return &d->leases[i];
	}
	return NULL;
}

const struct device *disk_find_device(const struct disk *d, const char *name)
{
	for (size_t i = 0; i < d->device_count; i++) {
		if (strcmp(d->devices[i].name, name) == 0)
			return &d->devices[i];
	}
	return NULL;
}

static void put_lease(struct disk *d, const struct lease *lease)
{
	for (size_t i = 0; i < d->lease_count; i++) {
		if (ip4_equal(d->leases[i].ip, lease->ip)) {
			d->leases[i] = *lease;
			return;
		}
	}
	if (d->lease_count < DISK_LEASES_MAX)
		d->leases[d->lease_count++] = *lease;
}

static void put_device(struct disk *d, const struct device *device)
{
	for (size_t i = 0; i < d->device_count; i++) {
		if (strcmp(d->devices[i].name, device->name) == 0) {
			d->devices[i] = *device;
			return;
		}
	}
	if (d->device_count < DISK_DEVICES_MAX)
		d->devices[d->device_count++] = *device;
}

static void apply(struct disk *d, const struct change *c)
{
	switch (c->kind) {
	case CHANGE_LEASE_PUT:
		put_lease(d, &c->lease);
		break;
	case CHANGE_LEASE_DELETE:
		for (size_t i = 0; i < d->lease_count; i++) {
			if (ip4_equal(d->leases[i].ip, c->lease.ip))
				d->leases[i] = d->leases[--d->lease_count];
		}
		break;
	case CHANGE_DEVICE_PUT:
		put_device(d, &c->device);
		break;
	case CHANGE_DEVICE_DELETE:
		for (size_t i = 0; i < d->device_count; i++) {
			if (strcmp(d->devices[i].name, c->device.name) == 0)
				d->devices[i] = d->devices[--d->device_count];
		}
		break;
	case CHANGE_SETTINGS_PUT:
		d->settings = c->settings;
		d->has_settings = true;
		break;
	case CHANGE_RECORD_PUT:
	case CHANGE_RECORD_DELETE:
	case CHANGE_COPY:
		break; /* the world's administrator writes no such records */
	}
}

void disk_complete(struct world *w, uint64_t id)
{
	struct disk *d = &w->disk;

	/* Of before a crash, or stalled since. */
	if (id < d->first_id || d->pending_count == 0)
		return;
	if (w->now < d->stalled_until) {
		world_push(
		    w, &(struct event){.at = d->stalled_until, .kind = EVENT_DISK_DONE, .id = id});
		return;
	}
	struct change c = d->pending[0];
	bool ok = rand_below(&w->rand, 1000) >= w->config.faults->commit_fail_permille;
	d->pending_count--;
	d->first_id++;
	memmove(d->pending, d->pending + 1, d->pending_count * sizeof *d->pending);
	if (ok)
		apply(d, &c);
	world_note(w, "disk %s %d ticket %llu", ok ? "committed" : "failed", (int)c.kind,
		   (unsigned long long)c.ticket);
	node_commit_done(w, &c, ok);
}

void disk_stall(struct world *w)
{
	w->disk.stalled_until = w->now + world_about(w, w->config.faults->stall);
	w->result.stalls++;
	world_note(w, "disk stalls");
	world_push(w, &(struct event){.at = w->now + world_about(w, w->config.faults->stall_every),
				      .kind = EVENT_DISK_STALL});
}

void disk_crash(struct disk *d)
{
	d->first_id += d->pending_count;
	d->pending_count = 0;
}
