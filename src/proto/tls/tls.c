/* TLS records, hellos and alerts (RFC 5246, 6.2, 7.2, 7.4.1; RFC 8446, 4.2.1). */
#include "proto/tls/tls.h"

#include "base/error.h"
#include "base/reader.h"
#include "base/text.h"

#define EXTENSION_SERVER_NAME 0u
#define EXTENSION_TICKET      35u
#define EXTENSION_VERSIONS    43u

static const struct {
	uint8_t code;
	const char *name;
} alerts[] = {
#define A(code, name, text) {code, text},
#include "proto/tls/tls_alerts.def"
#undef A
};

const char *tls_alert_name(uint8_t description)
{
	for (size_t i = 0; i < sizeof alerts / sizeof *alerts; i++) {
		if (alerts[i].code == description)
			return alerts[i].name;
	}
	return "alert";
}

const char *tls_version_name(uint16_t version)
{
	static const char *const names[] = {"SSL 3.0", "TLS 1.0", "TLS 1.1", "TLS 1.2", "TLS 1.3"};

	return version >= 0x0300 && version <= 0x0304 ? names[version - 0x0300] : "TLS";
}

bool tls_is_start(struct slice stream)
{
	return stream.len >= 3 && stream.ptr[0] >= TLS_CHANGE_CIPHER_SPEC &&
	       stream.ptr[0] <= TLS_DATA && stream.ptr[1] == 3 && stream.ptr[2] <= 4;
}

int tls_record_next(struct slice stream, struct tls_record *ret_record)
{
	struct reader r = reader_of(stream);
	struct tls_record record = {0};

	record.type = reader_u8(&r);
	record.version = reader_be16(&r);
	uint16_t length = reader_be16(&r);
	if (stream.len >= 3 && !tls_is_start(stream))
		return E_BAD_FORMAT;
	if (r.failed)
		return 0;
	if (length > TLS_RECORD_MAX)
		return E_BAD_FORMAT;
	if (reader_left(&r) < length)
		return 0;
	record.fragment = reader_bytes(&r, length);
	*ret_record = record;
	return TLS_RECORD_HEAD + length;
}

static uint32_t read_be24(struct reader *r)
{
	uint32_t high = reader_u8(r);

	return high << 16 | reader_be16(r);
}

int tls_handshake_decode(struct slice fragment, struct tls_handshake *ret_handshake)
{
	struct reader r = reader_of(fragment);
	struct tls_handshake h = {0};

	h.type = reader_u8(&r);
	uint32_t length = read_be24(&r);
	if (r.failed)
		return E_TRUNCATED;
	size_t left = reader_left(&r);
	h.whole = length <= left;
	h.body = reader_bytes(&r, h.whole ? length : left);
	*ret_handshake = h;
	return 0;
}

static void read_server_name(struct slice value, struct tls_hello *hello)
{
	struct reader r = reader_of(value);

	reader_skip(&r, 2);
	uint8_t kind = reader_u8(&r);
	struct slice name = reader_bytes(&r, reader_be16(&r));
	if (kind == 0 && !r.failed)
		(void)text_copy_slice(hello->server_name, sizeof hello->server_name, name);
}

/* A client lists versions, a server names one. Values of RFC 8701, sent to keep servers honest, are
 * above all real ones. */
static void read_versions(struct slice value, bool client, struct tls_hello *hello)
{
	struct reader r = reader_of(value);

	if (client)
		reader_skip(&r, 1);
	while (reader_left(&r) >= 2) {
		uint16_t version = reader_be16(&r);
		if (version <= 0x0304 && version > hello->version)
			hello->version = version;
	}
}

static void read_extensions(struct reader *r, bool client, struct tls_hello *hello,
			    struct anomalies *anomalies)
{
	uint32_t at = (uint32_t)r->pos;
	struct reader list = reader_of(reader_bytes(r, reader_be16(r)));

	if (r->failed)
		anomaly_add(anomalies, ANOMALY_LENGTH, at);
	while (!r->failed && reader_left(&list) >= 4) {
		uint16_t type = reader_be16(&list);
		struct slice value = reader_bytes(&list, reader_be16(&list));
		if (list.failed) {
			anomaly_add(anomalies, ANOMALY_LENGTH, at);
			return;
		}
		if (type == EXTENSION_SERVER_NAME && client)
			read_server_name(value, hello);
		else if (type == EXTENSION_VERSIONS)
			read_versions(value, client, hello);
		else if (type == EXTENSION_TICKET && client && value.len > 0)
			hello->resumes = true;
	}
}

int tls_hello_decode(uint8_t type, struct slice body, struct tls_hello *ret_hello,
		     struct anomalies *anomalies)
{
	struct reader r = reader_of(body);
	struct tls_hello hello = {0};
	bool client = type == TLS_CLIENT_HELLO;

	hello.version = reader_be16(&r);
	hello.random_time = reader_be32(&r);
	reader_skip(&r, 28);
	struct slice session = reader_bytes(&r, reader_u8(&r));
	hello.resumes = client && session.len > 0;
	if (client) {
		struct slice ciphers = reader_bytes(&r, reader_be16(&r));
		hello.cipher_count = (uint16_t)(ciphers.len / 2);
		if (ciphers.len >= 2)
			hello.cipher = (uint16_t)(ciphers.ptr[0] << 8 | ciphers.ptr[1]);
		reader_skip(&r, reader_u8(&r));
	} else {
		hello.cipher = reader_be16(&r);
		reader_skip(&r, 1);
	}
	if (r.failed)
		return E_TRUNCATED;
	if (reader_left(&r) >= 2)
		read_extensions(&r, client, &hello, anomalies);
	*ret_hello = hello;
	return 0;
}

int tls_alert_decode(struct slice fragment, struct tls_alert *ret_alert)
{
	if (fragment.len != 2 || fragment.ptr[0] < 1 || fragment.ptr[0] > 2)
		return E_BAD_FORMAT;
	*ret_alert =
	    (struct tls_alert){.fatal = fragment.ptr[0] == 2, .description = fragment.ptr[1]};
	return 0;
}
