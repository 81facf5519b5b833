/* Facts by phone, in time order.
 *
 * A phone is a hardware address. Facts that came with an IP address nobody had claimed yet are kept
 * under that address and join the phone when it is claimed; those never claimed stay a "phone"
 * known by its address alone (timeline_address_phone).
 *
 * Keepalives of a registered phone come for ever: of answered pairs in a row only the latest is
 * kept, so that a week of them does not push out the boot. */
#include "boot/timeline.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/map.h"
#include "boot/others.h"

#define PHONES_MAX      50000
#define FACTS_MAX       2000    /* a phone */
#define FACTS_TOTAL_MAX 1000000 /* 312 MB; a boot has about fifty */
#define LEASE_USUAL     DT_SECONDS(86400)
#define LOOK_BACK       32 /* facts; the keepalives among the latest are never shed */
#define TRAILING_MAX    9
#define ADDRESS_PHONE   0xfeff00000000ULL

struct track {
	struct mac mac;
	struct fact *facts;
	size_t count, size;
	uint64_t dropped;
	dt_time lease; /* how far back a claimed address is this phone's */
};

struct timeline {
	struct map tracks;     /* mac to track */
	struct track **sorted; /* by mac; rebuilt when stale */
	size_t sorted_count;
	bool stale;
	size_t facts; /* of all tracks */
	struct others others;
	struct timeline_scope scope;
};

struct timeline *timeline_new(void)
{
	struct timeline *t = alloc_zero(1, sizeof *t);

	if (t == NULL)
		return NULL;
	map_init(&t->tracks, PHONES_MAX);
	others_init(&t->others);
	return t;
}

static void track_free(struct track *track)
{
	alloc_free(track->facts);
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
	others_done(&t->others);
	alloc_free(t->sorted);
	alloc_free(t);
}

static struct mac address_mac(struct ip4 ip)
{
	return mac_of_key(ADDRESS_PHONE | ip4_number(ip));
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

static dt_time last_seen(const struct track *track)
{
	return track->count > 0 ? track->facts[track->count - 1].at : INT64_MIN;
}

static int by_last_seen(const void *a, const void *b)
{
	dt_time ta = last_seen(*(struct track *const *)a);
	dt_time tb = last_seen(*(struct track *const *)b);

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
		t->facts -= all[i]->count;
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

static void drop(struct track *track, size_t at, size_t count)
{
	memmove(&track->facts[at], &track->facts[at + count],
		(track->count - at - count) * sizeof *track->facts);
	track->count -= count;
}

static bool is_keepalive(enum fact_kind kind)
{
	return kind == FACT_SCCP_KEEPALIVE || kind == FACT_SCCP_KEEPALIVE_ACK;
}

/* The latest keepalives and answers of one connection, newest first, as long as nothing but
 * keepalives (of a standby connection, say) stands between them. Returns how many. */
static size_t trailing_keepalives(const struct track *track, struct endpoint peer, size_t *index)
{
	size_t n = 0;
	size_t at = track->count;

	for (size_t i = 0; i < LOOK_BACK && at > 0 && n < TRAILING_MAX; i++) {
		const struct fact *f = &track->facts[--at];
		if (!is_keepalive(f->kind))
			break;
		if (endpoint_equal(f->peer, peer))
			index[n++] = at;
	}
	return n;
}

/* Question, answer, question, answer on one connection: the older pair says nothing more. Questions
 * nobody answers (a standby connection, CallManager 2.x) come for ever too: of many in a row the
 * first and the latest are enough. */
static void collapse_keepalives(struct track *track, const struct fact *added)
{
	size_t index[TRAILING_MAX];
	size_t n = trailing_keepalives(track, added->peer, index);
	const struct fact *f = track->facts;

	if (added->kind == FACT_SCCP_KEEPALIVE_ACK) {
		bool pairs = n >= 4 && f[index[0]].kind == FACT_SCCP_KEEPALIVE_ACK &&
			     f[index[1]].kind == FACT_SCCP_KEEPALIVE &&
			     f[index[2]].kind == FACT_SCCP_KEEPALIVE_ACK &&
			     f[index[3]].kind == FACT_SCCP_KEEPALIVE;
		if (pairs) {
			drop(track, index[2], 1);
			drop(track, index[3], 1);
		}
		return;
	}
	for (size_t i = 0; i < n; i++) {
		if (f[index[i]].kind != FACT_SCCP_KEEPALIVE)
			return;
	}
	if (n == TRAILING_MAX)
		drop(track, index[TRAILING_MAX / 2], 1);
}

/* Makes a track smaller: keepalives first, but for the latest; then the oldest facts. */
static void shed(struct timeline *t, struct track *track, size_t keep)
{
	size_t before = track->count;
	size_t n = 0;

	if (before <= keep)
		return;
	for (size_t i = 0; i < before; i++) {
		if (i + LOOK_BACK < before && is_keepalive(track->facts[i].kind))
			continue;
		track->facts[n++] = track->facts[i];
	}
	track->count = n;
	if (n > keep)
		drop(track, 0, n - keep);
	track->dropped += before - track->count;
	t->facts -= before - track->count;
	struct fact *smaller = alloc_resize(track->facts, keep * sizeof *smaller);
	if (smaller == NULL)
		return;
	track->facts = smaller;
	track->size = keep;
}

/* All phones together hold too much: those with more than their half share of the ceiling give. */
static void shed_all(struct timeline *t)
{
	size_t at = 0;
	struct track *track = NULL;
	size_t keep = FACTS_TOTAL_MAX / 2 / t->tracks.count;

	while ((track = map_next(&t->tracks, &at)) != NULL)
		shed(t, track, keep);
}

static int track_add(struct timeline *t, struct track *track, const struct fact *fact)
{
	if (track->count >= FACTS_MAX)
		shed(t, track, FACTS_MAX - FACTS_MAX / 4);
	if (t->facts >= FACTS_TOTAL_MAX)
		shed_all(t);
	if (track->count == track->size) {
		size_t size = track->size < 16 ? 16 : track->size * 2;
		struct fact *facts = alloc_resize(track->facts, size * sizeof *facts);
		if (facts == NULL)
			return E_NO_MEMORY;
		track->facts = facts;
		track->size = size;
	}
	size_t at = track->count;
	while (at > 0 && track->facts[at - 1].at > fact->at)
		at--;
	memmove(&track->facts[at + 1], &track->facts[at],
		(track->count - at) * sizeof *track->facts);
	track->facts[at] = *fact;
	track->facts[at].mac = track->mac;
	track->count++;
	t->facts++;
	return 0;
}

/* What was seen of this address before anybody claimed it belongs to who claims it now, unless it
 * is older than a lease: then somebody else may have had the address. */
static int join_address(struct timeline *t, struct track *track, const struct fact *claim)
{
	struct track *orphan = find(t, address_mac(claim->ip));
	size_t first = 0;
	int error = 0;

	if (claim->kind == FACT_DHCP_ACK && claim->dhcp.lease_s != 0)
		track->lease = DT_SECONDS(claim->dhcp.lease_s);
	if (orphan == NULL || last_seen(orphan) < claim->at - track->lease)
		return 0;
	while (orphan->facts[first].at < claim->at - track->lease)
		first++;
	/* Out of the map, or the ceiling could shed it under our hands. */
	(void)map_take(&t->tracks, mac_key(orphan->mac));
	t->stale = true;
	size_t i = first;
	for (; i < orphan->count && error == 0; i++) {
		error = track_add(t, track, &orphan->facts[i]);
		others_rename(&t->others, &orphan->facts[i], orphan->mac, track->mac);
	}
	i -= error != 0;
	t->facts -= i - first;
	drop(orphan, first, i - first);
	if (orphan->count > 0 && map_put(&t->tracks, mac_key(orphan->mac), orphan) == 0)
		return error;
	t->facts -= orphan->count;
	track_free(orphan);
	return error;
}

int timeline_add(struct timeline *t, const struct fact *fact)
{
	struct track *track = NULL;
	bool known = !mac_is_zero(fact->mac);

	if (!known && ip4_is_zero(fact->ip))
		return 0;
	int error = find_or_make(t, known ? fact->mac : address_mac(fact->ip), &track);
	/* An OFFER is no claim: the phone may take another one. */
	if (error == 0 && known && !ip4_is_zero(fact->ip) && fact->kind != FACT_DHCP_OFFER)
		error = join_address(t, track, fact);
	if (error == 0)
		error = track_add(t, track, fact);
	if (error != 0)
		return error;
	others_note(&t->others, fact, track->mac);
	if (is_keepalive(fact->kind)) {
		size_t before = track->count;
		collapse_keepalives(track, fact);
		t->facts -= before - track->count;
	}
	return 0;
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

uint64_t timeline_dropped(const struct timeline *t, struct mac mac)
{
	const struct track *track = find(t, mac);

	return track != NULL ? track->dropped : 0;
}

enum timeline_others timeline_others(const struct timeline *t, enum timeline_service service,
				     struct ip4 server, struct mac mac, dt_time from)
{
	return others_find(&t->others, service, server, mac, from);
}

const struct fact *timeline_next_fact(const struct timeline *t, struct mac mac, size_t *at)
{
	const struct track *track = find(t, mac);

	return track != NULL && *at < track->count ? &track->facts[(*at)++] : NULL;
}

size_t timeline_facts(const struct timeline *t, struct mac mac, const struct fact **ret_facts)
{
	const struct track *track = find(t, mac);

	*ret_facts = track != NULL ? track->facts : NULL;
	return track != NULL ? track->count : 0;
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
