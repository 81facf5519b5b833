#include "site.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"
#include "cnf/cnf.h"

const struct endpoint site_client = {{{10, 77, 0, 51}}, 49152};
const struct ip4 site_local = {{10, 77, 0, 1}};

static int find(const struct site *s, const char *path)
{
	for (size_t i = 0; i < s->file_count; i++) {
		if (s->file[i].path != NULL && strcmp(s->file[i].path, path) == 0)
			return (int)i;
	}
	return -1;
}

static int on_open(void *context, const char *path, struct directory_file *ret_file)
{
	struct site *s = context;
	int at = find(s, path);

	s->opens++;
	/* Whatever a phone asks, a path that could leave the directory never comes here. */
	assert_true(path[0] != '/' && path[0] != 0);
	assert_null(strstr(path, ".."));
	assert_null(strchr(path, '\\'));
	if (at < 0)
		return E_UNKNOWN;
	s->open_handles++;
	*ret_file = (struct directory_file){at, s->file[at].size, s->file[at].stamp};
	return 0;
}

static long on_read(void *context, int handle, uint64_t at, void *to, size_t size)
{
	struct site *s = context;
	const struct site_file *f = &s->file[handle];

	if (f->unreadable)
		return E_SYSTEM;
	if (at >= f->size)
		return 0;
	if (size > f->size - at)
		size = (size_t)(f->size - at);
	for (size_t i = 0; i < size; i++)
		((uint8_t *)to)[i] =
		    f->bytes != NULL ? (uint8_t)f->bytes[at + i] : site_large_byte(at + i);
	return (long)size;
}

static uint64_t on_stamp(void *context, int handle)
{
	const struct site *s = context;
	return s->file[handle].stamp;
}

static void on_close(void *context, int handle)
{
	struct site *s = context;

	(void)handle;
	s->open_handles--;
}

static uint64_t on_list(void *context, void (*each)(void *to, const char *name), void *to)
{
	const struct site *s = context;

	for (size_t i = 0; each != NULL && i < s->file_count; i++) {
		if (s->file[i].path != NULL && strchr(s->file[i].path, '/') == NULL)
			each(to, s->file[i].path);
	}
	return s->listing;
}

struct site *site_new(void)
{
	struct site *s = alloc_zero(1, sizeof *s);
	struct settings settings = settings_default();
	struct device d = {.name = SITE_PHONE, .type = 7, .dn = "1001", .version = 1};

	assert_non_null(s);
	s->listing = 1;
	s->directory = (struct directory){s, on_open, on_read, on_stamp, on_close, on_list};
	s->reg = reg_new();
	s->files = files_new(s->reg, &s->directory);
	s->tftp = tftp_server_new(s->files);
	assert_non_null(s->tftp);
	settings.server_ip = site_local;
	reg_load_settings(s->reg, &settings);
	assert_int_equal(reg_load_device(s->reg, &d), 0);
	return s;
}

void site_free(struct site *s)
{
	tftp_server_free(s->tftp);
	files_free(s->files);
	assert_int_equal(s->open_handles, 0);
	reg_free(s->reg);
	alloc_free(s);
}

static struct site_file *place(struct site *s, const char *path)
{
	int at = find(s, path);

	if (at < 0) {
		assert_true(s->file_count < SITE_FILES_MAX);
		at = (int)s->file_count++;
	}
	s->file[at].path = path;
	s->file[at].stamp = ++s->listing;
	return &s->file[at];
}

void site_put(struct site *s, const char *path, const char *text)
{
	struct site_file *f = place(s, path);

	f->bytes = text;
	f->size = strlen(text);
}

void site_put_large(struct site *s, const char *path, uint64_t size)
{
	struct site_file *f = place(s, path);

	f->bytes = NULL;
	f->size = size;
}

void site_remove(struct site *s, const char *path)
{
	int at = find(s, path);

	assert_true(at >= 0);
	s->file[at].path = NULL;
	s->listing++;
}

uint8_t site_large_byte(uint64_t at)
{
	return (uint8_t)((at * 2654435761U) >> 13);
}

void site_read(struct site *s, const char *name, struct buf *to)
{
	struct file *file = NULL;
	struct file_name found;
	uint8_t part[512];
	long n = 0;

	buf_init(to, CNF_FILE_MAX);
	if (files_open(s->files, slice_text(name), &file, &found) != FILES_FOUND)
		fail_msg("%s is not there", name);
	for (uint64_t at = 0; (n = file_read(file, at, part, sizeof part)) > 0; at += (uint64_t)n)
		buf_append(to, slice_of(part, (size_t)n));
	assert_int_equal(to->len, file->size);
	file_unref(file);
}

bool site_has(struct site *s, const char *name)
{
	struct file *file = NULL;
	struct file_name found;
	bool has = files_open(s->files, slice_text(name), &file, &found) == FILES_FOUND;

	if (has)
		file_unref(file);
	return has;
}

void site_ask(struct site *s, struct endpoint from, const struct tftp_packet *p, dt_time now)
{
	uint8_t bytes[600];
	struct writer w = writer_of(bytes, sizeof bytes);

	assert_int_equal(tftp_encode(p, &w), 0);
	tftp_server_request(s->tftp, from, site_local, writer_done(&w), now);
}

void site_ask_file(struct site *s, const char *name, dt_time now)
{
	struct tftp_packet p = {.op = TFTP_RRQ, .mode = "octet"};

	(void)text_copy(p.file, sizeof p.file, name);
	site_ask(s, site_client, &p, now);
}

struct tftp_packet site_sent(struct site *s, struct tftp_output *out)
{
	struct tftp_packet p = {0};

	if (out->bytes.len > out->datagram) {
		out->bytes = slice_from(out->bytes, out->datagram);
	} else if (!tftp_server_next_output(s->tftp, out)) {
		out->bytes.len = 0;
		return p;
	}
	assert_int_equal(tftp_decode(slice_head(out->bytes, out->datagram), &p, NULL), 0);
	return p;
}

void site_acknowledge(struct site *s, unsigned port, uint16_t block, dt_time now)
{
	struct tftp_packet p = {.op = TFTP_ACK, .block = block};
	uint8_t bytes[8];
	struct writer w = writer_of(bytes, sizeof bytes);

	assert_int_equal(tftp_encode(&p, &w), 0);
	tftp_server_input(s->tftp, port, site_client, writer_done(&w), now);
}
