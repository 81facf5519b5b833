#include "tftp/file.h"

#include "base/alloc.h"
#include "base/error.h"

struct file *file_ref(struct file *f)
{
	f->references++;
	return f;
}

void file_unref(struct file *f)
{
	if (f == NULL || --f->references > 0)
		return;
	if (f->directory != NULL)
		f->directory->close(f->directory->context, f->handle);
	buf_done(&f->bytes);
	alloc_free(f);
}

struct file *file_of_buf(struct buf *content, uint64_t stamp)
{
	struct file *f = buf_error(content) == 0 ? alloc_zero(1, sizeof *f) : NULL;

	if (f == NULL) {
		buf_done(content);
		return NULL;
	}
	*f =
	    (struct file){.size = content->len, .stamp = stamp, .references = 1, .bytes = *content};
	buf_init(content, content->max);
	return f;
}

struct file *file_of_directory(const struct directory *directory, const struct directory_file *of)
{
	struct file *f = alloc_zero(1, sizeof *f);

	if (f == NULL) {
		directory->close(directory->context, of->handle);
		return NULL;
	}
	*f = (struct file){.size = of->size,
			   .stamp = of->stamp,
			   .references = 1,
			   .directory = directory,
			   .handle = of->handle};
	return f;
}

static void add_netascii(struct buf *to, struct slice bytes)
{
	for (size_t i = 0; i < bytes.len; i++) {
		if (bytes.ptr[i] == '\n')
			buf_char(to, '\r');
		buf_char(to, (char)bytes.ptr[i]);
		if (bytes.ptr[i] == '\r')
			buf_char(to, 0);
	}
}

struct file *file_netascii(struct file *file, size_t max)
{
	uint8_t part[4096];
	struct buf text;
	uint64_t at = 0;
	long n = 0;

	buf_init(&text, max);
	while (buf_error(&text) == 0 && (n = file_read(file, at, part, sizeof part)) > 0) {
		add_netascii(&text, slice_of(part, (size_t)n));
		at += (uint64_t)n;
	}
	struct file *result = n >= 0 ? file_of_buf(&text, file->stamp) : NULL;
	buf_done(&text);
	file_unref(file);
	return result;
}

long file_read(struct file *f, uint64_t at, void *to, size_t size)
{
	if (at >= f->size)
		return 0;
	if (size > f->size - at)
		size = (size_t)(f->size - at);
	if (f->directory == NULL) {
		memcpy(to, f->bytes.ptr + at, size);
		return (long)size;
	}
	long n = f->directory->read(f->directory->context, f->handle, at, to, size);
	if (n < (long)size || f->directory->stamp(f->directory->context, f->handle) != f->stamp)
		return E_SYSTEM;
	return n;
}
