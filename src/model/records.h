/* The records an administrator keeps beside the phones', in CUCM's words. Plain values; what their
 * fields are called, and which values are good, says model/record.h.
 *
 * Every record begins with its key and ends with the version that the registrar gives it at each
 * change, out of one counter for all records. */
#ifndef DIALTONE_MODEL_RECORDS_H
#define DIALTONE_MODEL_RECORDS_H

#include "base/addr.h"
#include "model/device.h"

#define RECORD_NAME_SIZE     32
#define RECORD_LIST_SIZE     128
#define RECORD_LAYOUT_SIZE   512
#define NODE_ADDRESS_SIZE    51 /* processNodeName takes 50 characters */
#define GROUP_NODES_MAX      3  /* a phone's list holds three CallManagers */
#define SOFTKEY_SETS         11
#define SOFTKEY_SET_KEYS_MAX 16

/* A CallManager that phones may register with: this server, or another. */
struct callmanager_node {
	char name[RECORD_NAME_SIZE];
	char address[NODE_ADDRESS_SIZE]; /* IPv4 address or host name, as the files spell it */
	uint32_t sccp_port;              /* 0 = 2000 */
	char description[DEVICE_DESCRIPTION_SIZE];
	uint64_t version;
};

/* A CallManager group: which node first, which when it fails. */
struct callmanager_group {
	char name[RECORD_NAME_SIZE];
	char nodes[RECORD_LIST_SIZE]; /* "cm1,cm2,cm3", the first one preferred */
	char description[DEVICE_DESCRIPTION_SIZE];
	uint64_t version;
};

/* A device pool: what the phones of one place have in common. */
struct device_pool {
	char name[RECORD_NAME_SIZE];
	char group[RECORD_NAME_SIZE];    /* "" = this server alone */
	char softkeys[RECORD_NAME_SIZE]; /* soft-key template; "" = the standard one */
	char date_template[7];           /* "" = the server's */
	char time_zone[48];              /* the phones' Windows-style name; "" = the server's */
	int32_t utc_offset_min;          /* what SCCP phones are told; counts with time_zone */
	struct ip4 srst;                 /* survivable gateway, last in the list; 0.0.0.0 = none */
	uint32_t monitor_s;              /* connectionMonitorDuration before fail-back */
	char user_locale[RECORD_NAME_SIZE], network_locale[RECORD_NAME_SIZE]; /* "" = English */
	char description[DEVICE_DESCRIPTION_SIZE];
	uint64_t version;
};

/* A directory number's own properties. Which phones bear it says the phones' records. */
struct line {
	char dn[DEVICE_DN_SIZE];
	char label[DEVICE_LABEL_SIZE];   /* beside the button; "" = the number */
	char display[DEVICE_LABEL_SIZE]; /* caller name others see; "" = the label */
	char forward_all[DEVICE_DN_SIZE];
	char forward_busy[DEVICE_DN_SIZE];
	char forward_no_answer[DEVICE_DN_SIZE];
	char description[DEVICE_DESCRIPTION_SIZE];
	uint64_t version;
};

/* Device defaults: what holds for each phone of a model whose record says nothing else. */
struct device_defaults {
	char model[RECORD_NAME_SIZE]; /* "7961G", as phone_types.def has it */
	char load[DEVICE_LOAD_SIZE];
	char pool[RECORD_NAME_SIZE];
	char buttons[RECORD_NAME_SIZE];
	char softkeys[RECORD_NAME_SIZE];
	uint32_t protocol_max; /* highest SCCP version to negotiate; 0 = what the server may */
	uint64_t version;
};

/* Phone button template: what each button is, top to bottom. */
struct button_template {
	char name[RECORD_NAME_SIZE];
	char layout[RECORD_LAYOUT_SIZE]; /* "line,line,speeddial,service,…": button_words.def */
	char description[DEVICE_DESCRIPTION_SIZE];
	uint64_t version;
};

/* Soft-key template: which keys stand in which situation, left to right: softkey_words.def. */
struct softkey_template {
	char name[RECORD_NAME_SIZE];
	char set[SOFTKEY_SETS][RECORD_LIST_SIZE]; /* "redial,newcall,cfwdall" */
	char description[DEVICE_DESCRIPTION_SIZE];
	uint64_t version;
};

#endif
