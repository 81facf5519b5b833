/* Rules of one phone's record: it works for the phone's twins, its file cannot be read
 * (F-20), its lines get lost (K-10). From outside none of them is proved. */
#include "boot/boot_internal.h"

#include "base/text.h"
#include "model/phone_type.h"

#include <strings.h>

#define REFRESH_SLACK DT_SECONDS(2)

/* refused by the database although it has a file of its own, while a phone of the same model
 * is taken by the same server. */
void rule_one_record(const struct boot_view *b, struct judgement *j)
{
	const struct fact *reg = boot_last(b, FACT_SCCP_REGISTER);
	const struct fact *no = boot_refused(b);
	struct mac twin;
	char model[24];
	char mac[MAC_TEXT_SIZE];
	char ip[IP4_TEXT_SIZE];

	if (reg == NULL || no == NULL || b->timeline == NULL ||
	    words_refusal(no, RULE_RECORD_DAMAGED) != WORD_MAYBE ||
	    boot_file(b, FACT_FILE_DELIVERED, boot_file_is_own) == NULL ||
	    !timeline_twin(b->timeline, no->peer.ip, reg->number, b->mac, &twin))
		return;
	judgement_fits(j, ABOUT_REGISTER, STRENGTH_WIRE, false);
	/* What stops this phone alone comes before what would stop everybody. */
	j->likelier = true;
	judgement_text(
	    j, "%s refuses this phone's record and takes another %s, MAC %s: it is this record.",
	    ip4_format(no->peer.ip, ip), phone_type_name(reg->number, model, sizeof model),
	    mac_format(twin, mac));
	judgement_decide(j, "the two records side by side");
	judgement_evidence(j, reg);
	judgement_evidence(j, no);
}

static bool is_encrypted(const char *name)
{
	static const char end[] = ".enc.sgn";
	size_t len = strlen(name);

	return len > sizeof end && strcasecmp(name + len - (sizeof end - 1), end) == 0;
}

/* F-20: the encrypted file, again and again, and never a call to a CallManager. */
void rule_encrypted_unreadable(const struct boot_view *b, struct judgement *j)
{
	size_t rounds = 0;
	char name[128];
	const struct fact *file = NULL;

	if (!b->verdict)
		return;
	BOOT_EACH_EVER(f, b)
	{
		if (boot_came_to_callmanager(f->kind))
			rounds = 0;
		if (f->kind != FACT_FILE_DELIVERED || !is_encrypted(f->name))
			continue;
		rounds++;
		file = f;
		judgement_evidence(j, f);
	}
	if (rounds < LOOP_ROUNDS)
		return;
	judgement_fits(j, ABOUT_CONTENT, STRENGTH_WIRE, false);
	judgement_text(j,
		       "the phone was given its encrypted file %s %zu times and calls no "
		       "CallManager: it does not seem able to read it.",
		       clean_text(file->name, name), rounds);
	judgement_decide(j, "certHash in the record against the phone's own certificate");
}

/* K-10: a registration of all lines at once ran out, and what came late named no lines: the server
 * takes it for a new registration of the first. */
void rule_lines_lost(const struct boot_view *b, struct judgement *j)
{
	const struct fact *granted = NULL;
	const struct fact *bulk = NULL;
	const struct fact *asked = NULL;

	BOOT_EACH(f, b)
	{
		if (f->kind == FACT_SIP_REGISTER)
			asked = f;
		if (f->kind != FACT_SIP_REGISTERED || asked == NULL)
			continue;
		bool whole = (asked->value[1] & SIP_BULK) != 0;
		bool late = granted != NULL &&
			    asked->at > granted->at + DT_SECONDS(granted->number) + REFRESH_SLACK;
		if (bulk != NULL && !whole && late) {
			judgement_fits(j, ABOUT_DROP, STRENGTH_WIRE, false);
			judgement_text(j,
				       "a refresh came %.0f s after the registration had run out, "
				       "and named no lines: the server may have kept the first one "
				       "alone.",
				       (double)(asked->at - granted->at) / 1e6 - granted->number);
			judgement_decide(j, "the phone's display: has each line its number?");
			judgement_evidence(j, bulk);
			judgement_evidence(j, granted);
			judgement_evidence(j, asked);
			return;
		}
		bulk = whole ? asked : bulk;
		granted = f;
	}
}
