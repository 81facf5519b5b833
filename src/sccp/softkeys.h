/* The soft keys a phone gets: template and sets, the same for every phone of this slice. */
#ifndef DIALTONE_SCCP_SOFTKEYS_H
#define DIALTONE_SCCP_SOFTKEYS_H

#include "proto/sccp/sccp.h"

void softkeys_template(struct sccp_soft_key_template *to);
void softkeys_sets(struct sccp_soft_key_sets *to);

#endif
