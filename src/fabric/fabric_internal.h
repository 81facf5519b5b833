/* The parts of the fabric; nobody else includes this. */
#ifndef DIALTONE_FABRIC_FABRIC_INTERNAL_H
#define DIALTONE_FABRIC_FABRIC_INTERNAL_H

#include "fabric/fabric.h"
#include "proto/frame/frame.h"

/* A frame as the rules see it. */
struct fabric_view {
	struct slice frame;
	struct frame_head head;
	bool is_ip, is_tcp, is_udp;
	struct frame_ip ip;
	struct frame_tcp tcp;
	struct frame_udp udp;
	size_t ip_at; /* of the IPv4 header inside the frame */
};

bool fabric_look(struct slice frame, struct fabric_view *ret_view);
/* Has the rule's conditions, but for chance, counts and time. */
bool fabric_matches(const struct fabric_rule *rule, const struct fabric_view *view, int from,
		    int to);

/* voice.c. False when there is no room, or no tag. */
bool voice_tag(uint8_t *frame, size_t *len, size_t size, uint16_t vlan);
bool voice_untag(uint8_t *frame, size_t *len);
/* What the switch answers to a phone's CDP or LLDP: its length, 0 = nothing. */
size_t voice_answer(const struct fabric_voice *v, const struct fabric_view *view, uint8_t *to,
		    size_t size);
/* Between neighbours only, never forwarded. */
bool voice_is_link_talk(const struct fabric_view *view);

/* alter.c: in place. */
/* A TCP segment that opens a connection? */
bool fabric_opens(const struct fabric_view *view);
void fabric_set_ttl(uint8_t *frame, size_t len, size_t ip_at, uint8_t ttl);
void fabric_replace(uint8_t *frame, size_t len, const struct fabric_view *view,
		    const struct fabric_rule *rule);
/* The segment a firewall answers with: its length, at most `size`; 0 when it does not fit. */
size_t fabric_reset_for(const struct fabric_view *view, uint8_t *to, size_t size);

#endif
