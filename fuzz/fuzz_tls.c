/* Any bytes as TLS records, hellos and certificates. */
#include "proto/tls/tls.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice stream = slice_of(data, size);
	struct tls_record record;
	struct anomalies anomalies = {0};
	int used = 0;

	while ((used = tls_record_next(stream, &record)) > 0) {
		struct tls_handshake h;
		struct tls_hello hello;
		struct tls_certificate certificate;
		struct tls_alert alert;
		(void)tls_alert_decode(record.fragment, &alert);
		if (tls_handshake_decode(record.fragment, &h) == 0) {
			(void)tls_hello_decode(h.type, h.body, &hello, &anomalies);
			(void)tls_certificate_decode(h.body, &certificate);
		}
		stream = slice_from(stream, (size_t)used);
	}
	return 0;
}
