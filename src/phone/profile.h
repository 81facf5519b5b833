/* What distinguishes one model's boot from another's: data, one .def file a model family under
 * src/phone/profiles/. What no source tells is a member here all the same, with a value of ours
 * (docs/protocol/phone.md marks it [S]), so that a capture of a real phone changes a row and no
 * code. */
#ifndef DIALTONE_PHONE_PROFILE_H
#define DIALTONE_PHONE_PROFILE_H

#include "base/time.h"

#include <stdbool.h>
#include <stddef.h>

#define PROFILE_OPTIONS_MAX   20
#define PROFILE_FILES_MAX     12
#define PROFILE_QUESTIONS_MAX 16

/* A file asked during the boot, in order. */
struct profile_file {
	/* %M = MAC in upper case, %m in lower; %L, %C = the folders of its configuration's user and
	 * network locale: "SEP%M.cnf.xml" */
	const char *pattern;
	enum {
		PROFILE_TRUST,  /* CTL, ITL; its absence is normal */
		PROFILE_EXTRA,  /* before the configuration; its absence is normal */
		PROFILE_CONFIG, /* its own configuration: the first one delivered ends the search */
		PROFILE_DEFAULT,       /* the default configuration, likewise */
		PROFILE_CONFIG_BINARY, /* old binary forms (docs/protocol/config-files.md) */
		PROFILE_AFTER,         /* behind the configuration; its absence is normal */
	} kind;
};

/* The questions of a registration; rows of phone_registration.c. */
enum profile_question {
	ASK_END,
	ASK_BUTTONS,
	ASK_SOFT_KEY_TEMPLATE,
	ASK_SOFT_KEY_SETS,
	ASK_CONFIG,
	ASK_VERSION,
	ASK_SERVERS,
	ASK_FIRST_LINE,    /* line 1, whatever the buttons say */
	ASK_FIRST_FORWARD, /* likewise */
	ASK_LINES,
	ASK_SPEED_DIALS,
	ASK_SERVICES,
	ASK_FEATURES,
	ASK_FORWARDS,
	TELL_HEADSET,
	TELL_AVAILABLE_LINES,
	TELL_CALL_COUNT, /* asked, but nobody waits for the answer */
	ASK_TIME,
	ASK_COUNT,
};

// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): told in the order of a boot
struct phone_profile {
	const char *name;   /* "7960": for --mix and tables */
	const char *prefix; /* of its device name; NULL = "SEP" */
	uint32_t type;      /* device type number in Register */
	dt_time start_us;   /* power-on to the first frame: the image starts */

	/* The wire */
	const char *platform;    /* CDP platform; NULL: speaks no CDP */
	bool lldp;               /* LLDP-MED beside CDP */
	unsigned cdp_at_link_up; /* so many a second apart, then one every 60 s */
	dt_time vlan_wait_us;    /* for the switch's word; then it goes on untagged */
	uint16_t power_mw;       /* what it says it draws */
	uint8_t priority;        /* in its tag where CDP names the VLAN */
	uint8_t arp_probes;      /* for its new address; 0: it only announces it */
	dt_time arp_wait_us;     /* for an answer to each */

	/* DHCP */
	const char *vendor_class;                 /* option 60 text */
	bool vendor_class_nul;                    /* followed by a NUL, as most models send it */
	uint8_t options[PROFILE_OPTIONS_MAX];     /* in the order of DISCOVER, 53 first; 0 ends */
	uint8_t prl[PROFILE_OPTIONS_MAX];         /* option 55 in order; 0 ends */
	uint8_t request_prl[PROFILE_OPTIONS_MAX]; /* in REQUEST; empty = as in DISCOVER */
	const char *vendor_data;                  /* option 43 where `options` has it */
	uint8_t ttl;                              /* of every packet it sends */
	dt_time dhcp_first_us;                    /* first DISCOVER retry, doubling */
	dt_time dhcp_cap_us;
	uint16_t dhcp_size;      /* a message is padded to so many bytes; 0 = to BOOTP's 300 */
	uint16_t message_max;    /* option 57 where `options` has it */
	uint32_t lease_wanted_s; /* option 51 likewise */
	bool keeps_lease; /* DHCP being silent, goes on with the address of its last boot if the
			     router answers */
	bool init_reboot; /* asks for the address of its last boot without DISCOVER */

	/* Files */
	struct profile_file file[PROFILE_FILES_MAX]; /* pattern NULL ends */
	bool http_first;                             /* HTTP 6970 before TFTP, file by file */
	const char *tftp_mode;                       /* "octet" */
	uint16_t tftp_port; /* one local port for all transfers; 0 = a fresh one each */
	dt_time tftp_retry_us;
	unsigned tftp_tries;
	dt_time file_gap_us; /* between the end of a file and the next request */
	dt_time file_pause_us[PROFILE_FILES_MAX]; /* before this one, more than that */
	const char *load;                         /* from the factory */
	const char *load_suffix; /* ".loads" names the files; ".bin" or ".sbin" is the image */
	const char *load_prefix; /* of its own loads; another model's are refused */

	/* SCCP */
	uint8_t protocol_version;   /* offered; 0: the body has none or it is 0 */
	uint8_t register_body_size; /* 36, 44, 68, 124 or 172 */
	uint32_t instance;
	uint32_t max_streams;
	uint32_t max_lines;
	uint8_t features[3]; /* Register bytes 41 to 43 */
	enum { MAC_ZERO, MAC_BINARY, MAC_HEX } mac_form;
	bool no_alarm;        /* begins with Register */
	bool keepalive_first; /* then a KeepAlive, registered nowhere yet */
	bool xml_alarm;       /* XmlAlarm beside Alarm */
	bool asks_at_once;    /* its questions in one segment, not one after the other's answer */
	enum profile_question question[PROFILE_QUESTIONS_MAX]; /* ASK_END ends */
	dt_time question_gap_us;  /* from an answer to the next question */
	dt_time connect_us;       /* gives up an unanswered connect */
	dt_time register_us;      /* gives up an unanswered Register */
	dt_time token_us;         /* or token; on the active connection it registers then */
	dt_time reject_wait_us;   /* after RegisterReject or the end of the list */
	unsigned keepalives_lost; /* unanswered ones until the CallManager is given up; 0: silence
				     is accepted, as CallManager 2.x gave it */
	bool token_failback;      /* RegisterTokenReq before it leaves for a better CallManager */
	bool token_start;         /* RegisterTokenReq before every Register */
	bool applies_config;      /* Reset 3 re-reads the file; else it is a restart */
	bool has_standby;         /* keeps a second connection */
	dt_time standby_us; /* from registered to the standby's connect, and between attempts */
};

/* They walk all models: NULL behind the last. */
const struct phone_profile *phone_profile_at(size_t i);
/* By name ("7960"), or by the model's or product's name as CUCM knows it ("CP-7961G-GE"). NULL when
 * there is none. */
const struct phone_profile *phone_profile_find(const char *name);

#endif
