/* A site for the file server's tests: one phone in the records, a directory in memory. */
#ifndef DIALTONE_TESTS_TFTP_SITE_H
#define DIALTONE_TESTS_TFTP_SITE_H

#include "harness.h"

#include "tftp/tftp_server.h"

#define SITE_FILES_MAX 40
#define SITE_PHONE     "SEP003094C2D5CA"

/* A file in memory; without `bytes` each byte is its own offset, so that any size costs nothing. */
struct site_file {
	const char *path;
	const char *bytes;
	uint64_t size;
	uint64_t stamp;
	bool unreadable; /* gone bad since it was opened */
};

struct site {
	struct reg *reg;
	struct directory directory;
	struct site_file file[SITE_FILES_MAX];
	size_t file_count;
	uint64_t listing;
	int open_handles, opens;
	struct files *files;
	struct tftp_server *tftp;
};

/* Never NULL: a test without memory fails. */
struct site *site_new(void);
void site_free(struct site *s);
/* Adds or replaces a file of the directory. */
void site_put(struct site *s, const char *path, const char *text);
void site_put_large(struct site *s, const char *path, uint64_t size);
void site_remove(struct site *s, const char *path);
uint8_t site_large_byte(uint64_t at);

/* The whole file under a name; fails the test when it is not there. The caller frees. */
void site_read(struct site *s, const char *name, struct buf *to);
/* Is there a file under this name? */
bool site_has(struct site *s, const char *name);

/* The address of the phone that asks, and of the server. */
extern const struct endpoint site_client;
extern const struct ip4 site_local;

void site_ask(struct site *s, struct endpoint from, const struct tftp_packet *p, dt_time now);
void site_ask_file(struct site *s, const char *name, dt_time now);
/* The next datagram sent; op 0 when there is none. The packet is valid until the next call. */
struct tftp_packet site_sent(struct site *s, struct tftp_output *out);
void site_acknowledge(struct site *s, unsigned port, uint16_t block, dt_time now);

#endif
