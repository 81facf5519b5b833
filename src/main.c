/* dialtone: one program. Commands are cli/'s; the server itself is daemon/'s. */
#include "cli/command.h"
#include "daemon/serve.h"

int main(int argc, char **argv)
{
	static const struct command more[] = {
	    {"serve", "run", DAEMON_SERVE_USAGE,
	     "the DHCP server, the file server and the CallManager", daemon_serve},
	};

	return cli_main(argc, argv, more, sizeof more / sizeof *more);
}
