/* Writing elements, one a line. Not indented: a file of 3 KB costs each phone a block less, and
 * `xmllint --format` shows it to people. Texts are escaped. */
#ifndef DIALTONE_CNF_RENDER_INTERNAL_H
#define DIALTONE_CNF_RENDER_INTERNAL_H

#include "base/text.h"
#include "cnf/cnf.h"

#include <stdio.h>

static inline void cnf_open(struct buf *to, const char *name)
{
	buf_char(to, '<');
	buf_text(to, name);
	buf_append(to, slice_of(">\n", 2));
}

static inline void cnf_close(struct buf *to, const char *name)
{
	buf_append(to, slice_of("</", 2));
	buf_text(to, name);
	buf_append(to, slice_of(">\n", 2));
}

static inline void cnf_put(struct buf *to, const char *name, const char *value)
{
	buf_char(to, '<');
	buf_text(to, name);
	buf_char(to, '>');
	if (value[0] != 0)
		text_escape_xml(to, slice_text(value));
	cnf_close(to, name);
}

static inline void cnf_put_number(struct buf *to, const char *name, unsigned value)
{
	char digits[12];

	(void)snprintf(digits, sizeof digits, "%u", value);
	cnf_put(to, name, digits);
}

#define CNF_DECLARATION "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"

#endif
