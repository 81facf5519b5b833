/* The store of message lines: see ladder.h. A line is a fixed head and its words, one behind the
 * other in one buffer; an index sorted by phone finds them again. */
#include "trace/ladder.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/map.h"
#include "base/text.h"
#include "boot/timeline.h"

#define ADDRESSES_MAX 60000
#define ADDRESS_PHONE 0xfeff00000000ULL /* as the timeline names phones known by address alone */

struct line_head {
	dt_time at;
	uint64_t evidence;
	struct mac mac;
	struct ip4 ip;
	struct endpoint peer;
	uint16_t vlan;
	bool by_phone;
	char protocol[8];
	uint16_t words_len;
};

struct line_index {
	uint64_t phone;
	size_t offset;
};

struct ladder {
	struct buf lines;
	size_t count;
	struct line_index *index; /* sorted by phone, then by place */
	bool cut;
};

struct ladder *ladder_new(void)
{
	struct ladder *l = alloc_zero(1, sizeof *l);

	if (l != NULL)
		buf_init(&l->lines, LADDER_BYTES_MAX);
	return l;
}

void ladder_free(struct ladder *l)
{
	if (l == NULL)
		return;
	buf_done(&l->lines);
	alloc_free(l->index);
	alloc_free(l);
}

void ladder_add(struct ladder *l, const struct observed_message *m)
{
	size_t len = strlen(m->words);
	struct line_head head = {.at = m->at,
				 .evidence = m->evidence,
				 .mac = m->mac,
				 .ip = m->ip,
				 .peer = m->peer,
				 .vlan = m->vlan,
				 .by_phone = m->by_phone,
				 .words_len = (uint16_t)len};

	if (l->cut || (mac_is_zero(m->mac) && ip4_is_zero(m->ip)))
		return;
	if (l->lines.len + sizeof head + len > LADDER_BYTES_MAX) {
		l->cut = true;
		return;
	}
	memcpy(head.protocol, m->protocol, sizeof head.protocol);
	buf_append(&l->lines, slice_of(&head, sizeof head));
	buf_append(&l->lines, slice_of(m->words, len));
	if (buf_error(&l->lines) != 0)
		l->cut = true;
	else
		l->count++;
}

bool ladder_cut(const struct ladder *l)
{
	return l->cut;
}

static struct line_head head_at(const struct ladder *l, size_t offset)
{
	struct line_head head;

	memcpy(&head, l->lines.ptr + offset, sizeof head);
	return head;
}

/* Which hardware address an IP address belonged to at last: from the lines that know both. */
static int learn(const struct ladder *l, struct map *owners)
{
	size_t offset = 0;

	map_init(owners, ADDRESSES_MAX);
	for (size_t i = 0; i < l->count; i++) {
		struct line_head head = head_at(l, offset);
		offset += sizeof head + head.words_len;
		if (mac_is_zero(head.mac) || ip4_is_zero(head.ip))
			continue;
		/* The address itself is the value: 48 bits fit where a pointer does. */
		int error = map_put(owners, ip4_number(head.ip),
				    (void *)(uintptr_t)mac_key(head.mac)); // NOLINT
		if (error == E_NO_MEMORY)
			return error;
	}
	return 0;
}

static int by_phone(const void *a, const void *b)
{
	const struct line_index *x = a;
	const struct line_index *y = b;

	if (x->phone != y->phone)
		return x->phone < y->phone ? -1 : 1;
	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

int ladder_sort(struct ladder *l)
{
	struct map owners;
	size_t offset = 0;
	int error = learn(l, &owners);

	l->index = alloc_zero(l->count + 1, sizeof *l->index);
	if (l->index == NULL || error != 0) {
		map_done(&owners);
		return E_NO_MEMORY;
	}
	for (size_t i = 0; i < l->count; i++) {
		struct line_head head = head_at(l, offset);
		uint64_t phone = mac_key(head.mac);
		if (phone == 0)
			phone = (uint64_t)(uintptr_t)map_get(&owners, ip4_number(head.ip));
		if (phone == 0)
			phone = ADDRESS_PHONE | ip4_number(head.ip);
		l->index[i] = (struct line_index){phone, offset};
		offset += sizeof head + head.words_len;
	}
	map_done(&owners);
	qsort(l->index, l->count, sizeof *l->index, by_phone);
	return 0;
}

static size_t first_of(const struct ladder *l, uint64_t phone)
{
	size_t low = 0;
	size_t high = l->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (l->index[middle].phone < phone)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool ladder_next(const struct ladder *l, struct mac phone, size_t *at,
		 struct observed_message *ret_message)
{
	size_t i = first_of(l, mac_key(phone)) + *at;

	if (l->index == NULL || i >= l->count || l->index[i].phone != mac_key(phone))
		return false;
	struct line_head head = head_at(l, l->index[i].offset);
	*ret_message = (struct observed_message){.at = head.at,
						 .evidence = head.evidence,
						 .mac = head.mac,
						 .ip = head.ip,
						 .peer = head.peer,
						 .vlan = head.vlan,
						 .by_phone = head.by_phone};
	memcpy(ret_message->protocol, head.protocol, sizeof head.protocol);
	(void)text_copy_slice(
	    ret_message->words, sizeof ret_message->words,
	    slice_of(l->lines.ptr + l->index[i].offset + sizeof head, head.words_len));
	(*at)++;
	return true;
}
