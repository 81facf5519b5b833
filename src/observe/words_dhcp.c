/* A DHCP message in words: type, the fields of the fixed part that say something, every option by
 * its name, values as people write them. */
#include "observe/words.h"

#define BYTES_SHOWN 24

enum form { FORM_HEX, FORM_TEXT, FORM_IPS, FORM_NUMBER, FORM_LIST };

static enum form form_of(uint8_t option)
{
	switch (option) {
	case DHCP_OPTION_SUBNET_MASK:
	case DHCP_OPTION_ROUTER:
	case DHCP_OPTION_TIME_SERVER:
	case DHCP_OPTION_DNS:
	case DHCP_OPTION_BROADCAST:
	case DHCP_OPTION_NTP:
	case DHCP_OPTION_REQUESTED_IP:
	case DHCP_OPTION_SERVER_ID:
	case DHCP_OPTION_TFTP_SERVERS:
	case DHCP_OPTION_TFTP_SERVERS_2:
		return FORM_IPS;
	case DHCP_OPTION_HOST_NAME:
	case DHCP_OPTION_DOMAIN_NAME:
	case DHCP_OPTION_MESSAGE:
	case DHCP_OPTION_VENDOR_CLASS:
	case DHCP_OPTION_TFTP_NAME:
	case DHCP_OPTION_BOOT_FILE:
	case DHCP_OPTION_TZ_POSIX:
	case DHCP_OPTION_TZ_NAME:
	case DHCP_OPTION_PROVISIONING:
	case DHCP_OPTION_PROVISIONING_2:
		return FORM_TEXT;
	case DHCP_OPTION_LEASE_TIME:
	case DHCP_OPTION_T1:
	case DHCP_OPTION_T2:
	case DHCP_OPTION_MAX_SIZE:
	case DHCP_OPTION_ARP_TIMEOUT:
	case DHCP_OPTION_TIME_OFFSET:
	case DHCP_OPTION_OVERLOAD:
		return FORM_NUMBER;
	case DHCP_OPTION_PARAMETERS:
		return FORM_LIST;
	default:
		return FORM_HEX;
	}
}

static void put_ips(struct buf *to, struct slice value)
{
	char text[IP4_TEXT_SIZE];

	for (size_t i = 0; i + 4 <= value.len; i += 4) {
		struct ip4 ip = {
		    {value.ptr[i], value.ptr[i + 1], value.ptr[i + 2], value.ptr[i + 3]}};
		buf_printf(to, "%s%s", i == 0 ? "" : ",", ip4_format(ip, text));
	}
	if (value.len % 4 != 0)
		buf_printf(to, " (%zu bytes: not addresses)", value.len);
}

static void put_value(struct buf *to, enum form form, struct slice value)
{
	uint64_t number = 0;

	switch (form) {
	case FORM_IPS:
		put_ips(to, value);
		break;
	case FORM_TEXT:
		while (value.len > 0 && value.ptr[value.len - 1] == 0)
			value.len--;
		buf_char(to, '"');
		buf_append(to, value);
		buf_char(to, '"');
		break;
	case FORM_NUMBER:
		for (size_t i = 0; i < value.len && i < 4; i++)
			number = number << 8 | value.ptr[i];
		buf_printf(to, "%llu", (unsigned long long)number);
		break;
	case FORM_LIST:
		for (size_t i = 0; i < value.len && i < BYTES_SHOWN; i++)
			buf_printf(to, "%s%u", i == 0 ? "" : ",", value.ptr[i]);
		break;
	case FORM_HEX:
		for (size_t i = 0; i < value.len && i < BYTES_SHOWN; i++)
			buf_printf(to, "%02x", value.ptr[i]);
		break;
	}
	if ((form == FORM_LIST || form == FORM_HEX) && value.len > BYTES_SHOWN)
		buf_text(to, "...");
}

static void put_address(struct buf *to, const char *name, struct ip4 ip)
{
	char text[IP4_TEXT_SIZE];

	if (!ip4_is_zero(ip))
		buf_printf(to, " %s %s", name, ip4_format(ip, text));
}

void words_dhcp(struct buf *to, const struct dhcp_message *m)
{
	buf_printf(to, "%s xid %08x", dhcp_type_name(m->type), m->xid);
	if (m->secs != 0)
		buf_printf(to, " secs %u", m->secs);
	if ((m->flags & DHCP_FLAG_BROADCAST) != 0)
		buf_text(to, " broadcast");
	if (m->hops != 0)
		buf_printf(to, " hops %u", m->hops);
	put_address(to, "ciaddr", m->ciaddr);
	put_address(to, "yiaddr", m->yiaddr);
	put_address(to, "siaddr", m->siaddr);
	put_address(to, "giaddr", m->giaddr);
	if (m->sname[0] != 0)
		buf_printf(to, " sname \"%s\"", m->sname);
	if (m->file[0] != 0)
		buf_printf(to, " file \"%s\"", m->file);
	for (uint16_t i = 0; i < m->option_count; i++) {
		const struct dhcp_option_item *o = &m->option[i];
		const char *name = dhcp_option_name(o->number);
		if (o->number == DHCP_OPTION_MESSAGE_TYPE)
			continue;
		if (name != NULL)
			buf_printf(to, "; %s (%u) ", name, o->number);
		else
			buf_printf(to, "; option %u ", o->number);
		put_value(to, form_of(o->number), slice_of(m->data + o->at, o->len));
	}
}
