/* dialtone sim: the deterministic world. */
#include "cli/cli.h"

#include "base/error.h"
#include "sim/world.h"

#include <getopt.h>
#include <stdio.h>

#define TIMELINE_LINES 40
#define TIMELINE_TIME  DT_SECONDS(600)

static const char usage[] =
    "sim [--seed S] [--phones N] [--unknown N] [--hours H] [--faults PROFILE] [--trace] "
    "[--json]\n\n"
    "  --seed S         everything follows from it (1)\n"
    "  --phones N       how many phones (10)\n"
    "  --unknown N      of these, so many come by auto-registration (a third)\n"
    "  --hours H        virtual time (1)\n"
    "  --faults PROFILE what goes wrong (storm); --faults list tells them\n"
    "  --trace          every event as a line\n"
    "  --no-shrink      do not look for a smaller world after a violation\n\n"
    "exit status: 0 every invariant held, 1 one did not, 2 wrong usage, 3 could not run";

struct order {
	struct sim_config sim;
	struct buf trace;
	long unknown;
	bool as_json, no_shrink;
};

static int list_faults(void)
{
	const struct sim_faults *f = NULL;

	for (size_t i = 0; (f = sim_faults_at(i)) != NULL; i++)
		(void)printf("%-10s %s\n", f->name, f->words);
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

enum { SEED, PHONES, UNKNOWN, HOURS, FAULTS, TRACE, NO_SHRINK, JSON, HELP };

static bool take(int option, const char *text, struct order *o)
{
	char *end = NULL;

	switch (option) {
	case SEED:
		o->sim.seed = strtoull(text, &end, 10);
		return end != text && *end == 0;
	case PHONES:
		o->sim.phones = (unsigned)strtoul(text, &end, 10);
		return end != text && *end == 0;
	case UNKNOWN:
		o->unknown = strtol(text, &end, 10);
		return end != text && *end == 0 && o->unknown >= 0;
	case HOURS:
		o->sim.duration = (dt_time)(strtod(text, &end) * 3.6e9);
		return end != text && *end == 0;
	case FAULTS:
		o->sim.faults = sim_faults_find(text);
		return o->sim.faults != NULL;
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

int cmd_sim(int argc, char **argv)
{
	static const struct option options[] = {{"seed", required_argument, NULL, SEED},
						{"phones", required_argument, NULL, PHONES},
						{"unknown", required_argument, NULL, UNKNOWN},
						{"hours", required_argument, NULL, HOURS},
						{"faults", required_argument, NULL, FAULTS},
						{"trace", no_argument, NULL, TRACE},
						{"no-shrink", no_argument, NULL, NO_SHRINK},
						{"json", no_argument, NULL, JSON},
						{"help", no_argument, NULL, HELP},
						{0}};
	struct order o = {.sim = {.seed = 1,
				  .phones = 10,
				  .duration = DT_SECONDS(3600),
				  .faults = sim_faults_find("storm")},
			  .unknown = -1};
	struct sim_result r = {0};

	buf_init(&o.trace, 1u << 30);
	for (int option; (option = cli_option(argc, argv, options)) != -1;) {
		if (option == HELP)
			return (void)printf("usage: dialtone %s\n", usage), 0;
		if (option == FAULTS && strcmp(optarg, "list") == 0)
			return list_faults();
		if (option == '?' || !take(option, optarg, &o))
			return cli_usage(usage);
	}
	o.sim.unknown = o.unknown >= 0 ? (unsigned)o.unknown : o.sim.phones / 3;
	int error = optind < argc ? E_BAD_VALUE : sim_run(&o.sim, &r);
	if (error == E_BAD_VALUE)
		return cli_usage(usage);
	if (error != 0) {
		(void)fprintf(stderr, "dialtone: %s\n", error_text(error));
		return EXIT_CANNOT;
	}
	int status = tell(&o, &r);
	buf_done(&o.trace);
	return status;
}
