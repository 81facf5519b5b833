/* dialtone lab: a private network with a server and twelve phones, three of them broken in
 * different ways; a live table of their steps, then each verdict in words. Nothing of it is left
 * behind. */
#include "cli/cli.h"
#include "cli/lab_net.h"
#include "cli/lab_theatre.h"

#include "base/text.h"

#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LAB_PHONES    12
#define LAB_LIMIT_S   55
#define LAB_TICK_MS   250
#define LAB_FIRST_MAC "001BD4000001"
#define STEPS         6

static const char usage[] = "lab [list | run NAME… | run --all | explain NAME | accuracy]\n\n"
			    "  boots twelve simulated phones in a private network, three of them "
			    "broken in different ways, shows\n"
			    "  their steps and explains each one that does not come up. Needs "
			    "neither root nor a network.\n\n"
			    "  With a word it is the theatre of faults: see `dialtone lab list "
			    "--help`.\n\n"
			    "exit status: 0 every healthy phone registered and every verdict is "
			    "right, 1 not so, 3 could not run";

/* What is wrong, with which phone, and what the verdict must be. */
static const struct broken {
	unsigned phone; /* 1 to LAB_PHONES */
	const char *rule, *certainty, *what;
} broken[] = {
    {6, "F-11", "proved", "its record says 7961G-GE, it is a 7961G"},
    {9, "T-02", "proved", "the TFTP server is silent to it"},
    {12, "F-12", "suspected", "its record has one digit typed wrongly"},
};
#define BROKEN_COUNT (sizeof broken / sizeof *broken)

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
	(void)number;
	interrupted = 1;
}

struct lab {
	char directory[64], database[96], socket[96];
	pid_t server, fleet;
	bool live;      /* standard output is a terminal */
	unsigned lines; /* of the table on the screen */
};

static const struct broken *broken_phone(unsigned phone)
{
	for (size_t i = 0; i < BROKEN_COUNT; i++) {
		if (broken[i].phone == phone)
			return &broken[i];
	}
	return NULL;
}

static void phone_name(unsigned phone, char to[static 16])
{
	(void)snprintf(to, 16, "SEP001BD40000%02X", phone);
}

static void wait_ms(int ms)
{
	(void)poll(NULL, 0, ms);
}

/* The server's answer without complaint: it may only be starting. */
static json_t *ask(const struct lab *lab, const char *method, const char *path, json_t *body)
{
	struct buf answer;
	unsigned status = 0;
	json_t *json = NULL;

	buf_init(&answer, 1u << 20);
	if (cli_exchange(lab->socket, method, path, body, &status, &answer) == 0 && status < 300)
		json = json_loadb(buf_cstr(&answer), buf_slice(&answer).len, 0, NULL);
	buf_done(&answer);
	return json;
}

static bool start_server(struct lab *lab)
{
	const char *const argv[] = {"dialtone",    "serve",
				    "--interface", LAB_SERVER_INTERFACE,
				    "--database",  lab->database,
				    "--socket",    lab->socket,
				    "--fault",     "tftp-silent@SEP001BD4000009",
				    NULL};

	lab->server = lab_start_server(argv);
	for (int i = 0; lab->server > 0 && i < 100 && !interrupted; i++) {
		json_t *node = ask(lab, "GET", "/v1/node", NULL);
		if (node != NULL) {
			json_decref(node);
			return true;
		}
		wait_ms(50);
	}
	return false;
}

/* Phones take turns in model: odd ones are 7960, even ones 7961. */
static bool add_phones(const struct lab *lab)
{
	for (unsigned phone = 1; phone <= LAB_PHONES; phone++) {
		const struct broken *b = broken_phone(phone);
		char name[16];
		char dn[8];
		const char *type = phone % 2 == 1 ? "7960" : "7961G";
		phone_name(phone, name);
		(void)snprintf(dn, sizeof dn, "%u", 1000 + phone);
		if (b != NULL && strcmp(b->rule, "F-11") == 0)
			type = "7961G-GE";
		if (b != NULL && strcmp(b->rule, "F-12") == 0)
			name[10] = '7'; /* SEP001BD4 7 0000C: read off a bad label */
		json_t *body = json_pack("{s:s, s:s, s:s}", "name", name, "type", type, "dn", dn);
		json_t *answer = ask(lab, "POST", "/v1/phones", body);
		json_decref(body);
		if (answer == NULL)
			return false;
		json_decref(answer);
	}
	return true;
}

static const char *const step_names[STEPS] = {"2a", "2b", "3a", "3b", "4a", "4b"};

/* The word of a step in the phone's latest boot; "" when nothing was seen. */
static const char *step_word(const json_t *phone, const char *step)
{
	const json_t *boots = json_object_get(phone, "boots");
	const json_t *steps =
	    json_object_get(json_array_get(boots, json_array_size(boots) - 1), "steps");
	size_t index = 0;
	json_t *s = NULL;

	json_array_foreach(steps, index, s)
	{
		const char *status = json_string_value(json_object_get(s, "status"));
		if (strcmp(json_string_value(json_object_get(s, "step")), step) != 0)
			continue;
		if (strcmp(status, "ok") == 0)
			return "ok";
		if (strcmp(status, "absent") == 0)
			return "-";
		if (strcmp(status, "waiting") == 0)
			return "...";
		return strcmp(status, "refused") == 0 ? "REFUSED" : "STOPPED";
	}
	return "";
}

static const json_t *find_phone(const json_t *boots, unsigned phone)
{
	char name[16];
	size_t index = 0;
	json_t *p = NULL;

	phone_name(phone, name);
	json_array_foreach(json_object_get(boots, "phones"), index, p)
	{
		if (strcmp(json_string_value(json_object_get(p, "name")), name) == 0)
			return p;
	}
	return NULL;
}

/* A member of its first finding, "" without one. */
static const char *first_finding(const json_t *phone, const char *key)
{
	const char *text = json_string_value(
	    json_object_get(json_array_get(json_object_get(phone, "findings"), 0), key));

	return text != NULL ? text : "";
}

static const char *text_of(const json_t *phone, const char *key)
{
	const char *text = json_string_value(json_object_get(phone, key));

	return text != NULL ? text : "";
}

static void print_table(struct lab *lab, const json_t *boots, double seconds)
{
	const char *line_end = lab->live ? "\033[K" : "";

	if (lab->live && lab->lines > 0)
		(void)printf("\033[%uA", lab->lines);
	(void)printf("%-16s %-7s", "PHONE", "MODEL");
	for (size_t s = 0; s < STEPS; s++)
		(void)printf(" %-7s", step_names[s]);
	(void)printf(" %5.1f s%s\n", seconds, line_end);
	for (unsigned phone = 1; phone <= LAB_PHONES; phone++) {
		const json_t *p = find_phone(boots, phone);
		char name[16];
		phone_name(phone, name);
		(void)printf("%-16s %-7s", name, p != NULL ? text_of(p, "model") : "");
		for (size_t s = 0; s < STEPS; s++)
			(void)printf(" %-7s", p != NULL ? step_word(p, step_names[s]) : "");
		(void)printf(" %s%s\n", p != NULL ? first_finding(p, "rule") : "", line_end);
	}
	lab->lines = LAB_PHONES + 1;
	(void)fflush(stdout);
}

/* Every phone where it belongs? */
static unsigned count_wrong(const json_t *boots, bool tell)
{
	unsigned wrong = 0;

	for (unsigned phone = 1; phone <= LAB_PHONES; phone++) {
		const struct broken *b = broken_phone(phone);
		const json_t *p = find_phone(boots, phone);
		char name[16];
		bool good = b != NULL ? strcmp(first_finding(p, "rule"), b->rule) == 0 &&
					    strcmp(first_finding(p, "certainty"), b->certainty) == 0
				      : strcmp(text_of(p, "status"), "registered") == 0;
		phone_name(phone, name);
		if (!good && tell)
			(void)printf("%s: expected %s, found %s %s\n", name,
				     b != NULL ? b->rule : "registered", text_of(p, "status"),
				     first_finding(p, "rule"));
		wrong += !good;
	}
	return wrong;
}

static double since(const struct timespec *start)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - start->tv_sec) + (double)(now.tv_nsec - start->tv_nsec) / 1e9;
}

static unsigned watch(struct lab *lab)
{
	struct timespec start;
	unsigned wrong = LAB_PHONES;

	(void)clock_gettime(CLOCK_MONOTONIC, &start);
	while (!interrupted && wrong > 0 && since(&start) < LAB_LIMIT_S) {
		json_t *boots = ask(lab, "GET", "/v1/boots", NULL);
		if (boots != NULL) {
			wrong = count_wrong(boots, false);
			if (lab->live || wrong == 0)
				print_table(lab, boots, since(&start));
		}
		if (boots != NULL && since(&start) >= LAB_LIMIT_S - 1)
			(void)count_wrong(boots, true);
		json_decref(boots);
		wait_ms(LAB_TICK_MS);
	}
	return wrong;
}

static void print_verdicts(const struct lab *lab)
{
	for (size_t i = 0; i < BROKEN_COUNT; i++) {
		char name[16];
		char path[96];
		phone_name(broken[i].phone, name);
		(void)snprintf(path, sizeof path, "/v1/boots/%s?format=text&width=%u&colour=%d",
			       name, cli_width(), cli_colour());
		json_t *answer = ask(lab, "GET", path, NULL);
		(void)printf("\n--- %s: broken on purpose ---\n    %s\n\n%s", name, broken[i].what,
			     answer != NULL ? text_of(answer, "text") : "");
		json_decref(answer);
	}
}

static void end_child(pid_t child)
{
	if (child <= 0)
		return;
	(void)kill(child, SIGTERM);
	for (int i = 0; i < 40; i++) {
		if (waitpid(child, NULL, WNOHANG) == child)
			return;
		wait_ms(50);
	}
	(void)kill(child, SIGKILL);
	(void)waitpid(child, NULL, 0);
}

static void clean_up(struct lab *lab)
{
	static const char *const endings[] = {"", "-wal", "-shm", "-journal"};
	char path[128];

	end_child(lab->fleet);
	end_child(lab->server);
	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
		(void)snprintf(path, sizeof path, "%s%s", lab->database, endings[i]);
		(void)unlink(path);
	}
	(void)unlink(lab->socket);
	(void)rmdir(lab->directory);
}

static int run(struct lab *lab)
{
	static const char *const fleet[] = {
	    "dialtone", "fleet", "--dhcp",      LAB_PHONES_INTERFACE, "--phones", "12",
	    "--ramp",   "3",     "--first-mac", LAB_FIRST_MAC,        "--json",   "--voice-vlan",
	    "none",     NULL};

	(void)printf(
	    "A private network: one server, %d simulated phones, three of them broken.\n\n",
	    LAB_PHONES);
	(void)fflush(stdout);
	if (!start_server(lab) || !add_phones(lab)) {
		if (!interrupted)
			(void)fprintf(stderr, "dialtone: the lab's server did not start\n");
		return interrupted ? 128 + SIGINT : EXIT_CANNOT;
	}
	lab->fleet = lab_start(fleet);
	unsigned wrong = watch(lab);
	if (interrupted)
		return 128 + SIGINT;
	if (wrong == 0)
		print_verdicts(lab);
	(void)printf("\n%s\n", wrong == 0 ? "All nine healthy phones registered; the three broken "
					    "ones are explained rightly."
					  : "The lab did not end as it should.");
	return wrong == 0 ? 0 : EXIT_ANSWER_NO;
}

int cmd_lab(int argc, char **argv)
{
	static const struct option options[] = {{"help", no_argument, NULL, 'h'}, {0}};
	struct lab lab = {.live = isatty(STDOUT_FILENO) == 1};
	const char *tmp = getenv("TMPDIR"); // NOLINT(concurrency-mt-unsafe): one thread

	if (argc > 1 && lab_theatre_has(argv[1]))
		return lab_theatre(argc - 1, argv + 1);
	for (int option; (option = cli_option(argc, argv, options)) != -1;)
		return option == 'h' ? (void)printf("usage: dialtone %s\n", usage),
		       0             : cli_usage(usage);
	if (optind < argc)
		return cli_usage(usage);
	(void)snprintf(lab.directory, sizeof lab.directory, "%.40s/dialtone-lab-XXXXXX",
		       tmp != NULL ? tmp : "/tmp");
	if (mkdtemp(lab.directory) == NULL) {
		(void)fprintf(stderr, "dialtone: cannot make %s\n", lab.directory);
		return EXIT_CANNOT;
	}
	(void)snprintf(lab.database, sizeof lab.database, "%s/db", lab.directory);
	(void)snprintf(lab.socket, sizeof lab.socket, "%s/socket", lab.directory);
	struct sigaction action = {.sa_handler = on_signal};
	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGTERM, &action, NULL);
	(void)sigaction(SIGHUP, &action, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	int status = lab_net_enter() == 0 ? run(&lab) : EXIT_CANNOT;
	clean_up(&lab);
	return status;
}
