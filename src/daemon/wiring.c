/* Changes to the store, completions back to who waits, administration in between. */
#include "daemon/node.h"

#include "base/alloc.h"
#include "base/error.h"

#include <stdio.h>

#define INITIALIZED 100 /* InitializationState: percent, all services up */

static const char *state_word(enum station_state state)
{
	switch (state) {
	case STATION_CONNECTED:
		return "connected";
	case STATION_ADMITTING:
	case STATION_CONTESTING:
	case STATION_REGISTERING:
		return "registering";
	case STATION_REGISTERED:
		return "registered";
	case STATION_CLOSING:
		return "unregistered";
	}
	return "unregistered";
}

static bool find_station(void *context, const char *name, const char **ret_status,
			 struct ip4 *ret_ip)
{
	struct node *n = context;
	struct station_info info;

	if (!callmanager_find(n->callmanager, name, &info))
		return false;
	*ret_status = state_word(info.state);
	*ret_ip = info.peer.ip;
	return true;
}

static int reset_station(void *context, const char *name, uint32_t type, dt_time now)
{
	struct node *n = context;
	int error = callmanager_reset(n->callmanager, name, type, now);

	if (error == 0)
		node_tell_order(n, name, type);
	return error;
}

static size_t registered_stations(void *context)
{
	struct node *n = context;
	return callmanager_registered_count(n->callmanager);
}

/* What is a state of now. */
static void set_gauges(struct node *n)
{
	struct station_info info;
	size_t at = 0;
	uint64_t registering = 0;
	uint64_t connections = 0;
	size_t leases = 0;
	struct http6970_counters http = {0};

	for (; callmanager_next_station(n->callmanager, &at, &info); connections++)
		registering += info.state == STATION_REGISTERING;
	perf_set(&n->perf, PERF_CALLMANAGER_REGISTERED_HARDWARE_PHONES,
		 callmanager_registered_count(n->callmanager));
	perf_set(&n->perf, PERF_CALLMANAGER_PARTIALLY_REGISTERED_PHONE, registering);
	perf_set(&n->perf, PERF_CALLMANAGER_INITIALIZATION_STATE, INITIALIZED);
	/* CallManager's heart beats every two seconds. */
	perf_set(&n->perf, PERF_CALLMANAGER_CALL_MANAGER_HEART_BEAT,
		 (uint64_t)((loop_now(n->loop) - n->started) / DT_SECONDS(2)));
	perf_set(&n->perf, PERF_TFTP_HEART_BEAT,
		 (uint64_t)((loop_now(n->loop) - n->started) / DT_SECONDS(2)));
	perf_set(&n->perf, PERF_TFTP_REQUESTS_IN_PROGRESS, tftp_server_transfer_count(n->tftp));
	perf_set(&n->perf, PERF_DIALTONE_CONNECTIONS, connections);
	perf_set(&n->perf, PERF_DIALTONE_PHONES_SEEN, timeline_phone_count(n->timeline));
	perf_set(&n->perf, PERF_DIALTONE_TIMELINE_BYTES, timeline_bytes(n->timeline));
	if (n->http6970 != NULL)
		http6970_count(n->http6970, &http);
	perf_set(&n->perf, PERF_TFTP_HTTP_REQUESTS_OVERFLOW, http.busy);
	alloc_free(dhcp_server_lease_list(n->dhcp, &leases));
	perf_set(&n->perf, PERF_DIALTONE_DHCP_LEASES, leases);
}

static struct api_site site_of(struct node *n)
{
	struct api_site site = {
	    .reg = n->reg,
	    .files = n->files,
	    .dhcp = n->options->no_dhcp ? NULL : n->dhcp,
	    .stations = {.context = n,
			 .find = find_station,
			 .reset = reset_station,
			 .registered = registered_stations},
	    .timeline = n->timeline,
	    .alarms = &n->alarms,
	    .perf = &n->perf,
	    .read_only = n->options->copy != NULL,
	    .now = loop_now(n->loop),
	    .unix_s = loop_unix_s(n->loop),
	};
	return site;
}

static void complete(struct node *n, enum change_owner owner, uint64_t ticket, bool ok,
		     const char *why)
{
	dt_time now = loop_now(n->loop);
	struct node_pending **at = &n->pending;

	/* A copy for another node says nothing about the disk's next change, and a server with a
	 * copy has none of its own to write to. */
	if (n->store != NULL && (owner != CHANGE_OWNER_NODE || ticket == NODE_TRY_TICKET))
		node_disk_tried(n, ok, why);
	switch (owner) {
	case CHANGE_OWNER_DHCP:
		dhcp_server_commit_done(n->dhcp, ticket, ok, now);
		return;
	case CHANGE_OWNER_REG:
		reg_commit_done(n->reg, ticket, ok);
		callmanager_commit_done(n->callmanager, ticket, now, loop_unix_s(n->loop));
		if (n->sccp_io != NULL)
			sccp_io_pump(n->sccp_io);
		node_check_autoreg(n);
		break;
	case CHANGE_OWNER_NODE:
		if (ticket == NODE_TRY_TICKET)
			return;
		node_copy_done(n, ticket, ok, why);
		return;
	case CHANGE_OWNER_HISTORY:
		node_history_done(n, ticket, ok);
		return;
	}
	while (*at != NULL && (*at)->reply.ticket != ticket)
		at = &(*at)->next;
	struct node_pending *p = *at;
	if (p == NULL)
		return;
	*at = p->next;
	struct api_site site = site_of(n);
	api_complete(&site, &p->reply, ok, why);
	http_answer(n->http, p->request, p->reply.status, p->reply.type, buf_slice(&p->reply.body));
	api_reply_done(&p->reply);
	alloc_free(p);
}

static void submit(struct node *n, const struct change *change)
{
	if (n->store == NULL)
		complete(n, change->owner, change->ticket, false,
			 "this node serves from a read-only copy of the database");
	else if (store_submit(n->store, change) != 0)
		complete(n, change->owner, change->ticket, false,
			 "too many changes wait for the disk");
}

void node_wanted(void *context)
{
	struct node *n = context;
	struct change change;
	struct dhcp_event event;

	while (reg_next_change(n->reg, &change))
		submit(n, &change);
	while (n->dhcp != NULL && dhcp_server_next_change(n->dhcp, &change))
		submit(n, &change);
	while (n->dhcp != NULL && dhcp_server_next_event(n->dhcp, &event))
		node_saw_dhcp_event(n, &event);
	/* A change that could not even be queued was answered from memory. */
	if (n->dhcp_io != NULL)
		dhcp_io_pump(n->dhcp_io);
}

void node_completions(void *context)
{
	struct node *n = context;
	struct store_completion c;

	for (size_t i = 1; store_next_completion(n->store, &c); i++) {
		complete(n, c.owner, c.ticket, c.ok, c.why);
		/* ACKs leave together, but not so many that the machine could not hold them. */
		if (i % DHCP_IO_TOGETHER == 0 && n->dhcp_io != NULL)
			dhcp_io_pump(n->dhcp_io);
	}
	node_wanted(n);
}

void node_http_request(void *context, const struct http_request *request)
{
	struct node *n = context;
	if (strcmp(request->path, "/v1/copy") == 0 && strcmp(request->method, "GET") == 0) {
		node_copy_begin(n, request->id);
		return;
	}
	if (strcmp(request->path, "/v1/perf") == 0)
		set_gauges(n);
	struct api_site site = site_of(n);
	struct api_request r = {.method = request->method,
				.path = request->path,
				.query = request->query,
				.body = request->body};
	struct node_pending *p = alloc_zero(1, sizeof *p);
	static const char no_memory[] = "{\"error\": \"out of memory\"}\n";

	if (p == NULL) {
		http_answer(n->http, request->id, 500, "application/json", slice_text(no_memory));
		return;
	}
	struct timeline_scope scope = {.sees_dhcp = true,
				       .sees_files = true,
				       .sees_sccp = true,
				       .complete = true,
				       .to = site.now};
	timeline_set_scope(n->timeline, &scope);
	p->request = request->id;
	api_handle(&site, &r, &p->reply);
	if (n->sccp_io != NULL)
		sccp_io_pump(n->sccp_io);
	if (p->reply.ticket != 0) {
		p->next = n->pending;
		n->pending = p;
		node_wanted(n);
		return;
	}
	http_answer(n->http, p->request, p->reply.status, p->reply.type, buf_slice(&p->reply.body));
	api_reply_done(&p->reply);
	alloc_free(p);
}
