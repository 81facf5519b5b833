/* The administrator's files: is each load whole, so that no phone stops in the middle of its
 * upgrade? A running server is asked about the loads its records name; without one every list in
 * the directory is followed. */
#include "cli/doctor.h"

#include "base/text.h"
#include "tftp/directory_io.h"
#include "tftp/files.h"

#include <errno.h>
#include <stdio.h>
#include <strings.h>

#define LISTS_MAX 256

struct listing {
	size_t files, lists;
	char list[LISTS_MAX][DEVICE_LOAD_SIZE];
};

static void note(void *context, const char *name)
{
	static const char ending[] = ".loads";
	struct listing *l = context;
	size_t len = strlen(name);

	l->files++;
	if (len <= sizeof ending - 1 || l->lists == LISTS_MAX ||
	    strcasecmp(name + len - (sizeof ending - 1), ending) != 0)
		return;
	if (text_copy_slice(l->list[l->lists], sizeof l->list[0],
			    slice_of(name, len - (sizeof ending - 1))))
		l->lists++;
}

static void tell_broken(struct doctor *d, const char *load, const char *why, const char *member,
			const char *named_by)
{
	doctor_tell(d, DOCTOR_WRONG, "load", "Put the whole load there: its list and every image.",
		    "%s %s%s%s%s%s", load, why, member[0] != 0 ? ": " : "", member,
		    named_by[0] != 0 ? ", named by " : "", named_by);
}

static size_t follow_lists(struct doctor *d, const struct directory *directory,
			   const struct listing *l)
{
	struct reg *reg = reg_new();
	struct files *files = reg != NULL ? files_new(reg, directory) : NULL;
	struct load_report report;
	size_t broken = 0;

	for (size_t i = 0; files != NULL && i < l->lists; i++) {
		if (files_check_load(files, l->list[i], &report) == LOAD_WHOLE)
			continue;
		broken++;
		tell_broken(d, report.load, load_state_text(report.state), report.member, "");
	}
	files_free(files);
	reg_free(reg);
	return broken;
}

static void check_directory(struct doctor *d)
{
	static struct listing l; /* 33 KB; one thread */
	struct directory_io *io = NULL;
	char usual[256];
	const char *slash = strrchr(d->database, '/');

	(void)snprintf(usual, sizeof usual, "%.*s/files",
		       slash != NULL ? (int)(slash - d->database) : 1,
		       slash != NULL ? d->database : ".");
	const char *path = d->files != NULL ? d->files : usual;
	if (directory_io_open(path, &io) != 0) {
		bool none = d->files == NULL && errno == ENOENT;
		doctor_tell(d, none ? DOCTOR_FINE : DOCTOR_WRONG, "files",
			    none ? "" : "mkdir it, or name another one with --files.",
			    none ? "%s is not there: no loads, locales or rings of your own"
				 : "%s cannot be read",
			    path);
		return;
	}
	const struct directory *directory = directory_io_port(io);
	l = (struct listing){0};
	if (directory->list(directory->context, note, &l) == 0)
		doctor_tell(d, DOCTOR_WRONG, "files", "chmod a+rx, or chown to the server's user.",
			    "%s cannot be read", path);
	else if (follow_lists(d, directory, &l) == 0)
		doctor_tell(d, DOCTOR_FINE, "files", "", "%zu in %s, %zu loads, each whole",
			    l.files, path, l.lists);
	directory_io_close(io);
}

static void check_records(struct doctor *d)
{
	int status = 0;
	size_t index = 0;
	size_t broken = 0;
	json_t *row = NULL;
	json_t *answer = cli_request(d->socket, "GET", "/v1/loads", NULL, &status);
	const json_t *loads = json_object_get(answer, "loads");

	json_array_foreach(loads, index, row)
	{
		if (json_is_true(json_object_get(row, "whole")))
			continue;
		broken++;
		tell_broken(d, json_string_value(json_object_get(row, "load")),
			    json_string_value(json_object_get(row, "state")),
			    json_string_value(json_object_get(row, "member")),
			    json_string_value(json_object_get(row, "named_by")));
	}
	if (answer != NULL && broken == 0)
		doctor_tell(d, DOCTOR_FINE, "loads", "",
			    "%zu named by phones and models, each whole", json_array_size(loads));
	json_decref(answer);
}

void doctor_check_files(struct doctor *d)
{
	check_directory(d);
	if (d->serving)
		check_records(d);
}
