#include "base/writer.h"

struct writer writer_of(void *ptr, size_t size)
{
	return (struct writer){.ptr = ptr, .size = size};
}

/* Room for `len` bytes, or NULL and the sticky error. */
static uint8_t *writer_room(struct writer *w, size_t len)
{
	if (w->failed || len > w->size - w->pos) {
		w->failed = true;
		return NULL;
	}
	uint8_t *at = w->ptr + w->pos;
	w->pos += len;
	return at;
}

void writer_u8(struct writer *w, uint8_t v)
{
	uint8_t *at = writer_room(w, 1);
	if (at != NULL)
		at[0] = v;
}

void writer_be16(struct writer *w, uint16_t v)
{
	uint8_t *at = writer_room(w, 2);
	if (at != NULL) {
		at[0] = (uint8_t)(v >> 8);
		at[1] = (uint8_t)v;
	}
}

void writer_be32(struct writer *w, uint32_t v)
{
	writer_be16(w, (uint16_t)(v >> 16));
	writer_be16(w, (uint16_t)v);
}

void writer_le16(struct writer *w, uint16_t v)
{
	uint8_t *at = writer_room(w, 2);
	if (at != NULL) {
		at[0] = (uint8_t)v;
		at[1] = (uint8_t)(v >> 8);
	}
}

void writer_le32(struct writer *w, uint32_t v)
{
	writer_le16(w, (uint16_t)v);
	writer_le16(w, (uint16_t)(v >> 16));
}

void writer_bytes(struct writer *w, struct slice bytes)
{
	uint8_t *at = writer_room(w, bytes.len);
	if (at != NULL && bytes.len > 0)
		memcpy(at, bytes.ptr, bytes.len);
}

void writer_zero(struct writer *w, size_t len)
{
	uint8_t *at = writer_room(w, len);
	if (at != NULL && len > 0)
		memset(at, 0, len);
}

void writer_text(struct writer *w, const char *text, size_t len)
{
	uint8_t *at = writer_room(w, len);
	if (at == NULL || len == 0)
		return;
	size_t n = strnlen(text, len - 1);
	memcpy(at, text, n);
	memset(at + n, 0, len - n);
}

struct slice writer_done(const struct writer *w)
{
	return slice_of(w->ptr, w->pos);
}
