/* Rules of loads (F-03 to F-08): what names them, whether they are there, and whether they ever
 * run. */
#include "boot/boot_internal.h"

#include "base/text.h"

#include <stdlib.h>
#include <strings.h>

/* F-03: the whole image, and again. */
void rule_image_checksum(const struct boot_view *b, struct judgement *j)
{
	char name[128];

	BOOT_EACH(f, b)
	{
		if (f->kind != FACT_FILE_DELIVERED || !boot_file_is_image(f->name))
			continue;
		BOOT_EACH_AFTER(g, f, b)
		{
			bool again = g->kind == FACT_FILE_ASKED && strcmp(g->name, f->name) == 0;
			if (!again || g->at - f->at < DT_SECONDS(1))
				continue;
			const struct fact *says = boot_last(b, FACT_PHONE_STATUS);
			bool checksum =
			    says != NULL && text_contains_nocase(says->text, "Checksum");
			judgement_fits(j, ABOUT_LOAD, STRENGTH_WIRE, checksum);
			judgement_text(
			    j,
			    "the image %s was delivered whole, and the phone asks for it "
			    "again.",
			    clean_text(f->name, name));
			judgement_decide(j, "the phone's status messages: \"Checksum Error\"?");
			judgement_evidence(j, f);
			judgement_evidence(j, g);
			return;
		}
	}
}

/* F-04: the list of a load, or what it names. A phone that runs another load goes on all the same:
 * what stops it afterwards is something else. */
void rule_load_missing(const struct boot_view *b, struct judgement *j)
{
	const struct fact *word = boot_last(b, FACT_SERVER_LOAD_MISSING);
	char name[128];
	char load[128];

	j->note = boot_is_registered(b);
	if (word != NULL) {
		judgement_fits(j, ABOUT_LOAD, STRENGTH_WORD, true);
		judgement_text(j, "the file %s of the load %s is not on the server.",
			       clean_text(word->name, name), clean_text(word->text, load));
		judgement_evidence(j, word);
		return;
	}
	BOOT_EACH(f, b)
	{
		bool missing = boot_file_missing(f);
		const struct fact *named = NULL;
		if (!missing)
			continue;
		bool later = false;
		BOOT_EACH(g, b)
		{
			if (g->kind == FACT_LOADS_FILE && strcasecmp(g->text, f->name) == 0)
				named = g;
			later |= g->kind == FACT_FILE_DELIVERED && strcmp(g->name, f->name) == 0;
		}
		/* Locale packs have lists of that kind too. */
		bool load_file = named != NULL || boot_file_is_image(f->name) ||
				 (boot_file_is_loads(f->name) && strchr(f->name, '/') == NULL &&
				  strstr(f->name, "Locale") == NULL);
		if (later || !load_file)
			continue;
		j->note |= boot_went_on(b, f);
		judgement_fits(j, ABOUT_LOAD, STRENGTH_WORD, true);
		if (named != NULL)
			judgement_text(j,
				       "%s, which the load's list %s names, is not on the server.",
				       clean_text(f->name, name), clean_text(named->name, load));
		else
			judgement_text(j, "the load file %s is not on the server.",
				       clean_text(f->name, name));
		judgement_evidence(j, named);
		judgement_evidence(j, f);
		return;
	}
}

/* The two digits by which a load and a model belong together; 0 not known. A term61 list is of the
 * same archive as term41. */
static unsigned load_family(const char *load)
{
	static const struct {
		const char *prefix;
		size_t len;
	} prefixes[] = {{"term", 4}, {"SCCP", 4}, {"SIP", 3}, {"CP79", 4}};
	static const unsigned same[][2] = {{61, 41}, {62, 42}, {65, 45}, {71, 70}, {6, 11}};

	load = boot_file_base(load);
	if (strncasecmp(load, "P003", 4) == 0 || strncasecmp(load, "P0S3", 4) == 0)
		return 40;
	for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
		if (strncasecmp(load, prefixes[i].prefix, prefixes[i].len) != 0)
			continue;
		unsigned family = (unsigned)strtoul(load + prefixes[i].len, NULL, 10);
		for (size_t k = 0; k < sizeof same / sizeof *same; k++) {
			if (same[k][0] == family)
				family = same[k][1];
		}
		return family;
	}
	return 0;
}

static unsigned model_family(const char *model)
{
	static const struct {
		const char *model;
		unsigned family;
	} rows[] = {{"7940", 40}, {"7960", 40}, {"7941", 41}, {"7961", 41}, {"7942", 42},
		    {"7962", 42}, {"7945", 45}, {"7965", 45}, {"7970", 70}, {"7971", 70},
		    {"7975", 75}, {"7906", 11}, {"7911", 11}, {"7931", 31}};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (strstr(model, rows[i].model) != NULL)
			return rows[i].family;
	}
	return 0;
}

/* F-05: the load's list is delivered, nothing of it is fetched, and it is another model's. */
void rule_load_other_model(const struct boot_view *b, struct judgement *j)
{
	const struct fact *list = boot_file(b, FACT_FILE_DELIVERED, boot_file_is_loads);
	char name[128];
	char model[128];
	unsigned family = 0;

	if (list == NULL || boot_file(b, FACT_FILE_ASKED, boot_file_is_image) != NULL)
		return;
	model[0] = 0;
	BOOT_EACH_EVER(f, b)
	{
		const char *word =
		    fact_row(f->kind)->family == FAMILY_DHCP ? strstr(f->text, "Phone ") : NULL;
		if (word != NULL) {
			(void)clean_text(word + 6, model);
			family = model_family(model);
		}
	}
	unsigned load = load_family(list->name);
	if (family == 0 || load == 0 || load == family)
		return;
	j->note = boot_is_registered(b) || boot_went_on(b, list);
	judgement_fits(j, ABOUT_LOAD, STRENGTH_WIRE, true);
	judgement_text(j,
		       "%s is no load of a %s: the phone reads its list and fetches nothing of it.",
		       clean_text(list->name, name), model);
	judgement_evidence(j, list);
}

/* F-06, F-07: the phone's own words. */
static void phone_says(const struct boot_view *b, const char *words, struct judgement *j)
{
	BOOT_EACH(f, b)
	{
		enum fact_family family = fact_row(f->kind)->family;
		bool own = family == FAMILY_PHONE || f->kind == FACT_SCCP_ALARM;
		if (!own || !text_contains_nocase(f->text, words))
			continue;
		j->note = boot_is_registered(b);
		judgement_fits(j, ABOUT_LOAD, STRENGTH_WORD, true);
		judgement_evidence(j, f);
	}
}

void rule_load_rejected(const struct boot_view *b, struct judgement *j)
{
	phone_says(b, "Load Rejected", j);
}

void rule_version_error(const struct boot_view *b, struct judgement *j)
{
	const struct fact *no = boot_refused(b);

	phone_says(b, "Version Error", j);
	if (no == NULL || words_refusal(no, RULE_VERSION_ERROR) != WORD_SURELY)
		return;
	judgement_fits(j, ABOUT_REGISTER, STRENGTH_WORD, true);
	judgement_evidence(j, no);
}

/* F-08: the same list of a load, boot after boot. */
void rule_load_loop(const struct boot_view *b, struct judgement *j)
{
	const struct fact *list = NULL;
	size_t rounds = 0;
	char name[128];
	const struct fact *load = NULL;

	if (!b->verdict)
		return;
	BOOT_EACH_EVER(f, b)
	{
		if (f->kind == FACT_PHONE_LOAD || f->kind == FACT_SCCP_REGISTER)
			load = f->text[0] != 0 ? f : load;
		if (f->kind != FACT_FILE_DELIVERED || !boot_file_is_loads(f->name))
			continue;
		rounds = list != NULL && strcmp(list->name, f->name) == 0 ? rounds + 1 : 1;
		list = f;
		judgement_evidence(j, f);
	}
	if (rounds < LOOP_ROUNDS)
		return;
	/* It runs what it was told: then it only looks whether there is something new. */
	size_t len = strlen(boot_file_base(list->name)) - strlen(".loads");
	if (load != NULL && strncasecmp(load->text, boot_file_base(list->name), len) == 0)
		return;
	bool images = false;
	BOOT_EACH_EVER(f, b) images |= f->kind == FACT_FILE_ASKED && boot_file_is_image(f->name);
	judgement_fits(j, ABOUT_LOAD, STRENGTH_WIRE, images || load != NULL);
	char runs[128];
	judgement_text(j, "the phone fetches %s for the %zuth time%s%s.",
		       clean_text(list->name, name), rounds, load != NULL ? " and still runs " : "",
		       load != NULL ? clean_text(load->text, runs) : "");
	judgement_decide(j, "which load the phone runs: its alarm or its web page");
	judgement_evidence(j, load);
}
