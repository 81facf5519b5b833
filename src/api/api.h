/* The administration interface: requests by method and path, JSON in and out, as a pure function of
 * the node's machines. The transport (HTTP over a Unix socket) is http/, the wiring is daemon/.
 *
 *   GET    /v1/phones             all records, with where each phone is now
 *   POST   /v1/phones             {"name", "type", "dn", …}: add
 *   GET    /v1/phones/NAME
 *   PATCH  /v1/phones/NAME        change the fields given
 *   DELETE /v1/phones/NAME
 *   POST   /v1/phones/NAME/replace {"name", "type"}: another phone takes its place
 *   POST   /v1/phones/NAME/reset  {"kind": "reset" | "restart" | "apply"}
 *   GET    /v1/nodes              the records of a kind: nodes, groups, pools, lines, defaults,
 * buttons, POST   /v1/nodes              softkeys; their members are the fields of
 * model/record_fields.def GET    /v1/nodes/NAME PATCH  /v1/nodes/NAME         change the fields
 * given; PUT adds the record when it is not there DELETE /v1/nodes/NAME         409 when another
 * record names it GET    /v1/autoreg            {"on", "first", "last", "free", "seconds_left",
 * "cap", "taken", "models", "warning"} PUT    /v1/autoreg            {"on", "first", "last",
 * "seconds", "cap", "models"}, any of them GET    /v1/leases GET    /v1/boots              every
 * phone's boots and findings (the explain JSON) GET    /v1/boots/NAME
 * ?format=text&width=80&colour=1 for people GET    /v1/facts/NAME         one fact a line, as text
 *   GET    /v1/knocking           devices that show a sign of life and are in no record
 *   GET    /v1/loads              the loads that records name, and whether each is whole
 *   GET    /v1/settings           addresses, pool, lease time
 *   GET    /v1/copy               the database as a file, for `serve --copy` (answered by the edge)
 *   GET    /v1/perf               performance counters by object, under Cisco's names
 *   GET    /v1/node               addresses, counts, version, alarms, other DHCP servers
 *
 * A change is answered after its commit: api_handle returns a pending ticket, the edge calls
 * api_complete when it is done. Errors are {"error": sentence} with a fitting status. */
#ifndef DIALTONE_API_API_H
#define DIALTONE_API_API_H

#include "base/buf.h"
#include "boot/timeline.h"
#include "dhcp/dhcp_server.h"
#include "model/alarms.h"
#include "perf/perf.h"
#include "reg/reg.h"
#include "tftp/files.h"

#define API_BODY_MAX  65536
#define API_REPLY_MAX (64u << 20)

/* Where phones are registered: a port that the node implements over its signalling rooms, so that
 * this room knows neither SCCP nor SIP. */
struct api_stations {
	void *context;
	/* Where this device is now; false when it is not connected. `status` is a word for people.
	 */
	bool (*find)(void *context, const char *name, const char **ret_status, struct ip4 *ret_ip);
	/* 1 reset, 2 restart, 3 apply configuration. E_UNKNOWN when it is not registered. */
	int (*reset)(void *context, const char *name, uint32_t type, dt_time now);
	size_t (*registered)(void *context);
};

/* The machines of this node; none is owned. */
struct api_site {
	struct reg *reg;
	struct files *files;
	struct dhcp_server *dhcp; /* NULL when the node serves no DHCP */
	struct api_stations stations;
	struct timeline *timeline;
	const struct alarms *alarms; /* NULL: none are kept */
	const struct perf *perf;     /* gauges set */
	bool read_only;              /* the records are another node's copy */
	dt_time now;
	int64_t unix_s;
};

struct api_request {
	const char *method; /* "GET" */
	const char *path;   /* decoded, without the query */
	const char *query;  /* "" when absent */
	struct slice body;
};

struct api_reply {
	unsigned status;
	const char *type; /* media type, static */
	struct buf body;  /* the caller's: api_reply_done */
	/* Not zero: nothing may be answered yet; the change with this ticket of the registrar
	 * decides. */
	uint64_t ticket;
	unsigned status_when_done;
	enum record_kind kind;       /* of the record it is about */
	char name[RECORD_NAME_SIZE]; /* its key; "" for settings */
};

void api_handle(const struct api_site *site, const struct api_request *request,
		struct api_reply *ret_reply);
/* Fills the reply of a pending change after its commit; `why` is the store's sentence when !ok. */
void api_complete(const struct api_site *site, struct api_reply *reply, bool ok, const char *why);
void api_reply_done(struct api_reply *reply);

#endif
