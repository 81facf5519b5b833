/* Text: bounded copies, and the ways a peer's text may leave the program. */
#ifndef DIALTONE_BASE_TEXT_H
#define DIALTONE_BASE_TEXT_H

#include "base/buf.h"

/* Copies and terminates, cutting to size - 1. Returns false when it had to cut. */
bool text_copy(char *to, size_t size, const char *from);
bool text_copy_slice(char *to, size_t size, struct slice from);
bool text_equal_nocase(const char *a, const char *b); /* ASCII */

/* For a terminal or a log line: printable ASCII and well-formed UTF-8 letters pass, everything else
 * (controls, escapes, backslash, invalid bytes, C1 and bidirectional controls) becomes \xNN. */
void text_escape_terminal(struct buf *to, struct slice from);
/* For XML and HTML text and attribute values: & < > " ' as entities; bytes XML 1.0 forbids, and
 * bytes that are not UTF-8, become '?'. */
void text_escape_xml(struct buf *to, struct slice from);

#endif
