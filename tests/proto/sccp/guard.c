#include "guard.h"

#include "proto/sccp/sccp.h"

#include <sys/mman.h>
#include <unistd.h>

bool guard_init(struct guard *g)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t room = (SCCP_FRAME_MAX + page - 1) / page * page;

	g->mapped = room + page;
	g->map = mmap(NULL, g->mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (g->map == MAP_FAILED)
		return false;
	g->end = g->map + room;
	return mprotect(g->end, page, PROT_NONE) == 0;
}

void guard_done(struct guard *g)
{
	(void)munmap(g->map, g->mapped); /* nothing to be done about it at the end of a test */
}

struct slice guard_put(struct guard *g, struct slice bytes)
{
	if (bytes.len > 0)
		memcpy(g->end - bytes.len, bytes.ptr, bytes.len);
	return slice_of(g->end - bytes.len, bytes.len);
}
