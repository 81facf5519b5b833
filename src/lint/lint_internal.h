/* Between lint's own files: findings being added, and what one file says of others. */
#ifndef DIALTONE_LINT_LINT_INTERNAL_H
#define DIALTONE_LINT_LINT_INTERNAL_H

#include "base/addr.h"
#include "cnf/elements.h"
#include "lint/lint.h"

/* What a file says of other files or of the site, compared when all are read. */
enum lint_word {
	WORD_LOAD,   /* a load phones are sent to; number: the model, 0 unknown */
	WORD_MEMBER, /* an image of a load's list; number: its size, 0 not told */
	WORD_FILE,   /* another file by name: dial rules, soft keys, rings */
	WORD_HOST,   /* a CallManager */
	WORD_LINE,   /* the number of a SIP line */
	WORD_IMAGE,  /* the image a 7940 or 7960 is sent to, from any file */
	WORD_PROXY,  /* of the text files: proxy1_address */
};

struct lint_mention {
	enum lint_word word;
	uint32_t file, line;
	uint64_t number;
	char text[64];
};

struct lint_subject {
	char *name; /* owned */
	enum lint_kind kind;
	uint64_t size;
	bool in_root, closed, plausible;
};

struct lint {
	uint32_t type; /* of --model */
	struct lint_finding *finding;
	struct lint_subject *file;
	struct lint_mention *mention;
	uint32_t finding_count, finding_room;
	uint32_t file_count, file_room;
	uint32_t mention_count, mention_room;
	int error;
	uint32_t now; /* the file being checked */
};

__attribute__((format(printf, 4, 5))) void lint_find(struct lint *l, enum lint_rule rule,
						     uint32_t line, const char *format, ...);
/* A milder case of a rule. */
__attribute__((format(printf, 5, 6))) void lint_find_as(struct lint *l, enum lint_rule rule,
							enum lint_severity severity, uint32_t line,
							const char *format, ...);
void lint_mention(struct lint *l, enum lint_word word, uint32_t line, uint64_t number,
		  const char *text);
/* Has this rule been found in the file being checked? */
bool lint_found(const struct lint *l, enum lint_rule rule);
/* The name without its folders. */
const char *lint_base_name(const char *name);

/* names.c: by its name alone. `content`: what its contents say it is, to be compared. */
enum lint_kind lint_kind_of_name(const char *name);
void lint_check_name(struct lint *l, const char *name, enum lint_kind content);

/* words.c */
bool lint_is_placeholder(const char *text);
/* A placeholder, or what is one in an element or key of that name. */
bool lint_is_open(const char *name, const char *text);
bool lint_is_host(const char *text); /* an IPv4 or IPv6 address, or a host name */
bool lint_is_port(const char *text);
/* An IPv4 address that a host can have: no 0, no loopback, no multicast, no broadcast. */
bool lint_is_host_address(struct ip4 ip);
bool lint_ends_with(const char *text, const char *ending); /* any case */
bool lint_is_number(const char *text, uint32_t least, uint32_t most);
bool lint_is_in_range(const char *text, const char *range); /* "1-3600" */
bool lint_is_word(const char *text, const char *list);      /* one of "a,b,c", in any case */

/* load_names.c */
enum load_protocol {
	LOAD_ANY,
	LOAD_SCCP,
	LOAD_SIP,
};
enum load_protocol lint_load_protocol(const char *load);
/* Is the load one of this model's? true also when nothing is known of one of them. */
bool lint_load_fits(const char *load, const char *model);
bool lint_model_is_sip_only(const char *model);
/* The model of a number in the default file; NULL unknown. */
const char *lint_model_of_number(uint32_t number);
/* Is the number another model's than the one the text names ("SIP: Cisco IP Phone 7961G-GE")?
 * `ret_right`: the number meant; 0 unknown. */
bool lint_model_differs(uint32_t number, const char *text, uint32_t *ret_right);
/* The ending of a file that a load's name must not have; NULL. */
const char *lint_load_ending(const char *load);

/* Each kind's checks. */
void lint_xml(struct lint *l, const struct lint_input *input, enum lint_kind kind);
void lint_device(struct lint *l, const struct cnf_elements *e);
void lint_default(struct lint *l, const struct cnf_elements *e);
void lint_settings(struct lint *l, const struct cnf_elements *e);
void lint_members(struct lint *l, const struct cnf_elements *e, bool sccp);
void lint_sip_lines(struct lint *l, const struct cnf_elements *e);
void lint_small_xml(struct lint *l, const struct cnf_elements *e, enum lint_kind kind);
void lint_sip_text(struct lint *l, struct slice file);
bool lint_is_sip_text(struct slice file);
void lint_loads(struct lint *l, struct slice file);
void lint_image_choice(struct lint *l, struct slice file);
void lint_trust(struct lint *l, struct slice file);

/* dhcp_*.c */
void lint_isc(struct lint *l, struct slice file);
void lint_dnsmasq(struct lint *l, struct slice file);
void lint_kea(struct lint *l, struct slice file);
void lint_ios(struct lint *l, struct slice file);
void lint_windows(struct lint *l, struct slice file);

/* root.c */
void lint_together(struct lint *l);

#endif
