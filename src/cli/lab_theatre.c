/* The fault theatre: scenarios, each of which breaks one thing and says what a right verdict is. */
#include "cli/lab_theatre.h"

#include "boot/diagnose.h"
#include "boot/wrap.h"
#include "cli/cli.h"
#include "lab/troupe.h"

#include "base/alloc.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <unistd.h>

#define RUNS_MAX           512
#define TOGETHER_OF_A_CORE 16
#define NAME_WIDTH         30

static const char usage[] =
    "lab list | run NAME… | run --all | explain NAME | accuracy\n\n"
    "  list             the scenarios: which fault, and what is broken\n"
    "  run NAME…        plays them: once broken, once healthy. NAME may be a file of your own\n"
    "  explain NAME     what is broken, what the phone shows, what to look at, what to do\n"
    "  accuracy         plays all of them and prints how often each fault was named rightly\n\n"
    "  --all            every scenario\n"
    "  --up-to SECONDS  of all, those that are given no more time than this\n"
    "  --jobs N         so many runs at once (16 a processor)\n"
    "  --keep FILE      keep the capture of the phones' cable in the broken run\n"
    "  --json           for programs\n\n"
    "exit status: 0 every verdict is right, 1 not so, 2 wrong usage, 3 could not run";

struct order {
	bool all, as_json;
	double up_to; /* seconds; 0 = all */
	unsigned together;
	const char *keep;
	struct scenario *scenario; /* owned */
	size_t scenarios;
	struct troupe_run *run; /* owned */
	size_t runs, done, wrong, missing;
};

bool lab_theatre_has(const char *word)
{
	static const char *const words[] = {"list", "run", "explain", "accuracy"};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (strcmp(words[i], word) == 0)
			return true;
	}
	return false;
}

static int read_text(struct slice text, const char *name, const char *path, struct scenario *to)
{
	unsigned line = 0;
	const char *why = NULL;

	if (scenario_parse(text, name, to, &line, &why) == 0)
		return 0;
	(void)fprintf(stderr, "dialtone: %s, line %u: %s\n", path, line, why);
	return EXIT_USAGE;
}

static int read_file(const char *path, struct scenario *to)
{
	char bytes[SCENARIO_SIZE_MAX + 1];
	char name[64];
	const char *base = strrchr(path, '/');
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, bytes, sizeof bytes) : -1;

	if (n < 0)
		(void)fprintf(stderr, "dialtone: cannot read %s: %s\n", path, cli_errno());
	if (fd >= 0)
		(void)close(fd);
	if (n < 0)
		return EXIT_CANNOT;
	(void)text_copy(name, sizeof name, base != NULL ? base + 1 : path);
	name[strcspn(name, ".")] = 0;
	return read_text(slice_of(bytes, (size_t)n), name, path, to);
}

static int read_one(const char *name, struct scenario *to)
{
	for (size_t i = 0; i < scenario_source_count; i++) {
		if (strcmp(scenario_sources[i].name, name) == 0)
			return read_text(slice_text(scenario_sources[i].text), name, name, to);
	}
	if (strchr(name, '/') != NULL || strchr(name, '.') != NULL)
		return read_file(name, to);
	(void)fprintf(stderr,
		      "dialtone: there is no scenario \"%s\"; `dialtone lab list` names them\n",
		      name);
	return EXIT_USAGE;
}

static int read_all(struct order *o, int argc, char **argv)
{
	size_t count = o->all ? scenario_source_count : (size_t)(argc - optind);

	o->scenario = alloc_zero(count, sizeof *o->scenario);
	o->run = alloc_zero(2 * count, sizeof *o->run);
	if (o->scenario == NULL || o->run == NULL)
		return EXIT_CANNOT;
	for (size_t i = 0; i < count; i++) {
		const char *name = o->all ? scenario_sources[i].name : argv[optind + (int)i];
		int status = read_one(name, &o->scenario[o->scenarios]);
		if (status != 0)
			return status;
		o->scenarios += o->up_to <= 0 || o->scenario[o->scenarios].within <= o->up_to;
	}
	return 0;
}

static json_t *describe(const struct scenario *s)
{
	return json_pack("{s:s, s:s, s:s}", "name", s->name, "rule",
			 s->rule != NULL ? s->rule : "none", "title", s->title);
}

static int list(struct order *o)
{
	static const char *const keys[] = {"rule", "name", "title"};
	static const char *const titles[] = {"RULE", "NAME", "WHAT IS BROKEN"};
	json_t *rows = json_array();

	for (size_t i = 0; i < o->scenarios; i++)
		(void)json_array_append_new(rows, describe(&o->scenario[i]));
	if (o->as_json)
		cli_print_json(rows);
	else
		cli_print_table(rows, keys, titles, 3);
	json_decref(rows);
	return 0;
}

/* A heading in a column of its own, the text beside it. */
static void paragraph(struct buf *to, const char *heading, const char *text)
{
	buf_printf(to, "  %-10s", heading);
	wrap_text(to, text, 12, cli_width());
}

static void explain_expectations(const struct scenario *s, struct buf *to)
{
	for (size_t i = 0; i < s->expects; i++) {
		const struct scenario_expect *e = &s->expect[i];
		char line[200];
		if (e->when == SCENARIO_HEALTHY)
			continue;
		(void)snprintf(line, sizeof line, "%s%s%s: %s%s%s%s%s%s",
			       e->live ? "the running server" : "a capture",
			       e->host >= 0 && !e->live ? " at " : "",
			       e->host >= 0 && !e->live ? s->host[e->host].name : "",
			       e->rule != NULL ? e->rule : "no fault", e->rule != NULL ? " (" : "",
			       e->rule == NULL ? ""
			       : e->proved     ? "proved"
					       : "suspected",
			       e->rule != NULL ? ")" : "",
			       strcmp(e->phone, SCENARIO_PHONE) != 0 ? ", of " : "",
			       strcmp(e->phone, SCENARIO_PHONE) != 0 ? e->phone : "");
		paragraph(to, i == 0 ? "Verdict" : "", line);
	}
}

static int explain(const struct order *o)
{
	struct buf to;
	struct buf about;
	enum rule rule;

	buf_init(&to, 65536);
	buf_init(&about, 8192);
	for (size_t i = 0; i < o->scenarios; i++) {
		const struct scenario *s = &o->scenario[i];
		buf_printf(&to, "%s%s  %s\n\n", i > 0 ? "\n" : "", s->name, s->title);
		buf_clear(&about);
		for (size_t a = 0; a < s->abouts; a++)
			buf_printf(&about, "%s%s", a > 0 ? " " : "", s->about[a]);
		if (s->abouts > 0)
			paragraph(&to, "Broken", buf_cstr(&about));
		if (s->screen != NULL)
			paragraph(&to, "Display", s->screen);
		if (s->filter != NULL)
			paragraph(&to, "Look at", s->filter);
		explain_expectations(s, &to);
		if (s->rule != NULL && rule_find(s->rule, &rule))
			paragraph(&to, "Do", rule_row(rule)->remedy);
		buf_printf(&to,
			   "\n  To play it and keep the packets:\n    dialtone lab run %s --keep "
			   "FILE.pcap\n",
			   s->name);
	}
	(void)fwrite(buf_cstr(&to), 1, to.len, stdout);
	buf_done(&to);
	buf_done(&about);
	return 0;
}

static const char *outcome_of(const struct troupe_run *r)
{
	const char *word = json_string_value(json_object_get(r->result, "outcome"));

	return word != NULL ? word : "wrong";
}

static const char *why_of(const struct troupe_run *r)
{
	const char *why = json_string_value(json_object_get(r->result, "why"));

	return why != NULL ? why : "it did not end";
}

static void on_done(void *context, struct troupe_run *r)
{
	struct order *o = context;
	const char *outcome = outcome_of(r);
	struct buf line;

	o->done++;
	o->wrong += strcmp(outcome, "wrong") == 0;
	o->missing += strcmp(outcome, "cannot") == 0;
	if (o->as_json)
		return;
	buf_init(&line, 65536);
	buf_printf(&line, "%-5s %-4s  %-*s %-8s %5.1f s\n",
		   strcmp(outcome, "right") == 0    ? "ok"
		   : strcmp(outcome, "cannot") == 0 ? "skip"
						    : "WRONG",
		   r->scenario->rule != NULL ? r->scenario->rule : "none", NAME_WIDTH,
		   r->scenario->name, r->broken ? "broken" : "healthy",
		   json_real_value(json_object_get(r->result, "seconds")));
	if (why_of(r)[0] != 0) {
		buf_text(&line, "      ");
		wrap_text(&line, why_of(r), 6, cli_width());
	}
	(void)fwrite(buf_cstr(&line), 1, line.len, stdout);
	buf_done(&line);
	(void)fflush(stdout);
}

static void plan(struct order *o)
{
	for (size_t i = 0; i < o->scenarios; i++) {
		const struct scenario *s = &o->scenario[i];
		o->run[o->runs++] =
		    (struct troupe_run){.scenario = s, .broken = true, .keep = o->keep};
		if (scenario_has_twin(s))
			o->run[o->runs++] = (struct troupe_run){.scenario = s};
	}
}

/* Those that may take longest begin first: the end waits for nobody. */
static int longer_first(const void *a, const void *b)
{
	double x = ((const struct troupe_run *)a)->scenario->within;
	double y = ((const struct troupe_run *)b)->scenario->within;

	return (x < y) - (x > y);
}

static json_t *report(const struct order *o)
{
	json_t *list = json_array();

	for (size_t i = 0; i < o->runs; i++) {
		const struct troupe_run *r = &o->run[i];
		json_t *row = describe(r->scenario);
		(void)json_object_set_new(row, "run",
					  json_string(r->broken ? "broken" : "healthy"));
		(void)json_object_update(row, r->result);
		(void)json_array_append_new(list, row);
	}
	return list;
}

static void tell_one(const struct order *o)
{
	for (size_t i = 0; i < o->runs; i++) {
		const char *text = json_string_value(json_object_get(o->run[i].result, "text"));
		if (o->run[i].broken && text != NULL && text[0] != 0)
			(void)printf("\n%s\n", text);
	}
	if (o->keep != NULL)
		(void)printf("The packets are in %s; look at them with\n  tshark -r %s -Y '%s'\n",
			     o->keep, o->keep,
			     o->scenario->filter != NULL ? o->scenario->filter : "");
}

static int play(struct order *o, bool accuracy)
{
	plan(o);
	qsort(o->run, o->runs, sizeof *o->run, longer_first);
	int error = troupe_run(o->run, o->runs, o->together, on_done, o);
	if (error == 0 && accuracy && !o->as_json)
		lab_accuracy_print(o->run, o->runs);
	else if (error == 0 && o->as_json) {
		json_t *json = accuracy ? lab_accuracy_json(o->run, o->runs) : report(o);
		cli_print_json(json);
		json_decref(json);
	} else if (error == 0 && o->scenarios == 1)
		tell_one(o);
	else if (error == 0)
		(void)printf("\n%zu runs of %zu scenarios: %zu wrong, %zu not possible here\n",
			     o->runs, o->scenarios, o->wrong, o->missing);
	if (error != 0)
		return o->done < o->runs ? EXIT_CANNOT : EXIT_ANSWER_NO;
	return o->wrong == 0 ? 0 : EXIT_ANSWER_NO;
}

static int do_it(struct order *o, const char *word)
{
	if (strcmp(word, "list") == 0)
		return list(o);
	if (strcmp(word, "explain") == 0)
		return explain(o);
	return play(o, strcmp(word, "accuracy") == 0);
}

static bool take(int option, struct order *o)
{
	switch (option) {
	case 'a':
		return o->all = true;
	case 'j':
		o->together = (unsigned)strtoul(optarg, NULL, 10);
		return o->together > 0;
	case 'u':
		o->up_to = strtod(optarg, NULL);
		return o->up_to > 0;
	case 'k':
		o->keep = optarg;
		return true;
	case 'J':
		return o->as_json = true;
	default:
		return false;
	}
}

int lab_theatre(int argc, char **argv)
{
	static const struct option options[] = {{"all", no_argument, NULL, 'a'},
						{"jobs", required_argument, NULL, 'j'},
						{"keep", required_argument, NULL, 'k'},
						{"up-to", required_argument, NULL, 'u'},
						{"json", no_argument, NULL, 'J'},
						{"help", no_argument, NULL, 'h'},
						{0}};
	struct order o = {.together = TOGETHER_OF_A_CORE * (unsigned)sysconf(_SC_NPROCESSORS_ONLN)};
	const char *word = argv[0];

	optind = 1;
	for (int option; (option = cli_option(argc, argv, options)) != -1;) {
		if (option == 'h')
			return (void)printf("usage: dialtone %s\n", usage), 0;
		if (!take(option, &o))
			return cli_usage(usage);
	}
	o.all = o.all || strcmp(word, "list") == 0 || strcmp(word, "accuracy") == 0;
	if (o.all == (optind < argc) || (o.keep != NULL && argc - optind != 1))
		return cli_usage(usage);
	int status = read_all(&o, argc, argv);
	if (status == 0)
		status = do_it(&o, word);
	for (size_t i = 0; i < o.runs; i++)
		json_decref(o.run[i].result);
	alloc_free(o.run);
	alloc_free(o.scenario);
	return status;
}
