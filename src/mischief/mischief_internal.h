/* The parts of mischief; nobody else includes this. */
#ifndef DIALTONE_MISCHIEF_MISCHIEF_INTERNAL_H
#define DIALTONE_MISCHIEF_MISCHIEF_INTERNAL_H

#include "mischief/mischief.h"

#define DEVICE_SIZE 16
#define CLIENTS_MAX 64 /* remembered; then the oldest is forgotten */
#define FILE_SIZE   64

struct mischief_order {
	enum mischief_kind kind;
	char only[DEVICE_SIZE]; /* "" = everybody */
	char text[MISCHIEF_VALUE_MAX];
	unsigned number;
	struct ip4 ip;
	unsigned count; /* how often its moment has come */
};

/* Who asked from there, and what. */
struct mischief_client {
	struct endpoint from;
	char device[DEVICE_SIZE], file[FILE_SIZE];
	bool refused; /* it had its error; the rest of the transfer is held back */
};

struct mischief {
	struct mischief_order order[MISCHIEF_ORDERS_MAX];
	size_t orders;
	struct mischief_client client[CLIENTS_MAX];
	size_t client_at;
};

/* The order of this kind that holds for the device; NULL when there is none. */
struct mischief_order *mischief_find(struct mischief *m, enum mischief_kind kind,
				     const char *device);

#endif
