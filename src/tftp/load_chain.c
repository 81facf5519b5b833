/* The chain of a load, looked at before a phone is sent to it: the list, then each image in it.
 * What was found holds while nothing is added to the directory or taken out of it. */
#include "tftp/files_internal.h"

#include "base/error.h"
#include "base/text.h"

#include <stdio.h>

#define FRONT_SIZE     64
#define LOADS_TOLD_MAX 4096

/* Opens a file for a look; NULL when it is not there. */
static struct file *look(const struct files *f, const char *path)
{
	struct directory_file found;

	if (f->directory->open(f->directory->context, path, &found) != 0)
		return NULL;
	return file_of_directory(f->directory, &found);
}

static enum load_state check_image(const struct files *f, const char *name, uint64_t size)
{
	struct file *file = look(f, name);
	uint8_t front[FRONT_SIZE];

	if (file == NULL)
		return LOAD_MEMBER_MISSING;
	long n = file_read(file, 0, front, sizeof front);
	bool good =
	    n >= 0 && loads_image_plausible(slice_of(front, (size_t)(n > 0 ? n : 0)), file->size);
	if (size != 0 && file->size != size)
		good = false;
	file_unref(file);
	return good ? LOAD_WHOLE : LOAD_MEMBER_DAMAGED;
}

static enum load_state check_list(const struct files *f, struct file *list,
				  struct load_report *report)
{
	static uint8_t bytes[LOADS_FILE_MAX]; /* one thread; too much for a stack */
	struct loads loads;
	long n = list->size <= sizeof bytes ? file_read(list, 0, bytes, sizeof bytes) : -1;

	if (n < 0 || loads_decode(slice_of(bytes, (size_t)n), &loads) != 0)
		return LOAD_DAMAGED;
	for (uint32_t i = 0; i < loads.count; i++) {
		struct file_name name;
		enum load_state state = LOAD_MEMBER_MISSING;
		if (file_name_read(slice_text(loads.member[i].name), &name))
			state = check_image(f, name.path, loads.member[i].size);
		if (state == LOAD_WHOLE)
			continue;
		(void)text_copy(report->member, sizeof report->member, loads.member[i].name);
		return state;
	}
	return LOAD_WHOLE;
}

/* Old phones have no list: their load is one image, named with its ending or without. */
static enum load_state check_single(const struct files *f, const char *load,
				    struct load_report *report)
{
	static const char *const endings[] = {"", ".bin", ".sbin", ".zup"};
	char name[FILE_NAME_SIZE];

	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
		(void)snprintf(name, sizeof name, "%s%s", load, endings[i]);
		enum load_state state = check_image(f, name, 0);
		if (state == LOAD_MEMBER_MISSING)
			continue;
		if (state == LOAD_MEMBER_DAMAGED)
			(void)text_copy(report->member, sizeof report->member, name);
		return state;
	}
	return LOAD_ABSENT;
}

static enum load_state check(const struct files *f, const char *load, struct load_report *report)
{
	static const char *const endings[] = {".loads", ".LOADS"};
	struct file_name plain;
	char name[FILE_NAME_SIZE];

	if (f->directory == NULL || !file_name_read(slice_text(load), &plain))
		return LOAD_ABSENT;
	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
		(void)snprintf(name, sizeof name, "%.200s%s", plain.path, endings[i]);
		struct file *list = look(f, name);
		if (list == NULL)
			continue;
		enum load_state state = check_list(f, list, report);
		file_unref(list);
		return state;
	}
	return check_single(f, plain.path, report);
}

static struct files_load *remembered(struct files *f, const char *load)
{
	for (size_t i = 0; i < FILES_LOADS_MAX; i++) {
		if (strcmp(f->load[i].load, load) == 0)
			return &f->load[i];
	}
	struct files_load *to = &f->load[f->next_load++ % FILES_LOADS_MAX];
	memset(to, 0, sizeof *to);
	(void)text_copy(to->load, sizeof to->load, load);
	return to;
}

enum load_state files_check_load(struct files *f, const char *load, struct load_report *ret_report)
{
	struct files_load *known = remembered(f, load);
	uint64_t listing =
	    f->directory != NULL ? f->directory->list(f->directory->context, NULL, NULL) : 1;

	if (known->listing != listing || listing == 0) {
		known->listing = listing;
		known->report = (struct load_report){0};
		(void)text_copy(known->report.load, sizeof known->report.load, load);
		known->report.state = check(f, load, &known->report);
	}
	*ret_report = known->report;
	return known->report.state;
}

static void tell_once(struct files *f, struct map *told, const char *load, const char *named_by,
		      files_load_fn fn, void *context)
{
	struct load_report report;
	uint64_t key = map_key_text(load);

	if (load[0] == 0 || map_get(told, key) != NULL || map_put(told, key, f) != 0)
		return;
	(void)files_check_load(f, load, &report);
	fn(context, &report, named_by);
}

void files_each_load(struct files *f, files_load_fn fn, void *context)
{
	const union record *defaults = NULL;
	const struct device *device = NULL;
	char name[RECORD_NAME_SIZE + 16];
	struct map told;

	map_init(&told, LOADS_TOLD_MAX);
	while ((defaults = reg_record_next(f->reg, RECORD_DEFAULTS,
					   defaults != NULL ? defaults->key : "")) != NULL) {
		(void)snprintf(name, sizeof name, "defaults %s", defaults->key);
		tell_once(f, &told, defaults->defaults.load, name, fn, context);
	}
	while ((device = reg_device_next(f->reg, device != NULL ? device->name : "")) != NULL)
		tell_once(f, &told, device->load, device->name, fn, context);
	map_done(&told);
}

bool files_next_event(struct files *f, struct files_event *ret_event)
{
	if (f->event_count == 0)
		return false;
	*ret_event = f->event[f->first_event];
	f->first_event = (f->first_event + 1) % FILES_EVENTS_MAX;
	f->event_count--;
	return true;
}
