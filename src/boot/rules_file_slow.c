/* Rules of files that come, but late or by another way (T-13 to T-17): remarks on a boot that
 * works. */
#include "boot/boot_internal.h"

#include "base/text.h"

#define SILENT_FOR    DT_SECONDS(4)
#define SLOW_START_MS 2000u

/* The same file by TFTP, after this. */
static const struct fact *by_tftp(const struct boot_view *b, const struct fact *since,
				  const char *name)
{
	BOOT_EACH_AFTER(f, since, b)
	{
		bool answered = f->kind == FACT_FILE_STARTED || f->kind == FACT_FILE_REFUSED;
		if (answered && f->peer.port == PORT_TFTP &&
		    (name == NULL || strcmp(f->name, name) == 0))
			return f;
	}
	return NULL;
}

/* T-13: TCP 6970 in vain, then UDP 69 works. */
void rule_http_dropped(const struct boot_view *b, struct judgement *j)
{
	const struct fact *first = NULL;
	const struct fact *after = NULL;
	size_t n = 0;

	BOOT_EACH(f, b)
	{
		if (f->peer.port != PORT_FILES_HTTP && f->peer.port != PORT_FILES_HTTPS)
			continue;
		if (f->kind == FACT_SERVICE_OPEN || f->kind == FACT_SERVICE_REFUSED)
			return;
		if (f->kind != FACT_SERVICE_SYN)
			continue;
		first = first == NULL ? f : first;
		n++;
	}
	if (n >= 2)
		after = by_tftp(b, first, NULL);
	if (after == NULL)
		return;
	judgement_fits(j, ABOUT_SLOW, STRENGTH_SILENCE, b->complete);
	judgement_text(j,
		       "TCP %u to the file server is swallowed (%zu SYNs); the files come by TFTP, "
		       "%.0f s later.",
		       first->peer.port, n, (double)(after->at - first->at) / 1e6);
	judgement_decide(j, "a capture at the file server: do the SYNs arrive?");
	judgement_evidence_all(j, b, FACT_SERVICE_SYN);
	judgement_evidence(j, after);
}

/* T-14: HTTP is there and fails. */
void rule_http_unwell(const struct boot_view *b, struct judgement *j)
{
	char name[128];

	BOOT_EACH(f, b)
	{
		bool broken = (f->kind == FACT_FILE_REFUSED && f->number >= 500) ||
			      f->kind == FACT_FILE_CUT ||
			      (f->kind == FACT_SERVICE_RESET && f->number == SIDE_SERVER);
		if (!broken ||
		    (f->peer.port != PORT_FILES_HTTP && f->peer.port != PORT_FILES_HTTPS))
			continue;
		const struct fact *after = by_tftp(b, f, f->name[0] != 0 ? f->name : NULL);
		if (after == NULL)
			continue;
		judgement_fits(j, ABOUT_SLOW, STRENGTH_WORD, true);
		if (f->kind == FACT_FILE_REFUSED)
			judgement_text(j, "the file server's HTTP answers %u to %s; TFTP gives it.",
				       f->number, clean_text(f->name, name));
		judgement_evidence(j, f);
		judgement_evidence(j, after);
		return;
	}
}

/* T-15: the certificate on 6971 does not please. */
void rule_https_refused(const struct boot_view *b, struct judgement *j)
{
	BOOT_EACH(f, b)
	{
		if (f->kind != FACT_TLS_ALERT || f->peer.port != PORT_FILES_HTTPS || f->number == 0)
			continue;
		const struct fact *after = NULL;
		BOOT_EACH_AFTER(g, f, b)
		{
			bool answered =
			    g->kind == FACT_FILE_STARTED || g->kind == FACT_FILE_REFUSED;
			if (answered && g->peer.port != PORT_FILES_HTTPS && after == NULL)
				after = g;
		}
		if (after == NULL)
			continue;
		judgement_fits(j, ABOUT_SLOW, STRENGTH_WORD, true);
		judgement_text(
		    j,
		    "the %s breaks off TLS on 6971 (alert %u), and the phone falls back to "
		    "port %u.",
		    f->value[0] == SIDE_PHONE ? "phone" : "server", f->number, after->peer.port);
		judgement_evidence(j, f);
		judgement_evidence(j, after);
		return;
	}
}

/* T-16: no "not found" for what is not there. */
void rule_silent_for_missing(const struct boot_view *b, struct judgement *j)
{
	const struct fact *pending = NULL;
	size_t silent = 0;
	dt_time lost = 0;
	bool served = false;

	BOOT_EACH(f, b)
	{
		if (fact_row(f->kind)->family != FAMILY_FILE || f->peer.port != PORT_TFTP)
			continue;
		if (f->kind != FACT_FILE_ASKED) {
			if (pending != NULL && strcmp(f->name, pending->name) == 0)
				pending = NULL;
			served |= f->kind == FACT_FILE_DELIVERED;
			continue;
		}
		if (pending != NULL && strcmp(f->name, pending->name) == 0)
			continue;
		if (pending != NULL && f->at - pending->at >= SILENT_FOR) {
			silent++;
			lost += f->at - pending->at;
			judgement_evidence(j, pending);
		}
		pending = boot_file_is_optional(f->name) ? f : NULL;
	}
	if (silent < 2 || !served)
		return;
	judgement_fits(j, ABOUT_SLOW, STRENGTH_SILENCE, b->complete);
	judgement_text(
	    j, "the TFTP server keeps silent about %zu files it does not have: %.0f s lost.",
	    silent, (double)lost / 1e6);
	judgement_decide(j, "ask that server for a file that cannot exist: does it answer?");
}

/* T-17: seconds before the first block. */
void rule_files_slow(const struct boot_view *b, struct judgement *j)
{
	const struct fact *busy = boot_last(b, FACT_SERVER_FILE_BUSY);
	size_t slow = 0;
	uint32_t most = 0;

	BOOT_EACH(f, b)
	{
		if (f->kind != FACT_FILE_STARTED || f->value[0] < SLOW_START_MS)
			continue;
		slow++;
		most = f->value[0] > most ? f->value[0] : most;
		judgement_evidence(j, f);
	}
	if (slow < 2 && busy == NULL)
		return;
	judgement_fits(j, ABOUT_SLOW, busy != NULL ? STRENGTH_WORD : STRENGTH_WIRE,
		       busy != NULL || slow >= LOOP_ROUNDS);
	if (busy != NULL)
		judgement_text(j, "the file server has as many transfers as it allows: %u.",
			       busy->number);
	else
		judgement_text(j, "the file server takes up to %.1f s to begin a file (%zu files).",
			       (double)most / 1e3, slow);
	judgement_decide(j, "how many transfers run on that server meanwhile");
	judgement_evidence(j, busy);
}
