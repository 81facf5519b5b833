/* dialtone history NAME: every boot of a phone the running server remembers, and how each ended. */
#include "cli/cli.h"

#include "base/text.h"

#include <getopt.h>
#include <stdio.h>

static const char usage[] = "history NAME [--json] [--socket PATH]";

/* A boot as a row: its number, when it began, how far it came and what the last step says. */
static json_t *boot_row(const json_t *boot, size_t number, double began)
{
	const json_t *steps = json_object_get(boot, "steps");
	const json_t *last = json_array_get(steps, json_array_size(steps) - 1);
	const json_t *first = json_array_get(steps, 0);
	char at[32];
	char took[32];

	double from = json_number_value(json_object_get(first, "t"));
	double to = json_number_value(json_object_get(last, "t"));
	(void)snprintf(at, sizeof at, "+%.0f s", from - began);
	(void)snprintf(took, sizeof took, "%.1f s", to - from);
	return json_pack("{s:I, s:s, s:s, s:s*, s:s*, s:s*}", "boot", (json_int_t)number, "at", at,
			 "took", took, "step", json_string_value(json_object_get(last, "step")),
			 "status", json_string_value(json_object_get(last, "status")), "text",
			 json_string_value(json_object_get(last, "text")));
}

static void print_phone(const json_t *phone)
{
	static const char *const keys[] = {"boot", "at", "took", "step", "status", "text"};
	static const char *const titles[] = {"BOOT", "BEGAN", "TOOK", "STEP", "STATUS", "LAST"};
	const json_t *boots = json_object_get(phone, "boots");
	json_t *rows = json_array();
	size_t index = 0;
	const json_t *boot = NULL;

	(void)printf("%s   %s   %s   %s\n\n", json_string_value(json_object_get(phone, "name")),
		     json_string_value(json_object_get(phone, "model")),
		     json_string_value(json_object_get(phone, "ip")),
		     json_string_value(json_object_get(phone, "status")));
	json_array_foreach(boots, index, boot)
	{
		if (json_array_size(json_object_get(boot, "steps")) > 0)
			(void)json_array_append_new(rows, boot_row(boot, index + 1, 0));
	}
	cli_print_table(rows, keys, titles, sizeof keys / sizeof *keys);
	json_decref(rows);
	const json_t *finding = json_array_get(json_object_get(phone, "findings"), 0);
	if (finding != NULL)
		(void)printf("\nNow: %s (%s): %s\n     `dialtone explain %s` tells the rest.\n",
			     json_string_value(json_object_get(finding, "rule")),
			     json_string_value(json_object_get(finding, "certainty")),
			     json_string_value(json_object_get(finding, "text")),
			     json_string_value(json_object_get(phone, "name")));
}

int cmd_history(int argc, char **argv)
{
	static const struct option options[] = {{"json", no_argument, NULL, 'j'},
						{"socket", required_argument, NULL, 's'},
						{"help", no_argument, NULL, 'h'},
						{0}};
	const char *socket = NULL;
	bool as_json = false;
	int status = 0;
	struct buf path;

	for (int option; (option = cli_option(argc, argv, options)) != -1;) {
		if (option == 'j')
			as_json = true;
		else if (option == 's')
			socket = optarg;
		else
			return option == 'h' ? (void)printf("usage: dialtone %s\n", usage),
			       0             : cli_usage(usage);
	}
	if (argc - optind != 1)
		return cli_usage(usage);
	buf_init(&path, 512);
	buf_text(&path, "/v1/boots/");
	cli_path_escape(argv[optind], &path);
	json_t *answer = cli_request(cli_socket(socket), "GET", buf_cstr(&path), NULL, &status);
	buf_done(&path);
	if (answer == NULL)
		return status;
	if (as_json)
		cli_print_json(answer);
	else
		print_phone(json_array_get(json_object_get(answer, "phones"), 0));
	json_decref(answer);
	return 0;
}
