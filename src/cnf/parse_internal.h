/* Between those who find the elements (expat, or the scanner of plain files) and those who know
 * what they mean. */
#ifndef DIALTONE_CNF_PARSE_INTERNAL_H
#define DIALTONE_CNF_PARSE_INTERNAL_H

#include "cnf/cnf.h"

#define CNF_DEPTH_MAX 32
#define CNF_TEXT_MAX  256
#define CNF_NAME_SIZE 40 /* of an element; longer ones are cut: none that counts is */

struct cnf_reader {
	struct cnf_phone *phone;
	struct cnf_member member; /* being read */
	bool in_member;
	struct cnf_member srst[CNF_SRST_MAX];
	bool srst_disabled;
	bool proxy_told, proxy_true; /* sipProxies/registerWithProxy */
	bool line_is_line;           /* the sipLines/line being read has featureID 9 */
	char line_name[DEVICE_DN_SIZE];
	unsigned depth;
	char load_element[32]; /* loadInformation<type> of a default file */
	char path[CNF_DEPTH_MAX][CNF_NAME_SIZE];
	char text[CNF_TEXT_MAX];
	size_t text_len;
};

void cnf_reader_init(struct cnf_reader *r, uint32_t type, struct cnf_phone *phone);
/* `attributes`: name, value, …, NULL. false when nested too deeply. */
bool cnf_reader_start(struct cnf_reader *r, const char *name, const char **attributes);
void cnf_reader_text(struct cnf_reader *r, const char *text, size_t len);
void cnf_reader_end(struct cnf_reader *r, const char *name);
/* The file is whole: what is missing in it. */
void cnf_reader_finish(struct cnf_reader *r);

/* Reads a file in the plain form nearly all are in. false: not that plain, ask expat; the reader is
 * to be begun anew then. true only for what expat would read the same way. */
bool cnf_scan(struct slice file, struct cnf_reader *r);

/* text.c */
int cnf_parse_sip_text(struct slice file, struct cnf_phone *ret_phone, struct cnf_error *ret_error);
int cnf_parse_binary(struct slice file, struct cnf_phone *ret_phone, struct cnf_error *ret_error);

static inline void cnf_find(struct cnf_phone *phone, enum cnf_finding finding)
{
	phone->findings |= 1U << finding;
}

#endif
