/* Calls that have no place in this program. Included by every file through the build; the few edge
 * files that read the clock or own memory say so by defining BANNED_ALLOW_… first. */
#ifndef DIALTONE_BASE_BANNED_H
#define DIALTONE_BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Fortified headers make macros of these for some compilers. */
#undef sprintf
#undef vsprintf
#undef strcpy
#undef strcat
#pragma GCC poison strcpy strcat sprintf vsprintf strtok gets atoi atol gmtime localtime asctime
#pragma GCC poison system popen

#endif
