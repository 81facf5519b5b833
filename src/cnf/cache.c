#include "cnf/cache.h"

#include "base/text.h"

void cnf_cache_init(struct cnf_cache *c)
{
	memset(c, 0, sizeof *c);
	for (size_t i = 0; i < CNF_CACHE_FILES; i++)
		buf_init(&c->file[i].bytes, CNF_CACHE_FILE_MAX);
}

void cnf_cache_done(struct cnf_cache *c)
{
	for (size_t i = 0; i < CNF_CACHE_FILES; i++)
		buf_done(&c->file[i].bytes);
}

/* Text that stands for itself, up to the next '<'. false when anything else is in it. */
static bool plain_text(struct slice from, size_t *ret_len)
{
	size_t len = 0;

	while (len < from.len && from.ptr[len] != '<') {
		uint8_t c = from.ptr[len++];
		if (c <= ' ' || c >= 0x7f || c == '&' || c == ']' || c == '>')
			return false;
	}
	*ret_len = len;
	return len > 0 && len < from.len;
}

/* Is it that file with another stamp? */
static bool is_same(const struct cnf_cached *f, struct slice file, struct slice *ret_stamp)
{
	struct slice known = buf_slice(&f->bytes);
	size_t len = 0;

	if (known.len == 0 || file.len <= f->stamp_at ||
	    !slice_equal(slice_head(file, f->stamp_at), slice_head(known, f->stamp_at)) ||
	    !plain_text(slice_from(file, f->stamp_at), &len) ||
	    len >= sizeof f->phone.version_stamp ||
	    !slice_equal(slice_from(file, f->stamp_at + len),
			 slice_from(known, f->stamp_at + f->stamp_len)))
		return false;
	*ret_stamp = slice_head(slice_from(file, f->stamp_at), len);
	return true;
}

/* Keeps a file whose stamp is found, once and as it was read. */
static void keep(struct cnf_cache *c, struct slice file, uint32_t type,
		 const struct cnf_phone *phone)
{
	static const char element[] = "<versionStamp>";
	struct cnf_cached *f = &c->file[c->next];
	const uint8_t *at = memmem(file.ptr, file.len, element, sizeof element - 1);
	size_t len = 0;

	if (at == NULL || file.len > CNF_CACHE_FILE_MAX)
		return;
	size_t from = (size_t)(at - file.ptr) + sizeof element - 1;
	if (!plain_text(slice_from(file, from), &len) ||
	    !slice_equal(slice_head(slice_from(file, from), len), slice_text(phone->version_stamp)))
		return;
	buf_clear(&f->bytes);
	buf_append(&f->bytes, file);
	if (buf_error(&f->bytes) != 0) {
		buf_clear(&f->bytes);
		return;
	}
	f->stamp_at = from;
	f->stamp_len = len;
	f->type = type;
	f->phone = *phone;
	c->next = (c->next + 1) % CNF_CACHE_FILES;
}

int cnf_cache_parse(struct cnf_cache *c, struct slice file, uint32_t type,
		    struct cnf_phone *ret_phone, struct cnf_error *ret_error)
{
	struct slice stamp;

	for (size_t i = 0; i < CNF_CACHE_FILES; i++) {
		if (c->file[i].type != type || !is_same(&c->file[i], file, &stamp))
			continue;
		*ret_phone = c->file[i].phone;
		(void)text_copy_slice(ret_phone->version_stamp, sizeof ret_phone->version_stamp,
				      stamp);
		return 0;
	}
	int error = cnf_parse(file, type, ret_phone, ret_error);
	if (error == 0)
		keep(c, file, type, ret_phone);
	return error;
}
