/* The CallManager's side on real connections. */
#ifndef DIALTONE_SCCP_SCCP_IO_H
#define DIALTONE_SCCP_SCCP_IO_H

#include "net/loop.h"
#include "sccp/station.h"

struct sccp_io;

struct sccp_io_options {
	uint16_t port; /* 2000 */
	void (*on_event)(void *context, const struct station_event *event);
	/* A connection was accepted, or ended (by_phone tells who): for an observer without a wire
	 * of its own. */
	void (*on_connection)(void *context, struct endpoint phone, struct endpoint server,
			      bool opened, bool by_phone);
	/* The registrar may have changes to fetch. */
	void (*on_wanted)(void *context);
	void *context;
};

/* 0; E_SYSTEM with errno when the port cannot be had; E_NO_MEMORY. */
int sccp_io_open(struct loop *l, struct callmanager *callmanager,
		 const struct sccp_io_options *options, struct sccp_io **ret_io);
void sccp_io_close(struct sccp_io *io); /* NULL is allowed */
/* Sends what the machine has ready; call after callmanager_commit_done and callmanager_reset. */
void sccp_io_pump(struct sccp_io *io);

#endif
