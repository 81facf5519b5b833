/* The cleartext part of TLS to facts: what was offered, chosen, shown and refused. */
#include "observe/observer_internal.h"

#include "base/text.h"
#include "proto/tls/tls.h"

#define YEAR          (366LL * 86400) /* seconds */
#define HANDSHAKE_MAX 16384           /* bytes of messages that go on from record to record */

static uint32_t seconds_until(const struct observer *o, int64_t unix_s)
{
	int64_t off = 0;

	if (!observer_clock_off(o, unix_s, &off))
		return 0;
	off = off > INT32_MAX ? INT32_MAX : off < INT32_MIN ? INT32_MIN : off;
	return (uint32_t)(int32_t)off;
}

/* A clock of a phone with old TLS: near the capture's time, or near 1970 after a power cut.
 * Anything else is as likely to be chance. */
static void check_clock(struct observer *o, const struct observed_flow *f,
			const struct tls_hello *hello)
{
	int64_t off = 0;

	if (hello->version > 0x0302 || !observer_clock_off(o, hello->random_time, &off))
		return;
	if (hello->random_time < YEAR || (off < 3 * YEAR && off > -12 * YEAR))
		observer_clock(o, FACT_CLOCK_PHONE, f, hello->random_time, "ClientHello");
}

static void say(struct observer *o, const struct observed_flow *f, bool by_phone, const char *what,
		const char *words)
{
	struct buf *line = observer_line(o);

	if (line == NULL)
		return;
	buf_printf(line, "%s%s", what, words);
	observer_said(o, "TLS", f->phone.ip, f->server, by_phone);
}

static void on_hello(struct observer *o, struct observed_flow *f, const struct tls_handshake *h)
{
	struct tls_hello hello;
	bool client = h->type == TLS_CLIENT_HELLO;

	if (tls_hello_decode(h->type, h->body, &hello, NULL) != 0)
		return;
	struct fact fact = observer_flow_fact(o, client ? FACT_TLS_HELLO : FACT_TLS_ANSWER, f);
	fact.number = hello.version;
	fact.value[0] = client ? hello.random_time : hello.cipher;
	fact.value[1] = client ? hello.cipher_count : 0;
	observer_add_fact(o, &fact);
	say(o, f, client, client ? "ClientHello, at most " : "ServerHello, ",
	    tls_version_name(hello.version));
	if (client)
		check_clock(o, f, &hello);
}

static void on_certificate(struct observer *o, const struct observed_flow *f, unsigned side,
			   const struct tls_handshake *h)
{
	struct tls_certificate c;

	if (tls_certificate_decode(h->body, &c) != 0)
		return;
	struct fact fact = observer_flow_fact(o, FACT_TLS_CERTIFICATE, f);
	(void)text_copy(fact.name, sizeof fact.name, c.subject);
	(void)text_copy(fact.text, sizeof fact.text, c.serial);
	fact.number = side + 1;
	fact.value[0] = seconds_until(o, c.not_before);
	fact.value[1] = seconds_until(o, c.not_after);
	observer_add_fact(o, &fact);
	say(o, f, side == SIDE_OF_PHONE, "Certificate of ", c.subject);
}

static void on_handshake(struct observer *o, struct observed_flow *f, unsigned side,
			 struct slice fragment)
{
	struct tls_handshake h;

	while (tls_handshake_decode(fragment, &h) == 0 && h.whole) {
		if (h.type == TLS_CLIENT_HELLO || h.type == TLS_SERVER_HELLO)
			on_hello(o, f, &h);
		else if (h.type == TLS_CERTIFICATE)
			on_certificate(o, f, side, &h);
		fragment = slice_from(fragment, 4 + h.body.len);
	}
}

static void on_alert(struct observer *o, const struct observed_flow *f, unsigned side,
		     struct slice fragment)
{
	struct tls_alert alert;

	/* Encrypted ones are longer than two bytes; an orderly end is no news. */
	if (tls_alert_decode(fragment, &alert) != 0 || alert.description == TLS_ALERT_CLOSE_NOTIFY)
		return;
	struct fact fact = observer_flow_fact(o, FACT_TLS_ALERT, f);
	fact.number = alert.description;
	fact.value[0] = side + 1;
	fact.value[1] = alert.fatal ? 2 : 1;
	observer_add_fact(o, &fact);
	say(o, f, side == SIDE_OF_PHONE, "Alert ", tls_alert_name(alert.description));
}

/* Could this be the start of a handshake message? An encrypted one has no type and length that fit.
 */
static bool is_handshake(struct slice bytes)
{
	struct tls_handshake h;

	if (bytes.len < 4)
		return true;
	if (tls_handshake_decode(bytes, &h) != 0 || bytes.ptr[1] != 0)
		return false;
	return h.type == TLS_CLIENT_HELLO || h.type == TLS_SERVER_HELLO ||
	       (h.type >= TLS_CERTIFICATE && h.type <= TLS_FINISHED) || h.type == 4 || h.type == 22;
}

/* Handshake messages go on from record to record: as many records as make whole messages are read
 * as one. Returns the bytes they take, 0 when the rest is still to come. */
static int take_handshake(struct observer *o, struct observed_flow *f, unsigned side,
			  struct slice bytes)
{
	uint8_t joined[HANDSHAKE_MAX];
	size_t len = 0;
	int total = 0;
	int used = 0;
	struct tls_record record;

	while ((used = tls_record_next(slice_from(bytes, (size_t)total), &record)) > 0 &&
	       record.type == TLS_HANDSHAKE && len + record.fragment.len <= sizeof joined) {
		struct tls_handshake h;
		size_t whole = 0;
		if (record.fragment.len > 0)
			memcpy(joined + len, record.fragment.ptr, record.fragment.len);
		len += record.fragment.len;
		total += used;
		struct slice rest = slice_of(joined, len);
		while (is_handshake(rest) && tls_handshake_decode(rest, &h) == 0 && h.whole) {
			whole += 4 + h.body.len;
			rest = slice_from(rest, 4 + h.body.len);
		}
		if (whole == len || !is_handshake(rest)) {
			on_handshake(o, f, side, slice_of(joined, whole));
			return total;
		}
	}
	if (used != 0 && total == 0)
		total = used; /* one record longer than is of use here */
	return used == 0 ? 0 : total;
}

int observer_take_tls(struct observer *o, struct observed_flow *f, unsigned side,
		      struct slice bytes)
{
	struct tls_record record;
	int used = tls_record_next(bytes, &record);

	if (used <= 0)
		return used;
	switch (record.type) {
	case TLS_HANDSHAKE:
		return f->tls_data ? used : take_handshake(o, f, side, bytes);
	case TLS_ALERT:
		on_alert(o, f, side, record.fragment);
		break;
	case TLS_DATA:
		if (!f->tls_data) {
			f->tls_data = true;
			struct fact fact = observer_flow_fact(o, FACT_TLS_READY, f);
			observer_add_fact(o, &fact);
			say(o, f, side == SIDE_OF_PHONE, "application data from here on", "");
		}
		break;
	default:
		break;
	}
	return used;
}
