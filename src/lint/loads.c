/* Lists of images, the universal loader's choice, trust lists. */
#include "lint/lint_internal.h"

#include "base/reader.h"
#include "base/text.h"
#include "cnf/loads.h"

#include <ctype.h>

#define TAG_VERSION 1

void lint_loads(struct lint *l, struct slice file)
{
	struct loads loads;

	if (loads_decode(file, &loads) != 0) {
		lint_find(l, LINT_RULE_LOADS, 0, "its header is damaged, or it names no image");
		return;
	}
	for (uint32_t i = 0; i < loads.count; i++)
		lint_mention(l, WORD_MEMBER, 0, loads.member[i].size, loads.member[i].name);
}

/* One token, and nothing behind it but the end of the line. */
void lint_image_choice(struct lint *l, struct slice file)
{
	char token[64];
	size_t len = 0;

	while (file.len > 0 && isspace(file.ptr[0]))
		file = slice_from(file, 1);
	while (len < file.len && !isspace(file.ptr[len]))
		len++;
	bool whole = text_copy_slice(token, sizeof token, slice_head(file, len));
	for (size_t i = len; i < file.len; i++)
		whole &= isspace(file.ptr[i]) != 0;
	if (!whole)
		lint_find(l, LINT_RULE_IMAGE_CHOICE, 1, "there is more than \"%.40s\"", token);
	else if (lint_ends_with(token, ".bin") || lint_load_ending(token) != NULL)
		lint_find(l, LINT_RULE_IMAGE_CHOICE, 1, "\"%.40s\" has an ending", token);
	else
		lint_mention(l, WORD_IMAGE, 1, 0, token);
}

/* The header's records: tag, length, value, up to the length that its second record tells. */
static bool is_header_whole(struct slice file)
{
	struct reader r = reader_of(file);

	bool version = reader_u8(&r) == TAG_VERSION;
	reader_skip(&r, reader_be16(&r));
	uint8_t tag = reader_u8(&r);
	uint16_t size = reader_be16(&r);
	uint16_t header = reader_be16(&r);
	return version && !r.failed && tag == 2 && size == 2 && header <= file.len &&
	       header > r.pos;
}

void lint_trust(struct lint *l, struct slice file)
{
	if (!is_header_whole(file))
		lint_find(l, LINT_RULE_TRUST_LIST, 0, "its header is not whole");
}
