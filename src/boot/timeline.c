/* Facts by phone, in time order.
 *
 * A phone is a hardware address. Facts that came with an IP address nobody had claimed yet are kept
 * under that address and join the phone when it is claimed; those never claimed stay a "phone"
 * known by its address alone (timeline_address_phone).
 *
 * Keepalives of a registered phone come for ever: of an answered pair that follows another answered
 * pair only the latest is kept, so that a week of them does not push out the boot. */
#include "boot/timeline.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/map.h"

#define PHONES_MAX    60000
#define FACTS_MAX     2000 /* a phone */
#define ADDRESS_PHONE 0xfeff00000000ULL

struct track {
	struct mac mac;
	struct fact *facts;
	size_t count, size;
	uint64_t dropped;
};

struct timeline {
	struct map tracks;     /* mac to track */
	struct track **sorted; /* by mac; rebuilt when stale */
	size_t sorted_count;
	bool stale;
	struct timeline_scope scope;
};

struct timeline *timeline_new(void)
{
	struct timeline *t = alloc_zero(1, sizeof *t);

	if (t != NULL)
		map_init(&t->tracks, PHONES_MAX);
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

static int find_or_make(struct timeline *t, struct mac mac, struct track **ret_track)
{
	struct track *track = find(t, mac);

	if (track == NULL) {
		track = alloc_zero(1, sizeof *track);
		if (track == NULL)
			return E_NO_MEMORY;
		track->mac = mac;
		int error = map_put(&t->tracks, mac_key(mac), track);
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
	track->dropped += count;
}

/* KeepAlive, Ack, KeepAlive, Ack on one connection: the older pair goes. */
static void collapse_keepalives(struct track *track)
{
	struct fact *f = track->count >= 4 ? &track->facts[track->count - 4] : NULL;

	if (f != NULL && f[0].kind == FACT_SCCP_KEEPALIVE && f[1].kind == FACT_SCCP_KEEPALIVE_ACK &&
	    f[2].kind == FACT_SCCP_KEEPALIVE && f[3].kind == FACT_SCCP_KEEPALIVE_ACK &&
	    endpoint_equal(f[0].peer, f[2].peer))
		drop(track, track->count - 4, 2);
}

static int track_add(struct track *track, const struct fact *fact)
{
	if (track->count == FACTS_MAX)
		drop(track, 0, FACTS_MAX / 4);
	if (track->count == track->size) {
		size_t size = track->size == 0 ? 16 : track->size * 2;
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
	return 0;
}

/* What was seen of this address before anybody claimed it belongs to who claims it now. */
static int join_address(struct timeline *t, struct track *track, struct ip4 ip)
{
	struct track *orphan = find(t, address_mac(ip));
	int error = 0;

	if (orphan == NULL)
		return 0;
	for (size_t i = 0; i < orphan->count && error == 0; i++)
		error = track_add(track, &orphan->facts[i]);
	if (error != 0)
		return error;
	(void)map_take(&t->tracks, mac_key(orphan->mac));
	track_free(orphan);
	t->stale = true;
	return 0;
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
		error = join_address(t, track, fact->ip);
	if (error == 0)
		error = track_add(track, fact);
	if (error == 0 && fact->kind == FACT_SCCP_KEEPALIVE_ACK)
		collapse_keepalives(track);
	return error;
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
