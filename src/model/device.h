/* A device as the administrator knows it: one phone's record in the database. A plain value. */
#ifndef DIALTONE_MODEL_DEVICE_H
#define DIALTONE_MODEL_DEVICE_H

#include "base/addr.h"

#define DEVICE_NAME_SIZE        16 /* SEP001380AD9E5F and its NUL; the Register field is 16 bytes */
#define DEVICE_DN_SIZE          24 /* 23 characters and NUL: the width every SCCP number field bears */
#define DEVICE_LABEL_SIZE       40
#define DEVICE_DESCRIPTION_SIZE 64
#define DEVICE_LOAD_SIZE        32

struct device {
	char name[DEVICE_NAME_SIZE]; /* upper case; the key */
	uint32_t type;               /* the number phones send in Register; phone_types.def */
	char description[DEVICE_DESCRIPTION_SIZE];
	char dn[DEVICE_DN_SIZE];       /* directory number on line 1; "" = none */
	char label[DEVICE_LABEL_SIZE]; /* beside the line button and caller name; "" = the DN */
	char load[DEVICE_LOAD_SIZE];   /* firmware load to run; "" = keep what it runs */
	struct ip4 reserved_ip;        /* DHCP reservation; 0.0.0.0 = none */
	bool autoregistered;
	uint64_t version;     /* changes exactly when the record changes: the file's versionStamp */
	int64_t added_unix_s; /* wall clock, for people */
};

#endif
