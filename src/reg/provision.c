/* What one phone gets: its record, else its model's defaults, else its pool, else the server's
 * settings.
 *
 * The stamp is the newest version of everything that was looked at, out of the one counter all
 * records share: it changes exactly when something looked at did. */
#include "reg/reg_internal.h"

#include "base/text.h"
#include "model/phone_type.h"

#include <stddef.h>

#define SCCP_PORT_USUAL 2000

/* The keys of a CallManager 4.x, in its sets and order, by their events (reference: sccp 4.11;
 * model/softkey_words.def). */
static const uint8_t standard_softkeys[SOFTKEY_SETS][SOFTKEY_SET_KEYS_MAX] = {
    {1, 2, 5},             /* on hook: redial newcall cfwdall */
    {3, 9, 4, 14, 13, 15}, /* connected: hold endcall transfer park confrn join */
    {10, 2, 15},           /* on hold: resume newcall join */
    {11},                  /* ringing in: answer */
    {1, 9, 5, 17, 18, 16}, /* off hook: redial endcall cfwdall pickup gpickup meetme */
    {0, 9, 4},             /* transfer pending: endcall transfer */
    {8, 9},                /* digits: backspace endcall */
    {0, 9, 13},            /* conference pending: endcall confrn */
    {0, 9},                /* ringing out: endcall */
    {1, 9},                /* off hook with features: redial endcall */
    {0},                   /* remote in use */
};

/* Of button_words.def. */
#define BUTTON_LINE       9
#define BUTTON_SPEED_DIAL 2
#define BUTTON_NONE       255

/* Models whose keys are not a column of lines and speed dials (reference: sccp 8.1, and the genuine
 * template K04 of tests/data/sccp-golden.tsv). */
static const struct {
	uint32_t type;
	const char *layout;
} standard_buttons[] = {
    {1, "line,line,line,line,park,redial,none,speeddial,speeddial,speeddial,speeddial,speeddial,"
	"voicemail,forwardall,conference,none,none,none,none,none,speeddial,speeddial,speeddial,"
	"speeddial,aec"},
    {2, "line,line,speeddial,speeddial,speeddial,speeddial,hold,redial,transfer,forwardall,park,"
	"voicemail"},
    {3, "line,line,speeddial,speeddial,speeddial,speeddial,hold,redial,transfer,forwardall,park,"
	"voicemail"},
    {4, "line,line,speeddial,speeddial,speeddial,speeddial,hold,redial,transfer,forwardall,park,"
	"voicemail"},
    {5, "line,line,line,line,park,redial,none,speeddial,speeddial,speeddial,speeddial,speeddial,"
	"voicemail,forwardall,conference,none,none,none,none,none,speeddial,speeddial,speeddial,"
	"speeddial,aec"},
    {6, "line,hold,transfer,display,voicemail,conference,forwardall,speeddial,speeddial,redial"},
    {348, "line,speeddial,speeddial,speeddial,speeddial,speeddial,speeddial,speeddial,speeddial,"
	  "speeddial,speeddial,speeddial,speeddial,speeddial,speeddial,speeddial,speeddial,"
	  "speeddial,speeddial,speeddial,messages,directory,headset,application"},
    {20000, "line,hold,speeddial,speeddial,speeddial,speeddial,speeddial,speeddial,speeddial,"
	    "speeddial,speeddial"},
    {30007, "line,speeddial,speeddial,speeddial,speeddial,hold,none"},
};

/* While it is put together: what a look-up found, and the newest version seen. */
struct making {
	const struct reg *r;
	struct provision *p;
	const struct device *device;            /* NULL: no record */
	const struct phone_type *type;          /* NULL: no model that is known */
	const struct device_defaults *defaults; /* NULL: none for this model */
	const struct device_pool *pool;         /* NULL: none */
};

static void see(struct making *m, uint64_t version)
{
	if (version > m->p->stamp)
		m->p->stamp = version;
}

static const union record *look(struct making *m, enum record_kind kind, const char *key)
{
	const union record *record = key[0] != 0 ? reg_record_find(m->r, kind, key) : NULL;

	if (record != NULL)
		see(m, record_version(kind, record));
	return record;
}

/* The first text that says something. */
static const char *first_of(const char *a, const char *b, const char *c)
{
	return a[0] != 0 ? a : b[0] != 0 ? b : c;
}

static void add_server(struct provision *p, const char *name, const char *address, uint32_t port)
{
	struct provision_server *s = &p->server[p->servers++];

	(void)text_copy(s->name, sizeof s->name, name);
	(void)text_copy(s->address, sizeof s->address, address);
	if (ip4_parse(address, &s->ip) != 0)
		s->ip = ip4_of(0);
	s->sccp_port = port != 0 ? (uint16_t)port : SCCP_PORT_USUAL;
}

static void add_this_server(struct provision *p, const struct settings *s)
{
	char ip[IP4_TEXT_SIZE];

	(void)ip4_format(ip4_is_zero(s->callmanager_ip) ? s->server_ip : s->callmanager_ip, ip);
	add_server(p, s->server_name, ip, s->sccp_port);
}

static void put_servers(struct making *m)
{
	const union record *group = m->pool != NULL ? look(m, RECORD_GROUP, m->pool->group) : NULL;
	char name[RECORD_NAME_SIZE];
	size_t at = 0;

	while (group != NULL && m->p->servers < PROVISION_SERVERS_MAX &&
	       record_list_next(group->group.nodes, &at, name, sizeof name)) {
		const union record *node = look(m, RECORD_NODE, name);
		if (node != NULL)
			add_server(m->p, node->node.name, node->node.address, node->node.sccp_port);
	}
	if (m->p->servers == 0)
		add_this_server(m->p, &m->r->settings);
}

static void put_place(struct making *m)
{
	static const struct device_pool none = {.monitor_s = 120};
	const struct device_pool *pool = m->pool != NULL ? m->pool : &none;
	const struct settings *s = &m->r->settings;
	struct provision *p = m->p;

	(void)text_copy(p->pool, sizeof p->pool, pool->name);
	p->srst = pool->srst;
	p->monitor_s = pool->monitor_s;
	(void)text_copy(p->date_template, sizeof p->date_template,
			first_of(pool->date_template, s->date_template, ""));
	(void)text_copy(p->time_zone, sizeof p->time_zone,
			first_of(pool->time_zone, s->time_zone, ""));
	p->utc_offset_s = pool->time_zone[0] != 0 ? pool->utc_offset_min * 60 : s->utc_offset_s;
	(void)text_copy(p->user_locale, sizeof p->user_locale,
			first_of(pool->user_locale, "English_United_States", ""));
	(void)text_copy(p->network_locale, sizeof p->network_locale,
			first_of(pool->network_locale, "United_States", ""));
}

static void add_line(struct making *m, const char *dn, const char *own_label)
{
	struct provision *p = m->p;

	if (dn[0] == 0 || p->lines == PROVISION_LINES_MAX)
		return;
	static const struct line none;
	const union record *record = look(m, RECORD_LINE, dn);
	const struct line *line = record != NULL ? &record->line : &none;
	struct provision_line *to = &p->line[p->lines++];
	(void)text_copy(to->dn, sizeof to->dn, dn);
	(void)text_copy(to->label, sizeof to->label, first_of(own_label, line->label, dn));
	(void)text_copy(to->display, sizeof to->display,
			first_of(line->display, own_label, to->label));
	(void)text_copy(to->forward_all, sizeof to->forward_all, line->forward_all);
	(void)text_copy(to->forward_busy, sizeof to->forward_busy, line->forward_busy);
	(void)text_copy(to->forward_no_answer, sizeof to->forward_no_answer,
			line->forward_no_answer);
}

/* "1234=Anna,1235=Bob Smith": a name may hold spaces, so that only commas part them. */
static void put_speed_dials(struct provision *p, const char *list)
{
	while (list[0] != 0 && p->speed_dials < PROVISION_SPEED_DIALS_MAX) {
		size_t len = strcspn(list, ",");
		size_t number = strcspn(list, "=,");
		struct provision_speed_dial *to = &p->speed_dial[p->speed_dials];
		(void)text_copy_slice(to->number, sizeof to->number, slice_of(list, number));
		(void)text_copy_slice(to->label, sizeof to->label,
				      number < len ? slice_of(list + number + 1, len - number - 1)
						   : slice_of(list, number));
		p->speed_dials += to->number[0] != 0;
		list += len + (list[len] == ',');
	}
}

static void put_numbers(struct making *m)
{
	char dn[DEVICE_DN_SIZE];
	size_t at = 0;

	if (m->device == NULL)
		return;
	add_line(m, m->device->dn, m->device->label);
	while (record_list_next(m->device->lines, &at, dn, sizeof dn))
		add_line(m, dn, "");
	put_speed_dials(m->p, m->device->speed_dials);
}

static void add_button(struct provision *p, int definition)
{
	uint8_t instance = 1;

	if (p->buttons == PROVISION_BUTTONS_MAX)
		return;
	for (size_t i = 0; i < p->buttons; i++)
		instance = (uint8_t)(instance + (p->button[i].definition == definition));
	p->button[p->buttons++] = (struct provision_button){
	    (uint8_t)definition, definition == BUTTON_NONE ? 0 : instance};
}

static void put_layout(struct provision *p, const char *layout)
{
	char word[RECORD_NAME_SIZE];
	size_t at = 0;

	while (record_list_next(layout, &at, word, sizeof word)) {
		int definition = record_button_find(word);
		add_button(p, definition >= 0 ? definition : BUTTON_NONE);
	}
}

/* A column of lines, then speed dials, then nothing. */
static void put_column(struct provision *p, size_t buttons)
{
	size_t lines = p->lines > 0 ? p->lines : 1;

	for (size_t i = 0; i < buttons; i++) {
		if (i < lines)
			add_button(p, BUTTON_LINE);
		else if (i < lines + p->speed_dials)
			add_button(p, BUTTON_SPEED_DIAL);
		else
			add_button(p, BUTTON_NONE);
	}
}

#define BUTTONS_UNKNOWN 6

static void put_buttons(struct making *m)
{
	const struct phone_type *type = m->type;
	const char *name = first_of(m->device != NULL ? m->device->buttons : "",
				    m->defaults != NULL ? m->defaults->buttons : "", "");
	const union record *template = look(m, RECORD_BUTTONS, name);

	if (template != NULL) {
		put_layout(m->p, template->buttons.layout);
		return;
	}
	for (size_t i = 0; i < sizeof standard_buttons / sizeof *standard_buttons; i++) {
		if (standard_buttons[i].type == m->p->type) {
			put_layout(m->p, standard_buttons[i].layout);
			return;
		}
	}
	put_column(m->p, type != NULL && type->buttons > 0 ? type->buttons : BUTTONS_UNKNOWN);
}

static void put_softkey_set(uint8_t to[SOFTKEY_SET_KEYS_MAX], const char *list)
{
	char word[RECORD_NAME_SIZE];
	size_t at = 0;

	for (size_t i = 0;
	     i < SOFTKEY_SET_KEYS_MAX && record_list_next(list, &at, word, sizeof word); i++) {
		int event = record_softkey_find(word);
		to[i] = event > 0 ? (uint8_t)event : 0;
	}
}

static void put_softkeys(struct making *m)
{
	const char *name = first_of(m->device != NULL ? m->device->softkeys : "",
				    m->defaults != NULL ? m->defaults->softkeys : "",
				    m->pool != NULL ? m->pool->softkeys : "");
	const union record *template = look(m, RECORD_SOFTKEYS, name);

	if (template == NULL) {
		memcpy(m->p->softkey, standard_softkeys, sizeof m->p->softkey);
		return;
	}
	(void)text_copy(m->p->softkeys, sizeof m->p->softkeys, name);
	for (size_t i = 0; i < SOFTKEY_SETS; i++)
		put_softkey_set(m->p->softkey[i], template->softkeys.set[i]);
}

static void find_pool(struct making *m)
{
	const char *name = first_of(m->device != NULL ? m->device->pool : "",
				    m->defaults != NULL ? m->defaults->pool : "", REG_POOL_DEFAULT);
	const union record *pool = look(m, RECORD_POOL, name);

	m->pool = pool != NULL ? &pool->pool : NULL;
}

static void find_defaults(struct making *m)
{
	const union record *defaults =
	    m->type != NULL ? look(m, RECORD_DEFAULTS, m->type->model) : NULL;

	m->defaults = defaults != NULL ? &defaults->defaults : NULL;
}

void reg_provision(const struct reg *r, const char *name, uint32_t type,
		   struct provision *ret_provision)
{
	struct provision *p = ret_provision;
	struct making m = {.r = r, .p = p, .device = reg_device_find(r, name)};

	memset(p, 0, offsetof(struct provision, line));
	p->stamp = r->deleted_version;
	see(&m, r->settings.version);
	p->known = m.device != NULL;
	p->type = type;
	if (m.device != NULL) {
		see(&m, m.device->version);
		(void)text_copy(p->name, sizeof p->name, m.device->name);
		p->type = m.device->type != 0 ? m.device->type : type;
	}
	m.type = phone_type_find(p->type);
	find_defaults(&m);
	find_pool(&m);
	put_servers(&m);
	put_place(&m);
	(void)text_copy(p->load, sizeof p->load,
			first_of(m.device != NULL ? m.device->load : "",
				 m.defaults != NULL ? m.defaults->load : "", ""));
	if (m.device != NULL)
		p->protocol_max = m.device->protocol_max;
	if (p->protocol_max == 0 && m.defaults != NULL)
		p->protocol_max = m.defaults->protocol_max;
	put_numbers(&m);
	put_buttons(&m);
	put_softkeys(&m);
}
