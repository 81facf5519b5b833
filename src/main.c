/* dialtone: one program. Commands are cli/'s; the server itself is daemon/'s. */
#include "cli/cli.h"
#include "cli/command.h"
#include "daemon/serve.h"

#include <stdio.h>

/* What was printed must have arrived: a full disk behind a pipe is no success. */
static int flushed(int status)
{
	if (fflush(stdout) == 0 && ferror(stdout) == 0)
		return status;
	(void)fprintf(stderr, "dialtone: the output could not be written: %s\n", cli_errno());
	return EXIT_CANNOT;
}

int main(int argc, char **argv)
{
	static const struct command more[] = {
	    {"serve", "run", DAEMON_SERVE_USAGE,
	     "the DHCP server, the file server and the CallManager", daemon_serve},
	};

	return flushed(cli_main(argc, argv, more, sizeof more / sizeof *more));
}
