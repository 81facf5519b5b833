/* All elements of a file that is XML, in the order they stand in it, each with its line: for those
 * who check files. (What a phone takes from its file is cnf.h's, which needs no lines and is ten
 * times as quick.) Read without namespaces, as phones do. Pure but for allocations, which are
 * bounded by CNF_ELEMENTS_FILE_MAX. */
#ifndef DIALTONE_CNF_ELEMENTS_H
#define DIALTONE_CNF_ELEMENTS_H

#include "base/buf.h"

#define CNF_ELEMENTS_FILE_MAX ((size_t)2 * 1024 * 1024)
#define CNF_NO_ELEMENT        UINT32_MAX

struct cnf_element {
	uint32_t parent; /* CNF_NO_ELEMENT: the root */
	uint32_t line;   /* of its start tag, from 1 */
	/* Private: where its words stand. */
	uint32_t name, text, first_attribute, attributes;
};

/* Why the text is no XML, in words that name what stands there. */
struct cnf_flaw {
	uint32_t line; /* from 1; 0: none */
	bool control;  /* a control character: Cisco's own dictionaries hold some */
	char why[200];
};

struct cnf_elements {
	struct cnf_element *element;
	uint32_t count;
	/* Lines of what phones and tools do not agree about; 0: not there. */
	uint32_t prefix_line;   /* an attribute whose prefix is declared nowhere */
	uint32_t encoding_line; /* a byte that its encoding does not have: read as Latin 1 */
	uint32_t doctype_line;  /* a document type declaration */
	bool wide;              /* UTF-16 */
	char encoding[24];      /* as declared, when it is an unknown one */
	/* Private. */
	uint32_t room, *attribute, attribute_count, attribute_room;
	struct buf words;
};

/* Reads a file. 0, or E_BAD_FORMAT with `ret_flaw` filled; the elements up to there are in
 * ret_elements all the same. E_TOO_LONG, E_NO_MEMORY. Always cnf_elements_done() afterwards. */
int cnf_elements_read(struct slice file, struct cnf_elements *ret_elements,
		      struct cnf_flaw *ret_flaw);
void cnf_elements_done(struct cnf_elements *e);

const char *cnf_element_name(const struct cnf_elements *e, uint32_t i);
/* The text without the white space around it; "" of an element that holds others. */
const char *cnf_element_text(const struct cnf_elements *e, uint32_t i);
/* The value of an attribute; NULL: not there. */
const char *cnf_element_attribute(const struct cnf_elements *e, uint32_t i, const char *name);
/* The name of its parent; "" of the root. */
const char *cnf_element_parent(const struct cnf_elements *e, uint32_t i);

#endif
