/* dialtone fleet: simulated phones against any server. */
#include "cli/cli.h"

#include "base/error.h"
#include "base/text.h"
#include "fleet/fleet.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#define MIX_MAX 1000

static const char usage[] =
    "fleet --dhcp INTERFACE | --server ADDRESS [OPTION…]\n\n"
    "  --dhcp IF           phones ask DHCP on this interface and use their own addresses (root)\n"
    "  --server ADDRESS    phones use this host's address and this TFTP server\n"
    "  --relay ADDRESS     with --dhcp and --server: behind a relay at this address of ours\n"
    "  --phones N          how many (1)\n"
    "  --mix 7960=6,7961=6 models and their shares (7960=1,7961=1)\n"
    "  --first-mac MAC     the first phone's; the others count up (001BD4000001)\n"
    "  --ramp SECONDS      power-ons spread over this time (0)\n"
    "  --hold SECONDS      end after this time; without it: until Ctrl-C\n"
    "  --until registered  end when all are registered\n"
    "  --leave             unregister in order at the end\n"
    "  --seed S            jitter (1)\n"
    "  --json              a report for programs\n\n"
    "exit status: 0 every phone registered, 1 not all did, 2 wrong usage, 3 could not do it";

struct order {
	struct fleet_options fleet;
	const struct phone_profile *mix[MIX_MAX];
	bool as_json;
};

/* "7960=6,7961=6" as a list of profiles, models taking turns. */
static bool take_mix(const char *text, struct order *o)
{
	unsigned count[16] = {0};
	const struct phone_profile *profile[16];
	unsigned n = 0;

	while (*text != 0 && n < 16) {
		char name[16];
		size_t len = strcspn(text, "=,");
		char *end = NULL;
		(void)text_copy_slice(name, sizeof name, slice_of(text, len));
		profile[n] = phone_profile_find(name);
		text += len;
		count[n] = 1;
		if (*text == '=') {
			count[n] = (unsigned)strtoul(text + 1, &end, 10);
			text = end;
		}
		if (profile[n] == NULL || count[n] == 0 || (*text != 0 && *text != ','))
			return false;
		text += *text == ',';
		n++;
	}
	o->fleet.mix_count = 0;
	for (bool any = true; any;) {
		any = false;
		for (unsigned i = 0; i < n; i++) {
			if (count[i] == 0 || o->fleet.mix_count == MIX_MAX)
				continue;
			count[i]--;
			o->mix[o->fleet.mix_count++] = profile[i];
			any = true;
		}
	}
	return n > 0;
}

enum { DHCP, SERVER, RELAY, PHONES, MIX, FIRST_MAC, RAMP, HOLD, UNTIL, LEAVE, SEED, JSON, HELP };

static bool take(int option, const char *text, struct order *o)
{
	switch (option) {
	case DHCP:
		o->fleet.interface = text;
		return true;
	case SERVER:
		return ip4_parse(text, &o->fleet.server) == 0;
	case RELAY:
		return ip4_parse(text, &o->fleet.relay) == 0;
	case PHONES:
		o->fleet.phones = (unsigned)strtoul(text, NULL, 10);
		return o->fleet.phones > 0 && o->fleet.phones <= FLEET_PHONES_MAX;
	case MIX:
		return take_mix(text, o);
	case FIRST_MAC:
		return mac_parse(text, &o->fleet.first_mac) == 0;
	case RAMP:
		o->fleet.ramp = (dt_time)(strtod(text, NULL) * 1e6);
		return true;
	case HOLD:
		o->fleet.hold = (dt_time)(strtod(text, NULL) * 1e6);
		return true;
	case UNTIL:
		o->fleet.until_registered = true;
		return strcmp(text, "registered") == 0;
	case LEAVE:
		o->fleet.leave = true;
		return true;
	case SEED:
		o->fleet.seed = strtoull(text, NULL, 10);
		return true;
	case JSON:
		o->as_json = true;
		return true;
	default:
		return false;
	}
}

static int read_order(int argc, char **argv, struct order *o)
{
	static const struct option options[] = {{"dhcp", required_argument, NULL, DHCP},
						{"server", required_argument, NULL, SERVER},
						{"relay", required_argument, NULL, RELAY},
						{"phones", required_argument, NULL, PHONES},
						{"mix", required_argument, NULL, MIX},
						{"first-mac", required_argument, NULL, FIRST_MAC},
						{"ramp", required_argument, NULL, RAMP},
						{"hold", required_argument, NULL, HOLD},
						{"until", required_argument, NULL, UNTIL},
						{"leave", no_argument, NULL, LEAVE},
						{"seed", required_argument, NULL, SEED},
						{"json", no_argument, NULL, JSON},
						{"help", no_argument, NULL, HELP},
						{0}};

	for (int option; (option = cli_option(argc, argv, options)) != -1;) {
		if (option == HELP)
			return 1;
		if (option != '?' && take(option, optarg, o))
			continue;
		if (option != '?')
			(void)fprintf(stderr, "dialtone: \"%s\" is no value for --%s\n", optarg,
				      options[option].name);
		return 2;
	}
	bool reaches = o->fleet.interface != NULL || !ip4_is_zero(o->fleet.server);
	return optind == argc && reaches ? 0 : 2;
}

static void on_state(void *context, const struct phone *phone, dt_time since)
{
	struct phone_view view;

	(void)context;
	phone_view(phone, &view);
	if (phone_state(phone) == PHONE_REGISTERED)
		(void)printf("%8.2f s  %s  %s  registered, %s\n", (double)since / 1e6, view.name,
			     view.profile->name, view.dn);
	else if (phone_state(phone) == PHONE_REJECTED)
		(void)printf("%8.2f s  %s  %s  Registration Rejected: %s\n", (double)since / 1e6,
			     view.name, view.profile->name, view.last_reject);
	(void)fflush(stdout);
}

static int fleet_failed(const struct order *o, int error)
{
	if (error == E_DENIED || (error == E_SYSTEM && (errno == EACCES || errno == EPERM)))
		(void)fprintf(stderr, "dialtone: phones with addresses of their own need root; "
				      "without it: --server ADDRESS\n");
	else if (error == E_UNKNOWN)
		(void)fprintf(stderr, "dialtone: there is no interface %s\n", o->fleet.interface);
	else
		(void)fprintf(stderr, "dialtone: the fleet could not run: %s\n",
			      error == E_SYSTEM ? cli_errno() : error_text(error));
	return EXIT_CANNOT;
}

int cmd_fleet(int argc, char **argv)
{
	static struct order o;
	struct fleet_result r = {0};

	o = (struct order){
	    .fleet = {.phones = 1, .seed = 1, .first_mac = {{0x00, 0x1b, 0xd4, 0x00, 0x00, 0x01}}}};
	o.fleet.mix = o.mix;
	(void)take_mix("7960,7961", &o);
	int read = read_order(argc, argv, &o);
	if (read == 1)
		return (void)printf("usage: dialtone %s\n", usage), 0;
	if (read == 2)
		return cli_usage(usage);
	if (!o.as_json)
		o.fleet.on_state = on_state;
	(void)signal(SIGPIPE, SIG_IGN);
	int error = fleet_run(&o.fleet, &r);
	if (error != 0)
		return fleet_failed(&o, error);
	if (o.as_json) {
		json_t *json =
		    json_pack("{s:i, s:i, s:i, s:i, s:f}", "phones", (int)r.phones, "registered",
			      (int)r.registered, "rejected", (int)r.rejected, "waiting",
			      (int)r.waiting, "last_registered_s", (double)r.last_registered / 1e6);
		cli_print_json(json);
		json_decref(json);
	} else {
		(void)printf("%u phones: %u registered, %u rejected, %u on their way\n", r.phones,
			     r.registered, r.rejected, r.waiting);
	}
	return r.registered == r.phones ? 0 : EXIT_ANSWER_NO;
}
