/* Packed facts with their lengths on both sides.
 *
 * Keepalives of a registered phone come for ever: of answered pairs in a row only the latest is
 * kept, so that a week of them does not push out the boot. */
#include "boot/track.h"

#include "base/alloc.h"
#include "base/error.h"
#include "boot/pack.h"

#define LENGTH       2 /* bytes of a length, before and after */
#define SIZE_FIRST   512
#define LOOK_BACK    32 /* facts; the keepalives among the latest are never shed */
#define TRAILING_MAX 9

void track_done(struct track *track)
{
	alloc_free(track->bytes);
	*track = (struct track){0};
}

bool fact_is_keepalive(enum fact_kind kind)
{
	return kind == FACT_SCCP_KEEPALIVE || kind == FACT_SCCP_KEEPALIVE_ACK;
}

static size_t length_at(const uint8_t *at)
{
	return (size_t)at[0] | (size_t)at[1] << 8;
}

static void put_length(uint8_t *at, size_t len)
{
	at[0] = (uint8_t)len;
	at[1] = (uint8_t)(len >> 8);
}

/* The record that begins at `at`; how long it is with its lengths. */
static size_t record_at(const struct track *track, size_t at, struct slice *ret_record)
{
	size_t len = length_at(track->bytes + at);

	*ret_record = slice_of(track->bytes + at + LENGTH, len);
	return len + (size_t)2 * LENGTH;
}

/* The start of the record that ends at `end`. */
static size_t record_before(const struct track *track, size_t end)
{
	return end - LENGTH - length_at(track->bytes + end - LENGTH) - LENGTH;
}

static struct fact_head head_at(const struct track *track, size_t at)
{
	struct slice record;

	(void)record_at(track, at, &record);
	return fact_packed_head(record);
}

bool track_next(const struct track *track, size_t *at, struct fact *ret_fact)
{
	struct slice record;

	if (*at >= track->len)
		return false;
	*at += record_at(track, *at, &record);
	(void)fact_unpack(record, track->mac, ret_fact);
	return true;
}

static int make_room(struct track *track, size_t more)
{
	size_t size = track->size == 0 ? SIZE_FIRST : track->size;

	while (size < track->len + more)
		size += size / 2;
	if (size == track->size)
		return 0;
	uint8_t *bytes = alloc_resize(track->bytes, size);
	if (bytes == NULL)
		return E_NO_MEMORY;
	track->bytes = bytes;
	track->size = size;
	return 0;
}

int track_add(struct track *track, const struct fact *fact)
{
	uint8_t packed[FACT_PACKED_MAX];
	size_t len = fact_pack(fact, packed);
	size_t whole = len + (size_t)2 * LENGTH;
	int error = make_room(track, whole);

	if (error != 0)
		return error;
	size_t at = track->len;
	if (track->count > 0 && track->last > fact->at) {
		while (at > 0) {
			struct slice before;
			size_t start = record_before(track, at);
			(void)record_at(track, start, &before);
			if (fact_packed_time(before) <= fact->at)
				break;
			at = start;
		}
	} else {
		track->last = fact->at;
	}
	memmove(track->bytes + at + whole, track->bytes + at, track->len - at);
	put_length(track->bytes + at, len);
	memcpy(track->bytes + at + LENGTH, packed, len);
	put_length(track->bytes + at + LENGTH + len, len);
	track->len += whole;
	track->count++;
	return 0;
}

/* Takes out the record at `at`. */
static void drop(struct track *track, size_t at)
{
	struct slice record;
	size_t whole = record_at(track, at, &record);

	memmove(track->bytes + at, track->bytes + at + whole, track->len - at - whole);
	track->len -= whole;
	track->count--;
}

void track_drop_head(struct track *track, size_t at)
{
	size_t facts = 0;

	for (size_t i = 0; i < at;) {
		struct slice record;
		i += record_at(track, i, &record);
		facts++;
	}
	memmove(track->bytes, track->bytes + at, track->len - at);
	track->len -= at;
	track->count -= facts;
}

/* Keepalives go, but for those among the latest facts. */
static void shed_keepalives(struct track *track)
{
	size_t to = 0;
	size_t index = 0;
	size_t count = track->count;

	for (size_t at = 0; at < track->len; index++) {
		struct slice record;
		size_t whole = record_at(track, at, &record);
		bool goes =
		    index + LOOK_BACK < count && fact_is_keepalive((enum fact_kind)record.ptr[0]);
		if (!goes) {
			memmove(track->bytes + to, track->bytes + at, whole);
			to += whole;
		} else {
			track->count--;
		}
		at += whole;
	}
	track->len = to;
}

void track_shed(struct track *track, size_t keep)
{
	size_t before = track->count;
	size_t at = 0;

	if (track->len <= keep)
		return;
	shed_keepalives(track);
	while (track->len - at > keep) {
		struct slice record;
		at += record_at(track, at, &record);
	}
	track_drop_head(track, at);
	track->dropped += before - track->count;
	uint8_t *smaller = alloc_resize(track->bytes, keep > SIZE_FIRST ? keep : SIZE_FIRST);
	if (smaller == NULL)
		return;
	track->bytes = smaller;
	track->size = keep > SIZE_FIRST ? keep : SIZE_FIRST;
}

/* The latest keepalives and answers of one connection, newest first, as long as nothing but
 * keepalives (of a standby connection, say) stands between them. Returns how many, `most` at most.
 */
static size_t trailing_keepalives(const struct track *track, struct endpoint peer, size_t most,
				  size_t *index, enum fact_kind *kind)
{
	size_t n = 0;
	size_t at = track->len;

	for (size_t i = 0; i < LOOK_BACK && at > 0 && n < most; i++) {
		at = record_before(track, at);
		struct fact_head f = head_at(track, at);
		if (!fact_is_keepalive(f.kind))
			break;
		if (!endpoint_equal(f.peer, peer))
			continue;
		kind[n] = f.kind;
		index[n++] = at;
	}
	return n;
}

/* Question, answer, question, answer: the older pair says nothing more. */
static void collapse_pairs(struct track *track, struct endpoint peer)
{
	static const enum fact_kind pairs[] = {FACT_SCCP_KEEPALIVE_ACK, FACT_SCCP_KEEPALIVE,
					       FACT_SCCP_KEEPALIVE_ACK, FACT_SCCP_KEEPALIVE};
	size_t index[4];
	enum fact_kind kind[4];

	if (trailing_keepalives(track, peer, 4, index, kind) < 4 ||
	    memcmp(kind, pairs, sizeof pairs) != 0)
		return;
	drop(track, index[2]);
	drop(track, index[3]);
}

/* Questions nobody answers (a standby connection, CallManager 2.x) come for ever too: of many in a
 * row the first and the latest are enough. */
static void collapse_questions(struct track *track, struct endpoint peer)
{
	size_t index[TRAILING_MAX];
	enum fact_kind kind[TRAILING_MAX];

	/* Mostly the one before was answered, and that is all there is to see. */
	if (trailing_keepalives(track, peer, 2, index, kind) < 2 || kind[1] != FACT_SCCP_KEEPALIVE)
		return;
	size_t n = trailing_keepalives(track, peer, TRAILING_MAX, index, kind);
	for (size_t i = 0; i < n; i++) {
		if (kind[i] != FACT_SCCP_KEEPALIVE)
			return;
	}
	if (n == TRAILING_MAX)
		drop(track, index[TRAILING_MAX / 2]);
}

void track_collapse(struct track *track, const struct fact *added)
{
	if (added->kind == FACT_SCCP_KEEPALIVE_ACK)
		collapse_pairs(track, added->peer);
	else
		collapse_questions(track, added->peer);
}
