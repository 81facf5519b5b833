/* Prints every sample as a frame, one "id hex" line each, for tshark to judge. */
#include "samples.h"

#include <stdio.h>

int main(void)
{
	for (size_t i = 0; i < sccp_samples_count; i++) {
		const struct sccp_sample *s = &sccp_samples[i];
		uint8_t bytes[SCCP_FRAME_MAX];
		struct writer w = writer_of(bytes, sizeof bytes);
		if (sccp_encode(&s->message, s->version, &w) != 0) {
			(void)printf("%u unencodable\n", s->message.id);
			continue;
		}
		(void)printf("%u ", s->message.id);
		for (size_t at = 0; at < w.pos; at++)
			(void)printf("%02x", bytes[at]);
		(void)printf("\n");
	}
	return 0;
}
