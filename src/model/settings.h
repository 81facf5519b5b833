/* The settings of one server, all of them: one value, replaced as a whole. A plain value. */
#ifndef DIALTONE_MODEL_SETTINGS_H
#define DIALTONE_MODEL_SETTINGS_H

#include "base/addr.h"

#define SETTINGS_DOMAIN_SIZE 64
#define SETTINGS_NAME_SIZE   32
#define SETTINGS_ZONE_SIZE   48
#define SETTINGS_MODELS_SIZE 128

struct settings {
	/* One address, three consumers: option 150, option 66 and siaddr never disagree. It is also
	 * the CallManager in the generated files unless callmanager_ip is set. */
	struct ip4 server_ip;
	struct ip4 callmanager_ip; /* 0.0.0.0 = server_ip */
	uint16_t sccp_port;        /* ethernetPhonePort; 2000 */

	struct ip4 subnet, netmask; /* the one DHCP subnet */
	struct ip4 pool_first, pool_last;
	struct ip4 router, dns; /* 0.0.0.0 = option not sent */
	char domain[SETTINGS_DOMAIN_SIZE];
	uint32_t lease_s;

	bool autoreg_on;
	uint32_t autoreg_first, autoreg_last; /* DN range, inclusive */
	int64_t autoreg_until_unix_s;         /* end of its time window; 0 = until switched off */
	uint32_t autoreg_cap;                 /* phones it may take in altogether; 0 = no cap */
	char autoreg_models[SETTINGS_MODELS_SIZE]; /* "7960G,7961G"; "" = every model */

	uint32_t keepalive_s;                 /* RegisterAck keepAliveInterval, 30 */
	uint32_t secondary_keepalive_s;       /* 60 */
	char server_name[SETTINGS_NAME_SIZE]; /* ConfigStat server name, e.g. "dialtone" */
	char date_template[7];                /* "D/M/Y", 6 characters at most */
	char time_zone[SETTINGS_ZONE_SIZE];   /* the phones' Windows-style name for cnf.xml */
	int32_t utc_offset_s;                 /* local time pushed by DefineTimeDate */
	/* What is kept of each phone's past, in memory and in the database; 0 = nothing in the
	 * database. And of all phones together in the database. */
	uint32_t history_kib, history_mib;
	uint64_t version;
};

/* Built-in values: addresses zero, 8 h leases, auto-registration off with range 1000-1999,
 * keepalive 30 s and 60 s, port 2000, "D/M/Y", "GMT Standard/Daylight Time". */
struct settings settings_default(void);
/* Fills what follows from the server's address and mask when still zero: subnet, pool (the upper
 * half of the host range, at most 1,000 addresses, never the server's own). Router stays unset. */
void settings_complete(struct settings *s);
/* Do they say the same? (The version counts too.) */
bool settings_equal(const struct settings *a, const struct settings *b);
/* 0, or E_BAD_VALUE with a sentence for the administrator in ret_why (static text). */
int settings_check(const struct settings *s, const char **ret_why);

#endif
