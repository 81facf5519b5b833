/* The smaller files: the old binary form, rings, dial rules, soft keys. */
#include "cnf/render_internal.h"

#include "base/error.h"
#include "model/record.h"

#include <stdio.h>

/* The one known specimen (reference: boot 6.7): everything but address, port and URL is repeated as
 * it stands there. */
static const uint8_t binary_front[] = {0x01, 0x01, 0x00, 0x01, 0x02};
static const uint8_t binary_before_port[] = {0x01, 0x03};
static const uint8_t binary_before_url[] = {0x04, 0x07, 0x00};
static const uint8_t binary_end[] = {0x00, 0x00, 0x00, 0x01, 0xff}; /* the URL's NUL first */

int cnf_binary_render(const struct provision *p, struct buf *to)
{
	const struct provision_server *s = &p->server[0];
	uint8_t port[4] = {(uint8_t)s->sccp_port, (uint8_t)(s->sccp_port >> 8)};
	char ip[IP4_TEXT_SIZE];

	if (p->servers == 0 || ip4_is_zero(s->ip))
		return E_BAD_VALUE;
	buf_append(to, slice_of(binary_front, sizeof binary_front));
	buf_append(to, slice_of(s->ip.b, sizeof s->ip.b));
	buf_append(to, slice_of(binary_before_port, sizeof binary_before_port));
	buf_append(to, slice_of(port, sizeof port));
	buf_append(to, slice_of(binary_before_url, sizeof binary_before_url));
	buf_printf(to, "http://%s/directory", ip4_format(s->ip, ip));
	buf_append(to, slice_of(binary_end, sizeof binary_end));
	return buf_error(to);
}

/* "Old_Telephone.raw" is shown as "Old Telephone". */
static void ring_title(const char *file, char *to, size_t size)
{
	const char *dot = strrchr(file, '.');
	size_t len = dot != NULL ? (size_t)(dot - file) : strlen(file);

	(void)text_copy_slice(to, size, slice_of(file, len));
	for (char *c = to; *c != 0; c++) {
		if (*c == '_')
			*c = ' ';
	}
}

int cnf_rings_render(const struct cnf_ring *rings, size_t count, struct buf *to)
{
	buf_text(to, CNF_DECLARATION "<CiscoIPPhoneRingList>\n");
	for (size_t i = 0; i < count; i++) {
		char title[sizeof rings->file];
		ring_title(rings[i].file, title, sizeof title);
		cnf_open(to, "Ring");
		cnf_put(to, "DisplayName", title);
		cnf_put(to, "FileName", rings[i].file);
		cnf_close(to, "Ring");
	}
	cnf_close(to, "CiscoIPPhoneRingList");
	return buf_error(to);
}

/* One rule for every number: it is whole five seconds after its last digit. What numbers a site has
 * the phone need not know: the server answers at once when a number is complete. */
int cnf_dial_plan_render(const struct provision *p, bool old, struct buf *to)
{
	buf_text(to, CNF_DECLARATION);
	if (old) {
		buf_text(to, "<DIALTEMPLATE>\n<TEMPLATE MATCH=\"*\" TIMEOUT=\"5\" "
			     "User=\"Phone\"/>\n</DIALTEMPLATE>\n");
		return buf_error(to);
	}
	buf_printf(to,
		   "<dialTemplate>\n<versionStamp>{dialplan-%llu}</versionStamp>\n"
		   "<TEMPLATE match=\"*\" timeout=\"5\"/>\n</dialTemplate>\n",
		   (unsigned long long)p->stamp);
	return buf_error(to);
}

int cnf_app_dial_rules_render(struct buf *to)
{
	buf_text(to, CNF_DECLARATION "<DialRules>\n</DialRules>\n");
	return buf_error(to);
}

/* The sets in the order of SCCP's, by the names that files give them. */
static const char *const set_names[SOFTKEY_SETS] = {
    "On Hook",
    "Connected",
    "On Hold",
    "Ring In",
    "Off Hook",
    "Connected Transfer",
    "Digits After First",
    "Connected Conference",
    "Ring Out",
    "Off Hook With Feature",
    NULL, /* in use elsewhere: only SCCP knows it */
};

#define KEY_EVENTS   64
#define KEY_HELP     300 /* a key's help text stands 300 above its event */
#define KEY_OFF_NAME "Undefined"

static const char *key_name(int event)
{
	const char *word = event > 0 ? record_softkey_word(event) : NULL;

	return word != NULL ? word : KEY_OFF_NAME;
}

static void put_key_definition(struct buf *to, int event)
{
	buf_printf(to, "<softKeyDef keyID=\"%s\">\n", key_name(event));
	cnf_put_number(to, "tag", record_softkey_label(event));
	cnf_put_number(to, "eventID", (unsigned)event);
	cnf_put_number(to, "helpID", event > 0 ? KEY_HELP + (unsigned)event : 0);
	cnf_close(to, "softKeyDef");
}

/* Each key that stands in some set, once; the empty position first. */
static void put_key_definitions(struct buf *to, const struct provision *p)
{
	bool used[KEY_EVENTS] = {true};

	for (size_t set = 0; set < SOFTKEY_SETS; set++) {
		for (size_t i = 0; i < SOFTKEY_SET_KEYS_MAX; i++) {
			if (p->softkey[set][i] < KEY_EVENTS)
				used[p->softkey[set][i]] = true;
		}
	}
	cnf_open(to, "typeSoftKey");
	for (int event = 0; event < KEY_EVENTS; event++) {
		if (used[event])
			put_key_definition(to, event);
	}
	cnf_close(to, "typeSoftKey");
}

/* Empty positions count up to the last key; behind it they are none. */
static void put_set(struct buf *to, const char *name, const uint8_t keys[SOFTKEY_SET_KEYS_MAX])
{
	size_t count = SOFTKEY_SET_KEYS_MAX;

	while (count > 0 && keys[count - 1] == 0)
		count--;
	buf_printf(to, "<softKeySet id=\"%s\">\n", name);
	for (size_t i = 0; i < count; i++)
		buf_printf(to, "<softKey keyID=\"%s\"/>\n", key_name(keys[i]));
	cnf_close(to, "softKeySet");
}

int cnf_softkeys_render(const struct provision *p, struct buf *to)
{
	buf_printf(to,
		   CNF_DECLARATION "<softKeyCfg>\n<versionStamp>{softkeys-%llu}</versionStamp>\n",
		   (unsigned long long)p->stamp);
	put_key_definitions(to, p);
	cnf_open(to, "softKeySets");
	for (size_t set = 0; set < SOFTKEY_SETS; set++) {
		if (set_names[set] != NULL)
			put_set(to, set_names[set], p->softkey[set]);
	}
	cnf_close(to, "softKeySets");
	cnf_close(to, "softKeyCfg");
	return buf_error(to);
}
