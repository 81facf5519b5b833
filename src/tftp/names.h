/* Which file does this phone ask for? Names are keys, never paths: nothing outside this table can
 * be reached, whatever a name contains. */
#ifndef DIALTONE_TFTP_NAMES_H
#define DIALTONE_TFTP_NAMES_H

#include "model/device.h"
#include "reg/reg.h"

enum name_kind {
	NAME_UNKNOWN, /* not served: answered "file not found" */
	NAME_PHONE,   /* a device's own file; device is set */
	NAME_DEFAULT, /* XMLDefault.cnf.xml */
};

struct name_answer {
	enum name_kind kind;
	const struct device *device;  /* NAME_PHONE; valid until the registrar's next input */
	char claim[DEVICE_NAME_SIZE]; /* the device name inside the file name, known or not; "" =
					 none */
};

/* Leading "/", "./" and "\" are what some loads put before a name: they are skipped. Case counts,
 * as on the servers phones were made for. */
struct name_answer names_find(const struct reg *reg, const char *name);

#endif
