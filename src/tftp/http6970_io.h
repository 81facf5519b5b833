/* HTTP 6970 on real sockets. */
#ifndef DIALTONE_TFTP_HTTP6970_IO_H
#define DIALTONE_TFTP_HTTP6970_IO_H

#include "net/loop.h"
#include "tftp/http6970.h"

struct http6970_io;

struct http6970_io_options {
	uint16_t port; /* 6970 */
	void (*on_event)(void *context, const struct http6970_event *event);
	void *context;
};

/* 0; E_SYSTEM with errno when the port cannot be had; E_NO_MEMORY. */
int http6970_io_open(struct loop *l, struct http6970 *machine,
		     const struct http6970_io_options *options, struct http6970_io **ret_io);
void http6970_io_close(struct http6970_io *io); /* NULL is allowed */

#endif
