/* Rules of refused registrations.
 *
 * Why a registration was refused is known for certain only from the server's own word: the row id
 * at the end of our own reject text, or the server's facts. "Error DBConfig" of a foreign
 * CallManager says "refused by the database" and fits several rows: all of them are suspected then.
 */
#include "boot/boot_internal.h"

#include "base/text.h"
#include "model/phone_type.h"

#include <strings.h>

#define VERSION_MOST    25
#define TOKEN_WITHIN    DT_SECONDS(60)
#define NOT_READY_LEAST DT_SECONDS(30)

static const char decide_refusal[] =
    "the CallManager's own reason: its registration alarm, or the phone's record";

static bool delivered(const struct boot_view *b, file_sort_fn sort)
{
	return boot_file(b, FACT_FILE_DELIVERED, sort) != NULL;
}

/* The server's own word about this refusal; NULL when it said nothing. */
static const struct fact *server_word(const struct boot_view *b)
{
	const struct fact *word = boot_last(b, FACT_SERVER_REFUSED);

	return word != NULL && boot_accepted(b) <= word ? word : NULL;
}

/* How surely this boot's refusal names the rule, by the server's word or by its text. */
static enum word_match refused_for(const struct boot_view *b, enum rule rule,
				   const struct fact **ret_word)
{
	const struct fact *word = server_word(b);
	const struct fact *no = boot_refused(b);

	*ret_word = NULL;
	if (word != NULL && word->text[0] != 0) {
		*ret_word = word;
		return strcmp(word->text, rule_row(rule)->id) == 0 ? WORD_SURELY : WORD_NOTHING;
	}
	if (word != NULL) {
		*ret_word = word;
		return words_failure_is(word->number, rule) ? WORD_MAYBE : WORD_NOTHING;
	}
	return no != NULL ? words_refusal(no, rule) : WORD_NOTHING;
}

static void refusal_evidence(const struct boot_view *b, const struct fact *word,
			     struct judgement *j)
{
	judgement_evidence(j, boot_register(b));
	judgement_evidence(j, boot_refused(b));
	judgement_evidence(j, word);
	judgement_decide(j, decide_refusal);
}

/* A refusal as the rule's own words say it. false: it does not fit. */
static bool refused_plainly(const struct boot_view *b, struct judgement *j)
{
	const struct fact *word = NULL;
	enum word_match match = refused_for(b, j->finding.rule, &word);

	if (match == WORD_NOTHING)
		return false;
	judgement_fits(j, ABOUT_REGISTER, STRENGTH_WORD, match == WORD_SURELY);
	refusal_evidence(b, word, j);
	return true;
}

/* Refused at this node and accepted at another: a matter of nodes, not of the record. */
static const struct fact *accepted_at_another(const struct boot_view *b, const struct fact *no)
{
	const struct fact *found = NULL;

	BOOT_EACH_EVER(f, b)
	{
		bool accepted = f->kind == FACT_SCCP_REGISTER_ACK || f->kind == FACT_SIP_REGISTERED;
		if (accepted && !ip4_equal(f->peer.ip, no->peer.ip))
			found = f;
	}
	return found;
}

/* The last refusal of the boot in words that may be the database's, made good or not. */
static const struct fact *database_refusal(const struct boot_view *b)
{
	const struct fact *no = NULL;

	BOOT_EACH(f, b)
	{
		bool refusal = f->kind == FACT_SCCP_REGISTER_REJECT || f->kind == FACT_SIP_REFUSED;
		if (refusal && f->text[0] != 0 &&
		    words_refusal(f, RULE_NOT_IN_DATABASE) != WORD_NOTHING)
			no = f;
	}
	return no;
}

/* Forbidden after credentials: the password, or a user the server does not know and does not say so
 * (R-10). */
static bool forbidden_with_credentials(const struct boot_view *b, const struct fact *no)
{
	const struct fact *reg = no != NULL ? boot_before(b, no, FACT_SIP_REGISTER) : NULL;

	return no != NULL && no->kind == FACT_SIP_REFUSED && no->number == 403 &&
	       text_equal_nocase(no->text, "Forbidden") && reg != NULL &&
	       (reg->value[1] & SIP_CREDENTIALS) != 0;
}

/* "Error DBConfig", or the phone's own label for it: then it is the database that refuses. */
static bool speaks_of_database(const struct fact *no)
{
	return no != NULL && no->kind == FACT_SCCP_REGISTER_REJECT &&
	       (text_contains_nocase(no->text, "DB") || strstr(no->text, "\200") != NULL);
}

/* */
void rule_not_in_database(const struct boot_view *b, struct judgement *j)
{
	const struct fact *word = NULL;
	enum word_match match = refused_for(b, RULE_NOT_IN_DATABASE, &word);
	const struct fact *no = boot_refused(b);

	if (match == WORD_NOTHING || forbidden_with_credentials(b, no) ||
	    (match == WORD_MAYBE && (delivered(b, boot_file_is_own) ||
				     (no != NULL && accepted_at_another(b, no) != NULL))))
		return;
	judgement_fits(j, ABOUT_REGISTER, STRENGTH_WORD, match == WORD_SURELY);
	if (j->proved)
		judgement_text(j, "the phone is not in the database and auto-registration is off.");
	else
		judgement_text(j, "refused by the CallManager%s auto-registration is off%s.",
			       !speaks_of_database(no)
				   ? "; most often: the phone is not in its database and"
				   : "'s database; most often: the phone is not in it and",
			       delivered(b, boot_file_is_default)
				   ? " (it was given the default file, so it has none of its own)"
				   : "");
	refusal_evidence(b, word, j);
}

/* */
void rule_no_free_number(const struct boot_view *b, struct judgement *j)
{
	const struct fact *word = NULL;
	enum word_match match = refused_for(b, RULE_NO_FREE_NUMBER, &word);

	if (match == WORD_NOTHING || (match == WORD_MAYBE && delivered(b, boot_file_is_own)))
		return;
	judgement_fits(j, ABOUT_REGISTER, STRENGTH_WORD, match == WORD_SURELY);
	judgement_text(
	    j, "the phone is not in the database and the auto-registration range is used up.");
	judgement_remedy(
	    j, "Extend the number range, or delete auto-registered phones that are gone.");
	refusal_evidence(b, word, j);
}

/* with a file of its own it has a record; the database refuses that. Our own server says so
 * of a phone it wanted to take in and could not write down: there is no record to mend. */
void rule_record_damaged(const struct boot_view *b, struct judgement *j)
{
	const struct fact *no = boot_refused(b);

	if (forbidden_with_credentials(b, no) || !refused_plainly(b, j))
		return;
	if (j->proved) {
		judgement_text(
		    j, "the server could not write the new phone to its database: nothing is "
		       "wrong with the phone.");
		judgement_remedy(j, "See the server's alarms (dialtone top): most often its disk "
				    "is full. The phone tries again by itself.");
	} else if (no != NULL && no->kind == FACT_SIP_REFUSED)
		judgement_text(
		    j,
		    "the server answers %u without saying why%s: its record of the phone "
		    "may be incomplete, or meant for another security mode.",
		    no->number,
		    delivered(b, boot_file_is_own) ? ", although the phone has a file of its own"
						   : "");
	else
		judgement_text(
		    j,
		    "refused by the CallManager%s%s: an incomplete or damaged record, or "
		    "the database is down.",
		    speaks_of_database(no) ? "'s database" : "",
		    delivered(b, boot_file_is_own) ? " although the phone has a file of its own"
						   : "");
}

/* auto-registration is on elsewhere. */
void rule_autoreg_one_node(const struct boot_view *b, struct judgement *j)
{
	const struct fact *no = database_refusal(b);
	char bad[IP4_TEXT_SIZE];
	char good[IP4_TEXT_SIZE];

	if (refused_plainly(b, j) || no == NULL || delivered(b, boot_file_is_own))
		return;
	const struct fact *yes = accepted_at_another(b, no);
	if (yes == NULL)
		return;
	judgement_fits(j, ABOUT_REGISTER, STRENGTH_WIRE, false);
	judgement_text(j,
		       "%s refuses the phone and %s takes it; it has the default file: "
		       "auto-registration seems to be on at one of them only.",
		       ip4_format(no->peer.ip, bad), ip4_format(yes->peer.ip, good));
	judgement_decide(j, "the auto-registration settings of both nodes and of their group");
	judgement_evidence(j, no);
	judgement_evidence(j, yes);
}

/* the record has come to one node and not to the other. */
void rule_replication(const struct boot_view *b, struct judgement *j)
{
	const struct fact *no = database_refusal(b);
	char bad[IP4_TEXT_SIZE];
	char good[IP4_TEXT_SIZE];

	if (refused_plainly(b, j) || no == NULL || !delivered(b, boot_file_is_own))
		return;
	const struct fact *yes = accepted_at_another(b, no);
	if (yes == NULL)
		return;
	judgement_fits(j, ABOUT_REGISTER, STRENGTH_WIRE, false);
	judgement_text(j, "%s does not know the phone and %s does.", ip4_format(no->peer.ip, bad),
		       ip4_format(yes->peer.ip, good));
	judgement_decide(j, "the replication state of that node's database");
	judgement_evidence(j, no);
	judgement_evidence(j, yes);
}

/* F-11. */
void rule_wrong_model(const struct boot_view *b, struct judgement *j)
{
	const struct fact *reg = boot_register(b);
	char model[24] = "";

	if (!refused_plainly(b, j))
		return;
	if (reg != NULL && reg->number != 0)
		(void)phone_type_name(reg->number, model, sizeof model);
	judgement_text(j, "the record names another model than the phone is%s%s%s.",
		       model[0] != 0 ? " (it says it is a " : "", model, model[0] != 0 ? ")" : "");
	judgement_remedy(j, "Delete the record and add the phone again as %s.",
			 model[0] != 0 ? model : "the model on its back");
}

/* F-12. */
void rule_wrong_mac(const struct boot_view *b, struct judgement *j)
{
	const struct fact *word = NULL;
	const struct fact *record = boot_last(b, FACT_SERVER_NO_RECORD);
	char name[128] = "";
	enum word_match match = refused_for(b, RULE_WRONG_MAC, &word);
	const struct fact *no = boot_refused(b);

	/* Our reject text alone names the row, not the record, so as not to tell strangers. */
	if (match != WORD_SURELY && (no == NULL || record == NULL || record->text[0] == 0))
		return;
	if (word != NULL)
		(void)clean_text(word->name, name);
	if (name[0] == 0 && record != NULL)
		(void)clean_text(record->text, name);
	/* That the phone has no record is certain; that this one was meant for it is not. */
	judgement_fits(j, ABOUT_REGISTER, STRENGTH_WORD, false);
	judgement_text(j,
		       "the phone is not in the database, but a record that never had a phone "
		       "differs by a digit or two%s%s: its MAC was probably mistyped.",
		       name[0] != 0 ? ": " : "", name);
	judgement_remedy(j, "Read the MAC from the phone's own menu and correct the record%s%s.",
			 name[0] != 0 ? " " : "", name);
	refusal_evidence(b, word, j);
	judgement_decide(j, "the MAC in the phone's own menu, or on its box");
}

/* it came in by itself while a record waits. */
void rule_auto_not_typed(const struct boot_view *b, struct judgement *j)
{
	const struct fact *record = boot_last(b, FACT_SERVER_RECORD);
	const struct fact *near = boot_last(b, FACT_SERVER_NO_RECORD);
	char name[128];

	if (record == NULL || record->value[1] != 1 || near == NULL || near->text[0] == 0 ||
	    !boot_is_registered(b))
		return;
	judgement_fits(j, ABOUT_PLACE, STRENGTH_WORD, false);
	judgement_text(j,
		       "the phone registered itself, while the record %s, which never had a phone, "
		       "differs by a digit or two.",
		       clean_text(near->text, name));
	judgement_decide(j, "the MAC in the phone's own menu");
	judgement_evidence(j, record);
	judgement_evidence(j, near);
}

static const char *protocol_of(const struct fact *reg)
{
	return reg->kind == FACT_SIP_REGISTER ? "SIP" : "SCCP";
}

/* F-10: its file says one protocol, it speaks the other. */
void rule_wrong_protocol(const struct boot_view *b, struct judgement *j)
{
	const struct fact *reg = boot_register(b);
	const struct fact *file = boot_file(b, FACT_CONFIG_READ, boot_file_is_own);

	if (refused_plainly(b, j) || reg == NULL || file == NULL || file->text[0] == 0 ||
	    boot_accepted(b) != NULL || strcasecmp(file->text, protocol_of(reg)) == 0)
		return;
	judgement_fits(j, ABOUT_REGISTER, STRENGTH_WIRE, true);
	judgement_text(j, "the phone registers by %s although its file says %s.", protocol_of(reg),
		       strcasecmp(file->text, "SIP") == 0 ? "SIP" : "SCCP");
	judgement_evidence(j, file);
	refusal_evidence(b, NULL, j);
}

/* An address this phone spoke from or was given, in this boot or one before. */
static bool was_its_own(const struct boot_view *b, struct ip4 ip)
{
	BOOT_EACH_EVER(f, b)
	{
		bool given = f->kind == FACT_DHCP_ACK && ip4_equal(f->dhcp.yiaddr, ip);
		if (given || (fact_row(f->kind)->family != FAMILY_SERVER && ip4_equal(f->ip, ip)))
			return true;
	}
	return false;
}

/* F-13: the server says so, or two hardware addresses take turns. That the server closed an older
 * connection of this name (code 16) says nothing: a phone whose power was cut comes back before its
 * old connection is known to be dead. */
void rule_name_twice(const struct boot_view *b, struct judgement *j)
{
	const struct fact *word = boot_last(b, FACT_SERVER_DUPLICATE_DEVICE);
	const struct fact *reg = boot_register(b);
	struct mac other;
	char ip[IP4_TEXT_SIZE];
	char mac[MAC_TEXT_SIZE];
	bool refused = refused_plainly(b, j);

	if (word != NULL) {
		/* One hardware address at two places is a clone at most. */
		bool itself = was_its_own(b, word->peer.ip);
		judgement_fits(j, ABOUT_REGISTER, STRENGTH_WORD, !itself);
		judgement_text(j, "its device name is registered from %s as well%s.",
			       ip4_format(word->peer.ip, ip),
			       itself ? ", an address this phone has had itself" : "");
		judgement_decide(j, "whose MAC answers at that address now?");
		judgement_evidence(j, word);
	} else if (!refused && reg != NULL && b->timeline != NULL &&
		   timeline_name_shared(b->timeline, reg->name, b->mac, &other)) {
		judgement_fits(j, ABOUT_REGISTER, STRENGTH_WIRE, true);
		judgement_text(j, "another phone, MAC %s, registers under the same name in turn.",
			       mac_format(other, mac));
		judgement_evidence(j, reg);
	}
}

/* */
void rule_line_unknown(const struct boot_view *b, struct judgement *j)
{
	const struct fact *no = boot_refused(b);
	char dn[128];

	if (!refused_plainly(b, j))
		return;
	if (no != NULL && no->kind == FACT_SIP_REFUSED && !delivered(b, boot_file_is_own) &&
	    !j->proved)
		j->fits = false; /* no file of its own: it is the phone that is unknown */
	const struct fact *reg = boot_last(b, FACT_SIP_REGISTER);
	if (reg != NULL && reg->text[0] != 0)
		judgement_text(j, "the server does not know the line %s the phone registers.",
			       clean_text(reg->text, dn));
}

/* credentials, and still 401. One 401 a REGISTER is how digest begins. */
void rule_digest_wrong(const struct boot_view *b, struct judgement *j)
{
	size_t n = 0;
	const struct fact *last = NULL;

	BOOT_EACH(f, b)
	{
		if (f->kind == FACT_SIP_REGISTERED) {
			n = 0;
		} else if (f->kind == FACT_SIP_CHALLENGED && f->value[2] == 1 && f->value[1] == 0) {
			n++;
			last = f;
			judgement_evidence(j, f);
		}
	}
	/* Some servers say 403 to a wrong password, without a word about why. */
	const struct fact *no = boot_refused(b);
	const struct fact *reg = no != NULL ? boot_before(b, no, FACT_SIP_REGISTER) : NULL;
	bool forbidden = forbidden_with_credentials(b, no);
	if ((last == NULL || boot_accepted(b) > last || n < 2) && !forbidden)
		return;
	judgement_fits(j, ABOUT_REGISTER, STRENGTH_WORD, n >= 2);
	judgement_evidence(j, forbidden ? reg : NULL);
	if (n >= 2)
		judgement_text(
		    j, "%zu REGISTERs with credentials answered %u: the password is not accepted.",
		    n, last->number);
	else
		judgement_text(j, "a REGISTER with credentials is forbidden: the password is "
				  "probably wrong, or the server does not know the user.");
	judgement_decide(j, "a second attempt with credentials");
	judgement_evidence(j, no);
}

/* Token requests in a row, each refused and repeated within a minute. */
static size_t token_rounds(const struct boot_view *b, struct judgement *j)
{
	const struct fact *last = NULL;
	const struct fact *no = NULL;
	size_t rounds = 0;

	BOOT_EACH(f, b)
	{
		if (f->kind == FACT_SCCP_TOKEN_REQ) {
			bool soon = last != NULL && no != NULL && f->at - last->at < TOKEN_WITHIN;
			rounds = soon ? rounds + 1 : 1;
			last = f;
			no = NULL;
		} else if (f->kind == FACT_SCCP_TOKEN_REJECT) {
			no = f;
			if (j != NULL)
				judgement_evidence(j, f);
		} else if (f->kind == FACT_SCCP_REGISTER_ACK || f->kind == FACT_SCCP_TOKEN_ACK) {
			rounds = 0;
		}
	}
	return rounds;
}

/* K-15: token, no, close, and again at once. */
void rule_token_loop(const struct boot_view *b, struct judgement *j)
{
	size_t rounds = token_rounds(b, j);

	if (rounds < LOOP_ROUNDS)
		return;
	judgement_fits(j, ABOUT_REGISTER, STRENGTH_WORD, true);
	judgement_text(j, "%zu token requests, each refused and repeated within a minute.", rounds);
}

/* asked to wait, and waiting. */
void rule_server_not_ready(const struct boot_view *b, struct judgement *j)
{
	const struct fact *no = boot_refused(b);
	const struct fact *token = boot_last(b, FACT_SCCP_TOKEN_REJECT);

	if (boot_is_registered(b))
		return;
	if (no != NULL && words_refusal(no, RULE_SERVER_NOT_READY) == WORD_SURELY) {
		judgement_fits(j, ABOUT_REGISTER, STRENGTH_WORD, true);
		judgement_text(j, "the server answers %u: not ready, come back later.", no->number);
		judgement_evidence(j, no);
	} else if (token != NULL && boot_accepted(b) < token &&
		   boot_after(b, token, FACT_SCCP_TOKEN_ACK) == NULL &&
		   token_rounds(b, NULL) < LOOP_ROUNDS && b->now - token->at > NOT_READY_LEAST) {
		judgement_fits(j, ABOUT_REGISTER, STRENGTH_WORD, true);
		judgement_text(j, "the server refuses the phone's token and asks it to wait %u s.",
			       token->number);
		judgement_evidence(j, token);
	}
}

/* said by the server; or refused, with a version nobody knows. */
void rule_protocol_version(const struct boot_view *b, struct judgement *j)
{
	const struct fact *reg = boot_last(b, FACT_SCCP_REGISTER);

	if (refused_plainly(b, j))
		return;
	if (reg == NULL || boot_refused(b) == NULL || reg->value[0] <= VERSION_MOST)
		return;
	judgement_fits(j, ABOUT_REGISTER, STRENGTH_WIRE, false);
	judgement_text(j, "refused, with SCCP version %u.", reg->value[0]);
	refusal_evidence(b, NULL, j);
}

void rule_devices_max(const struct boot_view *b, struct judgement *j)
{
	(void)refused_plainly(b, j);
}

/* K-12. */
void rule_throttled(const struct boot_view *b, struct judgement *j)
{
	const struct fact *flood = boot_last(b, FACT_SCCP_FLOOD);
	const struct fact *gone = boot_last(b, FACT_SERVER_GONE);
	bool says = gone != NULL && words_gone_is(gone->number, RULE_THROTTLED);

	if (flood == NULL && !says)
		return;
	judgement_fits(j, ABOUT_DROP, says ? STRENGTH_WORD : STRENGTH_WIRE, true);
	if (flood != NULL)
		judgement_text(j, "the phone sends %u messages in five seconds.", flood->number);
	judgement_evidence(j, flood);
	judgement_evidence(j, gone);
}
