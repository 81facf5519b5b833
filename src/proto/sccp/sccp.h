/* SCCP (Skinny): frames, the catalogue of ids, and every body as a plain value.
 *
 * There is no public specification; layouts follow the frames in tests/data/sccp-golden.tsv and the
 * tables they came from (docs/protocol/sccp.md). Little-endian, but for IP addresses, the MAC field
 * and text. One codec for server, simulated phone, analyser and fuzzer; it keeps no state and
 * allocates nothing.
 *
 * Two versions meet in a frame. The header version is what its sender put there, and many put 0
 * whatever they speak; the negotiated version, which RegisterAck told, decides the layout. They are
 * never mixed: the first is a field of the message, the second an argument. */
#ifndef DIALTONE_PROTO_SCCP_SCCP_H
#define DIALTONE_PROTO_SCCP_SCCP_H

#include "base/writer.h"
#include "proto/anomaly.h"
#include "proto/sccp/sccp_message.h"

#define SCCP_PORT                  2000
#define SCCP_HEADER_SIZE           12
#define SCCP_LENGTH_MIN            4
#define SCCP_LENGTH_MAX            4088 /* largest length field accepted; see docs/protocol/sccp.md */
#define SCCP_FRAME_MAX             (SCCP_LENGTH_MAX + 8)
#define SCCP_VERSION_MAX           22 /* the highest anybody has been seen to speak */
/* CallManager 2.x and its 12SP+ and 30VIP: shorter bodies, no version in RegisterAck. For encoding;
 * decoders know these bodies by their length. */
#define SCCP_VERSION_CALLMANAGER_2 2

/* sccp_ids.def rows: M(id, NAME, DIRECTION, "Name"). DIRECTION: PHONE (phone to server), SERVER. */
enum sccp_id {
#define M(id, name, direction, text) SCCP_##name = (id),
#include "proto/sccp/sccp_ids.def"
#undef M
};

enum sccp_direction {
	SCCP_FROM_PHONE,
	SCCP_FROM_SERVER,
	SCCP_FROM_RESOURCE, /* conference bridges and the like; never a phone's boot */
	SCCP_FROM_UNKNOWN,
};

/* "RegisterAck"; NULL for an id that is not in the catalogue. */
const char *sccp_id_name(uint32_t id);
enum sccp_direction sccp_id_direction(uint32_t id);

/* Finds the next frame at the start of a stream. Returns its whole length (header included) and the
 * frame in ret_frame; 0 when more bytes are needed; E_BAD_FORMAT when the length field is below 4
 * or above SCCP_LENGTH_MAX: the stream cannot be followed any further. */
int sccp_frame_next(struct slice stream, struct slice *ret_frame);

/* Decodes one whole frame that was sent under the negotiated version `version`; 0 when that is not
 * known (a capture that begins late): then the header version counts where it says something, and
 * the length of the body where it does not. Missing tail fields are zero, surplus bytes are noted
 * and ignored. Only the member of the union that belongs to the id is written, `value` for ids
 * without a body. An id nobody has catalogued keeps its body in `raw`. 0, or E_BAD_FORMAT when not
 * even the 12-byte header is there. `anomalies` may be NULL. */
int sccp_decode_as(struct slice frame, uint8_t version, struct sccp_message *ret_message,
		   struct anomalies *anomalies);
/* The same with no version known. */
int sccp_decode(struct slice frame, struct sccp_message *ret_message, struct anomalies *anomalies);

/* Makes a copied message independent of the frame it came from: `raw` and every slice in it become
 * empty. */
void sccp_message_detach(struct sccp_message *message);

/* Appends one whole frame, header included, in the layout of protocol version `version`: the
 * negotiated one, or 0 before there is one (then as version 3). 0; E_FULL when it does not fit
 * (nothing is left written); E_UNSUPPORTED for an id dialtone does not send (video, conferences,
 * resources, unknown ids) when raw is empty; otherwise raw goes out as the body. */
int sccp_encode(const struct sccp_message *message, uint8_t version, struct writer *to);

/* The header version to send with: 0 up to version 11 and for the messages around registration, the
 * negotiated version beyond. */
uint32_t sccp_header_version(uint32_t id, uint8_t version);

/* The MAC a Register claims in its own field: 12 hex digits or six bytes; E_BAD_FORMAT for garbage.
 */
int sccp_register_mac(const struct sccp_register *reg, struct mac *ret_mac);

#endif
