/* The stage of one run: namespaces for the phones and each host, cables from all of them to the
 * fabric, servers and fleets on them. Everything lives in the namespaces of the process that opened
 * it and dies with it. */
#ifndef DIALTONE_LAB_STAGE_H
#define DIALTONE_LAB_STAGE_H

#include "base/buf.h"
#include "lab/scenario.h"

#include <sys/types.h>

#define STAGE_PATH_MAX   160
#define STAGE_FLEETS_MAX 4
#define STAGE_PHONES     (-1) /* as a host's index */

struct stage_host {
	int net; /* its network namespace; -1: not on this stage */
	unsigned port;
	pid_t program; /* 0: not running */
};

struct stage {
	const struct scenario *scenario;
	bool broken;
	char directory[96];           /* its own, and empty */
	char program[STAGE_PATH_MAX]; /* this program's file */
	struct stage_host phones, host[SCENARIO_HOSTS_MAX];
	unsigned ports;
	pid_t fabric, fleet[STAGE_FLEETS_MAX];
	char why[200]; /* what did not work, for people */
};

/* Builds the set, starts every server and gives it what it is told by `admin` lines. False with
 * `why`. The caller is alone in a network and a process namespace of its own. */
bool stage_open(struct stage *st, const struct scenario *s, bool broken, const char *directory);
bool stage_start_phones(struct stage *st);
/* What an `at` line says. */
bool stage_do(struct stage *st, const struct scenario_line *line);
void stage_stop_phones(struct stage *st);
/* The switch has written everything it has seen. */
void stage_stop_fabric(struct stage *st);
void stage_close(struct stage *st);

/* The capture of a host's cable, or of the phones'. Returns `to`. */
const char *stage_capture(const struct stage *st, int host, char *to, size_t size);
const char *stage_socket(const struct stage *st, int host, char *to, size_t size);
/* Runs this program with these arguments and keeps what it prints; its exit status, 127 when it did
 * not run. */
int stage_run_self(struct stage *st, const char *const *arguments, struct buf *ret_output);
/* Any program, by its name or path. */
int stage_run(const char *const *argv, struct buf *ret_output);

#endif
