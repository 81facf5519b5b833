/* dialtone fleet: simulated phones against any server. The report is in cmd_fleet_report.c. */
#include "cli/cmd_fleet.h"
#include "cli/fleet_faults.h"

#include "base/error.h"
#include "base/text.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#define MIX_MAX    1000
#define MIX_MODELS 40
#define TALKATIVE  50 /* as many phones are told one by one */
#define GIVE_UP_US DT_SECONDS(90)

static const char usage[] =
    "fleet --dhcp INTERFACE | --server ADDRESS [OPTION…]\n\n"
    "  --dhcp IF           phones ask DHCP on this interface and use their own addresses (root)\n"
    "  --server ADDRESS    phones use this host's address and this file server\n"
    "  --first-ip ADDRESS  with --server: addresses of their own from here on, all local already\n"
    "  --relay ADDRESS     with --dhcp and --server: behind a relay at this address of ours\n"
    "  --phones N          how many (1)\n"
    "  --mix 7960=6,7961=6 models and their shares (7960=1,7961=1); --mix list names them\n"
    "  --first-mac MAC     the first phone's; the others count up (001BD4000001)\n"
    "  --ramp SECONDS      power-ons spread over this time (0)\n"
    "  --hold SECONDS      end after this time; without it: until Ctrl-C\n"
    "  --until WHAT        end when all are registered, or have had dial tone: registered, "
    "dialtone\n"
    "  --give-up SECONDS   end when so long nothing came nearer to that, or nobody answers (90)\n"
    "  --power-cut SECONDS then every phone loses its power for a second\n"
    "  --churn PERCENT     of the phones lose their power, an hour (0)\n"
    "  --voice-vlan cdp    with --dhcp: phones announce themselves and take the voice VLAN their\n"
    "                      switch names by CDP or LLDP-MED; none: they do not (cdp)\n"
    "  --no-pacing         without the models' own pauses: a load test\n"
    "  --processes N       as many (by the descriptors a process may have)\n"
    "  --leave             unregister in order at the end\n"
    "  --seed S            jitter (1)\n"
    "  --fault NAME[=VALUE]  phones that do something wrong on purpose; may be given again;\n"
    "                      --fault list names them\n"
    "  --expect N|P%       so many phones, or percent, registered is success (100%)\n"
    "  --json              a report for programs\n"
    "  --html FILE         a page to send on, as well\n\n"
    "exit status: 0 as many registered as expected, 1 fewer, 2 wrong usage, 3 could not do it";

struct order {
	struct fleet_options fleet;
	const struct phone_profile *mix[MIX_MAX];
	double expect;
	bool expect_percent;
	bool as_json;
	const char *html;
};

static bool take_share(const char *text, const struct phone_profile **ret_profile,
		       unsigned *ret_count, const char **ret_rest)
{
	char name[24];
	size_t len = strcspn(text, "=,");
	char *end = NULL;

	(void)text_copy_slice(name, sizeof name, slice_of(text, len));
	*ret_profile = phone_profile_find(name);
	*ret_count = 1;
	text += len;
	if (*text == '=') {
		*ret_count = (unsigned)strtoul(text + 1, &end, 10);
		text = end;
	}
	if (*ret_profile == NULL || *ret_count == 0 || (*text != 0 && *text != ','))
		return false;
	*ret_rest = text + (*text == ',');
	return true;
}

/* "7960=6,7961=6" as a list of profiles, models taking turns. */
static bool take_mix(const char *text, struct order *o)
{
	unsigned count[MIX_MODELS] = {0};
	const struct phone_profile *profile[MIX_MODELS];
	unsigned n = 0;

	while (*text != 0 && n < MIX_MODELS) {
		if (!take_share(text, &profile[n], &count[n], &text))
			return false;
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

static bool take_seconds(const char *text, dt_time *ret_time)
{
	char *end = NULL;
	double seconds = strtod(text, &end);

	if (end == text || *end != 0 || !(seconds >= 0 && seconds < 1e9))
		return false;
	*ret_time = (dt_time)(seconds * 1e6);
	return true;
}

static bool take_count(const char *text, unsigned max, unsigned *ret_count)
{
	char *end = NULL;
	unsigned long n = strtoul(text, &end, 10);

	if (end == text || *end != 0 || n == 0 || n > max)
		return false;
	*ret_count = (unsigned)n;
	return true;
}

static bool take_until(const char *text, enum fleet_until *ret_until)
{
	*ret_until = FLEET_UNTIL_REGISTERED;
	if (strcmp(text, "dialtone") == 0)
		*ret_until = FLEET_UNTIL_DIAL_TONE;
	return strcmp(text, "dialtone") == 0 || strcmp(text, "registered") == 0;
}

/* "95%" or "1900". */
static bool take_expect(const char *text, struct order *o)
{
	char *end = NULL;

	o->expect = strtod(text, &end);
	o->expect_percent = *end == '%';
	return end != text && end[o->expect_percent ? 1 : 0] == 0 && o->expect >= 0;
}

enum {
	DHCP,
	SERVER,
	FIRST_IP,
	RELAY,
	PHONES,
	MIX,
	FIRST_MAC,
	RAMP,
	HOLD,
	UNTIL,
	GIVE_UP,
	POWER_CUT,
	CHURN,
	VOICE_VLAN,
	NO_PACING,
	PROCESSES,
	LEAVE,
	SEED,
	FAULT,
	EXPECT,
	JSON,
	HTML,
	HELP
};

static const struct option options[] = {{"dhcp", required_argument, NULL, DHCP},
					{"server", required_argument, NULL, SERVER},
					{"first-ip", required_argument, NULL, FIRST_IP},
					{"relay", required_argument, NULL, RELAY},
					{"phones", required_argument, NULL, PHONES},
					{"mix", required_argument, NULL, MIX},
					{"first-mac", required_argument, NULL, FIRST_MAC},
					{"ramp", required_argument, NULL, RAMP},
					{"hold", required_argument, NULL, HOLD},
					{"until", required_argument, NULL, UNTIL},
					{"give-up", required_argument, NULL, GIVE_UP},
					{"power-cut", required_argument, NULL, POWER_CUT},
					{"churn", required_argument, NULL, CHURN},
					{"voice-vlan", required_argument, NULL, VOICE_VLAN},
					{"no-pacing", no_argument, NULL, NO_PACING},
					{"processes", required_argument, NULL, PROCESSES},
					{"leave", no_argument, NULL, LEAVE},
					{"seed", required_argument, NULL, SEED},
					{"fault", required_argument, NULL, FAULT},
					{"expect", required_argument, NULL, EXPECT},
					{"json", no_argument, NULL, JSON},
					{"html", required_argument, NULL, HTML},
					{"help", no_argument, NULL, HELP},
					{0}};

static bool take(int option, const char *text, struct order *o)
{
	struct fleet_options *f = &o->fleet;
	char *end = NULL;

	switch (option) {
	case DHCP:
		f->interface = text;
		return true;
	case SERVER:
		return ip4_parse(text, &f->server) == 0;
	case FIRST_IP:
		return ip4_parse(text, &f->first_ip) == 0;
	case RELAY:
		return ip4_parse(text, &f->relay) == 0;
	case PHONES:
		return take_count(text, FLEET_PHONES_MAX, &f->phones);
	case MIX:
		return take_mix(text, o);
	case FIRST_MAC:
		return mac_parse(text, &f->first_mac) == 0;
	case RAMP:
		return take_seconds(text, &f->ramp);
	case HOLD:
		return take_seconds(text, &f->hold);
	case UNTIL:
		return take_until(text, &f->until);
	case GIVE_UP:
		return take_seconds(text, &f->give_up);
	case POWER_CUT:
		return take_seconds(text, &f->power_cut);
	case CHURN:
		f->churn_percent = strtod(text, &end);
		return end != text && *end == 0 && f->churn_percent >= 0;
	case VOICE_VLAN:
		f->no_neighbours = strcmp(text, "none") == 0;
		return f->no_neighbours || strcmp(text, "cdp") == 0;
	case NO_PACING:
		return f->unpaced = true;
	case PROCESSES:
		return take_count(text, FLEET_PROCESSES_MAX, &f->processes);
	case LEAVE:
		return f->leave = true;
	case SEED:
		f->seed = strtoull(text, &end, 10);
		return end != text && *end == 0;
	case FAULT:
		return fleet_take_fault(text, &f->faults);
	case EXPECT:
		return take_expect(text, o);
	case JSON:
		return o->as_json = true;
	case HTML:
		o->html = text;
		return true;
	default:
		return false;
	}
}

static int list_models(void)
{
	for (size_t i = 0; phone_profile_at(i) != NULL; i++) {
		const struct phone_profile *p = phone_profile_at(i);
		(void)printf("%-8s  type %5u  load %-24s  SCCP %u\n", p->name, p->type, p->load,
			     p->protocol_version);
	}
	return 0;
}

static int read_order(int argc, char **argv, struct order *o)
{
	for (int option; (option = cli_option(argc, argv, options)) != -1;) {
		if (option == HELP)
			return 1;
		if (option == MIX && strcmp(optarg, "list") == 0)
			return 3;
		if (option == FAULT && strcmp(optarg, "list") == 0)
			return 4;
		if (option != '?' && take(option, optarg, o))
			continue;
		if (option != '?')
			(void)fprintf(stderr, "dialtone: \"%s\" is no value for --%s%s\n", optarg,
				      options[option].name,
				      option == MIX ? "; --mix list names the models" : "");
		return 2;
	}
	bool reaches = o->fleet.interface != NULL || !ip4_is_zero(o->fleet.server);
	bool relay = ip4_is_zero(o->fleet.relay) ||
		     (o->fleet.interface != NULL && !ip4_is_zero(o->fleet.server));
	return optind == argc && reaches && relay ? 0 : 2;
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
	else if (error == E_CLOSED)
		(void)fprintf(stderr, "dialtone: the interface %s is down: ip link set %s up\n",
			      o->fleet.interface, o->fleet.interface);
	else
		(void)fprintf(stderr, "dialtone: the fleet could not run: %s\n",
			      error == E_SYSTEM ? cli_errno() : error_text(error));
	return EXIT_CANNOT;
}

static int exit_status(const struct order *o, const struct fleet_report *r)
{
	double wanted = o->expect_percent ? o->expect * r->phones / 100 : o->expect;
	unsigned got = o->fleet.until == FLEET_UNTIL_DIAL_TONE ? r->dial_tones : r->registered;

	return got >= wanted ? 0 : EXIT_ANSWER_NO;
}

int cmd_fleet(int argc, char **argv)
{
	static struct order o;
	struct fleet *fleet = NULL;

	o = (struct order){.fleet = {.phones = 1,
				     .seed = 1,
				     .give_up = GIVE_UP_US,
				     .first_mac = {{0x00, 0x1b, 0xd4, 0x00, 0x00, 0x01}}},
			   .expect = 100,
			   .expect_percent = true};
	o.fleet.mix = o.mix;
	(void)take_mix("7960,7961", &o);
	int read = read_order(argc, argv, &o);
	if (read == 1)
		return (void)printf("usage: dialtone %s\n", usage), 0;
	if (read == 2)
		return cli_usage(usage);
	if (read == 3)
		return list_models();
	if (read == 4)
		return (void)fleet_list_faults(), 0;
	if (!o.as_json && o.fleet.phones <= TALKATIVE && o.fleet.processes < 2)
		o.fleet.on_state = on_state;
	else if (isatty(STDERR_FILENO))
		o.fleet.on_progress = fleet_print_progress;
	(void)signal(SIGPIPE, SIG_IGN);
	int error = fleet_run(&o.fleet, &fleet);
	if (error != 0)
		return fleet_failed(&o, error);
	if (o.as_json)
		fleet_print_json(&o.fleet, fleet_report(fleet));
	else
		fleet_print_report(&o.fleet, fleet_report(fleet));
	int status = exit_status(&o, fleet_report(fleet));
	if (o.html != NULL && fleet_write_html(o.html, &o.fleet, fleet_report(fleet)) != 0) {
		(void)fprintf(stderr, "dialtone: cannot write %s: %s\n", o.html, cli_errno());
		status = EXIT_CANNOT;
	}
	fleet_free(fleet);
	return status;
}
