/* Each call that changes the disk fails once, for every k, and stays failing from every k on: what
 * was acknowledged is there afterwards, the file is whole, and the store goes on when the disk
 * does. */
#include "harness.h"

#include "base/error.h"
#include "failing_disk.h"
#include "store/store.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define CHANGES 12
#define K_MAX   2000

/* What a reopened store holds: tickets of leases, of devices, and the last setting. */
struct held {
	bool lease[CHANGES + 2], device[CHANGES + 2];
	int32_t setting;
};

static char directory[] = "/tmp/dialtone-failing-XXXXXX";
static char path[64];

static int take_device(void *context, const struct device *d)
{
	struct held *h = context;
	unsigned long ticket = strtoul(d->dn, NULL, 10) - 1000;
	assert_in_range(ticket, 1, CHANGES + 1);
	h->device[ticket] = true;
	return 0;
}

static int take_lease(void *context, const struct lease *l, int64_t left)
{
	struct held *h = context;
	(void)left;
	assert_in_range(mac_key(l->mac), 1, CHANGES + 1);
	h->lease[mac_key(l->mac)] = true;
	return 0;
}

static int take_settings(void *context, const struct settings *s)
{
	struct held *h = context;
	h->setting = s->utc_offset_s;
	return 0;
}

/* NULL and E_STORE when it cannot be opened. */
static struct store *reopen(struct held *h, int *ret_error)
{
	struct store_loader loader = {
	    .context = h, .device = take_device, .settings = take_settings, .lease = take_lease};
	struct store *s = NULL;
	const char *why = "";
	memset(h, 0, sizeof *h);
	*ret_error = store_open(path, DT_SECONDS(100), 1000000, &loader, &s, &why);
	if (*ret_error != 0 && failing_disk_failures() == 0)
		fail_msg("%s", why);
	return s;
}

/* A lease, a phone, a setting in turn. */
static struct change promise(unsigned ticket)
{
	struct change c = {.kind = CHANGE_LEASE_PUT, .ticket = ticket};
	if (ticket % 3 == 1) {
		c.kind = CHANGE_DEVICE_PUT;
		(void)snprintf(c.device.name, sizeof c.device.name, "SEP%012u", ticket);
		(void)snprintf(c.device.dn, sizeof c.device.dn, "%u", 1000 + ticket);
	} else if (ticket % 3 == 2) {
		c.kind = CHANGE_SETTINGS_PUT;
		c.settings = settings_default();
		c.settings.utc_offset_s = (int32_t)ticket;
	} else {
		c.lease.ip = ip4_of(0x0a000000 + ticket);
		c.lease.mac = mac_of_key(ticket);
		c.lease.expires = DT_SECONDS(100 + 3600);
	}
	return c;
}

static bool is_held(const struct held *h, unsigned ticket)
{
	switch (ticket % 3) {
	case 1:
		return h->device[ticket];
	case 2:
		return h->setting >= (int32_t)ticket;
	default:
		return h->lease[ticket];
	}
}

static bool submit(struct store *s, unsigned ticket)
{
	struct change c = promise(ticket);
	struct store_completion done;
	struct pollfd p = {.fd = store_fd(s), .events = POLLIN};
	assert_int_equal(store_submit(s, &c), 0);
	while (!store_next_completion(s, &done))
		assert_true(poll(&p, 1, 10000) >= 0);
	assert_int_equal(done.ticket, ticket);
	if (!done.ok)
		assert_non_null(strstr(done.why, path));
	return done.ok;
}

/* One life of a database in which the k-th call fails. false: it never came to that call. */
static bool live(enum disk_fault fault, unsigned k, bool full)
{
	bool acknowledged[CHANGES + 2] = {false};
	struct held h;
	int error = 0;
	(void)snprintf(path, sizeof path, "%s/%d-%d-%u", directory, (int)fault, full, k);
	failing_disk_set(fault, k, full);
	struct store *s = reopen(&h, &error);
	for (unsigned t = 1; s != NULL && t <= CHANGES; t++)
		acknowledged[t] = submit(s, t);
	unsigned failed = failing_disk_failures();
	/* Half of the lives end on the broken disk, closing included; half see it mended. */
	if (s != NULL && k % 2 == 0) {
		failing_disk_set(DISK_WORKS, 0, false);
		acknowledged[CHANGES + 1] = submit(s, CHANGES + 1);
		assert_true(acknowledged[CHANGES + 1]);
	}
	store_close(s);
	failing_disk_set(DISK_WORKS, 0, false);
	/* Opening also checks the file page by page. */
	s = reopen(&h, &error);
	assert_int_equal(error, 0);
	for (unsigned t = 1; t <= CHANGES + 1; t++) {
		if (acknowledged[t] && !is_held(&h, t))
			fail_msg("change %u was acknowledged and is not there: call %u, fault %d",
				 t, k, (int)fault);
	}
	assert_true(submit(s, CHANGES));
	store_close(s);
	assert_int_equal(unlink(path), 0);
	return failed > 0;
}

static void sweep(enum disk_fault fault, bool full)
{
	unsigned k = 1;
	if (path[0] == 0)
		assert_non_null(mkdtemp(directory));
	failing_disk_install();
	while (k < K_MAX && live(fault, k, full))
		k++;
	/* Opening alone takes more than ten calls; each change at least a write and a sync. */
	assert_in_range(k, 10 + CHANGES, K_MAX - 1);
	print_message("%u calls, each failed\n", k - 1);
}

TEST("the k-th disk call fails once with an I/O error, for every k: nothing acknowledged is lost")
{
	sweep(DISK_FAILS_ONCE, false);
}

TEST("the disk fails from the k-th call on, for every k: nothing acknowledged is lost")
{
	sweep(DISK_FAILS_ON, false);
}

TEST("the disk is full for the k-th call, for every k: nothing acknowledged is lost")
{
	sweep(DISK_FAILS_ONCE, true);
}

TEST("the disk is full from the k-th call on, for every k: nothing acknowledged is lost, and it "
     "goes on "
     "when there is room")
{
	sweep(DISK_FAILS_ON, true);
	(void)rmdir(directory);
}
