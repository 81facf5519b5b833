/* What a delivered file says: the bytes the phone got, read as the phone would read them.
 *
 * Only files that decide a boot are collected, up to CNF_FILE_MAX each and OBSERVE_BUFFERED_MAX
 * together: configuration, load manifests, trust lists. */
#include "observe/observer_internal.h"

#include "base/alloc.h"
#include "base/reader.h"
#include "base/text.h"
#include "cnf/cnf.h"

#define LOADS_FILES_MAX 16
#define TRUST_CERTS_MAX 64
#define TLV_SIGNER_NAME 4
#define TLV_HEADER_LEN  2

static bool ends_with(const char *name, const char *end)
{
	size_t n = strlen(name);
	size_t m = strlen(end);

	return n >= m && text_equal_nocase(name + n - m, end);
}

static bool is_config(const char *name)
{
	return ends_with(name, ".cnf.xml") || ends_with(name, ".cnf.xml.sgn");
}

static bool is_trust_list(const char *name)
{
	return ends_with(name, ".tlv") &&
	       (strstr(name, "CTL") != NULL || strstr(name, "ITL") != NULL);
}

void observer_content_begin(struct observed_content *c, const char *name)
{
	c->wanted = is_config(name) || ends_with(name, ".loads") || is_trust_list(name);
	c->damaged = false;
}

void observer_content_drop(struct observer *o, struct observed_content *c)
{
	observer_drop(o, &c->bytes, &c->len, &c->size);
	c->wanted = false;
}

void observer_content_add(struct observer *o, struct observed_content *c, struct slice bytes)
{
	if (!c->wanted || c->damaged)
		return;
	if (observer_keep(o, &c->bytes, &c->len, &c->size, CNF_FILE_MAX, bytes))
		return;
	c->damaged = true;
	observer_drop(o, &c->bytes, &c->len, &c->size);
}

/* The text of the first element of this name, as a phone reads its switches. The file is known to
 * be well-formed. */
static struct slice element(struct slice file, const char *name)
{
	char open[64];
	int n = snprintf(open, sizeof open, "<%s>", name);
	const uint8_t *at = file.len > 0 ? memmem(file.ptr, file.len, open, (size_t)n) : NULL;

	if (at == NULL)
		return slice_of(NULL, 0);
	struct slice text = slice_from(file, (size_t)(at - file.ptr) + (size_t)n);
	const uint8_t *end = text.len > 0 ? memchr(text.ptr, '<', text.len) : NULL;
	return slice_head(text, end != NULL ? (size_t)(end - text.ptr) : 0);
}

static bool says(struct slice file, const char *name, const char *value)
{
	return slice_equal(element(file, name), slice_text(value));
}

static uint32_t number_of(struct slice file, const char *name)
{
	struct slice text = element(file, name);
	uint32_t value = 0;

	for (size_t i = 0; i < text.len && i < 6 && text.ptr[i] >= '0' && text.ptr[i] <= '9'; i++)
		value = value * 10 + (text.ptr[i] - (uint32_t)'0');
	return value;
}

static struct fact content_fact(struct observer *o, enum fact_kind kind, struct ip4 phone,
				const char *name, const char *text)
{
	struct fact f = observer_fact(o, kind, phone);

	(void)text_copy(f.name, sizeof f.name, name);
	(void)text_copy(f.text, sizeof f.text, text);
	return f;
}

static uint32_t config_bits(struct slice file, bool is_signed)
{
	uint32_t bits = is_signed ? CONFIG_SIGNED : 0;

	bits |= says(file, "enableCdpSwPort", "0") ? CONFIG_CDP_OFF : 0u;
	bits |= says(file, "enableLldpSwPort", "0") ? CONFIG_LLDP_OFF : 0u;
	bits |= says(file, "detectCMConnectionFailure", "1") ? CONFIG_SLOW_DETECTION : 0u;
	bits |= says(file, "encrConfig", "true") ? CONFIG_ENCRYPTED : 0u;
	bits |= says(file, "registerWithProxy", "false") ? CONFIG_NO_PROXY_REGISTER : 0u;
	return bits;
}

static void tell_servers(struct observer *o, struct slice file, const struct cnf_phone *phone,
			 struct ip4 ip)
{
	for (unsigned i = 0; i < phone->member_count; i++) {
		const struct cnf_member *m = &phone->member[i];
		struct fact f = content_fact(o, FACT_CONFIG_SERVER, ip, m->host, "");
		(void)ip4_parse(m->host, &f.peer.ip);
		f.number = i + 1;
		f.value[0] = m->port;
		f.value[1] = number_of(file, "sipPort");
		f.value[2] = number_of(file, "securedSipPort");
		observer_add_fact(o, &f);
		/* Whatever its port, the phone will take it for a CallManager. */
		if (!ip4_is_zero(f.peer.ip) && m->port != 0)
			(void)map_put(&o->servers,
				      endpoint_key((struct endpoint){f.peer.ip, m->port}),
				      &o->servers);
	}
}

/* Lines of a SIP phone: each <line button="n"> with featureID 9. */
static void tell_lines(struct observer *o, struct slice file, struct ip4 ip, const char *name)
{
	static const char open[] = "<line button=\"";

	for (;;) {
		const uint8_t *at =
		    file.len > 0 ? memmem(file.ptr, file.len, open, sizeof open - 1) : NULL;
		if (at == NULL)
			return;
		struct slice line = slice_from(file, (size_t)(at - file.ptr) + sizeof open - 1);
		file = line;
		uint32_t button = 0;
		for (size_t k = 0;
		     k < line.len && k < 3 && line.ptr[k] >= '0' && line.ptr[k] <= '9'; k++)
			button = button * 10 + (line.ptr[k] - (uint32_t)'0');
		if (!says(line, "featureID", "9"))
			continue;
		struct fact f = content_fact(o, FACT_CONFIG_LINE, ip, name, "");
		(void)text_copy_slice(f.text, sizeof f.text, element(line, "name"));
		f.number = button;
		observer_add_fact(o, &f);
	}
}

static void read_config(struct observer *o, struct slice file, bool is_signed, struct ip4 ip,
			const char *name)
{
	struct cnf_phone phone;
	struct cnf_error error = {0};
	int status = cnf_cache_parse(&o->configurations, file, 0, &phone, &error);

	if (status != 0 && error.line == 0)
		return; /* out of memory: nothing is known of it */
	if (status != 0) {
		struct fact f = content_fact(o, FACT_CONFIG_BROKEN, ip, name, error.why);
		f.number = error.line;
		f.value[0] = error.column;
		observer_add_fact(o, &f);
		return;
	}
	struct fact f = content_fact(o, FACT_CONFIG_READ, ip, name, phone.protocol);
	f.number = phone.member_count;
	f.value[0] = number_of(file, "deviceSecurityMode");
	f.value[1] = config_bits(file, is_signed);
	observer_add_fact(o, &f);
	tell_servers(o, file, &phone, ip);
	f = content_fact(o, FACT_CONFIG_LOAD, ip, name, phone.load);
	if (!phone.is_default)
		observer_add_fact(o, &f);
	f = content_fact(o, FACT_CONFIG_STAMP, ip, name, phone.version_stamp);
	if (phone.version_stamp[0] != 0)
		observer_add_fact(o, &f);
	if (strcmp(phone.protocol, "SIP") == 0)
		tell_lines(o, file, ip, name);
}

/* A signature's header in front of a file, by its own length field; the file itself behind it. */
static struct slice without_signature(struct slice file, bool *ret_signed)
{
	struct reader r = reader_of(file);

	*ret_signed = false;
	if (file.len < 10 || file.ptr[0] != 1 || file.ptr[1] != 0 || file.ptr[2] != 2)
		return file;
	reader_skip(&r, 5);
	uint8_t tag = reader_u8(&r);
	uint16_t length = reader_be16(&r);
	uint16_t header = reader_be16(&r);
	if (tag != TLV_HEADER_LEN || length != 2 || header >= file.len)
		return file;
	*ret_signed = true;
	return slice_from(file, header);
}

/* One name a line, behind the signature; comments and settings between. */
static void read_loads(struct observer *o, struct slice file, struct ip4 ip, const char *name)
{
	unsigned told = 0;

	while (file.len > 0 && told < LOADS_FILES_MAX) {
		const uint8_t *end = memchr(file.ptr, '\n', file.len);
		size_t n = end != NULL ? (size_t)(end - file.ptr) : file.len;
		struct slice line = slice_head(file, n);
		file = slice_from(file, n + 1);
		size_t word = 0;
		while (word < line.len && line.ptr[word] > ' ' && line.ptr[word] < 0x7f)
			word++;
		if (word == 0 || line.ptr[0] == '#' || memchr(line.ptr, '=', word) != NULL ||
		    memchr(line.ptr, '.', word) == NULL)
			continue;
		struct fact f = content_fact(o, FACT_LOADS_FILE, ip, name, "");
		(void)text_copy_slice(f.text, sizeof f.text, slice_head(line, word));
		observer_add_fact(o, &f);
		told++;
	}
}

/* The signer's name out of the header: container 3 holds 4, 5 and 6 in either order. */
static void read_signer(struct slice header, char *to, size_t size)
{
	struct reader r = reader_of(header);

	while (reader_left(&r) >= 3) {
		uint8_t tag = reader_u8(&r);
		if (tag == 13) /* padding: a byte without a length */
			continue;
		uint16_t length = reader_be16(&r);
		if (tag == 3)
			continue; /* a container: its parts follow */
		struct slice value = reader_bytes(&r, length);
		if (r.failed)
			return;
		if (tag == TLV_SIGNER_NAME) {
			while (value.len > 0 && value.ptr[value.len - 1] == 0)
				value.len--;
			(void)text_copy_slice(to, size, value);
			return;
		}
	}
}

/* One record: its role and its certificate's serial number. */
static void tell_record(struct observer *o, struct slice record, struct ip4 ip, const char *name)
{
	struct reader r = reader_of(record);
	struct fact f = content_fact(o, FACT_TRUST_CERT, ip, name, "");

	while (reader_left(&r) >= 3) {
		uint8_t tag = reader_u8(&r);
		struct slice value = reader_bytes(&r, reader_be16(&r));
		if (r.failed)
			break;
		if (tag == 4 && value.len == 2)
			f.number = (uint32_t)value.ptr[0] << 8 | value.ptr[1];
		for (size_t i = 0; tag == 6 && i < value.len && i < 20; i++)
			(void)snprintf(f.text + i * 2, 3, "%02X", value.ptr[i]);
	}
	observer_add_fact(o, &f);
}

static void read_trust_list(struct observer *o, struct slice file, struct ip4 ip, const char *name)
{
	bool is_signed = false;
	struct slice records = without_signature(file, &is_signed);
	struct fact f = content_fact(o, FACT_TRUST_LIST, ip, name, "");
	unsigned count = 0;

	f.number = (uint32_t)file.len;
	if (is_signed)
		read_signer(slice_head(file, file.len - records.len), f.text, sizeof f.text);
	else
		records = slice_of(NULL, 0);
	struct slice left = records;
	/* Each begins with tag 1: its whole length. */
	while (left.len >= 5 && left.ptr[0] == 1) {
		size_t length = (size_t)left.ptr[3] << 8 | left.ptr[4];
		if (length < 5 || length > left.len)
			break;
		count++;
		left = slice_from(left, length);
	}
	f.value[0] = count;
	observer_add_fact(o, &f);
	for (unsigned i = 0; i < count && i < TRUST_CERTS_MAX && records.ptr != NULL; i++) {
		size_t length = (size_t)records.ptr[3] << 8 | records.ptr[4];
		tell_record(o, slice_head(slice_from(records, 5), length - 5), ip, name);
		records = slice_from(records, length);
	}
}

void observer_content_end(struct observer *o, struct observed_content *c, struct ip4 phone,
			  const char *name)
{
	bool is_signed = false;
	struct slice file = slice_of(c->bytes, c->len);

	if (c->wanted && !c->damaged && file.len > 0) {
		if (is_trust_list(name)) {
			read_trust_list(o, file, phone, name);
		} else {
			file = without_signature(file, &is_signed);
			if (ends_with(name, ".loads"))
				read_loads(o, file, phone, name);
			else
				read_config(o, file, is_signed, phone, name);
		}
	}
	observer_content_drop(o, c);
}
