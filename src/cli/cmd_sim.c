/* dialtone sim: the deterministic world. */
#include "cli/cli.h"

#include "base/error.h"
#include "sim/world.h"

#include <getopt.h>
#include <stdio.h>

static const char usage[] =
    "sim [--seed S] [--phones N] [--unknown N] [--hours H] [--faults PROFILE] [--trace] "
    "[--json]\n\n"
    "  --seed S         everything follows from it (1)\n"
    "  --phones N       how many phones (10)\n"
    "  --unknown N      of these, so many come by auto-registration (a third)\n"
    "  --hours H        virtual time (1)\n"
    "  --faults PROFILE none, loss, crash, disk or storm (storm)\n"
    "  --trace          every event as a line\n\n"
    "exit status: 0 every invariant held, 1 one did not, 2 wrong usage, 3 could not run";

static void print_result(const struct sim_config *c, const struct sim_result *r)
{
	(void)printf("seed %llu, %u phones, %.1f h, faults %s: %llu events, digest %016llx\n",
		     (unsigned long long)c->seed, c->phones, (double)c->duration / 3.6e9,
		     c->faults->name, (unsigned long long)r->events, (unsigned long long)r->digest);
	(void)printf("%u kills, %u stalls, %u power cycles, %u changes, %llu DHCPACKs, %llu "
		     "registrations, %llu keepalives\n",
		     r->crashes, r->stalls, r->power_cycles, r->changes,
		     (unsigned long long)r->acks, (unsigned long long)r->registrations,
		     (unsigned long long)r->keepalives);
	if (r->violated != 0)
		(void)printf("INVARIANT %u broken at %.6f s: %s\n", r->violated,
			     (double)r->violated_at / 1e6, r->complaint);
	else
		(void)printf("all invariants held; %u of %u phones are registered at the end\n",
			     r->registered, c->phones);
}

static void print_result_json(const struct sim_config *c, const struct sim_result *r)
{
	char digest[20];

	(void)snprintf(digest, sizeof digest, "%016llx", (unsigned long long)r->digest);
	json_t *json = json_pack(
	    "{s:I, s:i, s:s, s:I, s:s, s:i, s:i, s:i, s:i, s:I, s:I, s:I, s:i, s:i, s:s}", "seed",
	    (json_int_t)c->seed, "phones", (int)c->phones, "faults", c->faults->name, "events",
	    (json_int_t)r->events, "digest", digest, "kills", (int)r->crashes, "stalls",
	    (int)r->stalls, "power_cycles", (int)r->power_cycles, "changes", (int)r->changes,
	    "acks", (json_int_t)r->acks, "registrations", (json_int_t)r->registrations,
	    "keepalives", (json_int_t)r->keepalives, "registered", (int)r->registered, "violated",
	    (int)r->violated, "complaint", r->complaint);
	cli_print_json(json);
	json_decref(json);
}

int cmd_sim(int argc, char **argv)
{
	static const struct option options[] = {{"seed", required_argument, NULL, 's'},
						{"phones", required_argument, NULL, 'p'},
						{"unknown", required_argument, NULL, 'u'},
						{"hours", required_argument, NULL, 'h'},
						{"faults", required_argument, NULL, 'f'},
						{"trace", no_argument, NULL, 't'},
						{"json", no_argument, NULL, 'j'},
						{"help", no_argument, NULL, '?' + 128},
						{0}};
	struct sim_config c = {.seed = 1,
			       .phones = 10,
			       .duration = DT_SECONDS(3600),
			       .faults = sim_faults_find("storm")};
	struct sim_result r = {0};
	struct buf trace;
	bool as_json = false;
	long unknown = -1;

	buf_init(&trace, 1u << 30);
	for (int option; (option = cli_option(argc, argv, options)) != -1;) {
		if (option == 's')
			c.seed = strtoull(optarg, NULL, 10);
		else if (option == 'p')
			c.phones = (unsigned)strtoul(optarg, NULL, 10);
		else if (option == 'u')
			unknown = strtol(optarg, NULL, 10);
		else if (option == 'h')
			c.duration = (dt_time)(strtod(optarg, NULL) * 3.6e9);
		else if (option == 'f')
			c.faults = sim_faults_find(optarg);
		else if (option == 't')
			c.trace = &trace;
		else if (option == 'j')
			as_json = true;
		else
			return option != '?' ? (void)printf("usage: dialtone %s\n", usage),
			       0             : cli_usage(usage);
	}
	c.unknown = unknown >= 0 ? (unsigned)unknown : c.phones / 3;
	int error = optind < argc ? E_BAD_VALUE : sim_run(&c, &r);
	if (error == E_BAD_VALUE)
		return cli_usage(usage);
	if (error != 0) {
		(void)fprintf(stderr, "dialtone: %s\n", error_text(error));
		return EXIT_CANNOT;
	}
	if (c.trace != NULL)
		(void)fwrite(trace.ptr, 1, trace.len, stdout);
	buf_done(&trace);
	if (as_json)
		print_result_json(&c, &r);
	else
		print_result(&c, &r);
	return r.violated == 0 ? 0 : EXIT_ANSWER_NO;
}
