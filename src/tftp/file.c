#include "tftp/file.h"

#include "base/alloc.h"
#include "cnf/cnf.h"

struct file *file_ref(struct file *f)
{
	f->references++;
	return f;
}

void file_unref(struct file *f)
{
	if (f == NULL || --f->references > 0)
		return;
	buf_done(&f->bytes);
	alloc_free(f);
}

struct file *file_get(const struct reg *reg, const struct name_answer *answer, struct file *cached)
{
	const struct settings *settings = reg_settings(reg);
	uint64_t device_version = answer->device != NULL ? answer->device->version : 0;
	struct file *f = NULL;
	int error = 0;

	if (cached != NULL && cached->device_version == device_version &&
	    cached->settings_version == settings->version)
		return file_ref(cached);
	f = alloc_zero(1, sizeof *f);
	if (f == NULL)
		return NULL;
	*f = (struct file){.references = 1,
			   .device_version = device_version,
			   .settings_version = settings->version};
	buf_init(&f->bytes, CNF_FILE_MAX);
	if (answer->kind == NAME_DEFAULT)
		error = cnf_default_render(settings, &f->bytes);
	else
		error = cnf_phone_render(answer->device, settings, &f->bytes);
	if (error == 0)
		return f;
	file_unref(f);
	return NULL;
}

struct file *file_netascii(struct file *file)
{
	struct slice bytes = buf_slice(&file->bytes);
	struct file *text = alloc_zero(1, sizeof *text);

	if (text != NULL) {
		*text = (struct file){.references = 1,
				      .device_version = file->device_version,
				      .settings_version = file->settings_version};
		buf_init(&text->bytes, 2 * bytes.len + 1);
	}
	for (size_t i = 0; text != NULL && i < bytes.len; i++) {
		if (bytes.ptr[i] == '\n')
			buf_char(&text->bytes, '\r');
		buf_char(&text->bytes, (char)bytes.ptr[i]);
		if (bytes.ptr[i] == '\r')
			buf_char(&text->bytes, 0);
	}
	file_unref(file);
	if (text != NULL && buf_error(&text->bytes) != 0) {
		file_unref(text);
		text = NULL;
	}
	return text;
}
