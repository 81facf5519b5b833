/* A slice looks at bytes somebody else owns. It never owns; it dies with its owner. */
#ifndef DIALTONE_BASE_SLICE_H
#define DIALTONE_BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct slice {
	const uint8_t *ptr;
	size_t len;
};

static inline struct slice slice_of(const void *ptr, size_t len)
{
	return (struct slice){ptr, len};
}

static inline struct slice slice_text(const char *text)
{
	return (struct slice){(const uint8_t *)text, strlen(text)};
}

/* The part from `at` on; empty when `at` lies beyond the end. */
static inline struct slice slice_from(struct slice s, size_t at)
{
	return at < s.len ? (struct slice){s.ptr + at, s.len - at} : (struct slice){NULL, 0};
}

/* At most the first `len` bytes. */
static inline struct slice slice_head(struct slice s, size_t len)
{
	return (struct slice){s.ptr, len < s.len ? len : s.len};
}

static inline bool slice_equal(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

#endif
