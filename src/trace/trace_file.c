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

/* Other things that files called captures turn out to be, by their first bytes. */
static const struct {
	const char *start, *words;
	size_t len;
} strangers[] = {
    {"\x1f\x8b", "compressed (gzip): unpack it first", 2},
    {"\x28\xb5\x2f\xfd", "compressed (zstd): unpack it first", 4},
    {"\xfd"
     "7zXZ",
     "compressed (xz): unpack it first", 5},
    {"GMBU", "a Microsoft Network Monitor file: convert it with editcap -F pcapng", 4},
    {"PK\x03\x04", "a ZIP archive: unpack it first", 4},
    {"snoop\0\0\0", "a Sun snoop file: convert it with editcap -F pcapng", 8},
    {"\x34\xcd\xb2\xa1", "an old variant of pcap: convert it with editcap -F pcapng", 4},
    {"\xa1\xb2\xcd\x34", "an old variant of pcap: convert it with editcap -F pcapng", 4},
};

static int fail(struct trace_result *result, const char *why)
{
	(void)text_copy(result->complaint, sizeof result->complaint, why);
	result->truncated = true;
	return 0;
}

static int no_capture(struct trace_result *result, struct slice start)
{
	const char *why = start.len == 0 ? "empty" : "no capture: neither pcap nor pcapng";

	for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++) {
		if (start.len >= strangers[i].len &&
		    memcmp(start.ptr, strangers[i].start, strangers[i].len) == 0)
			why = strangers[i].words;
	}
	(void)fail(result, why);
	return E_BAD_FORMAT;
}

static ssize_t read_some(int fd, uint8_t *to, size_t size)
{
	ssize_t n = 0;

	do
		n = read(fd, to, size);
	while (n < 0 && errno == EINTR);
	return n;
}

static int read_all(struct trace *t, int fd, uint8_t *buffer, const struct trace_progress *progress,
		    struct trace_result *result)
{
	size_t len = 0;
	uint64_t total = 0;
	bool bad = false;

	for (;;) {
		ssize_t n = read_some(fd, buffer + len, READ_SIZE);
		if (n < 0)
			return E_SYSTEM;
		len += (size_t)n;
		total += (size_t)n;
		size_t used = trace_bytes(t, slice_of(buffer, len), &bad);
		if (bad && !trace_is_capture(t))
			return no_capture(result, slice_of(buffer, len));
		memmove(buffer, buffer + used, len - used);
		len -= used;
		if (progress != NULL)
			progress->tell(progress->context, total);
		if (bad)
			return fail(result, "damaged: a record that cannot be one");
		if (n > 0)
			continue;
		if (!trace_is_capture(t))
			return no_capture(result, slice_of(buffer, len));
		return len > 0 ? fail(result, "cut off in the middle of a record") : 0;
	}
}

int trace_read(struct trace *t, int fd, const struct trace_progress *progress,
	       struct trace_result *ret_result)
{
	uint8_t *buffer = alloc_zero(1, BUFFER_SIZE);

	*ret_result = (struct trace_result){0};
	if (buffer == NULL)
		return E_NO_MEMORY;
	int error = read_all(t, fd, buffer, progress, ret_result);
	alloc_free(buffer);
	if (error != 0)
		return error;
	trace_end(t, ret_result->truncated);
	ret_result->frames = trace_frame_count(t);
	ret_result->last = trace_last(t);
	return 0;
}
