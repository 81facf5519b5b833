/* How far a long reading has come: a line on a terminal's standard error from the first second on,
 * nothing in a pipe. */
#ifndef DIALTONE_CLI_PROGRESS_H
#define DIALTONE_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	bool on; /* standard error is a terminal */
	bool shown;
	uint64_t total; /* bytes; 0 = unknown (a pipe) */
	int64_t began_ms, told_ms;
};

/* `fd`: the descriptor that will be read. */
struct progress progress_of(int fd);
/* So many bytes have been read. Tells a few times a second. */
void progress_tell(void *progress, uint64_t bytes);
/* Takes the line away again. */
void progress_end(struct progress *p);

#endif
