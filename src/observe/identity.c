/* Who is behind an address, and which stations are phones. */
#include "observe/observer_internal.h"

#include "base/alloc.h"
#include "base/text.h"
#include "boot/timeline.h"

static uint64_t ip_key(struct ip4 ip)
{
	return ip4_number(ip);
}

/* Facts kept back are found by their address, or by the hardware address when they have none. */
static uint64_t pending_key(struct ip4 ip, struct mac mac)
{
	return !ip4_is_zero(ip) ? ip_key(ip) : mac_key(mac) | 1ULL << 62;
}

static void tell_pending(struct observer *o, uint64_t key)
{
	for (size_t i = 0; o->pending != NULL && i < OBSERVE_PENDING_MAX; i++) {
		size_t at = (o->pending_next + i) % OBSERVE_PENDING_MAX;
		if (o->pending_key[at] != key)
			continue;
		o->pending_key[at] = 0;
		struct fact *fact = &o->pending[at];
		if (fact->at < o->at - OBSERVE_PENDING_AGE)
			continue;
		if (mac_is_zero(fact->mac))
			(void)observer_identify(o, fact->ip, &fact->mac);
		observer_add_fact(o, fact);
	}
}

static void hold_back(struct observer *o, const struct fact *fact)
{
	if (o->pending == NULL) {
		o->pending = alloc_zero(OBSERVE_PENDING_MAX, sizeof *o->pending);
		o->pending_key = alloc_zero(OBSERVE_PENDING_MAX, sizeof *o->pending_key);
		if (o->pending == NULL || o->pending_key == NULL) {
			alloc_free(o->pending);
			alloc_free(o->pending_key);
			o->pending = NULL;
			o->pending_key = NULL;
			return;
		}
	}
	o->pending[o->pending_next] = *fact;
	o->pending_key[o->pending_next] = pending_key(fact->ip, fact->mac);
	o->pending_next = (o->pending_next + 1) % OBSERVE_PENDING_MAX;
}

void observer_add_if_phone(struct observer *o, const struct fact *fact)
{
	bool phone = ip4_is_zero(fact->ip) ? table_get(&o->phones, mac_key(fact->mac)) != NULL
					   : observer_is_phone(o, fact->ip);

	if (phone)
		observer_add_fact(o, fact);
	else
		hold_back(o, fact);
}

struct observed_address *observer_address(struct observer *o, struct ip4 ip)
{
	return table_get(&o->addresses, ip_key(ip));
}

bool observer_is_phone(const struct observer *o, struct ip4 ip)
{
	const struct observed_address *a = table_get(&o->addresses, ip_key(ip));

	return a != NULL && a->phone;
}

void observer_phone_address(struct observer *o, struct ip4 ip)
{
	if (ip4_is_zero(ip) || ip4_number(ip) == UINT32_MAX)
		return;
	struct observed_address *a = table_need(&o->addresses, ip_key(ip), o->at);
	if (a == NULL || a->phone)
		return;
	a->ip = ip;
	a->phone = true;
	tell_pending(o, pending_key(ip, a->mac));
}

struct observed_phone *observer_phone(struct observer *o, struct mac mac)
{
	if (mac_is_zero(mac))
		return NULL;
	bool known = table_get(&o->phones, mac_key(mac)) != NULL;
	struct observed_phone *p = table_need(&o->phones, mac_key(mac), o->at);
	if (p == NULL || known)
		return p;
	p->mac = mac;
	tell_pending(o, pending_key((struct ip4){{0}}, mac));
	return p;
}

void observer_on_link(struct observer *o, struct mac mac)
{
	struct observed_phone *p = observer_phone(o, mac);

	if (p == NULL || p->on_link)
		return;
	p->on_link = true;
	o->on_link_count++;
	o->on_link = mac;
}

/* A link address that several IP addresses use names none of them. */
static bool is_shared(const struct observer *o, struct mac mac)
{
	const struct observed_link *l = table_get(&o->links, mac_key(mac));

	return l != NULL && l->shared;
}

/* How good the claim on an address still is. */
static enum identity_ground ground_of(const struct observer *o, const struct observed_address *a)
{
	if (a->ground == GROUND_DHCP && a->until != 0 && o->at > a->until)
		return GROUND_NONE;
	if (a->ground == GROUND_LINK && is_shared(o, a->mac))
		return GROUND_NONE;
	return a->ground;
}

void observer_claim_link(struct observer *o, struct ip4 ip, struct mac mac)
{
	struct observed_link *l = table_need(&o->links, mac_key(mac), o->at);

	if (l == NULL || ip4_is_zero(ip))
		return;
	if (ip4_is_zero(l->ip))
		l->ip = ip;
	/* A phone that gets another address is no host of many: its lease says so. */
	const struct observed_address *a = observer_address(o, ip);
	bool leased = a != NULL && a->ground == GROUND_DHCP && mac_equal(a->mac, mac);
	if (!ip4_equal(l->ip, ip) && !leased)
		l->shared = true;
	if (!l->shared)
		observer_claim(o, ip, mac, GROUND_LINK);
}

void observer_claim(struct observer *o, struct ip4 ip, struct mac mac, enum identity_ground ground)
{
	if (ip4_is_zero(ip) || mac_is_zero(mac) || ip4_number(ip) == UINT32_MAX)
		return;
	struct observed_address *a = table_need(&o->addresses, ip_key(ip), o->at);
	if (a == NULL || ground < ground_of(o, a))
		return;
	/* Who gets an address that was a phone's has to show again that it is one. */
	if (!mac_is_zero(a->mac) && !mac_equal(a->mac, mac) && ground == GROUND_DHCP)
		a->phone = false;
	a->ip = ip;
	a->mac = mac;
	a->ground = ground;
	if (table_get(&o->phones, mac_key(mac)) != NULL)
		observer_phone_address(o, ip);
}

void observer_claim_name(struct observer *o, struct ip4 ip, const char *name)
{
	char digits[13];
	struct mac mac;
	const char *sep = strstr(name, "SEP");

	if (sep == NULL)
		sep = strstr(name, "SIP");
	if (sep == NULL)
		return;
	(void)text_copy(digits, sizeof digits, sep + 3);
	if (mac_parse(digits, &mac) != 0)
		return;
	observer_claim(o, ip, mac, GROUND_NAME);
	observer_phone_address(o, ip);
}

/* "SEP001BD5853661", and no more: a gateway's ports have names that end in digits too. */
static bool names_hardware(const char *name, struct mac *ret_mac)
{
	bool prefixed = strncmp(name, "SEP", 3) == 0 || strncmp(name, "SIP", 3) == 0;

	return prefixed && strlen(name) == 15 && mac_of_device_name(name, ret_mac) == 0;
}

/* Several phones behind one address (translation, one host's softphones, a gateway's ports) are
 * told apart by the names they give, each on its own connection; where DHCP or the link knows whose
 * the address is, a name with a hardware address in it is a mere claim. */
struct mac observer_claim_of(struct observer *o, struct ip4 ip, const char *name)
{
	const struct mac nobody = {{0}};
	struct mac mac;
	struct observed_address *a = table_need(&o->addresses, ip_key(ip), o->at);

	if (a == NULL || name[0] == 0)
		return nobody;
	if (names_hardware(name, &mac))
		return ground_of(o, a) <= GROUND_NAME ? mac : nobody;
	uint64_t device = map_key_text(name);
	a->device = a->device == 0 ? device : a->device;
	return a->device == device ? nobody : timeline_named_phone(name);
}

bool observer_identify(const struct observer *o, struct ip4 ip, struct mac *ret_mac)
{
	const struct observed_address *a = table_get(&o->addresses, ip_key(ip));

	if (a == NULL || a->ground == GROUND_NONE ||
	    (a->ground == GROUND_LINK && is_shared(o, a->mac)))
		return false;
	*ret_mac = a->mac;
	return true;
}
