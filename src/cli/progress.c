#include "cli/progress.h"

#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define FIRST_MS 1000
#define EACH_MS  200

static int64_t now_ms(void)
{
	struct timespec t = {0};

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

struct progress progress_of(int fd)
{
	struct progress p = {.on = isatty(STDERR_FILENO) == 1, .began_ms = now_ms()};
	struct stat st;

	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0)
		p.total = (uint64_t)st.st_size;
	return p;
}

void progress_tell(void *progress, uint64_t bytes)
{
	struct progress *p = progress;

	if (!p->on)
		return;
	int64_t now = now_ms();
	if (now - p->began_ms < FIRST_MS || now - p->told_ms < EACH_MS)
		return;
	p->told_ms = now;
	p->shown = true;
	double mb = (double)bytes / 1e6;
	double rate = mb * 1000 / (double)(now - p->began_ms);
	if (p->total > 0)
		(void)fprintf(stderr, "\r  %3.0f %%  %.0f of %.0f MB, %.0f MB/s ",
			      100 * (double)bytes / (double)p->total, mb, (double)p->total / 1e6,
			      rate);
	else
		(void)fprintf(stderr, "\r  %.0f MB, %.0f MB/s ", mb, rate);
}

void progress_end(struct progress *p)
{
	if (p->shown)
		(void)fprintf(stderr, "\r%60s\r", "");
}
