/* EAPOL frames (IEEE 802.1X-2010, 11) and EAP (RFC 3748, 4). */
#include "proto/eapol/eapol.h"

#include "base/error.h"
#include "base/reader.h"

static void read_eap(struct reader *r, struct eapol *e, struct anomalies *anomalies)
{
	uint32_t at = (uint32_t)r->pos;

	e->code = reader_u8(r);
	e->id = reader_u8(r);
	uint16_t length = reader_be16(r);
	if (r->failed) {
		anomaly_add(anomalies, ANOMALY_SHORT, at);
		return;
	}
	if (length < 4 || length - 4u > reader_left(r))
		anomaly_add(anomalies, ANOMALY_LENGTH, at + 2);
	if (e->code < EAP_REQUEST || e->code > EAP_FAILURE)
		anomaly_add(anomalies, ANOMALY_VALUE, at);
	if ((e->code != EAP_REQUEST && e->code != EAP_RESPONSE) || length < 5)
		return;
	e->method = reader_u8(r);
	size_t left = reader_left(r);
	size_t meant = length - 5u;
	if (e->method == EAP_IDENTITY || e->method == EAP_NOTIFICATION)
		e->identity = reader_bytes(r, meant < left ? meant : left);
}

int eapol_decode(struct slice bytes, struct eapol *ret_eapol, struct anomalies *anomalies)
{
	struct reader r = reader_of(bytes);
	struct eapol e = {0};

	e.version = reader_u8(&r);
	e.type = reader_u8(&r);
	uint16_t length = reader_be16(&r);
	if (r.failed)
		return E_TRUNCATED;
	/* What follows the body is the padding of a short Ethernet frame. */
	if (length > reader_left(&r))
		anomaly_add(anomalies, ANOMALY_SHORT, 2);
	else
		r.len = r.pos + length;
	if (e.type == EAPOL_EAP)
		read_eap(&r, &e, anomalies);
	else if (e.type > 8)
		anomaly_add(anomalies, ANOMALY_UNKNOWN_ID, 1);
	*ret_eapol = e;
	return 0;
}

const char *eapol_words(const struct eapol *eapol)
{
	static const char *const codes[] = {"EAP packet", "EAP-Request", "EAP-Response",
					    "EAP-Success", "EAP-Failure"};

	switch (eapol->type) {
	case EAPOL_EAP:
		return codes[eapol->code <= EAP_FAILURE ? eapol->code : 0];
	case EAPOL_START:
		return "EAPOL-Start";
	case EAPOL_LOGOFF:
		return "EAPOL-Logoff";
	case EAPOL_KEY:
		return "EAPOL-Key";
	default:
		return "EAPOL";
	}
}

const char *eap_method_name(uint8_t method)
{
	switch (method) {
	case EAP_IDENTITY:
		return "Identity";
	case EAP_NOTIFICATION:
		return "Notification";
	case EAP_NAK:
		return "Nak";
	case EAP_MD5:
		return "EAP-MD5";
	case EAP_TLS:
		return "EAP-TLS";
	case EAP_PEAP:
		return "PEAP";
	case EAP_FAST:
		return "EAP-FAST";
	default:
		return NULL;
	}
}
