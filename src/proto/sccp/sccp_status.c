/* Bodies that tell the phone about itself: configuration, lines, speed dials, forwarding, time. */
#include "proto/sccp/sccp_layout.h"

#define FORWARD_PACKED_VERSION 18 /* numbers of 25 bytes, fields no longer aligned */
#define FORWARD_PACKED_SIZE    95
#define FORWARD_FIXED_SIZE     92
#define ADDRESS20_VERSION      17
#define ADDRESS20_IP4          0
#define ADDRESS20_IP6          1

void sccp_config_read(struct reader *r, struct sccp_message *m, struct anomalies *anomalies)
{
	struct sccp_config_stat *c = &m->config;

	(void)anomalies;
	reader_text(r, 16, c->name, sizeof c->name);
	c->user_id = reader_le32(r);
	c->instance = reader_le32(r);
	reader_text(r, 40, c->user_name, sizeof c->user_name);
	reader_text(r, 40, c->server_name, sizeof c->server_name);
	c->lines = reader_le32(r);
	c->speed_dials = reader_le32(r);
}

void sccp_config_write(const struct sccp_message *m, uint8_t version, struct writer *w)
{
	const struct sccp_config_stat *c = &m->config;

	(void)version;
	sccp_write_name(w, c->name, 16);
	writer_le32(w, c->user_id);
	writer_le32(w, c->instance);
	writer_text(w, c->user_name, 40);
	writer_text(w, c->server_name, 40);
	writer_le32(w, c->lines);
	writer_le32(w, c->speed_dials);
}

/* 28 bytes from CallManager 2.x, 68 from 3.1, 108 from 3.3 and 4.x, 112 from open servers. */
void sccp_line_read(struct reader *r, struct sccp_message *m, struct anomalies *anomalies)
{
	(void)anomalies;
	m->line.line = reader_le32(r);
	reader_text(r, 24, m->line.number, sizeof m->line.number);
	if (reader_left(r) > 0)
		reader_text(r, 40, m->line.name, sizeof m->line.name);
	if (reader_left(r) > 0)
		reader_text(r, 40, m->line.label, sizeof m->line.label);
	if (reader_left(r) > 0)
		m->line.options = reader_le32(r);
}

void sccp_line_write(const struct sccp_message *m, uint8_t version, struct writer *w)
{
	(void)version;
	writer_le32(w, m->line.line);
	writer_text(w, m->line.number, 24);
	writer_text(w, m->line.name, 40);
	writer_text(w, m->line.label, 40);
	writer_le32(w, m->line.options);
}

void sccp_line_v2_read(struct reader *r, struct sccp_message *m, struct anomalies *anomalies)
{
	m->line.line = reader_le32(r);
	m->line.options = reader_le32(r);
	sccp_read_string(r, m->line.number, sizeof m->line.number, anomalies);
	sccp_read_string(r, m->line.name, sizeof m->line.name, anomalies);
	sccp_read_string(r, m->line.label, sizeof m->line.label, anomalies);
}

void sccp_line_v2_write(const struct sccp_message *m, uint8_t version, struct writer *w)
{
	(void)version;
	writer_le32(w, m->line.line);
	writer_le32(w, m->line.options);
	sccp_write_string(w, m->line.number);
	sccp_write_string(w, m->line.name);
	sccp_write_string(w, m->line.label);
}

void sccp_speed_dial_read(struct reader *r, struct sccp_message *m, struct anomalies *anomalies)
{
	(void)anomalies;
	m->speed_dial.index = reader_le32(r);
	reader_text(r, 24, m->speed_dial.number, sizeof m->speed_dial.number);
	reader_text(r, 40, m->speed_dial.label, sizeof m->speed_dial.label);
}

void sccp_speed_dial_write(const struct sccp_message *m, uint8_t version, struct writer *w)
{
	(void)version;
	writer_le32(w, m->speed_dial.index);
	writer_text(w, m->speed_dial.number, 24);
	writer_text(w, m->speed_dial.label, 40);
}

/* A fixed body ends at 92, a packed one at 95 and is padded to 96. The header decides only where it
 * says anything and the length does not contradict it: some servers send 0 whatever they speak. */
static bool forward_packed(uint32_t header_version, size_t left)
{
	if (left == FORWARD_FIXED_SIZE)
		return false;
	if (header_version != 0)
		return header_version >= FORWARD_PACKED_VERSION;
	return left >= FORWARD_PACKED_SIZE;
}

void sccp_forward_read(struct reader *r, struct sccp_message *m, struct anomalies *anomalies)
{
	struct sccp_forward_stat *f = &m->forward;
	size_t number = forward_packed(m->header_version, reader_left(r)) ? 25 : 24;

	(void)anomalies;
	f->active = reader_le32(r);
	f->line = reader_le32(r);
	f->all_active = reader_le32(r);
	reader_text(r, number, f->all, sizeof f->all);
	f->busy_active = reader_le32(r);
	reader_text(r, number, f->busy, sizeof f->busy);
	f->no_answer_active = reader_le32(r);
	reader_text(r, number, f->no_answer, sizeof f->no_answer);
}

void sccp_forward_write(const struct sccp_message *m, uint8_t version, struct writer *w)
{
	const struct sccp_forward_stat *f = &m->forward;
	size_t number = version >= FORWARD_PACKED_VERSION ? 25 : 24;

	writer_le32(w, f->active);
	writer_le32(w, f->line);
	writer_le32(w, f->all_active);
	writer_text(w, f->all, number);
	writer_le32(w, f->busy_active);
	writer_text(w, f->busy, number);
	writer_le32(w, f->no_answer_active);
	writer_text(w, f->no_answer, number);
}

void sccp_feature_read(struct reader *r, struct sccp_message *m, struct anomalies *anomalies)
{
	(void)anomalies;
	m->feature.index = reader_le32(r);
	m->feature.feature = reader_le32(r);
	reader_text(r, 40, m->feature.label, sizeof m->feature.label);
	m->feature.status = reader_le32(r);
}

void sccp_feature_write(const struct sccp_message *m, uint8_t version, struct writer *w)
{
	(void)version;
	writer_le32(w, m->feature.index);
	writer_le32(w, m->feature.feature);
	writer_text(w, m->feature.label, 40);
	writer_le32(w, m->feature.status);
}

void sccp_service_url_read(struct reader *r, struct sccp_message *m, struct anomalies *anomalies)
{
	(void)anomalies;
	m->service_url.index = reader_le32(r);
	reader_text(r, 256, m->service_url.url, sizeof m->service_url.url);
	reader_text(r, 40, m->service_url.label, sizeof m->service_url.label);
}

void sccp_service_url_write(const struct sccp_message *m, uint8_t version, struct writer *w)
{
	(void)version;
	writer_le32(w, m->service_url.index);
	writer_text(w, m->service_url.url, 256);
	writer_text(w, m->service_url.label, 40);
}

void sccp_time_read(struct reader *r, struct sccp_message *m, struct anomalies *anomalies)
{
	struct sccp_time_date *t = &m->time;

	(void)anomalies;
	t->year = reader_le32(r);
	t->month = reader_le32(r);
	t->weekday = reader_le32(r);
	t->day = reader_le32(r);
	t->hour = reader_le32(r);
	t->minute = reader_le32(r);
	t->second = reader_le32(r);
	t->millisecond = reader_le32(r);
	t->unix_s = reader_le32(r);
}

void sccp_time_write(const struct sccp_message *m, uint8_t version, struct writer *w)
{
	const struct sccp_time_date *t = &m->time;

	(void)version;
	writer_le32(w, t->year);
	writer_le32(w, t->month);
	writer_le32(w, t->weekday);
	writer_le32(w, t->day);
	writer_le32(w, t->hour);
	writer_le32(w, t->minute);
	writer_le32(w, t->second);
	writer_le32(w, t->millisecond);
	writer_le32(w, t->unix_s);
}

/* Five names, five ports, five addresses; from v17 on an address is 20 bytes with its kind before
 * it. */
void sccp_servers_read(struct reader *r, struct sccp_message *m, struct anomalies *anomalies)
{
	struct sccp_server_list *s = &m->servers;
	bool long_addresses = reader_left(r) >= 5 * 48 + 5 * 4 + 5 * 20;

	(void)anomalies;
	for (size_t i = 0; i < 5; i++)
		reader_text(r, 48, s->name[i], sizeof s->name[i]);
	for (size_t i = 0; i < 5; i++)
		s->port[i] = reader_le32(r);
	for (size_t i = 0; i < 5; i++) {
		uint32_t kind = long_addresses ? reader_le32(r) : ADDRESS20_IP4;
		struct ip4 ip = sccp_read_ip(r);
		if (kind != ADDRESS20_IP6)
			s->ip[i] = ip;
		if (long_addresses)
			reader_skip(r, 12);
	}
}

void sccp_servers_write(const struct sccp_message *m, uint8_t version, struct writer *w)
{
	const struct sccp_server_list *s = &m->servers;
	bool long_addresses = version >= ADDRESS20_VERSION;

	for (size_t i = 0; i < 5; i++)
		writer_text(w, s->name[i], 48);
	for (size_t i = 0; i < 5; i++)
		writer_le32(w, s->port[i]);
	for (size_t i = 0; i < 5; i++) {
		if (long_addresses)
			writer_le32(w, ADDRESS20_IP4);
		sccp_write_ip(w, s->ip[i]);
		if (long_addresses)
			writer_zero(w, 12);
	}
}

void sccp_version_read(struct reader *r, struct sccp_message *m, struct anomalies *anomalies)
{
	(void)anomalies;
	reader_text(r, 16, m->version, sizeof m->version);
}

void sccp_version_write(const struct sccp_message *m, uint8_t version, struct writer *w)
{
	(void)version;
	sccp_write_name(w, m->version, 16);
}
