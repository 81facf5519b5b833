/* The few fields of an X.509 certificate that a diagnosis needs, walked in DER (RFC 5280, 4.1;
 * X.690): validity, subject's and issuer's common name. Nothing is verified: a capture has no trust
 * anchors. */
#include "proto/tls/tls.h"

#include "base/error.h"
#include "base/reader.h"
#include "base/text.h"

#define DER_INTEGER  0x02u
#define DER_OID      0x06u
#define DER_SEQUENCE 0x30u
#define DER_SET      0x31u
#define DER_UTC_TIME 0x17u
#define DER_TIME     0x18u
#define DER_VERSION  0xa0u

/* One element: its tag and content. false when it is not all there or of indefinite length. */
static bool next_element(struct reader *r, uint8_t *ret_tag, struct slice *ret_content)
{
	uint8_t tag = reader_u8(r);
	size_t length = reader_u8(r);

	if (length >= 0x80) {
		size_t count = length & 0x7f;
		if (count == 0 || count > 3)
			r->failed = true;
		length = 0;
		for (size_t i = 0; i < count && !r->failed; i++)
			length = length << 8 | reader_u8(r);
	}
	struct slice content = reader_bytes(r, length);
	if (r->failed)
		return false;
	*ret_tag = tag;
	*ret_content = content;
	return true;
}

static bool expect(struct reader *r, uint8_t tag, struct slice *ret_content)
{
	uint8_t got = 0;

	return next_element(r, &got, ret_content) && got == tag;
}

static int two_digits(struct slice text, size_t at)
{
	if (at + 2 > text.len || text.ptr[at] < '0' || text.ptr[at] > '9' ||
	    text.ptr[at + 1] < '0' || text.ptr[at + 1] > '9')
		return -1;
	return (text.ptr[at] - '0') * 10 + (text.ptr[at + 1] - '0');
}

/* Days from 1970 to a civil date, by the era of 400 years. */
static int64_t days_from_civil(int64_t year, int month, int day)
{
	year -= month <= 2;
	int64_t era = (year >= 0 ? year : year - 399) / 400;
	int64_t of_era = year - era * 400;
	int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* UTCTime (two digits of year, 50 and above are 19xx) or GeneralizedTime. 0 when unreadable. */
static int64_t read_time(uint8_t tag, struct slice text)
{
	int64_t year = 0;
	int part[5];

	if (tag == DER_TIME) {
		int century = two_digits(text, 0);
		text = slice_from(text, 2);
		year = century < 0 ? -1 : century * 100;
	} else if (tag == DER_UTC_TIME) {
		int short_year = two_digits(text, 0);
		year = short_year >= 50 ? 1900 : 2000;
	} else {
		return 0;
	}
	int rest = two_digits(text, 0);
	if (year < 0 || rest < 0)
		return 0;
	for (size_t i = 0; i < 5; i++) {
		part[i] = two_digits(text, 2 + i * 2);
		if (part[i] < 0)
			return 0;
	}
	if (part[0] < 1 || part[0] > 12 || part[1] < 1 || part[1] > 31)
		return 0;
	return days_from_civil(year + rest, part[0], part[1]) * 86400 + part[2] * 3600LL +
	       part[3] * 60LL + part[4];
}

/* The common name inside a Name: a sequence of sets of (object id, text). */
static void read_common_name(struct slice name, char *to, size_t size)
{
	static const uint8_t common_name[] = {0x55, 0x04, 0x03};
	struct reader sets = reader_of(name);
	struct slice set;

	while (reader_left(&sets) > 0 && expect(&sets, DER_SET, &set)) {
		struct reader inside = reader_of(set);
		struct slice pair;
		struct slice id;
		struct slice text;
		uint8_t tag = 0;
		if (!expect(&inside, DER_SEQUENCE, &pair))
			return;
		struct reader fields = reader_of(pair);
		if (!expect(&fields, DER_OID, &id) || !next_element(&fields, &tag, &text))
			return;
		if (slice_equal(id, slice_of(common_name, sizeof common_name)))
			(void)text_copy_slice(to, size, text);
	}
}

static void read_serial(struct slice number, char to[static TLS_SERIAL_SIZE])
{
	while (number.len > 1 && number.ptr[0] == 0)
		number = slice_from(number, 1);
	for (size_t i = 0; i < number.len && i * 2 + 2 < TLS_SERIAL_SIZE; i++)
		(void)snprintf(to + i * 2, 3, "%02X", number.ptr[i]);
}

static int read_certificate(struct slice der, struct tls_certificate *c)
{
	struct reader r = reader_of(der);
	struct slice s;
	struct slice t;
	uint8_t tag = 0;

	if (!expect(&r, DER_SEQUENCE, &s))
		return E_BAD_FORMAT;
	r = reader_of(s);
	if (!expect(&r, DER_SEQUENCE, &s))
		return E_BAD_FORMAT;
	r = reader_of(s);
	/* version (only from 2 on), serial number, signature algorithm, issuer, validity, subject
	 */
	if (!next_element(&r, &tag, &s) || (tag == DER_VERSION && !next_element(&r, &tag, &s)) ||
	    tag != DER_INTEGER)
		return E_BAD_FORMAT;
	read_serial(s, c->serial);
	if (!expect(&r, DER_SEQUENCE, &s) || !expect(&r, DER_SEQUENCE, &s))
		return E_BAD_FORMAT;
	read_common_name(s, c->issuer, sizeof c->issuer);
	if (!expect(&r, DER_SEQUENCE, &s))
		return E_BAD_FORMAT;
	struct reader validity = reader_of(s);
	if (next_element(&validity, &tag, &t))
		c->not_before = read_time(tag, t);
	if (next_element(&validity, &tag, &t))
		c->not_after = read_time(tag, t);
	if (expect(&r, DER_SEQUENCE, &s))
		read_common_name(s, c->subject, sizeof c->subject);
	return 0;
}

int tls_certificate_decode(struct slice body, struct tls_certificate *ret_certificate)
{
	struct reader r = reader_of(body);
	struct tls_certificate c = {0};

	reader_skip(&r, 3);
	size_t length = reader_u8(&r);
	length = length << 16 | reader_be16(&r);
	struct slice der = reader_bytes(&r, length);
	if (r.failed)
		return E_TRUNCATED;
	int error = read_certificate(der, &c);
	if (error == 0)
		*ret_certificate = c;
	return error;
}
