/* The TFTP server misbehaving on purpose. */
#ifndef DIALTONE_TFTP_FAULTS_H
#define DIALTONE_TFTP_FAULTS_H

#include "model/device.h"
#include "tftp/tftp_server.h"

#define TFTP_FAULT_CLIENTS_MAX 8

struct tftp_faults {
	enum tftp_fault fault;
	char only[DEVICE_NAME_SIZE];               /* "" = everybody */
	struct ip4 client[TFTP_FAULT_CLIENTS_MAX]; /* addresses that turned out to be this device */
	unsigned client_count;
};

void tftp_faults_set(struct tftp_faults *f, enum tftp_fault fault, const char *only);
/* Is this request to be ignored? */
bool tftp_faults_silent(struct tftp_faults *f, const char *file, struct ip4 from);

#endif
