/* All allocation of the rooms goes through here, so that a test can fail the n-th one. */
#ifndef DIALTONE_BASE_ALLOC_H
#define DIALTONE_BASE_ALLOC_H

#include <stddef.h>

/* Zeroed memory or NULL. */
void *alloc_zero(size_t count, size_t size);
/* As realloc: on NULL the old block is untouched. */
void *alloc_resize(void *old, size_t size);
void alloc_free(void *ptr);

/* Test harness only: the n-th allocation from now on (0 = the next) and all later ones fail;
 * alloc_fail_never() restores. alloc_failed() tells whether one did. Single-threaded. */
void alloc_fail_after(long n);
void alloc_fail_never(void);
int alloc_failed(void);

#endif
