/* dialtone phone …: one phone's record on the running server. */
#include "cli/cli.h"

#include "base/text.h"

#include <ctype.h>
#include <getopt.h>
#include <stdio.h>

static const char usage[] =
    "phone add|set NAME [--type MODEL] [--dn NUMBER] [--label TEXT] [--description TEXT]\n"
    "                         [--load NAME] [--ip ADDRESS]\n"
    "       dialtone phone show|delete|reset|restart|apply NAME\n"
    "       each with [--json] [--socket PATH]";

struct phone_order {
	const char *verb, *name, *socket;
	bool as_json;
	json_t *fields;
};

static const struct {
	const char *option, *key;
} fields[] = {
    {"type", "type"}, {"dn", "dn"},          {"label", "label"}, {"description", "description"},
    {"load", "load"}, {"ip", "reserved_ip"},
};
#define FIELD_COUNT (sizeof fields / sizeof *fields)

/* false: wrong usage. */
static bool read_order(int argc, char **argv, struct phone_order *order, bool *ret_help)
{
	struct option options[FIELD_COUNT + 4] = {{0}};

	for (size_t i = 0; i < FIELD_COUNT; i++)
		options[i] = (struct option){fields[i].option, required_argument, NULL, (int)i};
	options[FIELD_COUNT] = (struct option){"json", no_argument, NULL, 'j'};
	options[FIELD_COUNT + 1] = (struct option){"socket", required_argument, NULL, 's'};
	options[FIELD_COUNT + 2] = (struct option){"help", no_argument, NULL, 'h'};
	for (int option; (option = cli_option(argc, argv, options)) != -1;) {
		if (option == 'j')
			order->as_json = true;
		else if (option == 's')
			order->socket = optarg;
		else if (option == 'h')
			*ret_help = true;
		else if (option >= 0 && (size_t)option < FIELD_COUNT)
			(void)json_object_set_new(order->fields, fields[option].key,
						  json_string(optarg));
		else
			return false;
	}
	if (*ret_help)
		return true;
	if (argc - optind != 2)
		return false;
	order->verb = argv[optind];
	order->name = argv[optind + 1];
	return true;
}

/* Which request a verb is. */
static const struct verb {
	const char *word, *method, *tail;
	bool with_fields;
	const char *kind; /* body of a reset order */
} verbs[] = {
    {"add", "POST", NULL, true, NULL},
    {"set", "PATCH", "", true, NULL},
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
	static const char *const keys[] = {"name",  "model", "dn",          "status",     "ip",
					   "label", "load",  "description", "reserved_ip"};

	if (order->as_json) {
		cli_print_json(answer);
	} else if (verb->kind != NULL) {
		(void)printf("%s: %s ordered.\n", order->name, verb->kind);
	} else if (strcmp(verb->method, "DELETE") == 0) {
		(void)printf("%s: deleted.\n", order->name);
	} else if (strcmp(verb->method, "GET") == 0) {
		for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
			struct buf clean;
			buf_init(&clean, 512);
			const char *value = json_string_value(json_object_get(answer, keys[i]));
			text_escape_terminal(&clean, slice_text(value != NULL ? value : ""));
			(void)printf("%-12s %s\n", keys[i], buf_cstr(&clean));
			buf_done(&clean);
		}
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
	bool help = false;
	int status = EXIT_USAGE;
	char name[64];
	char path[128];

	bool understood = read_order(argc, argv, &order, &help);
	const struct verb *verb = understood && !help ? find_verb(order.verb) : NULL;
	if (help || verb == NULL) {
		json_decref(order.fields);
		return help ? (void)printf("usage: dialtone %s\n", usage), 0 : cli_usage(usage);
	}
	(void)text_copy(name, sizeof name, order.name);
	for (char *p = name; *p != 0; p++)
		*p = (char)toupper((unsigned char)*p);
	(void)snprintf(path, sizeof path, "/v1/phones%s%s%s", verb->tail != NULL ? "/" : "",
		       verb->tail != NULL ? name : "", verb->tail != NULL ? verb->tail : "");
	if (verb->tail == NULL)
		(void)json_object_set_new(order.fields, "name", json_string(name));
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
