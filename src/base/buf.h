/* A growing output buffer, born with its ceiling, with a sticky error: once an append did not fit
 * or memory ran out, later appends do nothing and buf_error() says why. */
#ifndef DIALTONE_BASE_BUF_H
#define DIALTONE_BASE_BUF_H

#include "base/slice.h"

struct buf {
	uint8_t *ptr; /* owned; always one byte of room for a NUL beyond len once non-NULL */
	size_t len;
	size_t size;
	size_t max;
	int error;
};

void buf_init(struct buf *b, size_t max);
void buf_done(struct buf *b);  /* frees; b may be used again after buf_init */
void buf_clear(struct buf *b); /* empties, keeps the memory, clears the error */
void buf_append(struct buf *b, struct slice bytes);
void buf_text(struct buf *b, const char *text);
void buf_char(struct buf *b, char c);
__attribute__((format(printf, 2, 3))) void buf_printf(struct buf *b, const char *format, ...);
/* Drops the first n bytes (all when n is larger). */
void buf_consume(struct buf *b, size_t n);
struct slice buf_slice(const struct buf *b);
/* NUL-terminated view of the content; "" when empty. Valid until the next append. */
const char *buf_cstr(const struct buf *b);
/* 0, E_TOO_LONG or E_NO_MEMORY. */
int buf_error(const struct buf *b);

#endif
