/* The media bodies of SCCP as plain values. Calls are phone to phone: the server only tells each
 * side where to send and when to stop. */
#ifndef DIALTONE_PROTO_SCCP_SCCP_MEDIA_H
#define DIALTONE_PROTO_SCCP_SCCP_MEDIA_H

#include "base/addr.h"
#include "base/slice.h"

/* Four bytes on the wire below version 17, type and sixteen bytes from then on. */
struct sccp_address {
	uint32_t type;     /* SCCP_ADDRESS_IP4 and so on; always IP4 in the short form */
	uint8_t bytes[16]; /* network order; an IPv4 address stands in the first four */
};

static inline struct sccp_address sccp_address_of_ip4(struct ip4 ip)
{
	struct sccp_address a = {.type = 0};

	memcpy(a.bytes, ip.b, sizeof ip.b);
	return a;
}

/* Zero where the peer gave an IPv6 address only. */
static inline struct ip4 sccp_address_ip4(const struct sccp_address *a)
{
	struct ip4 ip = {{0}};

	if (a->type != 1)
		memcpy(ip.b, a->bytes, sizeof ip.b);
	return ip;
}

struct sccp_encryption {
	uint32_t algorithm; /* 0: none */
	uint16_t key_len, salt_len;
	uint8_t key[16], salt[16];
	uint32_t mki, key_derivation;
};

/* OpenReceiveChannel (address: the source to expect), StartMediaTransmission (address: where to
 * send), and their multicast and CallManager 2.x relatives, which carry fewer of the fields. */
struct sccp_media {
	uint32_t conference, party; /* party: opaque, comes back in the answer */
	uint32_t call;
	struct sccp_address address;
	uint32_t port;
	uint32_t ms_per_packet, codec;
	uint32_t
	    codec_params;     /* up to version 10 the G.723.1 rate, then four bytes of parameters */
	uint32_t echo_cancel; /* receiving */
	uint32_t precedence, silence_suppression; /* sending; precedence is the TOS byte, 0xb8 */
	uint16_t max_frames;
	struct sccp_encryption encryption;
	uint32_t stream, associated_stream;
	uint32_t dtmf_payload, dtmf_type; /* RFC 2833 payload type, 0: none; type 10 */
	uint32_t mixing_mode, party_direction;
	uint32_t address_type;   /* OpenReceiveChannel, version 16 on: the kind wanted */
	uint32_t audio_level;    /* OpenReceiveChannel, version 22 */
	uint8_t modem_relay[36]; /* version 22; never seen other than zero */
};

/* What the phone answers. OpenReceiveChannelAck has no conference, the multicast answer no address,
 * MediaTransmissionFailure no status. */
struct sccp_media_ack {
	uint32_t status; /* SCCP_MEDIA_STATUS_OK … */
	uint32_t conference, party, call;
	struct sccp_address address;
	uint32_t port;
};

struct sccp_media_stop {
	uint32_t conference, party, call;
	uint32_t port_handling; /* 0 close, 1 keep; not in the multicast forms */
};

struct sccp_statistics_req {
	char number[29];
	uint32_t call, mode;
};

struct sccp_statistics {
	char number[29];
	uint32_t call, mode;
	uint32_t packets_sent, octets_sent, packets_received, octets_received, packets_lost;
	uint32_t jitter_ms, latency_ms;
	struct slice quality; /* "MLQK=4.5000;…", at most 600 bytes */
};

struct sccp_dtmf {
	uint32_t tone; /* Subscribe and Unsubscribe: the payload type */
	uint32_t conference, party;
	uint32_t type; /* the requests of Subscribe and Unsubscribe */
};

struct sccp_port { /* PortReq, PortRes, PortClose: each has some of the fields */
	uint32_t conference, call, party;
	uint32_t transport, address_type, media_type;
	struct sccp_address address;
	uint32_t port, rtcp_port;
};

#endif
