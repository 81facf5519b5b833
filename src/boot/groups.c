/* Phones by their verdict and the server it is about. A rule's own sentence is about one phone: a
 * group has another. */
#include "boot/groups.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"
#include "boot/boot_internal.h"

#include <stdlib.h>

void groups_init(struct groups *g)
{
	memset(g, 0, sizeof *g);
}

void groups_done(struct groups *g)
{
	for (size_t i = 0; i < g->count; i++)
		alloc_free(g->group[i].phones);
	memset(g, 0, sizeof *g);
}

static struct group *find(struct groups *g, const struct finding *f)
{
	for (size_t i = 0; i < g->count; i++) {
		if (g->group[i].rule == f->rule && ip4_equal(g->group[i].peer.ip, f->peer.ip))
			return &g->group[i];
	}
	if (g->count == GROUPS_MAX)
		return NULL;
	struct group *made = &g->group[g->count++];
	*made = (struct group){.rule = f->rule, .proved = true, .note = f->note, .peer = f->peer};
	return made;
}

static int add_phone(struct group *group, const struct phone_report *r)
{
	/* Doubles at each power of two. */
	if ((group->count & (group->count - 1)) == 0) {
		size_t size = group->count == 0 ? 1 : group->count * 2;
		struct group_phone *phones =
		    alloc_resize(group->phones, size * sizeof *group->phones);
		if (phones == NULL)
			return E_NO_MEMORY;
		group->phones = phones;
	}
	struct group_phone *p = &group->phones[group->count++];
	(void)text_copy(p->name, sizeof p->name, r->name);
	p->mac = r->mac;
	return 0;
}

static bool serves(const struct groups *g, struct ip4 ip)
{
	for (size_t i = 0; i < g->serving_count; i++) {
		if (ip4_equal(g->serving[i], ip))
			return true;
	}
	return false;
}

int groups_add(struct groups *g, const struct phone_report *r)
{
	int error = 0;

	if (!ip4_is_zero(r->callmanager) && !serves(g, r->callmanager) &&
	    g->serving_count < GROUPS_MAX)
		g->serving[g->serving_count++] = r->callmanager;

	g->phones++;
	g->by_status[r->status]++;
	if (r->status != PHONE_STATUS_REGISTERED && r->status != PHONE_STATUS_DEGRADED)
		g->by_step[r->step]++;
	for (unsigned i = 0; i < r->finding_count && error == 0; i++) {
		const struct finding *f = &r->finding[i];
		/* The verdict, and each remark. */
		if (i > 0 && !f->note)
			continue;
		struct group *group = find(g, f);
		if (group == NULL)
			continue;
		group->proved &= f->proved;
		group->well += r->status == PHONE_STATUS_REGISTERED;
		for (uint32_t k = 0; k < f->evidence_count; k++)
			evidence_add(group->evidence, &group->evidence_count, f->evidence[k]);
		error = add_phone(group, r);
	}
	return error;
}

static bool is_service(enum rule rule)
{
	return rule == RULE_CM_REFUSES || rule == RULE_TFTP_STOPPED;
}

static void describe(const struct groups *g, struct group *group)
{
	char peer[ENDPOINT_TEXT_SIZE] = "";
	const struct rule_row *row = rule_row(group->rule);

	if (!ip4_is_zero(group->peer.ip))
		(void)(group->peer.port != 0 ? endpoint_format(group->peer, peer)
					     : ip4_format(group->peer.ip, peer));
	/* All of them refused by one host that serves nobody: not the phones. */
	bool serving =
	    serves(g, group->peer.ip) || (group->rule == RULE_TFTP_STOPPED && g->serving_count > 0);
	if (is_service(group->rule) && group->count >= GROUP_PHONES && group->proved && !serving) {
		(void)snprintf(group->text, sizeof group->text,
			       "a service is down on %s: it refuses all %zu phones that ask (%s).",
			       peer, group->count, row->id);
		group->rule = RULE_SERVICE_DOWN;
		(void)text_copy(group->remedy, sizeof group->remedy,
				rule_row(RULE_SERVICE_DOWN)->remedy);
		return;
	}
	(void)snprintf(group->text, sizeof group->text, "%s%s%s%s.", row->summary,
		       peer[0] != 0 ? " (" : "", peer, peer[0] != 0 ? ")" : "");
	(void)text_copy(group->remedy, sizeof group->remedy, row->remedy);
}

/* Faults before remarks, many before few. */
static int by_weight(const void *a, const void *b)
{
	const struct group *ga = a;
	const struct group *gb = b;

	if (ga->note != gb->note)
		return ga->note ? 1 : -1;
	if (ga->count != gb->count)
		return ga->count > gb->count ? -1 : 1;
	return (int)ga->rule - (int)gb->rule;
}

void groups_finish(struct groups *g)
{
	for (size_t i = 0; i < g->count; i++)
		describe(g, &g->group[i]);
	qsort(g->group, g->count, sizeof g->group[0], by_weight);
}

const struct group *groups_of(const struct groups *g, const struct phone_report *r)
{
	for (size_t i = 0; r->finding_count > 0 && i < g->count; i++) {
		const struct group *group = &g->group[i];
		bool same = group->rule == r->finding[0].rule ||
			    (group->rule == RULE_SERVICE_DOWN && is_service(r->finding[0].rule));
		if (same && !group->note && ip4_equal(group->peer.ip, r->finding[0].peer.ip) &&
		    group->count > 1)
			return group;
	}
	return NULL;
}
