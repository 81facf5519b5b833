/* What the elements of a configuration file mean to a phone. */
#include "cnf/parse_internal.h"

#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>

#define PORT_SCCP   2000
#define PORT_SIP    5060
#define PORT_SIPS   5061
#define LINE_BUTTON "9" /* featureID of a line */

static const struct {
	enum cnf_severity severity;
	const char *text;
} findings[] = {
#define G(name, severity, text) {CNF_##severity, text},
#include "cnf/cnf_findings.def"
#undef G
};
_Static_assert(CNF_FINDINGS <= 32, "they are bits of a number");

const char *cnf_finding_text(enum cnf_finding finding)
{
	return findings[finding].text;
}

enum cnf_severity cnf_finding_severity(enum cnf_finding finding)
{
	return findings[finding].severity;
}

void cnf_reader_init(struct cnf_reader *r, uint32_t type, struct cnf_phone *phone)
{
	memset(r, 0, offsetof(struct cnf_reader, path));
	r->text_len = 0;
	memset(phone, 0, sizeof *phone);
	r->phone = phone;
	(void)snprintf(r->load_element, sizeof r->load_element, "loadInformation%u", type);
}

/* Most names differ in their first letter already. */
static inline bool is(const char *a, const char *b)
{
	return a[0] == b[0] && strcmp(a, b) == 0;
}

/* Is the element being ended a child of this one? */
static bool is_under(const struct cnf_reader *r, const char *parent)
{
	return r->depth > 1 && is(r->path[r->depth - 2], parent);
}

static void read_root(struct cnf_reader *r, const char *name)
{
	r->phone->is_default = is(name, "Default");
	if (!r->phone->is_default && !is(name, "device"))
		cnf_find(r->phone, CNF_FINDING_ROOT_UNKNOWN);
}

bool cnf_reader_start(struct cnf_reader *r, const char *name, const char **attributes)
{
	if (r->depth == CNF_DEPTH_MAX)
		return false;
	(void)text_copy(r->path[r->depth++], sizeof r->path[0], name);
	r->text_len = 0;
	if (r->depth == 1)
		read_root(r, name);
	for (size_t i = 0; attributes[i] != NULL; i += 2) {
		if (strchr(attributes[i], ':') != NULL && strncmp(attributes[i], "xml", 3) != 0)
			cnf_find(r->phone, CNF_FINDING_PREFIX);
	}
	if (is(name, "line") && is_under(r, "sipLines")) {
		r->line_is_line = false;
		r->line_name[0] = 0;
	}
	if (!is(name, "member"))
		return true;
	r->in_member = true;
	r->member = (struct cnf_member){.port = PORT_SCCP, .sip_port = PORT_SIP};
	for (size_t i = 0; attributes[i] != NULL; i += 2) {
		if (is(attributes[i], "priority"))
			r->member.priority = (unsigned)strtoul(attributes[i + 1], NULL, 10);
	}
	return true;
}

void cnf_reader_text(struct cnf_reader *r, const char *text, size_t len)
{
	size_t room = sizeof r->text - r->text_len;

	if (len > room)
		len = room;
	memcpy(r->text + r->text_len, text, len);
	r->text_len += len;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The text without the white space around it. */
static struct slice trimmed(const struct cnf_reader *r)
{
	size_t from = 0;
	size_t to = r->text_len;

	while (from < to && is_space(r->text[from]))
		from++;
	while (to > from && is_space(r->text[to - 1]))
		to--;
	return slice_of(r->text + from, to - from);
}

static void take(struct cnf_reader *r, char *to, size_t size, struct slice text)
{
	if (!text_copy_slice(to, size, text))
		cnf_find(r->phone, CNF_FINDING_TEXT_CUT);
}

static unsigned number_of(struct slice text)
{
	char number[16];

	(void)text_copy_slice(number, sizeof number, text);
	unsigned long n = strtoul(number, NULL, 10);
	return n <= UINT32_MAX ? (unsigned)n : 0;
}

static void take_port(struct cnf_reader *r, uint16_t *to, struct slice text)
{
	unsigned port = number_of(text);

	if (text.len == 0)
		return;
	if (port == 0 || port > UINT16_MAX)
		cnf_find(r->phone, CNF_FINDING_PORT_BAD);
	else
		*to = (uint16_t)port;
}

/* Kept in the order of priority; equal ones as they stand in the file. TVS members, which have no
 * processNodeName, are no CallManagers. */
static void add_member(struct cnf_phone *phone, const struct cnf_member *member)
{
	unsigned at = phone->member_count;

	if (member->host[0] == 0)
		return;
	if (phone->member_count == CNF_MEMBERS_MAX) {
		cnf_find(phone, CNF_FINDING_MEMBERS_MANY);
		return;
	}
	while (at > 0 && phone->member[at - 1].priority > member->priority) {
		phone->member[at] = phone->member[at - 1];
		at--;
	}
	phone->member[at] = *member;
	phone->member_count++;
	if (member->port == PORT_SIP || member->port == PORT_SIPS)
		cnf_find(phone, CNF_FINDING_PORT_SIP);
}

/* ipAddr1 to 3 and port1 to 3 under srstInfo: the gateways that take the phone when every
 * CallManager is out of reach. An unused one is empty or 0.0.0.0. */
static void take_srst(struct cnf_reader *r, const char *name, struct slice text)
{
	size_t len = strlen(name);
	size_t i = len > 0 ? (size_t)(name[len - 1] - '1') : CNF_SRST_MAX;
	char word[16];

	if (is(name, "srstOption")) {
		(void)text_copy_slice(word, sizeof word, text);
		r->srst_disabled = text_equal_nocase(word, "Disable");
	} else if (len == 7 && strncmp(name, "ipAddr", 6) == 0 && i < CNF_SRST_MAX) {
		(void)text_copy_slice(r->srst[i].host, sizeof r->srst[i].host, text);
	} else if (len == 5 && strncmp(name, "port", 4) == 0 && i < CNF_SRST_MAX) {
		unsigned port = number_of(text);
		r->srst[i].port = port <= UINT16_MAX ? (uint16_t)port : 0;
	}
}

static void end_srst(struct cnf_reader *r)
{
	for (unsigned i = 0; i < CNF_SRST_MAX && !r->srst_disabled; i++) {
		struct cnf_member m = r->srst[i];
		if (m.host[0] == 0 || is(m.host, "0.0.0.0"))
			continue;
		m.priority = i;
		if (m.port == 0)
			m.port = PORT_SCCP;
		r->phone->srst[r->phone->srst_count++] = m;
	}
}

static void take_in_member(struct cnf_reader *r, const char *name, struct slice text)
{
	if (is(name, "processNodeName"))
		take(r, r->member.host, sizeof r->member.host, text);
	else if (is(name, "ethernetPhonePort"))
		take_port(r, &r->member.port, text);
	else if (is(name, "sipPort"))
		take_port(r, &r->member.sip_port, text);
	/* TVS members have an address where CallManagers have a node. */
	else if (is(name, "callManager") && r->member.host[0] == 0)
		cnf_find(r->phone, CNF_FINDING_MEMBER_EMPTY);
	else if (is(name, "member"))
		add_member(r->phone, &r->member);
	if (is(name, "member"))
		r->in_member = false;
}

/* One of sipLines: only those with featureID 9 are lines. */
static void take_in_line(struct cnf_reader *r, const char *name, struct slice text)
{
	if (is(name, "featureID"))
		r->line_is_line = slice_equal(text, slice_text(LINE_BUTTON));
	else if (is(name, "name"))
		(void)text_copy_slice(r->line_name, sizeof r->line_name, text);
}

static void end_line(struct cnf_reader *r)
{
	if (!r->line_is_line)
		return;
	if (r->phone->lines++ == 0)
		(void)text_copy(r->phone->first_line, sizeof r->phone->first_line, r->line_name);
}

static void take_load(struct cnf_reader *r, struct slice text)
{
	take(r, r->phone->load, sizeof r->phone->load, text);
	if (text.len > 6 && memcmp(text.ptr + text.len - 6, ".loads", 6) == 0)
		cnf_find(r->phone, CNF_FINDING_LOAD_SUFFIX);
}

/* An element right under the root: only those are the phone's own settings. */
static void take_top(struct cnf_reader *r, const char *name, struct slice text)
{
	struct cnf_phone *phone = r->phone;

	if (is(name, phone->is_default ? r->load_element : "loadInformation")) {
		take_load(r, text);
	} else if (strncmp(name, "loadinformation", 15) == 0) {
		cnf_find(phone, CNF_FINDING_LOAD_CASE);
	} else if (is(name, "deviceProtocol")) {
		take(r, phone->protocol, sizeof phone->protocol, text);
	} else if (is(name, "versionStamp")) {
		take(r, phone->version_stamp, sizeof phone->version_stamp, text);
	} else if (is(name, "deviceSecurityMode")) {
		phone->security_mode = number_of(text);
	} else if (is(name, "encrConfig")) {
		phone->encrypted = slice_equal(text, slice_text("true"));
	} else if (is(name, "networkLocale")) {
		take(r, phone->network_locale, sizeof phone->network_locale, text);
	}
}

static void take_other(struct cnf_reader *r, const char *name, struct slice text)
{
	struct cnf_phone *phone = r->phone;

	if (is_under(r, "srstInfo")) {
		take_srst(r, name, text);
	} else if (is(name, "srstInfo") && phone->srst_count == 0) {
		end_srst(r);
	} else if (is(name, "connectionMonitorDuration")) {
		phone->monitor_s = number_of(text);
	} else if (is(name, "dateTemplate")) {
		take(r, phone->date_template, sizeof phone->date_template, text);
	} else if (is(name, "timeZone")) {
		take(r, phone->time_zone, sizeof phone->time_zone, text);
	} else if (is(name, "name") && is_under(r, "userLocale")) {
		take(r, phone->user_locale, sizeof phone->user_locale, text);
	} else if (is(name, "registerWithProxy")) {
		/* Left empty, as guides for 7900 and 8800 leave it, it is as if it were not there.
		 */
		r->proxy_told = text.len > 0;
		r->proxy_true = slice_equal(text, slice_text("true"));
	} else if (is_under(r, "line")) {
		take_in_line(r, name, text);
	} else if (is(name, "line") && is_under(r, "sipLines")) {
		end_line(r);
	}
}

void cnf_reader_end(struct cnf_reader *r, const char *name)
{
	struct slice text = trimmed(r);

	if (r->in_member)
		take_in_member(r, name, text);
	else if (r->depth == 2)
		take_top(r, name, text);
	else
		take_other(r, name, text);
	r->text_len = 0;
	r->depth--;
}

void cnf_reader_finish(struct cnf_reader *r)
{
	struct cnf_phone *phone = r->phone;
	bool sip = is(phone->protocol, "SIP");

	if ((phone->findings & 1U << CNF_FINDING_ROOT_UNKNOWN) != 0)
		return;
	if (phone->member_count == 0)
		cnf_find(phone, CNF_FINDING_NO_MEMBER);
	if (phone->encrypted)
		cnf_find(phone, CNF_FINDING_ENCRYPTED);
	if (phone->security_mode > 1)
		cnf_find(phone, CNF_FINDING_SECURE);
	if (phone->is_default)
		return;
	if (phone->version_stamp[0] == 0)
		cnf_find(phone, CNF_FINDING_NO_STAMP);
	if (sip && phone->lines == 0)
		cnf_find(phone, CNF_FINDING_NO_LINE);
	if (sip && r->proxy_told && !r->proxy_true)
		cnf_find(phone, CNF_FINDING_NO_REGISTER);
}
