/* One scenario of the fault theatre, read from its text (dialtone-lab(5)): the set-up, the one
 * thing that is broken, and what a right verdict is. Lines marked `broken` hold in the broken run
 * only, lines marked `healthy` in its healthy twin only. Pure. */
#ifndef DIALTONE_LAB_SCENARIO_H
#define DIALTONE_LAB_SCENARIO_H

#include "base/slice.h"

#include <stdbool.h>
#include <stddef.h>

#define SCENARIO_SIZE_MAX   4000 /* a short text file: it must be read in one sitting */
#define SCENARIO_LINES_MAX  120
#define SCENARIO_HOSTS_MAX  7 /* beside the phones */
#define SCENARIO_EXPECT_MAX 12
#define SCENARIO_PHONE      "SEP001BD4000001" /* the first phone of every fleet here */

enum scenario_when {
	SCENARIO_ALWAYS,
	SCENARIO_BROKEN,
	SCENARIO_HEALTHY,
};

enum scenario_kind {
	SCENARIO_SERVE,  /* host: more options for its `dialtone serve` */
	SCENARIO_ADMIN,  /* host: a dialtone command about that server */
	SCENARIO_PHONES, /* host: which fleet; more options for it */
	SCENARIO_FILE,   /* host: name of a file in its directory; its lines follow */
	SCENARIO_LINE,   /* a line of that file */
	SCENARIO_SETUP,  /* host: a command run in its namespace before anything starts */
	SCENARIO_AT,     /* host, at, deed: something done while the phones run */
	SCENARIO_SWITCH, /* a rule of the fabric */
	SCENARIO_VOICE,  /* what the phones' switch port is */
	SCENARIO_SPARE,  /* also: rules that may be found beside the expected one */
};

enum scenario_deed {
	SCENARIO_START,
	SCENARIO_STOP,
	SCENARIO_COMMAND, /* in the host's namespace */
	SCENARIO_ORDER,   /* as SCENARIO_ADMIN */
};

struct scenario_line {
	enum scenario_kind kind;
	enum scenario_when when;
	enum scenario_deed deed;
	int host; /* index; -1 = the phones'; of SCENARIO_PHONES the fleet's number */
	double at;
	const char *text;
};

enum scenario_host_kind {
	SCENARIO_NODE,    /* dialtone serve */
	SCENARIO_PROGRAM, /* a stranger's server */
	SCENARIO_BARE,    /* an address and nothing on it */
};

struct scenario_host {
	enum scenario_host_kind kind;
	enum scenario_when when;
	const char *name, *address; /* 10.77.0.9/24 */
	const char *command;        /* of a program */
};

/* What must be found, where. */
struct scenario_expect {
	enum scenario_when when;
	bool live;
	int host;         /* live: which server; else: at whose cable; -1 = at the phones' */
	const char *rule; /* "T-02"; NULL = nothing: registered and no finding */
	bool proved;
	const char *phone; /* SEP… */
};

struct scenario {
	const char *name, *title, *screen, *needs, *filter;
	const char *rule; /* what is broken; NULL: nothing is, whatever it looks like */
	int filter_host;  /* whose cable; -1 = the phones' */
	const char *about[16];
	size_t abouts;
	double within, hold;
	bool facts_differ; /* what the server saw is not what the phone's cable saw */
	struct scenario_host host[SCENARIO_HOSTS_MAX];
	size_t hosts;
	struct scenario_line line[SCENARIO_LINES_MAX];
	size_t lines;
	struct scenario_expect expect[SCENARIO_EXPECT_MAX];
	size_t expects;
	char text[2 * SCENARIO_SIZE_MAX]; /* everything above points into it */
	size_t used;
};

/* 0; E_TOO_LONG or E_BAD_FORMAT with the number of the line and a sentence for people. */
int scenario_parse(struct slice text, const char *name, struct scenario *ret_scenario,
		   unsigned *ret_line, const char **ret_why);
/* Does a line so marked hold in this run? */
bool scenario_holds(enum scenario_when when, bool broken);
/* Is anything different between the two runs? */
bool scenario_has_twin(const struct scenario *s);
/* Is any live verdict expected, or any of a capture? */
bool scenario_expects_live(const struct scenario *s);

/* The built-in ones, in the order of their rules. */
struct scenario_source {
	const char *name, *text;
};
extern const struct scenario_source scenario_sources[];
extern const size_t scenario_source_count;

#endif
