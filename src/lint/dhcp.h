/* What a DHCP server is told, in no server's language: scopes with what phones get in them. Each
 * language's reader fills them; what is wrong with a value, and what is missing, is judged here
 * once. */
#ifndef DIALTONE_LINT_DHCP_H
#define DIALTONE_LINT_DHCP_H

#include "lint/lint_internal.h"

#define DHCP_RANGES_MAX 32
#define DHCP_TFTP_MAX   8
#define DHCP_SCOPES_MAX 512

struct dhcp_range {
	struct ip4 first, last;
	uint32_t line;
};

/* A subnet, pool or scope; or what holds for all of them. */
struct dhcp_scope {
	char name[48];
	uint32_t line;
	bool has_net; /* network and mask are known, and phones get addresses from it */
	struct ip4 network, mask;
	struct ip4 router;
	uint32_t router_line;
	bool has_dns;
	bool has_tftp; /* anything that names a TFTP server: 150, 66, next-server */
	struct ip4 tftp[DHCP_TFTP_MAX];
	unsigned tftp_count;
	uint32_t tftp_line;
	char name66[80];
	uint32_t line66;
	struct dhcp_range range[DHCP_RANGES_MAX];
	unsigned ranges;
};

struct dhcp {
	struct lint *l;
	struct dhcp_scope all; /* outside every scope */
	struct dhcp_scope *scope;
	size_t count;
	bool some_tftp; /* a class, a host, a group names one */
};

bool dhcp_init(struct dhcp *d, struct lint *l);
/* Judges everything, and frees. */
void dhcp_finish(struct dhcp *d);
/* A new scope; the last one again when there are too many. */
struct dhcp_scope *dhcp_scope(struct dhcp *d, uint32_t line, const char *name);

/* One address of option 150, as a word. */
void dhcp_tftp_word(struct dhcp *d, struct dhcp_scope *s, uint32_t line, const char *word);
/* Option 150 given as text: what kind of mistake that is. */
void dhcp_tftp_text(struct dhcp *d, struct dhcp_scope *s, uint32_t line, const char *text);
/* Option 150 as hexadecimal digits, with anything between them. */
void dhcp_tftp_hex(struct dhcp *d, struct dhcp_scope *s, uint32_t line, const char *hex);
void dhcp_name66(struct dhcp_scope *s, uint32_t line, const char *text);
void dhcp_range(struct dhcp_scope *s, uint32_t line, const char *first, const char *last);
void dhcp_net(struct dhcp *d, struct dhcp_scope *s, uint32_t line, const char *network,
	      const char *mask);
/* "10.77.0.0/24" */
void dhcp_prefix(struct dhcp *d, struct dhcp_scope *s, uint32_t line, const char *prefix);
void dhcp_router(struct dhcp_scope *s, uint32_t line, const char *word);
void dhcp_lease(struct dhcp *d, uint32_t line, const char *seconds);

/* Lines of text without their ends; `line` counts from 1. false at the end. */
struct lint_lines {
	struct slice rest;
	uint32_t line;
};
bool lint_next_line(struct lint_lines *lines, char *to, size_t size);
/* The next word of a text, up to one of the separators; "" at the end. Quotes of either kind hold a
 * word together and are left in front of it. */
const char *lint_next_word(const char **text, const char *separators, char *to, size_t size);
/* A word without the quotes around it. */
const char *lint_unquoted(const char *word, char *to, size_t size);

#endif
