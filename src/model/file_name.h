/* The names of the files phones ask for: what one means, whose it is, and whether its absence
 * matters. One catalogue, file_names.def, for the file server, the observers and the rules. */
#ifndef DIALTONE_MODEL_FILE_NAME_H
#define DIALTONE_MODEL_FILE_NAME_H

#include "base/slice.h"
#include "model/device.h"

#define FILE_NAME_SIZE 256

enum file_kind {
	FILE_OTHER, /* in no row */
	FILE_PHONE,
	FILE_PHONE_SIGNED,
	FILE_PHONE_BINARY,
	FILE_PHONE_ATA,
	FILE_PHONE_SIP,
	FILE_PHONE_PROFILE,
	FILE_DEFAULT,
	FILE_DEFAULT_SIGNED,
	FILE_DEFAULT_BINARY,
	FILE_DEFAULT_SIP,
	FILE_DEFAULT_PROFILE,
	FILE_TRUST,
	FILE_IMAGE_CHOICE,
	FILE_LOADS,
	FILE_IMAGE,
	FILE_RINGS,
	FILE_RINGS_DISTINCT,
	FILE_RING,
	FILE_DIAL_PLAN,
	FILE_APP_DIAL_RULES,
	FILE_SOFT_KEYS,
	FILE_FEATURE_POLICY,
	FILE_TONES,
	FILE_LOCALE,
	FILE_BACKGROUND,
	FILE_WLAN,
	FILE_SYNC,
};

/* What it means for the boot that this file is not there. */
enum file_absence {
	FILE_ABSENCE_NORMAL,  /* the phone goes on without it */
	FILE_ABSENCE_UNKNOWN, /* nobody knows this phone: it asks for a default file next */
	FILE_ABSENCE_FAULT,   /* the boot stops or repeats here */
};

struct file_name {
	/* As the server looks it up: '/' between directories, none in front, "." and roots that
	 * some phones put before a name taken off. */
	char path[FILE_NAME_SIZE];
	enum file_kind kind;
	enum file_absence absence;    /* of OTHER: NORMAL */
	const char *what;             /* "the default configuration"; "" of OTHER */
	const char *usual;            /* the catalogue's spelling of a fixed name; "" otherwise */
	char claim[DEVICE_NAME_SIZE]; /* the device whose file it is: "SEP001380AD9E5F"; "" none */
};

/* Reads a name as it was asked. false when it is none that can be served: empty, too long, with
 * control characters, or with "..". */
bool file_name_read(struct slice asked, struct file_name *ret_name);
const char *file_kind_what(enum file_kind kind);

#endif
