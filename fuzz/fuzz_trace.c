/* Any bytes as a capture file: frames, facts, verdicts, words. */
#include "boot/explain.h"
#include "trace/trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct phone_report report;
	struct timeline *timeline = timeline_new();
	struct trace *trace = trace_new(timeline, VANTAGE_CAPTURE);
	struct buf text;
	struct mac mac;
	size_t at = 0;
	bool bad = false;

	buf_init(&text, 1u << 20);
	(void)trace_bytes(trace, slice_of(data, size), &bad);
	trace_end(trace, bad);
	while (timeline_next_phone(timeline, &at, &mac)) {
		if (diagnose_phone(timeline, mac, trace_last(trace), &report))
			explain_phone_text(&report, &(struct explain_options){.width = 80}, &text);
	}
	buf_done(&text);
	trace_free(trace);
	timeline_free(timeline);
	return 0;
}
