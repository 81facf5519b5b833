#include "lab/scenario.h"

#include "base/error.h"
#include "base/text.h"

#include <stdlib.h>

#define SERVER_ADDRESS "10.77.0.1/24"

/* What is being read. */
struct parser {
	struct scenario *s;
	enum scenario_when when; /* of this line */
	bool in_file;            /* the last directive was `file` */
	char *rest;              /* of this line */
	const char *why;
};

static bool refuse(struct parser *p, const char *why)
{
	p->why = why;
	return false;
}

/* The next word of the line, or NULL. */
static char *word(struct parser *p)
{
	char *start = p->rest + strspn(p->rest, " \t");
	char *end = start + strcspn(start, " \t");

	if (*start == 0)
		return NULL;
	p->rest = end + (*end != 0);
	*end = 0;
	return start;
}

/* All that is left of the line, or NULL. */
static char *rest(struct parser *p)
{
	char *start = p->rest + strspn(p->rest, " \t");

	p->rest = start + strlen(start);
	return *start != 0 ? start : NULL;
}

static bool take_text(struct parser *p, const char **ret, const char *why)
{
	*ret = rest(p);
	return *ret != NULL ? true : refuse(p, why);
}

static bool take_seconds(struct parser *p, double *ret)
{
	const char *text = word(p);
	char *end = NULL;

	if (text == NULL)
		return refuse(p, "seconds are missing");
	*ret = strtod(text, &end);
	return *end == 0 && *ret >= 0 && *ret <= 3600 ? true : refuse(p, "these are no seconds");
}

static bool take_host(struct parser *p, const char *name, int *ret)
{
	for (size_t i = 0; name != NULL && i < p->s->hosts; i++) {
		if (strcmp(p->s->host[i].name, name) == 0) {
			*ret = (int)i;
			return true;
		}
	}
	return refuse(p, "there is no host of this name (yet): `node` or `host` makes one");
}

static bool is_rule(const char *text)
{
	return text != NULL && strlen(text) == 4 && text[0] >= 'A' && text[0] <= 'Z' &&
	       text[1] == '-' && text[2] >= '0' && text[2] <= '9' && text[3] >= '0' &&
	       text[3] <= '9';
}

static bool add_line(struct parser *p, struct scenario_line line)
{
	if (p->s->lines == SCENARIO_LINES_MAX)
		return refuse(p, "too many lines");
	line.when = p->when;
	p->s->line[p->s->lines++] = line;
	return true;
}

static bool add_host(struct parser *p, enum scenario_host_kind kind)
{
	struct scenario_host h = {
	    .kind = kind, .when = p->when, .name = word(p), .address = word(p)};
	int taken = 0;

	if (h.name == NULL || h.address == NULL || strchr(h.address, '/') == NULL)
		return refuse(p, "wants a name and an address with its prefix, as 10.77.0.9/24");
	if (strcmp(h.name, "phones") == 0 || take_host(p, h.name, &taken))
		return refuse(p, "this name is taken");
	p->why = NULL;
	if (p->s->hosts == SCENARIO_HOSTS_MAX)
		return refuse(p, "too many hosts");
	if (kind == SCENARIO_PROGRAM && (h.command = rest(p)) == NULL)
		h.kind = SCENARIO_BARE;
	p->s->host[p->s->hosts++] = h;
	return true;
}

static bool take_expect(struct parser *p)
{
	struct scenario_expect e = {.when = p->when, .host = -1, .phone = SCENARIO_PHONE};
	char *vantage = word(p);
	char *at = vantage != NULL ? strchr(vantage, '@') : NULL;
	const char *what = word(p);
	const char *certainty = NULL;

	if (at != NULL)
		*at++ = 0;
	if (vantage == NULL || what == NULL)
		return refuse(p, "wants where, and what");
	e.live = strcmp(vantage, "live") == 0;
	if (!e.live && strcmp(vantage, "capture") != 0)
		return refuse(p, "a verdict is expected live or in the capture");
	if (at != NULL ? !take_host(p, at, &e.host) : e.live && !take_host(p, "server", &e.host))
		return false;
	if (strcmp(what, "nothing") != 0) {
		e.rule = what;
		certainty = word(p);
		if (!is_rule(what) || certainty == NULL)
			return refuse(p, "wants a rule and proved or suspected; or nothing");
		e.proved = strcmp(certainty, "proved") == 0;
		if (!e.proved && strcmp(certainty, "suspected") != 0)
			return refuse(p, "the certainty is proved or suspected");
	}
	const char *phone = word(p);
	e.phone = phone != NULL ? phone : e.phone;
	if (p->s->expects == SCENARIO_EXPECT_MAX)
		return refuse(p, "too many expectations");
	p->s->expect[p->s->expects++] = e;
	return true;
}

static bool take_at(struct parser *p)
{
	struct scenario_line line = {.kind = SCENARIO_AT};
	char *deed = NULL;

	if (!take_seconds(p, &line.at))
		return false;
	if ((deed = word(p)) == NULL)
		return refuse(p, "wants start, stop, run or admin");
	char *at = strchr(deed, '@');
	if (at != NULL)
		*at++ = 0;
	if (strcmp(deed, "admin") == 0)
		line.deed = SCENARIO_ORDER;
	else if (strcmp(deed, "start") == 0)
		line.deed = SCENARIO_START;
	else if (strcmp(deed, "stop") == 0)
		line.deed = SCENARIO_STOP;
	else if (strcmp(deed, "run") == 0)
		line.deed = SCENARIO_COMMAND;
	else
		return refuse(p, "wants start, stop, run or admin");
	const char *name = at != NULL ? at : line.deed == SCENARIO_ORDER ? "server" : word(p);
	if (name != NULL && strcmp(name, "phones") == 0 && line.deed != SCENARIO_ORDER)
		line.host = -1;
	else if (!take_host(p, name, &line.host))
		return false;
	line.text = rest(p);
	if (line.text == NULL && (line.deed == SCENARIO_ORDER || line.deed == SCENARIO_COMMAND))
		return refuse(p, "wants a command");
	return add_line(p, line);
}

static bool take_file(struct parser *p)
{
	struct scenario_line line = {.kind = SCENARIO_FILE};
	char *path = word(p);
	char *slash = path != NULL ? strchr(path, '/') : NULL;

	if (slash == NULL || slash[1] == 0 || strstr(path, "..") != NULL || slash[1] == '/')
		return refuse(p, "wants HOST/NAME");
	*slash = 0;
	if (!take_host(p, path, &line.host))
		return false;
	line.text = slash + 1;
	p->in_file = true;
	return add_line(p, line);
}

/* `serve`, `admin` and `phones`, perhaps of another host or fleet: serve@b. */
static bool take_options(struct parser *p, enum scenario_kind kind, const char *at)
{
	struct scenario_line line = {.kind = kind};
	char *end = NULL;

	if (kind == SCENARIO_PHONES)
		line.host = at != NULL ? (int)strtol(at, &end, 10) : 1;
	else if (!take_host(p, at != NULL ? at : "server", &line.host))
		return false;
	if (kind == SCENARIO_PHONES &&
	    (line.host < 1 || line.host > 4 || (end != NULL && *end != 0)))
		return refuse(p, "fleets are phones@1 to phones@4");
	return take_text(p, &line.text, "wants options") && add_line(p, line);
}

static bool take_spare(struct parser *p)
{
	const char *rule = NULL;

	while ((rule = word(p)) != NULL) {
		if (!is_rule(rule))
			return refuse(p, "wants rules, as R-05");
		if (!add_line(p, (struct scenario_line){.kind = SCENARIO_SPARE, .text = rule}))
			return false;
	}
	return true;
}

static bool take_rule(struct parser *p)
{
	const char *rule = word(p);

	if (rule != NULL && strcmp(rule, "none") == 0)
		return true;
	p->s->rule = rule;
	return is_rule(rule) ? true : refuse(p, "wants one rule, as R-05; or none");
}

static bool take_about(struct parser *p)
{
	if (p->s->abouts == sizeof p->s->about / sizeof *p->s->about)
		return refuse(p, "too many lines about it");
	return take_text(p, &p->s->about[p->s->abouts++], "wants words");
}

static bool take_filter(struct parser *p, const char *at)
{
	p->s->filter_host = -1;
	if (at != NULL && !take_host(p, at, &p->s->filter_host))
		return false;
	return take_text(p, &p->s->filter, "wants a display filter of Wireshark's");
}

static bool take_setup(struct parser *p)
{
	struct scenario_line line = {.kind = SCENARIO_SETUP, .host = -1};
	const char *name = word(p);

	if (name == NULL || (strcmp(name, "phones") != 0 && !take_host(p, name, &line.host)))
		return refuse(p, "wants a host's name, or phones");
	return take_text(p, &line.text, "wants a command") && add_line(p, line);
}

static bool no_server(struct parser *p)
{
	if (p->s->hosts != 1)
		return refuse(p, "comes before other hosts");
	p->s->hosts = 0;
	return true;
}

static bool take_directive(struct parser *p, const char *name, const char *at)
{
	struct scenario *s = p->s;

	if (strcmp(name, "title") == 0)
		return take_text(p, &s->title, "wants words");
	if (strcmp(name, "about") == 0)
		return take_about(p);
	if (strcmp(name, "screen") == 0)
		return take_text(p, &s->screen, "wants words");
	if (strcmp(name, "rule") == 0)
		return take_rule(p);
	if (strcmp(name, "needs") == 0)
		return take_text(p, &s->needs, "wants a program's name");
	if (strcmp(name, "filter") == 0)
		return take_filter(p, at);
	if (strcmp(name, "within") == 0)
		return take_seconds(p, &s->within);
	if (strcmp(name, "hold") == 0)
		return take_seconds(p, &s->hold);
	if (strcmp(name, "facts-differ") == 0)
		return s->facts_differ = true;
	if (strcmp(name, "no-server") == 0)
		return no_server(p);
	if (strcmp(name, "node") == 0)
		return add_host(p, SCENARIO_NODE);
	if (strcmp(name, "host") == 0)
		return add_host(p, SCENARIO_PROGRAM);
	if (strcmp(name, "serve") == 0)
		return take_options(p, SCENARIO_SERVE, at);
	if (strcmp(name, "admin") == 0)
		return take_options(p, SCENARIO_ADMIN, at);
	if (strcmp(name, "phones") == 0)
		return take_options(p, SCENARIO_PHONES, at);
	if (strcmp(name, "file") == 0)
		return take_file(p);
	if (strcmp(name, "setup") == 0)
		return take_setup(p);
	if (strcmp(name, "at") == 0)
		return take_at(p);
	if (strcmp(name, "switch") == 0) {
		struct scenario_line line = {.kind = SCENARIO_SWITCH};
		return take_text(p, &line.text, "wants a rule") && add_line(p, line);
	}
	if (strcmp(name, "voice") == 0) {
		struct scenario_line line = {.kind = SCENARIO_VOICE};
		return take_text(p, &line.text, "wants a VLAN") && add_line(p, line);
	}
	if (strcmp(name, "expect") == 0)
		return take_expect(p);
	if (strcmp(name, "also") == 0)
		return take_spare(p);
	return refuse(p, "there is no such directive");
}

static bool take_line(struct parser *p, char *line)
{
	p->rest = line;
	if (line[0] == '|') {
		if (!p->in_file)
			return refuse(p, "a line of a file, and no file before it");
		p->when = SCENARIO_ALWAYS;
		return add_line(p, (struct scenario_line){.kind = SCENARIO_LINE,
							  .text = line + 1 + (line[1] == ' ')});
	}
	p->when = SCENARIO_ALWAYS;
	char *name = word(p);
	if (name == NULL || name[0] == '#')
		return true;
	p->in_file = false;
	if (strcmp(name, "broken") == 0 || strcmp(name, "healthy") == 0) {
		p->when = name[0] == 'b' ? SCENARIO_BROKEN : SCENARIO_HEALTHY;
		name = word(p);
	}
	if (name == NULL)
		return refuse(p, "what is?");
	char *at = strchr(name, '@');
	if (at != NULL)
		*at++ = 0;
	if (!take_directive(p, name, at))
		return false;
	return word(p) == NULL ? true : refuse(p, "too many words");
}

static bool expects_its_rule(const struct scenario *s)
{
	for (size_t i = 0; i < s->expects; i++) {
		if (s->expect[i].rule != NULL && strcmp(s->expect[i].rule, s->rule) == 0)
			return true;
	}
	return false;
}

/* What a scenario cannot do without. */
static const char *missing(const struct scenario *s)
{
	if (s->title == NULL)
		return "there is no title";
	if (s->expects == 0)
		return "nothing is expected: `expect` says which verdict is right";
	if (s->rule != NULL && (s->filter == NULL || !scenario_has_twin(s)))
		return "a fault needs `broken` lines and a `filter` that finds it";
	if (s->rule != NULL && !expects_its_rule(s))
		return "the rule is expected nowhere";
	return NULL;
}

int scenario_parse(struct slice text, const char *name, struct scenario *ret_scenario,
		   unsigned *ret_line, const char **ret_why)
{
	struct scenario *s = ret_scenario;
	struct parser p = {.s = s};

	memset(s, 0, sizeof *s);
	*ret_line = 1;
	*ret_why = "longer than a scenario may be: 4000 bytes";
	if (text.len > SCENARIO_SIZE_MAX)
		return E_TOO_LONG;
	if (text.len == 0)
		text = slice_text("\n");
	*ret_why = "this is no text";
	if (memchr(text.ptr, 0, text.len) != NULL)
		return E_BAD_FORMAT;
	s->filter_host = -1;
	s->within = 30;
	s->host[s->hosts++] = (struct scenario_host){.name = "server", .address = SERVER_ADDRESS};
	memcpy(s->text, text.ptr, text.len);
	for (char *line = s->text; *line != 0; (*ret_line)++) {
		char *end = strchr(line, '\n');
		if (end != NULL)
			*end = 0;
		if (!take_line(&p, line)) {
			*ret_why = p.why;
			return E_BAD_FORMAT;
		}
		if (end == NULL)
			break;
		line = end + 1;
	}
	s->used = text.len + 1;
	if (!text_copy(s->text + s->used, sizeof s->text - s->used, name))
		return E_TOO_LONG;
	s->name = s->text + s->used;
	*ret_why = missing(s);
	return *ret_why == NULL ? 0 : E_BAD_FORMAT;
}

bool scenario_holds(enum scenario_when when, bool broken)
{
	return when == SCENARIO_ALWAYS || broken == (when == SCENARIO_BROKEN);
}

bool scenario_has_twin(const struct scenario *s)
{
	bool differs = false;

	for (size_t i = 0; i < s->lines; i++)
		differs = differs || s->line[i].when != SCENARIO_ALWAYS;
	for (size_t i = 0; i < s->hosts; i++)
		differs = differs || s->host[i].when != SCENARIO_ALWAYS;
	return differs;
}

bool scenario_expects_live(const struct scenario *s)
{
	for (size_t i = 0; i < s->expects; i++) {
		if (s->expect[i].live)
			return true;
	}
	return false;
}
