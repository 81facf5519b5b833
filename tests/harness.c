#include "harness.h"

#include "base/alloc.h"
#include "base/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define TESTS_MAX   512
#define GUARDED_MAX 256

static struct harness_test *first;
static struct {
	void *map;
	size_t size;
} guarded[GUARDED_MAX];
static size_t guarded_count;

void harness_add(struct harness_test *test)
{
	struct harness_test **at = &first;
	while (*at != NULL)
		at = &(*at)->next;
	*at = test;
}

/* The pages of one test go when it ends. */
static int harness_release(void **state)
{
	(void)state;
	while (guarded_count > 0) {
		guarded_count--;
		(void)munmap(guarded[guarded_count].map, guarded[guarded_count].size);
	}
	alloc_fail_never();
	return 0;
}

struct slice harness_guarded(struct slice bytes)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t room = (bytes.len + page - 1) / page * page;
	if (guarded_count == GUARDED_MAX)
		fail_msg("more than %d guarded inputs in one test", GUARDED_MAX);
	uint8_t *map =
	    mmap(NULL, room + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (map == MAP_FAILED)
		fail_msg("no memory for a guarded input");
	assert_int_equal(mprotect(map + room, page, PROT_NONE), 0);
	guarded[guarded_count].map = map;
	guarded[guarded_count++].size = room + page;
	if (bytes.len > 0)
		memcpy(map + room - bytes.len, bytes.ptr, bytes.len);
	return slice_of(map + room - bytes.len, bytes.len);
}

struct slice harness_hex(const char *hex)
{
	size_t len = 0;
	uint8_t *bytes = malloc(strlen(hex) / 2 + 1);
	assert_non_null(bytes);
	for (const char *p = hex; *p != 0; p++) {
		char pair[3] = {p[0], p[1], 0};
		char *end = NULL;
		if (*p == ' ' || *p == '\n')
			continue;
		bytes[len++] = (uint8_t)strtoul(pair, &end, 16);
		if (end != pair + 2)
			fail_msg("not hexadecimal: %s", p);
		p++;
	}
	struct slice s = harness_guarded(slice_of(bytes, len));
	free(bytes);
	return s;
}

struct slice harness_file(const char *name)
{
	char path[512];
	(void)snprintf(path, sizeof path, "%s/%s", TEST_DATA, name);
	FILE *f = fopen(path, "rb");
	if (f == NULL)
		fail_msg("cannot open %s", path);
	assert_int_equal(fseek(f, 0, SEEK_END), 0);
	long size = ftell(f);
	assert_true(size >= 0);
	rewind(f);
	uint8_t *bytes = malloc((size_t)size + 1);
	assert_non_null(bytes);
	assert_int_equal(fread(bytes, 1, (size_t)size, f), (size_t)size);
	(void)fclose(f);
	struct slice s = harness_guarded(slice_of(bytes, (size_t)size));
	free(bytes);
	return s;
}

void harness_golden(const char *name, struct slice got)
{
	char path[512];

	(void)snprintf(path, sizeof path, "%s/%s", TEST_DATA, name);
	if (getenv("UPDATE") != NULL) { // NOLINT(concurrency-mt-unsafe): one thread
		FILE *f = fopen(path, "wb");
		assert_non_null(f);
		assert_int_equal(fwrite(got.ptr, 1, got.len, f), got.len);
		assert_int_equal(fclose(f), 0);
		return;
	}
	if (!slice_equal(harness_file(name), got))
		fail_msg("%s differs; this is what came out:\n%.*s", name, (int)got.len,
			 (const char *)got.ptr);
}

void harness_run_out_of_memory(int (*body)(void))
{
	for (long n = 0; n < 100000; n++) {
		alloc_fail_after(n);
		int error = body();
		int failed = alloc_failed();
		alloc_fail_never();
		if (!failed) {
			assert_int_equal(error, 0);
			return;
		}
		if (error != 0)
			assert_int_equal(error, E_NO_MEMORY);
	}
	fail_msg("still out of memory after 100000 allocations");
}

int main(int argc, char **argv)
{
	static struct CMUnitTest tests[TESTS_MAX];
	size_t count = 0;

	for (struct harness_test *t = first; t != NULL && count < TESTS_MAX; t = t->next) {
		tests[count++] =
		    (struct CMUnitTest){t->sentence, t->run, NULL, harness_release, NULL};
		if (argc > 1 && strcmp(argv[1], "--list") == 0)
			(void)printf("%s\n", t->sentence);
	}
	if (argc > 1 && strcmp(argv[1], "--list") == 0)
		return 0;
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return _cmocka_run_group_tests("tests", tests, count, NULL, NULL);
}
