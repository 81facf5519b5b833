/* A virtual Ethernet interface whose wire is this program: what the kernel sends out of it comes
 * here, and what is written here the kernel receives. For phones whose frames need a tag or a
 * hardware address that the kernel cannot give them. It is gone when it is closed. */
#ifndef DIALTONE_NET_TAP_H
#define DIALTONE_NET_TAP_H

#include "base/addr.h"
#include "net/loop.h"

struct tap;

struct tap_options {
	void (*on_frame)(void *context, struct slice frame);
	void *context;
};

/* Up, with a hardware address and without an address. 0; E_DENIED without the capability or where
 * /dev/net/tun may not be opened; E_UNKNOWN where there is none; E_SYSTEM with errno;
 * E_NO_MEMORY. */
int tap_open(struct loop *l, const struct tap_options *options, struct tap **ret_tap);
void tap_close(struct tap *t); /* NULL is allowed */
const char *tap_name(const struct tap *t);
uint32_t tap_index(const struct tap *t);
struct mac tap_mac(const struct tap *t);
/* A frame the kernel does not take is a lost frame. */
void tap_send(struct tap *t, struct slice frame);

#endif
