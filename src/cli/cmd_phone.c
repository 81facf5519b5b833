/* dialtone phone …: one phone's record on the running server. */
#include "cli/cli.h"
#include "cli/field_options.h"

#include "base/text.h"

#include <ctype.h>
#include <stdio.h>

#define OPTION_JSON   100
#define OPTION_SOCKET 101
#define OPTION_HELP   102

struct phone_order {
	const char *verb, *name, *by, *socket; /* by: replace's second name */
	bool as_json;
	json_t *fields;
};

static void print_usage(FILE *to, const struct field_options *options)
{
	struct buf fields;

	buf_init(&fields, 2048);
	field_options_usage(options, 16, 80, &fields);
	(void)fprintf(to,
		      "usage: dialtone phone add|set NAME%s\n"
		      "       dialtone phone show|delete|reset|restart|apply NAME\n"
		      "       dialtone phone replace NAME BY [--type MODEL]\n"
		      "       each with [--json] [--socket PATH]\n",
		      buf_cstr(&fields));
	buf_done(&fields);
}

/* false: wrong usage. */
static bool read_order(int argc, char **argv, const struct field_options *options,
		       struct phone_order *order, bool *ret_help)
{
	for (int option; (option = cli_option(argc, argv, options->option)) != -1;) {
		if (field_options_take(options, option, optarg, order->fields))
			continue;
		if (option == OPTION_JSON)
			order->as_json = true;
		else if (option == OPTION_SOCKET)
			order->socket = optarg;
		else if (option == OPTION_HELP)
			*ret_help = true;
		else
			return false;
	}
	if (*ret_help)
		return true;
	if (argc - optind < 2)
		return false;
	order->verb = argv[optind];
	order->name = argv[optind + 1];
	bool replaces = strcmp(order->verb, "replace") == 0;
	if (replaces && argc - optind == 3)
		order->by = argv[optind + 2];
	return argc - optind == (replaces ? 3 : 2);
}

/* Which request a verb is. */
static const struct verb {
	const char *word, *method, *tail;
	bool with_fields;
	const char *kind; /* body of a reset order */
} verbs[] = {
    {"add", "POST", NULL, true, NULL},
    {"set", "PATCH", "", true, NULL},
    {"replace", "POST", "/replace", true, NULL},
    {"show", "GET", "", false, NULL},
    {"delete", "DELETE", "", false, NULL},
    {"reset", "POST", "/reset", false, "reset"},
    {"restart", "POST", "/reset", false, "restart"},
    {"apply", "POST", "/reset", false, "apply"},
};

static const struct verb *find_verb(const char *word)
{
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
		if (strcmp(verbs[i].word, word) == 0)
			return &verbs[i];
	}
	return NULL;
}

static void print_answer(const struct phone_order *order, const struct verb *verb,
			 const json_t *answer)
{
	if (order->as_json) {
		cli_print_json(answer);
	} else if (verb->kind != NULL) {
		(void)printf("%s: %s ordered.\n", order->name, verb->kind);
	} else if (strcmp(verb->method, "DELETE") == 0) {
		(void)printf("%s: deleted.\n", order->name);
	} else if (strcmp(verb->method, "GET") == 0) {
		static const char *const now[] = {"model", "status", "ip", "last_alarm"};
		cli_print_record(answer, RECORD_PHONE);
		for (size_t i = 0; i < sizeof now / sizeof *now; i++)
			cli_print_member(now[i], json_object_get(answer, now[i]));
	} else if (order->by != NULL) {
		(void)printf("%s: has the record of %s, with number %s. Plug it in.\n",
			     json_string_value(json_object_get(answer, "name")), order->name,
			     json_string_value(json_object_get(answer, "dn")));
	} else {
		(void)printf("%s: stored.%s\n", order->name,
			     verb->tail != NULL
				 ? " A registered phone sees it after: dialtone phone restart"
				 : "");
	}
}

int cmd_phone(int argc, char **argv)
{
	struct phone_order order = {.fields = json_object()};
	struct field_options options;
	bool help = false;
	int status = EXIT_USAGE;
	char name[64];
	char path[128];

	field_options_init(&options, RECORD_PHONE);
	field_options_alias(&options, "ip", "reserved_ip");
	field_options_add(&options, "json", no_argument, OPTION_JSON);
	field_options_add(&options, "socket", required_argument, OPTION_SOCKET);
	field_options_add(&options, "help", no_argument, OPTION_HELP);
	bool understood = read_order(argc, argv, &options, &order, &help);
	const struct verb *verb = understood && !help ? find_verb(order.verb) : NULL;
	if (help || verb == NULL) {
		json_decref(order.fields);
		print_usage(help ? stdout : stderr, &options);
		return help ? 0 : EXIT_USAGE;
	}
	(void)text_copy(name, sizeof name, order.name);
	for (char *p = name; *p != 0; p++)
		*p = (char)toupper((unsigned char)*p);
	(void)snprintf(path, sizeof path, "/v1/phones%s%s%s", verb->tail != NULL ? "/" : "",
		       verb->tail != NULL ? name : "", verb->tail != NULL ? verb->tail : "");
	if (verb->tail == NULL)
		(void)json_object_set_new(order.fields, "name", json_string(name));
	if (order.by != NULL)
		(void)json_object_set_new(order.fields, "name", json_string(order.by));
	if (verb->kind != NULL)
		(void)json_object_set_new(order.fields, "kind", json_string(verb->kind));
	bool with_body = verb->with_fields || verb->kind != NULL;
	json_t *answer = cli_request(cli_socket(order.socket), verb->method, path,
				     with_body ? order.fields : NULL, &status);
	if (answer != NULL) {
		print_answer(&order, verb, answer);
		status = 0;
	}
	json_decref(answer);
	json_decref(order.fields);
	return status;
}
