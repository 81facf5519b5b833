/* dialtone perf: performance counters of the running server, under Cisco's names. */
#include "cli/cli.h"

#include "base/text.h"

#include <getopt.h>
#include <stdio.h>

static const char usage[] = "perf [OBJECT | COUNTER] [--all] [--json] [--socket PATH]";

/* The words as one, case aside: "cisco tftp" finds the object Cisco TFTP, "tftp" too. */
static bool matches(const char *name, const char *wanted)
{
	size_t name_len = strlen(name);
	size_t len = strlen(wanted);

	return text_equal_nocase(name, wanted) ||
	       (len > 0 && len < name_len && text_equal_nocase(name + name_len - len, wanted));
}

/* Prints the object's counters that say something, or all, or the one wanted. Returns how many. */
static size_t print_object(const json_t *object, const char *wanted, bool all)
{
	const char *title = json_string_value(json_object_get(object, "name"));
	bool whole = wanted == NULL || matches(title, wanted);
	size_t printed = 0;
	size_t index = 0;
	const json_t *counter = NULL;

	json_array_foreach(json_object_get(object, "counters"), index, counter)
	{
		const char *name = json_string_value(json_object_get(counter, "name"));
		json_int_t value = json_integer_value(json_object_get(counter, "value"));
		bool named = wanted != NULL && !whole && text_equal_nocase(name, wanted);
		if (!named && (!whole || (value == 0 && !all)))
			continue;
		if (printed++ == 0)
			(void)printf("%s\n", title);
		(void)printf("  %-44s %12lld\n", name, (long long)value);
	}
	return printed;
}

static int print_all(const json_t *answer, const char *wanted, bool all)
{
	size_t printed = 0;
	size_t index = 0;
	const json_t *object = NULL;

	json_array_foreach(json_object_get(answer, "objects"), index, object)
	{
		printed += print_object(object, wanted, all);
	}
	if (printed > 0)
		return 0;
	if (wanted == NULL) {
		(void)printf(
		    "Nothing has happened yet; --all shows the counters that are 0 too.\n");
		return 0;
	}
	(void)fprintf(stderr,
		      "dialtone: no object or counter \"%s\" that says something; --all shows "
		      "those that are 0 too\n",
		      wanted);
	return EXIT_ANSWER_NO;
}

int cmd_perf(int argc, char **argv)
{
	static const struct option options[] = {{"all", no_argument, NULL, 'a'},
						{"json", no_argument, NULL, 'j'},
						{"socket", required_argument, NULL, 's'},
						{"help", no_argument, NULL, 'h'},
						{0}};
	const char *socket = NULL;
	bool all = false;
	bool as_json = false;
	int status = 0;

	for (int option; (option = cli_option(argc, argv, options)) != -1;) {
		if (option == 'a')
			all = true;
		else if (option == 'j')
			as_json = true;
		else if (option == 's')
			socket = optarg;
		else
			return option == 'h' ? (void)printf("usage: dialtone %s\n", usage),
			       0             : cli_usage(usage);
	}
	if (argc - optind > 1)
		return cli_usage(usage);
	json_t *answer = cli_request(cli_socket(socket), "GET", "/v1/perf", NULL, &status);
	if (answer == NULL)
		return status;
	status = 0;
	if (as_json)
		cli_print_json(answer);
	else
		status = print_all(answer, optind < argc ? argv[optind] : NULL, all);
	json_decref(answer);
	return status;
}
