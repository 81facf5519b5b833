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

/* Written as they stand: they hold nothing to escape. */
static const struct {
	const char *element;
	unsigned families;
} vendor_config[] = {
#define V(name, value, families) {"<" #name ">" value "</" #name ">\n", families},
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

#define ELEMENT(name, value) "<" name ">" value "</" name ">\n"

/* What ends every file. DSCP values stand shifted by two: 96 is CS3. */
static const char last_elements[] = ELEMENT("idleTimeout", "0") ELEMENT("authenticationURL", "")
    ELEMENT("directoryURL", "") ELEMENT("idleURL", "") ELEMENT("informationURL", "")
	ELEMENT("messagesURL", "") ELEMENT("proxyServerURL", "") ELEMENT("servicesURL", "")
	    ELEMENT("dscpForSCCPPhoneConfig", "96") ELEMENT("dscpForSCCPPhoneServices", "0")
		ELEMENT("dscpForCm2Dvce", "96") ELEMENT("transportLayerProtocol", "4")
		    ELEMENT("capfAuthMode", "0") ELEMENT("certHash", "")
			ELEMENT("encrConfig", "false");

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

static void put_member(struct buf *to, const struct provision_server *s, unsigned priority)
{
	buf_printf(to, "<member priority=\"%u\">\n", priority);
	cnf_open(to, "callManager");
	cnf_put(to, "name", s->name);
	cnf_open(to, "ports");
	cnf_put_number(to, "ethernetPhonePort", s->sccp_port);
	cnf_close(to, "ports");
	cnf_put(to, "processNodeName", s->address);
	cnf_close(to, "callManager");
	cnf_close(to, "member");
}

/* The CallManager group, the first choice first. */
static void put_group(struct buf *to, const struct provision *p)
{
	cnf_open(to, "callManagerGroup");
	cnf_open(to, "members");
	for (unsigned i = 0; i < p->servers; i++)
		put_member(to, &p->server[i], i);
	cnf_close(to, "members");
	cnf_close(to, "callManagerGroup");
}

static void put_srst(struct buf *to, const struct provision *p)
{
	bool has = !ip4_is_zero(p->srst);
	char ip[IP4_TEXT_SIZE];

	cnf_open(to, "srstInfo");
	cnf_put(to, "name", has ? "SRST" : "Disable");
	cnf_put(to, "srstOption", has ? "Enable" : "Disable");
	cnf_put(to, "userModifiable", "false");
	if (has) {
		cnf_put(to, "ipAddr1", ip4_format(p->srst, ip));
		cnf_put_number(to, "port1", SRST_PORT);
	}
	cnf_put(to, "isSecure", "false");
	cnf_close(to, "srstInfo");
}

static void put_device_pool(struct buf *to, const struct provision *p, enum family family)
{
	uint32_t monitor_s = p->monitor_s;

	if (family == WIRELESS && monitor_s > MONITOR_WIRELESS_S)
		monitor_s = MONITOR_WIRELESS_S;
	cnf_open(to, "devicePool");
	if (p->pool[0] != 0)
		cnf_put(to, "name", p->pool);
	cnf_open(to, "dateTimeSetting");
	cnf_put(to, "dateTemplate", p->date_template);
	cnf_put(to, "timeZone", p->time_zone);
	cnf_close(to, "dateTimeSetting");
	put_group(to, p);
	put_srst(to, p);
	cnf_put_number(to, "connectionMonitorDuration", monitor_s);
	cnf_close(to, "devicePool");
}

static void put_locale(struct buf *to, const struct provision *p)
{
	cnf_open(to, "userLocale");
	cnf_put(to, "name", p->user_locale);
	for (size_t i = 0; i < sizeof locales / sizeof *locales; i++) {
		if (strcmp(locales[i].folder, p->user_locale) != 0)
			continue;
		cnf_put(to, "langCode", locales[i].language);
		cnf_put(to, "winCharSet", locales[i].characters);
	}
	cnf_close(to, "userLocale");
	cnf_put(to, "networkLocale", p->network_locale);
	cnf_open(to, "networkLocaleInfo");
	cnf_put(to, "name", p->network_locale);
	cnf_close(to, "networkLocaleInfo");
}

static void put_vendor_config(struct buf *to, enum family family)
{
	cnf_open(to, "vendorConfig");
	for (size_t i = 0; i < sizeof vendor_config / sizeof *vendor_config; i++) {
		if ((vendor_config[i].families & family) != 0)
			buf_text(to, vendor_config[i].element);
	}
	cnf_close(to, "vendorConfig");
}

/* One digit a line: 1 lists its missed calls. */
static void put_missed_calls(struct buf *to, const struct provision *p)
{
	char lines[PROVISION_LINES_MAX + 1] = "1";

	for (size_t i = 0; i < p->lines; i++)
		lines[i] = '1';
	cnf_put(to, "MissedCallLoggingOption", lines);
}

int cnf_phone_render(const struct provision *p, bool load_held, struct buf *to)
{
	enum family family = family_of(p->type);

	buf_text(to, CNF_DECLARATION "<device>\n");
	cnf_put(to, "fullConfig", "true");
	cnf_put(to, "deviceProtocol", "SCCP");
	cnf_put(to, "sshUserId", "");
	cnf_put(to, "sshPassword", "");
	if (family == JAVA || family == ROOM)
		cnf_put(to, "ipAddressMode", "0");
	put_device_pool(to, p, family);
	if (family == JAVA)
		put_missed_calls(to, p);
	if (family != OLD && family != ADAPTER) {
		cnf_open(to, "commonProfile");
		cnf_put(to, "phonePassword", "");
		cnf_put(to, "backgroundImageAccess", "true");
		cnf_put(to, "callLogBlfEnabled", "0");
		cnf_close(to, "commonProfile");
	}
	cnf_put(to, "loadInformation", p->load);
	put_vendor_config(to, family);
	/* Compared by phones as an opaque text; it changes exactly when this file may have changed.
	 */
	buf_printf(to, "<versionStamp>{%s-%llu%s}</versionStamp>\n", p->name,
		   (unsigned long long)p->stamp, load_held ? "-0" : "");
	put_locale(to, p);
	cnf_put(to, "deviceSecurityMode", "1");
	buf_text(to, last_elements);
	cnf_close(to, "device");
	return buf_error(to);
}

int cnf_default_render(const struct provision *p, const struct cnf_model_load *loads, size_t count,
		       struct buf *to)
{
	buf_text(to, CNF_DECLARATION "<Default>\n");
	put_group(to, p);
	for (size_t i = 0; i < count; i++) {
		char model[32];
		buf_printf(to, "<loadInformation%u model=\"Cisco %s\">", loads[i].type,
			   phone_type_name(loads[i].type, model, sizeof model));
		text_escape_xml(to, slice_text(loads[i].load));
		buf_printf(to, "</loadInformation%u>\n", loads[i].type);
	}
	cnf_put(to, "authenticationURL", "");
	cnf_put(to, "directoryURL", "");
	cnf_put(to, "idleURL", "");
	cnf_put(to, "informationURL", "");
	cnf_put(to, "messagesURL", "");
	cnf_put(to, "servicesURL", "");
	cnf_close(to, "Default");
	return buf_error(to);
}
