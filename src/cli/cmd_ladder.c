/* dialtone ladder: every message of a boot, one after the other, decoded.
 *
 * Of a capture each message as it was on the wire; of a phone of the running server the facts it
 * has kept, since a server keeps no messages. */
#include "cli/cli.h"
#include "cli/progress.h"

#include "base/error.h"
#include "base/text.h"
#include "net/sandbox.h"
#include "trace/ladder.h"
#include "trace/trace.h"

#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <unistd.h>

#define WIDTH_USUAL 100
#define WIDTH_LEAST 70
#define WORDS_AT    47 /* the column where the words begin */
#define LINE_MAX    65536

static const char usage[] =
    "ladder [FILE | - | NAME] [--phone NAME]\n\n"
    "  FILE, -       a capture (pcap or pcapng), or one on standard input\n"
    "  NAME          a phone of the running server: what it has kept of its boots\n"
    "  --phone NAME  only this phone of the capture\n"
    "  --socket PATH the server's socket\n\n"
    "exit status: 0 something was shown, 1 nothing to show, 2 wrong usage, 3 could not do it";

struct ladder_order {
	const char *subject, *socket;
	bool one;
	struct mac mac;
	unsigned width;
};

/* Escaped words, broken at blanks into lines that begin in the same column. */
static void print_words(struct buf *words, unsigned width)
{
	while (words->len > 0 && words->ptr[words->len - 1] == ' ')
		words->len--;
	buf_char(words, 0);
	const char *text = buf_cstr(words);
	size_t room = width - WORDS_AT;
	bool first = true;

	while (*text != 0 || first) {
		size_t n = strlen(text);
		if (n > room) {
			n = room;
			while (n > room / 2 && text[n] != ' ')
				n--;
			if (text[n] != ' ')
				n = room;
		}
		(void)printf("%*s%.*s\n", first ? 0 : WORDS_AT, "", (int)n, text);
		text += n;
		while (*text == ' ')
			text++;
		first = false;
	}
}

static void print_message(const struct observed_message *m, dt_time began, struct buf *line,
			  unsigned width)
{
	char peer[ENDPOINT_TEXT_SIZE] = "";

	if (m->peer.port != 0)
		(void)endpoint_format(m->peer, peer);
	else if (!ip4_is_zero(m->peer.ip))
		(void)ip4_format(m->peer.ip, peer);
	/* 10 + 7 + 4 + 21 + 5 columns. */
	(void)printf("%9.3f %6llu %s %-20s %-4s ", (double)(m->at - began) / 1e6,
		     (unsigned long long)m->evidence, m->by_phone ? "->" : "<-", peer, m->protocol);
	buf_clear(line);
	if (m->vlan != 0)
		buf_printf(line, "[VLAN %u] ", m->vlan);
	text_escape_terminal(line, slice_text(m->words));
	print_words(line, width);
}

static void print_name(struct mac mac)
{
	struct ip4 ip;
	char hex[MAC_HEX_SIZE];
	char dotted[IP4_TEXT_SIZE];

	if (timeline_address_phone(mac, &ip))
		(void)printf("%s\n", ip4_format(ip, dotted));
	else
		(void)printf("SEP%s\n", mac_format_hex(mac, hex));
}

/* One phone: false when it said nothing. */
static bool print_phone(const struct ladder *ladder, struct mac mac, struct buf *line,
			unsigned width, bool *after_another)
{
	struct observed_message m;
	size_t at = 0;
	dt_time began = 0;

	while (ladder_next(ladder, mac, &at, &m)) {
		if (at == 1) {
			if (*after_another)
				(void)putchar('\n');
			print_name(mac);
			began = m.at;
			*after_another = true;
		}
		print_message(&m, began, line, width);
	}
	return at > 0;
}

static int print_ladder(struct timeline *timeline, struct ladder *ladder,
			const struct ladder_order *order)
{
	size_t at = 0;
	struct mac mac;
	struct buf line;
	bool any = false;

	if (ladder_sort(ladder) != 0) {
		(void)fprintf(stderr, "dialtone: %s\n", error_text(E_NO_MEMORY));
		return EXIT_CANNOT;
	}
	buf_init(&line, LINE_MAX);
	if (order->one) {
		(void)print_phone(ladder, order->mac, &line, order->width, &any);
	} else {
		while (timeline_next_phone(timeline, &at, &mac))
			(void)print_phone(ladder, mac, &line, order->width, &any);
	}
	buf_done(&line);
	if (!any)
		(void)fprintf(stderr, "dialtone: no message of %s in %s\n",
			      order->one ? "this phone" : "a phone", order->subject);
	if (ladder_cut(ladder))
		(void)fprintf(stderr,
			      "dialtone: the messages beyond %zu MB are not shown: cut the "
			      "capture, with editcap for one\n",
			      LADDER_BYTES_MAX >> 20);
	return any ? 0 : EXIT_ANSWER_NO;
}

static int read_capture(struct trace *trace, struct ladder *ladder, int fd,
			struct trace_result *result)
{
	struct progress shown = progress_of(fd);
	const struct trace_progress progress = {progress_tell, &shown};
	int error = trace_set_ladder(trace, ladder);

	/* A second wall: without it (an old kernel) the file is read all the same. */
	(void)sandbox_reader();
	if (error == 0)
		error = trace_read(trace, fd, &progress, result);
	progress_end(&shown);
	return error;
}

static int ladder_of_capture(const struct ladder_order *order)
{
	struct trace_result result = {0};
	struct ladder *ladder = ladder_new();
	struct timeline *timeline = timeline_new();
	struct trace *trace = timeline != NULL ? trace_new(timeline, VANTAGE_CAPTURE) : NULL;
	bool standard_input = strcmp(order->subject, "-") == 0;
	int fd = standard_input ? STDIN_FILENO : open(order->subject, O_RDONLY | O_CLOEXEC);
	int error = trace == NULL || ladder == NULL ? E_NO_MEMORY
		    : fd < 0                        ? E_SYSTEM
						    : read_capture(trace, ladder, fd, &result);
	int status = EXIT_CANNOT;

	if (error == E_SYSTEM)
		(void)fprintf(stderr, "dialtone: cannot read %s: %s\n", order->subject,
			      cli_errno());
	else if (error == E_BAD_FORMAT)
		(void)fprintf(stderr, "dialtone: %s is %s\n", order->subject, result.complaint);
	else if (error != 0)
		(void)fprintf(stderr, "dialtone: cannot read %s: %s\n", order->subject,
			      error_text(error));
	if (error == 0 && result.truncated)
		(void)fprintf(stderr, "dialtone: %s: %s; showing the %llu frames before\n",
			      order->subject, result.complaint, (unsigned long long)result.frames);
	if (error == 0)
		status = print_ladder(timeline, ladder, order);
	if (fd > STDIN_FILENO)
		(void)close(fd);
	trace_free(trace);
	timeline_free(timeline);
	ladder_free(ladder);
	return status;
}

/* The facts a running server has kept of a phone, as lines. */
static int ladder_of_server(const struct ladder_order *order)
{
	char path[160];
	unsigned status = 0;
	struct buf answer;

	(void)snprintf(path, sizeof path, "/v1/facts/%s", order->subject);
	buf_init(&answer, (size_t)16 << 20);
	const char *socket = cli_socket(order->socket);
	int error = cli_exchange(socket, "GET", path, NULL, &status, &answer);
	if (error != 0)
		(void)fprintf(stderr, "dialtone: no server answers at %s: %s\n", socket,
			      error_text(error));
	else if (status != 200 || answer.len == 0)
		(void)fprintf(stderr, "dialtone: the server knows nothing of %s\n", order->subject);
	else
		(void)fwrite(answer.ptr, 1, answer.len, stdout);
	buf_done(&answer);
	return error != 0 ? EXIT_CANNOT : status != 200 || answer.len == 0 ? EXIT_ANSWER_NO : 0;
}

/* false: wrong usage. */
static bool read_order(int argc, char **argv, struct ladder_order *order, bool *ret_help)
{
	static const struct option options[] = {{"phone", required_argument, NULL, 'p'},
						{"socket", required_argument, NULL, 's'},
						{"help", no_argument, NULL, 'h'},
						{0}};

	for (int option; (option = cli_option(argc, argv, options)) != -1;) {
		switch (option) {
		case 'p':
			order->one = true;
			if (mac_of_device_name(optarg, &order->mac) != 0 &&
			    mac_parse(optarg, &order->mac) != 0) {
				(void)fprintf(
				    stderr,
				    "dialtone: \"%s\" is neither SEP and twelve digits nor a MAC\n",
				    optarg);
				return false;
			}
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
	return argc - optind == 1;
}

/* A file named so, or a name that cannot be a phone's, means a capture. */
static bool is_capture(const char *subject)
{
	struct mac mac;

	return strcmp(subject, "-") == 0 || access(subject, F_OK) == 0 ||
	       strpbrk(subject, "/.") != NULL ||
	       (mac_of_device_name(subject, &mac) != 0 && mac_parse(subject, &mac) != 0);
}

int cmd_ladder(int argc, char **argv)
{
	struct ladder_order order = {0};
	bool help = false;

	if (!read_order(argc, argv, &order, &help))
		return cli_usage(usage);
	if (help)
		return (void)printf("usage: dialtone %s\n", usage), 0;
	/* In a pipe as wide as a page; on a terminal as wide as it is. */
	order.width = isatty(STDOUT_FILENO) == 1 ? cli_width() : WIDTH_USUAL;
	if (order.width < WIDTH_LEAST)
		order.width = WIDTH_LEAST;
	if (order.subject == NULL)
		return cli_usage(usage);
	return is_capture(order.subject) ? ladder_of_capture(&order) : ladder_of_server(&order);
}
