/* fleet --fault: phones that deviate on purpose. */
#ifndef DIALTONE_CLI_FLEET_FAULTS_H
#define DIALTONE_CLI_FLEET_FAULTS_H

#include "phone/phone.h"

/* NAME or NAME=VALUE, which must outlive the phones. False when it is none. */
bool fleet_take_fault(const char *text, struct phone_faults *faults);
void fleet_list_faults(void);

#endif
