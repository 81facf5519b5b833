/* The lab's private network: two namespaces and a cable. */
#ifndef DIALTONE_CLI_LAB_NET_H
#define DIALTONE_CLI_LAB_NET_H

#include <sys/types.h>

#define LAB_PHONES_INTERFACE "lab0"
#define LAB_SERVER_INTERFACE "lab1"
#define LAB_PHONES_ADDRESS   "10.77.0.2/24"
#define LAB_SERVER_ADDRESS   "10.77.0.1/24"

/* Moves this process into a network namespace of its own; without root into a user namespace of its
 * own first. 0, or -1 after telling why not. */
int lab_net_enter(void);
/* Runs a program (argv[0] is searched in PATH) and waits for it. Its exit status, 127 when it
 * cannot run. */
int lab_run(const char *const argv[]);
/* Starts `argv` (argv[0] is this program) in a second namespace, joined to ours by a cable, with
 * the server's address; it dies with us. Its output goes nowhere. The process id, or -1 after
 * telling why. */
pid_t lab_start_server(const char *const argv[]);
/* Starts `argv` in this namespace; likewise. */
pid_t lab_start(const char *const argv[]);

#endif
