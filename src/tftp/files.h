/* Every file that can be served: those generated from the registrar's records, each cached until
 * the version stamp of what it was made from changes, and the administrator's, from one directory.
 *
 * What the database generates for a phone it knows, and the default files, come from the database
 * alone: an old copy in the directory must not outlive a change. Everything else is looked for in
 * the directory first. A pure machine but for what the directory's port does. */
#ifndef DIALTONE_TFTP_FILES_H
#define DIALTONE_TFTP_FILES_H

#include "cnf/loads.h"
#include "model/file_name.h"
#include "reg/reg.h"
#include "tftp/file.h"

#define FILES_CACHE_MAX    ((size_t)24 * 1024 * 1024) /* bytes of cached files in all */
#define FILES_SMALL_MAX    ((size_t)256 * 1024) /* larger ones of the directory are not kept */
#define FILES_ENTRIES_MAX  8192                 /* cached files */
#define FILES_NETASCII_MAX ((size_t)8 * 1024 * 1024)
#define FILES_EVENTS_MAX   64

struct files;

/* `directory` may be NULL: nothing but generated files. Both outlive it. NULL: out of memory. */
struct files *files_new(struct reg *reg, const struct directory *directory);
void files_free(struct files *f);

/* The administrator's files, from now on; NULL: none. */
void files_set_directory(struct files *f, const struct directory *directory);

enum files_outcome {
	FILES_FOUND,
	FILES_MISSING, /* ret_name is filled, unless the name is none */
	FILES_FAILED,  /* out of memory, unreadable, or a record that this form cannot say */
};

/* Opens a file by the name a phone asked for (after an HTTP target's decoding). FOUND: the caller
 * owns a reference in ret_file. Whatever comes of it, a phone whose name is in there exists: the
 * registrar is told. */
enum files_outcome files_open(struct files *f, struct slice asked, struct file **ret_file,
			      struct file_name *ret_name);

/* A phone asked for this, and nothing is opened: the registrar is told that the phone exists. */
void files_notice(struct files *f, struct slice asked);

/* The chain of a load: its list and every image in it, as a phone would ask for them. LOAD_ABSENT
 * when there is no directory. */
enum load_state files_check_load(struct files *f, const char *load, struct load_report *ret_report);

/* Every load that a model's defaults or a phone names, once, with the first record that does. */
typedef void (*files_load_fn)(void *context, const struct load_report *report,
			      const char *named_by);
void files_each_load(struct files *f, files_load_fn fn, void *context);

/* A phone's file was rendered without the load its record names, because its chain is broken. */
struct files_event {
	char device[DEVICE_NAME_SIZE]; /* "" : the default file */
	struct load_report report;
};
/* Each broken chain once until it changes. Oldest first; false when there is none. */
bool files_next_event(struct files *f, struct files_event *ret_event);

/* For gauges: cached files and their bytes. */
size_t files_cached(const struct files *f, size_t *ret_bytes);

#endif
