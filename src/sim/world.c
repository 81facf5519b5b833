/* The virtual world: its clock, its seed, its events. */
#include "sim/sim_internal.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"

#include <stdarg.h>

static const struct sim_faults profiles[] = {
    {.name = "none", .admin_every = DT_SECONDS(600)},
    {.name = "loss",
     .loss_permille = 50,
     .duplicate_permille = 20,
     .jitter = DT_MS(20),
     .power_every = DT_SECONDS(300),
     .admin_every = DT_SECONDS(300)},
    {.name = "crash",
     .crash_every = DT_SECONDS(200),
     .down = DT_SECONDS(5),
     .power_every = DT_SECONDS(120),
     .admin_every = DT_SECONDS(30)},
    {.name = "disk",
     .stall_every = DT_SECONDS(60),
     .stall = DT_SECONDS(4),
     .commit_fail_permille = 100,
     .power_every = DT_SECONDS(60),
     .admin_every = DT_SECONDS(20)},
    {.name = "storm",
     .loss_permille = 100,
     .duplicate_permille = 50,
     .jitter = DT_MS(100),
     .crash_every = DT_SECONDS(150),
     .down = DT_SECONDS(8),
     .stall_every = DT_SECONDS(90),
     .stall = DT_SECONDS(3),
     .commit_fail_permille = 50,
     .power_every = DT_SECONDS(40),
     .admin_every = DT_SECONDS(20)},
};

const struct sim_faults *sim_faults_at(size_t i)
{
	return i < sizeof profiles / sizeof *profiles ? &profiles[i] : NULL;
}

const struct sim_faults *sim_faults_find(const char *name)
{
	const struct sim_faults *f = NULL;

	for (size_t i = 0; (f = sim_faults_at(i)) != NULL; i++) {
		if (strcmp(f->name, name) == 0)
			return f;
	}
	return NULL;
}

void world_push(struct world *w, const struct event *event)
{
	if (heap_push(&w->heap, event) != 0)
		w->error = E_NO_MEMORY;
}

dt_time world_about(struct world *w, dt_time mean)
{
	return mean / 2 + (dt_time)rand_below(&w->rand, (uint64_t)mean + 1);
}

void world_digest(struct world *w, struct slice bytes)
{
	uint64_t h = w->result.digest;

	for (size_t i = 0; i < bytes.len; i++)
		h = (h ^ bytes.ptr[i]) * 0x100000001b3ULL;
	w->result.digest = h;
}

void world_note(struct world *w, const char *format, ...)
{
	char line[160];
	va_list args;

	va_start(args, format);
	// NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): it is, two lines above
	int n = vsnprintf(line, sizeof line, format, args);
	va_end(args);
	world_digest(w, slice_of(&w->now, sizeof w->now));
	world_digest(w, slice_of(line, n > 0 && (size_t)n < sizeof line ? (size_t)n : 0));
	if (w->config.trace != NULL)
		buf_printf(w->config.trace, "%12.6f %s\n", (double)w->now / 1e6, line);
}

/* The administrator: labels a phone anew, or adds one, one change at a time. */
void admin_event(struct world *w)
{
	const char *why = NULL;

	world_push(w, &(struct event){.at = w->now + world_about(w, w->config.faults->admin_every),
				      .kind = EVENT_ADMIN});
	if (!w->node_up || w->admin_ticket != 0 || w->disk.device_count == 0)
		return;
	struct device d = w->disk.devices[rand_below(&w->rand, w->disk.device_count)];
	(void)snprintf(d.label, sizeof d.label, "label %llu", (unsigned long long)++w->admin_count);
	if (reg_device_set(w->reg, &d, &w->admin_ticket, &why) != 0)
		w->admin_ticket = 0;
	else
		w->admin_device = d;
	node_pump(w);
}

void admin_commit_done(struct world *w, const struct change *change, bool ok)
{
	if (w->admin_ticket == 0 || change->ticket != w->admin_ticket)
		return;
	w->admin_ticket = 0;
	if (ok)
		ledger_admin_stored(w, &w->admin_device);
}

/* What the administrator had set up before the world began. */
static void furnish(struct world *w)
{
	struct settings *s = &w->disk.settings;

	*s = settings_default();
	s->server_ip = ip4_of(SIM_SERVER_IP);
	s->netmask = ip4_of(0xffff0000);
	s->subnet = ip4_of(SIM_SERVER_IP & 0xffff0000);
	s->pool_first = ip4_of(SIM_SERVER_IP + 255);
	/* A few more addresses than phones: reuse is part of the game. */
	s->pool_last = ip4_of(SIM_SERVER_IP + 255 + w->config.phones + w->config.phones / 4);
	s->lease_s = 600;
	s->autoreg_on = true;
	s->autoreg_first = SIM_AUTOREG_FIRST;
	s->autoreg_last = SIM_AUTOREG_FIRST + w->config.unknown + 3;
	w->disk.has_settings = true;
	for (unsigned i = w->config.unknown; i < w->config.phones; i++) {
		struct device *d = &w->disk.devices[w->disk.device_count++];
		char hex[MAC_HEX_SIZE];
		(void)snprintf(d->name, sizeof d->name, "SEP%s",
			       mac_format_hex(mac_of_key(0x001bd4000001ULL + i), hex));
		(void)snprintf(d->dn, sizeof d->dn, "%u", 50000 + i);
		d->type = sim_profile(i)->type;
		d->version = i + 1;
	}
}

static void schedule_faults(struct world *w)
{
	const struct sim_faults *f = w->config.faults;
	const struct {
		dt_time every;
		enum event_kind kind;
	} faults[] = {
	    {f->crash_every, EVENT_NODE_CRASH},  {f->stall_every, EVENT_DISK_STALL},
	    {f->power_every, EVENT_PHONE_POWER}, {f->admin_every, EVENT_ADMIN},
	    {DT_SECONDS(60), EVENT_SWEEP},
	};

	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
		if (faults[i].every > 0)
			world_push(w, &(struct event){.at = world_about(w, faults[i].every),
						      .kind = faults[i].kind});
	}
}

/* Tests only: makes one of the invariants untrue, to prove that the check sees it. */
static void damage(struct world *w)
{
	struct disk *d = &w->disk;

	switch (w->config.break_invariant) {
	case 1:
		if (d->device_count > 1)
			(void)text_copy(d->devices[1].dn, sizeof d->devices[1].dn,
					d->devices[0].dn);
		break;
	case 2:
		/* The disk forgets its leases while the server still believes in them. */
		d->lease_count = 0;
		for (size_t i = 0; i < w->ledger.lease_size; i++)
			w->ledger.lease[i] = (struct promise){mac_of_key(1), DT_NEVER};
		break;
	case 4:
		if (w->ledger.stored_count > 0)
			(void)text_copy(w->ledger.stored[0].label, sizeof w->ledger.stored[0].label,
					"never stored");
		break;
	default:
		break;
	}
}

static void dispatch(struct world *w, const struct event *e)
{
	switch (e->kind) {
	case EVENT_NODE_CRASH:
		if (w->node_up)
			node_crash(w);
		break;
	case EVENT_NODE_START:
		w->error = node_start(w);
		/* Nothing acknowledged may be missing at the first moment after a crash. */
		invariants_sweep(w);
		node_pump(w);
		break;
	case EVENT_DISK_DONE:
		disk_complete(w, e->id);
		break;
	case EVENT_DISK_STALL:
		disk_stall(w);
		break;
	case EVENT_ADMIN:
		admin_event(w);
		break;
	case EVENT_SWEEP:
		if (w->config.break_invariant != 0 && w->now > w->config.duration / 2)
			damage(w);
		invariants_sweep(w);
		world_push(w, &(struct event){.at = w->now + DT_SECONDS(60), .kind = EVENT_SWEEP});
		break;
	case EVENT_NODE_DATAGRAM:
	case EVENT_NODE_CONNECT:
	case EVENT_NODE_STREAM:
	case EVENT_NODE_CLOSED:
	case EVENT_NODE_TIMER:
		node_event(w, e);
		break;
	case EVENT_PHONE_DHCP:
	case EVENT_PHONE_DATAGRAM:
	case EVENT_PHONE_UNREACHABLE:
	case EVENT_PHONE_OPEN:
	case EVENT_PHONE_REFUSED:
	case EVENT_PHONE_STREAM:
	case EVENT_PHONE_CLOSED:
	case EVENT_PHONE_RESET:
	case EVENT_PHONE_TIMER:
	case EVENT_PHONE_POWER:
		phones_event(w, e);
		break;
	case EVENT_KIND_COUNT:
		break;
	}
}

static int build(struct world *w)
{
	int error = disk_init(&w->disk);

	if (error != 0)
		return error;
	furnish(w);
	if ((error = ledger_init(w)) != 0 || (error = phones_init(w)) != 0 ||
	    (error = node_start(w)) != 0)
		return error;
	schedule_faults(w);
	return phones_start(w);
}

int sim_run(const struct sim_config *config, struct sim_result *ret_result)
{
	struct world *w = alloc_zero(1, sizeof *w);
	struct event e;

	if (w == NULL)
		return E_NO_MEMORY;
	if (config->phones == 0 || config->phones > SIM_PHONES_MAX ||
	    config->unknown > config->phones || config->faults == NULL) {
		alloc_free(w);
		return E_BAD_VALUE;
	}
	w->config = *config;
	w->rand = rand_of(config->seed);
	w->result.digest = 0xcbf29ce484222325ULL;
	w->error = build(w);
	while (w->error == 0 && w->result.violated == 0 && heap_pop(&w->heap, &e)) {
		bool over = e.at > config->duration;
		if (!over) {
			w->now = e.at;
			w->result.events++;
			dispatch(w, &e);
		}
		alloc_free(e.bytes);
		if (over)
			break;
	}
	if (w->node_up)
		invariants_sweep(w);
	node_stop(w);
	phones_done(w);
	ledger_done(&w->ledger);
	disk_done(&w->disk);
	heap_done(&w->heap);
	*ret_result = w->result;
	int error = w->error;
	alloc_free(w);
	return error;
}
