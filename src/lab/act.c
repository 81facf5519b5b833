#include "lab/act.h"

#include "base/text.h"
#include "http/http_client.h"
#include "lab/facts.h"
#include "lab/judge.h"
#include "lab/spawn.h"
#include "lab/stage.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LOOK_MS      400
#define REST_LOOKS   20 /* of LOOK_MS / 2: until the facts of both sides are the same */
#define ANSWER_MAX   (16u << 20)
#define VANTAGES_MAX ((size_t)2 * (SCENARIO_HOSTS_MAX + 1))

struct act {
	struct stage stage;
	const struct scenario *s;
	bool broken;
	struct view view[VANTAGES_MAX]; /* each vantage that is asked */
	size_t views;
	bool done[SCENARIO_LINES_MAX]; /* `at` lines */
	struct timespec began;
	struct buf why, said;
};

static double since(const struct timespec *start)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - start->tv_sec) + (double)(now.tv_nsec - start->tv_nsec) / 1e9;
}

static void list_view(struct act *a, bool live, int host)
{
	for (size_t i = 0; i < a->views; i++) {
		if (a->view[i].live == live && a->view[i].host == host)
			return;
	}
	if (a->views < VANTAGES_MAX)
		a->view[a->views++] = (struct view){.live = live, .host = host};
}

/* The same vantages in both runs, whatever is expected of each. */
static void list_views(struct act *a)
{
	for (size_t i = 0; i < a->s->expects; i++)
		list_view(a, a->s->expect[i].live, a->s->expect[i].host);
}

static json_t *ask_server(struct act *a, int host, const char *path, struct buf *ret_text)
{
	char socket[STAGE_PATH_MAX];
	unsigned status = 0;
	struct buf answer;
	json_t *json = NULL;

	buf_init(&answer, ANSWER_MAX);
	(void)http_client_request(stage_socket(&a->stage, host, socket, sizeof socket), NULL, "GET",
				  path, slice_of(NULL, 0), &status, &answer);
	if (status == 200 && ret_text != NULL)
		buf_append(ret_text, buf_slice(&answer));
	else if (status == 200)
		json = json_loadb(buf_cstr(&answer), buf_slice(&answer).len, 0, NULL);
	buf_done(&answer);
	return json;
}

static json_t *explain_capture(struct act *a, int host)
{
	char path[STAGE_PATH_MAX];
	const char *const arguments[] = {
	    "explain", stage_capture(&a->stage, host, path, sizeof path), "--json", "--all", NULL};
	struct buf answer;

	buf_init(&answer, ANSWER_MAX);
	(void)stage_run_self(&a->stage, arguments, &answer);
	json_t *json = json_loadb(buf_cstr(&answer), buf_slice(&answer).len, 0, NULL);
	buf_done(&answer);
	return json;
}

static void look(struct act *a, struct view *v)
{
	json_decref(v->report);
	v->report =
	    v->live ? ask_server(a, v->host, "/v1/boots", NULL) : explain_capture(a, v->host);
}

static const json_t *report_of(const struct act *a, bool live, int host)
{
	for (size_t i = 0; i < a->views; i++) {
		if (a->view[i].live == live && a->view[i].host == host)
			return a->view[i].report;
	}
	return NULL;
}

static const char *where_text(const struct act *a, bool live, int host, char to[static 64])
{
	/* Unnamed: the phones' cable, and the first server's own view. */
	bool named = host >= 0 && host < SCENARIO_HOSTS_MAX && (host > 0 || !live);

	(void)snprintf(to, 64, "%s%s%s", live ? "live" : "capture", named ? "@" : "",
		       named ? a->s->host[host].name : "");
	return to;
}

/* What was said about a vantage, unless it is right. */
static bool told(struct act *a, const char *where, bool right)
{
	if (!right)
		buf_printf(&a->why, "%s%s: %s", a->why.len > 0 ? "; " : "", where,
			   buf_cstr(&a->said));
	buf_clear(&a->said);
	return right;
}

/* Is every vantage's verdict right, as far as it has been looked at? */
static bool is_right(struct act *a)
{
	char where[64];
	bool right = true;

	buf_clear(&a->why);
	for (size_t i = 0; i < a->s->expects; i++) {
		const struct scenario_expect *e = &a->s->expect[i];
		if (!scenario_holds(e->when, a->broken) ||
		    (!a->broken && e->when == SCENARIO_ALWAYS))
			continue;
		right = told(a, where_text(a, e->live, e->host, where),
			     judge_expectation(e, report_of(a, e->live, e->host), &a->said)) &&
			right;
	}
	for (size_t i = 0; i < a->views && !a->broken; i++) {
		const struct view *v = &a->view[i];
		right = told(a, where_text(a, v->live, v->host, where),
			     judge_healthy(v->report, &a->said)) &&
			right;
	}
	return right;
}

static bool nothing_stray(struct act *a)
{
	char where[64];

	for (size_t i = 0; i < a->views; i++) {
		const struct view *v = &a->view[i];
		if (!told(a, where_text(a, v->live, v->host, where),
			  !judge_stray(a->s, a->broken, v->report, &a->said)))
			return false;
	}
	return true;
}

static bool do_what_is_due(struct act *a)
{
	for (size_t i = 0; i < a->s->lines; i++) {
		const struct scenario_line *line = &a->s->line[i];
		if (line->kind != SCENARIO_AT || !scenario_holds(line->when, a->broken) ||
		    a->done[i] || since(&a->began) < line->at)
			continue;
		a->done[i] = true;
		if (!stage_do(&a->stage, line)) {
			buf_text(&a->why, a->stage.why);
			return false;
		}
	}
	return true;
}

static bool all_done(const struct act *a)
{
	for (size_t i = 0; i < a->s->lines; i++) {
		const struct scenario_line *line = &a->s->line[i];
		if (line->kind == SCENARIO_AT && scenario_holds(line->when, a->broken) &&
		    !a->done[i])
			return false;
	}
	return true;
}

/* Until the verdicts are right and there was time for them to turn wrong again. */
static bool watch(struct act *a)
{
	while (since(&a->began) < a->s->within) {
		if (!do_what_is_due(a))
			return false;
		for (size_t i = 0; i < a->views; i++)
			look(a, &a->view[i]);
		if (is_right(a) && all_done(a) && since(&a->began) >= a->s->hold)
			return true;
		(void)poll(NULL, 0, LOOK_MS);
	}
	return is_right(a);
}

static void live_facts(struct act *a, struct buf *to)
{
	buf_clear(to);
	(void)ask_server(a, 0, "/v1/facts/" SCENARIO_PHONE, to);
}

static bool switch_is_plain(const struct act *a)
{
	for (size_t i = 0; i < a->s->lines; i++) {
		if ((a->s->line[i].kind == SCENARIO_SWITCH ||
		     a->s->line[i].kind == SCENARIO_VOICE) &&
		    scenario_holds(a->s->line[i].when, a->broken))
			return false;
	}
	return true;
}

static bool facts_agree_now(struct act *a)
{
	char path[STAGE_PATH_MAX];
	const char *const arguments[] = {
	    "explain", stage_capture(&a->stage, STAGE_PHONES, path, sizeof path),
	    "--phone", SCENARIO_PHONE,
	    "--facts", NULL};
	struct buf live;
	struct buf captured;

	buf_init(&live, ANSWER_MAX);
	buf_init(&captured, ANSWER_MAX);
	(void)stage_run_self(&a->stage, arguments, &captured);
	live_facts(a, &live);
	bool alike = facts_alike(buf_cstr(&live), buf_cstr(&captured), &a->said);
	buf_done(&captured);
	buf_done(&live);
	return alike;
}

/* The phones are off; what is still on its way arrives, and then both sides know the same. */
static bool facts_agree(struct act *a)
{
	bool alike = facts_agree_now(a);

	for (int i = 0; i < REST_LOOKS && !alike; i++) {
		(void)poll(NULL, 0, LOOK_MS / 2);
		buf_clear(&a->said);
		alike = facts_agree_now(a);
	}
	return told(a, "facts differ", alike);
}

/* A stranger reads the capture: how many packets the filter finds, and which he cannot read.
 * Returns false when he does not take the filter, *ret_matched is -1 when he is not here. */
static bool ask_tshark(struct act *a, int host, const char *filter, int *ret_matched,
		       struct buf *ret_malformed)
{
	char path[STAGE_PATH_MAX];
	char question[2 * SCENARIO_SIZE_MAX];
	struct buf lines;
	const char *const argv[] = {"tshark", "-n",
				    "-r",     stage_capture(&a->stage, host, path, sizeof path),
				    "-Y",     question,
				    "-T",     "fields",
				    "-e",     "_ws.malformed",
				    "-e",     "frame.number",
				    NULL};

	(void)snprintf(question, sizeof question, "_ws.malformed%s%s%s",
		       filter != NULL ? " or (" : "", filter != NULL ? filter : "",
		       filter != NULL ? ")" : "");
	buf_init(&lines, ANSWER_MAX);
	int status = stage_run(argv, &lines);
	*ret_matched = status == 127 ? -1 : 0;
	for (const char *line = buf_cstr(&lines); status == 0 && *line != 0;) {
		size_t len = strcspn(line, "\n");
		if (*line == '\t')
			(*ret_matched)++;
		else
			buf_append(ret_malformed, slice_of(line, len));
		line += len + (line[len] != 0);
	}
	buf_done(&lines);
	return status == 0 || status == 127;
}

static bool filter_agrees(struct act *a, int *ret_matched)
{
	struct buf malformed;
	size_t told = a->why.len;

	buf_init(&malformed, 65536);
	if (!ask_tshark(a, a->s->filter_host, a->s->filter, ret_matched, &malformed))
		buf_text(&a->why, "tshark does not take the filter");
	else if (*ret_matched >= 0 && a->s->filter != NULL && (*ret_matched > 0) != a->broken)
		buf_text(&a->why, a->broken ? "the filter matches nothing"
					    : "the filter matches a healthy boot");
	else if (malformed.len > 0)
		buf_printf(&a->why, "tshark calls packets malformed: %s", buf_cstr(&malformed));
	buf_done(&malformed);
	return a->why.len == told;
}

static void keep_capture(struct act *a, const char *to)
{
	char path[STAGE_PATH_MAX];
	char bytes[65536];
	ssize_t n = 0;
	int in =
	    open(stage_capture(&a->stage, STAGE_PHONES, path, sizeof path), O_RDONLY | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	while (in >= 0 && out >= 0 && (n = read(in, bytes, sizeof bytes)) > 0) {
		if (write(out, bytes, (size_t)n) != n)
			break;
	}
	if (in >= 0)
		(void)close(in);
	if (out >= 0)
		(void)close(out);
}

/* After the verdicts, which are those of phones that were not switched off in the middle of
 * something: the facts, the whole capture, a stranger's filter. */
static bool examine(struct act *a, bool right, int *ret_matched)
{
	bool compare = right && a->stage.host[0].net >= 0 && scenario_expects_live(a->s) &&
		       !a->s->facts_differ && switch_is_plain(a);

	right = right && nothing_stray(a);
	stage_stop_phones(&a->stage);
	right = right && (!compare || facts_agree(a));
	stage_stop_fabric(&a->stage);
	return right && filter_agrees(a, ret_matched);
}

static json_t *list_found(struct act *a)
{
	json_t *found = json_array();
	char where[64];

	for (size_t i = 0; i < a->views; i++)
		judge_list(a->view[i].report,
			   where_text(a, a->view[i].live, a->view[i].host, where), found);
	return found;
}

static void tell_verdict(struct act *a, struct buf *to)
{
	char path[STAGE_PATH_MAX];
	const char *const arguments[] = {
	    "explain", stage_capture(&a->stage, STAGE_PHONES, path, sizeof path), "--all", NULL};

	(void)stage_run_self(&a->stage, arguments, to);
}

/* A program by its name, or a file by its path. */
static bool is_there(const char *what)
{
	char line[160];
	const char *const argv[] = {"sh", "-c", line, NULL};

	if (what[0] == '/') {
		int fd = open(what, O_RDWR | O_CLOEXEC);
		if (fd >= 0)
			(void)close(fd);
		return fd >= 0;
	}
	(void)snprintf(line, sizeof line,
		       "PATH=$PATH:/usr/sbin:/sbin:${DIALTONE_JUDGES:-/usr/local/lib/"
		       "dialtone-judges}/usr/sbin; command -v %s",
		       what);
	return spawn_read(argv, NULL) == 0;
}

static json_t *answer(struct act *a, const char *outcome, int matched, const char *text)
{
	struct buf clean;

	buf_init(&clean, 1u << 20);
	text_escape_terminal(&clean, buf_slice(&a->why));
	json_t *json = json_pack("{s:s, s:s, s:f, s:o, s:i, s:s}", "outcome", outcome, "why",
				 buf_cstr(&clean), "seconds", since(&a->began), "found",
				 list_found(a), "matched", matched, "text", text);
	buf_done(&clean);
	return json;
}

json_t *act_run(const struct scenario *s, bool broken, const char *directory, const char *keep)
{
	static struct act a;
	const char *outcome = "cannot";
	struct buf text;
	int matched = 0;

	a = (struct act){.s = s, .broken = broken};
	buf_init(&a.why, 65536);
	buf_init(&a.said, 65536);
	buf_init(&text, ANSWER_MAX);
	(void)clock_gettime(CLOCK_MONOTONIC, &a.began);
	if (s->needs != NULL && !is_there(s->needs)) {
		buf_printf(&a.why, "%s is not here", s->needs);
	} else if (!stage_open(&a.stage, s, broken, directory)) {
		outcome = "wrong";
		buf_text(&a.why, a.stage.why);
	} else {
		list_views(&a);
		(void)clock_gettime(CLOCK_MONOTONIC, &a.began);
		outcome = stage_start_phones(&a.stage) && examine(&a, watch(&a), &matched)
			      ? "right"
			      : "wrong";
		if (keep != NULL)
			keep_capture(&a, keep);
		tell_verdict(&a, &text);
	}
	if (s->needs == NULL || strcmp(outcome, "cannot") != 0)
		stage_close(&a.stage);
	json_t *json = answer(&a, outcome, matched, buf_cstr(&text));
	for (size_t i = 0; i < a.views; i++)
		json_decref(a.view[i].report);
	buf_done(&text);
	buf_done(&a.said);
	buf_done(&a.why);
	return json;
}
