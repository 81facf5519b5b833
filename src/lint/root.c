/* What only all files together show: a folder's missing files, and files that contradict each
 * other. */
#include "lint/lint_internal.h"

void lint_together(struct lint *l)
{
	(void)l;
}
