/* dialtone explain: why a phone did not come up.
 *
 * One engine, three sources: the running server (no file named), a capture file or pipe, a live
 * interface. A capture needs no server, no root, no database. */
#include "cli/cli.h"
#include "cli/explain_live.h"
#include "cli/explain_print.h"
#include "cli/progress.h"

#include "base/error.h"
#include "base/text.h"
#include "net/sandbox.h"
#include "trace/trace.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <unistd.h>

static const char usage[] =
    "explain [NAME | FILE | -] [--json] [--all] [--phone NAME] [--facts]\n"
    "       dialtone explain --live INTERFACE [--for SECONDS] [--json] …\n\n"
    "  NAME          a phone of the running server: SEP001380AD9E5F or its MAC\n"
    "  FILE, -       a capture (pcap or pcapng), or one on standard input\n"
    "  --live IF     watch this interface until Ctrl-C, or for so many seconds\n"
    "  --phone NAME  only this phone of the capture\n"
    "  --all         healthy phones too\n"
    "  --facts       what was seen, one fact a line, before any verdict\n"
    "  --json        one object, for programs\n"
    "  --socket PATH the server's socket\n\n"
    "exit status: 0 every phone is registered, 1 not so, 2 wrong usage, 3 could not do it";

/* Why a capture cannot be explained, in one line. */
static int cannot_read(const char *path, int error, const struct trace_result *result)
{
	if (error == E_SYSTEM)
		(void)fprintf(stderr, "dialtone: cannot read %s: %s\n", path, cli_errno());
	else if (error == E_BAD_FORMAT)
		(void)fprintf(stderr, "dialtone: %s is %s\n", path, result->complaint);
	else
		(void)fprintf(stderr, "dialtone: cannot read %s: %s\n", path, error_text(error));
	return EXIT_CANNOT;
}

static int read_capture(struct trace *trace, int fd, struct trace_result *ret_result)
{
	struct progress shown = progress_of(fd);
	const struct trace_progress progress = {progress_tell, &shown};

	/* A second wall: without it (an old kernel) the file is read all the same. Nothing can be
	 * opened from here on: what is to be written or compared with is opened before. */
	(void)sandbox_reader();
	int error = trace_read(trace, fd, &progress, ret_result);
	progress_end(&shown);
	return error;
}

static int explain_capture(const char *path, struct explain_view *view)
{
	struct trace_result result = {0};
	struct timeline *timeline = timeline_new();
	struct trace *trace = timeline != NULL ? trace_new(timeline, VANTAGE_CAPTURE) : NULL;
	bool standard_input = strcmp(path, "-") == 0;
	const char *name = standard_input ? "standard input" : path;
	int fd = standard_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	int error = trace == NULL ? E_NO_MEMORY
		    : fd < 0      ? E_SYSTEM
				  : read_capture(trace, fd, &result);
	int status = error != 0 ? cannot_read(name, error, &result) : 0;

	if (error == 0) {
		if (result.truncated)
			(void)fprintf(stderr,
				      "dialtone: %s: %s; explaining the %llu frames before\n", name,
				      result.complaint, (unsigned long long)result.frames);
		view->source = name;
		view->now = result.last;
		status = explain_print(timeline, view);
	}
	if (fd > STDIN_FILENO)
		(void)close(fd);
	trace_free(trace);
	timeline_free(timeline);
	return status;
}

/* One phone of the running server, in words or JSON. */
static int explain_server_phone(const char *socket, const char *name, bool as_json)
{
	char path[160];
	int status = 0;

	(void)snprintf(path, sizeof path, "/v1/boots/%s?format=%s&width=%u&colour=%d", name,
		       as_json ? "json" : "text", cli_width(), cli_colour());
	json_t *answer = cli_request(socket, "GET", path, NULL, &status);
	if (answer == NULL)
		return status;
	const json_t *phone = json_array_get(json_object_get(answer, "phones"), 0);
	const char *word = json_string_value(json_object_get(phone, "status"));
	bool healthy = as_json ? word != NULL && strcmp(word, "registered") == 0
			       : json_is_true(json_object_get(answer, "healthy"));
	if (as_json)
		cli_print_json(answer);
	else
		(void)fputs(json_string_value(json_object_get(answer, "text")), stdout);
	json_decref(answer);
	return healthy ? 0 : EXIT_ANSWER_NO;
}

/* Every phone the running server has seen: summary, then a block for each that is not well. */
static int explain_server(const char *socket, const struct explain_view *view)
{
	int status = 0;
	size_t index = 0;
	unsigned ill = 0;
	json_t *phone = NULL;
	json_t *answer = cli_request(socket, "GET", "/v1/boots", NULL, &status);

	if (answer == NULL)
		return status;
	const json_t *phones = json_object_get(answer, "phones");
	json_array_foreach(phones, index, phone)
	{
		const char *word = json_string_value(json_object_get(phone, "status"));
		ill += word == NULL || strcmp(word, "registered") != 0;
	}
	if (view->as_json)
		cli_print_json(answer);
	else
		(void)printf("%zu phones seen: %zu registered, %u not\n", json_array_size(phones),
			     json_array_size(phones) - ill, ill);
	json_array_foreach(phones, index, phone)
	{
		const char *word = json_string_value(json_object_get(phone, "status"));
		const char *name = json_string_value(json_object_get(phone, "name"));
		if (view->as_json || name == NULL ||
		    (!view->all && word != NULL && strcmp(word, "registered") == 0))
			continue;
		(void)printf("\n");
		(void)explain_server_phone(socket, name, false);
	}
	json_decref(answer);
	return ill > 0 ? EXIT_ANSWER_NO : 0;
}

struct explain_order {
	struct explain_view view;
	const char *socket, *interface, *subject;
	unsigned seconds;
};

/* false: wrong usage. */
static bool read_order(int argc, char **argv, struct explain_order *order, bool *ret_help)
{
	static const struct option options[] = {{"json", no_argument, NULL, 'j'},
						{"all", no_argument, NULL, 'a'},
						{"facts", no_argument, NULL, 'f'},
						{"phone", required_argument, NULL, 'p'},
						{"live", required_argument, NULL, 'l'},
						{"for", required_argument, NULL, 't'},
						{"socket", required_argument, NULL, 's'},
						{"help", no_argument, NULL, 'h'},
						{0}};

	for (int option; (option = cli_option(argc, argv, options)) != -1;) {
		switch (option) {
		case 'j':
			order->view.as_json = true;
			break;
		case 'a':
			order->view.all = true;
			break;
		case 'f':
			order->view.facts = true;
			break;
		case 'p':
			order->view.one = true;
			if (mac_of_device_name(optarg, &order->view.mac) != 0 &&
			    mac_parse(optarg, &order->view.mac) != 0) {
				(void)fprintf(
				    stderr,
				    "dialtone: \"%s\" is neither SEP and twelve digits nor a MAC\n",
				    optarg);
				return false;
			}
			break;
		case 'l':
			order->interface = optarg;
			break;
		case 't':
			order->seconds = (unsigned)strtoul(optarg, NULL, 10);
			break;
		case 's':
			order->socket = optarg;
			break;
		case 'h':
			*ret_help = true;
			return true;
		default:
			return false;
		}
	}
	order->subject = optind < argc ? argv[optind] : NULL;
	return argc - optind <= 1 && (order->interface == NULL || order->subject == NULL);
}

/* A file named so, or a name that cannot be a phone's, means a capture. */
static bool is_capture(const char *subject)
{
	struct mac mac;

	return strcmp(subject, "-") == 0 || access(subject, F_OK) == 0 ||
	       strpbrk(subject, "/.") != NULL ||
	       (mac_of_device_name(subject, &mac) != 0 && mac_parse(subject, &mac) != 0);
}

int cmd_explain(int argc, char **argv)
{
	struct explain_order order = {0};
	bool help = false;

	if (!read_order(argc, argv, &order, &help))
		return cli_usage(usage);
	if (help)
		return (void)printf("usage: dialtone %s\n", usage), 0;
	if (order.interface != NULL)
		return explain_live(order.interface, order.seconds, &order.view);
	if (order.subject != NULL && is_capture(order.subject))
		return explain_capture(order.subject, &order.view);
	if (order.subject != NULL)
		return explain_server_phone(cli_socket(order.socket), order.subject,
					    order.view.as_json);
	return explain_server(cli_socket(order.socket), &order.view);
}
