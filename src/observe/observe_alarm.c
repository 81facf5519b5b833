/* What the phone says of itself: the text of an SCCP Alarm or of a SIP Reason header ("23:
 * Name=SEP… Load=… Last=Reset-Restart"), and the XML alarm. The XML is not always well-formed
 * ("<not open>" raw inside), so its fields are searched, not parsed. */
#include "observe/observer_internal.h"

#include "base/text.h"

static struct slice find_text(struct slice in, const char *word)
{
	size_t n = strlen(word);
	const uint8_t *at = in.len >= n ? memmem(in.ptr, in.len, word, n) : NULL;

	return at != NULL ? slice_from(in, (size_t)(at - in.ptr) + n) : slice_of(NULL, 0);
}

static struct slice up_to(struct slice s, const char *ends)
{
	size_t i = 0;

	while (i < s.len && s.ptr[i] != 0 && strchr(ends, s.ptr[i]) == NULL)
		i++;
	return slice_head(s, i);
}

static uint32_t number_at(struct slice s)
{
	uint32_t value = 0;

	for (size_t i = 0; i < s.len && i < 9 && s.ptr[i] >= '0' && s.ptr[i] <= '9'; i++)
		value = value * 10 + (s.ptr[i] - (uint32_t)'0');
	return value;
}

static struct fact phone_fact(struct observer *o, enum fact_kind kind, struct ip4 phone,
			      struct endpoint server)
{
	struct fact f = observer_fact(o, kind, phone);

	f.peer = server;
	return f;
}

/* Phones say why they were away by an alarm, by an XML alarm and by a Reason header, and again to
 * the next server: a repeat is the same reason within seconds. */
#define REPEAT_WINDOW DT_SECONDS(10)

static bool is_repeat(struct observer *o, struct ip4 phone, const struct fact *f)
{
	struct observed_address *a = observer_address(o, phone);
	uint64_t reason = f->number != 0 ? f->number : map_key_text(f->text);

	if (a == NULL)
		return false;
	bool again = a->last_reason == reason && o->at <= a->last_reason_at + REPEAT_WINDOW;
	a->last_reason = reason;
	a->last_reason_at = o->at;
	return again;
}

/* The reason's number: before the colon, or behind "cisco-alarm:". */
static uint32_t reason_number(struct slice text)
{
	struct slice behind = find_text(text, "cisco-alarm:");

	if (behind.ptr != NULL)
		return number_at(behind);
	size_t digits = 0;
	while (digits < text.len && text.ptr[digits] >= '0' && text.ptr[digits] <= '9')
		digits++;
	return digits > 0 && digits < text.len && text.ptr[digits] == ':' ? number_at(text) : 0;
}

static void tell_load(struct observer *o, struct ip4 phone, struct endpoint server,
		      struct slice load)
{
	struct fact f = phone_fact(o, FACT_PHONE_LOAD, phone, server);

	if (load.len == 0)
		return;
	(void)text_copy_slice(f.text, sizeof f.text, load);
	observer_add_fact(o, &f);
}

void observer_alarm_text(struct observer *o, struct ip4 phone, struct endpoint server,
			 struct slice text)
{
	struct fact f = phone_fact(o, FACT_PHONE_LAST, phone, server);
	struct slice last = up_to(find_text(text, "Last="), "\"\r\n;");

	f.number = reason_number(text);
	(void)text_copy_slice(f.name, sizeof f.name, up_to(find_text(text, "Name="), " \""));
	observer_claim_name(o, phone, f.name);
	(void)observer_identify(o, phone, &f.mac);
	(void)text_copy_slice(f.text, sizeof f.text, last);
	if (last.len > 0 || f.number != 0) {
		f.value[0] = is_repeat(o, phone, &f);
		observer_add_fact(o, &f);
	}
	struct slice load = up_to(find_text(text, "ActiveLoad="), " \"");
	if (load.len == 0)
		load = up_to(find_text(text, "Load="), " \"");
	tell_load(o, phone, server, load);
}

/* <String name="DeviceName">SEP…</String>, <Enum name="…">16</Enum> or <DeviceName>SEP…</…>: phones
 * write all of these. */
static struct slice field(struct slice xml, const char *name)
{
	char word[48];

	(void)snprintf(word, sizeof word, "\"%s\">", name);
	struct slice value = find_text(xml, word);
	if (value.ptr == NULL) {
		(void)snprintf(word, sizeof word, "<%s>", name);
		value = find_text(xml, word);
	}
	/* A value may hold "<not open>": only "</" ends it. */
	const uint8_t *end = value.len >= 2 ? memmem(value.ptr, value.len, "</", 2) : NULL;
	return end != NULL ? slice_head(value, (size_t)(end - value.ptr)) : slice_head(value, 0);
}

static void tell_status(struct observer *o, struct ip4 phone, struct slice xml, const char *name)
{
	struct slice value = field(xml, name);

	if (value.len == 0)
		return;
	struct fact f = observer_fact(o, FACT_PHONE_STATUS, phone);
	(void)text_copy(f.name, sizeof f.name, name);
	(void)text_copy_slice(f.text, sizeof f.text, value);
	observer_add_fact(o, &f);
}

static void tell_port(struct observer *o, struct ip4 phone, struct slice xml)
{
	struct fact f = observer_fact(o, FACT_PHONE_PORT, phone);
	struct slice port = field(xml, "NeighborPortID");
	struct slice vlan = field(xml, "VoiceVLAN");

	if (port.len == 0 && vlan.len == 0)
		return;
	(void)text_copy_slice(f.name, sizeof f.name, field(xml, "NeighborDeviceID"));
	(void)text_copy_slice(f.text, sizeof f.text, port);
	f.number = number_at(vlan);
	observer_add_fact(o, &f);
}

void observer_alarm_xml(struct observer *o, struct ip4 phone, struct endpoint server,
			struct slice xml)
{
	static const char *const statuses[] = {
	    "DHCPv4Status",          "TFTPCfgStatus",
	    "DNSStatusUnifiedCM1",   "DNSStatusUnifiedCM2",
	    "DNSStatusUnifiedCM3",   "UnifiedCMIPAddress",
	    "LastProtocolEventSent", "LastProtocolEventReceived"};
	char name[FACT_NAME_SIZE];
	struct slice reason = field(xml, "ReasonForOutOfService");

	(void)text_copy_slice(name, sizeof name, field(xml, "DeviceName"));
	observer_claim_name(o, phone, name);
	if (reason.len > 0) {
		struct fact f = phone_fact(o, FACT_PHONE_LAST, phone, server);
		(void)text_copy(f.name, sizeof f.name, name);
		f.number = number_at(reason);
		f.value[0] = is_repeat(o, phone, &f);
		observer_add_fact(o, &f);
	}
	tell_port(o, phone, xml);
	tell_load(o, phone, server, field(xml, "ActiveLoad"));
	for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
		tell_status(o, phone, xml, statuses[i]);
}
