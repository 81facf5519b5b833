/* dialtone explain: why a phone did not come up.
 *
 * One engine, three sources: the running server (no file named), a capture file or pipe, a live
 * interface. A capture needs no server, no root, no database. */
#include "cli/cli.h"
#include "cli/explain_live.h"
#include "cli/explain_pages.h"
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
    "explain [NAME | FILE | -] [--json] [--all] [--phone NAME] [--facts] [--html PAGE]\n"
    "       dialtone explain FILE [--phone NAME] --against FILE|NAME\n"
    "       dialtone explain --live INTERFACE [--for SECONDS] [--json] …\n"
    "       dialtone explain --screen \"WORDS\" [--model MODEL]\n"
    "       dialtone explain --rule ID\n\n"
    "  NAME          a phone of the running server: SEP001380AD9E5F or its MAC\n"
    "  FILE, -       a capture (pcap or pcapng), or one on standard input\n"
    "  --live IF     watch this interface until Ctrl-C, or for so many seconds\n"
    "  --phone NAME  only this phone of the capture\n"
    "  --all         healthy phones too\n"
    "  --against X   compare with another phone of the capture, or with another capture\n"
    "  --html PAGE   write one page with the boots drawn, for a browser\n"
    "  --screen …    from the words on a phone's display: likely causes, what to check\n"
    "  --model …     and which keys to press on that model\n"
    "  --rule ID     what a rule means: causes and remedy\n"
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

/* A capture being opened and read. Two of them may be wanted, and the sandbox lets nothing be
 * opened after the first read: so all are opened first. */
struct source {
	const char *name;
	int fd;
	struct timeline *timeline;
	struct trace *trace;
	dt_time last;
};

static int source_open(struct source *s, const char *path)
{
	bool standard_input = strcmp(path, "-") == 0;

	*s = (struct source){.name = standard_input ? "standard input" : path, .fd = -1};
	s->fd = standard_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	if (s->fd < 0)
		return cannot_read(s->name, E_SYSTEM, NULL);
	s->timeline = timeline_new();
	s->trace = s->timeline != NULL ? trace_new(s->timeline, VANTAGE_CAPTURE) : NULL;
	return s->trace != NULL ? 0 : cannot_read(s->name, E_NO_MEMORY, NULL);
}

static int source_read(struct source *s)
{
	struct trace_result result = {0};
	int error = read_capture(s->trace, s->fd, &result);

	if (error != 0)
		return cannot_read(s->name, error, &result);
	if (result.truncated)
		(void)fprintf(stderr, "dialtone: %s: %s; explaining the %llu frames before\n",
			      s->name, result.complaint, (unsigned long long)result.frames);
	s->last = result.last;
	return 0;
}

static void source_close(struct source *s)
{
	if (s->fd > STDIN_FILENO)
		(void)close(s->fd);
	trace_free(s->trace);
	timeline_free(s->timeline);
}

/* The other side of --against: a phone of the same capture, or another capture. */
static int open_other(const char *against, struct explain_view *view, struct source *other)
{
	if (against == NULL)
		return 0;
	if (mac_of_device_name(against, &view->other_mac) == 0 ||
	    mac_parse(against, &view->other_mac) == 0)
		return 0;
	return source_open(other, against);
}

static int explain_capture(const char *path, const char *against, struct explain_view *view)
{
	struct source source;
	struct source other = {.fd = -1};
	int status = source_open(&source, path);

	if (status == 0)
		status = open_other(against, view, &other);
	if (status == 0)
		status = source_read(&source);
	if (status == 0 && other.trace != NULL)
		status = source_read(&other);
	if (status == 0) {
		view->source = source.name;
		view->now = source.last;
		if (against != NULL) {
			view->other = other.trace != NULL ? other.timeline : source.timeline;
			view->other_source = other.trace != NULL ? other.name : source.name;
		}
		status = explain_print(source.timeline, view);
	}
	source_close(&source);
	source_close(&other);
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

static bool is_registered(const json_t *phone)
{
	const char *word = json_string_value(json_object_get(phone, "status"));

	return word != NULL && strcmp(word, "registered") == 0;
}

/* What several phones of the server have in common, before one is blamed. */
static void print_groups(const json_t *groups)
{
	size_t index = 0;
	json_t *group = NULL;

	json_array_foreach(groups, index, group)
	{
		(void)printf("\n  %s  %zu phones, %s (%s): %s\n",
			     json_is_true(json_object_get(group, "remark")) ? "Remark  "
									    : "Together",
			     json_array_size(json_object_get(group, "phones")),
			     json_string_value(json_object_get(group, "rule")),
			     json_string_value(json_object_get(group, "certainty")),
			     json_string_value(json_object_get(group, "text")));
	}
}

/* Every phone the running server has seen: summary, then a block for each that is not well. */
static int explain_server(const char *socket, const struct explain_view *view)
{
	int status = 0;
	size_t index = 0;
	size_t ill = 0;
	json_t *phone = NULL;
	json_t *answer = cli_request(socket, "GET", "/v1/boots", NULL, &status);

	if (answer == NULL)
		return status;
	const json_t *phones = json_object_get(answer, "phones");
	json_array_foreach(phones, index, phone)
	{
		ill += !is_registered(phone);
	}
	if (view->as_json) {
		cli_print_json(answer);
	} else {
		(void)printf("%zu phones seen: %zu registered, %zu not\n", json_array_size(phones),
			     json_array_size(phones) - ill, ill);
		print_groups(json_object_get(answer, "groups"));
	}
	json_array_foreach(phones, index, phone)
	{
		const char *name = json_string_value(json_object_get(phone, "name"));
		if (view->as_json || name == NULL || (!view->all && is_registered(phone)))
			continue;
		(void)printf("\n");
		(void)explain_server_phone(socket, name, false);
	}
	json_decref(answer);
	return ill > 0 ? EXIT_ANSWER_NO : 0;
}

struct explain_order {
	struct explain_view view;
	const char *socket, *interface, *subject, *against, *html, *screen, *model, *rule;
	unsigned seconds;
};

#define SECONDS_MAX 31536000ul /* a year */

static bool read_seconds(const char *text, unsigned *ret_seconds)
{
	char *end = NULL;
	unsigned long n = strtoul(text, &end, 10);

	*ret_seconds = (unsigned)n;
	return end != text && *end == 0 && text[0] != '-' && n > 0 && n <= SECONDS_MAX;
}

/* false: wrong usage. */
static bool read_order(int argc, char **argv, struct explain_order *order, bool *ret_help)
{
	static const struct option options[] = {
	    {"json", no_argument, NULL, 'j'},         {"all", no_argument, NULL, 'a'},
	    {"facts", no_argument, NULL, 'f'},        {"phone", required_argument, NULL, 'p'},
	    {"live", required_argument, NULL, 'l'},   {"for", required_argument, NULL, 't'},
	    {"socket", required_argument, NULL, 's'}, {"against", required_argument, NULL, 'g'},
	    {"html", required_argument, NULL, 'm'},   {"screen", required_argument, NULL, 'w'},
	    {"model", required_argument, NULL, 'o'},  {"rule", required_argument, NULL, 'r'},
	    {"help", no_argument, NULL, 'h'},         {0}};

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
			if (!read_seconds(optarg, &order->seconds)) {
				(void)fprintf(stderr, "dialtone: --for wants seconds, 1 or more\n");
				return false;
			}
			break;
		case 's':
			order->socket = optarg;
			break;
		case 'g':
			order->against = optarg;
			break;
		case 'm':
			order->html = optarg;
			break;
		case 'w':
			order->screen = optarg;
			break;
		case 'o':
			order->model = optarg;
			break;
		case 'r':
			order->rule = optarg;
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

static int explain_source(struct explain_order *order)
{
	if (order->interface != NULL)
		return explain_live(order->interface, order->seconds, &order->view);
	if (order->subject != NULL && is_capture(order->subject))
		return explain_capture(order->subject, order->against, &order->view);
	if (order->against != NULL || order->view.html != NULL)
		return cli_usage(usage);
	if (order->subject != NULL)
		return explain_server_phone(cli_socket(order->socket), order->subject,
					    order->view.as_json);
	return explain_server(cli_socket(order->socket), &order->view);
}

int cmd_explain(int argc, char **argv)
{
	struct explain_order order = {0};
	bool help = false;

	if (!read_order(argc, argv, &order, &help))
		return cli_usage(usage);
	if (help)
		return (void)printf("usage: dialtone %s\n", usage), 0;
	if (order.rule != NULL)
		return explain_rule(order.rule);
	if (order.screen != NULL)
		return explain_screen(order.screen, order.model);
	if (order.html != NULL) {
		order.view.html = fopen(order.html, "we");
		if (order.view.html == NULL) {
			(void)fprintf(stderr, "dialtone: cannot write %s: %s\n", order.html,
				      cli_errno());
			return EXIT_CANNOT;
		}
	}
	int status = explain_source(&order);
	if (order.view.html != NULL && fclose(order.view.html) != 0)
		status = EXIT_CANNOT;
	return status;
}
