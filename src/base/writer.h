/* A bounded cursor that writes into the caller's memory, with a sticky error: after the first write
 * that does not fit nothing more is written and `failed` stays set. */
#ifndef DIALTONE_BASE_WRITER_H
#define DIALTONE_BASE_WRITER_H

#include "base/slice.h"

struct writer {
	uint8_t *ptr;
	size_t size;
	size_t pos;
	bool failed;
};

struct writer writer_of(void *ptr, size_t size);
void writer_u8(struct writer *w, uint8_t v);
void writer_be16(struct writer *w, uint16_t v);
void writer_be32(struct writer *w, uint32_t v);
void writer_le16(struct writer *w, uint16_t v);
void writer_le32(struct writer *w, uint32_t v);
void writer_bytes(struct writer *w, struct slice bytes);
void writer_zero(struct writer *w, size_t len);
/* A fixed text field of `len` bytes: at most len - 1 bytes of `text`, the rest NUL. */
void writer_text(struct writer *w, const char *text, size_t len);
/* What has been written so far. */
struct slice writer_done(const struct writer *w);

#endif
