/* Which records can be served: one check a kind. */
#include "model/record.h"

#include "base/error.h"
#include "base/text.h"
#include "model/phone_type.h"

static char why_text[160];

static int refuse(const char **ret_why, const char *why)
{
	*ret_why = why;
	return E_BAD_VALUE;
}

static int refuse_word(const char **ret_why, const char *what, const char *word)
{
	(void)snprintf(why_text, sizeof why_text, "there is no %s \"%s\"", what, word);
	return refuse(ret_why, why_text);
}

bool record_list_next(const char *list, size_t *at, char *to, size_t size)
{
	static const char separators[] = ", ";

	*at += strspn(list + *at, separators);
	size_t len = strcspn(list + *at, separators);
	(void)text_copy_slice(to, size, slice_of(list + *at, len));
	*at += len;
	return len > 0;
}

/* Names stand in paths, files and on command lines. */
static bool is_name(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789-_.";

	return name[0] != 0 && name[0] != '-' && name[0] != '.' && name[strspn(name, letters)] == 0;
}

static bool is_number(const char *number)
{
	return number[strspn(number, "0123456789*#+")] == 0;
}

/* An IPv4 address or a host name. */
static bool is_host(const char *address)
{
	struct ip4 ip;

	if (address[strspn(address, "0123456789.")] == 0)
		return ip4_parse(address, &ip) == 0 && !ip4_is_zero(ip);
	return is_name(address);
}

static int check_node(struct callmanager_node *node, const char **ret_why)
{
	if (!is_host(node->address))
		return refuse(ret_why, "\"address\" must be the CallManager's IPv4 address or "
				       "host name");
	return node->sccp_port <= UINT16_MAX ? 0 : refuse(ret_why, "there is no such port");
}

static int check_group(struct callmanager_group *group, const char **ret_why)
{
	char name[RECORD_NAME_SIZE];
	size_t at = 0;
	size_t count = 0;

	while (record_list_next(group->nodes, &at, name, sizeof name)) {
		count++;
		if (!is_name(name))
			return refuse_word(ret_why, "node", name);
	}
	if (count == 0 || count > GROUP_NODES_MAX)
		return refuse(ret_why, "\"nodes\" must name one to three CallManagers, the "
				       "preferred one first");
	return 0;
}

/* D, M and Y in any order between '/', '-' or '.', and A for the 12-hour clock (reference:
 * sccp 4.3). */
static bool is_date_template(const char *text)
{
	size_t len = strlen(text);

	if (len == 0)
		return true;
	if (len < 5 || len > 6 || (len == 6 && text[5] != 'A'))
		return false;
	bool letters = strchr("DMY", text[0]) != NULL && strchr("DMY", text[2]) != NULL &&
		       strchr("DMY", text[4]) != NULL;
	bool different = text[0] != text[2] && text[2] != text[4] && text[0] != text[4];
	return letters && different && strchr("/-.", text[1]) != NULL && text[1] == text[3];
}

static int check_pool(struct device_pool *pool, const char **ret_why)
{
	if (!is_date_template(pool->date_template))
		return refuse(
		    ret_why, "\"date_template\" must be like D/M/Y, M-D-YA or Y.M.D (A: 12 hours)");
	if (pool->utc_offset_min < -14 * 60 || pool->utc_offset_min > 14 * 60)
		return refuse(ret_why, "\"utc_offset_min\" must be within 14 hours");
	if (pool->monitor_s < 10 || pool->monitor_s > 3600)
		return refuse(ret_why, "\"monitor_s\" must be between 10 and 3600 seconds");
	return 0;
}

static int check_line(struct line *line, const char **ret_why)
{
	if (!is_number(line->dn))
		return refuse(ret_why, "a directory number consists of digits, *, # and +");
	if (!is_number(line->forward_all) || !is_number(line->forward_busy) ||
	    !is_number(line->forward_no_answer))
		return refuse(ret_why, "calls are forwarded to a number: digits, *, # and +");
	return 0;
}

static int check_defaults(struct device_defaults *defaults, const char **ret_why)
{
	const struct phone_type *type = phone_type_find_model(defaults->model);

	if (type == NULL)
		return refuse_word(ret_why, "model", defaults->model);
	(void)text_copy(defaults->model, sizeof defaults->model, type->model);
	return 0;
}

static int check_buttons(struct button_template *buttons, const char **ret_why)
{
	char word[RECORD_NAME_SIZE];
	size_t at = 0;
	size_t count = 0;

	for (; record_list_next(buttons->layout, &at, word, sizeof word); count++) {
		if (record_button_find(word) < 0)
			return refuse_word(ret_why, "button", word);
	}
	if (count == 0 || count > 42)
		return refuse(ret_why, "\"layout\" must name one to 42 buttons, top to bottom");
	return 0;
}

static int check_softkeys(struct softkey_template *softkeys, const char **ret_why)
{
	char word[RECORD_NAME_SIZE];

	for (size_t i = 0; i < SOFTKEY_SETS; i++) {
		size_t at = 0;
		size_t count = 0;
		for (; record_list_next(softkeys->set[i], &at, word, sizeof word); count++) {
			if (record_softkey_find(word) < 0)
				return refuse_word(ret_why, "soft key", word);
		}
		if (count > SOFTKEY_SET_KEYS_MAX)
			return refuse(ret_why, "a situation has at most 16 soft keys");
	}
	return 0;
}

int record_check(enum record_kind kind, union record *record, const char **ret_why)
{
	*ret_why = "";
	if (!is_name(record->key) && kind != RECORD_LINE && kind != RECORD_DEFAULTS)
		return refuse(ret_why, "a name consists of letters, digits, '-', '_' and '.'");
	if (record->key[0] == 0)
		return refuse(ret_why, "a record needs its name");
	switch (kind) {
	case RECORD_NODE:
		return check_node(&record->node, ret_why);
	case RECORD_GROUP:
		return check_group(&record->group, ret_why);
	case RECORD_POOL:
		return check_pool(&record->pool, ret_why);
	case RECORD_LINE:
		return check_line(&record->line, ret_why);
	case RECORD_DEFAULTS:
		return check_defaults(&record->defaults, ret_why);
	case RECORD_BUTTONS:
		return check_buttons(&record->buttons, ret_why);
	case RECORD_SOFTKEYS:
		return check_softkeys(&record->softkeys, ret_why);
	case RECORD_SUBNET:
		return subnet_check(&record->subnet, ret_why);
	case RECORD_PHONE: /* the registrar checks a phone's */
	case RECORD_KINDS:
		break;
	}
	return 0;
}

struct word {
	const char *word;
	uint8_t number, label;
};

static const struct word button_words[] = {
#define B(word, definition) {word, definition, 0},
#include "model/button_words.def"
#undef B
};

static const struct word softkey_words[] = {
#define K(word, event, label) {word, event, label},
#include "model/softkey_words.def"
#undef K
};
#define SOFTKEY_WORDS (sizeof softkey_words / sizeof *softkey_words)

int record_button_find(const char *word)
{
	for (size_t i = 0; i < sizeof button_words / sizeof *button_words; i++) {
		if (strcmp(button_words[i].word, word) == 0)
			return button_words[i].number;
	}
	return -1;
}

int record_softkey_find(const char *word)
{
	for (size_t i = 0; i < SOFTKEY_WORDS; i++) {
		if (strcmp(softkey_words[i].word, word) == 0)
			return softkey_words[i].number;
	}
	return -1;
}

static const struct word *softkey_of(int event)
{
	for (size_t i = 0; i < SOFTKEY_WORDS; i++) {
		if (softkey_words[i].number == event)
			return &softkey_words[i];
	}
	return NULL;
}

const char *record_softkey_word(int event)
{
	const struct word *word = softkey_of(event);

	return word != NULL ? word->word : NULL;
}

uint8_t record_softkey_label(int event)
{
	const struct word *word = softkey_of(event);

	return word != NULL ? word->label : 0;
}
