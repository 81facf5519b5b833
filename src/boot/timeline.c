/* Facts by phone.
 *
 * A phone is a hardware address. Facts that came with an IP address nobody had claimed yet are kept
 * under that address and join the phone when it is claimed; those never claimed stay a "phone"
 * known by its address alone (timeline_address_phone). */
#include "boot/timeline.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/map.h"
#include "boot/boot_internal.h"
#include "boot/changed.h"
#include "boot/crowd.h"
#include "boot/others.h"
#include "boot/track.h"

#define PHONES_MAX        50000
#define TRACK_BYTES_MAX   ((size_t)96 * 1024) /* about 2,000 facts */
#define TRACK_BYTES_LEAST ((size_t)1024)
#define BYTES_FREE        ((size_t)32 << 20) /* of all phones together, and … */
#define BYTES_A_PHONE     ((size_t)6 * 1024) /* … for each */
#define SITE_BYTES_MAX    ((size_t)64 * 1024)
#define TOLD_LATELY       DT_SECONDS(120)
#define LEASE_USUAL       DT_SECONDS(86400)
#define ADDRESS_PHONE     0xfeff00000000ULL
#define NAMED_PHONE       0xfefe00000000ULL

/* Facts unpacked for whoever reads them. */
struct scratch {
	struct fact *facts;
	size_t size;
	struct fact one;
};

struct timeline {
	struct map tracks;     /* mac to track */
	struct track **sorted; /* by mac; rebuilt when stale */
	size_t sorted_count;
	bool stale;
	size_t bytes; /* of all tracks */
	size_t track_max;
	struct changed changed, again; /* phones with untold changes; told lately before */
	bool tell_changed;
	struct track site;
	struct scratch *phone_facts, *site_facts;
	struct others others;
	struct crowd crowd;
	struct timeline_scope scope;
};

static void scratch_free(struct scratch *s)
{
	if (s != NULL)
		alloc_free(s->facts);
	alloc_free(s);
}

struct timeline *timeline_new(void)
{
	struct timeline *t = alloc_zero(1, sizeof *t);

	if (t == NULL)
		return NULL;
	map_init(&t->tracks, PHONES_MAX);
	others_init(&t->others);
	crowd_init(&t->crowd);
	t->track_max = TRACK_BYTES_MAX;
	t->phone_facts = alloc_zero(1, sizeof *t->phone_facts);
	t->site_facts = alloc_zero(1, sizeof *t->site_facts);
	if (t->phone_facts == NULL || t->site_facts == NULL) {
		timeline_free(t);
		return NULL;
	}
	return t;
}

static void track_free(struct track *track)
{
	track_done(track);
	alloc_free(track);
}

void timeline_free(struct timeline *t)
{
	size_t at = 0;
	struct track *track = NULL;

	if (t == NULL)
		return;
	while ((track = map_next(&t->tracks, &at)) != NULL)
		track_free(track);
	map_done(&t->tracks);
	track_done(&t->site);
	others_done(&t->others);
	crowd_done(&t->crowd);
	scratch_free(t->phone_facts);
	scratch_free(t->site_facts);
	changed_done(&t->changed);
	changed_done(&t->again);
	alloc_free(t->sorted);
	alloc_free(t);
}

static struct mac address_mac(struct ip4 ip)
{
	return mac_of_key(ADDRESS_PHONE | ip4_number(ip));
}

struct mac timeline_named_phone(const char *name)
{
	return mac_of_key(NAMED_PHONE | (uint32_t)map_key_text(name));
}

bool timeline_is_named_phone(struct mac mac)
{
	return mac_key(mac) >> 32 == NAMED_PHONE >> 32;
}

bool timeline_address_phone(struct mac mac, struct ip4 *ret_ip)
{
	uint64_t key = mac_key(mac);

	if (key >> 32 != ADDRESS_PHONE >> 32)
		return false;
	*ret_ip = ip4_of((uint32_t)key);
	return true;
}

static struct track *find(const struct timeline *t, struct mac mac)
{
	return map_get(&t->tracks, mac_key(mac));
}

static int by_last_seen(const void *a, const void *b)
{
	dt_time ta = (*(struct track *const *)a)->last;
	dt_time tb = (*(struct track *const *)b)->last;

	return ta < tb ? -1 : ta > tb;
}

/* Room for new phones: an eighth goes at a time, the longest silent. */
static int forget_phones(struct timeline *t)
{
	size_t at = 0;
	size_t n = 0;
	struct track *track = NULL;
	struct track **all = alloc_zero(t->tracks.count, sizeof(struct track *));

	if (all == NULL)
		return E_NO_MEMORY;
	while ((track = map_next(&t->tracks, &at)) != NULL)
		all[n++] = track;
	qsort(all, n, sizeof(struct track *), by_last_seen);
	for (size_t i = 0; i < n / 8; i++) {
		(void)map_take(&t->tracks, mac_key(all[i]->mac));
		t->bytes -= all[i]->size;
		track_free(all[i]);
	}
	alloc_free(all);
	t->stale = true;
	return 0;
}

static int find_or_make(struct timeline *t, struct mac mac, struct track **ret_track)
{
	struct track *track = find(t, mac);

	if (track == NULL) {
		int error = t->tracks.count == PHONES_MAX ? forget_phones(t) : 0;
		if (error != 0)
			return error;
		track = alloc_zero(1, sizeof *track);
		if (track == NULL)
			return E_NO_MEMORY;
		track->mac = mac;
		track->lease = LEASE_USUAL;
		error = map_put(&t->tracks, mac_key(mac), track);
		if (error != 0) {
			track_free(track);
			return error;
		}
		t->stale = true;
	}
	*ret_track = track;
	return 0;
}

static size_t unpack_all(const struct track *track, struct scratch *s)
{
	size_t at = 0;

	if (track->count > s->size) {
		struct fact *facts = alloc_resize(s->facts, track->count * sizeof *facts);
		if (facts == NULL)
			return 0;
		s->facts = facts;
		s->size = track->count;
	}
	for (size_t i = 0; i < track->count; i++)
		(void)track_next(track, &at, &s->facts[i]);
	return track->count;
}

static size_t count_boots(const struct timeline *t, const struct track *track)
{
	size_t start[1];
	size_t count = unpack_all(track, t->phone_facts);

	return count > 0 ? boots_find(t->phone_facts->facts, count, start, 1) : 0;
}

/* Facts give way, and whole boots with them: the next one is still told by its number. */
static void shed(struct timeline *t, struct track *track, size_t keep)
{
	if (track->len <= keep)
		return;
	size_t boots = count_boots(t, track);
	track_shed(track, keep);
	size_t left = count_boots(t, track);
	track->boots_dropped += (uint32_t)(boots > left ? boots - left : 0);
}

/* All phones together hold too much: those with more than their half share of the ceiling give. */
static void shed_all(struct timeline *t, size_t most)
{
	size_t at = 0;
	struct track *track = NULL;
	size_t keep = most / 2 / t->tracks.count;

	while ((track = map_next(&t->tracks, &at)) != NULL) {
		t->bytes -= track->size;
		shed(t, track, keep);
		t->bytes += track->size;
	}
}

static int add(struct timeline *t, struct track *track, const struct fact *fact)
{
	size_t most = BYTES_FREE + t->tracks.count * BYTES_A_PHONE;
	size_t before = track->size;

	if (track->len >= t->track_max)
		shed(t, track, t->track_max - t->track_max / 4);
	int error = track_add(track, fact);
	t->bytes = t->bytes - before + track->size;
	if (t->bytes > most && t->tracks.count > 0)
		shed_all(t, most);
	return error;
}

/* What was seen of this address before anybody claimed it belongs to who claims it now, unless it
 * is older than a lease: then somebody else may have had the address. */
static int join_address(struct timeline *t, struct track *track, const struct fact *claim)
{
	struct track *orphan = find(t, address_mac(claim->ip));
	size_t at = 0;
	size_t done = 0;
	struct fact f;
	int error = 0;

	if (claim->kind == FACT_DHCP_ACK && claim->dhcp.lease_s != 0)
		track->lease = DT_SECONDS(claim->dhcp.lease_s);
	if (orphan == NULL || orphan == track || orphan->last < claim->at - track->lease)
		return 0;
	/* Out of the map, or the ceiling could shed it under our hands. */
	(void)map_take(&t->tracks, mac_key(orphan->mac));
	t->bytes -= orphan->size;
	t->stale = true;
	struct track older = {.mac = orphan->mac, .lease = orphan->lease};
	while (error == 0 && track_next(orphan, &at, &f)) {
		bool old = f.at < claim->at - track->lease;
		f.mac = old ? orphan->mac : track->mac;
		error = old ? track_add(&older, &f) : add(t, track, &f);
		if (error == 0 && !old)
			others_rename(&t->others, &f, orphan->mac, track->mac);
		done = error == 0 ? at : done;
	}
	/* What could not be moved stays where it was. */
	track_drop_head(orphan, done);
	if (error != 0) {
		track_done(&older);
	} else {
		track_done(orphan);
		*orphan = older;
	}
	if (orphan->count > 0 && map_put(&t->tracks, mac_key(orphan->mac), orphan) == 0) {
		t->bytes += orphan->size;
		return error;
	}
	track_free(orphan);
	return error;
}

static int add_site(struct timeline *t, const struct fact *fact)
{
	if (t->site.len >= SITE_BYTES_MAX)
		track_shed(&t->site, SITE_BYTES_MAX - SITE_BYTES_MAX / 4);
	return track_add(&t->site, fact);
}

/* Not noted without memory: it is stored with the phone's next change. A phone that comes and goes
 * all day must not wear out a disk. */
static void note_change(struct timeline *t, struct track *track, dt_time at)
{
	if (!t->tell_changed || track->changed)
		return;
	bool again = track->told != 0 && at - track->told < TOLD_LATELY;
	track->changed = changed_add(again ? &t->again : &t->changed, track->mac, at);
}

int timeline_add(struct timeline *t, const struct fact *fact)
{
	struct track *track = NULL;
	bool known = !mac_is_zero(fact->mac);

	if (!known && ip4_is_zero(fact->ip))
		return add_site(t, fact);
	int error = find_or_make(t, known ? fact->mac : address_mac(fact->ip), &track);
	/* An OFFER is no claim: the phone may take another one. Nor is a name among several. */
	if (error == 0 && known && !ip4_is_zero(fact->ip) && fact->kind != FACT_DHCP_OFFER &&
	    !timeline_is_named_phone(fact->mac))
		error = join_address(t, track, fact);
	if (error == 0)
		error = add(t, track, fact);
	if (error != 0)
		return error;
	others_note(&t->others, fact, track->mac);
	if (fact->kind == FACT_SCCP_REGISTER)
		track->type = fact->number;
	crowd_note(&t->crowd, fact, track->mac, track->type);
	if (fact_is_keepalive(fact->kind))
		track_collapse(track, fact);
	else if (known)
		note_change(t, track, fact->at);
	return 0;
}

void timeline_limit(struct timeline *t, size_t bytes_a_phone)
{
	t->track_max = bytes_a_phone > TRACK_BYTES_LEAST ? bytes_a_phone : TRACK_BYTES_LEAST;
}

void timeline_tell_changed(struct timeline *t)
{
	t->tell_changed = true;
}

bool timeline_next_changed(struct timeline *t, dt_time before, struct mac *ret_mac)
{
	while (
	    changed_next(&t->changed, before, ret_mac) ||
	    changed_next(&t->again, before == DT_NEVER ? before : before - TOLD_LATELY, ret_mac)) {
		struct track *track = find(t, *ret_mac);
		/* It may have been forgotten meanwhile. */
		if (track == NULL || !track->changed)
			continue;
		track->changed = false;
		track->told = track->last;
		return true;
	}
	return false;
}

void timeline_changed(struct timeline *t, struct mac mac, dt_time at)
{
	struct track *track = find(t, mac);

	if (track != NULL)
		note_change(t, track, at);
}

bool timeline_kept(const struct timeline *t, struct mac mac, struct timeline_kept *ret_kept)
{
	const struct track *track = find(t, mac);
	struct ip4 ip;

	if (track == NULL || timeline_address_phone(mac, &ip) || timeline_is_named_phone(mac))
		return false;
	*ret_kept = (struct timeline_kept){.mac = mac,
					   .facts = slice_of(track->bytes, track->len),
					   .last = track->last,
					   .dropped = track->dropped,
					   .boots_dropped = track->boots_dropped};
	return true;
}

void timeline_set_dropped(struct timeline *t, struct mac mac, uint64_t facts, unsigned boots)
{
	struct track *track = find(t, mac);

	if (track == NULL)
		return;
	track->dropped = facts;
	track->boots_dropped = boots;
}

void timeline_set_scope(struct timeline *t, const struct timeline_scope *scope)
{
	t->scope = *scope;
}

const struct timeline_scope *timeline_scope(const struct timeline *t)
{
	return &t->scope;
}

size_t timeline_phone_count(const struct timeline *t)
{
	return t->tracks.count;
}

size_t timeline_bytes(const struct timeline *t)
{
	return t->bytes + t->tracks.count * sizeof(struct track);
}

uint64_t timeline_dropped(const struct timeline *t, struct mac mac)
{
	const struct track *track = find(t, mac);

	return track != NULL ? track->dropped : 0;
}

unsigned timeline_boots_dropped(const struct timeline *t, struct mac mac)
{
	const struct track *track = find(t, mac);

	return track != NULL ? track->boots_dropped : 0;
}

enum timeline_others timeline_others(const struct timeline *t, enum timeline_service service,
				     struct ip4 server, struct mac mac, dt_time from)
{
	return others_find(&t->others, service, server, mac, from);
}

size_t timeline_lost_together(const struct timeline *t, struct ip4 server, dt_time at,
			      size_t *ret_of)
{
	return crowd_lost_together(&t->crowd, server, at, ret_of);
}

bool timeline_name_shared(const struct timeline *t, const char *name, struct mac mac,
			  struct mac *ret_other)
{
	return crowd_name_shared(&t->crowd, name, mac, ret_other);
}

bool timeline_twin(const struct timeline *t, struct ip4 server, uint32_t model, struct mac mac,
		   struct mac *ret_twin)
{
	return crowd_twin(&t->crowd, server, model, mac, ret_twin);
}

uint32_t timeline_voice_vlan(const struct timeline *t, const char *switch_name, uint32_t vlan)
{
	return crowd_voice_vlan(&t->crowd, switch_name, vlan);
}

const struct fact *timeline_next_fact(const struct timeline *t, struct mac mac, size_t *at)
{
	const struct track *track = find(t, mac);

	if (track == NULL || !track_next(track, at, &t->phone_facts->one))
		return NULL;
	return &t->phone_facts->one;
}

size_t timeline_facts(const struct timeline *t, struct mac mac, const struct fact **ret_facts)
{
	const struct track *track = find(t, mac);
	size_t count = track != NULL ? unpack_all(track, t->phone_facts) : 0;

	*ret_facts = count > 0 ? t->phone_facts->facts : NULL;
	return count;
}

size_t timeline_site(const struct timeline *t, const struct fact **ret_facts)
{
	size_t count = unpack_all(&t->site, t->site_facts);

	*ret_facts = count > 0 ? t->site_facts->facts : NULL;
	return count;
}

static int by_mac(const void *a, const void *b)
{
	uint64_t ka = mac_key((*(struct track *const *)a)->mac);
	uint64_t kb = mac_key((*(struct track *const *)b)->mac);

	return ka < kb ? -1 : ka > kb;
}

/* The order of MACs, remade when phones came or went. On failure the old order stays. */
static void sort_tracks(struct timeline *t)
{
	size_t at = 0;
	size_t n = 0;
	struct track *track = NULL;
	struct track **sorted = alloc_resize(t->sorted, (t->tracks.count + 1) * sizeof(void *));

	if (sorted == NULL)
		return;
	while ((track = map_next(&t->tracks, &at)) != NULL)
		sorted[n++] = track;
	qsort(sorted, n, sizeof(struct track *), by_mac);
	t->sorted = sorted;
	t->sorted_count = n;
	t->stale = false;
}

bool timeline_next_phone(struct timeline *t, size_t *at, struct mac *ret_mac)
{
	if (*at == 0 && t->stale)
		sort_tracks(t);
	if (t->stale || *at >= t->sorted_count)
		return false;
	*ret_mac = t->sorted[(*at)++]->mac;
	return true;
}
