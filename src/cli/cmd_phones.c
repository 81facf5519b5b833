/* dialtone phones, knocking and lease: lists of the running server. */
#include "cli/cli.h"

#include <getopt.h>
#include <stdio.h>

struct listing {
	const char *usage, *path, *member, *empty;
	const char *const *keys, *const *titles;
	size_t columns;
};

static int print_listing(int argc, char **argv, const struct listing *listing)
{
	static const struct option options[] = {{"json", no_argument, NULL, 'j'},
						{"socket", required_argument, NULL, 's'},
						{"help", no_argument, NULL, 'h'},
						{0}};
	const char *socket = NULL;
	bool as_json = false;
	int status = 0;

	for (int option; (option = cli_option(argc, argv, options)) != -1;) {
		if (option == 'j')
			as_json = true;
		else if (option == 's')
			socket = optarg;
		else
			return option == 'h' ? (void)printf("usage: dialtone %s\n", listing->usage),
			       0             : cli_usage(listing->usage);
	}
	if (optind < argc)
		return cli_usage(listing->usage);
	json_t *answer = cli_request(cli_socket(socket), "GET", listing->path, NULL, &status);
	if (answer == NULL)
		return status;
	const json_t *rows = json_object_get(answer, listing->member);
	if (as_json)
		cli_print_json(answer);
	else if (json_array_size(rows) == 0)
		(void)printf("%s\n", listing->empty);
	else
		cli_print_table(rows, listing->keys, listing->titles, listing->columns);
	json_decref(answer);
	return 0;
}

int cmd_phones(int argc, char **argv)
{
	static const char *const keys[] = {"name", "model",          "dn",         "status",
					   "ip",   "autoregistered", "description"};
	static const char *const titles[] = {"NAME",    "MODEL", "DN",         "STATUS",
					     "ADDRESS", "AUTO",  "DESCRIPTION"};
	static const struct listing listing = {
	    .usage = "phones [--json] [--socket PATH]",
	    .path = "/v1/phones",
	    .member = "phones",
	    .empty = "No phones in the database. Add one: dialtone phone add SEP001380AD9E5F "
		     "--type 7961G --dn 1003\n"
		     "or let them in: dialtone autoreg on",
	    .keys = keys,
	    .titles = titles,
	    .columns = sizeof keys / sizeof *keys,
	};
	return print_listing(argc, argv, &listing);
}

int cmd_knocking(int argc, char **argv)
{
	static const char *const keys[] = {"name", "model", "ip", "seconds_ago", "step", "wants"};
	static const char *const titles[] = {"NAME",  "MODEL", "ADDRESS",
					     "S AGO", "STEP",  "LAST SEEN DOING"};
	static const struct listing listing = {
	    .usage = "knocking [--json] [--socket PATH]",
	    .path = "/v1/knocking",
	    .member = "knocking",
	    .empty = "Nobody knocks: every device seen is in the database.",
	    .keys = keys,
	    .titles = titles,
	    .columns = sizeof keys / sizeof *keys,
	};
	return print_listing(argc, argv, &listing);
}

int cmd_lease(int argc, char **argv)
{
	static const char *const keys[] = {"ip",   "mac",      "seconds_left",
					   "name", "declined", "temporary"};
	static const char *const titles[] = {"ADDRESS", "MAC",      "S LEFT",
					     "PHONE",   "DECLINED", "TEMPORARY"};
	static const struct listing listing = {
	    .usage = "lease [--json] [--socket PATH]",
	    .path = "/v1/leases",
	    .member = "leases",
	    .empty = "No leases yet.",
	    .keys = keys,
	    .titles = titles,
	    .columns = sizeof keys / sizeof *keys,
	};
	return print_listing(argc, argv, &listing);
}
