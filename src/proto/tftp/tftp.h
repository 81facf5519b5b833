/* TFTP packets (RFC 1350, 2347, 2348, 2349, 7440). Pure codec. Slices point into the packet. */
#ifndef DIALTONE_PROTO_TFTP_TFTP_H
#define DIALTONE_PROTO_TFTP_TFTP_H

#include "base/writer.h"
#include "proto/anomaly.h"

#define TFTP_PORT          69
#define TFTP_BLKSIZE_PLAIN 512
#define TFTP_BLKSIZE_MIN   8
#define TFTP_BLKSIZE_MAX   65464
#define TFTP_NAME_SIZE     256
#define TFTP_OPTIONS_MAX   8

enum tftp_op {
	TFTP_RRQ = 1,
	TFTP_WRQ,
	TFTP_DATA,
	TFTP_ACK,
	TFTP_ERROR,
	TFTP_OACK,
};

/* tftp_errors.def rows: T(code, NAME, "text"). */
enum tftp_error {
#define T(code, name, text) TFTP_ERROR_##name = (code),
#include "proto/tftp/tftp_errors.def"
#undef T
};

struct tftp_option {
	struct slice name, value; /* without their NULs */
};

struct tftp_packet {
	enum tftp_op op;
	char file[TFTP_NAME_SIZE]; /* RRQ, WRQ */
	char mode[16];             /* as sent, any case */
	uint16_t block;            /* DATA, ACK */
	uint16_t code;             /* ERROR */
	struct slice data;         /* DATA: the block; ERROR: the text without its NUL */
	uint32_t option_count;
	struct tftp_option option[TFTP_OPTIONS_MAX]; /* RRQ, WRQ, OACK */
};

const char *tftp_error_text(uint16_t code); /* "file not found" …; "error" for unlisted codes */

/* 0; E_BAD_FORMAT for an unknown op or a request without a terminated file name. A boot ROM's
 * garbage after the mode ends the options and is noted, never refused. */
int tftp_decode(struct slice bytes, struct tftp_packet *ret_packet, struct anomalies *anomalies);
/* Appends one packet. 0 or E_FULL. */
int tftp_encode(const struct tftp_packet *packet, struct writer *to);
/* The numeric value of an option by name (any case). false when absent or not a decimal number. */
bool tftp_option_number(const struct tftp_packet *p, const char *name, uint32_t *ret_value);

#endif
