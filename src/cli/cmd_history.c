/* dialtone history NAME: every boot of a phone that the running server remembers, across its own
 * restarts, and how each ended. */
#include "cli/cli.h"

#include "base/text.h"

#include <getopt.h>
#include <stdio.h>
#include <time.h>

static const char usage[] = "history NAME [--json] [--socket PATH]";

#define DAY_SIZE 24

/* "2026-11-28 11:20:13", where the reader is. */
static const char *when_text(const json_t *ms, char to[static DAY_SIZE])
{
	time_t at = (time_t)(json_integer_value(ms) / 1000);
	struct tm local;

	if (localtime_r(&at, &local) == NULL ||
	    strftime(to, DAY_SIZE, "%Y-%m-%d %H:%M:%S", &local) == 0)
		to[0] = 0;
	return to;
}

static const char *took_text(const json_t *boot, char to[static 16])
{
	const json_t *ms = json_object_get(boot, "took_ms");

	to[0] = 0;
	if (json_is_integer(ms))
		(void)snprintf(to, 16, "%.1f s", (double)json_integer_value(ms) / 1e3);
	return to;
}

/* The cause where there is one, else how far it came. */
static json_t *boot_row(const json_t *boot)
{
	char began[DAY_SIZE];
	char took[16];
	char text[400];
	const char *rule = json_string_value(json_object_get(boot, "rule"));

	if (rule != NULL)
		(void)snprintf(text, sizeof text, "%s (%s): %s", rule,
			       json_string_value(json_object_get(boot, "certainty")),
			       json_string_value(json_object_get(boot, "cause")));
	else
		(void)text_copy(text, sizeof text,
				json_string_value(json_object_get(boot, "text")));
	return json_pack("{s:O, s:s, s:s, s:O, s:O, s:s}", "boot", json_object_get(boot, "boot"),
			 "at", when_text(json_object_get(boot, "began_ms"), began), "took",
			 took_text(boot, took), "step", json_object_get(boot, "step"), "status",
			 json_object_get(boot, "status"), "text", text);
}

static json_t *server_row(const json_t *state)
{
	char at[DAY_SIZE];
	char text[200];
	const char *how = json_string_value(json_object_get(state, "how"));

	(void)snprintf(text, sizeof text, "this server %s%s%s",
		       json_string_value(json_object_get(state, "what")), how[0] != 0 ? " " : "",
		       how);
	return json_pack("{s:s, s:s, s:s}", "boot", "-", "at",
			 when_text(json_object_get(state, "at_ms"), at), "text", text);
}

/* Boots and the server's own starts and stops, in the order of time. */
static json_t *rows_of(const json_t *answer)
{
	const json_t *boots = json_object_get(answer, "boots");
	const json_t *server = json_object_get(answer, "server");
	json_t *rows = json_array();
	size_t states = 0;

	for (size_t i = 0; i <= json_array_size(boots); i++) {
		const json_t *boot = json_array_get(boots, i);
		json_int_t began = json_integer_value(json_object_get(boot, "began_ms"));
		for (; states < json_array_size(server); states++) {
			const json_t *state = json_array_get(server, states);
			if (boot != NULL &&
			    json_integer_value(json_object_get(state, "at_ms")) > began)
				break;
			(void)json_array_append_new(rows, server_row(state));
		}
		if (boot != NULL)
			(void)json_array_append_new(rows, boot_row(boot));
	}
	return rows;
}

static void print_history(const json_t *answer)
{
	static const char *const keys[] = {"boot", "at", "took", "step", "status", "text"};
	static const char *const titles[] = {"BOOT", "BEGAN",  "TOOK",
					     "STEP", "STATUS", "CAUSE, OR LAST"};
	json_int_t dropped = json_integer_value(json_object_get(answer, "boots_dropped"));
	json_t *rows = rows_of(answer);

	(void)printf("%s   %s   %s\n\n", json_string_value(json_object_get(answer, "name")),
		     json_string_value(json_object_get(answer, "model")),
		     json_string_value(json_object_get(answer, "ip")));
	if (dropped > 0)
		(void)printf("%lld earlier boot%s gave way (`dialtone serve --history KIB` keeps "
			     "more)\n\n",
			     (long long)dropped, dropped == 1 ? "" : "s");
	cli_print_table(rows, keys, titles, sizeof keys / sizeof *keys);
	json_decref(rows);
	(void)printf("\n`dialtone explain %s` tells the latest in full.\n",
		     json_string_value(json_object_get(answer, "name")));
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
	buf_text(&path, "/v1/history/");
	cli_path_escape(argv[optind], &path);
	json_t *answer = cli_request(cli_socket(socket), "GET", buf_cstr(&path), NULL, &status);
	buf_done(&path);
	if (answer == NULL)
		return status;
	if (as_json)
		cli_print_json(answer);
	else
		print_history(answer);
	json_decref(answer);
	return 0;
}
