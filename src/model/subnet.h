/* A DHCP subnet as the administrator keeps it. A plain value.
 *
 * The subnet of the settings (settings.h) is one of them, the last to be looked at; records come
 * before it. */
#ifndef DIALTONE_MODEL_SUBNET_H
#define DIALTONE_MODEL_SUBNET_H

#include "base/addr.h"
#include "model/device.h"
#include "model/settings.h"

#define SUBNET_NAME_SIZE   32
#define SUBNET_RANGES_SIZE 128
#define SUBNET_RANGES_MAX  8    /* of addresses, in each of the two lists */
#define SUBNETS_MAX        1000 /* records */

struct subnet {
	char name[SUBNET_NAME_SIZE]; /* the key */
	struct ip4 network, netmask;
	char pool[SUBNET_RANGES_SIZE];   /* "A-B,C-D": whom no other list is for */
	char phones[SUBNET_RANGES_SIZE]; /* the same, for Cisco phones alone; "" = from the pool */
	struct ip4 router, dns1, dns2, ntp; /* 0.0.0.0 = option not sent */
	char domain[SETTINGS_DOMAIN_SIZE];  /* "" = option not sent */
	uint32_t lease_s;                   /* 0 = as in the settings */
	struct ip4 tftp1, tftp2;            /* option 150; 0.0.0.0 = this server, and no second */
	bool on;                            /* off: nobody in it is answered */
	char description[DEVICE_DESCRIPTION_SIZE];
	uint64_t version;
};

/* Addresses from first to last, both included. */
struct subnet_range {
	struct ip4 first, last;
};

/* "A-B,C-D" or single addresses, with commas or spaces between. 0; E_BAD_VALUE with a sentence in
 * ret_why (static text) when one cannot be read, ends before it begins, or there are too many. */
int subnet_ranges_parse(const char *text, struct subnet_range ret_ranges[static SUBNET_RANGES_MAX],
			size_t *ret_count, const char **ret_why);
/* Can it be served? 0, or E_BAD_VALUE with a sentence for the administrator (static text). */
int subnet_check(const struct subnet *s, const char **ret_why);
/* Do two subnets hold an address in common? */
bool subnet_overlaps(const struct subnet *a, const struct subnet *b);
/* The subnet the settings speak of. Its network is 0.0.0.0 while they name none. */
struct subnet subnet_of_settings(const struct settings *s);

#endif
