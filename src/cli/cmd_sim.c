/* dialtone sim: the deterministic world. */
#include "cli/cli.h"

#include "base/error.h"
#include "cli/sim_seeds.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <unistd.h>

#define TIMELINE_LINES 40
#define TIMELINE_TIME  DT_SECONDS(600)

#define PHONES_USUAL 50
#define HOURS_USUAL  6
#define HOURS_MAX    100000

static const char usage[] =
    "sim [--seed S] [--seeds N] [--phones N] [--hours H] [--faults PROFILE] [--json]\n\n"
    "  --seed S         everything follows from it (1)\n"
    "  --seeds N        so many worlds, of this seed and those that follow (1)\n"
    "  --jobs N         in so many processes (as many as there are processors)\n"
    "  --phones N       how many phones (50)\n"
    "  --unknown N      of these, so many come by auto-registration (a third)\n"
    "  --hours H        virtual time (6)\n"
    "  --faults PROFILE what goes wrong; --faults list tells them (each seed has its own)\n"
    "  --trace          every event as a line\n"
    "  --no-shrink      do not look for a smaller world after a violation\n"
    "  --json           one object instead of text\n\n"
    "exit status: 0 every invariant held, 1 one did not, 2 wrong usage, 3 could not run";

struct order {
	struct sim_config sim;
	struct buf trace;
	long unknown;
	unsigned seeds, jobs;
	bool as_json, no_shrink;
	bool tells; /* a terminal: how far it is */
};

static int list_faults(const struct order *o)
{
	const struct sim_faults *f = NULL;
	json_t *list = json_array();

	for (size_t i = 0; (f = sim_faults_at(i)) != NULL; i++) {
		(void)json_array_append_new(
		    list, json_pack("{s:s, s:s}", "name", f->name, "words", f->words));
		if (!o->as_json)
			(void)printf("%-10s %s\n", f->name, f->words);
	}
	if (o->as_json)
		cli_print_json(list);
	json_decref(list);
	return 0;
}

static void print_result(const struct sim_config *c, const struct sim_result *r)
{
	(void)printf("seed %llu, %u phones, %.1f h, faults %s: %llu events, digest %016llx\n",
		     (unsigned long long)c->seed, c->phones, (double)c->duration / 3.6e9,
		     c->faults->name, (unsigned long long)r->events, (unsigned long long)r->digest);
	(void)printf("%u kills, %u stalls, %u partitions, %u power cycles, %u changes, "
		     "%llu DHCPACKs, %llu registrations, %llu failovers, %llu fail-backs, "
		     "%llu keepalives\n",
		     r->crashes, r->stalls, r->partitions, r->power_cycles, r->changes,
		     (unsigned long long)r->acks, (unsigned long long)r->registrations,
		     (unsigned long long)r->failovers, (unsigned long long)r->failbacks,
		     (unsigned long long)r->keepalives);
	if (r->violated != 0)
		(void)printf("INVARIANT %u broken at %.6f s: %s\n", r->violated,
			     (double)r->violated_at / 1e6, r->complaint);
	else
		(void)printf("all invariants held; %u of %u phones are registered at the end\n",
			     r->registered, c->phones);
}

static json_t *result_json(const struct sim_config *c, const struct sim_result *r)
{
	char digest[20];

	(void)snprintf(digest, sizeof digest, "%016llx", (unsigned long long)r->digest);
	return json_pack(
	    "{s:I, s:i, s:f, s:s, s:I, s:s, s:i, s:i, s:i, s:i, s:i, s:I, s:I, s:I, s:I, s:I, s:i, "
	    "s:i, s:f, s:s}",
	    "seed", (json_int_t)c->seed, "phones", (int)c->phones, "hours",
	    (double)c->duration / 3.6e9, "faults", c->faults->name, "events", (json_int_t)r->events,
	    "digest", digest, "kills", (int)r->crashes, "stalls", (int)r->stalls, "partitions",
	    (int)r->partitions, "power_cycles", (int)r->power_cycles, "changes", (int)r->changes,
	    "acks", (json_int_t)r->acks, "registrations", (json_int_t)r->registrations, "failovers",
	    (json_int_t)r->failovers, "failbacks", (json_int_t)r->failbacks, "keepalives",
	    (json_int_t)r->keepalives, "registered", (int)r->registered, "violated",
	    (int)r->violated, "violated_at_s", (double)r->violated_at / 1e6, "complaint",
	    r->complaint);
}

/* The last lines of a text. */
static const char *tail(const char *text, unsigned lines)
{
	const char *at = text + strlen(text);

	while (at > text) {
		if (at[-1] == '\n' && at[0] != 0 && --lines == 0)
			break;
		at--;
	}
	return at;
}

/* The smallest world that breaks the same invariant, and what happened in it last. */
static int explain_violation(struct order *o, struct sim_result *r, json_t *json)
{
	struct buf lines;

	if (!o->no_shrink && sim_shrink(&o->sim, r) != 0)
		return EXIT_CANNOT;
	buf_init(&lines, 64u << 20);
	o->sim.trace = &lines;
	o->sim.trace_from =
	    r->violated_at > TIMELINE_TIME && o->no_shrink ? r->violated_at - TIMELINE_TIME : 0;
	int error = sim_run(&o->sim, r);
	const char *timeline = tail(buf_cstr(&lines), TIMELINE_LINES);
	if (error == 0 && json != NULL) {
		(void)json_object_set_new(json, "smallest", result_json(&o->sim, r));
		(void)json_object_set_new(json, "timeline", json_string(timeline));
	} else if (error == 0) {
		(void)printf("\nthe smallest world that breaks it:\n"
			     "  dialtone sim --seed %llu --phones %u --unknown %u --hours %.4f "
			     "--faults %s\n"
			     "  %llu events until %.6f s: %s\n\n%s",
			     (unsigned long long)o->sim.seed, o->sim.phones, o->sim.unknown,
			     (double)o->sim.duration / 3.6e9, o->sim.faults->name,
			     (unsigned long long)r->events, (double)r->violated_at / 1e6,
			     r->complaint, timeline);
	}
	o->sim.trace = NULL;
	buf_done(&lines);
	return error == 0 ? EXIT_ANSWER_NO : EXIT_CANNOT;
}

static int tell(struct order *o, struct sim_result *r)
{
	json_t *json = o->as_json ? result_json(&o->sim, r) : NULL;
	int status = r->violated == 0 ? 0 : EXIT_ANSWER_NO;

	if (o->sim.trace != NULL)
		(void)fwrite(buf_slice(&o->trace).ptr, 1, buf_slice(&o->trace).len, stdout);
	if (json == NULL)
		print_result(&o->sim, r);
	if (r->violated != 0)
		status = explain_violation(o, r, json);
	if (json != NULL)
		cli_print_json(json);
	json_decref(json);
	return status;
}

static void clear_progress(const struct order *o)
{
	if (o->tells)
		(void)fprintf(stderr, "\r%60s\r", "");
}

static void on_minute(void *context, dt_time now)
{
	const struct order *o = context;

	if (now / DT_SECONDS(60) % 10 == 0)
		(void)fprintf(stderr, "\r  %3.0f %% of %.1f h ",
			      100.0 * (double)now / (double)o->sim.duration,
			      (double)o->sim.duration / 3.6e9);
}

static void on_seed(void *context, unsigned done)
{
	const struct order *o = context;

	(void)fprintf(stderr, "\r  %u of %u seeds ", done, o->seeds);
}

static int run_one(struct order *o)
{
	struct sim_result r = {0};

	if (o->sim.faults == NULL)
		o->sim.faults = sim_faults_of_seed(o->sim.seed);
	if (o->tells && o->sim.trace == NULL) {
		o->sim.on_minute = on_minute;
		o->sim.context = o;
	}
	int error = sim_run(&o->sim, &r);
	o->sim.on_minute = NULL;
	clear_progress(o);
	if (error != 0) {
		(void)fprintf(stderr, "dialtone: %s\n", error_text(error));
		return EXIT_CANNOT;
	}
	return tell(o, &r);
}

static int tell_held(const struct order *o, const struct sim_seeds_result *r)
{
	if (o->as_json) {
		json_t *json = json_pack(
		    "{s:I, s:i, s:i, s:f, s:s, s:I, s:i, s:b}", "seed", (json_int_t)o->sim.seed,
		    "seeds", (int)r->done, "phones", (int)o->sim.phones, "hours",
		    (double)o->sim.duration / 3.6e9, "faults",
		    o->sim.faults != NULL ? o->sim.faults->name : "each seed's own", "events",
		    (json_int_t)r->events, "violated", 0, "interrupted", r->signal != 0);
		cli_print_json(json);
		json_decref(json);
	} else {
		(void)printf("%s%u of %u seeds from %llu on, %u phones, %.1f h each, %llu events: "
			     "all invariants held\n",
			     r->signal != 0 ? "interrupted; " : "", r->done, o->seeds,
			     (unsigned long long)o->sim.seed, o->sim.phones,
			     (double)o->sim.duration / 3.6e9, (unsigned long long)r->events);
	}
	return r->signal != 0 ? 128 + r->signal : 0;
}

/* Until the first seed that breaks an invariant; that one is told like a single world. */
static int run_seeds(struct order *o)
{
	struct sim_seeds seeds = {
	    .config = o->sim, .count = o->seeds, .jobs = o->jobs, .context = o};
	struct sim_seeds_result r;

	if (o->tells)
		seeds.on_progress = on_seed;
	int error = sim_seeds_run(&seeds, &r);
	clear_progress(o);
	if (error != 0) {
		(void)fprintf(stderr, "dialtone: a world could not be run to its end: %s\n",
			      error_text(error));
		return EXIT_CANNOT;
	}
	if (!r.broken)
		return tell_held(o, &r);
	o->sim.seed = r.violated;
	return run_one(o);
}

enum { SEED, SEEDS, JOBS, PHONES, UNKNOWN, HOURS, FAULTS, TRACE, NO_SHRINK, JSON, HELP };

/* A whole number from `least` to `most`, and nothing else: strtoull takes "-1" for a huge one. */
static bool take_number(const char *text, uint64_t least, uint64_t most, uint64_t *ret_number)
{
	char *end = NULL;

	if (text[0] < '0' || text[0] > '9')
		return false;
	errno = 0;
	*ret_number = strtoull(text, &end, 10);
	return errno == 0 && *end == 0 && *ret_number >= least && *ret_number <= most;
}

static bool take_hours(const char *text, dt_time *ret_duration)
{
	char *end = NULL;
	double hours = strtod(text, &end);

	if (end == text || *end != 0 || !(hours > 0 && hours <= HOURS_MAX))
		return false;
	*ret_duration = (dt_time)(hours * 3.6e9);
	return *ret_duration > 0;
}

static bool take_faults(const char *text, struct order *o)
{
	o->sim.faults = sim_faults_find(text);
	if (o->sim.faults == NULL)
		(void)fprintf(stderr,
			      "dialtone: no profile of faults is called that: see dialtone sim "
			      "--faults list\n");
	return o->sim.faults != NULL;
}

static bool take(int option, const char *text, struct order *o)
{
	uint64_t n = 0;
	bool good = true;

	switch (option) {
	case SEED:
		return take_number(text, 0, UINT64_MAX, &o->sim.seed);
	case SEEDS:
		good = take_number(text, 1, UINT32_MAX, &n);
		o->seeds = (unsigned)n;
		return good;
	case JOBS:
		good = take_number(text, 1, UINT32_MAX, &n);
		o->jobs = (unsigned)n;
		return good;
	case PHONES:
		good = take_number(text, 1, SIM_PHONES_MAX, &n);
		o->sim.phones = (unsigned)n;
		return good;
	case UNKNOWN:
		good = take_number(text, 0, SIM_PHONES_MAX, &n);
		o->unknown = (long)n;
		return good;
	case HOURS:
		return take_hours(text, &o->sim.duration);
	case FAULTS:
		return take_faults(text, o);
	case TRACE:
		o->sim.trace = &o->trace;
		return true;
	case NO_SHRINK:
		return o->no_shrink = true;
	case JSON:
		return o->as_json = true;
	default:
		return false;
	}
}

static unsigned processors(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n > 0 ? (unsigned)n : 1;
}

/* What is wrong with it, or NULL. */
static const char *wrong(const struct order *o)
{
	if (o->unknown > (long)o->sim.phones)
		return "more phones are unknown than there are";
	if (o->seeds > 1 && o->sim.trace != NULL)
		return "--trace shows one world: leave --seeds out";
	return NULL;
}

int cmd_sim(int argc, char **argv)
{
	static const struct option options[] = {{"seed", required_argument, NULL, SEED},
						{"seeds", required_argument, NULL, SEEDS},
						{"jobs", required_argument, NULL, JOBS},
						{"phones", required_argument, NULL, PHONES},
						{"unknown", required_argument, NULL, UNKNOWN},
						{"hours", required_argument, NULL, HOURS},
						{"faults", required_argument, NULL, FAULTS},
						{"trace", no_argument, NULL, TRACE},
						{"no-shrink", no_argument, NULL, NO_SHRINK},
						{"json", no_argument, NULL, JSON},
						{"help", no_argument, NULL, HELP},
						{0}};
	struct order o = {
	    .sim = {.seed = 1, .phones = PHONES_USUAL, .duration = DT_SECONDS(3600) * HOURS_USUAL},
	    .unknown = -1,
	    .seeds = 1,
	    .jobs = processors(),
	    .tells = isatty(STDERR_FILENO) == 1};

	buf_init(&o.trace, 1u << 30);
	for (int option; (option = cli_option(argc, argv, options)) != -1;) {
		if (option == HELP)
			return (void)printf("usage: dialtone %s\n", usage), 0;
		if (option == FAULTS && strcmp(optarg, "list") == 0)
			return list_faults(&o);
		if (option == '?' || !take(option, optarg, &o))
			return cli_usage(usage);
	}
	const char *why = wrong(&o);
	if (why != NULL)
		(void)fprintf(stderr, "dialtone: %s\n", why);
	if (why != NULL || optind < argc)
		return cli_usage(usage);
	o.sim.unknown = o.unknown >= 0 ? (unsigned)o.unknown : o.sim.phones / 3;
	int status = o.seeds > 1 ? run_seeds(&o) : run_one(&o);
	buf_done(&o.trace);
	return status;
}
