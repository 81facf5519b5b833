/* SEP<MAC>.cnf.xml and XMLDefault.cnf.xml, as CUCM spells and orders their elements.
 *
 * What changes from phone to phone comes from its provision; what differs from model to model from
 * two tables, cnf_families.def and cnf_vendor.def; the rest is what an SCCP phone needs to register
 * and nothing that only a SIP phone reads. A directory number is not here: an SCCP phone gets its
 * lines from the server. */
#include "cnf/render_internal.h"

#include "model/phone_type.h"

#define SRST_PORT          2000
/* A 7925 whose monitor is longer than the keepalive leaves a CallManager that is none of Cisco's
 * again and again; three quarters of it hold (reference: boot 6.3). */
#define MONITOR_WIRELESS_S 22

enum family {
	OLD = 1,
	SMALL = 2,
	TWO_LINE = 4,
	JAVA = 8,
	WIRELESS = 16,
	ROOM = 32,
	SOFT = 64,
	ADAPTER = 128,
	DESK = SMALL | TWO_LINE | JAVA,
};

static const struct {
	uint32_t type;
	enum family family;
} families[] = {
#define F(type, family) {type, family},
#include "cnf/cnf_families.def"
#undef F
};

static const struct {
	const char *name, *value;
	unsigned families;
} vendor_config[] = {
#define V(name, value, families) {#name, value, families},
#include "cnf/cnf_vendor.def"
#undef V
};

static const struct {
	const char *folder, *language, *characters;
} locales[] = {
#define L(folder, language, characters) {folder, language, characters},
#include "cnf/cnf_locales.def"
#undef L
};

struct element {
	const char *name, *value;
};

/* DSCP values stand shifted by two: 96 is CS3. */
static const struct element last_elements[] = {
    {"idleTimeout", "0"},
    {"authenticationURL", ""},
    {"directoryURL", ""},
    {"idleURL", ""},
    {"informationURL", ""},
    {"messagesURL", ""},
    {"proxyServerURL", ""},
    {"servicesURL", ""},
    {"dscpForSCCPPhoneConfig", "96"},
    {"dscpForSCCPPhoneServices", "0"},
    {"dscpForCm2Dvce", "96"},
    {"transportLayerProtocol", "4"},
    {"capfAuthMode", "0"},
    {"certHash", ""},
    {"encrConfig", "false"},
};

bool cnf_model_is_sccp(uint32_t type)
{
	for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
		if (families[i].type == type)
			return true;
	}
	return false;
}

static enum family family_of(uint32_t type)
{
	for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
		if (families[i].type == type)
			return families[i].family;
	}
	return JAVA;
}

static void put_member(struct buf *to, unsigned depth, const struct provision_server *s,
		       unsigned priority)
{
	buf_printf(to, "%*s<member priority=\"%u\">\n", (int)depth, "", priority);
	cnf_open(to, depth + 1, "callManager");
	cnf_put(to, depth + 2, "name", s->name);
	cnf_open(to, depth + 2, "ports");
	cnf_put_number(to, depth + 3, "ethernetPhonePort", s->sccp_port);
	cnf_close(to, depth + 2, "ports");
	cnf_put(to, depth + 2, "processNodeName", s->address);
	cnf_close(to, depth + 1, "callManager");
	cnf_close(to, depth, "member");
}

/* The CallManager group, the first choice first. */
static void put_group(struct buf *to, unsigned depth, const struct provision *p)
{
	cnf_open(to, depth, "callManagerGroup");
	cnf_open(to, depth + 1, "members");
	for (unsigned i = 0; i < p->servers; i++)
		put_member(to, depth + 2, &p->server[i], i);
	cnf_close(to, depth + 1, "members");
	cnf_close(to, depth, "callManagerGroup");
}

static void put_srst(struct buf *to, const struct provision *p)
{
	bool has = !ip4_is_zero(p->srst);
	char ip[IP4_TEXT_SIZE];

	cnf_open(to, 2, "srstInfo");
	cnf_put(to, 3, "name", has ? "SRST" : "Disable");
	cnf_put(to, 3, "srstOption", has ? "Enable" : "Disable");
	cnf_put(to, 3, "userModifiable", "false");
	if (has) {
		cnf_put(to, 3, "ipAddr1", ip4_format(p->srst, ip));
		cnf_put_number(to, 3, "port1", SRST_PORT);
	}
	cnf_put(to, 3, "isSecure", "false");
	cnf_close(to, 2, "srstInfo");
}

static void put_device_pool(struct buf *to, const struct provision *p, enum family family)
{
	uint32_t monitor_s = p->monitor_s;

	if (family == WIRELESS && monitor_s > MONITOR_WIRELESS_S)
		monitor_s = MONITOR_WIRELESS_S;
	cnf_open(to, 1, "devicePool");
	if (p->pool[0] != 0)
		cnf_put(to, 2, "name", p->pool);
	cnf_open(to, 2, "dateTimeSetting");
	cnf_put(to, 3, "dateTemplate", p->date_template);
	cnf_put(to, 3, "timeZone", p->time_zone);
	cnf_close(to, 2, "dateTimeSetting");
	put_group(to, 2, p);
	put_srst(to, p);
	cnf_put_number(to, 2, "connectionMonitorDuration", monitor_s);
	cnf_close(to, 1, "devicePool");
}

static void put_locale(struct buf *to, const struct provision *p)
{
	cnf_open(to, 1, "userLocale");
	cnf_put(to, 2, "name", p->user_locale);
	for (size_t i = 0; i < sizeof locales / sizeof *locales; i++) {
		if (strcmp(locales[i].folder, p->user_locale) != 0)
			continue;
		cnf_put(to, 2, "langCode", locales[i].language);
		cnf_put(to, 2, "winCharSet", locales[i].characters);
	}
	cnf_close(to, 1, "userLocale");
	cnf_put(to, 1, "networkLocale", p->network_locale);
	cnf_open(to, 1, "networkLocaleInfo");
	cnf_put(to, 2, "name", p->network_locale);
	cnf_close(to, 1, "networkLocaleInfo");
}

static void put_vendor_config(struct buf *to, enum family family)
{
	cnf_open(to, 1, "vendorConfig");
	for (size_t i = 0; i < sizeof vendor_config / sizeof *vendor_config; i++) {
		if ((vendor_config[i].families & family) != 0)
			cnf_put(to, 2, vendor_config[i].name, vendor_config[i].value);
	}
	cnf_close(to, 1, "vendorConfig");
}

/* One digit a line: 1 lists its missed calls. */
static void put_missed_calls(struct buf *to, const struct provision *p)
{
	char lines[PROVISION_LINES_MAX + 1] = "1";

	for (size_t i = 0; i < p->lines; i++)
		lines[i] = '1';
	cnf_put(to, 1, "MissedCallLoggingOption", lines);
}

int cnf_phone_render(const struct provision *p, bool load_held, struct buf *to)
{
	enum family family = family_of(p->type);

	buf_text(to, CNF_DECLARATION "<device>\n");
	cnf_put(to, 1, "fullConfig", "true");
	cnf_put(to, 1, "deviceProtocol", "SCCP");
	cnf_put(to, 1, "sshUserId", "");
	cnf_put(to, 1, "sshPassword", "");
	if (family == JAVA || family == ROOM)
		cnf_put(to, 1, "ipAddressMode", "0");
	put_device_pool(to, p, family);
	if (family == JAVA)
		put_missed_calls(to, p);
	if (family != OLD && family != ADAPTER) {
		cnf_open(to, 1, "commonProfile");
		cnf_put(to, 2, "phonePassword", "");
		cnf_put(to, 2, "backgroundImageAccess", "true");
		cnf_put(to, 2, "callLogBlfEnabled", "0");
		cnf_close(to, 1, "commonProfile");
	}
	cnf_put(to, 1, "loadInformation", p->load);
	put_vendor_config(to, family);
	/* Compared by phones as an opaque text; it changes exactly when this file may have changed.
	 */
	buf_printf(to, " <versionStamp>{%s-%llu%s}</versionStamp>\n", p->name,
		   (unsigned long long)p->stamp, load_held ? "-0" : "");
	put_locale(to, p);
	cnf_put(to, 1, "deviceSecurityMode", "1");
	for (size_t i = 0; i < sizeof last_elements / sizeof *last_elements; i++)
		cnf_put(to, 1, last_elements[i].name, last_elements[i].value);
	cnf_close(to, 0, "device");
	return buf_error(to);
}

int cnf_default_render(const struct provision *p, const struct cnf_model_load *loads, size_t count,
		       struct buf *to)
{
	buf_text(to, CNF_DECLARATION "<Default>\n");
	put_group(to, 1, p);
	for (size_t i = 0; i < count; i++) {
		char model[32];
		buf_printf(to, " <loadInformation%u model=\"Cisco %s\">", loads[i].type,
			   phone_type_name(loads[i].type, model, sizeof model));
		text_escape_xml(to, slice_text(loads[i].load));
		buf_printf(to, "</loadInformation%u>\n", loads[i].type);
	}
	cnf_put(to, 1, "authenticationURL", "");
	cnf_put(to, 1, "directoryURL", "");
	cnf_put(to, 1, "idleURL", "");
	cnf_put(to, 1, "informationURL", "");
	cnf_put(to, 1, "messagesURL", "");
	cnf_put(to, 1, "servicesURL", "");
	cnf_close(to, 0, "Default");
	return buf_error(to);
}
