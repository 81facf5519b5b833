/* Inside the library of files: the cache's entries and where generated files come from. */
#ifndef DIALTONE_TFTP_FILES_INTERNAL_H
#define DIALTONE_TFTP_FILES_INTERNAL_H

#include "base/map.h"
#include "tftp/files.h"

#define FILES_HANDLES_MAX 256 /* large files held open */
#define FILES_LOADS_MAX   64  /* chains remembered */

/* What a generated file was made from, and so when it is out of date. */
struct files_made {
	uint64_t generation;         /* of the registrar, when last compared */
	uint64_t stamp;              /* of the provision */
	uint64_t listing;            /* of the directory's list, when the file is made of it */
	char load[DEVICE_LOAD_SIZE]; /* the load that the record names; "" none */
	bool load_held;              /* left out, because its chain is broken */
};

struct files_entry {
	char path[FILE_NAME_SIZE];
	struct file *file;
	bool from_directory;
	struct files_made made; /* of a generated one */
	struct files_entry *newer, *older;
};

/* Where the bytes of a name come from. */
struct files_source {
	enum file_kind kind;
	char key[FILE_NAME_SIZE];      /* in the cache */
	char device[DEVICE_NAME_SIZE]; /* the record; "" for what all phones share */
	bool from_records;             /* and from nowhere else */
};

struct files_load {
	char load[DEVICE_LOAD_SIZE];
	uint64_t listing;
	struct load_report report;
};

struct files {
	struct reg *reg;
	const struct directory *directory;
	struct map cache; /* by path */
	struct files_entry *oldest, *newest;
	size_t bytes, handles;
	struct files_load load[FILES_LOADS_MAX];
	unsigned next_load;
	struct files_event event[FILES_EVENTS_MAX];
	unsigned first_event, event_count;
};

/* generate.c. Is there something to generate under this name? */
bool files_source_find(const struct files *f, const struct file_name *name,
		       struct files_source *ret_source);
/* Would generating it now give the same bytes? */
bool files_is_current(struct files *f, const struct files_source *source, struct files_entry *e);
/* NULL when out of memory. */
struct file *files_generate(struct files *f, const struct files_source *source,
			    struct files_made *ret_made);

#endif
