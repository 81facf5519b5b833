/* dialtone adopt: a phone that knocks gets its record, with the model it says it is. */
#include "cli/cli.h"

#include "base/text.h"

#include <ctype.h>
#include <getopt.h>
#include <stdio.h>

static const char usage[] = "adopt NAME --dn NUMBER [--type MODEL] [--label TEXT] [--json] "
			    "[--socket PATH]";

struct adoption {
	char name[32];
	const char *socket;
	bool as_json;
	json_t *record;
};

/* 0; 'h' for help; -1 for wrong usage. */
static int read_order(int argc, char **argv, struct adoption *a)
{
	static const struct option options[] = {{"dn", required_argument, NULL, 'd'},
						{"type", required_argument, NULL, 't'},
						{"label", required_argument, NULL, 'l'},
						{"json", no_argument, NULL, 'j'},
						{"socket", required_argument, NULL, 's'},
						{"help", no_argument, NULL, 'h'},
						{0}};

	for (int option; (option = cli_option(argc, argv, options)) != -1;) {
		if (option == 'd')
			(void)json_object_set_new(a->record, "dn", json_string(optarg));
		else if (option == 't')
			(void)json_object_set_new(a->record, "type", json_string(optarg));
		else if (option == 'l')
			(void)json_object_set_new(a->record, "label", json_string(optarg));
		else if (option == 's')
			a->socket = optarg;
		else if (option == 'j')
			a->as_json = true;
		else
			return option == 'h' ? 'h' : -1;
	}
	if (argc - optind != 1 || json_object_get(a->record, "dn") == NULL ||
	    !text_copy(a->name, sizeof a->name, argv[optind]))
		return -1;
	for (char *p = a->name; *p != 0; p++)
		*p = (char)toupper((unsigned char)*p);
	(void)json_object_set_new(a->record, "name", json_string(a->name));
	return 0;
}

/* The model it told while it knocked. 0, or the exit status after telling why not. */
static int take_model(const struct adoption *a)
{
	int status = 0;
	size_t index = 0;
	const char *model = NULL;
	const json_t *knock = NULL;
	json_t *answer = cli_request(cli_socket(a->socket), "GET", "/v1/knocking", NULL, &status);

	if (answer == NULL)
		return status;
	json_array_foreach(json_object_get(answer, "knocking"), index, knock)
	{
		if (strcmp(json_string_value(json_object_get(knock, "name")), a->name) == 0)
			model = json_string_value(json_object_get(knock, "model"));
	}
	if (model == NULL || model[0] == 0) {
		(void)fprintf(stderr, "dialtone: %s %s; give its model with --type\n", a->name,
			      model == NULL ? "does not knock here" : "has not told its model yet");
		status = EXIT_ANSWER_NO;
	} else {
		(void)json_object_set_new(a->record, "type", json_string(model));
		status = 0;
	}
	json_decref(answer);
	return status;
}

static int adopt(const struct adoption *a)
{
	int status = json_object_get(a->record, "type") == NULL ? take_model(a) : 0;

	if (status != 0)
		return status;
	json_t *answer =
	    cli_request(cli_socket(a->socket), "POST", "/v1/phones", a->record, &status);
	if (answer == NULL)
		return status;
	if (a->as_json)
		cli_print_json(answer);
	else
		(void)printf("%s: stored as %s with number %s. It comes up when it tries again, "
			     "usually within a minute.\n",
			     a->name, json_string_value(json_object_get(answer, "model")),
			     json_string_value(json_object_get(answer, "dn")));
	json_decref(answer);
	return 0;
}

int cmd_adopt(int argc, char **argv)
{
	struct adoption a = {.record = json_object()};
	int order = read_order(argc, argv, &a);
	int status = 0;

	if (order == 'h')
		(void)printf("usage: dialtone %s\n", usage);
	else
		status = order == 0 ? adopt(&a) : cli_usage(usage);
	json_decref(a.record);
	return status;
}
