/* A bounded cursor over received bytes with a sticky error: after the first read past the end every
 * read returns zeros and `failed` stays set, so that a decoder is a straight line with one check.
 */
#ifndef DIALTONE_BASE_READER_H
#define DIALTONE_BASE_READER_H

#include "base/slice.h"

struct reader {
	const uint8_t *ptr;
	size_t len;
	size_t pos;
	bool failed;
};

struct reader reader_of(struct slice bytes);
size_t reader_left(const struct reader *r);
uint8_t reader_u8(struct reader *r);
uint16_t reader_be16(struct reader *r);
uint32_t reader_be32(struct reader *r);
uint16_t reader_le16(struct reader *r);
uint32_t reader_le32(struct reader *r);
/* The next `len` bytes, still in the input; empty slice and `failed` when they are not all there.
 */
struct slice reader_bytes(struct reader *r, size_t len);
void reader_skip(struct reader *r, size_t len);
/* Copies a fixed text field of `len` bytes up to its first NUL into `to` (always terminated; cut to
 * size - 1). A field that ends early yields what is there and sets `failed`. */
void reader_text(struct reader *r, size_t len, char *to, size_t size);

#endif
