/* The fabric on real cables: each port an interface of its own in the lab's namespace, each
 * recorded into a capture file as its cable saw it. */
#ifndef DIALTONE_FABRIC_FABRIC_IO_H
#define DIALTONE_FABRIC_FABRIC_IO_H

#include "fabric/fabric.h"

#include <signal.h>

struct fabric_io_port {
	const char *interface;
	int capture; /* a file opened for writing; -1 = not recorded */
};

/* Opens every port; 0, or E_SYSTEM with errno. `ret_fds` gets the sockets, one a port. */
int fabric_io_open(const struct fabric_io_port *ports, size_t count, int *ret_fds);
/* Forwards until *stop. Runs in a process of its own. */
void fabric_io_run(struct fabric *f, const struct fabric_io_port *ports, const int *fds,
		   size_t count, const volatile sig_atomic_t *stop);

#endif
