/* Phone configuration files: SEP<MAC>.cnf.xml and XMLDefault.cnf.xml, from model to bytes (what the
 * server serves) and from bytes to what a phone takes from them (expat, without namespaces:
 * CallManager writes undeclared prefixes). Pure but for expat's allocations. Elements:
 * docs/protocol/config-files.md. */
#ifndef DIALTONE_CNF_CNF_H
#define DIALTONE_CNF_CNF_H

#include "base/buf.h"
#include "model/device.h"
#include "model/settings.h"

#define CNF_FILE_MAX    ((size_t)256 * 1024) /* larger files are refused, written or read */
#define CNF_MEMBERS_MAX 5
#define CNF_HOST_SIZE   64
#define CNF_SRST_MAX    3

/* Renders a device's own file / the default file. The same device and settings give the same bytes.
 * Appends to `to`; 0, E_NO_MEMORY or E_TOO_LONG. */
int cnf_phone_render(const struct device *device, const struct settings *settings, struct buf *to);
int cnf_default_render(const struct settings *settings, struct buf *to);

struct cnf_member {
	unsigned priority;
	char host[CNF_HOST_SIZE]; /* processNodeName: address or name */
	uint16_t port;            /* ethernetPhonePort, 2000 when absent */
};

/* What a phone takes from its file. */
struct cnf_phone {
	bool is_default; /* root element <Default> */
	unsigned member_count;
	struct cnf_member member[CNF_MEMBERS_MAX]; /* by priority, lowest first */
	unsigned srst_count;
	struct cnf_member srst[CNF_SRST_MAX]; /* srstInfo ipAddr1 to 3; empty when disabled */
	unsigned monitor_s;                   /* connectionMonitorDuration; 0 absent */
	char load[DEVICE_LOAD_SIZE]; /* loadInformation; of a default file: the one of `type` */
	char protocol[8];            /* deviceProtocol: SCCP, SIP; "" absent */
	char version_stamp[64];
};

/* Where and why a file is not well-formed. */
struct cnf_error {
	unsigned line, column; /* from 1; column from 0 as expat counts */
	char why[64];
};

/* Parses either kind of file; `type` selects loadInformation<type> in a default file. 0;
 * E_BAD_FORMAT with ret_error filled; E_TOO_LONG; E_NO_MEMORY. */
int cnf_parse(struct slice file, uint32_t type, struct cnf_phone *ret_phone,
	      struct cnf_error *ret_error);

#endif
