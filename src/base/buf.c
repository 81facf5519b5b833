#include "base/buf.h"

#include "base/alloc.h"
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>

void buf_init(struct buf *b, size_t max)
{
	*b = (struct buf){.max = max};
}

void buf_done(struct buf *b)
{
	alloc_free(b->ptr);
	*b = (struct buf){.max = b->max};
}

void buf_clear(struct buf *b)
{
	b->len = 0;
	b->error = 0;
	if (b->ptr != NULL)
		b->ptr[0] = 0;
}

/* Makes room for `more` bytes and the NUL; false sets the sticky error. */
static bool buf_reserve(struct buf *b, size_t more)
{
	if (b->error != 0)
		return false;
	if (more > b->max - b->len) {
		b->error = E_TOO_LONG;
		return false;
	}
	size_t need = b->len + more + 1;
	if (need <= b->size)
		return true;
	size_t size = b->size < 64 ? 64 : b->size;
	while (size < need)
		size *= 2;
	if (size > b->max + 1)
		size = b->max + 1;
	uint8_t *ptr = alloc_resize(b->ptr, size);
	if (ptr == NULL) {
		b->error = E_NO_MEMORY;
		return false;
	}
	b->ptr = ptr;
	b->size = size;
	return true;
}

void buf_append(struct buf *b, struct slice bytes)
{
	if (!buf_reserve(b, bytes.len))
		return;
	if (bytes.len > 0)
		memcpy(b->ptr + b->len, bytes.ptr, bytes.len);
	b->len += bytes.len;
	b->ptr[b->len] = 0;
}

void buf_text(struct buf *b, const char *text)
{
	buf_append(b, slice_text(text));
}

void buf_char(struct buf *b, char c)
{
	buf_append(b, slice_of(&c, 1));
}

void buf_printf(struct buf *b, const char *format, ...)
{
	va_list args;
	char small[256];

	va_start(args, format);
	// NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): it is, two lines above
	int n = vsnprintf(small, sizeof small, format, args);
	va_end(args);
	if (n < 0)
		return;
	if ((size_t)n < sizeof small) {
		buf_append(b, slice_of(small, (size_t)n));
		return;
	}
	if (!buf_reserve(b, (size_t)n))
		return;
	va_start(args, format);
	// NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): it is, two lines above
	(void)vsnprintf((char *)b->ptr + b->len, (size_t)n + 1, format, args);
	va_end(args);
	b->len += (size_t)n;
}

void buf_consume(struct buf *b, size_t n)
{
	if (n >= b->len) {
		b->len = 0;
	} else {
		memmove(b->ptr, b->ptr + n, b->len - n);
		b->len -= n;
	}
	if (b->ptr != NULL)
		b->ptr[b->len] = 0;
}

struct slice buf_slice(const struct buf *b)
{
	return slice_of(b->ptr, b->len);
}

const char *buf_cstr(const struct buf *b)
{
	return b->ptr != NULL ? (const char *)b->ptr : "";
}

int buf_error(const struct buf *b)
{
	return b->error;
}
