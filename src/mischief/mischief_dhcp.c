/* DHCP replies, altered. */
#include "mischief/mischief.h"

#include "base/writer.h"
#include "mischief/mischief_internal.h"
#include "proto/dhcp/dhcp.h"

#include <stdio.h>

static void remove_option(struct dhcp_message *m, uint8_t number)
{
	uint16_t kept = 0;

	for (uint16_t i = 0; i < m->option_count; i++) {
		if (m->option[i].number != number)
			m->option[kept++] = m->option[i];
	}
	m->option_count = kept;
}

static void set_ip(struct dhcp_message *m, uint8_t number, struct ip4 ip)
{
	remove_option(m, number);
	(void)dhcp_option_add_ip(m, number, ip);
}

/* No word about a file server anywhere: 150, 66, siaddr, sname. */
static void forget_server(struct dhcp_message *m)
{
	remove_option(m, DHCP_OPTION_TFTP_SERVERS);
	remove_option(m, DHCP_OPTION_TFTP_NAME);
	m->siaddr = ip4_of(0);
	m->sname[0] = 0;
}

static void refuse(struct dhcp_message *m, struct ip4 in_name_of)
{
	m->type = DHCP_NAK;
	m->yiaddr = m->siaddr = ip4_of(0);
	m->sname[0] = 0;
	m->option_count = 0;
	m->data_used = 0;
	(void)dhcp_option_add_ip(m, DHCP_OPTION_SERVER_ID, in_name_of);
}

/* As an administrator does who types an address into a field for text. */
static void write_as_text(struct dhcp_message *m)
{
	char text[IP4_TEXT_SIZE] = "";
	struct ip4 server = m->siaddr;

	(void)dhcp_option_ip(m, DHCP_OPTION_TFTP_SERVERS, &server);
	(void)ip4_format(server, text);
	forget_server(m);
	(void)dhcp_option_add(m, DHCP_OPTION_TFTP_SERVERS, slice_of(text, strlen(text) + 1));
}

static void alter(struct mischief *m, const char *device, struct dhcp_message *r)
{
	const struct mischief_order *o = NULL;

	if (mischief_find(m, MISCHIEF_DHCP_NO_FLAGS, device) != NULL)
		r->flags = 0;
	if (mischief_find(m, MISCHIEF_DHCP_NO_SERVER_ID, device) != NULL)
		remove_option(r, DHCP_OPTION_SERVER_ID);
	if ((o = mischief_find(m, MISCHIEF_DHCP_MASK, device)) != NULL)
		set_ip(r, DHCP_OPTION_SUBNET_MASK, o->ip);
	if ((o = mischief_find(m, MISCHIEF_DHCP_ROUTER, device)) != NULL)
		set_ip(r, DHCP_OPTION_ROUTER, o->ip);
	if (mischief_find(m, MISCHIEF_OPTION_150_TEXT, device) != NULL)
		write_as_text(r);
	if (mischief_find(m, MISCHIEF_NO_OPTION_150, device) != NULL)
		forget_server(r);
	if ((o = mischief_find(m, MISCHIEF_OPTION_150, device)) != NULL) {
		forget_server(r);
		(void)dhcp_option_add_ip(r, DHCP_OPTION_TFTP_SERVERS, o->ip);
	}
	if ((o = mischief_find(m, MISCHIEF_OPTION_66, device)) != NULL) {
		forget_server(r);
		(void)dhcp_option_add_text(r, DHCP_OPTION_TFTP_NAME, o->text);
	}
	if (r->type == DHCP_ACK && (o = mischief_find(m, MISCHIEF_DHCP_NAK, device)) != NULL)
		refuse(r, o->ip);
}

bool mischief_dhcp(struct mischief *m, struct mischief_datagram *d)
{
	struct dhcp_message reply;
	char device[DEVICE_SIZE];
	char hex[MAC_HEX_SIZE];
	struct writer w = writer_of(d->bytes, d->size);

	if (m == NULL || dhcp_decode(slice_of(d->bytes, d->len), &reply, NULL) != 0)
		return true;
	(void)snprintf(device, sizeof device, "SEP%s", mac_format_hex(reply.chaddr, hex));
	if (mischief_find(m, MISCHIEF_DHCP_SILENT, device) != NULL ||
	    (reply.type == DHCP_ACK && mischief_find(m, MISCHIEF_DHCP_NO_ACK, device) != NULL))
		return false;
	alter(m, device, &reply);
	if (dhcp_encode(&reply, &w) == 0)
		d->len = writer_done(&w).len;
	return true;
}
