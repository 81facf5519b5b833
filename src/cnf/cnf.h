/* Phone configuration files: SEP<MAC>.cnf.xml and XMLDefault.cnf.xml, from model to bytes (what the
 * server serves) and from bytes to what a phone takes from them (expat, without namespaces:
 * CallManager writes undeclared prefixes). Pure but for expat's allocations. Elements:
 * docs/protocol/config-files.md. */
#ifndef DIALTONE_CNF_CNF_H
#define DIALTONE_CNF_CNF_H

#include "base/buf.h"
#include "model/device.h"
#include "model/provision.h"

#define CNF_FILE_MAX    ((size_t)256 * 1024) /* larger files are refused, written or read */
#define CNF_MEMBERS_MAX 5
#define CNF_HOST_SIZE   64
#define CNF_SRST_MAX    3

#define CNF_MODELS_MAX 80
#define CNF_RINGS_MAX  50 /* phones list no more */

/* Renders a phone's own file: the same provision gives the same bytes. `load_held`: its load was
 * left out of the provision because the load's chain is broken; the version stamp tells that
 * version from the whole one. Appends to `to`; 0, E_NO_MEMORY or E_TOO_LONG, as all below. */
int cnf_phone_render(const struct provision *p, bool load_held, struct buf *to);

/* A model and the load its phones are to run; "" = what they run. */
struct cnf_model_load {
	uint32_t type;
	char load[DEVICE_LOAD_SIZE];
};

/* XMLDefault.cnf.xml: where to register without a file of one's own, and each model's load. */
int cnf_default_render(const struct provision *p, const struct cnf_model_load *loads, size_t count,
		       struct buf *to);
/* Is this a model that speaks SCCP, and so belongs into the default file? */
bool cnf_model_is_sccp(uint32_t type);

/* SEP<MAC>.cnf and SEPDEFAULT.cnf of CallManager 3, for 12 SP+, 30 VIP and 7910 of old loads.
 * Experimental: one specimen is known (reference: boot 6.7). E_BAD_VALUE when the CallManager is a
 * host name, which that form cannot say. */
int cnf_binary_render(const struct provision *p, struct buf *to);

struct cnf_ring {
	char file[64]; /* "Old_Telephone.raw" */
};

int cnf_rings_render(const struct cnf_ring *rings, size_t count, struct buf *to);
/* dialplan.xml (`old`: 7940 and 7960) or DialTemplate.xml: SIP phones wait for the end of a number
 * by it; SCCP phones send digits one by one. */
int cnf_dial_plan_render(const struct provision *p, bool old, struct buf *to);
int cnf_app_dial_rules_render(struct buf *to);
/* A soft-key template as a file. */
int cnf_softkeys_render(const struct provision *p, struct buf *to);

struct cnf_member {
	unsigned priority;
	char host[CNF_HOST_SIZE]; /* processNodeName: address or name */
	uint16_t port;            /* ethernetPhonePort, 2000 when absent */
	uint16_t sip_port;        /* sipPort, 5060 when absent */
};

/* What a file is, by its first bytes. */
enum cnf_form {
	CNF_FORM_XML,
	CNF_FORM_SIP_TEXT, /* SIPDefault.cnf, SIP<MAC>.cnf: lines "key: value" */
	CNF_FORM_BINARY,   /* SEP<MAC>.cnf of CallManager 3 */
	CNF_FORM_PROFILE,  /* gk, ld, ff, ata: "#ata", or its source "#txt" */
	CNF_FORM_SIGNED,   /* a TLV header: .sgn, .tlv, .loads */
	CNF_FORM_OTHER,
};

/* cnf_findings.def rows: G(NAME, SEVERITY, "text"). */
enum cnf_finding {
#define G(name, severity, text) CNF_FINDING_##name,
#include "cnf/cnf_findings.def"
#undef G
	CNF_FINDINGS
};
enum cnf_severity {
	CNF_NOTE,
	CNF_WARNING,
	CNF_FAULT,
};

/* What a phone takes from its file. */
struct cnf_phone {
	enum cnf_form form;
	bool is_default; /* root element <Default> */
	unsigned member_count;
	struct cnf_member member[CNF_MEMBERS_MAX]; /* by priority, lowest first */
	unsigned srst_count;
	struct cnf_member srst[CNF_SRST_MAX]; /* srstInfo ipAddr1 to 3; empty when disabled */
	unsigned monitor_s;                   /* connectionMonitorDuration; 0 absent */
	char load[DEVICE_LOAD_SIZE]; /* loadInformation; of a default file: the one of `type` */
	char protocol[8];            /* deviceProtocol: SCCP, SIP; "" absent */
	char version_stamp[64];
	unsigned
	    security_mode; /* deviceSecurityMode: 1 none, 2 authenticated, 3 encrypted; 0 absent */
	bool encrypted;    /* encrConfig true */
	char user_locale[48], network_locale[48]; /* folders; "" absent */
	char date_template[8], time_zone[64];
	unsigned lines; /* of a SIP file: lines with featureID 9, or lineN_name */
	char first_line[DEVICE_DN_SIZE];
	uint32_t findings; /* bits 1 << enum cnf_finding */
};

const char *cnf_finding_text(enum cnf_finding finding);
enum cnf_severity cnf_finding_severity(enum cnf_finding finding);
enum cnf_form cnf_form_of(struct slice file);

/* Where and why a file is not well-formed. */
struct cnf_error {
	unsigned line, column; /* from 1; column from 0 as expat counts */
	char why[64];
};

/* Parses a file of any form that says where a phone registers: XML, SIP text, binary. `type`
 * selects loadInformation<type> in a default file. 0; E_BAD_FORMAT with ret_error filled;
 * E_TOO_LONG; E_NO_MEMORY. */
int cnf_parse(struct slice file, uint32_t type, struct cnf_phone *ret_phone,
	      struct cnf_error *ret_error);

#endif
