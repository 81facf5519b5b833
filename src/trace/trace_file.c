/* A capture from a descriptor: the one place of this room that reads. */
#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"
#include "proto/pcap/pcap.h"
#include "trace/trace.h"

#include <errno.h>
#include <unistd.h>

#define READ_SIZE   ((size_t)256 * 1024)
#define BUFFER_SIZE (PCAP_RECORD_MAX + READ_SIZE + 4096)

static int fail(struct trace_result *result, const char *why)
{
	(void)text_copy(result->complaint, sizeof result->complaint, why);
	result->truncated = true;
	return 0;
}

static ssize_t read_some(int fd, uint8_t *to, size_t size)
{
	ssize_t n = 0;

	do
		n = read(fd, to, size);
	while (n < 0 && errno == EINTR);
	return n;
}

static int read_all(struct trace *t, int fd, uint8_t *buffer, struct trace_result *result)
{
	size_t len = 0;
	bool bad = false;

	for (;;) {
		ssize_t n = read_some(fd, buffer + len, READ_SIZE);
		if (n < 0)
			return E_SYSTEM;
		len += (size_t)n;
		size_t used = trace_bytes(t, slice_of(buffer, len), &bad);
		memmove(buffer, buffer + used, len - used);
		len -= used;
		if (bad && trace_frame_count(t) == 0)
			return E_BAD_FORMAT;
		if (bad)
			return fail(result, "damaged: a record that cannot be one");
		if (n > 0)
			continue;
		if (!trace_is_capture(t))
			return E_BAD_FORMAT;
		return len > 0 ? fail(result, "cut off in the middle of a record") : 0;
	}
}

int trace_read(struct trace *t, int fd, struct trace_result *ret_result)
{
	struct trace_result result = {0};
	uint8_t *buffer = alloc_zero(1, BUFFER_SIZE);

	if (buffer == NULL)
		return E_NO_MEMORY;
	int error = read_all(t, fd, buffer, &result);
	alloc_free(buffer);
	if (error != 0)
		return error;
	trace_end(t, result.truncated);
	result.frames = trace_frame_count(t);
	result.last = trace_last(t);
	*ret_result = result;
	return 0;
}
