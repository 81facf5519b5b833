#include "base/alloc.h"

#include <stdint.h>
#include <stdlib.h>

static long allocations_left = -1; /* -1: never fail */
static int failed;

static int must_fail(void)
{
	if (allocations_left < 0)
		return 0;
	if (allocations_left == 0) {
		failed = 1;
		return 1;
	}
	allocations_left--;
	return 0;
}

void *alloc_zero(size_t count, size_t size)
{
	if (must_fail())
		return NULL;
	return calloc(count, size);
}

void *alloc_resize(void *old, size_t size)
{
	if (must_fail())
		return NULL;
	return realloc(old, size);
}

void alloc_free(void *ptr)
{
	free(ptr);
}

void alloc_fail_after(long n)
{
	allocations_left = n;
	failed = 0;
}

void alloc_fail_never(void)
{
	allocations_left = -1;
}

int alloc_failed(void)
{
	return failed;
}
