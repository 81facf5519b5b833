/* SEP<MAC>.cnf.xml and XMLDefault.cnf.xml, as CUCM spells and orders their elements.
 *
 * What changes from site to site comes from the settings and the record; the rest is what an SCCP
 * phone of the 79xx family needs to register and nothing that only a SIP phone reads. A directory
 * number is not here: an SCCP phone gets its lines from the server. */
#include "cnf/cnf.h"

#include "base/text.h"
#include "model/phone_type.h"

/* Elements whose value never changes here. 0/1 switches are CUCM's: pcPort, webAccess and the like
 * mean "enabled" with 0. */
struct element {
	const char *name, *value;
};

static const struct element vendor_config[] = {
    {"disableSpeaker", "false"},
    {"disableSpeakerAndHeadset", "false"},
    {"pcPort", "0"},
    {"settingsAccess", "1"},
    {"garp", "0"},
    {"voiceVlanAccess", "0"},
    {"videoCapability", "0"},
    {"autoSelectLineEnable", "0"},
    {"webAccess", "0"},
    {"spanToPCPort", "1"},
    {"loggingDisplay", "1"},
    {"loadServer", ""},
};

static const struct element after_vendor_config[] = {
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

static void open_element(struct buf *to, unsigned depth, const char *name)
{
	buf_printf(to, "%*s<%s>\n", (int)depth, "", name);
}

static void close_element(struct buf *to, unsigned depth, const char *name)
{
	buf_printf(to, "%*s</%s>\n", (int)depth, "", name);
}

static void put(struct buf *to, unsigned depth, const char *name, const char *value)
{
	buf_printf(to, "%*s<%s>", (int)depth, "", name);
	text_escape_xml(to, slice_text(value));
	buf_printf(to, "</%s>\n", name);
}

static void put_number(struct buf *to, unsigned depth, const char *name, unsigned value)
{
	buf_printf(to, "%*s<%s>%u</%s>\n", (int)depth, "", name, value, name);
}

static void put_all(struct buf *to, unsigned depth, const struct element *elements, size_t count)
{
	for (size_t i = 0; i < count; i++)
		put(to, depth, elements[i].name, elements[i].value);
}

/* The CallManager group: one member, this server. */
static void put_group(struct buf *to, unsigned depth, const struct settings *s)
{
	char ip[IP4_TEXT_SIZE];

	open_element(to, depth, "callManagerGroup");
	open_element(to, depth + 1, "members");
	buf_printf(to, "%*s<member priority=\"0\">\n", (int)depth + 2, "");
	open_element(to, depth + 3, "callManager");
	put(to, depth + 4, "name", s->server_name);
	open_element(to, depth + 4, "ports");
	put_number(to, depth + 5, "ethernetPhonePort", s->sccp_port);
	close_element(to, depth + 4, "ports");
	put(to, depth + 4, "processNodeName",
	    ip4_format(ip4_is_zero(s->callmanager_ip) ? s->server_ip : s->callmanager_ip, ip));
	close_element(to, depth + 3, "callManager");
	close_element(to, depth + 2, "member");
	close_element(to, depth + 1, "members");
	close_element(to, depth, "callManagerGroup");
}

static void put_device_pool(struct buf *to, const struct settings *s)
{
	open_element(to, 1, "devicePool");
	open_element(to, 2, "dateTimeSetting");
	put(to, 3, "dateTemplate", s->date_template);
	put(to, 3, "timeZone", s->time_zone);
	close_element(to, 2, "dateTimeSetting");
	put_group(to, 2, s);
	open_element(to, 2, "srstInfo");
	put(to, 3, "name", "Disable");
	put(to, 3, "srstOption", "Disable");
	put(to, 3, "userModifiable", "false");
	close_element(to, 2, "srstInfo");
	put(to, 2, "connectionMonitorDuration", "120");
	close_element(to, 1, "devicePool");
}

static void put_locale(struct buf *to)
{
	open_element(to, 1, "userLocale");
	put(to, 2, "name", "English_United_States");
	put(to, 2, "langCode", "en_US");
	close_element(to, 1, "userLocale");
	put(to, 1, "networkLocale", "United_States");
}

int cnf_phone_render(const struct device *device, const struct settings *settings, struct buf *to)
{
	buf_text(to, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<device>\n");
	put(to, 1, "fullConfig", "true");
	put(to, 1, "deviceProtocol", "SCCP");
	put(to, 1, "sshUserId", "");
	put(to, 1, "sshPassword", "");
	put_device_pool(to, settings);
	open_element(to, 1, "commonProfile");
	put(to, 2, "phonePassword", "");
	put(to, 2, "backgroundImageAccess", "true");
	put(to, 2, "callLogBlfEnabled", "0");
	close_element(to, 1, "commonProfile");
	put(to, 1, "loadInformation", device->load);
	open_element(to, 1, "vendorConfig");
	put_all(to, 2, vendor_config, sizeof vendor_config / sizeof *vendor_config);
	close_element(to, 1, "vendorConfig");
	/* Compared by phones as an opaque text; it changes exactly when this file may have changed.
	 */
	buf_printf(to, " <versionStamp>{%s-%llu-%llu}</versionStamp>\n", device->name,
		   (unsigned long long)device->version, (unsigned long long)settings->version);
	put_locale(to);
	put(to, 1, "deviceSecurityMode", "1");
	put_all(to, 1, after_vendor_config,
		sizeof after_vendor_config / sizeof *after_vendor_config);
	close_element(to, 0, "device");
	return buf_error(to);
}

int cnf_default_render(const struct settings *settings, struct buf *to)
{
	/* The models an SCCP site has; an empty load means: keep what you run. */
	static const uint32_t models[] = {
	    6,   7,   8,   9,   115, 119, 307, 308, 309, 348,   365,   369,   404,   431,   434,
	    435, 436, 437, 484, 495, 496, 497, 577, 585, 20000, 30002, 30006, 30007, 30018, 30019};

	buf_text(to, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Default>\n");
	put_group(to, 1, settings);
	for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
		char model[32];
		buf_printf(to, " <loadInformation%u model=\"Cisco %s\"></loadInformation%u>\n",
			   models[i], phone_type_name(models[i], model, sizeof model), models[i]);
	}
	put(to, 1, "authenticationURL", "");
	put(to, 1, "directoryURL", "");
	put(to, 1, "idleURL", "");
	put(to, 1, "informationURL", "");
	put(to, 1, "messagesURL", "");
	put(to, 1, "servicesURL", "");
	close_element(to, 0, "Default");
	return buf_error(to);
}
