/* The template holds every key there is, so that any set can name it by its index; the labels are
 * the phone's own words (\200 and a code) and appear in its language. Sets say which keys stand in
 * which situation (docs/protocol/sccp.md, "Soft keys"). */
#include "sccp/softkeys.h"

#define INFO_BASE 300 /* a CallManager's info index is 300 + event */

static const struct {
	uint8_t event, label; /* code after \200 */
} keys[] = {
#define K(word, event, label) {event, label},
#include "model/softkey_words.def"
#undef K
};
#define KEY_COUNT (sizeof keys / sizeof *keys)

void softkeys_template(struct sccp_soft_key_template *to)
{
	uint32_t count = 0;

	*to = (struct sccp_soft_key_template){0};
	for (size_t i = 0; i < KEY_COUNT && count < SCCP_SOFT_KEYS_MAX; i++) {
		if (keys[i].event == 0)
			continue;
		to->key[count].label[0] = (char)0x80;
		to->key[count].label[1] = (char)keys[i].label;
		to->key[count++].event = keys[i].event;
	}
	to->count = count;
	to->total = count;
}

/* Its position in the template, from 1; 0 for no key. */
static uint8_t index_of(uint8_t event)
{
	uint8_t index = 0;

	for (size_t i = 0; event != 0 && i < KEY_COUNT; i++) {
		index = (uint8_t)(index + (keys[i].event != 0));
		if (keys[i].event == event)
			return index;
	}
	return 0;
}

void softkeys_sets(const struct provision *p, struct sccp_soft_key_sets *to)
{
	*to = (struct sccp_soft_key_sets){.count = SOFTKEY_SETS, .total = SOFTKEY_SETS};
	for (size_t i = 0; i < SOFTKEY_SETS; i++) {
		for (size_t k = 0; k < SOFTKEY_SET_KEYS_MAX; k++) {
			uint8_t event = p->softkey[i][k];
			to->set[i].index[k] = index_of(event);
			to->set[i].info[k] = event == 0 ? 0 : (uint16_t)(INFO_BASE + event);
		}
	}
}
