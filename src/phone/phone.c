/* The composition: power, DHCP, files, CallManager, and over again. docs/protocol/phone.md draws
 * it.
 *
 *   STARTING --> VLAN --> DHCP --> FILES --> OPENING --> REGISTERING --> REGISTERED
 *                 ^         |          \------------\--> REJECTED or list exhausted: waits, then
 * FILES
 *                 \---------/ no file, no TFTP server, TFTP silent: waits, then DHCP
 */
#include "phone/phone_internal.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"

static const char *const state_texts[] = {
    "off",
    "Loading",
    "Configuring VLAN",
    "Configuring IP",
    "Configuring CM List",
    "Upgrading Software",
    "Opening CM",
    "Registering",
    "registered",
    "Registration Rejected",
};

struct phone *phone_new(const struct phone_config *config)
{
	struct phone *p = alloc_zero(1, sizeof *p);

	if (p == NULL)
		return NULL;
	p->config = *config;
	p->profile = config->profile;
	p->rand = rand_of(config->seed);
	(void)mac_format_hex(mac_is_zero(config->faults.claim) ? config->mac : config->faults.claim,
			     p->hex);
	(void)text_copy(p->load, sizeof p->load,
			config->faults.load_instead != NULL ? config->faults.load_instead
							    : p->profile->load);
	(void)snprintf(p->name, sizeof p->name, "%.3s%s",
		       p->profile->prefix != NULL ? p->profile->prefix : "SEP", p->hex);
	p->trusted = config->faults.foreign_trust;
	p->remembered_ip = config->faults.remembered_ip;
	p->wake = DT_NEVER;
	p->ask_at = DT_NEVER;
	p->http.deadline = DT_NEVER;
	p->dhcp.deadline = DT_NEVER;
	p->tftp.deadline = DT_NEVER;
	p->dns.deadline = DT_NEVER;
	neighbour_stop(p);
	buf_init(&p->tftp.file, PHONE_FILE_MAX);
	list_drop(p);
	return p;
}

static void drop_action(struct phone *p)
{
	struct action_item *item = p->first;

	p->first = item->next;
	if (p->first == NULL)
		p->last_item = NULL;
	p->action_count--;
	alloc_free(item);
}

void phone_free(struct phone *p)
{
	if (p == NULL)
		return;
	list_drop(p);
	while (p->first != NULL)
		drop_action(p);
	buf_done(&p->tftp.file);
	buf_done(&p->http.stream);
	buf_done(&p->upgrade.names);
	alloc_free(p);
}

struct phone_action *phone_act(struct phone *p, enum phone_action_kind kind, struct slice bytes)
{
	size_t head = offsetof(struct action_item, action.bytes);
	struct action_item *item =
	    p->action_count < PHONE_ACTIONS_MAX ? alloc_zero(1, head + bytes.len) : NULL;

	if (item == NULL) {
		p->overflow = true;
		return NULL;
	}
	item->action.kind = kind;
	item->action.len = bytes.len;
	if (bytes.len > 0)
		memcpy((uint8_t *)item + head, bytes.ptr, bytes.len);
	if (p->last_item != NULL)
		p->last_item->next = item;
	else
		p->first = item;
	p->last_item = item;
	p->action_count++;
	return &item->action;
}

bool phone_next_action(struct phone *p, struct phone_action *ret_action)
{
	struct action_item *item = p->first;

	if (item == NULL)
		return false;
	memcpy(ret_action, &item->action, offsetof(struct phone_action, bytes) + item->action.len);
	drop_action(p);
	return true;
}

void phone_set_state(struct phone *p, enum phone_state state)
{
	if (p->state == state)
		return;
	p->state = state;
	struct phone_action *a = phone_act(p, PHONE_STATE, slice_of(NULL, 0));
	if (a != NULL)
		a->state = state;
}

void phone_bound(struct phone *p, dt_time now)
{
	struct phone_action *a = phone_act(p, PHONE_ADDRESS, slice_of(NULL, 0));

	if (a != NULL) {
		a->ip = p->dhcp.ip;
		a->mask = p->dhcp.mask;
		a->router = p->dhcp.router;
	}
	p->view.ip = p->dhcp.ip;
	p->remembered_ip = p->dhcp.ip;
	neighbour_announce(p);
	files_start(p, now);
}

/* The address is gone: everything that used it goes with it. */
void phone_unbound(struct phone *p, dt_time now)
{
	const struct sccp_link *active = &p->link[LINK_ACTIVE];
	bool leaving = active->state == LINK_LEAVING && p->sccp.after == AFTER_OFF;

	(void)now;
	if (active->state != LINK_CLOSED)
		p->last = LAST_ADDRESS;
	files_stop(p);
	p->tftp.old_port = 0;
	list_drop(p);
	p->wake = DT_NEVER;
	p->dhcp.ip = ip4_of(0);
	p->view.ip = ip4_of(0);
	(void)phone_act(p, PHONE_ADDRESS, slice_of(NULL, 0));
	if (leaving)
		phone_off(p);
}

void phone_start_over(struct phone *p, dt_time now, dt_time after, bool with_dhcp)
{
	files_stop(p);
	p->rejoin = !with_dhcp;
	p->wake = dt_time_add(now, after + (dt_time)rand_below(&p->rand, DT_MS(200)));
}

/* As from power-on: nothing of the lease is kept. */
void phone_reboot(struct phone *p, dt_time now)
{
	phone_unbound(p, now);
	p->dhcp = (struct dhcp_client){.deadline = DT_NEVER};
	neighbour_stop(p);
	p->view.boots++;
	phone_set_state(p, PHONE_STARTING);
	phone_start_over(p, now, p->profile->start_us, true);
}

uint16_t phone_next_port(struct phone *p)
{
	return (uint16_t)(PHONE_FIRST_PORT + p->next_port++ % 16000);
}

void phone_network(struct phone *p, dt_time now)
{
	if (!ip4_is_zero(p->config.static_ip)) {
		p->dhcp.ip = p->config.static_ip;
		phone_bound(p, now);
	} else {
		dhcp_client_boot(p, now);
	}
}

/* At `wake`: the boot begins, or begins again. */
static void begin(struct phone *p, dt_time now)
{
	bool has_address = !ip4_is_zero(p->dhcp.ip);
	bool fresh = p->state == PHONE_STARTING;

	p->wake = DT_NEVER;
	list_drop(p);
	if (!fresh) /* counted when its power came, or its reset */
		p->view.boots++;
	if (fresh && neighbour_is_spoken(p)) {
		neighbour_start(p, now);
		return;
	}
	if (p->rejoin && has_address && ip4_is_zero(p->config.static_ip)) {
		files_start(p, now);
		return;
	}
	if (has_address && ip4_is_zero(p->config.static_ip))
		phone_unbound(p, now);
	phone_network(p, now);
}

void phone_power_on(struct phone *p, dt_time now)
{
	if (p->state != PHONE_OFF)
		return;
	phone_set_state(p, PHONE_STARTING);
	p->view.boots++;
	p->last = LAST_INITIALIZED;
	p->rejoin = false;
	p->http_silent = false;
	p->wake = now;
	if (!p->config.unpaced)
		p->wake = dt_time_add(now, p->profile->start_us +
					       (dt_time)rand_below(&p->rand, DT_MS(500)));
}

void phone_off(struct phone *p)
{
	files_stop(p);
	p->tftp.old_port = 0;
	p->overflow = false;
	p->applying = false;
	p->upgrade.busy = false;
	p->dhcp = (struct dhcp_client){.deadline = DT_NEVER};
	p->wake = DT_NEVER;
	p->view.ip = ip4_of(0);
	neighbour_stop(p);
	phone_set_state(p, PHONE_OFF);
}

/* Without a word: what was not taken yet is never said, and the edge drops its sockets when it sees
 * the state. */
void phone_power_off(struct phone *p, dt_time now)
{
	(void)now;
	if (p->state == PHONE_OFF)
		return;
	list_drop(p);
	files_stop(p);
	while (p->first != NULL)
		drop_action(p);
	phone_off(p);
}

void phone_leave(struct phone *p, dt_time now)
{
	enum link_state state = p->link[LINK_ACTIVE].state;

	if (state == LINK_LEAVING) { /* it has said so already */
		p->sccp.after = AFTER_OFF;
		return;
	}
	if (state == LINK_REGISTERED || state == LINK_ASKING) {
		sccp_client_leave(p, AFTER_OFF, now);
		return;
	}
	list_drop(p);
	phone_off(p);
}

void phone_dhcp_input(struct phone *p, struct slice datagram, dt_time now)
{
	if (p->state != PHONE_OFF)
		dhcp_client_input(p, datagram, now);
}

void phone_frame_input(struct phone *p, struct slice frame, dt_time now)
{
	if (p->state != PHONE_OFF && p->config.on_link)
		neighbour_input(p, frame, now);
}

void phone_udp_input(struct phone *p, struct endpoint from, uint16_t local_port,
		     struct slice datagram, dt_time now)
{
	if (dns_client_owns(p, local_port))
		dns_client_input(p, from, datagram, now);
	else
		tftp_client_input(p, from, local_port, datagram, now);
}

void phone_udp_refused(struct phone *p, uint16_t local_port, dt_time now)
{
	if (dns_client_owns(p, local_port))
		dns_client_refused(p, now);
	else
		tftp_client_refused(p, local_port, now);
}

void phone_factory_reset(struct phone *p)
{
	if (p->state != PHONE_OFF)
		return;
	p->has_cnf = false;
	p->trusted = false;
	p->remembered_ip = ip4_of(0);
	p->kept.ip = ip4_of(0);
	(void)text_copy(p->load, sizeof p->load, p->profile->load);
}

void phone_tcp_open(struct phone *p, unsigned connection, dt_time now)
{
	if (connection == p->http.connection && connection != 0)
		http_client_open(p, now);
	else
		link_opened(p, connection, now);
}

void phone_tcp_refused(struct phone *p, unsigned connection, dt_time now)
{
	if (connection == p->http.connection && connection != 0)
		http_client_ended(p, now);
	else
		link_ended(p, connection, LAST_CM_RESET, now);
}

void phone_tcp_input(struct phone *p, unsigned connection, struct slice bytes, dt_time now)
{
	if (connection == p->http.connection && connection != 0)
		http_client_input(p, bytes, now);
	else
		link_input(p, connection, bytes, now);
}

void phone_tcp_closed(struct phone *p, unsigned connection, bool reset, dt_time now)
{
	if (connection == p->http.connection && connection != 0)
		http_client_ended(p, now);
	else
		link_ended(p, connection, reset ? LAST_CM_RESET : LAST_CM_CLOSED, now);
}

void phone_expire(struct phone *p, dt_time now)
{
	if (p->state == PHONE_OFF)
		return;
	if (p->overflow) {
		p->overflow = false;
		phone_start_over(p, now, p->profile->reject_wait_us, true);
	}
	if (now >= p->wake)
		begin(p, now);
	neighbour_expire(p, now);
	dhcp_client_expire(p, now);
	dns_client_expire(p, now);
	tftp_client_expire(p, now);
	http_client_expire(p, now);
	files_expire(p, now);
	link_expire(p, now);
	list_expire(p, now);
}

dt_time phone_deadline(const struct phone *p)
{
	if (p->state == PHONE_OFF)
		return DT_NEVER;
	dt_time deadline = dt_time_min(neighbour_deadline(p), dt_time_min(p->wake, p->ask_at));
	if (p->http.connection != 0)
		deadline = dt_time_min(deadline, p->http.deadline);
	if (p->dhcp.state != DHCP_CLIENT_OFF)
		deadline = dt_time_min(deadline, p->dhcp.deadline);
	if (p->tftp.busy)
		deadline = dt_time_min(deadline, p->tftp.deadline);
	if (p->dns.busy)
		deadline = dt_time_min(deadline, p->dns.deadline);
	return dt_time_min(deadline, dt_time_min(link_deadline(p), list_deadline(p)));
}

enum phone_state phone_state(const struct phone *p)
{
	return p->state;
}

const char *phone_state_text(enum phone_state state)
{
	return (unsigned)state < sizeof state_texts / sizeof *state_texts ? state_texts[state] : "";
}

void phone_view(const struct phone *p, struct phone_view *ret_view)
{
	*ret_view = p->view;
	(void)text_copy(ret_view->name, sizeof ret_view->name, p->name);
	ret_view->mac = p->config.mac;
	ret_view->profile = p->profile;
	ret_view->load = p->load;
	ret_view->tag = p->link_layer.tag;
	ret_view->standby = (struct endpoint){0};
	if (p->link[LINK_STANDBY].state == LINK_OPEN || p->link[LINK_STANDBY].state == LINK_TOKEN)
		ret_view->standby = p->list.member[p->link[LINK_STANDBY].member];
}
