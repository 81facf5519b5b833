/* Child processes of the lab: they die with their parent, leave Ctrl-C to it, and keep quiet. */
#ifndef DIALTONE_LAB_SPAWN_H
#define DIALTONE_LAB_SPAWN_H

#include "base/buf.h"

#include <stdnoreturn.h>
#include <sys/types.h>

/* As fork: 0 in the child, which is settled already. */
pid_t spawn_child(void);
/* In the child: output and errors go to this file from here on. */
void spawn_log(const char *path);
/* In the child: the program, found by $PATH; exits with 127 when it cannot be run. */
noreturn void spawn_become(const char *program, const char *const *argv);
/* Runs a program to its end and keeps what it prints (NULL: nobody wants it): its exit status, 127
 * when it did not run. */
int spawn_read(const char *const *argv, struct buf *ret_output);
/* Ends the child and all its own, with patience; *child becomes 0. */
void spawn_end(pid_t *child);

#endif
