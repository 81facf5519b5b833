#include "base/reader.h"

struct reader reader_of(struct slice bytes)
{
	return (struct reader){.ptr = bytes.ptr, .len = bytes.len};
}

size_t reader_left(const struct reader *r)
{
	return r->len - r->pos;
}

struct slice reader_bytes(struct reader *r, size_t len)
{
	if (r->failed || len > r->len - r->pos) {
		r->failed = true;
		return (struct slice){NULL, 0};
	}
	struct slice s = {r->ptr + r->pos, len};
	r->pos += len;
	return s;
}

void reader_skip(struct reader *r, size_t len)
{
	(void)reader_bytes(r, len);
}

uint8_t reader_u8(struct reader *r)
{
	struct slice s = reader_bytes(r, 1);
	return s.len == 1 ? s.ptr[0] : 0;
}

uint16_t reader_be16(struct reader *r)
{
	struct slice s = reader_bytes(r, 2);
	return s.len == 2 ? (uint16_t)((uint32_t)s.ptr[0] << 8 | s.ptr[1]) : (uint16_t)0;
}

uint32_t reader_be32(struct reader *r)
{
	struct slice s = reader_bytes(r, 4);
	if (s.len != 4)
		return 0;
	return (uint32_t)s.ptr[0] << 24 | (uint32_t)s.ptr[1] << 16 | (uint32_t)s.ptr[2] << 8 |
	       s.ptr[3];
}

uint16_t reader_le16(struct reader *r)
{
	struct slice s = reader_bytes(r, 2);
	return s.len == 2 ? (uint16_t)((uint32_t)s.ptr[1] << 8 | s.ptr[0]) : (uint16_t)0;
}

uint32_t reader_le32(struct reader *r)
{
	struct slice s = reader_bytes(r, 4);
	if (s.len != 4)
		return 0;
	return (uint32_t)s.ptr[3] << 24 | (uint32_t)s.ptr[2] << 16 | (uint32_t)s.ptr[1] << 8 |
	       s.ptr[0];
}

void reader_text(struct reader *r, size_t len, char *to, size_t size)
{
	size_t there = r->failed ? 0 : r->len - r->pos;
	size_t have = there < len ? there : len;
	struct slice field = have > 0 ? slice_of(r->ptr + r->pos, have) : slice_of(NULL, 0);
	size_t n = 0;

	while (n < field.len && n + 1 < size && field.ptr[n] != 0) {
		to[n] = (char)field.ptr[n];
		n++;
	}
	if (size > 0)
		to[n] = 0;
	if (!r->failed)
		r->pos += have;
	if (have < len)
		r->failed = true;
}
