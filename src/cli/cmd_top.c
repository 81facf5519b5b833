/* dialtone top: the running server, live. What needs somebody stands on top: alarms, then phones
 * that are not registered, then who knocks. The screen is made as lines, which a pipe gets once and
 * a terminal again and again. */
#include "cli/cli.h"

#include "base/text.h"
#include "cli/top_screen.h"

#include <getopt.h>
#include <ncurses.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static const char usage[] = "top [--once] [--interval SECONDS] [--socket PATH]";

static int64_t now_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* Everything the screen shows, asked anew. 0, or the exit status after telling why not. */
static int ask(const char *socket, struct top_sample *sample)
{
	static const char *const paths[TOP_ANSWERS] = {"/v1/node", "/v1/perf", "/v1/phones",
						       "/v1/knocking"};
	int status = 0;

	for (size_t i = 0; i < TOP_ANSWERS; i++) {
		sample->answer[i] = cli_request(socket, "GET", paths[i], NULL, &status);
		if (sample->answer[i] == NULL)
			return status;
	}
	sample->at_us = now_us();
	return 0;
}

static void forget(struct top_sample *sample)
{
	for (size_t i = 0; i < TOP_ANSWERS; i++) {
		json_decref(sample->answer[i]);
		sample->answer[i] = NULL;
	}
}

static int once(const char *socket)
{
	struct top_sample before = {0};
	struct top_sample sample = {0};
	struct buf lines;
	int status = ask(socket, &sample);

	buf_init(&lines, (size_t)4 << 20);
	if (status == 0) {
		top_render(&before, &sample, cli_width(), UINT32_MAX, &lines);
		(void)fputs(buf_cstr(&lines), stdout);
	}
	buf_done(&lines);
	forget(&sample);
	return status;
}

static void draw(const char *text)
{
	int row = 0;

	(void)erase();
	for (const char *line = text; *line != 0 && row < LINES; row++) {
		int len = (int)strcspn(line, "\n");
		(void)mvaddnstr(row, 0, line, len);
		line += len + (line[len] == '\n');
	}
	(void)refresh();
}

/* Until q, or the server goes away: then its words stand on the restored screen. */
static int watch(const char *socket, int interval_s)
{
	struct top_sample before = {0};
	struct top_sample sample = {0};
	struct buf lines;
	int status = ask(socket, &sample);
	int key = 0;

	if (status != 0) {
		forget(&sample);
		return status;
	}
	buf_init(&lines, (size_t)4 << 20);
	(void)initscr();
	(void)cbreak();
	(void)noecho();
	(void)curs_set(0);
	timeout(interval_s * 1000);
	while (key != 'q' && key != 'Q' && status == 0) {
		buf_clear(&lines);
		top_render(&before, &sample, (unsigned)COLS, (unsigned)LINES, &lines);
		draw(buf_cstr(&lines));
		key = getch();
		forget(&before);
		before = sample;
		sample = (struct top_sample){0};
		/* A server that is gone is told below, on the ordinary screen. */
		if (key != 'q' && key != 'Q' && access(socket, F_OK) == 0)
			status = ask(socket, &sample);
		else if (key != 'q' && key != 'Q')
			status = EXIT_CANNOT;
	}
	(void)endwin();
	if (status != 0)
		(void)fprintf(stderr, "dialtone: the server has gone away\n");
	buf_done(&lines);
	forget(&before);
	forget(&sample);
	return status;
}

int cmd_top(int argc, char **argv)
{
	static const struct option options[] = {{"once", no_argument, NULL, 'o'},
						{"interval", required_argument, NULL, 'i'},
						{"socket", required_argument, NULL, 's'},
						{"help", no_argument, NULL, 'h'},
						{0}};
	const char *socket = NULL;
	bool just_once = isatty(STDOUT_FILENO) != 1;
	long interval_s = 1;

	for (int option; (option = cli_option(argc, argv, options)) != -1;) {
		if (option == 'o')
			just_once = true;
		else if (option == 'i')
			interval_s = strtol(optarg, NULL, 10);
		else if (option == 's')
			socket = optarg;
		else
			return option == 'h' ? (void)printf("usage: dialtone %s\n", usage),
			       0             : cli_usage(usage);
	}
	if (optind < argc || interval_s < 1 || interval_s > 3600)
		return cli_usage(usage);
	return just_once ? once(cli_socket(socket)) : watch(cli_socket(socket), (int)interval_s);
}
