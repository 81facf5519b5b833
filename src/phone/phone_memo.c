/* A small memory of configuration files and what they say, by their bytes and the type that reads
 * them. What is kept is compared whole, so that it can be wrong about nothing. */
#include "phone/phone_internal.h"

#include "base/alloc.h"

#define SLOTS    16   /* one a model that reads the same default file */
#define FILE_MAX 8192 /* longer ones are read each time */

struct phone_memo {
	struct memo_slot {
		uint32_t type;
		struct buf file;
		struct cnf_phone phone;
	} slot[SLOTS];
	unsigned next;
};

struct phone_memo *phone_memo_new(void)
{
	struct phone_memo *memo = alloc_zero(1, sizeof *memo);

	for (unsigned i = 0; memo != NULL && i < SLOTS; i++)
		buf_init(&memo->slot[i].file, FILE_MAX);
	return memo;
}

void phone_memo_free(struct phone_memo *memo)
{
	for (unsigned i = 0; memo != NULL && i < SLOTS; i++)
		buf_done(&memo->slot[i].file);
	alloc_free(memo);
}

static const struct memo_slot *find(const struct phone_memo *memo, struct slice file, uint32_t type)
{
	for (unsigned i = 0; i < SLOTS; i++) {
		const struct memo_slot *s = &memo->slot[i];
		if (s->type == type && s->file.len > 0 && slice_equal(buf_slice(&s->file), file))
			return s;
	}
	return NULL;
}

/* The oldest makes room. */
static void keep(struct phone_memo *memo, struct slice file, uint32_t type,
		 const struct cnf_phone *phone)
{
	struct memo_slot *s = &memo->slot[memo->next % SLOTS];

	buf_clear(&s->file);
	buf_append(&s->file, file);
	if (buf_error(&s->file) != 0) {
		buf_done(&s->file);
		buf_init(&s->file, FILE_MAX);
		return;
	}
	s->type = type;
	s->phone = *phone;
	memo->next++;
}

int memo_parse(struct phone_memo *memo, struct slice file, uint32_t type,
	       struct cnf_phone *ret_phone)
{
	const struct memo_slot *known = memo != NULL ? find(memo, file, type) : NULL;
	struct cnf_error error;

	if (known != NULL) {
		*ret_phone = known->phone;
		return 0;
	}
	int result = cnf_parse(file, type, ret_phone, &error);
	if (result == 0 && memo != NULL && ret_phone->is_default && file.len <= FILE_MAX)
		keep(memo, file, type, ret_phone);
	return result;
}
