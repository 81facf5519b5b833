/* An observer under test: messages in, the facts they made as lines out. */
#ifndef DIALTONE_TESTS_OBSERVE_WATCH_H
#define DIALTONE_TESTS_OBSERVE_WATCH_H

#include "harness.h"

#include "observe/observer.h"
#include "proto/frame/frame.h"

#define WATCH_UNIX 1700000000 /* what the clock says at time 0 */

struct watch {
	struct observer *o;
	dt_time at;
	uint64_t number;
	char text[16384];
};

extern const struct endpoint watch_phone, watch_server;
extern const struct mac watch_mac;

void watch_begin(struct watch *w);
void watch_end(struct watch *w);
/* The facts since the last call, one a line, without mac= and ip= of the phone under test. */
const char *watch_facts(struct watch *w);
/* Fails unless exactly these came out since the last call. */
void watch_expect(struct watch *w, const char *lines);
void watch_wait(struct watch *w, double seconds);
/* The phone gets its address: from here on it is one. */
void watch_lease(struct watch *w);

struct flow watch_up(uint16_t port);   /* from the phone to the server's port */
struct flow watch_down(uint16_t port); /* and back */
/* A segment of the connection from the phone's port to the server's `port`, its bytes handed on. */
void watch_segment(struct watch *w, bool up, uint16_t port, unsigned flags, uint32_t seq,
		   uint32_t ack, struct slice payload);
/* SYN, SYN-ACK, ACK: both sides begin at sequence number 1. Drops the facts of it. */
void watch_open(struct watch *w, uint16_t port);
/* Bytes of one side, appended to what it sent before. */
void watch_say(struct watch *w, bool up, uint16_t port, struct slice bytes);

#endif
