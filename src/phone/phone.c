/* The composition: power, DHCP, files, CallManager, and over again. docs/protocol/phone.md draws
 * it.
 *
 *   STARTING --> DHCP --> FILES --> OPENING --> REGISTERING --> REGISTERED
 *                 ^         |          \------------\--> REJECTED or list exhausted: waits, then
 * FILES
 *                 \---------/ no file, no TFTP server, TFTP silent: waits, then DHCP
 */
#include "phone/phone_internal.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"

static const char *const state_texts[] = {
    "off",        "Loading",     "Configuring IP", "Configuring CM List",
    "Opening CM", "Registering", "registered",     "Registration Rejected"};

struct phone *phone_new(const struct phone_config *config)
{
	struct phone *p = alloc_zero(1, sizeof *p);

	if (p == NULL)
		return NULL;
	p->config = *config;
	p->profile = config->profile;
	p->rand = rand_of(config->seed);
	(void)mac_format_hex(config->mac, p->hex);
	(void)snprintf(p->name, sizeof p->name, "SEP%s", p->hex);
	p->wake = DT_NEVER;
	p->dhcp.deadline = DT_NEVER;
	p->tftp.deadline = DT_NEVER;
	p->sccp.deadline = DT_NEVER;
	p->sccp.keepalive_at = DT_NEVER;
	buf_init(&p->tftp.file, PHONE_FILE_MAX);
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
	while (p->first != NULL)
		drop_action(p);
	buf_done(&p->tftp.file);
	alloc_free(p);
}

struct phone_action *phone_act(struct phone *p, enum phone_action_kind kind)
{
	struct action_item *item =
	    p->action_count < PHONE_ACTIONS_MAX ? alloc_zero(1, sizeof *item) : NULL;

	if (item == NULL) {
		p->overflow = true;
		return NULL;
	}
	item->action.kind = kind;
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
	*ret_action = item->action;
	drop_action(p);
	return true;
}

void phone_set_state(struct phone *p, enum phone_state state)
{
	if (p->state == state)
		return;
	p->state = state;
	struct phone_action *a = phone_act(p, PHONE_STATE);
	if (a != NULL)
		a->state = state;
}

/* One file name of the profile, MAC filled in. */
static void file_name(const struct phone *p, const char *pattern, char *to, size_t size)
{
	const char *m = strstr(pattern, "%M");

	if (m == NULL)
		(void)text_copy(to, size, pattern);
	else
		(void)snprintf(to, size, "%.*s%s%s", (int)(m - pattern), pattern, p->hex, m + 2);
}

/* Where files are asked: Alternate TFTP beats DHCP. */
static bool tftp_server(const struct phone *p, unsigned index, struct ip4 *ret_ip)
{
	struct ip4 manual = p->config.faults.alternate_tftp;

	if (ip4_is_zero(manual))
		manual = p->config.static_tftp;
	if (!ip4_is_zero(manual)) {
		*ret_ip = manual;
		return index == 0;
	}
	if (index >= p->dhcp.tftp_count)
		return false;
	*ret_ip = p->dhcp.tftp[index];
	return true;
}

static void ask_file(struct phone *p, dt_time now)
{
	char name[64];
	struct ip4 server;

	if (p->file_index == p->profile->file_count || !tftp_server(p, p->server_index, &server)) {
		/* Nothing that helps: the real thing restarts its network stack, DHCP included. */
		phone_start_over(p, now, p->profile->reject_wait_us, true);
		return;
	}
	file_name(p, p->profile->file[p->file_index].pattern, name, sizeof name);
	tftp_client_ask(p, name, server, now);
}

static void start_files(struct phone *p, dt_time now)
{
	phone_set_state(p, PHONE_FILES);
	p->file_index = 0;
	p->server_index = 0;
	ask_file(p, now);
}

void phone_bound(struct phone *p, dt_time now)
{
	struct phone_action *a = phone_act(p, PHONE_ADDRESS);

	if (a != NULL) {
		a->ip = p->dhcp.ip;
		a->mask = p->dhcp.mask;
		a->router = p->dhcp.router;
	}
	p->view.ip = p->dhcp.ip;
	start_files(p, now);
}

/* The address is gone: everything that used it goes with it. */
void phone_unbound(struct phone *p, dt_time now)
{
	bool leaving = p->sccp.state == SCCP_CLIENT_LEAVING && p->sccp.after == AFTER_OFF;

	(void)now;
	if (p->sccp.state != SCCP_CLIENT_IDLE)
		p->last = LAST_ADDRESS;
	tftp_client_stop(p);
	p->tftp.old_port = 0;
	sccp_client_drop(p);
	p->wake = DT_NEVER;
	p->dhcp.ip = ip4_of(0);
	p->view.ip = ip4_of(0);
	(void)phone_act(p, PHONE_ADDRESS);
	if (leaving)
		phone_off(p);
}

void phone_start_over(struct phone *p, dt_time now, dt_time after, bool with_dhcp)
{
	tftp_client_stop(p);
	p->rejoin = !with_dhcp;
	p->wake = dt_time_add(now, after + (dt_time)rand_below(&p->rand, DT_MS(200)));
}

/* A configuration that can be read ends the search; a trust list, a binary file or a broken one
 * does not. */
void phone_file_ended(struct phone *p, bool delivered, dt_time now)
{
	const struct profile_file *file = &p->profile->file[p->file_index];
	struct cnf_error error;
	bool readable = file->kind == PROFILE_CONFIG || file->kind == PROFILE_DEFAULT;

	if (delivered && readable &&
	    cnf_parse(buf_slice(&p->tftp.file), p->profile->type, &p->cnf, &error) == 0) {
		sccp_client_start(p, now);
		return;
	}
	p->file_index++;
	ask_file(p, now);
}

/* The second server is for silence, never for "file not found". Silence about a trust list costs
 * its time and no more: some firewalls and servers drop what they do not have. Silence about the
 * configuration restarts the network stack, DHCP included, every minute or so. */
void phone_file_silent(struct phone *p, dt_time now)
{
	struct ip4 server;

	p->server_index++;
	if (tftp_server(p, p->server_index, &server)) {
		ask_file(p, now);
	} else if (p->profile->file[p->file_index].kind == PROFILE_TRUST) {
		p->server_index = 0;
		p->file_index++;
		ask_file(p, now);
	} else {
		phone_start_over(p, now, p->profile->reject_wait_us, true);
	}
}

/* At `wake`: the boot begins, or begins again. */
static void begin(struct phone *p, dt_time now)
{
	bool has_address = !ip4_is_zero(p->dhcp.ip);

	p->wake = DT_NEVER;
	sccp_client_drop(p);
	if (p->state != PHONE_STARTING) /* counted when its power came, or its reset */
		p->view.boots++;
	if (!ip4_is_zero(p->config.static_ip)) {
		p->dhcp.ip = p->config.static_ip;
		phone_bound(p, now);
	} else if (p->rejoin && has_address) {
		start_files(p, now);
	} else {
		if (has_address)
			phone_unbound(p, now);
		dhcp_client_start(p, now);
	}
}

void phone_power_on(struct phone *p, dt_time now)
{
	if (p->state != PHONE_OFF)
		return;
	phone_set_state(p, PHONE_STARTING);
	p->view.boots++;
	p->last = LAST_INITIALIZED;
	p->rejoin = false;
	p->wake =
	    dt_time_add(now, p->profile->start_us + (dt_time)rand_below(&p->rand, DT_MS(500)));
}

void phone_off(struct phone *p)
{
	tftp_client_stop(p);
	p->tftp.old_port = 0;
	p->overflow = false;
	p->sccp = (struct sccp_client){.deadline = DT_NEVER, .keepalive_at = DT_NEVER};
	p->dhcp = (struct dhcp_client){.deadline = DT_NEVER};
	p->wake = DT_NEVER;
	p->view.ip = ip4_of(0);
	phone_set_state(p, PHONE_OFF);
}

/* Without a word: what was not taken yet is never said, and the edge drops its sockets when it sees
 * the state. */
void phone_power_off(struct phone *p, dt_time now)
{
	(void)now;
	if (p->state == PHONE_OFF)
		return;
	while (p->first != NULL)
		drop_action(p);
	phone_off(p);
}

void phone_leave(struct phone *p, dt_time now)
{
	if (p->sccp.state == SCCP_CLIENT_REGISTERED || p->sccp.state == SCCP_CLIENT_ASKING) {
		sccp_client_leave(p, AFTER_OFF, now);
		return;
	}
	sccp_client_drop(p);
	phone_off(p);
}

void phone_dhcp_input(struct phone *p, struct slice datagram, dt_time now)
{
	if (p->state != PHONE_OFF)
		dhcp_client_input(p, datagram, now);
}

void phone_udp_input(struct phone *p, struct endpoint from, uint16_t local_port,
		     struct slice datagram, dt_time now)
{
	tftp_client_input(p, from, local_port, datagram, now);
}

void phone_udp_refused(struct phone *p, uint16_t local_port, dt_time now)
{
	tftp_client_refused(p, local_port, now);
}

void phone_tcp_open(struct phone *p, unsigned connection, dt_time now)
{
	if (connection == p->sccp.connection)
		sccp_client_open(p, now);
}

void phone_tcp_refused(struct phone *p, unsigned connection, dt_time now)
{
	if (connection != p->sccp.connection || connection == 0)
		return;
	if (p->sccp.state != SCCP_CLIENT_CONNECTING)
		return;
	p->sccp.connection = 0; /* there is none to close */
	sccp_client_lost(p, LAST_CM_RESET, now);
}

void phone_tcp_input(struct phone *p, unsigned connection, struct slice bytes, dt_time now)
{
	if (connection == p->sccp.connection && connection != 0)
		sccp_client_input(p, bytes, now);
}

void phone_tcp_closed(struct phone *p, unsigned connection, bool reset, dt_time now)
{
	if (connection != p->sccp.connection || connection == 0)
		return;
	p->sccp.connection = 0;
	if (p->sccp.state == SCCP_CLIENT_LEAVING) {
		p->sccp.deadline = now;
		sccp_client_expire(p, now);
		return;
	}
	sccp_client_lost(p, reset ? LAST_CM_RESET : LAST_CM_CLOSED, now);
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
	dhcp_client_expire(p, now);
	tftp_client_expire(p, now);
	sccp_client_expire(p, now);
}

dt_time phone_deadline(const struct phone *p)
{
	dt_time deadline = DT_NEVER;

	if (p->state == PHONE_OFF)
		return DT_NEVER;
	deadline = dt_time_min(deadline, p->wake);
	if (p->dhcp.state != DHCP_CLIENT_OFF)
		deadline = dt_time_min(deadline, p->dhcp.deadline);
	if (p->tftp.busy)
		deadline = dt_time_min(deadline, p->tftp.deadline);
	return dt_time_min(deadline, sccp_client_deadline(p));
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
}
