/* Rules of step 4a: what the delivered files say (F, K-09, R-21, X-03). The facts come
 * from the very bytes the phone got. */
#include "boot/boot_internal.h"

#include "base/text.h"

#include <strings.h>

/* A phone that could read its file goes on within seconds; one that could not may begin anew after
 * half a minute. */
#define STOPPED_AFTER DT_SECONDS(20)

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

/* F-01: a phone that registers all the same could read it. One that goes on, by the server list or
 * by files only its configuration names, read enough of it; parsers of phones forgive more than
 * ours. */
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
	bool went_on = boot_went_on(b, broken);
	BOOT_EACH_AFTER(f, broken, b)
	{
		went_on |= f->kind == FACT_FILE_ASKED && boot_file_is_optional(f->name) &&
			   !boot_file_is_trust(f->name);
	}
	dt_time waited = b->now - broken->at;
	judgement_fits(j, ABOUT_CONTENT, STRENGTH_WIRE,
		       !went_on && b->complete && waited >= STOPPED_AFTER);
	judgement_decide(j, went_on ? "the phone's status messages: does it complain of its file?"
				    : "half a minute more: does the phone call a CallManager?");
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
	/* Whoever calls somebody else has a list, whether we can read it or not. */
	bool empty = file->number == 0 && (syn != NULL || boot_last(b, FACT_TCP_SYN) == NULL);
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
		/* It works, with what its old file says. */
		j->note = boot_is_registered(b);
		judgement_fits(j, ABOUT_CONTENT, STRENGTH_WORD, true);
		judgement_text(j, "its record was changed after the phone had read %s.",
			       clean_text(word->name, is));
		judgement_remedy(j, "Reset the phone, so that it reads its file again.");
		judgement_evidence(j, stamp);
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
