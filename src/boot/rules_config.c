/* Rules of step 4a: what the delivered files say, and loads (F, K-09, R-21, X-03). The facts come
 * from the very bytes the phone got. */
#include "boot/boot_internal.h"

#include "base/text.h"

#include <ctype.h>
#include <strings.h>

static bool is_config(const char *name)
{
	return boot_file_is_own(name) || boot_file_is_default(name);
}

/* The phone's own file, read well. */
static const struct fact *own_file(const struct boot_view *b)
{
	const struct fact *read = NULL;

	BOOT_EACH(f, b)
	{
		if (f->kind == FACT_CONFIG_READ && boot_file_is_own(f->name))
			read = f;
	}
	return read;
}

static const struct fact *any_config(const struct boot_view *b)
{
	const struct fact *read = own_file(b);

	return read != NULL ? read : boot_file(b, FACT_CONFIG_READ, boot_file_is_default);
}

/* F-01: a phone that registers all the same could read it. */
void rule_config_malformed(const struct boot_view *b, struct judgement *j)
{
	const struct fact *broken = boot_file(b, FACT_CONFIG_BROKEN, is_config);
	char name[128];
	char text[128];

	if (broken == NULL || boot_accepted(b) != NULL)
		return;
	/* A whole file after the broken one makes it good. */
	BOOT_EACH_AFTER(f, broken, b)
	{
		if (f->kind == FACT_CONFIG_READ && boot_file_is_own(f->name))
			return;
	}
	judgement_fits(j, ABOUT_CONTENT, STRENGTH_WIRE, true);
	judgement_text(j, "%s, as it was delivered, is broken at line %u, column %u: %s.",
		       clean_text(broken->name, name), broken->number, broken->value[0],
		       clean_text(broken->text, text));
	judgement_evidence(j, broken);
}

/* F-02: TFTP's "disk full", or the phone's own words about the size. */
void rule_config_too_large(const struct boot_view *b, struct judgement *j)
{
	const struct fact *no = boot_file(b, FACT_FILE_ABANDONED, is_config);
	char name[128];

	if (no == NULL || boot_register(b) != NULL)
		return;
	bool says = no->number == 3 || text_contains_nocase(no->text, "size") ||
		    text_contains_nocase(no->text, "large");
	if (!says && (no->number == 100 || no->value[0] < 32768))
		return;
	judgement_fits(j, ABOUT_CONTENT, STRENGTH_WORD, says);
	judgement_text(j, "the phone breaks off the transfer of %s after %u bytes.",
		       clean_text(no->name, name), no->value[0]);
	judgement_decide(j, "the phone's status messages: \"CFG TFTP Size Error\"?");
	judgement_evidence(j, no);
}

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

/* F-04: the list of a load, or what it names. A phone that runs another load registers all the
 * same. */
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
		bool missing = f->kind == FACT_FILE_REFUSED && (f->number == 1 || f->number == 404);
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
	j->note = boot_is_registered(b);
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

/* F-14: nothing to register. */
void rule_no_line(const struct boot_view *b, struct judgement *j)
{
	const struct fact *file = own_file(b);

	if (file == NULL || strcasecmp(file->text, "SIP") != 0 || boot_register(b) != NULL)
		return;
	const struct fact *line = boot_last(b, FACT_CONFIG_LINE);
	bool without = line == NULL;
	bool unwanted = (file->value[1] & CONFIG_NO_PROXY_REGISTER) != 0;
	if ((!without && !unwanted) || (file->value[1] & CONFIG_ENCRYPTED) != 0)
		return;
	bool waited = b->now - file->at >= WINDOW_REGISTER;
	judgement_fits(j, ABOUT_CONTENT, STRENGTH_WIRE, waited && without);
	if (!without)
		judgement_text(j, "the SIP phone's file tells it not to register its lines "
				  "(registerWithProxy).");
	judgement_decide(j, "does the phone register within two minutes?");
	judgement_evidence(j, file);
}

static bool same_server(const struct fact *a, const struct fact *b)
{
	return ip4_equal(a->peer.ip, b->peer.ip);
}

/* The first member of the list that is a name DNS does not answer. */
static const struct fact *unresolved(const struct boot_view *b, const struct fact **ret_word,
				     size_t *ret_asked)
{
	BOOT_EACH(f, b)
	{
		size_t asked = 0;
		const struct fact *word = NULL;
		bool answered = false;
		if (f->kind != FACT_CONFIG_SERVER || !ip4_is_zero(f->peer.ip) || f->name[0] == 0)
			continue;
		BOOT_EACH_AFTER(g, f, b)
		{
			if (!text_contains_nocase(g->name, f->name))
				continue;
			asked += g->kind == FACT_DNS_ASKED;
			answered |= g->kind == FACT_DNS_ANSWERED;
			if (g->kind == FACT_DNS_FAILED && g->value[0] != 0)
				word = g;
		}
		if (answered)
			return NULL;
		*ret_word = word;
		*ret_asked = asked;
		return f;
	}
	return NULL;
}

/* The phone's SYN towards the server it has its files from. */
static const struct fact *tries_file_server(const struct boot_view *b, const struct fact *file)
{
	const struct fact *delivered = NULL;

	BOOT_EACH(f, b)
	{
		if (f->kind == FACT_FILE_DELIVERED && strcmp(f->name, file->name) == 0)
			delivered = f;
		if (delivered != NULL && f->kind == FACT_TCP_SYN && same_server(f, delivered))
			return f;
	}
	return NULL;
}

/* names in the list, and DNS that is asked in vain. */
void rule_dns_for_list(const struct boot_view *b, struct judgement *j)
{
	const struct fact *file = any_config(b);
	const struct fact *word = NULL;
	size_t asked = 0;
	char name[128];

	if (file == NULL)
		return;
	const struct fact *member = unresolved(b, &word, &asked);
	if (member == NULL || (word == NULL && asked < 2))
		return;
	j->note = boot_is_registered(b);
	judgement_fits(j, ABOUT_CONTENT, word != NULL ? STRENGTH_WORD : STRENGTH_SILENCE,
		       word != NULL || (b->complete && b->now - member->at >= WINDOW_OFFER));
	judgement_text(j, "the phone's server list holds the name %s, and DNS %s.",
		       clean_text(member->name, name),
		       word != NULL ? "does not know it" : "does not answer");
	judgement_decide(j, "the same question from a PC in the voice VLAN");
	judgement_evidence(j, file);
	judgement_evidence(j, word);
	BOOT_EACH(f, b)
	{
		if (f->kind == FACT_DNS_ASKED && text_contains_nocase(f->name, member->name))
			judgement_evidence(j, f);
	}
}

/* F-15: nobody in the list, or only names and no DNS; the TFTP server stands in. */
void rule_server_list_empty(const struct boot_view *b, struct judgement *j)
{
	const struct fact *file = any_config(b);
	const struct fact *ack = boot_lease_ever(b);
	const struct fact *word = NULL;
	size_t asked = 0;

	if (file == NULL || (file->value[1] & CONFIG_ENCRYPTED) != 0)
		return;
	const struct fact *member = unresolved(b, &word, &asked);
	const struct fact *syn = tries_file_server(b, file);
	bool empty = file->number == 0;
	bool listed = false;
	BOOT_EACH(f, b)
	{
		listed |= f->kind == FACT_CONFIG_SERVER && syn != NULL && same_server(f, syn);
	}
	/* Names and no DNS server to ask. */
	bool no_dns = member != NULL && asked == 0 && ack != NULL && ip4_is_zero(ack->dhcp.dns);
	if (!empty && (!no_dns || listed || syn == NULL))
		return;
	j->note = boot_is_registered(b);
	judgement_fits(j, ABOUT_CONTENT, STRENGTH_WIRE, empty || syn != NULL);
	char name[128];
	if (empty)
		judgement_text(j, "the server list of %s is empty%s.", clean_text(file->name, name),
			       syn != NULL ? ": the phone tries the TFTP server instead" : "");
	else
		judgement_text(
		    j,
		    "the server list holds the name %s, the lease names no DNS server, and "
		    "the phone tries the TFTP server instead.",
		    clean_text(member->name, name));
	judgement_evidence(j, file);
	judgement_evidence(j, syn);
}

static bool usual_port(uint16_t port)
{
	return port == PORT_SCCP || port == PORT_SCCP_TLS || port == PORT_SIP ||
	       port == PORT_SIP_TLS;
}

/* F-16: the file sends it to a port where nobody is. */
void rule_wrong_port(const struct boot_view *b, struct judgement *j)
{
	const struct fact *syn = boot_last(b, FACT_TCP_SYN);

	if (syn == NULL || usual_port(syn->peer.port) || boot_accepted(b) != NULL ||
	    boot_last(b, FACT_TCP_OPEN) > syn)
		return;
	BOOT_EACH(f, b)
	{
		if (f->kind != FACT_CONFIG_SERVER ||
		    (f->value[0] != syn->peer.port && f->value[1] != syn->peer.port))
			continue;
		judgement_fits(j, ABOUT_CONTENT, STRENGTH_WORD,
			       boot_after(b, syn, FACT_TCP_REFUSED) != NULL);
		judgement_text(
		    j, "the phone's file sends it to port %u, where no CallManager listens.",
		    syn->peer.port);
		judgement_decide(j, "the port the CallManager listens on");
		judgement_evidence(j, f);
		judgement_evidence(j, syn);
		return;
	}
}

/* F-17: older than the record. */
void rule_stale_file(const struct boot_view *b, struct judgement *j)
{
	const struct fact *word = boot_last(b, FACT_SERVER_STALE_FILE);
	const struct fact *gone = boot_last(b, FACT_SERVER_GONE);
	const struct fact *refused = boot_last(b, FACT_SERVER_REFUSED);
	const struct fact *stamp = boot_last(b, FACT_CONFIG_STAMP);
	const struct fact *wanted = NULL;
	char is[128];
	char should[128];

	BOOT_EACH(f, b)
	{
		if (f->kind == FACT_SIP_SERVICE && f->number == 4 && f->text[0] != 0)
			wanted = f;
	}
	if (word != NULL) {
		judgement_fits(j, ABOUT_CONTENT, STRENGTH_WORD, true);
		judgement_evidence(j, word);
	} else if ((gone != NULL && words_gone_is(gone->number, RULE_STALE_FILE)) ||
		   (refused != NULL && words_failure_is(refused->number, RULE_STALE_FILE))) {
		judgement_fits(j, ABOUT_CONTENT, STRENGTH_WORD, false);
		judgement_evidence(j, gone);
		judgement_evidence(j, refused);
	} else if (stamp != NULL && wanted != NULL && stamp < wanted &&
		   strcmp(stamp->text, wanted->text) != 0) {
		judgement_fits(j, ABOUT_CONTENT, STRENGTH_WIRE, false);
		judgement_text(
		    j,
		    "the file the phone was given is of version %s, the server speaks of "
		    "%s.",
		    clean_text(stamp->text, is), clean_text(wanted->text, should));
		judgement_evidence(j, stamp);
		judgement_evidence(j, wanted);
	} else {
		return;
	}
	judgement_decide(j, "does the phone read a newer file after its next restart?");
}

/* K-09: the stamps never meet. */
void rule_version_stamp_loop(const struct boot_view *b, struct judgement *j)
{
	const struct fact *stamp = NULL;
	size_t rounds = 0;

	if (!b->verdict)
		return;
	BOOT_EACH_EVER(f, b)
	{
		if (f->kind == FACT_CONFIG_STAMP && boot_file_is_own(f->name))
			stamp = f;
		if (f->kind != FACT_SIP_SERVICE || f->number != 4 || f->text[0] == 0 ||
		    stamp == NULL)
			continue;
		rounds = strcmp(f->text, stamp->text) != 0 ? rounds + 1 : 0;
		judgement_evidence(j, f);
		stamp = NULL; /* the next round reads the file again */
	}
	if (rounds < LOOP_ROUNDS)
		return;
	judgement_fits(j, ABOUT_CONTENT, STRENGTH_WORD, true);
	judgement_text(
	    j,
	    "%zu times the phone read its file, and each time the server spoke of another "
	    "version.",
	    rounds);
}

/* the address is in nobody's list of ours. */
void rule_old_address(const struct boot_view *b, struct judgement *j)
{
	const struct fact *syn = boot_last(b, FACT_TCP_SYN);
	char ip[IP4_TEXT_SIZE];

	if (syn == NULL || !boot_old_address(b, syn) || boot_accepted(b) != NULL ||
	    boot_last(b, FACT_TCP_OPEN) > syn)
		return;
	judgement_fits(j, ABOUT_CONNECT, STRENGTH_WORD, false);
	judgement_text(j, "the phone knocks on %s, which is no CallManager of ours (any more).",
		       ip4_format(syn->peer.ip, ip));
	judgement_decide(j, "was that ever the server's address?");
	judgement_evidence(j, syn);
}
