/* TFTP packets and HTTP answers, altered. */
#include "mischief/mischief.h"

#include "base/text.h"
#include "base/writer.h"
#include "mischief/mischief_internal.h"
#include "proto/http/http_head.h"
#include "proto/tftp/tftp.h"

static struct mischief_client *client_at(struct mischief *m, struct endpoint from)
{
	for (size_t i = 0; i < CLIENTS_MAX; i++) {
		if (endpoint_equal(m->client[i].from, from))
			return &m->client[i];
	}
	return NULL;
}

/* The default file carries no name: the address tells that it is the same phone. */
static const char *device_at(const struct mischief *m, struct ip4 ip)
{
	for (size_t i = 0; i < CLIENTS_MAX; i++) {
		if (ip4_equal(m->client[i].from.ip, ip) && m->client[i].device[0] != 0)
			return m->client[i].device;
	}
	return "";
}

/* The device a file's name tells; "" when it tells none. */
static void device_of(const char *file, char to[static DEVICE_SIZE])
{
	const char *sep = strstr(file, "SEP");

	to[0] = 0;
	if (sep != NULL && strlen(sep) >= DEVICE_SIZE - 1)
		(void)text_copy_slice(to, DEVICE_SIZE, slice_of(sep, DEVICE_SIZE - 1));
}

static bool is_missing(struct mischief *m, const char *device, const char *file)
{
	const struct mischief_order *o = mischief_find(m, MISCHIEF_MISSING, device);

	return (o != NULL && strstr(file, o->text) != NULL) ||
	       (mischief_find(m, MISCHIEF_NO_DEFAULT_FILE, device) != NULL &&
		strstr(file, "XMLDefault") != NULL);
}

void mischief_tftp_heard(struct mischief *m, struct endpoint from, struct slice request)
{
	struct tftp_packet p;
	char known[DEVICE_SIZE];

	if (m == NULL || tftp_decode(request, &p, NULL) != 0 || p.op != TFTP_RRQ)
		return;
	(void)text_copy(known, sizeof known, device_at(m, from.ip));
	struct mischief_client *c = client_at(m, from);
	if (c == NULL) {
		c = &m->client[m->client_at];
		m->client_at = (m->client_at + 1) % CLIENTS_MAX;
	}
	*c = (struct mischief_client){.from = from};
	(void)text_copy(c->file, sizeof c->file, p.file);
	device_of(p.file, c->device);
	if (c->device[0] == 0)
		(void)text_copy(c->device, sizeof c->device, known);
}

static bool put(struct mischief_datagram *d, const struct tftp_packet *p)
{
	struct writer w = writer_of(d->bytes, d->size);

	if (tftp_encode(p, &w) != 0)
		return false;
	d->len = writer_done(&w).len;
	return true;
}

/* An error in place of the first packet; what else the transfer has is held back. */
static bool refuse(struct mischief_client *c, struct mischief_datagram *d, unsigned code)
{
	struct tftp_packet error = {.op = TFTP_ERROR,
				    .code = (uint16_t)code,
				    .data = slice_text(tftp_error_text((uint16_t)code))};

	if (c == NULL || c->refused)
		return false;
	c->refused = true;
	return put(d, &error);
}

/* OLD:NEW of one length; else nothing is replaced. */
static void replace(uint8_t *bytes, size_t len, const char *order)
{
	size_t old = strcspn(order, ":");
	const char *with = order + old + (order[old] != 0);
	uint8_t *found = NULL;

	if (strlen(with) != old || old == 0)
		return;
	while ((found = memmem(bytes, len, order, old)) != NULL && memcmp(order, with, old) != 0)
		memcpy(found, with, old);
}

static bool alter_data(struct mischief *m, const char *device, const struct tftp_packet *p,
		       struct mischief_datagram *d)
{
	const struct mischief_order *o = mischief_find(m, MISCHIEF_TFTP_STALL, device);

	if (o != NULL && p->block > o->number)
		return false;
	if ((o = mischief_find(m, MISCHIEF_TFTP_TRUNCATE, device)) != NULL) {
		if (p->block > o->number)
			return false;
		if (p->block == o->number)
			d->len -= p->data.len / 2;
	}
	if ((o = mischief_find(m, MISCHIEF_TFTP_REPLACE, device)) != NULL)
		replace(d->bytes, d->len, o->text);
	return true;
}

bool mischief_tftp(struct mischief *m, struct mischief_datagram *d)
{
	struct tftp_packet p;
	const struct mischief_order *o = NULL;

	if (m == NULL || tftp_decode(slice_of(d->bytes, d->len), &p, NULL) != 0)
		return true;
	struct mischief_client *c = client_at(m, d->to);
	const char *device = c != NULL ? c->device : device_at(m, d->to.ip);
	if (mischief_find(m, MISCHIEF_TFTP_SILENT, device) != NULL)
		return false;
	if (p.op == TFTP_ERROR && p.code == TFTP_ERROR_NOT_FOUND &&
	    mischief_find(m, MISCHIEF_TFTP_SILENT_MISSING, device) != NULL)
		return false;
	if ((o = mischief_find(m, MISCHIEF_TFTP_ADDRESS, device)) != NULL)
		d->local = o->ip;
	if ((o = mischief_find(m, MISCHIEF_TFTP_ERROR, device)) != NULL)
		return refuse(c, d, o->number);
	if (c != NULL && is_missing(m, device, c->file))
		return refuse(c, d, TFTP_ERROR_NOT_FOUND);
	return p.op != TFTP_DATA || alter_data(m, device, &p, d);
}

unsigned mischief_http(struct mischief *m, const char *file)
{
	const struct mischief_order *o = NULL;
	char device[DEVICE_SIZE];

	if (m == NULL)
		return 0;
	device_of(file, device);
	if (is_missing(m, device, file))
		return HTTP_STATUS_NOT_FOUND;
	o = mischief_find(m, MISCHIEF_HTTP_STATUS, device);
	return o != NULL ? o->number : 0;
}
