/* What `dialtone export dhcp` has to say, apart from the languages it says it in. */
#ifndef DIALTONE_CLI_EXPORT_SITE_H
#define DIALTONE_CLI_EXPORT_SITE_H

#include "cli/cli.h"

#include "model/subnet.h"

#define EXPORT_TAKEN_MAX  8
#define EXPORT_RANGES_MAX (SUBNET_RANGES_MAX + EXPORT_TAKEN_MAX)

/* A subnet as another server can be told it: without the addresses of others in its ranges, which
 * our own server passes over and another one would give out. */
struct export_net {
	struct subnet subnet; /* tftp1 and lease_s as they are served, never zero */
	unsigned prefix;      /* /24 */
	struct subnet_range pool[EXPORT_RANGES_MAX], phones[EXPORT_RANGES_MAX];
	size_t pool_count, phones_count;
};

struct export_site {
	struct export_net *net; /* those that are on; the settings' own one is the last, where no
				   record overlaps it */
	size_t count;
	bool classes; /* phones have ranges of their own somewhere */
	json_t *phones;
};

struct export_reservation {
	char mac[24]; /* lower case, with the separator asked for */
	const char *ip, *name;
};

/* From the node's interface. NULL after telling what is wrong; then *ret_status. */
struct export_site *export_site_read(const char *socket, int *ret_status);
void export_site_free(struct export_site *site);
/* The next phone with an address of this subnet in its record: start with *at = 0. */
bool export_site_reservation(const struct export_site *site, const struct export_net *net,
			     const char *separator, size_t *at,
			     struct export_reservation *ret_reservation);

/* "A", or "A,B" with this between them; "" for none. Static memory, valid until the next call. */
const char *export_ips(struct ip4 first, struct ip4 second, const char *between);
/* One address as text; static memory of eight turns. */
const char *export_ip(struct ip4 ip);

/* export_unix.c, export_other.c: one a language, to standard output. */
void export_dnsmasq(const struct export_site *site);
void export_isc(const struct export_site *site);
void export_kea(const struct export_site *site);
void export_ios(const struct export_site *site);
void export_windows(const struct export_site *site);

#endif
