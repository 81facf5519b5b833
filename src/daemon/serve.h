/* dialtone serve: the DHCP server, the file server and the CallManager, in the foreground. */
#ifndef DIALTONE_DAEMON_SERVE_H
#define DIALTONE_DAEMON_SERVE_H

#define DAEMON_SERVE_USAGE "serve [--interface IF] [--database FILE] [--ports high] …"

/* Returns the exit status: 0 after SIGINT or SIGTERM, 2 wrong usage, 3 could not start. */
int daemon_serve(int argc, char **argv);

#endif
