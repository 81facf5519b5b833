/* DHCP messages to bytes. An option longer than 255 bytes goes in parts (RFC 3396), each part in
 * the same field. */
#include "proto/dhcp/dhcp.h"

#include "base/error.h"
#include "proto/dhcp/dhcp_layout.h"

#define PART_MAX 255u

/* How many bytes an option takes. */
static size_t option_size(size_t len)
{
	size_t parts = len == 0 ? 1 : (len + PART_MAX - 1) / PART_MAX;

	return len + 2 * parts;
}

static void write_option(struct writer *w, uint8_t number, struct slice value)
{
	do {
		struct slice part = slice_head(value, PART_MAX);
		writer_u8(w, number);
		writer_u8(w, (uint8_t)part.len);
		writer_bytes(w, part);
		value = slice_from(value, part.len);
	} while (value.len > 0);
}

static void write_item(struct writer *w, const struct dhcp_message *m, uint16_t i)
{
	write_option(w, m->option[i].number, slice_of(m->data + m->option[i].at, m->option[i].len));
}

/* Those the encoder itself writes. */
static bool is_own(const struct dhcp_message *m, uint16_t i)
{
	return m->option[i].number == DHCP_OPTION_MESSAGE_TYPE ||
	       m->option[i].number == DHCP_OPTION_OVERLOAD;
}

static void write_head(const struct dhcp_message *m, struct writer *to)
{
	writer_u8(to, m->op);
	writer_u8(to, 1);
	writer_u8(to, 6);
	writer_u8(to, m->hops);
	writer_be32(to, m->xid);
	writer_be16(to, m->secs);
	writer_be16(to, m->flags);
	writer_be32(to, ip4_number(m->ciaddr));
	writer_be32(to, ip4_number(m->yiaddr));
	writer_be32(to, ip4_number(m->siaddr));
	writer_be32(to, ip4_number(m->giaddr));
	writer_bytes(to, slice_of(m->chaddr.b, sizeof m->chaddr.b));
	writer_zero(to, 10);
}

static void write_type(const struct dhcp_message *m, struct writer *to)
{
	uint8_t type = (uint8_t)m->type;

	if (m->type != DHCP_BOOTP)
		write_option(to, DHCP_OPTION_MESSAGE_TYPE, slice_of(&type, 1));
}

static int finish(struct writer *to, size_t start)
{
	writer_u8(to, DHCP_OPTION_END);
	if (!to->failed && to->pos - start < DHCP_BOOTP_SIZE)
		writer_zero(to, DHCP_BOOTP_SIZE - (to->pos - start));
	if (!to->failed)
		return 0;
	to->pos = start;
	to->failed = false;
	return E_FULL;
}

int dhcp_encode(const struct dhcp_message *m, struct writer *to)
{
	size_t start = to->pos;

	write_head(m, to);
	writer_text(to, m->sname, DHCP_SNAME_SIZE);
	writer_text(to, m->file, DHCP_FILE_SIZE);
	writer_be32(to, DHCP_COOKIE);
	write_type(m, to);
	for (uint16_t i = 0; i < m->option_count; i++) {
		if (!is_own(m, i))
			write_item(to, m, i);
	}
	return finish(to, start);
}

/* Which options go where. Fields are filled in the order in which they are read (RFC 2131 4.1):
 * options, file, sname. */
enum field {
	FIELD_OPTIONS,
	FIELD_FILE,
	FIELD_SNAME,
	FIELD_NONE,
};

struct plan {
	uint8_t field[DHCP_OPTIONS_MAX];
	size_t left[FIELD_NONE]; /* room in each field, its END deducted */
	bool used[FIELD_NONE];
};

/* Each option into the first of `fields` fields that has room for the whole of it. true when none
 * was left out. */
static bool make_plan(const struct dhcp_message *m, size_t options, unsigned fields,
		      struct plan *plan)
{
	bool whole = true;

	*plan = (struct plan){.left = {options, DHCP_FILE_SIZE - 1, DHCP_SNAME_SIZE - 1}};
	for (uint16_t i = 0; i < m->option_count; i++) {
		size_t size = option_size(m->option[i].len);
		unsigned f = 0;
		if (is_own(m, i) || m->option[i].number == DHCP_OPTION_RELAY_AGENT)
			continue;
		while (f < fields && plan->left[f] < size)
			f++;
		plan->field[i] = (uint8_t)(f < fields ? f : FIELD_NONE);
		whole &= f < fields;
		if (f == fields)
			continue;
		plan->left[f] -= size;
		plan->used[f] = true;
	}
	return whole;
}

static void write_field(const struct dhcp_message *m, const struct plan *plan, enum field field,
			struct writer *to)
{
	for (uint16_t i = 0; i < m->option_count; i++) {
		if (!is_own(m, i) && m->option[i].number != DHCP_OPTION_RELAY_AGENT &&
		    plan->field[i] == field)
			write_item(to, m, i);
	}
}

/* sname or file: as the message has it, or full of options. */
static void write_overloaded(const struct dhcp_message *m, const struct plan *plan,
			     enum field field, const char *text, size_t size, struct writer *to)
{
	size_t start = to->pos;

	if (!plan->used[field]) {
		writer_text(to, text, size);
		return;
	}
	write_field(m, plan, field, to);
	writer_u8(to, DHCP_OPTION_END);
	writer_zero(to, size - (to->pos - start));
}

int dhcp_encode_within(const struct dhcp_message *m, size_t limit, struct writer *to)
{
	struct slice agent = dhcp_option_get(m, DHCP_OPTION_RELAY_AGENT);
	size_t start = to->pos;
	/* Fixed part, cookie, type, END; and option 82 at the end. */
	size_t taken =
	    DHCP_FIXED_SIZE + 4 + 3 + 1 + (agent.ptr != NULL ? option_size(agent.len) : 0);
	struct plan plan;

	if (limit < taken + 3)
		return E_FULL;
	if (!make_plan(m, limit - taken, 1, &plan))
		(void)make_plan(m, limit - taken - 3, FIELD_NONE, &plan);
	uint8_t overload = (uint8_t)((plan.used[FIELD_FILE] ? DHCP_OVERLOAD_FILE : 0) |
				     (plan.used[FIELD_SNAME] ? DHCP_OVERLOAD_SNAME : 0));
	write_head(m, to);
	write_overloaded(m, &plan, FIELD_SNAME, m->sname, DHCP_SNAME_SIZE, to);
	write_overloaded(m, &plan, FIELD_FILE, m->file, DHCP_FILE_SIZE, to);
	writer_be32(to, DHCP_COOKIE);
	write_type(m, to);
	if (overload != 0)
		write_option(to, DHCP_OPTION_OVERLOAD, slice_of(&overload, 1));
	write_field(m, &plan, FIELD_OPTIONS, to);
	if (agent.ptr != NULL)
		write_option(to, DHCP_OPTION_RELAY_AGENT, agent);
	return finish(to, start);
}
