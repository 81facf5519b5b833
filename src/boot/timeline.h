/* The facts of all phones, in time order, one timeline per hardware address. Pure.
 *
 * Facts are kept packed. Every table has a ceiling. A phone keeps 96 KiB (about 2,000 facts) unless
 * told otherwise, all phones together 32 MiB and 6 KiB for each of them: beyond that keepalives go
 * first, then the oldest facts of the phones that have most. 50,000 phones are kept: beyond that
 * those silent for longest go, so that a flood of invented addresses pushes out itself. What
 * concerns nobody in particular (site facts) is kept apart.
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
/* 0 or E_NO_MEMORY: then the fact is lost and the rest stands. Facts may come slightly out of
 * order; equal times keep their order of arrival.
 */
int timeline_add(struct timeline *t, const struct fact *fact);
void timeline_set_scope(struct timeline *t, const struct timeline_scope *scope);
const struct timeline_scope *timeline_scope(const struct timeline *t);
size_t timeline_phone_count(const struct timeline *t);
/* What the phones' facts take, in bytes. */
size_t timeline_bytes(const struct timeline *t);
/* How many of this phone's facts gave way to the ceilings. Answered keepalives between two others
 * are not counted: they say nothing that is missed. */
uint64_t timeline_dropped(const struct timeline *t, struct mac mac);
/* How many of its boots went with them. */
unsigned timeline_boots_dropped(const struct timeline *t, struct mac mac);
/* The facts of a phone in order; *at starts at 0. NULL at the end. Valid until the next call. */
const struct fact *timeline_next_fact(const struct timeline *t, struct mac mac, size_t *at);
/* All of them at once; valid until the next timeline_facts or timeline_add. Returns how many; 0
 * also without memory. */
size_t timeline_facts(const struct timeline *t, struct mac mac, const struct fact **ret_facts);
/* What concerns every phone; likewise. */
size_t timeline_site(const struct timeline *t, const struct fact **ret_facts);
/* Walks the phones ordered by MAC; *at starts at 0. false at the end. No timeline_add in between.
 */
bool timeline_next_phone(struct timeline *t, size_t *at, struct mac *ret_mac);
/* What a phone keeps from now on, in bytes; at least 1 KiB. */
void timeline_limit(struct timeline *t, size_t bytes_a_phone);
/* Is this no hardware address but the stand-in of a phone known by its IP address alone? */
bool timeline_address_phone(struct mac mac, struct ip4 *ret_ip);
/* The stand-in of a device known by its name alone, because its address is several devices': the
 * ports of a voice gateway, softphones of one host. */
struct mac timeline_named_phone(const char *name);
bool timeline_is_named_phone(struct mac mac);

/* For a server that keeps its phones' histories on a disk (boot/keep.h). */
struct timeline_kept {
	struct mac mac;
	struct slice facts; /* packed; valid until the next timeline_add */
	dt_time last;
	uint64_t dropped;
	uint32_t boots_dropped;
};
/* From now on it is remembered whose facts have changed; keepalives alone change nothing. */
void timeline_tell_changed(struct timeline *t);
/* A phone with an untold change from before `before`, the longest waiting first; one that was told
 * two minutes ago or less waits two minutes more. It counts as told. false: none. */
bool timeline_next_changed(struct timeline *t, dt_time before, struct mac *ret_mac);
/* Later: what could not be stored. */
void timeline_changed(struct timeline *t, struct mac mac, dt_time at);
/* false: unknown, or a stand-in of an address. */
bool timeline_kept(const struct timeline *t, struct mac mac, struct timeline_kept *ret_kept);
/* What gave way before the facts that are there. */
void timeline_set_dropped(struct timeline *t, struct mac mac, uint64_t facts, unsigned boots);

enum timeline_service { SERVICE_DHCP, SERVICE_FILES, SERVICE_CALLMANAGER };
enum timeline_others { OTHERS_UNSEEN, OTHERS_WAITING, OTHERS_ANSWERED };

/* How many phones lost this server within ten seconds of `at`; *ret_of: how many it had. */
size_t timeline_lost_together(const struct timeline *t, struct ip4 server, dt_time at,
			      size_t *ret_of);
/* Do two hardware addresses register under this name in turn? Which is the other? */
bool timeline_name_shared(const struct timeline *t, const char *name, struct mac mac,
			  struct mac *ret_other);
/* Another phone of this model (the number of Register) that this server took. */
bool timeline_twin(const struct timeline *t, struct ip4 server, uint32_t model, struct mac mac,
		   struct mac *ret_twin);
/* The voice VLAN most phones of this switch are put into, when it is another than `vlan`; else 0.
 */
uint32_t timeline_voice_vlan(const struct timeline *t, const char *switch_name, uint32_t vlan);
/* Did another phone than `mac` ask the same server at `from` or later, and was one answered? For
 * DHCP the server does not matter. */
enum timeline_others timeline_others(const struct timeline *t, enum timeline_service service,
				     struct ip4 server, struct mac mac, dt_time from);

#endif
