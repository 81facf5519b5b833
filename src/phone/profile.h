/* What distinguishes one model's boot from another's: data, one row a model. */
#ifndef DIALTONE_PHONE_PROFILE_H
#define DIALTONE_PHONE_PROFILE_H

#include "base/time.h"

#include <stdbool.h>
#include <stddef.h>

#define PROFILE_PRL_MAX   16
#define PROFILE_FILES_MAX 6

/* A file asked during the boot, in order. */
struct profile_file {
	const char *pattern; /* %M = MAC in upper case: "SEP%M.cnf.xml" */
	enum {
		PROFILE_TRUST,  /* optional: CTL, ITL; its absence is normal */
		PROFILE_CONFIG, /* its own configuration: the first one delivered ends the search */
		PROFILE_DEFAULT,       /* the default configuration, likewise */
		PROFILE_CONFIG_BINARY, /* old binary forms: asked, but a delivered one cannot be
					  read */
	} kind;
};

struct phone_profile {
	const char *name;             /* "7960": for --mix and tables */
	uint32_t type;                /* device type number in Register */
	const char *vendor_class;     /* option 60 text */
	bool vendor_class_nul;        /* followed by a NUL, as most models send it */
	uint8_t prl[PROFILE_PRL_MAX]; /* option 55 in order */
	size_t prl_count;
	struct profile_file file[PROFILE_FILES_MAX];
	size_t file_count;
	const char *load;           /* in Register and Alarm */
	uint8_t protocol_version;   /* offered */
	uint8_t register_body_size; /* 68 or 124 */
	uint32_t max_streams;
	uint8_t features[3];   /* Register bytes 41 to 43 */
	bool binary_mac;       /* six binary bytes in Register; else zero */
	bool asks_config_stat; /* ConfigStatReq during registration */
	bool tells_headset;    /* HeadsetStatus during registration */
	uint32_t instance;     /* in Register */
	dt_time start_us;      /* power-on to first DISCOVER, image and voice VLAN */
	dt_time dhcp_first_us; /* first DISCOVER retry, doubling */
	dt_time dhcp_cap_us;
	dt_time tftp_retry_us;
	unsigned tftp_tries;
	dt_time connect_us;       /* gives up an unanswered connect */
	dt_time register_us;      /* gives up an unanswered Register */
	dt_time reject_wait_us;   /* after RegisterReject or the end of the list */
	unsigned keepalives_lost; /* unanswered ones until the CallManager is given up */
	bool token_failback;      /* RegisterTokenReq before it leaves for a better CallManager */
	bool token_start;         /* RegisterTokenReq before every Register */
	bool applies_config;      /* Reset 3 re-reads the file; else it is a restart */
	bool has_standby;         /* keeps a second connection */
	dt_time standby_us; /* from registered to the standby's connect, and between attempts */
	const char *load_suffix; /* ".loads" names the files; ".bin" or ".sbin" is the image */
	const char *load_prefix; /* of its own loads; another model's are refused. "" = any */
};

extern const struct phone_profile *const phone_profiles[]; /* NULL-terminated */
/* By name ("7960"), NULL when there is none. */
const struct phone_profile *phone_profile_find(const char *name);

#endif
