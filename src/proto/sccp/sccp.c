/* SCCP frames and the catalogue of ids.
 *
 * A frame is u32 length (of what follows offset 8), u32 header version, u32 id, body; all
 * little-endian. The bodies are in sccp_decode.c and sccp_encode.c, by the tables of sccp_table.h.
 */
#include "proto/sccp/sccp_table.h"

#include "base/error.h"

static const struct {
	uint32_t id;
	enum sccp_direction direction;
	const char *name;
} ids[] = {
#define PHONE                        SCCP_FROM_PHONE
#define SERVER                       SCCP_FROM_SERVER
#define RESOURCE                     SCCP_FROM_RESOURCE
#define M(id, name, direction, text) {id, direction, text},
#include "proto/sccp/sccp_ids.def"
#undef M
#undef PHONE
#undef SERVER
#undef RESOURCE
};
#define ID_COUNT (sizeof ids / sizeof *ids)

/* The rows stand in the order of their ids (a test proves it), so that half of the table is enough.
 */
static size_t id_row(uint32_t id)
{
	size_t low = 0;
	size_t high = ID_COUNT;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (ids[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < ID_COUNT && ids[low].id == id ? low : ID_COUNT;
}

const char *sccp_id_name(uint32_t id)
{
	size_t row = id_row(id);
	return row < ID_COUNT ? ids[row].name : NULL;
}

enum sccp_direction sccp_id_direction(uint32_t id)
{
	size_t row = id_row(id);
	return row < ID_COUNT ? ids[row].direction : SCCP_FROM_UNKNOWN;
}

int sccp_frame_next(struct slice stream, struct slice *ret_frame)
{
	struct reader r = reader_of(stream);
	uint32_t length = reader_le32(&r);

	if (r.failed)
		return 0;
	/* Judged from the length alone: waiting for the rest of a lie would stall the connection.
	 */
	if (length < SCCP_LENGTH_MIN || length > SCCP_LENGTH_MAX)
		return E_BAD_FORMAT;
	if (stream.len < length + 8)
		return 0;
	*ret_frame = slice_head(stream, length + 8);
	return (int)length + 8;
}

/* The versions 12 to 14 were never seen; phones of 15 and later put theirs into every header but
 * these, and so does CUCM towards them. */
#define HEADER_VERSION_FROM 15

uint32_t sccp_header_version(uint32_t id, uint8_t version)
{
	switch (id) {
	case SCCP_REGISTER:
	case SCCP_REGISTER_ACK:
	case SCCP_REGISTER_REJECT:
	case SCCP_REGISTER_TOKEN_REQ:
	case SCCP_REGISTER_TOKEN_ACK:
	case SCCP_REGISTER_TOKEN_REJECT:
	case SCCP_UNREGISTER_ACK:
	case SCCP_KEEP_ALIVE_ACK:
		return 0;
	default:
		return version >= HEADER_VERSION_FROM ? version : 0;
	}
}

void sccp_message_detach(struct sccp_message *message)
{
	const struct sccp_form *form = sccp_form_first(message->id);
	static const struct slice empty;

	message->raw = empty;
	/* Slices never stand inside arrays, and every form of a message fills the same ones. */
	for (const struct sccp_field *f = form != NULL ? form->fields : NULL;
	     f != NULL && f->kind != SCCP_FIELD_END; f++) {
		if ((f->kind == SCCP_FIELD_DATA || f->kind == SCCP_FIELD_AREA) &&
		    f->at != SCCP_NOWHERE)
			memcpy((uint8_t *)message + f->at, &empty, sizeof empty);
	}
}

int sccp_register_mac(const struct sccp_register *reg, struct mac *ret_mac)
{
	char text[13] = "";
	struct mac mac;
	static const uint8_t zeros[6];

	memcpy(text, reg->mac, 12);
	if (mac_parse(text, ret_mac) == 0)
		return 0;
	/* Six binary bytes and six zeros. Older phones leave stale memory here, which has no such
	 * tail. */
	memcpy(mac.b, reg->mac, sizeof mac.b);
	if (mac_is_zero(mac) || memcmp(reg->mac + 6, zeros, sizeof zeros) != 0)
		return E_BAD_FORMAT;
	*ret_mac = mac;
	return 0;
}
