#include "perf/perf.h"

#define PORT_HTTP_FILES      6970 /* as phones spell it; a server on high ports answers on 16970 */
#define PORT_HTTP_FILES_HIGH 16970

static const char *const objects[PERF_OBJECTS] = {
#define O(id, name) name,
#include "perf/perf_objects.def"
#undef O
};

#define PERF_KIND_COUNT false
#define PERF_KIND_GAUGE true
static const struct perf_row rows[PERF_COUNTERS] = {
#define C(id, object, name, kind) {name, PERF_OBJECT_##object, PERF_KIND_##kind},
#include "perf/counters.def"
#undef C
};

/* Which facts count, and where: by their kind, since every fact passes here. */
static const struct {
	unsigned count;
	enum perf_counter counter[2];
} facts[FACT_COUNT] = {
#define X(fact, a)     [FACT_##fact] = {1, {PERF_##a}},
#define XX(fact, a, b) [FACT_##fact] = {2, {PERF_##a, PERF_##b}},
#include "perf/perf_facts.def"
#undef X
#undef XX
};

/* The first bytes of a file's name, and what of its kind was found or not. */
static const struct {
	const char *prefix;
	enum perf_counter found, missing;
} file_kinds[] = {
    {"SEP", PERF_TFTP_SEPFOUND_COUNT, PERF_TFTP_SEPNOT_FOUND_COUNT},
    {"SIP", PERF_TFTP_SIPFOUND_COUNT, PERF_TFTP_SIPNOT_FOUND_COUNT},
    {"LD", PERF_TFTP_LDFOUND_COUNT, PERF_TFTP_LDNOT_FOUND_COUNT},
    {"gk", PERF_TFTP_GKFOUND_COUNT, PERF_TFTP_GKNOT_FOUND_COUNT},
};

const char *perf_object_name(enum perf_object object)
{
	return objects[object];
}

const struct perf_row *perf_row(enum perf_counter counter)
{
	return &rows[counter];
}

void perf_add(struct perf *p, enum perf_counter counter, uint64_t n)
{
	p->value[counter] += n;
}

void perf_set(struct perf *p, enum perf_counter counter, uint64_t value)
{
	p->value[counter] = value;
}

static void count_kind(struct perf *p, const char *name, bool found)
{
	for (size_t i = 0; i < sizeof file_kinds / sizeof *file_kinds; i++) {
		if (strncmp(name, file_kinds[i].prefix, strlen(file_kinds[i].prefix)) == 0)
			perf_add(p, found ? file_kinds[i].found : file_kinds[i].missing, 1);
	}
}

/* TFTP and HTTP have counters of their own for the same things. */
static void count_file(struct perf *p, const struct fact *fact)
{
	bool http = fact->peer.port == PORT_HTTP_FILES || fact->peer.port == PORT_HTTP_FILES_HIGH;

	switch (fact->kind) {
	case FACT_FILE_ASKED:
		perf_add(p, http ? PERF_TFTP_HTTP_REQUESTS : PERF_TFTP_REQUESTS, 1);
		break;
	case FACT_FILE_REFUSED:
		perf_add(p, http ? PERF_TFTP_HTTP_REQUESTS_NOT_FOUND : PERF_TFTP_REQUESTS_NOT_FOUND,
			 1);
		count_kind(p, fact->name, false);
		break;
	case FACT_FILE_DELIVERED:
		perf_add(p, http ? PERF_TFTP_HTTP_REQUESTS_PROCESSED : PERF_TFTP_REQUESTS_PROCESSED,
			 1);
		count_kind(p, fact->name, true);
		break;
	case FACT_FILE_ABANDONED:
		perf_add(p, http ? PERF_TFTP_HTTP_REQUESTS_ABORTED : PERF_TFTP_REQUESTS_ABORTED, 1);
		break;
	default:
		break;
	}
}

void perf_fact(struct perf *p, const struct fact *fact)
{
	for (unsigned i = 0; i < facts[fact->kind].count; i++)
		perf_add(p, facts[fact->kind].counter[i], 1);
	count_file(p, fact);
}
