/* What the files of the SCCP codec share: bodies as tables of fields, and which body an id has in
 * which version.
 *
 * A body is one array of rows in the order of the wire (sccp_bodies.def); decoder, encoder, field
 * list and the tests all walk the same rows. A form says that a message has a certain body from a
 * certain version on (sccp_forms.def). Nothing here is ever laid over bytes: a row names a place in
 * struct sccp_message and says how the wire spells it. */
#ifndef DIALTONE_PROTO_SCCP_SCCP_TABLE_H
#define DIALTONE_PROTO_SCCP_SCCP_TABLE_H

#include "base/reader.h"
#include "proto/sccp/sccp.h"

#define SCCP_NOWHERE       UINT16_MAX /* a row without a place: read for people, sent as zeros */
#define SCCP_REGISTERS     4          /* numbers of a body that later rows need */
#define SCCP_NESTING       4   /* bodies within bodies: conference resources, video formats */
#define SCCP_LINES_MAX     255 /* no phone has more lines or buttons */
/* What "no version is known" means where a body depends on it. */
#define SCCP_VERSION_BASIC 3

enum sccp_kind {
	SCCP_FIELD_END,
	SCCP_FIELD_U8,
	SCCP_FIELD_U16,
	SCCP_FIELD_U32,
	SCCP_FIELD_U8_WIDE,    /* one byte on the wire, a uint32_t here */
	SCCP_FIELD_BYTES,      /* `size` bytes as they are; shown as numbers or in hexadecimal */
	SCCP_FIELD_U16_LIST,   /* as many as `size` bytes hold */
	SCCP_FIELD_IP4,        /* network order into struct ip4 */
	SCCP_FIELD_IP4_LONG,   /* type and sixteen bytes into struct ip4; zero for another type */
	SCCP_FIELD_ADDRESS4,   /* network order into struct sccp_address */
	SCCP_FIELD_ADDRESS20,  /* type and sixteen bytes into struct sccp_address */
	SCCP_FIELD_TEXT,       /* `size` bytes with a NUL in them */
	SCCP_FIELD_TEXT_SHORT, /* the same, or what is left when that is less */
	SCCP_FIELD_NAME,       /* `size` bytes that may be filled to the last */
	SCCP_FIELD_STRING,     /* bytes and a NUL; at most `size` of them are sent */
	SCCP_FIELD_REST,       /* text up to a NUL or the end into char[room] */
	SCCP_FIELD_AREA,       /* text in an area of `size` bytes into a slice */
	SCCP_FIELD_ZERO,       /* padding */
	SCCP_FIELD_IGNORE,     /* up to `size` bytes some phones append; never sent */
	SCCP_FIELD_STOP,       /* bodies may end here; senders below version `param` do */
	SCCP_FIELD_STOP_EMPTY, /* bodies may end here; ours do when the slice is empty */
	SCCP_FIELD_BODY_SIZE,  /* no bytes: how long the body is, or shall be */
	SCCP_FIELD_COUNT,      /* U32, kept in register `param` for an array */
	SCCP_FIELD_LENGTH,     /* U32, kept in register `param`: the length of the slice */
	SCCP_FIELD_SELECT,     /* U32, kept in register `param` for a choice */
	SCCP_FIELD_DATA,       /* as many bytes as register `param` says, in an area of `size` */
	SCCP_FIELD_ARRAY,      /* `size` slots of `inner`, register `param` of them used */
	SCCP_FIELD_GROUP,      /* `inner` once, for its name */
	SCCP_FIELD_CHOICE,     /* an area of `size` bytes, its meaning chosen by register `param` */
	SCCP_FIELD_LOOSE,      /* U32 packed, or aligned three bytes later: see EnblocCall */
};

struct sccp_field {
	const char *name; /* NULL: nothing to show */
	uint8_t kind;
	uint8_t words; /* enum sccp_words */
	uint8_t param;
	uint8_t blank;  /* U8 in an unused slot of an array */
	uint16_t at;    /* offset in struct sccp_message, for arrays in the first element */
	uint16_t size;  /* bytes on the wire; ARRAY: slots */
	uint16_t room;  /* bytes of the text's place; ARRAY: bytes from element to element */
	uint16_t least; /* ARRAY: slots sent even when fewer are used */
	const struct sccp_field *inner;
	const struct sccp_case *cases;
};

/* The meanings of a CHOICE: rows until `inner` is NULL. */
struct sccp_case {
	uint32_t first, last; /* of the number that chooses */
	const struct sccp_field *inner;
};

/* Every row of one message stands together, by version, and two of the same version only where
 * their lengths tell them apart. */
struct sccp_form {
	uint32_t id;
	uint8_t since;     /* the first version that has this body */
	bool sent;         /* encoded from its places; else raw goes out as it is */
	uint16_t min, max; /* body lengths by which it is known where the version is not */
	uint16_t at, size; /* the member of the union it fills */
	const struct sccp_field *fields;
};

/* The bytes of a body of fixed size, as the elements of arrays are. */
size_t sccp_fields_size(const struct sccp_field *fields);
/* What a LOOSE row reads at the start of `r`; 0 when neither place holds a line. */
uint32_t sccp_read_loose(struct reader r);
/* The first form of a message; NULL for ids without one. */
const struct sccp_form *sccp_form_first(uint32_t id);
/* The form a body of `len` bytes has under `version` (0: not known). `first` as above. */
const struct sccp_form *sccp_form_pick(const struct sccp_form *first, uint8_t version, size_t len);
/* The form to send under `version`. */
const struct sccp_form *sccp_form_send(const struct sccp_form *first, uint8_t version);

#endif
