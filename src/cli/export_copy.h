/* dialtone export copy: a part of cmd_export.c. */
#ifndef DIALTONE_CLI_EXPORT_COPY_H
#define DIALTONE_CLI_EXPORT_COPY_H

/* Returns the exit status. */
int cli_export_copy(const char *path, const char *socket);

#endif
