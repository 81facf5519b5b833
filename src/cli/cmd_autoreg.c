/* dialtone autoreg on|off|show: auto-registration of the running server. */
#include "cli/cli.h"

#include <getopt.h>
#include <stdio.h>

static const char usage[] =
    "autoreg on|off|show [--range FIRST-LAST] [--for 10m] [--cap N] [--models LIST]\n"
    "                               [--json] [--socket PATH]";

/* "2000-2099" into the body. */
static bool take_range(const char *text, json_t *body)
{
	char *end = NULL;
	unsigned long first = strtoul(text, &end, 10);

	if (end == text || *end != '-')
		return false;
	const char *second = end + 1;
	unsigned long last = strtoul(second, &end, 10);
	if (end == second || *end != 0)
		return false;
	(void)json_object_set_new(body, "first", json_integer((json_int_t)first));
	(void)json_object_set_new(body, "last", json_integer((json_int_t)last));
	return true;
}

/* "90", "10m", "2h", "1d" as seconds. */
static bool take_window(const char *text, json_t *body)
{
	static const struct {
		const char *unit;
		unsigned long seconds;
	} units[] = {{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
	char *end = NULL;
	unsigned long number = strtoul(text, &end, 10);

	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		if (end == text || number == 0 || number > 36500 || strcmp(end, units[i].unit) != 0)
			continue;
		(void)json_object_set_new(
		    body, "seconds",
		    json_integer((json_int_t)number * (json_int_t)units[i].seconds));
		return true;
	}
	return false;
}

static bool take_cap(const char *text, json_t *body)
{
	char *end = NULL;
	unsigned long number = strtoul(text, &end, 10);

	if (end == text || *end != 0)
		return false;
	(void)json_object_set_new(body, "cap", json_integer((json_int_t)number));
	return true;
}

static void print_state(const json_t *state)
{
	(void)printf("auto-registration is %s; range %lld-%lld, %lld numbers free\n",
		     json_is_true(json_object_get(state, "on")) ? "on" : "off",
		     (long long)json_integer_value(json_object_get(state, "first")),
		     (long long)json_integer_value(json_object_get(state, "last")),
		     (long long)json_integer_value(json_object_get(state, "free")));
	long long left = (long long)json_integer_value(json_object_get(state, "seconds_left"));
	long long cap = (long long)json_integer_value(json_object_get(state, "cap"));
	const char *models = json_string_value(json_object_get(state, "models"));
	const char *warning = json_string_value(json_object_get(state, "warning"));
	if (left > 0)
		(void)printf("It ends by itself in %lld minutes.\n", (left + 59) / 60);
	if (cap > 0)
		(void)printf("It has taken in %lld of at most %lld phones.\n",
			     (long long)json_integer_value(json_object_get(state, "taken")), cap);
	if (models != NULL && models[0] != 0)
		(void)printf("It takes in these models only: %s\n", models);
	if (warning != NULL && warning[0] != 0)
		(void)printf("Warning: %s\n", warning);
	if (json_is_true(json_object_get(state, "on")) && left == 0)
		(void)printf("Any phone that reaches this server gets a number: switch it off when "
			     "they are in.\n");
}

int cmd_autoreg(int argc, char **argv)
{
	static const struct option options[] = {
	    {"range", required_argument, NULL, 'r'}, {"for", required_argument, NULL, 'f'},
	    {"cap", required_argument, NULL, 'c'},   {"models", required_argument, NULL, 'm'},
	    {"json", no_argument, NULL, 'j'},        {"socket", required_argument, NULL, 's'},
	    {"help", no_argument, NULL, 'h'},        {0}};
	const char *socket = NULL;
	bool as_json = false;
	bool good = true;
	int status = EXIT_USAGE;
	json_t *body = json_object();
	json_t *answer = NULL;

	for (int option; (option = cli_option(argc, argv, options)) != -1;) {
		if (option == 'r')
			good = good && take_range(optarg, body);
		else if (option == 'f')
			good = good && take_window(optarg, body);
		else if (option == 'c')
			good = good && take_cap(optarg, body);
		else if (option == 'm')
			(void)json_object_set_new(body, "models", json_string(optarg));
		else if (option == 's')
			socket = optarg;
		else if (option == 'j')
			as_json = true;
		else if (option == 'h') {
			(void)printf("usage: dialtone %s\n", usage);
			json_decref(body);
			return 0;
		} else
			good = false;
	}
	const char *verb = argc - optind == 1 ? argv[optind] : "";
	bool on = strcmp(verb, "on") == 0;
	if (good && (on || strcmp(verb, "off") == 0)) {
		(void)json_object_set_new(body, "on", json_boolean(on));
		answer = cli_request(cli_socket(socket), "PUT", "/v1/autoreg", body, &status);
	} else if (good && strcmp(verb, "show") == 0) {
		answer = cli_request(cli_socket(socket), "GET", "/v1/autoreg", NULL, &status);
	} else {
		status = cli_usage(usage);
	}
	if (answer != NULL) {
		status = 0;
		if (as_json)
			cli_print_json(answer);
		else
			print_state(answer);
	}
	json_decref(answer);
	json_decref(body);
	return status;
}
