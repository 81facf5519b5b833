/* pcap and pcapng (draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng). */
#include "proto/pcap/pcap.h"

#include "base/reader.h"

#define MAGIC_MICRO         0xa1b2c3d4u
#define MAGIC_NANO          0xa1b23c4du
#define MAGIC_MICRO_SWAPPED 0xd4c3b2a1u
#define MAGIC_NANO_SWAPPED  0x4d3cb2a1u
#define BLOCK_SECTION       0x0a0d0d0au
#define BLOCK_INTERFACE     1u
#define BLOCK_PACKET_OLD    2u
#define BLOCK_SIMPLE        3u
#define BLOCK_PACKET        6u
#define BYTE_ORDER_MAGIC    0x1a2b3c4du
#define BYTE_ORDER_SWAPPED  0x4d3c2b1au
#define OPTION_TSRESOL      9u
#define OPTION_TSOFFSET     14u
#define CLASSIC_HEADER      24u
#define CLASSIC_RECORD      16u
#define BLOCK_MIN           12u

struct pcap_reader pcap_reader_of(void)
{
	return (struct pcap_reader){.state = PCAP_START};
}

static uint32_t get32(const struct pcap_reader *p, struct reader *r)
{
	return p->swapped ? reader_be32(r) : reader_le32(r);
}

static uint16_t get16(const struct pcap_reader *p, struct reader *r)
{
	return p->swapped ? reader_be16(r) : reader_le16(r);
}

static enum pcap_step damaged(struct pcap_reader *p)
{
	p->state = PCAP_DAMAGED;
	return PCAP_STEP_BAD;
}

/* The first four bytes decide. */
static enum pcap_step read_start(struct pcap_reader *p, struct slice bytes, size_t *ret_used)
{
	struct reader r = reader_of(bytes);
	uint32_t magic = reader_le32(&r);

	if (r.failed)
		return PCAP_STEP_MORE;
	if (magic == BLOCK_SECTION) {
		p->state = PCAP_NG;
		return PCAP_STEP_SKIP;
	}
	p->swapped = magic == MAGIC_MICRO_SWAPPED || magic == MAGIC_NANO_SWAPPED;
	p->nanoseconds = magic == MAGIC_NANO || magic == MAGIC_NANO_SWAPPED;
	if (magic != MAGIC_MICRO && magic != MAGIC_NANO && !p->swapped)
		return damaged(p);
	if (bytes.len < CLASSIC_HEADER)
		return PCAP_STEP_MORE;
	reader_skip(&r, 16);
	p->link = get32(p, &r) & 0x0fffffff; /* the upper bits tell of frame check sequences */
	p->state = PCAP_CLASSIC;
	*ret_used = CLASSIC_HEADER;
	return PCAP_STEP_SKIP;
}

static enum pcap_step read_classic(struct pcap_reader *p, struct slice bytes, size_t *ret_used,
				   struct pcap_record *ret_record)
{
	struct reader r = reader_of(bytes);
	uint32_t seconds = get32(p, &r);
	uint32_t fraction = get32(p, &r);
	uint32_t kept = get32(p, &r);
	uint32_t length = get32(p, &r);

	if (r.failed)
		return PCAP_STEP_MORE;
	if (kept > PCAP_RECORD_MAX)
		return damaged(p);
	struct slice frame = reader_bytes(&r, kept);
	if (r.failed)
		return PCAP_STEP_MORE;
	*ret_record = (struct pcap_record){
	    .link = p->link,
	    .timed = true,
	    .unix_us = (dt_time)seconds * 1000000 + (p->nanoseconds ? fraction / 1000 : fraction),
	    .frame = frame,
	    .length = length,
	};
	*ret_used = CLASSIC_RECORD + kept;
	return PCAP_STEP_RECORD;
}

/* The options of an interface block that we heed. */
static void read_interface_options(const struct pcap_reader *p, struct reader *r,
				   struct pcap_interface *interface)
{
	while (reader_left(r) >= 4) {
		uint16_t code = get16(p, r);
		uint16_t len = get16(p, r);
		struct slice value = reader_bytes(r, len);
		reader_skip(r, (4u - len % 4u) % 4u);
		if (code == 0 || value.ptr == NULL)
			return;
		if (code == OPTION_TSRESOL && len == 1)
			interface->resolution = value.ptr[0];
		if (code == OPTION_TSOFFSET && len == 8) {
			struct reader v = reader_of(value);
			uint64_t first = get32(p, &v);
			uint64_t second = get32(p, &v);
			interface->offset_s =
			    (int64_t)(p->swapped ? first << 32 | second : second << 32 | first);
		}
	}
}

static void read_interface(struct pcap_reader *p, struct reader *r)
{
	struct pcap_interface interface = {.resolution = 6};

	interface.link = get16(p, r);
	reader_skip(r, 2);
	interface.snaplen = get32(p, r);
	read_interface_options(p, r, &interface);
	if (p->interface_count < PCAP_INTERFACES_MAX)
		p->interface[p->interface_count++] = interface;
}

/* Units of an interface to microseconds; 0 for times no clock shows. */
static dt_time to_microseconds(const struct pcap_interface *interface, uint64_t units)
{
	uint64_t per_second = 1;
	unsigned exponent = interface->resolution & 0x7f;

	if (interface->resolution & 0x80) {
		per_second = exponent < 63 ? 1ULL << exponent : 1ULL << 62;
	} else {
		for (unsigned i = 0; i < exponent && i < 18; i++)
			per_second *= 10;
	}
	uint64_t seconds = units / per_second;
	uint64_t rest = units % per_second;
	/* Scaled down first where the product would not fit. */
	uint64_t micro = per_second <= 1000000000000ULL ? rest * 1000000 / per_second
							: rest / (per_second / 1000000);
	if (seconds > 1ULL << 40)
		return 0;
	return ((dt_time)seconds + interface->offset_s % (1LL << 40)) * 1000000 + (dt_time)micro;
}

/* A packet block's body; false when it names no interface or lies about its length. */
static bool read_packet(struct pcap_reader *p, uint32_t type, struct reader *r,
			struct pcap_record *ret_record)
{
	uint32_t index = 0;
	uint64_t units = 0;
	uint32_t kept = 0;
	uint32_t length = 0;

	if (type == BLOCK_SIMPLE) {
		length = get32(p, r);
		uint32_t snaplen = p->interface_count > 0 ? p->interface[0].snaplen : 0;
		kept = snaplen != 0 && length > snaplen ? snaplen : length;
		if (kept > reader_left(r))
			kept = (uint32_t)reader_left(r);
	} else {
		index = type == BLOCK_PACKET ? get32(p, r) : get16(p, r);
		if (type == BLOCK_PACKET_OLD)
			reader_skip(r, 2);
		units = (uint64_t)get32(p, r) << 32;
		units |= get32(p, r);
		kept = get32(p, r);
		length = get32(p, r);
	}
	struct slice frame = reader_bytes(r, kept);
	if (r->failed || index >= p->interface_count)
		return false;
	const struct pcap_interface *interface = &p->interface[index];
	*ret_record = (struct pcap_record){.link = interface->link,
					   .timed = type != BLOCK_SIMPLE,
					   .unix_us = to_microseconds(interface, units),
					   .frame = frame,
					   .length = length};
	return true;
}

/* A section header also tells the byte order of everything up to the next one. */
static bool read_section(struct pcap_reader *p, struct slice bytes)
{
	struct reader r = reader_of(slice_from(bytes, 8));
	uint32_t magic = reader_le32(&r);

	if (magic != BYTE_ORDER_MAGIC && magic != BYTE_ORDER_SWAPPED)
		return false;
	p->swapped = magic == BYTE_ORDER_SWAPPED;
	p->interface_count = 0;
	return true;
}

static enum pcap_step read_block(struct pcap_reader *p, struct slice bytes, size_t *ret_used,
				 struct pcap_record *ret_record)
{
	struct reader r = reader_of(bytes);

	if (bytes.len < BLOCK_MIN)
		return PCAP_STEP_MORE;
	uint32_t type = get32(p, &r);
	if (type == BLOCK_SECTION && !read_section(p, bytes))
		return damaged(p);
	uint32_t total = get32(p, &r);
	if (total < BLOCK_MIN || total % 4 != 0)
		return damaged(p);
	bool packet = type == BLOCK_PACKET || type == BLOCK_PACKET_OLD || type == BLOCK_SIMPLE;
	if (!packet && type != BLOCK_INTERFACE) {
		/* Passed over without having it all at once: comment blocks may be huge. */
		p->skip = total;
		return PCAP_STEP_SKIP;
	}
	if (total > PCAP_RECORD_MAX)
		return damaged(p);
	if (bytes.len < total)
		return PCAP_STEP_MORE;
	struct reader body = reader_of(slice_of(bytes.ptr + 8, total - BLOCK_MIN));
	*ret_used = total;
	if (packet)
		return read_packet(p, type, &body, ret_record) ? PCAP_STEP_RECORD : PCAP_STEP_SKIP;
	read_interface(p, &body);
	return PCAP_STEP_SKIP;
}

enum pcap_step pcap_read(struct pcap_reader *p, struct slice bytes, size_t *ret_used,
			 struct pcap_record *ret_record)
{
	*ret_used = 0;
	if (p->skip > 0) {
		*ret_used = p->skip < bytes.len ? p->skip : bytes.len;
		p->skip -= *ret_used;
		return *ret_used > 0 ? PCAP_STEP_SKIP : PCAP_STEP_MORE;
	}
	switch (p->state) {
	case PCAP_START:
		return read_start(p, bytes, ret_used);
	case PCAP_CLASSIC:
		return read_classic(p, bytes, ret_used, ret_record);
	case PCAP_NG:
		return read_block(p, bytes, ret_used, ret_record);
	case PCAP_DAMAGED:
		return PCAP_STEP_BAD;
	}
	return PCAP_STEP_BAD;
}

void pcap_write_header(struct writer *to, uint32_t link)
{
	writer_le32(to, MAGIC_MICRO);
	writer_le16(to, 2); /* version 2.4 */
	writer_le16(to, 4);
	writer_zero(to, 8); /* UTC, no accuracy told */
	writer_le32(to, PCAP_RECORD_MAX);
	writer_le32(to, link);
}

void pcap_write_record(struct writer *to, dt_time unix_us, size_t frame_len)
{
	writer_le32(to, (uint32_t)(unix_us / 1000000));
	writer_le32(to, (uint32_t)(unix_us % 1000000));
	writer_le32(to, (uint32_t)frame_len);
	writer_le32(to, (uint32_t)frame_len);
}
