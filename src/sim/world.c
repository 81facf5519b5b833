/* The virtual world: its clock, its seed, its events. */
#include "sim/judge.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>

#define F(name_, words_, ...) {.name = #name_, .words = (words_), __VA_ARGS__},
static const struct sim_faults profiles[] = {
#include "sim/faults.def"
};
#undef F

#define SIM_POOL    "R&D" /* a file must not take it for an entity */
#define SWEEP_EVERY DT_SECONDS(60)
#define CALM_MAX                                                                                   \
	DT_SECONDS(1500) /* enough for a fail-back, a token's wait and a kept rejection            \
			  */

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

const struct sim_faults *sim_faults_of_seed(uint64_t seed)
{
	return &profiles[seed % (sizeof profiles / sizeof *profiles)];
}

bool world_is_perfect(const struct world *w)
{
	const char *name = w->config.faults->name;

	return strcmp(name, "none") == 0 || strcmp(name, "churn") == 0;
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

void world_again(struct world *w, enum event_kind kind, dt_time mean)
{
	if (mean > 0)
		world_push(
		    w, &(struct event){.at = w->now + world_about(w, mean), .kind = (uint8_t)kind});
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
	char line[200];
	va_list args;

	va_start(args, format);
	// NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): it is, two lines above
	int n = vsnprintf(line, sizeof line, format, args);
	va_end(args);
	world_digest(w, slice_of(&w->now, sizeof w->now));
	world_digest(w, slice_of(line, n > 0 && (size_t)n < sizeof line ? (size_t)n : 0));
	if (w->config.trace != NULL && w->now >= w->config.trace_from)
		buf_printf(w->config.trace, "%12.6f %s\n", (double)w->now / 1e6, line);
}

/* The wall clock is set wrong, or right again; the machines' own time never jumps. */
static void jump_clock(struct world *w)
{
	int64_t true_now = SIM_UNIX_EPOCH + w->now / 1000000;
	const int64_t offsets[] = {-true_now, INT32_MAX - true_now, -86400, 86400, 0};

	w->clock_jumped = w->now;
	w->clock_offset_s = offsets[rand_below(&w->rand, sizeof offsets / sizeof *offsets)];
	world_note(w, "the wall clock says %lld", (long long)world_unix_s(w));
	world_again(w, EVENT_CLOCK, w->faults.clock_every);
}

/* From now on nothing goes wrong. Who was dead comes back. */
static void become_calm(struct world *w)
{
	w->calm = true;
	w->faults = (struct sim_faults){.name = w->config.faults->name};
	w->partition.until = 0;
	w->disk.full_until = w->now;
	w->disk.stalled_until = w->now;
	w->clock_jumped = w->now;
	w->clock_offset_s = 0;
	for (unsigned i = 0; i < w->config.phones; i++)
		w->phones[i].dark_until = 0;
	invariants_calm(w);
	world_push(w, &(struct event){.at = w->now, .kind = EVENT_ADMIN_RESTORE});
	world_note(w, "calm");
}

/* What the administrator had set up before the world began. */

static int put_record(struct world *w, enum record_kind kind, const union record *record)
{
	struct disk *d = &w->disk;

	if (d->record_count == DISK_RECORDS_MAX)
		return E_FULL;
	d->records[d->record_count].kind = kind;
	d->records[d->record_count++].record = *record;
	return 0;
}

/* Two CallManagers in one group, and every model's phones in its pool. */
static int put_group(struct world *w)
{
	union record r;
	int error = 0;

	for (unsigned k = 0; k < SIM_NODES; k++) {
		record_init(RECORD_NODE, &r);
		(void)snprintf(r.node.name, sizeof r.node.name, "cm%u", k + 1);
		(void)ip4_format(sim_node_ip(k), r.node.address);
		error |= put_record(w, RECORD_NODE, &r);
	}
	record_init(RECORD_GROUP, &r);
	(void)text_copy(r.group.name, sizeof r.group.name, "both");
	(void)text_copy(r.group.nodes, sizeof r.group.nodes, "cm1,cm2");
	error |= put_record(w, RECORD_GROUP, &r);
	record_init(RECORD_POOL, &r);
	(void)text_copy(r.pool.name, sizeof r.pool.name, SIM_POOL);
	(void)text_copy(r.pool.group, sizeof r.pool.group, "both");
	r.pool.monitor_s = 60;
	return error | put_record(w, RECORD_POOL, &r);
}

uint32_t sim_branch_size(const struct sim_config *config)
{
	return config->faults->tight_pool ? 0 : config->phones / 8 + 8;
}

/* A subnet behind a relay. */
static int put_branch(struct world *w)
{
	char first[IP4_TEXT_SIZE];
	char last[IP4_TEXT_SIZE];
	union record r;

	if (sim_branch_size(&w->config) == 0)
		return 0;
	record_init(RECORD_SUBNET, &r);
	(void)text_copy(r.subnet.name, sizeof r.subnet.name, "branch");
	r.subnet.network = ip4_of(SIM_BRANCH_ROUTER & 0xffff0000);
	r.subnet.netmask = ip4_of(0xffff0000);
	(void)snprintf(
	    r.subnet.pool, sizeof r.subnet.pool, "%s-%s",
	    ip4_format(ip4_of(SIM_BRANCH_FIRST), first),
	    ip4_format(ip4_of(SIM_BRANCH_FIRST + sim_branch_size(&w->config) - 1), last));
	r.subnet.router = ip4_of(SIM_BRANCH_ROUTER);
	r.subnet.dns1 = w->disk.settings.dns;
	r.subnet.on = true;
	return put_record(w, RECORD_SUBNET, &r);
}

struct ip4 sim_reserved_ip(const struct world *w, unsigned i)
{
	if (i < w->config.unknown || i % 9 != 4 || w->config.faults->tight_pool ||
	    sim_is_in_branch(&w->config, i))
		return ip4_of(0);
	/* Within the pool, where fresh ones are taken from, and outside it where there is room. */
	return i % 2 == 0 || i > 150 ? ip4_of(ip4_number(w->disk.settings.pool_first) + i / 9)
				     : ip4_of(SIM_SERVER_IP + 49 + i);
}

/* What some records say and others do not: further lines, speed dials, a label, a highest version,
 * an address. */
static void enrich(const struct world *w, unsigned i, struct device *d)
{
	if (i % 3 == 1)
		(void)snprintf(d->lines, sizeof d->lines, "%u,%u", SIM_KNOWN_FIRST * 2 + 2 * i,
			       SIM_KNOWN_FIRST * 2 + 2 * i + 1);
	if (i % 4 == 2)
		(void)text_copy(d->speed_dials, sizeof d->speed_dials,
				"1234=Anna,1235=Bob Smith,99");
	if (i % 5 == 3)
		(void)snprintf(d->label, sizeof d->label, "Desk %u", i);
	if (i % 10 == 6)
		d->protocol_max = 11;
	d->reserved_ip = sim_reserved_ip(w, i);
}

static int put_phones(struct world *w)
{
	int error = 0;

	for (unsigned i = w->config.unknown; i < w->config.phones && error == 0; i++) {
		struct device d = {.type = sim_profile(i)->type, .version = i + 1};
		if (sim_is_misfiled(&w->config, i))
			d.type = sim_profile(i + 1)->type;
		char hex[MAC_HEX_SIZE];
		(void)snprintf(d.name, sizeof d.name, "SEP%s", mac_format_hex(sim_mac(i), hex));
		(void)snprintf(d.dn, sizeof d.dn, "%u", SIM_KNOWN_FIRST + i);
		(void)text_copy(d.pool, sizeof d.pool, SIM_POOL);
		enrich(w, i, &d);
		error = disk_add_device(&w->disk, &d);
		if (error == 0 && !ip4_is_zero(d.reserved_ip))
			error = map_put(&w->reserved, ip4_number(d.reserved_ip),
					&w->disk.devices[w->disk.device_count - 1]);
	}
	return error;
}

static int furnish(struct world *w)
{
	struct settings *s = &w->disk.settings;
	unsigned phones = w->config.phones;

	*s = settings_default();
	s->server_ip = sim_node_ip(0);
	s->netmask = ip4_of(0xffff0000);
	s->subnet = ip4_of(SIM_SERVER_IP & 0xffff0000);
	s->pool_first = ip4_of(SIM_SERVER_IP + 255);
	/* A few more addresses than phones: reuse is part of the game. */
	s->pool_last = ip4_of(SIM_SERVER_IP + 254 + phones + phones / 4 + 9);
	if (w->config.faults->tight_pool)
		s->pool_last = ip4_of(SIM_SERVER_IP + 254 + phones - phones / 10);
	s->lease_s = w->config.duration > DT_SECONDS(7200) ? 3600 : 600;
	s->router = ip4_of(SIM_SERVER_IP + 254);
	s->dns = ip4_of(SIM_SERVER_IP + 200);
	(void)text_copy(s->domain, sizeof s->domain, "example.org");
	s->utc_offset_s = 3600;
	s->autoreg_on = true;
	s->autoreg_first = SIM_AUTOREG_FIRST;
	/* As many numbers as phones that need one; in some worlds one fewer. */
	bool scarce = w->config.seed % 5 == 2 && w->config.unknown > 2 &&
		      !w->config.faults->clone && !w->config.faults->tight_pool;
	unsigned numbers = w->config.unknown - scarce;
	s->autoreg_last = SIM_AUTOREG_FIRST + (numbers > 0 ? numbers - 1 : 0);
	map_init(&w->reserved, SIM_PHONES_MAX);
	judge_files_init(w);
	int error = put_group(w);
	if (error == 0)
		error = put_branch(w);
	return error != 0 ? error : put_phones(w);
}

static void schedule_faults(struct world *w)
{
	const struct sim_faults *f = &w->faults;
	dt_time churn =
	    f->churn_percent > 0 ? DT_SECONDS(3600) * 100 / w->config.phones / f->churn_percent : 0;

	world_again(w, EVENT_NODE_CRASH, f->crash_every);
	world_again(w, EVENT_DISK_STALL, f->stall_every);
	world_again(w, EVENT_DISK_FULL, f->full_every);
	world_again(w, EVENT_PHONE_POWER, f->power_every);
	world_again(w, EVENT_PHONE_CHURN, churn);
	world_again(w, EVENT_PHONE_CUT, f->cut_every);
	world_again(w, EVENT_PHONE_FLAP, f->flap_every);
	world_again(w, EVENT_PARTITION, f->partition_every);
	world_again(w, EVENT_CLOCK, f->clock_every);
	world_again(w, EVENT_ADMIN, f->admin_every);
	world_again(w, EVENT_ADMIN_RESET, f->reset_every);
	world_push(w, &(struct event){.at = SWEEP_EVERY, .kind = EVENT_SWEEP});
	w->calm_at = w->config.duration -
		     (w->config.duration / 4 < CALM_MAX ? w->config.duration / 4 : CALM_MAX);
	world_push(w, &(struct event){.at = w->calm_at, .kind = EVENT_CALM});
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
		for (size_t i = 0; i < w->ledger.address_count; i++) {
			w->ledger.address[i].mac = mac_of_key(1);
			w->ledger.address[i].expires = DT_NEVER;
		}
		break;
	case 4:
		if (w->ledger.stored_count > 0)
			(void)text_copy(w->ledger.stored[0].label, sizeof w->ledger.stored[0].label,
					"never stored");
		break;
	case 5:
		/* Of a record of the administrator's: another number is good for it. */
		for (size_t i = 0; i < d->device_count; i++) {
			if (!d->devices[i].autoregistered) {
				(void)text_copy(d->devices[i].dn, sizeof d->devices[i].dn,
						"999999");
				break;
			}
		}
		break;
	case 8:
		/* The link of a phone never comes back. */
		w->phones[w->config.phones / 2].dark_until = DT_NEVER - 1;
		break;
	default:
		break;
	}
}

static void crash(struct world *w)
{
	unsigned index = (unsigned)rand_below(&w->rand, SIM_NODES);

	if (w->node[index].up)
		node_crash(w, index);
	world_again(w, EVENT_NODE_CRASH, w->faults.crash_every);
}

static void start(struct world *w, unsigned index)
{
	w->error = node_start(w, index);
	if (w->error != 0)
		return;
	/* Nothing acknowledged may be missing at the first moment after a crash. */
	invariants_sweep(w);
	node_pump(w, &w->node[index]);
}

static void sweep(struct world *w)
{
	if (w->config.break_invariant != 0 &&
	    w->now > (w->config.break_invariant == 8 ? w->calm_at : w->config.duration / 2))
		damage(w);
	invariants_sweep(w);
	if (w->config.on_minute != NULL)
		w->config.on_minute(w->config.context, w->now);
	world_push(w, &(struct event){.at = w->now + SWEEP_EVERY, .kind = EVENT_SWEEP});
}

/* What makes the world worse, which a calm one no longer has. */
static bool is_fault(enum event_kind kind)
{
	switch (kind) {
	case EVENT_NODE_CRASH:
	case EVENT_DISK_STALL:
	case EVENT_DISK_FULL:
	case EVENT_PHONE_POWER:
	case EVENT_PHONE_CHURN:
	case EVENT_PHONE_CUT:
	case EVENT_PHONE_FLAP:
	case EVENT_PARTITION:
	case EVENT_CLOCK:
	case EVENT_ADMIN:
	case EVENT_ADMIN_RESET:
		return true;
	default:
		return false;
	}
}

static void dispatch_fault(struct world *w, const struct event *e)
{
	switch ((enum event_kind)e->kind) {
	case EVENT_NODE_CRASH:
		crash(w);
		break;
	case EVENT_DISK_STALL:
		disk_stall(w);
		break;
	case EVENT_DISK_FULL:
		disk_fill(w);
		break;
	case EVENT_PHONE_FLAP:
		network_flap(w);
		break;
	case EVENT_PARTITION:
		network_partition(w);
		break;
	case EVENT_CLOCK:
		jump_clock(w);
		break;
	case EVENT_ADMIN:
		admin_event(w);
		break;
	case EVENT_ADMIN_RESET:
		node_reset_all(w);
		break;
	default:
		phones_event(w, e);
		break;
	}
}

static void dispatch(struct world *w, const struct event *e)
{
	if (is_fault((enum event_kind)e->kind)) {
		if (!w->calm)
			dispatch_fault(w, e);
		return;
	}
	switch ((enum event_kind)e->kind) {
	case EVENT_NODE_START:
		start(w, e->node);
		break;
	case EVENT_DISK_DONE:
		disk_complete(w, e->id);
		break;
	case EVENT_CALM:
		become_calm(w);
		break;
	case EVENT_ADMIN_RESTORE:
		admin_restore(w);
		break;
	case EVENT_VISIT:
		visitors_visit(w, e->who);
		break;
	case EVENT_VISITOR_TFTP:
		visitor_goes_on(w, e);
		break;
	case EVENT_SWEEP:
		sweep(w);
		break;
	case EVENT_NODE_DATAGRAM:
	case EVENT_NODE_CONNECT:
	case EVENT_NODE_STREAM:
	case EVENT_NODE_CLOSED:
	case EVENT_NODE_TIMER:
		node_event(w, e);
		break;
	default:
		phones_event(w, e);
		break;
	}
}

static int build(struct world *w)
{
	int error = disk_init(&w->disk);

	if (error != 0 || (error = furnish(w)) != 0 || (error = ledger_init(w)) != 0 ||
	    (error = phones_init(w)) != 0)
		return error;
	for (unsigned k = 0; k < SIM_NODES && error == 0; k++)
		error = node_start(w, k);
	if (error != 0)
		return error;
	schedule_faults(w);
	visitors_start(w);
	return phones_start(w);
}

static void run(struct world *w)
{
	struct event e;

	while (w->error == 0 && w->result.violated == 0 && heap_pop(&w->heap, &e)) {
		bool over = e.at > w->config.duration;
		if (!over) {
			w->now = e.at;
			w->result.events++;
			dispatch(w, &e);
		}
		event_done(&e);
		if (over)
			break;
	}
	if (w->error != 0 || w->result.violated != 0)
		return;
	invariants_sweep(w);
	invariants_end(w);
}

int sim_run(const struct sim_config *config, struct sim_result *ret_result)
{
	struct world *w = alloc_zero(1, sizeof *w);

	if (w == NULL)
		return E_NO_MEMORY;
	if (config->phones == 0 || config->phones > SIM_PHONES_MAX ||
	    config->unknown > config->phones || config->faults == NULL || config->duration <= 0) {
		alloc_free(w);
		return E_BAD_VALUE;
	}
	w->config = *config;
	w->faults = *config->faults;
	w->rand = rand_of(config->seed);
	w->result.digest = 0xcbf29ce484222325ULL;
	w->error = build(w);
	if (w->error == 0)
		run(w);
	for (unsigned k = 0; k < SIM_NODES; k++)
		node_stop(&w->node[k]);
	phones_done(w);
	ledger_done(&w->ledger);
	judge_dhcp_done(w);
	judge_files_done(w);
	map_done(&w->reserved);
	disk_done(&w->disk);
	heap_done(&w->heap);
	*ret_result = w->result;
	int error = w->error;
	alloc_free(w);
	return error;
}

#define SHRINK_SEEDS 16

/* The seeds of one small world; the one that breaks the invariant earliest. false: none does. */
static bool shrink_to(const struct sim_config *from, unsigned phones, unsigned violated,
		      struct sim_config *ret_best, int *ret_error)
{
	uint64_t fewest = UINT64_MAX;
	struct sim_result r;

	for (unsigned i = 0; i < SHRINK_SEEDS && *ret_error == 0; i++) {
		struct sim_config c = *from;
		c.trace = NULL;
		c.seed = from->seed + i;
		c.phones = phones;
		c.unknown = (unsigned)((uint64_t)from->unknown * phones / from->phones);
		*ret_error = sim_run(&c, &r);
		if (*ret_error == 0 && r.violated == violated && r.events < fewest) {
			fewest = r.events;
			*ret_best = c;
		}
	}
	return fewest != UINT64_MAX;
}

int sim_shrink(struct sim_config *config, const struct sim_result *violated)
{
	static const unsigned sizes[] = {2, 3, 5, 10, 20, 50};
	struct sim_config best = *config;
	int error = 0;

	for (size_t i = 0; i < sizeof sizes / sizeof *sizes && sizes[i] < config->phones; i++) {
		if (!shrink_to(config, sizes[i], violated->violated, &best, &error))
			continue;
		best.trace = config->trace;
		*config = best;
		break;
	}
	return error;
}
