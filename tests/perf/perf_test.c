#include "harness.h"

#include "perf/perf.h"

#include <stdio.h>

static uint64_t after(enum fact_kind kind, const char *name, uint16_t port,
		      enum perf_counter counter)
{
	struct perf p = {0};
	struct fact f = {.kind = kind, .peer = {.port = port}};
	(void)snprintf(f.name, sizeof f.name, "%s", name);
	perf_fact(&p, &f);
	return p.value[counter];
}

TEST("every counter has an object, a name of its own in it, and stands among its own")
{
	for (int i = 0; i < PERF_COUNTERS; i++) {
		const struct perf_row *row = perf_row((enum perf_counter)i);
		assert_true(row->name[0] != 0);
		assert_true(perf_object_name(row->object)[0] != 0);
		for (int k = 0; k < i; k++)
			assert_false(perf_row((enum perf_counter)k)->object == row->object &&
				     strcmp(perf_row((enum perf_counter)k)->name, row->name) == 0);
		if (i > 0)
			assert_true(row->object >= perf_row((enum perf_counter)(i - 1))->object);
	}
}

TEST(
    "the objects are the whole ones a collector lists: 134 counters of the CallManager, 40 of TFTP")
{
	size_t count[PERF_OBJECTS] = {0};
	for (int i = 0; i < PERF_COUNTERS; i++)
		count[perf_row((enum perf_counter)i)->object]++;
	assert_int_equal(count[PERF_OBJECT_CALLMANAGER], 134);
	assert_int_equal(count[PERF_OBJECT_TFTP], 40);
	assert_string_equal(perf_row(PERF_CALLMANAGER_REGISTERED_HARDWARE_PHONES)->name,
			    "RegisteredHardwarePhones");
	assert_true(perf_row(PERF_CALLMANAGER_REGISTERED_HARDWARE_PHONES)->gauge);
	assert_string_equal(perf_object_name(PERF_OBJECT_CALLMANAGER), "Cisco CallManager");
}

TEST("facts count once under the name for them, TFTP and HTTP apart")
{
	assert_int_equal(after(FACT_DHCP_ACK, "", 67, PERF_DIALTONE_DHCP_ACKS), 1);
	assert_int_equal(after(FACT_DHCP_ACK, "", 67, PERF_DIALTONE_DHCP_NAKS), 0);
	assert_int_equal(after(FACT_FILE_ASKED, "SEP001380AD9E5F.cnf.xml", 69, PERF_TFTP_REQUESTS),
			 1);
	assert_int_equal(
	    after(FACT_FILE_ASKED, "SEP001380AD9E5F.cnf.xml", 6970, PERF_TFTP_REQUESTS), 0);
	assert_int_equal(
	    after(FACT_FILE_ASKED, "SEP001380AD9E5F.cnf.xml", 6970, PERF_TFTP_HTTP_REQUESTS), 1);
	assert_int_equal(
	    after(FACT_FILE_REFUSED, "SEP001380AD9E5F.cnf.xml", 69, PERF_TFTP_SEPNOT_FOUND_COUNT),
	    1);
	assert_int_equal(
	    after(FACT_FILE_DELIVERED, "SEP001380AD9E5F.cnf.xml", 69, PERF_TFTP_SEPFOUND_COUNT), 1);
	assert_int_equal(
	    after(FACT_FILE_DELIVERED, "XMLDefault.cnf.xml", 69, PERF_TFTP_SEPFOUND_COUNT), 0);
}

TEST("a token that is refused is also a throttled device")
{
	assert_int_equal(after(FACT_SCCP_TOKEN_REJECT, "", 2000, PERF_DIALTONE_TOKENS_REFUSED), 1);
	assert_int_equal(
	    after(FACT_SCCP_TOKEN_REJECT, "", 2000, PERF_SYSTEM_SKINNY_DEVICES_THROTTLED), 1);
}
