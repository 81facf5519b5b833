/* Any bytes as a frame of each link type (the first byte chooses), down to the payload. */
#include "proto/frame/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint32_t links[] = {0, 1, 101, 113, 228, 276};
	struct frame_ip ip;
	struct frame_udp udp;
	struct frame_tcp tcp;
	uint16_t from = 0;
	uint16_t to = 0;

	if (size == 0 || frame_decode(links[data[0] % 6], slice_of(data + 1, size - 1), &ip) != 0)
		return 0;
	(void)frame_decode_udp(ip.payload, &udp);
	(void)frame_decode_tcp(ip.payload, &tcp);
	(void)frame_decode_unreachable(ip.payload, &ip, &from, &to);
	return 0;
}
