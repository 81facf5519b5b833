/* Rules of steps 3a and 3b: does the file server answer, and what (T, and the old files of F-19,
 * F-21). Optional files that are not there are no fault (T-06). */
#include "boot/boot_internal.h"

#include "base/text.h"

#include <strings.h>

#define ACCESS      2u
#define STALL_TIMES 3u

static bool is_answer(const struct fact *f, const struct fact *asked)
{
	return (f->kind == FACT_FILE_STARTED || f->kind == FACT_FILE_REFUSED ||
		f->kind == FACT_FILE_DELIVERED || f->kind == FACT_FILE_ELSEWHERE) &&
	       ip4_equal(f->peer.ip, asked->peer.ip);
}

/* The requests to one server after its last answer. */
static size_t unanswered(const struct boot_view *b, const struct fact **ret_first,
			 const struct fact **ret_last)
{
	size_t n = 0;

	*ret_first = NULL;
	*ret_last = NULL;
	BOOT_EACH(f, b)
	{
		if (f->kind == FACT_FILE_ASKED) {
			*ret_first = n == 0 ? f : *ret_first;
			*ret_last = f;
			n++;
		} else if (*ret_first != NULL && is_answer(f, *ret_first)) {
			n = 0;
		}
	}
	return n;
}

/* Nobody answered, and the phone got no further. */
static const struct fact *silent_server(const struct boot_view *b, size_t *ret_count,
					const struct fact **ret_last)
{
	const struct fact *first = NULL;

	*ret_count = unanswered(b, &first, ret_last);
	if (*ret_count == 0 || boot_went_on(b, *ret_last) || boot_is_registered(b))
		return NULL;
	return first;
}

static const struct fact *says_closed(const struct boot_view *b, struct endpoint server)
{
	BOOT_EACH(f, b)
	{
		if (f->kind == FACT_ICMP_UNREACHABLE && f->number == 3 &&
		    endpoint_equal(f->peer, server))
			return f;
	}
	return NULL;
}

static const struct fact *says_filtered(const struct boot_view *b, struct endpoint server)
{
	BOOT_EACH(f, b)
	{
		if (f->kind == FACT_ICMP_UNREACHABLE && f->number >= 9 &&
		    ip4_equal(f->peer.ip, server.ip))
			return f;
	}
	return NULL;
}

/* T-02: requests for files, repeated, and nothing comes back. From one place a stopped service and
 * a filter look alike; others that are answered meanwhile tell them apart. */
void rule_tftp_silent(const struct boot_view *b, struct judgement *j)
{
	const struct fact *last = NULL;
	size_t n = 0;
	const struct fact *first = silent_server(b, &n, &last);
	char ip[IP4_TEXT_SIZE];

	if (first == NULL || says_closed(b, first->peer) != NULL)
		return;
	const struct fact *filtered = says_filtered(b, first->peer);
	if (n < EQUAL_REQUESTS && filtered == NULL)
		return;
	bool answered_before =
	    boot_first(b, FACT_FILE_STARTED) != NULL || boot_first(b, FACT_FILE_REFUSED) != NULL;
	bool others =
	    b->timeline != NULL && timeline_others(b->timeline, SERVICE_FILES, first->peer.ip,
						   b->mac, b->facts->at) == OTHERS_ANSWERED;
	judgement_fits(j, ABOUT_FILE, filtered != NULL ? STRENGTH_WORD : STRENGTH_SILENCE,
		       filtered != NULL || (b->complete && b->now - first->at >= WINDOW_TFTP &&
					    others && !answered_before));
	judgement_text(j, "the TFTP server %s does not answer: %zu requests, no reply%s.",
		       ip4_format(first->peer.ip, ip), n,
		       filtered != NULL  ? "; a router says that a filter forbids it"
		       : others          ? ", while it answers others"
		       : answered_before ? " (earlier ones were answered)"
					 : "");
	judgement_remedy(j,
			 "Check that the TFTP service runs on %s; then allow UDP 69 and the reply "
			 "ports between the phone network and it.",
			 ip4_format(first->peer.ip, ip));
	judgement_decide(j, "a capture at the TFTP server: do the requests arrive?");
	for (const struct fact *f = first; f <= last; f++) {
		if (f->kind == FACT_FILE_ASKED)
			judgement_evidence(j, f);
	}
	judgement_evidence(j, filtered);
}

/* T-03: the host says that nobody listens; our own server says that it stopped. */
void rule_tftp_stopped(const struct boot_view *b, struct judgement *j)
{
	const struct fact *last = NULL;
	size_t n = 0;
	const struct fact *first = silent_server(b, &n, &last);
	char ip[IP4_TEXT_SIZE];

	if (first == NULL)
		return;
	const struct fact *closed = says_closed(b, first->peer);
	const struct fact *word = NULL;
	BOOT_EACH_SITE(f, b)
	{
		if (f->kind == FACT_SERVER_STATE && f->value[0] == 2 && f->at <= last->at)
			word = f->number == 2 ? f : NULL;
	}
	if (closed == NULL && word == NULL) {
		bool others = b->timeline != NULL &&
			      timeline_others(b->timeline, SERVICE_FILES, first->peer.ip, b->mac,
					      b->facts->at) == OTHERS_ANSWERED;
		if (n < EQUAL_REQUESTS || others)
			return;
		judgement_fits(j, ABOUT_FILE, STRENGTH_SILENCE, false);
		judgement_text(j,
			       "a stopped TFTP service on %s, behind a filter that keeps silent, "
			       "would look the same.",
			       ip4_format(first->peer.ip, ip));
		judgement_decide(j, "is the TFTP service running on that server?");
	} else {
		/* A server that DHCP names for files only by siaddr, which many fill with
		 * themselves, may never have been meant to serve any. */
		const struct fact *lease = boot_lease(b);
		bool meant =
		    word != NULL || lease == NULL || lease->dhcp.has_150 || lease->dhcp.has_66;
		judgement_fits(j, ABOUT_FILE, STRENGTH_WORD, meant);
		judgement_decide(
		    j, "is that host meant to serve files? The lease names it as siaddr alone");
		judgement_text(j, "no TFTP service runs at %s: %s.", ip4_format(first->peer.ip, ip),
			       closed != NULL ? "the host answers \"port unreachable\""
					      : "it was stopped");
	}
	judgement_evidence(j, first);
	judgement_evidence(j, closed);
	judgement_evidence(j, word);
}

/* T-04: who was not asked cannot answer. */
void rule_tftp_elsewhere(const struct boot_view *b, struct judgement *j)
{
	const struct fact *odd = boot_last(b, FACT_FILE_ELSEWHERE);
	char ip[IP4_TEXT_SIZE];
	char other[128];

	if (odd == NULL || boot_went_on(b, odd) || boot_after(b, odd, FACT_FILE_DELIVERED) != NULL)
		return;
	judgement_fits(j, ABOUT_FILE, STRENGTH_WIRE, true);
	judgement_text(j, "the phone asks %s and is answered from %s, which it does not take.",
		       ip4_format(odd->peer.ip, ip), clean_text(odd->text, other));
	judgement_evidence_all(j, b, FACT_FILE_ELSEWHERE);
}

/* T-05: the same block, three times and more, and no end. */
void rule_transfer_stalls(const struct boot_view *b, struct judgement *j)
{
	const struct fact *again = NULL;
	char name[128];

	BOOT_EACH(f, b)
	{
		if (f->kind == FACT_FILE_AGAIN && f->value[0] >= STALL_TIMES)
			again = f;
		else if (again != NULL &&
			 (f->kind == FACT_FILE_DELIVERED || f->kind == FACT_FILE_STARTED) &&
			 f->at > again->at)
			again = NULL;
	}
	if (again == NULL || boot_went_on(b, again) || boot_is_registered(b))
		return;
	judgement_fits(j, ABOUT_FILE, STRENGTH_WIRE, b->complete);
	judgement_text(j, "the transfer of %s stalls: block %u sent %u times.",
		       clean_text(again->name, name), again->number, again->value[0]);
	judgement_decide(j, "a capture at the other end: which blocks arrive?");
	judgement_evidence_all(j, b, FACT_FILE_AGAIN);
}

/* Own or default file refused by a server's word, and never delivered; HTTP's word counts only
 * where TFTP was not asked after. */
static const struct fact *refused(const struct boot_view *b, file_sort_fn sort)
{
	const struct fact *last = NULL;

	BOOT_EACH(f, b)
	{
		if (!sort(f->name))
			continue;
		if (f->kind == FACT_FILE_DELIVERED)
			return NULL;
		if (boot_file_missing(f))
			last = f;
	}
	return last;
}

static bool is_sip_text(const char *name)
{
	name = boot_file_base(name);
	return strncasecmp(name, "SIP", 3) == 0 && strstr(name, ".cnf") != NULL &&
	       strstr(name, ".xml") == NULL;
}

static bool is_binary_cnf(const char *name)
{
	size_t len = strlen(name);

	return strncasecmp(boot_file_base(name), "SEP", 3) == 0 && len > 4 &&
	       strcasecmp(name + len - 4, ".cnf") == 0;
}

static bool asked_any(const struct boot_view *b, file_sort_fn sort)
{
	return boot_file(b, FACT_FILE_ASKED, sort) != NULL;
}

static bool is_xml(const char *name)
{
	return text_contains_nocase(name, ".cnf.xml");
}

/* The second TFTP server of the lease, when it has another and was never asked. */
static bool second_unasked(const struct boot_view *b, struct ip4 *ret_ip)
{
	const struct fact *ack = boot_lease(b);

	if (ack == NULL || ack->dhcp.option150_count < 2 ||
	    ip4_equal(ack->dhcp.option150[0], ack->dhcp.option150[1]))
		return false;
	*ret_ip = ack->dhcp.option150[1];
	BOOT_EACH(f, b)
	{
		if (f->kind == FACT_FILE_ASKED && ip4_equal(f->peer.ip, *ret_ip))
			return false;
	}
	return true;
}

/* T-08: neither the phone's own file nor the default one. */
void rule_no_file_at_all(const struct boot_view *b, struct judgement *j)
{
	const struct fact *own = refused(b, boot_file_is_own);
	const struct fact *fallback = refused(b, boot_file_is_default);
	struct ip4 second;
	char ip[IP4_TEXT_SIZE];

	if (own == NULL || fallback == NULL || boot_register(b) != NULL ||
	    is_sip_text(fallback->name) || boot_file_is_signed(own->name))
		return;
	bool old_files = is_binary_cnf(own->name) && !asked_any(b, is_xml);
	judgement_fits(j, ABOUT_FILE, STRENGTH_WORD, !second_unasked(b, &second) && !old_files);
	judgement_text(j,
		       "the TFTP server %s has neither this phone's own file nor the default file.",
		       ip4_format(fallback->peer.ip, ip));
	judgement_remedy(j,
			 "Add the phone by the MAC shown on its own screen, or turn "
			 "auto-registration on; check that %s is the right TFTP server.",
			 ip4_format(fallback->peer.ip, ip));
	judgement_decide(j, "is the phone in the database, and which TFTP server has its file?");
	judgement_evidence(j, own);
	judgement_evidence(j, fallback);
}

/* T-18: the second server is for silence, not for a "no". */
void rule_second_tftp_unasked(const struct boot_view *b, struct judgement *j)
{
	const struct fact *own = refused(b, boot_file_is_own);
	struct ip4 second;
	char first[IP4_TEXT_SIZE];
	char other[IP4_TEXT_SIZE];

	if (own == NULL || boot_register(b) != NULL || !second_unasked(b, &second) ||
	    boot_file_is_signed(own->name))
		return;
	judgement_fits(j, ABOUT_FILE, STRENGTH_WIRE, false);
	judgement_text(j,
		       "the first TFTP server %s says \"not found\", so the second, %s, is never "
		       "asked.",
		       ip4_format(own->peer.ip, first), ip4_format(second, other));
	judgement_decide(j, "has the second TFTP server this phone's file?");
	judgement_evidence(j, boot_lease(b));
	judgement_evidence(j, own);
}

/* F-19: a 7940 or 7960 with a SIP load reads text files. */
void rule_sip_text_files(const struct boot_view *b, struct judgement *j)
{
	const struct fact *missing = refused(b, is_sip_text);
	char name[128];

	if (missing == NULL || boot_register(b) != NULL)
		return;
	judgement_fits(j, ABOUT_FILE, STRENGTH_WORD,
		       boot_file(b, FACT_FILE_DELIVERED, is_sip_text) == NULL);
	judgement_text(j, "the phone's SIP text file %s is not on the server.",
		       clean_text(missing->name, name));
	judgement_decide(j, "the folder the phone is told to look in (tftp_cfg_dir)");
	BOOT_EACH(f, b)
	{
		if (boot_file_missing(f) && is_sip_text(f->name))
			judgement_evidence(j, f);
	}
}

/* F-21: it knows no XML, or the server has it in no form: both look alike. */
void rule_old_format(const struct boot_view *b, struct judgement *j)
{
	const struct fact *own = refused(b, is_binary_cnf);

	if (own == NULL || asked_any(b, is_xml) || boot_register(b) != NULL)
		return;
	judgement_fits(j, ABOUT_FILE, STRENGTH_WIRE, false);
	j->likelier = true; /* than that nothing at all is there (T-08) */
	judgement_decide(j, "does this server make the old binary files for other phones?");
	judgement_evidence(j, own);
}

/* T-10: asked with another case or a slash too many. */
void rule_near_file(const struct boot_view *b, struct judgement *j)
{
	const struct fact *word = boot_last(b, FACT_SERVER_NEAR_FILE);
	char asked[128];
	char there[128];

	if (boot_is_registered(b))
		return;
	if (word != NULL && !boot_file_is_optional(word->name)) {
		judgement_fits(j, ABOUT_FILE, STRENGTH_WORD, true);
		judgement_text(j, "the phone asks for %s; the server has %s.",
			       clean_text(word->name, asked), clean_text(word->text, there));
		judgement_evidence(j, word);
		return;
	}
	BOOT_EACH(f, b)
	{
		if (!boot_file_missing(f) || boot_file_is_optional(f->name))
			continue;
		BOOT_EACH_EVER(g, b)
		{
			if (g->kind != FACT_FILE_DELIVERED || strcmp(f->name, g->name) == 0 ||
			    strcasecmp(boot_file_base(f->name), boot_file_base(g->name)) != 0)
				continue;
			judgement_fits(j, ABOUT_FILE, STRENGTH_WIRE, false);
			judgement_text(j, "%s is not found, while %s is there.",
				       clean_text(f->name, asked), clean_text(g->name, there));
			judgement_decide(j, "the names in the TFTP folder, letter by letter");
			judgement_evidence(j, f);
			judgement_evidence(j, g);
			return;
		}
	}
}

/* A file the boot needs, refused otherwise than "not found". */
static const struct fact *refused_otherwise(const struct boot_view *b, bool access)
{
	const struct fact *found = NULL;

	if (boot_register(b) != NULL)
		return NULL;
	BOOT_EACH(f, b)
	{
		if (found != NULL && f->kind == FACT_FILE_DELIVERED &&
		    strcmp(f->name, found->name) == 0)
			found = NULL;
		if (f->kind != FACT_FILE_REFUSED || boot_file_is_optional(f->name) ||
		    boot_file_missing(f) || f->number >= 500)
			continue;
		/* tftpd-hpa says it in words, under code 0. */
		bool denied = f->number == ACCESS || f->number == 401 || f->number == 403 ||
			      text_contains_nocase(f->text, "permission denied");
		if (denied == access)
			found = f;
	}
	return found;
}

void rule_tftp_access(const struct boot_view *b, struct judgement *j)
{
	const struct fact *no = refused_otherwise(b, true);
	char name[128];

	if (no == NULL)
		return;
	judgement_fits(j, ABOUT_FILE, STRENGTH_WORD, true);
	judgement_text(j, "the file server refuses access to %s.", clean_text(no->name, name));
	judgement_evidence(j, no);
}

void rule_tftp_error(const struct boot_view *b, struct judgement *j)
{
	const struct fact *no = refused_otherwise(b, false);
	char name[128];
	char text[128];

	if (no == NULL)
		return;
	judgement_fits(j, ABOUT_FILE, STRENGTH_WORD, true);
	judgement_text(j, "the file server refuses %s: error %u, \"%s\".",
		       clean_text(no->name, name), no->number, clean_text(no->text, text));
	judgement_evidence(j, no);
}

/* T-09: files come from somebody who is not ours. */
void rule_foreign_tftp(const struct boot_view *b, struct judgement *j)
{
	const struct fact *got = boot_last(b, FACT_FILE_DELIVERED);
	const struct fact *asked = boot_last(b, FACT_FILE_ASKED);
	char ip[IP4_TEXT_SIZE];

	/* A server hears the question to another one, hardly ever the answer. */
	const struct fact *at = asked > got ? asked : got;
	if (at == NULL || boot_owns(b, at->peer.ip, 2) != 0)
		return;
	judgement_fits(j, ABOUT_FILE, STRENGTH_WORD, at == got);
	judgement_text(j, "the phone %s its files %s %s, which is no server of ours.",
		       at == got ? "gets" : "asks for", at == got ? "from" : "at",
		       ip4_format(at->peer.ip, ip));
	judgement_decide(j, "the TFTP server in the phone's own network settings");
	judgement_evidence(j, at);
}
