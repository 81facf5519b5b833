/* Positions 1 to 18 carry the events every phone knows; the labels are the phone's own words (\200
 * and a code), so that they appear in its language. Sets say which keys stand in which situation,
 * as indexes into the template: the order is that of a CallManager 4.x (docs/protocol/sccp.md,
 * "Soft keys"). */
#include "sccp/softkeys.h"

static const struct {
	uint8_t label; /* code after \200 */
	uint8_t event;
} keys[] = {
    {1, 1},   /* Redial */
    {2, 2},   /* NewCall */
    {3, 3},   /* Hold */
    {4, 4},   /* Transfer */
    {5, 5},   /* CFwdAll */
    {8, 8},   /* << */
    {9, 9},   /* EndCall */
    {10, 10}, /* Resume */
    {11, 11}, /* Answer */
    {13, 13}, /* Confrn */
    {14, 14}, /* Park */
    {15, 15}, /* Join */
    {16, 16}, /* MeetMe */
    {17, 17}, /* PickUp */
    {18, 18}, /* GPickUp */
};
#define KEY_COUNT (sizeof keys / sizeof *keys)

static const uint8_t sets[][16] = {
    {1, 2, 5},             /* on hook: Redial NewCall CFwdAll */
    {3, 7, 4, 11, 10, 12}, /* connected: Hold EndCall Transfer Park Confrn Join */
    {8, 2, 12},            /* on hold: Resume NewCall Join */
    {9},                   /* ringing in: Answer */
    {1, 7, 5, 14, 15, 13}, /* off hook: Redial EndCall CFwdAll PickUp GPickUp MeetMe */
    {0, 7, 4},             /* transfer pending: EndCall Transfer */
    {6, 7},                /* digits: << EndCall */
    {0, 7, 10},            /* conference pending: EndCall Confrn */
    {0, 7},                /* ringing out: EndCall */
    {1, 7},                /* off hook with features: Redial EndCall */
    {0},                   /* remote in use */
};
#define SET_COUNT (sizeof sets / sizeof *sets)

void softkeys_template(struct sccp_soft_key_template *to)
{
	*to = (struct sccp_soft_key_template){.count = KEY_COUNT, .total = KEY_COUNT};
	for (size_t i = 0; i < KEY_COUNT; i++) {
		to->key[i].label[0] = (char)0x80;
		to->key[i].label[1] = (char)keys[i].label;
		to->key[i].event = keys[i].event;
	}
}

void softkeys_sets(struct sccp_soft_key_sets *to)
{
	*to = (struct sccp_soft_key_sets){.count = SET_COUNT, .total = SET_COUNT};
	for (size_t i = 0; i < SET_COUNT; i++) {
		for (size_t k = 0; k < 16; k++) {
			uint8_t index = sets[i][k];
			to->set[i].index[k] = index;
			to->set[i].info[k] =
			    index == 0 ? 0 : (uint16_t)(300 + keys[index - 1].event);
		}
	}
}
