/* The facts of all phones, in time order, one timeline per hardware address, cut into boots. Pure;
 * every table has a ceiling (oldest facts of the busiest phone go first, and the report says so).
 */
#ifndef DIALTONE_BOOT_TIMELINE_H
#define DIALTONE_BOOT_TIMELINE_H

#include "boot/fact.h"

struct timeline; /* all phones */

/* What the vantage could have seen, so that absence may count: set once per source. */
struct timeline_scope {
	bool sees_dhcp; /* DISCOVERs and OFFERs of these phones pass here */
	bool sees_files;
	bool sees_sccp;
	bool complete;    /* nothing was dropped, and it ran from `from` on */
	dt_time from, to; /* the window watched; live: to = now */
};

struct timeline *timeline_new(void);
void timeline_free(struct timeline *t);
/* 0 or E_NO_MEMORY. Facts may come slightly out of order; equal times keep their order of arrival.
 */
int timeline_add(struct timeline *t, const struct fact *fact);
void timeline_set_scope(struct timeline *t, const struct timeline_scope *scope);
const struct timeline_scope *timeline_scope(const struct timeline *t);
size_t timeline_phone_count(const struct timeline *t);
/* The facts of a phone in order; *at starts at 0. NULL at the end. */
const struct fact *timeline_next_fact(const struct timeline *t, struct mac mac, size_t *at);
/* All of them at once; valid until the next timeline_add. Returns how many. */
size_t timeline_facts(const struct timeline *t, struct mac mac, const struct fact **ret_facts);
/* Walks the phones ordered by MAC; *at starts at 0. false at the end. No timeline_add in between.
 */
bool timeline_next_phone(struct timeline *t, size_t *at, struct mac *ret_mac);
/* Is this no hardware address but the stand-in of a phone known by its IP address alone? */
bool timeline_address_phone(struct mac mac, struct ip4 *ret_ip);

#endif
