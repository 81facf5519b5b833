/* Finding a command and helping who does not know it yet. */
#include "cli/cli.h"

#include "base/text.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <version.h>

static const struct command commands[] = {
#define C(function, name, group, usage, summary) {name, group, usage, summary, function},
#include "cli/commands.def"
#undef C
};
#define COMMAND_COUNT (sizeof commands / sizeof *commands)

/* The i-th of all commands: those of other rooms first. */
static const struct command *command_at(size_t i, const struct command *more, size_t more_count)
{
	if (i < more_count)
		return &more[i];
	return i - more_count < COMMAND_COUNT ? &commands[i - more_count] : NULL;
}

static void print_help(FILE *to, const struct command *more, size_t more_count)
{
	static const char *const groups[] = {"run", "look", "change", "check"};

	(void)fprintf(to, "usage: dialtone COMMAND [OPTION…]\n\n"
			  "Takes Cisco IP phones from power-on to dial tone, and explains "
			  "every boot that\nfails.\n");
	for (size_t g = 0; g < sizeof groups / sizeof *groups; g++) {
		(void)fprintf(to, "\n%s\n", groups[g]);
		const struct command *c = NULL;
		for (size_t i = 0; (c = command_at(i, more, more_count)) != NULL; i++) {
			if (strcmp(c->group, groups[g]) == 0)
				(void)fprintf(to, "  %-9s %s\n", c->name, c->summary);
		}
	}
	(void)fprintf(to, "\n`dialtone COMMAND --help` shows a command's options; man dialtone "
			  "the rest.\n");
}

/* The command whose name is nearest to a mistyped one: the same letters but for one. */
static const char *nearest(const char *name, const struct command *more, size_t more_count)
{
	const struct command *c = NULL;

	for (size_t i = 0; (c = command_at(i, more, more_count)) != NULL; i++) {
		size_t same = 0;
		while (name[same] != 0 && name[same] == c->name[same])
			same++;
		if (same >= 3 || (strlen(name) > 1 && strncmp(c->name, name, strlen(name)) == 0))
			return c->name;
	}
	return NULL;
}

int cli_main(int argc, char **argv, const struct command *more, size_t more_count)
{
	const char *name = argc > 1 ? argv[1] : "--help";
	const struct command *c = NULL;

	if (strcmp(name, "--version") == 0 || strcmp(name, "version") == 0) {
		(void)printf("dialtone %s\n", DIALTONE_VERSION);
		return 0;
	}
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
		print_help(argc > 1 ? stdout : stderr, more, more_count);
		return argc > 1 ? 0 : EXIT_USAGE;
	}
	for (size_t i = 0; (c = command_at(i, more, more_count)) != NULL; i++) {
		if (strcmp(c->name, name) == 0)
			return c->run(argc - 1, argv + 1);
	}
	const char *meant = nearest(name, more, more_count);
	(void)fprintf(stderr, "dialtone: there is no command \"%s\".%s%s%s\n", name,
		      meant != NULL ? " Did you mean \"" : "", meant != NULL ? meant : "",
		      meant != NULL ? "\"?" : "");
	(void)fprintf(stderr, "`dialtone help` lists what there is.\n");
	return EXIT_USAGE;
}

unsigned cli_width(void)
{
	struct winsize size;
	const char *columns = getenv("COLUMNS"); // NOLINT(concurrency-mt-unsafe): one thread

	if (columns != NULL && strtoul(columns, NULL, 10) >= 40)
		return (unsigned)strtoul(columns, NULL, 10);
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40)
		return size.ws_col;
	return 80;
}

bool cli_colour(void)
{
	return isatty(STDOUT_FILENO) == 1 &&
	       getenv("NO_COLOR") == NULL; // NOLINT(concurrency-mt-unsafe): one thread
}

int cli_usage(const char *usage)
{
	(void)fprintf(stderr, "usage: dialtone %s\n", usage);
	return EXIT_USAGE;
}

int cli_option(int argc, char **argv, const struct option *options)
{
	// NOLINTNEXTLINE(concurrency-mt-unsafe): one thread
	return getopt_long(argc, argv, "", options, NULL);
}

const char *cli_errno(void)
{
	// NOLINTNEXTLINE(concurrency-mt-unsafe): one thread
	return strerror(errno);
}
