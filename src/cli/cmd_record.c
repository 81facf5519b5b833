/* dialtone node, group, pool, line, defaults, buttons, softkeys, subnet: the records beside the
 * phones' own, all by the same verbs. */
#include "cli/cli.h"
#include "cli/field_options.h"

#include "base/text.h"

#include <stdio.h>

#define OPTION_JSON   100
#define OPTION_SOCKET 101
#define OPTION_HELP   102

struct order {
	enum record_kind kind;
	const char *verb, *key, *socket;
	bool as_json, help;
	json_t *body;
};

static const struct verb {
	const char *word, *method;
	bool with_key, with_fields;
} verbs[] = {
    {"list", "GET", false, false}, {"show", "GET", true, false},      {"add", "POST", true, true},
    {"set", "PATCH", true, true},  {"delete", "DELETE", true, false},
};

static const struct verb *find_verb(const char *word)
{
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
		if (strcmp(verbs[i].word, word) == 0)
			return &verbs[i];
	}
	return NULL;
}

static enum record_kind kind_of(const char *command)
{
	for (int k = RECORD_PHONE + 1; k < RECORD_KINDS; k++) {
		if (strcmp(record_type((enum record_kind)k)->name, command) == 0)
			return (enum record_kind)k;
	}
	return RECORD_KINDS;
}

static void print_usage(FILE *to, enum record_kind kind, const struct field_options *options)
{
	const struct record_type *type = record_type(kind);
	const char *key = kind == RECORD_LINE       ? "NUMBER"
			  : kind == RECORD_DEFAULTS ? "MODEL"
						    : "NAME";
	struct buf fields;

	buf_init(&fields, 2048);
	field_options_usage(options, 16, 80, &fields);
	(void)fprintf(to,
		      "usage: dialtone %s list\n"
		      "       dialtone %s show|delete %s\n"
		      "       dialtone %s add|set %s%s\n"
		      "       each with [--json] [--socket PATH]\n",
		      type->name, type->name, key, type->name, key, buf_cstr(&fields));
	buf_done(&fields);
}

/* false: wrong usage. */
static bool read_order(int argc, char **argv, const struct field_options *options, struct order *o)
{
	for (int option; (option = cli_option(argc, argv, options->option)) != -1;) {
		if (field_options_take(options, option, optarg, o->body))
			continue;
		if (option == OPTION_JSON)
			o->as_json = true;
		else if (option == OPTION_SOCKET)
			o->socket = optarg;
		else if (option == OPTION_HELP)
			o->help = true;
		else
			return false;
	}
	o->verb = optind < argc ? argv[optind] : "list";
	o->key = optind + 1 < argc ? argv[optind + 1] : NULL;
	return o->help || argc - optind <= 2;
}

/* The rows' columns that say something in any row: most fields are empty at most sites. */
static void print_list(const json_t *rows, enum record_kind kind)
{
	const struct record_type *type = record_type(kind);
	const char *keys[FIELD_OPTIONS_MAX];
	char titles[FIELD_OPTIONS_MAX][32];
	const char *title[FIELD_OPTIONS_MAX];
	size_t columns = 0;

	for (size_t i = 0; i + 1 < type->fields && columns < 10; i++) {
		size_t index = 0;
		const json_t *row = NULL;
		bool used = i == 0;
		json_array_foreach(rows, index, row)
		{
			const json_t *value = json_object_get(row, type->field[i].name);
			const char *text = json_string_value(value);
			used = used || (text != NULL && text[0] != 0) ||
			       json_integer_value(value) != 0;
		}
		if (!used)
			continue;
		keys[columns] = type->field[i].name;
		cli_title(type->field[i].name, titles[columns], sizeof titles[columns]);
		title[columns] = titles[columns];
		columns++;
	}
	cli_print_table(rows, keys, title, columns);
}

static void print_answer(const struct order *o, const struct verb *verb, const json_t *answer)
{
	const struct record_type *type = record_type(o->kind);
	const json_t *rows = json_object_get(answer, type->plural);

	if (o->as_json) {
		cli_print_json(answer);
	} else if (!verb->with_key && json_array_size(rows) == 0) {
		(void)printf("There is no %s yet.\n", type->title);
	} else if (!verb->with_key) {
		print_list(rows, o->kind);
	} else if (verb->with_fields) {
		(void)printf("%s %s: stored.%s\n", type->title, o->key,
			     strcmp(verb->method, "PATCH") == 0
				 ? " Phones that use it see it after a restart."
				 : "");
	} else if (strcmp(verb->method, "DELETE") == 0) {
		(void)printf("%s %s: deleted.\n", type->title, o->key);
	} else {
		cli_print_record(answer, o->kind);
	}
}

static int run(const struct order *o, const struct verb *verb)
{
	const struct record_type *type = record_type(o->kind);
	bool add = strcmp(verb->method, "POST") == 0;
	/* A model's defaults are always there in an administrator's mind: setting adds them. */
	const char *method = o->kind == RECORD_DEFAULTS && verb->with_fields ? "PUT" : verb->method;
	char path[160];
	int status = 0;
	struct buf escaped;

	buf_init(&escaped, 128);
	cli_path_escape(o->key != NULL ? o->key : "", &escaped);
	bool named = verb->with_key && (!add || strcmp(method, "PUT") == 0);
	(void)snprintf(path, sizeof path, "/v1/%s%s%s", type->plural, named ? "/" : "",
		       named ? buf_cstr(&escaped) : "");
	buf_done(&escaped);
	if (add && !named)
		(void)json_object_set_new(o->body, type->field[0].name, json_string(o->key));
	json_t *answer = cli_request(cli_socket(o->socket), method, path,
				     verb->with_fields ? o->body : NULL, &status);
	if (answer == NULL)
		return status;
	print_answer(o, verb, answer);
	json_decref(answer);
	return 0;
}

int cmd_record(int argc, char **argv)
{
	struct order o = {.kind = kind_of(argv[0]), .body = json_object()};
	struct field_options options;
	int status = EXIT_USAGE;

	field_options_init(&options, o.kind);
	field_options_add(&options, "json", no_argument, OPTION_JSON);
	field_options_add(&options, "socket", required_argument, OPTION_SOCKET);
	field_options_add(&options, "help", no_argument, OPTION_HELP);
	bool understood = read_order(argc, argv, &options, &o);
	const struct verb *verb = understood ? find_verb(o.verb) : NULL;
	if (o.help) {
		print_usage(stdout, o.kind, &options);
		status = 0;
	} else if (verb == NULL || verb->with_key != (o.key != NULL)) {
		print_usage(stderr, o.kind, &options);
	} else {
		status = run(&o, verb);
	}
	json_decref(o.body);
	return status;
}
