/* Writing elements, one a line, indented by depth. Texts are escaped. */
#ifndef DIALTONE_CNF_RENDER_INTERNAL_H
#define DIALTONE_CNF_RENDER_INTERNAL_H

#include "base/text.h"
#include "cnf/cnf.h"

static inline void cnf_open(struct buf *to, unsigned depth, const char *name)
{
	buf_printf(to, "%*s<%s>\n", (int)depth, "", name);
}

static inline void cnf_close(struct buf *to, unsigned depth, const char *name)
{
	buf_printf(to, "%*s</%s>\n", (int)depth, "", name);
}

static inline void cnf_put(struct buf *to, unsigned depth, const char *name, const char *value)
{
	buf_printf(to, "%*s<%s>", (int)depth, "", name);
	text_escape_xml(to, slice_text(value));
	buf_printf(to, "</%s>\n", name);
}

static inline void cnf_put_number(struct buf *to, unsigned depth, const char *name, unsigned value)
{
	buf_printf(to, "%*s<%s>%u</%s>\n", (int)depth, "", name, value, name);
}

#define CNF_DECLARATION "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"

#endif
