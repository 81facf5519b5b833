/* The soft keys a phone gets: one template for all, and the sets of its own. */
#ifndef DIALTONE_SCCP_SOFTKEYS_H
#define DIALTONE_SCCP_SOFTKEYS_H

#include "model/provision.h"
#include "proto/sccp/sccp.h"

void softkeys_template(struct sccp_soft_key_template *to);
void softkeys_sets(const struct provision *p, struct sccp_soft_key_sets *to);

#endif
