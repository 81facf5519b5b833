/* What a name opens: the order of look-ups, and the cache behind it. */
#include "tftp/files_internal.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"

struct files *files_new(struct reg *reg, const struct directory *directory)
{
	struct files *f = alloc_zero(1, sizeof *f);

	if (f == NULL)
		return NULL;
	f->reg = reg;
	f->directory = directory;
	map_init(&f->cache, FILES_ENTRIES_MAX);
	return f;
}

static void drop(struct files *f, struct files_entry *e);

void files_set_directory(struct files *f, const struct directory *directory)
{
	while (f->oldest != NULL)
		drop(f, f->oldest);
	memset(f->load, 0, sizeof f->load);
	f->directory = directory;
}

static void unlink_entry(struct files *f, struct files_entry *e)
{
	*(e->older != NULL ? &e->older->newer : &f->oldest) = e->newer;
	*(e->newer != NULL ? &e->newer->older : &f->newest) = e->older;
}

static void link_newest(struct files *f, struct files_entry *e)
{
	e->newer = NULL;
	e->older = f->newest;
	*(f->newest != NULL ? &f->newest->newer : &f->oldest) = e;
	f->newest = e;
}

static size_t entry_bytes(const struct files_entry *e)
{
	return sizeof *e + e->file->bytes.size;
}

static void drop(struct files *f, struct files_entry *e)
{
	(void)map_take(&f->cache, map_key_text(e->path));
	unlink_entry(f, e);
	f->bytes -= entry_bytes(e);
	f->handles -= e->file->directory != NULL;
	file_unref(e->file);
	alloc_free(e);
}

void files_free(struct files *f)
{
	if (f == NULL)
		return;
	while (f->oldest != NULL)
		drop(f, f->oldest);
	map_done(&f->cache);
	alloc_free(f);
}

/* What the cache holds under this path, as the one used last; NULL when nothing. */
static struct files_entry *find(struct files *f, const char *path)
{
	struct files_entry *e = map_get(&f->cache, map_key_text(path));

	if (e == NULL || strcmp(e->path, path) != 0)
		return NULL;
	unlink_entry(f, e);
	link_newest(f, e);
	return e;
}

/* A cache is a convenience: what does not fit is served all the same. */
static struct files_entry *keep(struct files *f, const char *path, struct file *file)
{
	struct files_entry *old = map_get(&f->cache, map_key_text(path));
	struct files_entry *e = NULL;

	if (old != NULL)
		drop(f, old);
	while (f->oldest != NULL &&
	       (f->bytes + file->bytes.size + sizeof *e > FILES_CACHE_MAX ||
		f->cache.count >= FILES_ENTRIES_MAX || f->handles >= FILES_HANDLES_MAX))
		drop(f, f->oldest);
	e = alloc_zero(1, sizeof *e);
	if (e == NULL)
		return NULL;
	(void)text_copy(e->path, sizeof e->path, path);
	if (map_put(&f->cache, map_key_text(path), e) != 0) {
		alloc_free(e);
		return NULL;
	}
	e->file = file_ref(file);
	f->bytes += entry_bytes(e);
	f->handles += file->directory != NULL;
	link_newest(f, e);
	return e;
}

static struct file *read_all(struct file *file)
{
	struct buf all;
	uint8_t part[8192];
	long n = 0;

	buf_init(&all, FILES_SMALL_MAX);
	for (uint64_t at = 0; at < file->size; at += (uint64_t)n) {
		n = file_read(file, at, part, sizeof part);
		if (n <= 0)
			break;
		buf_append(&all, slice_of(part, (size_t)n));
	}
	struct file *result =
	    n >= 0 && all.len == file->size ? file_of_buf(&all, file->stamp) : NULL;
	buf_done(&all);
	file_unref(file);
	return result;
}

/* A file of the directory; small ones go to memory, where a shorter version written over the old
 * one cannot reach them. */
static enum files_outcome open_in_directory(struct files *f, const char *path,
					    struct file **ret_file)
{
	const struct directory *d = f->directory;
	struct directory_file found;
	struct files_entry *e = NULL;

	if (d == NULL || path[0] == 0 || d->open(d->context, path, &found) != 0)
		return FILES_MISSING;
	e = find(f, path);
	if (e != NULL && e->from_directory && e->file->stamp == found.stamp) {
		d->close(d->context, found.handle);
		*ret_file = file_ref(e->file);
		return FILES_FOUND;
	}
	struct file *file = file_of_directory(d, &found);
	if (file != NULL && file->size <= FILES_SMALL_MAX)
		file = read_all(file);
	if (file == NULL)
		return FILES_FAILED;
	e = keep(f, path, file);
	if (e != NULL)
		e->from_directory = true;
	*ret_file = file;
	return FILES_FOUND;
}

/* The name as asked, else as the catalogue spells it, else in lower case: a loader asks
 * RINGLIST.XML for what newer phones call Ringlist.xml. Phones' own names are never respelled. */
static enum files_outcome open_spelled(struct files *f, const struct file_name *name,
				       struct file **ret_file)
{
	enum files_outcome outcome = open_in_directory(f, name->path, ret_file);
	char lower[FILE_NAME_SIZE];

	if (outcome != FILES_MISSING || name->usual[0] == 0)
		return outcome;
	if (strcmp(name->usual, name->path) != 0)
		outcome = open_in_directory(f, name->usual, ret_file);
	(void)text_copy(lower, sizeof lower, name->path);
	for (char *c = lower; *c != 0; c++) {
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	}
	if (outcome == FILES_MISSING && strcmp(lower, name->path) != 0)
		outcome = open_in_directory(f, lower, ret_file);
	return outcome;
}

/* A generated file, from the cache while it is current. */
static enum files_outcome open_generated(struct files *f, const struct files_source *source,
					 struct file **ret_file)
{
	struct files_entry *e = find(f, source->key);

	if (e != NULL && !e->from_directory && files_is_current(f, source, e)) {
		*ret_file = file_ref(e->file);
		return FILES_FOUND;
	}
	struct files_made made;
	struct file *file = files_generate(f, source, &made);
	if (file == NULL)
		return FILES_FAILED;
	e = keep(f, source->key, file);
	if (e != NULL)
		e->made = made;
	*ret_file = file;
	return FILES_FOUND;
}

void files_notice(struct files *f, struct slice asked)
{
	struct file_name name;

	if (file_name_read(asked, &name) && name.claim[0] != 0)
		reg_device_seen(f->reg, name.claim);
}

enum files_outcome files_open(struct files *f, struct slice asked, struct file **ret_file,
			      struct file_name *ret_name)
{
	struct files_source source;
	enum files_outcome outcome = FILES_MISSING;

	if (!file_name_read(asked, ret_name))
		return FILES_MISSING;
	if (ret_name->claim[0] != 0)
		reg_device_seen(f->reg, ret_name->claim);
	bool generated = files_source_find(f, ret_name, &source);
	if (!generated || !source.from_records)
		outcome = open_spelled(f, ret_name, ret_file);
	if (outcome == FILES_MISSING && generated)
		outcome = open_generated(f, &source, ret_file);
	return outcome;
}

size_t files_cached(const struct files *f, size_t *ret_bytes)
{
	*ret_bytes = f->bytes;
	return f->cache.count;
}
