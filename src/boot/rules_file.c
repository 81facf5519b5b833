/* Rules of steps 3a and 3b: T-02, T-08. */
#include "boot/boot_internal.h"

#include "base/text.h"

static bool is_answer(const struct fact *f, const struct fact *asked)
{
	return (f->kind == FACT_FILE_STARTED || f->kind == FACT_FILE_REFUSED ||
		f->kind == FACT_FILE_DELIVERED) &&
	       ip4_equal(f->peer.ip, asked->peer.ip);
}

/* The requests to one server after its last answer. */
static size_t unanswered(const struct boot_view *b, const struct fact **ret_first,
			 const struct fact **ret_last)
{
	size_t n = 0;

	*ret_first = NULL;
	*ret_last = NULL;
	for (size_t i = 0; i < b->count; i++) {
		const struct fact *f = &b->facts[i];
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

/* T-02: requests for files, repeated, and nothing comes back. */
void rule_tftp_silent(const struct boot_view *b, struct judgement *j)
{
	const struct fact *first = NULL;
	const struct fact *last = NULL;
	size_t n = unanswered(b, &first, &last);
	char ip[IP4_TEXT_SIZE];
	char name[FACT_NAME_SIZE];

	if (n < EQUAL_REQUESTS || boot_after(b, last, FACT_TCP_SYN) != NULL ||
	    boot_after(b, last, FACT_SCCP_REGISTER) != NULL)
		return;
	bool answered_before =
	    boot_first(b, FACT_FILE_STARTED) != NULL || boot_first(b, FACT_FILE_REFUSED) != NULL;
	j->fits = true;
	j->proved = b->complete && b->now - first->at >= WINDOW_TFTP && !answered_before;
	(void)text_copy(name, sizeof name, first->name);
	judgement_text(j, "the TFTP server %s does not answer: %zu requests, no reply%s.",
		       ip4_format(first->peer.ip, ip), n,
		       answered_before ? " (earlier ones were answered)" : "");
	judgement_remedy(j,
			 "Check that the TFTP service runs on %s; then allow UDP 69 and the reply "
			 "ports between the phone "
			 "network and it.",
			 ip4_format(first->peer.ip, ip));
	if (!j->proved)
		(void)text_copy(j->finding.decide, sizeof j->finding.decide,
				"a capture at the TFTP server: do the requests arrive?");
	for (const struct fact *f = first; f <= last; f++) {
		if (f->kind == FACT_FILE_ASKED)
			judgement_evidence(j, f);
	}
}

static const struct fact *refused(const struct boot_view *b, bool (*is_kind)(const char *name))
{
	for (size_t i = 0; i < b->count; i++) {
		if (b->facts[i].kind == FACT_FILE_REFUSED && b->facts[i].number == 1 &&
		    is_kind(b->facts[i].name))
			return &b->facts[i];
	}
	return NULL;
}

/* T-08: neither the phone's own file nor the default one. */
void rule_no_file_at_all(const struct boot_view *b, struct judgement *j)
{
	const struct fact *own = refused(b, boot_file_is_own);
	const struct fact *fallback = refused(b, boot_file_is_default);
	char ip[IP4_TEXT_SIZE];

	if (own == NULL || fallback == NULL || boot_first(b, FACT_SCCP_REGISTER) != NULL)
		return;
	for (size_t i = 0; i < b->count; i++) {
		const struct fact *f = &b->facts[i];
		if (f->kind == FACT_FILE_DELIVERED &&
		    (boot_file_is_own(f->name) || boot_file_is_default(f->name)))
			return;
	}
	j->fits = true;
	j->proved = true; /* two refusals in the server's own words */
	judgement_text(j,
		       "the TFTP server %s has neither this phone's own file nor the default file.",
		       ip4_format(fallback->peer.ip, ip));
	judgement_remedy(j,
			 "Add the phone by the MAC shown on its own screen, or turn "
			 "auto-registration on; check that %s is "
			 "the right TFTP server.",
			 ip4_format(fallback->peer.ip, ip));
	judgement_evidence(j, own);
	judgement_evidence(j, fallback);
}
