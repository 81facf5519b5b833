#include "golden.h"

#include "base/text.h"

bool golden_next(struct slice *table, struct golden *g)
{
	struct slice column[7];

	while (table->len > 0) {
		size_t len = 0;
		while (len < table->len && table->ptr[len] != '\n')
			len++;
		struct slice line = slice_head(*table, len);
		*table = slice_from(*table, len + 1);
		if (line.len == 0 || line.ptr[0] == '#')
			continue;
		for (size_t c = 0; c < 7; c++) {
			size_t end = 0;
			while (end < line.len && line.ptr[end] != '\t')
				end++;
			column[c] = slice_head(line, end);
			line = slice_from(line, end + 1);
		}
		(void)text_copy_slice(g->id, sizeof g->id, column[0]);
		(void)text_copy_slice(g->name, sizeof g->name, column[3]);
		g->captured = column[2].ptr[1] == 'a'; /* cApture, not cOnstructed */
		g->len = 0;
		for (size_t i = 0; i + 1 < column[5].len && g->len < sizeof g->bytes; i += 2) {
			char pair[3] = {(char)column[5].ptr[i], (char)column[5].ptr[i + 1], 0};
			g->bytes[g->len++] = (uint8_t)strtoul(pair, NULL, 16);
		}
		return true;
	}
	return false;
}

static bool golden_find(const char *id, struct golden *g)
{
	struct slice table = harness_file("sccp-golden.tsv");
	while (golden_next(&table, g)) {
		if (strcmp(g->id, id) == 0)
			return true;
	}
	return false;
}

struct sccp_message golden_message(const char *id)
{
	struct golden g = {0};
	struct sccp_message m;
	assert_true(golden_find(id, &g));
	assert_int_equal(sccp_decode(harness_guarded(slice_of(g.bytes, g.len)), &m, NULL), 0);
	return m;
}
