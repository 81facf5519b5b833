/* The test harness: one sentence, one test.
 *
 *     TEST("a phone absent from the database is refused when auto-registration is off")
 *     {
 *             assert_int_equal(…);
 *     }
 *
 * Each file of tests is one program; TEST registers itself, main() lives in harness.c. `--list`
 * prints the sentences. HARNESS_OOM("sentence") also reruns its body with the 1st, 2nd, …
 * allocation failing until it succeeds; such a body returns 0, or E_NO_MEMORY and nothing else. */
#ifndef DIALTONE_TESTS_HARNESS_H
#define DIALTONE_TESTS_HARNESS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/slice.h"

struct harness_test {
	const char *sentence;
	void (*run)(void **state);
	struct harness_test *next;
};

void harness_add(struct harness_test *test);

#define HARNESS_JOIN2(a, b) a##b
#define HARNESS_JOIN(a, b)  HARNESS_JOIN2(a, b)

#define TEST(sentence_) HARNESS_TEST(sentence_, HARNESS_JOIN(test_at_line_, __LINE__))
#define HARNESS_TEST(sentence_, name)                                                              \
	static void name(void **state);                                                            \
	__attribute__((constructor)) static void HARNESS_JOIN(name, _add)(void)                    \
	{                                                                                          \
		static struct harness_test test = {.sentence = (sentence_), .run = (name)};        \
		harness_add(&test);                                                                \
	}                                                                                          \
	static void name(__attribute__((unused)) void **state)

#define HARNESS_OOM(sentence_) HARNESS_OOM_TEST(sentence_, HARNESS_JOIN(oom_at_line_, __LINE__))
#define HARNESS_OOM_TEST(sentence_, name)                                                          \
	static int name(void);                                                                     \
	HARNESS_TEST(sentence_, HARNESS_JOIN(name, _run))                                          \
	{                                                                                          \
		harness_run_out_of_memory(name);                                                   \
	}                                                                                          \
	static int name(void)

void harness_run_out_of_memory(int (*body)(void));

/* The bytes of "04 00 …" (spaces ignored) in memory that ends at an unreadable page, so that
 * reading one byte too far crashes. Valid until the test ends. */
struct slice harness_hex(const char *hex);
/* The same for any bytes. */
struct slice harness_guarded(struct slice bytes);
/* A file under tests/data, guarded likewise. Fails the test when it cannot be read. */
struct slice harness_file(const char *name);

/* Compares with a golden file under tests/data; with UPDATE=1 in the environment it is rewritten
 * instead, and the difference is for a person to read. */
void harness_golden(const char *name, struct slice got);

#endif
