/* The fleet as a whole: its processes, the memory they share, and the sum of what they wrote there.
 * A process that dies takes its phones with it and nothing else: they count as where they were. */
#include "fleet/fleet_internal.h"

#include "base/alloc.h"
#include "base/error.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define RESERVED_DESCRIPTORS 64
#define PHONES_DESCRIPTORS   ((rlim_t)FLEET_PROCESS_PHONES * 4)

const char *const fleet_step_names[FLEET_STEP_COUNT] = {[FLEET_STEP_DHCP] = "DHCP",
							[FLEET_STEP_FILES] = "files",
							[FLEET_STEP_CONNECT] = "connect",
							[FLEET_STEP_REGISTER] = "registration",
							[FLEET_STEP_BOOT] = "whole boot"};

void fleet_curve_change(struct fleet_share *share, dt_time since, int32_t change)
{
	uint64_t at = since > 0 ? (uint64_t)(since / FLEET_CURVE_US) : 0;

	if (at >= FLEET_CURVE_MAX)
		at = FLEET_CURVE_MAX - 1;
	share->change[at] += change;
	if (at >= share->curve_used)
		share->curve_used = (uint32_t)at + 1;
}

static int by_time(const void *a, const void *b)
{
	dt_time x = *(const dt_time *)a;
	dt_time y = *(const dt_time *)b;

	return (x > y) - (x < y);
}

static void sum_step(struct fleet *f, enum fleet_step step, dt_time *scratch)
{
	struct fleet_times *t = &f->report.step[step];
	unsigned n = 0;

	for (unsigned i = 0; i < f->options.phones; i++) {
		if (f->records[i].step[step] > 0)
			scratch[n++] = f->records[i].step[step];
	}
	*t = (struct fleet_times){.count = n};
	if (n == 0)
		return;
	qsort(scratch, n, sizeof *scratch, by_time);
	t->p50 = scratch[(n - 1) / 2];
	t->p99 = scratch[((size_t)n - 1) * 99 / 100];
	t->max = scratch[n - 1];
}

static void sum_records(struct fleet *f)
{
	struct fleet_report *r = &f->report;

	for (unsigned i = 0; i < f->options.phones; i++) {
		const struct fleet_record *p = &f->records[i];
		if (p->state < sizeof r->in_state / sizeof *r->in_state)
			r->in_state[p->state]++;
		r->ever += p->was_up;
		r->dial_tones += p->dial_tone;
		r->tagged += p->tagged;
		r->failovers += p->failovers;
		r->keepalives += p->keepalives;
		r->answered += p->answered;
		r->tokens_rejected += p->tokens_rejected;
		r->resent_dhcp += p->resent_dhcp;
		r->resent_files += p->resent_files;
		if (p->first_up > r->last_up)
			r->last_up = p->first_up;
	}
	r->registered = r->in_state[PHONE_REGISTERED];
	r->rejected = r->in_state[PHONE_REJECTED];
}

static void sum_shares(struct fleet *f)
{
	struct fleet_report *r = &f->report;
	double cpu_us = 0;
	size_t memory = 0;
	int32_t up = 0;

	for (unsigned k = 0; k < f->processes; k++) {
		const struct fleet_share *s = &f->share[k];
		r->heard |= s->heard;
		r->gave_up |= s->gave_up;
		if (s->tag_error != 0)
			r->tag_error = s->tag_error;
		r->power_cycles += s->power_cycles;
		cpu_us += s->cpu_us;
		memory += s->memory;
		if (s->ran > r->ran)
			r->ran = s->ran;
		if (s->curve_used > r->curve_count)
			r->curve_count = s->curve_used;
	}
	for (unsigned i = 0; i < r->curve_count; i++) {
		for (unsigned k = 0; k < f->processes; k++)
			up += f->share[k].change[i];
		f->curve[i] = up;
	}
	r->cpu_us = cpu_us / f->options.phones;
	r->memory = memory / f->options.phones;
}

void fleet_sum(struct fleet *f)
{
	f->report = (struct fleet_report){
	    .phones = f->options.phones, .curve = f->curve, .records = f->records};
	sum_records(f);
	sum_shares(f);
}

static void sum_steps(struct fleet *f)
{
	dt_time *scratch = alloc_zero(f->options.phones, sizeof *scratch);

	for (unsigned step = 0; step < FLEET_STEP_COUNT && scratch != NULL; step++)
		sum_step(f, (enum fleet_step)step, scratch);
	alloc_free(scratch);
}

/* As many descriptors as the system lets a process have; returns how many phones they do for. */
static unsigned phones_a_process(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return FLEET_PROCESS_PHONES;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit); /* the soft limit is enough otherwise */
	if (limit.rlim_cur > PHONES_DESCRIPTORS + RESERVED_DESCRIPTORS)
		return FLEET_PROCESS_PHONES;
	return limit.rlim_cur > (rlim_t)2 * RESERVED_DESCRIPTORS
		   ? (unsigned)((limit.rlim_cur - RESERVED_DESCRIPTORS) / 4)
		   : 1;
}

static int prepare(struct fleet *f)
{
	unsigned each = phones_a_process();
	unsigned phones = f->options.phones;

	f->processes = f->options.processes;
	if (f->processes == 0)
		f->processes = (phones + each - 1) / each;
	if (f->processes > phones)
		f->processes = phones;
	if (f->processes > FLEET_PROCESSES_MAX)
		f->processes = FLEET_PROCESSES_MAX;
	f->mapped = f->processes * sizeof *f->share + phones * sizeof *f->records;
	void *memory =
	    mmap(NULL, f->mapped, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return E_NO_MEMORY;
	f->share = memory;
	f->records =
	    (struct fleet_record *)(void *)((uint8_t *)memory + f->processes * sizeof *f->share);
	f->curve = alloc_zero(FLEET_CURVE_MAX, sizeof *f->curve);
	return f->curve == NULL ? E_NO_MEMORY : 0;
}

static struct fleet_part part_of(const struct fleet *f, unsigned k, dt_time began)
{
	unsigned phones = f->options.phones;
	unsigned first = (unsigned)((uint64_t)phones * k / f->processes);
	unsigned end = (unsigned)((uint64_t)phones * (k + 1) / f->processes);

	return (struct fleet_part){.options = &f->options,
				   .process = k,
				   .first = first,
				   .count = end - first,
				   .share = &f->share[k],
				   .records = f->records,
				   .began = began,
				   .alone = f->options.on_state != NULL};
}

static dt_time monotonic(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return DT_SECONDS(t.tv_sec) + t.tv_nsec / 1000;
}

static volatile sig_atomic_t signalled;

static void on_signal(int number)
{
	signalled = number;
}

/* A signal to this process is one to all of them. */
static void pass_on(const struct fleet *f, const pid_t *children)
{
	for (unsigned k = 0; k < f->processes && signalled != 0; k++) {
		if (children[k] > 0)
			(void)kill(children[k], SIGTERM);
	}
	signalled = 0;
}

/* No process knows alone that all phones are there. A power cut still to come is waited for. */
static bool all_up(const struct fleet *f, dt_time since)
{
	const struct fleet_options *o = &f->options;
	unsigned reached =
	    o->until == FLEET_UNTIL_DIAL_TONE ? f->report.dial_tones : f->report.registered;

	return o->until != FLEET_UNTIL_STOPPED && reached == o->phones &&
	       (o->power_cut == 0 || since > o->power_cut + FLEET_CUT_US);
}

/* Until every child has ended. */
static void wait_for(struct fleet *f, pid_t *children, dt_time began)
{
	unsigned left = f->processes;
	struct timespec tick = {.tv_nsec = 100000000};
	bool ended = false;

	for (unsigned ticks = 1; left > 0; ticks++) {
		(void)nanosleep(&tick, NULL);
		for (unsigned k = 0; k < f->processes; k++) {
			if (children[k] > 0 && waitpid(children[k], NULL, WNOHANG) == children[k]) {
				children[k] = 0;
				left--;
			}
		}
		fleet_sum(f);
		if (ticks % 10 == 0 && f->options.on_progress != NULL)
			f->options.on_progress(f->options.context, &f->report);
		if (!ended && all_up(f, monotonic() - began)) {
			ended = true;
			signalled = SIGTERM;
		}
		pass_on(f, children);
	}
}

static int run_children(struct fleet *f, dt_time began)
{
	pid_t children[FLEET_PROCESSES_MAX] = {0};
	struct sigaction action = {.sa_handler = on_signal};
	struct sigaction old[2];

	(void)sigaction(SIGINT, &action, &old[0]);
	(void)sigaction(SIGTERM, &action, &old[1]);
	for (unsigned k = 0; k < f->processes; k++) {
		children[k] = fork();
		if (children[k] == 0) {
			struct fleet_part part = part_of(f, k, began);
			fleet_part_run(&part);
			_exit(0);
		}
		if (children[k] < 0) {
			f->share[k].error = E_SYSTEM;
			f->share[k].error_number = errno;
			signalled = SIGTERM;
		}
	}
	wait_for(f, children, began);
	(void)sigaction(SIGINT, &old[0], NULL);
	(void)sigaction(SIGTERM, &old[1], NULL);
	return 0;
}

int fleet_run(const struct fleet_options *options, struct fleet **ret_fleet)
{
	struct fleet *f = alloc_zero(1, sizeof *f);
	dt_time began = monotonic();

	if (f == NULL)
		return E_NO_MEMORY;
	f->options = *options;
	int error = prepare(f);
	if (error == 0 && f->processes == 1 && options->on_state != NULL) {
		struct fleet_part part = part_of(f, 0, began);
		fleet_part_run(&part);
	} else if (error == 0) {
		error = run_children(f, began);
	}
	for (unsigned k = 0; error == 0 && k < f->processes; k++) {
		error = f->share[k].error;
		errno = f->share[k].error_number;
	}
	if (error != 0) {
		int number = errno;
		fleet_free(f);
		errno = number;
		return error;
	}
	fleet_sum(f);
	sum_steps(f);
	*ret_fleet = f;
	return 0;
}

const struct fleet_report *fleet_report(const struct fleet *f)
{
	return &f->report;
}

void fleet_free(struct fleet *f)
{
	if (f == NULL)
		return;
	if (f->share != NULL)
		(void)munmap(f->share, f->mapped);
	alloc_free(f->curve);
	alloc_free(f);
}
