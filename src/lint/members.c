/* The list of CallManagers. */
#include "lint/lint_internal.h"

#include <strings.h>

#define MEMBERS_READ 5  /* by a phone */
#define MEMBERS_KEPT 16 /* here */

struct member {
	const char *priority, *host;
	uint32_t element, line, host_line;
	bool has_host; /* processNodeName stands there, perhaps empty */
};

/* A member of the group: not one of the trust verification servers. */
static bool is_member(const struct cnf_elements *e, uint32_t i)
{
	uint32_t list = e->element[i].parent;

	return strcmp(cnf_element_name(e, i), "member") == 0 && list != CNF_NO_ELEMENT &&
	       strcmp(cnf_element_parent(e, list), "callManagerGroup") == 0;
}

static struct member *member_above(const struct cnf_elements *e, uint32_t i, struct member *members,
				   size_t count)
{
	for (uint32_t at = e->element[i].parent; at != CNF_NO_ELEMENT; at = e->element[at].parent) {
		for (size_t k = 0; k < count; k++) {
			if (members[k].element == at)
				return &members[k];
		}
	}
	return NULL;
}

static void check_host(struct lint *l, const struct member *m)
{
	if (m->host[0] == 0)
		lint_find(l, LINT_RULE_MEMBER_EMPTY, m->host_line,
			  m->has_host ? "processNodeName is empty"
				      : "there is none in this member");
	else if (!lint_is_open("processNodeName", m->host) && !lint_is_host(m->host))
		lint_find(l, LINT_RULE_HOST, m->host_line, "processNodeName \"%.80s\"", m->host);
	else if (!lint_is_open("processNodeName", m->host))
		lint_mention(l, WORD_HOST, m->host_line, 0, m->host);
}

static void check_order(struct lint *l, const struct member *members, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		const struct member *m = &members[i];
		for (size_t k = 0; k < i; k++) {
			const struct member *other = &members[k];
			if (m->priority != NULL && other->priority != NULL &&
			    strcmp(m->priority, other->priority) == 0 && m->host[0] != 0 &&
			    other->host[0] != 0)
				lint_find(l, LINT_RULE_PRIORITY, m->line,
					  "priority %.20s as in line %u", m->priority, other->line);
			if (m->host[0] != 0 && strcasecmp(m->host, other->host) == 0 &&
			    !lint_is_placeholder(m->host))
				lint_find(l, LINT_RULE_MEMBER_TWICE, m->host_line,
					  "%.80s, as in line %u", m->host, other->host_line);
		}
		if (i == MEMBERS_READ)
			lint_find(l, LINT_RULE_MEMBERS_MANY, m->line, "this is the sixth");
	}
}

static void check_port(struct lint *l, const struct cnf_elements *e, uint32_t i, bool sccp)
{
	const char *port = cnf_element_text(e, i);

	if (strcmp(port, "5060") == 0 || strcmp(port, "5061") == 0)
		lint_find_as(l, LINT_RULE_PORT_SIP, sccp ? LINT_ERROR : LINT_REMARK,
			     e->element[i].line, "%s", port);
}

void lint_members(struct lint *l, const struct cnf_elements *e, bool sccp)
{
	struct member members[MEMBERS_KEPT] = {0};
	size_t count = 0;

	for (uint32_t i = 0; i < e->count; i++) {
		const char *name = cnf_element_name(e, i);
		struct member *above = member_above(e, i, members, count);
		if (is_member(e, i) && count < MEMBERS_KEPT) {
			members[count++] = (struct member){
			    .element = i,
			    .line = e->element[i].line,
			    .host_line = e->element[i].line,
			    .priority = cnf_element_attribute(e, i, "priority"),
			    .host = "",
			};
		} else if (above != NULL && strcmp(name, "processNodeName") == 0) {
			above->host = cnf_element_text(e, i);
			above->host_line = e->element[i].line;
			above->has_host = true;
		} else if (above != NULL && strcmp(name, "ethernetPhonePort") == 0) {
			check_port(l, e, i, sccp);
		}
	}
	for (size_t i = 0; i < count; i++)
		check_host(l, &members[i]);
	check_order(l, members, count);
	if (count == 0)
		lint_find(l, LINT_RULE_NO_MEMBER, e->element[0].line,
			  "no member under callManagerGroup");
}
