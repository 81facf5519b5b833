/* Rules of step 4b and after it, F-11, F-12, K-01.
 *
 * Why a registration was refused is known for certain only from the server's own word: the row id
 * at the end of our own reject text, or the server's facts. "Error DBConfig" of a foreign
 * CallManager says "refused by the database" and fits several rows: all of them are suspected then.
 */
#include "boot/boot_internal.h"

#include "base/text.h"

#include <strings.h>

/* The last refusal of this boot that nothing has made good. */
static const struct fact *last_reject(const struct boot_view *b)
{
	const struct fact *reject = boot_last(b, FACT_SCCP_REGISTER_REJECT);

	return reject != NULL && boot_after(b, reject, FACT_SCCP_REGISTER_ACK) == NULL ? reject
										       : NULL;
}

static bool contains_nocase(const char *text, const char *part)
{
	size_t len = strlen(part);

	for (; *text != 0; text++) {
		if (strncasecmp(text, part, len) == 0)
			return true;
	}
	return false;
}

/* Does the server itself say that it was this row? */
static const struct fact *server_word(const struct boot_view *b, const char *id)
{
	const struct fact *word = boot_last(b, FACT_SERVER_REFUSED);
	const struct fact *reject = last_reject(b);
	size_t len = reject != NULL ? strlen(reject->text) : 0;

	if (word != NULL && strcmp(word->text, id) == 0)
		return word;
	return len > strlen(id) && strcmp(reject->text + len - strlen(id), id) == 0 ? reject : NULL;
}

static bool server_named_a_row(const struct boot_view *b)
{
	static const char *const ids[] = {"R-05", "R-06", "R-08", "F-11", "F-12", "R-17"};

	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
		if (server_word(b, ids[i]) != NULL)
			return true;
	}
	return false;
}

/* A refusal that may be the database's: CUCM's "Error DBConfig" (also as the phone's own label 47),
 * other servers' words for an unknown device, or no word at all. */
static bool is_database_refusal(const char *text)
{
	static const char *const words[] = {"DBConfig",       "DB Config",        "\200\057",
					    "Device Unknown", "Device not found", "not found",
					    "unknown"};

	if (text[0] == 0)
		return true;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (contains_nocase(text, words[i]))
			return true;
	}
	return false;
}

static bool default_file_delivered(const struct boot_view *b)
{
	for (size_t i = 0; i < b->count; i++) {
		if (b->facts[i].kind == FACT_FILE_DELIVERED &&
		    boot_file_is_default(b->facts[i].name))
			return true;
	}
	return false;
}

static bool own_file_delivered(const struct boot_view *b)
{
	for (size_t i = 0; i < b->count; i++) {
		if (b->facts[i].kind == FACT_FILE_DELIVERED && boot_file_is_own(b->facts[i].name))
			return true;
	}
	return false;
}

static void refusal_evidence(const struct boot_view *b, const struct fact *word,
			     struct judgement *j)
{
	const struct fact *reg = boot_last(b, FACT_SCCP_REGISTER);
	const struct fact *reject = last_reject(b);

	if (reg != NULL)
		judgement_evidence(j, reg);
	if (reject != NULL)
		judgement_evidence(j, reject);
	if (word != NULL)
		judgement_evidence(j, word);
}

static const char decide_refusal[] =
    "the CallManager's own reason: its registration alarm, or the phone's record";

void rule_not_in_database(const struct boot_view *b, struct judgement *j)
{
	const struct fact *word = server_word(b, "R-05");
	const struct fact *reject = last_reject(b);

	if (reject == NULL ||
	    (word == NULL && (server_named_a_row(b) || !is_database_refusal(reject->text) ||
			      own_file_delivered(b))))
		return;
	j->fits = true;
	j->proved = word != NULL;
	if (j->proved)
		judgement_text(j, "the phone is not in the database and auto-registration is off.");
	else
		judgement_text(j,
			       "refused by the CallManager's database; most often: the phone is "
			       "not in it and auto-registration "
			       "is off%s.",
			       default_file_delivered(b)
				   ? " (it was given the default file, so it has none of its own)"
				   : "");
	judgement_remedy(
	    j, "Add the phone with its exact MAC and model, or turn auto-registration on.");
	if (!j->proved)
		(void)text_copy(j->finding.decide, sizeof j->finding.decide, decide_refusal);
	refusal_evidence(b, word, j);
}

void rule_no_free_number(const struct boot_view *b, struct judgement *j)
{
	const struct fact *word = server_word(b, "R-06");
	const struct fact *reject = last_reject(b);

	if (reject == NULL ||
	    (word == NULL && (server_named_a_row(b) || reject->text[0] == 0 ||
			      !is_database_refusal(reject->text) || own_file_delivered(b))))
		return;
	j->fits = true;
	j->proved = word != NULL;
	judgement_text(
	    j, "the phone is not in the database and the auto-registration range is used up.");
	judgement_remedy(
	    j, "Extend the number range, or delete auto-registered phones that are gone.");
	if (!j->proved)
		(void)text_copy(j->finding.decide, sizeof j->finding.decide, decide_refusal);
	refusal_evidence(b, word, j);
}

void rule_wrong_model(const struct boot_view *b, struct judgement *j)
{
	const struct fact *word = server_word(b, "F-11");
	const struct fact *reject = last_reject(b);

	if (reject == NULL ||
	    (word == NULL && (server_named_a_row(b) || !contains_nocase(reject->text, "mismatch"))))
		return;
	j->fits = true;
	j->proved = word != NULL;
	judgement_text(j, "the record in the database names another model than the phone is (a "
			  "7961G is not a 7961G-GE).");
	judgement_remedy(j,
			 "Delete the record and add the phone again with the model on its back.");
	if (!j->proved)
		(void)text_copy(j->finding.decide, sizeof j->finding.decide, decide_refusal);
	refusal_evidence(b, word, j);
}

void rule_wrong_mac(const struct boot_view *b, struct judgement *j)
{
	const struct fact *word = server_word(b, "F-12");
	char name[FACT_NAME_SIZE] = "";

	if (last_reject(b) == NULL || word == NULL)
		return;
	/* The fact of our own server names the record; its reject text does not, so as not to tell
	 * strangers. */
	if (word->kind == FACT_SERVER_REFUSED)
		(void)text_copy(name, sizeof name, word->name);
	/* That the phone has no record is certain; that this one was meant for it is not. */
	j->fits = true;
	judgement_text(j,
		       "the phone is not in the database, but a record that never had a phone "
		       "differs by a digit or two%s%s: "
		       "its MAC was probably mistyped.",
		       name[0] != 0 ? ": " : "", name);
	judgement_remedy(j, "Read the MAC from the phone's own menu and correct the record%s%s.",
			 name[0] != 0 ? " " : "", name);
	(void)text_copy(j->finding.decide, sizeof j->finding.decide,
			"the MAC in the phone's own menu, or on its box");
	refusal_evidence(b, word, j);
}

/* SYN after SYN and no word back. */
void rule_cm_silent(const struct boot_view *b, struct judgement *j)
{
	const struct fact *last = boot_last(b, FACT_TCP_SYN);
	const struct fact *first = NULL;
	size_t n = 0;
	char peer[ENDPOINT_TEXT_SIZE];

	if (last == NULL)
		return;
	for (const struct fact *f = b->facts; f <= last; f++) {
		if (!endpoint_equal(f->peer, last->peer))
			continue;
		if (f->kind == FACT_TCP_SYN) {
			first = n++ == 0 ? f : first;
		} else if (f->kind == FACT_TCP_OPEN || f->kind == FACT_TCP_REFUSED) {
			n = 0;
		}
	}
	bool answered = boot_after(b, last, FACT_TCP_OPEN) != NULL ||
			boot_after(b, last, FACT_TCP_REFUSED) != NULL;
	if (answered || n < EQUAL_REQUESTS || boot_is_registered(b))
		return;
	j->fits = true;
	j->proved = b->complete && b->now - first->at >= WINDOW_CONNECT;
	judgement_text(
	    j, "the CallManager %s does not answer the phone's connection: %zu SYNs, no reply.",
	    endpoint_format(last->peer, peer), n);
	judgement_remedy(j,
			 "Telnet to %s from a PC in the voice VLAN: no answer means the network "
			 "path or the server.",
			 endpoint_format(last->peer, peer));
	if (!j->proved)
		(void)text_copy(j->finding.decide, sizeof j->finding.decide,
				"a capture at the CallManager: do the SYNs arrive?");
	for (const struct fact *f = first; f <= last; f++) {
		if (f->kind == FACT_TCP_SYN)
			judgement_evidence(j, f);
	}
}

/* the port answers at once that nobody is there. */
void rule_cm_refuses(const struct boot_view *b, struct judgement *j)
{
	const struct fact *refused = boot_last(b, FACT_TCP_REFUSED);
	const struct fact *syn = NULL;
	char peer[ENDPOINT_TEXT_SIZE];

	if (refused == NULL || boot_after(b, refused, FACT_TCP_OPEN) != NULL ||
	    boot_is_registered(b))
		return;
	for (const struct fact *f = b->facts; f < refused; f++) {
		if (f->kind == FACT_TCP_SYN && endpoint_equal(f->peer, refused->peer))
			syn = f;
	}
	if (syn == NULL || refused->at - syn->at > REFUSED_AT_ONCE)
		return;
	j->fits = true;
	j->proved = true; /* the other side's own word */
	judgement_text(j, "the CallManager's port is closed: %s refuses the connection at once.",
		       endpoint_format(refused->peer, peer));
	judgement_remedy(j, "Start the CallManager service on that server, or correct its address "
			    "or port in the phone's list.");
	judgement_evidence(j, syn);
	judgement_evidence(j, refused);
}

/* The keepalives of the connection `ack` opened that went unanswered, at the end. */
static size_t keepalives_lost(const struct boot_view *b, const struct fact *ack, dt_time patience,
			      const struct fact **ret_first)
{
	size_t lost = 0;

	*ret_first = NULL;
	for (const struct fact *f = ack + 1; f < b->facts + b->count; f++) {
		if (!endpoint_equal(f->peer, ack->peer))
			continue;
		if (f->kind == FACT_SCCP_KEEPALIVE && b->now - f->at > patience) {
			*ret_first = lost++ == 0 ? f : *ret_first;
		} else if (f->kind == FACT_SCCP_KEEPALIVE_ACK) {
			lost = 0;
		} else if (f->kind == FACT_SCCP_UNREGISTER) {
			break;
		}
	}
	return lost;
}

/* K-01: a registered phone's keepalives get no answer. Not on a standby connection (no Register
 * there), and not with a CallManager 2.x, which never answered any. */
void rule_keepalive_lost(const struct boot_view *b, struct judgement *j)
{
	const struct fact *ack = boot_last(b, FACT_SCCP_REGISTER_ACK);
	const struct fact *first = NULL;
	char peer[ENDPOINT_TEXT_SIZE];

	if (ack == NULL)
		return;
	uint32_t seconds = ack->number != 0 ? ack->number : KEEPALIVE_USUAL;
	size_t lost = keepalives_lost(b, ack, KEEPALIVE_GRACE, &first);
	/* A RegisterAck without a version is CallManager 2.x's. */
	if (lost < 2 || ack->value[0] == 0)
		return;
	j->fits = true;
	j->proved = b->complete && lost >= EQUAL_REQUESTS;
	judgement_text(j, "keepalives go unanswered: %zu in a row to %s, one each %u s.", lost,
		       endpoint_format(ack->peer, peer), seconds);
	judgement_remedy(j, "Capture at both ends during one failure: the end where the packet is "
			    "missing shows the side; "
			    "seen at the server and unanswered, it is the server.");
	if (!j->proved)
		(void)text_copy(j->finding.decide, sizeof j->finding.decide,
				"a capture at the CallManager during one failure");
	for (const struct fact *f = first; f < b->facts + b->count; f++) {
		if (f->kind == FACT_SCCP_KEEPALIVE && endpoint_equal(f->peer, ack->peer))
			judgement_evidence(j, f);
	}
}
