#include "boot/changed.h"

#include "base/alloc.h"

#define SIZE_FIRST 64

void changed_done(struct changed *c)
{
	alloc_free(c->ring);
	*c = (struct changed){0};
}

static bool grow(struct changed *c)
{
	size_t size = c->size == 0 ? SIZE_FIRST : c->size * 2;
	struct changed_phone *ring = alloc_zero(size, sizeof *ring);

	if (ring == NULL)
		return false;
	for (size_t i = 0; i < c->count; i++)
		ring[i] = c->ring[(c->first + i) % c->size];
	alloc_free(c->ring);
	*c = (struct changed){ring, 0, c->count, size};
	return true;
}

bool changed_add(struct changed *c, struct mac mac, dt_time at)
{
	if (c->count == c->size && !grow(c))
		return false;
	c->ring[(c->first + c->count) % c->size] = (struct changed_phone){mac, at};
	c->count++;
	return true;
}

bool changed_next(struct changed *c, dt_time before, struct mac *ret_mac)
{
	if (c->count == 0 || c->ring[c->first].at >= before)
		return false;
	*ret_mac = c->ring[c->first].mac;
	c->first = (c->first + 1) % c->size;
	c->count--;
	return true;
}
