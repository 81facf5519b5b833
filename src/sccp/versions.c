/* Which protocol version is spoken.
 *
 * The server answers with the newest version it implements that is neither above the phone's own
 * nor above the cap of its record or model: 22, 17 and 11 for the phones of the second generation,
 * the phone's own number from 4 to 10, and 3 for the rest (reference: sccp 2.1, 2.5). An ATA 186
 * reports 33: a number no phone speaks counts as none. */
#include "sccp/callmanager.h"

#define OLD_VERSION    3
#define ABSURD_VERSION 25

static const uint8_t steps[] = {22, 17, 11};

uint8_t version_negotiate(uint8_t offered, uint32_t cap)
{
	uint32_t most = cap != 0 && cap < SCCP_VERSION_SERVER ? cap : SCCP_VERSION_SERVER;

	if (offered < OLD_VERSION || offered > ABSURD_VERSION)
		return OLD_VERSION;
	most = offered < most ? offered : most;
	for (size_t i = 0; i < sizeof steps; i++) {
		if (most >= steps[i])
			return steps[i];
	}
	return most > OLD_VERSION ? (uint8_t)most : OLD_VERSION;
}
