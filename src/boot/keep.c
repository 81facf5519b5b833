#include "boot/keep.h"

#include "base/reader.h"
#include "boot/boot_internal.h"
#include "boot/pack.h"

#define FORM       "facts 1"
#define AT_MOST    ((dt_time)1 << 58) /* 9,000 years: sums of times stay within their type */
#define STATES_MAX 128                /* starts and stops of the server that are stored */

static const char *const names[] = {
#define F(name, text, family, step, fields) text,
#include "boot/facts.def"
#undef F
};

void keep_kinds_write(struct buf *to)
{
	buf_text(to, FORM "\n");
	for (size_t i = 0; i < FACT_COUNT; i++)
		buf_printf(to, "%s\n", names[i]);
}

static struct slice next_line(struct slice *text)
{
	const uint8_t *end = text->len > 0 ? memchr(text->ptr, '\n', text->len) : NULL;
	struct slice line =
	    slice_of(text->ptr, end != NULL ? (size_t)(end - text->ptr) : text->len);
	size_t taken = line.len + (end != NULL ? 1 : 0);

	*text = slice_of(text->ptr + taken, text->len - taken);
	return line;
}

void keep_kinds_read(struct slice text, struct keep_kinds *ret_kinds)
{
	for (size_t i = 0; i < sizeof ret_kinds->kind / sizeof *ret_kinds->kind; i++)
		ret_kinds->kind[i] = -1;
	if (!slice_equal(next_line(&text), slice_text(FORM)))
		return;
	for (size_t i = 0; i < sizeof ret_kinds->kind / sizeof *ret_kinds->kind && text.len > 0;
	     i++) {
		struct slice name = next_line(&text);
		for (int k = 0; k < FACT_COUNT; k++) {
			if (slice_equal(name, slice_text(names[k])))
				ret_kinds->kind[i] = (int16_t)k;
		}
	}
}

/* One record of boot/track.c, its kind translated. */
static bool read_record(struct reader *r, const struct keep_kinds *kinds, struct mac mac,
			struct fact *ret_fact)
{
	uint8_t packed[FACT_PACKED_MAX];
	struct slice record = reader_bytes(r, reader_le16(r));

	(void)reader_le16(r);
	if (r->failed || record.len == 0 || record.len > sizeof packed)
		return false;
	memcpy(packed, record.ptr, record.len);
	int16_t kind = kinds->kind[packed[0]];
	if (kind < 0)
		return false;
	packed[0] = (uint8_t)kind;
	return fact_unpack(slice_of(packed, record.len), mac, ret_fact) && ret_fact->at < AT_MOST &&
	       ret_fact->at > -AT_MOST;
}

size_t keep_restore(struct timeline *t, const struct timeline_kept *kept,
		    const struct keep_kinds *kinds, dt_time shift, uint64_t *ret_evidence)
{
	struct reader r = reader_of(kept->facts);
	size_t n = 0;
	struct fact f;

	while (!r.failed && reader_left(&r) > 0) {
		if (!read_record(&r, kinds, kept->mac, &f))
			continue;
		f.at += shift;
		if (timeline_add(t, &f) != 0)
			continue;
		*ret_evidence = f.evidence > *ret_evidence ? f.evidence : *ret_evidence;
		n++;
	}
	if (n > 0)
		timeline_set_dropped(t, kept->mac, kept->dropped, kept->boots_dropped);
	return n;
}

static bool is_state(const struct fact *f)
{
	return f->kind == FACT_SERVER_STATE && f->value[0] == 0 && f->number != SERVER_LATE;
}

void keep_server_write(const struct timeline *t, struct buf *to)
{
	const struct fact *site = NULL;
	size_t count = timeline_site(t, &site);
	size_t states = 0;

	for (size_t i = 0; i < count; i++)
		states += is_state(&site[i]);
	for (size_t i = 0; i < count; i++) {
		uint8_t packed[FACT_PACKED_MAX];
		if (!is_state(&site[i]) || states-- > STATES_MAX)
			continue;
		size_t len = fact_pack(&site[i], packed);
		const uint8_t length[] = {(uint8_t)len, (uint8_t)(len >> 8)};
		buf_append(to, slice_of(length, sizeof length));
		buf_append(to, slice_of(packed, len));
		buf_append(to, slice_of(length, sizeof length));
	}
}

bool keep_is_phone(const struct timeline *t, struct mac mac)
{
	const struct fact *facts = NULL;
	size_t count = timeline_facts(t, mac, &facts);

	return count > 0 && facts_are_phones(facts, count);
}
