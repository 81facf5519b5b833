/* SCCP messages, altered. */
#include "mischief/mischief.h"

#include "base/text.h"
#include "mischief/mischief_internal.h"

/* Is this the n-th of its kind? */
static bool is_nth(struct mischief_order *o)
{
	return o->number > 0 && ++o->count % o->number == 0;
}

static bool is_token(uint32_t id)
{
	return id == SCCP_REGISTER_TOKEN_ACK || id == SCCP_SPCP_REGISTER_TOKEN_ACK;
}

/* Said before there is a registration. */
static bool is_before(uint32_t id)
{
	return is_token(id) || id == SCCP_REGISTER_TOKEN_REJECT ||
	       id == SCCP_SPCP_REGISTER_TOKEN_REJECT || id == SCCP_REGISTER_REJECT;
}

static enum mischief_deed at_keepalive(struct mischief *m, const char *device,
				       struct sccp_message *message)
{
	struct mischief_order *o = NULL;

	/* A standby that hears nothing marks the server dead: that is another fault. */
	if (device[0] == 0)
		return MISCHIEF_SEND;
	if (mischief_find(m, MISCHIEF_KEEPALIVE_SILENT, device) != NULL)
		return MISCHIEF_HOLD;
	if ((o = mischief_find(m, MISCHIEF_KEEPALIVE_CLOSES, device)) != NULL && is_nth(o))
		return MISCHIEF_CLOSE;
	if ((o = mischief_find(m, MISCHIEF_KEEPALIVE_RESETS, device)) != NULL && is_nth(o))
		*message = (struct sccp_message){.id = SCCP_RESET, .value = 1};
	if ((o = mischief_find(m, MISCHIEF_KEEPALIVE_RESTARTS, device)) != NULL && is_nth(o))
		*message = (struct sccp_message){.id = SCCP_RESET, .value = 2};
	return MISCHIEF_SEND;
}

enum mischief_deed mischief_sccp(struct mischief *m, const char *device,
				 struct sccp_message *message)
{
	const struct mischief_order *o = NULL;

	if (m == NULL)
		return MISCHIEF_SEND;
	if (mischief_find(m, MISCHIEF_CALLMANAGER_MUTE, device) != NULL)
		return MISCHIEF_HOLD;
	if (message->id == SCCP_KEEP_ALIVE_ACK)
		return at_keepalive(m, device, message);
	if (is_token(message->id) &&
	    (o = mischief_find(m, MISCHIEF_TOKEN_REJECT, device)) != NULL) {
		message->id = message->id == SCCP_SPCP_REGISTER_TOKEN_ACK
				  ? SCCP_SPCP_REGISTER_TOKEN_REJECT
				  : SCCP_REGISTER_TOKEN_REJECT;
		message->value = o->number;
	}
	if (message->id == SCCP_REGISTER_ACK &&
	    (o = mischief_find(m, MISCHIEF_REJECT, device)) != NULL) {
		*message = (struct sccp_message){.id = SCCP_REGISTER_REJECT};
		(void)text_copy(message->reject_text, sizeof message->reject_text, o->text);
		return MISCHIEF_SEND_AND_CLOSE;
	}
	if (message->id != SCCP_REGISTER_ACK && !is_before(message->id) &&
	    (mischief_find(m, MISCHIEF_ACK_ONLY, device) != NULL ||
	     mischief_find(m, MISCHIEF_REJECT, device) != NULL))
		return MISCHIEF_HOLD;
	return MISCHIEF_SEND;
}
