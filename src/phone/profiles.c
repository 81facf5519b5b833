/* The models, one row each. What was seen on the wire is marked with its source
 * (docs/protocol/phone.md); timers that differ by load are settings here. */
#include "phone/profile.h"

#include <string.h>

/* Option 55 of nearly every 79xx; 35 (ARP cache timeout) beside 66 and 150 is their tell-tale. */
#define PRL_79XX                                                                                   \
	{                                                                                          \
		1, 66, 6, 3, 15, 150, 35                                                           \
	}

static const struct phone_profile phone_7960 = {
    .name = "7960",
    .type = 7,
    .vendor_class = "Cisco Systems, Inc. IP Phone CP-7960G",
    .vendor_class_nul = true,
    .prl = PRL_79XX,
    .prl_count = 7,
    .file = {{"CTLSEP%M.tlv", PROFILE_TRUST},
	     {"SEP%M.cnf.xml", PROFILE_CONFIG},
	     {"XMLDefault.cnf.xml", PROFILE_DEFAULT},
	     {"SEP%M.cnf", PROFILE_CONFIG_BINARY},
	     {"SEPDEFAULT.cnf", PROFILE_CONFIG_BINARY}},
    .file_count = 5,
    .load = "P00308010200",
    .protocol_version = 11,
    .register_body_size = 68,
    .features = {0x00, 0x60, 0x85},
    .asks_config_stat = true,
    .tells_headset = true,
    .instance = 1,
    .start_us = DT_MS(400),
    .dhcp_first_us = DT_SECONDS(4),
    .dhcp_cap_us = DT_SECONDS(60),
    .tftp_retry_us = DT_SECONDS(4),
    .tftp_tries = 5,
    .connect_us = DT_SECONDS(15),
    .register_us = DT_SECONDS(15),
    .reject_wait_us = DT_SECONDS(30),
    .keepalives_lost = 3,
    .token_failback = false,
    .applies_config = false,
    .has_standby = true,
    .standby_us = DT_SECONDS(10),
    .load_suffix = ".loads",
    .load_prefix = "P0",
};

static const struct phone_profile phone_7961 = {
    .name = "7961",
    .type = 30018,
    .vendor_class = "Cisco Systems, Inc. IP Phone CP-7961G",
    .vendor_class_nul = true,
    .prl = PRL_79XX,
    .prl_count = 7,
    .file = {{"CTLSEP%M.tlv", PROFILE_TRUST},
	     {"SEP%M.cnf.xml", PROFILE_CONFIG},
	     {"XMLDefault.cnf.xml", PROFILE_DEFAULT}},
    .file_count = 3,
    .load = "SCCP41.8-5-3S",
    .protocol_version = 17,
    .register_body_size = 124,
    .max_streams = 5,
    .features = {0x00, 0x72, 0x85},
    .binary_mac = true,
    .start_us = DT_MS(600),
    .dhcp_first_us = DT_SECONDS(4),
    .dhcp_cap_us = DT_SECONDS(60),
    .tftp_retry_us = DT_SECONDS(4),
    .tftp_tries = 5,
    .connect_us = DT_SECONDS(15),
    .register_us = DT_SECONDS(15),
    .reject_wait_us = DT_SECONDS(30),
    .keepalives_lost = 3,
    .token_failback = true,
    .applies_config = true,
    .has_standby = true,
    .standby_us = DT_SECONDS(10),
    .load_suffix = ".loads",
    .load_prefix = "",
};

const struct phone_profile *const phone_profiles[] = {&phone_7960, &phone_7961, NULL};

const struct phone_profile *phone_profile_find(const char *name)
{
	for (size_t i = 0; phone_profiles[i] != NULL; i++) {
		if (strcmp(phone_profiles[i]->name, name) == 0)
			return phone_profiles[i];
	}
	return NULL;
}
