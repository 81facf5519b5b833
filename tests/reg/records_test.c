/* Records beside the phones' own, and what a phone gets out of them. */
#include "harness.h"

#include "base/error.h"
#include "base/text.h"
#include "reg/reg.h"

#include <stdio.h>

static void commit_all(struct reg *r)
{
	struct change c;
	while (reg_next_change(r, &c))
		reg_commit_done(r, c.ticket, true);
}

/* "name=value;name=value" into a record of a kind. */
static union record record_of(enum record_kind kind, const char *fields)
{
	union record record;
	record_init(kind, &record);
	while (*fields != 0) {
		char name[32];
		char value[256];
		const char *why = NULL;
		size_t len = strcspn(fields, ";");
		size_t equal = strcspn(fields, "=");
		(void)text_copy_slice(name, sizeof name, slice_of(fields, equal));
		(void)text_copy_slice(value, sizeof value,
				      slice_of(fields + equal + 1, len - equal - 1));
		assert_int_equal(
		    record_field_parse(record_field_find(kind, name), value, &record, &why), 0);
		fields += len + (fields[len] == ';');
	}
	return record;
}

static int try_put(struct reg *r, enum record_kind kind, const char *fields, bool add,
		   const char **ret_why)
{
	union record record = record_of(kind, fields);
	uint64_t ticket = 0;
	return reg_record_put(r, kind, &record, add, &ticket, ret_why);
}

static void put(struct reg *r, enum record_kind kind, const char *fields)
{
	const char *why = NULL;
	if (try_put(r, kind, fields, true, &why) != 0)
		fail_msg("%s", why);
	commit_all(r);
}

static void change(struct reg *r, enum record_kind kind, const char *fields)
{
	const char *why = NULL;
	if (try_put(r, kind, fields, false, &why) != 0)
		fail_msg("%s", why);
	commit_all(r);
}

static struct device phone(const char *name, const char *dn, const char *pool)
{
	struct device d = {.type = 30018};
	(void)text_copy(d.name, sizeof d.name, name);
	(void)text_copy(d.dn, sizeof d.dn, dn);
	(void)text_copy(d.pool, sizeof d.pool, pool);
	return d;
}

static void add_phone(struct reg *r, const struct device *d)
{
	uint64_t ticket = 0;
	const char *why = NULL;
	if (reg_device_add(r, d, 0, &ticket, &why) != 0)
		fail_msg("%s", why);
	commit_all(r);
}

static struct reg *site(void)
{
	struct reg *r = reg_new();
	struct settings s = settings_default();
	assert_int_equal(ip4_parse("10.77.0.1", &s.server_ip), 0);
	reg_load_settings(r, &s);
	put(r, RECORD_NODE, "name=cm1;address=10.77.0.1");
	put(r, RECORD_NODE, "name=cm2;address=cm2.example;sccp_port=2001");
	put(r, RECORD_GROUP, "name=main;nodes=cm2,cm1");
	put(r, RECORD_POOL,
	    "name=Berlin;group=main;time_zone=W. Europe Standard/Daylight Time;"
	    "utc_offset_min=60;date_template=D.M.Y");
	return r;
}

static struct provision provision(const struct reg *r, const char *name)
{
	static struct provision p;
	reg_provision(r, name, 30018, &p);
	return p;
}

TEST("a phone gets the CallManagers of its pool's group in the group's order")
{
	struct reg *r = site();
	struct device d = phone("SEP001380AD9E5F", "1001", "Berlin");
	add_phone(r, &d);
	struct provision p = provision(r, "SEP001380AD9E5F");
	assert_true(p.known);
	assert_int_equal(p.servers, 2);
	assert_string_equal(p.server[0].address, "cm2.example");
	assert_int_equal(p.server[0].sccp_port, 2001);
	assert_true(ip4_is_zero(p.server[0].ip));
	assert_string_equal(p.server[1].name, "cm1");
	assert_int_equal(ip4_number(p.server[1].ip), 0x0a4d0001);
	assert_int_equal(p.server[1].sccp_port, 2000);
	assert_string_equal(p.date_template, "D.M.Y");
	assert_int_equal(p.utc_offset_s, 3600);
	reg_free(r);
}

TEST("without a pool a phone gets this server and the server's own values")
{
	struct reg *r = site();
	struct device d = phone("SEP001380AD9E5F", "1001", "");
	add_phone(r, &d);
	struct provision p = provision(r, "SEP001380AD9E5F");
	assert_int_equal(p.servers, 1);
	assert_string_equal(p.server[0].address, "10.77.0.1");
	assert_string_equal(p.date_template, "D/M/Y");
	assert_string_equal(p.line[0].label, "1001");
	assert_int_equal(p.lines, 1);
	reg_free(r);
}

TEST("the pool named Default holds for phones that name none, and the model's for its phones")
{
	struct reg *r = site();
	struct device d = phone("SEP001380AD9E5F", "1001", "");
	add_phone(r, &d);
	put(r, RECORD_POOL, "name=Default;date_template=Y-M-D");
	assert_string_equal(provision(r, d.name).date_template, "Y-M-D");
	put(r, RECORD_DEFAULTS, "model=7961;pool=Berlin;load=SCCP41.8-5-3S;protocol_max=17");
	assert_string_equal(provision(r, d.name).date_template, "D.M.Y");
	assert_string_equal(provision(r, d.name).load, "SCCP41.8-5-3S");
	assert_int_equal(provision(r, d.name).protocol_max, 17);
	reg_free(r);
}

TEST("lines, their own labels and speed dials stand on the buttons in order")
{
	struct reg *r = site();
	struct device d = phone("SEP001380AD9E5F", "1001", "");
	(void)text_copy(d.lines, sizeof d.lines, "1002, 1003");
	(void)text_copy(d.speed_dials, sizeof d.speed_dials, "2001=Anna Maria,2002");
	put(r, RECORD_LINE, "dn=1002;label=Door;forward_all=1009");
	add_phone(r, &d);
	struct provision p = provision(r, d.name);
	assert_int_equal(p.lines, 3);
	assert_string_equal(p.line[1].label, "Door");
	assert_string_equal(p.line[1].forward_all, "1009");
	assert_string_equal(p.line[2].dn, "1003");
	assert_int_equal(p.speed_dials, 2);
	assert_string_equal(p.speed_dial[0].label, "Anna Maria");
	assert_string_equal(p.speed_dial[1].label, "2002");
	static const struct provision_button want[] = {{9, 1}, {9, 2}, {9, 3},
						       {2, 1}, {2, 2}, {255, 0}};
	assert_int_equal(p.buttons, 6);
	assert_memory_equal(p.button, want, sizeof want);
	reg_free(r);
}

TEST("a template decides what each button and each soft key is")
{
	struct reg *r = site();
	struct device d = phone("SEP001380AD9E5F", "1001", "");
	put(r, RECORD_BUTTONS, "name=mine;layout=speeddial,line,none,speeddial");
	put(r, RECORD_SOFTKEYS, "name=few;on_hook=newcall,redial;off_hook=none,endcall");
	(void)text_copy(d.buttons, sizeof d.buttons, "mine");
	(void)text_copy(d.softkeys, sizeof d.softkeys, "few");
	add_phone(r, &d);
	struct provision p = provision(r, d.name);
	static const struct provision_button want[] = {{2, 1}, {9, 1}, {255, 0}, {2, 2}};
	assert_int_equal(p.buttons, 4);
	assert_memory_equal(p.button, want, sizeof want);
	assert_int_equal(p.softkey[0][0], 2);
	assert_int_equal(p.softkey[0][1], 1);
	assert_int_equal(p.softkey[4][0], 0);
	assert_int_equal(p.softkey[4][1], 9);
	reg_free(r);
}

TEST("the stamp of a phone's file changes with each record it is made from and with no other")
{
	struct reg *r = site();
	struct device d = phone("SEP001380AD9E5F", "1001", "Berlin");
	struct device other = phone("SEP001380AD9E60", "1002", "");
	add_phone(r, &d);
	add_phone(r, &other);
	put(r, RECORD_LINE, "dn=1001;label=Anna");
	uint64_t before = provision(r, d.name).stamp;
	uint64_t others = provision(r, other.name).stamp;
	change(r, RECORD_NODE, "name=cm1;address=10.77.0.9");
	uint64_t after_node = provision(r, d.name).stamp;
	assert_true(after_node > before);
	change(r, RECORD_LINE, "dn=1001;label=Bert");
	assert_true(provision(r, d.name).stamp > after_node);
	assert_int_equal(provision(r, other.name).stamp, others);
	reg_free(r);
}

TEST("a deleted record never takes a file's stamp back to an earlier one")
{
	struct reg *r = site();
	struct device d = phone("SEP001380AD9E5F", "1001", "");
	uint64_t ticket = 0;
	const char *why = NULL;
	add_phone(r, &d);
	put(r, RECORD_LINE, "dn=1001;label=Anna");
	uint64_t with = provision(r, d.name).stamp;
	assert_int_equal(reg_record_delete(r, RECORD_LINE, "1001", &ticket, &why), 0);
	commit_all(r);
	assert_true(provision(r, d.name).stamp > with);
	assert_string_equal(provision(r, d.name).line[0].label, "1001");
	reg_free(r);
}

TEST("a record that names one that is not there is refused, and one in use is not deleted")
{
	struct reg *r = site();
	const char *why = NULL;
	uint64_t ticket = 0;
	assert_int_equal(try_put(r, RECORD_GROUP, "name=g2;nodes=cm1,cm9", true, &why),
			 E_BAD_VALUE);
	assert_string_equal(why, "there is no CallManager \"cm9\"");
	assert_int_equal(try_put(r, RECORD_POOL, "name=P2;group=g2", true, &why), E_BAD_VALUE);
	assert_int_equal(try_put(r, RECORD_NODE, "name=cm1;address=10.1.1.1", true, &why),
			 E_EXISTS);
	assert_int_equal(try_put(r, RECORD_NODE, "name=cm7;address=10.1.1.1", false, &why),
			 E_UNKNOWN);
	assert_int_equal(reg_record_delete(r, RECORD_NODE, "cm2", &ticket, &why), E_BUSY);
	assert_string_equal(why, "CallManager group main still uses it");
	struct device d = phone("SEP001380AD9E5F", "1001", "Munich");
	assert_int_equal(reg_device_add(r, &d, 0, &ticket, &why), E_BAD_VALUE);
	assert_string_equal(why, "there is no device pool \"Munich\"");
	d = phone("SEP001380AD9E5F", "1001", "Berlin");
	add_phone(r, &d);
	assert_int_equal(reg_record_delete(r, RECORD_POOL, "Berlin", &ticket, &why), E_BUSY);
	assert_string_equal(why, "phone SEP001380AD9E5F still uses it");
	reg_free(r);
}

TEST("a record changes only when its change is stored, and a second change waits its turn")
{
	struct reg *r = site();
	const char *why = NULL;
	struct change c;
	uint64_t generation = reg_generation(r);
	assert_int_equal(try_put(r, RECORD_NODE, "name=cm1;address=10.9.9.9", false, &why), 0);
	assert_int_equal(try_put(r, RECORD_NODE, "name=cm1;address=10.8.8.8", false, &why), E_BUSY);
	assert_true(reg_next_change(r, &c));
	assert_string_equal(reg_record_find(r, RECORD_NODE, "cm1")->node.address, "10.77.0.1");
	reg_commit_done(r, c.ticket, false);
	assert_string_equal(reg_record_find(r, RECORD_NODE, "cm1")->node.address, "10.77.0.1");
	assert_int_equal(reg_generation(r), generation);
	change(r, RECORD_NODE, "name=cm1;address=10.9.9.9");
	assert_string_equal(reg_record_find(r, RECORD_NODE, "cm1")->node.address, "10.9.9.9");
	reg_free(r);
}

TEST("a number stands on one phone only, on whichever of its lines")
{
	struct reg *r = site();
	const char *why = NULL;
	uint64_t ticket = 0;
	struct device d = phone("SEP001380AD9E5F", "1001", "");
	(void)text_copy(d.lines, sizeof d.lines, "1002,1003");
	add_phone(r, &d);
	struct device other = phone("SEP001380AD9E60", "1003", "");
	assert_int_equal(reg_device_add(r, &other, 0, &ticket, &why), E_BAD_VALUE);
	other = phone("SEP001380AD9E60", "1010", "");
	(void)text_copy(other.lines, sizeof other.lines, "1001");
	assert_int_equal(reg_device_add(r, &other, 0, &ticket, &why), E_BAD_VALUE);
	(void)text_copy(other.lines, sizeof other.lines, "1010");
	assert_int_equal(reg_device_add(r, &other, 0, &ticket, &why), E_BAD_VALUE);
	assert_string_equal(why, "a phone bears each directory number once");
	(void)text_copy(other.lines, sizeof other.lines, "1011");
	assert_int_equal(reg_device_add(r, &other, 0, &ticket, &why), 0);
	reg_free(r);
}

static enum reason refused(struct reg *r, const char *name, uint32_t type, int64_t unix_s)
{
	struct reg_claim claim = {.type = type};
	struct reg_decision d;
	(void)text_copy(claim.name, sizeof claim.name, name);
	reg_admit(r, &claim, 0, unix_s, &d);
	return d.verdict == REG_REFUSED ? d.reason : REASON_NONE;
}

TEST("auto-registration ends with its window, its cap and its models, each with its own reason")
{
	struct reg *r = site();
	struct settings s = *reg_settings(r);
	s.autoreg_on = true;
	s.autoreg_until_unix_s = 1000;
	s.autoreg_cap = 2;
	(void)text_copy(s.autoreg_models, sizeof s.autoreg_models, "7960,7961");
	reg_load_settings(r, &s);
	assert_int_equal(refused(r, "SEP000000000001", 7, 1000), REASON_NOT_IN_DATABASE);
	assert_int_equal(refused(r, "SEP000000000001", 6, 999), REASON_AUTOREG_MODEL);
	assert_int_equal(refused(r, "SEP000000000001", 7, 999), REASON_NONE);
	assert_int_equal(refused(r, "SEP000000000002", 30018, 999), REASON_NONE);
	/* Nothing is stored yet: the two count already. */
	assert_int_equal(refused(r, "SEP000000000003", 7, 999), REASON_AUTOREG_CAP);
	commit_all(r);
	assert_int_equal(reg_autoreg_count(r), 2);
	assert_int_equal(refused(r, "SEP000000000003", 7, 999), REASON_AUTOREG_CAP);
	reg_free(r);
}

TEST("a number with a line record of its own is not given to a stranger")
{
	struct reg *r = site();
	struct settings s = *reg_settings(r);
	s.autoreg_on = true;
	s.autoreg_first = 1000;
	s.autoreg_last = 1001;
	reg_load_settings(r, &s);
	put(r, RECORD_LINE, "dn=1000;label=Anna");
	assert_int_equal(reg_autoreg_free(r, UINT32_MAX), 1);
	assert_int_equal(refused(r, "SEP000000000001", 7, 0), REASON_NONE);
	commit_all(r);
	assert_string_equal(reg_device_find(r, "SEP000000000001")->dn, "1001");
	assert_int_equal(refused(r, "SEP000000000002", 7, 0), REASON_NO_FREE_NUMBER);
	reg_free(r);
}

TEST("two subnets with an address in common are refused; a phone's address may lie in any of them")
{
	struct reg *r = site();
	struct device d = phone("SEP001380AD9E5F", "1001", "");
	uint64_t ticket = 0;
	const char *why = "";
	struct settings settings = *reg_settings(r);
	settings.subnet = ip4_of(0x0a4d0000);
	settings.netmask = ip4_of(0xffffff00);
	reg_load_settings(r, &settings);
	d.reserved_ip = ip4_of(0x0a580020);
	assert_int_equal(reg_device_add(r, &d, 0, &ticket, &why), E_BAD_VALUE);
	put(r, RECORD_SUBNET, "name=voice;network=10.88.0.0;netmask=255.255.255.0");
	add_phone(r, &d);
	assert_int_equal(try_put(r, RECORD_SUBNET,
				 "name=wide;network=10.88.0.0;netmask=255.255.0.0", true, &why),
			 E_BAD_VALUE);
	assert_string_equal(why, "it has addresses in common with subnet \"voice\"");
	put(r, RECORD_SUBNET, "name=next;network=10.88.1.0;netmask=255.255.255.0");
	change(r, RECORD_SUBNET, "name=voice;network=10.88.0.0;netmask=255.255.255.128");
	reg_free(r);
}
