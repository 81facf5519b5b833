/* A device as the administrator knows it: one phone's record in the database. A plain value. */
#ifndef DIALTONE_MODEL_DEVICE_H
#define DIALTONE_MODEL_DEVICE_H

#include "base/addr.h"

#define DEVICE_NAME_SIZE        16 /* SEP001380AD9E5F and its NUL; the Register field is 16 bytes */
#define DEVICE_DN_SIZE          24 /* 23 characters and NUL: the width every SCCP number field bears */
#define DEVICE_LABEL_SIZE       40
#define DEVICE_DESCRIPTION_SIZE 64
#define DEVICE_LOAD_SIZE        32
#define DEVICE_RECORD_SIZE      32  /* the name of a record it refers to */
#define DEVICE_LINES_SIZE       256 /* further directory numbers */
#define DEVICE_SPEED_DIALS_SIZE 512

struct device {
	char name[DEVICE_NAME_SIZE]; /* upper case; the key */
	uint32_t type;               /* the number phones send in Register; phone_types.def */
	char description[DEVICE_DESCRIPTION_SIZE];
	char dn[DEVICE_DN_SIZE];           /* directory number on line 1; "" = none */
	char lines[DEVICE_LINES_SIZE];     /* numbers of the lines from 2 on: "1004,1005" */
	char label[DEVICE_LABEL_SIZE];     /* beside the line button and caller name; "" = the DN */
	char load[DEVICE_LOAD_SIZE];       /* firmware load to run; "" = keep what it runs */
	char pool[DEVICE_RECORD_SIZE];     /* device pool; "" = the model's, else the server's own
					      values */
	char buttons[DEVICE_RECORD_SIZE];  /* phone button template; "" = the model's */
	char softkeys[DEVICE_RECORD_SIZE]; /* soft-key template; "" = the pool's */
	char speed_dials[DEVICE_SPEED_DIALS_SIZE]; /* "1234=Anna,1235=Bob" */
	uint32_t protocol_max;  /* highest SCCP version to negotiate; 0 = the model's */
	struct ip4 reserved_ip; /* DHCP reservation; 0.0.0.0 = none */
	bool autoregistered;
	uint64_t version;     /* changes exactly when the record changes: the file's versionStamp */
	int64_t added_unix_s; /* wall clock, for people */
};

#endif
