/* EAP over LANs (IEEE 802.1X) and the EAP packet inside (RFC 3748): as much as shows whether a
 * phone was asked who it is, answered, and was let in. Pure codec; slices point into the frame. */
#ifndef DIALTONE_PROTO_EAPOL_EAPOL_H
#define DIALTONE_PROTO_EAPOL_EAPOL_H

#include "base/slice.h"
#include "proto/anomaly.h"

enum eapol_type {
	EAPOL_EAP = 0,
	EAPOL_START = 1,
	EAPOL_LOGOFF = 2,
	EAPOL_KEY = 3,
};

enum eap_code {
	EAP_NONE = 0, /* the frame holds no EAP packet */
	EAP_REQUEST = 1,
	EAP_RESPONSE = 2,
	EAP_SUCCESS = 3,
	EAP_FAILURE = 4,
};

enum eap_method {
	EAP_IDENTITY = 1,
	EAP_NOTIFICATION = 2,
	EAP_NAK = 3,
	EAP_MD5 = 4,
	EAP_TLS = 13,
	EAP_PEAP = 25,
	EAP_FAST = 43,
};

struct eapol {
	uint8_t version;
	uint8_t type;          /* enum eapol_type or another */
	uint8_t code;          /* enum eap_code */
	uint8_t id;            /* pairs a response with its request */
	uint8_t method;        /* enum eap_method or another; 0 in success and failure */
	struct slice identity; /* of an identity response: the user name; text of a notification */
};

/* 0 or E_TRUNCATED (not even the four bytes of the header). An EAP packet that is cut is decoded as
 * far as it goes and noted. */
int eapol_decode(struct slice bytes, struct eapol *ret_eapol, struct anomalies *anomalies);
/* "EAP-Request", "EAPOL-Start" …; never NULL. */
const char *eapol_words(const struct eapol *eapol);
/* "Identity", "EAP-TLS" …; NULL for methods nobody catalogued here. */
const char *eap_method_name(uint8_t method);

#endif
