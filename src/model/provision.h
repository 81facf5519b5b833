/* Everything a phone's files and its registration need, resolved from its record, its pool, its
 * CallManager group, the defaults of its model and the settings (reg/provision.c). A plain value.
 */
#ifndef DIALTONE_MODEL_PROVISION_H
#define DIALTONE_MODEL_PROVISION_H

#include "model/records.h"
#include "model/settings.h"

#define PROVISION_SERVERS_MAX     GROUP_NODES_MAX
#define PROVISION_LINES_MAX       42
#define PROVISION_SPEED_DIALS_MAX 42
#define PROVISION_BUTTONS_MAX     42

/* A CallManager of the phone's list. */
struct provision_server {
	char name[RECORD_NAME_SIZE];
	char address[NODE_ADDRESS_SIZE]; /* as the files spell it */
	struct ip4 ip;                   /* the same as a number; zero when it is a host name */
	uint16_t sccp_port;
};

struct provision_line {
	char dn[DEVICE_DN_SIZE];
	char label[DEVICE_LABEL_SIZE];   /* never empty when dn is not */
	char display[DEVICE_LABEL_SIZE]; /* likewise */
	char forward_all[DEVICE_DN_SIZE];
	char forward_busy[DEVICE_DN_SIZE];
	char forward_no_answer[DEVICE_DN_SIZE];
};

struct provision_speed_dial {
	char number[DEVICE_DN_SIZE];
	char label[DEVICE_LABEL_SIZE];
};

struct provision_button {
	uint8_t definition; /* SCCP's, button_words.def */
	uint8_t instance;   /* counts from 1 within its definition; 0 for unused ones */
};

struct provision {
	char name[DEVICE_NAME_SIZE]; /* "" for the default file */
	uint32_t type;
	bool known; /* there is a record */
	struct provision_server server[PROVISION_SERVERS_MAX];
	size_t servers; /* at least 1 */
	struct ip4 srst;
	uint32_t monitor_s;
	char date_template[7];
	char time_zone[SETTINGS_ZONE_SIZE];
	int32_t utc_offset_s;
	char user_locale[RECORD_NAME_SIZE], network_locale[RECORD_NAME_SIZE];
	char pool[RECORD_NAME_SIZE];                         /* "" = none */
	char load[DEVICE_LOAD_SIZE];                         /* "" = keep what it runs */
	char softkeys[RECORD_NAME_SIZE];                     /* "" = the standard ones */
	uint8_t softkey[SOFTKEY_SETS][SOFTKEY_SET_KEYS_MAX]; /* events; 0 = empty position */
	uint32_t protocol_max;                               /* 0 = what the server may */
	size_t lines, speed_dials, buttons;                  /* of the lists at the end */
	/* Changes exactly when something here may have changed: the files' version stamp. */
	uint64_t stamp;
	/* The lists stand last: only so many of their entries as there are mean anything. */
	struct provision_line line[PROVISION_LINES_MAX];
	struct provision_speed_dial speed_dial[PROVISION_SPEED_DIALS_MAX];
	struct provision_button button[PROVISION_BUTTONS_MAX];
};

#endif
