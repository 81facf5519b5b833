#include "harness.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/rand.h"
#include "base/text.h"
#include "reg/reg.h"

static struct device record(const char *name, uint32_t type, const char *dn)
{
	struct device d = {.type = type};
	(void)text_copy(d.name, sizeof d.name, name);
	(void)text_copy(d.dn, sizeof d.dn, dn);
	return d;
}

static struct reg_claim claim_of(const char *name, uint32_t type)
{
	struct reg_claim c = {.type = type};
	(void)text_copy(c.name, sizeof c.name, name);
	return c;
}

static struct reg *with_record(const char *name, uint32_t type)
{
	struct reg *r = reg_new();
	struct device d = record(name, type, "1001");
	assert_int_equal(reg_load_device(r, &d), 0);
	return r;
}

static struct reg_decision admit(struct reg *r, const char *name, uint32_t type)
{
	struct reg_claim c = claim_of(name, type);
	struct reg_decision d;
	reg_admit(r, &c, 0, 0, &d);
	return d;
}

static void autoreg(struct reg *r, uint32_t first, uint32_t last)
{
	struct settings s = *reg_settings(r);
	s.autoreg_on = true;
	s.autoreg_first = first;
	s.autoreg_last = last;
	reg_load_settings(r, &s);
}

TEST("a phone with a record of its model is admitted, whatever the case of its name")
{
	struct reg *r = with_record("SEP001380AD9E5F", 30018);
	struct reg_decision d = admit(r, "sep001380ad9e5f", 30018);
	assert_int_equal(d.verdict, REG_ADMITTED);
	assert_string_equal(d.device.dn, "1001");
	reg_free(r);
}

TEST("a 7961G whose record says 7961G-GE is refused for its model")
{
	struct reg *r = with_record("SEP001380AD9E5F", 308);
	struct reg_decision d = admit(r, "SEP001380AD9E5F", 30018);
	assert_int_equal(d.verdict, REG_REFUSED);
	assert_int_equal(d.reason, REASON_TYPE_MISMATCH);
	reg_free(r);
}

TEST("a phone absent from the database is refused when auto-registration is off")
{
	struct reg *r = with_record("SEP00AABBCCDDEE", 7);
	struct reg_decision d = admit(r, "SEP001380AD9E5F", 7);
	assert_int_equal(d.verdict, REG_REFUSED);
	assert_int_equal(d.reason, REASON_NOT_IN_DATABASE);
	reg_free(r);
}

TEST("a record that never had a phone and differs by two digits at most is a near miss")
{
	struct reg *r = with_record("SEP001380AD9E6F", 7);
	struct reg_decision d = admit(r, "SEP001380AD9E5F", 7);
	assert_int_equal(d.reason, REASON_NAME_NEAR_MISS);
	assert_string_equal(d.near_name, "SEP001380AD9E6F");
	assert_int_equal(admit(r, "SEP001380ADE96F", 7).reason, REASON_NAME_NEAR_MISS);
	struct device second = record("SEP001380AD9E7F", 7, "1002");
	assert_int_equal(reg_load_device(r, &second), 0);
	assert_int_equal(admit(r, "SEP001380AD9E5F", 7).reason, REASON_NOT_IN_DATABASE);
	reg_device_seen(r, "SEP001380AD9E7F");
	assert_int_equal(admit(r, "SEP001380A09E50", 7).reason, REASON_NOT_IN_DATABASE);
	/* Once its own phone came, it is nobody's typing error. */
	reg_device_seen(r, "SEP001380AD9E6F");
	assert_int_equal(admit(r, "SEP001380AD9E5F", 7).reason, REASON_NOT_IN_DATABASE);
	reg_free(r);
}

TEST("an auto-registered phone is nobody's before its commit and has its number after")
{
	struct reg *r = reg_new();
	struct change change;
	struct reg_claim c = claim_of("SEP001380AD9E5F", 7);
	struct reg_decision d;
	autoreg(r, 2000, 2001);
	d = admit(r, "SEP001380AD9E5F", 7);
	assert_int_equal(d.verdict, REG_PENDING);
	uint64_t ticket = d.ticket;
	assert_true(reg_next_change(r, &change));
	assert_int_equal(change.ticket, ticket);
	assert_string_equal(change.device.dn, "2000");
	assert_false(reg_next_change(r, &change));
	assert_null(reg_device_find(r, "SEP001380AD9E5F"));
	assert_int_equal(reg_autoreg_free(r, UINT32_MAX), 1);
	/* Asking again joins the ticket. */
	assert_int_equal(admit(r, "SEP001380AD9E5F", 7).ticket, ticket);
	assert_false(reg_next_change(r, &change));
	reg_admit_result(r, &c, ticket, &d);
	assert_int_equal(d.verdict, REG_PENDING);
	reg_commit_done(r, ticket, true);
	reg_admit_result(r, &c, ticket, &d);
	assert_int_equal(d.verdict, REG_ADMITTED);
	assert_string_equal(d.device.dn, "2000");
	reg_free(r);
}

TEST("a failed commit refuses the phone and gives its number back")
{
	struct reg *r = reg_new();
	struct change change;
	struct reg_claim c = claim_of("SEP001380AD9E5F", 7);
	struct reg_decision d;
	autoreg(r, 2000, 2000);
	d = admit(r, "SEP001380AD9E5F", 7);
	assert_true(reg_next_change(r, &change));
	assert_int_equal(admit(r, "SEP001380AD9E60", 7).reason, REASON_NO_FREE_NUMBER);
	reg_commit_done(r, d.ticket, false);
	reg_admit_result(r, &c, change.ticket, &d);
	assert_int_equal(d.verdict, REG_REFUSED);
	assert_int_equal(d.reason, REASON_DATABASE_ERROR);
	assert_int_equal(admit(r, "SEP001380AD9E60", 7).verdict, REG_PENDING);
	reg_free(r);
}

TEST("administration is checked with a sentence and seen only after its commit")
{
	struct reg *r = with_record("SEP001380AD9E5F", 7);
	uint64_t ticket = 0;
	const char *why = NULL;
	struct device d = record("SEP00112233445", 7, "1");
	assert_int_equal(reg_device_add(r, &d, 0, &ticket, &why), E_BAD_VALUE);
	d = record("sep001122334455", 7, "10x1");
	assert_int_equal(reg_device_add(r, &d, 0, &ticket, &why), E_BAD_VALUE);
	d = record("sep001122334455", 7, "1001");
	assert_int_equal(reg_device_add(r, &d, 0, &ticket, &why), E_BAD_VALUE);
	assert_string_equal(why, "this directory number belongs to another phone already");
	d = record("SEP001380AD9E5F", 7, "1002");
	assert_int_equal(reg_device_add(r, &d, 0, &ticket, &why), E_EXISTS);
	d = record("sep001122334455", 7, "1002");
	assert_int_equal(reg_device_add(r, &d, 0, &ticket, &why), 0);
	assert_int_equal(reg_device_add(r, &d, 0, &ticket, &why), E_BUSY);
	assert_null(reg_device_find(r, "SEP001122334455"));
	reg_commit_done(r, ticket, true);
	assert_string_equal(reg_device_find(r, "SEP001122334455")->dn, "1002");
	assert_int_equal(reg_device_delete(r, "SEP001122334455", &ticket, &why), 0);
	assert_non_null(reg_device_find(r, "SEP001122334455"));
	reg_commit_done(r, ticket, true);
	assert_null(reg_device_find(r, "SEP001122334455"));
	assert_int_equal(reg_device_delete(r, "SEP001122334455", &ticket, &why), E_UNKNOWN);
	reg_free(r);
}

TEST("a phone takes another one's place with all its record says, once that is stored, or not at "
     "all")
{
	struct reg *r = with_record("SEP001380AD9E5F", 30018);
	uint64_t ticket = 0;
	uint64_t other = 0;
	const char *why = NULL;
	struct device d = record("SEP001122334455", 7, "1002");
	assert_int_equal(reg_load_device(r, &d), 0);
	assert_int_equal(reg_device_replace(r, "SEP001380AD9E5F", "SEP00", 0, &ticket, &why),
			 E_BAD_VALUE);
	assert_int_equal(
	    reg_device_replace(r, "SEP001380AD9E5F", "SEP001122334455", 0, &ticket, &why),
	    E_EXISTS);
	assert_int_equal(
	    reg_device_replace(r, "SEP0013800000FF", "SEP001380AD9E6F", 0, &ticket, &why),
	    E_UNKNOWN);
	for (int ok = 0; ok <= 1; ok++) {
		assert_int_equal(
		    reg_device_replace(r, "SEP001380AD9E5F", "sep001380ad9e6f", 0, &ticket, &why),
		    0);
		/* Neither name can be changed meanwhile, and the number stays one phone's. */
		d = record("SEP001380AD9E5F", 30018, "1009");
		assert_int_equal(reg_device_set(r, &d, &other, &why), E_BUSY);
		d = record("SEP001380AD9E6F", 30018, "1003");
		assert_int_equal(reg_device_add(r, &d, 0, &other, &why), E_BUSY);
		d = record("SEP0013800000EE", 7, "1001");
		assert_int_equal(reg_device_add(r, &d, 0, &other, &why), E_BAD_VALUE);
		assert_int_equal(admit(r, "SEP001380AD9E5F", 30018).verdict, REG_ADMITTED);
		reg_commit_done(r, ticket, ok != 0);
	}
	assert_int_equal(admit(r, "SEP001380AD9E5F", 30018).verdict, REG_REFUSED);
	assert_string_equal(admit(r, "SEP001380AD9E6F", 30018).device.dn, "1001");
	d = record("SEP001380AD9E6F", 30018, "1001");
	assert_int_equal(reg_device_set(r, &d, &other, &why), 0);
	reg_free(r);
}

TEST("a phone of another model that takes a place does not take the load")
{
	struct reg *r = reg_new();
	struct device d = record("SEP001380AD9E5F", 7, "1001");
	uint64_t ticket = 0;
	const char *why = NULL;
	(void)text_copy(d.load, sizeof d.load, "P00308010200");
	assert_int_equal(reg_load_device(r, &d), 0);
	assert_int_equal(
	    reg_device_replace(r, "SEP001380AD9E5F", "SEP001380AD9E6F", 30018, &ticket, &why), 0);
	reg_commit_done(r, ticket, true);
	assert_int_equal(reg_device_find(r, "SEP001380AD9E6F")->type, 30018);
	assert_string_equal(reg_device_find(r, "SEP001380AD9E6F")->load, "");
	reg_free(r);
}

TEST("whatever fails or restarts, a number belongs to one phone, for ever")
{
	struct rand rand = rand_of(7);
	struct device disk[64];
	size_t stored = 0;
	struct reg *r = reg_new();
	autoreg(r, 3000, 3039);
	for (int step = 0; step < 4000; step++) {
		char name[DEVICE_NAME_SIZE];
		struct change change;
		(void)snprintf(name, sizeof name, "SEP0011223344%02X",
			       (unsigned)rand_below(&rand, 60));
		(void)admit(r, name, 7);
		while (rand_below(&rand, 3) != 0 && reg_next_change(r, &change)) {
			bool ok = rand_below(&rand, 4) != 0;
			if (ok) {
				assert_in_range(stored, 0, 63);
				disk[stored++] = change.device;
			}
			reg_commit_done(r, change.ticket, ok);
		}
		if (rand_below(&rand, 100) == 0) {
			reg_free(r);
			r = reg_new();
			autoreg(r, 3000, 3039);
			for (size_t i = 0; i < stored; i++)
				assert_int_equal(reg_load_device(r, &disk[i]), 0);
		}
		for (size_t i = 0; i < stored; i++) {
			for (size_t k = i + 1; k < stored; k++)
				assert_true(strcmp(disk[i].dn, disk[k].dn) != 0 &&
					    strcmp(disk[i].name, disk[k].name) != 0);
		}
	}
	assert_int_equal(stored, 40);
	reg_free(r);
}

HARNESS_OOM("the registrar survives any allocation failing")
{
	struct reg *r = reg_new();
	uint64_t ticket = 0;
	const char *why = NULL;
	int error = r == NULL ? E_NO_MEMORY : 0;
	for (unsigned i = 0; i < 40 && error == 0; i++) {
		char name[DEVICE_NAME_SIZE];
		(void)snprintf(name, sizeof name, "SEP0011223344%02X", i);
		struct device d = record(name, 7, "");
		error = reg_device_add(r, &d, 0, &ticket, &why);
		if (error == 0) {
			reg_commit_done(r, ticket, true);
			if (reg_device_find(r, name) == NULL)
				error = E_NO_MEMORY;
		}
	}
	reg_free(r);
	return error;
}

TEST("IP Communicator may be called as its user likes, a desk phone only by its MAC")
{
	struct reg *r = reg_new();
	struct device d = record("ANNAS-LAPTOP", 30016, "1001");
	uint64_t ticket = 0;
	const char *why = NULL;
	assert_int_equal(reg_device_add(r, &d, 0, &ticket, &why), 0);
	d = record("ANNAS-LAPTOP2", 7, "1002");
	assert_int_equal(reg_device_add(r, &d, 0, &ticket, &why), E_BAD_VALUE);
	d = record("ANNA'S LAPTOP", 30016, "1002");
	assert_int_equal(reg_device_add(r, &d, 0, &ticket, &why), E_BAD_VALUE);
	reg_free(r);
}
