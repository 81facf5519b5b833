/* What the file servers owe who asks, modelled from the datagrams and heads that arrived and left
 * and from the records on the disk (invariants 6 and 14): is the file there, is it this phone's, is
 * every block the right one, sent when it is asked for and again only when it has to be. */
#include "sim/judge.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"
#include "cnf/cnf.h"
#include "proto/http/http_head.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#define RESEND_SOONEST DT_MS(190)
#define RESEND_LATEST  DT_SECONDS(10)
#define FIRST_SENDS    3 /* of an answer that nobody acknowledges */
#define LAST_WAIT      DT_MS(3990)
#define SILENCE        DT_SECONDS(60)
#define FORGOTTEN      DT_SECONDS(75)
#define HTTP_IDLE      DT_SECONDS(45)

enum expected {
	EXPECT_ANYTHING,
	EXPECT_MISSING,
	EXPECT_FOUND,
};

struct tftp_model {
	struct endpoint client;
	unsigned node, port; /* the server's transfer port; UINT_MAX: not known yet */
	char name[48];
	bool strange; /* a byte of its request changed on the way: anything may come of it */
	uint32_t blksize, window, tsize;
	uint32_t acked, sent;
	bool options, oack_pending;
	bool first;     /* nothing has left yet */
	bool repeated;  /* its request came again in this event */
	bool answered;  /* the client has */
	bool last_sent; /* a block shorter than the others */
	bool window_repeated;
	unsigned sends; /* of what is in flight */
	uint64_t version;
	dt_time heard, sent_at;
	struct buf content;
	struct tftp_model *next;
};

static const struct device *record_of(const struct world *w, unsigned node, const char *name)
{
	return node == 0 ? disk_find_device(&w->disk, name)
			 : reg_device_find(w->node[node].reg, name);
}

static const struct settings *settings_of(const struct world *w, unsigned node)
{
	return node == 0 ? &w->disk.settings : reg_settings(w->node[node].reg);
}

/* "SEP001BD4000001.cnf.xml" is SEP001BD4000001's; false for every other form. */
static bool device_of(const char *file, char to[static DEVICE_NAME_SIZE])
{
	return strlen(file) == 23 && strncmp(file, "SEP", 3) == 0 &&
	       strcmp(file + 15, ".cnf.xml") == 0 &&
	       text_copy_slice(to, DEVICE_NAME_SIZE, slice_of(file, 15));
}

static enum expected expect(const struct world *w, unsigned node, const char *file)
{
	char name[DEVICE_NAME_SIZE];

	while (file[0] == '/')
		file++;
	if (device_of(file, name))
		return record_of(w, node, name) != NULL ? EXPECT_FOUND : EXPECT_MISSING;
	if (strcmp(file, "XMLDefault.cnf.xml") == 0)
		return EXPECT_FOUND;
	if (strcmp(file, "SEPDEFAULT.cnf") == 0)
		return settings_of(w, node)->autoreg_on ? EXPECT_FOUND : EXPECT_MISSING;
	if (strncmp(file, "CTLSEP", 6) == 0 || strncmp(file, "ITLSEP", 6) == 0 ||
	    strncmp(file, "nothing", 7) == 0)
		return EXPECT_MISSING;
	return EXPECT_ANYTHING;
}

/* Of what a phone's file was made. */
static uint64_t version_of(const struct world *w, unsigned node, const char *file)
{
	char name[DEVICE_NAME_SIZE];
	const struct device *d = device_of(file, name) ? record_of(w, node, name) : NULL;
	uint64_t settings = settings_of(w, node)->version;

	return d != NULL && d->version > settings ? d->version : settings;
}

/* What is wrong with a whole file, or NULL. */
static const char *wrong_content(const struct world *w, unsigned node, const char *file,
				 struct slice content, uint64_t version)
{
	static struct cnf_phone cnf; /* large */
	struct cnf_error error;
	char name[DEVICE_NAME_SIZE];
	char stamp[64];
	char host[IP4_TEXT_SIZE];
	bool own = device_of(file, name);
	const struct device *d = own ? record_of(w, node, name) : NULL;

	if (!own && strcmp(file, "XMLDefault.cnf.xml") != 0)
		return NULL;
	if (cnf_parse(content, d != NULL ? d->type : 0, &cnf, &error) != 0)
		return "what is no XML";
	unsigned members = d != NULL && d->pool[0] != 0 ? SIM_NODES : 1;
	if (cnf.member_count != members)
		return "another number of CallManagers than its group has";
	for (unsigned k = 0; k < members; k++) {
		(void)ip4_format(sim_node_ip(k), host);
		if (strcmp(cnf.member[k].host, host) != 0 || cnf.member[k].port != SCCP_PORT)
			return "other CallManagers than its group has";
	}
	if (!own)
		return cnf.is_default ? NULL : "no default file";
	(void)snprintf(stamp, sizeof stamp, "{%s-%llu}", name, (unsigned long long)version);
	if (strcmp(cnf.version_stamp, stamp) != 0)
		return "another phone's file, or an old one";
	return NULL;
}

/* TFTP. */

static uint64_t key_of(struct endpoint client, unsigned node)
{
	return endpoint_key(client) << 1 | node;
}

void judge_files_init(struct world *w)
{
	map_init(&w->tftp_models, (size_t)SIM_PHONES_MAX * 8);
}

static void forget(struct world *w, struct tftp_model *gone)
{
	uint64_t key = key_of(gone->client, gone->node);
	struct tftp_model *first = map_get(&w->tftp_models, key);
	struct tftp_model **at = &first;

	while (*at != NULL && *at != gone)
		at = &(*at)->next;
	if (*at == gone)
		*at = gone->next;
	if (first == NULL)
		(void)map_take(&w->tftp_models, key);
	else if (map_put(&w->tftp_models, key, first) != 0)
		w->error = E_NO_MEMORY;
	buf_done(&gone->content);
	if (w->tftp_owes == gone)
		w->tftp_owes = NULL;
	alloc_free(gone);
}

/* Every one of a server, or of both. */
void judge_files_forget(struct world *w, unsigned node)
{
	struct tftp_model *first = NULL;

	for (size_t at = 0; (first = map_next(&w->tftp_models, &at)) != NULL;) {
		if (first->node != node)
			continue;
		while (first != NULL) {
			struct tftp_model *next = first->next;
			bool last = next == NULL;
			forget(w, first);
			first = next;
			if (last)
				at = 0;
		}
	}
}

void judge_files_done(struct world *w)
{
	for (unsigned k = 0; k < SIM_NODES; k++)
		judge_files_forget(w, k);
	map_done(&w->tftp_models);
}

static struct tftp_model *model_of(struct world *w, unsigned node, struct endpoint client,
				   unsigned port)
{
	struct tftp_model *m = map_get(&w->tftp_models, key_of(client, node));

	for (; m != NULL; m = m->next) {
		if (m->port == port || m->port == UINT_MAX)
			return m;
	}
	return NULL;
}

static void read_options(struct tftp_model *m, const struct tftp_packet *p)
{
	uint32_t value = 0;

	m->blksize = TFTP_BLKSIZE_PLAIN;
	m->window = 1;
	if (tftp_option_number(p, "blksize", &value) && value >= TFTP_BLKSIZE_MIN) {
		m->blksize = value;
		m->options = true;
	}
	m->options |= tftp_option_number(p, "tsize", &value);
	if (tftp_option_number(p, "windowsize", &value) && value > 0) {
		m->window = value;
		m->options = true;
	}
	if (tftp_option_number(p, "timeout", &value))
		m->options = true;
}

/* Has the server given it up by now? */
static bool is_over(const struct world *w, const struct tftp_model *m)
{
	return m->answered ? w->now - m->heard >= SILENCE
			   : m->sends >= FIRST_SENDS && w->now - m->sent_at >= LAST_WAIT;
}

static void on_request(struct world *w, unsigned node, struct endpoint from,
		       const struct tftp_packet *p, bool corrupted)
{
	struct tftp_model *first = map_get(&w->tftp_models, key_of(from, node));
	struct tftp_model *m = first;

	for (; m != NULL; m = m->next) {
		m->strange |= corrupted;
		/* One that was given up meanwhile begins again. */
		if (strcmp(m->name, p->file) != 0 || m->answered || is_over(w, m))
			continue;
		m->repeated = true;
		return;
	}
	if (corrupted && first != NULL)
		return;
	m = alloc_zero(1, sizeof *m);
	if (m == NULL) {
		w->error = E_NO_MEMORY;
		return;
	}
	*m = (struct tftp_model){.client = from,
				 .strange = w->config.faults->corrupt_permille > 0,
				 .node = node,
				 .port = UINT_MAX,
				 .heard = w->now,
				 .sent_at = w->now,
				 .first = true,
				 .next = first};
	(void)text_copy(m->name, sizeof m->name, p->file);
	m->version = version_of(w, node, m->name);
	buf_init(&m->content, CNF_FILE_MAX);
	read_options(m, p);
	if (map_put(&w->tftp_models, key_of(from, node), m) != 0)
		w->error = E_NO_MEMORY;
	w->tftp_owes = m->strange ? NULL : m;
}

static void on_written(struct world *w, unsigned node, struct endpoint from, bool corrupted)
{
	struct tftp_packet p = {.op = TFTP_WRQ};

	(void)text_copy(p.file, sizeof p.file, "nothing is written");
	on_request(w, node, from, &p, corrupted);
}

static void on_client_ack(struct world *w, struct tftp_model *m, uint16_t block)
{
	uint32_t n = m->acked + (uint16_t)(block - (uint16_t)m->acked);

	if (is_over(w, m)) {
		forget(w, m);
		return;
	}
	m->heard = w->now;
	if (m->oack_pending) {
		if (block != 0)
			return;
		m->oack_pending = false;
	} else if (n <= m->acked || n > m->sent) {
		/* In a window it says that a block of it was lost. */
		m->window_repeated = n == m->acked && m->window > 1;
		return;
	}
	m->answered = true;
	m->acked = n;
	m->sends = 0;
	m->window_repeated = false;
	if (m->last_sent && m->acked == m->sent) {
		forget(w, m);
		return;
	}
	w->tftp_owes = m->strange ? NULL : m;
}

/* A datagram to a server's file port (port UINT_MAX) or to one of its transfer ports. */
void judge_files_in(struct world *w, unsigned node, unsigned port, struct endpoint from,
		    struct slice bytes, bool corrupted)
{
	struct tftp_packet p;

	w->tftp_owes = NULL;
	if (tftp_decode(bytes, &p, NULL) != 0 || from.port == 0)
		return;
	if (port == UINT_MAX) {
		if (p.op == TFTP_RRQ)
			on_request(w, node, from, &p, corrupted);
		else if (p.op == TFTP_WRQ)
			on_written(w, node, from, corrupted);
		return;
	}
	struct tftp_model *m = map_get(&w->tftp_models, key_of(from, node));
	while (m != NULL && m->port != port)
		m = m->next;
	if (m == NULL)
		return;
	if (p.op == TFTP_ERROR)
		forget(w, m);
	else if (p.op == TFTP_ACK)
		on_client_ack(w, m, p.block);
}

/* May what is in flight go out once more? */
static bool may_resend(const struct world *w, struct tftp_model *m)
{
	bool may = m->repeated || m->window_repeated || w->now - m->sent_at >= RESEND_SOONEST ||
		   m->sent_at == w->now;

	return may && (m->answered || m->sends < FIRST_SENDS);
}

static const char *on_block(struct world *w, struct tftp_model *m, const struct tftp_packet *p)
{
	uint32_t n = m->acked + (uint16_t)(p->block - (uint16_t)m->acked);
	size_t at = (size_t)(n - 1) * m->blksize;
	struct slice known = buf_slice(&m->content);

	if (m->options && (m->oack_pending || m->first))
		return "a block before its options were agreed on";
	if (n <= m->acked || n > m->acked + m->window || (m->last_sent && n > m->sent))
		return "a block that nobody waits for";
	if (p->data.len > m->blksize)
		return "a larger block than was agreed on";
	if (n <= m->sent) {
		if (n == m->acked + 1) {
			if (!may_resend(w, m))
				return "a block again, for no reason";
			m->sends++;
			m->sent_at = w->now;
		}
		return slice_equal(p->data, slice_head(slice_from(known, at), p->data.len))
			   ? NULL
			   : "another block under the same number";
	}
	if (n != m->sent + 1)
		return "a block out of turn";
	buf_append(&m->content, p->data);
	m->sent = n;
	m->sends = 1;
	m->sent_at = w->now;
	m->last_sent = p->data.len < m->blksize;
	if (!m->last_sent)
		return NULL;
	if (m->tsize != 0 && m->tsize != m->content.len)
		return "another size than the file's";
	return expect(w, m->node, m->name) == EXPECT_FOUND || m->version != 0
		   ? wrong_content(w, m->node, m->name, buf_slice(&m->content), m->version)
		   : NULL;
}

static const char *on_oack(struct world *w, struct tftp_model *m, const struct tftp_packet *p)
{
	uint32_t value = 0;

	if (!m->options)
		return "options that were not asked for";
	if (!m->first && !m->oack_pending)
		return "its options again, though they are agreed on";
	if (!m->first && !may_resend(w, m))
		return "its options again, for no reason";
	m->oack_pending = true;
	m->sends++;
	m->sent_at = w->now;
	if (tftp_option_number(p, "blksize", &value)) {
		if (value > m->blksize)
			return "a larger block size than was asked for";
		m->blksize = value;
	}
	if (tftp_option_number(p, "windowsize", &value))
		m->window = value;
	(void)tftp_option_number(p, "tsize", &m->tsize);
	return NULL;
}

static const char *on_error(const struct world *w, const struct tftp_model *m,
			    const struct tftp_packet *p)
{
	bool write = strcmp(m->name, "nothing is written") == 0;

	if (write)
		return p->code == TFTP_ERROR_ACCESS ? NULL : "another error than that it may not";
	if (expect(w, m->node, m->name) == EXPECT_FOUND)
		return "that a file is missing which is there";
	return p->code == TFTP_ERROR_NOT_FOUND ? NULL : "another error than that it is missing";
}

void judge_files_out(struct world *w, unsigned node, unsigned port, struct endpoint to,
		     struct slice bytes)
{
	struct tftp_model *m = model_of(w, node, to, port);
	struct tftp_packet p;
	const char *why = NULL;

	if (tftp_decode(bytes, &p, NULL) != 0) {
		invariants_violated(w, 14, "server %u sends what is no TFTP", node + 1);
		return;
	}
	if (m == NULL) {
		/* Bytes that change on the way can make an end of what was none. */
		if (w->config.faults->corrupt_permille == 0)
			invariants_violated(w, 14, "server %u sends what nobody asked for",
					    node + 1);
		return;
	}
	if (w->tftp_owes == m)
		w->tftp_owes = NULL;
	m->port = port;
	if (p.op == TFTP_ERROR) {
		why = on_error(w, m, &p);
	} else if (expect(w, node, m->name) == EXPECT_MISSING && m->first) {
		why = "what does not exist";
	} else if (p.op == TFTP_OACK) {
		why = on_oack(w, m, &p);
	} else if (p.op == TFTP_DATA) {
		why = on_block(w, m, &p);
	}
	if (why != NULL && !m->strange)
		invariants_violated(w, 14, "server %u, asked for %s, sends %s", node + 1, m->name,
				    why);
	m->first = false;
	if (p.op == TFTP_ERROR && !m->strange)
		forget(w, m);
}

/* HTTP: on connection c. */

void judge_http_in(struct world *w, struct sim_connection *c, struct slice bytes)
{
	struct http_request_head head;

	c->session.heard = w->now;
	c->file_asked[0] = 0;
	if (http_request_decode(bytes, &head, NULL) > 0 &&
	    slice_equal(head.method, slice_text("GET")) && head.target.len > 1)
		(void)text_copy_slice(c->file_asked, sizeof c->file_asked,
				      slice_from(head.target, 1));
}

void judge_http_out(struct world *w, struct sim_connection *c, struct slice bytes)
{
	struct http_answer_head head;
	const char *name = c->file_asked;
	const char *why = NULL;
	uint64_t length = 0;

	if (name[0] == 0 || bytes.len == 0)
		return;
	int used = http_answer_decode(bytes, &head, NULL);
	const struct http_field *field =
	    used > 0 ? http_field_find(&head.fields, "Content-Length") : NULL;
	enum expected expected = expect(w, c->node, name);
	if (used <= 0)
		why = "what is no HTTP";
	else if ((head.status == 200 && expected == EXPECT_MISSING) ||
		 (head.status != 200 && expected == EXPECT_FOUND) ||
		 (head.status != 200 && head.status != 404))
		why = "another status than whether it is there";
	else if (field == NULL || !http_number(field->value, &length) ||
		 length != bytes.len - (size_t)used)
		why = "another length than it has";
	else if (head.status == 200)
		why = wrong_content(w, c->node, name, slice_from(bytes, (size_t)used),
				    version_of(w, c->node, name));
	if (why != NULL)
		invariants_violated(w, 14, "server %u, asked for %s by HTTP, sends %s",
				    c->node + 1u, name, why);
	c->file_asked[0] = 0;
}

/* At the end of an event: what was asked has been answered. */
void judge_files_settled(struct world *w)
{
	struct tftp_model *owing = w->tftp_owes;

	w->tftp_owes = NULL;
	if (owing != NULL)
		invariants_violated(w, 14, "server %u, asked for block %u of %s, sends nothing",
				    owing->node + 1, owing->acked + 1, owing->name);
}

static void check_connections(struct world *w, const struct sim_node *n)
{
	const struct sim_connection *c = NULL;

	for (size_t at = 0; (c = map_next(&n->http_connections, &at)) != NULL;) {
		if (w->now - c->session.heard > HTTP_IDLE)
			invariants_violated(w, 10,
					    "server %u keeps an idle HTTP connection of phone %u",
					    n->index + 1, c->who);
	}
	if (http6970_connection_count(n->http) != n->http_connections.count)
		invariants_violated(w, 10, "server %u keeps %zu HTTP connections of %zu",
				    n->index + 1, http6970_connection_count(n->http),
				    n->http_connections.count);
}

void judge_files_sweep(struct world *w, const struct sim_node *n)
{
	struct tftp_model *first = NULL;
	size_t alive = 0;

	check_connections(w, n);
	for (size_t at = 0; (first = map_next(&w->tftp_models, &at)) != NULL;) {
		struct tftp_model *next = NULL;
		bool any = false;
		for (struct tftp_model *m = first; m != NULL && m->node == n->index; m = next) {
			next = m->next;
			dt_time silent = w->now - m->heard;
			bool waits = m->answered ? silent < SILENCE : m->sends < FIRST_SENDS;
			if (waits && !m->strange && w->now - m->sent_at > RESEND_LATEST)
				invariants_violated(w, 14, "server %u does not send %s again",
						    n->index + 1, m->name);
			if (silent > FORGOTTEN) {
				any = true;
				forget(w, m);
			} else {
				alive++;
			}
		}
		if (any) { /* the map has changed: once more from its beginning */
			at = 0;
			alive = 0;
		}
	}
	if (tftp_server_transfer_count(n->tftp) > alive)
		invariants_violated(w, 10, "server %u keeps %zu transfers of %zu", n->index + 1,
				    tftp_server_transfer_count(n->tftp), alive);
}
