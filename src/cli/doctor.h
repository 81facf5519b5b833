/* Inside dialtone doctor: its findings, and its checks by subject. */
#ifndef DIALTONE_CLI_DOCTOR_H
#define DIALTONE_CLI_DOCTOR_H

#include "cli/cli.h"
#include "net/iface.h"

enum doctor_state { DOCTOR_FINE, DOCTOR_LOOK, DOCTOR_WRONG };

struct doctor {
	const char *interface, *database, *files, *socket;
	bool as_json, serving; /* a dialtone server answers at the socket */
	struct iface iface;
	bool has_iface;
	json_t *findings;
	enum doctor_state worst;
};

/* One finding; `remedy` "" when there is nothing to do. */
__attribute__((format(printf, 5, 6))) void doctor_tell(struct doctor *d, enum doctor_state state,
						       const char *what, const char *remedy,
						       const char *format, ...);

/* doctor_host.c: the clock, the descriptors, the database's place, whom a server becomes. */
void doctor_check_host(struct doctor *d);
/* doctor_files.c: the administrator's files, and that each load is whole. */
void doctor_check_files(struct doctor *d);

#endif
